/*
 * What a TURN flow tells about the packets inside its envelopes: who the
 * client is, its relayed address, and which peer is behind which channel.
 */
#ifndef FLOW_RELAY_H
#define FLOW_RELAY_H

#include "dissectors/stun.h"
#include "flow/flow_table.h"
#include "model/list.h"

#define RELAY_CHANNELS_MAX 1024u

struct relay_channel {
	uint16_t number;
	struct endpoint peer;
};

struct turn_flow {
	unsigned client; /* its side of the flow */
	bool key_proven; /* a credential verified on this allocation */
	uint32_t name;   /* keyring name of the last authenticated request */
	struct endpoint relayed, relayed_other; /* the other family */
	struct relay_channel *channels;
	size_t channel_count, channel_room;
};

/* The flow's TURN state, made if need be; NULL when memory is out. */
struct turn_flow *relay_of(struct flow *flow);
void relay_free(struct turn_flow *turn);

/* Learns from a TURN message that `side` sent. */
void relay_note(struct turn_flow *turn, const struct stun_message *m,
		unsigned side);

/* The address that a relay with two families uses towards that peer. */
const struct endpoint *relay_towards(const struct turn_flow *turn,
				     const struct endpoint *peer);

/* The channel if it is known, else NULL. */
const struct relay_channel *relay_channel_find(const struct turn_flow *turn,
					       uint16_t number);

/*
 * Relayed addresses whose grant is not in the capture: what the answer of a
 * peer says that it was asked from.  They are good for what came before, too,
 * so they stay for a second reading.
 */
#define RELAYS_SEEN_MAX ((size_t)1 << 16)

struct relays_seen {
	struct list rows; /* struct relay_seen */
	struct index index;
};

struct relay_seen {
	struct endpoint client, server, relayed;
};

/* False when it is known, or there is no room. */
bool relays_seen_add(struct relays_seen *seen, const struct relay_seen *relay);

/* Gives the flow the address that was seen of its relay, if one was; NULL:
 * nothing is known of it. */
struct turn_flow *relays_seen_give(const struct relays_seen *seen,
				   struct flow *flow);
void relays_seen_free(struct relays_seen *seen);

#endif /* FLOW_RELAY_H */
