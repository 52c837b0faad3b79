/*
 * Rules of a call that stands: how it is changed (RFC 3261 14, RFC 3311) and
 * ended (RFC 3261 15, RFC 3326, RFC 4028).
 */
#include "config.h"

#include "dissectors/sip.h"
#include "validate/checks.h"

/* ---- how it came about ---- */

/* Seen at another point, where there was an answer. */
static bool is_answered_there(struct judging *j, const struct hop *hop)
{
	for (unsigned i = 0; i < j->dialog->hop_count; i++) {
		const struct hop *other = dialog_hop(j->model, j->dialog, i);

		if (other->src == hop->src && other->dst == hop->dst &&
		    other->answered)
			return true;
	}
	return false;
}

/* RFC 3263 4.3: who knows several servers asks the next one. */
static void check_other_hop(struct judging *j, const struct rule *self)
{
	const struct dialog *d = j->dialog;
	char at[ENDPOINT_TEXT_MAX];

	for (unsigned i = 0; dialog_answered(d) && i < d->hop_count; i++) {
		const struct hop *hop = dialog_hop(j->model, d, i);
		bool obstructed = hop->obstacle.count;

		if (hop->answered || is_answered_there(j, hop) ||
		    (!obstructed && hop->sent < UNANSWERED_PROOF))
			continue;
		found(j, self, obstructed ? hop->obstacle.place : d->invite,
		      model_sentence(
			      j->model, "%s: %s",
			      endpoint_string(end_at(j->model, hop->dst), at),
			      obstructed ? obstacle_text(&hop->obstacle)
					 : "no answer"));
	}
}

static void check_aside(struct judging *j, const struct rule *self)
{
	const struct fact *f =
		j->dialog ? answered_aside(j, &j->dialog->facts) : NULL;

	if (f)
		found_fact(j, self, f, times_text(j, f->count));
}

/* ---- changes ---- */

static unsigned refusal_of(const struct fact *f)
{
	return f->value & 0xFFFF;
}

static void check_glare(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_CHANGE_REFUSED);

	for (; f; f = fact_after(j->model, f))
		if (refusal_of(f) == 491)
			found_fact(j, self, f, times_text(j, f->count));
}

static bool is_lost(unsigned status)
{
	return status == 408 || status == 481;
}

/* Refusals that are part of the game: credentials, timers, glare, an offer
 * that comes too early, a CANCEL. */
static bool is_harmless(unsigned status)
{
	return status < 400 || status == 401 || status == 407 ||
	       status == 422 || status == 487 || status == 491 || status == 500;
}

static void found_refusals(struct judging *j, const struct rule *self,
			   uint32_t fax)
{
	const struct fact *f = dialog_fact(j, FACT_CHANGE_REFUSED);

	for (; f; f = fact_after(j->model, f))
		if (!is_harmless(refusal_of(f)) && !is_lost(refusal_of(f)) &&
		    (f->value & CHANGE_FAX) == fax)
			found_fact(j, self, f, status_text(j, refusal_of(f)));
}

static void check_change(struct judging *j, const struct rule *self)
{
	found_refusals(j, self, 0);
}

static void check_fax(struct judging *j, const struct rule *self)
{
	found_refusals(j, self, CHANGE_FAX);
}

/* The first sending is not counted. */
static const struct fact *sent_in_vain(struct judging *j, unsigned callee)
{
	const struct changing *c = &j->dialog->changing[callee];
	const struct fact *f = dialog_fact(j, FACT_CHANGE_AGAIN);

	for (; f; f = fact_after(j->model, f))
		if ((f->value & CHANGE_NUMBER_MASK) ==
			    CHANGE_NUMBER(c->cseq, callee) &&
		    f->count + 1 >= UNANSWERED_PROOF && c->asked && !c->heard)
			return f;
	return NULL;
}

