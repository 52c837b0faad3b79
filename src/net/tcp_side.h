/*
 * One direction of a TCP stream: what is next, what waits behind a gap, what
 * the reader left.  Private to net/tcp.c.
 *
 * Sequence numbers wrap, so they are compared by their distance; what is
 * further away than TCP_FAR is taken for nonsense, or for another connection.
 */
#ifndef NET_TCP_SIDE_H
#define NET_TCP_SIDE_H

#include "net/tcp.h"

#define TCP_FAR (INT32_C(1) << 26)
/* Segments behind gaps, per direction: tiny ones cost more than their bytes. */
#define TCP_WAITING_SEGMENTS_MAX 1024u
/* More than any frame holds. */
#define TCP_SEGMENT_MAX ((size_t)1 << 20)

struct tcp_segment {
	uint32_t seq;
	struct slice bytes;
	uint32_t missing; /* bytes behind them that the capture cut off */
	struct tcp_mark mark;
};

struct tcp_waiting;

struct tcp_side {
	unsigned index;
	bool started; /* `next` is known */
	bool ended;   /* the reader knows that no more will come */
	bool has_isn, has_fin, has_ack, has_cut, has_stray;
	bool left_out; /* some of the connection was left out on purpose */
	uint32_t isn;	 /* sequence number of the SYN */
	uint32_t next;	 /* of the byte that is shown next */
	uint32_t fin;	 /* of the FIN */
	uint32_t ack;	 /* the other side has all before this */
	uint32_t cut_to; /* the capture cut off all before this */
	uint32_t stray;	 /* where a segment far away ended */
	uint32_t stray_bytes;

	/* Sorted, without overlap; nothing of it is before `next`. */
	struct tcp_waiting *first, *last;
	uint32_t waiting_count;
	size_t waiting_bytes;
	nanoseconds gap_since;
	bool acked_since; /* the other side spoke since the gap began */

	struct {
		uint8_t *p;
		size_t at, n, room;
		struct tcp_mark mark;
	} unread;
};

/* One call of tcp_stream_feed or tcp_stream_end. */
struct tcp_feed {
	struct tcp_limits *limits;
	const struct tcp_reader *reader;
	nanoseconds now;
	enum status status;
};

/* How far `a` is ahead of `b`. */
static inline int32_t tcp_ahead(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

static inline bool tcp_is_near(uint32_t a, uint32_t b)
{
	int32_t ahead = tcp_ahead(a, b);

	return ahead <= TCP_FAR && ahead >= -TCP_FAR;
}

/* The first byte of this side will be `next`. */
void tcp_side_start(struct tcp_side *side, uint32_t next);

/* What is missing before `seq` was left out on purpose. */
void tcp_side_left_out(struct tcp_feed *f, struct tcp_side *side, uint32_t seq);

/* The other side has all before `ack`. */
void tcp_side_ack(struct tcp_side *side, uint32_t ack);

/* A segment of a side that is started. */
void tcp_side_take(struct tcp_feed *f, struct tcp_side *side,
		   struct tcp_segment segment);

/* This side ends at `seq`. */
void tcp_side_fin(struct tcp_feed *f, struct tcp_side *side, uint32_t seq);

/* Gives gaps up whose time has come. */
void tcp_side_check(struct tcp_feed *f, struct tcp_side *side);

/* Shows all that waits, tells the gaps, then the end. */
void tcp_side_finish(struct tcp_feed *f, struct tcp_side *side);

/* Gives all memory back; the side is as new. */
void tcp_side_reset(struct tcp_limits *limits, struct tcp_side *side);

#endif /* NET_TCP_SIDE_H */
