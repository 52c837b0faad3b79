/* Data through the relay, both ways (RFC 8656 11, 12.5 to 12.7). */
#include "config.h"

#include "dissectors/turn.h"
#include "engine/turn_state.h"

#define DATA_MAX 65500u /* of a message that carries it */

static void to_peer(struct turn_server *s, const struct turn_allocation *a,
		    const struct endpoint *peer, struct slice data)
{
	s->counts.to_peers++;
	s->counts.bytes_to_peers += data.n;
	s->provider.relay(s->provider.context, turn_relay_for(a, peer), peer,
			  data, false);
}

/* May data go between this allocation and that peer? */
static bool passes(struct turn_server *s, const struct turn_allocation *a,
		   const struct endpoint *peer, nanoseconds now)
{
	return !a->tcp && turn_relay_for(a, peer) != ROW_NONE &&
	       permission_holds(a, peer, now) && turn_peer_allowed(s, peer);
}

void turn_send_indication(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	const struct stun_message *m = ask->m;
	const struct turn_allocation *a;
	bool whole = stun_find(m, AT_DONT_FRAGMENT) != NULL;

	if (ask->allocation == ROW_NONE || !m->has_data ||
	    m->peer.family == FAMILY_NONE ||
	    (whole && s->can.dont_fragment != CLAIM_SURE)) {
		s->counts.dropped++;
		return;
	}
	a = allocation_row(s, ask->allocation);
	if (!passes(s, a, &m->peer, ask->now)) {
		s->counts.dropped++;
		return;
	}
	s->counts.to_peers++;
	s->counts.bytes_to_peers += m->data.n;
	s->provider.relay(s->provider.context, turn_relay_for(a, &m->peer),
			  &m->peer, m->data, whole);
}

void turn_channel_data(struct turn_server *s, const struct turn_path *from,
		       struct slice bytes, nanoseconds now)
{
	uint32_t row = allocation_find(s, from, now);
	struct decoding d = {.stream = from->stream};
	const struct channel *channel;
	const struct turn_allocation *a;
	struct channel_data in;
	size_t used;

	if (row == ROW_NONE ||
	    channel_data_decode(&d, bytes, &in, &used) != STATUS_OK) {
		s->counts.dropped++;
		return;
	}
	a = allocation_row(s, row);
	channel = channel_of(a, in.channel, now);
	if (channel && passes(s, a, &channel->peer, now))
		to_peer(s, a, &channel->peer, in.data);
	else
		s->counts.dropped++;
}

/* ---- from peers ---- */

static const struct turn_path *path_of(const struct turn_allocation *a)
{
	return &a->path;
}

/* The allocation of a relay that is alive, or NULL. */
static const struct turn_allocation *owner_of(struct turn_server *s,
					      uint32_t relay, nanoseconds now)
{
	const struct turn_allocation *a;

	if (relay >= s->relays.count || !relay_row(s, relay)->used ||
	    relay_row(s, relay)->allocation == ROW_NONE)
		return NULL;
	a = allocation_row(s, relay_row(s, relay)->allocation);
	return a->expires > now ? a : NULL;
}

/* A Data indication about a peer, as far as its address. */
static void indication(struct turn_server *s, const struct endpoint *peer,
		       struct stun_writer *w)
{
	uint8_t id[16] = {STUN_COOKIE >> 24, STUN_COOKIE >> 16 & 0xFF,
			  STUN_COOKIE >> 8 & 0xFF, STUN_COOKIE & 0xFF};
	uint64_t count = s->counts.to_clients + s->counts.dropped;

	/* Nobody answers it: it need only be new (RFC 8489 5). */
	for (size_t i = 0; i < 8; i++)
		id[4 + i] = (uint8_t)(hash_mix(s->key ^ count) >> 8 * i);
	for (size_t i = 0; i < 4; i++)
		id[12 + i] = (uint8_t)(count >> 8 * i);
	text_clear(&s->peers);
	*w = (struct stun_writer){.to = &s->peers, .aligned = true};
	stun_write_begin(w, stun_type(STUN_INDICATION, STUN_DATA), id);
	stun_write_xor_address(w, AT_XOR_PEER_ADDRESS, peer);
}

void turn_server_relayed(struct turn_server *s, uint32_t relay,
			 const struct endpoint *peer, struct slice data,
			 nanoseconds now)
{
	const struct turn_allocation *a = owner_of(s, relay, now);
	const struct channel *channel;
	struct stun_writer w;

	if (ms_is_shared(s, relay)) {
		ms_shared_received(s, peer, data, now);
		return;
	}
	if (!a || a->tcp || data.n > DATA_MAX ||
	    !permission_holds(a, peer, now)) {
		s->counts.dropped++;
		return;
	}
	if (a->ms) {
		ms_to_client(s, a, peer, data);
		return;
	}
	channel = channel_to(a, peer, now);
	if (channel) {
		text_clear(&s->peers);
		channel_data_write(&s->peers, channel->number, data,
				   a->path.stream);
	} else {
		indication(s, peer, &w);
		stun_write_bytes(&w, AT_DATA, data);
	}
	s->counts.to_clients++;
	s->counts.bytes_to_clients += data.n;
	if (s->peers.failed == STATUS_OK)
		turn_send(s, path_of(a), text_slice(&s->peers));
}

/* RFC 8656 11.5: unreachable, too big, time exceeded, of either version. */
static bool icmp_tells(const struct endpoint *peer, const struct turn_icmp *i)
{
	if (peer->family == FAMILY_IPV4)
		return i->type == 3 || i->type == 11;
	return i->type >= 1 && i->type <= 3;
}

void turn_server_icmp(struct turn_server *s, uint32_t relay,
		      const struct endpoint *peer, const struct turn_icmp *icmp,
		      nanoseconds now)
{
	const struct turn_allocation *a = owner_of(s, relay, now);
	uint8_t value[8] = {0};
	struct stun_writer w;

	if (!a || a->tcp || a->ms || !icmp_tells(peer, icmp) ||
	    !permission_holds(a, peer, now)) {
		s->counts.dropped++;
		return;
	}
	/* Seven bits of type, nine of code, then the MTU (18.13). */
	value[2] = (uint8_t)(icmp->type << 1);
	value[3] = icmp->code;
	for (size_t i = 0; i < 4; i++)
		value[4 + i] = (uint8_t)(icmp->data >> (24 - 8 * i));
	indication(s, peer, &w);
	stun_write_bytes(&w, AT_ICMP, slice_of(value, sizeof(value)));
	s->counts.to_clients++;
	if (s->peers.failed == STATUS_OK)
		turn_send(s, path_of(a), text_slice(&s->peers));
}
