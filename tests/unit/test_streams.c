/*
 * TCP: which framing a connection speaks, its messages one by one, and which
 * frame completed each (RFC 3261 18.3, RFC 8656 12.5, RFC 4571, [MS-TURN]).
 */
#include "config.h"

#include <zlib.h>

#include "dissectors/turn.h"
#include "tests/support/heard.h"
#include "tests/support/t.h"

#define BODY "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"

/* A connection whose SYNs are frames 1 and 2. */
static struct wire_tcp open_to(struct wire *w, const char *server)
{
	struct wire_tcp c = {.ends = {"1:40000", server},
			     .next = {1000, 4294967000}};

	wire_open(w);
	wire_tcp_syn(w, &c);
	return c;
}

static void put_sip(struct text *to, const char *start, const char *cseq,
		    const char *body)
{
	wire_sip_text(to, &(struct wire_sip){.start = start,
					     .call = "c",
					     .cseq = cseq,
					     .body = body});
}

#define OPTIONS(to, n) \
	put_sip((to), "OPTIONS sip:bob@example.org", n " OPTIONS", NULL)
#define INVITE(to, n) \
	put_sip((to), "INVITE sip:bob@example.org", n " INVITE", BODY)

/* Sends text[from..to) of a side and moves on. */
static void send_part(struct wire *w, struct wire_tcp *c,
		      const struct text *text, size_t from, size_t to)
{
	wire_tcp(w, c, 0, slice_cut(text_slice(text), from, to - from));
}

static void send_text(struct wire *w, struct wire_tcp *c, unsigned side,
		      struct text *text)
{
	wire_tcp(w, c, side, text_slice(text));
	text_clear(text);
}

static void finish(struct wire *w, struct text *text, const char *want)
{
	assert_heard(w, want);
	text_free(text);
	wire_close(w);
}

/* ---- SIP ---- */

static void one_segment_holds_many_messages(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:5060");

	(void)state;
	OPTIONS(&text, "1");
	INVITE(&text, "2");
	text_puts(&text, "\r\n\r\n");
	OPTIONS(&text, "3");
	send_text(&w, &c, 0, &text);
	put_sip(&text, "200 OK", "1 OPTIONS", NULL);
	put_sip(&text, "180 Ringing", "2 INVITE", NULL);
	send_text(&w, &c, 1, &text);
	finish(&w, &text,
	       "3 sip OPTIONS 1:40000 > 2:5060 tcp\n"
	       "3 sip INVITE 1:40000 > 2:5060 tcp\n"
	       "3 sip OPTIONS 1:40000 > 2:5060 tcp\n"
	       "4 sip 200 OPTIONS 2:5060 > 1:40000 tcp\n"
	       "4 sip 180 INVITE 2:5060 > 1:40000 tcp\n");
}

/* However it is cut in two, the second segment completes it. */
static void message_belongs_to_the_frame_that_completes_it(void **state)
{
	struct text text = text_new(65536);

	(void)state;
	INVITE(&text, "1");
	for (size_t cut = 1; cut < text.n; cut++) {
		struct wire w;
		struct wire_tcp c = open_to(&w, "2:5070");

		send_part(&w, &c, &text, 0, cut);
		send_part(&w, &c, &text, cut, text.n);
		assert_heard(&w, "4 sip INVITE 1:40000 > 2:5070 tcp\n");
		wire_close(&w);
	}
	text_free(&text);
}

static void every_byte_may_come_alone(void **state)
{
	struct text text = text_new(65536);
	struct wire_tcp c;
	struct wire w;

	(void)state;
	put_sip(&text, "BYE sip:b@a", "1 BYE", "12345");
	assert_true(text.n < WIRE_FRAMES_MAX - 4);
	c = open_to(&w, "2:5060");
	for (size_t i = 0; i < text.n; i++)
		send_part(&w, &c, &text, i, i + 1);
	assert_int_equal(text.n, 211);
	finish(&w, &text, "213 sip BYE 1:40000 > 2:5060 tcp\n");
}

