/*
 * RTP and RTCP headers (RFC 3550), told apart on one port by RFC 5761, and
 * the statistics of a stream: loss and jitter (RFC 3550 A.1, A.3, A.8).
 */
#ifndef DISSECTORS_RTP_H
#define DISSECTORS_RTP_H

#include "core/clock.h"
#include "core/dissector.h"

struct rtp {
	uint8_t payload_type;
	bool marker;
	uint16_t sequence;
	uint32_t timestamp;
	uint32_t ssrc;
	struct slice payload; /* without CSRCs, extension and padding */
};

extern const struct dissector rtp_dissector;
extern const struct dissector rtcp_dissector;

/* Version 2, not a type RTCP uses, CSRCs and extension inside: MAYBE. */
enum claim rtp_claims(struct slice in, bool stream);
/* A whole datagram; slices borrow from `in`.  STATUS_BAD: it is none. */
MUST_CHECK enum status rtp_decode(struct decoding *d, struct slice in,
				  struct rtp *out, size_t *used);
void rtp_walk(const struct rtp *m, struct field_sink *to);

/*
 * The part that the hot path needs: true and *out when these are the first 12
 * bytes of a plausible RTP packet.  Inline cost of a few compares.
 */
static inline bool rtp_peek(struct slice in, struct rtp *out)
{
	if (in.n < 12 || in.p[0] >> 6 != 2 ||
	    ((in.p[1] & 0x7Fu) >= 64 && (in.p[1] & 0x7Fu) < 96))
		return false;
	out->payload_type = in.p[1] & 0x7F;
	out->marker = in.p[1] >> 7;
	out->sequence = (uint16_t)((unsigned)in.p[2] << 8 | in.p[3]);
	out->timestamp = (uint32_t)in.p[4] << 24 | (uint32_t)in.p[5] << 16 |
			 (uint32_t)in.p[6] << 8 | in.p[7];
	out->ssrc = (uint32_t)in.p[8] << 24 | (uint32_t)in.p[9] << 16 |
		    (uint32_t)in.p[10] << 8 | in.p[11];
	return true;
}

#define RTCP_PACKETS_MAX 32u

struct rtcp_report_block {
	uint32_t ssrc;
	uint8_t fraction_lost;
	int32_t cumulative_lost;
	uint32_t highest_sequence, jitter, last_sr, delay_since_last_sr;
};

struct rtcp_packet {
	uint8_t type; /* 200 SR, 201 RR, 202 SDES, 203 BYE, ... */
	uint8_t count;
	uint32_t ssrc;                           /* 0 when the type has none */
	uint32_t packets, octets;                /* SR */
	const struct rtcp_report_block *blocks;
	size_t block_count;
	struct slice body;
};

struct rtcp { /* a compound packet */
	struct rtcp_packet packets[RTCP_PACKETS_MAX];
	size_t count;
	bool encrypted; /* only the first header is readable (SRTCP) */
};

/* Version 2, type 192 to 223, lengths that fit. */
enum claim rtcp_claims(struct slice in, bool stream);
/* A whole compound packet, of which RTCP_PACKETS_MAX are kept; slices borrow.
 * STATUS_BAD: it is none. */
MUST_CHECK enum status rtcp_decode(struct decoding *d, struct slice in,
				   struct rtcp *out, size_t *used);
void rtcp_walk(const struct rtcp *m, struct field_sink *to);

/* One stream's statistics, updated per packet. */
struct rtp_statistics {
	uint64_t packets;
	uint64_t recent;        /* a bit for each of the last numbers that */
	uint32_t base_sequence; /* came, the highest first; extended */
	uint32_t highest;       /* extended: cycles << 16 | sequence */
	uint32_t cycles;
	uint32_t after_jump; /* number that would prove a restart, + 1; or 0 */
	uint32_t last_timestamp;
	nanoseconds last_arrival;
	int64_t jitter_q4; /* in timestamp units, times 16 */
	uint64_t duplicates, reordered;
	uint64_t former; /* `recent` and `highest` of the run before a */
	uint32_t former_highest; /* restart; 0: there was none */
	uint64_t restarts;
	uint64_t lost_before;    /* of the runs before a restart */
	uint64_t counted_before; /* packets of other runs, and strays */
};

/* A packet that came once more, a little later (a mirror port shows it twice,
 * the network doubled it), is counted as duplicate alone. */
#define RTP_RECENT 64u
/* Is it one of the last packets, that came? */
bool rtp_statistics_knows(const struct rtp_statistics *s, uint16_t sequence);

/* `clock_rate` in Hz; 0: no jitter is counted.  Of the packet only sequence
 * number and time stamp are asked. */
void rtp_statistics_add(struct rtp_statistics *s, const struct rtp *packet,
			nanoseconds arrival, uint32_t clock_rate);
/* Expected minus received, never below zero. */
uint64_t rtp_statistics_lost(const struct rtp_statistics *s);
/* Milliseconds. */
double rtp_statistics_jitter_ms(const struct rtp_statistics *s,
				uint32_t clock_rate);

#endif /* DISSECTORS_RTP_H */
