/* Calls: the list of all, a line each, then one call in detail. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "report/secrets.h"
#include "report/text_parts.h"

#define DETAILS_MAX 20u /* calls that are shown whole */

static bool has_gone_wrong(const struct call *call)
{
	return call->outcome == OUTCOME_FAILED ||
	       call->outcome == OUTCOME_UNANSWERED;
}

/* With few calls all are told whole, with many those that went wrong. */
static bool all_in_detail(const struct printer *p)
{
	return p->calls <= DETAILS_MAX;
}

enum paint text_paint_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_ESTABLISHED:
		return PAINT_GOOD;
	case OUTCOME_FAILED:
	case OUTCOME_UNANSWERED:
		return PAINT_BAD;
	case OUTCOME_REJECTED:
	case OUTCOME_CANCELLED:
	case OUTCOME_IN_PROGRESS:
		return PAINT_WARN;
	case OUTCOME_UNKNOWN:
	case OUTCOME_OK:
		break;
	}
	return PAINT_NONE;
}

const char *text_outcome(const struct call *call)
{
	if (call->outcome == OUTCOME_UNKNOWN)
		return call->kind == CALL_ATTEMPT ? "no call" : "unknown";
	if (call->outcome == OUTCOME_IN_PROGRESS)
		return "unfinished";
	return outcome_name(call->outcome);
}

/* ---- the list ---- */

#define LIST_HANGING 52

static const char *short_party(const char *uri)
{
	bool shorter = strncmp(uri, "sip:", 4) == 0 &&
		       !secret_in_uris(slice_of_text(uri));

	return shorter ? uri + 4 : uri;
}

static void print_parties(struct printer *p, const struct call *call)
{
	if (call->from && call->to) {
		printer_uris(p, short_party(call->from));
		printer_puts(p, " -> ");
		printer_uris(p, short_party(call->to));
	} else if (call->kind == CALL_ICE) {
		printer_puts(p, "ICE session");
	} else if (call->from && call->from[0]) {
		printer_uris(p, short_party(call->from));
	} else {
		printer_puts(p, "relay client");
	}
}

static void print_bar(struct printer *p, const struct call *call)
{
	for (int i = 0; i < STAGES; i++) {
		enum stage_state state = call->stages[i].state;

		printer_color(p, printer_paint_of(state));
		printer_printf(p, "%c", printer_mark(state));
		printer_color(p, PAINT_NONE);
	}
}

/* What is in brackets is detail. */
static void print_reason(struct printer *p, const struct call *call)
{
	const char *text;
	size_t n;

	if (call->stopped >= STAGES)
		return;
	text = call->stages[call->stopped].text;
	if (!text)
		return;
	n = strcspn(text, "(;");
	while (n && text[n - 1] == ' ')
		n--;
	printer_printf(p, "; %s: ", stage_name(call->stopped));
	text_escaped(&p->line, slice_of(text, n));
}

static void print_row(struct printer *p, size_t number)
{
	const struct call *call = list_at(&p->model->calls, number);
	size_t from;

	printer_printf(p, "%6zu  ", number + 1);
	clock_of_day(call->start, &p->line);
	printer_puts(p, "  ");
	print_bar(p, call);
	printer_puts(p, "  ");
	printer_color(p, text_paint_of(call->outcome));
	printer_printf(p, "%-11s", text_outcome(call));
	printer_color(p, PAINT_NONE);
	from = p->line.n;
	printer_duration(p, call->end - call->start);
	printer_right(p, from, 9);
	printer_puts(p, "  ");
	print_parties(p, call);
	print_reason(p, call);
	printer_end(p, LIST_HANGING);
	printer_flush(p);
}

/* Where only some follow in detail: which, and how to see the others. */
static void print_rest(struct printer *p)
{
	const struct call *calls = p->model->calls.rows;
	size_t wrong = 0;

	for (size_t i = 0; i < p->model->calls.count; i++)
		wrong += text_tells(p, i) && has_gone_wrong(&calls[i]);
	printer_end(p, 0);
	if (wrong > DETAILS_MAX)
		printer_printf(p,
			       "Below: the first %u of %zu that failed or got "
			       "no answer.",
			       DETAILS_MAX, wrong);
	else if (wrong)
		printer_printf(p,
			       "Below: the %zu that failed or got no answer.",
			       wrong);
	else
		printer_puts(p, "None failed.");
	printer_puts(p, "  Any other is told whole with --call and its "
			"number, as in `-c 7', or with one of the selectors "
			"of mrascope(1), as in `-c outcome:rejected'.");
	printer_end(p, 0);
}

