/* Chunks of HEP3, and the heads of HEP1 and HEP2. */
#include "config.h"

#include "core/cursor.h"
#include "core/hep.h"
#include "core/pack.h"

#define HEAD 6u

#define FAMILY_OF_4 2u
#define FAMILY_OF_6 10u /* on Linux */

enum chunk {
	CHUNK_FAMILY = 1,
	CHUNK_PROTOCOL = 2,
	CHUNK_IPV4_SRC = 3,
	CHUNK_IPV4_DST = 4,
	CHUNK_IPV6_SRC = 5,
	CHUNK_IPV6_DST = 6,
	CHUNK_SRC_PORT = 7,
	CHUNK_DST_PORT = 8,
	CHUNK_SECONDS = 9,
	CHUNK_MICROSECONDS = 10,
	CHUNK_CONTENT = 11,
	CHUNK_AGENT = 12,
	CHUNK_KEY = 14,
	CHUNK_PAYLOAD = 15,
	CHUNK_PACKED = 16,
};

/* ---- reading ---- */

struct parts {
	struct slice ip[2]; /* source, destination */
	uint16_t port[2];
	uint32_t seconds, microseconds;
};

static uint32_t number(struct slice value)
{
	uint32_t n = 0;

	for (size_t i = 0; i < value.n; i++)
		n = n << 8 | value.p[i];
	return n;
}

static void take_payload(struct hep *out, struct slice value, bool packed)
{
	out->payload = value;
	out->packed = packed;
}

/* Of another length than it should have it is passed over. */
static void take_chunk(struct hep *out, struct parts *parts, unsigned type,
		       struct slice value)
{
	if ((type == CHUNK_IPV4_SRC || type == CHUNK_IPV4_DST) && value.n == 4)
		parts->ip[type - CHUNK_IPV4_SRC] = value;
	else if ((type == CHUNK_IPV6_SRC || type == CHUNK_IPV6_DST) &&
		 value.n == 16)
		parts->ip[type - CHUNK_IPV6_SRC] = value;
	else if ((type == CHUNK_SRC_PORT || type == CHUNK_DST_PORT) &&
		 value.n == 2)
		parts->port[type - CHUNK_SRC_PORT] = (uint16_t)number(value);
	else if (type == CHUNK_PROTOCOL && value.n == 1)
		out->protocol = value.p[0];
	else if (type == CHUNK_CONTENT && value.n == 1)
		out->content = value.p[0];
	else if (type == CHUNK_SECONDS && value.n == 4)
		parts->seconds = number(value);
	else if (type == CHUNK_MICROSECONDS && value.n == 4)
		parts->microseconds = number(value);
	else if (type == CHUNK_AGENT && value.n == 4)
		out->agent = number(value);
	else if (type == CHUNK_KEY)
		out->key = value;
	else if (type == CHUNK_PAYLOAD || type == CHUNK_PACKED)
		take_payload(out, value, type == CHUNK_PACKED);
}

static enum status decode_3(struct slice datagram, struct hep *out)
{
	struct parts parts = {.seconds = 0};
	struct cursor c = cursor_over(slice_from(datagram, 4));
	size_t length = cursor_u16(&c);
	struct cursor chunks;

	if (c.bad || length < HEAD || length > datagram.n)
		return STATUS_BAD;
	chunks = cursor_over(slice_cut(datagram, HEAD, length - HEAD));
	while (chunks.left) {
		unsigned vendor = cursor_u16(&chunks);
		unsigned type = cursor_u16(&chunks);
		size_t n = cursor_u16(&chunks);
		struct slice value =
			cursor_take(&chunks, n < HEAD ? SIZE_MAX : n - HEAD);

		if (chunks.bad)
			break;
		if (vendor == 0)
			take_chunk(out, &parts, type, value);
	}
	out->src = endpoint_of(parts.ip[0], parts.port[0]);
	out->dst = endpoint_of(parts.ip[1], parts.port[1]);
	out->has_time = parts.seconds != 0;
	out->time = clock_of(parts.seconds,
			     (int64_t)parts.microseconds * NS_PER_US);
	return out->payload.n && out->src.family != FAMILY_NONE &&
			       out->src.family == out->dst.family
		       ? STATUS_OK
		       : STATUS_BAD;
}

/* ---- HEP1 and HEP2 (spec "capture-formats" 6.2) ---- */

#define SECONDS_LIKELY UINT32_C(0x80000000) /* until 2038 */

