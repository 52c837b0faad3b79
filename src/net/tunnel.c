/*
 * Packets inside packets: IP in IP, GRE with its kin, and tunnels over UDP
 * (spec "capture-formats" 3.3).
 *
 * A tunnel over UDP is believed by its port and a sane header together: SIP,
 * STUN and RTP live on any port.
 */
#include "config.h"

#include "core/cursor.h"
#include "core/hep.h"
#include "net/ip.h"
#include "net/link.h"

#define STUN_COOKIE UINT32_C(0x2112A442)

enum status tunnel_ip(struct walk *w, struct slice s)
{
	return ip_any(w, s);
}

enum status tunnel_mpls(struct walk *w, struct slice s)
{
	return link_mpls(w, s);
}

/* Version 3 and 12 reserved bits (RFC 3378 3). */
enum status tunnel_etherip(struct walk *w, struct slice s)
{
	if (s.n < 2)
		return walk_ended(w);
	if (walk_u16(s, 0) != 0x3000)
		return STATUS_NOT_MINE;
	return link_ethernet(w, slice_from(s, 2));
}

/* ---- GRE (RFC 2784, RFC 2890, RFC 2637) ---- */

#define GRE_CHECKSUM 0x8000u
#define GRE_ROUTING 0x4000u
#define GRE_KEY 0x2000u
#define GRE_SEQUENCE 0x1000u
#define GRE_ACKNOWLEDGED 0x0080u /* version 1 */
#define GRE_VERSION 0x0007u

#define GRE_ERSPAN 0x88BEu
#define GRE_ERSPAN_3 0x22EBu
#define GRE_EOIP 0x6400u /* MikroTik's: the key is length and tunnel */

#define ERSPAN_2_HEADER 8u
#define ERSPAN_3_HEADER 12u
#define ERSPAN_3_SUBHEADER 8u

static enum status erspan_2(struct walk *w, struct slice s)
{
	if (s.n < ERSPAN_2_HEADER)
		return walk_ended(w);
	return link_ethernet(w, slice_from(s, ERSPAN_2_HEADER));
}

/* The last byte: optional part, and what was mirrored. */
static enum status erspan_3(struct walk *w, struct slice s)
{
	size_t n = ERSPAN_3_HEADER;

	if (s.n < n)
		return walk_ended(w);
	if (s.p[11] & 1)
		n += ERSPAN_3_SUBHEADER;
	if (s.n < n)
		return walk_ended(w);
	switch (s.p[10] >> 2 & 0x1F) {
	case 0:
		return link_ethernet(w, slice_from(s, n));
	case 2:
		return ip_any(w, slice_from(s, n));
	default:
		return STATUS_NOT_MINE;
	}
}

enum status tunnel_gre_inside(struct walk *w, unsigned protocol, bool sequenced,
			      struct slice s)
{
	switch (protocol) {
	case GRE_ERSPAN:
		return sequenced ? erspan_2(w, s) : link_ethernet(w, s);
	case GRE_ERSPAN_3:
		return erspan_3(w, s);
	default:
		if (protocol <= 1500)
			return STATUS_NOT_MINE;
		return link_ethertype(w, protocol, s);
	}
}

enum status tunnel_gre(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint16_t flags = cursor_u16(&c);
	uint16_t protocol = cursor_u16(&c);
	unsigned version = flags & GRE_VERSION;

	if (flags & (GRE_CHECKSUM | GRE_ROUTING))
		cursor_skip(&c, 4);
	if (flags & GRE_KEY)
		cursor_skip(&c, 4);
	if (flags & GRE_SEQUENCE)
		cursor_skip(&c, 4);
	if (version == 1 && flags & GRE_ACKNOWLEDGED)
		cursor_skip(&c, 4);
	if (c.bad)
		return walk_ended(w);
	if (flags == (GRE_KEY | 1) && protocol == GRE_EOIP)
		return link_ethernet(
			w, walk_bound(w, cursor_rest(&c), walk_u16(s, 4)));
	/* PPTP without a sequence number only acknowledges. */
	if (version > 1 || (version == 1 && !(flags & GRE_SEQUENCE)))
		return STATUS_NOT_MINE;
	return tunnel_gre_inside(w, protocol, flags & GRE_SEQUENCE,
				 cursor_rest(&c));
}

/* ---- L2TP ---- */

