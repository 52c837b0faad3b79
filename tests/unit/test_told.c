/* Descriptions in JSON over WebSocket, and the checks that follow. */
#include "config.h"

#include <stdlib.h>

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
static void check(struct wire *w)
{
	static const struct wire_login bob =
		WIRE_LOGIN("ub:ua", "", "ubpppppppppppppppppppppp");

	wire_stun(w, "1:5000", "3:6000",
		  &(struct wire_stun){.type = 0x0001,
				      .id = 1,
				      .login = &bob,
				      .controlling = true,
				      .nominates = true,
				      .priority = 99,
				      .fingerprint = true});
	wire_stun(w, "3:6000", "1:5000",
		  &(struct wire_stun){.type = 0x0101,
				      .id = 1,
				      .login = &bob,
				      .mapped = "1:5000",
				      .fingerprint = true});
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
	assert_string_equal(calls, "ice established - - ???OO\n");
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
		assert_string_equal(calls, "ice established - - ???IO\n");
		free(calls);
		wire_close(&w);
	}
}

/* JSON alone makes no call. */
static void descriptions_are_no_call(void **state)
{
	struct wire w;
	struct wire_tcp c = begin(&w);
	char *calls;

	(void)state;
	say(&w, &c, 0, OFFER);
	say(&w, &c, 1, ANSWER);
	calls = heard_calls(&w);
	assert_string_equal(calls, "");
	free(calls);
	wire_close(&w);
}

static const struct t_case cases[] = {
	{"checks_have_their_descriptions", checks_have_their_descriptions},
	{"half_of_them_is_said_so", half_of_them_is_said_so},
	{"descriptions_are_no_call", descriptions_are_no_call},
};
T_MAIN(cases)
