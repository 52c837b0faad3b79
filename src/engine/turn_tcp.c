/* Connections to and from peers over TCP (RFC 6062). */
#include "config.h"

#include "core/cursor.h"
#include "engine/turn_state.h"

static void claim(struct turn_ask *ask, enum turn_reason reason, bool holds)
{
	if (holds)
		ask->claims.of[reason] = CLAIM_SURE;
}

static bool is_connected(struct turn_server *s, uint32_t allocation,
			 const struct endpoint *peer)
{
	for (uint32_t id = 1; id <= s->connections.count; id++) {
		const struct connection *c = connection_row(s, id);

		if (c && c->allocation == allocation &&
		    endpoint_equal(&c->peer, peer))
			return true;
	}
	return false;
}

/* The keys that the Connect was signed with: those of the allocation's user. */
static const struct stun_key *key_of(struct turn_server *s,
				     const struct connection *c)
{
	const struct turn_allocation *a = allocation_row(s, c->allocation);
	const struct user *user = &s->users.rows[a->user];

	if (a->access)
		return &a->access->key;
	return c->sha256 ? &user->sha256 : &user->md5;
}

/* The late answer to a Connect. */
static void answer(struct turn_server *s, uint32_t id, enum stun_class class)
{
	const struct connection *c = connection_row(s, id);
	struct stun_writer w = {.to = &s->out, .aligned = true};

	text_clear(&s->out);
	stun_write_begin(&w, stun_type(class, STUN_CONNECT), c->id);
	if (class == STUN_SUCCESS) {
		stun_write_u32(&w, AT_CONNECTION_ID, id);
		s->counts.successes++;
	} else {
		stun_write_error(
			&w, 447,
			slice_of_text(stun_error_text(447, STUN_TURN)));
		s->counts.errors++;
	}
	stun_write_integrity(&w, key_of(s, c), c->sha256, false);
	if (s->out.failed == STATUS_OK)
		turn_send(s, &c->client, text_slice(&s->out));
}

/* The same Connect again: its answer is on the way, or said once more. */
static bool is_again(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;

	if (!ask->key || ask->allocation == ROW_NONE)
		return false;
	for (uint32_t id = 1; id <= s->connections.count; id++) {
		const struct connection *c = connection_row(s, id);

		if (!c || c->allocation != ask->allocation ||
		    !endpoint_equal(&c->peer, &ask->m->peer) ||
		    memcmp(c->id, ask->m->id, sizeof(c->id)) != 0)
			continue;
		if (c->state != CONNECTION_CONNECTING)
			answer(s, id, STUN_SUCCESS);
		return true;
	}
	return false;
}

void turn_connect(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	const struct endpoint *peer = &ask->m->peer;
	const struct turn_allocation *a = NULL;
	struct connection *c;
	uint32_t id;

	if (is_again(ask))
		return;
	if (ask->allocation != ROW_NONE) {
		a = allocation_row(s, ask->allocation);
		claim(ask, REASON_UDP_ALLOCATION, !a->tcp);
		claim(ask, REASON_PEER_FAMILY,
		      turn_relay_for(a, peer) == ROW_NONE);
		claim(ask, REASON_PEER_DENIED, !turn_peer_allowed(s, peer));
		claim(ask, REASON_CONNECTED,
		      a->connections && is_connected(s, ask->allocation, peer));
		claim(ask, REASON_NO_ROOM,
		      a->connections >= TURN_CONNECTIONS_MAX);
	}
	if (!reply_unless_refused(ask))
		return;
	id = connection_add(s, ask->allocation, peer,
			    ask->now + CONNECTION_LIFE);
	if (id == 0) {
		claim(ask, REASON_SERVER_ERROR, true);
		(void)reply_unless_refused(ask);
		return;
	}
	c = connection_row(s, id);
	c->client = *ask->path;
	c->sha256 = ask->sha256;
	memcpy(c->id, ask->m->id, sizeof(c->id));
	if (s->provider.connect(s->provider.context, turn_relay_for(a, peer),
				id, peer))
		return; /* turn_server_connected answers */
	connection_remove(s, id);
	claim(ask, REASON_CONNECT_FAILED, true);
	(void)reply_unless_refused(ask);
}