/*
 * Sizes of cookie and sublayer are agreed elsewhere (RFC 3931 4.1): the first
 * place where PPP or Ethernet with IP stands is taken.
 */
static enum status l2tp_session(struct walk *w, struct slice s)
{
	for (size_t at = 4; at <= 16; at += 4) {
		struct slice inside = slice_from(s, at);

		if (walk_u16(inside, 0) == 0xFF03 &&
		    ip_looks(slice_from(inside, 4), w->missing) != IP_NO)
			return link_ppp(w, inside);
		if (link_is_ethernet(inside) &&
		    ip_looks(slice_from(inside, 14), w->missing) != IP_NO)
			return link_ethernet(w, inside);
	}
	return STATUS_NOT_MINE;
}

/* Session 0 is control. */
enum status tunnel_l2tp_v3(struct walk *w, struct slice s)
{
	if (s.n < 4)
		return walk_ended(w);
	if (walk_u16(s, 0) == 0 && walk_u16(s, 2) == 0)
		return STATUS_NOT_MINE;
	return l2tp_session(w, s);
}

/* Flags of version 2 (RFC 2661 3.1); all others are reserved. */
#define L2TP_LENGTH 0x4000u
#define L2TP_SEQUENCE 0x0800u
#define L2TP_OFFSET 0x0200u
#define L2TP_PRIORITY 0x0100u

static enum status l2tp_v2(struct walk *w, unsigned flags, struct slice s)
{
	struct cursor c = cursor_over(s);

	cursor_skip(&c, 2);
	if (flags & L2TP_LENGTH && cursor_u16(&c) != s.n + w->missing)
		return STATUS_NOT_MINE;
	cursor_skip(&c, 4); /* tunnel and session */
	if (flags & L2TP_SEQUENCE)
		cursor_skip(&c, 4);
	if (flags & L2TP_OFFSET)
		cursor_skip(&c, cursor_u16(&c));
	if (c.bad)
		return STATUS_NOT_MINE;
	return link_ppp(w, cursor_rest(&c));
}

static enum status tunnel_l2tp(struct walk *w, struct slice s)
{
	unsigned flags = walk_u16(s, 0);
	unsigned version = flags & 0x000F;

	if (version == 3 && flags == 3 && s.n > 4)
		return l2tp_session(w, slice_from(s, 4));
	if (version != 2 || flags & ~(L2TP_LENGTH | L2TP_SEQUENCE |
				      L2TP_OFFSET | L2TP_PRIORITY | 0x000Fu))
		return STATUS_NOT_MINE;
	return l2tp_v2(w, flags, s);
}

/* ---- GTP-U (3GPP TS 29.281 5.1) ---- */

#define GTP_G_PDU 0xFFu
#define GTP_EXTENSION 0x04u
#define GTP_OPTIONS 0x07u /* extension, sequence, N-PDU number */

/* Each: length in 4 bytes, contents, type of the next. */
static struct slice behind_extensions(struct slice s, uint8_t next)
{
	unsigned count = 0;

	while (next) {
		size_t n = s.n ? (size_t)s.p[0] * 4 : 0;

		if (n == 0 || n > s.n || ++count > NET_EXTENSIONS_MAX)
			return (struct slice){0};
		next = s.p[n - 1];
		s = slice_from(s, n);
	}
	return s;
}

static enum status tunnel_gtp(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint8_t flags = cursor_u8(&c);
	uint8_t type = cursor_u8(&c);
	uint16_t length = cursor_u16(&c);
	uint8_t next = 0;
	struct slice inside;

	cursor_skip(&c, 4); /* TEID */
	/* Version 1, protocol type GTP, the reserved bit 0. */
	if (c.bad || (flags & 0xF8) != 0x30 || type != GTP_G_PDU ||
	    length > c.left + w->missing)
		return STATUS_NOT_MINE;
	inside = walk_bound(w, cursor_rest(&c), length);
	if (flags & GTP_OPTIONS) {
		c = cursor_over(inside);
		cursor_skip(&c, 3);
		next = cursor_u8(&c);
		inside = behind_extensions(cursor_rest(&c),
					   flags & GTP_EXTENSION ? next : 0);
	}
	return inside.n ? ip_any(w, inside) : STATUS_NOT_MINE;
}

/* ---- VXLAN and GENEVE ---- */

