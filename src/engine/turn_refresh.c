/* Refresh (RFC 8656 8.2), also from a new place (RFC 8016 3.2). */
#include "config.h"

#include "engine/turn_state.h"

#define FAMILY_BYTE_IPV6 2

static void claim(struct turn_ask *ask, enum turn_reason reason, bool holds)
{
	ask->claims.of[reason] = holds ? CLAIM_SURE : CLAIM_NO;
}

/* Which family is asked for: 0 or 1; -1: none in particular. */
static int family_of(const struct stun_message *m)
{
	const struct stun_attribute *a = stun_find(m, AT_REQUESTED_FAMILY);

	if (!a || a->value.n == 0)
		return -1;
	return a->value.p[0] == FAMILY_BYTE_IPV6;
}

/* The allocation moves; data stays on the old way until the new one is
 * proved by something else from there. */
static bool move(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	struct turn_allocation *a = allocation_row(s, ask->allocation);
	struct mobility *m = a->mobility;

	if (turn_path_same(&a->path, ask->path) ||
	    (m->moving && turn_path_same(&m->to, ask->path)))
		return true;
	if (m->moving)
		allocation_leaves_path(s, ask->allocation, &m->to);
	m->moving = false;
	if (!allocation_at_path(s, ask->allocation, ask->path))
		return false;
	m->to = *ask->path;
	m->moving = true;
	return true;
}

/* A ticket is good once; the same request again is no second time. */
static bool ticket_is_used(const struct turn_ask *ask,
			   const struct turn_allocation *a, struct slice ticket)
{
	return slice_equal(ticket, slice_of(a->mobility->used, 16)) &&
	       memcmp(a->mobility->id, ask->m->id + 4, 12) != 0;
}

static void claim_ticket(struct turn_ask *ask)
{
	const struct stun_attribute *ticket =
		stun_find(ask->m, AT_MOBILITY_TICKET);
	uint32_t row;

	if (!ticket)
		return;
	claim(ask, REASON_NO_MOBILITY, ask->s->can.mobility != CLAIM_SURE);
	row = allocation_by_ticket(ask->s, ticket->value, ask->now);
	claim(ask, REASON_TICKET_BAD,
	      ask->s->can.mobility == CLAIM_SURE &&
		      (row == ROW_NONE ||
		       ticket_is_used(ask, allocation_row(ask->s, row),
				      ticket->value)));
	if (ask->claims.of[REASON_TICKET_BAD] == CLAIM_NO && row != ROW_NONE)
		ask->allocation = row;
}

static void claim_state(struct turn_ask *ask)
{
	const struct turn_allocation *a;
	int family = family_of(ask->m);

	claim(ask, REASON_NO_ALLOCATION, ask->allocation == ROW_NONE);
	claim(ask, REASON_OTHER_USER, false);
	if (ask->allocation == ROW_NONE || !ask->key)
		return;
	a = allocation_row(ask->s, ask->allocation);
	claim(ask, REASON_OTHER_USER, !access_owns(ask, a));
	claim(ask, REASON_FAMILY_NOT_RELAYED,
	      family >= 0 && a->relays[family] == ROW_NONE);
}

static void reply_refreshed(struct turn_ask *ask, uint32_t lifetime)
{
	const struct turn_allocation *a =
		ask->allocation == ROW_NONE
			? NULL
			: allocation_row(ask->s, ask->allocation);
	struct stun_writer w;

	reply_begin(ask, &w, STUN_SUCCESS);
	stun_write_u32(&w, AT_LIFETIME, lifetime);
	if (a && a->mobility && stun_find(ask->m, AT_MOBILITY_TICKET))
		stun_write_bytes(&w, AT_MOBILITY_TICKET,
				 slice_of(a->mobility->ticket, 16));
	ask->s->counts.successes++;
	reply_end(ask, &w);
}

/* One family of two goes, or all. */
static void release(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	struct turn_allocation *a = allocation_row(s, ask->allocation);
	int family = family_of(ask->m);

	if (family >= 0 && a->relays[!family] != ROW_NONE) {
		relay_remove(s, a->relays[family]);
		a->relays[family] = ROW_NONE;
	} else {
		allocation_remove(s, ask->allocation);
		ask->allocation = ROW_NONE;
	}
	reply_refreshed(ask, 0);
}

void turn_refresh(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	const struct stun_attribute *ticket;
	struct turn_allocation *a;
	uint32_t lifetime;

	claim_ticket(ask);
	claim_state(ask);
	if (!reply_unless_refused(ask))
		return;
	if (ask->m->has_lifetime && ask->m->lifetime == 0) {
		release(ask);
		return;
	}
	a = allocation_row(s, ask->allocation);
	ticket = stun_find(ask->m, AT_MOBILITY_TICKET);
	if (ticket &&
	    slice_equal(ticket->value, slice_of(a->mobility->ticket, 16))) {
		memcpy(a->mobility->id, ask->m->id + 4, 12);
		if (!move(ask) || !allocation_ticket(s, ask->allocation)) {
			claim(ask, REASON_SERVER_ERROR, true);
			(void)reply_unless_refused(ask);
			return;
		}
	}
	if (!access_keep(ask, a)) {
		claim(ask, REASON_SERVER_ERROR, true);
		(void)reply_unless_refused(ask);
		return;
	}
	lifetime = access_lifetime(ask, turn_lifetime(&s->config, ask->m));
	allocation_ends(s, ask->allocation, ask->now + lifetime * NS_PER_S);
	reply_refreshed(ask, lifetime);
}
