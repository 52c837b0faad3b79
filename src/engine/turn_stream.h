/*
 * A client's byte stream on its way to the server machine: which framing it
 * has, and where the next message ends.
 *
 * One port of TCP serves both: bare STUN and ChannelData (RFC 8656 12.5), and
 * the frames of [MS-TURN] 2.1.4, with or without its pseudo-TLS hello in front
 * (2.1.1).  The first bytes decide; the path remembers.
 *
 *	size_t n;
 *	switch (turn_stream_piece(&path, in, &n)) {
 *	case PIECE_SHORT:   read more
 *	case PIECE_HELLO:   turn_hello_answer(..), send it, drop n bytes
 *	case PIECE_MESSAGE: turn_server_receive(.., n bytes ..), drop them
 *	case PIECE_BROKEN:  close the connection
 */
#ifndef ENGINE_TURN_STREAM_H
#define ENGINE_TURN_STREAM_H

#include "engine/turn_server.h"

enum turn_piece {
	PIECE_SHORT,
	PIECE_MESSAGE,
	PIECE_HELLO,
	PIECE_BROKEN,
};

/* *size is set for MESSAGE and HELLO.  Also path->framing, once it is known. */
enum turn_piece turn_stream_piece(struct turn_path *path, struct slice in,
				  size_t *size);

#define TURN_HELLO_ANSWER 83u

/* ServerHello and ServerHelloDone in one record ([MS-TURN] 2.1.1). */
void turn_hello_answer(struct turn_server *server,
		       uint8_t out[TURN_HELLO_ANSWER]);

#endif /* ENGINE_TURN_STREAM_H */
