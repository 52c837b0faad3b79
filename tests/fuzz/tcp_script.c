/* TCP segments from arbitrary bytes, and what must come of them. */
#include "config.h"

#include <stdlib.h>

#include "tests/fuzz/tcp_script.h"

static void hold(bool truth)
{
	if (!truth)
		abort();
}

static uint8_t byte_at(unsigned side, uint32_t at)
{
	return (uint8_t)((at * 2654435761u >> 13) + side);
}

static size_t on_data(void *context, unsigned side,
		      const struct tcp_shown *shown, bool ended)
{
	const struct slice bytes = shown->bytes;
	struct tcp_script *script = context;
	struct script_side *self = &script->sides[side];
	size_t taken = bytes.n;

	hold(!self->ended);
	hold(bytes.n == 0 || shown->mark.frame != 0);
	hold(bytes.n == 0 || shown->own.frame != 0);
	hold(shown->old <= bytes.n);
	for (size_t i = 0; i < bytes.n; i++)
		hold(bytes.p[i] ==
		     byte_at(side, self->position + (uint32_t)i));
	if (script->appetite)
		taken -= (self->position + bytes.n) % script->appetite %
			 (bytes.n + 1);
	if (ended)
		taken = bytes.n;
	self->position += (uint32_t)taken;
	self->ended = ended;
	return taken;
}

static void on_hole(void *context, unsigned side, enum tcp_hole kind,
		    uint64_t size, struct slice unread)
{
	struct tcp_script *script = context;
	struct script_side *self = &script->sides[side];

	hold(!self->ended);
	hold(kind == TCP_HOLE_CAPTURE || kind == TCP_HOLE_NETWORK ||
	     kind == TCP_HOLE_LEFT_OUT);
	for (size_t i = 0; i < unread.n; i++)
		hold(unread.p[i] ==
		     byte_at(side, self->position + (uint32_t)i));
	self->position += (uint32_t)(unread.n + size);
	self->hole = true;
}

static void feed(struct tcp_script *script, unsigned side,
		 const struct packet *packet)
{
	script->reader.mark.frame++;
	hold(tcp_stream_feed(script->stream, side, packet,
			     script->reader.mark.time, &script->reader) ==
	     STATUS_OK);
}

struct tcp_script *tcp_script_new(uint32_t isn, unsigned appetite)
{
	struct tcp_script *script = calloc(1, sizeof(*script));
	struct packet packet = {.protocol = IP_TCP,
				.tcp_parsed = true,
				.flags = TCP_SYN,
				.seq = isn};

	hold(script != NULL);
	script->isn = isn;
	script->appetite = appetite;
	script->limits.bytes_max = 1 << 24;
	script->stream = tcp_stream_new(&script->limits);
	hold(script->stream != NULL);
	script->reader = (struct tcp_reader){
		.context = script, .data = on_data, .hole = on_hole};
	feed(script, 0, &packet);
	feed(script, 1, &packet);
	return script;
}

/* What was fed without a gap from the front on. */
static void note_fed(struct script_side *self, uint32_t at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		self->fed[at + i] = true;
	while (self->fed[self->whole])
		self->whole++;
}

/* What one byte says about a segment. */
#define WHAT_SIDE 0x01u
#define WHAT_FIN 0x02u
#define WHAT_RST 0x1Cu /* all of these bits, so that it is rare */
#define WHAT_LEFT_OUT 0x0Cu /* just these of the same */
#define WHAT_ACK 0x20u
#define WHAT_CUT 0x40u
#define WHAT_TIME 0x80u

static unsigned flags_of(uint8_t what)
{
	unsigned flags = 0;

	if (what & WHAT_FIN)
		flags |= TCP_FIN;
	if ((what & WHAT_RST) == WHAT_RST)
		flags |= TCP_RST;
	if (what & WHAT_ACK)
		flags |= TCP_ACK;
	return flags;
}

void tcp_script_step(struct tcp_script *script, struct cursor *c)
{
	uint8_t what = cursor_u8(c);
	uint32_t at = cursor_u16(c);
	size_t n = cursor_u8(c);
	uint32_t extra = cursor_u16(c);
	struct script_side *self = &script->sides[what & WHAT_SIDE];
	uint8_t bytes[256];
	struct packet packet = {
		.protocol = IP_TCP,
		.tcp_parsed = true,
		.flags = (uint8_t)flags_of(what),
		.seq = script->isn + 1 + at,
		.ack = script->isn + 1 + extra,
		.payload = slice_of(bytes, n),
		.wire_payload = n + (what & WHAT_CUT ? extra % 256 : 0),
		.left_out = (what & WHAT_RST) == WHAT_LEFT_OUT,
	};

	for (size_t i = 0; i < n; i++)
		bytes[i] = byte_at(what & WHAT_SIDE, at + (uint32_t)i);
	if (what & WHAT_TIME)
		script->reader.mark.time += (nanoseconds)extra * NS_PER_MS;
	if (packet.flags & TCP_RST)
		script->sides[0].short_end = script->sides[1].short_end = true;
	else
		note_fed(self, at, n);
	if (packet.flags & TCP_FIN)
		self->short_end = true;
	feed(script, what & WHAT_SIDE, &packet);
}

void tcp_script_end(struct tcp_script *script)
{
	tcp_stream_end(script->stream, &script->reader);
	for (size_t i = 0; i < 2; i++) {
		const struct script_side *self = &script->sides[i];

		hold(self->ended);
		hold(self->hole || self->short_end ||
		     self->position == self->whole);
	}
	tcp_stream_free(script->stream);
	hold(script->limits.bytes_now == 0);
	free(script);
}
