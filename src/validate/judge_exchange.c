/* Stage 4 of a call: the INVITE, its offer and its answer. */
#include "config.h"

#include "validate/checks.h"

/* So long the capture must go on to say that something did not follow. */
#define FOLLOW_UP (4 * NS_PER_S)

static bool answered(const struct dialog *d)
{
	return d->final >= 200 && d->final < 300;
}

static const char *candidates_text(struct judging *j,
				   const struct description *d)
{
	if (!d->place)
		return "no SDP";
	if (!d->ice)
		return "SDP without ICE";
	return model_sentence(j->model, "%u candidate%s%s", d->candidate_count,
			      d->candidate_count == 1 ? "" : "s",
			      d->relay ? " with a relay" : "");
}

static const char *after_text(struct judging *j, const struct dialog *d)
{
	nanoseconds took = when(j, d->answer) - when(j, d->invite);

	if (!d->invite)
		return ", the INVITE is not in the capture";
	/* A log need not tell times. */
	if (when(j, d->answer) == 0 && when(j, d->invite) == 0)
		return "";
	if (took < 100 * NS_PER_MS)
		return model_sentence(j->model,
				      took < 10 * NS_PER_MS ? " after %.1f ms"
							    : " after %.0f ms",
				      (double)took / 1e6);
	return model_sentence(j->model, " after %.1f s", (double)took / 1e9);
}

bool dialog_bypasses(const struct dialog *d)
{
	const struct section *a = d->offer.sections, *b = d->reply.sections;

	if (!a || !b || d->reply.ice)
		return false;
	for (unsigned i = 0;
	     i < d->offer.media_lines && i < d->reply.media_lines; i++)
		if (a[i].bypass && a[i].bypass == b[i].bypass && !b[i].refused)
			return true;
	return false;
}

/* An ACK without SDP says that the 2xx has the answer (RFC 3261 13.2.1); where
 * neither it nor the INVITE is seen, nothing does. */
static const char *descriptions_text(struct judging *j, const struct dialog *d)
{
	if (dialog_is_control(d))
		return dialog_is_control(d);
	if (d->offer.place || !d->reply.place)
		return model_sentence(j->model, "offer: %s; answer: %s",
				      candidates_text(j, &d->offer),
				      candidates_text(j, &d->reply));
	return model_sentence(j->model, "%s: %s",
			      d->acked ? "answer"
				       : "its SDP, which may be the answer or "
					 "an offer",
			      candidates_text(j, &d->reply));
}

static const char *answered_text(struct judging *j, const struct dialog *d)
{
	return model_sentence(
		j->model, "answered %u %s%s%s; %s%s", d->final, d->final_reason,
		after_text(j, d),
		d->cancelled ? ", crossing the caller's CANCEL" : "",
		descriptions_text(j, d),
		dialog_bypasses(d) ? "; media bypasses the Mediation Server"
				   : "");
}

/* Who called never had the answer, and whoever answered gives up (RFC 3261
 * 13.3.1.4). */
static bool is_heard_in_part(struct judging *j, const struct dialog *d)
{
	return d->answer_repeats + 1 >= UNANSWERED_PROOF &&
	       j->call->media.count == 0 && answer_in_pieces(j, d);
}

/* RFC 3261 13.3.1.4: sent again at least each 4 s, for 32 s. */
#define NEXT_REPEAT (8 * NS_PER_S)
#define REPEATS_END (24 * NS_PER_S)

/* Did it stop to come again in a call that goes on?  Then it was acknowledged,
 * which a capture of one direction does not show. */
static bool is_quiet_at_last(struct judging *j, const struct dialog *d)
{
	nanoseconds end =
		d->ended ? when(j, d->ended) : seen_until(j, d->answer);

	return d->reached - when(j, d->answer) < REPEATS_END &&
	       end - d->reached > NEXT_REPEAT;
}

