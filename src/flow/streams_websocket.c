/*
 * SIP over WebSocket (RFC 7118): a message of SIP in each message of the
 * WebSocket, over TCP or inside of TLS; or SDP in JSON (streams_jsep.c).
 */
#include "config.h"

#include "dissectors/websocket.h"
#include "flow/streams_state.h"

/* Each holds 45 KiB. */
#define UNPACKERS_MAX 1024u

/* `data` is in the arena for what is taken apart, which must not be reset, or
 * in the unpacker. */
static void take_inside(struct reading *r, unsigned side, struct slice data)
{
	struct findings findings = {0};
	struct decoding decoding = {.arena = &r->d->scratch,
				    .findings = &findings};
	struct origin from = streams_origin(r, side);
	struct sip_message m;
	enum status status;
	size_t used;

	if (sip_is_keepalive(data)) {
		take_keepalive(r->d, &from, data);
		return;
	}
	status = sip_decode(&decoding, data, &m, &used);
	if (status == STATUS_OK) {
		r->d->flows.rows[r->row].seen |= FLOW_SEEN_SIP;
		take_sip(r->d, &from, &m, slice_first(data, used), &findings);
	} else if (status == STATUS_NOT_MINE) {
		streams_jsep(r, side, data);
	} else {
		take_malformed(r->d, &from,
			       &(struct unreadable){"sip", status, data},
			       &findings);
	}
}

/*
 * RFC 7692.  Whether one message goes on from the last need not be known: who
 * begins anew points to nothing that came before.  A connection that is seen
 * from its middle on may do, and then fails.
 */
static bool unpack(struct reading *r, unsigned side, struct slice *data)
{
	struct tcp_side *self = &r->sides[side];

	if (!self->unpacker && r->d->unpackers < UNPACKERS_MAX) {
		self->unpacker = unpacker_new(WEBSOCKET_MESSAGE_MAX);
		r->d->unpackers += self->unpacker != NULL;
	}
	return self->unpacker &&
	       unpacker_put(self->unpacker, *data, data) == STATUS_OK;
}

void streams_websocket_lose(struct tcp_side *side)
{
	if (side->unpacker)
		unpacker_reset(side->unpacker);
}

void streams_websocket_end(struct driver *d, struct tcp_side *side)
{
	d->unpackers -= side->unpacker != NULL;
	unpacker_free(side->unpacker);
	side->unpacker = NULL;
}

static void take_message(struct reading *r, unsigned side,
			 const struct websocket_message *m)
{
	struct slice data = m->data;

	if (m->opcode < WEBSOCKET_CLOSE && data.n &&
	    (!m->compressed || unpack(r, side, &data)))
		take_inside(r, side, data);
}

size_t streams_websocket(struct reading *r, unsigned side, struct slice bytes)
{
	struct decoding decoding = {.arena = &r->d->scratch, .stream = true};
	struct websocket_message m;
	enum status status;
	size_t used;

	arena_reset(&r->d->scratch);
	status = websocket_decode(&decoding, bytes, &m, &used);
	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK) {
		r->sides[side].framing = FRAMING_OTHER;
		return bytes.n;
	}
	take_message(r, side, &m);
	return used;
}
