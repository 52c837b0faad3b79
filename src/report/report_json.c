/* The JSON report as a whole. */
#include "config.h"

#include "report/json_parts.h"

#define SCRATCH_MAX ((size_t)1 << 20)

static void put_generator(struct document *d)
{
	json_key(&d->j, "generator");
	json_object(&d->j);
	json_m_text(d, "name", "mrascope");
	json_m_text(d, "version", d->options->version);
	json_object_end(&d->j);
}

void report_json(const struct model *model,
		 const struct report_json_options *options, struct text *to)
{
	static void (*const parts[])(struct document * d) = {
		put_generator,  json_captures,    json_counts,
		json_inventory, json_parties,     json_registrations,
		json_tokens,    json_allocations, json_calls,
		json_paths,     json_findings,    json_remarks,
	};
	struct document d = {
		.j = json_to(to),
		.m = model,
		.options = options,
		.scratch = text_new(SCRATCH_MAX),
	};

	json_object(&d.j);
	json_m_text(&d, "schema", "mrascope.analysis/1");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_break(&d.j);
		parts[i](&d);
	}
	json_object_end(&d.j);
	text_putc(to, '\n');
	if (d.scratch.failed == STATUS_NOMEM)
		to->failed = STATUS_NOMEM;
	text_free(&d.scratch);
}
