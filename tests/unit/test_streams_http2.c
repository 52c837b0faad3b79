/*
 * HTTP/2 on the wire: streams beside each other, headers in pieces and by
 * reference (RFC 7541), what cannot be read, and WebSockets in streams (RFC
 * 8441).
 */
#include "config.h"

#include "dissectors/http2.h"
#include "tests/support/heard.h"
#include "tests/support/t.h"

#define SDP                                                                 \
	"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/" \
	"AVP 0\r\n"
#define SDP_TYPE "\x0c" "content-type" "\x0f" "application/sdp"
/* Literals that are not kept, and those that are (RFC 7541 6.2). */
#define PLAIN "\x00"
#define KEPT "\x40"
#define POST "\x83"   /* of the static table, as */
#define ROOT "\x84"   /* the path "/" and */
#define STATUS "\x88" /* 200 are */
#define NEWEST "\xbe" /* of the table that grows */
#define OFFER POST ROOT PLAIN SDP_TYPE
#define ANSWER STATUS PLAIN SDP_TYPE

struct speech {
	struct wire w;
	struct wire_tcp c;
	struct text text;
};

static void begin(struct speech *s)
{
	memset(s, 0, sizeof(*s));
	s->c = (struct wire_tcp){.ends = {"1:40000", "2:80"},
				 .next = {1000, 5000}};
	s->text = text_new((size_t)1 << 22);
	wire_open(&s->w);
	wire_tcp_syn(&s->w, &s->c);
	text_puts(&s->text, HTTP2_PREFACE);
}

static void frame(struct speech *s, unsigned type, unsigned flags,
		  uint32_t stream, struct slice content)
{
	const uint8_t head[] = {(uint8_t)(content.n >> 16),
				(uint8_t)(content.n >> 8),
				(uint8_t)content.n,
				(uint8_t)type,
				(uint8_t)flags,
				(uint8_t)(stream >> 24),
				(uint8_t)(stream >> 16),
				(uint8_t)(stream >> 8),
				(uint8_t)stream};

	text_put(&s->text, slice_of(head, sizeof(head)));
	text_put(&s->text, content);
}

#define WHOLE (HTTP2_END_HEADERS)
#define LAST (HTTP2_END_HEADERS | HTTP2_END_STREAM)

static void head(struct speech *s, unsigned flags, uint32_t stream,
		 struct slice block)
{
	frame(s, HTTP2_HEADERS, flags, stream, block);
}

static void body(struct speech *s, uint32_t stream, struct slice content)
{
	frame(s, HTTP2_DATA, HTTP2_END_STREAM, stream, content);
}

static void settings(struct speech *s)
{
	frame(s, HTTP2_SETTINGS, 0, 0,
	      SLICE("\x00\x03\x00\x00\x00\x64\x00\x04\x00\x01\x00\x00"));
}

static void say(struct speech *s, unsigned side)
{
	wire_tcp(&s->w, &s->c, side, text_slice(&s->text));
	text_clear(&s->text);
}

static void finish(struct speech *s, const char *want)
{
	assert_heard(&s->w, want);
	text_free(&s->text);
	wire_close(&s->w);
}

static void offer_and_answer(struct speech *s, uint32_t stream)
{
	settings(s);
	head(s, WHOLE, stream, SLICE(OFFER));
	body(s, stream, SLICE(SDP));
	say(s, 0);
	settings(s);
	head(s, WHOLE, stream, SLICE(ANSWER));
	body(s, stream, SLICE(SDP));
	say(s, 1);
}

static void offers_and_answers_are_told(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	offer_and_answer(&s, 1);
	finish(&s, "3 told 1:40000 > 2:80 tcp\n4 told 2:80 > 1:40000 tcp\n");
}

