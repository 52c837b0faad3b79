/*
 * TCP streams: bytes in order from segments that come as they like.
 *
 * One struct tcp_stream per connection, with two directions.  Survives
 * reordering, retransmission and overlap (first copy wins), a start in the
 * middle, and holes: a hole that the receiver acknowledged was lost by the
 * capture, one that it did not was lost by the network (design section 3).
 * It is declared at that ACK, when 256 KiB wait behind it, or after 3 s; but
 * while the receiver's own acknowledgments say that it is still waiting there,
 * a retransmission may come: then after 30 s.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "core/clock.h"
#include "net/packet.h"

#define TCP_WAITING_MAX 262144u	 /* bytes behind a hole, per direction */
#define TCP_HOLE_PATIENCE (3 * NS_PER_S)
/* Senders try again after 1, 2, 4, 8 ... s (RFC 6298 5.5). */
#define TCP_RETRY_PATIENCE (30 * NS_PER_S)
#define TCP_UNREAD_MAX 1310720u	 /* bytes that the reader left, per direction */

/*
 * Where the other direction was not captured nobody knows, and the weaker
 * claim is made: TCP_HOLE_NETWORK needs an acknowledgment of something else
 * since the gap appeared.  What the snap length cut off is TCP_HOLE_CAPTURE.
 */
enum tcp_hole {
	TCP_HOLE_CAPTURE, /* acknowledged: the capture missed it */
	TCP_HOLE_NETWORK, /* never acknowledged */
	TCP_HOLE_LEFT_OUT, /* the file says so (struct packet) */
};

/*
 * Where bytes came from.  A segment that had to wait (behind a gap that was
 * filled or given up later) is shown with its own mark, not with that of the
 * packet which released it.
 */
struct tcp_mark {
	nanoseconds time;
	uint64_t frame;
	uint32_t file, vantage;
};

/* The later of two marks; of two of one moment the frame with the greater
 * number, or `b`. */
struct tcp_mark tcp_mark_later(struct tcp_mark a, struct tcp_mark b);

/*
 * Bytes in order.  A message is complete with the latest (by time) of all
 * segments that hold bytes of it, which need not be the one of its end: that
 * is `mark` for one that begins in the first `old` bytes, which were shown
 * before, and `own` for one that begins behind them.
 */
struct tcp_shown {
	struct slice bytes;
	size_t old;
	struct tcp_mark mark; /* of all bytes */
	struct tcp_mark own;  /* of those behind `old` */
};

/* What a stream tells its reader.  `side` 0: from the flow's first endpoint
 * (the one that sent the SYN, as far as was seen), 1: from the other. */
struct tcp_reader {
	void *context;
	struct tcp_mark mark; /* of the segment that is fed */

	/*
	 * Bytes in order: all that was not taken before and those of one more
	 * segment.  Segments are shown one at a time.
	 * Returns how many were taken; the rest is kept and shown again with
	 * the next ones.  Empty bytes with mark.frame 0 and `ended`: no more
	 * will come on this side (`ended` with bytes: these are the last).
	 * Must not keep the slice.
	 */
	size_t (*data)(void *context, unsigned side,
		       const struct tcp_shown *shown, bool ended);

	/* `size` bytes are missing here; what was left unread is dropped
	 * after this call (it is passed as `unread`).  `size` 0: nothing is
	 * missing, but more was left unread than can be kept. */
	void (*hole)(void *context, unsigned side, enum tcp_hole kind,
		     uint64_t size, struct slice unread);
};

enum tcp_event { /* bits, since the stream began */
	TCP_SAW_SYN = 1,
	TCP_SAW_SYN_ACK = 2, /* or what only who heard it sends */
	TCP_SAW_RST = 4,
	TCP_SAW_FIN_0 = 8,
	TCP_SAW_FIN_1 = 16,
	TCP_SAW_DATA_0 = 32,
	TCP_SAW_DATA_1 = 64,
	TCP_RST_BY_1 = 128, /* the reset came from side 1 */
	TCP_SYN_OFTEN = 256, /* the same SYN three times or more */
	TCP_FIN_FIRST_1 = 512, /* side 1 was the first to end it */
	TCP_SYN_AGAIN = 1024, /* the same SYN twice or more */
	TCP_SAW_SIDE_1 = 2048, /* anything from side 1 */
};

struct tcp_stream;

/* A long segment that its sender repeats in vain while shorter ones arrive:
 * each sending but the copies of mirror ports counts. */
struct tcp_stuck {
	uint32_t size, sent; /* bytes on the wire; 0: none */
	struct tcp_mark first, last;
};

/* Memory of all streams together; reaching it evicts nothing but refuses to
 * keep more out-of-order bytes (they become holes). */
struct tcp_limits {
	uint64_t bytes_now, bytes_max;
	uint64_t refused; /* segments dropped for the limit */
};

/* The limits are borrowed.  NULL: memory is out. */
struct tcp_stream *tcp_stream_new(struct tcp_limits *limits);
void tcp_stream_free(struct tcp_stream *stream);

/*
 * Feeds one segment; calls the reader for what becomes readable.  A SYN with
 * a new sequence number starts the stream over, whether it has ended or not
 * (both sides are ended first: the reader has seen `ended` for both, and what
 * comes next on either side is another connection; the events start over,
 * too).
 *
 * The order of calls: what the acknowledgment in the segment proves about the
 * other side, then its own bytes; where both sides end at once, side 0 first.
 * STATUS_NOMEM only: bytes were lost for it, and the stream may be fed on.
 */
MUST_CHECK enum status tcp_stream_feed(struct tcp_stream *stream,
				       unsigned side,
				       const struct packet *packet,
				       nanoseconds now,
				       const struct tcp_reader *reader);
/* `now` is reader->mark.time corrected to be monotone, or the same. */

/* The capture ended: waiting bytes are shown (holes told), then the end. */
void tcp_stream_end(struct tcp_stream *stream,
		    const struct tcp_reader *reader);

/* Bits of enum tcp_event. */
unsigned tcp_stream_events(const struct tcp_stream *stream);

/* Is the side's oldest segment without an acknowledgment such a one? */
bool tcp_stream_stuck(const struct tcp_stream *stream, unsigned side,
		      struct tcp_stuck *out);

#endif /* NET_TCP_H */
