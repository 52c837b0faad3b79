/*
 * IPv4 (RFC 791), IPv6 (RFC 8200), UDP (RFC 768), TCP (RFC 9293), SCTP and
 * ICMP errors (RFC 792, RFC 4443, RFC 4884).
 */
#include "config.h"

#include "tests/support/layers.h"
#include "tests/support/t.h"

#define MACS "020000000001 020000000002 "
#define PAYLOAD "hello, world"

static enum status read_raw(struct net *net, struct slice bytes,
			    struct packet *packet)
{
	struct frame frame = t_frame(LINKTYPE_RAW, bytes);

	return net_packet(net, &frame, packet);
}

/* Every length of a packet, in a block of its own: no promise but to stay
 * inside, and to say that something is missing. */
static void survive_each_cut(const struct t_layers *l)
{
	struct slice whole = t_layers(l);

	for (size_t n = 0; n < whole.n; n++) {
		struct net *net = net_new();
		struct slice part = t_exact(slice_first(whole, n));
		struct frame frame = t_frame(LINKTYPE_RAW, part);
		struct packet packet;
		enum status status;

		frame.wire_length = (uint32_t)whole.n;
		status = net_packet(net, &frame, &packet);
		if (status == STATUS_OK)
			assert_true(packet.cut && packet.payload.n <= n);
		else
			assert_int_equal(status, STATUS_SHORT);
		frame.wire_length = (uint32_t)n;
		if (net_packet(net, &frame, &packet) == STATUS_OK)
			assert_true(packet.payload.n <= n);
		t_release(part);
		net_free(net);
	}
}

/* ---- the short way and the long one ---- */

static void assert_same(const struct packet *a, const struct packet *b)
{
	assert_true(endpoint_equal(&a->src, &b->src));
	assert_true(endpoint_equal(&a->dst, &b->dst));
	assert_int_equal(a->protocol, b->protocol);
	assert_int_equal(a->cut, b->cut);
	assert_int_equal(a->reassembled, b->reassembled);
	assert_int_equal(a->tcp_parsed, b->tcp_parsed);
	assert_int_equal(a->has_icmp, b->has_icmp);
	assert_int_equal(a->tunnels, b->tunnels);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->exported_from, b->exported_from);
	assert_int_equal(a->wire_payload, b->wire_payload);
	t_equal_bytes(a->payload, b->payload);
}

/* Changes a byte, reads the frame as Ethernet and as raw IP. */
static void both_ways(struct slice ethernet, size_t at, uint8_t value)
{
	struct net *net = net_new();
	uint8_t bytes[128];
	struct slice s = slice_of(bytes, ethernet.n);
	struct frame frame = t_frame(LINKTYPE_ETHERNET, s);
	struct packet plain, raw;
	enum status status;

	memcpy(bytes, ethernet.p, ethernet.n);
	bytes[at] = value;
	status = net_packet(net, &frame, &plain);
	assert_int_equal(status, read_raw(net, slice_from(s, 14), &raw));
	if (status == STATUS_OK)
		assert_same(&plain, &raw);
	net_free(net);
}

static void short_way_agrees_with_the_long_one(void **state)
{
	static struct t_layers l;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv4(&l, IP_UDP, 1, 2);
	t_header(&l, MACS "0800");
	for (size_t at = 14; at < 42; at++)
		for (unsigned value = 0; value < 256; value++)
			both_ways(t_layers(&l), at, (uint8_t)value);
}

/* ---- IPv4 ---- */

struct read {
	struct net *net;
	struct packet packet;
	enum status status;
};

/* One datagram in IPv4, with a byte changed. */
static void read_changed(struct read *r, size_t at, uint8_t value)
{
	static struct t_layers l;

	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_ipv4(&l, IP_UDP, 1, 2);
	l.p[l.at + at] = value;
	r->net = net_new();
	r->status = read_raw(r->net, t_layers(&l), &r->packet);
}

static void ipv4_headers_must_make_sense(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		enum status status;
	} rows[] = {
		{0, 0x44, STATUS_BAD},	 /* shorter than a header */
		{0, 0x35, STATUS_BAD},	 /* version 3 */
		{0, 0x4F, STATUS_BAD},	 /* options beyond the end */
		{3, 19, STATUS_BAD},	 /* total length in the header */
		{3, 20, STATUS_BAD},	 /* nothing inside */
		{6, 0x40, STATUS_OK},	 /* do not fragment */
		{9, 200, STATUS_OK},	 /* some protocol */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct read r;

		read_changed(&r, rows[i].at, rows[i].value);
		assert_int_equal(r.status, rows[i].status);
		net_free(r.net);
	}
}

