/*
 * Masking: a secret in each place where one may stand comes out of no way to
 * print it, though one byte of what is around it is damaged, lost or too many,
 * or it is wrapped over lines as logs do, and whatever stands in other lines.
 *
 * Input: place, operation, where (2), byte, wraps (1 and 3 each), how much of
 * the rest stands in front; and the rest.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "core/text.h"
#include "dissectors/sip.h"
#include "report/masking.h"
#include "report/secrets.h"
#include "tests/fuzz/one.h"

/* Of a secret, so many signs in a row tell something. */
#define RUN 8u
#define WRAPS_MAX 2u
#define WRAP_LEAST 4u
#define URI_FRONT 10u /* "sip:alice:" */
#define TEXT_MAX 8192u
#define ARENA_MAX ((size_t)16 << 20)

static const char secret[] = "QmVzdGVodEF1czMyWmVpY2hlbkZ1ZXI5";

#define MESSAGE                                                            \
	"INVITE sip:bob@192.0.2.2 SIP/2.0\r\n"                             \
	"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nCSeq: 1 INVITE\r\n" \
	"From: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>\r\n"       \
	"Call-ID: 1\r\n"
#define OFFER                                                               \
	MESSAGE "Content-Type: application/sdp\r\n\r\nv=0\r\n"              \
		"o=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n" \
		"t=0 0\r\nm=audio 5000 RTP/SAVP 8\r\na=ice-ufrag:abcd\r\n"
#define MARK "\x01" /* stands for the secret */

static const char *const places[] = {
	OFFER "a=ice-pwd:" MARK "\r\na=sendrecv\r\n",
	OFFER "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" MARK
	      "|2^31|1:1\r\na=sendrecv\r\n",
	OFFER "a=candidate:wTqV0gWvKOYkW5f3 1 " MARK
	      " UDP 0.83 192.0.2.1 50000\r\n",
	OFFER "k=base64:" MARK "\r\n",
	MESSAGE "Authorization: NTLM qop=\"auth\", realm=\"SIP "
		"Communications Service\", gssapi-data=\"" MARK
		"\", version=4\r\n\r\n",
	MESSAGE "Proxy-Authorization: Digest username=\"a\", realm=\"r\", "
		"nonce=\"n\", uri=\"sip:r\", response=\"" MARK "\"\r\n\r\n",
	MESSAGE "Authorization: Bearer " MARK "\r\n\r\n",
	MESSAGE "Authentication-Info: Kerberos rspauth=\"" MARK
		"\", srand=\"1\", snum=\"1\"\r\n\r\n",
	MESSAGE "Contact: <sip:alice:" MARK "@192.0.2.1>\r\n\r\n",
	MESSAGE "Cookie: session=" MARK "\r\n\r\n",
	MESSAGE "Content-Type: application/msrtc-media-relay-auth+xml\r\n\r\n"
		"<?xml version=\"1.0\"?><response xmlns=\"http://schemas."
		"microsoft.com/2006/09/sip/mrasp\" requestID=\"1\" "
		"reasonPhrase=\"OK\"><credentialsResponse "
		"credentialsRequestID=\"1\"><credentials><username>AgAAJM"
		"</username><password>" MARK "</password><duration>480"
		"</duration></credentials></credentialsResponse></response>",
	"{\"username\":\"1:a\",\"password\":\"" MARK "\",\"ttl\":86400}",
	"{\"iceServers\":[{\"urls\":\"turn:h\",\"credential\":\"" MARK "\"}]}",
	"INFO password=" MARK " user=a\r\n",
	"<wsse:BinarySecurityToken>" MARK "</wsse:BinarySecurityToken>",
};

static void must(bool truth)
{
	if (!truth)
		abort();
}

struct built {
	uint8_t bytes[TEXT_MAX];
	size_t n;
	size_t from, end; /* of the secret */
	bool is_uri;
};

static void put(struct built *b, struct slice s)
{
	must(s.n <= TEXT_MAX - b->n);
	if (s.n)
		memcpy(b->bytes + b->n, s.p, s.n);
	b->n += s.n;
}

static void insert(struct built *b, size_t at, struct slice s)
{
	must(at <= b->n && s.n <= TEXT_MAX - b->n);
	memmove(b->bytes + at + s.n, b->bytes + at, b->n - at);
	memcpy(b->bytes + at, s.p, s.n);
	b->n += s.n;
	b->from += at <= b->from ? s.n : 0;
	b->end += at < b->end ? s.n : 0;
}

static void drop(struct built *b, size_t at)
{
	memmove(b->bytes + at, b->bytes + at + 1, b->n - at - 1);
	b->n--;
	b->from -= at < b->from;
	b->end -= at < b->end;
}

/* The place, and what stands around it in lines of its own. */
static void build(struct built *b, const char *place, struct slice front,
		  struct slice behind)
{
	struct slice text = slice_of_text(place);
	size_t mark;

