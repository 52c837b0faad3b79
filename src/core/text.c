/* Growing text with a limit. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/format.h"
#include "core/text.h"

struct text text_new(size_t max)
{
	return (struct text){.max = max};
}

void text_free(struct text *text)
{
	free(text->p);
	*text = text_new(text->max);
}

void text_clear(struct text *text)
{
	text->n = 0;
	text->failed = STATUS_OK;
}

bool text_reserve(struct text *text, size_t n)
{
	size_t room = text->room ? text->room : 256;
	char *p;

	if (text->failed != STATUS_OK)
		return false;
	if (n <= text->room - text->n)
		return true;
	if (n > text->max || text->n > text->max - n) {
		text->failed = STATUS_LIMIT;
		return false;
	}
	while (room - text->n < n)
		room = room > text->max / 2 ? text->max : room * 2;
	if (room > text->max)
		room = text->max;
	p = realloc(text->p, room);
	if (!p) {
		text->failed = STATUS_NOMEM;
		return false;
	}
	text->p = p;
	text->room = room;
	return true;
}

void text_put_slowly(struct text *text, struct slice s)
{
	if (s.n == 0 || !text_reserve(text, s.n))
		return;
	memcpy(text->p + text->n, s.p, s.n);
	text->n += s.n;
}

void text_printf(struct text *text, const char *format, ...)
{
	char small[256];
	struct slice plain = {0};
	va_list args;
	int n = 0;

	va_start(args, format);
	if (!format_plainly(&plain, small, sizeof(small), format, args))
		n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n < 0)
		return;
	if ((size_t)n < sizeof(small)) {
		text_put(text, n ? slice_of(small, (size_t)n) : plain);
		return;
	}
	if (!text_reserve(text, (size_t)n + 1))
		return;
	va_start(args, format);
	vsnprintf(text->p + text->n, (size_t)n + 1, format, args);
	va_end(args);
	text->n += (size_t)n;
}

void text_hex(struct text *text, struct slice s)
{
	static const char digits[] = "0123456789abcdef";
	char *to = s.n > text->max ? NULL : text_room(text, s.n * 2);

	if (!to)
		return;
	for (size_t i = 0; i < s.n; i++) {
		to[2 * i] = digits[s.p[i] >> 4];
		to[2 * i + 1] = digits[s.p[i] & 15];
	}
	text->n += s.n * 2;
}

/* Of a number below 100 both digits: dividing is slow. */
static inline char *put_pair(unsigned n, char *to)
{
	static const char pairs[] =
		"00010203040506070809101112131415161718192021222324"
		"25262728293031323334353637383940414243444546474849"
		"50515253545556575859606162636465666768697071727374"
		"75767778798081828384858687888990919293949596979899";

	memcpy(to, pairs + 2 * (size_t)n, 2);
	return to + 2;
}

static inline char *put_short(unsigned n, char *to)
{
	if (n >= 1000)
		return put_pair(n % 100, put_pair(n / 100, to));
	if (n >= 100) {
		*to++ = (char)('0' + n / 100);
		return put_pair(n % 100, to);
	}
	if (n >= 10)
		return put_pair(n, to);
	*to = (char)('0' + n);
	return to + 1;
}

char *decimal_put(uint64_t n, char *to)
{
	unsigned rest;

	if (n < 10000)
		return put_short((unsigned)n, to);
	to = decimal_put(n / 10000, to);
	rest = (unsigned)(n % 10000);
	return put_pair(rest % 100, put_pair(rest / 100, to));
}

char *decimal_put_fixed(uint32_t n, unsigned digits, char *to)
{
	char *end = to + digits;

	for (; digits > 1; digits -= 2, n /= 100)
		put_pair(n % 100, to + digits - 2);
	if (digits)
		*to = (char)('0' + n % 10);
	return end;
}

char *decimal_put_nine(uint32_t n, char *to)
{
	uint32_t high = n / 10000, low = n % 10000;

	*to++ = (char)('0' + high / 10000);
	high %= 10000;
	to = put_pair(high % 100, put_pair(high / 100, to));
	return put_pair(low % 100, put_pair(low / 100, to));
}

