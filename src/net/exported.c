/*
 * Wireshark's exported PDUs (spec "capture-formats" 3.5): tags that tell what
 * was around a message, then the message.
 */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"
#include "net/link.h"

enum tag {
	TAG_END = 0,
	TAG_DISSECTOR = 12,
	TAG_IPV4_SRC = 20,
	TAG_IPV4_DST = 21,
	TAG_IPV6_SRC = 22,
	TAG_IPV6_DST = 23,
	TAG_PORT_TYPE = 24,
	TAG_SRC_PORT = 25,
	TAG_DST_PORT = 26,
};

/* Values of TAG_PORT_TYPE. */
static const struct {
	uint32_t type;
	uint8_t protocol;
} port_types[] = {
	{1, IP_SCTP},
	{2, IP_TCP},
	{3, IP_UDP},
};

/* Dissectors whose PDUs are packets and not messages. */
static const struct {
	const char *name;
	walk_fn *inside;
} packet_dissectors[] = {
	{"eth_maybefcs", link_ethernet},
	{"eth_withfcs", link_ethernet},
	{"eth_withoutfcs", link_ethernet},
	{"ip", ip_any},
	{"ipv6", ip_any},
	{"raw_ip", ip_any},
};

static uint8_t protocol_of(uint32_t port_type)
{
	for (size_t i = 0; i < sizeof(port_types) / sizeof(port_types[0]); i++)
		if (port_types[i].type == port_type)
			return port_types[i].protocol;
	return IP_UDP;
}

static walk_fn *packets_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(packet_dissectors) /
				       sizeof(packet_dissectors[0]);
	     i++)
		if (slice_is(name, packet_dissectors[i].name))
			return packet_dissectors[i].inside;
	return NULL;
}

static uint32_t number(struct slice value)
{
	struct cursor c = cursor_over(value);

	return cursor_u32(&c);
}

static void set_address(struct endpoint *e, struct slice ip)
{
	struct endpoint read = endpoint_of(ip, e->port);

	if (read.family != FAMILY_NONE)
		*e = read;
}

struct exported {
	struct slice dissector;
	uint8_t protocol;
};

static void take_tag(struct packet *out, unsigned tag, struct slice value,
		     struct exported *pdu)
{
	size_t end;

	switch (tag) {
	case TAG_DISSECTOR: /* padded with NUL */
		pdu->dissector = slice_find(value, 0, &end)
					 ? slice_first(value, end)
					 : value;
		break;
	case TAG_IPV4_SRC:
	case TAG_IPV6_SRC:
		set_address(&out->src, value);
		break;
	case TAG_IPV4_DST:
	case TAG_IPV6_DST:
		set_address(&out->dst, value);
		break;
	case TAG_PORT_TYPE:
		pdu->protocol = protocol_of(number(value));
		break;
	case TAG_SRC_PORT:
		out->src.port = (uint16_t)number(value);
		break;
	case TAG_DST_PORT:
		out->dst.port = (uint16_t)number(value);
		break;
	default:
		break;
	}
}

enum status link_exported(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	struct exported pdu = {.protocol = IP_UDP};
	walk_fn *packets;
	unsigned tag;

	do {
		struct slice value;

		tag = cursor_u16(&c);
		value = cursor_take(&c, cursor_u16(&c));
		take_tag(w->out, tag, value, &pdu);
	} while (!c.bad && tag != TAG_END);
	if (c.bad)
		return walk_ended(w);
	packets = packets_of(pdu.dissector);
	if (packets)
		return packets(w, cursor_rest(&c));
	if (w->out->src.family == FAMILY_NONE ||
	    w->out->src.family != w->out->dst.family)
		return STATUS_NOT_MINE;
	w->out->exported_from = pdu.protocol;
	return transport_other(w, IP_UDP, cursor_rest(&c));
}
