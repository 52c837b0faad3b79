/*
 * ETW events in Network Monitor files, and the packets inside those of
 * Microsoft-Windows-NDIS-PacketCapture (capture-formats 1.8).
 *
 * A packet comes in one event or in fragments; fragments of several interfaces
 * and threads may lie between each other.
 */
#ifndef CAPTURE_NETMON_ETW_H
#define CAPTURE_NETMON_ETW_H

#include "capture/frame.h"

/* So many packets are put together at once; then the oldest one is dropped. */
#define NETMON_PACKETS_MAX 16u

struct netmon_event {
	struct slice provider; /* GUID as stored, 16 bytes */
	uint16_t id;
	uint64_t keywords;
	uint32_t thread;
	struct slice data; /* the user data that was captured ... */
	size_t data_size;  /* ... of so many bytes */
};

/* Reads an event; STATUS_BAD when it is not one. */
MUST_CHECK enum status netmon_event_decode(struct slice in,
					   struct netmon_event *out);

/* A packet that is being put together. */
struct netmon_pending {
	bool used;
	uint32_t interface, lower, thread;
	uint64_t age;
	uint8_t *bytes;
	size_t n, room;
};

/* All zero at first. */
struct netmon_packets {
	struct netmon_pending list[NETMON_PACKETS_MAX];
	uint64_t events;
	uint64_t dropped; /* packets that were never completed */
};

struct netmon_packet {
	uint32_t link_type;
	enum frame_direction direction;
	uint32_t wire_length;
	/* Borrows from the event, or from `packets` until the next take. */
	struct slice bytes;
	bool in_event; /* all of it lies in this event */
};

/*
 * Takes an event in.  STATUS_OK: it completes *out; STATUS_SHORT: more of the
 * packet must come; STATUS_NOT_MINE: no packet in it; STATUS_BAD: a fragment
 * without its beginning, cut off or too long; STATUS_NOMEM.
 */
MUST_CHECK enum status netmon_packets_take(struct netmon_packets *packets,
					   const struct netmon_event *event,
					   struct netmon_packet *out);

void netmon_packets_free(struct netmon_packets *packets);

#endif /* CAPTURE_NETMON_ETW_H */
