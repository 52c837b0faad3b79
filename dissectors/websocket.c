/* WebSocket (RFC 6455): opening and frames. */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/sip.h"
#include "dissectors/websocket.h"

#define FIN 0x80u
#define RSV1 0x40u
#define RSV_OTHERS 0x30u
#define OPCODE 0x0Fu
#define MASK 0x80u
#define LENGTH 0x7Fu
#define KEY_SIZE 4u
#define CONTROL 0x08u
#define CONTROL_MAX 125u

/* ---- the opening ---- */

/* The line "NAME: ...WORD...", whatever case. */
static bool line_says(struct slice line, const char *name, const char *word)
{
	struct slice value = line;
	struct slice head = slice_trim(slice_split(&value, ':'));
	size_t n = strlen(word);

	if (!slice_is_nocase(head, name))
		return false;
	for (size_t at = 0; at + n <= value.n; at++)
		if (slice_starts_nocase(slice_from(value, at), word))
			return true;
	return false;
}

static enum claim starts_http(struct slice in)
{
	static const char *const starts[] = {"GET ", "HTTP/1.1 101"};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct slice want = slice_of_text(starts[i]);

		if (slice_starts(in, want))
			return CLAIM_SURE;
		if (in.n < want.n && slice_starts(want, in))
			return CLAIM_MAYBE;
	}
	return CLAIM_NO;
}

enum claim websocket_hello_claims(struct slice in, size_t *size)
{
	enum claim claim = starts_http(in);
	struct slice rest = in;
	bool upgrades = false;

	if (claim != CLAIM_SURE)
		return in.n ? claim : CLAIM_NO;
	while (rest.n) {
		size_t at;
		struct slice line;

		if (!slice_find(rest, '\n', &at))
			break;
		line = slice_trim(slice_first(rest, at));
		rest = slice_from(rest, at + 1);
		upgrades |= line_says(line, "upgrade", "websocket");
		if (line.n)
			continue;
		*size = in.n - rest.n;
		return upgrades ? CLAIM_SURE : CLAIM_NO;
	}
	return in.n > WEBSOCKET_HELLO_MAX ? CLAIM_NO : CLAIM_MAYBE;
}

bool websocket_asks_sip(struct slice hello)
{
	bool asks = false;
	size_t at;

	while (!asks && slice_find(hello, '\n', &at)) {
		asks = line_says(slice_trim(slice_first(hello, at)),
				 "sec-websocket-protocol", "sip");
		hello = slice_from(hello, at + 1);
	}
	return asks;
}

/* ---- frames ---- */

struct frame {
	uint8_t flags, opcode;
	const uint8_t *key; /* NULL: not masked */
	struct slice data;
};

/* RFC 6455 5.2. */
static enum status head_decode(struct cursor *c, struct frame *out,
			       uint64_t *length)
{
	uint8_t first = cursor_u8(c), second = cursor_u8(c);

	out->flags = first & (FIN | RSV1 | RSV_OTHERS);
	out->opcode = first & OPCODE;
	*length = second & LENGTH;
	if (*length == 126)
		*length = cursor_u16(c);
	else if (*length == 127)
		*length = cursor_u64(c);
	out->key = second & MASK ? cursor_take(c, KEY_SIZE).p : NULL;
	if (c->bad)
		return STATUS_SHORT;
	if ((out->flags & RSV_OTHERS) ||
	    (out->opcode > WEBSOCKET_BINARY && out->opcode < CONTROL) ||
	    out->opcode > WEBSOCKET_PONG || *length > WEBSOCKET_MESSAGE_MAX ||
	    (out->opcode & CONTROL &&
	     (*length > CONTROL_MAX || !(out->flags & FIN))))
		return STATUS_BAD;
	return STATUS_OK;
}

static enum status frame_decode(struct slice in, struct frame *out,
				size_t *used)
{
	struct cursor c = cursor_over(in);
	uint64_t length;
	enum status status = head_decode(&c, out, &length);

	if (status != STATUS_OK)
		return status;
	if (length > c.left)
		return STATUS_SHORT;
	out->data = cursor_take(&c, (size_t)length);
	*used = in.n - c.left;
	return STATUS_OK;
}

static void unmask(const struct frame *f, uint8_t *to)
{
	for (size_t i = 0; i < f->data.n; i++)
		to[i] = f->key ? (uint8_t)(f->data.p[i] ^ f->key[i % KEY_SIZE])
			       : f->data.p[i];
}

/* The frames up to the last one of the message; how many bytes it has. */
static enum status measure(struct slice in, size_t *size, size_t *used)
{
	struct frame f;
	size_t n;

	*size = *used = 0;
	do {
		enum status status =
			frame_decode(slice_from(in, *used), &f, &n);

		if (status != STATUS_OK)
			return status;
		if (*used && !(f.opcode & CONTROL) &&
		    f.opcode != WEBSOCKET_CONTINUATION)
			return STATUS_BAD;
		*used += n;
		if (f.opcode & CONTROL && *used != n)
			continue;
		*size += f.data.n;
		if (*size > WEBSOCKET_MESSAGE_MAX)
			return STATUS_BAD;
	} while (!(f.flags & FIN) || (f.opcode & CONTROL && *used != n));
	return STATUS_OK;
}

enum status websocket_decode(struct decoding *d, struct slice in,
			     struct websocket_message *out, size_t *used)
{
	size_t size, at = 0, n;
	enum status status = measure(in, &size, used);
	uint8_t *data;
	struct frame f;

	if (status != STATUS_OK)
		return status;
	data = arena_array(d->arena, size + 1, 1);
	if (!data)
		return STATUS_NOMEM;
	*out = (struct websocket_message){.data = slice_of(data, size)};
	for (size_t done = 0; done < *used; done += n) {
		if (frame_decode(slice_from(in, done), &f, &n) != STATUS_OK)
			return STATUS_BAD;
		if (done == 0) {
			out->opcode = f.opcode;
			out->compressed = (f.flags & RSV1) != 0;
		} else if (f.opcode & CONTROL) {
			continue; /* may stand between (RFC 6455 5.4) */
		}
		unmask(&f, data + at);
		at += f.data.n;
	}
	return STATUS_OK;
}

/* Enough to tell a start line of SIP. */
#define LOOK 16u

enum claim websocket_claims(struct slice in)
{
	struct cursor c = cursor_over(in);
	uint8_t plain[LOOK];
	struct frame f;
	uint64_t length;
	enum status status;

	if (in.n == 0 || (in.p[0] != (FIN | WEBSOCKET_TEXT) &&
			  in.p[0] != (FIN | WEBSOCKET_BINARY)))
		return CLAIM_NO;
	status = head_decode(&c, &f, &length);
	if (status != STATUS_OK)
		return status == STATUS_SHORT ? CLAIM_MAYBE : CLAIM_NO;
	if (length < LOOK)
		return CLAIM_NO;
	if (c.left < LOOK)
		return CLAIM_MAYBE;
	f.data = cursor_take(&c, LOOK);
	unmask(&f, plain);
	return sip_claims(slice_of(plain, LOOK), true) == CLAIM_NO ? CLAIM_NO
								   : CLAIM_SURE;
}
