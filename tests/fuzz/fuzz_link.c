/*
 * Frames of one link type after the other, so that fragments can meet: no read
 * outside, and a payload is shorter than on the wire just when it is cut.
 *
 * Input: link type (2 bytes), then frames with a length (2 bytes) each.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "net/packet.h"
#include "tests/fuzz/one.h"

static void check(const struct packet *packet)
{
	unsigned sum = 0;

	for (size_t i = 0; i < packet->payload.n; i++)
		sum += packet->payload.p[i];
	for (size_t i = 0; packet->has_icmp && i < packet->icmp.quoted.n; i++)
		sum += packet->icmp.quoted.p[i];
	if (packet->cut != (packet->wire_payload > packet->payload.n) ||
	    packet->src.family != packet->dst.family || sum == UINT32_MAX)
		abort();
}

static void read_frame(struct net *net, const struct frame *frame)
{
	struct packet packet;
	enum status status = net_packet(net, frame, &packet);
	size_t patience = frame->bytes.n + 2;

	while (status != STATUS_END) {
		if (status == STATUS_OK)
			check(&packet);
		if (patience-- == 0)
			abort();
		status = net_packet_more(net, &packet);
	}
}

/* What was given up is the beginning of something, cut. */
static void read_lost(struct net *net)
{
	struct net_lost lost;
	unsigned sum = 0;

	while (net_next_lost(net, &lost)) {
		for (size_t i = 0; i < lost.packet.payload.n; i++)
			sum += lost.packet.payload.p[i];
		if (!lost.packet.cut || !lost.mark.number || sum == UINT32_MAX)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(slice_of(data, size));
	struct net *net = net_new();
	struct frame frame = {.link_type = cursor_u16(&c)};

	if (frame.link_type >= 0xFFF0) /* ours: 0x10000 and up */
		frame.link_type = (frame.link_type & 0xFu) + LINKTYPE_UNKNOWN;
	while (net && c.left > 1) {
		uint16_t n = cursor_u16(&c);

		frame.bytes = cursor_take(&c, n < c.left ? n : c.left);
		frame.wire_length = n;
		frame.number++;
		frame.time += NS_PER_S;
		read_frame(net, &frame);
		read_lost(net);
	}
	if (net) {
		net_end(net);
		read_lost(net);
	}
	net_free(net);
	return 0;
}
