/*
 * Link layers (spec "capture-formats" 1.6, 3.1, 3.2, 3.4, 3.5): each header in
 * front of the same datagram.
 */
#include "config.h"

#include "tests/support/layers.h"
#include "tests/support/t.h"

#define MACS "020000000001 020000000002 "
#define SNAP "AAAA03 000000 "
#define ENDS4 "192.0.2.1:5060 > 192.0.2.2:5062"
#define ENDS6 "[2001:db8::1]:5060 > [2001:db8::2]:5062"
#define PAYLOAD "hello, world"

/* What is in front; the datagram is in IPv6 where `six`. */
static const struct header {
	const char *name;
	uint32_t link_type;
	const char *digits;
	bool six;
	enum status status;
} headers[] = {
	{"null, little", 0, "02000000", false, STATUS_OK},
	{"null, big", 0, "00000002", false, STATUS_OK},
	{"null, NetBSD", 0, "18000000", true, STATUS_OK},
	{"null, FreeBSD", 0, "0000001C", true, STATUS_OK},
	{"null, Darwin", 0, "1E000000", true, STATUS_OK},
	{"null, Windows", 0, "17000000", true, STATUS_OK},
	{"null, EtherType", 0, "000086DD", true, STATUS_OK},
	{"null, AppleTalk", 0, "10000000", false, STATUS_NOT_MINE},
	{"null, but HDLC", 0, "0F000800", false, STATUS_OK},
	{"loop", 108, "00000002", false, STATUS_OK},
	{"ethernet", 1, MACS "0800", false, STATUS_OK},
	{"ethernet, IPv6", 1, MACS "86DD", true, STATUS_OK},
	{"ethernet, wrong type for it", 1, MACS "0800", true, STATUS_OK},
	{"ethernet, ARP", 1, MACS "0806", false, STATUS_NOT_MINE},
	{"ethernet, NetMon statistics", 1, MACS "@" SNAP "8419", false,
	 STATUS_NOT_MINE},
	{"VLAN", 1, MACS "8100 0064 0800", false, STATUS_OK},
	{"QinQ", 1, MACS "88A8 0001 8100 0002 86DD", true, STATUS_OK},
	{"four tags", 1,
	 MACS "9100 0001 9200 0002 9300 0003 8100 0004 0800", false,
	 STATUS_OK},
	{"five tags", 1,
	 MACS "8100 0001 8100 0001 8100 0002 8100 0003 8100 0004 0800",
	 false, STATUS_LIMIT},
	{"802.1ah", 1, MACS "88E7 00000001" MACS "0800", false, STATUS_OK},
	{"port extender tag", 1, MACS "893F 1000 00D8 0000 0800", false,
	 STATUS_OK},
	{"FabricPath", 1, MACS "8903 0020" MACS "0800", false, STATUS_OK},
	{"TRILL", 1, MACS "22F3 003F 0001 0002" MACS "0800", false, STATUS_OK},
	{"TRILL, options", 1,
	 MACS "22F3 007F 0001 0002 00000000" MACS "0800", false, STATUS_OK},
	{"Arista time", 1, MACS "D28B 0001 0010 0011223344556677 0800", false,
	 STATUS_OK},
	{"Arista short time", 1, MACS "D28B 0001 0120 001122334455 0800",
	 false, STATUS_OK},
	{"VN-tag", 1, MACS "8926 00010002 0800", false, STATUS_OK},
	{"VN-tag, VLAN", 1, MACS "8926 00010002 8100 0005 0800", false,
	 STATUS_OK},
	{"HSR", 1, MACS "892F 003C 0001 0800", false, STATUS_OK},
	{"redundancy tag", 1, MACS "F1C1 0000 0001 0800", false, STATUS_OK},
	{"MACsec, clear", 1, MACS "88E5 00 00 00000001 0800", false,
	 STATUS_OK},
	{"MACsec, clear with SCI", 1,
	 MACS "88E5 20 00 00000001 0011223344556677 0800", false, STATUS_OK},
	{"MACsec, encrypted", 1, MACS "88E5 0C 00 00000001 0800", false,
	 STATUS_NOT_MINE},
	{"Cisco metadata", 1, MACS "8909 01 01 0001 0002 0800", false,
	 STATUS_OK},
	{"MPLS", 1, MACS "8847 00064140", false, STATUS_OK},
	{"MPLS, two labels", 1, MACS "8848 00064040 00065140", true,
	 STATUS_OK},
	{"MPLS, Ethernet", 1, MACS "8847 00064140" MACS "0800", false,
	 STATUS_OK},
	{"MPLS, control word", 1,
	 MACS "8847 00064140 00000000" MACS "0800", false, STATUS_OK},
	{"PPPoE", 1, MACS "8864 1100 0001 @ 0021", false, STATUS_OK},
	{"PPPoE, protocol in a byte", 1, MACS "8864 1100 0001 @ 21", false,
	 STATUS_OK},
	{"PPPoE, IPv6", 1, MACS "8864 1100 0001 @ 0057", true, STATUS_OK},
	{"PPPoE, LCP", 1, MACS "8864 1100 0001 @ C021", false,
	 STATUS_NOT_MINE},
	{"PPPoE discovery", 1, MACS "8863 1109 0000 0000", false,
	 STATUS_NOT_MINE},
	{"NSH", 1, MACS "894F 0002 02 01 000001 FF", false, STATUS_OK},
	{"NSH, shorter than itself", 1, MACS "894F 0001 02 01 000001 FF",
	 false, STATUS_BAD},
	{"NSH of something else", 1, MACS "894F 0002 02 09 000001 FF", false,
	 STATUS_NOT_MINE},
	{"802.3 with SNAP", 1, MACS "@" SNAP "0800", false, STATUS_OK},
	{"802.3 with LLC of IP", 1, MACS "@ 060603", false, STATUS_OK},
	{"802.3, spanning tree", 1, MACS "@ 424203", false, STATUS_NOT_MINE},
	{"SNAP of Cisco", 1, MACS "@ AAAA03 00000C 2000", false,
	 STATUS_NOT_MINE},
	{"SNAP with a length", 1, MACS "@ AAAA03 000000 0100", false,
	 STATUS_NOT_MINE},
	{"SNAP, bridged token ring", 1, MACS "@ AAAA03 0080C2 0009", false,
	 STATUS_NOT_MINE},
	{"token ring", 6, "1040" MACS SNAP "0800", false, STATUS_OK},
	{"token ring, routed", 6,
	 "1040 020000000001 820000000002 04B0 0012" SNAP "0800", false,
	 STATUS_OK},
	{"FDDI", 10, "50" MACS SNAP "0800", false, STATUS_OK},
	{"SLIP", 8, "", false, STATUS_OK},
	{"SLIP of libpcap", 8, "01 000102030405060708090A0B0C0D0E", false,
	 STATUS_OK},
	{"PPP", 9, "FF03 0021", false, STATUS_OK},
	{"PPP, short", 9, "21", false, STATUS_OK},
	{"PPP, MPLS", 9, "FF03 0281 00064140", false, STATUS_OK},
	{"PPP, IPCP", 9, "FF03 8021", false, STATUS_NOT_MINE},
	{"PPP HDLC", 50, "FF03 0057", true, STATUS_OK},
	{"PPP HDLC, Cisco", 50, "0F00 0800", false, STATUS_OK},
	{"PPPoE alone", 51, "1100 0001 @ 0021", false, STATUS_OK},
	{"PPPoE alone, discovery", 51, "1109 0000 0000 0000", false,
	 STATUS_NOT_MINE},
	{"pppd", 166, "0103 0021", false, STATUS_OK},
	{"PPP with direction", 204, "00 FF03 0021", false, STATUS_OK},
	{"Cisco HDLC", 104, "8F00 86DD", true, STATUS_OK},
	{"Cisco HDLC, keepalive", 104, "8F00 8035", false, STATUS_NOT_MINE},
	{"Cisco HDLC with a length", 104, "0F00 0040", false,
	 STATUS_NOT_MINE},
	{"Cisco HDLC with direction", 205, "01 0F00 0800", false, STATUS_OK},
	{"frame relay", 107, "1841 03 CC", false, STATUS_OK},
	{"frame relay, IPv6", 107, "1841 03 8E", true, STATUS_OK},
	{"frame relay, SNAP", 107, "1841 03 00 80 000000 0800", false,
	 STATUS_OK},
	{"frame relay, long address", 107, "18400001 03 CC", false,
	 STATUS_OK},
	{"frame relay of Cisco", 107, "1841 0800", false, STATUS_OK},
	{"frame relay, PPP", 107, "1841 03 CF 0021", false, STATUS_OK},
	{"frame relay, unknown", 107, "1841 03 81", false, STATUS_NOT_MINE},
	{"frame relay of Cisco with a length", 107, "1841 0040", false,
	 STATUS_NOT_MINE},
	{"frame relay, endless address", 107, "1840000000 03 CC", false,
	 STATUS_BAD},
	{"frame relay with direction", 206, "00 1841 03 CC", false,
	 STATUS_OK},
	{"ATM, SNAP", 100, SNAP "0800", false, STATUS_OK},
	{"ATM, NLPID", 100, "FEFE03 CC", false, STATUS_OK},
	{"ATM, nothing", 100, "", true, STATUS_OK},
	{"ATM, bridged", 100, "AAAA03 0080C2 0007 0000" MACS "0800", false,
	 STATUS_OK},
	{"raw", 101, "", false, STATUS_OK},
	{"raw, IPv6", 101, "", true, STATUS_OK},
	{"raw of a live handle", 12, "", false, STATUS_OK},
	{"raw of OpenBSD", 14, "", false, STATUS_OK},
	{"IPV4", 228, "", false, STATUS_OK},
	{"IPV6", 229, "", true, STATUS_OK},
	{"enc", 109, "02000000 00000001 00000002", false, STATUS_OK},
	{"cooked", 113, "0000 0001 0006 0200000000010000 0800", false,
	 STATUS_OK},
	{"cooked, VLAN", 113, "0000 0001 0006 0200000000010000 8100 0001 86DD",
	 true, STATUS_OK},
	{"cooked, no hardware", 113,
	 "0000 FFFE 0000 0000000000000000 0000", true, STATUS_OK},
	{"cooked, netlink", 113, "0000 0338 0000 0000000000000000 0800",
	 false, STATUS_NOT_MINE},
	{"cooked, GRE", 113, "0000 030A 0000 0000000000000000 0800", false,
	 STATUS_OK},
	{"cooked, LLC", 113, "0000 0001 0006 0200000000010000 0004" SNAP
			     "0800", false, STATUS_OK},
	{"cooked, Novell", 113, "0000 0001 0006 0200000000010000 0001", false,
	 STATUS_NOT_MINE},
	{"cooked, radiotap", 113,
	 "0000 0323 0000 0000000000000000 0000 00 00 0800 00000000"
	 "0801 0000" MACS "020000000003 1000" SNAP "0800", false, STATUS_OK},
	{"cooked, frame relay", 113,
	 "0000 0302 0000 0000000000000000 0000 1841 03 CC", false,
	 STATUS_OK},
	{"cooked 2", 276,
	 "0800 0000 00000002 0001 00 06 0200000000010000", false, STATUS_OK},
	{"IP over fibre channel", 122,
	 "0000000000000001 0000000000000002" SNAP "0800", false, STATUS_OK},
	{"1394", 138, "0000000000000001 0000000000000002 0800", false,
	 STATUS_OK},
	{"PPI, Ethernet", 192, "00 00 0800 01000000" MACS "0800", false,
	 STATUS_OK},
	{"PPI, too short for itself", 192, "00 00 0700 01000000", false,
	 STATUS_BAD},
	{"MPLS alone", 219, "00064140", false, STATUS_OK},
	{"ipnet", 226, "01 02 0000 0000000000000000 0000000000000000 00000000",
	 false, STATUS_OK},
	{"NFLOG", 239, "02 00 0000 0800 0100 08000201 % 0900", false,
	 STATUS_OK},
	{"NFLOG without packet", 239, "02 00 0000 % 0A00", false,
	 STATUS_NOT_MINE},
	{"netANALYZER", 240, "00000000" MACS "0800", false, STATUS_OK},
	{"IPoIB", 242, "0800 0000", false, STATUS_OK},
	{"IPoIB with addresses", 242,
	 "0000000000000000000000000000000000000000"
	 "0000000000000000000000000000000000000000 86DD 0000", true,
	 STATUS_OK},
	{"PKTAP", 258, "10000000 01000000 01000000 00000000" MACS "0800",
	 false, STATUS_OK},
	{"PKTAP, shorter than itself", 258, "08000000 01000000 01000000",
	 false, STATUS_BAD},
	{"DSA of Broadcom", 281, MACS "00000001 0800", false, STATUS_OK},
	{"DSA in front", 282, "00000001" MACS "0800", false, STATUS_OK},
	{"DSA", 284, MACS "40000000 0800", false, STATUS_OK},
	{"EDSA", 285, MACS "DADA0000 40000000 0800", false, STATUS_OK},
	{"802.11", 105,
	 "0801 0000" MACS "020000000003 1000" SNAP "0800", false, STATUS_OK},
	{"802.11, four addresses", 105,
	 "0803 0000" MACS "020000000003 1000 020000000004" SNAP "0800",
	 false, STATUS_OK},
	{"802.11, QoS", 105,
	 "8801 0000" MACS "020000000003 1000 0000" SNAP "86DD", true,
	 STATUS_OK},
	{"802.11, QoS and HT control", 105,
	 "8881 0000" MACS "020000000003 1000 0000 00000000" SNAP "0800",
	 false, STATUS_OK},
	{"802.11, protected", 105,
	 "0841 0000" MACS "020000000003 1000" SNAP "0800", false,
	 STATUS_NOT_MINE},
	{"802.11, null data", 105, "4801 0000" MACS "020000000003 1000",
	 false, STATUS_NOT_MINE},
	{"802.11, beacon", 105, "8000 0000" MACS "020000000003 1000", false,
	 STATUS_NOT_MINE},
	{"802.11, second fragment", 105,
	 "0801 0000" MACS "020000000003 1100", false, STATUS_NOT_MINE},
	{"radiotap", 127,
	 "00 00 0800 00000000 0801 0000" MACS "020000000003 1000" SNAP "0800",
	 false, STATUS_OK},
	{"radiotap, padded QoS", 127,
	 "00 00 0900 02000000 20"
	 "8801 0000" MACS "020000000003 1000 0000 0000" SNAP "0800", false,
	 STATUS_OK},
	{"radiotap, two words and a time", 127,
	 "00 00 1900 03000080 00000000 00000000 0102030405060708 20"
	 "8801 0000" MACS "020000000003 1000 0000 0000" SNAP "0800", false,
	 STATUS_OK},
	{"radiotap, version 1", 127, "01 00 0800 00000000", false,
	 STATUS_BAD},
	{"prism, shorter than itself", 119, "44000000 04000000", false,
	 STATUS_BAD},
	{"AVS, shorter than itself", 163, "80211001 00000004", false,
	 STATUS_BAD},
	{"prism", 119,
	 "44000000 0C000000 00000000"
	 "0801 0000" MACS "020000000003 1000" SNAP "0800", false, STATUS_OK},
	{"AVS as prism", 119,
	 "80211001 0000000C 00000000"
	 "0801 0000" MACS "020000000003 1000" SNAP "0800", false, STATUS_OK},
	{"AVS", 163,
	 "80211001 00000008"
	 "0801 0000" MACS "020000000003 1000" SNAP "0800", false, STATUS_OK},
	{"NetMon 802.11", LINKTYPE_NETMON_80211,
	 "02 2000 02000000 FFFFFFFF 00000000 00000000 00000000 00"
	 "0000000000000000"
	 "0801 0000" MACS "020000000003 1000" SNAP "0800", false, STATUS_OK},
	{"NetMon 802.11, version 1", LINKTYPE_NETMON_80211,
	 "01 2000 02000000 FFFFFFFF 00000000 00000000 00000000 00"
	 "0000000000000000", false, STATUS_BAD},
	{"NetMon ATM", LINKTYPE_NETMON_ATM, MACS "0001 0020" SNAP "0800",
	 false, STATUS_OK},
	{"metadata", LINKTYPE_METADATA, "", false, STATUS_NOT_MINE},
	{"ETW", LINKTYPE_ETW, "", false, STATUS_NOT_MINE},
	{"vsock", 271, "", false, STATUS_NOT_MINE},
};
#define HEADERS (sizeof(headers) / sizeof(headers[0]))

