/*
 * Whose bytes are these?  What the driver hands on of datagrams, in which
 * order and with which origin (RFC 7983, RFC 8656, [MS-TURN]).
 */
#include "config.h"

#include "core/hep.h"
#include "dissectors/turn.h"
#include "tests/support/heard.h"
#include "tests/support/t.h"

#define CLIENT "1:5000"
#define SERVER "2:3478"
#define RELAYED "9:50000"
#define PEER "3:6000"

static const struct wire_login alice =
	WIRE_LOGIN("alice", "example.org", "wonderland");
static const struct wire_login checker =
	WIRE_LOGIN("evtj:h6vY", "", "VOkJxbRl1RmTxUk/WvJxBt");

static const struct wire_stun check = {
	.type = 0x0001, .id = 200, .login = &checker, .priority = 5,
	.controlling = true, .fingerprint = true};

/* ---- payloads ---- */

static struct slice rtp(uint16_t sequence)
{
	static uint8_t const head[12] = {0x80, 0, 0, 0, 0, 0,
					 0,    0, 1, 2, 3, 4};
	uint8_t p[32] = {0};

	memcpy(p, head, sizeof(head));
	p[2] = (uint8_t)(sequence >> 8);
	p[3] = (uint8_t)(sequence & 0xFF);
	return t_exact(slice_of(p, sizeof(p)));
}

static void send_rtp(struct wire *w, const char *src, const char *dst,
		     uint16_t sequence)
{
	struct slice packet = rtp(sequence);

	wire_udp(w, src, dst, packet);
	t_release(packet);
}

static void send_hex(struct wire *w, const char *src, const char *dst,
		     const char *digits)
{
	struct slice bytes = t_hex(digits);

	wire_udp(w, src, dst, bytes);
	t_release(bytes);
}

#define RTCP "80c80006 01020304 00000000 00000000 00000000 00000000 00000000"
/* A fatal alert, in the clear. */
#define DTLS "15 fefd 0000 000000000000 0002 0228"
#define DNS_QUERY "1234 0100 0001 0000 0000 0000" \
		  "07 6578616d706c65 03 6f7267 00 0001 0001"

static struct slice stun_bytes(const struct wire_stun *m)
{
	struct text text = text_new(65536);
	struct slice out;

	wire_stun_text(&text, m);
	out = t_exact(text_slice(&text));
	text_free(&text);
	return out;
}

static void send_channel(struct wire *w, const char *src, const char *dst,
			 unsigned channel, struct slice data)
{
	struct text text = text_new(65536);

	channel_data_write(&text, (uint16_t)channel, data, false);
	wire_udp(w, src, dst, text_slice(&text));
	text_free(&text);
}

static void send_channel_check(struct wire *w, const char *src,
			       const char *dst, unsigned channel)
{
	struct slice bytes = stun_bytes(&check);

	send_channel(w, src, dst, channel, bytes);
	t_release(bytes);
}

static void send_multiplexed(struct wire *w, const char *src, const char *dst,
			     struct slice data)
{
	uint8_t head[12] = {0xFF, 0x10, (uint8_t)((data.n + 8) >> 8),
			    (uint8_t)((data.n + 8) & 0xFF), 1, 2, 3, 4};
	struct text text = text_new(65536);

	text_put(&text, slice_of(head, sizeof(head)));
	text_put(&text, data);
	wire_udp(w, src, dst, text_slice(&text));
	text_free(&text);
}

/* A granted allocation: four frames. */
static void allocate(struct wire *w, const char *granted_by)
{
	wire_stun(w, CLIENT, SERVER, &(struct wire_stun){.type = 3, .id = 1});
	wire_stun(w, SERVER, CLIENT,
		  &(struct wire_stun){.type = 0x0113, .id = 1, .error = 401,
				      .realm = "example.org"});
	wire_stun(w, CLIENT, SERVER,
		  &(struct wire_stun){.type = 3, .id = 2, .login = &alice});
	wire_stun(w, granted_by, CLIENT,
		  &(struct wire_stun){.type = 0x0103, .id = 2,
				      .relayed = RELAYED, .mapped = CLIENT,
				      .lifetime = 600, .login = &alice});
}

