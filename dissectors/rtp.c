/* RTP (RFC 3550 5.1) and the statistics of a stream. */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/rtp.h"

/* RFC 3550 A.1. */
#define MAX_DROPOUT 3000u
#define MAX_MISORDER 100u
/* Arrival gaps above this are pauses, not jitter. */
#define JITTER_GAP (5 * NS_PER_S)

enum claim rtp_claims(struct slice in, bool stream)
{
	struct rtp peeked;

	(void)stream;
	return rtp_peek(in, &peeked) ? CLAIM_MAYBE : CLAIM_NO;
}

enum status rtp_decode(struct decoding *d, struct slice in, struct rtp *out,
		       size_t *used)
{
	struct cursor c = cursor_over(in);
	uint8_t first = cursor_u8(&c);
	struct rtp m = {0};
	size_t padding = 0;

	if (first >> 6 != 2)
		return STATUS_NOT_MINE;
	if (!rtp_peek(in, &m))
		return in.n < 12 ? (d->cut ? STATUS_SHORT : STATUS_BAD)
				 : STATUS_NOT_MINE;
	cursor_skip(&c, 11);
	cursor_skip(&c, (size_t)(first & 15) * 4); /* CSRCs */
	if (first & 0x10) {
		cursor_skip(&c, 2); /* profile of the extension */
		cursor_skip(&c, (size_t)cursor_u16(&c) * 4);
	}
	if (c.bad)
		return d->cut ? STATUS_SHORT : STATUS_BAD;
	m.payload = cursor_rest(&c);
	/* The last byte counts the padding, itself included. */
	if (first & 0x20 && m.payload.n && !d->cut)
		padding = m.payload.p[m.payload.n - 1];
	if (padding > m.payload.n)
		return STATUS_BAD;
	m.payload = slice_first(m.payload, m.payload.n - padding);
	*out = m;
	*used = in.n;
	return STATUS_OK;
}

void rtp_walk(const struct rtp *m, struct field_sink *to)
{
	field_number(to, "payload-type", m->payload_type);
	field_number(to, "marker", m->marker);
	field_number(to, "sequence", m->sequence);
	field_number(to, "timestamp", m->timestamp);
	field_number(to, "ssrc", m->ssrc);
	field_number(to, "payload-length", m->payload.n);
}

static enum status decode_any(struct decoding *d, struct slice in, void *out,
			      size_t *used)
{
	return rtp_decode(d, in, out, used);
}

static void walk_any(const void *message, struct field_sink *to)
{
	rtp_walk(message, to);
}

const struct dissector rtp_dissector = {
	.name = "rtp",
	.size = sizeof(struct rtp),
	.claims = rtp_claims,
	.decode = decode_any,
	.walk = walk_any,
};

/* ---- statistics ---- */

static void restart(struct rtp_statistics *s, uint16_t sequence)
{
	s->base_sequence = sequence;
	s->highest = sequence;
	s->cycles = 0;
	s->after_jump = 0;
	s->recent = 1;
}

/* Is it among the last ones of a run? */
static bool is_recent(uint64_t recent, uint32_t highest, uint16_t sequence)
{
	uint16_t back = (uint16_t)((uint16_t)highest - sequence);

	return back < RTP_RECENT && (recent >> back & 1);
}

bool rtp_statistics_knows(const struct rtp_statistics *s, uint16_t sequence)
{
	return s->packets && is_recent(s->recent, s->highest, sequence);
}

/* So many numbers after a restart copies may come of what was before it. */
#define FORMER_MAX 16u

/* A copy of one that jumped just now, or of one before the last restart. */
static bool is_copy(const struct rtp_statistics *s, uint16_t sequence)
{
	return (uint16_t)(sequence + 1) + 1u == s->after_jump ||
	       (s->highest - s->base_sequence < FORMER_MAX &&
		is_recent(s->former, s->former_highest, sequence));
}

