/*
 * JSON: the members of a large document, written by several threads.
 *
 * Members that are lists are dealt out in sheets, a run of rows each.  Whoever
 * is free fills the next one; the thread that called puts filled sheets into
 * the document in their order, and fills others meanwhile.
 */
#include "config.h"

#include "core/thread.h"
#include "report/json_parts.h"

#define SHEETS 8u
#define HELPERS_MAX 16u

struct sheet {
	struct text text;
	bool filled;
};

struct sheets {
	struct document *d;
	const struct member *members;
	size_t member_count;
	struct report_json_options options; /* without flush */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct sheet ring[SHEETS];
	/* Sheets counted from the start: those that exist, those that somebody
	 * fills or has filled, those in the document. */
	size_t count, taken, written;
	bool table_begun, table_made; /* of the firewall */
};

static bool want_table(const struct member *members, size_t count)
{
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any |= members[i].firewall;
	return any;
}

static const struct list *rows_of(const struct document *d,
				  const struct member *member)
{
	const void *list = (const char *)d->m + member->list;

	return list;
}

static size_t sheets_of(const struct document *d, const struct member *member)
{
	size_t rows = member->row ? rows_of(d, member)->count : 0;

	return (rows + member->sheet - 1) / member->sheet;
}

static void put_rows(struct document *d, const struct member *member,
		     size_t from, size_t end)
{
	for (size_t i = from; i < end; i++)
		if (selection_has(d->options->selection, member->selected, i))
			member->row(d, i);
}

/* ---- filling sheets ---- */

static struct sheet *sheet_at(struct sheets *s, size_t number)
{
	return &s->ring[number % SHEETS];
}

/* Whose sheet this is; `number` becomes the number among its own. */
static const struct member *member_at(const struct sheets *s, size_t *number)
{
	const struct member *member = s->members;

	for (;; member++) {
		size_t sheets = sheets_of(s->d, member);

		if (*number < sheets)
			return member;
		*number -= sheets;
	}
}

static void fill(struct sheets *s, size_t number)
{
	struct sheet *sheet = sheet_at(s, number);
	const struct member *member = member_at(s, &number);
	size_t from = number * member->sheet;
	size_t rows = rows_of(s->d, member)->count;
	struct document part = {
		.m = s->d->m,
		.options = &s->options,
		.firewall = s->d->firewall,
		.scratch = text_new(s->d->scratch.max),
	};

	json_part(&part.j, &sheet->text);
	put_rows(&part, member, from,
		 rows - from > member->sheet ? from + member->sheet : rows);
	json_part_end(&part.j);
	if (part.scratch.failed == STATUS_NOMEM)
		sheet->text.failed = STATUS_NOMEM;
	text_free(&part.scratch);
}

/* The number of a sheet that is to be filled; false: none at the moment. */
static bool take(struct sheets *s, size_t *number)
{
	size_t own = s->taken;

	if (s->taken == s->count || s->taken - s->written == SHEETS ||
	    (member_at(s, &own)->firewall && !s->table_made))
		return false;
	*number = s->taken++;
	return true;
}

/* With the lock, as before and after it. */
static void fill_unlocked(struct sheets *s, size_t number)
{
	pthread_mutex_unlock(&s->lock);
	fill(s, number);
	pthread_mutex_lock(&s->lock);
	sheet_at(s, number)->filled = true;
	pthread_cond_broadcast(&s->changed);
}

/* With the lock: the table that some members need, unless somebody makes it;
 * it takes long enough to be begun before them. */
static void make_table(struct sheets *s)
{
	if (s->table_begun)
		return;
	s->table_begun = true;
	pthread_mutex_unlock(&s->lock);
	*s->d->firewall = firewall_of(s->d->m);
	pthread_mutex_lock(&s->lock);
	s->table_made = true;
	pthread_cond_broadcast(&s->changed);
}

