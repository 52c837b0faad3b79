/*
 * What the driver learns on its way: keys from SDP and MRAS, and which
 * messages without a cookie are classic STUN (RFC 3489; spec stun-turn 1.14).
 */
#include "config.h"

#include "core/crypto.h"
#include "tests/support/heard.h"
#include "tests/support/t.h"

#define PASSWORD_A "VOkJxbRl1RmTxUk/WvJxBt"
#define PASSWORD_B "bob's-own-password-22ch"

/* Requests are protected by the password of who receives them. */
static const struct wire_login to_bob = WIRE_LOGIN("ub:ua", "", PASSWORD_B);
static const struct wire_login to_alice = WIRE_LOGIN("ua:ub", "", PASSWORD_A);
static const struct wire_login wrong = WIRE_LOGIN("ub:ua", "", "another one");

static void expect(const struct wire *w, struct keyring *keys, bool learn,
		   const char *want)
{
	char *got = heard(w, keys, learn);

	assert_string_equal(got, want);
	free(got);
}

/* ---- keys of SDP ---- */

static void send_check(struct wire *w, uint8_t id,
		       const struct wire_login *login)
{
	wire_stun(w, "1:5000", "3:6000",
		  &(struct wire_stun){.type = 1,
				      .id = id,
				      .login = login,
				      .priority = 5,
				      .controlling = true,
				      .fingerprint = true});
}

static void send_answer(struct wire *w, uint8_t id,
			const struct wire_login *login)
{
	wire_stun(w, "3:6000", "1:5000",
		  &(struct wire_stun){.type = 0x0101,
				      .id = id,
				      .login = login,
				      .mapped = "1:5000",
				      .fingerprint = true});
}

/* Bob's password travels in his answer. */
static void send_description(struct wire *w)
{
	char *body = wire_sdp(&(struct wire_sdp){
		.at = "3:6000", .ufrag = "ub", .pwd = PASSWORD_B});

	wire_sip(w, "3:5060", "1:5060",
		 &(struct wire_sip){.start = "200 OK",
				    .call = "c",
				    .cseq = "1 INVITE",
				    .body = body});
	free(body);
}

static void learning_verifies_what_came_before_its_key(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	send_check(&w, 1, &to_bob);
	send_answer(&w, 1, &to_bob);
	send_description(&w);
	send_check(&w, 2, &to_bob);
	expect(&w, NULL, true,
	       "1 stun 0001 verified 1:5000 > 3:6000\n"
	       "2 stun 0101 verified 3:6000 > 1:5000\n"
	       "3 sip 200 INVITE 3:5060 > 1:5060\n"
	       "4 stun 0001 verified 1:5000 > 3:6000\n");
	expect(&w, NULL, false,
	       "1 stun 0001 unchecked 1:5000 > 3:6000\n"
	       "2 stun 0101 unchecked 3:6000 > 1:5000\n"
	       "3 sip 200 INVITE 3:5060 > 1:5060\n"
	       "4 stun 0001 verified 1:5000 > 3:6000\n");
	wire_close(&w);
}

static void bad_is_said_only_of_a_proven_key(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	send_description(&w);
	send_check(&w, 1, &wrong);
	send_check(&w, 2, &to_bob);
	send_check(&w, 3, &wrong);
	/* Nobody named Alice's password. */
	send_check(&w, 4, &to_alice);
	send_answer(&w, 2, NULL);
	expect(&w, NULL, true,
	       "1 sip 200 INVITE 3:5060 > 1:5060\n"
	       "2 stun 0001 no-key-fits 1:5000 > 3:6000\n"
	       "3 stun 0001 verified 1:5000 > 3:6000\n"
	       "4 stun 0001 bad 1:5000 > 3:6000\n"
	       "5 stun 0001 unchecked 1:5000 > 3:6000\n"
	       "6 stun 0101 absent 3:6000 > 1:5000\n");
	wire_close(&w);
}