void text_number(struct text *text, uint64_t n)
{
	char digits[DECIMAL_MAX];

	text_put(text,
		 slice_of(digits, (size_t)(decimal_put(n, digits) - digits)));
}

static size_t utf8_length(uint8_t first)
{
	if (first >= 0xC2 && first <= 0xDF)
		return 2;
	if (first >= 0xE0 && first <= 0xEF)
		return 3;
	if (first >= 0xF0 && first <= 0xF4)
		return 4;
	return 0;
}

size_t utf8_put(uint32_t code, uint8_t *to)
{
	static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--) {
		to[i] = (uint8_t)(0x80 | (code & 0x3F));
		code >>= 6;
	}
	to[0] = (uint8_t)(lead[n] | code);
	return n;
}

void text_code(struct text *text, uint32_t code)
{
	uint8_t bytes[UTF8_MAX];

	text_put(text, slice_of(bytes, utf8_put(code, bytes)));
}

size_t utf8_sequence(struct slice s, uint32_t *code)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n;
	uint32_t c;

	if (s.n == 0)
		return 0;
	if (s.p[0] < 0x80) {
		*code = s.p[0];
		return 1;
	}
	n = utf8_length(s.p[0]);
	if (n == 0 || s.n < n)
		return 0;
	c = s.p[0] & (0xFFu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s.p[i] & 0xC0) != 0x80)
			return 0;
		c = c << 6 | (s.p[i] & 0x3Fu);
	}
	if (c < smallest[n] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		return 0;
	*code = c;
	return n;
}

struct code_range {
	uint32_t first, last;
	size_t columns;
};

size_t utf8_columns(uint32_t code)
{
	static const struct code_range ranges[] = {
		{0x0300, 0x036F, 0},   {0x0483, 0x0489, 0},
		{0x0591, 0x05BD, 0},   {0x064B, 0x065F, 0},
		{0x0E34, 0x0E3A, 0},   {0x1100, 0x115F, 2},
		{0x1AB0, 0x1AFF, 0},   {0x1DC0, 0x1DFF, 0},
		{0x20D0, 0x20FF, 0},   {0x2E80, 0x303E, 2},
		{0x3041, 0x4DBF, 2},   {0x4E00, 0xA4CF, 2},
		{0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},
		{0xFE00, 0xFE0F, 0},   {0xFE20, 0xFE2F, 0},
		{0xFE30, 0xFE6F, 2},   {0xFF00, 0xFF60, 2},
		{0xFFE0, 0xFFE6, 2},   {0x1F300, 0x1F64F, 2},
		{0x1F680, 0x1F6FF, 2}, {0x1F900, 0x1F9FF, 2},
		{0x20000, 0x3FFFD, 2}, {0xE0100, 0xE01EF, 0},
	};

	if (code < ranges[0].first)
		return 1;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return ranges[i].columns;
	return 1;
}

bool utf8_is_printable(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7F && c < 0xA0) &&
	       !(c >= 0x200B && c <= 0x200F) && !(c >= 0x2028 && c <= 0x202E) &&
	       !(c >= 0x2060 && c <= 0x206F) && c != 0xFEFF &&
	       (c & 0xFFFE) != 0xFFFE;
}

/* How many bytes in front are ASCII that stays as it is? */
static size_t plain(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x7F && s.p[n] != '\\')
		n++;
	return n;
}

void text_escaped(struct text *text, struct slice s)
{
	while (s.n) {
		uint32_t code;
		size_t n = plain(s);

		if (n) {
			text_put(text, slice_first(s, n));
			s = slice_from(s, n);
			continue;
		}
		n = utf8_sequence(s, &code);

		if (n == 1 && code == '\\') {
			text_puts(text, "\\\\");
		} else if (n && utf8_is_printable(code)) {
			text_put(text, slice_first(s, n));
		} else {
			text_printf(text, "\\x%02x", s.p[0]);
			n = 1;
		}
		s = slice_from(s, n);
	}
}