static void keepalives_on_streams_are_counted(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:5060");

	(void)state;
	OPTIONS(&text, "1");
	send_text(&w, &c, 0, &text);
	wire_tcp(&w, &c, 0, SLICE("\r\n\r\n"));
	wire_tcp(&w, &c, 1, SLICE("\r\n"));
	wire_tcp(&w, &c, 0, SLICE("\r\n\r\n"));
	OPTIONS(&text, "2");
	send_text(&w, &c, 0, &text);
	assert_int_equal(heard_counts(&w).keepalives, 2);
	finish(&w, &text,
	       "3 sip OPTIONS 1:40000 > 2:5060 tcp\n"
	       "7 sip OPTIONS 1:40000 > 2:5060 tcp\n");
}

/* No SYN was seen, and the first bytes are the rest of some message. */
static void capture_may_start_within_a_message(void **state)
{
	struct wire_tcp c = {.ends = {"1:40000", "2:5060"}, .next = {50, 60}};
	struct text text = text_new(65536);
	struct wire w;
	size_t half;

	(void)state;
	wire_open(&w);
	INVITE(&text, "1");
	half = text.n / 2;
	OPTIONS(&text, "2");
	send_part(&w, &c, &text, half, text.n);
	text_clear(&text);
	put_sip(&text, "200 OK", "2 OPTIONS", NULL);
	send_text(&w, &c, 1, &text);
	OPTIONS(&text, "3");
	send_text(&w, &c, 0, &text);
	finish(&w, &text,
	       "2 sip 200 OPTIONS 2:5060 > 1:40000 tcp\n"
	       "3 sip OPTIONS 1:40000 > 2:5060 tcp\n");
}

/* A lost segment costs the messages in it, no more. */
static void stream_goes_on_behind_a_hole(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:5060");

	(void)state;
	OPTIONS(&text, "1");
	send_text(&w, &c, 0, &text);
	INVITE(&text, "2");
	wire_tcp_lose(&c, 0, 100);
	send_part(&w, &c, &text, 100, text.n);
	text_clear(&text);
	OPTIONS(&text, "3");
	send_text(&w, &c, 0, &text);
	put_sip(&text, "200 OK", "3 OPTIONS", NULL);
	send_text(&w, &c, 1, &text);
	finish(&w, &text,
	       "3 sip OPTIONS 1:40000 > 2:5060 tcp\n"
	       "6 hole capture of 100 1:40000 > 2:5060 tcp\n"
	       "5 sip OPTIONS 1:40000 > 2:5060 tcp\n"
	       "6 sip 200 OPTIONS 2:5060 > 1:40000 tcp\n");
}

static void segments_may_come_again_and_in_any_order(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:5060");
	struct slice all;
	int first;

	(void)state;
	OPTIONS(&text, "1");
	first = (int)text.n;
	INVITE(&text, "2");
	all = text_slice(&text);
	/* 3: the second message; 4: the first; 5 and 6: both again. */
	wire_tcp_at(&w, &c, 0, first, slice_from(all, (size_t)first));
	wire_tcp_at(&w, &c, 0, 0, slice_first(all, (size_t)first));
	wire_tcp_at(&w, &c, 0, 0, slice_first(all, (size_t)first));
	wire_tcp_at(&w, &c, 0, 10, slice_from(all, 10));
	finish(&w, &text,
	       "4 sip OPTIONS 1:40000 > 2:5060 tcp\n"
	       "3 sip INVITE 1:40000 > 2:5060 tcp\n");
}

static void enormous_content_length_is_malformed(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:5060");

	(void)state;
	text_puts(&text, "INVITE sip:bob@example.org SIP/2.0\r\n"
			 "Call-ID: c\r\nCSeq: 1 INVITE\r\n"
			 "Content-Length: 999999999\r\n\r\nv=0\r\n");
	send_text(&w, &c, 0, &text);
	OPTIONS(&text, "2");
	send_text(&w, &c, 0, &text);
	finish(&w, &text,
	       "3 malformed sip 1:40000 > 2:5060 tcp\n"
	       "4 sip OPTIONS 1:40000 > 2:5060 tcp\n");
}

