/*
 * Where both ends of a call are captured: the relay of the one is of no use to
 * the other, which may have got none; and which of them was first is not sure.
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

bool client_lacks_relay(struct judging *j, const struct endpoint *client)
{
	bool any = false;

	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = call_allocation(j, i);

		if (!a->granted && a->state != STATE_INFERRED)
			continue;
		if (endpoint_same_ip(where(j, a->client), client))
			return false;
		any = true;
	}
	return !any || (client->family != FAMILY_NONE && !is_any_answered(j));
}

/* Has this client a token that MRAS gave, or a relay took? */
static bool has_token(struct judging *j, const struct endpoint *client)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);

		if ((t->state == STATE_OK || t->state == STATE_INFERRED) &&
		    endpoint_same_ip(&t->client, client))
			return true;
	}
	return false;
}

const struct token *token_of_side_without(struct judging *j)
{
	for (size_t i = 0; i < j->call->tokens.count; i++) {
		const struct token *t = call_token(j, i);

		if (t->state == STATE_FAILED && !t->refused &&
		    t->client.family != FAMILY_NONE &&
		    !has_token(j, &t->client) &&
		    client_lacks_relay(j, &t->client))
			return t;
	}
	return NULL;
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

/* ---- who was first ---- */

/* Captures whose clocks were set right stand no nearer to each other. */
#define ORDER_SURE NS_PER_S

/* Do two captures tell of them, so that it is not sure which was first? */
static bool is_order_open(const struct model *m, place_number a, place_number b)
{
	nanoseconds apart = place_time(m, a) - place_time(m, b);

	return m->several_vantages && a && b && apart < ORDER_SURE &&
	       apart > -ORDER_SURE;
}

end_number pair_asked_first(const struct model *m, const struct pair *p)
{
	place_number a = p->way[0].first, b = p->way[1].first;

	if (is_order_open(m, a, b))
		return 0;
	return a && (!b || place_time(m, a) <= place_time(m, b)) ? p->a : p->b;
}
