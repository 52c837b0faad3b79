/* The text report: its parts in their order. */
#include "config.h"

#include "report/text_parts.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)

void report_text(const struct model *model,
		 const struct report_options *options, struct text *to)
{
	struct printer p = {.model = model,
			    .options = options,
			    .to = to,
			    .line = text_new(LINE_MAX_BYTES),
			    .calls = model->calls.count};

	if (options->selection)
		p.calls = selection_count(options->selection);
	if (options->paths) {
		text_paths(&p);
		text_free(&p.line);
		return;
	}
	text_head(&p);
	if (!options->selection && model->calls.count == 0)
		text_inventory(&p);
	text_overview(&p);
	text_calls(&p);
	if (!options->selection && model->calls.count)
		text_stray_media(&p);
	text_openings(&p);
	text_findings(&p, NULL, &model->notes_alone,
		      "Findings about the input as a whole");
	if (!options->selection)
		text_remarks(&p, LIST_NONE, "What logs and events say beside");
	if (!options->selection)
		text_reasons(&p);
	text_free(&p.line);
}
