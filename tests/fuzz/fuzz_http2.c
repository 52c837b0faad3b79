/*
 * HTTP/2 on a connection: nothing that two sides say makes the reading of them
 * stop, keep what it should give back, or tell a byte twice.
 *
 * The input is cut by what stands in it: a byte that tells the side (bit 7), a
 * hole before it (bit 6) and how many bytes it says (bits 0 to 5, by four).
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "dissectors/http2.h"
#include "flow/driver.h"
#include "flow/keyring.h"
#include "tests/fuzz/one.h"

#define HEADERS 40u
#define PIECE_MAX 252u
#define HOLE 5u

struct world {
	struct driver *driver;
	uint64_t frame;
	uint32_t next[2];
};

static void heard(void *context, const struct message *message)
{
	size_t *bytes = context;

	if (message->kind == MESSAGE_TOLD)
		*bytes += message->bytes.n;
}

static void put_u16(uint8_t *to, unsigned n)
{
	to[0] = (uint8_t)(n >> 8);
	to[1] = (uint8_t)n;
}

static void put_u32(uint8_t *to, uint32_t n)
{
	put_u16(to, n >> 16);
	put_u16(to + 2, n & 0xFFFF);
}

static void send_segment(struct world *w, unsigned side, unsigned flags,
			 struct slice data)
{
	uint8_t packet[HEADERS + PIECE_MAX] = {0x45};
	struct frame frame = {
		.number = ++w->frame,
		.time = (nanoseconds)w->frame * NS_PER_MS,
		.has_time = true,
		.link_type = LINKTYPE_RAW,
		.wire_length = (uint32_t)(HEADERS + data.n),
		.bytes = slice_of(packet, HEADERS + data.n),
	};

	put_u16(packet + 2, (unsigned)frame.bytes.n);
	packet[8] = 64;
	packet[9] = IP_TCP;
	packet[15] = side ? 2 : 1;
	packet[19] = side ? 1 : 2;
	put_u16(packet + 20, side ? 80 : 40000);
	put_u16(packet + 22, side ? 40000 : 80);
	put_u32(packet + 24, w->next[side]);
	put_u32(packet + 28, w->next[!side]);
	packet[32] = 0x50;
	packet[33] = (uint8_t)flags;
	if (data.n)
		memcpy(packet + HEADERS, data.p, data.n);
	w->next[side] += (uint32_t)data.n + ((flags & TCP_SYN) != 0);
	if (driver_frame(w->driver, &frame) != STATUS_OK)
		abort();
}

static void play(struct world *w, struct slice script)
{
	struct cursor c = cursor_over(script);

	send_segment(w, 0, TCP_SYN, (struct slice){0});
	send_segment(w, 1, TCP_SYN | TCP_ACK, (struct slice){0});
	send_segment(w, 0, TCP_ACK, SLICE(HTTP2_PREFACE));
	while (c.left) {
		uint8_t what = cursor_u8(&c);
		unsigned side = what >> 7;
		size_t n = (what & 0x3Fu) * 4;

		if (what & 0x40)
			w->next[side] += HOLE;
		send_segment(w, side, TCP_ACK,
			     cursor_take(&c, n < c.left ? n : c.left));
	}
	driver_finish(w->driver);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyring *keys = keyring_new();
	size_t told = 0;
	struct message_sink sink = {.context = &told, .take = heard};
	struct world w = {.driver = driver_new(keys, &sink),
			  .next = {1000, 5000}};

	if (!keys || !w.driver)
		abort();
	play(&w, slice_of(data, size));
	/* What is told of a body of JSON is told with each of its items. */
	if (told > size * JSEP_ITEMS_MAX)
		abort();
	driver_free(w.driver);
	keyring_free(keys);
	return 0;
}
