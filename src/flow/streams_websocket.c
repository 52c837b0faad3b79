/*
 * SIP over WebSocket (RFC 7118): a message of SIP in each message of the
 * WebSocket, over TCP or inside of TLS.
 */
#include "config.h"

#include "dissectors/websocket.h"
#include "flow/streams_state.h"

/* `data` is in the arena for what is taken apart, which must not be reset. */
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
	} else if (status != STATUS_NOT_MINE) {
		take_malformed(r->d, &from,
			       &(struct unreadable){"sip", status, data},
			       &findings);
	}
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
	if (m.opcode < WEBSOCKET_CLOSE && !m.compressed && m.data.n)
		take_inside(r, side, m.data);
	return used;
}
