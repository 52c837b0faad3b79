/* Filtering and sorting of calls. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/listing.h"

#define TEXTS_MAX ((size_t)1 << 28)
#define MESSAGE_MAX ((size_t)1 << 20)

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

static bool room_for(struct listing *l, size_t count)
{
	uint32_t *rows;

	if (l->rows && l->room >= count)
		return true;
	count += count / 4 + 64;
	rows = realloc(l->rows, count * sizeof(*rows));
	if (!rows)
		return false;
	l->rows = rows;
	l->room = count;
	return true;
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

struct sorting {
	struct sort_row *rows;
	struct text texts;
};

static void note(struct sorting *sorting, size_t at, uint32_t row,
		 const struct view_column *column, const struct view_call *v)
{
	struct sort_row *to = &sorting->rows[at];

	*to = (struct sort_row){.row = row, .from = sorting->texts.n};
	if (column->value) {
		to->value = column->value(v);
		return;
	}
	column->put(v, &sorting->texts);
	to->text.n = sorting->texts.n - to->from;
}

static void put_in_order(struct listing *l, struct sorting *sorting)
{
	struct slice all = text_slice(&sorting->texts);

	for (size_t i = 0; i < l->count; i++)
		if (sorting->rows[i].text.n)
			sorting->rows[i].text =
				slice_cut(all, sorting->rows[i].from,
					  sorting->rows[i].text.n);
	qsort(sorting->rows, l->count, sizeof(*sorting->rows), compare_rows);
	for (size_t i = 0; i < l->count; i++)
		l->rows[l->down ? l->count - 1 - i : i] = sorting->rows[i].row;
}

static bool in_order(struct listing *l, struct feed *feed,
		     const struct settings *settings, nanoseconds at)
{
	struct sorting sorting = {.texts = text_new(TEXTS_MAX)};
	const struct view_column *column = &view_columns[l->sort];

	if (l->count == 0)
		return true;
	sorting.rows = calloc(l->count, sizeof(*sorting.rows));
	if (!sorting.rows)
		return false;
	for (size_t i = 0; i < l->count; i++) {
		struct view_call v = view_call(feed, l->rows[i], settings, at);

		note(&sorting, i, l->rows[i], column, &v);
	}
	put_in_order(l, &sorting);
	free(sorting.rows);
	text_free(&sorting.texts);
	return true;
}

/* Reads the messages that came since. */
static bool scan(struct listing *l, struct feed *feed)
{
	const struct journal *j = feed->journal;
	struct text bytes = text_new(MESSAGE_MAX);
	bool fine = true;

	if (l->scanned > journal_last(j) || l->scanned < journal_first(j))
		l->scanned = journal_first(j);
	for (; fine && l->scanned < journal_last(j); l->scanned++) {
		const struct entry *e = journal_at(j, l->scanned);

		text_clear(&bytes);
		if (e->kind <= ENTRY_SIP_RESPONSE &&
		    feed->bytes(feed, e, &bytes) &&
		    pattern_fits(l->pattern, text_slice(&bytes)))
			fine = add(&l->holding, &l->holding_count, e->group);
	}
	text_free(&bytes);
	if (l->holding_count)
		qsort(l->holding, l->holding_count, sizeof(*l->holding),
		      compare_hash);
	return fine;
}

bool listing_make(struct listing *l, struct feed *feed,
		  const struct settings *settings, nanoseconds at)
{
	bool by_number = l->sort == view_column_find(SLICE("index"));
	struct text scratch = text_new(MESSAGE_MAX);
	size_t all = view_count(feed);

	/* The common case costs nothing, however many calls there are. */
	if (by_number && !l->down && !at && !l->hidden_count &&
	    !l->payload[0] && filter_is_open(&l->filter)) {
		free(l->rows);
		l->rows = NULL;
		l->room = 0;
		l->count = all;
		return true;
	}
	l->count = 0;
	if ((l->payload[0] && !scan(l, feed)) || !room_for(l, all)) {
		text_free(&scratch);
		return false;
	}
	for (size_t i = 0; i < all; i++) {
		struct view_call v = view_call(feed, i, settings, at);

		if (fits(l, &v, &scratch))
			l->rows[l->count++] = (uint32_t)i;
	}
	text_free(&scratch);
	return in_order(l, feed, settings, at);
}

void listing_free(struct listing *l)
{
	filter_free(&l->filter);
	pattern_free(l->pattern);
	free(l->rows);
	free(l->holding);
	free(l->hidden);
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
