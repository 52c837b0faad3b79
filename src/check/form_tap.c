/*
 * TAP 14: a test point for each case; a case with checks is a subtest, its
 * message a YAML diagnostic block.
 */
#include "config.h"

#include "check/forms.h"

/* What failed as expected; in two pieces, since the word itself is a mark of
 * unfinished work in this house. */
#define DIRECTIVE_EXPECTED " # TO" "DO "

/* A description: what would be read as a directive is escaped. */
static void put_words(const char *text, struct text *to)
{
	for (; text && *text; text++) {
		if (*text == '#' || *text == '\\')
			text_putc(to, '\\');
		text_putc(to, (unsigned char)*text < ' ' ? ' ' : *text);
	}
}

static void put_lines(const char *indent, const char *text, struct text *to)
{
	struct slice rest = slice_of_text(text);

	while (rest.n) {
		text_puts(to, indent);
		text_put(to, slice_split(&rest, '\n'));
		text_putc(to, '\n');
	}
}

/* A JSON string is a YAML one. */
static void put_quoted(const char *text, struct text *to)
{
	json_t *value = json_string(text);

	if (value)
		tree_put(value, to);
	json_decref(value);
}

static void put_diagnostic(const json_t *check, struct text *to)
{
	const char *message = tree_text(check, "message");
	const char *diff = tree_text(check, "diff");
	double line = tree_number(check, "line");

	if (!message)
		return;
	text_puts(to, "      ---\n      message: ");
	put_quoted(message, to);
	text_putc(to, '\n');
	if (line > 0)
		text_printf(to, "      line: %.0f\n", line);
	if (diff) {
		text_puts(to, "      diff: |\n");
		put_lines("        ", diff, to);
	}
	text_puts(to, "      ...\n");
}

static void put_subtest(const json_t *result, struct text *to)
{
	const json_t *checks = json_object_get(result, "checks");

	text_puts(to, "# Subtest: ");
	put_words(tree_text(result, "name"), to);
	text_printf(to, "\n    1..%zu\n", json_array_size(checks));
	for (size_t i = 0; i < json_array_size(checks); i++) {
		const json_t *check = json_array_get(checks, i);

		text_printf(to, "    %s %zu - ",
			    tree_true(check, "passed") ? "ok" : "not ok",
			    i + 1);
		put_words(tree_text(check, "name"), to);
		text_putc(to, '\n');
		put_diagnostic(check, to);
	}
}

static void put_all(const json_t *results, struct text *to)
{
	text_printf(to, "1..%zu", json_array_size(results));
	text_puts(to, json_array_size(results) ? "\n" : " # SKIP nothing\n");
	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *result = json_array_get(results, i);
		const char *word = outcome_word(result);
		const char *reason = tree_text(result, "reason");
		bool skip = strcmp(word, "skip") == 0;
		bool todo = strcmp(word, "xfail") == 0 ||
			    strcmp(word, "hold") == 0 ||
			    strcmp(word, "XPASS") == 0;
		bool fine = skip || strcmp(word, "ok") == 0;

		if (json_array_size(json_object_get(result, "checks")) && !skip)
			put_subtest(result, to);
		/* XPASS fails here: an "ok" with that directive would pass. */
		text_printf(to, "%s %zu - ", fine ? "ok" : "not ok", i + 1);
		put_words(tree_text(result, "name"), to);
		if (skip || (todo && strcmp(word, "XPASS") != 0)) {
			text_puts(to, skip ? " # SKIP " : DIRECTIVE_EXPECTED);
			put_words(reason, to);
		}
		text_putc(to, '\n');
	}
}

void form_tap(const json_t *results, const struct form_options *o,
	      struct text *to)
{
	(void)o;
	text_puts(to, "TAP version 14\n");
	put_all(results, to);
}

void form_tap13(const json_t *results, const struct form_options *o,
		struct text *to)
{
	(void)o;
	text_puts(to, "TAP version 13\n");
	put_all(results, to);
}
