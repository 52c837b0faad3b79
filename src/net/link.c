/*
 * Ethernet and what stands behind an EtherType (IEEE 802.3, 802.1Q, 802.1ah,
 * 802.1AE, 802.2; RFC 3032, RFC 8300); spec "capture-formats" 3.1 and 3.2.
 */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"
#include "net/link.h"

#define TYPE_LENGTH_MAX 1500u /* up to here it is a length */
#define MPLS_BOTTOM 0x100u

#define OUI_ETHERNET 0x000000u
#define OUI_CISCO_ETHERNET 0x0000F8u /* RFC 1042 bridges of old */
#define OUI_BRIDGED 0x0080C2u	     /* RFC 2684 4.2 */

static bool is_vlan(unsigned type)
{
	return type == 0x8100 || type == 0x88A8 || type == 0x9100 ||
	       type == 0x9200 || type == 0x9300;
}

/* ---- behind an EtherType ---- */

/* 802.1ah: flags and service in 4 bytes, then the customer's frame. */
static enum status provider_bridge(struct walk *w, struct slice s)
{
	if (s.n < 4)
		return walk_ended(w);
	return link_ethernet(w, slice_from(s, 4));
}

/* MACsec without encryption leaves the frame readable (802.1AE 9.3). */
static enum status macsec(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint8_t tci = cursor_u8(&c);
	unsigned type;

	if (tci & 0x0C)
		return STATUS_NOT_MINE;
	cursor_skip(&c, 5);
	if (tci & 0x20)
		cursor_skip(&c, 8);
	type = cursor_u16(&c);
	if (c.bad)
		return walk_ended(w);
	return link_ethertype(w, type, cursor_rest(&c));
}

/* Behind so many bytes stands the EtherType. */
static enum status ethertype_behind(struct walk *w, struct slice s, size_t n)
{
	if (s.n < n + 2)
		return walk_ended(w);
	return link_ethertype(w, walk_u16(s, n), slice_from(s, n + 2));
}

/* VN-tags of Cisco's switches, HSR (IEC 62439-3 5.6), redundancy tags (802.1CB
 * 7.8). */
static enum status tag_of_four(struct walk *w, struct slice s)
{
	return ethertype_behind(w, s, 4);
}

/* 802.1BR 7.5: priority and VLANs of the port extender. */
static enum status extender_tag(struct walk *w, struct slice s)
{
	return ethertype_behind(w, s, 6);
}

/* Cisco's FabricPath (DCE): tree and hops in two bytes, then the frame. */
static enum status fabric_path(struct walk *w, struct slice s)
{
	if (s.n < 2)
		return walk_ended(w);
	return link_ethernet(w, slice_from(s, 2));
}

/* RFC 6325 3: flags, two nicknames and options, then the frame. */
static enum status trill(struct walk *w, struct slice s)
{
	size_t options = 4 * (size_t)(walk_u16(s, 0) >> 6 & 0x1F);

	if (s.n < 6 + options)
		return walk_ended(w);
	return link_ethernet(w, slice_from(s, 6 + options));
}

/* Arista's time stamps: subtype 1, version (its low byte tells the format, of
 * 64 or 48 bits), the time; the EtherType follows. */
static enum status arista_time(struct walk *w, struct slice s)
{
	size_t size = 4 + ((walk_u16(s, 2) & 0xFF) == 0x20 ? 6 : 8);

	if (s.n < size + 2)
		return walk_ended(w);
	if (walk_u16(s, 0) != 1)
		return STATUS_NOT_MINE;
	return link_ethertype(w, walk_u16(s, size), slice_from(s, size + 2));
}

/* Cisco metadata: version, length, one option; the EtherType follows. */
static enum status cisco_metadata(struct walk *w, struct slice s)
{
	if (s.n < 8)
		return walk_ended(w);
	return link_ethertype(w, walk_u16(s, 6), slice_from(s, 8));
}

static const struct ethertype {
	uint16_t type;
	walk_fn *inside;
} ethertypes[] = {
	{0x0800, ip_any},
	{0x22F3, trill},
	{0x6558, link_ethernet}, /* transparent bridging */
	{0x86DD, ip_any},
	{0x880B, link_ppp},
	{0x8847, link_mpls},
	{0x8848, link_mpls},
	{0x8864, link_pppoe},
	{0x88E5, macsec},
	{0x88E7, provider_bridge},
	{0x8903, fabric_path},
	{0x8909, cisco_metadata},
	{0x8926, tag_of_four},
	{0x892F, tag_of_four},
	{0x893F, extender_tag},
	{0x894F, link_nsh},
	{0xD28B, arista_time},
	{0xF1C1, tag_of_four},
};

static const struct ethertype *ethertype_find(unsigned type)
{
	for (size_t i = 0; i < sizeof(ethertypes) / sizeof(ethertypes[0]); i++)
		if (ethertypes[i].type == type)
			return &ethertypes[i];
	return NULL;
}