/* Only the flag of a valid network identifier (RFC 7348 5). */
static enum status tunnel_vxlan(struct walk *w, struct slice s)
{
	if (s.n < 8 || walk_u16(s, 0) != 0x0800 || walk_u16(s, 2) != 0 ||
	    s.p[7] != 0)
		return STATUS_NOT_MINE;
	return link_ethernet(w, slice_from(s, 8));
}

static const struct {
	uint8_t protocol;
	walk_fn *inside;
} gpe_protocols[] = {
	{1, ip_any},
	{2, ip_any},
	{3, link_ethernet},
	{4, link_nsh},
};

/*
 * Version 0 and flag I (draft-ietf-nvo3-vxlan-gpe 3).  Flag P should be there
 * too, where the protocol is stated; not all senders know.
 */
static enum status tunnel_vxlan_gpe(struct walk *w, struct slice s)
{
	if (s.n < 8 || (s.p[0] & 0xFB) != 0x08 || walk_u16(s, 1) != 0 ||
	    s.p[7] != 0)
		return STATUS_NOT_MINE;
	for (size_t i = 0; i < sizeof(gpe_protocols) / sizeof(gpe_protocols[0]);
	     i++)
		if (gpe_protocols[i].protocol == s.p[3])
			return gpe_protocols[i].inside(w, slice_from(s, 8));
	return STATUS_NOT_MINE;
}

/* Version, length of options in 4 bytes, flags O and C (RFC 8926 3.4). */
static enum status tunnel_geneve(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint8_t version_length = cursor_u8(&c);
	uint8_t flags = cursor_u8(&c);
	uint16_t protocol = cursor_u16(&c);
	uint8_t reserved;

	cursor_skip(&c, 3); /* VNI */
	reserved = cursor_u8(&c);
	if (version_length >> 6 || flags & 0x3F || reserved || protocol <= 1500)
		return STATUS_NOT_MINE;
	cursor_skip(&c, (size_t)(version_length & 0x3F) * 4);
	if (c.bad)
		return STATUS_NOT_MINE;
	return link_ethertype(w, protocol, cursor_rest(&c));
}

/* ---- Teredo (RFC 4380 5.1.1) ---- */

/* Authentication: two lengths, client and value of those, nonce, 0. */
static void skip_authentication(struct cursor *c)
{
	size_t client, value;

	cursor_skip(c, 2);
	client = cursor_u8(c);
	value = cursor_u8(c);
	cursor_skip(c, client + value + 9);
}

static enum status tunnel_teredo(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);

	if (walk_u16(cursor_rest(&c), 0) == 1)
		skip_authentication(&c);
	if (c.left > 8 && walk_u16(cursor_rest(&c), 0) == 0)
		cursor_skip(&c, 8); /* origin */
	s = cursor_rest(&c);
	if (c.bad || s.n == 0 || s.p[0] >> 4 != 6 ||
	    ip_looks(s, w->missing) == IP_NO)
		return STATUS_NOT_MINE;
	return ip_any(w, s);
}

/* ---- HEP (spec "capture-formats" 6) ---- */

/* What an agent of Homer has seen elsewhere: a message without its packets. */
static enum status tunnel_hep(struct walk *w, struct slice s)
{
	struct hep hep;

	if (hep_decode(s, &hep) != STATUS_OK ||
	    hep_unpack(&hep, &w->net->unpacked) != STATUS_OK ||
	    (!hep_is_sip(&hep) && hep.content != HEP_RTP))
		return STATUS_NOT_MINE;
	w->out->src = hep.src;
	w->out->dst = hep.dst;
	w->out->exported_from = hep.protocol;
	return transport_other(w, IP_UDP, hep.payload);
}

/* ---- the ports ---- */

static const struct {
	uint16_t port;
	walk_fn *inside;
} ports[] = {
#define TUNNEL_ROW(number, function) {number, function},
	TUNNEL_PORTS(TUNNEL_ROW)
#undef TUNNEL_ROW
};

static bool is_stun(struct slice s)
{
	struct cursor c = cursor_over(s);
	uint32_t first = cursor_u32(&c);

	return cursor_u32(&c) == STUN_COOKIE && first >> 30 == 0;
}

enum status tunnel_udp(struct walk *w, unsigned port, struct slice s)
{
	if (is_stun(s))
		return STATUS_NOT_MINE;
	if (hep_is_3(s))
		return tunnel_hep(w, s);
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i].port == port)
			return ports[i].inside(w, s);
	return STATUS_NOT_MINE;
}
