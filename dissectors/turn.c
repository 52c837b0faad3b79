/*
 * Framing beside STUN on TURN connections.
 *
 *   ChannelData   number 0x4000.., length, data     RFC 8656 12.4
 *   multiplexed   0xFF10, length, session id, data  [MS-TURN] 2.2.3
 *   MS over TCP   2 or 3, 0, length, data           [MS-TURN] 2.1.4
 *   ICE-TCP       length, data                      RFC 4571, RFC 6544
 *   pseudo-TLS    two fixed hellos                  [MS-TURN] 2.1.1
 */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/stun.h"
#include "dissectors/turn.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MULTIPLEXED 0xFF10u
#define SESSION 8u
#define MS_TCP_CONTROL 2u
#define MS_TCP_DATA 3u

/* Bytes that fill up to a multiple of four. */
static size_t padding(size_t n)
{
	return (4 - n % 4) % 4;
}

/* What a length past the end means. */
static enum status too_short(const struct decoding *d)
{
	return d->stream || d->cut ? STATUS_SHORT : STATUS_BAD;
}

/* ---- ChannelData ---- */

static bool channel_fits(uint16_t channel)
{
	return channel >= CHANNEL_MIN && channel <= CHANNEL_MAX;
}

enum claim channel_data_claims(struct slice in, bool stream)
{
	struct cursor c = cursor_over(in);
	uint16_t channel = cursor_u16(&c);
	size_t length = cursor_u16(&c);

	if (stream && in.n < 4)
		return in.n == 0 || (in.p[0] >> 6) == 1 ? CLAIM_MAYBE
							: CLAIM_NO;
	if (c.bad || !channel_fits(channel))
		return CLAIM_NO;
	if (!stream && c.left != length && c.left != length + padding(length))
		return CLAIM_NO;
	/* In a stream, the data may not be here yet. */
	if (stun_claims(slice_first(cursor_rest(&c), length), false) ==
	    CLAIM_SURE)
		return CLAIM_SURE;
	return CLAIM_MAYBE;
}

enum status channel_data_decode(struct decoding *d, struct slice in,
				struct channel_data *out, size_t *used)
{
	struct cursor c = cursor_over(in);
	uint16_t channel = cursor_u16(&c);
	size_t length = cursor_u16(&c);
	struct slice data = cursor_take(&c, length);
	size_t want = padding(length);
	struct slice pad;

	if (in.n && (in.p[0] >> 6) != 1)
		return STATUS_NOT_MINE;
	/* A datagram cut by the capture behind its header: what is there. */
	if (c.bad && d->cut && !d->stream && in.n >= 4) {
		*out = (struct channel_data){channel, slice_from(in, 4),
					     (struct slice){0}};
		*used = in.n;
		return STATUS_OK;
	}
	/* Only a stream must pad to four; a datagram may. */
	if (!d->stream && want > c.left)
		want = c.left;
	pad = cursor_take(&c, want);
	if (c.bad)
		return too_short(d);
	if (!d->stream && c.left)
		return STATUS_BAD;
	*out = (struct channel_data){channel, data, pad};
	*used = 4 + data.n + pad.n;
	return STATUS_OK;
}

void channel_data_walk(const struct channel_data *m, struct field_sink *to)
{
	field_number(to, "channel", m->channel);
	field_bytes(to, "data", m->data);
	if (m->padding.n)
		field_bytes(to, "padding", m->padding);
}

void channel_data_write(struct text *to, uint16_t channel, struct slice data,
			bool stream)
{
	static const uint8_t zeros[4] = {0};
	uint8_t header[4] = {(uint8_t)(channel >> 8),
			     (uint8_t)(channel & 0xFF),
			     (uint8_t)(data.n >> 8 & 0xFF),
			     (uint8_t)(data.n & 0xFF)};

	if (data.n > UINT16_MAX) {
		to->failed = STATUS_LIMIT;
		return;
	}
	text_put(to, slice_of(header, sizeof(header)));
	text_put(to, data);
	if (stream)
		text_put(to, slice_of(zeros, padding(data.n)));
}

static enum status channel_decode_any(struct decoding *d, struct slice in,
				      void *out, size_t *used)
{
	return channel_data_decode(d, in, out, used);
}