void turn_server_connected(struct turn_server *s, uint32_t id, bool success,
			   nanoseconds now)
{
	struct connection *c = connection_row(s, id);

	if (!c || c->state != CONNECTION_CONNECTING)
		return;
	if (success) {
		c->state = CONNECTION_WAITING;
		c->expires = now + CONNECTION_LIFE;
		answer(s, id, STUN_SUCCESS);
		/* Its timer, set when it began, is put off then. */
	} else {
		answer(s, id, STUN_ERROR);
		connection_remove(s, id);
	}
}

/* RFC 6062 4.4: the client is told of who has come. */
static void attempt(struct turn_server *s, const struct turn_allocation *a,
		    uint32_t id)
{
	const struct connection *c = connection_row(s, id);
	uint8_t txid[16] = {STUN_COOKIE >> 24, STUN_COOKIE >> 16 & 0xFF,
			    STUN_COOKIE >> 8 & 0xFF, STUN_COOKIE & 0xFF};
	struct stun_writer w = {.to = &s->peers, .aligned = true};

	s->provider.random(s->provider.context, txid + 4, 12);
	text_clear(&s->peers);
	stun_write_begin(
		&w, stun_type(STUN_INDICATION, STUN_CONNECTION_ATTEMPT), txid);
	stun_write_u32(&w, AT_CONNECTION_ID, id);
	stun_write_xor_address(&w, AT_XOR_PEER_ADDRESS, &c->peer);
	if (s->peers.failed == STATUS_OK)
		turn_send(s, &a->path, text_slice(&s->peers));
}

uint32_t turn_server_peer(struct turn_server *s, uint32_t relay,
			  const struct endpoint *peer, nanoseconds now)
{
	uint32_t row, id;

	if (relay >= s->relays.count || !relay_row(s, relay)->used)
		return 0;
	row = relay_row(s, relay)->allocation;
	if (row == ROW_NONE || !allocation_row(s, row)->tcp ||
	    !permission_holds(allocation_row(s, row), peer, now) ||
	    is_connected(s, row, peer))
		return 0;
	id = connection_add(s, row, peer, now + CONNECTION_LIFE);
	if (id == 0)
		return 0;
	connection_row(s, id)->state = CONNECTION_WAITING;
	attempt(s, allocation_row(s, row), id);
	return id;
}

void turn_server_peer_closed(struct turn_server *s, uint32_t id)
{
	if (connection_row(s, id))
		connection_remove(s, id);
}

void turn_connection_bind(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	const struct stun_attribute *a = stun_find(ask->m, AT_CONNECTION_ID);
	struct cursor c = cursor_over(a ? a->value : (struct slice){0});
	uint32_t id = cursor_u32(&c);
	struct connection *waiting = connection_row(s, id);
	bool fits = waiting && waiting->state == CONNECTION_WAITING &&
		    ask->now < waiting->expires && ask->path->stream &&
		    ask->allocation == ROW_NONE;

	if (fits && ask->key)
		fits = users_is(&s->users,
				allocation_row(s, waiting->allocation)->user,
				&ask->who);
	claim(ask, REASON_CONNECTION_BAD, !fits);
	if (!reply_unless_refused(ask))
		return;
	waiting->state = CONNECTION_BOUND;
	waiting->client = *ask->path;
	reply_success(ask);
	s->provider.splice(s->provider.context, ask->path, id);
}

void turn_server_closed(struct turn_server *s, const struct turn_path *path,
			nanoseconds now)
{
	uint32_t row = allocation_find(s, path, now);

	if (row != ROW_NONE) {
		allocation_remove(s, row);
		return;
	}
	for (uint32_t id = 1; id <= s->connections.count; id++) {
		struct connection *c = connection_row(s, id);

		if (c && c->state == CONNECTION_BOUND &&
		    turn_path_same(&c->client, path)) {
			connection_remove(s, id);
			s->provider.drop(s->provider.context, id);
		}
	}
}