static void every_byte_may_come_alone(void **state)
{
	struct speech s;
	struct text all;

	(void)state;
	begin(&s);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(OFFER));
	body(&s, 1, SLICE(SDP));
	all = s.text;
	s.text = text_new(1);
	for (size_t i = 0; i < all.n; i++)
		wire_tcp(&s.w, &s.c, 0, slice_cut(text_slice(&all), i, 1));
	text_free(&all);
	finish(&s, "161 told 1:40000 > 2:80 tcp\n");
}

/* A server may speak first. */
static void settings_alone_tell_it(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	text_clear(&s.text);
	settings(&s);
	say(&s, 1);
	text_puts(&s.text, HTTP2_PREFACE);
	offer_and_answer(&s, 1);
	finish(&s, "4 told 1:40000 > 2:80 tcp\n5 told 2:80 > 1:40000 tcp\n");
}

/* The second stream ends first; its content type refers to that of the first,
 * whose block comes in three frames with priority, and data with padding. */
static void streams_go_beside_each_other(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	frame(&s, HTTP2_HEADERS, HTTP2_WITH_PRIORITY, 1,
	      SLICE("\x00\x00\x00\x00\x10" POST));
	frame(&s, HTTP2_CONTINUATION, 0, 1, SLICE(ROOT KEPT "\x0c"));
	frame(&s, HTTP2_CONTINUATION, HTTP2_END_HEADERS, 1,
	      SLICE("content-type" "\x0f" "application/sdp"));
	head(&s, WHOLE, 3, SLICE(POST ROOT NEWEST));
	say(&s, 0);
	body(&s, 3, SLICE(SDP));
	say(&s, 0);
	frame(&s, HTTP2_DATA, HTTP2_PADDED, 1, SLICE("\x03v=0\r\nxxx"));
	say(&s, 0);
	body(&s, 1, SLICE("o=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"));
	say(&s, 0);
	finish(&s, "4 told 1:40000 > 2:80 tcp\n6 told 1:40000 > 2:80 tcp\n");
}

/* Interim responses and trailers are none of it; what is reset is over. */
static void only_whole_messages_count(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(OFFER));
	frame(&s, HTTP2_DATA, 0, 1, SLICE(SDP));
	head(&s, LAST, 1, SLICE(PLAIN "\x01" "a" "\x01" "b"));
	say(&s, 0);
	settings(&s);
	head(&s, WHOLE, 1, SLICE("\x08\x03" "103"));
	head(&s, WHOLE, 1, SLICE(ANSWER));
	frame(&s, HTTP2_DATA, 0, 1, SLICE(SDP));
	frame(&s, HTTP2_RST_STREAM, 0, 1, SLICE("\x00\x00\x00\x02"));
	body(&s, 1, SLICE("a=x\r\n"));
	say(&s, 1);
	finish(&s, "3 told 1:40000 > 2:80 tcp\n");
}

/* What is promised has its block, too, and is answered without a request. */
static void pushed_answers_keep_the_table(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	head(&s, LAST, 1, SLICE(POST ROOT));
	say(&s, 0);
	settings(&s);
	frame(&s, HTTP2_PUSH_PROMISE, HTTP2_END_HEADERS, 1,
	      SLICE("\x00\x00\x00\x02" POST ROOT KEPT SDP_TYPE));
	head(&s, WHOLE, 2, SLICE(STATUS NEWEST));
	body(&s, 2, SLICE(SDP));
	say(&s, 1);
	finish(&s, "4 told 2:80 > 1:40000 tcp\n");
}

/* Behind a hole the table is not known: "application/sdp" might be anything.
 * The other direction goes on. */