static void make(struct t_layers *l, const struct header *row)
{
	t_begin(l, SLICE(PAYLOAD));
	t_udp(l, 5060, 5062);
	if (row->six)
		t_ipv6(l, IP_UDP, 1, 2);
	else
		t_ipv4(l, IP_UDP, 1, 2);
	t_header(l, row->digits);
}

static void check(const struct header *row, enum status status,
		  const struct packet *packet)
{
	char text[128];

	if (status != row->status)
		fail_msg("%s: %s, not %s", row->name, status_name(status),
			 status_name(row->status));
	if (status != STATUS_OK)
		return;
	if (strcmp(t_ends(packet, text), row->six ? ENDS6 : ENDS4) != 0)
		fail_msg("%s: %s", row->name, text);
	assert_int_equal(packet->protocol, IP_UDP);
	t_equal_text(packet->payload, PAYLOAD);
	assert_int_equal(packet->wire_payload, strlen(PAYLOAD));
	assert_false(packet->cut);
}

static void each_header_leads_to_the_packet(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();

	(void)state;
	for (size_t i = 0; i < HEADERS; i++) {
		struct frame frame;
		struct packet packet;

		make(&l, &headers[i]);
		frame = t_frame(headers[i].link_type, t_layers(&l));
		check(&headers[i], net_packet(net, &frame, &packet), &packet);
		assert_int_equal(net_packet_more(net, &packet), STATUS_END);
	}
	net_free(net);
}

