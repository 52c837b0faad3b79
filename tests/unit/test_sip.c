/* SIP messages: framing, limits and what is read at once (RFC 3261). */
#include "config.h"

#include "tests/support/collected.h"
#include "tests/support/sip_again.h"
#include "tests/support/sip_reading.h"
#include "tests/support/t.h"

/* ---- single things ---- */

#define INVITE                                                               \
	"INVITE sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") CONTACT      \
	"Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n"

static void fields_are_read(void **state)
{
	struct decoded got = decode(SLICE(INVITE), false, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.used, sizeof(INVITE) - 1);
	assert_true(got.m.request);
	assert_int_equal(got.m.method, SIP_INVITE);
	t_equal_text(got.m.method_text, "INVITE");
	t_equal_text(got.m.request_uri, "sip:ben@example.net");
	t_equal_text(got.m.version, "SIP/2.0");
	t_equal_text(got.m.start_line, "INVITE sip:ben@example.net SIP/2.0");
	t_equal_text(got.m.call_id, "x81@h.example.org");
	t_equal_text(got.m.from.display, "Ann");
	t_equal_text(got.m.from.uri, "sip:ann@example.org");
	t_equal_text(got.m.from_tag, "a7");
	t_equal_text(got.m.to.uri, "sip:ben@example.net");
	t_equal_text(got.m.to_tag, "");
	assert_int_equal(got.m.cseq, 4711);
	t_equal_text(got.m.cseq_method, "INVITE");
	t_equal_text(got.m.via.transport, "UDP");
	t_equal_text(got.m.via.host, "h.example.org");
	assert_int_equal(got.m.via.port, 5060);
	t_equal_text(got.m.via.branch, "z9hG4bKq7");
	assert_int_equal(got.m.via_count, 1);
	t_equal_text(got.m.content_type, "application/sdp");
	t_equal_text(got.m.body, "v=0\r\n");
	assert_int_equal(got.m.header_count, 9);
	release(&got);
}

