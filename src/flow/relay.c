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
