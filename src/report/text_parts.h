/*
 * The parts of the text report, each in the file of its name.  Nobody else
 * includes this.
 */
#ifndef REPORT_TEXT_PARTS_H
#define REPORT_TEXT_PARTS_H

#include "report/printer.h"

/* Of the whole input. */
void text_head(struct printer *p);     /* headline, captures, legend */
void text_overview(struct printer *p); /* all calls, a line each */
void text_calls(struct printer *p);    /* those that are told in detail */

void text_inventory(struct printer *p);
/* Streams that belong to no call, where there are calls. */
void text_stray_media(struct printer *p); /* all traffic, and what is hidden */
/* Signalling that a port is for and that is not read, or NULL. */
const char *text_foreign(uint16_t port, enum traffic_way way);
void text_reasons(struct printer *p); /* why so little is to be seen */

/* text_paths.c: what would have to be let through; all ways, with that. */
void text_openings(struct printer *p);
void text_paths(struct printer *p);

/* Of one call; nothing where there is nothing to say. */
void text_stages(struct printer *p, const struct call *call);
void text_messages(struct printer *p, const struct call *call);
void text_relays(struct printer *p, const struct call *call);
/* What [MS-TURN] adds, behind the rest of an allocation's line. */
/* What came back to a pseudo-TLS hello that no Allocate follows; false: none.
 */
bool text_hello(struct printer *p, const struct allocation *a);
void text_ms_turn(struct printer *p, const struct allocation *a);
void text_offers(struct printer *p, const struct call *call);
void text_pairs(struct printer *p, const struct call *call);
/* Pairs that were left out, and why. */
void text_matrix(struct printer *p, const struct call *call);
void text_media(struct printer *p, const struct call *call);
void text_signin(struct printer *p, const struct call *call);
void text_diagnostics(struct printer *p, const struct call *call);
/* What programs say of this call, or of none (LIST_NONE). */
void text_remarks(struct printer *p, size_t call, const char *heading);
void text_secrets(struct printer *p, const struct call *call);
void text_stream(struct printer *p, const struct media *stream);
/* Of a call, or of none (NULL). */
void text_findings(struct printer *p, const struct call *call,
		   const struct note_chain *chain, const char *heading);

/* Is this call told? */
static inline bool text_tells(const struct printer *p, size_t call)
{
	return selection_has(p->options->selection, SELECTED_CALLS, call);
}

/* text_calls.c: with few calls all are told whole, with many those that went
 * wrong, up to a number. */
#define TEXT_DETAILS_MAX 20u
bool text_all_in_detail(const struct printer *p);
/* None of the files was read at all. */
bool text_reads_nothing(const struct printer *p);
bool text_has_gone_wrong(const struct call *call);

/* text_calls.c: an outcome in plain words, and its colour. */
const char *text_outcome(const struct call *call);
enum paint text_paint_of(enum outcome outcome);

#endif /* REPORT_TEXT_PARTS_H */
