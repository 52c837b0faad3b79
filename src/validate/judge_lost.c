/*
 * Stage 3: allocations that the relay does not know any more, and why: NAT gave
 * the client another address, or the relay lost them.
 */
#include "config.h"

#include "validate/checks.h"

enum { TYPE_SRFLX = 2, TYPE_RELAY = 4 };

#define RELAYED_SURELY (5 * NS_PER_S) /* clocks, and data on their way */

bool is_behind_rebound(struct judging *j, const struct allocation *a)
{
	return !a->allocates && !a->accepted &&
	       fact_of(j->model, &a->facts, FACT_REBOUND);
}

static const char *rebound_text(struct judging *j, const struct allocation *a,
				const struct fact *f)
{
	uint32_t row = f->value & ~REBOUND_BINDING;
	end_number now =
		f->value & REBOUND_BINDING
			? ((struct binding *)list_at(&j->model->bindings, row))
				  ->mapped
			: ((struct allocation *)list_at(&j->model->allocations,
							row))
				  ->client;
	char before[ENDPOINT_TEXT_MAX], after[ENDPOINT_TEXT_MAX];

	return model_sentence(j->model, "%s when it was granted, now %s",
			      endpoint_string(where(j, a->reflexive), before),
			      endpoint_string(where(j, now), after));
}

/* Did the relay refuse to go on, as it does where it knows no allocation? */
static bool is_refused_later(struct judging *j, const struct allocation *a)
{
	const struct fact *f = fact_of(j->model, &a->facts, FACT_ERROR);

	for (; f; f = fact_after(j->model, f))
		if (f->value >> 16 != STUN_ALLOCATE &&
		    allocation_error_is_unknown(f->value & 0xFFFF) &&
		    when(j, f->last) >= when(j, a->granted))
			return true;
	return a->lost;
}

/* Does the call go another way, so that nothing is lost with the relay? */
static bool is_beside(struct judging *j)
{
	bool direct = false;

	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p)) {
			bool relay = p->relayed || p->types[0] == TYPE_RELAY ||
				     p->types[1] == TYPE_RELAY;

			if (p->selected && relay)
				return false;
			direct |= p->selected;
		}
	return direct;
}

/*
 * The relay forgot it before its time, or the client came behind it.  Of an
 * allocation that a Refresh may have renewed which the capture lacks, with its
 * answer or whole, only the latest end is known: what comes before that can be
 * both.
 */
static void blame_lost(struct judging *j, const struct allocation *a)
{
	nanoseconds lost = when(j, a->lost), relayed = relayed_last(j, a);
	nanoseconds life = (nanoseconds)a->lifetime * NS_PER_S;
	bool late = lost > a->until;
	const char *doubt = NULL;

	if (!a->until)
		doubt = "what it was granted for is not in the capture";
	else if (!late && a->served)
		doubt = "it served when its time was over, so a Refresh is not "
			"in the capture";
	else if (late && relayed > a->until + RELAYED_SURELY &&
		 relayed < lost && lost <= relayed + life)
		doubt = "it relayed when its time was over, so a Refresh is "
			"not in the capture";
	else if (late && a->asked && lost <= a->asked + life)
		doubt = "the answer to a Refresh in time is not in the capture";
	if (doubt)
		blame(j, RULE_GATHERING_GONE, a->lost, doubt);
	else if (late)
		blame(j, RULE_GATHERING_TOO_LATE, a->lost,
		      model_sentence(j->model, "%.0f s after its end",
				     (double)(lost - a->until) / 1e9));
	else
		blame(j, RULE_GATHERING_LOST, a->lost, NULL);
}

void judge_lost_allocation(struct judging *j, const struct allocation *a)
{
	const struct fact *f = fact_of(j->model, &a->facts, FACT_REBOUND);

	if (is_beside(j))
		return;
	if (f && (!(f->value & REBOUND_BINDING) || is_refused_later(j, a)))
		blame_all(j, RULE_GATHERING_REBOUND, &a->cited, f->first,
			  rebound_text(j, a, f));
	else if (a->lost)
		blame_lost(j, a);
}

bool is_told_reflexive(struct judging *j, const struct endpoint *e)
{
	for (size_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, j->call->candidates.list[i]);

		if (c->type == TYPE_SRFLX &&
		    where(j, c->related)->family != FAMILY_NONE &&
		    !endpoint_same_ip(where(j, c->related), e) &&
		    endpoint_same_ip(where(j, c->endpoint), e))
			return true;
	}
	return false;
}
