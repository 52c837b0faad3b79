/* Comparing two canonical forms. */
#include "config.h"

#include <stdlib.h>

#include "check/differ.h"

#define DEPTH_MAX 16u
#define WHAT_MAX ((size_t)1 << 16)

struct compared {
	const char *path[DEPTH_MAX];
	unsigned depth;
	json_t *rows;
	bool (*counts)(const json_t *difference); /* NULL: all do */
	struct text what;
	bool failed;
	/* NULL: they are trees, and whole. */
	const struct large *was, *is;
};

/* ---- sections ---- */

/* Members of a call, and the stage that they tell of. */
static const struct {
	const char *member, *section;
} sections[] = {
	{"verdict", "verdict"},     {"dialogs", "exchange"},
	{"candidates", "exchange"}, {"ice", "probing"},
	{"pairs", "probing"},       {"media", "media"},
	{"dtls", "media"},          {"registrations", "registration"},
	{"tokens", "token"},        {"allocations", "gathering"},
	{"findings", "findings"},   {"paths", "paths"},
	{"captures", "capture"},    {"counts", "capture"},
	{"parties", "parties"},
};

static const char *section_of_member(const char *member)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		if (strcmp(sections[i].member, member) == 0)
			return sections[i].section;
	return "call";
}

static bool is_in_call(const struct compared *c)
{
	return c->depth > 1 && strcmp(c->path[0], "calls") == 0;
}

static const char *section_of(const struct compared *c)
{
	unsigned at = is_in_call(c) ? 2 : 0;

	if (at >= c->depth)
		return "call";
	if (at && strcmp(c->path[at], "stages") == 0 && at + 1 < c->depth)
		return c->path[at + 1];
	return section_of_member(c->path[at]);
}

/* ---- weight: what a person wants to know first ---- */

