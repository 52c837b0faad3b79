/* Permissions and channels of an allocation (RFC 8656 9, 10, 12). */
#include "config.h"

#include <stdlib.h>

#include "engine/turn_state.h"

static struct endpoint address_of(const struct endpoint *peer)
{
	struct endpoint e = *peer;

	e.port = 0;
	return e;
}

static struct permission *find_permission(const struct turn_allocation *a,
					  const struct endpoint *peer)
{
	for (size_t i = 0; i < a->permission_count; i++)
		if (endpoint_same_ip(&a->permissions[i].peer, peer))
			return &a->permissions[i];
	return NULL;
}

bool permission_holds(const struct turn_allocation *a,
		      const struct endpoint *peer, nanoseconds now)
{
	const struct permission *p = find_permission(a, peer);

	return p && p->expires > now;
}

/* More room for rows of a list, up to `max`; false at the end of it. */
static bool grow(void **rows, uint16_t *room, size_t size, uint16_t max)
{
	size_t more = *room ? *room * 2u : 2u;
	void *grown;

	if (*room >= max)
		return false;
	if (more > max)
		more = max;
	grown = realloc(*rows, more * size);
	if (!grown)
		return false;
	*rows = grown;
	*room = (uint16_t)more;
	return true;
}

/* One that is over gives its place. */
static struct permission *place_of(struct turn_allocation *a, nanoseconds now)
{
	void *rows = a->permissions;

	for (size_t i = 0; i < a->permission_count; i++)
		if (a->permissions[i].expires <= now)
			return &a->permissions[i];
	if (a->permission_count == a->permission_room) {
		if (!grow(&rows, &a->permission_room, sizeof(*a->permissions),
			  TURN_PERMISSIONS_MAX))
			return NULL;
		a->permissions = rows;
	}
	return &a->permissions[a->permission_count++];
}

static bool permit(struct turn_allocation *a, const struct endpoint *peer,
		   nanoseconds now, nanoseconds expires)
{
	struct permission *p = find_permission(a, peer);

	if (!p)
		p = place_of(a, now);
	if (!p)
		return false;
	p->peer = address_of(peer);
	p->expires = expires;
	return true;
}

static bool permission_set(struct turn_allocation *a,
			   const struct endpoint *peer, nanoseconds now)
{
	return permit(a, peer, now, now + PERMISSION_LIFE);
}

bool permission_keep(struct turn_allocation *a, const struct endpoint *peer,
		     nanoseconds now)
{
	return permit(a, peer, now, INT64_MAX);
}

bool permission_room(const struct turn_allocation *a, size_t more)
{
	return a->permission_count + more <= TURN_PERMISSIONS_MAX;
}

/* ---- channels ---- */

const struct channel *channel_of(const struct turn_allocation *a,
				 uint16_t number, nanoseconds now)
{
	for (size_t i = 0; i < a->channel_count; i++)
		if (a->channels[i].number == number)
			return a->channels[i].expires > now ? &a->channels[i]
							    : NULL;
	return NULL;
}

const struct channel *channel_to(const struct turn_allocation *a,
				 const struct endpoint *peer, nanoseconds now)
{
	for (size_t i = 0; i < a->channel_count; i++)
		if (endpoint_equal(&a->channels[i].peer, peer) &&
		    a->channels[i].expires > now)
			return &a->channels[i];
	return NULL;
}

/* Bound otherwise, now or a short while ago (RFC 8656 12). */
static bool is_taken(const struct turn_allocation *a, uint16_t number,
		     const struct endpoint *peer, nanoseconds now)
{
	for (size_t i = 0; i < a->channel_count; i++) {
		const struct channel *c = &a->channels[i];
		bool same_number = c->number == number;
		bool same_peer = endpoint_equal(&c->peer, peer);

		if (same_number != same_peer && c->expires + CHANNEL_REST > now)
			return true;
	}
	return false;
}

