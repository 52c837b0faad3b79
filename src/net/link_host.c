/*
 * What operating systems write instead of a link layer: loopback, cooked
 * captures, packet metadata (spec "capture-formats" 3.1).
 */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"
#include "net/link.h"

/* ARPHRD_ values that change what the protocol field of a cooked capture is. */
#define ARPHRD_PPP 512
#define ARPHRD_FRAD 770
#define ARPHRD_IPGRE 778
#define ARPHRD_RADIOTAP 803
#define ARPHRD_IP6GRE 823
#define ARPHRD_NETLINK 824
#define ARPHRD_NONE 65534

/* ---- an address family in the order of whoever captured ---- */

static bool is_ip_family(uint32_t family)
{
	switch (family) {
	case 2:	 /* AF_INET everywhere */
	case 10: /* AF_INET6: Linux, */
	case 23: /* Windows, */
	case 24: /* NetBSD and OpenBSD, */
	case 28: /* FreeBSD, */
	case 30: /* Darwin */
		return true;
	default:
		return false;
	}
}

/* Some put an EtherType where the family should be. */
static bool is_ip_type(uint32_t type)
{
	return type == 0x0800 || type == 0x86DD;
}

static bool means_ip(struct slice s)
{
	struct cursor big = cursor_over(s);
	struct cursor little = big;
	uint32_t families[] = {cursor_u32(&big), cursor_u32le(&little)};

	for (size_t i = 0; i < 2; i++)
		if (is_ip_family(families[i]) || is_ip_type(families[i]))
			return true;
	return false;
}

static enum status behind_family(struct walk *w, struct slice s, size_t n)
{
	if (s.n < n)
		return walk_ended(w);
	return means_ip(s) ? ip_any(w, slice_from(s, n)) : STATUS_NOT_MINE;
}

/* Programs that had no better name for it put HDLC here, too. */
static bool is_hdlc(unsigned address)
{
	return address == 0xFF03 || address == 0x0F00 || address == 0x8F00;
}

enum status link_null(struct walk *w, struct slice s)
{
	if (is_hdlc(walk_u16(s, 0)))
		return link_ppp_hdlc(w, s);
	return behind_family(w, s, 4);
}

/* Family, security parameter index, flags (OpenBSD enc(4)). */
enum status link_enc(struct walk *w, struct slice s)
{
	return behind_family(w, s, 12);
}

/* Version and family, one byte each, in 24 bytes of header. */
enum status link_ipnet(struct walk *w, struct slice s)
{
	if (s.n < 24)
		return walk_ended(w);
	return ip_any(w, slice_from(s, 24));
}

/* ---- Linux cooked captures ---- */

static enum status cooked(struct walk *w, unsigned hardware,
			  unsigned protocol, struct slice s)
{
	switch (hardware) {
	case ARPHRD_NETLINK:
		return STATUS_NOT_MINE;
	case ARPHRD_IPGRE:
	case ARPHRD_IP6GRE:
		return tunnel_gre_inside(w, protocol, false, s);
	case ARPHRD_RADIOTAP:
		return link_radiotap(w, s);
	case ARPHRD_FRAD:
		return link_frelay(w, s);
	case ARPHRD_PPP:
	case ARPHRD_NONE:
		if (ip_looks(s, w->missing) != IP_NO)
			return ip_any(w, s);
		break;
	default:
		break;
	}
	if (protocol == 4)
		return link_llc(w, s);
	if (protocol <= 1500)
		return STATUS_NOT_MINE;
	return link_ethertype(w, protocol, s);
}

enum status link_sll(struct walk *w, struct slice s)
{
	if (s.n < 16)
		return walk_ended(w);
	return cooked(w, walk_u16(s, 2), walk_u16(s, 14), slice_from(s, 16));
}

enum status link_sll2(struct walk *w, struct slice s)
{
	if (s.n < 20)
		return walk_ended(w);
	return cooked(w, walk_u16(s, 8), walk_u16(s, 0), slice_from(s, 20));
}

/* ---- metadata in front of another link type ---- */

/* Version, flags, length, link type of the packet (PPI 1.0.7). */
enum status link_ppi(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint16_t length;
	uint32_t type;

	cursor_skip(&c, 2);
	length = cursor_u16le(&c);
	type = cursor_u32le(&c);
	if (c.bad || length > s.n)
		return walk_ended(w);
	if (length < 8)
		return STATUS_BAD;
	return link_frame(w, type, slice_from(s, length));
}

/* Length, record type, link type of the packet, and more (Darwin PKTAP). */
enum status link_pktap(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint32_t length = cursor_u32le(&c);
	uint32_t type;

	cursor_skip(&c, 4);
	type = cursor_u32le(&c);
	if (c.bad || length > s.n)
		return walk_ended(w);
	if (length < 12)
		return STATUS_BAD;
	return link_frame(w, type, slice_from(s, length));
}

#define NFLOG_PAYLOAD 9

/* The payload among the attributes, whose order of bytes is the host's. */
static struct slice nflog_payload(struct slice s, bool little)
{
	struct cursor c = cursor_over(s);

	while (c.left && !c.bad) {
		uint16_t size = little ? cursor_u16le(&c) : cursor_u16(&c);
		uint16_t type = little ? cursor_u16le(&c) : cursor_u16(&c);
		size_t pad = -(size_t)size & 3;
		struct slice value;

		if (size < 4)
			break;
		value = cursor_take(&c, (size_t)size - 4);
		if (c.bad) /* cut: what there is */
			value = cursor_rest(&c);
		if ((type & 0x7FFF) == NFLOG_PAYLOAD)
			return value;
		cursor_skip(&c, pad < c.left ? pad : c.left);
	}
	return (struct slice){0};
}

enum status link_nflog(struct walk *w, struct slice s)
{
	struct slice attributes = slice_from(s, 4);
	struct slice payload = nflog_payload(attributes, true);

	if (payload.n == 0)
		payload = nflog_payload(attributes, false);
	if (payload.n == 0)
		return w->missing ? STATUS_SHORT : STATUS_NOT_MINE;
	return ip_any(w, payload);
}

/* Hilscher netANALYZER: 4 bytes, then Ethernet with its checksum. */
enum status link_netanalyzer(struct walk *w, struct slice s)
{
	if (s.n < 4)
		return walk_ended(w);
	return link_ethernet(w, slice_from(s, 4));
}