static void check_change_unheard(struct judging *j, const struct rule *self)
{
	for (unsigned callee = 0; j->dialog && callee < 2; callee++) {
		const struct fact *f = sent_in_vain(j, callee);

		if (f)
			found_fact(j, self, f, times_text(j, f->count + 1));
	}
}

#define GOES_ON (5 * NS_PER_S)

static bool lasts_beyond(const struct judging *j, const struct endpoint *src,
			 const struct endpoint *dst, nanoseconds time)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (endpoint_same_ip(&m->src, src) &&
		    endpoint_same_ip(&m->dst, dst) && m->last > time + GOES_ON)
			return true;
	}
	return false;
}

/* Does the call go on all the same, by a change that is taken or by media both
 * ways?  Some answer so to what they cannot do.  Where the request is not in
 * the capture that may be of one direction: then it is who refused that
 * sends. */
static bool goes_on(struct judging *j, const struct fact *f)
{
	nanoseconds time = when(j, f->last);

	if (part_last(j, &j->dialog->facts, FACT_CHANGED) > time)
		return true;
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = call_media(j, i);

		if (m->last > time + GOES_ON &&
		    (f->value & CHANGE_UNASKED ||
		     lasts_beyond(j, &m->dst, &m->src, time)))
			return true;
	}
	return false;
}

#define CROSSING (2 * NS_PER_S)

/* Is the call ended right behind it, by a BYE that is known?  Then that was on
 * its way: who lost a call does not end it. */
static bool crosses_end(struct judging *j, nanoseconds time)
{
	return j->dialog->ended &&
	       when(j, j->dialog->ended) - time < CROSSING &&
	       is_bye_answered(j) && !dialog_fact(j, FACT_BYE_UNKNOWN);
}

/* Behind a BYE nobody knows the dialog any more. */
static void check_lost(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_CHANGE_REFUSED);

	for (; f; f = fact_after(j->model, f))
		if (is_lost(refusal_of(f)) && !goes_on(j, f) &&
		    !crosses_end(j, when(j, f->last)) &&
		    (!j->dialog->ended ||
		     when(j, f->first) < when(j, j->dialog->ended)))
			found_fact(j, self, f, status_text(j, refusal_of(f)));
}

/* ---- transfers ---- */

/* Credentials are asked for, and a REFER that crosses another comes again. */
static void check_transfer(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_TRANSFER_FAILED);

	for (; f; f = fact_after(j->model, f))
		if (f->value != 401 && f->value != 407 && f->value != 491)
			found_fact(j, self, f, status_text(j, f->value));
}

/* ---- other requests in a call ---- */

static void found_statuses(struct judging *j, const struct rule *self,
			   enum fact_kind kind)
{
	const struct fact *f = dialog_fact(j, kind);

	for (; f; f = fact_after(j->model, f))
		found_fact(j, self, f, status_text(j, f->value));
}

static void check_prack(struct judging *j, const struct rule *self)
{
	found_statuses(j, self, FACT_PRACK_REFUSED);
}

static void check_info(struct judging *j, const struct rule *self)
{
	found_statuses(j, self, FACT_INFO_REFUSED);
}

/* ---- the end ---- */

static void check_cancel_unheard(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_CANCEL);

	if (!f || j->dialog->final || dialog_fact(j, FACT_CANCEL_ANSWERED))
		return;
	for (; f; f = fact_after(j->model, f))
		if (f->count >= UNANSWERED_PROOF) {
			found_fact(j, self, f, times_text(j, f->count));
			return;
		}
}

static void check_bye(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_BYE);

	if (is_bye_answered(j) || stream_of_gone(j) ||
	    dialog_fact(j, FACT_UNREACHED))
		return;
	for (; f; f = fact_after(j->model, f))
		if (f->count >= UNANSWERED_PROOF) {
			found_fact(j, self, f, times_text(j, f->count));
			return;
		}
}