static struct channel *place_for(struct turn_allocation *a, uint16_t number,
				 const struct endpoint *peer, nanoseconds now)
{
	void *rows = a->channels;

	for (size_t i = 0; i < a->channel_count; i++) {
		struct channel *c = &a->channels[i];

		if (c->number == number && endpoint_equal(&c->peer, peer))
			return c;
	}
	for (size_t i = 0; i < a->channel_count; i++)
		if (a->channels[i].expires + CHANNEL_REST <= now)
			return &a->channels[i];
	if (a->channel_count == a->channel_room) {
		if (!grow(&rows, &a->channel_room, sizeof(*a->channels),
			  TURN_CHANNELS_MAX))
			return NULL;
		a->channels = rows;
	}
	return &a->channels[a->channel_count++];
}

/* ---- the requests ---- */

bool turn_peer_allowed(const struct turn_server *s, const struct endpoint *peer)
{
	return peer_policy_allows(&s->config.policy, peer);
}

uint32_t turn_relay_for(const struct turn_allocation *a,
			const struct endpoint *peer)
{
	return a->relays[peer->family == FAMILY_IPV6];
}

static void claim(struct turn_ask *ask, enum turn_reason reason, bool holds)
{
	if (holds)
		ask->claims.of[reason] = CLAIM_SURE;
}

/* What speaks against each of the peers; their number in *count. */
static void claim_peers(struct turn_ask *ask, size_t *count)
{
	const struct turn_allocation *a;
	struct endpoint peer;

	*count = 0;
	if (ask->allocation == ROW_NONE)
		return;
	a = allocation_row(ask->s, ask->allocation);
	for (size_t i = 0; i < ask->m->attribute_count; i++) {
		const struct stun_attribute *at = &ask->m->attributes[i];

		if (at->type != AT_XOR_PEER_ADDRESS || at->ignored ||
		    stun_address(ask->m, at, &peer) != STATUS_OK)
			continue;
		claim(ask, REASON_PEER_FAMILY,
		      turn_relay_for(a, &peer) == ROW_NONE);
		claim(ask, REASON_PEER_DENIED,
		      !turn_peer_allowed(ask->s, &peer));
		*count += !find_permission(a, &peer);
		if (ask->request != ASK_PERMISSION)
			break; /* the first counts (RFC 8489 14) */
	}
	claim(ask, REASON_NO_ROOM, !permission_room(a, *count));
}

/* All or nothing (RFC 8656 10.2). */
void turn_permission(struct turn_ask *ask)
{
	struct turn_allocation *a;
	struct endpoint peer;
	size_t count;

	claim_peers(ask, &count);
	if (!reply_unless_refused(ask))
		return;
	a = allocation_row(ask->s, ask->allocation);
	for (size_t i = 0; i < ask->m->attribute_count; i++) {
		const struct stun_attribute *at = &ask->m->attributes[i];

		if (at->type == AT_XOR_PEER_ADDRESS && !at->ignored &&
		    stun_address(ask->m, at, &peer) == STATUS_OK &&
		    !permission_set(a, &peer, ask->now)) {
			claim(ask, REASON_SERVER_ERROR, true);
			(void)reply_unless_refused(ask);
			return;
		}
	}
	reply_success(ask);
}

void turn_channel(struct turn_ask *ask)
{
	const struct stun_message *m = ask->m;
	struct turn_allocation *a = NULL;
	struct channel *channel;
	size_t count;

	claim_peers(ask, &count);
	if (ask->allocation != ROW_NONE) {
		a = allocation_row(ask->s, ask->allocation);
		claim(ask, REASON_TCP_ALLOCATION, a->tcp);
		claim(ask, REASON_CHANNEL_TAKEN,
		      is_taken(a, m->channel, &m->peer, ask->now));
	}
	if (!reply_unless_refused(ask))
		return;
	channel = place_for(a, m->channel, &m->peer, ask->now);
	if (!channel || !permission_set(a, &m->peer, ask->now)) {
		claim(ask, REASON_NO_ROOM, true);
		(void)reply_unless_refused(ask);
		return;
	}
	*channel = (struct channel){.peer = m->peer,
				    .number = m->channel,
				    .expires = ask->now + CHANNEL_LIFE};
	reply_success(ask);
}