void text_overview(struct printer *p)
{
	if (p->calls < 2)
		return;
	printer_end(p, 0);
	printer_color(p, PAINT_BOLD);
	printer_printf(p, "%6s  %-12s  %-5s  %-11s%9s  %s", "call",
		       "begin (UTC)", "12345", "outcome", "lasted",
		       "who; where it stopped and why");
	printer_color(p, PAINT_NONE);
	printer_end(p, LIST_HANGING);
	for (size_t i = 0; i < p->model->calls.count; i++)
		if (text_tells(p, i))
			print_row(p, i);
	if (!all_in_detail(p))
		print_rest(p);
}

/* ---- one call ---- */

static void print_title(struct printer *p, const struct call *call)
{
	static const char *const kinds[] = {
		[CALL_DIALOG] = "call",
		[CALL_ICE] = "ICE session, its signalling cannot be read",
		[CALL_ATTEMPT] = "attempt that led to no call",
	};

	if (call->from && call->to) {
		printer_paint(p, PAINT_BOLD, call->from);
		printer_puts(p, " -> ");
		printer_paint(p, PAINT_BOLD, call->to);
		return;
	}
	printer_paint(p, PAINT_BOLD, kinds[call->kind]);
	if (call->from && call->from[0]) {
		printer_puts(p, ", of ");
		printer_paint(p, PAINT_BOLD, call->from);
	}
}

static void print_time(struct printer *p, const struct call *call)
{
	printer_puts(p, "   ");
	printer_color(p, PAINT_DIM);
	printer_date(p, call->start);
	printer_puts(p, " ");
	clock_of_day(call->start, &p->line);
	printer_joined(p, " UTC, lasted ");
	printer_duration(p, call->end - call->start);
	if (call->call_id) {
		printer_puts(p, ", Call-ID ");
		printer_puts(p, call->call_id);
	}
	printer_color(p, PAINT_NONE);
	printer_end(p, 3);
}

static void print_legs(struct printer *p, const struct call *call)
{
	const struct dialog *rows = p->model->dialogs.rows;

	for (size_t i = 1; i < call->dialogs.count; i++) {
		const struct dialog *d = &rows[call->dialogs.list[i]];
		const char *link = leg_link_name(d->joined_by);

		printer_puts(p, "   ");
		printer_color(p, PAINT_DIM);
		printer_printf(p,
			       "leg %u: ", d->leg ? d->leg : (unsigned)i + 1);
		printer_endpoint(p, &d->src);
		printer_puts(p, " -> ");
		printer_endpoint(p, &d->dst);
		printer_puts(p, ", Call-ID ");
		printer_puts(p, d->call_id ? d->call_id : "");
		if (link)
			printer_printf(p, ", joined by %s", link);
		printer_color(p, PAINT_NONE);
		printer_end(p, 10);
	}
}

static void print_verdict(struct printer *p, const struct call *call)
{
	printer_puts(p, "   ");
	printer_paint(p, text_paint_of(call->outcome),
		      call->text ? call->text : "");
	printer_end(p, 3);
}

static void print_call(struct printer *p, size_t number)
{
	const struct call *call = list_at(&p->model->calls, number);

	printer_end(p, 0);
	printer_printf(p, "%zu. ", number + 1);
	print_title(p, call);
	printer_end(p, 3);
	/* Of a single one the head said so. */
	if (p->calls > 1)
		print_verdict(p, call);
	print_time(p, call);
	print_legs(p, call);
	printer_end(p, 0);
	text_stages(p, call);
	if (p->calls == 1)
		text_messages(p, call);
	text_relays(p, call);
	text_pairs(p, call);
	text_media(p, call);
	text_secrets(p, call);
	text_findings(p, &call->notes, "Findings");
	printer_flush(p);
}

void text_calls(struct printer *p)
{
	const struct call *calls = p->model->calls.rows;
	size_t shown = 0;

	for (size_t i = 0; i < p->model->calls.count && shown < DETAILS_MAX;
	     i++) {
		if (!text_tells(p, i) ||
		    (!all_in_detail(p) && !has_gone_wrong(&calls[i])))
			continue;
		print_call(p, i);
		shown++;
	}
}
