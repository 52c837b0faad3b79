/*
 * Which answer belongs to which offer where several are told at the same time:
 * by the stream of HTTP/2, by the request of HTTP/1.1, or by what the messages
 * of an application have in common.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "dissectors/http2.h"
#include "tests/support/heard.h"
#include "tests/support/t.h"
#include "tests/support/wire.h"

/* With `line` as the end of each line. */
#define SDP_LINES(ufrag, line)                                           \
	"v=0" line "o=- 1 2 IN IP4 0.0.0.0" line "s=-" line "t=0 0" line \
	"m=audio 9 UDP/TLS/RTP/SAVPF 111" line "c=IN IP4 0.0.0.0" line   \
	"a=rtpmap:111 opus/48000/2" line "a=mid:0" line                  \
	"a=ice-ufrag:" ufrag line "a=ice-pwd:" ufrag                     \
	"pppppppppppppppppppp" line
#define SDP(ufrag) SDP_LINES(ufrag, "\r\n")
#define SDP_JSON(ufrag) SDP_LINES(ufrag, "\\r\\n")

/*
 * The user fragments of offer and answer of each call, "o1-a1 o2-?", and a star
 * for each candidate behind what it is of.
 */
static void assert_pairs(struct wire *w, const char *want)
{
	struct text text = text_new(4096);
	struct model model;

	heard_model(w, NULL, &model);
	for (size_t i = 0; i < model.calls.count; i++) {
		const struct call *call = list_at(&model.calls, i);

		text_puts(&text, i ? " " : "");
		for (unsigned side = 0; side < 2; side++) {
			const struct told_description *t;

			text_puts(&text, side ? "-" : "");
			if (call->told[side] == LIST_NONE) {
				text_putc(&text, '?');
				continue;
			}
			t = list_at(&model.told, call->told[side]);
			text_puts(&text,
				  text_at(&model, t->description.ufrag));
			for (size_t k = 0; k < t->description.candidate_count;
			     k++)
				text_putc(&text, '*');
		}
	}
	t_equal_text(text_slice(&text), want);
	text_free(&text);
	model_free(&model);
	wire_close(w);
}

/* ---- WHIP over HTTP/2 ---- */

#define SDP_TYPE       \
	"\x00\x0c"     \
	"content-type" \
	"\x0f"         \
	"application/sdp"
#define POST "\x83\x84" SDP_TYPE
#define CREATED    \
	"\x08\x03" \
	"201" SDP_TYPE /* :status by its name */

static void frame(struct text *to, unsigned type, unsigned flags,
		  uint32_t stream, struct slice content)
{
	const uint8_t head[] = {0,
				(uint8_t)(content.n >> 8),
				(uint8_t)content.n,
				(uint8_t)type,
				(uint8_t)flags,
				0,
				0,
				0,
				(uint8_t)stream};

	text_put(to, slice_of(head, sizeof(head)));
	text_put(to, content);
}

/* A whole message of a stream. */
static void say_in(struct wire *w, struct wire_tcp *c, unsigned side,
		   uint32_t stream, const char *sdp)
{
	struct text to = text_new(65536);

	if (side)
		frame(&to, HTTP2_HEADERS, HTTP2_END_HEADERS, stream,
		      SLICE(CREATED));
	else
		frame(&to, HTTP2_HEADERS, HTTP2_END_HEADERS, stream,
		      SLICE(POST));
	frame(&to, HTTP2_DATA, HTTP2_END_STREAM, stream, slice_of_text(sdp));
	wire_tcp(w, c, side, text_slice(&to));
	text_free(&to);
}

static struct wire_tcp begin_http2(struct wire *w)
{
	struct wire_tcp c = {.ends = {"1:40000", "2:80"}, .next = {1000, 2000}};
	struct text to = text_new(4096);

	wire_open(w);
	wire_tcp_syn(w, &c);
	text_puts(&to, HTTP2_PREFACE);
	frame(&to, HTTP2_SETTINGS, 0, 0, (struct slice){0});
	wire_tcp(w, &c, 0, text_slice(&to));
	text_clear(&to);
	frame(&to, HTTP2_SETTINGS, 0, 0, (struct slice){0});
	wire_tcp(w, &c, 1, text_slice(&to));
	text_free(&to);
	return c;
}

static void streams_of_http2_keep_apart(void **state)
{
	struct wire w;
	struct wire_tcp c = begin_http2(&w);

	(void)state;
	say_in(&w, &c, 0, 1, SDP("offer1"));
	say_in(&w, &c, 0, 3, SDP("offer3"));
	say_in(&w, &c, 0, 5, SDP("offer5"));
	say_in(&w, &c, 1, 5, SDP("answer5"));
	say_in(&w, &c, 1, 1, SDP("answer1"));
	say_in(&w, &c, 1, 3, SDP("answer3"));
	assert_pairs(&w, "offer1-answer1 offer3-answer3 offer5-answer5");
}

