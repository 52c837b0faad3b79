/* UTF-16 text as a byte source of UTF-8. */
#include "config.h"

#include <stdlib.h>

#include "capture/formats.h"
#include "capture/log_utf16.h"
#include "core/text.h"

#define REPLACEMENT 0xFFFDu
#define CODE_BYTES_MAX 4u
/* A unit may end a pair that is broken and be one itself. */
#define UNIT_BYTES_MAX (2 * CODE_BYTES_MAX)
#define INPUT_SIZE 32768u
/* So many letters must look alike where there is no byte order mark. */
#define LETTERS_SEEN 8u

static bool plain(uint8_t c)
{
	return (c >= 0x20 && c < 0x7F) || c == '\t' || c == '\r' || c == '\n';
}

/* Units of plain text have a zero in one of their bytes. */
static bool looks_like(struct slice first, size_t zero_at)
{
	if (first.n < 2 * LETTERS_SEEN)
		return false;
	for (size_t i = 0; i < 2 * LETTERS_SEEN; i += 2)
		if (first.p[i + zero_at] != 0 ||
		    !plain(first.p[i + 1 - zero_at]))
			return false;
	return true;
}

enum utf16_order utf16_order_of(struct slice first)
{
	if (slice_starts(first, SLICE("\xFF\xFE")) || looks_like(first, 1))
		return UTF16_LITTLE;
	if (slice_starts(first, SLICE("\xFE\xFF")) || looks_like(first, 0))
		return UTF16_BIG;
	return UTF16_NO;
}

static size_t put_unit(struct utf16_rest *rest, uint32_t unit, uint8_t *to)
{
	bool low = unit >= 0xDC00 && unit <= 0xDFFF;
	uint32_t high = rest->high;
	bool first = !rest->begun;
	size_t n = 0;

	rest->high = 0;
	rest->begun = true;
	if (high && low)
		return utf8_put(0x10000 + ((high & 0x3FFu) << 10) +
					(unit & 0x3FFu),
				to);
	if (high)
		n = utf8_put(REPLACEMENT, to);
	if (unit >= 0xD800 && unit <= 0xDBFF)
		rest->high = unit;
	else if (!(first && unit == 0xFEFF))
		n += utf8_put(low ? REPLACEMENT : unit, to + n);
	return n;
}

size_t utf16_convert(struct utf16_rest *rest, enum utf16_order order,
		     struct slice in, uint8_t *to, size_t room, size_t *used)
{
	size_t n = 0, at = 0;

	while (at < in.n && room - n >= UNIT_BYTES_MAX) {
		uint32_t second = in.p[at++];

		if (!rest->has_odd) {
			rest->odd = (uint8_t)second;
			rest->has_odd = true;
			continue;
		}
		rest->has_odd = false;
		n += put_unit(rest,
			      order == UTF16_BIG
				      ? (uint32_t)rest->odd << 8 | second
				      : second << 8 | rest->odd,
			      to + n);
	}
	*used = at;
	return n;
}

/* ---- as a byte source ---- */

struct utf16_source {
	struct byte_source source;
	struct byte_source *packed;
	enum utf16_order order;
	struct utf16_rest rest;
	uint8_t first[FORMAT_PROBE_SIZE]; /* was read already */
	uint8_t input[INPUT_SIZE];
	struct slice left;             /* of the input */
	uint8_t spare[UNIT_BYTES_MAX]; /* for readers with less room */
	struct slice ready;
};

static enum status refill(struct utf16_source *self)
{
	size_t got = 0;
	enum status status = self->packed->read(self->packed, self->input,
						sizeof(self->input), &got);

	self->left = slice_of(self->input, got);
	self->source.why = self->packed->why;
	return status;
}

static size_t hand_out(struct utf16_source *self, uint8_t *to, size_t n)
{
	struct slice s = slice_first(self->ready, n);

	if (s.n)
		memcpy(to, s.p, s.n);
	self->ready = slice_from(self->ready, s.n);
	return s.n;
}

/* Makes some text from what is read already; 0: there is not enough. */
static size_t make(struct utf16_source *self, uint8_t *to, size_t n)
{
	bool small = n < sizeof(self->spare);
	size_t used, made;

	if (self->ready.n)
		return hand_out(self, to, n);
	made = utf16_convert(&self->rest, self->order, self->left,
			     small ? self->spare : to,
			     small ? sizeof(self->spare) : n, &used);
	self->left = slice_from(self->left, used);
	if (!small)
		return made;
	self->ready = slice_of(self->spare, made);
	return hand_out(self, to, n);
}

static enum status utf16_read(struct byte_source *source, uint8_t *to, size_t n,
			      size_t *got)
{
	struct utf16_source *self = (struct utf16_source *)source;
	enum status status;

	*got = 0;
	if (n == 0)
		return STATUS_OK;
	for (;;) {
		*got = make(self, to, n);
		if (*got)
			return STATUS_OK;
		if (self->left.n)
			continue;
		status = refill(self);
		if (status != STATUS_OK || self->left.n == 0)
			return status;
	}
}

static void utf16_close(struct byte_source *source)
{
	struct utf16_source *self = (struct utf16_source *)source;

	self->packed->close(self->packed);
	free(self);
}

enum status utf16_open(enum utf16_order order, struct byte_source *packed,
		       struct slice first, struct byte_source **out)
{
	struct utf16_source *self = calloc(1, sizeof(*self));

	if (!self || first.n > sizeof(self->first)) {
		free(self);
		packed->close(packed);
		return STATUS_NOMEM;
	}
	if (first.n)
		memcpy(self->first, first.p, first.n);
	self->left = slice_of(self->first, first.n);
	self->order = order;
	self->packed = packed;
	self->source.size = UINT64_MAX;
	self->source.block = packed->block;
	self->source.read = utf16_read;
	self->source.close = utf16_close;
	*out = &self->source;
	return STATUS_OK;
}
