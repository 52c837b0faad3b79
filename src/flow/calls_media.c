/*
 * The joins of media and DTLS: by both ends.
 *
 * One address may be that of all calls (a B2BUA, a conference), so a stream
 * belongs to the call that names both its ends, or to the only one that names
 * one of them at that time; else nothing tells whose it is.
 */
#include "config.h"

#include "flow/stages_state.h"

/* The calls that may be meant. */
struct choice {
	struct owner_stay at[2][CALLS_NEAR];
	size_t count[2];
	size_t both; /* how many name both ends */
	size_t call; /* the newest of those, or LIST_NONE */
};

static void weigh(struct stages *s, struct choice *c, unsigned side,
		  const struct endpoint *other)
{
	uint64_t value = calls_address_value(s, other);

	for (size_t i = 0; i < c->count[side]; i++)
		if (owners_has(&s->addresses, value, c->at[side][i].number) &&
		    c->both++ == 0)
			c->call = c->at[side][i].number;
}

/* The call of what goes from `a` to `b`, or LIST_NONE. */
static size_t call_of(struct stages *s, struct choice *c,
		      const struct endpoint *a, const struct endpoint *b,
		      nanoseconds time)
{
	c->both = 0;
	c->call = LIST_NONE;
	c->count[0] = calls_at_address(s, a, time, c->at[0]);
	c->count[1] = calls_at_address(s, b, time, c->at[1]);
	weigh(s, c, 0, b);
	if (c->both == 0)
		weigh(s, c, 1, a);
	if (c->both)
		return c->both == 1 ? c->call : LIST_NONE;
	if (c->count[1] == 1)
		return c->at[1][0].number;
	return c->count[0] == 1 ? c->at[0][0].number : LIST_NONE;
}

/* None of these calls can be said to be without media. */
static void note_shared(struct stages *s, const struct choice *c)
{
	for (size_t side = 0; side < 2; side++)
		for (size_t i = 0; i < c->count[side]; i++)
			((struct call *)list_at(&s->model->calls,
						c->at[side][i].number))
				->media_shared = true;
}

/* Media flows on the pair of its two ends, which inside TURN are relayed
 * address and peer as those of the checks are; of several sessions (a restart)
 * the newest that had begun. */
static size_t pair_of(const struct stages *s, const struct call *call,
		      const struct media *m)
{
	const struct session *sessions = s->model->sessions.rows;
	size_t pair = LIST_NONE;
	end_number src, dst;

	if (!model_find_end(s->model, &m->src, &src) ||
	    !model_find_end(s->model, &m->dst, &dst))
		return LIST_NONE;
	for (uint32_t i = 0; i < call->sessions.count; i++) {
		uint32_t number = call->sessions.list[i];
		uint32_t row = pair_between(s, number, src, dst);

		if (row != INDEX_NONE &&
		    (pair == LIST_NONE ||
		     place_time(s->model, sessions[number].first) <=
			     m->first + CALLS_SLACK))
			pair = row;
	}
	return pair;
}

/* The call of the allocation on whose way it goes bare, to or from the active
 * destination ([MS-TURN] 3.3.5.3): over TCP no description names that client's
 * address; else LIST_NONE. */
static size_t call_of_relay(struct stages *s, const struct media *m)
{
	const struct allocation *a;
	uint32_t number = allocation_at(s, &m->src, &m->dst);

	if (number == CHAIN_END)
		number = allocation_at(s, &m->dst, &m->src);
	if (number == CHAIN_END)
		return LIST_NONE;
	a = list_at(&s->model->allocations, number);
	return a->ms_turn && a->granted &&
			       place_time(s->model, a->granted) <= m->first
		       ? a->call
		       : LIST_NONE;
}

static void join_stream(struct stages *s, struct choice *c, size_t number)
{
	struct media *m = list_at(&s->model->media, number);
	struct call *call;

	m->call = call_of(s, c, &m->src, &m->dst, m->first);
	if (m->call == LIST_NONE)
		m->call = call_of_relay(s, m);
	if (m->call == LIST_NONE) {
		note_shared(s, c);
		return;
	}
	m->unnamed = c->count[1] == 0;
	call = list_at(&s->model->calls, m->call);
	model_member(s->model, &call->media, number);
	m->pair = pair_of(s, call, m);
	obstacle_of_media(s, m);
	calls_stretch(call, 0, m->last);
}

/* So many streams of a call are looked at for one that went another way. */
#define WAYS_LOOKED_AT 256u
/* As of media_table.c. */
#define GAP_MS 2000u

static bool is_within_gap(const struct media *other, const struct media *m)
{
	const nanoseconds end =
		m->gap_from + (nanoseconds)m->gap_ms * NS_PER_MS;

	return other != m && other->ssrc == m->ssrc &&
	       other->first > m->gap_from && other->last < end;
}

/* It came another way until then. */
static void shorten_gap(struct media *m, uint64_t found, nanoseconds until)
{
	m->lost -= m->lost < found ? m->lost : found;
	m->gap_lost -= m->gap_lost < found ? m->gap_lost : (uint32_t)found;
	m->gap_ms -= (uint32_t)((until - m->gap_from) / NS_PER_MS);
	m->gap_from = until;
	if (m->gap_ms < GAP_MS || !m->gap_lost)
		m->gap_ms = m->gap_lost = 0;
}

/* ICE may leave a pair and come back to it: what a stream misses meanwhile went
 * over the other one, with the numbers that are missing. */
static void find_elsewhere(struct stages *s, size_t number)
{
	struct media *m = list_at(&s->model->media, number);
	const struct call *call = m->call == LIST_NONE || !m->gap_ms
					  ? NULL
					  : list_at(&s->model->calls, m->call);
	nanoseconds back = call ? m->gap_from : 0;
	uint64_t found = 0;

	for (uint32_t i = 0; call && i < call->media.count; i++) {
		const struct media *other =
			list_at(&s->model->media, call->media.list[i]);

		if (i >= WAYS_LOOKED_AT || !is_within_gap(other, m))
			continue;
		found += other->packets;
		back = other->last > back ? other->last : back;
	}
	if (found)
		shorten_gap(m, found, back);
}

static void join_handshake(struct stages *s, struct choice *c, size_t number)
{
	struct handshake *h = list_at(&s->model->handshakes, number);

	h->call = call_of(s, c, &h->a, &h->b, place_time(s->model, h->first));
	if (h->call != LIST_NONE)
		model_member(
			s->model,
			&((struct call *)list_at(&s->model->calls, h->call))
				 ->handshakes,
			number);
}

void calls_join_media(struct stages *s)
{
	struct choice c;

	for (size_t i = 0; i < s->model->media.count; i++)
		join_stream(s, &c, i);
	for (size_t i = 0; i < s->model->media.count; i++)
		find_elsewhere(s, i);
	for (size_t i = 0; i < s->model->handshakes.count; i++)
		join_handshake(s, &c, i);
}