static void padding_is_no_payload(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();

	(void)state;
	for (size_t i = 0; i < HEADERS; i++) {
		struct frame frame;
		struct packet packet;

		/* A length that counts what is behind would count this. */
		if (strpbrk(headers[i].digits, "%") ||
		    headers[i].status != STATUS_OK || headers[i].six)
			continue;
		make(&l, &headers[i]);
		t_behind(&l, SLICE("\1\2\3\4\5\6"));
		frame = t_frame(headers[i].link_type, t_layers(&l));
		check(&headers[i], net_packet(net, &frame, &packet), &packet);
	}
	net_free(net);
}

/* What a frame cut after `n` bytes may be. */
static void check_prefix(const struct header *row, struct slice whole,
			 size_t n, enum status status,
			 const struct packet *packet)
{
	size_t lost = whole.n - n;

	if (lost && status == STATUS_BAD && row->status == STATUS_OK)
		fail_msg("%s: cut to %zu is called malformed", row->name, n);
	if (status != STATUS_OK)
		return;
	assert_true(packet->payload.n <= n);
	if (row->status != STATUS_OK || packet->protocol != IP_UDP)
		return;
	assert_int_equal(packet->cut, lost > 0);
	assert_int_equal(packet->wire_payload, strlen(PAYLOAD));
	assert_true(packet->payload.n + lost >= packet->wire_payload);
}

