/*
 * Which frame and time a message has whose segments come out of turn, again or
 * over each other: those of the latest segment that holds bytes of it, however
 * the stream is framed.
 *
 * A stream is MESSAGES messages, each in two halves; a segment is the halves
 * [from, to).
 */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/t.h"
#include "tests/support/tls_wire.h"

#define MESSAGES 4u
#define SEGMENTS_MAX 4u

/* What all framings are tried with. */
static const struct order {
	const char *name;
	struct {
		unsigned from, to;
	} segments[SEGMENTS_MAX];
	unsigned segment_of[MESSAGES]; /* what must complete each */
} orders[] = {
	{"in order", {{0, 3}, {3, 8}}, {0, 1, 1, 1}},
	{"the first comes last", {{1, 5}, {5, 8}, {0, 1}}, {2, 0, 1, 1}},
	{"all in reverse", {{6, 8}, {3, 6}, {0, 3}}, {2, 2, 1, 0}},
	{"one is lost and sent again", {{0, 1}, {3, 8}, {1, 3}}, {2, 2, 1, 1}},
	{"two are swapped in the middle of a message",
	 {{0, 1}, {5, 8}, {1, 5}},
	 {2, 2, 2, 1}},
	{"sent again", {{0, 3}, {0, 3}, {3, 8}, {3, 8}}, {0, 2, 2, 2}},
	{"sent again as one", {{3, 8}, {0, 8}}, {1, 1, 0, 0}},
	{"over each other", {{0, 3}, {2, 5}, {1, 8}}, {0, 1, 2, 2}},
	{"over each other, in reverse", {{4, 8}, {1, 5}, {0, 2}}, {2, 1, 0, 0}},
};

#define ORDERS (sizeof(orders) / sizeof(orders[0]))

/* A stream whose halves end at `ends`. */
struct stream {
	struct wire w;
	struct wire_tcp c;
	struct text text;
	size_t ends[MESSAGES * 2 + 1];
	unsigned halves;
};

static void open_to(struct stream *s, const char *server)
{
	memset(s, 0, sizeof(*s));
	s->text = text_new(65536);
	s->c = (struct wire_tcp){.ends = {"1:40000", server},
				 .next = {4294967000, 5000}};
	wire_open(&s->w);
	wire_tcp_syn(&s->w, &s->c);
}

static void put_half(struct stream *s, struct slice bytes)
{
	text_put(&s->text, bytes);
	s->ends[++s->halves] = s->text.n;
}

static void put_message(struct stream *s, struct slice bytes)
{
	put_half(s, slice_first(bytes, bytes.n / 2));
	put_half(s, slice_from(bytes, bytes.n / 2));
}

/* Sends it in that order; `line` is what is heard of each message. */
static void send_in(struct stream *s, const struct order *o, const char *line,
		    struct text *want)
{
	const size_t first = s->w.count + 1;

	for (size_t i = 0; i < SEGMENTS_MAX && o->segments[i].to; i++) {
		size_t from = s->ends[o->segments[i].from];
		size_t to = s->ends[o->segments[i].to];

		wire_tcp_at(&s->w, &s->c, 0, (int)from,
			    slice_cut(text_slice(&s->text), from, to - from));
	}
	for (size_t i = 0; i < MESSAGES; i++)
		text_printf(want, "%zu %s\n", first + o->segment_of[i], line);
}

/* With a key log, or NULL. */
static void finish(struct stream *s, const struct order *o, struct text *want,
		   const char *keylog)
{
	char *got = keylog ? heard_tls(&s->w, keylog, 0)
			   : heard(&s->w, NULL, false);

	text_putc(want, '\0');
	if (strcmp(got, (const char *)want->p) != 0)
		fail_msg("%s:\n%s\nnot\n%s", o->name, got,
			 (const char *)want->p);
	free(got);
	text_free(want);
	text_free(&s->text);
	wire_close(&s->w);
}

/* ---- over TCP ---- */

static void sip_over_tcp(void **state)
{
	(void)state;
	for (size_t i = 0; i < ORDERS; i++) {
		struct text want = text_new(4096), sip = text_new(4096);
		struct stream s;

		open_to(&s, "2:5060");
		tls_wire_put_options(&sip, "1 OPTIONS");
		for (size_t k = 0; k < MESSAGES; k++)
			put_message(&s, text_slice(&sip));
		send_in(&s, &orders[i], "sip OPTIONS 1:40000 > 2:5060 tcp",
			&want);
		text_free(&sip);
		finish(&s, &orders[i], &want, NULL);
	}
}

static void framed_checks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ORDERS; i++) {
		struct text want = text_new(4096), stun = text_new(4096),
			    framed = text_new(4096);
		struct stream s;

		open_to(&s, "3:6000");
		wire_stun_text(&stun, &tls_wire_check);
		text_putc(&framed, (char)(stun.n >> 8));
		text_putc(&framed, (char)stun.n);
		text_put(&framed, text_slice(&stun));
		for (size_t k = 0; k < MESSAGES; k++)
			put_message(&s, text_slice(&framed));
		send_in(&s, &orders[i],
			"stun 0001 absent 1:40000 > 3:6000 tcp in rfc4571",
			&want);
		text_free(&framed);
		text_free(&stun);
		finish(&s, &orders[i], &want, NULL);
	}
}