static void ipv4_length_zero_is_left_to_the_card(void **state)
{
	struct read r;

	(void)state;
	read_changed(&r, 3, 0);
	assert_int_equal(r.status, STATUS_OK);
	t_equal_text(r.packet.payload, PAYLOAD);
	assert_false(r.packet.cut);
	net_free(r.net);
}

static void ipv4_length_past_the_end_is_counted(void **state)
{
	struct read r;

	(void)state;
	read_changed(&r, 3, 50);
	assert_int_equal(r.status, STATUS_OK);
	t_equal_text(r.packet.payload, PAYLOAD);
	assert_int_equal(net_counts(r.net)->malformed, 1);
	net_free(r.net);
}

static void other_protocols_keep_their_payload(void **state)
{
	struct read r;

	(void)state;
	read_changed(&r, 9, 89);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.packet.protocol, 89);
	assert_int_equal(r.packet.src.port, 0);
	assert_int_equal(r.packet.payload.n, 8 + strlen(PAYLOAD));
	net_free(r.net);
}

static void ipv4_options_and_authentication_are_passed_over(void **state)
{
	static const struct {
		const char *digits;
		unsigned protocol;
	} rows[] = {
		{"11 04 0000 00000001 00000002 0011223344556677"
		 "8899AABB", 51},
	};
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t_begin(&l, SLICE(PAYLOAD));
		t_udp(&l, 5060, 5062);
		t_header(&l, rows[i].digits);
		t_ipv4(&l, rows[i].protocol, 1, 2);
		assert_int_equal(read_raw(net, t_layers(&l), &packet),
				 STATUS_OK);
		t_equal_text(packet.payload, PAYLOAD);
		survive_each_cut(&l);
	}
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_header(&l, "4600 0030 0001 0000 40 11 0000 C0000201 C0000202"
		     "94040000");
	l.p[l.at + 3] = (uint8_t)(24 + 8 + strlen(PAYLOAD));
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	t_equal_text(packet.payload, PAYLOAD);
	net_free(net);
}

/* ---- UDP ---- */

static void udp_length_rules_the_payload(void **state)
{
	static const struct {
		uint8_t length;
		enum status status;
		size_t payload, wire;
		bool cut;
	} rows[] = {
		{20, STATUS_OK, 12, 12, false},
		{13, STATUS_OK, 5, 5, false},
		{8, STATUS_OK, 0, 0, false},
		{7, STATUS_BAD, 0, 0, false},
		{0, STATUS_OK, 12, 12, false},
		{30, STATUS_OK, 12, 22, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct read r;

		read_changed(&r, 25, rows[i].length);
		assert_int_equal(r.status, rows[i].status);
		if (r.status == STATUS_OK) {
			assert_int_equal(r.packet.payload.n, rows[i].payload);
			assert_int_equal(r.packet.wire_payload, rows[i].wire);
			assert_int_equal(r.packet.cut, rows[i].cut);
		}
		net_free(r.net);
	}
}

/* ---- TCP and SCTP ---- */

static void tcp_header_is_read(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;
	char text[128];

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_tcp(&l, 443, 50000, TCP_ACK | TCP_FIN);
	t_ipv6(&l, IP_TCP, 1, 2);
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	assert_true(packet.tcp_parsed);
	assert_int_equal(packet.seq, 100);
	assert_int_equal(packet.ack, 200);
	assert_int_equal(packet.window, 8192);
	assert_int_equal(packet.flags, TCP_ACK | TCP_FIN);
	t_equal_text(packet.payload, PAYLOAD);
	assert_string_equal(t_ends(&packet, text),
			    "[2001:db8::1]:443 > [2001:db8::2]:50000");
	survive_each_cut(&l);
	net_free(net);
}

static void tcp_offset_must_make_sense(void **state)
{
	static const struct {
		uint8_t offset;
		enum status status;
		size_t payload;
	} rows[] = {
		{0x50, STATUS_OK, 12}, {0x60, STATUS_OK, 8},
		{0x80, STATUS_OK, 0},  {0x90, STATUS_BAD, 0},
		{0x40, STATUS_BAD, 0}, {0x00, STATUS_BAD, 0},
	};
	static struct t_layers l;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net *net = net_new();
		struct packet packet;
		enum status status;

		t_begin(&l, SLICE(PAYLOAD));
		t_tcp(&l, 443, 50000, TCP_ACK);
		t_ipv4(&l, IP_TCP, 1, 2);
		l.p[l.at + 32] = rows[i].offset;
		status = read_raw(net, t_layers(&l), &packet);
		assert_int_equal(status, rows[i].status);
		if (status == STATUS_OK)
			assert_int_equal(packet.payload.n, rows[i].payload);
		net_free(net);
	}
}

