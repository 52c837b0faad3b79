/* Telling differences to a person. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "check/differ.h"

#define SENTENCES_MAX 4u
#define GROUPS_MAX 6u
#define FRAMES_SHOWN 3u
#define KEY_MAX ((size_t)1 << 20)
#define SAME_S 5e-7 /* moved by the same: as captures tell times */

static bool is_kind(const json_t *row, const char *kind)
{
	const char *own = tree_text(row, "kind");

	return own && strcmp(own, kind) == 0;
}

static bool is_told(const json_t *row)
{
	return !is_kind(row, "moved") && !is_kind(row, "frames");
}

static void put_escaped(const char *text, struct text *to)
{
	text_escaped(to, slice_of_text(text ? text : ""));
}

static void put_place(const json_t *row, struct text *to)
{
	const char *call = tree_text(row, "call");

	if (call) {
		text_puts(to, "call ");
		put_escaped(call, to);
		text_puts(to, ", ");
	}
	put_escaped(tree_text(row, "section"), to);
}

/* ---- sentences ---- */

static void put_later(double by, struct text *to)
{
	text_printf(to, "%.3f s %s", fabs(by), by < 0 ? "earlier" : "later");
}

static void put_sentence(const json_t *row, struct text *to)
{
	put_place(row, to);
	text_puts(to, ": ");
	put_escaped(tree_text(row, "what"), to);
	if (is_kind(row, "changed")) {
		text_puts(to, " is ");
		tree_say(json_object_get(row, "is"), to);
		text_puts(to, ", was ");
		tree_say(json_object_get(row, "was"), to);
	} else if (is_kind(row, "moved")) {
		text_puts(to, " comes ");
		put_later(tree_number(row, "by_s"), to);
	} else if (is_kind(row, "frames")) {
		text_puts(to, " stand elsewhere");
	} else {
		text_putc(to, ' ');
		put_escaped(tree_text(row, "kind"), to);
	}
}

/* Does an earlier one of the sentences tell of the same rows? */
static bool is_alike(const json_t *a, const json_t *b)
{
	const char *x = tree_text(a, "section"), *y = tree_text(b, "section");
	const char *k = tree_text(a, "kind"), *l = tree_text(b, "kind");

	return x && y && k && l && strcmp(x, y) == 0 && strcmp(k, l) == 0;
}

void differ_headline(const json_t *rows, struct text *to)
{
	const json_t *said[SENTENCES_MAX];
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(rows) && count < SENTENCES_MAX;
	     i++) {
		const json_t *row = json_array_get(rows, i);
		bool alike = false;

		for (size_t k = 0; k < count; k++)
			alike |= is_alike(said[k], row);
		if (alike || (is_kind(row, "frames") && count))
			continue;
		text_puts(to, count ? "; " : "");
		put_sentence(row, to);
		said[count++] = row;
	}
}

/* ---- hunks ---- */

struct hunks {
	struct text *to;
	size_t lines, max;
	size_t left; /* rows that found no room */
};

static bool has_room(struct hunks *h, size_t lines)
{
	if (h->lines + lines <= h->max) {
		h->lines += lines;
		return true;
	}
	h->left++;
	return false;
}

static void put_side(struct hunks *h, char sign, const json_t *row,
		     const char *member)
{
	const json_t *value = json_object_get(row, member);

	text_putc(h->to, sign);
	put_escaped(tree_text(row, "what"), h->to);
	if (value) {
		text_puts(h->to, ": ");
		tree_say(value, h->to);
	}
	text_putc(h->to, '\n');
}

static void put_row(struct hunks *h, const json_t *row)
{
	bool was = !is_kind(row, "appeared"), is = !is_kind(row, "vanished");

	if (!has_room(h, (size_t)was + is))
		return;
	if (was)
		put_side(h, '-', row, "was");
	if (is)
		put_side(h, '+', row, "is");
}

/* Rows of the same place are told together: where the next one is, and which
 * is the first. */
struct places {
	size_t *next;
	bool *first;
};

#define LAST SIZE_MAX

static void put_key(const json_t *row, struct text *key)
{
	const char *call = tree_text(row, "call");
	const char *section = tree_text(row, "section");

	text_clear(key);
	text_puts(key, call ? "call " : "none ");
	text_puts(key, call ? call : "");
	text_putc(key, '\n');
	text_puts(key, section ? section : "");
	text_putc(key, '\0');
}

