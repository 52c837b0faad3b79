/* ICE candidates in three grammars (RFC 8839 5.1, [MS-ICE], [MS-ICE2]). */
#include "config.h"

#include "core/text.h"
#include "dissectors/sdp_parts.h"
#include "tests/support/t.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ID_06 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

/* What is read of a line; "related" is "-" when there is none. */
static const struct {
	const char *line;
	enum candidate_grammar grammar;
	const char *foundation;
	unsigned component;
	enum candidate_transport transport;
	enum candidate_tcp_type tcp_type;
	uint32_t priority;
	const char *host;
	unsigned port;
	enum candidate_type type;
	const char *related;
	unsigned faults;
} rows[] = {
	{"1 1 UDP 2130706431 192.0.2.10 50010 typ host", GRAMMAR_RFC, "1", 1,
	 CANDIDATE_UDP, TCP_TYPE_NONE, 2130706431, "192.0.2.10", 50010,
	 CANDIDATE_HOST, "-", 0},
	{"842163049 2 udp 1677729535 203.0.113.5 46154 typ srflx raddr "
	 "192.168.1.2 rport 46154 generation 0 network-cost 999",
	 GRAMMAR_RFC, "842163049", 2, CANDIDATE_UDP, TCP_TYPE_NONE,
	 1677729535, "203.0.113.5", 46154, CANDIDATE_SRFLX,
	 "192.168.1.2:46154", 0},
	{"a+/ 256 UDP 1 2001:db8::9 9 typ prflx raddr 0.0.0.0 rport 0",
	 GRAMMAR_RFC, "a+/", 256, CANDIDATE_UDP, TCP_TYPE_NONE, 1,
	 "2001:db8::9", 9, CANDIDATE_PRFLX, "0.0.0.0:0", 0},
	{"3 1 TCP 2105458943 192.0.2.10 9 typ host tcptype active",
	 GRAMMAR_RFC, "3", 1, CANDIDATE_TCP, TCP_TYPE_ACTIVE, 2105458943,
	 "192.0.2.10", 9, CANDIDATE_HOST, "-", 0},
	{"3 1 tcp 2105458943 192.0.2.10 5000 typ host tcptype passive",
	 GRAMMAR_RFC, "3", 1, CANDIDATE_TCP, TCP_TYPE_PASSIVE, 2105458943,
	 "192.0.2.10", 5000, CANDIDATE_HOST, "-", 0},
	{"3 1 tcp 2105458943 192.0.2.10 5000 typ host tcptype so",
	 GRAMMAR_RFC, "3", 1, CANDIDATE_TCP, TCP_TYPE_SO, 2105458943,
	 "192.0.2.10", 5000, CANDIDATE_HOST, "-", 0},
	{"1 1 udp 2113937151 9b36eaac-bb2e-49bb-bb78-21c41c499900.local 55555 "
	 "typ host generation 0 ufrag tLz9",
	 GRAMMAR_RFC, "1", 1, CANDIDATE_UDP, TCP_TYPE_NONE, 2113937151,
	 "9b36eaac-bb2e-49bb-bb78-21c41c499900.local", 55555, CANDIDATE_HOST,
	 "-", 0},
	{"4 1 TCP-ACT 174848511 198.51.100.5 55001 typ relay raddr 192.0.2.10 "
	 "rport 50024 ",
	 GRAMMAR_MS_19, "4", 1, CANDIDATE_TCP, TCP_TYPE_ACTIVE, 174848511,
	 "198.51.100.5", 55001, CANDIDATE_RELAY, "192.0.2.10:50024", 0},
	{"2 2 tcp-pass 174455806 198.51.100.5 55001 typ relay raddr "
	 "192.0.2.10 rport 50024",
	 GRAMMAR_MS_19, "2", 2, CANDIDATE_TCP, TCP_TYPE_PASSIVE, 174455806,
	 "198.51.100.5", 55001, CANDIDATE_RELAY, "192.0.2.10:50024", 0},
	{ID_06 " 1 oKGio6SlpqeoqaqrrK2urw UDP 0.830 192.0.2.10 50040 ",
	 GRAMMAR_MS_06, ID_06, 1, CANDIDATE_UDP, TCP_TYPE_NONE, 830,
	 "192.0.2.10", 50040, CANDIDATE_UNKNOWN, "-", 0},
	{ID_06 " 2 oKGio6SlpqeoqaqrrK2urw TCP 1.0 192.0.2.10 50040",
	 GRAMMAR_MS_06, ID_06, 2, CANDIDATE_TCP, TCP_TYPE_BOTH, 1000,
	 "192.0.2.10", 50040, CANDIDATE_UNKNOWN, "-", 0},
	{"1 1 DCCP 77 192.0.2.10 5 typ future", GRAMMAR_RFC, "1", 1,
	 CANDIDATE_OTHER_TRANSPORT, TCP_TYPE_NONE, 77, "192.0.2.10", 5,
	 CANDIDATE_UNKNOWN, "-", 0},

	/* readable, but at fault */
	{"1 1 UDP 4294967295 192.0.2.10 5 typ host", GRAMMAR_RFC, "1", 1,
	 CANDIDATE_UDP, TCP_TYPE_NONE, UINT32_MAX, "192.0.2.10", 5,
	 CANDIDATE_HOST, "-", SDP_FAULT_PRIORITY},
	{"1 1 UDP 0 192.0.2.10 5 typ host", GRAMMAR_RFC, "1", 1,
	 CANDIDATE_UDP, TCP_TYPE_NONE, 0, "192.0.2.10", 5, CANDIDATE_HOST,
	 "-", SDP_FAULT_PRIORITY},
	{"1 1 UDP 7 192.0.2.10 5 typ srflx", GRAMMAR_RFC, "1", 1,
	 CANDIDATE_UDP, TCP_TYPE_NONE, 7, "192.0.2.10", 5, CANDIDATE_SRFLX,
	 "-", SDP_FAULT_RELATED},
	{"1 1 TCP 7 192.0.2.10 5 typ host", GRAMMAR_RFC, "1", 1,
	 CANDIDATE_TCP, TCP_TYPE_NONE, 7, "192.0.2.10", 5, CANDIDATE_HOST,
	 "-", SDP_FAULT_TCPTYPE},
	{"1 1 UDP 7 192.0.2.10 5 typ host generation", GRAMMAR_RFC, "1", 1,
	 CANDIDATE_UDP, TCP_TYPE_NONE, 7, "192.0.2.10", 5, CANDIDATE_HOST,
	 "-", SDP_FAULT_EXTENSION},
};

