/*
 * Payloads: the table of their names, their ends, and what damages them when
 * they are made.
 */
#include "config.h"

#include <string.h>

#include "dissectors/turn.h"
#include "net/packet.h"
#include "tests/support/mkcapture/maker.h"

static const struct {
	const char *name;
	say_fn say;
} rows[] = {
	{"sip", say_sip},
	{"stun", say_stun},
	{"check", say_check},
	{"answer", say_answer},
	{"denied", say_denied},
	{"channel", say_channel},
	{"multiplexed", say_multiplexed},
	{"ms-tcp", say_ms_tcp},
	{"rfc4571", say_rfc4571},
	{"pseudo-tls", say_pseudo_tls},
	{"rtp", say_rtp},
	{"rtcp", say_rtcp},
	{"dtls", say_dtls},
	{"dns", say_dns},
	{"text", say_text},
	{"hex", say_hex},
};

say_fn say_find(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].say;
	return NULL;
}

/* ---- damage ---- */

static void patch(struct saying *s, const struct line *line,
		  const struct words *w)
{
	size_t at = (size_t)recipe_number(
		line, words_at(line, w, 1, "the offset"), PAYLOAD_MAX);
	struct slice with =
		maker_hex(s->m, line, words_at(line, w, 2, "the new bytes"));

	if (at + with.n > s->to->n)
		recipe_stop(line, "the payload has only %zu bytes", s->to->n);
	memcpy(s->to->p + at, with.p, with.n);
}

/* append HEX [TIMES] */
static void append(struct saying *s, const struct line *line,
		   const struct words *w)
{
	struct slice bytes =
		maker_hex(s->m, line, words_at(line, w, 1, "bytes"));
	uint64_t times =
		w->count > 2 ? recipe_number(line, w->list[2], PAYLOAD_MAX) : 1;

	for (uint64_t i = 0; i < times; i++)
		text_put(s->to, bytes);
}

/* patch AT HEX, cut N, append HEX [TIMES]: in this order of the lines. */
static void damage(struct saying *s)
{
	const struct recipe *r = s->m->recipe;

	for (size_t i = recipe_child(r, s->at); i != RECIPE_NONE;
	     i = recipe_next(r, i)) {
		const struct line *line = &r->lines[i];
		struct words w;

		recipe_words(line, &w);
		if (strcmp(w.list[0], "patch") == 0)
			patch(s, line, &w);
		else if (strcmp(w.list[0], "cut") == 0)
			s->to->n = (size_t)recipe_number(
				line, words_at(line, &w, 1, "the length"),
				s->to->n);
		else if (strcmp(w.list[0], "append") == 0)
			append(s, line, &w);
	}
}

static void run(struct saying *s)
{
	say_fn say = say_find(s->words.list[0]);

	if (!say)
		recipe_stop(s->line, "no such payload: %s", s->words.list[0]);
	say(s);
	damage(s);
	if (s->to->failed != STATUS_OK)
		recipe_stop(s->line, "the payload is too long");
}

void say_inner(const struct saying *outer, size_t at, struct text *to)
{
	struct saying s = {.m = outer->m,
			   .at = at,
			   .line = &outer->m->recipe->lines[at],
			   .first = 1,
			   .src = outer->src,
			   .dst = outer->dst,
			   .to = to};

	recipe_words(s.line, &s.words);
	run(&s);
}

void say_child(struct saying *s, struct text *to)
{
	const struct recipe *r = s->m->recipe;

	for (size_t i = recipe_child(r, s->at); i != RECIPE_NONE;
	     i = recipe_next(r, i)) {
		struct words w;

		recipe_words(&r->lines[i], &w);
		if (say_find(w.list[0])) {
			say_inner(s, i, to);
			return;
		}
	}
	recipe_stop(s->line, "what it carries is missing");
}

static void find_ends(struct saying *s)
{
	const char *word = words_at(s->line, &s->words, 1, "who speaks");
	unsigned side;

	s->connection = maker_connection(s->m, s->line, word, &side);
	if (s->connection) {
		s->src = s->connection->ends[side];
		s->dst = s->connection->ends[!side];
		s->first = 2;
		return;
	}
	s->src = maker_end(s->m, s->line, word);
	s->dst = maker_end(s->m, s->line,
			   words_at(s->line, &s->words, 2, "who hears it"));
	s->first = 3;
}

