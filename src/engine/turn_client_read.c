/* What the client hears: frames, messages, data of peers. */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/turn.h"
#include "engine/turn_client_state.h"
#include "engine/turn_server.h"

#define FRAME_CONTROL 2u

static void hand_data(struct turn_client *c, const struct endpoint *peer,
		      uint16_t channel, struct slice data)
{
	if (c->provider.data)
		c->provider.data(c->provider.context, peer, channel, data);
}

/* [MS-TURN] 2.7: what is no message comes from the active destination. */
static void read_payload(struct turn_client *c, struct slice bytes)
{
	if (c->config.ms_turn && c->active.family != FAMILY_NONE)
		hand_data(c, &c->active, 0, bytes);
}

static bool is_answer(const struct turn_client *c, const struct stun_message *m)
{
	if (m->class != STUN_SUCCESS && m->class != STUN_ERROR)
		return false;
	if (!c->running || memcmp(m->id, c->id, sizeof(c->id)) != 0)
		return false;
	/* The same method: the type without its class bits. */
	return ((m->type ^ slice_cut(text_slice(&c->out), 0, 2).p[1]) & 0xEF) ==
	       0;
}

static bool is_data(const struct stun_message *m)
{
	return m->method == STUN_DATA || m->type == 0x0115;
}

static void read_stun(struct turn_client *c, const struct stun_message *m,
		      nanoseconds now)
{
	if (is_data(m) && !is_answer(c, m)) {
		if (m->has_data)
			hand_data(c, &m->peer, 0, m->data);
		return;
	}
	if (is_answer(c, m))
		client_answered(c, m, now);
}

static bool read_channel(struct turn_client *c, struct slice bytes)
{
	struct decoding d = {.arena = &c->scratch, .stream = c->config.stream};
	static const struct endpoint nobody;
	struct channel_data in;
	size_t used;

	if (c->config.ms_turn ||
	    channel_data_claims(bytes, false) == CLAIM_NO ||
	    channel_data_decode(&d, bytes, &in, &used) != STATUS_OK)
		return false;
	hand_data(c, &nobody, in.channel, in.data);
	return true;
}

static void read_inner(struct turn_client *c, struct slice bytes,
		       nanoseconds now)
{
	struct decoding d = {.arena = &c->scratch};
	struct stun_message m;
	size_t used;

	if (read_channel(c, bytes))
		return;
	if (stun_claims(bytes, false) == CLAIM_SURE &&
	    stun_decode(&d, bytes, &m, &used) == STATUS_OK)
		read_stun(c, &m, now);
	else
		read_payload(c, bytes);
	arena_reset(&c->scratch);
}

void client_read_message(struct turn_client *c, struct slice bytes,
			 nanoseconds now)
{
	struct decoding d = {.arena = &c->scratch};
	struct multiplexed frame;
	size_t used;

	if (c->config.ms_turn && multiplexed_claims(bytes, false) != CLAIM_NO &&
	    multiplexed_decode(&d, bytes, &frame, &used) == STATUS_OK)
		bytes = frame.data;
	read_inner(c, bytes, now);
}

/* ---- streams ---- */

static void broken(struct turn_client *c, struct slice bytes, nanoseconds now)
{
	struct slice first = slice_first(bytes, CLIENT_ODDITY);

	c->broken = true;
	if (first.n)
		memcpy(c->oddity, first.p, first.n);
	c->oddity_size = first.n;
	if (c->running)
		client_finish(c, CLIENT_BROKEN, NULL, now);
}

/* The server's hello of pseudo-TLS: its size, 0: not all of it, SIZE_MAX. */
static size_t hello_size(struct slice in)
{
	size_t n = 0;
	enum claim claim = pseudo_tls_claims(in, true, &n);

	if (claim == CLAIM_SURE)
		return n <= in.n ? n : 0;
	return claim == CLAIM_MAYBE ? 0 : SIZE_MAX;
}

/* Of STUN and ChannelData: what can be an answer to this client, so that
 * another protocol is told by its first bytes. */
static bool can_be_ours(const struct turn_client *c, struct slice in)
{
	struct cursor k = cursor_over(in);
	uint8_t first = cursor_u8(&k);
	uint32_t cookie;

	if (first >= 0x40) {
		k = cursor_over(in);
		return in.n < 2 || (cursor_u16(&k) == c->channel && c->channel);
	}
	cursor_skip(&k, 3);
	cookie = cursor_u32(&k);
	return first <= 1 && (k.bad || cookie == STUN_COOKIE);
}

/* The whole frame at the front, as turn_frame_size. */
static size_t frame_size(const struct turn_client *c, struct slice in)
{
	struct cursor k = cursor_over(in);
	uint8_t kind = cursor_u8(&k);
	uint8_t zero = cursor_u8(&k);
	size_t n = cursor_u16(&k);

	if (!c->config.ms_turn)
		return can_be_ours(c, in) ? turn_frame_size(in) : SIZE_MAX;
	if (in.n && (kind < FRAME_CONTROL || kind > FRAME_CONTROL + 1))
		return SIZE_MAX;
	if (k.bad)
		return 0;
	return zero ? SIZE_MAX : n + 4;
}

static void read_frame(struct turn_client *c, struct slice frame,
		       nanoseconds now)
{
	if (!c->config.ms_turn)
		client_read_message(c, frame, now);
	else if (frame.p[0] == FRAME_CONTROL)
		client_read_message(c, slice_from(frame, 4), now);
	else
		read_payload(c, slice_from(frame, 4));
}

void client_read_stream(struct turn_client *c, nanoseconds now)
{
	struct slice in = text_slice(&c->in);
	size_t n;

	while (in.n && !c->broken) {
		n = c->greeted ? frame_size(c, in) : hello_size(in);
		if (n == SIZE_MAX) {
			broken(c, in, now);
			return;
		}
		if (n == 0 || n > in.n)
			break;
		if (!c->greeted) {
			c->greeted = true;
			client_transmit(c, text_slice(&c->out));
		} else {
			read_frame(c, slice_first(in, n), now);
		}
		in = slice_from(in, n);
	}
	/* What is left goes to the front. */
	if (in.n && in.p != (const uint8_t *)c->in.p)
		memmove(c->in.p, in.p, in.n);
	c->in.n = in.n;
}
