/* Packets inside packets (spec "capture-formats" 3.3). */
#include "config.h"

#include "tests/support/layers.h"
#include "tests/support/t.h"

#define MACS "020000000001 020000000002 "
#define PAYLOAD "hello, world"
#define INNER "192.0.2.1:5060 > 192.0.2.2:5062"

/* The tunnel's header between 198.51.100.1 and its like and the packet. */
static const struct tunnel {
	const char *name;
	unsigned protocol; /* of IP ... */
	unsigned port;     /* ... or a port of UDP */
	const char *digits;
	bool found;
} tunnels[] = {
	{"IP in IP", 4, 0, "", true},
	{"6in4", 41, 0, "", true},
	{"EtherIP", 97, 0, "3000" MACS "0800", true},
	{"MPLS in IP", 137, 0, "00064140", true},
	{"GRE", 47, 0, "0000 0800", true},
	{"GRE with all", 47, 0, "B000 0800 00000000 00000001 00000002", true},
	{"GRE, Ethernet", 47, 0, "2000 6558 00000100" MACS "0800", true},
	{"GRE, MPLS", 47, 0, "0000 8847 00064140", true},
	{"GRE, VLAN", 47, 0, "0000 8100 0001 0800", true},
	{"GRE, version 2", 47, 0, "0002 0800", false},
	{"GRE, no IP", 47, 0, "0000 0806", false},
	{"GRE, Cisco keepalive", 47, 0, "0000 0000", false},
	{"PPTP", 47, 0, "3001 880B 00200001 00000001 FF03 0021", true},
	{"PPTP with acknowledgment", 47, 0,
	 "3081 880B 00200001 00000001 00000000 21", true},
	{"PPTP, only acknowledgment", 47, 0, "2081 880B 00000001 00000001",
	 false},
	{"EoIP", 47, 0, "2001 6400 0036 0100" MACS "0800", true},
	{"EoIP, version 0", 47, 0, "2000 6400 0036 0100" MACS "0800", false},
	{"ERSPAN I", 47, 0, "0000 88BE" MACS "0800", true},
	{"ERSPAN II", 47, 0, "1000 88BE 00000001 10010001 00000000" MACS "0800",
	 true},
	{"ERSPAN III", 47, 0,
	 "1000 22EB 00000001 20010001 00000000 0000 0000" MACS "0800", true},
	{"ERSPAN III with more", 47, 0,
	 "1000 22EB 00000001 20010001 00000000 0000 0001 0000000000000000" MACS
	 "0800",
	 true},
	{"ERSPAN III of IP", 47, 0,
	 "1000 22EB 00000001 20010001 00000000 0000 0800", true},
	{"ERSPAN III of something else", 47, 0,
	 "1000 22EB 00000001 20010001 00000000 0000 0400", false},
	{"L2TPv3, PPP", 115, 0, "00000005 FF03 0021", true},
	{"L2TPv3, cookie and Ethernet", 115, 0,
	 "00000005 0011223344556677 00000000" MACS "0800", true},
	{"L2TPv3, control", 115, 0, "00000000 FF03 0021", false},
	{"VXLAN", 0, 4789, "08000000 00000100" MACS "0800", true},
	{"VXLAN of Linux", 0, 8472, "08000000 00000100" MACS "0800", true},
	{"VXLAN without flag", 0, 4789, "00000000 00000100" MACS "0800", false},
	{"VXLAN, reserved bits", 0, 4789, "08000001 00000100" MACS "0800",
	 false},
	{"VXLAN, ARP", 0, 4789, "08000000 00000100" MACS "0806", false},
	{"VXLAN-GPE, IP", 0, 4790, "0C000001 00000100", true},
	{"VXLAN-GPE, Ethernet", 0, 4790, "0C000003 00000100" MACS "0800", true},
	{"VXLAN-GPE, NSH", 0, 4790, "0C000004 00000100 0002 02 01 000001 FF",
	 true},
	{"VXLAN-GPE, unknown", 0, 4790, "0C000009 00000100", false},
	{"GENEVE", 0, 6081, "00 00 6558 00000100" MACS "0800", true},
	{"GENEVE with options", 0, 6081,
	 "02 40 0800 00000100 0001 80 01 00000001", true},
	{"GENEVE, version 1", 0, 6081, "40 00 0800 00000100", false},
	{"GENEVE, reserved bits", 0, 6081, "00 01 0800 00000100", false},
	{"GTP-U", 0, 2152, "30 FF - 00000001", true},
	{"GTP-U with sequence", 0, 2152, "32 FF - 00000001 0001 00 00", true},
	{"GTP-U with extension", 0, 2152,
	 "34 FF - 00000001 0000 00 85 01 000900", true},
	{"GTP-U, endless extension", 0, 2152,
	 "34 FF - 00000001 0000 00 85 00 000900", false},
	{"GTP-U, echo", 0, 2152, "32 01 - 00000000 0001 00 00", false},
	{"GTP-U, version 2", 0, 2152, "50 FF - 00000001", false},
	{"L2TPv2", 0, 1701, "0002 0001 0001 FF03 0021", true},
	{"L2TPv2 with all", 0, 1701,
	 "4A02 + 0001 0001 0000 0000 0002 0000 FF03 0021", true},
	{"L2TPv2, wrong length", 0, 1701, "4002 0030 0001 0001 FF03 0021",
	 false},
	{"L2TPv2, control", 0, 1701, "C802 + 0001 0001 0000 0000", false},
	{"L2TPv3 in UDP", 0, 1701, "0003 0000 00000005 FF03 0021", true},
	{"TZSP", 0, 37008, "01 00 0001 01" MACS "0800", true},
	{"TZSP to send, with fields", 0, 37008,
	 "01 01 0001 0A01D8 00 29020022 01" MACS "0800", true},
	{"TZSP, keep-alive", 0, 37008, "01 04 0000 01", false},
	{"TZSP, version 2", 0, 37008, "02 00 0001 01" MACS "0800", false},
	{"TZSP, something else", 0, 37008, "01 00 0006 01" MACS "0800", false},
	{"ACDR 5", 0, 925, "05 00000001 0001 FFFF FFFF 08 06 0A 00 00000001",
	 true},
	{"ACDR 7", 0, 925,
	 "07 00000001 0001 FFFF FFFF 08 06 0A 00 0000010000000001", true},
	{"ACDR 9 with ends", 0, 925,
	 "09 00000001 0001 FFFFFFFF FFFFFFFF 08 01 01 09 000001000000000001 "
	 "C0000202 13C4 13C6 00",
	 true},
	{"ACDR, no header added", 0, 925,
	 "05 00000001 0001 FFFF FFFF 00 06 0A 00 00000001", false},
	{"ACDR, encrypted", 0, 925,
	 "05 00000001 0001 FFFF FFFF 18 06 0A 00 00000001", false},
	{"ACDR, version 10", 0, 925,
	 "0A 00000001 0001 FFFFFFFF FFFFFFFF 08 06 0A 00 000001000000000001",
	 false},
	{"ACDR, major version 1", 0, 925,
	 "15 00000001 0001 FFFF FFFF 08 06 0A 00 00000001", false},
	{"SIP on such a port", 0, 4789, "494E56495445 20", false},
	{"STUN on such a port", 0, 2152,
	 "0001 0000 2112A442 000102030405060708090A0B", false},
	{"RTP on such a port", 0, 6081, "8000 0001 00000001 00000001", false},
};
#define TUNNELS (sizeof(tunnels) / sizeof(tunnels[0]))

