/* The table of rules, for people and for programs. */
#include "config.h"

#include "report/json.h"
#include "report/report_rules.h"
#include "report/wrap.h"

#define TEXT_MAX ((size_t)1 << 20)
#define INDENT 4

/* ---- text ---- */

static void write_part(struct text *to, const char *before, const char *what)
{
	static const struct wrapping how = {.width = WRAP_WIDTH_MAX,
					    .hanging = INDENT};
	struct text line = text_new(TEXT_MAX);

	if (!what || !what[0])
		return;
	text_printf(&line, "%*s%s%s", INDENT, "", before, what);
	wrap_write(text_slice(&line), &how, to);
	text_free(&line);
}

void report_rules_text(const struct rule *const *rows, size_t count,
		       struct text *to)
{
	for (size_t i = 0; i < count; i++) {
		const struct rule *r = rows[i];

		text_printf(to, "%s (%s)\n", r->id, severity_name(r->severity));
		write_part(to, "", r->title);
		write_part(to, "source: ", r->source);
		write_part(to, "-> ", r->remedy);
		write_part(to, "blames: ", r->blames);
		text_putc(to, '\n');
	}
	text_printf(to, "%zu rule%s\n", count, count == 1 ? "" : "s");
}

/* ---- JSON ---- */

void report_rules_json(const struct rule *const *rows, size_t count,
		       struct text *to)
{
	struct json j = json_to(to);

	json_object(&j);
	json_key(&j, "schema");
	json_text(&j, "mrascope.rules/1");
	json_key(&j, "rules");
	json_array(&j);
	for (size_t i = 0; i < count; i++) {
		const struct rule *r = rows[i];

		json_break(&j);
		json_object(&j);
		json_key(&j, "rule");
		json_text(&j, r->id);
		json_key(&j, "severity");
		json_text(&j, severity_name(r->severity));
		json_key(&j, "stage");
		json_text(&j, stage_name(r->stage));
		json_key(&j, "title");
		json_text(&j, r->title);
		json_key(&j, "source");
		json_text(&j, r->source);
		json_key(&j, "remedy");
		json_text(&j, r->remedy);
		json_key(&j, "blames");
		json_text(&j, r->blames);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_object_end(&j);
	text_putc(to, '\n');
}
