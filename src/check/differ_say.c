/* Telling differences to a person. */
#include "config.h"

#include <math.h>

#include "check/differ.h"

#define SENTENCES_MAX 4u
#define GROUPS_MAX 6u
#define FRAMES_SHOWN 3u
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

static bool same_place(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "call"),
			  json_object_get(b, "call")) &&
	       json_equal(json_object_get(a, "section"),
			  json_object_get(b, "section"));
}

/* Is an earlier row of the same place?  Then it was told with that. */
static bool was_placed(const json_t *rows, size_t at)
{
	const json_t *row = json_array_get(rows, at);

	for (size_t i = 0; i < at; i++) {
		const json_t *other = json_array_get(rows, i);

		if (is_told(other) && same_place(other, row))
			return true;
	}
	return false;
}

static void put_hunk(struct hunks *h, const json_t *rows, size_t at)
{
	const json_t *first = json_array_get(rows, at);

	if (!has_room(h, 2))
		return;
	h->lines--;
	text_puts(h->to, "@@ ");
	put_place(first, h->to);
	text_puts(h->to, " @@\n");
	for (size_t i = at; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		if (is_told(row) && same_place(row, first))
			put_row(h, row);
	}
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

	for (size_t i = 0; i < json_array_size(rows); i++) {
		if (!is_told(json_array_get(rows, i)))
			continue;
		if (h.lines >= h.max)
			h.left++;
		else if (!was_placed(rows, i))
			put_hunk(&h, rows, i);
	}
	put_times(&h, rows);
	put_frames(&h, rows);
	if (h.left)
		text_printf(to, "... and %zu more\n", h.left);
}
