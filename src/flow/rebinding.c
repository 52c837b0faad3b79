/*
 * An allocation that its relay does not find any more, since a NAT gave the
 * client another address or port: to the relay that is another client (RFC 8656
 * 5).
 *
 * Inside of the NAT the client stays who it was, and a Binding tells of the
 * new address; outside, one comes who speaks of an allocation that it never
 * asked for, with the user name of one that has it.
 */
#include "config.h"

#include "flow/facts.h"
#include "flow/stages_state.h"

/* How long after a relay knew nothing of it a client asks who it is. */
#define ASKS_AFTER (10 * NS_PER_S)

/* A release that was asked for may be refused for the same reason: what counts
 * is how long it was granted for. */
static bool lives(const struct model *m, const struct allocation *a,
		  nanoseconds time)
{
	nanoseconds until =
		a->lost ? place_time(m, a->lost) + ASKS_AFTER : a->until;

	return a->state == STATE_OK && place_time(m, a->granted) <= time &&
	       time <= until;
}

void rebinding_mapped(struct stages *s, uint32_t row, const struct message *m)
{
	const struct endpoint *mapped = &m->u.stun->mapped;
	uint32_t number = allocation_at(s, &m->from.dst, &m->from.src);
	struct allocation *a;

	if (number == CHAIN_END || m->u.stun->class != STUN_SUCCESS)
		return;
	a = list_at(&s->model->allocations, number);
	if (lives(s->model, a, m->from.time) &&
	    end_at(s->model, a->reflexive)->family == mapped->family &&
	    !endpoint_equal(end_at(s->model, a->reflexive), mapped) &&
	    row < REBOUND_BINDING)
		facts_note(s, &a->facts, FACT_REBOUND, REBOUND_BINDING | row,
			   m);
}

/* The host of a client, which keeps its address at most NATs. */
static struct endpoint host_of(const struct model *m,
			       const struct allocation *a)
{
	struct endpoint host = *end_at(m, a->client);

	host.port = 0;
	return host;
}

void rebinding_granted(struct stages *s, uint32_t number)
{
	const struct allocation *a = list_at(&s->model->allocations, number);
	struct endpoint host = host_of(s->model, a);

	allocation_lies_at(s, number, &host, end_at(s->model, a->server));
}

void rebinding_unknown(struct stages *s, uint32_t number,
		       const struct message *m)
{
	struct allocation *a = list_at(&s->model->allocations, number);
	struct endpoint host = host_of(s->model, a);
	uint32_t before = allocation_at(s, &host, end_at(s->model, a->server));
	struct allocation *b;

	if (before == CHAIN_END || before == number || a->allocates ||
	    a->accepted)
		return;
	b = list_at(&s->model->allocations, before);
	if (!lives(s->model, b, m->from.time) ||
	    !slice_equal(a->username, b->username) ||
	    strcmp(a->transport, b->transport) != 0)
		return;
	facts_note(s, &b->facts, FACT_REBOUND, number, m);
	facts_note(s, &a->facts, FACT_REBOUND, number, m);
}
