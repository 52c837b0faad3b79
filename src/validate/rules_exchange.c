/* Rules of the exchange (RFC 3261, RFC 3264). */
#include "config.h"

#include "validate/checks.h"

/* ---- how an INVITE was refused ---- */

/* A try of the caller ended like this, whatever followed. */
static void check_refused(struct judging *j, const struct rule *self,
			  unsigned from, unsigned to)
{
	const struct fact *f;

	if (!j->dialog)
		return;
	f = part_fact(j, &j->dialog->facts, FACT_REFUSED);
	for (; f; f = fact_after(j->model, f))
		if (f->value >= from && f->value <= to)
			found_fact(j, self, f, status_text(j, f->value));
}

/* Which it names, each with the answer that does. */
static void check_extension(struct judging *j, const struct rule *self)
{
	const struct fact *f;

	if (!j->dialog)
		return;
	f = part_fact(j, &j->dialog->facts, FACT_EXTENSION);
	if (!f)
		check_refused(j, self, 420, 421);
	for (; f; f = fact_after(j->model, f))
		found_fact(j, self, f, text_at(j->model, f->value));
}

static void check_interval(struct judging *j, const struct rule *self)
{
	check_refused(j, self, 422, 422);
}

/* One that comes again since no ACK came is of the same try. */
const struct fact *sent_again(struct judging *j)
{
	const struct fact *f = dialog_fact(j, FACT_SENT_TO), *before;

	for (; f; f = fact_after(j->model, f))
		for (before = dialog_fact(j, FACT_SENT_TO); before != f;
		     before = fact_after(j->model, before))
			if (before->value / SENT_TO_TRIES ==
			    f->value / SENT_TO_TRIES)
				return f;
	return NULL;
}

static void check_circle(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_answered(j->dialog) ? NULL
							  : sent_again(j);

	if (f)
		found_fact(j, self, f, NULL);
}

/* ---- facts of the dialog that speak for themselves ---- */

static void check_no_hops(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_NO_HOPS_LEFT);

	if (f)
		found_fact(j, self, f, NULL);
}

static void check_contact(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_CONTACT_PRIVATE);

	if (f && (dialog_fact(j, FACT_ANSWERED_AGAIN) ||
		  (!j->dialog->acked && j->dialog->answer_repeats)))
		found_fact(j, self, f, NULL);
}

static void check_long(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_LONG_INVITE);

	if (f && !j->dialog->replied && !j->dialog->final &&
	    !obstacle_is_closed(&j->dialog->hop.obstacle) &&
	    j->dialog->hop.sent >= UNANSWERED_PROOF)
		found_fact(j, self, f,
			   model_sentence(j->model, "%u bytes", f->value));
}

/* Whoever asks sends the same size again; so does whoever answers until the
 * ACK comes. */
static void check_fragments(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	const struct obstacle *o = d ? &d->hop.obstacle : NULL;
	const struct fact *invite, *answer;

	if (!d)
		return;
	invite = fact_with(j->model, &d->facts, FACT_PIECES, PIECES_OF_INVITE);
	answer = answer_in_pieces(j, d);
	if (o->count && o->kind == OBSTACLE_FRAGMENTS && !d->final)
		found(j, self, o->place, obstacle_text(o));
	else if (invite && invite->count > 1 && !d->replied && !d->final)
		found_fact(j, self, invite,
			   model_sentence(j->model, "INVITE %u times",
					  invite->count));
	else if (answer)
		found_fact(j, self, answer,
			   model_sentence(j->model, "its answer %u times",
					  d->answer_repeats + 1));
}

static void check_repeated(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;

	if (d && d->replied && d->retransmissions >= UNANSWERED_PROOF)
		found(j, self, d->invite,
		      model_sentence(j->model, "%u times", d->retransmissions));
}

/* ---- what had to be sent again, and where it was not seen ---- */

static unsigned most_byes(struct judging *j)
{
	const struct fact *f = dialog_fact(j, FACT_BYE);
	unsigned most = 0;

	if (!is_bye_answered(j))
		return 0;
	for (; f; f = fact_after(j->model, f))
		most = f->count > most ? f->count : most;
	return most;
}