enum status link_ethertype(struct walk *w, unsigned type, struct slice s)
{
	const struct ethertype *row;
	unsigned vlans = 0;

	if (!walk_enter(w))
		return STATUS_LIMIT;
	while (is_vlan(type)) {
		if (++vlans > NET_VLANS_MAX)
			return STATUS_LIMIT;
		if (s.n < 4)
			return walk_ended(w);
		type = walk_u16(s, 2);
		s = slice_from(s, 4);
	}
	if (type <= TYPE_LENGTH_MAX)
		return link_llc(w, walk_bound(w, s, type));
	row = ethertype_find(type);
	return row ? row->inside(w, s) : STATUS_NOT_MINE;
}

enum status link_ethernet(struct walk *w, struct slice s)
{
	if (!walk_enter(w))
		return STATUS_LIMIT;
	if (s.n < 14)
		return walk_ended(w);
	return link_ethertype(w, walk_u16(s, 12), slice_from(s, 14));
}

bool link_is_ethernet(struct slice s)
{
	unsigned type = walk_u16(s, 12);

	return s.n >= 14 && (is_vlan(type) || ethertype_find(type));
}

/* IEEE 802.2; only unnumbered information (03) carries packets. */
static enum status snap(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint32_t oui = (uint32_t)cursor_u8(&c) << 16 | cursor_u16(&c);
	uint16_t pid = cursor_u16(&c);

	if (c.bad)
		return walk_ended(w);
	switch (oui) {
	case OUI_ETHERNET:
	case OUI_CISCO_ETHERNET:
		if (pid <= TYPE_LENGTH_MAX)
			return STATUS_NOT_MINE;
		return link_ethertype(w, pid, cursor_rest(&c));
	case OUI_BRIDGED:
		if (pid != 1 && pid != 7)
			return STATUS_NOT_MINE;
		cursor_skip(&c, 2); /* padding */
		if (c.bad)
			return walk_ended(w);
		return link_ethernet(w, cursor_rest(&c));
	default:
		return STATUS_NOT_MINE;
	}
}

enum status link_llc(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint16_t saps = cursor_u16(&c);
	uint8_t control = cursor_u8(&c);

	if (!walk_enter(w))
		return STATUS_LIMIT;
	if (c.bad)
		return s.n ? walk_ended(w) : STATUS_NOT_MINE;
	if (control != 3)
		return STATUS_NOT_MINE;
	switch (saps) {
	case 0xAAAA:
	case 0xAAAB:
		return snap(w, cursor_rest(&c));
	case 0x0606:
		return ip_any(w, cursor_rest(&c));
	case 0xFEFE:
		return link_nlpid(w, cursor_rest(&c));
	default:
		return STATUS_NOT_MINE;
	}
}

/*
 * A label stack (RFC 3032); nothing says what is behind it.  A first nibble
 * of 0 is a control word (RFC 4385) or an address of Ethernet.
 */
enum status link_mpls(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint32_t label;
	struct slice rest;

	if (!walk_enter(w))
		return STATUS_LIMIT;
	do {
		label = cursor_u32(&c);
	} while (!c.bad && !(label & MPLS_BOTTOM));
	rest = cursor_rest(&c);
	if (c.bad || rest.n == 0)
		return walk_ended(w);
	if (rest.p[0] >> 4 == 4 || rest.p[0] >> 4 == 6)
		return ip_any(w, rest);
	if (rest.p[0] >> 4 == 0 && link_is_ethernet(slice_from(rest, 4)))
		rest = slice_from(rest, 4);
	return link_ethernet(w, rest);
}

/* Network service header (RFC 8300 2.2): its length counts 4 bytes each. */
enum status link_nsh(struct walk *w, struct slice s)
{
	static const struct {
		uint8_t protocol;
		walk_fn *inside;
	} rows[] = {
		{1, ip_any}, {2, ip_any}, {3, link_ethernet}, {5, link_mpls},
	};
	size_t length = s.n > 1 ? (size_t)(s.p[1] & 0x3F) * 4 : 0;

	if (!walk_enter(w))
		return STATUS_LIMIT;
	if (s.n < 8 || length > s.n)
		return walk_ended(w);
	if (length < 8 || s.p[0] >> 6 != 0)
		return STATUS_BAD;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].protocol == s.p[3])
			return rows[i].inside(w, slice_from(s, length));
	return STATUS_NOT_MINE;
}

/* ---- other local networks, that have LLC at some place ---- */

static enum status after(struct walk *w, struct slice s, size_t n,
			 walk_fn *inside)
{
	if (s.n < n)
		return walk_ended(w);
	return inside(w, slice_from(s, n));
}

