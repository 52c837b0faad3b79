/* Figures over many calls. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "check/pieces.h"
#include "check/spread.h"

#define SHARE_POINTS 5.0
#define SHARE 0.2
#define SLOWER_MS 20
#define NAME_MAX_BYTES 512
#define SAMPLES_FIRST 1024u

struct samples {
	double *values;
	size_t count, room;
};

/* What has quantiles. */
static const char *const stages[] = {"registration", "token", "gathering",
				     "exchange", "probing"};
#define STAGES (sizeof(stages) / sizeof(stages[0]))
static const char *const lists[][2] = {{"pairs", "rtt_ms"},
				       {"media", "jitter_ms"}};
#define LISTS (sizeof(lists) / sizeof(lists[0]))

struct counting {
	json_t *to;
	size_t calls;
	struct samples samples[STAGES + LISTS];
	bool failed;
};

static void count(json_t *to, const char *first, const char *second)
{
	struct text name = text_new(NAME_MAX_BYTES);

	text_printf(&name, "%s %s", first, second ? second : "-");
	text_putc(&name, '\0');
	if (name.failed == STATUS_OK)
		(void)json_object_set_new(
			to, name.p, json_real(tree_number(to, name.p) + 1));
	text_free(&name);
}

static void count_call(json_t *to, const json_t *call)
{
	const json_t *list = json_object_get(call, "stages");

	count(to, "outcome",
	      tree_text(json_object_get(call, "verdict"), "outcome"));
	for (size_t k = 0; k < json_array_size(list); k++) {
		const json_t *stage = json_array_get(list, k);

		count(to, tree_text(stage, "stage"), tree_text(stage, "state"));
	}
}

/* Of a hundred calls. */
static void make_shares(json_t *to, double calls)
{
	const char *key;
	json_t *value;

	json_object_foreach(to, key, value)
		(void)json_real_set(value, json_real_value(value) * 100 /
						   fmax(calls, 1));
}

/* ---- quantiles ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void put_quantile(json_t *to, const char *name, const char *which,
			 const struct samples *s, double share)
{
	struct text key = text_new(NAME_MAX_BYTES);
	size_t rank = (size_t)ceil(share * (double)s->count);

	text_printf(&key, "%s %s", name, which);
	text_putc(&key, '\0');
	if (key.failed == STATUS_OK)
		(void)json_object_set_new(
			to, key.p, json_real(s->values[rank ? rank - 1 : 0]));
	text_free(&key);
}

static void add_sample(struct counting *c, struct samples *s,
		       const json_t *value)
{
	if (!json_is_number(value))
		return;
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : SAMPLES_FIRST;
		double *values = realloc(s->values, room * sizeof(*values));

		if (!values) {
			c->failed = true;
			return;
		}
		s->values = values;
		s->room = room;
	}
	s->values[s->count++] = json_number_value(value);
}

static void conclude(json_t *to, const char *name, struct samples *s)
{
	if (!s->count)
		return;
	qsort(s->values, s->count, sizeof(*s->values), by_value);
	put_quantile(to, name, "p50 ms", s, 0.5);
	put_quantile(to, name, "p95 ms", s, 0.95);
}

static void sample_call(struct counting *c, const json_t *call)
{
	const json_t *list = json_object_get(call, "stages");

	for (size_t k = 0; k < STAGES; k++)
		add_sample(c, &c->samples[k],
			   json_object_get(json_array_get(list, k),
					   "duration_ms"));
	for (size_t k = 0; k < LISTS; k++) {
		list = json_object_get(call, lists[k][0]);
		for (size_t i = 0; i < json_array_size(list); i++)
			add_sample(c, &c->samples[STAGES + k],
				   json_object_get(json_array_get(list, i),
						   lists[k][1]));
	}
}

/* ---- an analysis ---- */