/* What is known of a segment of 12 bytes that was cut to `n` of its own. */
static void tcp_cut(size_t n, bool parsed, size_t payload)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	t_begin(&l, SLICE(PAYLOAD));
	t_tcp(&l, 443, 50000, TCP_ACK);
	t_ipv4(&l, IP_TCP, 1, 2);
	frame = t_frame(LINKTYPE_RAW, slice_first(t_layers(&l), 20 + n));
	frame.wire_length = (uint32_t)t_layers(&l).n;
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	assert_int_equal(packet.src.port, 443);
	assert_int_equal(packet.tcp_parsed, parsed);
	assert_int_equal(packet.payload.n, payload);
	assert_int_equal(packet.wire_payload, 12);
	assert_true(packet.cut);
	net_free(net);
}

/* Options that were cut off; behind them there was nothing, or bytes. */
static void tcp_options_cut(uint8_t offset, size_t wire)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct frame frame;
	struct packet packet;

	t_begin(&l, SLICE(PAYLOAD));
	t_tcp(&l, 443, 50000, TCP_ACK);
	t_ipv4(&l, IP_TCP, 1, 2);
	l.p[l.at + 32] = offset;
	frame = t_frame(LINKTYPE_RAW, slice_first(t_layers(&l), 41));
	frame.wire_length = (uint32_t)t_layers(&l).n;
	assert_int_equal(net_packet(net, &frame, &packet), STATUS_OK);
	assert_true(packet.tcp_parsed);
	assert_int_equal(packet.payload.n, 0);
	assert_int_equal(packet.wire_payload, wire);
	assert_int_equal(packet.cut, wire > 0);
	net_free(net);
}

static void tcp_cut_keeps_what_is_known(void **state)
{
	(void)state;
	tcp_options_cut(0x60, 8);
	tcp_options_cut(0x80, 0);
	tcp_cut(4, false, 0);
	tcp_cut(19, false, 0);
	tcp_cut(20, true, 0);
	tcp_cut(25, true, 5);
}

static void sctp_has_ports(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_header(&l, "0003001C 00000001 0000 0000 00000000");
	t_header(&l, "13C4 13C6 00000001 00000002");
	t_ipv4(&l, IP_SCTP, 1, 2);
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	assert_int_equal(packet.protocol, IP_SCTP);
	assert_int_equal(packet.src.port, 5060);
	assert_int_equal(packet.dst.port, 5062);
	t_equal_text(packet.payload, PAYLOAD);
	survive_each_cut(&l);
	net_free(net);
}

/* ---- IPv6 ---- */

static void ipv6_extensions_are_passed_over(void **state)
{
	static const struct {
		unsigned next;
		const char *digits;
	} rows[] = {
		{0, "11 00 010400000000"},
		{43, "11 02 040100000000 20010DB8000000000000000000000009"},
		{60, "11 00 010400000000"},
		{0, "3C 00 010400000000 11 00 010400000000"},
		{51, "11 04 0000 00000001 00000002 001122334455667788990011"},
		{135, "11 00 000000000000"},
		{44, "11 00 0000 00000001"}, /* alone: RFC 6946 */
		{44, "3C 00 0000 00000001 11 00 010400000000"},
	};
	static struct t_layers l;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct net *net = net_new();
		struct packet packet;

		t_begin(&l, SLICE(PAYLOAD));
		t_udp(&l, 5060, 5062);
		t_header(&l, rows[i].digits);
		t_ipv6(&l, rows[i].next, 1, 2);
		assert_int_equal(read_raw(net, t_layers(&l), &packet),
				 STATUS_OK);
		t_equal_text(packet.payload, PAYLOAD);
		assert_int_equal(packet.dst.ip[15], 2);
		survive_each_cut(&l);
		net_free(net);
	}
}