/* The row behind the newest one of its place, in the order in which they
 * stand; false: memory is out. */
static bool chain_row(struct places *p, json_t *newest, const char *key,
		      size_t at)
{
	const json_t *before = json_object_get(newest, key);

	p->first[at] = !before;
	p->next[at] = LAST;
	if (before)
		p->next[json_integer_value(before)] = at;
	return json_object_set_new(newest, key,
				   json_integer((json_int_t)at)) == 0;
}

static bool chain_all(struct places *p, const json_t *rows)
{
	size_t count = json_array_size(rows);
	struct text key = text_new(KEY_MAX);
	json_t *newest = json_object();
	bool fine;

	p->next = calloc(count + 1, sizeof(*p->next));
	p->first = calloc(count + 1, sizeof(*p->first));
	fine = p->next && p->first && newest;
	for (size_t i = 0; fine && i < count; i++) {
		const json_t *row = json_array_get(rows, i);

		if (!is_told(row))
			continue;
		put_key(row, &key);
		fine = key.failed == STATUS_OK &&
		       chain_row(p, newest, key.p, i);
	}
	text_free(&key);
	json_decref(newest);
	return fine;
}

static void put_hunk(struct hunks *h, const json_t *rows,
		     const struct places *p, size_t at)
{
	if (!has_room(h, 2))
		return;
	h->lines--;
	text_puts(h->to, "@@ ");
	put_place(json_array_get(rows, at), h->to);
	text_puts(h->to, " @@\n");
	for (size_t i = at; i != LAST; i = p->next[i])
		put_row(h, json_array_get(rows, i));
}

/* ---- times ---- */

struct shift {
	double by;
	size_t count;
	const json_t *first;
};

static void put_times(struct hunks *h, const json_t *rows)
{
	struct shift groups[GROUPS_MAX];
	size_t count = 0, others = 0;

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		double by = tree_number(row, "by_s");
		size_t k = 0;

		if (!is_kind(row, "moved"))
			continue;
		while (k < count && fabs(groups[k].by - by) > SAME_S)
			k++;
		if (k == GROUPS_MAX) {
			others++;
			continue;
		}
		if (k == count)
			groups[count++] = (struct shift){by, 0, row};
		groups[k].count++;
	}
	if (!count || !has_room(h, 1 + count))
		return;
	text_puts(h->to, "@@ times @@\n");
	for (size_t k = 0; k < count; k++) {
		text_puts(h->to, " ");
		put_later(groups[k].by, h->to);
		text_printf(h->to, ", %zu time%s, from: ", groups[k].count,
			    groups[k].count == 1 ? "" : "s");
		put_place(groups[k].first, h->to);
		text_puts(h->to, ": ");
		put_escaped(tree_text(groups[k].first, "what"), h->to);
		text_putc(h->to, '\n');
	}
	if (others)
		text_printf(h->to, " %zu times moved otherwise\n", others);
}

/* Only when nothing else differs: else they differ of course. */
static void put_frames(struct hunks *h, const json_t *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(rows); i++)
		if (is_kind(json_array_get(rows, i), "frames"))
			count++;
	if (!count || !has_room(h, 1))
		return;
	text_printf(h->to, "@@ frames: %zu lists of evidence differ @@\n",
		    count);
	if (count != json_array_size(rows))
		return;
	for (size_t i = 0; i < count && i < FRAMES_SHOWN; i++)
		put_row(h, json_array_get(rows, i));
}

void differ_hunks(const json_t *rows, size_t lines, struct text *to)
{
	struct hunks h = {.to = to, .max = lines};
	struct places p = {0};

	if (!chain_all(&p, rows))
		to->failed = STATUS_NOMEM;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		if (to->failed != STATUS_OK ||
		    !is_told(json_array_get(rows, i)))
			continue;
		if (h.lines >= h.max)
			h.left++;
		else if (p.first[i])
			put_hunk(&h, rows, &p, i);
	}
	free(p.next);
	free(p.first);
	put_times(&h, rows);
	put_frames(&h, rows);
	if (h.left)
		text_printf(to, "... and %zu more\n", h.left);
}