static bool take(void *context, const struct piece *piece)
{
	struct counting *c = context;
	bool call = strcmp(piece->member, "calls") == 0;
	json_t *row;

	if (!piece->row || (!call && strcmp(piece->member, "findings") != 0))
		return true;
	row = json_loadb((const char *)piece->text.p, piece->text.n, 0, NULL);
	if (!row)
		return false;
	if (call) {
		c->calls++;
		count_call(c->to, row);
		sample_call(c, row);
	} else {
		count(c->to, "finding", tree_text(row, "rule"));
	}
	json_decref(row);
	return !c->failed;
}

json_t *spread_of(FILE *analysis)
{
	struct counting c = {.to = json_object()};

	rewind(analysis);
	if (c.to && pieces_read(analysis, false, take, &c) == STATUS_OK) {
		make_shares(c.to, (double)c.calls);
		for (size_t k = 0; k < STAGES; k++)
			conclude(c.to, stages[k], &c.samples[k]);
		for (size_t k = 0; k < LISTS; k++)
			conclude(c.to, lists[k][1], &c.samples[STAGES + k]);
	} else {
		json_decref(c.to);
		c.to = NULL;
	}
	for (size_t k = 0; k < STAGES + LISTS; k++)
		free(c.samples[k].values);
	return c.to;
}

/* ---- comparing ---- */

static bool is_ms(const char *name)
{
	size_t n = strlen(name);

	return n > 3 && strcmp(name + n - 3, " ms") == 0;
}

static bool differs(const char *name, const json_t *was, const json_t *is)
{
	double from = json_number_value(was), to = json_number_value(is);
	double by = fabs(to - from);

	if (!is_ms(name))
		return by >= SHARE_POINTS;
	return !was || !is || (by >= SLOWER_MS && by >= SHARE * fmax(from, to));
}

static void add_row(json_t *rows, const char *name, json_t *was, json_t *is)
{
	json_t *row = json_object();

	(void)tree_set(row, "name", name);
	(void)json_object_set_new(row, "was",
				  was ? json_incref(was) : json_null());
	(void)json_object_set_new(row, "is",
				  is ? json_incref(is) : json_null());
	(void)json_object_set_new(row, "differs",
				  json_boolean(differs(name, was, is)));
	(void)json_array_append_new(rows, row);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(tree_text(*(json_t *const *)a, "name"),
		      tree_text(*(json_t *const *)b, "name"));
}

static json_t *sorted(json_t *rows)
{
	size_t count = json_array_size(rows);
	json_t **list = calloc(count + 1, sizeof(json_t *));
	json_t *out = json_array();

	for (size_t i = 0; list && i < count; i++)
		list[i] = json_array_get(rows, i);
	if (list)
		qsort(list, count, sizeof(json_t *), by_name);
	for (size_t i = 0; list && i < count; i++)
		(void)json_array_append(out, list[i]);
	free(list);
	json_decref(rows);
	return out;
}

json_t *spread_compare(const json_t *was, const json_t *is)
{
	json_t *rows = json_array();
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)was, name, value)
		add_row(rows, name, value, json_object_get(is, name));
	json_object_foreach((json_t *)(uintptr_t)is, name, value)
		if (!json_object_get(was, name))
			add_row(rows, name, NULL, value);
	return sorted(rows);
}

static void put_figure(const json_t *value, const char *unit, struct text *to)
{
	struct text cell = text_new(64);

	if (json_is_number(value))
		text_printf(&cell, "%.1f %s", json_number_value(value), unit);
	else
		text_putc(&cell, '-');
	for (size_t n = cell.n; n < 14; n++)
		text_putc(to, ' ');
	text_put(to, text_slice(&cell));
	text_free(&cell);
}

void spread_put(const json_t *rows, struct text *to)
{
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *name = tree_text(row, "name");
		const char *unit = is_ms(name) ? "ms" : "%";

		text_printf(to, "%c %-42s",
			    tree_true(row, "differs") ? '!' : ' ', name);
		put_figure(json_object_get(row, "was"), unit, to);
		put_figure(json_object_get(row, "is"), unit, to);
		text_putc(to, '\n');
	}
}
