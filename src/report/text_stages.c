/* The five stages of a call, a mark and a sentence each. */
#include "config.h"

#include "report/text_parts.h"

#define SENTENCE 30 /* column where it begins */

static void print_evidence(struct printer *p, const struct stage_view *v)
{
	if (v->cited.count == 0)
		return;
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	printer_puts(p, "[");
	printer_frames(p, &v->cited);
	if (v->start) {
		printer_puts(p, "; ");
		clock_of_day(v->start, &p->line);
		if (v->end > v->start) {
			printer_joined(p, ", took ");
			printer_duration(p, v->end - v->start);
		}
	}
	printer_puts(p, "]");
	printer_color(p, PAINT_NONE);
}

static void print_stage(struct printer *p, const struct call *call,
			enum stage stage)
{
	const struct stage_view *v = &call->stages[stage];

	printer_puts(p, "  ");
	printer_color(p, printer_paint_of(v->state));
	printer_printf(p, "%c %d %-12s %-10s", printer_mark(v->state),
		       (int)stage + 1, stage_name(stage), state_word(v->state));
	printer_color(p, PAINT_NONE);
	printer_puts(p, " ");
	printer_puts(p, v->text ? v->text : "");
	print_evidence(p, v);
	printer_end(p, SENTENCE);
}

void text_stages(struct printer *p, const struct call *call)
{
	for (int stage = 0; stage < STAGES; stage++)
		print_stage(p, call, (enum stage)stage);
}