static void description_over_tcp_teaches_too(void **state)
{
	struct wire_tcp c = {.ends = {"1:40000", "3:5060"}, {100, 200}};
	char *body = wire_sdp(&(struct wire_sdp){
		.at = "3:6000", .ufrag = "ub", .pwd = PASSWORD_B});
	struct text text = text_new(65536);
	struct wire w;

	(void)state;
	wire_open(&w);
	send_check(&w, 1, &to_bob);
	wire_tcp_syn(&w, &c);
	wire_sip_text(&text, &(struct wire_sip){.start = "200 OK",
						.call = "c",
						.cseq = "1 INVITE",
						.body = body});
	wire_tcp(&w, &c, 1, text_slice(&text));
	assert_heard(&w, "1 stun 0001 verified 1:5000 > 3:6000\n"
			 "4 sip 200 INVITE 3:5060 > 1:40000 tcp\n");
	text_free(&text);
	free(body);
	wire_close(&w);
}

/* ---- TURN ---- */

static void credential_of_the_user_is_proven_per_allocation(void **state)
{
	static const struct wire_login good =
		WIRE_LOGIN("alice", "example.org", "wonderland");
	static const struct wire_login other =
		WIRE_LOGIN("alice", "example.org", "looking-glass");
	struct keyring *keys = keyring_new();
	struct wire_stun allocate = {.type = 3, .id = 1, .login = &other};
	struct wire_stun refresh = {.type = 4, .id = 3, .login = &other};
	struct wire w;

	(void)state;
	keyring_add_credential(keys, SLICE("alice"), SLICE("example.org"),
			       SLICE("wonderland"));
	wire_open(&w);
	wire_stun(&w, "1:5000", "2:3478", &allocate);
	allocate.id = 2;
	allocate.login = &good;
	wire_stun(&w, "1:5000", "2:3478", &allocate);
	wire_stun(&w, "1:5000", "2:3478", &refresh);
	/* Proven on that allocation, not on this one. */
	wire_stun(&w, "1:5001", "2:3478", &refresh);
	expect(&w, keys, true,
	       "1 stun 0003 no-key-fits 1:5000 > 2:3478\n"
	       "2 stun 0003 verified 1:5000 > 2:3478\n"
	       "3 stun 0004 bad 1:5000 > 2:3478\n"
	       "4 stun 0004 no-key-fits 1:5001 > 2:3478\n");
	wire_close(&w);
	keyring_free(keys);
}

/* The vectors of [MS-AVEDGEA] made for this project. */
#define MRAS_USER                                                          \
	"AgAAJIOZQAAB2mvxpHIGu4Le0y+Xk8mfSUAiQMxKri4AAAAAeGrtGFf6eXXchjRW" \
	"4Up4AZl22NM="
#define MRAS_PASSWORD "A2RA/t/LbXEHj3GmOli64dshYW0="
#define MRAS_RESPONSE_XML                                              \
	"<?xml version=\"1.0\"?>\r\n<response requestID=\"71002418\" " \
	"version=\"2.0\" serverVersion=\"3.0\" to=\"sip:edge\" "       \
	"from=\"sip:alice@example.test\" reasonPhrase=\"OK\" "         \
	"xmlns=\"http://schemas.microsoft.com/2006/09/sip/mrasp\">"    \
	"<credentialsResponse credentialsRequestID=\"71002418\">"      \
	"<credentials><username>" MRAS_USER                            \
	"</username><password>" MRAS_PASSWORD                          \
	"</password><duration>480</duration></credentials>"            \
	"<mediaRelayList><mediaRelay><location>internet</location>"    \
	"<hostName>av.example.test</hostName><udpPort>3478</udpPort>"  \
	"<tcpPort>443</tcpPort></mediaRelay></mediaRelayList>"         \
	"</credentialsResponse></response>"

static void send_mras(struct wire *w)
{
	wire_sip(w, "4:5061", "1:40000",
		 &(struct wire_sip){
			 .start = "200 OK",
			 .call = "m",
			 .cseq = "1 SERVICE",
			 .type = "application/msrtc-media-relay-auth+xml",
			 .body = MRAS_RESPONSE_XML});
}