static void tell_sent(struct text *text, const char *what, unsigned count)
{
	if (count > 1)
		text_printf(text, "%s%s %u times", text->n ? ", " : "", what,
			    count);
}

/* Once it was answered; what never is has rules of its own. */
static void check_retransmitted(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	struct text text;
	bool again;

	if (!d)
		return;
	again = d->replied && d->retransmissions &&
		d->retransmissions < UNANSWERED_PROOF;
	text = text_new(128);
	if (again)
		tell_sent(&text, "INVITE", d->retransmissions + 1);
	if (d->acked)
		tell_sent(&text, "its answer", d->answer_repeats + 1);
	tell_sent(&text, "BYE", most_byes(j));
	if (text.n)
		found(j, self, again ? d->invite : d->answer,
		      model_text(j->model, text_slice(&text)));
	text_free(&text);
}

/* A vantage that saw the call before can miss a message. */
static bool watched_before(struct judging *j, uint32_t vantage,
			   nanoseconds time)
{
	for (int kind = FACT_INVITE_AT; kind <= FACT_ACK_AT; kind++) {
		const struct fact *f = fact_with(j->model, &j->dialog->facts,
						 (enum fact_kind)kind, vantage);

		if (f && when(j, f->first) < time)
			return true;
	}
	return false;
}

static const struct fact *seen_at(struct judging *j, enum fact_kind kind,
				  uint32_t vantage)
{
	return fact_with(j->model, &j->dialog->facts, kind, vantage);
}

static unsigned times_at(struct judging *j, enum fact_kind kind,
			 uint32_t vantage)
{
	const struct fact *f = seen_at(j, kind, vantage);

	return f ? f->count : 0;
}

/* Is there more of a message at one vantage than at the other, while this one
 * still listened? */
static bool lacks(struct judging *j, uint32_t vantage, const struct fact *there,
		  enum fact_kind kind)
{
	return there && times_at(j, kind, vantage) < there->count &&
	       j->model->heard_until[vantage] > when(j, there->last);
}

/* Did some message of the dialog pass both?  A tap has an interface for each
 * direction: what one of them sees the other cannot. */
static bool on_one_way(struct judging *j, uint32_t a, uint32_t b)
{
	for (int kind = FACT_INVITE_AT; kind <= FACT_ACK_AT; kind++)
		if (seen_at(j, (enum fact_kind)kind, a) &&
		    seen_at(j, (enum fact_kind)kind, b))
			return true;
	return false;
}

static bool passage_differs(struct judging *j, enum fact_kind kind,
			    const struct fact *first, uint32_t v)
{
	if (!on_one_way(j, first->value, v))
		return false;
	if (lacks(j, first->value, seen_at(j, kind, v), kind))
		return true;
	return lacks(j, v, first, kind) &&
	       (seen_at(j, kind, v) ||
		watched_before(j, v, when(j, first->first)));
}

/* One more than the highest vantage that saw the dialog. */
static uint32_t vantages_of(struct judging *j)
{
	uint32_t end = 0;

	for (int kind = FACT_INVITE_AT; kind <= FACT_ACK_AT; kind++) {
		const struct fact *f = dialog_fact(j, (enum fact_kind)kind);

		for (; f; f = fact_after(j->model, f))
			if (f->value >= end)
				end = f->value + 1;
	}
	return end < MODEL_VANTAGES_TOLD ? end : MODEL_VANTAGES_TOLD;
}

/* "INVITE 2 times at v1, 1 at v2", if that differs. */
static void tell_passage(struct judging *j, struct text *text,
			 enum fact_kind kind, const char *what)
{
	const struct fact *first = dialog_fact(j, kind);
	uint32_t others[MODEL_VANTAGES_TOLD];
	uint32_t end = vantages_of(j);
	size_t count = 0;