static void lines_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = t_exact(slice_of_text(rows[i].line));
		char related[ENDPOINT_TEXT_MAX];
		struct sdp_candidate got;

		if (sdp_candidate_read(in, &got) != rows[i].faults ||
		    got.grammar != rows[i].grammar)
			fail_msg("%s", rows[i].line);
		t_equal_text(got.foundation, rows[i].foundation);
		assert_int_equal(got.component, rows[i].component);
		assert_int_equal(got.transport, rows[i].transport);
		assert_int_equal(got.tcp_type, rows[i].tcp_type);
		assert_true(got.priority == rows[i].priority);
		t_equal_text(got.host, rows[i].host);
		assert_int_equal(got.port, rows[i].port);
		assert_int_equal(got.type, rows[i].type);
		assert_string_equal(endpoint_string(&got.related, related),
				    rows[i].related);
		t_equal_bytes(got.line, slice_trim(in));
		t_release(in);
	}
}

static void lines_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"1",
		"1 1 UDP 7 192.0.2.10 5",
		"1 1 UDP 7 192.0.2.10 5 typ",
		"1 1 UDP 7 192.0.2.10 5 host",
		"1 0 UDP 7 192.0.2.10 5 typ host",
		"1 257 UDP 7 192.0.2.10 5 typ host",
		"1 x UDP 7 192.0.2.10 5 typ host",
		"1 1 UDP 4294967296 192.0.2.10 5 typ host",
		"1 1 UDP -7 192.0.2.10 5 typ host",
		"1 1 UDP 7 192.0.2.10 65536 typ host",
		"1 1 UDP 7 192.0.2.10 x typ host",
		ID_06 " 1 oKGio6SlpqeoqaqrrK2urw UDP 830 192.0.2.10 50040",
		ID_06 " 1 oKGio6SlpqeoqaqrrK2urw UDP 1.001 192.0.2.10 50040",
		ID_06 " 1 oKGio6SlpqeoqaqrrK2urw SCTP 0.5 192.0.2.10 50040",
		ID_06 " 0 oKGio6SlpqeoqaqrrK2urw UDP 0.5 192.0.2.10 50040",
		ID_06 " 1 oKGio6SlpqeoqaqrrK2urw UDP 0.5 192.0.2.10 5 more",
	};
	struct sdp_candidate got = {.component = 77};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct slice in = t_exact(slice_of_text(bad[i]));

		if (sdp_candidate_parse(in, &got) != STATUS_BAD)
			fail_msg("%s", bad[i]);
		assert_int_equal(got.component, 77);
		t_release(in);
	}
}

static void addresses_and_names_are_told_apart(void **state)
{
	struct sdp_candidate got;

	(void)state;
	assert_int_equal(sdp_candidate_parse(slice_of_text(rows[2].line), &got),
			 STATUS_OK);
	assert_int_equal(got.endpoint.family, FAMILY_IPV6);
	assert_int_equal(got.endpoint.port, 9);
	assert_int_equal(sdp_candidate_parse(slice_of_text(rows[6].line), &got),
			 STATUS_OK);
	assert_int_equal(got.endpoint.family, FAMILY_NONE);
	t_equal_text(got.ufrag, "tLz9");
}

