/* GitHub: workflow commands and the step summary.  GitLab: code quality. */
#include "config.h"

#include "check/forms.h"
#include "core/crypto.h"

#define PRINT_MAX ((size_t)1 << 16)

/* ---- GitHub ---- */

/* Values of workflow commands; `property`: what stands before the "::". */
static void put_command(const char *text, bool property, struct text *to)
{
	for (; text && *text; text++) {
		if (*text == '%' || *text == '\r' || *text == '\n' ||
		    (property && (*text == ':' || *text == ',')))
			text_printf(to, "%%%02X", (unsigned char)*text);
		else
			text_putc(to, *text);
	}
}

static const char *place_of(const json_t *result)
{
	const char *file = tree_text(result, "file");
	const json_t *captures = json_object_get(result, "captures");

	return file ? file : json_string_value(json_array_get(captures, 0));
}

static void put_annotation(const json_t *result, const json_t *check,
			   struct text *to)
{
	bool bad = outcome_is_bad(result);
	const char *file = place_of(result);
	double line = tree_number(check, "line");

	text_puts(to, bad ? "::error " : "::warning ");
	if (file) {
		text_puts(to, "file=");
		put_command(file, true, to);
		if (line > 0)
			text_printf(to, ",line=%.0f", line);
		text_putc(to, ',');
	}
	text_puts(to, "title=");
	put_command(tree_text(result, "name"), true, to);
	text_puts(to, "::");
	put_command(tree_text(check, "name"), false, to);
	text_puts(to, ": ");
	put_command(tree_text(check, "message"), false, to);
	text_putc(to, '\n');
}

static void put_case_annotation(const json_t *result, struct text *to)
{
	text_puts(to, "::error title=");
	put_command(tree_text(result, "name"), true, to);
	text_puts(to, "::it passes, but is expected to fail: ");
	put_command(tree_text(result, "reason"), false, to);
	text_putc(to, '\n');
}

void form_github(const json_t *results, const struct form_options *o,
		 struct text *to)
{
	struct tally tally = tally_of(results);

	(void)o;
	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *result = json_array_get(results, i);
		const json_t *checks = json_object_get(result, "checks");

		if (strcmp(outcome_word(result), "XPASS") == 0)
			put_case_annotation(result, to);
		for (size_t k = 0; k < json_array_size(checks); k++) {
			const json_t *check = json_array_get(checks, k);

			if (!tree_true(check, "passed"))
				put_annotation(result, check, to);
		}
	}
	tally_put(&tally, to);
	text_putc(to, '\n');
}

/* A cell of a table: bars and marks of Markdown and HTML are escaped. */
static void put_cell(const char *text, struct text *to)
{
	for (; text && *text; text++) {
		if (*text == '\n')
			text_putc(to, ' ');
		else if (*text == '<')
			text_puts(to, "&lt;");
		else if (*text == '&')
			text_puts(to, "&amp;");
		else if (strchr("|\\`*_[]", *text))
			text_printf(to, "\\%c", *text);
		else
			text_putc(to, *text);
	}
}

static void put_row(const json_t *result, struct text *to)
{
	const json_t *checks = json_object_get(result, "checks");
	bool more = false;

	text_printf(to, "| %s | ", outcome_word(result));
	put_cell(tree_text(result, "name"), to);
	text_puts(to, " | ");
	put_cell(tree_text(result, "reason"), to);
	for (size_t i = 0; i < json_array_size(checks); i++) {
		const json_t *check = json_array_get(checks, i);

		if (tree_true(check, "passed"))
			continue;
		text_puts(to, more ? "<br>" : "");
		put_cell(tree_text(check, "name"), to);
		text_puts(to, ": ");
		put_cell(tree_text(check, "message"), to);
		more = true;
	}
	text_puts(to, " |\n");
}

void form_summary(const json_t *results, const struct form_options *o,
		  struct text *to)
{
	struct tally tally = tally_of(results);

	text_printf(to, "### %s\n\n", o->suite);
	tally_put(&tally, to);
	text_puts(to, "\n\n| | case | what |\n|---|---|---|\n");
	for (size_t i = 0; i < json_array_size(results); i++)
		put_row(json_array_get(results, i), to);
	text_putc(to, '\n');
}

/* ---- GitLab ---- */

static void put_print(json_t *row, const char *name, const char *what)
{
	const struct slice pieces[3] = {slice_of_text(name ? name : ""),
					SLICE("|"),
					slice_of_text(what ? what : "")};
	uint8_t digest[SHA256_SIZE];
	struct text text = text_new(PRINT_MAX);

	sha256(pieces, 3, digest);
	text_hex(&text, slice_of(digest, 20));
	(void)tree_set_slice(row, "fingerprint", text_slice(&text));
	text_free(&text);
}

static void add_issue(json_t *list, const json_t *result, const json_t *check)
{
	json_t *row = json_object(), *location = json_object();
	json_t *lines = json_object();
	const char *path = place_of(result);
	double line = tree_number(check, "line");
	struct text said = text_new(PRINT_MAX);

	text_printf(&said, "%s: %s: %s", tree_text(result, "name"),
		    tree_text(check, "name"), tree_text(check, "message"));
	(void)tree_set_slice(row, "description", text_slice(&said));
	text_free(&said);
	(void)tree_set(row, "check_name", tree_text(check, "name"));
	put_print(row, tree_text(result, "name"), tree_text(check, "name"));
	(void)tree_set(row, "severity",
		       outcome_is_bad(result) ? "major" : "minor");
	(void)tree_set(location, "path", path ? path : "");
	(void)json_object_set_new(
		lines, "begin", json_integer(line > 0 ? (json_int_t)line : 1));
	(void)json_object_set_new(location, "lines", lines);
	(void)json_object_set_new(row, "location", location);
	(void)json_array_append_new(list, row);
}

void form_gitlab(const json_t *results, const struct form_options *o,
		 struct text *to)
{
	json_t *list = json_array();

	(void)o;
	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *result = json_array_get(results, i);
		const json_t *checks = json_object_get(result, "checks");

		for (size_t k = 0; k < json_array_size(checks); k++)
			if (!tree_true(json_array_get(checks, k), "passed"))
				add_issue(list, result,
					  json_array_get(checks, k));
	}
	tree_write(list, to);
	json_decref(list);
}