static void nothing_is_invented_behind_a_hole(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(POST ROOT KEPT SDP_TYPE));
	body(&s, 1, SLICE(SDP));
	say(&s, 0);
	wire_tcp_lose(&s.c, 0, 20);
	head(&s, WHOLE, 3, SLICE(POST ROOT NEWEST));
	body(&s, 3, SLICE(SDP));
	say(&s, 0);
	settings(&s);
	for (uint32_t stream = 1; stream < 5; stream += 2) {
		head(&s, WHOLE, stream, SLICE(ANSWER));
		body(&s, stream, SLICE(SDP));
	}
	say(&s, 1);
	finish(&s, "3 told 1:40000 > 2:80 tcp\n"
		   "5 hole capture of 20 1:40000 > 2:80 tcp\n"
		   "4 capture/http2-unreadable 1:40000 > 2:80 tcp\n"
		   "5 told 2:80 > 1:40000 tcp\n5 told 2:80 > 1:40000 tcp\n");
}

/* What no frame can be, a reference to nothing, a block that is cut short by
 * another frame. */
static void damage_is_told_once(void **state)
{
	static const struct {
		unsigned type, flags, stream;
		struct slice content;
	} rows[] = {
		{HTTP2_PING, 0, 0, WIRE_BYTES("short")},
		{HTTP2_PING, 0, 3, WIRE_BYTES("8 bytes.")},
		{HTTP2_SETTINGS, 0, 0, WIRE_BYTES("setting")},
		{HTTP2_SETTINGS, 0, 3, WIRE_BYTES("six...")},
		{HTTP2_HEADERS, HTTP2_END_HEADERS, 3, WIRE_BYTES(NEWEST)},
		{HTTP2_HEADERS, HTTP2_END_HEADERS, 3, WIRE_BYTES("\x40\x7f")},
		{HTTP2_HEADERS, HTTP2_END_HEADERS | HTTP2_PADDED, 3,
		 WIRE_BYTES("\x09" POST)},
		{HTTP2_HEADERS, 0, 3, WIRE_BYTES(POST)},
		{HTTP2_CONTINUATION, HTTP2_END_HEADERS, 3, WIRE_BYTES(POST)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct speech s;

		begin(&s);
		settings(&s);
		frame(&s, rows[i].type, rows[i].flags, rows[i].stream,
		      rows[i].content);
		head(&s, WHOLE, 1, SLICE(OFFER));
		body(&s, 1, SLICE(SDP));
		say(&s, 0);
		head(&s, WHOLE, 5, SLICE(OFFER));
		body(&s, 5, SLICE(SDP));
		say(&s, 0);
		finish(&s, "3 capture/http2-unreadable 1:40000 > 2:80 tcp\n");
	}
}

/* From the middle of a connection on it is known, and not read. */
static void middle_is_said_to_be_one(void **state)
{
	struct speech s;

	(void)state;
	memset(&s, 0, sizeof(s));
	s.c = (struct wire_tcp){.ends = {"1:40000", "2:80"},
				.next = {1000, 5000}};
	s.text = text_new(65536);
	wire_open(&s.w);
	frame(&s, HTTP2_WINDOW_UPDATE, 0, 0, SLICE("\x00\x00\x10\x00"));
	head(&s, WHOLE, 7, SLICE(POST ROOT NEWEST));
	body(&s, 7, SLICE(SDP));
	say(&s, 0);
	head(&s, WHOLE, 9, SLICE(OFFER));
	body(&s, 9, SLICE(SDP));
	say(&s, 0);
	finish(&s, "1 capture/http2-unreadable 1:40000 > 2:80 tcp\n");
}

static void long_bodies_are_left_out(void **state)
{
	static const char much[4096];
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(OFFER));
	for (int i = 0; i < 65; i++)
		frame(&s, HTTP2_DATA, 0, 1, slice_of(much, sizeof(much)));
	body(&s, 1, SLICE(SDP));
	head(&s, WHOLE, 3, SLICE(OFFER));
	body(&s, 3, SLICE(SDP));
	while (s.text.n > 60000) {
		wire_tcp(&s.w, &s.c, 0,
			 slice_first(text_slice(&s.text), 60000));
		memmove(s.text.p, s.text.p + 60000, s.text.n - 60000);
		s.text.n -= 60000;
	}
	say(&s, 0);
	finish(&s, "7 capture/limit-http2 1:40000 > 2:80 tcp\n"
		   "7 told 1:40000 > 2:80 tcp\n");
}