#define ALLOCATED                                     \
	"1 stun 0003 absent 1:5000 > 2:3478\n"        \
	"2 stun 0113 absent 2:3478 > 1:5000\n"        \
	"3 stun 0003 unchecked 1:5000 > 2:3478\n"

/* ---- many protocols ---- */

#define BYTES_20 "0000000000000000000000000000000000000000"

static void one_flow_carries_them_all(void **state)
{
	struct slice inner = stun_bytes(&check);
	struct driver_counts counts;
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_stun(&w, CLIENT, SERVER, &check);
	send_hex(&w, CLIENT, SERVER, DTLS);
	send_rtp(&w, CLIENT, SERVER, 1);
	send_hex(&w, SERVER, CLIENT, RTCP);
	send_channel_check(&w, CLIENT, SERVER, 0x4001);
	send_multiplexed(&w, SERVER, CLIENT, inner);
	assert_heard(&w, "1 stun 0001 unchecked 1:5000 > 2:3478\n"
			 "2 dtls 1:5000 > 2:3478\n"
			 "5 channel 4001 (stun) 1:5000 > 2:3478\n"
			 "5 stun 0001 unchecked 1:5000 > 2:3478 in "
			 "channel_data\n"
			 "6 stun 0001 unchecked 2:3478 > 1:5000 in mturn\n");
	counts = heard_counts(&w);
	assert_int_equal(counts.frames, 6);
	assert_int_equal(counts.stun, 3);
	assert_int_equal(counts.dtls, 1);
	assert_int_equal(counts.rtp, 1);
	assert_int_equal(counts.rtcp, 1);
	assert_int_equal(counts.channel_data, 1);
	t_release(inner);
	wire_close(&w);
}

