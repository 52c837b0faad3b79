/* Bodies of SIP messages: MIME in all the ways it is met (RFC 2046 5.1). */
#include "config.h"

#include "core/text.h"
#include "tests/support/sip_reading.h"
#include "tests/support/t.h"

/* A message with this type and body, and its parts. */
struct opened {
	struct decoded message;
	struct sip_body bodies[SIP_BODIES_MAX];
	size_t count;
	char *text;
};

static struct opened open_body(const char *type, struct slice body)
{
	struct opened got = {.count = 0};
	char head[512];
	int n = snprintf(head, sizeof(head),
			 "MESSAGE sip:ben@example.net SIP/2.0\r\n" HEAD(
				 "MESSAGE") "Content-Type: %s\r\n\r\n",
			 type);

	assert_true(n > 0 && (size_t)n < sizeof(head));
	got.text = malloc((size_t)n + body.n);
	assert_non_null(got.text);
	memcpy(got.text, head, (size_t)n);
	if (body.n)
		memcpy(got.text + n, body.p, body.n);
	got.message = decode(slice_of(got.text, (size_t)n + body.n), false,
			     false);
	assert_int_equal(got.message.status, STATUS_OK);
	got.count = sip_bodies(&got.message.m, got.bodies, SIP_BODIES_MAX);
	return got;
}

static void shut(struct opened *got)
{
	release(&got->message);
	free(got->text);
}

/* One row: what comes out is "type:bytes|type:bytes|". */
static const struct {
	const char *name, *type, *body, *parts;
} rows[] = {
	{"a plain body is one part", "Application/SDP;charset=x", "v=0\r\n",
	 "Application/SDP:v=0\r\n|"},
	{"an empty body is no part", "application/sdp", "", ""},
	{"two parts", "multipart/mixed;boundary=b1",
	 "--b1\r\nContent-Type: a/x\r\n\r\none\r\n--b1\r\nc: a/y\r\n\r\n"
	 "two\r\n--b1--\r\n",
	 "a/x:one|a/y:two|"},
	{"preamble and epilogue are none", "multipart/mixed;boundary=b1",
	 "hello\r\n--b1\r\nContent-Type: a/x\r\n\r\none\r\n--b1--\r\nbye",
	 "a/x:one|"},
	{"a quoted boundary with blanks and a semicolon",
	 "multipart/mixed; boundary=\"b 1;x\" ;start=y",
	 "--b 1;x\r\nContent-Type: a/x\r\n\r\none\r\n--b 1;x--\r\n",
	 "a/x:one|"},
	{"no closing delimiter", "multipart/mixed;boundary=b1",
	 "--b1\r\nContent-Type: a/x\r\n\r\none\r\n--b1\r\n"
	 "Content-Type: a/y\r\n\r\ntwo\r\n",
	 "a/x:one|a/y:two\r\n|"},
	{"a part without headers is text", "multipart/mixed;boundary=b1",
	 "--b1\r\n\r\none\r\n--b1--", "text/plain:one|"},
	{"blanks behind a delimiter", "multipart/mixed;boundary=b1",
	 "--b1 \t\r\nContent-Type: a/x\r\n\r\none\r\n--b1-- \r\n", "a/x:one|"},
	{"a longer boundary is another", "multipart/mixed;boundary=b1",
	 "--b1\r\nContent-Type: a/x\r\n\r\none\r\n--b12\r\nx\r\n--b1--\r\n",
	 "a/x:one\r\n--b12\r\nx|"},
	{"LF alone", "multipart/mixed;boundary=b1",
	 "--b1\nContent-Type: a/x\n\none\n--b1--\n", "a/x:one|"},
	{"a folded header", "multipart/mixed;boundary=b1",
	 "--b1\r\nContent-Type: a/x;\r\n y=z\r\n\r\none\r\n--b1--\r\n",
	 "a/x:one|"},
	{"nested, depth first", "multipart/mixed;boundary=b1",
	 "--b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n"
	 "--b2\r\nContent-Type: a/x\r\n\r\none\r\n--b2\r\n"
	 "Content-Type: a/y\r\n\r\ntwo\r\n--b2--\r\n"
	 "--b1\r\nContent-Type: a/z\r\n\r\nthree\r\n--b1--\r\n",
	 "a/x:one|a/y:two|a/z:three|"},
	{"nested without closing delimiter", "multipart/mixed;boundary=b1",
	 "--b1\r\nContent-Type: multipart/alternative; boundary=b2\r\n\r\n"
	 "--b2\r\nContent-Type: a/x\r\n\r\none\r\n--b1\r\n"
	 "Content-Type: a/z\r\n\r\nthree\r\n--b1--\r\n",
	 "a/x:one|a/z:three|"},
	{"an empty part is kept", "multipart/mixed;boundary=b1",
	 "--b1\r\nContent-Type: a/x\r\n\r\n\r\n--b1--\r\n", "a/x:|"},
	{"no boundary leaves it whole", "multipart/mixed", "--b1\r\n\r\none",
	 "multipart/mixed:--b1\r\n\r\none|"},
	{"no delimiter leaves it whole", "multipart/mixed;boundary=b1", "one",
	 "multipart/mixed:one|"},
};