static enum status read_extensions(unsigned count)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;
	enum status status;

	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_header(&l, "11 00 010400000000");
	for (unsigned i = 1; i < count; i++)
		t_header(&l, "3C 00 010400000000");
	t_ipv6(&l, 60, 1, 2);
	status = read_raw(net, t_layers(&l), &packet);
	net_free(net);
	return status;
}

static void ipv6_extensions_have_a_limit(void **state)
{
	(void)state;
	assert_int_equal(read_extensions(16), STATUS_OK);
	assert_int_equal(read_extensions(17), STATUS_LIMIT);
	assert_int_equal(read_extensions(1000), STATUS_LIMIT);
}

static void ipv6_length_zero_is_left_to_the_card(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_tcp(&l, 443, 50000, TCP_ACK);
	t_ipv6(&l, IP_TCP, 1, 2);
	l.p[l.at + 4] = l.p[l.at + 5] = 0;
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	t_equal_text(packet.payload, PAYLOAD);
	net_free(net);
}

static void ipv6_with_nothing_is_a_packet(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(""));
	t_ipv6(&l, 59, 1, 2);
	t_behind(&l, SLICE("padding"));
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	assert_int_equal(packet.protocol, 59);
	assert_int_equal(packet.payload.n, 0);
	net_free(net);
}

/* ---- ICMP ---- */

static void quote(struct t_layers *l, unsigned version, unsigned protocol)
{
	t_begin(l, SLICE(PAYLOAD));
	if (protocol == IP_UDP)
		t_udp(l, 5060, 5062);
	else if (protocol == IP_TCP)
		t_tcp(l, 5060, 5062, TCP_ACK);
	else if (protocol == IP_SCTP)
		t_header(l, "13C4 13C6 00000001 00000002");
	if (version == 4)
		t_ipv4(l, protocol, 1, 2);
	else
		t_ipv6(l, protocol, 1, 2);
}

static void wrap(struct t_layers *l, unsigned version, const char *icmp)
{
	t_header(l, icmp);
	if (version == 4)
		t_ipv4(l, IP_ICMP, 9, 1);
	else
		t_ipv6(l, IP_ICMP6, 9, 1);
}

static void icmp_errors_quote_their_packet(void **state)
{
	static const struct {
		unsigned version;
		const char *icmp;
		bool error;
	} rows[] = {
		{4, "03 03 0000 00000000", true},
		{4, "03 04 0000 00000578", true},
		{4, "04 00 0000 00000000", true},
		{4, "05 01 0000 C0000203", false}, /* redirect */
		{4, "08 00 0000 00010001", false}, /* echo */
		{4, "0B 00 0000 00000000", true},
		{4, "0C 00 0000 00000000", true},
		{6, "01 04 0000 00000000", true},
		{6, "02 00 0000 00000500", true},
		{6, "03 00 0000 00000000", true},
		{6, "04 01 0000 00000006", true},
		{6, "80 00 0000 00010001", false},
	};
	static const uint8_t protocols[] = {IP_UDP, IP_TCP, IP_SCTP};
	static struct t_layers l;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * 3; i++) {
		unsigned version = rows[i / 3].version;
		struct net *net = net_new();
		struct packet packet;

		quote(&l, version, protocols[i % 3]);
		wrap(&l, version, rows[i / 3].icmp);
		assert_int_equal(read_raw(net, t_layers(&l), &packet),
				 STATUS_OK);
		assert_int_equal(packet.has_icmp, rows[i / 3].error);
		assert_int_equal(packet.src.port, 0);
		assert_int_equal(packet.protocol,
				 version == 4 ? IP_ICMP : IP_ICMP6);
		if (rows[i / 3].error) {
			assert_int_equal(packet.icmp.version, version);
			assert_int_equal(packet.icmp.protocol,
					 protocols[i % 3]);
			assert_int_equal(packet.icmp.src.port, 5060);
			assert_int_equal(packet.icmp.dst.port, 5062);
			t_equal_text(packet.icmp.quoted, PAYLOAD);
		}
		survive_each_cut(&l);
		net_free(net);
	}
}

