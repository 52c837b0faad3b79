/*
 * WebSocket (RFC 6455), as SIP uses it (RFC 7118): the HTTP that opens it, and
 * the frames behind.
 */
#ifndef DISSECTORS_WEBSOCKET_H
#define DISSECTORS_WEBSOCKET_H

#include "core/dissector.h"

/* Longer ones are none of signalling. */
#define WEBSOCKET_MESSAGE_MAX ((size_t)1 << 20)
#define WEBSOCKET_HELLO_MAX 16384u

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8, /* from here on: control */
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

struct websocket_message {
	uint8_t opcode;    /* enum websocket_opcode, of its first frame */
	bool compressed;   /* RFC 7692: `data` is not what was said */
	struct slice data; /* unmasked, in the arena */
};

/*
 * The request or the 101 that makes a connection a WebSocket (RFC 6455 4):
 * SURE with its *size, MAYBE while it may still become one, NO.
 */
enum claim websocket_hello_claims(struct slice in, size_t *size);
/* Does such a request want SIP in it (RFC 7118 4.1)? */
bool websocket_asks_sip(struct slice hello);
/* A frame in the middle of a stream: SURE only where it begins with SIP. */
enum claim websocket_claims(struct slice in);
/* A message of one frame or several; STATUS_BAD for what no frame can be. */
MUST_CHECK enum status websocket_decode(struct decoding *d, struct slice in,
					struct websocket_message *out,
					size_t *used);

#endif /* DISSECTORS_WEBSOCKET_H */
