/*
 * Stage 3 where both ends of a call are captured: the relay of the one is of no
 * use to the other, which may have got none.
 *
 * Who checks whom tells the sides apart, with and without signalling: no agent
 * checks itself.
 */
#include "config.h"

#include "validate/checks.h"

/* So many pairs of a session are looked at; and no call of two has so many
 * allocations. */
#define PAIRS_TOLD 64u
#define ALLOCATIONS_TOLD 64u

/* Has the client of that allocation this address, or a relay at it? */
static bool is_at(struct judging *j, const struct allocation *a, end_number end)
{
	return end && (end == a->relayed || end == a->relayed_other ||
		       end == a->reflexive ||
		       endpoint_same_ip(where(j, a->client), where(j, end)));
}

static bool is_between(struct judging *j, const struct pair *p,
		       const struct allocation *a, const struct allocation *b)
{
	return (is_at(j, a, p->a) && is_at(j, b, p->b)) ||
	       (is_at(j, a, p->b) && is_at(j, b, p->a));
}

static bool are_opposite(struct judging *j, const struct allocation *a,
			 const struct allocation *b)
{
	if (endpoint_same_ip(where(j, a->client), where(j, b->client)))
		return false;
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct pair *p = pair_first(j, call_session(j, i));

		for (unsigned k = 0; p && k < PAIRS_TOLD;
		     p = pair_next(j, p), k++)
			if (is_between(j, p, a, b))
				return true;
	}
	return false;
}

/* Then the relay was not missed. */
static bool is_any_answered(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++)
		for (const struct pair *p = pair_first(j, call_session(j, i));
		     p; p = pair_next(j, p))
			if (p->selected ||
			    (p->way[0].responses && p->way[1].responses))
				return true;
	return media_both_ways(j);
}

bool is_of_side_without(struct judging *j, const struct allocation *a)
{
	bool any = false;

	if (a->granted || a->state == STATE_INFERRED ||
	    j->call->allocations.count > ALLOCATIONS_TOLD)
		return false;
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *b = call_allocation(j, i);

		if ((!b->granted && b->state != STATE_INFERRED) || b->aside)
			continue;
		if (!are_opposite(j, a, b))
			return false;
		any = true;
	}
	return any && !is_any_answered(j);
}
