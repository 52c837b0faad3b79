/* Frames of HTTP/2 (RFC 9113). */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/http2.h"

#define SETTING_SIZE 6u
#define SETTINGS_FIRST_MAX 20u /* of them; there are nine */
#define CHAIN_LEAST 3u

enum claim http2_preface_claims(struct slice in)
{
	struct slice want = SLICE(HTTP2_PREFACE);

	if (slice_starts(in, want))
		return CLAIM_SURE;
	return in.n && in.n < want.n && slice_starts(want, in) ? CLAIM_MAYBE
							       : CLAIM_NO;
}

/* Which length and stream a type has: RFC 9113 6.1 to 6.10. */
static bool has_its_form(const struct http2_frame *f)
{
	switch (f->type) {
	case HTTP2_DATA:
	case HTTP2_HEADERS:
	case HTTP2_PUSH_PROMISE:
	case HTTP2_CONTINUATION:
		return f->stream != 0;
	case HTTP2_PRIORITY:
		return f->stream != 0 && f->length == 5;
	case HTTP2_RST_STREAM:
		return f->stream != 0 && f->length == 4;
	case HTTP2_SETTINGS:
		return f->stream == 0 && f->length % SETTING_SIZE == 0;
	case HTTP2_PING:
		return f->stream == 0 && f->length == 8;
	case HTTP2_GOAWAY:
		return f->stream == 0 && f->length >= 8;
	case HTTP2_WINDOW_UPDATE:
		return f->length == 4;
	default: /* to be ignored (RFC 9113 5.5) */
		return true;
	}
}

enum status http2_head_read(struct slice in, struct http2_frame *out)
{
	struct cursor c = cursor_over(in);
	size_t high = cursor_u8(&c);

	out->length = high << 16 | cursor_u16(&c);
	out->type = cursor_u8(&c);
	out->flags = cursor_u8(&c);
	out->stream = cursor_u32(&c) & 0x7FFFFFFF;
	if (c.bad)
		return STATUS_SHORT;
	return has_its_form(out) ? STATUS_OK : STATUS_BAD;
}

enum claim http2_settings_claims(struct slice in)
{
	struct http2_frame f;
	struct cursor c;
	enum status status = http2_head_read(in, &f);

	if (status == STATUS_SHORT)
		return CLAIM_MAYBE;
	if (status != STATUS_OK || f.type != HTTP2_SETTINGS || f.flags ||
	    f.length > SETTINGS_FIRST_MAX * SETTING_SIZE)
		return CLAIM_NO;
	if (f.length > in.n - HTTP2_HEAD)
		return CLAIM_MAYBE;
	c = cursor_over(slice_cut(in, HTTP2_HEAD, f.length));
	while (c.left) {
		uint16_t id = cursor_u16(&c);

		(void)cursor_u32(&c);
		/* Ours and those that keep others from relying on them. */
		if (id == 0 || (id > SETTINGS_FIRST_MAX && id % 16 != 10))
			return CLAIM_NO;
	}
	return CLAIM_SURE;
}

enum status http2_content(const struct http2_frame *f, struct slice in,
			  struct slice *out)
{
	struct cursor c = cursor_over(in);
	size_t padding = 0;

	if (f->type != HTTP2_CONTINUATION && f->flags & HTTP2_PADDED)
		padding = cursor_u8(&c);
	if (f->type == HTTP2_HEADERS && f->flags & HTTP2_WITH_PRIORITY)
		(void)cursor_take(&c, 5);
	if (f->type == HTTP2_PUSH_PROMISE)
		(void)cursor_u32(&c);
	if (c.bad || padding > c.left)
		return STATUS_BAD;
	*out = cursor_take(&c, c.left - padding);
	return STATUS_OK;
}

bool http2_is_chain(struct slice in)
{
	struct http2_frame f;
	unsigned count = 0;
	bool block = false;

	while (http2_head_read(in, &f) == STATUS_OK &&
	       f.type <= HTTP2_CONTINUATION && f.length <= in.n - HTTP2_HEAD) {
		block |= f.type == HTTP2_HEADERS;
		in = slice_from(in, HTTP2_HEAD + f.length);
		count++;
	}
	return block && count >= CHAIN_LEAST && in.n < HTTP2_HEAD;
}
