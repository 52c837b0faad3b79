/* Filtering and sorting of calls. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/listing.h"

#define TEXTS_MAX ((size_t)1 << 28)
#define MESSAGE_MAX ((size_t)1 << 20)
/* Of a step: so many that a key need not wait long. */
#define ROWS_AT_ONCE ((size_t)1024)
#define MESSAGES_AT_ONCE ((size_t)256)

/* ---- sets of hashes ---- */

static int compare_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static bool has(const uint64_t *set, size_t count, uint64_t value)
{
	return count &&
	       bsearch(&value, set, count, sizeof(value), compare_hash) != NULL;
}

static bool add(uint64_t **set, size_t *count, uint64_t value)
{
	size_t n = *count;

	/* Grows when it is a power of two, which begins with 64. */
	if (!*set || n == 0 || (n >= 64 && (n & (n - 1)) == 0)) {
		size_t room = n ? n * 2 : 64;
		uint64_t *more = realloc(*set, room * sizeof(**set));

		if (!more)
			return false;
		*set = more;
	}
	(*set)[(*count)++] = value;
	return true;
}

/* ---- what fits ---- */

static bool holds_payload(const struct listing *l, const struct view_call *v)
{
	uint64_t hash;

	if (!l->payload[0])
		return true;
	if (v->other)
		return has(l->holding, l->holding_count, v->other->group) !=
		       l->inverted;
	if (!v->dialog)
		return l->inverted;
	hash = hash_bytes(v->feed->journal->key,
			  slice_of_text(v->dialog->call_id));
	return has(l->holding, l->holding_count, hash) != l->inverted;
}

static bool fits(const struct listing *l, const struct view_call *v,
		 struct text *scratch)
{
	/* What has not begun at that moment is not there. */
	if (v->at && view_start(v) > v->at)
		return false;
	if (l->hidden_count && has(l->hidden, l->hidden_count, view_key(v)))
		return false;
	return holds_payload(l, v) && filter_fits(&l->filter, v, scratch);
}

/* ---- order ---- */

struct sort_row {
	int64_t value;
	struct slice text;
	size_t from; /* of the text, while it grows */
	uint32_t row;
};

static int compare_rows(const void *a, const void *b)
{
	const struct sort_row *x = a, *y = b;
	size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
	int order = (x->value > y->value) - (x->value < y->value);

	if (order == 0 && n)
		order = memcmp(x->text.p, y->text.p, n);
	if (order == 0)
		order = (x->text.n > y->text.n) - (x->text.n < y->text.n);
	/* The same order each time, so that nothing jumps. */
	return order ? order : (x->row > y->row) - (x->row < y->row);
}

static bool room_for_one(struct listing_work *w)
{
	size_t room = w->room ? w->room * 2 : 256;
	struct sort_row *rows;

	if (w->count < w->room)
		return true;
	rows = realloc(w->rows, room * sizeof(*rows));
	if (!rows)
		return false;
	w->rows = rows;
	w->room = room;
	return true;
}

/* With what the row is sorted by. */
static bool add_row(struct listing_work *w, const struct view_call *v,
		    const struct view_column *column)
{
	struct sort_row *to;

	if (!room_for_one(w))
		return false;
	to = &w->rows[w->count++];
	*to = (struct sort_row){.row = v->number, .from = w->texts.n};
	if (column->value) {
		to->value = column->value(v);
		return true;
	}
	column->put(v, &w->texts);
	to->text.n = w->texts.n - to->from;
	return true;
}

static void put_in_order(struct listing_work *w)
{
	struct slice all = text_slice(&w->texts);

	for (size_t i = 0; i < w->count; i++)
		if (w->rows[i].text.n)
			w->rows[i].text = slice_cut(all, w->rows[i].from,
						    w->rows[i].text.n);
	if (w->count)
		qsort(w->rows, w->count, sizeof(*w->rows), compare_rows);
}

/* ---- messages ---- */

static void restart_scan(struct listing *l, const struct journal *j)
{
	if (l->scanned > journal_last(j) || l->scanned < journal_first(j))
		l->scanned = journal_first(j);
}

/* Reads some of the messages that came since; true: there are more. */
static bool scan(struct listing *l, struct feed *feed)
{
	const struct journal *j = feed->journal;
	struct text bytes = text_new(MESSAGE_MAX);
	size_t end;

	restart_scan(l, j);
	end = journal_last(j);
	if (end - l->scanned > MESSAGES_AT_ONCE)
		end = l->scanned + MESSAGES_AT_ONCE;
	for (; l->scanned < end; l->scanned++) {
		const struct entry *e = journal_at(j, l->scanned);

		text_clear(&bytes);
		if (e->kind <= ENTRY_SIP_RESPONSE &&
		    feed->bytes(feed, e, &bytes) &&
		    pattern_fits(l->pattern, text_slice(&bytes)))
			(void)add(&l->holding, &l->holding_count, e->group);
	}
	text_free(&bytes);
	if (end < journal_last(j))
		return true;
	if (l->holding_count)
		qsort(l->holding, l->holding_count, sizeof(*l->holding),
		      compare_hash);
	return false;
}