void say_top(struct maker *m, size_t at)
{
	struct text payload = text_new(PAYLOAD_MAX);
	struct saying s = {.m = m,
			   .at = at,
			   .line = &m->recipe->lines[at],
			   .to = &payload};

	recipe_words(s.line, &s.words);
	find_ends(&s);
	run(&s);
	if (m->log.on)
		log_message(&s);
	else if (s.connection)
		maker_segment(m, s.line, s.words.list[1], TCP_ACK,
			      text_slice(&payload));
	else
		maker_datagram(&s);
	m->last_said = at;
	text_free(&payload);
}

/* ---- envelopes and raw bytes ---- */

void say_channel(struct saying *s)
{
	const char *number =
		words_at(s->line, &s->words, s->first, "the channel");
	struct text inner = text_new(PAYLOAD_MAX);

	say_child(s, &inner);
	channel_data_write(s->to,
			   (uint16_t)recipe_number(s->line, number, UINT16_MAX),
			   text_slice(&inner), s->connection != NULL);
	text_free(&inner);
}

/* multiplexed ENDS SESSION ([MS-TURN] 2.2.3): eight bytes, hexadecimal. */
void say_multiplexed(struct saying *s)
{
	struct slice session = maker_hex(
		s->m, s->line,
		words_at(s->line, &s->words, s->first, "the session"));
	struct text inner = text_new(PAYLOAD_MAX);

	say_child(s, &inner);
	put16(s->to, 0xFF10);
	put16(s->to, (unsigned)(session.n + inner.n));
	text_put(s->to, session);
	text_put(s->to, text_slice(&inner));
	text_free(&inner);
}

/* ms-tcp ENDS [data] ([MS-TURN] 2.1.4). */
void say_ms_tcp(struct saying *s)
{
	struct text inner = text_new(PAYLOAD_MAX);

	say_child(s, &inner);
	put8(s->to, words_has(&s->words, "data") ? 3 : 2);
	put8(s->to, 0);
	put16(s->to, (unsigned)inner.n);
	text_put(s->to, text_slice(&inner));
	text_free(&inner);
}

void say_rfc4571(struct saying *s)
{
	struct text inner = text_new(PAYLOAD_MAX);

	say_child(s, &inner);
	put16(s->to, (unsigned)inner.n);
	text_put(s->to, text_slice(&inner));
	text_free(&inner);
}

/* The hellos of [MS-TURN] 2.1.1, their free bytes zero. */
static void put_client_hello(struct text *to)
{
	put32(to, 0x16030100);
	put32(to, 0x2D010000);
	put32(to, 0x29030100);
	for (unsigned i = 0; i < 31; i++)
		put8(to, 0);
	put32(to, 0x00000200);
	put8(to, 0x18);
	put16(to, 0x0100);
}

static void put_server_hello(struct text *to)
{
	put32(to, 0x16030100);
	put32(to, 0x4E020000);
	put32(to, 0x46030100);
	for (unsigned i = 0; i < 31; i++)
		put8(to, 0);
	put8(to, 32);
	for (unsigned i = 0; i < 32; i++)
		put8(to, i);
	put32(to, 0x0018000E);
	put16(to, 0);
	put8(to, 0);
}

/* pseudo-tls ENDS client|server */
void say_pseudo_tls(struct saying *s)
{
	const char *who = words_at(s->line, &s->words, s->first, "whose hello");

	if (strcmp(who, "client") == 0)
		put_client_hello(s->to);
	else if (strcmp(who, "server") == 0)
		put_server_hello(s->to);
	else
		recipe_stop(s->line, "client or server: %s", who);
}

/* The lines as they stand, each ended by CRLF; escapes are read. */
void say_text(struct saying *s)
{
	const struct recipe *r = s->m->recipe;

	for (size_t i = recipe_child(r, s->at); i != RECIPE_NONE;
	     i = recipe_next(r, i)) {
		const char *text = r->lines[i].text;

		if (strcmp(text, "-") != 0)
			text_put(s->to, maker_unescape(s->m, text));
		text_puts(s->to, "\r\n");
	}
}

/* hex ENDS DIGITS... */
void say_hex(struct saying *s)
{
	for (size_t i = s->first; i < s->words.count; i++)
		text_put(s->to, maker_hex(s->m, s->line, s->words.list[i]));
}
