/*
 * STUN: from bytes to a message.
 *
 * First the frame (header, length), then a walk over the attributes that only
 * cuts, then the dialect, and only then the values: what a number means
 * depends on the dialect.  The other files of the family:
 *
 *	stun_attributes.c  the table of attributes
 *	stun_names.c	   methods, classes, error codes
 *	stun_dialect.c	   which dialect
 *	stun_read.c	   values into the message, and what is wrong there
 *	stun_classic.c	   messages without a cookie: are they STUN at all?
 *	stun_fields.c	   the fields for the views
 *	stun_write.c	   from struct to bytes
 *	stun_integrity.c   MESSAGE-INTEGRITY
 */
#include "config.h"

#include "dissectors/stun_parts.h"

#define ATTRIBUTE_HEADER 4u

/* Bytes that fill up to a multiple of four. */
static size_t padding(size_t n)
{
	return (0 - n) & 3;
}

static uint16_t u16_at(struct slice s, size_t at)
{
	return (uint16_t)((unsigned)s.p[at] << 8 | s.p[at + 1]);
}

static struct stun_extent stun_measure(struct slice body, bool aligned)
{
	struct stun_extent extent = {0};
	size_t at = 0;

	while (body.n - at >= ATTRIBUTE_HEADER) {
		const size_t n = ATTRIBUTE_HEADER + u16_at(body, at + 2);
		const size_t pad = padding(n);

		if (n > body.n - at)
			return extent;
		extent.count++;
		extent.odd = extent.odd || pad;
		at += n;
		if (!aligned)
			continue;
		if (pad > body.n - at)
			return extent;
		at += pad;
	}
	extent.exact = at == body.n;
	return extent;
}

/*
 * MS-TURN does not pad ([MS-TURN] says nothing of it, programs do not), but
 * some write padded values all the same.  When every length is a multiple of
 * four the two are one.  libnice writes checks for old Microsoft clients like
 * that, too, below the cookie of the RFC: such a walk comes out only unpadded.
 */
static size_t choose_walk(struct slice body, bool *unaligned)
{
	struct stun_extent padded = stun_measure(body, true);
	struct stun_extent plain;

	*unaligned = false;
	if (padded.exact && !stun_has_ms_cookie(body))
		return padded.count;
	plain = stun_measure(body, false);
	if (!stun_has_ms_cookie(body)) {
		*unaligned = plain.exact && plain.count > padded.count;
		return *unaligned ? plain.count : padded.count;
	}
	if (!plain.exact && padded.exact)
		return padded.count;
	*unaligned = plain.odd;
	return plain.count;
}

static void judge_padding(struct decoding *d, const struct stun_message *m,
			  struct slice pad, size_t want)
{
	if (pad.n < want && !m->cut)
		stun_find_rule(d, STUN_RULE_NO_PADDING, pad);
	for (size_t i = 0; i < pad.n; i++) {
		if (pad.p[i]) {
			stun_find_rule(d, STUN_RULE_PADDING, pad);
			return;
		}
	}
}

static uint64_t type_bit(uint16_t type)
{
	return UINT64_C(1) << (type & 63u);
}

/*
 * Cuts the attributes, `room` of them, which are whole, and returns what their
 * types suggest about the dialect.
 */
static unsigned walk(struct decoding *d, struct stun_message *m,
		     struct stun_attribute *list, size_t room)
{
	const struct slice whole = m->whole;
	unsigned suggests = 0;
	uint64_t there = 0;
	size_t at = STUN_HEADER;

