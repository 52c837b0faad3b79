/* Descriptions in JSON over WebSocket, and the checks that follow. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/heard.h"
#include "tests/support/t.h"
#include "tests/support/wire.h"

#define ASKS                                                    \
	"GET /janus HTTP/1.1\r\nHost: example.org\r\nUpgrade: " \
	"websocket\r\n\r\n"
#define AGREES "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

#define SDP(ufrag, candidate)                                            \
	"v=0\\r\\no=- 1 2 IN IP4 0.0.0.0\\r\\ns=-\\r\\nt=0 0\\r\\n"      \
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 0.0.0.0\\r\\n"    \
	"a=rtpmap:111 opus/48000/2\\r\\na=mid:0\\r\\na=ice-ufrag:" ufrag \
	"\\r\\na=ice-pwd:" ufrag "pppppppppppppppppppppp\\r\\n" candidate
#define OFFER                                                                 \
	"{\"janus\":\"message\",\"jsep\":{\"type\":\"offer\",\"sdp\":\"" SDP( \
		"ua", "") "\"}}"
#define TRICKLED                                                    \
	"{\"janus\":\"trickle\",\"candidate\":{\"candidate\":"      \
	"\"candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host\"," \
	"\"sdpMid\":\"0\"}}"
#define ANSWER                                                                 \
	"{\"janus\":\"event\",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" SDP(   \
		"ub", "a=candidate:1 1 udp 2130706431 192.0.2.3 6000 typ host" \
		      "\\r\\n") "\"}}"

/* One frame, not masked: nobody asks for that. */
static void say(struct wire *w, struct wire_tcp *c, unsigned side,
		const char *json)
{
	struct slice inner = slice_of_text(json);
	struct text framed = text_new(65536);

	text_putc(&framed, '\x81');
	text_putc(&framed, '\x7E');
	text_putc(&framed, (char)(inner.n >> 8));
	text_putc(&framed, (char)(inner.n & 255));
	text_put(&framed, inner);
	wire_tcp(w, c, side, text_slice(&framed));
	text_free(&framed);
}

static struct wire_tcp begin(struct wire *w)
{
	struct wire_tcp c = {.ends = {"1:40000", "2:8188"},
			     .next = {1000, 2000}};

	wire_open(w);
	wire_tcp_syn(w, &c);
	wire_tcp(w, &c, 0, SLICE(ASKS));
	wire_tcp(w, &c, 1, SLICE(AGREES));
	return c;
}

/* Alice's check to bob, and his answer; by his password. */
static void check_as(struct wire *w, const struct wire_login *bob, uint8_t id,
		     const char *from, const char *to)
{
	wire_stun(w, from, to,
		  &(struct wire_stun){.type = 0x0001,
				      .id = id,
				      .login = bob,
				      .controlling = true,
				      .nominates = true,
				      .priority = 99,
				      .fingerprint = true});
	wire_stun(w, to, from,
		  &(struct wire_stun){.type = 0x0101,
				      .id = id,
				      .login = bob,
				      .mapped = from,
				      .fingerprint = true});
}

static const struct wire_login bob_of_first =
	WIRE_LOGIN("ub:ua", "", "ubpppppppppppppppppppppp");
static const struct wire_login bob_of_more =
	WIRE_LOGIN("vb:va", "", "vbpppppppppppppppppppppp");

static void check(struct wire *w)
{
	check_as(w, &bob_of_first, 1, "1:5000", "3:6000");
}

static void checks_have_their_descriptions(void **state)
{
	struct model model;
	struct wire w;
	struct wire_tcp c = begin(&w);
	const struct candidate *k;
	const struct call *call;
	char *calls;

	(void)state;
	say(&w, &c, 0, OFFER);
	say(&w, &c, 0, TRICKLED);
	say(&w, &c, 1, ANSWER);
	/* Somebody hands it on. */
	say(&w, &c, 1, OFFER);
	check(&w);
	calls = heard_calls(&w);
	assert_string_equal(calls, "ice established - - ?-OOO\n");
	free(calls);
	heard_model(&w, NULL, &model);
	assert_int_equal(model.told.count, 2);
	assert_int_equal(model.calls.count, 1);
	call = list_at(&model.calls, 0);
	assert_int_equal(call->candidates.count, 2);
	for (size_t i = 0; i < 2; i++) {
		k = list_at(&model.candidates, call->candidates.list[i]);
		assert_int_equal(k->side, i ? SIDE_ANSWER : SIDE_OFFER);
		assert_int_equal(k->type, 1);
		assert_false(k->learned);
	}
	/* What it says of keys is used. */
	assert_int_equal(
		((struct pair *)list_at(&model.pairs, 0))->integrity.verified,
		2);
	model_free(&model);
	wire_close(&w);
}