/* In the order of the sender's machine; most are small-endian. */
static uint32_t number_le(struct slice value)
{
	uint32_t n = 0;

	for (size_t i = value.n; i-- > 0;)
		n = n << 8 | value.p[i];
	return n;
}

static void take_time(struct slice head, struct hep *out)
{
	struct slice seconds = slice_first(head, 4);
	struct slice rest = slice_cut(head, 4, 4);
	bool le = number_le(rest) < 1000000 &&
		  number_le(seconds) < SECONDS_LIKELY;
	uint32_t s = le ? number_le(seconds) : number(seconds);
	uint32_t us = le ? number_le(rest) : number(rest);

	out->has_time = s != 0;
	out->time = clock_of(s, (int64_t)us * NS_PER_US);
}

/* The time ends in padding, which some leave away. */
static struct slice after_time(struct slice s)
{
	bool padded = s.n > 12 && (s.p[10] < ' ' || s.p[10] > '~');

	return slice_from(s, padded ? 12 : 10);
}

/* As each system numbers it; 0: it is none. */
static size_t size_of_family(unsigned family)
{
	switch (family) {
	case FAMILY_OF_4:
		return 4;
	case FAMILY_OF_6:
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return 16;
	default:
		return 0;
	}
}

static enum status decode_old(struct slice datagram, struct hep *out)
{
	struct cursor c = cursor_over(datagram);
	unsigned version = cursor_u8(&c);
	uint16_t ports[2];
	struct slice ips[2];
	size_t size;

	cursor_skip(&c, 1); /* a length that senders get wrong */
	size = size_of_family(cursor_u8(&c));
	out->protocol = cursor_u8(&c);
	if (!size ||
	    (out->protocol != 6 && out->protocol != 17 && out->protocol != 132))
		return STATUS_NOT_MINE;
	for (size_t i = 0; i < 2; i++)
		ports[i] = cursor_u16(&c);
	for (size_t i = 0; i < 2; i++)
		ips[i] = cursor_take(&c, size);
	out->payload = cursor_rest(&c);
	if (c.bad || (version == 2 && out->payload.n < 12))
		return STATUS_BAD;
	if (version == 2) {
		take_time(out->payload, out);
		out->agent =
			(uint32_t)(out->payload.p[8] | out->payload.p[9] << 8);
		out->payload = after_time(out->payload);
	}
	out->src = endpoint_of(ips[0], ports[0]);
	out->dst = endpoint_of(ips[1], ports[1]);
	out->content = HEP_SIP;
	return out->payload.n ? STATUS_OK : STATUS_BAD;
}

/* ---- of any version ---- */

enum status hep_decode(struct slice datagram, struct hep *out)
{
	*out = (struct hep){.protocol = 17};
	if (slice_starts(datagram, SLICE("HEP3")))
		return decode_3(datagram, out);
	if (datagram.n && (datagram.p[0] == 1 || datagram.p[0] == 2))
		return decode_old(datagram, out);
	return STATUS_NOT_MINE;
}

enum status hep_unpack(struct hep *hep, struct text *room)
{
	enum status status;

	if (!hep->packed)
		return STATUS_OK;
	text_clear(room);
	status = unpack_whole(hep->payload, room);
	if (status != STATUS_OK)
		return status;
	hep->payload = text_slice(room);
	hep->packed = false;
	return hep->payload.n ? STATUS_OK : STATUS_BAD;
}

/* A status line, or a line that ends in the version. */
bool hep_is_sip(const struct hep *hep)
{
	struct slice rest = hep->payload, line;

	if (hep->content == HEP_SIP)
		return true;
	if (hep->packed)
		return false;
	line = slice_trim(slice_split(&rest, '\n'));
	return slice_starts(line, SLICE("SIP/2.0 ")) ||
	       (line.n > 8 &&
		slice_is(slice_from(line, line.n - 8), " SIP/2.0"));
}

/* ---- writing ---- */

static void put_number(struct text *to, uint64_t n, unsigned bytes)
{
	while (bytes-- > 0)
		text_putc(to, (char)(uint8_t)(n >> bytes * 8));
}

static void put_chunk(struct text *to, unsigned type, struct slice value)
{
	put_number(to, 0, 2);
	put_number(to, type, 2);
	put_number(to, value.n + HEAD, 2);
	text_put(to, value);
}