static void judge_answered(struct judging *j, const struct dialog *d)
{
	if (is_heard_in_part(j, d))
		conclude(j, STAGE_EXCHANGE, STATE_FAILED,
			 model_sentence(j->model,
					"of the answer, %u %s, only the first "
					"fragment arrives, %u times",
					d->final, d->final_reason,
					d->answer_repeats + 1));
	else
		conclude(j, STAGE_EXCHANGE, STATE_OK, answered_text(j, d));
	if (d->acked)
		return;
	if (d->answer_repeats + 1 >= UNANSWERED_PROOF &&
	    !is_quiet_at_last(j, d))
		blame_answer(j, RULE_EXCHANGE_ACK_LOST, d->invite, d->answer,
			     model_sentence(j->model, "sent %u times",
					    d->answer_repeats + 1));
	/* Without the INVITE the caller's direction may not be there at all. */
	else if (d->invite &&
		 seen_until(j, d->answer) - when(j, d->answer) >= FOLLOW_UP)
		blame_answer(j, RULE_EXCHANGE_NO_ACK, d->invite, d->answer,
			     NULL);
}

static void judge_credentials(struct judging *j, const struct dialog *d,
			      const char *text)
{
	blame_answer(j, RULE_EXCHANGE_CREDENTIALS, d->invite, d->answer, text);
	conclude(j, STAGE_EXCHANGE, STATE_FAILED,
		 model_sentence(j->model, "the credentials were refused: %s",
				text));
}

/* A challenge ends a call only if the client had its chance to answer it,
 * which a capture without its requests does not show. */
static void judge_challenged(struct judging *j, const struct dialog *d,
			     const char *text)
{
	bool gave_up =
		d->invite &&
		seen_until(j, d->answer) - when(j, d->answer) >= FOLLOW_UP &&
		j->model->unreadable < when(j, d->answer);

	/* Without one before, its nonce may be of a time before the capture,
	 * and only be old. */
	if (d->tried && !d->stale && (gave_up || d->challenged_before)) {
		judge_credentials(j, d, text);
	} else if (gave_up) {
		blame_answer(j, RULE_EXCHANGE_NO_CREDENTIALS, d->invite,
			     d->answer, text);
		conclude(j, STAGE_EXCHANGE, STATE_FAILED,
			 model_sentence(j->model,
					"challenged (%s) and not tried again",
					text));
	} else {
		conclude(j, STAGE_EXCHANGE, STATE_INCOMPLETE,
			 model_sentence(j->model,
					"challenged (%s); what follows is not "
					"in the capture",
					text));
	}
}

/* A proxy that forks tells the branches that did not get the call so (RFC 3326
 * 2: SIP ;cause=200 ;text="Call completed elsewhere"). */
static bool is_taken_elsewhere(const struct judging *j, const struct dialog *d)
{
	const struct diagnosis *rows = j->model->diagnoses.rows;
	uint32_t at = d->diagnoses.count ? d->diagnoses.first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next)
		if (rows[at].kind == DIAGNOSIS_SIP && rows[at].id == 200)
			return true;
	return false;
}

static const char *cancelled_text(const struct judging *j,
				  const struct dialog *d)
{
	if (is_taken_elsewhere(j, d))
		return "cancelled before an answer (487): the call was taken "
		       "elsewhere";
	if (d->cancelled)
		return "cancelled by the caller before an answer (487)";
	/* RFC 3261 15: BYE ends an early dialog, too. */
	if (d->bye)
		return "ended by BYE before an answer (487)";
	return "cancelled before an answer (487); the caller's CANCEL is not "
	       "in the capture";
}

/* RFC 3261 21: what the final answer says of the reason. */
static enum rule_id refusal_rule(struct judging *j, const struct dialog *d)
{
	unsigned status = d->final;
	const struct fact *hops =
		fact_of(j->model, &d->facts, FACT_NO_HOPS_LEFT);
	static const struct {
		uint16_t from, to;
		enum rule_id rule;
	} rows[] = {
		{300, 399, RULE_EXCHANGE_REDIRECTED},
		{403, 403, RULE_EXCHANGE_FORBIDDEN},
		{404, 404, RULE_EXCHANGE_NOBODY},
		{410, 410, RULE_EXCHANGE_NOBODY},
		{413, 414, RULE_EXCHANGE_TOO_LARGE},
		{415, 415, RULE_EXCHANGE_NOT_ACCEPTABLE},
		{416, 416, RULE_EXCHANGE_SCHEME},
		{482, 483, RULE_EXCHANGE_LOOP},
		{484, 484, RULE_EXCHANGE_INCOMPLETE},
		{485, 485, RULE_EXCHANGE_NOBODY},
		{486, 486, RULE_EXCHANGE_BUSY},
		{488, 488, RULE_EXCHANGE_NOT_ACCEPTABLE},
		{500, 512, RULE_EXCHANGE_SERVER},
		{513, 513, RULE_EXCHANGE_TOO_LARGE},
		{514, 579, RULE_EXCHANGE_SERVER},
		{581, 599, RULE_EXCHANGE_SERVER},
		{600, 600, RULE_EXCHANGE_BUSY},
		{604, 604, RULE_EXCHANGE_NOBODY},
		{606, 606, RULE_EXCHANGE_NOT_ACCEPTABLE},
	};

