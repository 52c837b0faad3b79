/*
 * ESP (RFC 4303) that does not encrypt (RFC 2410), as phones talk to IMS
 * (3GPP TS 33.203 6.3); also in UDP (RFC 3948).
 *
 * Nothing in the packet says so.  It is taken for one where the trailer, at
 * the place that some usual check value leaves it, names a protocol, its
 * padding counts 1, 2, 3, and the header in front fits to that protocol and
 * to the length.
 */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"

#define HEADER 8u  /* SPI and sequence number */
#define TRAILER 2u /* length of the padding, next header */

enum {
	IP_IN_IP = 4,
	IP6_IN_IP = 41,
};

/* RFC 2403 and 2404; 4868; none; RFC 4868 again. */
static const uint8_t check_sizes[] = {12, 16, 0, 24, 32};

static uint32_t sum_of(struct slice s, uint32_t sum)
{
	for (size_t i = 0; i + 1 < s.n; i += 2)
		sum += walk_u16(s, i);
	if (s.n & 1)
		sum += (uint32_t)s.p[s.n - 1] << 8;
	return sum;
}

/* RFC 9293 3.1: over addresses, protocol, length and segment. */
static bool sums_up(const struct packet *p, struct slice s)
{
	uint32_t sum = IP_TCP + (uint32_t)s.n;

	sum = sum_of((struct slice){p->src.ip, sizeof(p->src.ip)}, sum);
	sum = sum_of((struct slice){p->dst.ip, sizeof(p->dst.ip)}, sum);
	sum = sum_of(s, sum);
	sum = (sum >> 16) + (sum & 0xFFFF);
	return sum + (sum >> 16) == 0xFFFF;
}

static bool is_tcp(const struct walk *w, struct slice s)
{
	size_t header = s.n >= 20 ? (size_t)(s.p[12] >> 4) * 4 : 0;

	return header >= 20 && header <= s.n && sums_up(w->out, s);
}

static bool fits(const struct walk *w, unsigned next, struct slice s)
{
	switch (next) {
	case IP_UDP:
		return s.n >= 8 && walk_u16(s, 4) == s.n;
	case IP_TCP:
		return is_tcp(w, s);
	case IP_IN_IP:
	case IP6_IN_IP:
		return ip_looks(s, 0) == IP_SURE;
	default:
		return false;
	}
}

static bool counts_up(struct slice padding)
{
	for (size_t i = 0; i < padding.n; i++)
		if (padding.p[i] != i + 1)
			return false;
	return true;
}

/* Cuts what is behind the header down to what it carries; the protocol of
 * that, or 0. */
static unsigned strip(const struct walk *w, struct slice *s, size_t check)
{
	size_t padding, n;
	unsigned next;

	if (s->n < check + TRAILER)
		return 0;
	n = s->n - check - TRAILER;
	padding = s->p[n];
	next = s->p[n + 1];
	if (padding > n || !counts_up(slice_cut(*s, n - padding, padding)) ||
	    !fits(w, next, slice_first(*s, n - padding)))
		return 0;
	*s = slice_first(*s, n - padding);
	return next;
}

enum status tunnel_esp(struct walk *w, struct slice s)
{
	/* In UDP, zeros stand in front of IKE. */
	if (w->missing || s.n < HEADER ||
	    (walk_u16(s, 0) == 0 && walk_u16(s, 2) == 0))
		return STATUS_NOT_MINE;
	s = slice_from(s, HEADER);
	for (size_t i = 0; i < sizeof(check_sizes); i++) {
		unsigned next = strip(w, &s, check_sizes[i]);

		if (next)
			return ip_payload(w, next, s);
	}
	return STATUS_NOT_MINE;
}
