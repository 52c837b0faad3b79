/* What differs between two runs and means something. */
#include "config.h"

#include <math.h>

#include "check/scenario.h"

#define SHARE 0.2
#define SLOWER_MS 20
#define MORE 3
#define CALLS_SHOWN 20u
#define LEFT 28

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

/* A status code that changed says much; a count of packets does not. */
static bool is_code(const char *what)
{
	return ends_with(what, "status") || ends_with(what, "last_error") ||
	       ends_with(what, "number") || ends_with(what, "leg");
}

bool scenario_means(const json_t *row)
{
	const char *what = tree_text(row, "what");
	const char *kind = tree_text(row, "kind");
	const json_t *was = json_object_get(row, "was");
	const json_t *is = json_object_get(row, "is");
	double from, to, least;

	if (!what || !kind || strcmp(kind, "moved") == 0 ||
	    strcmp(kind, "frames") == 0)
		return false;
	if (!json_is_number(was) || !json_is_number(is) || is_code(what))
		return true;
	from = json_number_value(was);
	to = json_number_value(is);
	least = ends_with(what, "_ms") ? SLOWER_MS : MORE;
	return fabs(to - from) >= least &&
	       fabs(to - from) >= SHARE * fmax(fabs(from), fabs(to));
}

/* ---- side by side ---- */

static void put_column(struct text *cell, int width, struct text *to)
{
	size_t columns = 0;
	struct slice rest = text_slice(cell);

	while (rest.n) {
		uint32_t code;
		size_t n = utf8_sequence(rest, &code);

		columns += n ? utf8_columns(code) : 1;
		rest = slice_from(rest, n ? n : 1);
	}
	text_put(to, text_slice(cell));
	for (; columns < (size_t)width; columns++)
		text_putc(to, ' ');
	text_putc(to, ' ');
	text_clear(cell);
}

static void say_stage(const json_t *call, const char *stage,
		      state_word_fn *word, struct text *to)
{
	const json_t *row =
		json_object_get(json_object_get(call, "stages"), stage);
	const json_t *ms = json_object_get(row, "duration_ms");
	const char *state = tree_text(row, "state");

	text_puts(to, state ? word(state) : "-");
	/* What is proved by one message of another stage took no time. */
	if (json_number_value(ms) > 0)
		text_printf(to, " %.1f ms", json_number_value(ms));
}

static void say_verdict(const json_t *call, struct text *to)
{
	const json_t *verdict = json_object_get(call, "verdict");
	const char *outcome = tree_text(verdict, "outcome");
	const char *stage = tree_text(verdict, "stage");

	text_puts(to, outcome ? outcome : "not there");
	if (stage)
		text_printf(to, " at %s", stage);
}

static void put_call(const char *name, const json_t *was, const json_t *is,
		     state_word_fn *word, struct text *to)
{
	static const char *const stages[] = {
		"registration", "token", "gathering", "exchange", "probing"};
	struct text cell = text_new(4096);

	text_puts(to, "call ");
	text_escaped(to, slice_of_text(name));
	text_putc(to, '\n');
	text_puts(&cell, "  verdict");
	put_column(&cell, 16, to);
	say_verdict(was, &cell);
	put_column(&cell, LEFT, to);
	say_verdict(is, to);
	text_putc(to, '\n');
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		text_printf(&cell, "  %s", stages[i]);
		put_column(&cell, 16, to);
		say_stage(was, stages[i], word, &cell);
		put_column(&cell, LEFT, to);
		say_stage(is, stages[i], word, to);
		text_putc(to, '\n');
	}
	text_free(&cell);
}

/* The call of this name on both sides. */
static void put_both(const char *name, const struct large *was,
		     const struct large *is, state_word_fn *word,
		     struct text *to)
{
	json_t *left = large_row(was, large_find(was, "calls", name));
	json_t *right = large_row(is, large_find(is, "calls", name));

	put_call(name, left, right, word, to);
	json_decref(left);
	json_decref(right);
}

void scenario_put_stages(const struct large *was, const struct large *is,
			 state_word_fn *word, struct text *to)
{
	json_t *left = json_object_get(was->members, "calls");
	json_t *right = json_object_get(is->members, "calls");
	const char *name;
	json_t *call;
	size_t shown = 0;

	json_object_foreach(left, name, call)
		if (shown++ < CALLS_SHOWN)
			put_both(name, was, is, word, to);
	json_object_foreach(right, name, call)
		if (!json_object_get(left, name) && shown++ < CALLS_SHOWN)
			put_both(name, was, is, word, to);
	if (shown > CALLS_SHOWN)
		text_printf(to, "and %zu more calls\n", shown - CALLS_SHOWN);
}