	/* Its sender gave it no hop; a circle is not seen. */
	if (status == 483 && hops && hops->value <= 1)
		return RULE_EXCHANGE_REJECTED;
	/* Behind a 180 it is the called person who did not answer. */
	if (status == 408 && d->last_provisional <= 100)
		return RULE_EXCHANGE_TIMED_OUT;
	if (status == 415 && fact_of(j->model, &d->facts, FACT_PARTS))
		return RULE_EXCHANGE_PARTS;
	/* It is about the kind of body, and nobody sees which. */
	if (status == 415 && !d->invite)
		return RULE_EXCHANGE_REJECTED;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (status >= rows[i].from && status <= rows[i].to)
			return rows[i].rule;
	return RULE_EXCHANGE_REJECTED;
}

/* What kind of media was refused: the first question of who looks. */
static const char *offered_text(const struct description *offer)
{
	const struct section *s = offer->sections;
	unsigned media = 0, dtls = 0, keys = 0;

	for (unsigned i = 0; s && i < offer->media_lines; i++) {
		media += s[i].rtp;
		dtls += s[i].rtp && (s[i].dtls || s[i].fingerprint);
		keys += s[i].rtp && s[i].crypto_count;
	}
	return !media          ? ""
	       : dtls && !keys ? "; offered was DTLS-SRTP"
	       : keys && !dtls ? "; offered was SRTP with keys in SDP"
	       : keys          ? "; offered were DTLS-SRTP and keys in SDP"
			       : "; offered was RTP without encryption";
}

/* FreeSWITCH says no more than 403 of a wrong password; of 480 RFC 3261
 * 21.4.18. */
static const char *refused_text(struct judging *j, const struct dialog *d)
{
	const char *more = "";

	if (d->final == 403 && d->tried)
		more = ", to an INVITE with credentials";
	else if (d->final == 480)
		more = ": not signed in, or not to be disturbed";
	return model_sentence(j->model, "%u %s%s", d->final, d->final_reason,
			      more);
}

static void judge_refused(struct judging *j, const struct dialog *d)
{
	const char *text = refused_text(j, d);
	enum rule_id rule = refusal_rule(j, d);

	if (d->final == 487) {
		if (!is_taken_elsewhere(j, d))
			blame_answer(j, RULE_EXCHANGE_CANCELLED, d->invite,
				     d->answer, NULL);
		conclude(j, STAGE_EXCHANGE, STATE_INCOMPLETE,
			 cancelled_text(j, d));
	} else if (d->final == 401 || d->final == 407) {
		judge_challenged(j, d, text);
	} else if (d->final == 403 &&
		   refuses_credentials(j, d->final_reason, &d->diagnoses,
				       d->answer)) {
		judge_credentials(j, d, text);
	} else {
		blame_answer(j, rule, d->invite, d->answer,
			     rule != RULE_EXCHANGE_NOT_ACCEPTABLE ||
					     d->final == 415
				     ? text
				     : model_sentence(j->model, "%s%s", text,
						      offered_text(&d->offer)));
		conclude(j, STAGE_EXCHANGE, STATE_FAILED,
			 model_sentence(j->model, "ended by %s%s", text,
					d->final >= 400 ? ""
					: sent_again(j)
						? "; the caller is sent in a "
						  "circle"
						: "; no INVITE to where it was "
						  "sent is in the capture"));
	}
}

static bool is_silent(struct judging *j, const struct dialog *d,
		      const struct hop *hop)
{
	return !hop->answered && (hop->sent >= UNANSWERED_PROOF ||
				  (!d->cancelled && hop_times_out(j, hop)));
}