	if (!first)
		return;
	for (uint32_t v = 0; first->value < end && v < end; v++)
		if (v != first->value && passage_differs(j, kind, first, v))
			others[count++] = v;
	if (count == 0)
		return;
	text_printf(text, "%s%s: %u at v%u", text->n ? "; " : "", what,
		    first->count, first->value + 1);
	for (size_t i = 0; i < count; i++)
		text_printf(text, ", %u at v%u", times_at(j, kind, others[i]),
			    others[i] + 1);
}

static void check_lost_between(struct judging *j, const struct rule *self)
{
	struct text text;

	if (!j->dialog || vantages_of(j) < 2)
		return;
	text = text_new(1024);
	tell_passage(j, &text, FACT_INVITE_AT, "INVITE");
	tell_passage(j, &text, FACT_FINAL_AT, "final answer");
	tell_passage(j, &text, FACT_ACK_AT, "ACK");
	if (text.n)
		found(j, self, j->dialog->cited.first,
		      model_text(j->model, text_slice(&text)));
	text_free(&text);
}

static void check_crossed(struct judging *j, const struct rule *self)
{
	if (dialog_answered(j->dialog) && j->dialog->cancelled)
		found_answer(j, self, j->dialog->invite, j->dialog->answer,
			     NULL);
}

#define ROUND_TRIP_MAX (3 * NS_PER_S)

/* No way there and back takes longer, by the first answer to the INVITE. */
static nanoseconds round_trip(struct judging *j)
{
	const struct dialog *d = j->dialog;
	nanoseconds time =
		when(j, d->ringing ? d->ringing : d->answer) -
		when(j, d->invite);

	return time < ROUND_TRIP_MAX ? time : ROUND_TRIP_MAX;
}

/* One more may have crossed the ACK, and over a satellite several. */
static void check_ack_unheard(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_ANSWERED_AGAIN);

	if (f && f->count > 1 && !ack_came_at_last(j, f) &&
	    when(j, f->last) - when(j, j->dialog->answer) > round_trip(j))
		found_answer(j, self, j->dialog->answer, f->first,
			     times_text(j, f->count));
}

static void check_cancel_branch(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_CANCEL_BRANCH);

	if (f)
		found_answer(j, self, j->dialog->invite, f->first, NULL);
}

static void check_answered_twice(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_ACCEPTED_BY);

	f = f ? fact_after(j->model, f) : NULL;
	if (f)
		found_fact(j, self, f, NULL);
}

#define LEFT_FOR (3 * NS_PER_S)

/* Of those behind the first: who gets no ACK says so again and again. */
static void check_left_open(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_ACCEPTED_BY);

	if (!f || !j->dialog->acked)
		return;
	while ((f = fact_after(j->model, f)))
		if (f->count >= UNANSWERED_PROOF &&
		    when(j, f->last) - when(j, f->first) >= LEFT_FOR &&
		    !fact_with(j->model, &j->dialog->facts, FACT_ACKED_BY,
			       f->value)) {
			found_fact(j, self, f, times_text(j, f->count));
			return;
		}
}

/* ---- reliable provisional responses (RFC 3262) ---- */

static void check_prack(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_RELIABLE);

	/* Without the INVITE the caller's direction may not be captured. */
	if (!f || dialog_fact(j, FACT_PRACK) || dialog_answered(j->dialog) ||
	    !j->dialog->invite)
		return;
	for (; f; f = fact_after(j->model, f))
		if (f->count >= UNANSWERED_PROOF) {
			found_fact(j, self, f, times_text(j, f->count));
			return;
		}
}

/* ---- what reaches the caller ---- */

/* RFC 3261 17.2.1: sent again until the ACK comes. */
static void check_refusal_again(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_REFUSAL);

	for (; f; f = fact_after(j->model, f))
		if (f->count > UNANSWERED_PROOF) {
			found_fact(j, self, f, times_text(j, f->count));
			return;
		}
}

static void check_ack_elsewhere(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_ACK_ELSEWHERE);

	/* Who takes it all the same does not send the answer again. */
	if (f && (dialog_fact(j, FACT_ANSWERED_AGAIN) ||
		  j->dialog->answer_repeats))
		found_answer(j, self, j->dialog->answer, f->first, NULL);
}

