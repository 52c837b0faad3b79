/* IPv4 (RFC 791) and IPv6 (RFC 8200) with extension headers and fragments. */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"
#include "net/link.h"

#define IPV4_HEADER 20u
#define IPV6_HEADER 40u

/* IPv4 flags and offset. */
#define MORE_FRAGMENTS 0x2000u
#define OFFSET_MASK 0x1FFFu

enum extension {
	EXTENSION_HOP_BY_HOP = 0,
	EXTENSION_ROUTING = 43,
	EXTENSION_FRAGMENT = 44,
	EXTENSION_AUTHENTICATION = 51,
	NOTHING_FOLLOWS = 59,
	EXTENSION_DESTINATION = 60,
	EXTENSION_MOBILITY = 135,
	EXTENSION_HIP = 139,
	EXTENSION_SHIM6 = 140,
};

/* ---- is this IP? ---- */

static unsigned checksum(struct slice header)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < header.n; i += 2)
		sum += walk_u16(header, i);
	sum = (sum >> 16) + (sum & 0xFFFF);
	sum += sum >> 16;
	return ~sum & 0xFFFF;
}

static enum ip_look ipv4_looks(struct slice s, size_t missing)
{
	size_t header, total = walk_u16(s, 2);

	if (s.n < IPV4_HEADER)
		return IP_NO;
	header = (size_t)(s.p[0] & 0x0F) * 4;
	if (header < IPV4_HEADER || header > s.n || total < header ||
	    (total > s.n && total - s.n > missing))
		return IP_NO;
	if (checksum(slice_first(s, header)) == 0)
		return IP_SURE;
	return walk_u16(s, 10) == 0 ? IP_MAYBE : IP_NO;
}

static bool is_known_next(uint8_t protocol)
{
	switch (protocol) {
	case IP_TCP:
	case IP_UDP:
	case IP_ICMP6:
	case IP_SCTP:
	case 4:
	case 41:
	case 47:
	case 50:
	case NOTHING_FOLLOWS:
	case EXTENSION_HOP_BY_HOP:
	case EXTENSION_ROUTING:
	case EXTENSION_FRAGMENT:
	case EXTENSION_AUTHENTICATION:
	case EXTENSION_DESTINATION:
		return true;
	default:
		return false;
	}
}

static enum ip_look ipv6_looks(struct slice s, size_t missing)
{
	size_t length = walk_u16(s, 4);

	if (s.n < IPV6_HEADER || !is_known_next(s.p[6]))
		return IP_NO;
	if (length == s.n - IPV6_HEADER + missing)
		return IP_SURE;
	return length && length < s.n - IPV6_HEADER + missing ? IP_MAYBE
							      : IP_NO;
}

enum ip_look ip_looks(struct slice s, size_t missing)
{
	switch (s.n ? s.p[0] >> 4 : 0) {
	case 4:
		return ipv4_looks(s, missing);
	case 6:
		return ipv6_looks(s, missing);
	default:
		return IP_NO;
	}
}

/* ---- what is inside ---- */

static const struct {
	uint8_t protocol;
	bool tunnel;
	walk_fn *read;
} protocols[] = {
	{IP_UDP, false, transport_udp},
	{IP_TCP, false, transport_tcp},
	{IP_ICMP, false, transport_icmp},
	{IP_ICMP6, false, transport_icmp6},
	{IP_SCTP, false, transport_sctp},
	{4, true, tunnel_ip},
	{41, true, tunnel_ip},
	{47, true, tunnel_gre},
	{50, true, tunnel_esp},
	{97, true, tunnel_etherip},
	{115, true, tunnel_l2tp_v3},
	{137, true, tunnel_mpls},
};

static enum status through_tunnel(struct walk *w, unsigned protocol,
				  walk_fn *read, struct slice s)
{
	struct packet around = *w->out;
	size_t missing = w->missing;
	enum status status;

	if (++w->out->tunnels > NET_TUNNELS_MAX)
		return STATUS_LIMIT;
	status = read(w, s);
	if (status != STATUS_NOT_MINE)
		return status;
	*w->out = around;
	w->missing = missing;
	return transport_other(w, protocol, s);
}

/* Next header, length in 4 bytes less 2 (RFC 4302 2.2). */
static enum status authenticated(struct walk *w, struct slice s)
{
	size_t n;

	if (!walk_enter(w))
		return STATUS_LIMIT;
	if (s.n < 2)
		return walk_ended(w);
	n = ((size_t)s.p[1] + 2) * 4;
	if (n > s.n)
		return walk_ended(w);
	return ip_payload(w, s.p[0], slice_from(s, n));
}

enum status ip_payload(struct walk *w, unsigned protocol, struct slice s)
{
	if (protocol == EXTENSION_AUTHENTICATION)
		return authenticated(w, s);
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (protocols[i].protocol != protocol)
			continue;
		if (protocols[i].tunnel)
			return through_tunnel(w, protocol, protocols[i].read,
					      s);
		return protocols[i].read(w, s);
	}
	return transport_other(w, protocol, s);
}

/* ---- IPv4 ---- */

static enum status take_fragment(struct walk *w, struct fragment *in,
				 struct slice s, struct datagram *whole)
{
	enum status status;

