/* What kind of frame are these bytes? */
#include "config.h"

#include "capture/frame.h"
#include "capture/hexdump_link.h"

#define IPV4_HEADER 20u
#define IPV6_HEADER 40u
#define TTL_AT 8u
#define PROTOCOL_AT 9u
#define CHECKSUM_AT 10u

#define ETHER_HEADER 14u
#define ETHER_TYPE_AT 12u
#define VLAN_TAG 4u
#define VLAN_TAGS_MAX 2u
/* Behind the type of PPPoE (RFC 2516 4), and its header. */
#define PPPOE_PROTOCOL 8u

static unsigned u16_at(struct slice s, size_t at)
{
	return at + 1 < s.n ? (unsigned)s.p[at] << 8 | s.p[at + 1] : 0;
}

/* What zeros and the headers of files do not look like, when no sum tells. */
static bool is_likely(struct slice header)
{
	static const uint8_t known[] = {1,  2,  4,  6,  17, 41,
					47, 50, 51, 89, 132};
	size_t at;

	return header.p[TTL_AT] && slice_find(slice_of(known, sizeof(known)),
					      header.p[PROTOCOL_AT], &at);
}

/* RFC 791 3.1; a sender's network card may fill the sum in, later. */
static bool has_checksum(struct slice header)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < header.n; i += 2)
		sum += u16_at(header, i);
	sum = (sum >> 16) + (sum & 0xFFFF);
	sum += sum >> 16;
	return (sum & 0xFFFF) == 0xFFFF ||
	       (u16_at(header, CHECKSUM_AT) == 0 && is_likely(header));
}

/* Protocols that a packet of IPv6 may begin with (IANA "Assigned Internet
 * Protocol Numbers"). */
static bool is_next_header(uint8_t protocol)
{
	static const uint8_t known[] = {0,  4,  6,  17, 41, 43, 44,
					47, 50, 51, 58, 59, 60, 132};
	size_t at;

	return slice_find(slice_of(known, sizeof(known)), protocol, &at);
}

/* Addresses that are in use: 2000::/4 of the global ones, ::1 and the like,
 * 64:ff9b::/96, fc00::/6 (IANA "Internet Protocol Version 6 Address Space").
 * There is no checksum, and text often looks like the rest of a header. */
static bool is_address6(struct slice s)
{
	return s.p[0] == 0 || s.p[0] >> 4 == 2 || s.p[0] >= 0xFC;
}

static bool is_ipv6(struct slice s)
{
	return s.n >= IPV6_HEADER && s.p[0] >> 4 == 6 &&
	       is_next_header(s.p[6]) && is_address6(slice_from(s, 8)) &&
	       is_address6(slice_from(s, 24));
}

/* The length of the packet of IP that stands here; 0: none does. */
static uint32_t ip_length(struct slice s)
{
	unsigned header, length;

	if (s.n >= IPV4_HEADER && s.p[0] >> 4 == 4) {
		header = (s.p[0] & 0x0Fu) * 4;
		length = u16_at(s, 2);
		return header >= IPV4_HEADER && header <= s.n &&
				       length >= header &&
				       has_checksum(slice_first(s, header))
			       ? length
			       : 0;
	}
	return is_ipv6(s) ? IPV6_HEADER + u16_at(s, 4) : 0;
}

static bool is_ip_type(unsigned type)
{
	return type == 0x0800 || type == 0x86DD;
}

static bool is_vlan_type(unsigned type)
{
	return type == 0x8100 || type == 0x88A8 || type == 0x9100;
}

/* Types that are met beside IP, and the lengths of IEEE 802.3. */
static bool is_other_type(unsigned type)
{
	switch (type) {
	case 0x0806: /* ARP */
	case 0x8035: /* RARP */
	case 0x8863: /* PPPoE */
	case 0x8864:
	case 0x8847: /* MPLS */
	case 0x8848:
	case 0x888E: /* EAPOL */
	case 0x88CC: /* LLDP */
		return true;
	default:
		return type > 2 && type <= 1500;
	}
}

/* Where the packet of IP begins behind a type at this place; 0: nowhere. */
static size_t ip_behind(struct slice s, size_t type_at)
{
	unsigned type = u16_at(s, type_at);
	unsigned ppp = u16_at(s, type_at + PPPOE_PROTOCOL);

	if (is_ip_type(type))
		return type_at + 2;
	if (type == 0x8864 && (ppp == 0x0021 || ppp == 0x0057))
		return type_at + PPPOE_PROTOCOL + 2;
	return 0;
}

/* One whose header of IP is damaged is one of Ethernet still. */
static bool is_ethernet(struct slice s, uint32_t *length)
{
	size_t at = ETHER_TYPE_AT, inside;
	uint32_t ip;

	for (unsigned i = 0; i < VLAN_TAGS_MAX && is_vlan_type(u16_at(s, at));
	     i++)
		at += VLAN_TAG;
	inside = ip_behind(s, at);
	ip = inside ? ip_length(slice_from(s, inside)) : 0;
	*length = ip ? (uint32_t)inside + ip : 0;
	return s.n > ETHER_HEADER &&
	       (inside || at > ETHER_TYPE_AT || is_other_type(u16_at(s, at)));
}

/* Headers of one length, with the type of what follows at one place. */
static const struct {
	uint32_t type;
	uint8_t header, type_at;
} fixed[] = {
	{LINKTYPE_LINUX_SLL, 16, 14},
	{LINKTYPE_LINUX_SLL2, 20, 0},
};

/* The families of the systems that have such devices, in either order. */
static bool is_family(struct slice s)
{
	static const uint8_t families[] = {2, 10, 24, 28, 30};
	size_t at;

	return u16_at(s, 1) == 0 && (s.p[0] == 0 || s.p[3] == 0) &&
	       slice_find(slice_of(families, sizeof(families)), s.p[0] | s.p[3],
			  &at);
}

struct hexdump_link hexdump_link_of(struct slice s)
{
	struct hexdump_link link = {.length = ip_length(s)};

	if (link.length) {
		link.type = LINKTYPE_RAW;
		return link;
	}
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		uint32_t ip = ip_length(slice_from(s, fixed[i].header));

		link.type = fixed[i].type;
		link.length = fixed[i].header + ip;
		if (ip && is_ip_type(u16_at(s, fixed[i].type_at)))
			return link;
	}
	link.type = LINKTYPE_NULL;
	link.length = ip_length(slice_from(s, 4));
	if (link.length && is_family(s)) {
		link.length += 4;
		return link;
	}
	link.type = is_ethernet(s, &link.length) ? LINKTYPE_ETHERNET
						 : LINKTYPE_UNKNOWN;
	return link;
}