/* The first response of the dialog that begins like this, or NULL. */
static const struct sip_row *row_with(struct judging *j, const char *start)
{
	const struct sip_row *rows = j->model->sip_rows.rows;
	const struct chain *seen = &j->dialog->messages_seen;
	uint32_t at = seen->count ? seen->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (sip_row_starts(j->model, &rows[at], start))
			return &rows[at];
	return NULL;
}

/* Some gateways send tones nevertheless. */
static bool has_early_media(struct judging *j)
{
	for (size_t i = 0; i < j->call->media.count; i++)
		if (call_media(j, i)->first < when(j, j->dialog->answer))
			return true;
	return false;
}

#define HEARS_NOTHING (2 * NS_PER_S)

/* RFC 3960 3.1: a 180 makes the caller's phone ring, a description brings
 * tones; 183 alone does neither. */
static void check_progress(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_PROGRESS_BARE);
	nanoseconds end = f ? when(j, j->dialog->answer) : 0;

	if (f && end - when(j, f->first) >= HEARS_NOTHING &&
	    !has_early_media(j) && when(j, j->dialog->reply.place) >= end &&
	    !row_with(j, "SIP/2.0 180"))
		found_fact(j, self, f, NULL);
}

/* RFC 3960 3.2: behind early media that never comes a 180 may be taken for
 * nothing.  With ICE the description comes early for its checks. */
static void check_ringback(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	const struct sip_row *rings;
	nanoseconds rung;

	if (!dialog_answered(d) || !d->reply.place || d->offer.ice ||
	    j->call->media.count == 0 || has_early_media(j))
		return;
	rings = row_with(j, "SIP/2.0 180");
	rung = rings ? when(j, rings->place) : 0;
	if (rings && when(j, d->reply.place) < rung &&
	    when(j, d->answer) - rung >= HEARS_NOTHING)
		found_answer(j, self, d->reply.place, rings->place, NULL);
}

static void check_contact_numeric(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_CONTACT_NUMERIC);

	if (f)
		found_fact(j, self, f, NULL);
}

/* ---- the table ---- */

