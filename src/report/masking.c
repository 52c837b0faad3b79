/* Secrets in the bytes of messages. */
#include "config.h"

#include <stdlib.h>

#include "report/masking.h"
#include "report/secrets.h"

/* A message is 256 KB at most; more are no message. */
#define MASKED_MAX ((size_t)1 << 16)

struct masked {
	size_t from, n;
};

void masking_begin(struct masking *m, struct slice bytes)
{
	*m = (struct masking){
		.bytes = bytes,
		.rows = list_of(sizeof(struct masked), MASKED_MAX)};
}

void masking_free(struct masking *m)
{
	list_free(&m->rows);
}

static void hide(struct masking *m, size_t from, size_t n)
{
	struct masked *row = n ? list_add(&m->rows) : NULL;

	if (row)
		*row = (struct masked){from, n};
	else
		m->all |= n != 0;
}

/* ---- fields ---- */

/* Where a slice stands in the bytes; false: it is no part of them. */
static bool is_within(const struct masking *m, struct slice part, size_t *from)
{
	uintptr_t begin = (uintptr_t)m->bytes.p, at = (uintptr_t)part.p;

	if (!part.n || at < begin || at - begin > m->bytes.n ||
	    part.n > m->bytes.n - (at - begin))
		return false;
	*from = at - begin;
	return true;
}

static void take(void *context, const struct field *field)
{
	struct masking *m = context;
	size_t from;

	if (!field->secret || field->text.n == 0)
		return;
	if (!is_within(m, field->text, &from)) {
		/* Unfolded, or without its escapes: all that it was made of. */
		if (is_within(m, field->where, &from))
			hide(m, from, field->where.n);
		else if (slice_search(m->bytes, field->text, &from))
			hide(m, from, field->text.n);
	} else if (!secret_in_uris(field->text)) {
		/* In a URI the password alone is one, and is found below. */
		hide(m, from, field->text.n);
	}
}

struct field_sink masking_sink(struct masking *m)
{
	return (struct field_sink){m, take};
}

/* ---- words ---- */

static void hide_found(void *context, size_t from, size_t n)
{
	hide(context, from, n);
}

static void find_in_uris(struct masking *m)
{
	struct slice rest = m->bytes;

	while (rest.n) {
		struct slice line = slice_split(&rest, '\n'), password;
		size_t from;

		while (secret_find_in_uris(line, &password)) {
			if (is_within(m, password, &from))
				hide(m, from, password.n);
			line = slice_from(line, (size_t)(password.p - line.p) +
							password.n);
		}
	}
}

static int compare(const void *a, const void *b)
{
	const struct masked *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* What overlaps is one. */
static void join(struct masking *m)
{
	size_t count = 0;

	for (size_t i = 0; i < m->rows.count; i++) {
		struct masked row = *(struct masked *)list_at(&m->rows, i);
		struct masked *last =
			count ? list_at(&m->rows, count - 1) : NULL;

		if (last && row.from < last->from + last->n) {
			if (row.from + row.n > last->from + last->n)
				last->n = row.from + row.n - last->from;
			continue;
		}
		*(struct masked *)list_at(&m->rows, count++) = row;
	}
	m->rows.count = count;
}

void masking_finish(struct masking *m)
{
	secret_words_find(m->bytes, &(struct secret_sink){m, hide_found});
	masking_find_bodies(m->bytes, &(struct secret_sink){m, hide_found});
	find_in_uris(m);
	if (m->rows.count)
		qsort(m->rows.rows, m->rows.count, sizeof(struct masked),
		      compare);
	join(m);
}

/* ---- telling ---- */

bool masking_hides(const struct masking *m, size_t at)
{
	size_t low = 0, high = m->rows.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct masked *row = list_at(&m->rows, middle);

		if (at < row->from)
			high = middle;
		else if (at >= row->from + row->n)
			low = middle + 1;
		else
			return true;
	}
	return m->all;
}

/* The bytes from `at` to before `end`. */
static void put_range(const struct masking *m, size_t at, size_t end,
		      struct text *to)
{
	if (m->all) {
		secret_put(slice_cut(m->bytes, at, end - at), false, to);
		return;
	}
	for (size_t i = 0; i < m->rows.count; i++) {
		const struct masked *row = list_at(&m->rows, i);
		size_t from = row->from, behind = row->from + row->n;

		if (behind <= at)
			continue;
		if (from >= end)
			break;
		from = from < at ? at : from;
		behind = behind > end ? end : behind;
		text_put(to, slice_cut(m->bytes, at, from - at));
		secret_put(slice_cut(m->bytes, from, behind - from), false, to);
		at = behind;
	}
	text_put(to, slice_cut(m->bytes, at, end - at));
}

void masking_put(const struct masking *m, struct text *to)
{
	put_range(m, 0, m->bytes.n, to);
}

static bool hides_any(const struct masking *m, size_t at, size_t n)
{
	for (size_t i = 0; i < m->rows.count; i++) {
		const struct masked *row = list_at(&m->rows, i);

		if (row->from < at + n && row->from + row->n > at)
			return true;
	}
	return m->all;
}

void masking_put_field(const struct masking *m, const struct field *field,
		       struct text *to)
{
	size_t from;

	if (is_within(m, field->text, &from))
		put_range(m, from, from + field->text.n, to);
	else if (is_within(m, field->where, &from) &&
		 hides_any(m, from, field->where.n))
		secret_put(field->text, false, to);
	else
		masking_text(field->text, false, to);
}

void masking_text(struct slice text, bool show_secrets, struct text *to)
{
	struct masking m;

	if (show_secrets) {
		text_put(to, text);
		return;
	}
	masking_begin(&m, text);
	masking_finish(&m);
	masking_put(&m, to);
	masking_free(&m);
}
