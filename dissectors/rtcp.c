/* RTCP compound packets (RFC 3550 6). */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/rtp.h"

#define RTCP_SR 200
#define RTCP_RR 201

static bool is_type(uint8_t type)
{
	return type >= 192 && type <= 223;
}

enum claim rtcp_claims(struct slice in, bool stream)
{
	struct cursor c = cursor_over(in);
	uint8_t first = cursor_u8(&c);
	uint8_t type = cursor_u8(&c);
	size_t length = ((size_t)cursor_u16(&c) + 1) * 4;

	(void)stream;
	if (c.bad || first >> 6 != 2 || !is_type(type) || length > in.n)
		return CLAIM_NO;
	return CLAIM_MAYBE;
}

static struct rtcp_report_block read_block(struct cursor *c)
{
	struct rtcp_report_block b = {.ssrc = cursor_u32(c)};
	uint32_t lost = cursor_u32(c);

	b.fraction_lost = (uint8_t)(lost >> 24);
	lost &= 0xFFFFFF;
	b.cumulative_lost = lost & 0x800000 ? (int32_t)lost - 0x1000000
					    : (int32_t)lost;
	b.highest_sequence = cursor_u32(c);
	b.jitter = cursor_u32(c);
	b.last_sr = cursor_u32(c);
	b.delay_since_last_sr = cursor_u32(c);
	return b;
}

static enum status read_blocks(struct decoding *d, struct cursor *c,
			       struct rtcp_packet *p)
{
	size_t count = p->count;
	struct rtcp_report_block *blocks =
		arena_array(d->arena, count, sizeof(*blocks));

	if (count == 0)
		return STATUS_OK;
	if (!blocks)
		return STATUS_NOMEM;
	for (size_t i = 0; i < count && !c->bad; i++) {
		blocks[i] = read_block(c);
		if (!c->bad)
			p->block_count++;
	}
	p->blocks = blocks;
	return STATUS_OK;
}

static enum status read_body(struct decoding *d, struct rtcp_packet *p)
{
	struct cursor c = cursor_over(p->body);

	if (p->body.n >= 4)
		p->ssrc = cursor_u32(&c);
	if (p->type == RTCP_SR) {
		cursor_skip(&c, 12); /* its clocks */
		p->packets = cursor_u32(&c);
		p->octets = cursor_u32(&c);
	}
	if (p->type == RTCP_SR || p->type == RTCP_RR)
		return read_blocks(d, &c, p);
	return STATUS_OK;
}

enum status rtcp_decode(struct decoding *d, struct slice in, struct rtcp *out,
			size_t *used)
{
	struct cursor c = cursor_over(in);
	struct rtcp m = {0};

	while (c.left && m.count < RTCP_PACKETS_MAX) {
		struct rtcp_packet *p = &m.packets[m.count];
		uint8_t first = cursor_u8(&c);
		enum status status;

		p->type = cursor_u8(&c);
		p->count = first & 31;
		p->body = cursor_take(&c, (size_t)cursor_u16(&c) * 4);
		if (c.bad || first >> 6 != 2 || !is_type(p->type))
			break;
		status = read_body(d, p);
		if (status != STATUS_OK)
			return status;
		m.count++;
	}
	if (m.count == 0)
		return d->cut ? STATUS_SHORT : STATUS_BAD;
	/* SRTCP: what follows the first packet is cipher text and a tag. */
	m.encrypted = (c.bad || c.left) && !d->cut &&
		      m.count < RTCP_PACKETS_MAX;
	*out = m;
	*used = in.n;
	return STATUS_OK;
}

static void walk_blocks(const struct rtcp_packet *p, struct field_sink *to)
{
	for (size_t i = 0; i < p->block_count; i++) {
		const struct rtcp_report_block *b = &p->blocks[i];

		field_group(to, "report-block");
		field_number(to, "ssrc", b->ssrc);
		field_number(to, "fraction-lost", b->fraction_lost);
		field_number(to, "highest-sequence", b->highest_sequence);
		field_number(to, "jitter", b->jitter);
		field_end(to);
	}
}

void rtcp_walk(const struct rtcp *m, struct field_sink *to)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct rtcp_packet *p = &m->packets[i];

		field_group(to, "packet");
		field_number(to, "type", p->type);
		field_number(to, "ssrc", p->ssrc);
		if (p->type == RTCP_SR) {
			field_number(to, "packets", p->packets);
			field_number(to, "octets", p->octets);
		}
		walk_blocks(p, to);
		field_end(to);
	}
}

static enum status decode_any(struct decoding *d, struct slice in, void *out,
			      size_t *used)
{
	return rtcp_decode(d, in, out, used);
}

static void walk_any(const void *message, struct field_sink *to)
{
	rtcp_walk(message, to);
}

const struct dissector rtcp_dissector = {
	.name = "rtcp",
	.size = sizeof(struct rtcp),
	.claims = rtcp_claims,
	.decode = decode_any,
	.walk = walk_any,
};