static void icmp_quotation_ends_where_it_says(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	/* 10 words: the headers, 12 bytes; an extension follows. */
	quote(&l, 4, IP_UDP);
	t_behind(&l, SLICE("\x20\0\0\0\0\10\1\1\0\0\0\0"));
	wrap(&l, 4, "0B 00 0000 000A0000");
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	t_equal_text(packet.icmp.quoted, PAYLOAD);
	net_free(net);
}

static void icmp_quotes_of_later_fragments_have_no_ports(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_ipv4_fragment(&l, IP_UDP, 7, 0x0010);
	wrap(&l, 4, "0B 01 0000 00000000");
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	assert_true(packet.has_icmp);
	assert_int_equal(packet.icmp.src.port, 0);
	t_equal_text(packet.icmp.quoted, PAYLOAD);
	t_begin(&l, SLICE(PAYLOAD));
	t_header(&l, "11 00 0010 00000007");
	t_ipv6(&l, 44, 1, 2);
	wrap(&l, 6, "03 01 0000 00000000");
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	assert_int_equal(packet.icmp.protocol, IP_UDP);
	assert_int_equal(packet.icmp.src.port, 0);
	net_free(net);
}

static void icmp_quotes_any_protocol_behind_any_header(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE(PAYLOAD));
	t_ipv4(&l, 89, 1, 2);
	wrap(&l, 4, "03 02 0000 00000000");
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	assert_int_equal(packet.icmp.protocol, 89);
	t_equal_text(packet.icmp.quoted, PAYLOAD);
	t_begin(&l, SLICE(PAYLOAD));
	t_udp(&l, 5060, 5062);
	t_header(&l, "3C 00 010400000000 11 00 010400000000");
	t_ipv6(&l, 0, 1, 2);
	wrap(&l, 6, "01 04 0000 00000000");
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	assert_int_equal(packet.icmp.protocol, IP_UDP);
	assert_int_equal(packet.icmp.dst.port, 5062);
	t_equal_text(packet.icmp.quoted, PAYLOAD);
	survive_each_cut(&l);
	net_free(net);
}

static void icmp_of_nonsense_is_no_error(void **state)
{
	static struct t_layers l;
	struct net *net = net_new();
	struct packet packet;

	(void)state;
	t_begin(&l, SLICE("no packet at all, but long enough to be one"));
	wrap(&l, 4, "03 03 0000 00000000");
	assert_int_equal(read_raw(net, t_layers(&l), &packet), STATUS_OK);
	assert_false(packet.has_icmp);
	net_free(net);
}

static const struct t_case cases[] = {
	{"short_way_agrees_with_the_long_one",
	 short_way_agrees_with_the_long_one},
	{"ipv4_headers_must_make_sense", ipv4_headers_must_make_sense},
	{"ipv4_length_zero_is_left_to_the_card",
	 ipv4_length_zero_is_left_to_the_card},
	{"ipv4_length_past_the_end_is_counted",
	 ipv4_length_past_the_end_is_counted},
	{"other_protocols_keep_their_payload",
	 other_protocols_keep_their_payload},
	{"ipv4_options_and_authentication_are_passed_over",
	 ipv4_options_and_authentication_are_passed_over},
	{"udp_length_rules_the_payload", udp_length_rules_the_payload},
	{"tcp_header_is_read", tcp_header_is_read},
	{"tcp_offset_must_make_sense", tcp_offset_must_make_sense},
	{"tcp_cut_keeps_what_is_known", tcp_cut_keeps_what_is_known},
	{"sctp_has_ports", sctp_has_ports},
	{"ipv6_extensions_are_passed_over", ipv6_extensions_are_passed_over},
	{"ipv6_extensions_have_a_limit", ipv6_extensions_have_a_limit},
	{"ipv6_length_zero_is_left_to_the_card",
	 ipv6_length_zero_is_left_to_the_card},
	{"ipv6_with_nothing_is_a_packet", ipv6_with_nothing_is_a_packet},
	{"icmp_errors_quote_their_packet", icmp_errors_quote_their_packet},
	{"icmp_quotation_ends_where_it_says",
	 icmp_quotation_ends_where_it_says},
	{"icmp_quotes_of_later_fragments_have_no_ports",
	 icmp_quotes_of_later_fragments_have_no_ports},
	{"icmp_quotes_any_protocol_behind_any_header",
	 icmp_quotes_any_protocol_behind_any_header},
	{"icmp_of_nonsense_is_no_error", icmp_of_nonsense_is_no_error},
};
T_MAIN(cases)
