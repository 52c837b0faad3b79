/* Reading and writing baselines. */
#include "config.h"

#include "check/baseline.h"
#include "check/yaml.h"

static bool row_fits(const json_t *row, const char **why)
{
	static const char *const members[] = {"key", "case", "reason", "date"};
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)row, name, value) {
		bool known = strcmp(name, YAML_LINE) == 0;

		for (size_t i = 0; i < 4; i++)
			known |= strcmp(name, members[i]) == 0 &&
				 json_is_string(value);
		if (!known) {
			*why = "a row has key, case, reason and date, texts";
			return false;
		}
	}
	*why = "an accepted finding wants key, reason and date";
	return tree_text(row, "key") && tree_text(row, "reason") &&
	       tree_text(row, "date");
}

static json_t *rows_of(const json_t *tree, size_t *line, const char **why)
{
	json_t *rows = json_object_get(tree, "accepted");

	*line = 1;
	*why = "a baseline has one member, accepted: a list";
	if (!json_is_array(rows) || json_object_size(tree) != 2)
		return NULL;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		*line = yaml_line(row);
		if (!row_fits(row, why))
			return NULL;
	}
	return json_incref(rows);
}

json_t *baseline_read(const char *path, struct slice text, struct text *why)
{
	char wrong[YAML_WHY];
	const char *said = wrong;
	size_t line;
	json_t *tree = yaml_read(text, &line, wrong), *rows = NULL;

	if (tree)
		rows = rows_of(tree, &line, &said);
	if (!rows)
		text_printf(why, "%s:%zu: %s", path, line, said);
	json_decref(tree);
	return rows;
}

const char *baseline_reason(const json_t *rows, const char *name,
			    const char *key)
{
	for (size_t i = 0; key && i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *own = tree_text(row, "key");
		const char *where = tree_text(row, "case");

		if (own && strcmp(own, key) == 0 &&
		    (!where || (name && strcmp(where, name) == 0)))
			return tree_text(row, "reason");
	}
	return NULL;
}

/* ---- writing ---- */

/* A JSON string is a YAML one. */
static void put_quoted(const char *name, const char *text, struct text *to)
{
	json_t *value = json_string(text);

	text_puts(to, name);
	if (value)
		tree_put(value, to);
	text_putc(to, '\n');
	json_decref(value);
}

static void put_row(const char *key, const char *name, const char *reason,
		    const char *date, struct text *to)
{
	put_quoted("  - key: ", key, to);
	if (name)
		put_quoted("    case: ", name, to);
	put_quoted("    reason: ", reason, to);
	put_quoted("    date: ", date, to);
}

static void put_finding(const json_t *result, const json_t *finding,
			const char *today, struct text *to)
{
	const char *severity = tree_text(finding, "severity");

	if (tree_text(finding, "accepted") || !severity ||
	    strcmp(severity, "info") == 0)
		return;
	put_row(tree_text(finding, "key"), tree_text(result, "name"),
		"it was there when the baseline was written", today, to);
}

void baseline_write(const json_t *results, const json_t *rows,
		    const char *today, struct text *to)
{
	size_t start;

	text_puts(to, "# Findings that mrascope check accepts: say why, and "
		      "take them out when they are gone.\naccepted:\n");
	start = to->n;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		put_row(tree_text(row, "key"), tree_text(row, "case"),
			tree_text(row, "reason"), tree_text(row, "date"), to);
	}
	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *result = json_array_get(results, i);
		const json_t *list = json_object_get(result, "findings");

		for (size_t k = 0; k < json_array_size(list); k++)
			put_finding(result, json_array_get(list, k), today, to);
	}
	if (to->n == start) {
		to->n -= 1;
		text_puts(to, " []\n");
	}
}
