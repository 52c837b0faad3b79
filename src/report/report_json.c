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

#define LIST(name, kind, put, rows)                                           \
	.key = #name, .list = offsetof(struct model, name), .selected = kind, \
	.row = put, .sheet = rows

/* What few inputs have: together, since what is empty parts no members. */
static void put_beside(struct document *d)
{
	json_stray_media(d);
	json_remarks(d);
}

const struct member json_member[JSON_MEMBERS] = {
	[JSON_GENERATOR] = {.whole = put_generator, .sheet = 1},
	[JSON_CAPTURES] = {.whole = json_captures, .sheet = 1},
	[JSON_COUNTS] = {.whole = json_counts, .sheet = 1},
	[JSON_INVENTORY] = {.whole = json_inventory, .sheet = 1},
	[JSON_PARTIES] = {LIST(parties, SELECTED_PARTIES, json_party, 1024)},
	[JSON_REGISTRATIONS] = {LIST(registrations, SELECTED_REGISTRATIONS,
				     json_registration, 256)},
	[JSON_TOKENS] = {LIST(tokens, SELECTED_TOKENS, json_token, 256)},
	[JSON_ALLOCATIONS] = {LIST(allocations, SELECTED_ALLOCATIONS,
				   json_allocation, 256)},
	[JSON_CALLS] = {LIST(calls, SELECTED_CALLS, json_call, 64)},
	[JSON_PATHS] = {LIST(paths, SELECTED_PATHS, json_path, 1024),
			.firewall = true},
	[JSON_OPENINGS] = {.whole = json_openings,
			   .sheet = 1,
			   .firewall = true},
	[JSON_FINDINGS] = {.key = "findings",
			   .list = offsetof(struct model, notes),
			   .selected = SELECTED_NOTES,
			   .row = json_finding,
			   .sheet = 256},
	[JSON_BESIDE] = {.whole = put_beside, .sheet = 1},
};

/* The document as far as results are made of it, see check/results.h. */
static const struct member outline[] = {
	{.whole = json_captures, .sheet = 1},
	{LIST(calls, SELECTED_CALLS, json_call_outline, 256)},
	{.key = "findings",
	 .list = offsetof(struct model, notes),
	 .selected = SELECTED_NOTES,
	 .row = json_finding,
	 .sheet = 256},
};

#undef LIST

static void put_report(const struct model *model,
		       const struct report_json_options *options,
		       const struct member *members, size_t count,
		       struct text *to)
{
	struct document d = {
		.j = json_to(to),
		.m = model,
		.options = options,
		.scratch = text_new(SCRATCH_MAX),
	};

	json_object(&d.j);
	json_m_text(&d, "schema", "mrascope.analysis/1");
	json_members(&d, members, count);
	json_object_end(&d.j);
	text_putc(to, '\n');
	if (d.scratch.failed == STATUS_NOMEM)
		to->failed = STATUS_NOMEM;
	text_free(&d.scratch);
}

void report_json(const struct model *model,
		 const struct report_json_options *options, struct text *to)
{
	put_report(model, options, json_member, JSON_MEMBERS, to);
}

void report_json_outline(const struct model *model,
			 const struct report_json_options *options,
			 struct text *to)
{
	put_report(model, options, outline,
		   sizeof(outline) / sizeof(outline[0]), to);
}