/* ---- the list ---- */

/* The common case costs nothing, however many calls there are. */
static bool is_plain(const struct listing *l, nanoseconds at)
{
	return l->sort == view_column_find(SLICE("index")) && !l->down && !at &&
	       !l->hidden_count && !l->payload[0] && filter_is_open(&l->filter);
}

static void drop_work(struct listing_work *w)
{
	free(w->rows);
	text_free(&w->texts);
	*w = (struct listing_work){.on = false};
}

void listing_begin(struct listing *l, const struct listing_source *from)
{
	size_t all = view_count(from->feed);

	drop_work(&l->work);
	if (is_plain(l, from->at)) {
		free(l->rows);
		l->rows = NULL;
		l->room = 0;
		l->count = all;
		return;
	}
	l->work = (struct listing_work){.on = true,
					.at = from->at,
					.all = all,
					.calls = view_calls(from->feed),
					.texts = text_new(TEXTS_MAX)};
}

static void ask_rows(struct listing *l, const struct listing_source *from)
{
	const struct view_column *column = &view_columns[l->sort];
	struct text scratch = text_new(MESSAGE_MAX);
	struct listing_work *w = &l->work;
	size_t end = w->all - w->next > ROWS_AT_ONCE ? w->next + ROWS_AT_ONCE
						     : w->all;

	for (; w->next < end; w->next++) {
		size_t row =
			w->next < w->calls
				? w->next
				: w->next - w->calls + view_calls(from->feed);
		struct view_call v =
			view_call(from->feed, row, from->settings, w->at);

		/* As it was numbered when this began. */
		v.number = (uint32_t)w->next;
		if (fits(l, &v, &scratch) && !add_row(w, &v, column))
			end = w->all = w->next;
	}
	text_free(&scratch);
}

bool listing_step(struct listing *l, const struct listing_source *from)
{
	struct listing_work *w = &l->work;

	if (!w->on)
		return false;
	if (l->payload[0] && w->next == 0 && scan(l, from->feed))
		return true;
	ask_rows(l, from);
	if (w->next < w->all)
		return true;
	put_in_order(w);
	(void)listing_show(l);
	drop_work(w);
	return false;
}

bool listing_show(struct listing *l)
{
	struct listing_work *w = &l->work;
	bool whole = w->next >= w->all;
	size_t begin = whole ? 0 : w->shown;

	if (!w->on)
		return true;
	if (!l->rows || l->room < w->count) {
		size_t room = w->count + w->count / 4 + 64;
		uint32_t *rows = realloc(l->rows, room * sizeof(*rows));

		if (!rows)
			return false;
		l->rows = rows;
		l->room = room;
	}
	l->count = w->count;
	l->calls = w->calls;
	w->shown = w->count;
	for (size_t i = begin; i < w->count; i++)
		l->rows[whole && l->down ? w->count - 1 - i : i] =
			w->rows[i].row;
	return true;
}

void listing_free(struct listing *l)
{
	filter_free(&l->filter);
	pattern_free(l->pattern);
	free(l->rows);
	free(l->holding);
	free(l->hidden);
	drop_work(&l->work);
	*l = (struct listing){.rows = NULL};
}

bool listing_filter(struct listing *l, const char *text,
		    char why[FILTER_WHY_MAX])
{
	size_t n = strlen(text);

	if (n >= sizeof(l->text))
		n = sizeof(l->text) - 1;
	memmove(l->text, text, n);
	l->text[n] = 0;
	return filter_read(&l->filter, l->text, why);
}

bool listing_payload(struct listing *l, const struct listing_match *match,
		     char why[FILTER_WHY_MAX])
{
	size_t n = strlen(match->expression);
	enum status status = STATUS_OK;

	pattern_free(l->pattern);
	l->pattern = NULL;
	l->holding_count = l->scanned = 0;
	l->inverted = match->inverted;
	if (n >= sizeof(l->payload))
		n = sizeof(l->payload) - 1;
	memmove(l->payload, match->expression, n);
	l->payload[n] = 0;
	if (n)
		status = pattern_new(slice_of_text(l->payload),
				     match->ignore_case, &l->pattern, why);
	if (status == STATUS_NOMEM)
		snprintf(why, FILTER_WHY_MAX, "out of memory");
	if (status != STATUS_OK)
		l->payload[0] = 0;
	return status == STATUS_OK;
}

void listing_hide(struct listing *l, struct feed *feed,
		  const struct settings *settings, bool filtered)
{
	struct text scratch = text_new(MESSAGE_MAX);
	size_t before = l->hidden_count;

	for (size_t i = 0; i < view_count(feed); i++) {
		struct view_call v = view_call(feed, i, settings, 0);
		uint64_t key = view_key(&v);

		if (has(l->hidden, before, key) ||
		    (filtered && fits(l, &v, &scratch)))
			continue;
		if (!add(&l->hidden, &l->hidden_count, key))
			break;
	}
	text_free(&scratch);
	if (l->hidden_count)
		qsort(l->hidden, l->hidden_count, sizeof(*l->hidden),
		      compare_hash);
}