static bool has_part(const struct compared *c, const char *name)
{
	for (unsigned i = 0; i < c->depth; i++)
		if (strcmp(c->path[i], name) == 0)
			return true;
	return false;
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

static unsigned weight_of(const struct compared *c, const char *kind)
{
	const char *last = c->path[c->depth - 1];

	if (strcmp(kind, "frames") == 0)
		return 10;
	/* The message that came later says why all else did. */
	if (strcmp(kind, "moved") == 0)
		return has_part(c, "messages") ? 8 : 9;
	if (c->depth == 2 && strcmp(c->path[0], "calls") == 0)
		return 0;
	if (has_part(c, "verdict"))
		return strcmp(last, "text") == 0 ? 6 : 1;
	if (has_part(c, "stages"))
		return strcmp(last, "state") == 0 ? 2 : 6;
	if (strcmp(c->path[0], "findings") == 0)
		return c->depth == 2 ? 3 : 6;
	if (strcmp(last, "selected") == 0)
		return 2;
	if (has_part(c, "messages"))
		return 4;
	if (ends_with(last, "_ms"))
		return 7;
	return 5;
}

/* ---- rows ---- */

/* "pairs > a - b > selected": without what call and section say already. */
static const char *what_of(struct compared *c)
{
	unsigned at = is_in_call(c) ? 2 : 0;

	if (at && at < c->depth && strcmp(c->path[at], "stages") == 0)
		at += 2;
	text_clear(&c->what);
	for (unsigned i = at; i < c->depth; i++) {
		if (i > at)
			text_puts(&c->what, " > ");
		text_puts(&c->what, c->path[i]);
	}
	if (at >= c->depth)
		text_puts(&c->what, c->path[c->depth - 1]);
	text_putc(&c->what, '\0');
	return c->what.failed == STATUS_OK ? c->what.p : "?";
}

static json_t *begin_row(struct compared *c, const char *kind)
{
	json_t *row = json_object();

	if (!row || !tree_set(row, "call", is_in_call(c) ? c->path[1] : NULL) ||
	    !tree_set(row, "section", section_of(c)) ||
	    !tree_set(row, "what", what_of(c)) ||
	    !tree_set(row, "kind", kind) ||
	    json_object_set_new(row, "weight",
				json_integer(weight_of(c, kind))) != 0)
		c->failed = true;
	return row;
}

/* It has all that it tells. */
static void end_row(struct compared *c, json_t *row)
{
	if (c->counts && !c->counts(row))
		json_decref(row);
	else if (json_array_append_new(c->rows, row) != 0)
		c->failed = true;
}

/* Of what appeared or vanished, the part that says what it is. */
static const json_t *gist(const json_t *value)
{
	const json_t *message = json_object_get(value, "message");

	if (message)
		return message;
	return json_is_object(value) ? json_object_get(value, "state") : value;
}

static void add_one_sided(struct compared *c, const char *kind,
			  const json_t *value)
{
	json_t *row = begin_row(c, kind);
	const json_t *said = gist(value);
	const char *member = strcmp(kind, "appeared") == 0 ? "is" : "was";

	if (said && json_object_set(row, member, (json_t *)(uintptr_t)said))
		c->failed = true;
	end_row(c, row);
}

/* "+1.000000000" of a canonical form. */
static bool read_offset(const json_t *value, double *out)
{
	const char *text = json_string_value(value);
	struct slice rest, whole;
	uint64_t s, ns;

	if (!text || (text[0] != '+' && text[0] != '-'))
		return false;
	rest = slice_of_text(text + 1);
	whole = slice_split(&rest, '.');
	if (rest.n != 9 ||
	    slice_number(whole, UINT64_C(1) << 40, &s) != STATUS_OK ||
	    slice_number(rest, 999999999, &ns) != STATUS_OK)
		return false;
	*out = (double)s + (double)ns / 1e9;
	if (text[0] == '-')
		*out = -*out;
	return true;
}

static bool is_frames(const char *member)
{
	return strcmp(member, "frames") == 0 || strcmp(member, "frame") == 0 ||
	       strcmp(member, "nominated") == 0;
}

static void add_changed(struct compared *c, const json_t *was, const json_t *is)
{
	double from, to;
	json_t *row;

	if (is_frames(c->path[c->depth - 1]) && !json_is_null(was) &&
	    !json_is_null(is)) {
		row = begin_row(c, "frames");
	} else if (read_offset(was, &from) && read_offset(is, &to)) {
		row = begin_row(c, "moved");
		if (json_object_set_new(row, "by_s", json_real(to - from)))
			c->failed = true;
	} else {
		row = begin_row(c, "changed");
	}
	if (json_object_set(row, "was", (json_t *)(uintptr_t)was) != 0 ||
	    json_object_set(row, "is", (json_t *)(uintptr_t)is) != 0)
		c->failed = true;
	end_row(c, row);
}

/* ---- walking ---- */

static void compare(struct compared *c, const json_t *was, const json_t *is);

/* Rows that lie in files are read here, one of each at a time. */
static bool are_apart(const struct compared *c)
{
	return c->was && c->depth == 2;
}

static void tell_one_sided(struct compared *c, const char *kind,
			   const struct large *form, const json_t *value)
{
	json_t *row;

	if (!are_apart(c)) {
		add_one_sided(c, kind, value);
		return;
	}
	row = large_row(form, value);
	c->failed |= !row;
	add_one_sided(c, kind, row);
	json_decref(row);
}

static void compare_values(struct compared *c, const json_t *was,
			   const json_t *is)
{
	json_t *a, *b;

	if (!are_apart(c)) {
		compare(c, was, is);
		return;
	}
	if (large_same(c->was, was, c->is, is))
		return;
	a = large_row(c->was, was);
	b = large_row(c->is, is);
	c->failed |= !a || !b;
	if (a && b)
		compare(c, a, b);
	json_decref(a);
	json_decref(b);
}

static void compare_members(struct compared *c, const json_t *was,
			    const json_t *is)
{
	const char *key;
	json_t *value;

	c->depth++;
	json_object_foreach((json_t *)(uintptr_t)was, key, value) {
		const json_t *other = json_object_get(is, key);

		c->path[c->depth - 1] = key;
		if (!other)
			tell_one_sided(c, "vanished", c->was, value);
		else
			compare_values(c, value, other);
	}
	json_object_foreach((json_t *)(uintptr_t)is, key, value) {
		c->path[c->depth - 1] = key;
		if (!json_object_get(was, key))
			tell_one_sided(c, "appeared", c->is, value);
	}
	c->depth--;
}

/* A member of the document that has rows on one side only. */
static void compare_kinds(struct compared *c, const json_t *was,
			  const json_t *is)
{
	json_t *a = json_is_object(was) ? large_whole(c->was, was) : NULL;
	json_t *b = json_is_object(is) ? large_whole(c->is, is) : NULL;

	if (!json_equal(was, is))
		add_changed(c, a ? a : was, b ? b : is);
	json_decref(a);
	json_decref(b);
}

/* The findings of a call stand in the list of all. */
static bool is_told_elsewhere(const struct compared *c)
{
	return is_in_call(c) && c->depth == 3 &&
	       strcmp(c->path[2], "findings") == 0;
}

static void compare(struct compared *c, const json_t *was, const json_t *is)
{
	if (is_told_elsewhere(c))
		return;
	if (json_is_object(was) && json_is_object(is) && c->depth < DEPTH_MAX)
		compare_members(c, was, is);
	else if (c->was && c->depth == 1)
		compare_kinds(c, was, is);
	else if (!json_equal(was, is))
		add_changed(c, was, is);
}

/* ---- order ---- */

struct placed {
	json_t *row;
	size_t at;
};

static int by_weight(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	json_int_t v = json_integer_value(json_object_get(x->row, "weight"));
	json_int_t w = json_integer_value(json_object_get(y->row, "weight"));

	if (v != w)
		return v < w ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

static json_t *in_order(json_t *rows)
{
	size_t count = json_array_size(rows);
	struct placed *list = calloc(count + 1, sizeof(*list));
	json_t *out = json_array();

	for (size_t i = 0; list && i < count; i++)
		list[i] = (struct placed){json_array_get(rows, i), i};
	if (list)
		qsort(list, count, sizeof(*list), by_weight);
	for (size_t i = 0; list && i < count; i++)
		(void)json_array_append(out, list[i].row);
	free(list);
	for (size_t i = 0; i < json_array_size(out); i++)
		(void)json_object_del(json_array_get(out, i), "weight");
	json_decref(rows);
	return out;
}

static json_t *differences(struct compared *c, const json_t *was,
			   const json_t *is)
{
	c->rows = json_array();
	c->what = text_new(WHAT_MAX);
	if (c->rows)
		compare(c, was, is);
	text_free(&c->what);
	if (!c->failed && c->rows)
		return in_order(c->rows);
	json_decref(c->rows);
	return NULL;
}

json_t *differ(const json_t *was, const json_t *is)
{
	struct compared c = {.depth = 0};

	return differences(&c, was, is);
}

json_t *differ_large(const struct large *was, const struct large *is,
		     bool (*counts)(const json_t *difference))
{
	struct compared c = {.was = was, .is = is, .counts = counts};

	return differences(&c, was->members, is->members);
}