static void a_response_takes_its_method_from_cseq(void **state)
{
	struct decoded got = decode(SLICE("SIP/2.0 183 Session Progress\r\n"
					  RESPONSE CSEQ("PRACK") NONE),
				    false, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_false(got.m.request);
	assert_int_equal(got.m.status, 183);
	t_equal_text(got.m.reason, "Session Progress");
	assert_int_equal(got.m.method, SIP_PRACK);
	t_equal_text(got.m.to_tag, "b9");
	release(&got);
}

#define FOLDED                                                               \
	"INVITE sip:ben@example.net;odd SIP/2.0\r\n"                         \
	"tO :\r\n sip:ben@example.net ;\r\n  tag   = b9\r\n"                 \
	"f  : \"A \\\\\\\"\"    <sip:ann@example.org>\r\n"                    \
	"  ;\ttag =\r\n a7\r\n"                                             \
	"Content-Length   : 5\r\ncseq: 0009\r\n  INVITE\r\n"                 \
	"Via  : SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390q\r\n"      \
	"s :\r\nNew: one \r\n \r\n two\r\n"                                  \
	"v:  SIP  / 2.0  / TCP   h.example.org   ;\r\n"                      \
	"  branch  =   z9hG4bK9 ,\r\n SIP / 2.0 /UDP 192.0.2.9\r\n\r\nhello"

static void folds_become_one_blank(void **state)
{
	struct decoded got = decode(SLICE(FOLDED), false, false);
	const struct sip_header *via = sip_header(&got.m, SIP_VIA);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	t_equal_text(via->value, "SIP  /   2.0 /UDP 192.0.2.2;branch=390q");
	via = sip_header_after(&got.m, via);
	t_equal_text(via->name, "v");
	assert_null(sip_header_after(&got.m, via));
	assert_int_equal(got.m.via_count, 3);
	t_equal_text(got.m.via.host, "192.0.2.2");
	t_equal_text(got.m.to.uri, "sip:ben@example.net");
	t_equal_text(got.m.to_tag, "b9");
	t_equal_text(got.m.from.display, "A \\\\\\\"");
	t_equal_text(got.m.from_tag, "a7");
	assert_int_equal(got.m.cseq, 9);
	t_equal_text(got.m.cseq_method, "INVITE");
	t_equal_text(got.m.body, "hello");
	for (size_t i = 0; i < got.m.header_count; i++)
		if (slice_is(got.m.headers[i].name, "New"))
			t_equal_text(got.m.headers[i].value, "one two");
	release(&got);
}

static void numbers_saturate(void **state)
{
	struct decoded got = decode(
		SLICE("OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA FROM TO
		      CALL HOPS "CSeq: 36893488147419103232 OPTIONS\r\n" NONE),
		false, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_true(got.m.cseq == UINT32_MAX);
	release(&got);
}

static void a_stream_gives_one_message_after_the_other(void **state)
{
	struct slice in = SLICE("\r\n\r\n" INVITE "\r\n" INVITE "SIP/2.0 200");
	struct decoded got = decode(in, true, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.used, 4 + sizeof(INVITE) - 1);
	t_equal_text(got.m.body, "v=0\r\n");
	assert_int_equal(got.findings.count, 0);
	in = slice_from(in, got.used);
	release(&got);
	got = decode(in, true, false);
	assert_int_equal(got.status, STATUS_OK);
	in = slice_from(in, got.used);
	release(&got);
	got = decode(in, true, false);
	assert_int_equal(got.status, STATUS_SHORT);
	release(&got);
}

#define NO_LENGTH                                                            \
	"INVITE sip:ben@example.net SIP/2.0\r\n" HEAD("INVITE") CONTACT      \
	"Content-Type: application/sdp\r\n\r\nv=0\r\nt=0 0\r\n"

static void without_length_a_stream_goes_to_the_next_start(void **state)
{
	struct decoded got = decode(SLICE(NO_LENGTH INVITE), true, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_true(got.m.no_content_length);
	assert_true(found(&got, "exchange/sip-content-length-missing"));
	t_equal_text(got.m.body, "v=0\r\nt=0 0\r\n");
	assert_int_equal(got.used, sizeof(NO_LENGTH) - 1);
	release(&got);
	got = decode(SLICE("ACK sip:ben@example.net SIP/2.0\r\n" HEAD("ACK")
			   "\r\n" INVITE),
		     true, false);
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.m.body.n, 0);
	release(&got);
}

static void a_datagram_needs_no_length(void **state)
{
	struct decoded got = decode(SLICE(NO_LENGTH), false, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_true(got.m.no_content_length);
	assert_int_equal(got.findings.count, 0);
	t_equal_text(got.m.body, "v=0\r\nt=0 0\r\n");
	release(&got);
}

static void surplus_is_no_body(void **state)
{
	struct decoded got = decode(SLICE(INVITE "more"), false, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.used, sizeof(INVITE) - 1);
	t_equal_text(got.m.body, "v=0\r\n");
	t_equal_text(got.m.surplus, "more");
	assert_true(found(&got, "exchange/sip-surplus"));
	release(&got);
}

static void a_length_that_ends_within_a_line_cuts_the_body(void **state)
{
	static const struct {
		const char *behind;
		bool cut;
	} after[] = {
		{"4 0\r\n", true},
		{"", false},
		{"\r\nm=audio 4 RTP/AVP 0\r\n", false},
		{"\n", false},
		{"OPTIONS sip:ben@example.net SIP/2.0\r\n", false},
	};
	static const char head[] = "MESSAGE sip:ben@example.net SIP/2.0\r\n"
				   "l: 8\r\n\r\nv=0\r\nt=0";

	(void)state;
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		char text[256];
		int n = snprintf(text, sizeof(text), "%s%s", head,
				 after[i].behind);
		struct decoded got =
			decode(slice_of(text, (size_t)n), false, false);

		assert_int_equal(got.status, STATUS_OK);
		t_equal_text(got.m.body, "v=0\r\nt=0");
		assert_int_equal(got.m.body_cut, after[i].cut);
		release(&got);
	}
}

static void what_the_capture_cut_is_no_fault_of_the_sender(void **state)
{
	const struct slice in = SLICE(INVITE);
	struct decoded got = decode(slice_first(in, in.n - 2), false, true);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_true(got.m.body_cut);
	assert_int_equal(got.findings.count, 0);
	release(&got);
	/* In the first header: the start line is there, and no header. */
	got = decode(slice_first(in, 50), false, true);
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.m.header_count, 0);
	assert_int_equal(got.findings.count, 0);
	release(&got);
	got = decode(slice_first(in, 30), false, true);
	assert_int_equal(got.status, STATUS_SHORT);
	release(&got);
}

static void a_cut_header_is_not_taken_for_a_whole_one(void **state)
{
	const struct slice in =
		SLICE("OPTIONS sip:ben@example.net SIP/2.0\r\n" VIA
		      "Call-ID: x81@h.exam");
	struct decoded got = decode(in, false, true);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.m.call_id.n, 0);
	release(&got);
	got = decode(in, false, false);
	t_equal_text(got.m.call_id, "x81@h.exam");
	release(&got);
}

