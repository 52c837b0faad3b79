/* What was found, the worst first, with its remedy. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "report/secrets.h"
#include "report/text_parts.h"

#define HANGING 6

static const char *word_of(enum severity severity)
{
	static const char *const words[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_WARNING] = "warning",
		[SEVERITY_ERROR] = "ERROR",
	};

	return words[severity];
}

/* Where it is written, and where it was seen. */
static void print_origin(struct printer *p, const struct note *note)
{
	struct cited cited;

	note_cited(p->model, note, &cited);
	printer_puts(p, " ");
	printer_color(p, PAINT_DIM);
	printer_puts(p, "[");
	if (cited.count) {
		printer_frames(p, &cited);
		printer_puts(p, "; ");
	}
	printer_printf(p, "%s; ", note->rule->id);
	printer_joined(p, "%s]", note->rule->source);
	printer_color(p, PAINT_NONE);
}

/* Was it told as a cause of the call, with what to do? */
static bool is_told(const struct printer *p, const struct call *call,
		    const struct note *note)
{
	const struct cause *rows = p->model->causes.rows;
	uint32_t at =
		call && call->causes.count ? call->causes.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (rows[at].finding &&
		    strcmp(rows[at].finding, note->rule->id) == 0)
			return true;
	return false;
}

static void print_note(struct printer *p, const struct call *call,
		       const struct note *note)
{
	static const enum paint paints[] = {
		[SEVERITY_INFO] = PAINT_DIM,
		[SEVERITY_WARNING] = PAINT_WARN,
		[SEVERITY_ERROR] = PAINT_BAD,
	};

	printer_puts(p, "    ");
	printer_paint(p, paints[note_severity(note)],
		      word_of(note_severity(note)));
	printer_puts(p, ": ");
	printer_puts(p, note->rule->title);
	if (note->text) {
		printer_puts(p, " (");
		printer_puts(p, secret_sentence(note->text,
						p->options->show_secrets));
		printer_puts(p, ")");
	}
	if (note->count > 1)
		printer_joined(p, ", %" PRIu64 " times", note->count);
	print_origin(p, note);
	printer_end(p, HANGING);
	if (note->rule->remedy && !is_told(p, call, note)) {
		printer_printf(p, "      -> %s", note->rule->remedy);
		printer_end(p, HANGING + 3);
	}
}

void text_findings(struct printer *p, const struct call *call,
		   const struct note_chain *chain, const char *heading)
{
	const struct note *notes = p->model->notes.rows;

	if (chain->first == LIST_NONE)
		return;
	printer_heading(p, heading);
	for (int worst = SEVERITY_ERROR; worst >= SEVERITY_INFO; worst--)
		for (size_t i = chain->first; i != LIST_NONE; i = notes[i].next)
			if (note_severity(&notes[i]) == (enum severity)worst)
				print_note(p, call, &notes[i]);
}
