/* The table of forms. */
#include "config.h"

#include "cli/formats.h"

static const struct format_row {
	enum format format;
	const char *name;
	const char *commands;
} rows[] = {
	{FORMAT_TEXT, "text", "analyze, rules, check, diff, probe"},
	{FORMAT_JSON, "json", "analyze, rules, check, diff, probe"},
	{FORMAT_NDJSON, "ndjson", "analyze"},
	{FORMAT_HTML, "html", "analyze"},
	{FORMAT_CSV, "csv", "analyze"},
	{FORMAT_MERMAID, "mermaid", "analyze"},
	{FORMAT_JUNIT, "junit", "analyze, check"},
	{FORMAT_SARIF, "sarif", "analyze, check"},
	{FORMAT_TAP, "tap", "check"},
	{FORMAT_TAP13, "tap13", "check"},
	{FORMAT_GITHUB, "github", "check"},
	{FORMAT_GITLAB, "gitlab", "check"},
	{FORMAT_NAGIOS, "nagios", "check"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool lists(const char *commands, const char *command)
{
	struct slice rest = slice_of_text(commands);

	while (rest.n)
		if (slice_is(slice_trim(slice_split(&rest, ',')), command))
			return true;
	return false;
}

bool format_read(const char *text, struct form *out)
{
	struct slice rest = slice_of_text(text);
	struct slice name = slice_split(&rest, '=');

	for (size_t i = 0; i < ROWS; i++) {
		if (!slice_is(name, rows[i].name))
			continue;
		out->format = rows[i].format;
		out->file = text[name.n] ? text + name.n + 1 : NULL;
		return !out->file || out->file[0];
	}
	return false;
}

bool format_is_for(enum format format, const char *command)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].format == format)
			return !command || lists(rows[i].commands, command);
	return false;
}

void format_list(const char *command, struct text *to)
{
	bool more = false;

	for (size_t i = 0; i < ROWS; i++) {
		if (!lists(rows[i].commands, command))
			continue;
		text_puts(to, more ? ", " : "");
		text_puts(to, rows[i].name);
		more = true;
	}
}