static void mras_response_teaches_the_key_of_the_relay(void **state)
{
	uint8_t user[64], password[64];
	struct wire_login token = {.realm = SLICE("\"rtcmedia\"")};
	struct wire_stun allocate = {
		.type = 3, .id = 1, .ms = true, .login = &token};
	size_t n;
	struct wire w;

	(void)state;
	assert_int_equal(base64_decode(SLICE(MRAS_USER), user, &n), STATUS_OK);
	assert_int_equal(n, 56);
	token.user = slice_of(user, n);
	assert_int_equal(base64_decode(SLICE(MRAS_PASSWORD), password, &n),
			 STATUS_OK);
	assert_int_equal(n, 20);
	token.password = slice_of(password, n);
	wire_open(&w);
	wire_stun(&w, "1:5000", "2:3478", &allocate);
	send_mras(&w);
	allocate.id = 2;
	wire_stun(&w, "1:5000", "2:3478", &allocate);
	password[0] ^= 1;
	allocate.id = 3;
	wire_stun(&w, "1:5000", "2:3478", &allocate);
	expect(&w, NULL, true,
	       "1 stun 0003 verified 1:5000 > 2:3478\n"
	       "2 sip 200 SERVICE 4:5061 > 1:40000\n"
	       "3 stun 0003 verified 1:5000 > 2:3478\n"
	       "4 stun 0003 bad 1:5000 > 2:3478\n");
	expect(&w, NULL, false,
	       "1 stun 0003 unchecked 1:5000 > 2:3478\n"
	       "2 sip 200 SERVICE 4:5061 > 1:40000\n"
	       "3 stun 0003 verified 1:5000 > 2:3478\n"
	       "4 stun 0003 bad 1:5000 > 2:3478\n");
	assert_int_equal(heard_counts(&w).mras, 1);
	wire_close(&w);
}

/* ---- classic STUN ---- */

/* An empty Binding request, which says least of all. */
static const struct wire_stun empty = {.type = 1, .id = 9, .classic = true};

