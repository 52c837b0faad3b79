/* Bodies as they were before they were encoded. */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "core/encoded.h"
#include "core/pack.h"

/* The byte that "=3D" at the front stands for; false: it is none. */
static bool escaped(struct slice s, uint8_t *byte)
{
	unsigned high, low;

	if (s.n < 3)
		return false;
	high = hex_digit(s.p[1]);
	low = hex_digit(s.p[2]);
	if (high == HEX_NONE || low == HEX_NONE)
		return false;
	*byte = (uint8_t)(high << 4 | low);
	return true;
}

/* "=" at the end of a line that goes on: how many bytes that is. */
static size_t soft_break(struct slice s)
{
	if (s.n >= 2 && s.p[1] == '\n')
		return 2;
	return s.n >= 3 && s.p[1] == '\r' && s.p[2] == '\n' ? 3 : 0;
}

/* RFC 2045 6.7; what is no escape stands for itself. */
static void undo_quoted(struct slice s, struct text *to)
{
	while (s.n) {
		uint8_t byte = s.p[0];
		size_t used = byte == '=' ? soft_break(s) : 0;

		if (!used) {
			used = byte == '=' && escaped(s, &byte) ? 3 : 1;
			text_putc(to, (char)byte);
		}
		s = slice_from(s, used);
	}
}

static enum status undo_base64(struct slice s, struct text *to)
{
	uint8_t *bytes = malloc(s.n / 4 * 3 + 3);
	enum status status = STATUS_NOMEM;
	size_t n;

	if (bytes)
		status = base64_decode(s, bytes, &n);
	if (status == STATUS_OK)
		text_put(to, slice_of(bytes, n));
	free(bytes);
	return status;
}

/* Headers of one word: a parameter behind it says nothing. */
static struct slice first_word(struct slice value)
{
	return slice_trim(slice_split(&value, ';'));
}

static enum status undo_transfer(struct slice encoding, struct slice in,
				 struct text *to)
{
	if (slice_is_nocase(encoding, "base64"))
		return undo_base64(in, to);
	if (!slice_is_nocase(encoding, "quoted-printable"))
		return STATUS_NOT_MINE;
	undo_quoted(in, to);
	return STATUS_OK;
}

static bool is_packed(struct slice packing)
{
	return slice_is_nocase(packing, "gzip") ||
	       slice_is_nocase(packing, "x-gzip") ||
	       slice_is_nocase(packing, "deflate");
}

enum status encoded_undo(struct slice transfer, struct slice packing,
			 struct slice in, struct text *to)
{
	struct text plain = text_new(ENCODED_MAX);
	enum status status;

	if (in.n > ENCODED_MAX)
		return STATUS_LIMIT;
	status = undo_transfer(first_word(transfer), in, &plain);
	if (status == STATUS_OK)
		in = text_slice(&plain);
	else if (status != STATUS_NOT_MINE)
		packing = (struct slice){0};
	if (is_packed(first_word(packing))) {
		text_clear(to);
		status = unpack_whole(in, to);
	} else if (status == STATUS_OK) {
		text_clear(to);
		text_put(to, in);
	}
	text_free(&plain);
	return status == STATUS_OK ? to->failed : status;
}
