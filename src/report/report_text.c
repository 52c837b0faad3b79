/* The text report. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/report_text.h"

#define FLUSH_AT ((size_t)65536)

struct printer {
	const struct model *model;
	const struct report_options *options;
	struct text *to;
};

enum paint { PAINT_NONE, PAINT_GOOD, PAINT_BAD, PAINT_DIM, PAINT_BOLD };

static void paint(struct printer *p, enum paint with, const char *text)
{
	static const char *const codes[] = {"", "\033[32m", "\033[31m",
					    "\033[2m", "\033[1m"};

	if (p->options->color && with != PAINT_NONE)
		text_puts(p->to, codes[with]);
	text_escaped(p->to, slice_of_text(text));
	if (p->options->color && with != PAINT_NONE)
		text_puts(p->to, "\033[0m");
}

static void plain(struct printer *p, const char *text)
{
	text_escaped(p->to, slice_of_text(text));
}

static enum paint paint_of_state(enum stage_state state)
{
	switch (state) {
	case STATE_OK:
	case STATE_INFERRED:
		return PAINT_GOOD;
	case STATE_FAILED:
		return PAINT_BAD;
	case STATE_UNSEEN:
	case STATE_UNNEEDED:
		return PAINT_DIM;
	case STATE_INCOMPLETE:
		break;
	}
	return PAINT_NONE;
}

static const char *mark_of(enum stage_state state)
{
	static const char *const marks[] = {
		[STATE_UNSEEN] = "?",	  [STATE_OK] = "+",
		[STATE_FAILED] = "X",	  [STATE_INCOMPLETE] = "~",
		[STATE_INFERRED] = "(+)", [STATE_UNNEEDED] = "-",
	};

	return marks[state];
}

static void print_place(struct printer *p, const struct place *place)
{
	if (p->options->capture_count > 1)
		text_printf(p->to, "%u:", (unsigned)place->file);
	text_number(p->to, place->frame);
}

/* "frames 1, 2, 5 ... 90 (14)" */
static void print_cited(struct printer *p, const struct cited *cited)
{
	size_t kept = cited->count < CITED_MAX ? cited->count : CITED_MAX;

	if (cited->count == 0)
		return;
	text_puts(p->to, cited->count == 1 ? "frame " : "frames ");
	if (cited->count > 5)
		kept = 4;
	for (size_t i = 0; i < kept; i++) {
		text_puts(p->to, i ? ", " : "");
		print_place(p, &cited->first[i]);
	}
	if (cited->count > kept) {
		text_puts(p->to, " ... ");
		print_place(p, &cited->last);
	}
}


static void print_stage(struct printer *p, const struct call *call,
			enum stage stage)
{
	const struct stage_view *v = &call->stages[stage];
	char head[64];

	snprintf(head, sizeof(head), "  %-3s %d %-12s %-10s",
		 mark_of(v->state), (int)stage + 1, stage_name(stage),
		 state_name(v->state));
	paint(p, paint_of_state(v->state), head);
	text_putc(p->to, ' ');
	plain(p, v->text ? v->text : "");
	text_putc(p->to, '\n');
	if (v->cited.count == 0)
		return;
	text_printf(p->to, "%31s", "");
	if (v->start) {
		clock_of_day(v->start, p->to);
		text_printf(p->to, " +%.3f s, ",
			    (double)(v->end - v->start) / 1e9);
	}
	print_cited(p, &v->cited);
	text_putc(p->to, '\n');
}

static void print_endpoint(struct printer *p, const struct endpoint *e)
{
	endpoint_text(e, p->to);
}

/* The 401 that every allocation begins with is folded into one line. */
static void print_allocation(struct printer *p, const struct allocation *a)
{
	text_puts(p->to, "      ");
	text_puts(p->to, a->dialect);
	text_printf(p->to, "/%s ", a->transport);
	print_endpoint(p, &a->client);
	text_puts(p->to, " -> ");
	print_endpoint(p, &a->server);
	text_printf(p->to, ": %s", state_name(a->state));
	if (a->state == STATE_OK) {
		text_puts(p->to, "\n        relayed ");
		print_endpoint(p, &a->relayed);
		text_puts(p->to, ", reflexive ");
		print_endpoint(p, &a->reflexive);
		text_printf(p->to, ", %" PRIu32 " s", a->lifetime);
	}
	if (a->has_session) {
		text_puts(p->to, ", session ");
		text_hex(p->to, slice_of(a->session, sizeof(a->session)));
	}
	if (a->alternate.family != FAMILY_NONE &&
	    !endpoint_equal(&a->alternate, &a->server)) {
		text_puts(p->to, ", sent on to ");
		print_endpoint(p, &a->alternate);
	}
	if (a->error_count == 1 && a->errors[0] == 401 && a->state == STATE_OK)
		text_puts(p->to, " (challenged once, as is normal)");
	else if (a->error_count) {
		text_puts(p->to, ", errors");
		for (size_t i = 0; i < a->error_count; i++)
			text_printf(p->to, " %u", a->errors[i]);
	}
	if (a->integrity.verified || a->integrity.bad ||
	    a->integrity.no_key_fits)
		text_printf(p->to, ", integrity: %u verified, %u not",
			    a->integrity.verified,
			    a->integrity.bad + a->integrity.no_key_fits);
	text_puts(p->to, "\n        ");
	print_cited(p, &a->cited);
	text_putc(p->to, '\n');
}