const struct rule rules_exchange[] = {
	[RULE_ROW(RULE_EXCHANGE_UNANSWERED)] = {
		.id = "exchange/invite-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "INVITE is retransmitted and nothing comes back",
		.source = "RFC 3261 17.1.1.2",
		.remedy = "check the next hop's address and the path to it",
	},
	[RULE_ROW(RULE_EXCHANGE_REJECTED)] = {
		.id = "exchange/rejected",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE got a final answer that is no success",
		.source = "RFC 3261 13.3.1",
		.remedy = NULL,
	},
	[RULE_ROW(RULE_EXCHANGE_CANCELLED)] = {
		.id = "exchange/cancelled",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the caller gave up before an answer",
		.source = "RFC 3261 9.1",
		.remedy = NULL,
	},
	[RULE_ROW(RULE_EXCHANGE_CREDENTIALS)] = {
		.id = "exchange/not-authorised",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE is refused for its credentials",
		.source = "RFC 3261 22.3, 21.4.4",
		.remedy = "check the user name, password and realm for the "
			  "proxy",
	},
	[RULE_ROW(RULE_EXCHANGE_NO_CREDENTIALS)] = {
		.id = "exchange/challenge-not-answered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE is challenged and the client gives up",
		.source = "RFC 3261 22.3",
		.remedy = "give the client credentials for this realm: it has "
			  "none",
	},
	[RULE_ROW(RULE_EXCHANGE_NO_ACK)] = {
		.id = "exchange/no-ack",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a 2xx to INVITE without ACK in the capture",
		.source = "RFC 3261 13.2.2.4",
		.remedy = "the answer may not have reached the caller: look "
			  "at Contact and Record-Route",
	},
	[RULE_ROW(RULE_EXCHANGE_ACK_LOST)] = {
		.id = "exchange/ack-lost",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the 2xx to INVITE is retransmitted: no ACK arrives",
		.source = "RFC 3261 13.3.1.4",
		.remedy = "look at Contact and Record-Route of the answer, and "
			  "at NAT and ALGs on the way of the ACK",
	},
	[RULE_ROW(RULE_EXCHANGE_NOT_ACCEPTABLE)] = {
		.id = "exchange/media-not-acceptable",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the offer was refused as it is",
		.source = "RFC 3261 21.4.13, 21.4.26, 21.6.4",
		.remedy = "compare codecs, profile and keys (RTP/AVP, SAVP, "
			  "DTLS) with what the peer can do; read Warning",
	},
	[RULE_ROW(RULE_EXCHANGE_PARTS)] = {
		.id = "exchange/parts-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "an offer in a body of several parts was refused",
		.source = "RFC 3261 21.4.13, RFC 5621 3",
		.remedy = "what was refused is the kind of body, not the "
			  "media: send only what Accept in the answer names",
	},
	[RULE_ROW(RULE_EXCHANGE_FORBIDDEN)] = {
		.id = "exchange/forbidden",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the call is not allowed",
		.source = "RFC 3261 21.4.4",
		.remedy = "look at the rights of the user and at the address "
			  "list of the trunk; some servers refuse a wrong "
			  "password so: read the reason",
	},
	[RULE_ROW(RULE_EXCHANGE_NOBODY)] = {
		.id = "exchange/no-such-user",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "nobody has the address that was called",
		.source = "RFC 3261 21.4.5, 21.4.10, 21.4.22, 21.6.3",
		.remedy = "check the number, the dial plan and the "
			  "registration of the callee",
	},
	[RULE_ROW(RULE_EXCHANGE_INCOMPLETE)] = {
		.id = "exchange/number-incomplete",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the number that was called is incomplete",
		.source = "RFC 3261 21.4.22, RFC 3578",
		.remedy = "let the caller send all digits at once; see what "
			  "the dial plan takes away",
	},
	[RULE_ROW(RULE_EXCHANGE_REDIRECTED)] = {
		.id = "exchange/redirected",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the caller is sent to another address, and no INVITE "
			 "goes there",
		.source = "RFC 3261 8.1.3.4, 21.3",
		.remedy = "see whether the caller follows 3xx, and may call "
			  "there",
	},
	[RULE_ROW(RULE_EXCHANGE_BUSY)] = {
		.id = "exchange/busy",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the callee is busy or takes no further call",
		.source = "RFC 3261 21.4.24, 21.6.1",
	},
	[RULE_ROW(RULE_EXCHANGE_SERVER)] = {
		.id = "exchange/server-failed",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "a server failed to handle the call",
		.source = "RFC 3261 21.5",
		.remedy = "read Reason, Warning and Retry-After of the "
			  "answer, then that server's log",
	},
	[RULE_ROW(RULE_EXCHANGE_TOO_LARGE)] = {
		.id = "exchange/too-large",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE is too large for a server",
		.source = "RFC 3261 21.4.11, 21.4.12, 21.5.7",
		.remedy = "offer fewer codecs, candidates and other bodies, "
			  "or let the server take more",
	},
	[RULE_ROW(RULE_EXCHANGE_SCHEME)] = {
		.id = "exchange/scheme-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the server does not take this kind of address",
		.source = "RFC 3261 21.4.14, 8.2.2.1",
		.remedy = "call a sip: address, or let that server take tel: "
			  "and sips:, too",
	},
	[RULE_ROW(RULE_EXCHANGE_TIMED_OUT)] = {
		.id = "exchange/callee-silent",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a server took the INVITE and got no answer from "
			 "where it sent it: 408",
		.source = "RFC 3261 16.7, 16.8, 21.4.9",
		.remedy = "see whether the callee is still there: its "
			  "registration, NAT, and firewalls in between",
	},
	[RULE_ROW(RULE_EXCHANGE_LOOP)] = {
		.id = "exchange/loop",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE went in a circle, or over too many hops",
		.source = "RFC 3261 16.3, 21.4.20, 21.4.21",
		.remedy = "look for two servers that route the number to each "
			  "other",
	},
	[RULE_ROW(RULE_EXCHANGE_PORT_CLOSED)] = {
		.id = "exchange/port-closed",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "nobody listens where the INVITE goes",
		.source = "RFC 3261 18.4, RFC 792, RFC 9293 3.5.2",
		.remedy = "the way there is open: start the server, or correct "
			  "the address or port that is used",
	},
	[RULE_ROW(RULE_EXCHANGE_UNREACHABLE)] = {
		.id = "exchange/unreachable",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the network shows that the INVITE cannot get there",
		.source = "RFC 3261 18.4, RFC 792, RFC 4443 3",
		.remedy = "look at routes and firewalls on the way, and "
			  "whether that host is up",
	},
	[RULE_ROW(RULE_EXCHANGE_CLOSED)] = {
		.id = "exchange/closed-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the server closes the connection instead of "
			 "answering INVITE",
		.source = "RFC 3261 8.1.3.1, 18.4",
		.remedy = "see whether the server behind a load balancer "
			  "runs, and whether a firewall on the way closes it",
	},
	[RULE_ROW(RULE_EXCHANGE_WITHOUT_TLS)] = {
		.id = "exchange/without-tls",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "INVITE goes without TLS to the TLS port (5061), "
			 "and the server closes the connection",
		.source = "RFC 3261 18.2.1, 26.3.1",
		.remedy = "let the sender use TLS, or the server's port "
			  "without it (5060)",
	},
	[RULE_ROW(RULE_EXCHANGE_SILENT)] = {
		.id = "exchange/connected-unanswered",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the next hop takes the connection and does not "
			 "answer INVITE",
		.source = "RFC 3261 17.1.1.2 (Timer B)",
		.remedy = "look at the next hop's own log; see whether a "
			  "load balancer or firewall on the way swallows it",
	},
	{
		.id = "exchange/extension-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "an extension that is required is not known, or one "
			 "is missing",
		.source = "RFC 3261 8.2.2.3, 21.4.15, 21.4.16",
		.remedy = "compare Require, Supported and Unsupported",
		.check = check_extension,
	},
	{
		.id = "exchange/redirected-in-circle",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the caller is sent to where it was sent before",
		.source = "RFC 3261 8.1.3.4",
		.remedy = "look for two call forwardings that name each other",
		.check = check_circle,
	},
	{
		.id = "exchange/session-interval-small",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the session timer is too short for the other side: "
			 "422",
		.source = "RFC 4028 5, 6",
		.remedy = "ask for what Min-SE says",
		.check = check_interval,
	},
	{
		.id = "exchange/no-hops-left",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE arrives with Max-Forwards 0",
		.source = "RFC 3261 8.1.1.6, 16.3",
		.remedy = "it cannot go on: look for a circle, or for a "
			  "sender that begins too low",
		.check = check_no_hops,
	},
	{
		.id = "exchange/contact-private",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the answer comes from outside, names a private "
			 "contact, and no ACK arrives",
		.source = "RFC 3261 12.2.1.1, 13.2.2.4",
		.remedy = "ACK and BYE go to that contact: correct it behind "
			  "NAT, or use Record-Route",
		.check = check_contact,
	},
	{
		.id = "exchange/long-invite-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "an INVITE over 1300 bytes goes over UDP and is "
			 "never answered",
		.source = "RFC 3261 18.1.1",
		.remedy = "fragments are often dropped: use TCP, or offer "
			  "less",
		.check = check_long,
	},
	{
		.id = "exchange/fragments-lost",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "only the first fragments of a message arrive, each "
			 "time that it is sent",
		.source = "RFC 791 3.2, RFC 792, RFC 3261 18.1.1",
		.remedy = "let UDP fragments pass the firewalls on the way, "
			  "or use TCP; where the answer comes all the same, "
			  "the capture was filtered by port",
		.check = check_fragments,
	},
	{
		.id = "exchange/invite-repeated",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the INVITE had to be sent several times",
		.source = "RFC 3261 17.1.1.2",
		.remedy = "packets are lost on the way, or the next hop is "
			  "slow",
		.check = check_repeated,
	},
	{
		.id = "exchange/retransmitted",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "a message had to be sent again before the other side "
			 "reacted",
		.source = "RFC 3261 13.3.1.4, 17.1.1.2, 17.1.2.2",
		.remedy = "packets are lost on the way, or the next hop is "
			  "slow",
		.check = check_retransmitted,
	},
	{
		.id = "exchange/lost-between-vantages",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a message was seen more often at one vantage than at "
			 "another",
		.source = "RFC 3261 17.1.1.2, 13.3.1.4",
		.remedy = "look at the NAT, firewall or route between these "
			  "two points",
		.check = check_lost_between,
	},
	{
		.id = "exchange/cancel-crossed-answer",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "the caller's CANCEL crossed the answer",
		.source = "RFC 3261 9.1, 15",
		.check = check_crossed,
	},
	{
		.id = "exchange/ack-unheard",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the 2xx to INVITE comes again although it was "
			 "acknowledged: the ACK does not arrive",
		.source = "RFC 3261 13.3.1.4",
		.remedy = "look at NAT, firewalls and ALGs on the way of the "
			  "ACK; a callee that hears none hangs up",
		.check = check_ack_unheard,
	},
	{
		.id = "exchange/cancel-branch-differs",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the caller's CANCEL has another branch than the "
			 "INVITE",
		.source = "RFC 3261 9.1, 9.2",
		.remedy = "a server finds by the branch what to cancel, and "
			  "may answer 481: fix the client",
		.check = check_cancel_branch,
	},
	{
		.id = "exchange/answered-twice",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "two branches of the forked call answered",
		.source = "RFC 3261 13.2.2.4",
		.remedy = "the caller has to ACK both and end one",
		.check = check_answered_twice,
	},
	{
		.id = "exchange/second-answer-left",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the second of two that answered gets no ACK",
		.source = "RFC 3261 13.2.2.4",
		.remedy = "the caller does not know forks: it has to ACK "
			  "each 2xx, and end all but one; or let the proxy "
			  "ring one after the other",
		.check = check_left_open,
	},
	{
		.id = "exchange/prack-missing",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "a reliable provisional answer is sent again and "
			 "again without PRACK",
		.source = "RFC 3262 3",
		.remedy = "look at Contact and Record-Route of that answer, "
			  "or switch 100rel off",
		.check = check_prack,
	},
	{
		.id = "exchange/refusal-repeated",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a refusal of the INVITE is sent again and again: its "
			 "ACK does not arrive, or does not fit",
		.source = "RFC 3261 17.1.1.3, 17.2.1",
		.remedy = "the ACK has the branch of the INVITE and goes the "
			  "same way: look at the client, and at ALGs",
		.check = check_refusal_again,
	},
	{
		.id = "exchange/ack-elsewhere",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the ACK goes to another host than the contact of the "
			 "answer",
		.source = "RFC 3261 12.2.1.1, 13.2.2.4",
		.remedy = "look for a proxy or ALG that changes Contact, or a "
			  "client that ignores it",
		.check = check_ack_elsewhere,
	},
	{
		.id = "exchange/progress-unheard",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "183 without a description and no 180: the caller "
			 "hears nothing",
		.source = "RFC 3960 3.1, 3.2",
		.remedy = "let the gateway send 180, or 183 with a description "
			  "and tones",
		.check = check_progress,
	},
	{
		.id = "exchange/ringback-unheard",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "183 brings a description and no sound, then 180 "
			 "comes: some callers hear nothing",
		.source = "RFC 3960 3.1, 3.2",
		.remedy = "let the gateway send tones behind its 183, or 180 "
			  "alone",
		.check = check_ringback,
	},
	{
		.id = "exchange/direct-routing-contact",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "an INVITE to Teams Direct Routing has an address "
			 "in Contact instead of the SBC's name",
		.source = "Microsoft: Plan Direct Routing, SIP protocol",
		.remedy = "put the SBC's FQDN, which its certificate and the "
			  "tenant know, into Contact",
		.check = check_contact_numeric,
	},
	{.id = NULL},
};