	for (size_t i = 0; i < room; i++) {
		struct stun_attribute *a = &list[i];
		size_t pad;

		a->at = (uint32_t)at;
		a->type = u16_at(whole, at);
		a->value = slice_cut(whole, at + ATTRIBUTE_HEADER,
				     u16_at(whole, at + 2));
		a->row = stun_common_row(a->type);
		there |= type_bit(a->type);
		if (a->row)
			suggests |= a->row->suggests;
		at += ATTRIBUTE_HEADER + a->value.n;
		pad = m->unaligned ? 0 : padding(a->value.n);
		if (pad) {
			struct slice bytes = slice_cut(whole, at, pad);

			judge_padding(d, m, bytes, pad);
			at += bytes.n;
		}
	}
	m->attribute_count = room;
	m->attributes = list;
	m->missing = ~there;
	if (at < whole.n && room == STUN_ATTRIBUTES_MAX) {
		stun_find_rule(d, STUN_RULE_LIMIT, slice_from(whole, at));
	} else if (at < whole.n && !m->cut) {
		m->walk_broken = true;
		stun_find_rule(d, STUN_RULE_OVERRUN, slice_from(whole, at));
	}
	return suggests;
}

static void check_fingerprint(struct decoding *d, struct stun_message *m)
{
	for (size_t i = m->attribute_count; i-- > 0;) {
		const struct stun_attribute *a = &m->attributes[i];

		if (a->type == 0x8028 && a->value.n == 4) {
			m->fingerprint_at = a->at;
			break;
		}
	}
	if (!m->fingerprint_at)
		return;
	m->fingerprint = stun_fingerprint_at(m->whole, m->fingerprint_at);
	if (m->fingerprint == FINGERPRINT_BAD)
		stun_find_rule(d, STUN_RULE_FINGERPRINT,
			       slice_from(m->whole, m->fingerprint_at));
	if (m->fingerprint == FINGERPRINT_OK_MS_TABLE)
		stun_find_rule(d, STUN_RULE_FINGERPRINT_MS,
			       slice_from(m->whole, m->fingerprint_at));
}

static void check_header(struct decoding *d, const struct stun_message *m,
			 uint16_t length)
{
	struct slice header = slice_first(m->whole, STUN_HEADER);

	if (m->dialect == STUN_CLASSIC && stun_method_is_turn(m->method))
		stun_find_rule(d, STUN_RULE_COOKIE, header);
	if (m->dialect == STUN_MS_TURN && m->method == STUN_SHARED_SECRET)
		stun_find_rule(d, STUN_RULE_MS_SECRET, header);
	if (m->dialect == STUN_MS_TURN || m->dialect == STUN_GOOGLE)
		return;
	if (length % 4)
		stun_find_rule(d, STUN_RULE_ALIGNMENT, header);
	if (!stun_method_has_class(m->method, m->class))
		stun_find_rule(d, STUN_RULE_CLASS, header);
}

/* The message's bytes in *whole, or why there is no message. */
static enum status frame(struct decoding *d, struct slice in,
			 struct slice *whole, bool *cut)
{
	struct cursor c = cursor_over(in);
	size_t size;
	bool marked;

	if (in.n && in.p[0] >> 6)
		return STATUS_NOT_MINE;
	if (d->depth > NESTING_MAX)
		return STATUS_LIMIT;
	if (in.n < STUN_HEADER)
		return d->stream || d->cut ? STATUS_SHORT : STATUS_BAD;
	cursor_skip(&c, 2);
	size = STUN_HEADER + (size_t)cursor_u16(&c);
	marked = cursor_u32(&c) == STUN_COOKIE ||
		 stun_has_ms_cookie(slice_from(in, STUN_HEADER));
	*cut = false;
	if (d->stream && in.n < size)
		return STATUS_SHORT;
	if (!d->stream && in.n != size) {
		*cut = in.n < size && d->cut;
		if (!*cut && !marked)
			return STATUS_BAD;
		if (!*cut)
			stun_find_rule(d, STUN_RULE_LENGTH,
				       slice_first(in, STUN_HEADER));
	}
	*whole = slice_first(in, size);
	return STATUS_OK;
}

enum status stun_decode(struct decoding *d, struct slice in,
			struct stun_message *out, size_t *used)
{
	struct slice whole, body;
	struct stun_attribute *list = NULL;
	struct cursor c;
	size_t count;
	unsigned suggests;
	uint16_t length;
	bool cut, unaligned;
	enum status status = frame(d, in, &whole, &cut);