static void print_allocations(struct printer *p, const struct call *call)
{
	const struct allocation *rows = p->model->allocations.rows;

	if (call->allocations.count)
		text_puts(p->to, "    allocations\n");
	for (size_t i = 0; i < call->allocations.count; i++)
		print_allocation(p, &rows[call->allocations.list[i]]);
}

static void print_way(struct printer *p, const char *arrow,
		      const struct direction *way)
{
	if (way->requests == 0) {
		text_printf(p->to, "  %s none", arrow);
		return;
	}
	text_printf(p->to, "  %s %u/%u", arrow, way->responses,
		    way->requests);
	if (way->errors)
		text_printf(p->to, " (%u errors)", way->errors);
	if (way->strays)
		text_printf(p->to, " (%u from another address)", way->strays);
}

static void print_pair(struct printer *p, const struct pair *pair)
{
	bool answered = pair->way[0].responses || pair->way[1].responses;
	char ends[128], a[ENDPOINT_TEXT_MAX], b[ENDPOINT_TEXT_MAX];

	endpoint_string(&pair->a, a);
	endpoint_string(&pair->b, b);
	snprintf(ends, sizeof(ends), "%s %s - %s%s%s",
		 pair->types[0] ? candidate_word(pair->types[0]) : "", a,
		 pair->types[1] ? candidate_word(pair->types[1]) : "",
		 pair->types[1] ? " " : "", b);
	text_puts(p->to, "      ");
	paint(p,
	      pair->selected ? PAINT_GOOD
			     : (answered ? PAINT_NONE : PAINT_DIM),
	      pair->selected ? "nominated " : (answered ? "answered  "
							: "no answer "));
	text_puts(p->to, ends + (ends[0] == ' '));
	if (pair->relayed)
		text_puts(p->to, " (through TURN)");
	print_way(p, "->", &pair->way[0]);
	print_way(p, "<-", &pair->way[1]);
	if (pair->way[0].rtt)
		text_printf(p->to, "  %.1f ms",
			    (double)pair->way[0].rtt / 1e6);
	if (pair->integrity.verified)
		text_printf(p->to, "  integrity verified");
	if (pair->integrity.bad || pair->integrity.no_key_fits)
		text_printf(p->to, "  integrity WRONG");
	text_puts(p->to, "  ");
	print_cited(p, &pair->cited);
	text_putc(p->to, '\n');
}

/* Nominated pairs first, then answered, then the rest. */
static void print_pairs_of_rank(struct printer *p, const struct session *x,
				int rank)
{
	const struct pair *pairs = p->model->pairs.rows;

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next) {
		const struct pair *pair = &pairs[i];
		bool answered =
			pair->way[0].responses || pair->way[1].responses;
		int own = pair->selected ? 0 : (answered ? 1 : 2);

		if (own == rank)
			print_pair(p, pair);
	}
}

static void print_pairs(struct printer *p, const struct call *call)
{
	const struct session *rows = p->model->sessions.rows;

	for (size_t i = 0; i < call->sessions.count; i++) {
		const struct session *x = &rows[call->sessions.list[i]];

		text_puts(p->to, "    checks ");
		plain(p, x->ufrags[0]);
		text_puts(p->to, " <-> ");
		plain(p, x->ufrags[1]);
		text_printf(p->to, " (%zu pairs; answered/sent)\n", x->pairs);
		for (int rank = 0; rank < 3; rank++)
			print_pairs_of_rank(p, x, rank);
	}
}

static void print_media(struct printer *p, const struct call *call)
{
	const struct media *rows = p->model->media.rows;

	if (call->media.count)
		text_puts(p->to, "    media\n");
	for (size_t i = 0; i < call->media.count; i++) {
		const struct media *m = &rows[call->media.list[i]];

		text_puts(p->to, "      ");
		print_endpoint(p, &m->src);
		text_puts(p->to, " -> ");
		print_endpoint(p, &m->dst);
		text_printf(p->to,
			    "  %s  %" PRIu64 " packets, %" PRIu64
			    " lost, jitter %.1f ms, %.1f s%s\n",
			    m->codec[0] ? m->codec : "codec unknown",
			    m->packets, m->lost, m->jitter_ms,
			    (double)(m->last - m->first) / 1e9,
			    m->wrapped ? ", inside TURN" : "");
	}
}

static void print_note(struct printer *p, const struct note *note)
{
	static const enum paint paints[] = {PAINT_DIM, PAINT_NONE, PAINT_BAD};

	text_puts(p->to, "    ");
	paint(p, paints[note->rule->severity],
	      severity_name(note->rule->severity));
	text_printf(p->to, " %s: ", note->rule->id);
	plain(p, note->rule->title);
	if (note->text) {
		text_puts(p->to, " (");
		plain(p, note->text);
		text_putc(p->to, ')');
	}
	if (note->count > 1)
		text_printf(p->to, ", %" PRIu64 " times", note->count);
	if (note->first.frame) {
		text_puts(p->to, ", frame ");
		print_place(p, &note->first);
	}
	text_printf(p->to, " [%s]\n", note->rule->source);
	if (note->rule->remedy)
		text_printf(p->to, "        -> %s\n", note->rule->remedy);
}

