/*
 * What traffic an input holds: kinds, ports, names, and what of it is missing.
 */
#include "config.h"

#include "core/hep.h"
#include "tests/support/heard.h"
#include "tests/support/t.h"

/* A ClientHello that asks for sip.example, and one without a name. */
#define HELLO                                           \
	"160301 0046 01 000042 0303"                    \
	"00000000000000000000000000000000"              \
	"00000000000000000000000000000000"              \
	"00 0004 1301 1302 01 00 0015"                  \
	"0000 0010 000e 00 000b 7369702e6578616d706c65" \
	"ff"
#define NAMELESS                           \
	"160301 002d 01 000029 0303"       \
	"00000000000000000000000000000000" \
	"00000000000000000000000000000000" \
	"00 0002 1301 01 00"
#define QUIC "c3 00000001 08 0011223344556677 00 0000"
#define DNS_QUERY                       \
	"1234 0100 0001 0000 0000 0000" \
	"076578616d706c65 03636f6d 00 0001 0001"

static void say_row(const struct traffic_row *row, struct text *to)
{
	static const char *const ways[] = {"udp", "tcp", "sctp", "exported"};

	text_printf(to, "%s %s %u: %u", ways[row->way],
		    traffic_name((enum traffic)row->kind), row->port,
		    row->flows);
	if (row->one_way)
		text_printf(to, ", %u one-way", row->one_way);
	if (row->silent)
		text_printf(to, ", %u silent", row->silent);
	if (row->started)
		text_printf(to, ", %u started", row->started);
	text_printf(to, ", %u packets\n", (unsigned)row->packets);
}

/* All rows and names of the wire in the order in which they came. */
static void expect(struct wire *w, const char *want)
{
	struct text to = text_new(4000);
	struct model model;

	heard_model(w, NULL, &model);
	for (size_t i = 0; i < model.inventory.row_count; i++)
		say_row(&model.inventory.rows[i], &to);
	for (size_t i = 0; i < model.inventory.name_count; i++)
		text_printf(&to, "%s:%u %u\n", model.inventory.names[i].name,
			    model.inventory.names[i].port,
			    model.inventory.names[i].hellos);
	if (model.inventory.hellos)
		text_printf(&to, "%u hellos\n",
			    (unsigned)model.inventory.hellos);
	t_equal_text(text_slice(&to), want);
	text_free(&to);
	model_free(&model);
	wire_close(w);
}

static void udp(struct wire *w, const char *src, const char *dst,
		const char *digits)
{
	struct slice bytes = t_hex(digits);

	wire_udp(w, src, dst, bytes);
	t_release(bytes);
}

static void tcp(struct wire *w, struct wire_tcp *c, unsigned side,
		const char *digits)
{
	struct slice bytes = t_hex(digits);

	wire_tcp(w, c, side, bytes);
	t_release(bytes);
}

static void datagrams_by_what_they_are(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	udp(&w, "1:50000", "2:443", QUIC);
	udp(&w, "2:443", "1:50000", "40 0011");
	udp(&w, "1:40000", "2:53", DNS_QUERY);
	udp(&w, "1:40001", "2:53", DNS_QUERY);
	udp(&w, "1:60000", "2:61000", "ff00ff00");
	udp(&w, "1:60000", "2:61000", "ff00ff00");
	udp(&w, "1:60000", "2:9999", "ff00ff00");
	udp(&w, "1:6000", "2:7000", "80c90001 01020304");
	wire_udp(&w, "1:5060", "2:5060",
		 SLICE("OPTIONS sip:b@example.org SIP/2.0\r\n\r\n"));
	expect(&w, "udp quic 443: 1, 2 packets\n"
		   "udp dns 53: 2, 2 packets\n"
		   "udp other 0: 1, 1 one-way, 2 packets\n"
		   "udp other 9999: 1, 1 packets\n"
		   "udp rtcp 0: 1, 1 packets\n"
		   "udp sip 5060: 1, 1 packets\n");
}

/* What an agent tells of TCP, say, is no conversation over UDP. */
static void what_agents_tell_is_no_packet(void **state)
{
	const uint8_t a[] = {192, 0, 2, 1}, b[] = {192, 0, 2, 2};
	struct hep hep = {
		.src = endpoint_of(slice_of(a, 4), 50000),
		.dst = endpoint_of(slice_of(b, 4), 5060),
		.protocol = 6,
		.content = HEP_SIP,
		.payload = SLICE("OPTIONS sip:b@example.org SIP/2.0\r\n\r\n")};
	struct text bytes = text_new(2 * (size_t)HEP_MAX);
	struct wire w;

	(void)state;
	assert_int_equal(hep_encode(&hep, &bytes), STATUS_OK);
	wire_open(&w);
	wire_udp(&w, "1:40000", "2:9060", text_slice(&bytes));
	expect(&w, "exported sip 5060: 1, 1 packets\n");
	text_free(&bytes);
}

