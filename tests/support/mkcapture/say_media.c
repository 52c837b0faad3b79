/* RTP, RTCP and DTLS: just what tells a story (RFC 3550, RFC 6347). */
#include "config.h"

#include <string.h>

#include "dissectors/tls.h"
#include "tests/support/mkcapture/maker.h"

static uint64_t number(const struct saying *s, const char *name,
		       uint64_t otherwise, uint64_t max)
{
	const char *value = words_value(&s->words, name);

	return value ? recipe_number(s->line, value, max) : otherwise;
}

/* Sequence and timestamp go on where this SSRC left them. */
static struct rtp_run *run_of(struct saying *s, uint32_t ssrc)
{
	struct maker *m = s->m;

	for (size_t i = 0; i < m->run_count; i++)
		if (m->runs[i].ssrc == ssrc)
			return &m->runs[i];
	if (m->run_count == STREAMS_MAX)
		recipe_stop(s->line, "more than %u streams", STREAMS_MAX);
	m->runs[m->run_count] = (struct rtp_run){.ssrc = ssrc, .sequence = 1};
	return &m->runs[m->run_count++];
}

/* rtp ENDS ssrc=1 pt=0 size=160 skip=0 (so many packets are missing before)
 * hold=0 (1: with the time stamp of the first in a row that have that) */
void say_rtp(struct saying *s)
{
	struct rtp_run *run =
		run_of(s, (uint32_t)number(s, "ssrc", 1, UINT32_MAX));
	size_t size = (size_t)number(s, "size", 160, 1400);
	uint64_t skip = number(s, "skip", 0, 10000);

	run->sequence = (uint16_t)(run->sequence + skip);
	run->timestamp += (uint32_t)(skip * 160);
	put8(s->to, 0x80);
	put8(s->to, (unsigned)number(s, "pt", 0, 127));
	put16(s->to, run->sequence++);
	if (number(s, "hold", 0, 1) == 0)
		run->held = 0;
	else if (run->held == 0)
		run->held = run->timestamp;
	put32(s->to, run->held ? run->held : run->timestamp);
	put32(s->to, run->ssrc);
	run->timestamp += 160;
	for (size_t i = 0; i < size; i++)
		put8(s->to, 0xD5);
}

static void write_block(struct saying *s)
{
	put32(s->to, (uint32_t)number(s, "about", 1, UINT32_MAX));
	put8(s->to, (unsigned)number(s, "fraction", 0, 255));
	put8(s->to, 0);
	put16(s->to, (unsigned)number(s, "lost", 0, UINT16_MAX));
	put32(s->to, (uint32_t)number(s, "highest", 100, UINT32_MAX));
	put32(s->to, (uint32_t)number(s, "jitter", 0, UINT32_MAX));
	put32(s->to, 0);
	put32(s->to, 0);
}

/* rtcp ENDS sr|rr|bye ssrc= about= (with a report block) lost= jitter= */
void say_rtcp(struct saying *s)
{
	const char *kind =
		words_at(s->line, &s->words, s->first, "sr, rr or bye");
	bool sender = strcmp(kind, "sr") == 0;
	bool bye = strcmp(kind, "bye") == 0;
	bool block = !bye && words_value(&s->words, "about");

	if (!sender && !bye && strcmp(kind, "rr") != 0)
		recipe_stop(s->line, "not sr, rr or bye: %s", kind);
	put8(s->to, 0x80u | (block || bye ? 1u : 0));
	put8(s->to, sender ? 200 : bye ? 203 : 201);
	put16(s->to, 1u + (sender ? 5 : 0) + (block ? 6 : 0));
	put32(s->to, (uint32_t)number(s, "ssrc", 1, UINT32_MAX));
	if (sender) {
		put32(s->to, 0xEDFA0000);
		put32(s->to, 0);
		put32(s->to, 0);
		put32(s->to, (uint32_t)number(s, "packets", 1, UINT32_MAX));
		put32(s->to, (uint32_t)number(s, "octets", 160, UINT32_MAX));
	}
	if (block)
		write_block(s);
}

/* ---- DTLS ---- */

static void put24(struct text *to, size_t n)
{
	put8(to, (unsigned)(n >> 16));
	put16(to, (unsigned)(n & 0xFFFF));
}

static void write_record(struct saying *s, unsigned content, unsigned epoch,
			 struct slice body)
{
	put8(s->to, content);
	put16(s->to, 0xFEFD);
	put16(s->to, epoch);
	put16(s->to, 0);
	put32(s->to, (uint32_t)number(s, "sequence", 0, UINT32_MAX));
	put16(s->to, (unsigned)body.n);
	text_put(s->to, body);
}

static void write_handshake(struct saying *s, unsigned type, struct slice body)
{
	struct text message = text_new(PAYLOAD_MAX);

	put8(&message, type);
	put24(&message, body.n);
	put16(&message, 0);
	put24(&message, 0);
	put24(&message, body.n);
	text_put(&message, body);
	write_record(s, TLS_HANDSHAKE, 0, text_slice(&message));
	text_free(&message);
}

/* Version, random, no session, (no cookie,) one suite, no compression. */
static void write_hello(struct saying *s, bool client)
{
	static const uint8_t random[32] = {1, 2, 3, 4};
	struct text body = text_new(256);

	put16(&body, 0xFEFD);
	text_put(&body, slice_of(random, sizeof(random)));
	put8(&body, 0);
	if (client) {
		put8(&body, 0);
		put16(&body, 2);
	}
	put16(&body, 0xC02B);
	if (client)
		put8(&body, 1);
	put8(&body, 0);
	write_handshake(s, client ? TLS_CLIENT_HELLO : TLS_SERVER_HELLO,
			text_slice(&body));
	text_free(&body);
}

static void write_certificate(struct saying *s)
{
	const char *text =
		words_at(s->line, &s->words, s->first + 1, "the certificate");
	struct slice certificate = maker_bytes(s->m, s->line, text);
	struct text body = text_new(PAYLOAD_MAX);

	put24(&body, certificate.n + 3);
	put24(&body, certificate.n);
	text_put(&body, certificate);
	write_handshake(s, TLS_CERTIFICATE, text_slice(&body));
	text_free(&body);
}

static void write_alert(struct saying *s)
{
	const char *level =
		words_at(s->line, &s->words, s->first + 1, "fatal or warning");
	const char *what =
		words_at(s->line, &s->words, s->first + 2, "its number");
	uint8_t body[2] = {strcmp(level, "fatal") == 0 ? 2 : 1};

	body[1] = (uint8_t)recipe_number(s->line, what, 255);
	write_record(s, TLS_ALERT, 0, slice_of(body, sizeof(body)));
}

/* dtls ENDS client-hello|server-hello|certificate TEXT|finished|
 * alert fatal|warning NUMBER */
void say_dtls(struct saying *s)
{
	static const uint8_t one = 1, encrypted[40] = {9};
	const char *what =
		words_at(s->line, &s->words, s->first, "the message");

	if (strcmp(what, "client-hello") == 0) {
		write_hello(s, true);
	} else if (strcmp(what, "server-hello") == 0) {
		write_hello(s, false);
	} else if (strcmp(what, "certificate") == 0) {
		write_certificate(s);
	} else if (strcmp(what, "finished") == 0) {
		write_record(s, TLS_CHANGE_CIPHER_SPEC, 0, slice_of(&one, 1));
		write_record(s, TLS_HANDSHAKE, 1,
			     slice_of(encrypted, sizeof(encrypted)));
	} else if (strcmp(what, "alert") == 0) {
		write_alert(s);
	} else {
		recipe_stop(s->line, "no such DTLS message: %s", what);
	}
}
