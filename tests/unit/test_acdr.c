/* Debug recordings of AudioCodes' devices that hold a message without its
 * packets: whose it is, and what is passed over. */
#include "config.h"

#include "tests/support/layers.h"
#include "tests/support/t.h"

#define SIP "OPTIONS sip:bob@example.org SIP/2.0\r\n\r\n"
#define RTP "\x80\x08\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\xD5\xD5"
/* Version 5, time, number, channels; what is in extra and behind is a row's. */
#define HEAD "05 00000001 0001 FFFF FFFF "
#define SESSION " 00000001 "
#define BOTH_IPS "CB007101 CB007102 "
#define BOTH_PORTS "13C4 13C6 "
#define IPV6_1 "20010DB8000000000000000000000001 "
#define IPV6_2 "20010DB8000000000000000000000002 "

struct row {
	const char *name;
	const char *header;
	struct slice payload;
	const char *ends; /* NULL: the recording is a datagram as any other */
	unsigned protocol;
};

static const struct row *rows(size_t *count)
{
	static const struct row all[] = {
		{"SIP",
		 HEAD "00 06 0A 0E" SESSION BOTH_IPS BOTH_PORTS "11 00",
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 "203.0.113.1:5060 > 203.0.113.2:5062",
		 IP_UDP},
		{"SIP over TCP",
		 HEAD "00 06 0A 0E" SESSION BOTH_IPS BOTH_PORTS "06 01",
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 "203.0.113.1:5060 > 203.0.113.2:5062",
		 IP_TCP},
		{"SIP over IPv6",
		 HEAD "02 06 0A 26" SESSION IPV6_1 IPV6_2 BOTH_PORTS "11 00",
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 "[2001:db8::1]:5060 > [2001:db8::2]:5062",
		 IP_UDP},
		{"SIP in TLS",
		 HEAD "00 06 21 0D" SESSION BOTH_PORTS BOTH_IPS "03",
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 "203.0.113.1:5060 > 203.0.113.2:5062",
		 IP_TCP},
		{"HTTP in TLS",
		 HEAD "00 06 21 0D" SESSION BOTH_PORTS BOTH_IPS "01",
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 NULL,
		 0},
		{"SIP, no ends",
		 HEAD "00 06 0A 00" SESSION,
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 NULL,
		 0},
		{"SIP, another point",
		 HEAD "00 05 0A 0E" SESSION BOTH_IPS BOTH_PORTS "11 00",
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 NULL,
		 0},
		{"no SIP",
		 HEAD "00 06 0A 0E" SESSION BOTH_IPS BOTH_PORTS "11 00",
		 {(const uint8_t *)RTP, sizeof(RTP) - 1},
		 NULL,
		 0},
		{"RTP received",
		 HEAD "00 00 01 09" SESSION "CB007102 " BOTH_PORTS "B8",
		 {(const uint8_t *)RTP, sizeof(RTP) - 1},
		 "203.0.113.2:5060 > 192.0.2.101:5062",
		 IP_UDP},
		{"RTP sent",
		 HEAD "00 01 01 09" SESSION "CB007102 " BOTH_PORTS "B8",
		 {(const uint8_t *)RTP, sizeof(RTP) - 1},
		 "192.0.2.101:5062 > 203.0.113.2:5060",
		 IP_UDP},
		{"RTP over IPv6, from a device of IPv4",
		 HEAD "02 01 01 15" SESSION IPV6_2 BOTH_PORTS "B8",
		 {(const uint8_t *)RTP, sizeof(RTP) - 1},
		 NULL,
		 0},
		{"RTP before the decoder",
		 HEAD "00 12 01 09" SESSION "CB007102 " BOTH_PORTS "B8",
		 {(const uint8_t *)RTP, sizeof(RTP) - 1},
		 NULL,
		 0},
		{"RTP, short extension",
		 HEAD "00 01 01 04" SESSION "CB007102 ",
		 {(const uint8_t *)RTP, sizeof(RTP) - 1},
		 NULL,
		 0},
		{"an old version",
		 "03 000000000001 FFFF FFFF AA 06 0A 0F",
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 NULL,
		 0},
		{"a log",
		 HEAD "00 06 1E 00" SESSION,
		 {(const uint8_t *)SIP, sizeof(SIP) - 1},
		 NULL,
		 0},
	};

	*count = sizeof(all) / sizeof(all[0]);
	return all;
}

static void make(struct t_layers *l, const struct row *row)
{
	t_begin(l, row->payload);
	t_header(l, row->header);
	t_udp(l, 40000, 925);
	t_ipv4(l, IP_UDP, 101, 102);
}

static void check(const struct row *row, const struct packet *packet)
{
	char text[128];

	print_message("# %s\n", row->name);
	assert_int_equal(packet->protocol, IP_UDP);
	if (!row->ends) {
		assert_string_equal(t_ends(packet, text),
				    "192.0.2.101:40000 > 192.0.2.102:925");
		assert_int_equal(packet->exported_from, 0);
		return;
	}
	assert_string_equal(t_ends(packet, text), row->ends);
	assert_int_equal(packet->exported_from, row->protocol);
	t_equal_bytes(packet->payload, row->payload);
	assert_false(packet->cut);
}

static void messages_have_their_ends(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	size_t count;
	const struct row *all = rows(&count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct frame frame;
		struct packet packet;

		make(&l, &all[i]);
		frame = t_frame(LINKTYPE_RAW, t_layers(&l));
		assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
		check(&all[i], &packet);
	}
	net_free(net);
}

/* What a device sent in several recordings lacks its end. */
static void parts_are_cut(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(SIP));
	t_header(&l, HEAD "04 06 0A 0E" SESSION BOTH_IPS BOTH_PORTS "11 00");
	t_udp(&l, 40000, 925);
	t_ipv4(&l, IP_UDP, 101, 102);
	frame = t_frame(LINKTYPE_RAW, t_layers(&l));
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	assert_int_equal(packet.exported_from, IP_UDP);
	assert_true(packet.cut);
	net_free(net);
}

static const struct t_case cases[] = {
	{"messages_have_their_ends", messages_have_their_ends},
	{"parts_are_cut", parts_are_cut},
};

T_MAIN(cases)