static void tls_by_server_name(void **state)
{
	struct wire_tcp a = {{"1:50000", "2:443"}, {1, 1}};
	struct wire_tcp b = {{"1:50001", "2:443"}, {1, 1}};
	struct wire_tcp c = {{"1:50002", "2:5061"}, {1, 1}};
	struct wire w;

	(void)state;
	wire_open(&w);
	tcp(&w, &a, 0, HELLO);
	wire_tcp(&w, &a, 1, (struct slice){0});
	wire_tcp_syn(&w, &b);
	tcp(&w, &b, 0, HELLO);
	tcp(&w, &c, 0, NAMELESS);
	wire_tcp(&w, &c, 1, (struct slice){0});
	expect(&w, "tcp tls 443: 2, 1 started, 5 packets\n"
		   "tcp tls 5061: 1, 1 started, 2 packets\n"
		   "sip.example:443 2\n"
		   "3 hellos\n");
}

static void connections_by_what_is_missing(void **state)
{
	struct wire_tcp web = {{"1:50000", "2:80"}, {1, 1}};
	struct wire_tcp idle = {{"1:50001", "2:12345"}, {1, 1}};
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_tcp_syn(&w, &web);
	wire_tcp(&w, &web, 0, SLICE("GET / HTTP/1.1\r\n\r\n"));
	wire_tcp_syn(&w, &idle);
	expect(&w, "tcp http 80: 1, 3 packets\n"
		   "tcp empty 12345: 1, 2 packets\n");
}

static void syn_alone_is_silent(void **state)
{
	struct wire_tcp c = {{"1:50000", "2:5061"}, {1, 1}};
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_tcp_syn(&w, &c);
	/* Only the SYN was captured. */
	while (w.count > 1)
		t_release(w.frames[--w.count]);
	expect(&w, "tcp empty 5061: 1, 1 silent, 1 packets\n");
}

static void answers_not_captured_are_one_way(void **state)
{
	struct wire_tcp c = {{"1:50000", "2:8443"}, {1, 1}};
	struct wire w, whole;

	(void)state;
	wire_open(&whole);
	wire_tcp_syn(&whole, &c);
	tcp(&whole, &c, 0, "00112233");
	/* What 1 sends: SYN and data. */
	w = whole;
	w.count = 0;
	for (size_t i = 0; i < whole.count; i++)
		if (whole.frames[i].p[15] == 1)
			w.frames[w.count++] = whole.frames[i];
		else
			t_release(whole.frames[i]);
	expect(&w, "tcp other 8443: 1, 1 one-way, 2 packets\n");
}

/* More ports than there are rows for. */
static void ports_share_a_row_when_there_are_many(void **state)
{
	struct inventory inventory = {.row_count = 0};
	uint32_t flows = 0;

	(void)state;
	for (int kind = 0; kind < TRAFFICS; kind++)
		for (uint16_t port = 0; port < 500; port++)
			for (int way = 0; way < TRAFFIC_WAYS; way++)
				inventory_row(&inventory, (enum traffic)kind,
					      (enum traffic_way)way, port)
					->flows++;
	assert_true(inventory.row_count <= INVENTORY_ROWS_MAX);
	for (int kind = 0; kind < TRAFFICS; kind++)
		for (int way = 0; way < TRAFFIC_WAYS; way++)
			flows += inventory_sum(&inventory, (enum traffic)kind,
					       (enum traffic_way)way)
					 .flows;
	assert_int_equal(flows, TRAFFICS * 500 * TRAFFIC_WAYS);
	assert_int_equal(
		inventory_sum(&inventory, TRAFFIC_TLS, TRAFFIC_TCP).flows, 500);
}

static const struct t_case cases[] = {
	{"datagrams_by_what_they_are", datagrams_by_what_they_are},
	{"what_agents_tell_is_no_packet", what_agents_tell_is_no_packet},
	{"tls_by_server_name", tls_by_server_name},
	{"connections_by_what_is_missing", connections_by_what_is_missing},
	{"syn_alone_is_silent", syn_alone_is_silent},
	{"answers_not_captured_are_one_way", answers_not_captured_are_one_way},
	{"ports_share_a_row_when_there_are_many",
	 ports_share_a_row_when_there_are_many},
};
T_MAIN(cases)