static void each_cut_is_a_cut(void **state)
{
	static struct t_layers l;

	(void)state;
	for (size_t i = 0; i < HEADERS; i++) {
		struct slice whole;

		make(&l, &headers[i]);
		whole = t_layers(&l);
		for (size_t n = 0; n <= whole.n; n++) {
			struct net *net = net_new();
			struct slice part = t_exact(slice_first(whole, n));
			struct frame frame = t_frame(headers[i].link_type,
						     part);
			struct packet packet;
			enum status status;

			frame.wire_length = (uint32_t)whole.n;
			status = net_packet(net, &frame, &packet);
			check_prefix(&headers[i], whole, n, status, &packet);
			t_release(part);
			net_free(net);
		}
	}
}

/* The same without a word about the cut: no promise but to stay inside. */
static void each_short_frame_is_survived(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();

	(void)state;
	for (size_t i = 0; i < HEADERS; i++) {
		struct slice whole;

		make(&l, &headers[i]);
		whole = t_layers(&l);
		for (size_t n = 0; n < whole.n; n++) {
			struct slice part = t_exact(slice_first(whole, n));
			struct frame frame = t_frame(headers[i].link_type,
						     part);
			struct packet packet;

			if (net_packet(net, &frame, &packet) == STATUS_OK)
				assert_true(packet.payload.n <= n);
			t_release(part);
		}
	}
	net_free(net);
}