/* A request that nobody ends is kept for as long as there is room. */
static void too_many_streams_are_a_limit(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	for (uint32_t i = 0; i < 300; i++)
		head(&s, WHOLE, 2 * i + 1, SLICE(OFFER));
	say(&s, 0);
	finish(&s, "3 capture/limit-http2 1:40000 > 2:80 tcp\n");
}

#define CONNECT                                         \
	PLAIN "\x07" ":method" "\x07" "CONNECT" PLAIN   \
	"\x09" ":protocol" "\x09" "websocket" ROOT


static void websocket_stands_in_a_stream(void **state)
{
	struct text sip = text_new(4096), packed = text_new(4096);
	struct speech s;

	(void)state;
	wire_sip_text(&sip, &(struct wire_sip){.start = "OPTIONS sip:b@a",
					       .call = "c",
					       .cseq = "1 OPTIONS"});
	text_putc(&packed, '\x81');
	text_putc(&packed, '\x7e');
	text_putc(&packed, (char)(sip.n >> 8));
	text_putc(&packed, (char)sip.n);
	text_put(&packed, text_slice(&sip));
	begin(&s);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(CONNECT));
	head(&s, WHOLE, 3, SLICE(CONNECT));
	say(&s, 0);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(STATUS));
	head(&s, WHOLE, 3, SLICE("\x8d")); /* 404 */
	say(&s, 1);
	/* The one that was refused says nothing more. */
	frame(&s, HTTP2_DATA, 0, 3, text_slice(&packed));
	frame(&s, HTTP2_DATA, 0, 1, slice_first(text_slice(&packed), 50));
	say(&s, 0);
	frame(&s, HTTP2_DATA, 0, 1, slice_from(text_slice(&packed), 50));
	frame(&s, HTTP2_DATA, 0, 1, text_slice(&packed));
	say(&s, 0);
	text_free(&sip);
	text_free(&packed);
	finish(&s, "6 sip OPTIONS 1:40000 > 2:80 ws in websocket\n"
		   "6 sip OPTIONS 1:40000 > 2:80 ws in websocket\n");
}

/* What is in `text` from `from` on, at its place in what the client says. */
static void say_at(struct speech *s, size_t from, size_t to)
{
	wire_tcp_at(&s->w, &s->c, 0, (int)from,
		    slice_cut(text_slice(&s->text), from, to - from));
}

/* Its frames came out of turn: it is whole with the latest of them. */
static void latest_frame_makes_a_message_whole(void **state)
{
	struct speech s;
	size_t heads, part, second, all;

	(void)state;
	begin(&s);
	settings(&s);
	frame(&s, HTTP2_HEADERS, 0, 1, SLICE(POST ROOT PLAIN));
	heads = s.text.n;
	frame(&s, HTTP2_CONTINUATION, HTTP2_END_HEADERS, 1, SLICE(SDP_TYPE));
	head(&s, WHOLE, 3, SLICE(OFFER));
	part = s.text.n;
	frame(&s, HTTP2_DATA, 0, 1, slice_first(SLICE(SDP), 10));
	second = s.text.n;
	body(&s, 3, SLICE(SDP));
	body(&s, 1, slice_from(SLICE(SDP), 10));
	all = s.text.n;
	say_at(&s, second, all);   /* 3: both ends */
	say_at(&s, heads, part);   /* 4: the head of 3, half of that of 1 */
	say_at(&s, part, second);  /* 5: the body of 1 begins */
	say_at(&s, 0, heads);      /* 6 */
	finish(&s, "4 told 1:40000 > 2:80 tcp\n6 told 1:40000 > 2:80 tcp\n");
}