static void turn_over_tcp(void **state)
{
	(void)state;
	for (size_t i = 0; i < ORDERS; i++) {
		struct text want = text_new(4096), stun = text_new(4096);
		struct stream s;

		open_to(&s, "2:3478");
		wire_stun_text(&stun, &tls_wire_allocate);
		for (size_t k = 0; k < MESSAGES; k++)
			put_message(&s, text_slice(&stun));
		send_in(&s, &orders[i], "stun 0003 absent 1:40000 > 2:3478 tcp",
			&want);
		text_free(&stun);
		finish(&s, &orders[i], &want, NULL);
	}
}

#define ASKS                                          \
	"GET / HTTP/1.1\r\nHost: sip.example.org\r\n" \
	"Upgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
#define AGREES "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

/* A piece of a message of a WebSocket. */
static struct text piece(unsigned head, struct slice bytes)
{
	struct text to = text_new(4096);

	text_putc(&to, (char)head);
	text_putc(&to, '\x7E');
	text_putc(&to, (char)(bytes.n >> 8));
	text_putc(&to, (char)bytes.n);
	text_put(&to, bytes);
	return to;
}

#define PIECE_TEXT 0x01u
#define PIECE_LAST 0x80u

/* Each half is a frame of its own. */
static void put_pieces(struct stream *s, struct slice bytes)
{
	struct text first = piece(PIECE_TEXT, slice_first(bytes, 100));
	struct text last = piece(PIECE_LAST, slice_from(bytes, 100));

	put_half(s, text_slice(&first));
	put_half(s, text_slice(&last));
	text_free(&first);
	text_free(&last);
}

static void websocket(const struct order *o, bool pieces)
{
	struct text want = text_new(4096), sip = text_new(4096), whole;
	struct stream s;

	open_to(&s, "2:8080");
	wire_tcp(&s.w, &s.c, 0, SLICE(ASKS));
	wire_tcp(&s.w, &s.c, 1, SLICE(AGREES));
	tls_wire_put_options(&sip, "1 OPTIONS");
	whole = piece(PIECE_TEXT | PIECE_LAST, text_slice(&sip));
	for (size_t k = 0; k < MESSAGES; k++)
		if (pieces)
			put_pieces(&s, text_slice(&sip));
		else
			put_message(&s, text_slice(&whole));
	send_in(&s, o, "sip OPTIONS 1:40000 > 2:8080 ws in websocket", &want);
	text_free(&whole);
	text_free(&sip);
	finish(&s, o, &want, NULL);
}

static void sip_over_websocket(void **state)
{
	(void)state;
	for (size_t i = 0; i < ORDERS; i++) {
		websocket(&orders[i], false);
		websocket(&orders[i], true);
	}
}

/* ---- TLS ---- */

#define HANDSHAKE                      \
	"3 tls 1:40000 > 2:5061 tcp\n" \
	"4 tls 2:5061 > 1:40000 tcp\n" \
	"5 tls 1:40000 > 2:5061 tcp\n" \
	"5 tls 1:40000 > 2:5061 tcp\n" \
	"6 tls 2:5061 > 1:40000 tcp\n" \
	"6 tls 2:5061 > 1:40000 tcp\n"

static void put_record(struct stream *s, struct tls_wire *t, struct slice bytes,
		       bool whole)
{
	struct text record = text_new(4096);

	tls_wire_seal(t, 0, bytes, &record);
	if (whole)
		put_half(s, text_slice(&record));
	else
		put_message(s, text_slice(&record));
	text_free(&record);
}

/* A record holds a message, or half of one. */
static void tls(const struct order *o, bool halves)
{
	struct text want = text_new(4096), sip = text_new(4096);
	struct tls_wire t;
	struct stream s;
	struct slice all;

	memset(&s, 0, sizeof(s));
	s.text = text_new(65536);
	wire_open(&s.w);
	tls_wire_open(&t, &s.w, "1:40000", "2:5061");
	s.c = t.tcp;
	tls_wire_put_options(&sip, "1 OPTIONS");
	all = text_slice(&sip);
	for (size_t k = 0; k < MESSAGES; k++) {
		if (!halves) {
			put_record(&s, &t, all, false);
			continue;
		}
		put_record(&s, &t, slice_first(all, 100), true);
		put_record(&s, &t, slice_from(all, 100), true);
	}
	text_puts(&want, HANDSHAKE);
	send_in(&s, o, "sip OPTIONS 1:40000 > 2:5061 tls in tls", &want);
	text_free(&sip);
	finish(&s, o, &want, tls_wire_keylog);
}

static void sip_over_tls(void **state)
{
	(void)state;
	for (size_t i = 0; i < ORDERS; i++) {
		tls(&orders[i], false);
		tls(&orders[i], true);
	}
}

static const struct t_case cases[] = {
	{"sip_over_tcp", sip_over_tcp},
	{"framed_checks", framed_checks},
	{"turn_over_tcp", turn_over_tcp},
	{"sip_over_websocket", sip_over_websocket},
	{"sip_over_tls", sip_over_tls},
};
T_MAIN(cases)