/* ---- several packets in a frame ---- */

#define WLAN_A_MSDU "8801 0000" MACS "020000000003 1000 8000"

static void subframe(struct t_layers *all, unsigned port, bool ip)
{
	static struct t_layers one;
	struct slice made;

	t_begin(&one, SLICE(PAYLOAD));
	t_udp(&one, port, 5062);
	t_ipv4(&one, IP_UDP, 1, 2);
	t_header(&one, ip ? MACS "@" SNAP "0800" : MACS "@" SNAP "0806");
	made = t_layers(&one);
	t_behind(all, made);
	t_behind(all, slice_of("\0\0\0", -made.n & 3));
}

static void a_msdu_yields_each_packet(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;
	unsigned ports[4] = {0};
	size_t count = 0;
	enum status status;

	(void)state;
	t_begin(&l, SLICE(""));
	t_header(&l, WLAN_A_MSDU);
	subframe(&l, 1001, true);
	subframe(&l, 1002, false);
	subframe(&l, 1003, true);
	frame = t_frame(105, t_layers(&l));
	status = net_packet(net, &frame, &packet);
	while (status == STATUS_OK) {
		ports[count++ & 3] = packet.src.port;
		t_equal_text(packet.payload, PAYLOAD);
		status = net_packet_more(net, &packet);
	}
	assert_int_equal(status, STATUS_END);
	assert_int_equal(count, 2);
	assert_int_equal(ports[0], 1001);
	assert_int_equal(ports[1], 1003);
	net_free(net);
}

