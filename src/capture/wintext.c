/* Text as Windows programs store it: UTF-16LE and RTF (RTF 1.9). */
#include "config.h"

#include "capture/wintext.h"
#include "core/cursor.h"

#define REPLACEMENT 0xFFFDu

static bool is_high(uint32_t unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(uint32_t unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

static uint32_t joined(uint32_t high, uint32_t low)
{
	return 0x10000 + ((high & 0x3FFu) << 10) + (low & 0x3FFu);
}

static void put_code(struct text *to, uint32_t code)
{
	char out[4];
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};

	if (is_high(code) || is_low(code) || code > 0x10FFFF) {
		put_code(to, REPLACEMENT);
		return;
	}
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3F));
		code >>= 6;
	}
	out[0] = (char)(lead[n] | code);
	text_put(to, slice_of(out, n));
}

void wintext_utf16(struct slice s, struct text *to)
{
	struct cursor c = cursor_over(s);

	while (c.left >= 2) {
		uint32_t unit = cursor_u16le(&c);
		struct cursor ahead = c;
		uint32_t next = is_high(unit) ? cursor_u16le(&ahead) : 0;

		if (unit == 0)
			return;
		if (is_low(next)) {
			unit = joined(unit, next);
			c = ahead;
		}
		put_code(to, unit);
	}
}

/* Windows-1252, 0x80 to 0x9F; the rest is as in Unicode. */
static const uint16_t cp1252[] = {
	0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
	0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD,
	0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
	0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
};

static uint32_t from_cp1252(uint8_t byte)
{
	return byte >= 0x80 && byte <= 0x9F ? cp1252[byte - 0x80] : byte;
}

struct rtf {
	struct cursor in;
	struct text *to;
	unsigned depth;
	unsigned dropped_at; /* the group whose words are dropped; 0: none */
	unsigned fallback;   /* characters that stand for one \u (\ucN) */
	unsigned skip;	     /* of them are still to be passed over */
	uint32_t high;       /* a high surrogate that waits for the low */
};

/* Words that stand for a character. */
static const struct rtf_character {
	const char *word;
	uint32_t code;
} characters[] = {
	{"bullet", 0x2022}, {"emdash", 0x2014}, {"endash", 0x2013},
	{"ldblquote", 0x201C}, {"line", '\n'}, {"lquote", 0x2018},
	{"par", '\n'}, {"rdblquote", 0x201D}, {"rquote", 0x2019},
	{"tab", '\t'},
};

/* Groups that begin with one of these hold no words of the text. */
static const char *const destinations[] = {
	"colortbl", "fonttbl", "footer", "header", "info", "pict",
	"stylesheet",
};

static void rtf_put(struct rtf *r, uint32_t code)
{
	if (r->dropped_at)
		return;
	if (r->skip) {
		r->skip--;
		return;
	}
	if (r->high && !is_low(code))
		put_code(r->to, REPLACEMENT);
	put_code(r->to, r->high && is_low(code) ? joined(r->high, code) : code);
	r->high = 0;
}

/* \uN: N is signed 16 bits; the fallback for old readers follows it. */
static void rtf_unicode(struct rtf *r, int64_t n)
{
	uint32_t unit = (uint32_t)n & 0xFFFF;

	r->skip = 0;
	if (is_high(unit)) {
		if (r->high)
			rtf_put(r, REPLACEMENT);
		r->high = unit;
	} else {
		rtf_put(r, unit);
	}
	r->skip = r->fallback;
}

static void rtf_drop(struct rtf *r)
{
	if (!r->dropped_at && r->depth)
		r->dropped_at = r->depth;
}

static bool letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Next byte without taking it; 0 at the end. */
static uint8_t peek(const struct rtf *r)
{
	return r->in.left ? r->in.p[0] : 0;
}

/* The number behind a control word; `missing` where there is none. */
static int64_t rtf_number(struct rtf *r, int64_t missing)
{
	struct slice s = cursor_rest(&r->in);
	bool minus = s.n > 1 && s.p[0] == '-' && digit(s.p[1]);
	int64_t n = 0;

	if (minus)
		cursor_skip(&r->in, 1);
	else if (!digit(peek(r)))
		return missing;
	while (digit(peek(r)) && n < 100000000)
		n = n * 10 + (cursor_u8(&r->in) - '0');
	return minus ? -n : n;
}

static void rtf_act(struct rtf *r, struct slice word, int64_t n)
{
	for (size_t i = 0; i < sizeof(characters) / sizeof(*characters); i++)
		if (slice_is(word, characters[i].word))
			rtf_put(r, characters[i].code);
	for (size_t i = 0; i < sizeof(destinations) / sizeof(*destinations);
	     i++)
		if (slice_is(word, destinations[i]))
			rtf_drop(r);
	if (slice_is(word, "u"))
		rtf_unicode(r, n);
	else if (slice_is(word, "uc") && n >= 0 && n < 16)
		r->fallback = (unsigned)n;
	else if (slice_is(word, "bin") && n > 0)
		cursor_skip(&r->in, (size_t)n < r->in.left ? (size_t)n
							   : r->in.left);
}

static void rtf_word(struct rtf *r)
{
	struct slice rest = cursor_rest(&r->in);
	size_t n = 0;
	struct slice word;
	int64_t number;

	while (n < rest.n && letter(rest.p[n]))
		n++;
	word = cursor_take(&r->in, n);
	number = rtf_number(r, 1);
	if (peek(r) == ' ')
		cursor_skip(&r->in, 1);
	rtf_act(r, word, number);
}

/* Behind a backslash. */
static void rtf_control(struct rtf *r)
{
	uint64_t byte;
	uint8_t c = peek(r);

	if (letter(c)) {
		rtf_word(r);
		return;
	}
	cursor_skip(&r->in, 1);
	if (c == '\'') {
		struct slice hex = cursor_take(&r->in, 2);

		if (slice_hex(hex, 0xFF, &byte) == STATUS_OK)
			rtf_put(r, from_cp1252((uint8_t)byte));
	} else if (c == '*') {
		rtf_drop(r);
	} else if (c == '\\' || c == '{' || c == '}') {
		rtf_put(r, c);
	} else if (c == '~') {
		rtf_put(r, ' ');
	} else if (c == '_') {
		rtf_put(r, '-');
	} else if (c == '\r' || c == '\n') {
		rtf_put(r, '\n');
	}
}

static void rtf_close_group(struct rtf *r)
{
	if (r->dropped_at == r->depth)
		r->dropped_at = 0;
	if (r->depth)
		r->depth--;
	r->skip = 0;
}

void wintext_rtf(struct slice s, struct text *to)
{
	struct rtf r = {.to = to, .fallback = 1};
	size_t end;

	if (slice_find(s, 0, &end))
		s = slice_first(s, end);
	r.in = cursor_over(s);
	while (r.in.left && !r.in.bad) {
		uint8_t c = cursor_u8(&r.in);

		if (c == '{')
			r.depth++;
		else if (c == '}')
			rtf_close_group(&r);
		else if (c == '\\')
			rtf_control(&r);
		else if (c != '\r' && c != '\n')
			rtf_put(&r, from_cp1252(c));
	}
	if (r.high)
		put_code(to, REPLACEMENT);
}
