/* What all forms share; the summary for a person, JSON, Nagios. */
#include "config.h"

#include "check/forms.h"

static const struct {
	const char *outcome, *word;
	bool bad;
} outcomes[] = {
	{"pass", "ok", false},         {"fail", "FAIL", true},
	{"error", "ERROR", true},      {"skip", "skip", false},
	{"xfail", "xfail", false},     {"xpass", "XPASS", true},
	{"quarantine", "hold", false},
};

static size_t row_of(const json_t *result)
{
	const char *outcome = tree_text(result, "outcome");
	size_t count = sizeof(outcomes) / sizeof(outcomes[0]);

	for (size_t i = 0; outcome && i < count; i++)
		if (strcmp(outcomes[i].outcome, outcome) == 0)
			return i;
	return 2;
}

const char *outcome_word(const json_t *result)
{
	return outcomes[row_of(result)].word;
}

bool outcome_is_bad(const json_t *result)
{
	return outcomes[row_of(result)].bad;
}

struct tally tally_of(const json_t *results)
{
	struct tally t = {.cases = json_array_size(results)};
	size_t *const counters[] = {&t.passed,     &t.failed,  &t.errors,
				    &t.skipped,    &t.xfailed, &t.xpassed,
				    &t.quarantined};

	for (size_t i = 0; i < t.cases; i++)
		++*counters[row_of(json_array_get(results, i))];
	return t;
}

void tally_put(const struct tally *t, struct text *to)
{
	const struct {
		size_t count;
		const char *what;
	} parts[] = {
		{t->passed, "passed"},
		{t->failed, "failed"},
		{t->errors, "in error"},
		{t->xpassed, "passed against expectation"},
		{t->xfailed, "failed as expected"},
		{t->quarantined, "failed in quarantine"},
		{t->skipped, "skipped"},
	};
	const char *between = ": ";

	text_printf(to, "%zu case%s", t->cases, t->cases == 1 ? "" : "s");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].count)
			continue;
		text_printf(to, "%s%zu %s", between, parts[i].count,
			    parts[i].what);
		between = ", ";
	}
}

bool tally_is_fine(const struct tally *t)
{
	return t->cases > t->skipped && !t->failed && !t->errors && !t->xpassed;
}

/* ---- text ---- */

static void put_diff(const char *diff, bool color, struct text *to)
{
	struct slice rest = slice_of_text(diff);

	while (rest.n) {
		struct slice line = slice_split(&rest, '\n');
		const char *paint = !line.n || !color  ? ""
				    : line.p[0] == '+' ? "\033[32m"
				    : line.p[0] == '-' ? "\033[31m"
				    : line.p[0] == '@' ? "\033[36m"
						       : "";

		text_puts(to, "    ");
		text_puts(to, paint);
		text_put(to, line);
		text_puts(to, paint[0] ? "\033[0m\n" : "\n");
	}
}

static void put_check(const json_t *check, const struct form_options *o,
		      struct text *to)
{
	const char *message = tree_text(check, "message");
	const char *diff = tree_text(check, "diff");
	bool passed = tree_true(check, "passed");

	if (passed && !message)
		return;
	text_puts(to, passed ? "  ok  " : "  not ok  ");
	text_puts(to, tree_text(check, "name"));
	if (message) {
		text_puts(to, ": ");
		text_puts(to, message);
	}
	text_putc(to, '\n');
	if (diff)
		put_diff(diff, o->color, to);
}

static void put_result(const json_t *result, const struct form_options *o,
		       struct text *to)
{
	const json_t *checks = json_object_get(result, "checks");
	const char *file = tree_text(result, "file");
	const char *reason = tree_text(result, "reason");
	const char *word = outcome_word(result);
	bool bad = outcome_is_bad(result);

	if (o->color)
		text_puts(to, bad ? "\033[1;31m" : "\033[32m");
	text_printf(to, "%-6s", word);
	if (o->color)
		text_puts(to, "\033[0m");
	text_putc(to, ' ');
	text_escaped(to, slice_of_text(tree_text(result, "name")));
	if (file && bad)
		text_printf(to, " (%s)", file);
	if (reason)
		text_printf(to, ": %s", reason);
	text_putc(to, '\n');
	for (size_t i = 0; i < json_array_size(checks); i++)
		if (strcmp(word, "skip") != 0)
			put_check(json_array_get(checks, i), o, to);
}

void form_text(const json_t *results, const struct form_options *o,
	       struct text *to)
{
	struct tally tally = tally_of(results);

	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *result = json_array_get(results, i);

		if (o->verbose || strcmp(outcome_word(result), "ok") != 0)
			put_result(result, o, to);
	}
	tally_put(&tally, to);
	text_puts(to, tally_is_fine(&tally) ? "\n"
		      : tally.cases > tally.skipped
			      ? ""
			      : "; nothing was judged, so it does not pass\n");
	if (!tally_is_fine(&tally) && tally.cases > tally.skipped)
		text_putc(to, '\n');
}

/* ---- JSON ---- */

void form_json(const json_t *results, const struct form_options *o,
	       struct text *to)
{
	json_t *out = json_object(), *made = json_object();

	(void)tree_set(out, "schema", "mrascope.check/1");
	(void)tree_set(made, "name", "mrascope");
	(void)tree_set(made, "version", o->version);
	(void)json_object_set_new(out, "generator", made);
	(void)json_object_set(out, "results", (json_t *)(uintptr_t)results);
	tree_write(out, to);
	json_decref(out);
}

/* ---- Nagios ---- */

void form_nagios(const json_t *results, const struct form_options *o,
		 struct text *to)
{
	struct tally t = tally_of(results);
	const char *first = NULL;

	(void)o;
	for (size_t i = 0; i < json_array_size(results) && !first; i++)
		if (outcome_is_bad(json_array_get(results, i)))
			first = tree_text(json_array_get(results, i), "name");
	text_printf(to, "MRASCOPE %s - ",
		    tally_is_fine(&t)                  ? "OK"
		    : t.errors || t.cases == t.skipped ? "UNKNOWN"
						       : "CRITICAL");
	tally_put(&t, to);
	if (first) {
		text_puts(to, ", first ");
		/* The bar parts text from figures. */
		for (; *first; first++)
			text_putc(to, *first == '|' ? '/' : *first);
	}
	text_printf(to,
		    " | cases=%zu;;;0 failed=%zu;;0;0 errors=%zu;;0;0 "
		    "skipped=%zu;;;0\n",
		    t.cases, t.failed + t.xpassed, t.errors, t.skipped);
}