	w->net->counts.fragments++;
	in->key.src = w->out->src;
	in->key.dst = w->out->dst;
	if (w->net->piece_count < NET_PIECES_MAX)
		w->net->pieces[w->net->piece_count++] = in->key;
	in->bytes = s;
	in->missing = w->missing;
	in->mark = w->net->mark;
	in->mark.time = w->time;
	status = fragments_take(&w->net->fragments, in, whole);
	if (status == STATUS_OK) {
		w->missing = whole->missing;
		w->out->reassembled = true;
	}
	return status;
}

static enum status ipv4_inside(struct walk *w, struct slice header,
			       struct slice s)
{
	unsigned offset = walk_u16(header, 6);
	struct fragment in = {
		.key = {.id = walk_u16(header, 4), .protocol = header.p[9]},
		.offset = (size_t)(offset & OFFSET_MASK) * 8,
		.last = !(offset & MORE_FRAGMENTS),
		.protocol = header.p[9],
	};
	struct datagram whole;
	enum status status;

	if (in.offset == 0 && in.last)
		return ip_payload(w, in.protocol, s);
	status = take_fragment(w, &in, s, &whole);
	if (status != STATUS_OK)
		return status;
	return ip_payload(w, whole.protocol, whole.bytes);
}

static enum status ipv4(struct walk *w, struct slice s)
{
	size_t header, total = walk_u16(s, 2);

	if (s.n < IPV4_HEADER)
		return walk_ended(w);
	header = (size_t)(s.p[0] & 0x0F) * 4;
	if (header < IPV4_HEADER || (total && total < header))
		return STATUS_BAD;
	/* 0: the network card was to cut it and to fill that in. */
	if (total)
		s = walk_bound(w, s, total);
	if (header > s.n)
		return walk_ended(w);
	w->out->identification = (uint16_t)walk_u16(s, 4);
	w->out->src = endpoint_of(slice_cut(s, 12, 4), 0);
	w->out->dst = endpoint_of(slice_cut(s, 16, 4), 0);
	return ipv4_inside(w, slice_first(s, header), slice_from(s, header));
}

/* ---- IPv6 ---- */

static bool is_extension(unsigned next)
{
	switch (next) {
	case EXTENSION_HOP_BY_HOP:
	case EXTENSION_ROUTING:
	case EXTENSION_AUTHENTICATION:
	case EXTENSION_DESTINATION:
	case EXTENSION_MOBILITY:
	case EXTENSION_HIP:
	case EXTENSION_SHIM6:
		return true;
	default:
		return false;
	}
}

/* Next header and length in units of 8, or of 4 (RFC 4302 2.2). */
static size_t extension_length(unsigned kind, struct slice s)
{
	size_t n = s.n > 1 ? s.p[1] : 0;

	return kind == EXTENSION_AUTHENTICATION ? (n + 2) * 4 : (n + 1) * 8;
}

static enum status ipv6_inside(struct walk *w, unsigned next, struct slice s);

/* Fragment header (RFC 8200 4.5); one that is all there is may stand alone
 * (RFC 6946). */
static enum status ipv6_fragment(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	struct fragment in = {.protocol = cursor_u8(&c)};
	struct datagram whole;
	enum status status;
	unsigned offset;

	cursor_skip(&c, 1);
	offset = cursor_u16(&c);
	in.key.id = cursor_u32(&c);
	if (c.bad)
		return walk_ended(w);
	in.offset = offset & 0xFFF8u;
	in.last = !(offset & 1);
	if (in.offset == 0 && in.last)
		return ipv6_inside(w, in.protocol, cursor_rest(&c));
	status = take_fragment(w, &in, cursor_rest(&c), &whole);
	if (status != STATUS_OK)
		return status;
	return ipv6_inside(w, whole.protocol, whole.bytes);
}

static enum status ipv6_inside(struct walk *w, unsigned next, struct slice s)
{
	unsigned headers = 0;

	if (!walk_enter(w))
		return STATUS_LIMIT;
	while (is_extension(next)) {
		size_t n = extension_length(next, s);

		if (++headers > NET_EXTENSIONS_MAX)
			return STATUS_LIMIT;
		if (n > s.n)
			return walk_ended(w);
		next = s.p[0];
		s = slice_from(s, n);
	}
	if (next == EXTENSION_FRAGMENT)
		return ipv6_fragment(w, s);
	return ip_payload(w, next, s);
}

static enum status ipv6(struct walk *w, struct slice s)
{
	size_t length = walk_u16(s, 4);
	struct slice rest = slice_from(s, IPV6_HEADER);

	if (s.n < IPV6_HEADER)
		return walk_ended(w);
	w->out->src = endpoint_of(slice_cut(s, 8, 16), 0);
	w->out->dst = endpoint_of(slice_cut(s, 24, 16), 0);
	/* 0: cut by the network card, or a jumbogram; or nothing follows. */
	if (length || s.p[6] == NOTHING_FOLLOWS)
		rest = walk_bound(w, rest, length);
	return ipv6_inside(w, s.p[6], rest);
}

enum status ip_any(struct walk *w, struct slice s)
{
	if (!walk_enter(w))
		return STATUS_LIMIT;
	if (s.n == 0)
		return walk_ended(w);
	switch (s.p[0] >> 4) {
	case 4:
		return ipv4(w, s);
	case 6:
		return ipv6(w, s);
	default:
		return STATUS_BAD;
	}
}
