/* ESP without encryption (RFC 4303, RFC 2410), and what only looks so. */
#include "config.h"

#include "tests/support/layers.h"
#include "tests/support/t.h"

#define PAYLOAD "hello, world!"
#define HEADER "00006438 00000001" /* SPI and sequence number */
#define ESP 50u

/* The UDP datagram, the trailer and what comes behind it, as hex digits. */
static const struct wrapped {
	const char *name, *behind;
	bool found;
} datagrams[] = {
	{"HMAC-MD5-96", "01 01 11 000102030405060708090A0B", true},
	{"HMAC-SHA-256-128", "01 01 11 000102030405060708090A0B0C0D0E0F", true},
	{"no integrity", "01 01 11", true},
	{"much padding", "0102030405 05 11 000102030405060708090A0B", true},
	{"no padding", "00 11 000102030405060708090A0B", true},
	{"padding that does not count", "02 01 11 000102030405060708090A0B",
	 false},
	{"padding longer than all", "01 F0 11 000102030405060708090A0B", false},
	{"another length", "01 00 11 000102030405060708090A0B", false},
	{"another protocol", "01 01 3A 000102030405060708090A0B", false},
	{"a check value of 13 bytes", "01 01 11 000102030405060708090A0B0C",
	 false},
};

/* Reads it; the packet points into `l`. */
static struct packet read_packet(const struct t_layers *l, uint32_t missing)
{
	struct net *net = net_new();
	struct frame frame = t_frame(LINKTYPE_RAW, t_layers(l));
	struct packet packet;

	frame.wire_length += missing;
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	net_free(net);
	return packet;
}

static void put_behind(struct t_layers *l, const char *digits)
{
	struct t_layers *other = malloc(sizeof(*other));

	assert_non_null(other);
	t_begin(other, SLICE(""));
	t_header(other, digits);
	t_behind(l, t_layers(other));
	free(other);
}

static void protect(struct t_layers *l, const char *behind)
{
	put_behind(l, behind);
	t_header(l, HEADER);
}

static void each_datagram_is_found(void **state)
{
	static struct t_layers l;

	(void)state;
	for (size_t i = 0; i < sizeof(datagrams) / sizeof(datagrams[0]); i++) {
		const struct wrapped *row = &datagrams[i];
		struct packet packet;
		char text[128];

		t_begin(&l, SLICE(PAYLOAD));
		t_udp(&l, 5060, 5062);
		protect(&l, row->behind);
		t_ipv4(&l, ESP, 1, 2);
		packet = read_packet(&l, 0);
		if ((packet.protocol == IP_UDP) != row->found)
			fail_msg("%s: protocol %u", row->name, packet.protocol);
		if (!row->found)
			continue;
		assert_string_equal(t_ends(&packet, text),
				    "192.0.2.1:5060 > 192.0.2.2:5062");
		t_equal_text(packet.payload, PAYLOAD);
	}
}

/* RFC 9293 3.1, from 192.0.2.1 to 192.0.2.2. */
static uint16_t checksum_of(struct slice segment)
{
	uint32_t sum = 0xC000 + 0x0201 + 0xC000 + 0x0202 + IP_TCP +
		       (uint32_t)segment.n;

	for (size_t i = 0; i < segment.n; i++)
		sum += (uint32_t)segment.p[i] << (i & 1 ? 0 : 8);
	while (sum >> 16)
		sum = (sum >> 16) + (sum & 0xFFFF);
	return (uint16_t)~sum;
}

static struct packet read_segment(struct t_layers *l, unsigned wrong)
{
	uint16_t sum;

	t_begin(l, SLICE(PAYLOAD));
	t_tcp(l, 6301, 6100, 0x18);
	l->p[l->at + 16] = l->p[l->at + 17] = 0;
	sum = (uint16_t)(checksum_of(t_layers(l)) ^ wrong);
	l->p[l->at + 16] = (uint8_t)(sum >> 8);
	l->p[l->at + 17] = (uint8_t)sum;
	protect(l, "01 01 06 000102030405060708090A0B");
	t_ipv4(l, ESP, 1, 2);
	return read_packet(l, 0);
}

static void a_segment_must_sum_up(void **state)
{
	static struct t_layers l;
	struct packet packet = read_segment(&l, 0);

	(void)state;
	assert_int_equal(packet.protocol, IP_TCP);
	assert_int_equal(packet.dst.port, 6100);
	t_equal_text(packet.payload, PAYLOAD);
	assert_int_equal(read_segment(&l, 4).protocol, ESP);
}

static void a_tunnel_leads_to_other_addresses(void **state)
{
	static struct t_layers l;
	struct packet packet;
	char text[128];

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv4(&l, IP_UDP, 11, 12);
	protect(&l, "01 01 04 000102030405060708090A0B");
	t_ipv4(&l, ESP, 1, 2);
	packet = read_packet(&l, 0);
	assert_string_equal(t_ends(&packet, text),
			    "192.0.2.11:5060 > 192.0.2.12:5062");
}

/* RFC 3948 2.2: four zeros in its place are IKE's. */
static void it_may_stand_in_udp(void **state)
{
	static struct t_layers l;

	(void)state;
	for (unsigned ike = 0; ike < 2; ike++) {
		t_begin(&l, SLICE(PAYLOAD));
		t_udp(&l, 5060, 5062);
		put_behind(&l, "01 01 11 000102030405060708090A0B");
		t_header(&l, ike ? "00000000 00000001" : HEADER);
		t_udp(&l, 4500, 4500);
		t_ipv4(&l, IP_UDP, 1, 2);
		assert_int_equal(read_packet(&l, 0).dst.port,
				 ike ? 4500 : 5062);
	}
}

/* The trailer is at the end, which is not there. */
static void what_was_cut_stays_closed(void **state)
{
	static struct t_layers l;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	protect(&l, "01 01 11 000102030405060708090A0B");
	t_ipv4(&l, ESP, 1, 2);
	l.p[l.at + 3]++; /* of its total length */
	l.p[l.at + 11]--;
	assert_int_equal(read_packet(&l, 1).protocol, ESP);
}

static void anything_is_read_safely(void **state)
{
	static struct t_layers l;
	uint32_t dice = 1;

	(void)state;
	for (unsigned n = 0; n < 2000; n++) {
		uint8_t bytes[64];

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)((dice = dice * 1664525 +
						     1013904223) >>
					     24);
		t_begin(&l, (struct slice){bytes, n % sizeof(bytes)});
		t_ipv4(&l, ESP, 1, 2);
		assert_int_equal(read_packet(&l, 0).protocol, ESP);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_datagram_is_found),
		cmocka_unit_test(a_segment_must_sum_up),
		cmocka_unit_test(a_tunnel_leads_to_other_addresses),
		cmocka_unit_test(it_may_stand_in_udp),
		cmocka_unit_test(what_was_cut_stays_closed),
		cmocka_unit_test(anything_is_read_safely),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