static void http_on_5060_is_nothing(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:5060");

	(void)state;
	wire_tcp(&w, &c, 0,
		 SLICE("GET /index.html HTTP/1.1\r\n"
		       "Host: sip.example.org\r\n\r\n"));
	wire_tcp(&w, &c, 1,
		 SLICE("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
		       "\r\nhello"));
	wire_tcp(&w, &c, 0, SLICE("GET /2 HTTP/1.1\r\n\r\n"));
	finish(&w, &text, "");
}

/* ---- WebSocket ---- */

#define ASKS                                          \
	"GET / HTTP/1.1\r\nHost: sip.example.org\r\n" \
	"Upgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
#define AGREES "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

/* What is in `text` as one frame, masked by a key of 0x20s if a client's. */
static void put_in_frame(struct text *text, bool client)
{
	struct slice inner = text_slice(text);
	struct text framed = text_new(65536);

	text_putc(&framed, '\x81');
	text_putc(&framed, (char)(client ? 0xFE : 0x7E));
	text_putc(&framed, (char)(inner.n >> 8));
	text_putc(&framed, (char)(inner.n & 255));
	if (client)
		text_puts(&framed, "    ");
	for (size_t i = 0; i < inner.n; i++)
		text_putc(&framed,
			  (char)(client ? inner.p[i] ^ 0x20 : inner.p[i]));
	text_clear(text);
	text_put(text, text_slice(&framed));
	text_free(&framed);
}