static void make(struct t_layers *l, const struct tunnel *row)
{
	t_begin(l, SLICE(PAYLOAD));
	t_udp(l, 5060, 5062);
	t_ipv4(l, IP_UDP, 1, 2);
	t_header(l, row->digits);
	if (row->port)
		t_udp(l, 40000, row->port);
	t_ipv4(l, row->port ? IP_UDP : row->protocol, 101, 102);
}

static void check(const struct tunnel *row, const struct packet *packet)
{
	char text[128];

	if (row->found) {
		if (strcmp(t_ends(packet, text), INNER) != 0)
			fail_msg("%s: %s", row->name, text);
		assert_int_equal(packet->tunnels, 1);
		t_equal_text(packet->payload, PAYLOAD);
		return;
	}
	if (packet->src.ip[3] != 101 || packet->dst.ip[3] != 102)
		fail_msg("%s: taken for a tunnel", row->name);
	assert_int_equal(packet->tunnels, 0);
	assert_int_equal(packet->dst.port, row->port);
	assert_int_equal(packet->protocol, row->port ? IP_UDP : row->protocol);
	assert_true(packet->payload.n > strlen(PAYLOAD));
}

static void each_tunnel_leads_inside(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();

	(void)state;
	for (size_t i = 0; i < TUNNELS; i++) {
		struct frame frame;
		struct packet packet;
		enum status status;

		make(&l, &tunnels[i]);
		frame = t_frame(LINKTYPE_RAW, t_layers(&l));
		status = net_packet(net, &frame, &packet);
		if (status != STATUS_OK)
			fail_msg("%s: %s", tunnels[i].name,
				 status_name(status));
		check(&tunnels[i], &packet);
	}
	net_free(net);
}

static void each_cut_stays_inside(void **state)
{
	static struct t_layers l;

	(void)state;
	for (size_t i = 0; i < TUNNELS; i++) {
		struct slice whole;

		make(&l, &tunnels[i]);
		whole = t_layers(&l);
		for (size_t n = 0; n < whole.n; n++) {
			struct net *net = net_new();
			struct slice part = t_exact(slice_first(whole, n));
			struct frame frame = t_frame(LINKTYPE_RAW, part);
			struct packet packet;

			frame.wire_length = (uint32_t)whole.n;
			if (net_packet(net, &frame, &packet) == STATUS_OK)
				assert_true(packet.cut &&
					    packet.payload.n <= n);
			frame.wire_length = (uint32_t)n;
			if (net_packet(net, &frame, &packet) == STATUS_OK)
				assert_true(packet.payload.n <= n);
			t_release(part);
			net_free(net);
		}
	}
}