/* The one that has none takes none that belongs to another. */
static void an_offer_may_have_no_answer(void **state)
{
	struct wire w;
	struct wire_tcp c = begin_http2(&w);

	(void)state;
	say_in(&w, &c, 0, 1, SDP("offer1"));
	say_in(&w, &c, 0, 3, SDP("offer3"));
	say_in(&w, &c, 1, 3, SDP("answer3"));
	assert_pairs(&w, "offer1-? offer3-answer3");
}

/* ---- WHIP over HTTP/1.1 ---- */

static void http(struct wire *w, struct wire_tcp *c, unsigned side,
		 const char *start, const char *sdp)
{
	struct text to = text_new(65536);

	text_printf(&to,
		    "%s\r\nContent-Type: application/sdp\r\n"
		    "Content-Length: %zu\r\n\r\n%s",
		    start, strlen(sdp), sdp);
	wire_tcp(w, c, side, text_slice(&to));
	text_free(&to);
}

static void a_request_that_was_refused_has_no_answer(void **state)
{
	struct wire_tcp c = {.ends = {"1:40000", "2:80"}, .next = {1000, 2000}};
	struct wire w;

	(void)state;
	wire_open(&w);
	wire_tcp_syn(&w, &c);
	http(&w, &c, 0, "POST /whip HTTP/1.1", SDP("offer1"));
	wire_tcp(&w, &c, 1,
		 SLICE("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"));
	http(&w, &c, 0, "POST /whip HTTP/1.1", SDP("offer2"));
	http(&w, &c, 1, "HTTP/1.1 201 Created", SDP("answer2"));
	assert_pairs(&w, "offer1-? offer2-answer2");
}

/* ---- JSON over a WebSocket ---- */

#define ASKS                                                    \
	"GET /janus HTTP/1.1\r\nHost: example.org\r\nUpgrade: " \
	"websocket\r\n\r\n"
#define AGREES "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

static struct wire_tcp begin_websocket(struct wire *w)
{
	struct wire_tcp c = {.ends = {"1:40000", "2:8188"},
			     .next = {1000, 2000}};

	wire_open(w);
	wire_tcp_syn(w, &c);
	wire_tcp(w, &c, 0, SLICE(ASKS));
	wire_tcp(w, &c, 1, SLICE(AGREES));
	return c;
}

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

/* Of a handle of Janus. */
#define OFFER(handle, ufrag)                                                \
	"{\"janus\":\"message\",\"session_id\":77777,\"handle_id\":" handle \
	",\"body\":{\"request\":\"call\"},\"jsep\":{\"type\":\"offer\","    \
	"\"sdp\":\"" SDP_JSON(ufrag) "\"}}"
#define ANSWER(handle, ufrag)                                          \
	"{\"janus\":\"event\",\"session_id\":77777,\"sender\":" handle \
	",\"jsep\":{\"type\":\"answer\",\"sdp\":\"" SDP_JSON(ufrag) "\"}}"
#define TRICKLE(handle)                                                     \
	"{\"janus\":\"trickle\",\"session_id\":77777,\"handle_id\":" handle \
	",\"candidate\":{\"candidate\":\"candidate:1 1 udp 2130706431 "     \
	"192.0.2.1 5000 typ host\",\"sdpMid\":\"0\"}}"

static void sessions_keep_apart_by_their_numbers(void **state)
{
	struct wire w;
	struct wire_tcp c = begin_websocket(&w);

	(void)state;
	say(&w, &c, 0, OFFER("1001", "offer1"));
	say(&w, &c, 0, OFFER("1002", "offer2"));
	say(&w, &c, 0, OFFER("1003", "offer3"));
	say(&w, &c, 0, TRICKLE("1002"));
	say(&w, &c, 1, ANSWER("1003", "answer3"));
	say(&w, &c, 1, ANSWER("1001", "answer1"));
	assert_pairs(&w, "offer1-answer1 offer2*-? offer3-answer3");
}

/* Nothing tells: they come back in their order. */
static void without_numbers_their_order_counts(void **state)
{
	struct wire w;
	struct wire_tcp c = begin_websocket(&w);

	(void)state;
	say(&w, &c, 0, OFFER("0", "offer1"));
	say(&w, &c, 0, OFFER("0", "offer2"));
	say(&w, &c, 0, TRICKLE("0"));
	say(&w, &c, 1, ANSWER("0", "answer1"));
	say(&w, &c, 1, ANSWER("0", "answer2"));
	assert_pairs(&w, "offer1-answer1 offer2*-answer2");
}

static const struct t_case cases[] = {
	{"streams_of_http2_keep_apart", streams_of_http2_keep_apart},
	{"an_offer_may_have_no_answer", an_offer_may_have_no_answer},
	{"a_request_that_was_refused_has_no_answer",
	 a_request_that_was_refused_has_no_answer},
	{"sessions_keep_apart_by_their_numbers",
	 sessions_keep_apart_by_their_numbers},
	{"without_numbers_their_order_counts",
	 without_numbers_their_order_counts},
};
T_MAIN(cases)