static void channel_walk_any(const void *message, struct field_sink *to)
{
	channel_data_walk(message, to);
}

static const struct rule channel_rules[] = {{0}};

const struct dissector channel_data_dissector = {
	.name = "channel_data",
	.size = sizeof(struct channel_data),
	.rules = channel_rules,
	.claims = channel_data_claims,
	.decode = channel_decode_any,
	.walk = channel_walk_any,
};

/* ---- multiplexed TURN of Microsoft ---- */

enum claim multiplexed_claims(struct slice in, bool stream)
{
	static const uint8_t mark[2] = {MULTIPLEXED >> 8, MULTIPLEXED & 0xFF};
	struct slice first = slice_first(in, sizeof(mark));
	struct cursor c = cursor_over(in);
	size_t length;

	if (first.n && memcmp(first.p, mark, first.n) != 0)
		return CLAIM_NO;
	cursor_skip(&c, sizeof(mark));
	length = cursor_u16(&c);
	if (c.bad)
		return stream ? CLAIM_MAYBE : CLAIM_NO;
	if (length < SESSION || (!stream && length != c.left))
		return CLAIM_NO;
	return CLAIM_SURE;
}

enum status multiplexed_decode(struct decoding *d, struct slice in,
			       struct multiplexed *out, size_t *used)
{
	struct cursor c = cursor_over(in);
	uint16_t mark = cursor_u16(&c);
	struct slice body = cursor_take(&c, cursor_u16(&c));

	if (in.n >= 2 && mark != MULTIPLEXED)
		return STATUS_NOT_MINE;
	if (c.bad)
		return too_short(d);
	if (body.n < SESSION)
		return STATUS_BAD;
	memcpy(out->session, body.p, SESSION);
	out->data = slice_from(body, SESSION);
	*used = 4 + body.n;
	return STATUS_OK;
}

/* ---- MS-TURN over TCP ---- */

enum claim ms_tcp_claims(struct slice in)
{
	struct cursor c = cursor_over(in);
	uint8_t type = cursor_u8(&c);
	uint8_t zero = cursor_u8(&c);
	struct slice inner;

	if (in.n == 0)
		return CLAIM_MAYBE;
	if (type != MS_TCP_CONTROL && type != MS_TCP_DATA)
		return CLAIM_NO;
	if (in.n == 1)
		return CLAIM_MAYBE;
	if (zero)
		return CLAIM_NO;
	cursor_skip(&c, 2);
	inner = cursor_rest(&c);
	if (type == MS_TCP_DATA || inner.n == 0)
		return CLAIM_MAYBE;
	return stun_claims(inner, true);
}

enum status ms_tcp_decode(struct decoding *d, struct slice in,
			  struct ms_tcp_frame *out, size_t *used)
{
	struct cursor c = cursor_over(in);
	uint8_t type = cursor_u8(&c);
	uint8_t zero = cursor_u8(&c);
	struct slice data = cursor_take(&c, cursor_u16(&c));

	if (in.n && type != MS_TCP_CONTROL && type != MS_TCP_DATA)
		return STATUS_NOT_MINE;
	if (zero)
		return STATUS_BAD;
	if (c.bad)
		return too_short(d);
	*out = (struct ms_tcp_frame){type, data};
	*used = 4 + data.n;
	return STATUS_OK;
}

/* ---- RFC 4571 ---- */

/* DTLS record: content type, version 1.0 or 1.2 (RFC 6347 4.1). */
static bool looks_like_dtls(struct slice packet)
{
	return packet.n >= 13 && packet.p[0] >= 20 && packet.p[0] <= 25 &&
	       packet.p[1] == 0xFE &&
	       (packet.p[2] == 0xFF || packet.p[2] == 0xFD);
}

/* Version 2; an RTCP packet ends with a whole word (RFC 3550 6.4). */
static bool looks_like_rtp(struct slice packet, size_t length)
{
	if (packet.n < 2 || packet.p[0] >> 6 != 2)
		return false;
	if (packet.p[1] >= 192 && packet.p[1] <= 223)
		return length >= 4 && length % 4 == 0;
	return length >= 12;
}

/* Checks of [MS-ICE] have no cookie: where that fails, the whole frame has to
 * be one, with attributes to its very end. */