/* ---- Teredo (RFC 4380 5.1.1) ---- */

static void teredo(const char *digits, bool found)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv6(&l, IP_UDP, 1, 2);
	t_header(&l, digits);
	t_udp(&l, 3544, 40000);
	t_ipv4(&l, IP_UDP, 101, 102);
	frame = t_frame(LINKTYPE_RAW, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	assert_int_equal(packet.src.family, found ? FAMILY_IPV6 : FAMILY_IPV4);
	assert_int_equal(packet.tunnels, found);
	net_free(net);
}

static void teredo_may_have_indicators(void **state)
{
	(void)state;
	teredo("", true);
	teredo("0000 EF6B 3FFFFDFE", true);
	teredo("0001 00 00 0011223344556677 00", true);
	teredo("0001 02 01 AABB CC 0011223344556677 00"
	       "0000 EF6B 3FFFFDFE",
	       true);
	teredo("0002 EF6B 3FFFFDFE", false);
}

/* ---- nesting ---- */

static enum status read_nested(unsigned depth, struct packet *packet)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	enum status status;

	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv4(&l, IP_UDP, 1, 2);
	for (unsigned i = 0; i < depth; i++)
		t_ipv4(&l, 4, 101, 102);
	frame = t_frame(LINKTYPE_RAW, t_layers(&l));
	status = net_packet(net, &frame, packet);
	net_free(net);
	return status;
}

static void tunnels_have_a_limit(void **state)
{
	struct packet packet;

	(void)state;
	assert_int_equal(read_nested(8, &packet), STATUS_OK);
	assert_int_equal(packet.tunnels, 8);
	assert_int_equal(read_nested(9, &packet), STATUS_LIMIT);
	assert_int_equal(read_nested(1000, &packet), STATUS_LIMIT);
}

static void tunnels_over_udp_count_too(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv4(&l, IP_UDP, 1, 2);
	for (unsigned i = 0; i < 9; i++) {
		t_header(&l, "30 FF - 00000001");
		t_udp(&l, 2152, 2152);
		t_ipv4(&l, IP_UDP, 101, 102);
	}
	frame = t_frame(LINKTYPE_RAW, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_LIMIT);
	net_free(net);
}

static void layers_have_a_limit(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	for (unsigned i = 0; i < 30; i++)
		t_header(&l, "88E7 00000001" MACS);
	t_header(&l, MACS);
	frame = t_frame(LINKTYPE_ETHERNET, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_LIMIT);
	net_free(net);
}

/* Fragments inside a tunnel inside fragments: the outer bytes are read from
 * while the inner ones are put together. */
static void fragments_nest_in_tunnels(void **state)
{
	static struct t_layers l, inner;
	struct net *net = net_new();
	struct slice whole;
	struct packet packet;
	enum status status = STATUS_END;

	(void)state;
	for (unsigned half = 0; half < 2; half++) {
		t_begin(&inner, SLICE("0123456789ABCDEF"));
		t_udp(&inner, 5060, 5062);
		whole = slice_cut(t_layers(&inner), half * 16, 16);
		whole = t_exact(whole.n ? whole : SLICE("76543210"));
		t_begin(&inner, whole);
		t_release(whole);
		t_ipv4_fragment(&inner, IP_UDP, 7, half ? 2 : 0x2000);
		whole = t_layers(&inner);
		for (size_t at = 0; at < whole.n; at += 8) {
			bool more = at + 8 < whole.n;
			struct frame frame;

			t_begin(&l, slice_cut(whole, at, 8));
			t_ipv4_fragment(&l, 4, half + 1,
					(unsigned)at / 8 | (more ? 0x2000 : 0));
			frame = t_frame(LINKTYPE_RAW, t_layers(&l));
			status = net_packet(net, &frame, &packet);
		}
	}
	assert_int_equal(status, STATUS_OK);
	assert_int_equal(packet.src.port, 5060);
	t_equal_text(packet.payload, "0123456789ABCDEF");
	net_free(net);
}

static const struct t_case cases[] = {
	{"each_tunnel_leads_inside", each_tunnel_leads_inside},
	{"each_cut_stays_inside", each_cut_stays_inside},
	{"teredo_may_have_indicators", teredo_may_have_indicators},
	{"tunnels_have_a_limit", tunnels_have_a_limit},
	{"tunnels_over_udp_count_too", tunnels_over_udp_count_too},
	{"layers_have_a_limit", layers_have_a_limit},
	{"fragments_nest_in_tunnels", fragments_nest_in_tunnels},
};
T_MAIN(cases)