static void rows_give_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct opened got =
			open_body(rows[i].type, slice_of_text(rows[i].body));
		char text[1024] = "";
		size_t n = 0;

		for (size_t k = 0; k < got.count; k++)
			n += (size_t)snprintf(
				text + n, sizeof(text) - n, "%.*s:%.*s|",
				(int)got.bodies[k].type.n,
				(const char *)got.bodies[k].type.p,
				(int)got.bodies[k].bytes.n,
				(const char *)got.bodies[k].bytes.p);
		if (strcmp(text, rows[i].parts) != 0)
			fail_msg("%s: %s", rows[i].name, text);
		shut(&got);
	}
}

/* As old Microsoft clients send it: two descriptions in one body. */
static void parts_have_their_headers(void **state)
{
	struct opened got = open_body(
		"multipart/alternative;boundary=\"----=_NextPart_000\"",
		SLICE("------=_NextPart_000\r\n"
		      "Content-Type: application/sdp\r\n"
		      "Content-Transfer-Encoding: 7bit\r\n"
		      "Content-ID: <f@example.com>\r\n"
		      "Content-Disposition: session; handling=optional; "
		      "ms-proxy-2007fallback\r\n\r\nm=audio 0 RTP/AVP\r\n\r\n"
		      "------=_NextPart_000\r\n"
		      "Content-Type: application/sdp; charset=utf-8\r\n"
		      "Content-Encoding: gzip\r\n"
		      "Content-Disposition: session; handling=optional\r\n"
		      "\r\nv=0\r\n\r\n------=_NextPart_000--\r\n"));

	(void)state;
	assert_int_equal(got.count, 2);
	t_equal_text(got.bodies[0].disposition,
		     "session; handling=optional; ms-proxy-2007fallback");
	t_equal_text(got.bodies[0].content_id, "<f@example.com>");
	t_equal_text(got.bodies[0].transfer_encoding, "7bit");
	t_equal_text(got.bodies[0].encoding, "");
	t_equal_text(got.bodies[0].bytes, "m=audio 0 RTP/AVP\r\n");
	assert_int_equal(got.bodies[0].depth, 1);
	t_equal_text(got.bodies[1].params, "; charset=utf-8");
	t_equal_text(got.bodies[1].encoding, "gzip");
	assert_int_equal(got.message.findings.count, 0);
	shut(&got);
}

static void a_plain_body_has_the_headers_of_the_message(void **state)
{
	struct decoded got = decode(
		SLICE("MESSAGE sip:ben@example.net SIP/2.0\r\n" HEAD("MESSAGE")
		      "c: a/x ;y=z\r\ne: gzip\r\nContent-ID: <1@h>\r\n"
		      "Content-Disposition: render\r\n\r\nhi"),
		false, false);
	struct sip_body body;

	(void)state;
	assert_int_equal(sip_bodies(&got.m, &body, 1), 1);
	t_equal_text(body.type, "a/x");
	t_equal_text(body.params, ";y=z");
	t_equal_text(body.encoding, "gzip");
	t_equal_text(body.content_id, "<1@h>");
	t_equal_text(body.disposition, "render");
	assert_int_equal(body.depth, 0);
	release(&got);
}

static void nesting_stops_at_its_limit(void **state)
{
	struct text text = text_new(65536);
	struct opened got;

	(void)state;
	for (unsigned i = 0; i < 3 * NESTING_MAX; i++)
		text_printf(&text,
			    "--b%u\r\nContent-Type: multipart/mixed;"
			    "boundary=b%u\r\n\r\n",
			    i, i + 1);
	text_puts(&text, "end");
	got = open_body("multipart/mixed;boundary=b0", text_slice(&text));
	assert_int_equal(got.count, 1);
	assert_int_equal(got.bodies[0].depth, NESTING_MAX);
	shut(&got);
	text_free(&text);
}

static void parts_stop_at_the_room_given(void **state)
{
	struct text text = text_new(65536);
	struct opened got;

	(void)state;
	for (unsigned i = 0; i < 2 * SIP_BODIES_MAX; i++)
		text_puts(&text, "--b0\r\n\r\nx\r\n");
	got = open_body("multipart/mixed;boundary=b0", text_slice(&text));
	assert_int_equal(got.count, SIP_BODIES_MAX);
	assert_int_equal(sip_bodies(&got.message.m, got.bodies, 0), 0);
	shut(&got);
	text_free(&text);
}

static void no_prefix_of_a_body_crashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t whole = strlen(rows[i].body);

		for (size_t n = 0; n < whole; n++) {
			struct slice part =
				t_exact(slice_of(rows[i].body, n));
			struct opened got = open_body(rows[i].type, part);

			assert_true(n == 0 ? got.count == 0 : got.count <= 4);
			shut(&got);
			t_release(part);
		}
	}
}

static const struct t_case cases[] = {
	{"rows_give_parts", rows_give_parts},
	{"parts_have_their_headers", parts_have_their_headers},
	{"a_plain_body_has_the_headers_of_the_message",
	 a_plain_body_has_the_headers_of_the_message},
	{"nesting_stops_at_its_limit", nesting_stops_at_its_limit},
	{"parts_stop_at_the_room_given", parts_stop_at_the_room_given},
	{"no_prefix_of_a_body_crashes", no_prefix_of_a_body_crashes},
};
T_MAIN(cases)