/* A frame of data holds the end of one message and all of another. */
static void websocket_in_a_stream_may_come_out_of_turn(void **state)
{
	static const struct wire_sip options = {
		.start = "OPTIONS sip:b@a", .call = "c", .cseq = "1 OPTIONS"};
	struct text sip = text_new(4096), packed = text_new(4096);
	struct speech s;
	size_t part, all;

	(void)state;
	wire_sip_text(&sip, &options);
	for (unsigned i = 0; i < 2; i++) {
		text_putc(&packed, '\x81');
		text_putc(&packed, '\x7e');
		text_putc(&packed, (char)(sip.n >> 8));
		text_putc(&packed, (char)sip.n);
		text_put(&packed, text_slice(&sip));
	}
	begin(&s);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(CONNECT));
	say(&s, 0);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(STATUS));
	say(&s, 1);
	frame(&s, HTTP2_DATA, 0, 1, slice_first(text_slice(&packed), 50));
	part = s.text.n;
	frame(&s, HTTP2_DATA, 0, 1, slice_from(text_slice(&packed), 50));
	all = s.text.n;
	say_at(&s, part, all);
	say_at(&s, 0, part);
	text_free(&sip);
	text_free(&packed);
	finish(&s, "6 sip OPTIONS 1:40000 > 2:80 ws in websocket\n"
		   "5 sip OPTIONS 1:40000 > 2:80 ws in websocket\n");
}

/* Heads of many kilobytes hold nothing up. */
static void long_heads_are_read(void **state)
{
	struct text block = text_new(65536);
	struct speech s;

	(void)state;
	text_put(&block, SLICE(POST ROOT PLAIN "\x06" "cookie"
			       "\x7f\x81\x9c\x01"));
	for (int i = 0; i < 20096; i++)
		text_putc(&block, 'c');
	text_put(&block, SLICE(PLAIN SDP_TYPE));
	begin(&s);
	settings(&s);
	frame(&s, HTTP2_HEADERS, 0, 1, slice_first(text_slice(&block), 16384));
	frame(&s, HTTP2_CONTINUATION, HTTP2_END_HEADERS, 1,
	      slice_from(text_slice(&block), 16384));
	body(&s, 1, SLICE(SDP));
	say(&s, 0);
	text_free(&block);
	finish(&s, "3 told 1:40000 > 2:80 tcp\n");
}

/* RFC 7540 3.2: agreed to in HTTP/1.1; the first answer is of stream 1. */
static void http1_may_agree_to_it(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	text_clear(&s.text);
	text_puts(&s.text, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, "
			   "HTTP2-Settings\r\nUpgrade: h2c\r\n"
			   "HTTP2-Settings: AAMAAABk\r\n\r\n");
	say(&s, 0);
	text_puts(&s.text, "HTTP/1.1 101 Switching Protocols\r\n"
			   "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
	settings(&s);
	head(&s, WHOLE, 1, SLICE(ANSWER));
	body(&s, 1, SLICE(SDP));
	say(&s, 1);
	text_puts(&s.text, HTTP2_PREFACE);
	settings(&s);
	head(&s, WHOLE, 3, SLICE(OFFER));
	body(&s, 3, SLICE(SDP));
	say(&s, 0);
	finish(&s, "4 told 2:80 > 1:40000 tcp\n5 told 1:40000 > 2:80 tcp\n");
}

static void old_servers_answer_in_http1(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(OFFER));
	body(&s, 1, SLICE(SDP));
	say(&s, 0);
	text_printf(&s.text,
		    "HTTP/1.1 400 No\r\nContent-Type: application/sdp\r\n"
		    "Content-Length: %zu\r\n\r\n" SDP,
		    sizeof(SDP) - 1);
	say(&s, 1);
	finish(&s, "3 told 1:40000 > 2:80 tcp\n4 told 2:80 > 1:40000 tcp\n");
}

static void answers_may_come_in_small_pieces(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	say(&s, 0);
	settings(&s);
	head(&s, WHOLE, 1, SLICE(ANSWER));
	body(&s, 1, SLICE(SDP));
	for (size_t i = 0; i < s.text.n; i++)
		wire_tcp(&s.w, &s.c, 1, slice_cut(text_slice(&s.text), i, 1));
	finish(&s, "137 told 2:80 > 1:40000 tcp\n");
}

