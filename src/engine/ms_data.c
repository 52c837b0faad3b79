/*
 * Data of [MS-TURN]: Send and Data Indication, the active destination, and
 * relays that many sessions share (2.2.3).
 */
#include "config.h"

#include <stdlib.h>

#include "dissectors/turn.h"
#include "engine/ms_state.h"

#define DATA_INDICATION 0x0115u
#define SEND_RESPONSE 0x0104u
#define DATA_MAX 65400u

/* ---- relays that are shared ---- */

bool ms_is_shared(const struct turn_server *s, uint32_t relay)
{
	return s->config.ms.shared_port && relay != ROW_NONE &&
	       (relay == s->shared[0] || relay == s->shared[1]);
}

uint32_t ms_shared_relay(struct turn_server *s, enum address_family family)
{
	struct turn_wish wish = {.family = family,
				 .port = s->config.ms.shared_port};
	uint32_t *relay = &s->shared[family == FAMILY_IPV6];

	if (*relay == ROW_NONE)
		*relay = relay_add(s, ROW_NONE, &wish);
	return *relay;
}

static uint64_t session_hash(const struct turn_server *s,
			     const uint8_t session[MS_SESSION_ID])
{
	return hash_bytes(s->key, slice_of(session, MS_SESSION_ID));
}

static uint64_t peer_hash(const struct turn_server *s,
			  const struct endpoint *peer)
{
	return hash_bytes(s->key, slice_of(peer, sizeof(*peer)));
}

bool ms_share(struct turn_server *s, uint32_t row,
	      const uint8_t session[MS_SESSION_ID])
{
	struct ms_state *ms = allocation_row(s, row)->ms;

	if (ms_shared_relay(s, FAMILY_IPV4) == ROW_NONE ||
	    index_add(&s->by_session, session_hash(s, session), row) !=
		    STATUS_OK)
		return false;
	memcpy(ms->session, session, sizeof(ms->session));
	ms->multiplexed = true;
	return true;
}

static bool has_session(const void *rows, uint32_t row, const void *key)
{
	const struct turn_allocation *a =
		(const struct turn_allocation *)rows + row;

	return a->ms && a->ms->multiplexed &&
	       memcmp(a->ms->session, key, MS_SESSION_ID) == 0;
}

static bool has_peer(const void *rows, uint32_t row, const void *key)
{
	const struct turn_allocation *a =
		(const struct turn_allocation *)rows + row;

	for (size_t i = 0; a->ms && i < MS_SHARED_PEERS; i++)
		if (endpoint_equal(&a->ms->peers[i], key))
			return true;
	return false;
}

/* Whom a session sends to answers to it, until another one does. */
static void note_peer(struct turn_server *s, uint32_t row,
		      const struct endpoint *peer)
{
	struct ms_state *ms = allocation_row(s, row)->ms;
	struct endpoint *place = &ms->peers[ms->next_peer];

	if (has_peer(s->allocations.rows, row, peer))
		return;
	if (place->family != FAMILY_NONE)
		(void)index_remove(&s->by_shared, peer_hash(s, place), row);
	*place = (struct endpoint){0};
	if (index_add(&s->by_shared, peer_hash(s, peer), row) != STATUS_OK)
		return;
	*place = *peer;
	ms->next_peer = (uint8_t)((ms->next_peer + 1) % MS_SHARED_PEERS);
}

void ms_forget(struct turn_server *s, uint32_t row)
{
	struct turn_allocation *a = allocation_row(s, row);
	struct ms_state *ms = a->ms;

	if (ms->active.family != FAMILY_NONE)
		s->ms_active--;
	if (ms->multiplexed)
		(void)index_remove(&s->by_session, session_hash(s, ms->session),
				   row);
	for (size_t i = 0; i < MS_SHARED_PEERS; i++)
		if (ms->peers[i].family != FAMILY_NONE)
			(void)index_remove(&s->by_shared,
					   peer_hash(s, &ms->peers[i]), row);
	s->admitted -= ms->admitted;
	free(ms);
	a->ms = NULL;
}

/* ---- to peers ---- */

static uint32_t relay_for(struct turn_server *s,
			  const struct turn_allocation *a,
			  const struct endpoint *peer)
{
	if (!a->ms->multiplexed)
		return turn_relay_for(a, peer);
	return peer->family == FAMILY_IPV4 ? s->shared[0] : ROW_NONE;
}

static void to_peer(struct turn_server *s, uint32_t row,
		    const struct endpoint *peer, struct slice data)
{
	const struct turn_allocation *a = allocation_row(s, row);
	uint32_t relay = relay_for(s, a, peer);

	if (relay == ROW_NONE) {
		s->counts.dropped++;
		return;
	}
	if (a->ms->multiplexed)
		note_peer(s, row, peer);
	s->counts.to_peers++;
	s->counts.bytes_to_peers += data.n;
	s->provider.relay(s->provider.context, relay, peer, data, false);
}

static void claim(struct ms_ask *ask, enum turn_reason reason, bool holds)
{
	if (holds)
		ask->turn.claims.of[reason] = CLAIM_SURE;
}

/* A destination of this allocation, and whether it may be one. */
static void claim_destination(struct ms_ask *ask)
{
	struct turn_server *s = ask->turn.s;
	const struct stun_message *m = ask->turn.m;
	const struct turn_allocation *a;

	claim(ask, REASON_NO_ALLOCATION, ask->turn.allocation == ROW_NONE);
	if (ask->turn.allocation == ROW_NONE)
		return;
	a = allocation_row(s, ask->turn.allocation);
	claim(ask, REASON_NO_ALLOCATION, !a->ms);
	claim(ask, REASON_OTHER_USER,
	      ask->turn.key && !users_is(&s->users, a->user, &ask->turn.who));
	if (m->peer.family == FAMILY_NONE || !a->ms)
		return;
	claim(ask, REASON_PEER_DENIED,
	      !turn_peer_allowed(s, &m->peer) ||
		      relay_for(s, a, &m->peer) == ROW_NONE);
	claim(ask, REASON_NO_ROOM,
	      !permission_holds(a, &m->peer, ask->turn.now) &&
		      !permission_room(a, 1));
}