static void put_chunk_number(struct text *to, unsigned type, uint64_t n,
			     unsigned bytes)
{
	put_number(to, 0, 2);
	put_number(to, type, 2);
	put_number(to, bytes + HEAD, 2);
	put_number(to, n, bytes);
}

static void put_ends(const struct hep *hep, struct text *to)
{
	bool v4 = hep->src.family == FAMILY_IPV4;
	size_t size = v4 ? 4 : 16;

	put_chunk_number(to, CHUNK_FAMILY, v4 ? FAMILY_OF_4 : FAMILY_OF_6, 1);
	put_chunk_number(to, CHUNK_PROTOCOL, hep->protocol, 1);
	put_chunk(to, v4 ? CHUNK_IPV4_SRC : CHUNK_IPV6_SRC,
		  slice_of(hep->src.ip, size));
	put_chunk(to, v4 ? CHUNK_IPV4_DST : CHUNK_IPV6_DST,
		  slice_of(hep->dst.ip, size));
	put_chunk_number(to, CHUNK_SRC_PORT, hep->src.port, 2);
	put_chunk_number(to, CHUNK_DST_PORT, hep->dst.port, 2);
}

static void put_chunks(const struct hep *hep, struct text *to)
{
	nanoseconds part = hep->time % NS_PER_S;

	put_ends(hep, to);
	put_chunk_number(to, CHUNK_SECONDS, (uint64_t)(hep->time / NS_PER_S),
			 4);
	put_chunk_number(to, CHUNK_MICROSECONDS, (uint64_t)(part / NS_PER_US),
			 4);
	put_chunk_number(to, CHUNK_CONTENT, hep->content, 1);
	put_chunk_number(to, CHUNK_AGENT, hep->agent ? hep->agent : HEP_AGENT,
			 4);
	if (hep->key.n)
		put_chunk(to, CHUNK_KEY, hep->key);
	put_chunk(to, CHUNK_PAYLOAD, hep->payload);
}

static bool can_be_told(const struct hep *hep)
{
	return hep->src.family >= FAMILY_IPV4 &&
	       hep->src.family == hep->dst.family && hep->time >= 0;
}

enum status hep_encode(const struct hep *hep, struct text *to)
{
	size_t begin;

	text_clear(to);
	if (!can_be_told(hep))
		return STATUS_BAD;
	text_puts(to, "HEP3");
	begin = to->n;
	put_number(to, 0, 2);
	if (hep->payload.n < HEP_MAX && hep->key.n < HEP_MAX)
		put_chunks(hep, to);
	if (to->failed != STATUS_OK)
		return STATUS_NOMEM;
	if (hep->payload.n >= HEP_MAX || hep->key.n >= HEP_MAX ||
	    to->n > HEP_MAX)
		return STATUS_LIMIT;
	to->p[begin] = (char)(uint8_t)(to->n >> 8);
	to->p[begin + 1] = (char)(uint8_t)to->n;
	return STATUS_OK;
}

static void put_number_le(struct text *to, uint64_t n, unsigned bytes)
{
	for (; bytes > 0; bytes--, n >>= 8)
		text_putc(to, (char)(uint8_t)n);
}

enum status hep_encode_2(const struct hep *hep, struct text *to)
{
	bool v4 = hep->src.family == FAMILY_IPV4;
	size_t size = v4 ? 4 : 16;
	nanoseconds part = hep->time % NS_PER_S;

	text_clear(to);
	if (!can_be_told(hep))
		return STATUS_BAD;
	put_number(to, 2, 1);
	put_number(to, 8 + 2 * size, 1); /* the head, without the time */
	put_number(to, v4 ? FAMILY_OF_4 : FAMILY_OF_6, 1);
	put_number(to, hep->protocol, 1);
	put_number(to, hep->src.port, 2);
	put_number(to, hep->dst.port, 2);
	text_put(to, slice_of(hep->src.ip, size));
	text_put(to, slice_of(hep->dst.ip, size));
	put_number_le(to, (uint64_t)(hep->time / NS_PER_S), 4);
	put_number_le(to, (uint64_t)(part / NS_PER_US), 4);
	put_number_le(to, (hep->agent ? hep->agent : HEP_AGENT) & 0xffff, 2);
	put_number(to, 0, 2); /* as the structure of C has it */
	text_put(to, hep->payload);
	if (to->n > HEP_MAX)
		return STATUS_LIMIT;
	return to->failed == STATUS_OK ? STATUS_OK : STATUS_NOMEM;
}