static void a_msdu_stops_with_the_next_frame(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(""));
	t_header(&l, WLAN_A_MSDU);
	subframe(&l, 1001, true);
	subframe(&l, 1002, true);
	frame = t_frame(105, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 1, 2);
	t_ipv4(&l, IP_UDP, 1, 2);
	t_header(&l, MACS "0800");
	frame = t_frame(1, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	assert_int_equal(net_packet_more(net, &packet), STATUS_END);
	net_free(net);
}

static void a_msdu_survives_each_cut(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct slice whole;

	(void)state;
	t_begin(&l, SLICE(""));
	t_header(&l, WLAN_A_MSDU);
	subframe(&l, 1001, true);
	subframe(&l, 1002, true);
	whole = t_layers(&l);
	for (size_t n = 0; n <= whole.n; n++) {
		struct slice part = t_exact(slice_first(whole, n));
		struct frame frame = t_frame(105, part);
		struct packet packet;
		enum status status;
		unsigned calls = 0;

		frame.wire_length = (uint32_t)whole.n;
		status = net_packet(net, &frame, &packet);
		while (status != STATUS_END && calls++ < 8)
			status = net_packet_more(net, &packet);
		assert_true(calls < 8);
		t_release(part);
	}
	net_free(net);
}

/* ---- exported PDUs ---- */

