/*
 * Records of logs as bytes.
 *
 *   kind transport level flags   offset   src   dst   n id   text
 *   1    1         1     1       8        19    19    1 n    the rest
 */
#include "config.h"

#include "core/cursor.h"
#include "core/record.h"

#define FLAG_CUT 1u
#define FLAG_PIECE 2u
#define FLAG_SHOWN 4u
#define FLAGS (FLAG_CUT | FLAG_PIECE | FLAG_SHOWN)

static void put_number(struct text *to, uint64_t n, unsigned bytes)
{
	while (bytes-- > 0)
		text_putc(to, (char)(uint8_t)(n >> bytes * 8));
}

static void put_end(struct text *to, const struct endpoint *e)
{
	put_number(to, e->family, 1);
	text_put(to, slice_of(e->ip, sizeof(e->ip)));
	put_number(to, e->port, 2);
}

void record_write(const struct record *record, struct text *to)
{
	struct slice id = slice_first(record->id, RECORD_ID_MAX);
	struct slice text = slice_first(record->text, RECORD_TEXT_MAX);
	bool cut = record->cut || text.n < record->text.n;

	put_number(to, record->kind, 1);
	put_number(to, record->transport, 1);
	put_number(to, record->level, 1);
	put_number(to,
		   (cut ? FLAG_CUT : 0) | (record->piece ? FLAG_PIECE : 0) |
			   (record->shown ? FLAG_SHOWN : 0),
		   1);
	put_number(to, record->offset, 8);
	put_end(to, &record->src);
	put_end(to, &record->dst);
	put_number(to, id.n, 1);
	text_put(to, id);
	text_put(to, text);
}

static bool read_end(struct cursor *c, struct endpoint *out)
{
	struct slice ip;

	*out = (struct endpoint){.family = cursor_u8(c)};
	ip = cursor_take(c, sizeof(out->ip));
	out->port = cursor_u16(c);
	if (c->bad)
		return false;
	memcpy(out->ip, ip.p, ip.n);
	return out->family == FAMILY_NONE || out->family == FAMILY_NAME ||
	       out->family == FAMILY_IPV4 || out->family == FAMILY_IPV6;
}

enum status record_read(struct slice in, struct record *out)
{
	struct cursor c = cursor_over(in);
	struct record r = {.kind = cursor_u8(&c)};
	uint8_t flags;

	r.transport = cursor_u8(&c);
	r.level = cursor_u8(&c);
	flags = cursor_u8(&c);
	r.cut = flags & FLAG_CUT;
	r.piece = flags & FLAG_PIECE;
	r.shown = flags & FLAG_SHOWN;
	r.offset = cursor_u64(&c);
	if (!read_end(&c, &r.src) || !read_end(&c, &r.dst))
		return STATUS_BAD;
	r.id = cursor_take(&c, cursor_u8(&c));
	if (c.bad || flags & ~FLAGS || r.kind > RECORD_STATE ||
	    r.transport > RECORD_SCTP || r.level > RECORD_FAILS)
		return STATUS_BAD;
	r.text = cursor_rest(&c);
	*out = r;
	return STATUS_OK;
}