/* Source routing is marked in the address of the sender (802.5 3.3.1). */
static enum status token_ring(struct walk *w, struct slice s)
{
	size_t routing = s.n > 14 && s.p[8] & 0x80 ? s.p[14] & 0x1Fu : 0;

	return after(w, s, 14 + routing, link_llc);
}

static enum status fddi(struct walk *w, struct slice s)
{
	return after(w, s, 13, link_llc);
}

static enum status fibre_channel(struct walk *w, struct slice s)
{
	return after(w, s, 16, link_llc);
}

static enum status ieee1394(struct walk *w, struct slice s)
{
	return ethertype_behind(w, s, 16);
}

/* EtherType and a reserved 0 (RFC 4391 6), perhaps behind addresses. */
static enum status infiniband(struct walk *w, struct slice s)
{
	static const size_t places[] = {0, 20, 40};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct slice header = slice_from(s, places[i]);

		if (header.n >= 4 && ethertype_find(walk_u16(header, 0)) &&
		    walk_u16(header, 2) == 0)
			return link_ethertype(w, walk_u16(header, 0),
					      slice_from(header, 4));
	}
	return STATUS_NOT_MINE;
}

/* Tags of switch chips, between the addresses and the EtherType. */
static enum status tag4(struct walk *w, struct slice s)
{
	return ethertype_behind(w, s, 16);
}

static enum status tag8(struct walk *w, struct slice s)
{
	return ethertype_behind(w, s, 20);
}

static enum status tag_in_front(struct walk *w, struct slice s)
{
	return after(w, s, 4, link_ethernet);
}

/* ---- the table ---- */

/* Raw IP has one number in files and others in live handles. */
#define DLT_RAW_MOST 12
#define DLT_RAW_OPENBSD 14

static const struct link_type {
	uint32_t type;
	walk_fn *read;
} link_types[] = {
	{LINKTYPE_NULL, link_null},
	{LINKTYPE_ETHERNET, link_ethernet},
	{LINKTYPE_TOKEN_RING, token_ring},
	{8, link_slip},
	{LINKTYPE_PPP, link_ppp},
	{LINKTYPE_FDDI, fddi},
	{DLT_RAW_MOST, ip_any},
	{DLT_RAW_OPENBSD, ip_any},
	{LINKTYPE_PPP_HDLC, link_ppp_hdlc},
	{LINKTYPE_PPP_ETHER, link_pppoe},
	{LINKTYPE_ATM_RFC1483, link_atm},
	{LINKTYPE_RAW, ip_any},
	{LINKTYPE_C_HDLC, link_chdlc},
	{LINKTYPE_IEEE802_11, link_80211},
	{LINKTYPE_FRELAY, link_frelay},
	{LINKTYPE_LOOP, link_null},
	{109, link_enc},
	{LINKTYPE_LINUX_SLL, link_sll},
	{LINKTYPE_PRISM, link_prism},
	{122, fibre_channel}, /* IP_OVER_FC */
	{LINKTYPE_RADIOTAP, link_radiotap},
	{138, ieee1394}, /* APPLE_IP_OVER_IEEE1394 */
	{LINKTYPE_AVS, link_avs},
	{166, link_ppp_pppd},
	{LINKTYPE_PPI, link_ppi},
	{204, link_ppp_directed},
	{205, link_chdlc_directed},
	{206, link_frelay_directed},
	{LINKTYPE_MPLS, link_mpls},
	{226, link_ipnet},
	{LINKTYPE_IPV4, ip_any},
	{LINKTYPE_IPV6, ip_any},
	{LINKTYPE_NFLOG, link_nflog},
	{240, link_netanalyzer},
	{242, infiniband}, /* IPOIB */
	{LINKTYPE_WIRESHARK_UPPER_PDU, link_exported},
	{258, link_pktap},
	{LINKTYPE_LINUX_SLL2, link_sll2},
	{281, tag4},	     /* DSA_TAG_BRCM */
	{282, tag_in_front}, /* DSA_TAG_BRCM_PREPEND */
	{284, tag4},	     /* DSA_TAG_DSA */
	{285, tag8},	     /* DSA_TAG_EDSA */
	{LINKTYPE_NETMON_80211, link_netmon_80211},
	{LINKTYPE_NETMON_ATM, link_netmon_atm},
};

/* Known not to carry IP, or not a packet at all: never guessed at. */
static bool is_no_network(uint32_t type)
{
	return type >= LINKTYPE_UNKNOWN || type == 271 || type == 289 ||
	       type == 290;
}

enum status link_frame(struct walk *w, uint32_t link_type, struct slice s)
{
	if (!walk_enter(w))
		return STATUS_LIMIT;
	for (size_t i = 0; i < sizeof(link_types) / sizeof(link_types[0]); i++)
		if (link_types[i].type == link_type)
			return link_types[i].read(w, s);
	if (is_no_network(link_type))
		return STATUS_NOT_MINE;
	return link_guess(w, link_type, s);
}
