/* One call in detail, and which calls are told so. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "report/helper.h"
#include "report/text_parts.h"

bool text_has_gone_wrong(const struct call *call)
{
	return call->outcome == OUTCOME_FAILED ||
	       call->outcome == OUTCOME_UNANSWERED;
}

bool text_all_in_detail(const struct printer *p)
{
	return p->calls <= TEXT_DETAILS_MAX;
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

static void print_title(struct printer *p, const struct call *call)
{
	static const char *const kinds[] = {
		[CALL_DIALOG] = "call",
		[CALL_ICE] = "ICE session",
		[CALL_ATTEMPT] = "attempt that led to no call",
	};

	if (call->from && call->to) {
		printer_paint(p, PAINT_BOLD, call->from);
		printer_puts(p, " -> ");
		printer_paint(p, PAINT_BOLD, call->to);
		return;
	}
	printer_paint(p, PAINT_BOLD, kinds[call->kind]);
	if (call->kind == CALL_ICE)
		printer_paint(p, PAINT_BOLD,
			      call->stages[STAGE_EXCHANGE].state == STATE_UNSEEN
				      ? ", its signalling cannot be read"
				      : ", signalled in JSON");
	if (call->from && call->from[0]) {
		printer_puts(p, ", of ");
		printer_paint(p, PAINT_BOLD, call->from);
	}
}

static void print_time(struct printer *p, const struct call *call)
{
	printer_puts(p, "   ");
	printer_color(p, PAINT_DIM);
	if (printer_has_times(p)) {
		printer_date(p, call->start);
		printer_puts(p, " ");
		printer_clock(p, call->start);
		printer_joined(p, " UTC");
	} else {
		printer_puts(p, "times are not told");
	}
	if (call->end != call->start) {
		printer_puts(p, ", ");
		printer_joined(p, "lasted ");
		printer_duration(p, call->end - call->start);
	}
	if (call->call_id) {
		printer_puts(p, ", ");
		printer_joined(p, "Call-ID ");
		printer_puts(p, call->call_id);
	}
	printer_color(p, PAINT_NONE);
	printer_end(p, 3);
}

static void print_legs(struct printer *p, const struct call *call)
{
	const struct dialog *rows = p->model->dialogs.rows;

	for (size_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d = &rows[call->dialogs.list[i]];
		const char *link = leg_link_name(
			d->joined_by ? d->joined_by
				     : rows[call->dialog].joined_by);

		if (call->dialogs.list[i] == call->dialog)
			continue;
		printer_puts(p, "   ");
		printer_color(p, PAINT_DIM);
		printer_printf(p,
			       "leg %u: ", d->leg ? d->leg : (unsigned)i + 1);
		printer_endpoint(p, end_at(p->model, d->src));
		printer_puts(p, " -> ");
		printer_endpoint(p, end_at(p->model, d->dst));
		printer_puts(p, ", Call-ID ");
		printer_puts(p, d->call_id ? d->call_id : "");
		if (link)
			printer_printf(p, ", joined by %s", link);
		printer_color(p, PAINT_NONE);
		printer_end(p, 10);
	}
}

/* "unfinished at exchange: ...", and how sure that is. */
static void print_verdict(struct printer *p, const struct call *call)
{
	printer_puts(p, "   ");
	printer_color(p, text_paint_of(call->outcome));
	if (call->outcome == OUTCOME_IN_PROGRESS && call->stopped < STAGES) {
		printer_printf(p,
			       "unfinished at %s: ", stage_name(call->stopped));
		printer_uris(p, call->stages[call->stopped].text
					? call->stages[call->stopped].text
					: "");
	} else {
		printer_uris(p, call->text ? call->text : "");
	}
	printer_color(p, PAINT_NONE);
	if (call->confidence != CONFIDENCE_PROVED)
		printer_printf(p, " (%s)", confidence_name(call->confidence));
	printer_end(p, 3);
}

static void print_helper(struct printer *p, const struct call *call,
			 enum helper helper)
{
	const char *who = call_helper(p->model, call, helper);

	if (helper == HELPER_CLIENT)
		printer_puts(p, " (for whoever runs the client)");
	else if (who)
		printer_printf(p, " (for %s%s)",
			       strncmp(who, "who", 3) == 0 ? "" : "the ", who);
}

/* Why, in plain words, the root first; and who can mend it. */
static void print_causes(struct printer *p, const struct call *call)
{
	const struct cause *rows = p->model->causes.rows;
	uint32_t at = call->causes.count ? call->causes.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next) {
		const struct cause *c = &rows[at];

		printer_puts(p, at != call->causes.first ? "   also: "
				: call->outcome == OUTCOME_ESTABLISHED
					? "   Weakness: "
					: "   Cause: ");
		printer_color(p, at == call->causes.first ? PAINT_BOLD
							  : PAINT_NONE);
		printer_puts(p, c->headline);
		printer_color(p, PAINT_NONE);
		if (c->confidence != CONFIDENCE_PROVED)
			printer_printf(p, " (%s)",
				       confidence_name(
					       (enum confidence)c->confidence));
		printer_cited(p, &c->evidence);
		printer_end(p, 10);
		printer_printf(p, "      -> %s", c->remedy);
		print_helper(p, call, (enum helper)c->helper);
		printer_end(p, 9);
	}
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
	print_causes(p, call);
	printer_end(p, 0);
	text_stages(p, call);
	if (p->calls == 1)
		text_messages(p, call);
	text_signin(p, call);
	text_relays(p, call);
	text_pairs(p, call);
	text_media(p, call);
	text_diagnostics(p, call);
	text_remarks(p, number, "What the logs say");
	text_secrets(p, call);
	text_findings(p, call, &call->notes, "Findings");
	printer_flush(p);
}

void text_calls(struct printer *p)
{
	const struct call *calls = p->model->calls.rows;
	size_t shown = 0;

	for (size_t i = 0;
	     i < p->model->calls.count && shown < TEXT_DETAILS_MAX; i++) {
		if (!text_tells(p, i) ||
		    (!text_all_in_detail(p) && !text_has_gone_wrong(&calls[i])))
			continue;
		print_call(p, i);
		shown++;
	}
}