static void web_services_are_told(void **state)
{
	struct speech s;

	(void)state;
	begin(&s);
	settings(&s);
	head(&s, LAST, 1,
	     SLICE(POST "\x04\x0e" "/WebTicket/mex" PLAIN
		   "\x0a" ":authority" "\x01" "a"));
	head(&s, LAST, 3, SLICE(POST ROOT));
	say(&s, 0);
	settings(&s);
	head(&s, LAST, 3, SLICE(STATUS));
	head(&s, LAST, 1, SLICE(STATUS));
	say(&s, 1);
	finish(&s, "3 web 1:40000 > 2:80 tcp\n3 web 1:40000 > 2:80 tcp\n"
		   "4 web 2:80 > 1:40000 tcp\n4 web 2:80 > 1:40000 tcp\n");
}

/* ---- frames ---- */

static void first_bytes_tell(void **state)
{
	(void)state;
	assert_int_equal(http2_preface_claims(SLICE(HTTP2_PREFACE "x")),
			 CLAIM_SURE);
	assert_int_equal(http2_preface_claims(SLICE("PRI * HT")), CLAIM_MAYBE);
	assert_int_equal(http2_preface_claims(SLICE("PRACK sip")), CLAIM_NO);
	assert_int_equal(http2_preface_claims(SLICE("")), CLAIM_NO);
	assert_int_equal(http2_settings_claims(SLICE("\0\0\0\4\0\0\0\0\0")),
			 CLAIM_SURE);
	assert_int_equal(
		http2_settings_claims(
			SLICE("\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64")),
		CLAIM_SURE);
	/* A setting that nobody has; another frame; one that is cut. */
	assert_int_equal(
		http2_settings_claims(
			SLICE("\0\0\6\4\0\0\0\0\0\x33\3\0\0\0\x64")),
		CLAIM_NO);
	assert_int_equal(http2_settings_claims(SLICE("\0\0\0\4\1\0\0\0\0")),
			 CLAIM_NO);
	assert_int_equal(
		http2_settings_claims(SLICE("\0\0\6\4\0\0\0\0\0\0\3")),
		CLAIM_MAYBE);
}

static const struct t_case cases[] = {
	{"offers_and_answers_are_told", offers_and_answers_are_told},
	{"every_byte_may_come_alone", every_byte_may_come_alone},
	{"settings_alone_tell_it", settings_alone_tell_it},
	{"streams_go_beside_each_other", streams_go_beside_each_other},
	{"only_whole_messages_count", only_whole_messages_count},
	{"pushed_answers_keep_the_table", pushed_answers_keep_the_table},
	{"nothing_is_invented_behind_a_hole",
	 nothing_is_invented_behind_a_hole},
	{"damage_is_told_once", damage_is_told_once},
	{"middle_is_said_to_be_one", middle_is_said_to_be_one},
	{"long_bodies_are_left_out", long_bodies_are_left_out},
	{"too_many_streams_are_a_limit", too_many_streams_are_a_limit},
	{"websocket_stands_in_a_stream", websocket_stands_in_a_stream},
	{"latest_frame_makes_a_message_whole",
	 latest_frame_makes_a_message_whole},
	{"websocket_in_a_stream_may_come_out_of_turn",
	 websocket_in_a_stream_may_come_out_of_turn},
	{"long_heads_are_read", long_heads_are_read},
	{"http1_may_agree_to_it", http1_may_agree_to_it},
	{"old_servers_answer_in_http1", old_servers_answer_in_http1},
	{"answers_may_come_in_small_pieces",
	 answers_may_come_in_small_pieces},
	{"web_services_are_told", web_services_are_told},
	{"first_bytes_tell", first_bytes_tell},
};
T_MAIN(cases)