static enum claim claims_check(struct slice packet, size_t length)
{
	enum claim claim = stun_claims(packet, true);

	if (claim != CLAIM_NO || length == STUN_HEADER)
		return claim;
	if (packet.n < length)
		return CLAIM_MAYBE;
	return stun_claims(slice_first(packet, length), false) == CLAIM_NO
		       ? CLAIM_NO
		       : CLAIM_SURE;
}

enum claim rfc4571_claims(struct slice in)
{
	struct cursor c = cursor_over(in);
	size_t length = cursor_u16(&c);
	struct slice packet = cursor_rest(&c);

	if (in.n < 4)
		return CLAIM_MAYBE;
	if (length >= STUN_HEADER && packet.p[0] <= 3) {
		uint16_t size;

		cursor_skip(&c, 2);
		size = cursor_u16(&c);
		if (!c.bad && STUN_HEADER + (size_t)size != length)
			return CLAIM_NO;
		return claims_check(packet, length);
	}
	if (looks_like_rtp(packet, length))
		return CLAIM_MAYBE;
	/* Wait for the header of a DTLS record before saying no. */
	if (packet.p[0] >= 20 && packet.p[0] <= 25 && length >= 13 &&
	    (packet.n < 13 || looks_like_dtls(packet)))
		return CLAIM_MAYBE;
	return CLAIM_NO;
}

enum status rfc4571_decode(struct decoding *d, struct slice in,
			   struct rfc4571_frame *out, size_t *used)
{
	struct cursor c = cursor_over(in);
	struct slice data = cursor_take(&c, cursor_u16(&c));

	if (c.bad)
		return too_short(d);
	*out = (struct rfc4571_frame){data};
	*used = 2 + data.n;
	return STATUS_OK;
}

/* ---- pseudo-TLS ---- */

/* Bytes of a hello that are fixed; what lies between is free. */
struct hello_part {
	size_t at, n;
	const char *bytes;
};

#define PART(at, literal) {(at), sizeof(literal) - 1, literal}

struct hello {
	bool from_server;
	size_t size;
	const struct hello_part *parts;
	size_t count;
};

/* One record; the random is free, one cipher (DH_anon RC4 MD5), no more. */
static const struct hello_part ms_client[] = {
	PART(0, "\x16\x03\x01\x00\x2D\x01\x00\x00\x29\x03\x01"),
	PART(43, "\x00\x00\x02\x00\x18\x01\x00"),
};

/* ServerHello and ServerHelloDone share one record. */
static const struct hello_part ms_server[] = {
	PART(0, "\x16\x03\x01\x00\x4E\x02\x00\x00\x46\x03\x01"),
	PART(43, "\x20"),
	PART(76, "\x00\x18\x00\x0E\x00\x00\x00"),
};

static const struct hello_part google_client[] = {
	PART(0, "\x80\x46\x01\x03\x01\x00\x2D\x00\x00\x00\x10"),
};

static const struct hello_part google_server[] = {
	PART(0, "\x16\x03\x01\x00\x4A\x02\x00\x00\x46\x03\x01\x42\x85\x45\xA7"),
};

static const struct hello hellos[] = {
	{false, 50, ms_client, COUNT(ms_client)},
	{true, 83, ms_server, COUNT(ms_server)},
	{false, 72, google_client, COUNT(google_client)},
	{true, 79, google_server, COUNT(google_server)},
};

/* Do the bytes that are here agree with the fixed ones? */
static bool hello_fits(const struct hello *hello, struct slice in)
{
	for (size_t i = 0; i < hello->count; i++) {
		const struct hello_part *part = &hello->parts[i];
		struct slice there = slice_cut(in, part->at, part->n);

		if (there.n && memcmp(there.p, part->bytes, there.n) != 0)
			return false;
	}
	return true;
}

enum claim pseudo_tls_claims(struct slice in, bool from_server, size_t *size)
{
	enum claim claim = CLAIM_NO;

	for (size_t i = 0; i < COUNT(hellos); i++) {
		const struct hello *hello = &hellos[i];

		if (hello->from_server != from_server ||
		    !hello_fits(hello, in))
			continue;
		if (in.n >= hello->size) {
			*size = hello->size;
			return CLAIM_SURE;
		}
		claim = CLAIM_MAYBE;
	}
	return claim;
}