/* "GET /SIP/2.0..." and what a web server makes of it. */
static void answers_of_http_are_no_sip(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:80");

	(void)state;
	wire_tcp(&w, &c, 0, SLICE("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
	wire_tcp(&w, &c, 1, SLICE("SIP/2.0 200 ok\r\nHTTP/1.1 200 ok\r\n\r\n"));
	put_sip(&text, "180 Ringing", "1 INVITE", NULL);
	send_text(&w, &c, 1, &text);
	finish(&w, &text, "");
}

static void sip_comes_over_websocket(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:8080");

	(void)state;
	wire_tcp(&w, &c, 0, SLICE(ASKS));
	wire_tcp(&w, &c, 1, SLICE(AGREES));
	INVITE(&text, "1");
	put_in_frame(&text, true);
	send_part(&w, &c, &text, 0, 70);
	send_part(&w, &c, &text, 70, text.n);
	text_clear(&text);
	put_sip(&text, "180 Ringing", "1 INVITE", NULL);
	put_in_frame(&text, false);
	send_text(&w, &c, 1, &text);
	finish(&w, &text,
	       "6 sip INVITE 1:40000 > 2:8080 ws in websocket\n"
	       "7 sip 180 INVITE 2:8080 > 1:40000 ws in websocket\n");
}

/* The HTTP is not in the capture. */
static void websocket_is_known_by_the_sip_in_it(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:8080");

	(void)state;
	OPTIONS(&text, "1");
	put_in_frame(&text, true);
	send_text(&w, &c, 0, &text);
	finish(&w, &text, "3 sip OPTIONS 1:40000 > 2:8080 ws in websocket\n");
}

/* ---- permessage-deflate (RFC 7692) ---- */

/* As one side packs: each message goes on from the last. */
static void pack_begin(z_stream *z)
{
	*z = (z_stream){.zalloc = NULL};
	assert_int_equal(deflateInit2(z, 6, Z_DEFLATED, -MAX_WBITS, 8,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
}

static void pack_message(z_stream *z, struct text *text)
{
	uint8_t packed[8192];

	z->next_in = (Bytef *)(uintptr_t)text->p;
	z->avail_in = (unsigned)text->n;
	z->next_out = packed;
	z->avail_out = sizeof(packed);
	assert_int_equal(deflate(z, Z_SYNC_FLUSH), Z_OK);
	text_clear(text);
	/* The empty block at the end stays away. */
	text_put(text, slice_of(packed, sizeof(packed) - z->avail_out - 4));
}

static void put_in_packed_frame(z_stream *z, struct text *text, bool client)
{
	pack_message(z, text);
	put_in_frame(text, client);
	text->p[0] |= 0x40; /* RSV1 */
}

static void packed_websocket_is_unpacked(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:8080");
	z_stream z[2];

	(void)state;
	pack_begin(&z[0]);
	pack_begin(&z[1]);
	wire_tcp(&w, &c, 0, SLICE(ASKS));
	wire_tcp(&w, &c, 1, SLICE(AGREES));
	for (unsigned i = 0; i < 3; i++) {
		text_clear(&text);
		OPTIONS(&text, i ? "2" : "1");
		put_in_packed_frame(&z[0], &text, true);
		send_text(&w, &c, 0, &text);
		text_clear(&text);
		put_sip(&text, "200 OK", i ? "2 OPTIONS" : "1 OPTIONS", NULL);
		put_in_packed_frame(&z[1], &text, false);
		send_text(&w, &c, 1, &text);
		/* Who gives the context up begins anew (7.1.1.1). */
		if (i == 1)
			assert_int_equal(deflateReset(&z[0]), Z_OK);
	}
	(void)deflateEnd(&z[0]);
	(void)deflateEnd(&z[1]);
	finish(&w, &text,
	       "5 sip OPTIONS 1:40000 > 2:8080 ws in websocket\n"
	       "6 sip 200 OPTIONS 2:8080 > 1:40000 ws in websocket\n"
	       "7 sip OPTIONS 1:40000 > 2:8080 ws in websocket\n"
	       "8 sip 200 OPTIONS 2:8080 > 1:40000 ws in websocket\n"
	       "9 sip OPTIONS 1:40000 > 2:8080 ws in websocket\n"
	       "10 sip 200 OPTIONS 2:8080 > 1:40000 ws in websocket\n");
}

/* What cannot be unpacked is no SIP, and the next that can be is. */
static void broken_packing_is_passed_over(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:8080");
	z_stream z;

	(void)state;
	pack_begin(&z);
	wire_tcp(&w, &c, 0, SLICE(ASKS));
	wire_tcp(&w, &c, 1, SLICE(AGREES));
	text_puts(&text, "\xff\xff\xff\xff no block of DEFLATE");
	put_in_frame(&text, true);
	text.p[0] |= 0x40;
	send_text(&w, &c, 0, &text);
	text_clear(&text);
	OPTIONS(&text, "1");
	put_in_packed_frame(&z, &text, true);
	send_text(&w, &c, 0, &text);
	(void)deflateEnd(&z);
	finish(&w, &text, "6 sip OPTIONS 1:40000 > 2:8080 ws in websocket\n");
}

/* ---- TURN ---- */

static const struct wire_stun allocate = {.type = 3, .id = 1};
static const struct wire_stun granted = {
	.type = 0x0103, .id = 1, .relayed = "9:50000", .mapped = "1:40000"};
static const struct wire_stun bind = {
	.type = 9, .id = 2, .channel = 0x4000, .peer = "3:6000"};
static const struct wire_stun check = {
	.type = 1, .id = 3, .priority = 5, .controlling = true};

static struct text stun_text(const struct wire_stun *m)
{
	struct text text = text_new(65536);

	wire_stun_text(&text, m);
	return text;
}

static void turn_messages_stand_back_to_back(void **state)
{
	struct text text = text_new(65536), inner = stun_text(&check);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:3478");

	(void)state;
	wire_stun_text(&text, &allocate);
	send_text(&w, &c, 0, &text);
	wire_stun_text(&text, &granted);
	send_text(&w, &c, 1, &text);
	wire_stun_text(&text, &bind);
	channel_data_write(&text, 0x4000, SLICE("five!"), true);
	channel_data_write(&text, 0x4000, text_slice(&inner), true);
	wire_stun_text(&text, &allocate);
	send_part(&w, &c, &text, 0, 45);
	send_part(&w, &c, &text, 45, text.n);
	text_free(&inner);
	finish(&w, &text,
	       "3 stun 0003 absent 1:40000 > 2:3478 tcp\n"
	       "4 stun 0103 absent 2:3478 > 1:40000 tcp\n"
	       "5 stun 0009 absent 1:40000 > 2:3478 tcp\n"
	       "6 channel 4000 (data) 1:40000 > 2:3478 tcp\n"
	       "6 channel 4000 (stun) 1:40000 > 2:3478 tcp\n"
	       "6 stun 0001 absent 9:50000 > 3:6000 tcp in channel_data\n"
	       "6 stun 0003 absent 1:40000 > 2:3478 tcp\n");
}

static void put_framed(struct text *to, unsigned before,
		       const struct text *inner)
{
	uint8_t head[4] = {(uint8_t)before, 0, (uint8_t)(inner->n >> 8),
			   (uint8_t)(inner->n & 0xFF)};

	/* [MS-TURN] has two bytes before the length, RFC 4571 has none. */
	text_put(to, before ? slice_of(head, 4) : slice_of(head + 2, 2));
	text_put(to, text_slice(inner));
}

static void checks_over_tcp_are_framed_by_rfc4571(void **state)
{
	struct text text = text_new(65536), inner = stun_text(&check);
	struct wire w;
	struct wire_tcp c = open_to(&w, "3:6000");

	(void)state;
	put_framed(&text, 0, &inner);
	put_framed(&text, 0, &inner);
	send_part(&w, &c, &text, 0, 30);
	send_part(&w, &c, &text, 30, text.n);
	text_free(&inner);
	finish(&w, &text,
	       "4 stun 0001 absent 1:40000 > 3:6000 tcp in rfc4571\n"
	       "4 stun 0001 absent 1:40000 > 3:6000 tcp in rfc4571\n");
}

/* The fixed parts of the hellos, zeros between ([MS-TURN] 2.1.1). */
static void put_hello(struct text *to, bool server)
{
	uint8_t p[83] = {0x16, 3, 1, 0, 0x2D, 1, 0, 0, 0x29, 3, 1};
	size_t n = server ? 83 : 50;

	if (server) {
		p[4] = 0x4E;
		p[5] = 2;
		p[8] = 0x46;
		p[43] = 0x20;
		p[77] = 0x18;
		p[79] = 0x0E;
	} else {
		p[45] = 2;
		p[47] = 0x18;
		p[48] = 1;
	}
	text_put(to, slice_of(p, n));
}

static void ms_frames_follow_the_pseudo_tls_hello(void **state)
{
	struct wire_stun ask = {.type = 3, .id = 1, .ms = true};
	struct text text = text_new(65536), inner = stun_text(&ask);
	struct text media = stun_text(&check), framed = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:443");

	(void)state;
	put_hello(&text, false);
	send_text(&w, &c, 0, &text);
	put_hello(&text, true);
	send_text(&w, &c, 1, &text);
	put_framed(&text, 2, &inner);
	put_framed(&framed, 0, &media);
	put_framed(&text, 3, &framed);
	put_framed(&text, 3, &media);
	send_part(&w, &c, &text, 0, 20);
	send_part(&w, &c, &text, 20, text.n);
	text_free(&inner);
	text_free(&media);
	text_free(&framed);
	finish(&w, &text,
	       "3 hello client 1:40000 > 2:443 pseudo-tls\n"
	       "4 hello server 2:443 > 1:40000 pseudo-tls\n"
	       "6 stun 0003 absent 1:40000 > 2:443 pseudo-tls in ms_tcp\n"
	       "6 stun 0001 absent 1:40000 > 2:443 pseudo-tls in "
	       "ms_tcp,rfc4571\n"
	       "6 stun 0001 absent 1:40000 > 2:443 pseudo-tls in ms_tcp\n");
}

/* Behind a hole: a cookie where a header could stand, or an MS frame. */
static void turn_stream_goes_on_behind_a_hole(void **state)
{
	struct text text = text_new(65536);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:3478");

	(void)state;
	wire_stun_text(&text, &allocate);
	send_text(&w, &c, 0, &text);
	wire_tcp_lose(&c, 0, 33);
	text_puts(&text, "the rest of a message that was lost");
	wire_stun_text(&text, &bind);
	send_text(&w, &c, 0, &text);
	wire_stun_text(&text, &granted);
	send_text(&w, &c, 1, &text);
	finish(&w, &text,
	       "3 stun 0003 absent 1:40000 > 2:3478 tcp\n"
	       "5 hole capture of 33 1:40000 > 2:3478 tcp\n"
	       "4 stun 0009 absent 1:40000 > 2:3478 tcp\n"
	       "5 stun 0103 absent 2:3478 > 1:40000 tcp\n");
}

static void ms_stream_goes_on_behind_a_hole(void **state)
{
	struct wire_stun ask = {.type = 3, .id = 1, .ms = true};
	struct text text = text_new(65536), inner = stun_text(&ask);
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:443");

	(void)state;
	put_hello(&text, false);
	put_framed(&text, 2, &inner);
	send_text(&w, &c, 0, &text);
	wire_tcp_lose(&c, 0, 33);
	put_framed(&text, 2, &inner);
	send_text(&w, &c, 0, &text);
	wire_tcp(&w, &c, 1, SLICE("x"));
	text_free(&inner);
	finish(&w, &text,
	       "3 hello client 1:40000 > 2:443 pseudo-tls\n"
	       "3 hello early 1:40000 > 2:443 pseudo-tls\n"
	       "3 stun 0003 absent 1:40000 > 2:443 pseudo-tls in ms_tcp\n"
	       "5 hole capture of 33 1:40000 > 2:443 pseudo-tls\n"
	       "4 stun 0003 absent 1:40000 > 2:443 pseudo-tls in ms_tcp\n");
}

/* ---- TLS ---- */

static void tls_shows_its_hello_and_no_messages(void **state)
{
	struct text text = text_new(65536);
	struct slice hello = t_hex("16 0301 002f 01 00002b 0303"
				   "000102030405060708090a0b0c0d0e0f"
				   "101112131415161718191a1b1c1d1e1f"
				   "00 0002 1301 01 00 0000");
	struct slice secret = t_hex("17 0303 0010 0003000021 12a442 0001"
				    "0203 04050607");
	struct wire w;
	struct wire_tcp c = open_to(&w, "2:5061");

	(void)state;
	wire_tcp(&w, &c, 0, hello);
	wire_tcp(&w, &c, 0, secret);
	wire_tcp(&w, &c, 0, secret);
	assert_int_equal(heard_counts(&w).tls, 3);
	t_release(hello);
	t_release(secret);
	finish(&w, &text, "3 tls 1:40000 > 2:5061 tcp\n");
}

static const struct t_case cases[] = {
	{"one_segment_holds_many_messages", one_segment_holds_many_messages},
	{"message_belongs_to_the_frame_that_completes_it",
	 message_belongs_to_the_frame_that_completes_it},
	{"every_byte_may_come_alone", every_byte_may_come_alone},
	{"keepalives_on_streams_are_counted",
	 keepalives_on_streams_are_counted},
	{"capture_may_start_within_a_message",
	 capture_may_start_within_a_message},
	{"stream_goes_on_behind_a_hole", stream_goes_on_behind_a_hole},
	{"segments_may_come_again_and_in_any_order",
	 segments_may_come_again_and_in_any_order},
	{"enormous_content_length_is_malformed",
	 enormous_content_length_is_malformed},
	{"http_on_5060_is_nothing", http_on_5060_is_nothing},
	{"answers_of_http_are_no_sip", answers_of_http_are_no_sip},
	{"sip_comes_over_websocket", sip_comes_over_websocket},
	{"packed_websocket_is_unpacked", packed_websocket_is_unpacked},
	{"broken_packing_is_passed_over", broken_packing_is_passed_over},
	{"websocket_is_known_by_the_sip_in_it",
	 websocket_is_known_by_the_sip_in_it},
	{"turn_messages_stand_back_to_back", turn_messages_stand_back_to_back},
	{"checks_over_tcp_are_framed_by_rfc4571",
	 checks_over_tcp_are_framed_by_rfc4571},
	{"ms_frames_follow_the_pseudo_tls_hello",
	 ms_frames_follow_the_pseudo_tls_hello},
	{"turn_stream_goes_on_behind_a_hole",
	 turn_stream_goes_on_behind_a_hole},
	{"ms_stream_goes_on_behind_a_hole", ms_stream_goes_on_behind_a_hole},
	{"tls_shows_its_hello_and_no_messages",
	 tls_shows_its_hello_and_no_messages},
};
T_MAIN(cases)