#define TAG_SIP "000C 0004 73697000 "
#define TAG_ENDS4                                                           \
	"0014 0004 C0000201 0015 0004 C0000202 "                            \
	"0019 0004 000013C4 001A 0004 000013C6 "

static enum status read_exported(struct net *net, const char *tags,
				 struct packet *packet)
{
	static struct t_layers l;
	struct frame frame;

	t_begin(&l, SLICE(PAYLOAD));
	t_header(&l, tags);
	frame = t_frame(252, t_layers(&l));
	return net_packet(net, &frame, packet);
}

static void exported_pdus_are_whole_messages(void **state)
{
	static const struct {
		const char *tags;
		uint8_t from;
		const char *ends;
	} rows[] = {
		{TAG_SIP TAG_ENDS4 "0018 0004 00000003 0000 0000", IP_UDP,
		 ENDS4},
		{TAG_SIP TAG_ENDS4 "0018 0004 00000002 0000 0000", IP_TCP,
		 ENDS4},
		{TAG_SIP TAG_ENDS4 "0018 0004 00000063 0000 0000", IP_UDP,
		 ENDS4},
		{TAG_SIP "0016 0010 20010DB8000000000000000000000001"
			 "0017 0010 20010DB8000000000000000000000002"
			 "0019 0004 000013C4 001A 0004 000013C6 0000 0000",
		 IP_UDP, ENDS6},
	};
	struct net *net = net_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct packet packet;
		char text[128];

		assert_int_equal(read_exported(net, rows[i].tags, &packet),
				 STATUS_OK);
		assert_int_equal(packet.protocol, IP_UDP);
		assert_int_equal(packet.exported_from, rows[i].from);
		assert_string_equal(t_ends(&packet, text), rows[i].ends);
		t_equal_text(packet.payload, PAYLOAD);
	}
	net_free(net);
}

