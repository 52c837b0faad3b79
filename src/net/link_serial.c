/*
 * PPP (RFC 1661, 1662), PPPoE (RFC 2516), Cisco HDLC, frame relay (RFC 2427),
 * ATM (RFC 2684) and SLIP (RFC 1055); spec "capture-formats" 3.1 and 3.2.
 */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"
#include "net/link.h"

/* ---- PPP ---- */

static const struct {
	uint16_t protocol;
	walk_fn *inside;
} ppp_protocols[] = {
	{0x0021, ip_any},
	{0x0057, ip_any},
	{0x0281, link_mpls},
	{0x0283, link_mpls},
};

static enum status ppp_inside(struct walk *w, unsigned protocol,
			      struct slice s)
{
	for (size_t i = 0; i < sizeof(ppp_protocols) / sizeof(ppp_protocols[0]);
	     i++)
		if (ppp_protocols[i].protocol == protocol)
			return ppp_protocols[i].inside(w, s);
	return STATUS_NOT_MINE;
}

/* Address and control, and the protocol's upper byte, may be left out. */
/* The protocol is odd, and its first byte left away where that is zero and the
 * ends agreed on it (RFC 1661 6.5). */
static enum status ppp_protocol(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	unsigned protocol = cursor_u8(&c);

	if (!(protocol & 1))
		protocol = protocol << 8 | cursor_u8(&c);
	if (c.bad)
		return walk_ended(w);
	return ppp_inside(w, protocol, cursor_rest(&c));
}

enum status link_ppp(struct walk *w, struct slice s)
{
	if (!walk_enter(w))
		return STATUS_LIMIT;
	if (walk_u16(s, 0) == 0xFF03)
		s = slice_from(s, 2);
	return ppp_protocol(w, s);
}

/* Address 0F or 8F: Cisco's; its protocols are EtherTypes. */
enum status link_chdlc(struct walk *w, struct slice s)
{
	if (s.n < 4)
		return walk_ended(w);
	if (walk_u16(s, 2) <= 1500)
		return STATUS_NOT_MINE;
	return link_ethertype(w, walk_u16(s, 2), slice_from(s, 4));
}

enum status link_ppp_hdlc(struct walk *w, struct slice s)
{
	unsigned address = walk_u16(s, 0);

	if (address == 0x0F00 || address == 0x8F00)
		return link_chdlc(w, s);
	return link_ppp(w, s);
}

/* A direction in place of the address, then 03. */
enum status link_ppp_pppd(struct walk *w, struct slice s)
{
	if (s.n < 2)
		return walk_ended(w);
	return link_ppp(w, slice_from(s, 2));
}

/* Version and type, code 0 for data, session, length, PPP protocol. */
enum status link_pppoe(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint16_t version_code = cursor_u16(&c);
	uint16_t length;
	struct slice inside;

	if (!walk_enter(w))
		return STATUS_LIMIT;
	cursor_skip(&c, 2);
	length = cursor_u16(&c);
	if (c.bad)
		return walk_ended(w);
	if (version_code != 0x1100)
		return STATUS_NOT_MINE;
	inside = walk_bound(w, cursor_rest(&c), length);
	return ppp_protocol(w, inside);
}

/* ---- frame relay and ATM ---- */

enum status link_nlpid(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);

	switch (cursor_u8(&c)) {
	case 0xCC:
	case 0x8E:
		return ip_any(w, cursor_rest(&c));
	case 0xCF:
		return link_ppp(w, cursor_rest(&c));
	case 0x80: /* SNAP: OUI 0 and an EtherType */
		cursor_skip(&c, 1);
		if (cursor_u16(&c) == 0 && walk_u16(cursor_rest(&c), 0) > 1500)
			return link_ethertype(w,
					      walk_u16(cursor_rest(&c), 0),
					      slice_from(cursor_rest(&c), 2));
		break;
	default:
		break;
	}
	return c.bad ? walk_ended(w) : STATUS_NOT_MINE;
}

/*
 * A Q.922 address, whose last byte has its lowest bit set; then 03, perhaps a
 * padding 0, and an NLPID; or with Cisco's encapsulation an EtherType.
 */
enum status link_frelay(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	struct slice rest;
	unsigned n = 0;

	if (!walk_enter(w))
		return STATUS_LIMIT;
	while (n < 4 && !(cursor_u8(&c) & 1) && !c.bad)
		n++;
	rest = cursor_rest(&c);
	if (c.bad || rest.n < 2)
		return walk_ended(w);
	if (n == 4)
		return STATUS_BAD;
	if (rest.p[0] != 3) {
		if (walk_u16(rest, 0) <= 1500)
			return STATUS_NOT_MINE;
		return link_ethertype(w, walk_u16(rest, 0),
				      slice_from(rest, 2));
	}
	return link_nlpid(w, slice_from(rest, rest.p[1] == 0 ? 2 : 1));
}

/* LLC, or an NLPID behind FE FE 03, or nothing (RFC 2684 5, 6). */
enum status link_atm(struct walk *w, struct slice s)
{
	if (ip_looks(s, w->missing) != IP_NO)
		return ip_any(w, s);
	return link_llc(w, s);
}

/* Two Ethernet addresses, path and channel. */
enum status link_netmon_atm(struct walk *w, struct slice s)
{
	if (s.n < 16)
		return walk_ended(w);
	return link_atm(w, slice_from(s, 16));
}

/* ---- a byte of direction in front ---- */

static enum status directed(struct walk *w, struct slice s, walk_fn *inside)
{
	if (s.n < 1)
		return walk_ended(w);
	return inside(w, slice_from(s, 1));
}

enum status link_ppp_directed(struct walk *w, struct slice s)
{
	return directed(w, s, link_ppp_hdlc);
}

enum status link_chdlc_directed(struct walk *w, struct slice s)
{
	return directed(w, s, link_chdlc);
}

enum status link_frelay_directed(struct walk *w, struct slice s)
{
	return directed(w, s, link_frelay);
}

/* libpcap puts 16 bytes in front: direction (0 or 1), compressed header. */
enum status link_slip(struct walk *w, struct slice s)
{
	if (s.n && s.p[0] > 1)
		return ip_any(w, s);
	if (s.n < 16)
		return walk_ended(w);
	return ip_any(w, slice_from(s, 16));
}