/* One that belongs before the highest: false if it came before. */
static bool take_late(struct rtp_statistics *s, uint16_t sequence)
{
	uint16_t back = (uint16_t)((uint16_t)s->highest - sequence);

	if (rtp_statistics_knows(s, sequence)) {
		s->duplicates++;
		return false;
	}
	if (back < RTP_RECENT)
		s->recent |= UINT64_C(1) << back;
	s->reordered++;
	return true;
}

static uint64_t run_lost(const struct rtp_statistics *s, uint64_t received)
{
	uint64_t expected = (uint64_t)(s->highest - s->base_sequence) + 1;

	return expected > received ? expected - received : 0;
}

/* A.1: jumps are believed only when the next packet follows them.  Until then
 * one that jumped belongs to no run, and makes up for no loss. */
static bool take_sequence(struct rtp_statistics *s, uint16_t sequence)
{
	uint16_t delta = (uint16_t)(sequence - (uint16_t)s->highest);

	if (delta == 0) {
		s->duplicates++;
		return false;
	}
	if (delta >= RTP_RECENT && is_copy(s, sequence)) {
		s->duplicates++;
		return false;
	}
	if (delta < MAX_DROPOUT) {
		s->recent = delta < RTP_RECENT ? s->recent << delta | 1 : 1;
		if (sequence < (uint16_t)s->highest)
			s->cycles++;
		s->highest = s->cycles << 16 | sequence;
		s->after_jump = 0;
		return true;
	}
	if (delta > UINT16_MAX - MAX_MISORDER)
		return take_late(s, sequence);
	if (sequence + 1u != s->after_jump) {
		s->after_jump = (uint16_t)(sequence + 1) + 1u;
		s->counted_before++;
		return true;
	}
	s->lost_before += run_lost(s, s->packets - s->counted_before);
	s->counted_before = s->packets - 1;
	s->restarts++;
	s->former = s->recent;
	s->former_highest = s->highest;
	restart(s, (uint16_t)(sequence - 1));
	return take_sequence(s, sequence);
}

/* RFC 3550 A.8 in timestamp units, scaled by 16. */
static void take_arrival(struct rtp_statistics *s, const struct rtp *packet,
			 nanoseconds arrival, uint32_t clock_rate)
{
	/* Without sign, as times of a capture may lie ages apart. */
	uint64_t gap = (uint64_t)arrival - (uint64_t)s->last_arrival;
	int64_t units, d;

	/* The product fits then. */
	if (clock_rate == 0 || clock_rate > INT32_MAX ||
	    arrival < s->last_arrival || gap > JITTER_GAP)
		return;
	units = (int64_t)(gap * clock_rate / NS_PER_S);
	d = units - (int32_t)(packet->timestamp - s->last_timestamp);
	if (d < 0)
		d = -d;
	/* A new talk spurt may jump in time stamps: that is no jitter. */
	if (d > (int64_t)clock_rate * 2)
		return;
	s->jitter_q4 += d - ((s->jitter_q4 + 8) >> 4);
}

void rtp_statistics_add(struct rtp_statistics *s, const struct rtp *packet,
			nanoseconds arrival, uint32_t clock_rate)
{
	if (s->packets == 0) {
		restart(s, packet->sequence);
	} else {
		if (!take_sequence(s, packet->sequence))
			return;
		take_arrival(s, packet, arrival, clock_rate);
	}
	s->packets++;
	s->last_timestamp = packet->timestamp;
	s->last_arrival = arrival;
}

uint64_t rtp_statistics_lost(const struct rtp_statistics *s)
{
	return s->packets ? s->lost_before +
				    run_lost(s, s->packets - s->counted_before)
			  : 0;
}

double rtp_statistics_jitter_ms(const struct rtp_statistics *s,
				uint32_t clock_rate)
{
	if (clock_rate == 0)
		return 0;
	return (double)s->jitter_q4 / 16 * 1000 / clock_rate;
}
