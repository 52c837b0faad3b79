/*
 * JSON: many calls, written by several threads.
 *
 * Calls are dealt out in sheets, a run of calls each.  Whoever is free fills
 * the next one; the thread that called puts filled sheets into the document in
 * their order, and fills others meanwhile.
 */
#include "config.h"

#include "core/thread.h"
#include "report/json_parts.h"

#define SHEET_CALLS ((size_t)64)
#define SHEETS 8u
#define HELPERS_MAX 16u

struct sheet {
	struct text text;
	bool filled;
};

struct sheets {
	struct document *d;
	struct report_json_options options; /* without flush */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct sheet ring[SHEETS];
	/* Sheets counted from the start: those that exist, those that somebody
	 * fills or has filled, those in the document. */
	size_t count, taken, written;
	size_t first; /* call that is reported at all */
};

static struct sheet *sheet_at(struct sheets *s, size_t number)
{
	return &s->ring[number % SHEETS];
}

static void fill(struct sheets *s, size_t number)
{
	struct sheet *sheet = sheet_at(s, number);
	size_t from = s->first + number * SHEET_CALLS;
	size_t calls = s->d->m->calls.count;
	size_t end = calls - from > SHEET_CALLS ? from + SHEET_CALLS : calls;
	struct document part = {
		.m = s->d->m,
		.options = &s->options,
		.scratch = text_new(s->d->scratch.max),
	};

	json_part(&part.j, &sheet->text);
	json_call_rows(&part, from, end);
	json_part_end(&part.j);
	if (part.scratch.failed == STATUS_NOMEM)
		sheet->text.failed = STATUS_NOMEM;
	text_free(&part.scratch);
}

/* The number of a sheet that is to be filled; false: none at the moment. */
static bool take(struct sheets *s, size_t *number)
{
	if (s->taken == s->count || s->taken - s->written == SHEETS)
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

static void *help(void *context)
{
	struct sheets *s = context;
	size_t number;

	pthread_mutex_lock(&s->lock);
	while (s->taken < s->count) {
		if (take(s, &number))
			fill_unlocked(s, number);
		else
			pthread_cond_wait(&s->changed, &s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static void put(struct sheets *s, struct text *sheet)
{
	const struct report_json_options *options = s->d->options;
	struct text *to = json_open_raw(&s->d->j);
	enum status failed = sheet->failed;

	if (failed != STATUS_OK)
		to->failed = failed;
	if (sheet->n == 0)
		return;
	if (options->flush) {
		options->flush(options->context, to);
		options->flush(options->context, sheet);
	} else {
		text_put(to, text_slice(sheet));
		text_clear(sheet);
	}
	json_close_raw(&s->d->j);
}

/* With the lock: all sheets into the document. */
static void write_all(struct sheets *s)
{
	while (s->written < s->count) {
		struct sheet *next = sheet_at(s, s->written);
		size_t number;

		if (next->filled) {
			pthread_mutex_unlock(&s->lock);
			put(s, &next->text);
			pthread_mutex_lock(&s->lock);
			next->filled = false;
			s->written++;
			pthread_cond_broadcast(&s->changed);
		} else if (take(s, &number)) {
			fill_unlocked(s, number);
		} else {
			pthread_cond_wait(&s->changed, &s->lock);
		}
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

/* The calls from `first` on. */
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
	write_all(s);
	pthread_mutex_unlock(&s->lock);
	for (unsigned i = 0; i < count; i++)
		pthread_join(helpers[i], NULL);
	for (size_t i = 0; i < SHEETS; i++)
		text_free(&s->ring[i].text);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
}

bool json_calls_shared(struct document *d)
{
	size_t calls = d->m->calls.count;
	struct sheets s = {.d = d, .options = *d->options};
	unsigned jobs = d->options->jobs;

	if (jobs < 2 || calls <= SHEET_CALLS)
		return false;
	while (s.first < calls &&
	       !selection_has(d->options->selection, SELECTED_CALLS, s.first))
		s.first++;
	s.options.flush = NULL;
	s.count = (calls - s.first + SHEET_CALLS - 1) / SHEET_CALLS;
	share(&s, jobs - 1 < HELPERS_MAX ? jobs - 1 : HELPERS_MAX);
	return true;
}