#define MORE(ufrag)                                                  \
	"m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\nc=IN IP4 0.0.0.0\\r\\n" \
	"a=mid:1\\r\\na=ice-ufrag:" ufrag "\\r\\na=ice-pwd:" ufrag   \
	"pppppppppppppppppppppp\\r\\n"
#define OFFER_OF_BOTH \
	"{\"type\":\"offer\",\"sdp\":\"" SDP("ua", "") MORE("va") "\"}"
#define ANSWER_TO_BOTH \
	"{\"type\":\"answer\",\"sdp\":\"" SDP("ub", "") MORE("vb") "\"}"

/* The same hosts have checks with other names behind it: they belong to what
 * was told with these names, else to a call of their own. */
static void what_was_told_is_kept_apart(void **state)
{
	static const struct {
		const char *offer, *answer, *calls;
	} rows[] = {
		{OFFER_OF_BOTH, ANSWER_TO_BOTH, "ice established - - ???OO\n"},
		{OFFER, ANSWER,
		 "ice established - - ??OOO\nice established - - ????O\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w;
		struct wire_tcp c = begin(&w);
		char *calls;

		say(&w, &c, 0, rows[i].offer);
		say(&w, &c, 1, rows[i].answer);
		check(&w);
		check_as(&w, &bob_of_more, 2, "1:5002", "3:6002");
		calls = heard_calls(&w);
		assert_string_equal(calls, rows[i].calls);
		free(calls);
		wire_close(&w);
	}
}

static void half_of_them_is_said_so(void **state)
{
	static const char *const sides[] = {OFFER, ANSWER};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct wire w;
		struct wire_tcp c = begin(&w);
		char *calls;

		say(&w, &c, i, sides[i]);
		check(&w);
		calls = heard_calls(&w);
		/* The answer names a candidate, so that was gathered. */
		assert_string_equal(calls, i ? "ice established - - ??OIO\n"
					     : "ice established - - ???IO\n");
		free(calls);
		wire_close(&w);
	}
}

/* An offer makes a call, which nothing else is seen of; an answer that nobody
 * asked for makes none. */