/* Was the BYE answered all the same, over another way or by another host? */
static void check_unreached(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_UNREACHED);
	const uint32_t end = (UINT32_C(1) << UNREACHED_KIND) - 1;

	if (is_bye_answered(j))
		return;
	for (; f; f = fact_after(j->model, f)) {
		struct obstacle o = {
			.place = f->first,
			.count = (uint32_t)f->count,
			.kind = (uint8_t)(f->value >> UNREACHED_KIND)};

		found_fact(j, self, f,
			   obstacle_evidence(j, where(j, f->value & end), &o));
	}
}

/* Who is asked again has answered once, and may have forgotten the call. */
static void check_unknown(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_BYE_UNKNOWN);
	const struct fact *bye = dialog_fact(j, FACT_BYE);

	if (!f || (j->dialog->final / 100 != 2 && !j->dialog->older))
		return;
	for (; bye; bye = fact_after(j->model, bye))
		if (bye->count > 1)
			return;
	found_fact(j, self, f, NULL);
}

/* Q.850: normal clearing, busy, no answer and their like; SIP: a 2xx that
 * somebody else sent, or the caller's own end (RFC 3326 2). */
static bool is_normal(uint32_t cause)
{
	uint32_t number = cause & 0xFFFF;

	if (cause & CAUSE_Q850)
		return number == 0 || (number >= 16 && number <= 19) ||
		       number == 31;
	return number < 300 || number == 487;
}

static void check_fault(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_BYE_CAUSE);

	for (; f; f = fact_after(j->model, f))
		if (!is_normal(f->value))
			found_fact(j, self, f,
				   model_sentence(j->model, "%s %u",
						  f->value & CAUSE_Q850
							  ? "Q.850 cause"
							  : "status",
						  f->value & 0xFFFF));
}

/* RFC 4028 10: not refreshed, the side that waits sends BYE before the time is
 * over by the lesser of 32 s and a third of it. */
static bool at_the_end_of(struct judging *j, const struct fact *timer,
			  nanoseconds end)
{
	nanoseconds refreshed = when(j, timer->last);
	nanoseconds interval = (nanoseconds)timer->value * NS_PER_S;
	nanoseconds early =
		interval / 3 < 32 * NS_PER_S ? interval / 3 : 32 * NS_PER_S;

	return end >= refreshed + interval - early - NS_PER_S &&
	       end <= refreshed + interval + 2 * NS_PER_S;
}

static void check_timer(struct judging *j, const struct rule *self)
{
	const struct fact *f = dialog_fact(j, FACT_SESSION_TIMER);
	const struct fact *newest = f;

	for (; f; f = fact_after(j->model, f))
		if (when(j, f->last) > when(j, newest->last))
			newest = f;
	if (newest && newest->value && j->dialog->ended &&
	    at_the_end_of(j, newest, when(j, j->dialog->ended)))
		found(j, self, j->dialog->ended,
		      model_sentence(j->model, "%u s", newest->value));
}

/* ---- the table ---- */