static void empty_classic_request_needs_evidence(void **state)
{
	static const struct {
		const char *server; /* 7001 alone is worth two points */
		unsigned times;
		bool answered, after_stun;
		bool believed;
	} rows[] = {
		{"2:3478", 1, false, false, true},
		{"2:9999", 1, false, false, false},
		{"2:9999", 3, false, false, false},
		{"2:9999", 1, true, false, true},
		{"2:9999", 1, false, true, false},
		{"2:7001", 1, false, false, false},
		{"2:7001", 2, false, false, true},
		{"2:7001", 1, true, false, true},
		{"2:7001", 1, false, true, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire_stun answer = {.type = 0x0101,
					   .id = 9,
					   .classic = true,
					   .mapped = "1:5000"};
		struct wire_stun modern = {.type = 1, .id = 1};
		uint64_t others = 0;
		struct wire w;
		char *text;

		wire_open(&w);
		if (rows[i].after_stun)
			wire_stun(&w, "1:5000", rows[i].server, &modern);
		for (unsigned k = 0; k < rows[i].times; k++)
			wire_stun(&w, "1:5000", rows[i].server, &empty);
		if (rows[i].answered)
			wire_stun(&w, rows[i].server, "1:5000", &answer);
		text = heard(&w, NULL, true);
		for (const char *p = text; (p = strstr(p, "0001")); p++)
			others++;
		others -= rows[i].after_stun;
		if (others != (rows[i].believed ? rows[i].times : 0))
			fail_msg("row %zu:\n%s", i, text);
		free(text);
		wire_close(&w);
	}
}

static void classic_answer_is_known_by_its_address(void **state)
{
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_stun(&w, "2:9999", "1:5000",
		  &(struct wire_stun){.type = 0x0101,
				      .id = 9,
				      .classic = true,
				      .mapped = "1:5000"});
	assert_heard(&w, "1 stun 0101 absent 2:9999 > 1:5000\n");
	wire_close(&w);
}

static void nothing_is_learned_from_strangers(void **state)
{
	/* TFTP's read request and uTP begin as a Binding does. */
	static const char *const strangers[] = {
		"0001 66696c65 00 6f63746574 00 0000000000000000000000",
		"0100 1234 00000001 00000000 00100000 0001 0000 0000 0000",
		"0001 0000 00000000 00000000 00000000 00000000",
	};
	struct wire w;

	(void)state;
	wire_open(&w);
	for (size_t i = 0; i < 6; i++) {
		struct slice bytes = t_hex(strangers[i % 3]);

		wire_udp(&w, "1:5000", "2:69", bytes);
		t_release(bytes);
	}
	assert_heard(&w, "");
	wire_close(&w);
}

/* ---- relays whose grant is not in the capture ---- */

static void send_inside(struct wire *w, unsigned type, const char *src,
			const char *dst, const struct wire_stun *inner)
{
	struct text text = text_new(65536);

	wire_stun_text(&text, inner);
	wire_stun(w, src, dst,
		  &(struct wire_stun){.type = type,
				      .id = (uint8_t)(inner->id + 50),
				      .peer = "3:6000",
				      .data = text_slice(&text)});
	text_free(&text);
}

/* The peer's answer says that it was asked from 9:50000. */
static void answer_tells_the_relayed_address(void **state)
{
	static const struct wire_stun check = {.type = 1, .id = 1},
				      answer = {.type = 0x0101,
						.id = 1,
						.mapped = "9:50000"};
	struct wire w;

	(void)state;
	wire_open(&w);
	send_inside(&w, 0x0016, "1:5000", "2:3478", &check);
	send_inside(&w, 0x0017, "2:3478", "1:5000", &answer);
	/* Of another client nothing is known. */
	send_inside(&w, 0x0016, "1:5001", "2:3478", &check);
	expect(&w, NULL, false,
	       "1 stun 0016 absent (stun) 1:5000 > 2:3478\n"
	       "1 stun 0001 absent 1:5000 > 3:6000 in send\n"
	       "2 stun 0017 absent (stun) 2:3478 > 1:5000\n"
	       "2 stun 0101 absent 3:6000 > 1:5000 in data\n"
	       "3 stun 0016 absent (stun) 1:5001 > 2:3478\n"
	       "3 stun 0001 absent 1:5001 > 3:6000 in send\n");
	expect(&w, NULL, true,
	       "1 stun 0016 absent (stun) 1:5000 > 2:3478\n"
	       "1 stun 0001 absent 9:50000 > 3:6000 in send\n"
	       "2 stun 0017 absent (stun) 2:3478 > 1:5000\n"
	       "2 stun 0101 absent 3:6000 > 9:50000 in data\n"
	       "3 stun 0016 absent (stun) 1:5001 > 2:3478\n"
	       "3 stun 0001 absent 1:5001 > 3:6000 in send\n");
	wire_close(&w);
}

static const struct t_case cases[] = {
	{"learning_verifies_what_came_before_its_key",
	 learning_verifies_what_came_before_its_key},
	{"bad_is_said_only_of_a_proven_key", bad_is_said_only_of_a_proven_key},
	{"description_over_tcp_teaches_too", description_over_tcp_teaches_too},
	{"credential_of_the_user_is_proven_per_allocation",
	 credential_of_the_user_is_proven_per_allocation},
	{"mras_response_teaches_the_key_of_the_relay",
	 mras_response_teaches_the_key_of_the_relay},
	{"empty_classic_request_needs_evidence",
	 empty_classic_request_needs_evidence},
	{"classic_answer_is_known_by_its_address",
	 classic_answer_is_known_by_its_address},
	{"answer_tells_the_relayed_address", answer_tells_the_relayed_address},
	{"nothing_is_learned_from_strangers",
	 nothing_is_learned_from_strangers},
};
T_MAIN(cases)