static void reply_plain(struct ms_ask *ask)
{
	struct stun_writer w;

	ms_begin(ask, &w, STUN_SUCCESS);
	ask->turn.s->counts.successes++;
	ms_end(ask, &w);
}

/* Never answered ([MS-TURN] 2.2.1), but MSN's clients wait for it. */
void ms_take_send(struct ms_ask *ask)
{
	struct turn_server *s = ask->turn.s;
	const struct stun_message *m = ask->turn.m;
	struct turn_allocation *a;

	claim_destination(ask);
	claim(ask, REASON_MALFORMED, !m->has_data);
	if (!ms_unless_refused(ask))
		return;
	a = allocation_row(s, ask->turn.allocation);
	if (!permission_keep(a, &m->peer, ask->turn.now)) {
		s->counts.dropped++;
		return;
	}
	to_peer(s, ask->turn.allocation, &m->peer, m->data);
	if (ask->msn)
		reply_plain(ask);
}

/* It is set before the answer goes out (3.3.5.3). */
void ms_take_destination(struct ms_ask *ask)
{
	struct turn_server *s = ask->turn.s;
	struct turn_allocation *a;

	claim_destination(ask);
	if (!ms_unless_refused(ask))
		return;
	a = allocation_row(s, ask->turn.allocation);
	claim(ask, REASON_SERVER_ERROR,
	      !permission_keep(a, &ask->turn.m->peer, ask->turn.now));
	if (!ms_unless_refused(ask))
		return;
	if (a->ms->active.family == FAMILY_NONE)
		s->ms_active++;
	a->ms->active = ask->turn.m->peer;
	reply_plain(ask);
}

void ms_take_data(struct turn_server *s, const struct turn_path *from,
		  struct slice data, nanoseconds now)
{
	uint32_t row = allocation_find(s, from, now);
	const struct turn_allocation *a =
		row == ROW_NONE ? NULL : allocation_row(s, row);
	struct endpoint active;

	if (!a || !a->ms || a->ms->active.family == FAMILY_NONE ||
	    !turn_peer_allowed(s, &a->ms->active)) {
		s->counts.dropped++;
		return;
	}
	active = a->ms->active;
	to_peer(s, row, &active, data);
}

/* ---- to clients ---- */

static void write_indication(struct turn_server *s, bool aligned,
			     const struct endpoint *peer, struct slice data)
{
	struct stun_writer w = {.to = &s->peers, .aligned = aligned};
	uint64_t count = s->counts.to_clients + s->counts.dropped;
	uint8_t id[16];

	/* Nobody answers it: it need only be new. */
	for (size_t i = 0; i < 8; i++) {
		id[i] = (uint8_t)(hash_mix(s->key ^ count) >> 8 * i);
		id[8 + i] = (uint8_t)(count >> 8 * i);
	}
	stun_write_begin(&w, DATA_INDICATION, id);
	stun_write_u32(&w, MS_COOKIE, MS_TURN_COOKIE);
	stun_write_address(&w, MS_REMOTE_ADDRESS, peer);
	stun_write_bytes(&w, AT_DATA, data);
}

void ms_to_client(struct turn_server *s, const struct turn_allocation *a,
		  const struct endpoint *peer, struct slice data)
{
	bool raw = endpoint_equal(&a->ms->active, peer);

	if (data.n > DATA_MAX) {
		s->counts.dropped++;
		return;
	}
	text_clear(&s->peers);
	if (raw)
		text_put(&s->peers, data);
	else
		write_indication(s, a->ms->msn, peer, data);
	s->counts.to_clients++;
	s->counts.bytes_to_clients += data.n;
	if (s->peers.failed == STATUS_OK)
		ms_send(s, &a->path, raw ? MS_DATA : MS_CONTROL,
			text_slice(&s->peers));
}

/* The session that a peer's datagram is for: by its frame, by the session id
 * that stands in its check, or because the session has sent there. */
static uint32_t session_row(struct turn_server *s, const struct endpoint *peer,
			    struct slice *data)
{
	struct decoding d = {.arena = &s->scratch};
	struct multiplexed frame;
	struct stun_message m;
	const uint8_t *session = NULL;
	size_t used;

	arena_reset(&s->scratch);
	if (multiplexed_claims(*data, false) == CLAIM_SURE &&
	    multiplexed_decode(&d, *data, &frame, &used) == STATUS_OK) {
		session = frame.session;
		*data = frame.data;
	} else if (stun_claims(*data, false) == CLAIM_SURE &&
		   stun_decode(&d, *data, &m, &used) == STATUS_OK &&
		   m.has_ms_session) {
		session = m.ms_session;
	}
	if (session)
		return index_find(&s->by_session, session_hash(s, session),
				  has_session, s->allocations.rows, session);
	return index_find(&s->by_shared, peer_hash(s, peer), has_peer,
			  s->allocations.rows, peer);
}

void ms_shared_received(struct turn_server *s, const struct endpoint *peer,
			struct slice data, nanoseconds now)
{
	uint32_t row = session_row(s, peer, &data);
	const struct turn_allocation *a =
		row == INDEX_NONE ? NULL : allocation_row(s, row);

	if (!a || a->expires <= now || !permission_holds(a, peer, now)) {
		s->counts.dropped++;
		return;
	}
	ms_to_client(s, a, peer, data);
}