/* The hop where the INVITE was repeated and nothing came back, or where that
 * is left to the transport, for long enough; or NULL. */
static const struct hop *silent_hop(struct judging *j, const struct dialog *d)
{
	for (unsigned i = 0; i < d->hop_count; i++) {
		const struct hop *hop = dialog_hop(j->model, d, i);

		if (is_silent(j, d, hop))
			return hop;
	}
	return NULL;
}

const struct hop *dialog_obstructed(const struct model *m,
				    const struct dialog *d)
{
	for (unsigned i = 0; i < d->hop_count; i++) {
		const struct hop *hop = dialog_hop(m, d, i);

		if (!hop->answered && hop->obstacle.count)
			return hop;
	}
	return NULL;
}

static const char *silence_text(struct judging *j, const struct hop *hop)
{
	char dst[ENDPOINT_TEXT_MAX];

	if (hop->obstacle.count)
		return obstacle_sentence(j, where(j, hop->dst), &hop->obstacle);
	endpoint_string(where(j, hop->dst), dst);
	if (hop->sent < UNANSWERED_PROOF)
		return model_sentence(
			j->model,
			"INVITE to %s and no answer in %u s that "
			"the capture goes on",
			dst, seconds_behind(j, hop->time, hop->vantage));
	return model_sentence(j->model, "%u INVITEs to %s and no answer",
			      hop->sent, dst);
}

/* Does whoever sent it there ask somebody else, too, who may well hear it?  An
 * INVITE over UDP that is not repeated was answered, seen or not (RFC 3261
 * 17.1.1.2). */
static bool is_asked_beside(struct judging *j, const struct dialog *d,
			    const struct hop *closed)
{
	for (unsigned i = 0; i < d->hop_count; i++) {
		const struct hop *hop = dialog_hop(j->model, d, i);

		if (hop->src == closed->src && hop->dst != closed->dst &&
		    !hop->obstacle.count && !is_silent(j, d, hop))
			return true;
	}
	return false;
}

/* Did somebody say no on one branch of a fork, or will who is asked there say
 * what comes of it?  Then it matters to nobody what became of the others. */
static bool is_decided_beside(struct judging *j, const struct dialog *d,
			      const struct hop *closed)
{
	bool personal = d->final == 486 || d->final == 600 || d->final == 603;

	return (personal && d->branch_final == d->final) ||
	       ((personal || !d->final || d->final == 487) &&
		is_asked_beside(j, d, closed));
}

static void judge_refused_unseen(struct judging *j, const struct dialog *d)
{
	blame(j, RULE_EXCHANGE_REJECTED, d->turned_down,
	      "its ACK shows so; the answer itself is not in the capture");
	conclude(j, STAGE_EXCHANGE, STATE_FAILED,
		 "refused, as the caller's ACK shows; the answer is not in the "
		 "capture");
}

static void judge_open(struct judging *j, const struct dialog *d,
		       const struct hop *silent)
{
	if (silent && !d->replied && !is_decided_beside(j, d, silent))
		conclude(j, STAGE_EXCHANGE, STATE_FAILED,
			 silence_text(j, silent));
	else if (dialog_refused_unseen(d) && !d->cancelled)
		judge_refused_unseen(j, d);
	else if (d->branch_final)
		conclude(j, STAGE_EXCHANGE, STATE_INCOMPLETE,
			 model_sentence(j->model,
					"a branch behind the proxy said %u; "
					"what the caller got is not in the "
					"capture",
					d->branch_final));
	else if (d->last_provisional > 100)
		conclude(j, STAGE_EXCHANGE, STATE_INCOMPLETE,
			 model_sentence(j->model,
					"last answer %u; the final one is not "
					"in the capture",
					d->last_provisional));
	else
		conclude(j, STAGE_EXCHANGE, STATE_INCOMPLETE,
			 "the final answer is not in the capture");
}

