/* TURN state of a flow, as far as unwrapping needs it (RFC 8656 7, 12). */
#include "config.h"

#include <stdlib.h>

#include "flow/relay.h"

struct turn_flow *relay_of(struct flow *flow)
{
	if (!flow->turn)
		flow->turn = calloc(1, sizeof(*flow->turn));
	return flow->turn;
}

void relay_free(struct turn_flow *turn)
{
	if (!turn)
		return;
	free(turn->channels);
	free(turn);
}

static struct relay_channel *find(const struct turn_flow *turn, uint16_t number)
{
	for (size_t i = 0; i < turn->channel_count; i++)
		if (turn->channels[i].number == number)
			return &turn->channels[i];
	return NULL;
}

const struct relay_channel *relay_channel_find(const struct turn_flow *turn,
					       uint16_t number)
{
	return turn ? find(turn, number) : NULL;
}

static void bind(struct turn_flow *turn, uint16_t number,
		 const struct endpoint *peer)
{
	struct relay_channel *channel = find(turn, number);

	if (!channel) {
		if (turn->channel_count == turn->channel_room) {
			size_t room = turn->channel_room * 2 + 4;
			void *grown;

			if (turn->channel_room == RELAY_CHANNELS_MAX)
				return;
			if (room > RELAY_CHANNELS_MAX)
				room = RELAY_CHANNELS_MAX;
			grown = realloc(turn->channels,
					room * sizeof(*turn->channels));
			if (!grown)
				return;
			turn->channels = grown;
			turn->channel_room = room;
		}
		channel = &turn->channels[turn->channel_count++];
		*channel = (struct relay_channel){.number = number};
	}
	/* Confirmed or not: a client sends only on what it bound. */
	channel->peer = *peer;
}

const struct endpoint *relay_towards(const struct turn_flow *turn,
				     const struct endpoint *peer)
{
	bool other = turn->relayed_other.family != FAMILY_NONE &&
		     turn->relayed_other.family == peer->family;

	return other ? &turn->relayed_other : &turn->relayed;
}

void relay_note(struct turn_flow *turn, const struct stun_message *m,
		unsigned side)
{
	bool from_client =
		m->class == STUN_REQUEST ||
		(m->class == STUN_INDICATION && m->method == STUN_SEND);

	turn->client = from_client ? side : !side;
	if (m->class == STUN_SUCCESS && m->method == STUN_ALLOCATE &&
	    m->relayed.family != FAMILY_NONE) {
		turn->relayed = m->relayed;
		turn->relayed_other = m->relayed_other;
	}
	if (m->class == STUN_REQUEST && m->method == STUN_CHANNEL_BIND &&
	    m->has_channel && m->peer.family != FAMILY_NONE)
		bind(turn, m->channel, &m->peer);
}

/* ---- those whose grant is not in the capture ---- */

static uint64_t seen_hash(const struct endpoint *client,
			  const struct endpoint *server)
{
	uint64_t key = hash_bytes(1, slice_of(client, sizeof(*client)));

	return hash_bytes(key, slice_of(server, sizeof(*server)));
}

static bool same_relay(const void *rows, uint32_t row, const void *key)
{
	const struct relay_seen *a = (const struct relay_seen *)rows + row;
	const struct relay_seen *b = key;

	return endpoint_equal(&a->client, &b->client) &&
	       endpoint_equal(&a->server, &b->server);
}

static uint32_t seen_row(const struct relays_seen *seen,
			 const struct relay_seen *relay)
{
	return index_find(&seen->index,
			  seen_hash(&relay->client, &relay->server), same_relay,
			  seen->rows.rows, relay);
}

bool relays_seen_add(struct relays_seen *seen, const struct relay_seen *relay)
{
	struct relay_seen *row;

	if (seen_row(seen, relay) != INDEX_NONE)
		return false;
	if (!seen->rows.size)
		seen->rows = list_of(sizeof(*row), RELAYS_SEEN_MAX);
	row = list_add(&seen->rows);
	if (!row)
		return false;
	*row = *relay;
	if (index_add(&seen->index, seen_hash(&row->client, &row->server),
		      (uint32_t)seen->rows.count - 1) == STATUS_OK)
		return true;
	seen->rows.count--;
	return false;
}

struct turn_flow *relays_seen_give(const struct relays_seen *seen,
				   struct flow *flow)
{
	for (unsigned client = 0; client < 2; client++) {
		struct relay_seen relay = {.client = flow->ends[client],
					   .server = flow->ends[!client]};
		uint32_t row = seen_row(seen, &relay);
		struct turn_flow *turn;

		if (row == INDEX_NONE)
			continue;
		turn = relay_of(flow);
		if (!turn)
			return NULL;
		turn->client = client;
		turn->relayed = ((struct relay_seen *)list_at(&seen->rows, row))
					->relayed;
		return turn;
	}
	return flow->turn;
}

void relays_seen_free(struct relays_seen *seen)
{
	list_free(&seen->rows);
	index_free(&seen->index);
}