static void exported_pdus_may_be_packets(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;
	char text[128];

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv4(&l, IP_UDP, 1, 2);
	t_header(&l, "000C 0004 69700000 0000 0000");
	frame = t_frame(252, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	assert_string_equal(t_ends(&packet, text), ENDS4);
	assert_int_equal(packet.exported_from, 0);
	net_free(net);
}

static void exported_pdus_want_addresses_and_an_end(void **state)
{
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	assert_int_equal(read_exported(net, TAG_SIP "0000 0000", &packet),
			 STATUS_NOT_MINE);
	assert_int_equal(read_exported(net, TAG_SIP TAG_ENDS4, &packet),
			 STATUS_BAD);
	/* From IPv4 to IPv6: no packet was like that. */
	assert_int_equal(
		read_exported(net, TAG_SIP "0014 0004 C0000201 0017 0010"
			      "20010DB8000000000000000000000002 0000 0000",
			      &packet),
		STATUS_NOT_MINE);
	net_free(net);
}

/* ---- link types that nobody described ---- */

static enum status read_user(struct net *net, const char *digits, bool six,
			     bool checksum)
{
	static struct t_layers l;
	struct frame frame;
	struct packet packet;

	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	if (six)
		t_ipv6(&l, IP_UDP, 1, 2);
	else
		t_ipv4(&l, IP_UDP, 1, 2);
	if (!checksum)
		l.p[l.at + 10] = l.p[l.at + 11] = 0;
	t_header(&l, digits);
	frame = t_frame(150, t_layers(&l));
	return net_packet(net, &frame, &packet);
}

static void guesses_believe_a_checksum_at_once(void **state)
{
	struct net *net = net_new();

	(void)state;
	assert_int_equal(read_user(net, MACS "0800", false, true), STATUS_OK);
	assert_int_equal(read_user(net, MACS "86DD", true, true), STATUS_OK);
	net_free(net);
}

static void guesses_without_checksum_want_three(void **state)
{
	struct net *net = net_new();

	(void)state;
	assert_int_equal(read_user(net, "FFFFFFFF", false, false),
			 STATUS_NOT_MINE);
	assert_int_equal(read_user(net, "FFFFFFFF", false, false),
			 STATUS_NOT_MINE);
	assert_int_equal(read_user(net, "FFFFFFFF", false, false), STATUS_OK);
	assert_int_equal(read_user(net, "FFFFFFFF", false, false), STATUS_OK);
	/* Then the place is known. */
	assert_int_equal(read_user(net, "FFFFFFFFFFFF", false, false),
			 STATUS_NOT_MINE);
	net_free(net);
}

static void guesses_have_a_limit(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE("nothing like an IP header, wherever one looks"));
	for (uint32_t type = 1000; type < 1040; type++) {
		struct frame frame = t_frame(type, t_layers(&l));

		assert_int_equal(net_packet(net, &frame, &packet),
				 STATUS_NOT_MINE);
	}
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv4(&l, IP_UDP, 1, 2);
	for (uint32_t type = 1000; type < 1040; type++) {
		struct frame frame = t_frame(type, t_layers(&l));

		assert_int_equal(net_packet(net, &frame, &packet),
				 type < 1016 ? STATUS_OK : STATUS_NOT_MINE);
	}
	net_free(net);
}

static void guesses_know_pktap_by_its_old_number(void **state)
{
	static struct t_layers l;
	static const uint8_t zeros[96];
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv4(&l, IP_UDP, 1, 2);
	t_header(&l, MACS "0800");
	t_front(&l, slice_of(zeros, sizeof(zeros)));
	t_header(&l, "6C000000 01000000 01000000");
	frame = t_frame(149, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	assert_int_equal(packet.src.port, 5060);
	net_free(net);
}

static void nesting_has_a_limit(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	for (unsigned i = 0; i < 100; i++)
		t_header(&l, "00 00 0800 C0000000"); /* PPI in PPI */
	frame = t_frame(192, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_LIMIT);
	assert_int_equal(net_counts(net)->too_deep, 1);
	net_free(net);
}

static const struct t_case cases[] = {
	{"each_header_leads_to_the_packet", each_header_leads_to_the_packet},
	{"padding_is_no_payload", padding_is_no_payload},
	{"each_cut_is_a_cut", each_cut_is_a_cut},
	{"each_short_frame_is_survived", each_short_frame_is_survived},
	{"a_msdu_yields_each_packet", a_msdu_yields_each_packet},
	{"a_msdu_stops_with_the_next_frame", a_msdu_stops_with_the_next_frame},
	{"a_msdu_survives_each_cut", a_msdu_survives_each_cut},
	{"exported_pdus_are_whole_messages", exported_pdus_are_whole_messages},
	{"exported_pdus_may_be_packets", exported_pdus_may_be_packets},
	{"exported_pdus_want_addresses_and_an_end",
	 exported_pdus_want_addresses_and_an_end},
	{"guesses_believe_a_checksum_at_once",
	 guesses_believe_a_checksum_at_once},
	{"guesses_without_checksum_want_three",
	 guesses_without_checksum_want_three},
	{"guesses_have_a_limit", guesses_have_a_limit},
	{"guesses_know_pktap_by_its_old_number",
	 guesses_know_pktap_by_its_old_number},
	{"nesting_has_a_limit", nesting_has_a_limit},
};
T_MAIN(cases)