static void *help(void *context)
{
	struct sheets *s = context;
	size_t number;

	pthread_mutex_lock(&s->lock);
	make_table(s);
	while (s->taken < s->count) {
		if (take(s, &number))
			fill_unlocked(s, number);
		else
			pthread_cond_wait(&s->changed, &s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* ---- the document ---- */

static void put_sheet(struct sheets *s, struct text *sheet)
{
	const struct report_json_options *options = s->d->options;
	struct text *to;

	if (sheet->n == 0 && sheet->failed == STATUS_OK)
		return;
	to = json_open_raw(&s->d->j);
	if (sheet->failed != STATUS_OK)
		to->failed = sheet->failed;
	if (options->flush) {
		options->flush(options->context, to);
		options->flush(options->context, sheet);
	} else {
		text_put(to, text_slice(sheet));
		text_clear(sheet);
	}
	json_close_raw(&s->d->j);
}

/* With the lock: all sheets before this one into the document. */
static void write_until(struct sheets *s, size_t end)
{
	while (s->written < end) {
		struct sheet *next = sheet_at(s, s->written);
		size_t number;

		if (next->filled) {
			pthread_mutex_unlock(&s->lock);
			put_sheet(s, &next->text);
			pthread_mutex_lock(&s->lock);
			next->filled = false;
			s->written++;
			pthread_cond_broadcast(&s->changed);
		} else if (take(s, &number)) {
			fill_unlocked(s, number);
		} else if (!s->table_begun) {
			make_table(s);
		} else {
			pthread_cond_wait(&s->changed, &s->lock);
		}
	}
}

static void open_list(struct document *d, const struct member *member)
{
	json_break(&d->j);
	json_key(&d->j, member->key);
	json_array(&d->j);
}

static void put_whole(struct document *d, const struct member *member)
{
	json_break(&d->j);
	member->whole(d);
}

/* With the lock. */
static void write_members(struct sheets *s)
{
	for (size_t i = 0; i < s->member_count; i++) {
		const struct member *member = &s->members[i];

		while (member->firewall && !s->table_made) {
			if (s->table_begun)
				pthread_cond_wait(&s->changed, &s->lock);
			else
				make_table(s);
		}
		if (member->whole) {
			put_whole(s->d, member);
			continue;
		}
		open_list(s->d, member);
		write_until(s, s->written + sheets_of(s->d, member));
		json_array_end(&s->d->j);
	}
}

static unsigned start_helpers(struct sheets *s, pthread_t *helpers,
			      unsigned wanted)
{
	unsigned count = 0;

	while (count < wanted && thread_start(&helpers[count], help, s))
		count++;
	return count;
}

static void share(struct sheets *s, unsigned helpers_wanted)
{
	pthread_t helpers[HELPERS_MAX];
	unsigned count;

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	for (size_t i = 0; i < SHEETS; i++)
		s->ring[i].text = text_new(s->d->j.to->max);
	count = start_helpers(s, helpers, helpers_wanted);
	pthread_mutex_lock(&s->lock);
	write_members(s);
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < count; i++)
		pthread_join(helpers[i], NULL);
	for (size_t i = 0; i < SHEETS; i++)
		text_free(&s->ring[i].text);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

static void alone(struct document *d, const struct member *members,
		  size_t count)
{
	if (want_table(members, count))
		*d->firewall = firewall_of(d->m);
	for (size_t i = 0; i < count; i++) {
		const struct member *member = &members[i];

		if (member->whole) {
			put_whole(d, member);
			continue;
		}
		open_list(d, member);
		put_rows(d, member, 0, rows_of(d, member)->count);
		json_array_end(&d->j);
	}
}

void json_members(struct document *d, const struct member *members,
		  size_t count)
{
	struct firewall firewall = {0};
	struct sheets s = {.d = d,
			   .members = members,
			   .member_count = count,
			   .options = *d->options};
	unsigned jobs = d->options->jobs;

	d->firewall = &firewall;
	s.options.flush = NULL;
	s.table_begun = s.table_made = !want_table(members, count);
	for (size_t i = 0; i < count; i++)
		s.count += sheets_of(d, &members[i]);
	if (jobs < 2 || s.count <= count)
		alone(d, members, count);
	else
		share(&s, jobs - 1 < HELPERS_MAX ? jobs - 1 : HELPERS_MAX);
	d->firewall = NULL;
	firewall_free(&firewall);
}