/* ---- limits ---- */

static struct slice repeat(const char *head, const char *line, size_t times,
			   const char *tail)
{
	size_t n = strlen(line), at = strlen(head);
	char *p = malloc(at + n * times + strlen(tail));

	assert_non_null(p);
	memcpy(p, head, at);
	for (size_t i = 0; i < times; i++, at += n)
		memcpy(p + at, line, n);
	memcpy(p + at, tail, strlen(tail));
	return slice_of(p, at + strlen(tail));
}

static void headers_past_the_limit_are_not_kept(void **state)
{
	struct slice in = repeat("OPTIONS sip:ben@example.net SIP/2.0\r\n",
				 "Other: y\r\n", 2000,
				 HEAD("OPTIONS") "Content-Length: 0\r\n\r\n");
	struct decoded got = decode(in, false, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	assert_int_equal(got.m.header_count, SIP_HEADERS_MAX);
	assert_int_equal(got.findings.count, 1);
	assert_true(found(&got, "capture/limit-sip-headers"));
	t_equal_text(got.m.call_id, "x81@h.example.org");
	release(&got);
	t_release(in);
}

static void a_stream_without_end_of_headers_is_given_up(void **state)
{
	struct slice in = repeat("OPTIONS sip:ben@example.net SIP/2.0\r\n",
				 "Other: y\r\n", 11000, "");
	struct decoded got = decode(in, true, false);

	(void)state;
	assert_int_equal(got.status, STATUS_LIMIT);
	release(&got);
	got = decode(slice_first(in, SIP_HEADER_BLOCK_MAX), true, false);
	assert_int_equal(got.status, STATUS_SHORT);
	release(&got);
	t_release(in);
	in = repeat("OPTIONS sip:", "b", 70000, "");
	got = decode(in, true, false);
	assert_int_equal(got.status, STATUS_LIMIT);
	release(&got);
	t_release(in);
}

static void a_stream_with_a_huge_length_is_given_up(void **state)
{
	struct decoded got =
		decode(SLICE("OPTIONS sip:ben@example.net SIP/2.0\r\n"
			     HEAD("OPTIONS") "Content-Length: 999999999\r\n"
			     "\r\n"),
		       true, false);

	(void)state;
	assert_int_equal(got.status, STATUS_LIMIT);
	release(&got);
}

static void lines_without_lf_cost_no_more(void **state)
{
	/* A quarter of a million lines; square, this would take minutes. */
	struct slice in = repeat("OPTIONS sip:ben@example.net SIP/2.0\r",
				 "a:\r", 262144, "\r");
	struct decoded got = decode(in, false, false);

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	release(&got);
	t_release(in);
}

/* ---- recognition ---- */

static void streams_are_claimed_by_their_beginnings(void **state)
{
	static const struct {
		const char *text;
		enum claim claim;
	} claims[] = {
		{"", CLAIM_MAYBE},
		{"\r\n", CLAIM_MAYBE},
		{"S", CLAIM_MAYBE},
		{"SIP/2", CLAIM_MAYBE},
		{"SIP/2.0", CLAIM_MAYBE},
		{"SIP/2.0 2", CLAIM_MAYBE},
		{"SIP/2.0x", CLAIM_NO},
		{"SIP/2.0 200 OK\r", CLAIM_MAYBE},
		{"SIP/2.0 200 OK\r\n", CLAIM_SURE},
		{"INV", CLAIM_MAYBE},
		{"INVITE sip:b", CLAIM_MAYBE},
		{"INVITE\tsip:b", CLAIM_NO},
		{"GET / HTTP/1.1\r\n", CLAIM_NO},
		{"\x16\x03\x01", CLAIM_NO},
		{" INVITE", CLAIM_NO},
		{"\r\n\r\nINVITE sip:b SIP/2.0\n", CLAIM_SURE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
		struct slice in = t_exact(slice_of_text(claims[i].text));

		if (sip_claims(in, true) != claims[i].claim)
			fail_msg("\"%s\"", claims[i].text);
		t_release(in);
	}
	assert_int_equal(sip_claims(SLICE("\r\n"), false), CLAIM_NO);
	assert_int_equal(sip_claims(SLICE("INVITE sip:b"), false), CLAIM_NO);
}

static void keep_alives_are_blank(void **state)
{
	(void)state;
	assert_true(sip_is_keepalive(SLICE("\r\n\r\n")));
	assert_true(sip_is_keepalive(SLICE("\0\0\0\0")));
	assert_true(sip_is_keepalive(SLICE("     ")));
	assert_false(sip_is_keepalive(SLICE("hello")));
	assert_false(sip_is_keepalive(SLICE("")));
}

static void a_start_is_found_behind_lost_bytes(void **state)
{
	struct slice in = SLICE("=0 0\r\nINVITE is no start\r\n" INVITE);
	size_t at = 0;

	(void)state;
	assert_true(sip_find_start(in, &at));
	assert_int_equal(at, 26);
	assert_false(sip_find_start(SLICE("a\r\nb\r\n"), &at));
	/* A line that has not ended yet is none. */
	assert_false(sip_find_start(SLICE("a\r\nINVITE sip:b SIP/2.0"), &at));
}

/* ---- fields ---- */

struct heard {
	char text[4096];
	size_t n;
	int depth;
};

static void listen(void *context, const struct field *f)
{
	struct heard *h = context;

	if (f->kind == FIELD_GROUP)
		h->depth++;
	if (f->kind == FIELD_END) {
		h->depth--;
		return;
	}
	assert_true(h->depth >= 0);
	h->n += (size_t)snprintf(h->text + h->n, sizeof(h->text) - h->n,
				 "%s=%s%.*s\n", f->name,
				 f->secret ? "(secret)" : "",
				 f->kind == FIELD_TEXT ? (int)f->text.n : 0,
				 (const char *)f->text.p);
	assert_true(h->n < sizeof(h->text));
}

static void credentials_are_secret_fields(void **state)
{
	struct decoded got = decode(
		SLICE("REGISTER sip:ann:hush@example.net SIP/2.0\r\n"
		      HEAD("REGISTER")
		      "Authorization: Digest username=\"ann\", realm=\"r\", "
		      "response=\"hush\", auts=\"hush\"\r\n"
		      "Proxy-Authorization: NTLM qop=\"auth\", "
		      "gssapi-data=\"hush\", crand=\"c1\"\r\n"
		      "Authorization: Bearer hush\r\n"
		      "Authentication-Info: nextnonce=\"n2\", rspauth=\"hush\""
		      "\r\nContact: <sip:ann:hush@h.example.org>\r\nXyz: y\r\n"
		      "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\n"
		      "hush"),
		false, false);
	struct heard heard = {.n = 0};
	struct field_sink sink = {&heard, listen};
	const char *at;

	(void)state;
	assert_int_equal(got.status, STATUS_OK);
	sip_walk(&got.m, &sink);
	assert_int_equal(heard.depth, 0);
	assert_non_null(strstr(heard.text, "response=(secret)hush\n"));
	assert_non_null(strstr(heard.text, "scheme=NTLM\n"));
	assert_non_null(strstr(heard.text, "nextnonce=n2\n"));
	assert_non_null(strstr(heard.text, "call-id=x81@h.example.org\n"));
	assert_non_null(strstr(heard.text, "name=Xyz\nvalue=y\n"));
	for (at = heard.text; (at = strstr(at, "hush")) != NULL; at++) {
		const char *line = at;

		while (line > heard.text && line[-1] != '\n')
			line--;
		assert_non_null(strstr(line, "=(secret)"));
		assert_true(strstr(line, "=(secret)") < at);
	}
	release(&got);
}

/* ---- what others collected ---- */

static size_t decoded_files;

static void try_file(const char *path, struct slice in)
{
	struct decoded got = decode(in, false, false);
	size_t step = in.n / 200 + 1;

	if (got.status == STATUS_OK) {
		decoded_files++;
		if (!sip_again(&got.m))
			fail_msg("%s is not written as it was read", path);
	}
	release(&got);
	got = decode(in, true, false);
	release(&got);
	for (size_t n = 0; n < in.n; n += step) {
		struct slice part = t_exact(slice_first(in, n));

		for (int mode = 0; mode < 3; mode++) {
			got = decode(part, mode == 1, mode == 2);
			release(&got);
		}
		t_release(part);
	}
}

static void collected_messages_decode(void **state)
{
	static const char *const suffixes[] = {".sip", ".dat", ".txt", ".bin"};
	size_t files = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		files += collected_each(suffixes[i], try_file);
	if (files == 0)
		skip();
	assert_true(decoded_files > 200);
}

static const struct t_case cases[] = {
	{"fields_are_read", fields_are_read},
	{"a_response_takes_its_method_from_cseq",
	 a_response_takes_its_method_from_cseq},
	{"folds_become_one_blank", folds_become_one_blank},
	{"numbers_saturate", numbers_saturate},
	{"a_stream_gives_one_message_after_the_other",
	 a_stream_gives_one_message_after_the_other},
	{"without_length_a_stream_goes_to_the_next_start",
	 without_length_a_stream_goes_to_the_next_start},
	{"a_datagram_needs_no_length", a_datagram_needs_no_length},
	{"surplus_is_no_body", surplus_is_no_body},
	{"a_length_that_ends_within_a_line_cuts_the_body",
	 a_length_that_ends_within_a_line_cuts_the_body},
	{"what_the_capture_cut_is_no_fault_of_the_sender",
	 what_the_capture_cut_is_no_fault_of_the_sender},
	{"a_cut_header_is_not_taken_for_a_whole_one",
	 a_cut_header_is_not_taken_for_a_whole_one},
	{"headers_past_the_limit_are_not_kept",
	 headers_past_the_limit_are_not_kept},
	{"a_stream_without_end_of_headers_is_given_up",
	 a_stream_without_end_of_headers_is_given_up},
	{"a_stream_with_a_huge_length_is_given_up",
	 a_stream_with_a_huge_length_is_given_up},
	{"lines_without_lf_cost_no_more", lines_without_lf_cost_no_more},
	{"streams_are_claimed_by_their_beginnings",
	 streams_are_claimed_by_their_beginnings},
	{"keep_alives_are_blank", keep_alives_are_blank},
	{"a_start_is_found_behind_lost_bytes",
	 a_start_is_found_behind_lost_bytes},
	{"credentials_are_secret_fields", credentials_are_secret_fields},
	{"collected_messages_decode", collected_messages_decode},
};
T_MAIN(cases)
