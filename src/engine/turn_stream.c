/* Framing of streams: RFC or [MS-TURN]. */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/turn.h"
#include "engine/turn_state.h"
#include "engine/turn_stream.h"

#define MS_HEADER 4u

static enum turn_piece rfc_piece(struct slice in, size_t *size)
{
	size_t n = turn_frame_size(in);

	if (n == SIZE_MAX)
		return PIECE_BROKEN;
	if (n == 0 || n > in.n)
		return PIECE_SHORT;
	*size = n;
	return PIECE_MESSAGE;
}

/* Type 2 or 3, 0, length; also what a multiplexed frame has in front. */
static enum turn_piece ms_piece(struct slice in, size_t *size)
{
	struct cursor c = cursor_over(in);
	uint16_t first = cursor_u16(&c);
	size_t length = cursor_u16(&c);

	if (c.bad)
		return PIECE_SHORT;
	if (first != 0x0200 && first != 0x0300 && first != 0xFF10)
		return PIECE_BROKEN;
	if (MS_HEADER + length > in.n)
		return PIECE_SHORT;
	*size = MS_HEADER + length;
	return PIECE_MESSAGE;
}

/* 0200 and 0300 begin no message of the RFCs: methods from 0x080 on. */
static enum turn_piece first_piece(struct turn_path *path, struct slice in,
				   size_t *size)
{
	enum claim hello = pseudo_tls_claims(in, false, size);

	if (in.n == 0)
		return PIECE_SHORT;
	if (hello == CLAIM_MAYBE && in.p[0] != 2 && in.p[0] != 3)
		return PIECE_SHORT;
	if (hello == CLAIM_SURE && in.p[0] == 0x16) {
		path->framing = TURN_FRAMING_MS;
		return PIECE_HELLO;
	}
	if (in.p[0] == 2 || in.p[0] == 3 || in.p[0] == 0xFF) {
		path->framing = TURN_FRAMING_MS;
		return ms_piece(in, size);
	}
	path->framing = TURN_FRAMING_RFC;
	return rfc_piece(in, size);
}

enum turn_piece turn_stream_piece(struct turn_path *path, struct slice in,
				  size_t *size)
{
	switch ((enum turn_framing)path->framing) {
	case TURN_FRAMING_RFC:
		return rfc_piece(in, size);
	case TURN_FRAMING_MS:
		return ms_piece(in, size);
	case TURN_FRAMING_NONE:
		break;
	}
	return first_piece(path, in, size);
}

void turn_hello_answer(struct turn_server *s, uint8_t out[TURN_HELLO_ANSWER])
{
	const struct turn_provider *provider = &s->provider;
	static const uint8_t front[] = {0x16, 0x03, 0x01, 0x00, 0x4E, 0x02,
					0x00, 0x00, 0x46, 0x03, 0x01};
	static const uint8_t back[] = {0x00, 0x18, 0x00, 0x0E,
				       0x00, 0x00, 0x00};

	memcpy(out, front, sizeof(front));
	provider->random(provider->context, out + 11, 32);
	out[43] = 32;
	provider->random(provider->context, out + 44, 32);
	memcpy(out + 76, back, sizeof(back));
}