	if (status != STATUS_OK)
		return status;
	body = slice_from(whole, STUN_HEADER);
	count = choose_walk(body, &unaligned);
	if (count > STUN_ATTRIBUTES_MAX)
		count = STUN_ATTRIBUTES_MAX;
	if (count) {
		list = arena_array(d->arena, count, sizeof(*list));
		if (!list)
			return STATUS_NOMEM;
	}
	*out = (struct stun_message){
		.whole = whole, .cut = cut, .unaligned = unaligned};
	c = cursor_over(whole);
	out->type = cursor_u16(&c);
	length = cursor_u16(&c);
	memcpy(out->id, cursor_rest(&c).p, sizeof(out->id));
	out->cookie = cursor_u32(&c) == STUN_COOKIE;
	suggests = walk(d, out, list, count);
	check_fingerprint(d, out);
	out->dialect = stun_dialect_of(out, suggests);
	out->class = stun_class_of(out->type, out->dialect);
	out->method = stun_method_of(out->type, out->dialect);
	check_header(d, out, length);
	stun_read_attributes(d, out, list);
	*used = whole.n;
	return STATUS_OK;
}

/* RFC 7983: methods stay below 0x100, so the first byte is 0 to 3. */
static bool first_byte_fits(struct slice first)
{
	return first.n && first.p[0] <= 3;
}

/* On a stream, only what has a cookie is believed. */
static enum claim claims_stream(struct slice first)
{
	static const uint8_t cookie[4] = {0x21, 0x12, 0xA4, 0x42};
	struct slice id = slice_cut(first, 4, sizeof(cookie));

	if (first.n == 0)
		return CLAIM_MAYBE;
	if (!first_byte_fits(first))
		return CLAIM_NO;
	if (id.n == 0)
		return CLAIM_MAYBE;
	if (memcmp(id.p, cookie, id.n) == 0)
		return id.n == sizeof(cookie) ? CLAIM_SURE : CLAIM_MAYBE;
	if (first.n < STUN_HEADER + 8)
		return CLAIM_MAYBE;
	return stun_has_ms_cookie(slice_from(first, STUN_HEADER)) ? CLAIM_SURE
								   : CLAIM_NO;
}

enum claim stun_claims(struct slice first, bool stream)
{
	struct cursor c = cursor_over(first);
	size_t size;
	bool cookie;

	if (stream)
		return claims_stream(first);
	if (first.n < STUN_HEADER || !first_byte_fits(first))
		return CLAIM_NO;
	cursor_skip(&c, 2);
	size = STUN_HEADER + (size_t)cursor_u16(&c);
	cookie = cursor_u32(&c) == STUN_COOKIE;
	if (cookie || stun_has_ms_cookie(slice_from(first, STUN_HEADER)))
		return size == first.n ? CLAIM_SURE : CLAIM_MAYBE;
	return stun_may_be_classic(first) ? CLAIM_MAYBE : CLAIM_NO;
}

const struct stun_attribute *stun_find(const struct stun_message *m,
				       uint16_t type)
{
	if (m->missing & type_bit(type))
		return NULL;
	for (size_t i = 0; i < m->attribute_count; i++)
		if (m->attributes[i].type == type && !m->attributes[i].ignored)
			return &m->attributes[i];
	return NULL;
}

struct slice stun_transaction(const struct stun_message *m)
{
	return m->cookie ? slice_of(m->id + 4, 12)
			 : slice_of(m->id, sizeof(m->id));
}

static enum status decode_any(struct decoding *d, struct slice in, void *out,
			      size_t *used)
{
	return stun_decode(d, in, out, used);
}

static void walk_any(const void *message, struct field_sink *to)
{
	stun_walk(message, to);
}

const struct dissector stun_dissector = {
	.name = "stun",
	.size = sizeof(struct stun_message),
	.rules = stun_rules,
	.claims = stun_claims,
	.decode = decode_any,
	.walk = walk_any,
};