const struct rule rules_standing[] = {
	{
		.id = "exchange/glare",
		.severity = SEVERITY_INFO,
		.stage = STAGE_EXCHANGE,
		.title = "both sides changed the call at the same time: 491",
		.source = "RFC 3261 14.1",
		.check = check_glare,
	},
	{
		.id = "exchange/change-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a change of the call (hold, move, codec) was "
			 "refused",
		.source = "RFC 3261 14.2, RFC 3311 5.2",
		.remedy = "the call goes on as it was; compare the new offer "
			  "with the first",
		.check = check_change,
	},
	{
		.id = "exchange/other-hop-failed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "one of those that were tried for the call is not "
			 "there, and another one took it",
		.source = "RFC 3263 4.3, RFC 3261 16.7",
		.remedy = "the call waits for it: fix that gateway, server "
			  "or phone, or take it off the list",
		.check = check_other_hop,
	},
	{
		.id = "exchange/answered-aside",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "answers go to another port than INVITE comes from, "
			 "and are sent again and again",
		.source = "RFC 3581 4, RFC 3261 18.2.2",
		.remedy = "NAT opens only the port it comes from: let the "
			  "server answer there (rport, forced if need be)",
		.check = check_aside,
	},
	{
		.id = "exchange/change-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a change or refresh of the call is sent again and "
			 "again without an answer",
		.source = "RFC 3261 14.1, 17.1.1.2, RFC 3311 5.1",
		.remedy = "the other side is gone, or the way to it: look at "
			  "Contact, Record-Route and NAT",
		.check = check_change_unheard,
	},
	{
		.id = "exchange/prack-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the PRACK of a provisional answer is refused",
		.source = "RFC 3262 3, 4",
		.remedy = "see whether RAck names RSeq and CSeq of that "
			  "answer, and whether something on the way answers "
			  "PRACK itself",
		.check = check_prack,
	},
	{
		.id = "exchange/info-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "INFO is refused: what it carries, such as digits, "
			 "does not arrive",
		.source = "RFC 6086 4.2.2, RFC 3261 21.4.13",
		.remedy = "send digits as both sides know them: as RTP "
			  "events (RFC 4733), or in a kind of body that it "
			  "takes",
		.check = check_info,
	},
	{
		.id = "exchange/fax-refused",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the other side does not go over to T.38 for a fax",
		.source = "RFC 3261 14.2, ITU-T T.38 D.2",
		.remedy = "let both gateways take T.38, or send the fax as "
			  "audio (G.711 without silence suppression)",
		.check = check_fax,
	},
	{
		.id = "exchange/transfer-failed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a transfer of the call (REFER) failed",
		.source = "RFC 3515 2.4.5, RFC 5589 6",
		.remedy = "look at the call to the transfer target: the "
			  "status is what that call got",
		.check = check_transfer,
	},
	{
		.id = "exchange/dialog-lost",
		.severity = SEVERITY_ERROR,
		.stage = STAGE_EXCHANGE,
		.title = "the other side does not know the call any more",
		.source = "RFC 3261 12.2.1.2, 14.1",
		.remedy = "look for a server that restarted or took over, and "
			  "at the tags",
		.check = check_lost,
	},
	{
		.id = "exchange/bye-not-known",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the call is ended, and the other side did not know "
			 "it any more: 481",
		.source = "RFC 3261 12.2.2, 15.1.2",
		.remedy = "it ended or lost the call before: look for its BYE, "
			  "and for a restart",
		.check = check_unknown,
	},
	{
		.id = "exchange/bye-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "BYE is sent again and again without an answer",
		.source = "RFC 3261 15.1.1, 17.1.2.2",
		.remedy = "the other side may think that the call goes on: "
			  "look at Contact and Record-Route",
		.check = check_bye,
	},
	{
		.id = "exchange/unreached-in-call",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "a request within the call, as its BYE, reaches "
			 "nobody (ICMP)",
		.source = "RFC 3261 12.2.1.1, 18.4, RFC 792, RFC 4443 3",
		.remedy = "look whether that server or client crashed or "
			  "restarted; else at Contact and Record-Route",
		.check = check_unreached,
	},
	{
		.id = "exchange/ended-for-a-fault",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the call was ended for a reason that is not normal",
		.source = "RFC 3326 2",
		.remedy = "look that status or Q.850 cause up; its text may "
			  "stand beside it",
		.check = check_fault,
	},
	{
		.id = "exchange/session-not-refreshed",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "the call ends where its session timer does",
		.source = "RFC 4028 10",
		.remedy = "the refresher did not refresh: look for a lost "
			  "re-INVITE or UPDATE",
		.check = check_timer,
	},
	{
		.id = "exchange/cancel-unanswered",
		.severity = SEVERITY_WARNING,
		.stage = STAGE_EXCHANGE,
		.title = "CANCEL is sent again and again without an answer",
		.source = "RFC 3261 9.1, 17.1.2.2",
		.remedy = "the callee may ring on: see whether it is still "
			  "there, and the way to it",
		.check = check_cancel_unheard,
	},
	{.id = NULL},
};
