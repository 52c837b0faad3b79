/*
 * What a side of a TCP stream sends again and again, and never gets
 * acknowledged (RFC 6298 5).  Private to net/tcp.c.
 */
#ifndef NET_TCP_RESENT_H
#define NET_TCP_RESENT_H

#include "net/tcp.h"

struct tcp_resent {
	bool known;       /* `una` is */
	uint32_t una;     /* the other side has all before this, */
	nanoseconds said; /* and said so last, */
	uint16_t said_in; /* in that packet of IPv4; 0: unknown */
	uint32_t longest; /* segment that was sent */
	uint32_t passed;  /* the longest that may have been acknowledged */
	bool heard;       /* behind the segment at `una`, which did not come */
	struct tcp_stuck head; /* that segment; sent 0: none was seen */
};

/* A segment of this side, of `size` bytes on the wire. */
void tcp_resent_take(struct tcp_resent *resent, uint32_t seq, uint32_t size,
		     const struct tcp_mark *mark);

/* The other side says `ack` in a packet, which has data or is `bare`. */
void tcp_resent_ack(struct tcp_resent *resent, const struct packet *packet,
		    bool bare, nanoseconds time);

bool tcp_resent_is_stuck(const struct tcp_resent *resent);

#endif /* NET_TCP_RESENT_H */
