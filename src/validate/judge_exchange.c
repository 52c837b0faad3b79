/* Stage 4 of a call: the INVITE, its offer and its answer. */
#include "config.h"

#include "validate/verdict_state.h"

static bool answered(const struct dialog *d)
{
	return d->final >= 200 && d->final < 300;
}

static const char *candidates_text(struct judging *j,
				   const struct description *d)
{
	if (!d->place.frame)
		return "no SDP";
	if (!d->ice)
		return "SDP without ICE";
	return model_sentence(j->model, "%zu candidate%s%s",
			      d->candidate_count,
			      d->candidate_count == 1 ? "" : "s",
			      d->relay ? " with a relay" : "");
}

static const char *answered_text(struct judging *j, const struct dialog *d)
{
	return model_sentence(
		j->model, "answered %u %s after %.1f s; offer: %s; answer: %s",
		d->final, d->final_reason,
		(double)(d->answer.time - d->invite.time) / 1e9,
		candidates_text(j, &d->offer), candidates_text(j, &d->reply));
}

static void judge_refused(struct judging *j, const struct dialog *d)
{
	const char *text = model_sentence(j->model, "%u %s", d->final,
					  d->final_reason);

	if (d->cancelled && d->final == 487) {
		blame(j, RULE_EXCHANGE_CANCELLED, &d->answer, NULL);
		conclude(j, STAGE_EXCHANGE, STATE_INCOMPLETE,
			 "cancelled by the caller before an answer (487)");
		return;
	}
	if (d->final == 401 || d->final == 407)
		blame(j, RULE_EXCHANGE_CREDENTIALS, &d->answer, text);
	else
		blame(j, RULE_EXCHANGE_REJECTED, &d->answer, text);
	conclude(j, STAGE_EXCHANGE, STATE_FAILED,
		 model_sentence(j->model, "ended by %s", text));
}

static void judge_open(struct judging *j, const struct dialog *d)
{
	if (!d->replied && d->retransmissions + 1 >= UNANSWERED_PROOF) {
		blame(j, RULE_EXCHANGE_UNANSWERED, &d->invite, NULL);
		conclude(j, STAGE_EXCHANGE, STATE_FAILED,
			 model_sentence(j->model,
					"%u INVITEs and no answer",
					d->retransmissions + d->invites));
	} else if (d->last_provisional > 100) {
		conclude(j, STAGE_EXCHANGE, STATE_INCOMPLETE,
			 model_sentence(j->model,
					"last answer %u; the final one is not "
					"in the capture",
					d->last_provisional));
	} else {
		conclude(j, STAGE_EXCHANGE, STATE_INCOMPLETE,
			 "the final answer is not in the capture");
	}
}

void judge_exchange(struct judging *j)
{
	const struct dialog *d = j->dialog;

	if (!d) {
		conclude(j, STAGE_EXCHANGE, STATE_UNSEEN,
			 "no readable INVITE in the capture");
		return;
	}
	cite_all(view(j, STAGE_EXCHANGE), &d->cited);
	span(view(j, STAGE_EXCHANGE), &d->cited.first[0],
	     d->final ? &d->answer : &d->cited.last);
	if (answered(d)) {
		conclude(j, STAGE_EXCHANGE, STATE_OK, answered_text(j, d));
		if (!d->acked)
			blame(j, RULE_EXCHANGE_NO_ACK, &d->answer, NULL);
	} else if (d->final) {
		judge_refused(j, d);
	} else {
		judge_open(j, d);
	}
}