static void blame_hop(struct judging *j, const struct dialog *d,
		      const struct hop *hop)
{
	const struct obstacle *o = &hop->obstacle;

	found_swallowed(j, where(j, hop->dst), o);
	if (!o->count)
		blame_all(j,
			  hop->sent < UNANSWERED_PROOF
				  ? RULE_EXCHANGE_SILENT
				  : RULE_EXCHANGE_UNANSWERED,
			  &d->cited, d->invite, silence_text(j, hop));
	else
		blame(j,
		      hop_lacks_tls(j, hop)       ? RULE_EXCHANGE_WITHOUT_TLS
		      : obstacle_is_closed(o)     ? RULE_EXCHANGE_PORT_CLOSED
		      : o->kind == OBSTACLE_ENDED ? RULE_EXCHANGE_CLOSED
						  : RULE_EXCHANGE_UNREACHABLE,
		      o->place, obstacle_evidence(j, where(j, hop->dst), o));
}

static void judge_unanswered(struct judging *j, const struct dialog *d)
{
	const struct hop *silent = dialog_obstructed(j->model, d);

	if (!silent)
		silent = silent_hop(j, d);
	if (silent && !is_decided_beside(j, d, silent))
		blame_hop(j, d, silent);
	if (d->final)
		judge_refused(j, d);
	else if (d->older)
		conclude(j, STAGE_EXCHANGE, STATE_INFERRED,
			 "the call was set up before the capture begins");
	else if (dialog_stands_unseen(d))
		conclude(j, STAGE_EXCHANGE, STATE_INFERRED,
			 "answered, as the caller's ACK and BYE show; the "
			 "answer is not in the capture");
	else if (answered_unseen(j))
		conclude(j, STAGE_EXCHANGE, STATE_INFERRED,
			 "answered, as the caller's ACK and media both ways "
			 "show; the answer is not in the capture");
	else
		judge_open(j, d, silent);
}

/* ---- descriptions outside of SIP ---- */

const struct told_description *told_of(struct judging *j, bool answer)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x =
			list_at(&j->model->sessions, j->call->sessions.list[i]);

		for (unsigned k = 0; k < 2; k++) {
			const struct told_description *t =
				x->told[k] == CHAIN_END
					? NULL
					: list_at(&j->model->told, x->told[k]);

			if (t && t->answer == answer)
				return t;
		}
	}
	return j->call->told[answer] == CHAIN_END
		       ? NULL
		       : list_at(&j->model->told, j->call->told[answer]);
}

static void judge_told(struct judging *j)
{
	const struct told_description *offer = told_of(j, false);
	const struct told_description *answer = told_of(j, true);
	struct stage_view *stage = view(j, STAGE_EXCHANGE);

	if (!offer && !answer) {
		conclude(j, STAGE_EXCHANGE, STATE_UNSEEN,
			 "no readable INVITE in the capture");
		return;
	}
	if (offer)
		cite(j->model, &stage->cited, offer->description.place);
	if (answer)
		cite(j->model, &stage->cited, answer->description.place);
	conclude(j, STAGE_EXCHANGE,
		 offer && answer ? STATE_OK : STATE_INCOMPLETE,
		 offer && answer ? "offer and answer were told in JSON"
		 : offer         ? "an offer was told in JSON; no answer is in "
				   "the capture"
			 : "an answer was told in JSON; the offer is not "
			   "in the capture");
}

void judge_exchange(struct judging *j)
{
	const struct dialog *d = j->dialog;

	if (!d) {
		judge_told(j);
		return;
	}
	cite_all(j, view(j, STAGE_EXCHANGE), &d->cited);
	span(j, view(j, STAGE_EXCHANGE), d->cited.first,
	     d->final ? d->answer : d->cited.last);
	if (answered(d))
		judge_answered(j, d);
	else
		judge_unanswered(j, d);
}

/* RFC 3261 13.3.1.4: the next copy would come T2 later at most, for 64 T1. */
#define NEXT_COPY (5 * NS_PER_S)
#define LAST_COPY (28 * NS_PER_S)

/* An ACK that was lost is sent again for each copy, until one arrives. */
bool ack_came_at_last(struct judging *j, const struct fact *f)
{
	const struct dialog *d = j->dialog;
	nanoseconds end =
		d->ended ? when(j, d->ended) : seen_until(j, d->answer);

	return end - when(j, f->last) > NEXT_COPY &&
	       when(j, f->last) - when(j, d->answer) < LAST_COPY;
}