static void print_notes(struct printer *p, const struct note_chain *chain)
{
	const struct note *notes = p->model->notes.rows;

	for (size_t i = chain->first; i != LIST_NONE; i = notes[i].next)
		print_note(p, &notes[i]);
}

static enum paint paint_of_outcome(enum outcome outcome)
{
	return outcome == OUTCOME_ESTABLISHED ? PAINT_GOOD
	       : outcome == OUTCOME_FAILED    ? PAINT_BAD
					      : PAINT_BOLD;
}

static void print_date(struct printer *p, nanoseconds time)
{
	struct civil_time c = clock_civil(time);

	text_printf(p->to, "%04d-%02d-%02d ", c.year, c.month, c.day);
}

static void print_title(struct printer *p, const struct call *call)
{
	static const char *const kinds[] = {
		[CALL_DIALOG] = "call",
		[CALL_ICE] = "ICE session (no readable signalling)",
		[CALL_ATTEMPT] = "attempt",
	};

	if (call->from && call->to) {
		plain(p, call->from);
		text_puts(p->to, " -> ");
		plain(p, call->to);
	} else {
		text_puts(p->to, kinds[call->kind]);
		if (call->from) {
			text_puts(p->to, " of ");
			plain(p, call->from);
		}
	}
}

static void print_call(struct printer *p, size_t number)
{
	const struct call *call = list_at(&p->model->calls, number);

	text_printf(p->to, "\n%zu. ", number + 1);
	print_title(p, call);
	text_puts(p->to, "\n   ");
	paint(p, paint_of_outcome(call->outcome), call->text);
	text_puts(p->to, "\n   ");
	print_date(p, call->start);
	clock_of_day(call->start, p->to);
	text_printf(p->to, " UTC, %.1f s",
		    (double)(call->end - call->start) / 1e9);
	if (call->call_id) {
		text_puts(p->to, ", Call-ID ");
		plain(p, call->call_id);
	}
	text_puts(p->to, "\n\n");
	for (int stage = 0; stage < STAGES; stage++)
		print_stage(p, call, (enum stage)stage);
	print_allocations(p, call);
	print_pairs(p, call);
	print_media(p, call);
	print_notes(p, &call->notes);
	if (p->to->n >= FLUSH_AT && p->options->flush)
		p->options->flush(p->options->context, p->to);
}

static void print_captures(struct printer *p)
{
	for (size_t i = 0; i < p->options->capture_count; i++) {
		const struct report_capture *c = &p->options->captures[i];

		if (p->options->capture_count > 1)
			text_printf(p->to, "%zu: ", i);
		plain(p, c->path);
		if (c->format)
			text_printf(p->to, ": %s, %" PRIu64 " frame%s",
				    c->format, c->frames,
				    c->frames == 1 ? "" : "s");
		if (c->damage) {
			text_puts(p->to, c->format ? ", DAMAGED: "
						   : ": unreadable: ");
			plain(p, c->damage);
		}
		text_putc(p->to, '\n');
	}
}

static void print_summary(struct printer *p)
{
	const struct call *calls = p->model->calls.rows;
	uint64_t outcomes[OUTCOME_IN_PROGRESS + 1] = {0};
	bool first = true;

	for (size_t i = 0; i < p->model->calls.count; i++)
		outcomes[calls[i].outcome]++;
	text_printf(p->to,
		    "%" PRIu64 " SIP and %" PRIu64 " STUN messages, %" PRIu64
		    " RTP packets\n",
		    p->options->sip, p->options->stun, p->options->rtp);
	if (p->model->calls.count == 0) {
		text_puts(p->to, "No call, ICE session, registration or "
				 "allocation in the input.\n");
		return;
	}
	text_printf(p->to, "%zu call%s or attempt%s: ", p->model->calls.count,
		    p->model->calls.count == 1 ? "" : "s",
		    p->model->calls.count == 1 ? "" : "s");
	for (int i = 0; i <= OUTCOME_IN_PROGRESS; i++) {
		if (!outcomes[i])
			continue;
		text_printf(p->to, "%s%" PRIu64 " %s", first ? "" : ", ",
			    outcomes[i],
			    i == OUTCOME_UNKNOWN
				    ? "without a call"
				    : outcome_name((enum outcome)i));
		first = false;
	}
	text_putc(p->to, '\n');
}

void report_text(const struct model *model,
		 const struct report_options *options, struct text *to)
{
	struct printer p = {model, options, to};

	print_captures(&p);
	print_summary(&p);
	for (size_t i = 0; i < model->calls.count; i++)
		print_call(&p, i);
	if (model->notes_alone.first != LIST_NONE) {
		text_puts(to, "\nOver the whole input\n");
		print_notes(&p, &model->notes_alone);
	}
}
