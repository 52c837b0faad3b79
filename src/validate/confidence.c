/*
 * How sure a verdict is: proved when what decides stands in the capture, likely
 * when it is concluded from what does, else a guess.
 */
#include "config.h"

#include "validate/verdict_state.h"

/* RFC 3261 17.1.1.2, Timer B, and 17.2.1: an INVITE without a final answer is
 * not open for longer unless somebody rings. */
#define INVITE_PATIENCE (32 * NS_PER_S)

static enum confidence of_answered(struct judging *j)
{
	if (!j->dialog->final && answered_unseen(j))
		return CONFIDENCE_LIKELY;
	switch (view(j, STAGE_PROBING)->state) {
	case STATE_OK:
	case STATE_UNNEEDED:
		return CONFIDENCE_PROVED;
	case STATE_UNSEEN:
	case STATE_FAILED:
	case STATE_INCOMPLETE:
	case STATE_INFERRED:
		break;
	}
	/* Signalling says yes; that the two hear each other is not seen. */
	return CONFIDENCE_LIKELY;
}

/* Checks that failed for a reason of another stage: that one is concluded; and
 * so are those that nobody saw, of which a client tells. */
static enum confidence of_failed_checks(const struct judging *j)
{
	const struct rule *rule = j->call->rule;

	if (!j->call->sessions.count)
		return CONFIDENCE_LIKELY;
	return rule && rule->stage == STAGE_PROBING ? CONFIDENCE_PROVED
						    : CONFIDENCE_LIKELY;
}

static enum confidence of_open(const struct judging *j)
{
	place_number last = j->dialog->cited.last;

	if (j->dialog->last_provisional > 100 ||
	    seen_until(j, last) - when(j, last) < INVITE_PATIENCE)
		return CONFIDENCE_LIKELY;
	return CONFIDENCE_GUESS;
}

static enum confidence of_dialog(struct judging *j)
{
	const struct dialog *d = j->dialog;

	switch (j->call->outcome) {
	case OUTCOME_ESTABLISHED:
		return of_answered(j);
	case OUTCOME_IN_PROGRESS:
		return of_open(j);
	case OUTCOME_FAILED:
	case OUTCOME_REJECTED:
	case OUTCOME_CANCELLED:
	case OUTCOME_UNANSWERED:
	case OUTCOME_UNKNOWN:
	case OUTCOME_OK:
		break;
	}
	if (j->call->stopped == STAGE_PROBING)
		return of_failed_checks(j);
	if (dialog_refused_unseen(d))
		return CONFIDENCE_LIKELY;
	/* A challenge that nobody took up says so by what did not follow. */
	if ((d->final == 401 || d->final == 407) && !d->tried)
		return CONFIDENCE_LIKELY;
	return CONFIDENCE_PROVED;
}

/* Nothing is seen of the checks; a browser may tell how they ended. */
static enum confidence of_unseen(struct judging *j)
{
	return j->call->outcome == OUTCOME_ESTABLISHED ? CONFIDENCE_LIKELY
						       : CONFIDENCE_GUESS;
}

static enum confidence of_ice(struct judging *j)
{
	switch (view(j, STAGE_PROBING)->state) {
	case STATE_OK:
		return CONFIDENCE_PROVED;
	case STATE_FAILED:
		return of_failed_checks(j);
	case STATE_INFERRED:
	case STATE_INCOMPLETE:
		return CONFIDENCE_LIKELY;
	case STATE_UNSEEN:
	case STATE_UNNEEDED:
		break;
	}
	return of_unseen(j);
}

/* That nobody answers is told by silence alone. */
static bool is_silence(const struct judging *j)
{
	const struct shut *x =
		j->call->shut ? list_at(&j->model->shuts, j->call->shut - 1)
			      : NULL;

	return x && x->stage == j->call->stopped && !x->obstacle.count &&
	       !x->alert && !x->mute;
}

/* Nor does the capture show that an answer got nowhere. */
static bool is_unheard(const struct judging *j)
{
	for (uint32_t i = 0; i < j->call->allocations.count; i++)
		if (allocation_is_unheard(
			    list_at(&j->model->allocations,
				    j->call->allocations.list[i])))
			return true;
	return false;
}

static enum confidence of_attempt(const struct judging *j)
{
	if (is_silence(j) || is_unheard(j))
		return CONFIDENCE_LIKELY;
	return j->call->outcome == OUTCOME_UNKNOWN ? CONFIDENCE_GUESS
						   : CONFIDENCE_PROVED;
}

enum confidence confidence_of(struct judging *j)
{
	if (j->dialog)
		return of_dialog(j);
	return j->call->kind == CALL_ICE ? of_ice(j) : of_attempt(j);
}