static void an_offer_is_a_call(void **state)
{
	static const struct {
		const char *first, *then, *want;
	} rows[] = {
		{OFFER, ANSWER, "ice unknown - - ??OO?\n"},
		{OFFER, NULL, "ice in-progress exchange - ???I?\n"},
		{NULL, ANSWER, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire w;
		struct wire_tcp c = begin(&w);
		char *calls;

		if (rows[i].first)
			say(&w, &c, 0, rows[i].first);
		if (rows[i].then)
			say(&w, &c, 1, rows[i].then);
		calls = heard_calls(&w);
		assert_string_equal(calls, rows[i].want);
		free(calls);
		wire_close(&w);
	}
}

/* Over a server both pass it twice: the answer comes back to the server from
 * another host than offered there. */
static void a_server_hands_both_on(void **state)
{
	static const char *const sides[] = {OFFER, ANSWER};
	struct wire w;
	struct wire_tcp c = begin(&w);
	struct wire_tcp b = {.ends = {"3:40000", "2:8188"},
			     .next = {5000, 6000}};
	char *calls;

	(void)state;
	wire_tcp_syn(&w, &b);
	wire_tcp(&w, &b, 0, SLICE(ASKS));
	wire_tcp(&w, &b, 1, SLICE(AGREES));
	for (unsigned i = 0; i < 2; i++) {
		say(&w, i ? &b : &c, 0, sides[i]);
		say(&w, i ? &c : &b, 1, sides[i]);
	}
	calls = heard_calls(&w);
	assert_string_equal(calls, "ice unknown - - ??OO?\n");
	free(calls);
	wire_close(&w);
}

/* A relay that its host asked in vain is why. */
static void a_failed_relay_belongs_to_the_offer(void **state)
{
	struct wire w;
	struct wire_tcp c = begin(&w);
	char *calls;

	(void)state;
	say(&w, &c, 0, OFFER);
	for (unsigned i = 0; i < 4; i++)
		wire_stun(&w, "1:5004", "4:3478",
			  &(struct wire_stun){.type = 0x0003, .id = 9});
	calls = heard_calls(&w);
	assert_string_equal(
		calls,
		"ice failed gathering gathering/allocate-unanswered ??FI?\n");
	free(calls);
	wire_close(&w);
}

/* ---- over HTTP ---- */

/* As it stands in HTTP, and in C. */
#define PLAIN(ufrag, candidate)                                      \
	"v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"          \
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\n"    \
	"a=rtpmap:111 opus/48000/2\r\na=mid:0\r\na=ice-ufrag:" ufrag \
	"\r\na=ice-pwd:" ufrag "pppppppppppppppppppppp\r\n" candidate
#define BOBS "a=candidate:1 1 udp 2130706431 192.0.2.3 6000 typ host\r\n"
#define FRAGMENT                                                       \
	"a=ice-ufrag:ua\r\na=ice-pwd:uapppppppppppppppppppppp\r\n"     \
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=candidate:1 " \
	"1 udp 2130706431 192.0.2.1 5000 typ host\r\n"

#define PIECE 300u /* bytes of a segment */

static void put(struct wire *w, struct wire_tcp *c, unsigned side,
		struct slice bytes)
{
	for (size_t at = 0; at < bytes.n; at += PIECE)
		wire_tcp(w, c, side,
			 slice_first(slice_from(bytes, at),
				     bytes.n - at < PIECE ? bytes.n - at
							  : PIECE));
}

enum http_length { BY_LENGTH, BY_CHUNKS, BY_END };

static void http(struct wire *w, struct wire_tcp *c, unsigned side,
		 const char *start, const char *type, const char *body,
		 enum http_length how)
{
	size_t n = strlen(body), half = n / 2;
	struct text to = text_new(65536);

	text_printf(&to, "%s\r\nContent-Type: %s\r\n", start, type);
	if (how == BY_LENGTH)
		text_printf(&to, "Content-Length: %zu\r\n\r\n%s", n, body);
	else if (how == BY_CHUNKS)
		text_printf(&to,
			    "Transfer-Encoding: chunked\r\n\r\n%zx;x=y\r\n"
			    "%.*s\r\n%zX\r\n%s\r\n0\r\nX: y\r\n\r\n",
			    half, (int)half, body, n - half, body + half);
	else
		text_printf(&to, "\r\n%s", body);
	put(w, c, side, text_slice(&to));
	text_free(&to);
}

static struct wire_tcp connect_http(struct wire *w, const char *client)
{
	struct wire_tcp c = {.ends = {client, "2:8080"}, .next = {1000, 2000}};

	wire_tcp_syn(w, &c);
	return c;
}

/* Both descriptions and the candidates of both come to one call. */
static void assert_signalled(struct wire *w)
{
	const struct candidate *k;
	const struct call *call;
	struct model model;
	char *calls;

	check(w);
	calls = heard_calls(w);
	assert_string_equal(calls, "ice established - - ?-OOO\n");
	free(calls);
	heard_model(w, NULL, &model);
	assert_int_equal(model.told.count, 2);
	call = list_at(&model.calls, 0);
	assert_int_equal(call->candidates.count, 2);
	for (size_t i = 0; i < 2; i++) {
		k = list_at(&model.candidates, call->candidates.list[i]);
		assert_int_equal(k->side, i ? SIDE_ANSWER : SIDE_OFFER);
		assert_false(k->learned);
	}
	model_free(&model);
}

#define PAGE "<html>GET / HTTP/1.1</html>"

/* RFC 9725 4.2 and 4.3.2, behind what is of no interest. */
static void whip_posts_sdp(void **state)
{
	static const enum http_length ways[] = {BY_LENGTH, BY_CHUNKS};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct wire_tcp c;
		struct wire w;

		wire_open(&w);
		c = connect_http(&w, "1:40000");
		put(&w, &c, 0, SLICE("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
		http(&w, &c, 1, "HTTP/1.1 200 OK", "text/html", PAGE, ways[i]);
		put(&w, &c, 0, SLICE("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"));
		put(&w, &c, 1,
		    SLICE("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
			  "Content-Length: 5000\r\n\r\n"));
		http(&w, &c, 0, "POST /whip/room HTTP/1.1", "application/sdp",
		     PLAIN("ua", ""), ways[i]);
		put(&w, &c, 1, SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
		http(&w, &c, 1, "HTTP/1.1 201 Created",
		     "application/sdp; charset=utf-8", PLAIN("ub", BOBS),
		     ways[i]);
		http(&w, &c, 0, "PATCH /whip/room/1 HTTP/1.1",
		     "application/trickle-ice-sdpfrag", FRAGMENT, ways[i]);
		put(&w, &c, 1, SLICE("HTTP/1.1 204 No Content\r\n\r\n"));
		assert_signalled(&w);
		wire_close(&w);
	}
}

/* Each over a connection of its own; the answer ends with it. */
static void json_is_posted_and_fetched(void **state)
{
	struct wire_tcp c;
	struct wire w;

	(void)state;
	wire_open(&w);
	c = connect_http(&w, "1:40000");
	http(&w, &c, 0, "POST /janus/1/2 HTTP/1.1", "application/json", OFFER,
	     BY_LENGTH);
	http(&w, &c, 1, "HTTP/1.1 200 OK", "application/json",
	     "{\"janus\":\"ack\"}", BY_LENGTH);
	c = connect_http(&w, "1:40001");
	http(&w, &c, 0, "POST /janus/1/2 HTTP/1.1",
	     "application/json;charset=utf-8", TRICKLED, BY_LENGTH);
	c = connect_http(&w, "1:40002");
	put(&w, &c, 0, SLICE("GET /janus/1?maxev=1 HTTP/1.1\r\n\r\n"));
	http(&w, &c, 1, "HTTP/1.0 200 OK", "application/json", ANSWER, BY_END);
	wire_tcp_reset(&w, &c, 1);
	assert_signalled(&w);
	wire_close(&w);
}

static void invite(struct wire *w, struct wire_tcp *c)
{
	struct text to = text_new(4096);

	wire_sip_text(&to,
		      &(struct wire_sip){.start = "INVITE sip:bob@example.org",
					 .call = "a",
					 .cseq = "1 INVITE"});
	put(w, c, 0, text_slice(&to));
	text_free(&to);
}

/* In a proxy's tunnel, or behind what was none. */
static void what_follows_is_read(void **state)
{
	static const char *const starts[] = {
		"CONNECT bob:5060 HTTP/1.1\r\n\r\n",
		"GET / HTTP/9\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct wire_tcp c;
		struct wire w;
		char *calls;

		wire_open(&w);
		c = connect_http(&w, "1:40000");
		put(&w, &c, 0, slice_of_text(starts[i]));
		invite(&w, &c);
		calls = heard_calls(&w);
		assert_int_equal(strncmp(calls, "call ", 5), 0);
		free(calls);
		wire_close(&w);
	}
}

/* A body that nobody wants is larger than what is kept of a stream. */
static void large_bodies_are_passed_over(void **state)
{
	static const char *const heads[] = {
		"POST / HTTP/1.1\r\nContent-Type: text/plain\r\n"
		"Content-Length: 1500000\r\n\r\n",
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
		"16e360\r\n",
	};
	static const char *const ends[] = {"", "\r\n0\r\n\r\n"};
	char filler[10000];

	(void)state;
	memset(filler, '{', sizeof(filler));
	for (size_t i = 0; i < 2; i++) {
		struct wire_tcp c;
		struct wire w;
		char *calls;

		wire_open(&w);
		c = connect_http(&w, "1:40000");
		put(&w, &c, 0, slice_of_text(heads[i]));
		for (size_t k = 0; k < 150; k++)
			wire_tcp(&w, &c, 0, slice_of(filler, sizeof(filler)));
		put(&w, &c, 0, slice_of_text(ends[i]));
		http(&w, &c, 0, "POST /whip HTTP/1.1", "application/sdp",
		     PLAIN("ua", ""), BY_LENGTH);
		check(&w);
		calls = heard_calls(&w);
		assert_string_equal(calls, "ice established - - ???IO\n");
		free(calls);
		wire_close(&w);
	}
}

static const struct t_case cases[] = {
	{"checks_have_their_descriptions", checks_have_their_descriptions},
	{"what_was_told_is_kept_apart", what_was_told_is_kept_apart},
	{"half_of_them_is_said_so", half_of_them_is_said_so},
	{"an_offer_is_a_call", an_offer_is_a_call},
	{"a_server_hands_both_on", a_server_hands_both_on},
	{"a_failed_relay_belongs_to_the_offer",
	 a_failed_relay_belongs_to_the_offer},
	{"whip_posts_sdp", whip_posts_sdp},
	{"json_is_posted_and_fetched", json_is_posted_and_fetched},
	{"what_follows_is_read", what_follows_is_read},
	{"large_bodies_are_passed_over", large_bodies_are_passed_over},
};
T_MAIN(cases)