	must(slice_find(text, (uint8_t)MARK[0], &mark));
	put(b, front);
	if (front.n)
		put(b, SLICE("\r\n"));
	put(b, slice_first(text, mark));
	b->from = b->n;
	put(b, slice_of_text(secret));
	b->end = b->n;
	put(b, slice_from(text, mark + 1));
	b->is_uri = text.p[mark + 1] == '@';
	if (behind.n)
		put(b, SLICE("\r\n"));
	put(b, behind);
}

/* One byte that is none of the secret. */
static void damage(struct built *b, unsigned operation, size_t at, uint8_t byte)
{
	if (at >= b->n || (at >= b->from && at < b->end))
		return;
	/* A password in a URI has no word: only its form tells it. */
	if (b->is_uri && at + URI_FRONT >= b->from && at <= b->end)
		return;
	switch (operation % 4) {
	case 1:
		b->bytes[at] = byte;
		break;
	case 2:
		drop(b, at);
		break;
	case 3:
		insert(b, at, slice_of(&byte, 1));
		break;
	default:
		break;
	}
}

/* Logs break lines where there is something between. */
static bool may_break(const struct built *b, size_t at)
{
	size_t from = at < WRAP_LEAST ? 0 : at - WRAP_LEAST;
	struct slice near =
		slice_cut(slice_of(b->bytes, b->n), from, 2 * WRAP_LEAST);

	if (at > b->n || slice_find(near, '\r', &from) ||
	    slice_find(near, '\n', &from))
		return false;
	return !b->is_uri || at + URI_FRONT < b->from || at > b->end;
}

static void wrap(struct built *b, size_t at, unsigned kind)
{
	static const char *const ends[] = {"\r\n", "\n", "\r\n  ", "\n\t"};

	if (may_break(b, at))
		insert(b, at, slice_of_text(ends[kind % 4]));
}

static bool tells(struct slice s)
{
	for (size_t i = 0; i + RUN <= s.n; i++)
		for (size_t k = 0; k + RUN < sizeof(secret); k++)
			if (memcmp(s.p + i, secret + k, RUN) == 0)
				return true;
	return false;
}

static void check(const struct text *text)
{
	must(text->failed == STATUS_OK);
	must(!tells(text_slice(text)));
}

/* As a screen shows the fields of a message. */
struct fields {
	struct text *to;
	const struct masking *masking;
};

static void take(void *context, const struct field *field)
{
	struct fields *f = context;

	if (field->secret)
		secret_put(field->text, false, f->to);
	else
		masking_put_field(f->masking, field, f->to);
	text_putc(f->to, '\n');
}

static void as_message(struct slice in, struct text *to)
{
	struct arena arena = arena_new(ARENA_MAX);
	struct findings findings = {0};
	struct decoding d = {.arena = &arena, .findings = &findings};
	struct sip_message *m = calloc(1, sip_dissector.size);
	struct masking masking;
	struct field_sink sink = masking_sink(&masking);
	struct fields fields = {to, &masking};
	size_t used;
	bool is_message;

	must(m);
	masking_begin(&masking, in);
	is_message = sip_decode(&d, in, m, &used) == STATUS_OK;
	if (is_message)
		sip_walk(m, &sink);
	masking_finish(&masking);
	if (is_message)
		sip_walk(m, &(struct field_sink){&fields, take});
	masking_put(&masking, to);
	for (size_t i = 0; i < in.n; i++)
		text_putc(to, masking_hides(&masking, i) ? '*' : (char)in.p[i]);
	masking_free(&masking);
	free(m);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_over(slice_of(data, size));
	unsigned place = cursor_u8(&c), operation = cursor_u8(&c);
	size_t where = cursor_u16(&c);
	uint8_t byte = cursor_u8(&c);
	unsigned wraps = cursor_u8(&c) % (WRAPS_MAX + 1);
	size_t wrapped[WRAPS_MAX] = {0}, front;
	unsigned kinds[WRAPS_MAX] = {0};
	struct built b = {.n = 0};
	struct text text = text_new((size_t)1 << 20);
	struct slice rest;

	for (unsigned i = 0; i < wraps; i++) {
		wrapped[i] = cursor_u16(&c);
		kinds[i] = cursor_u8(&c);
	}
	front = cursor_u8(&c);
	rest = slice_first(cursor_rest(&c), TEXT_MAX / 2);
	if (c.bad || tells(rest))
		return 0;
	build(&b, places[place % (sizeof(places) / sizeof(places[0]))],
	      slice_first(rest, front), slice_from(rest, front));
	if (wraps == 0)
		damage(&b, operation, where, byte);
	for (unsigned i = 0; i < wraps; i++)
		wrap(&b, wrapped[i], kinds[i]);
	if (!tells(slice_of(b.bytes, b.n)))
		return 0;
	masking_text(slice_of(b.bytes, b.n), false, &text);
	check(&text);
	text_clear(&text);
	as_message(slice_of(b.bytes, b.n), &text);
	check(&text);
	must(secret_may_be_in(slice_of(b.bytes, b.n)));
	text_free(&text);
	return 0;
}