static void the_relay_session_of_teams_is_read(void **state)
{
	struct sdp_candidate got;

	(void)state;
	assert_int_equal(
		sdp_candidate_parse(
			SLICE("1 1 UDP 54001663 203.0.113.20 3480 typ relay "
			      "raddr 10.0.0.5 rport 3480 MTURNID "
			      "72623859790382856"),
			&got),
		STATUS_OK);
	assert_true(got.turn_session == UINT64_C(0x0102030405060708));
}

static void draft_06_carries_a_password(void **state)
{
	struct sdp_candidate got;

	(void)state;
	assert_int_equal(sdp_candidate_parse(slice_of_text(rows[9].line), &got),
			 STATUS_OK);
	t_equal_text(got.password, "oKGio6SlpqeoqaqrrK2urw");
}

static bool same(const struct sdp_candidate *a, const struct sdp_candidate *b)
{
	return a->grammar == b->grammar && a->component == b->component &&
	       a->transport == b->transport && a->tcp_type == b->tcp_type &&
	       a->priority == b->priority && a->port == b->port &&
	       a->type == b->type && a->turn_session == b->turn_session &&
	       slice_equal(a->foundation, b->foundation) &&
	       slice_equal(a->password, b->password) &&
	       slice_equal(a->host, b->host) &&
	       slice_equal(a->ufrag, b->ufrag) &&
	       endpoint_equal(&a->endpoint, &b->endpoint) &&
	       endpoint_equal(&a->related, &b->related);
}

static void what_is_written_reads_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text text = text_new(4096);
		struct sdp_candidate first, again;

		assert_int_equal(
			sdp_candidate_parse(slice_of_text(rows[i].line),
					    &first),
			STATUS_OK);
		sdp_candidate_write(&first, &text);
		assert_int_equal(sdp_candidate_parse(text_slice(&text),
						     &again),
				 STATUS_OK);
		if (!same(&first, &again))
			fail_msg("%s: %.*s", rows[i].line, (int)text.n,
				 text.p);
		text_free(&text);
	}
}

static void our_own_are_written_from_their_endpoint(void **state)
{
	struct sdp_candidate c = {
		.foundation = SLICE("1"),
		.component = 1,
		.transport = CANDIDATE_TCP,
		.tcp_type = TCP_TYPE_PASSIVE,
		.priority = 7,
		.port = 5000,
		.type = CANDIDATE_RELAY,
	};
	struct text text = text_new(4096);

	(void)state;
	assert_int_equal(endpoint_parse(SLICE("2001:db8::1"), 5000,
					&c.endpoint),
			 STATUS_OK);
	assert_int_equal(endpoint_parse(SLICE("192.0.2.1"), 9, &c.related),
			 STATUS_OK);
	sdp_candidate_write(&c, &text);
	t_equal_text(text_slice(&text),
		     "1 1 TCP 7 2001:db8::1 5000 typ relay raddr 192.0.2.1 "
		     "rport 9 tcptype passive");
	c.grammar = GRAMMAR_MS_19;
	text_clear(&text);
	sdp_candidate_write(&c, &text);
	t_equal_text(text_slice(&text),
		     "1 1 TCP-PASS 7 2001:db8::1 5000 typ relay raddr "
		     "192.0.2.1 rport 9");
	text_free(&text);
}

/* What stands behind it makes no difference: nothing there is looked at. */
static void a_prefix_is_read_by_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t whole = strlen(rows[i].line);

		for (size_t n = 0; n < whole; n++) {
			struct slice before = slice_of(rows[i].line, n);
			struct slice in = t_exact(before);
			struct sdp_candidate got = {0}, want = {0};

			assert_int_equal(sdp_candidate_read(in, &got),
					 sdp_candidate_read(before, &want));
			assert_int_equal(got.priority, want.priority);
			assert_int_equal(got.port, want.port);
			assert_int_equal(got.type, want.type);
			assert_true(slice_equal(got.host, want.host));
			t_release(in);
		}
	}
}

static void words_are_those_of_the_documents(void **state)
{
	(void)state;
	assert_string_equal(candidate_type_text(CANDIDATE_SRFLX), "srflx");
	assert_string_equal(candidate_tcp_type_text(TCP_TYPE_PASSIVE),
			    "passive");
	assert_string_equal(candidate_tcp_type_text(TCP_TYPE_NONE), "");
}

static const struct t_case cases[] = {
	{"lines_are_read", lines_are_read},
	{"lines_that_are_none_are_refused", lines_that_are_none_are_refused},
	{"addresses_and_names_are_told_apart",
	 addresses_and_names_are_told_apart},
	{"the_relay_session_of_teams_is_read",
	 the_relay_session_of_teams_is_read},
	{"draft_06_carries_a_password", draft_06_carries_a_password},
	{"what_is_written_reads_the_same", what_is_written_reads_the_same},
	{"our_own_are_written_from_their_endpoint",
	 our_own_are_written_from_their_endpoint},
	{"a_prefix_is_read_by_itself", a_prefix_is_read_by_itself},
	{"words_are_those_of_the_documents",
	 words_are_those_of_the_documents},
};
T_MAIN(cases)