/* Where nothing else on the flow speaks for it. */
static void reports_are_known_by_their_lengths(void **state)
{
	static const struct {
		const char *hex;
		unsigned counted;
	} rows[] = {
		/* Sender reports: whole, with a block, too short for it, */
		{"80c80006 00000001" BYTES_20, 1},
		{"81c8000c 00000001" BYTES_20 BYTES_20 "00000000", 1},
		{"81c80006 00000001" BYTES_20, 0},
		/* one that is longer than the datagram, */
		{"80c80016 00000001" BYTES_20, 0},
		/* and one with cipher text behind it. */
		{"80c80006 00000001" BYTES_20 "1122334455667788", 1},
		/* Receiver reports and BYE. */
		{"80c90001 00000001", 1},
		{"81c90001 00000001", 0},
		{"81cb0001 00000001", 1},
		{"80c90001 00000001 81cb0001 00000001", 1},
		/* Feedback alone ends where its length says. */
		{"81ce0002 00000001 00000002", 1},
		{"81ce0002 00000001 00000002 00000003", 0},
		/* A query of NetBIOS names. */
		{"80c80110 00010000 00000000 20434b41", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w;

		wire_open(&w);
		send_hex(&w, CLIENT, SERVER, rows[i].hex);
		assert_heard(&w, "");
		assert_int_equal(heard_counts(&w).rtcp, rows[i].counted);
		wire_close(&w);
	}
}

static void sip_is_known_on_any_port(void **state)
{
	struct wire_sip options = {.start = "OPTIONS sip:bob@example.org",
				   .call = "c", .cseq = "1 OPTIONS"};
	struct wire_sip answer = {.start = "200 OK", .call = "c",
				  .cseq = "1 OPTIONS"};
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_sip(&w, "1:40001", "2:5060", &options);
	wire_sip(&w, "1:40001", "2:9", &options);
	wire_sip(&w, "1:53", "2:53", &options);
	wire_sip(&w, "2:3478", "1:65535", &answer);
	assert_heard(&w, "1 sip OPTIONS 1:40001 > 2:5060\n"
			 "2 sip OPTIONS 1:40001 > 2:9\n"
			 "3 sip OPTIONS 1:53 > 2:53\n"
			 "4 sip 200 OPTIONS 2:3478 > 1:65535\n");
	wire_close(&w);
}

static void keepalives_are_counted_and_not_told(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_udp(&w, "1:5060", "2:5060", SLICE("\r\n\r\n"));
	wire_udp(&w, "2:5060", "1:5060", SLICE("\r\n"));
	wire_udp(&w, "1:5060", "2:5060", SLICE("\0\0\0\0"));
	wire_udp(&w, "1:5060", "2:5060", SLICE(""));
	assert_heard(&w, "");
	assert_int_equal(heard_counts(&w).keepalives, 3);
	assert_int_equal(heard_counts(&w).malformed, 0);
	wire_close(&w);
}

static void dns_is_known_by_its_port(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	send_hex(&w, "1:40000", "2:53", DNS_QUERY);
	send_hex(&w, "1:40000", "2:54", DNS_QUERY);
	send_hex(&w, "1:5353", "2:5353", DNS_QUERY);
	assert_heard(&w, "1 dns 1:40000 > 2:53\n"
			 "3 dns 1:5353 > 2:5353\n");
	wire_close(&w);
}

static void garbage_is_no_message(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	for (unsigned first = 0; first < 256; first++) {
		uint8_t p[40];

		memset(p, 0xA5, sizeof(p));
		p[0] = (uint8_t)first;
		wire_udp(&w, CLIENT, SERVER, slice_of(p, sizeof(p)));
	}
	assert_heard(&w, "");
	wire_close(&w);
}

static void short_payloads_are_no_message(void **state)
{
	struct slice bytes = stun_bytes(&check);
	struct wire w;

	(void)state;
	wire_open(&w);
	for (size_t n = 0; n < 20; n++)
		wire_udp(&w, CLIENT, SERVER, slice_first(bytes, n));
	assert_heard(&w, "");
	t_release(bytes);
	wire_close(&w);
}

/* ---- envelopes ---- */

static void channel_without_bind_needs_what_is_inside(void **state)
{
	struct slice dtls = t_hex(DTLS);
	struct wire w;

	(void)state;
	wire_open(&w);
	send_channel(&w, CLIENT, SERVER, 0x4000, SLICE("any bytes at all"));
	send_channel(&w, "1:5001", SERVER, 0x4000, dtls);
	send_channel_check(&w, CLIENT, SERVER, 0x4000);
	/* Now the flow is known to speak TURN. */
	send_channel(&w, CLIENT, SERVER, 0x4000, SLICE("any bytes at all"));
	assert_heard(&w, "2 channel 4000 (dtls) 1:5001 > 2:3478\n"
			 "2 dtls 1:5001 > 2:3478 in channel_data\n"
			 "3 channel 4000 (stun) 1:5000 > 2:3478\n"
			 "3 stun 0001 unchecked 1:5000 > 2:3478 in "
			 "channel_data\n"
			 "4 channel 4000 (data) 1:5000 > 2:3478\n");
	t_release(dtls);
	wire_close(&w);
}

static void indications_lead_from_relay_to_peer(void **state)
{
	struct slice inner = stun_bytes(&check);
	struct wire w;

	(void)state;
	wire_open(&w);
	allocate(&w, SERVER);
	wire_stun(&w, CLIENT, SERVER,
		  &(struct wire_stun){.type = 0x0016, .id = 3, .peer = PEER,
				      .data = inner});
	wire_stun(&w, SERVER, CLIENT,
		  &(struct wire_stun){.type = 0x0017, .id = 4, .peer = PEER,
				      .data = inner});
	wire_stun(&w, SERVER, CLIENT,
		  &(struct wire_stun){.type = 0x0017, .id = 5, .peer = PEER,
				      .has_data = true});
	assert_heard(&w,
		     ALLOCATED
		     "4 stun 0103 unchecked 2:3478 > 1:5000\n"
		     "5 stun 0016 absent (stun) 1:5000 > 2:3478\n"
		     "5 stun 0001 unchecked 9:50000 > 3:6000 in send\n"
		     "6 stun 0017 absent (stun) 2:3478 > 1:5000\n"
		     "6 stun 0001 unchecked 3:6000 > 9:50000 in data\n"
		     "7 stun 0017 absent (empty) 2:3478 > 1:5000\n");
	t_release(inner);
	wire_close(&w);
}

static void bound_channels_lead_to_their_peer(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	allocate(&w, SERVER);
	wire_stun(&w, CLIENT, SERVER,
		  &(struct wire_stun){.type = 0x0009, .id = 3,
				      .channel = 0x4000, .peer = PEER,
				      .login = &alice});
	send_channel_check(&w, CLIENT, SERVER, 0x4000);
	send_channel_check(&w, SERVER, CLIENT, 0x4000);
	/* Who is behind this one is not known: only our end is. */
	send_channel_check(&w, SERVER, CLIENT, 0x4001);
	assert_heard(&w,
		     ALLOCATED
		     "4 stun 0103 unchecked 2:3478 > 1:5000\n"
		     "5 stun 0009 unchecked 1:5000 > 2:3478\n"
		     "6 channel 4000 (stun) 1:5000 > 2:3478\n"
		     "6 stun 0001 unchecked 9:50000 > 3:6000 in "
		     "channel_data\n"
		     "7 channel 4000 (stun) 2:3478 > 1:5000\n"
		     "7 stun 0001 unchecked 3:6000 > 9:50000 in "
		     "channel_data\n"
		     "8 channel 4001 (stun) 2:3478 > 1:5000\n"
		     "8 stun 0001 unchecked 2:3478 > 9:50000 in "
		     "channel_data\n");
	wire_close(&w);
}

static void grant_may_come_from_another_server(void **state)
{
	struct slice inner = stun_bytes(&check);
	struct wire w;

	(void)state;
	wire_open(&w);
	allocate(&w, "7:3478");
	wire_stun(&w, CLIENT, SERVER,
		  &(struct wire_stun){.type = 0x0016, .id = 3, .peer = PEER,
				      .data = inner});
	wire_stun(&w, CLIENT, "7:3478",
		  &(struct wire_stun){.type = 0x0016, .id = 4, .peer = PEER,
				      .data = inner});
	assert_heard(&w,
		     ALLOCATED
		     "4 stun 0103 unchecked 7:3478 > 1:5000\n"
		     "5 stun 0016 absent (stun) 1:5000 > 2:3478\n"
		     "5 stun 0001 unchecked 9:50000 > 3:6000 in send\n"
		     "6 stun 0016 absent (stun) 1:5000 > 7:3478\n"
		     "6 stun 0001 unchecked 9:50000 > 3:6000 in send\n");
	t_release(inner);
	wire_close(&w);
}

static void ms_turn_sends_by_request(void **state)
{
	static const struct wire_login token =
		WIRE_LOGIN("a user name that is as long as a token is",
			   "rtcmedia", "password");
	struct slice inner = stun_bytes(&check);
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_stun(&w, CLIENT, SERVER,
		  &(struct wire_stun){.type = 3, .id = 1, .ms = true,
				      .login = &token});
	wire_stun(&w, SERVER, CLIENT,
		  &(struct wire_stun){.type = 0x0103, .id = 1, .ms = true,
				      .relayed = RELAYED, .mapped = CLIENT,
				      .login = &token});
	wire_stun(&w, CLIENT, SERVER,
		  &(struct wire_stun){.type = 0x0004, .id = 2, .ms = true,
				      .peer = PEER, .data = inner,
				      .login = &token});
	wire_stun(&w, SERVER, CLIENT,
		  &(struct wire_stun){.type = 0x0115, .id = 3, .ms = true,
				      .peer = PEER, .data = inner});
	assert_heard(&w,
		     "1 stun 0003 unchecked 1:5000 > 2:3478\n"
		     "2 stun 0103 unchecked 2:3478 > 1:5000\n"
		     "3 stun 0004 unchecked (stun) 1:5000 > 2:3478\n"
		     "3 stun 0001 unchecked 9:50000 > 3:6000 in send\n"
		     "4 stun 0115 absent (stun) 2:3478 > 1:5000\n"
		     "4 stun 0001 unchecked 3:6000 > 9:50000 in data\n");
	t_release(inner);
	wire_close(&w);
}

/* What an agent of Homer tells stands for the packets that it has seen: HEP3 on
 * any port, HEP1 and HEP2 on theirs. */
static void hep_is_looked_into(void **state)
{
	struct text sip = text_new(65536);
	struct text bytes = text_new(2 * (size_t)HEP_MAX);
	struct text old = text_new(2 * (size_t)HEP_MAX);
	const uint8_t a[] = {192, 0, 2, 1}, b[] = {192, 0, 2, 2};
	const uint8_t head[] = {1,   16, 2, 17, 0x13, 0xC4, 0x13, 0xC5,
				192, 0,  2, 1,  192,  0,    2,    2};
	struct hep hep = {.src = endpoint_of(slice_of(a, 4), 5060),
			  .dst = endpoint_of(slice_of(b, 4), 5061),
			  .protocol = 17,
			  .content = HEP_SIP};
	struct wire w;

	(void)state;
	wire_sip_text(&sip, &(struct wire_sip){.start = "OPTIONS sip:b@a",
					       .call = "c",
					       .cseq = "1 OPTIONS"});
	hep.payload = text_slice(&sip);
	assert_int_equal(hep_encode(&hep, &bytes), STATUS_OK);
	wire_open(&w);
	wire_udp(&w, "1:40000", "2:9060", text_slice(&bytes));
	wire_udp(&w, "1:40000", "2:9061", text_slice(&bytes));
	/* Cut short it says nothing. */
	wire_udp(&w, "1:40000", "2:9060",
		 slice_first(text_slice(&bytes), bytes.n - 1));
	text_put(&old, slice_of(head, sizeof(head)));
	text_put(&old, text_slice(&sip));
	wire_udp(&w, "1:40000", "2:9060", text_slice(&old));
	wire_udp(&w, "1:40000", "2:9061", text_slice(&old));
	assert_heard(&w, "1 sip OPTIONS 1:5060 > 2:5061\n"
			 "2 sip OPTIONS 1:5060 > 2:5061\n"
			 "4 sip OPTIONS 1:5060 > 2:5061\n");
	text_free(&sip);
	text_free(&old);
	text_free(&bytes);
	wire_close(&w);
}

/* Send in Send in Send ...: opened to a limit, which is told. */
static void nesting_ends_with_a_finding(void **state)
{
	struct slice bytes = stun_bytes(&check);
	struct wire w;
	char *text;

	(void)state;
	for (unsigned depth = 0; depth < 20; depth++) {
		struct slice inner = bytes;

		bytes = stun_bytes(&(struct wire_stun){.type = 0x0016,
						       .id = 9, .peer = PEER,
						       .data = inner});
		t_release(inner);
	}
	wire_open(&w);
	wire_udp(&w, CLIENT, SERVER, bytes);
	text = heard(&w, NULL, false);
	assert_non_null(strstr(text, "1 capture/limit-nesting"));
	assert_null(strstr(text, "0001"));
	assert_int_equal(heard_counts(&w).stun, 8);
	free(text);
	t_release(bytes);
	wire_close(&w);
}

static const struct t_case cases[] = {
	{"one_flow_carries_them_all", one_flow_carries_them_all},
	{"reports_are_known_by_their_lengths",
	 reports_are_known_by_their_lengths},
	{"sip_is_known_on_any_port", sip_is_known_on_any_port},
	{"keepalives_are_counted_and_not_told",
	 keepalives_are_counted_and_not_told},
	{"dns_is_known_by_its_port", dns_is_known_by_its_port},
	{"garbage_is_no_message", garbage_is_no_message},
	{"short_payloads_are_no_message", short_payloads_are_no_message},
	{"channel_without_bind_needs_what_is_inside",
	 channel_without_bind_needs_what_is_inside},
	{"indications_lead_from_relay_to_peer",
	 indications_lead_from_relay_to_peer},
	{"bound_channels_lead_to_their_peer",
	 bound_channels_lead_to_their_peer},
	{"grant_may_come_from_another_server",
	 grant_may_come_from_another_server},
	{"ms_turn_sends_by_request", ms_turn_sends_by_request},
	{"hep_is_looked_into", hep_is_looked_into},
	{"nesting_ends_with_a_finding", nesting_ends_with_a_finding},
};
T_MAIN(cases)
