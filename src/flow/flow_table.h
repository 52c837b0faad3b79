/*
 * Flows: one row for each pair of endpoints and IP protocol, found with one
 * hash probe for each packet, with what sticks to it.
 */
#ifndef FLOW_FLOW_TABLE_H
#define FLOW_FLOW_TABLE_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/hash.h"

#define FLOWS_MAX ((size_t)1 << 20)

/* No protocol of IP (RFC 3692): a flow between the ends of a log, which is
 * none of packets. */
#define FLOW_OF_LOG 253

/* What was seen on a flow: later bytes are read in its light. */
enum flow_seen {
	FLOW_SEEN_SIP = 1,
	FLOW_SEEN_STUN = 2,
	FLOW_SEEN_TURN = 4, /* a TURN method: ChannelData is believed */
	FLOW_SEEN_MS_TURN = 8,
	FLOW_SEEN_MTURN = 16,
	FLOW_SEEN_DTLS = 32,
	FLOW_SEEN_RTP = 64, /* believed: consecutive packets */
	/* For the inventory alone: */
	FLOW_SEEN_RTCP = 128,
	FLOW_SEEN_TLS = 256,
	FLOW_SEEN_DNS = 512,
	FLOW_SEEN_QUIC = 1024,
	FLOW_SEEN_HTTP = 2048,
	FLOW_SEEN_INSIDE = 4096,   /* of DTLS: what it holds was read; of TLS:
				    * that is HTTP */
	FLOW_SEEN_EXPORTED = 8192, /* messages without their packets */
};

struct tcp_flow;
struct turn_flow;
struct dtls_flow;

struct flow {
	struct endpoint ends[2]; /* [0]: who sent the first packet seen */
	uint8_t protocol;
	bool used;
	uint16_t seen;          /* bits of enum flow_seen */
	uint32_t media_last[2]; /* row of the last RTP stream, by side; + 1 */
	uint32_t packets[2];    /* saturate */
	nanoseconds last;
	struct tcp_flow *tcp;   /* owned by flow/streams.c */
	struct turn_flow *turn; /* owned by flow/relay.c */
	struct dtls_flow *dtls; /* by flow/classify_dtls.c; NULL: nothing is
				 * decrypted */
};

struct flow_table {
	struct flow *rows;
	size_t count; /* rows in use or free */
	size_t room;
	uint32_t *free_rows;
	size_t free_count, free_room;
	struct index index;
	uint64_t key; /* of the hash */
	uint64_t evicted;

	/* Told before a row is given away at the limit; may be NULL. */
	void *context;
	void (*on_evict)(void *context, uint32_t row);
};

void flow_table_free(struct flow_table *table);

/* A packet that this side sent. */
static inline void flow_count(struct flow *flow, unsigned side,
			      nanoseconds time)
{
	flow->last = time;
	if (flow->packets[side] < UINT32_MAX)
		flow->packets[side]++;
}

/*
 * The row for a packet, made when it is new; *side says who sent it.
 * INDEX_NONE when memory is out.  A pointer to a row is good until the next
 * call.
 */
uint32_t flow_table_find(struct flow_table *table, uint8_t protocol,
			 const struct endpoint *src, const struct endpoint *dst,
			 unsigned *side);

/* The row if it exists, else INDEX_NONE. */
uint32_t flow_table_peek(const struct flow_table *table, uint8_t protocol,
			 const struct endpoint *src, const struct endpoint *dst,
			 unsigned *side);

/* Gives away the rows of flows without a packet since before a time.  False:
 * memory is out; some stay. */
bool flow_table_forget(struct flow_table *table, nanoseconds before);

#endif /* FLOW_FLOW_TABLE_H */
