/* ETW events and the packets in them (capture-formats 1.8). */
#include "config.h"

#include <stdlib.h>

#include "capture/netmon_etw.h"

#include "capture/source.h"
#include "core/cursor.h"

/* {2ED6006E-4729-4609-B423-3EE7BCD678EF}, as stored. */
static const uint8_t ndis_packet_capture[16] = {
	0x6E, 0x00, 0xD6, 0x2E, 0x29, 0x47, 0x09, 0x46,
	0xB4, 0x23, 0x3E, 0xE7, 0xBC, 0xD6, 0x78, 0xEF,
};
#define PACKET_FRAGMENT 1001

/* Keywords of its events. */
#define WIRELESS_WAN UINT64_C(0x200)
#define NATIVE_80211 UINT64_C(0x10000)
#define PACKET_START UINT64_C(0x40000000)
#define PACKET_END UINT64_C(0x80000000)
#define PACKET_SENT UINT64_C(0x100000000)
#define PACKET_RECEIVED UINT64_C(0x200000000)

enum status netmon_event_decode(struct slice in, struct netmon_event *out)
{
	struct cursor c = cursor_over(in);
	struct netmon_event e;
	uint16_t items;

	cursor_skip(&c, 8);
	e.thread = cursor_u32le(&c);
	cursor_skip(&c, 12); /* process, time */
	e.provider = cursor_take(&c, 16);
	e.id = cursor_u16le(&c);
	cursor_skip(&c, 6); /* version, channel, level, opcode, task */
	e.keywords = cursor_u64le(&c);
	cursor_skip(&c, 28); /* times, activity, processor, logger */
	items = cursor_u16le(&c);
	e.data_size = cursor_u16le(&c);
	cursor_skip(&c, 1); /* put together */
	while (items-- && !c.bad) {
		cursor_skip(&c, 6);
		cursor_skip(&c, cursor_u16le(&c));
	}
	if (c.bad)
		return STATUS_BAD;
	e.data = slice_first(cursor_rest(&c), e.data_size);
	*out = e;
	return STATUS_OK;
}

struct fragment {
	uint32_t interface, lower, thread;
	uint64_t keywords;
	uint32_t size;
	struct slice bytes; /* fewer than `size` when the capture cut them */
};

static bool fragment_decode(const struct netmon_event *event,
			    struct fragment *out)
{
	struct cursor c = cursor_over(event->data);

	out->interface = cursor_u32le(&c);
	out->lower = cursor_u32le(&c);
	out->size = cursor_u32le(&c);
	out->thread = event->thread;
	out->keywords = event->keywords;
	out->bytes = slice_first(cursor_rest(&c), out->size);
	return !c.bad && out->size <= FRAME_MAX;
}

static struct netmon_pending *find(struct netmon_packets *packets,
				   const struct fragment *f)
{
	for (size_t i = 0; i < NETMON_PACKETS_MAX; i++) {
		struct netmon_pending *p = &packets->list[i];

		if (p->used && p->interface == f->interface &&
		    p->lower == f->lower && p->thread == f->thread)
			return p;
	}
	return NULL;
}

static void give_up(struct netmon_packets *packets, struct netmon_pending *p)
{
	if (p && p->used) {
		p->used = false;
		packets->dropped++;
	}
}

/* A free place, or that of the packet that has waited longest. */
static struct netmon_pending *begin(struct netmon_packets *packets,
				    const struct fragment *f)
{
	struct netmon_pending *p = &packets->list[0];

	for (size_t i = 0; i < NETMON_PACKETS_MAX && p->used; i++)
		if (!packets->list[i].used || packets->list[i].age < p->age)
			p = &packets->list[i];
	give_up(packets, p);
	p->used = true;
	p->interface = f->interface;
	p->lower = f->lower;
	p->thread = f->thread;
	p->age = packets->events;
	p->n = 0;
	return p;
}

static enum status append(struct netmon_pending *p, struct slice bytes)
{
	if (bytes.n > FRAME_MAX - p->n)
		return STATUS_BAD;
	if (bytes.n > p->room - p->n) {
		size_t room = p->n + bytes.n;
		uint8_t *grown;

		room = room > FRAME_MAX / 2 ? FRAME_MAX : room * 2;
		grown = realloc(p->bytes, room);
		if (!grown)
			return STATUS_NOMEM;
		p->bytes = grown;
		p->room = room;
	}
	if (bytes.n)
		memcpy(p->bytes + p->n, bytes.p, bytes.n);
	p->n += bytes.n;
	return STATUS_OK;
}

static struct netmon_packet packet_of(const struct fragment *f,
				      struct slice bytes, size_t missing)
{
	struct netmon_packet packet = {
		.link_type = LINKTYPE_ETHERNET,
		.wire_length = (uint32_t)(bytes.n + missing),
		.bytes = bytes,
	};

	if (f->keywords & NATIVE_80211)
		packet.link_type = LINKTYPE_IEEE802_11;
	else if (f->keywords & WIRELESS_WAN)
		packet.link_type = LINKTYPE_RAW;
	if (f->keywords & PACKET_SENT)
		packet.direction = FRAME_SENT;
	else if (f->keywords & PACKET_RECEIVED)
		packet.direction = FRAME_RECEIVED;
	return packet;
}

static enum status take_fragment(struct netmon_packets *packets,
				 const struct fragment *f,
				 struct netmon_packet *out)
{
	struct netmon_pending *p = find(packets, f);
	bool last = f->keywords & PACKET_END;
	size_t missing = f->size - f->bytes.n;
	enum status status;

	if (f->keywords & PACKET_START) {
		give_up(packets, p);
		if (last) {
			*out = packet_of(f, f->bytes, missing);
			out->in_event = true;
			return STATUS_OK;
		}
		p = begin(packets, f);
	}
	if (!p)
		return STATUS_BAD;
	status = append(p, f->bytes);
	/* A hole is only bearable at the very end. */
	if (status == STATUS_OK && missing && !last)
		status = STATUS_BAD;
	if (status != STATUS_OK) {
		give_up(packets, p);
		return status;
	}
	if (!last)
		return STATUS_SHORT;
	p->used = false;
	*out = packet_of(f, slice_of(p->bytes, p->n), missing);
	return STATUS_OK;
}

enum status netmon_packets_take(struct netmon_packets *packets,
				const struct netmon_event *event,
				struct netmon_packet *out)
{
	struct fragment f;

	packets->events++;
	if (event->id != PACKET_FRAGMENT ||
	    !slice_equal(event->provider,
			 slice_of(ndis_packet_capture,
				  sizeof(ndis_packet_capture))))
		return STATUS_NOT_MINE;
	if (!fragment_decode(event, &f))
		return STATUS_BAD;
	return take_fragment(packets, &f, out);
}

void netmon_packets_free(struct netmon_packets *packets)
{
	for (size_t i = 0; i < NETMON_PACKETS_MAX; i++)
		free(packets->list[i].bytes);
	*packets = (struct netmon_packets){0};
}
