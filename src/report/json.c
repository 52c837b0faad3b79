/* JSON, streaming. */
#include "config.h"

#include <math.h>

#include "report/json.h"

struct json json_to(struct text *to)
{
	return (struct json){.to = to};
}

static void comma(struct json *j)
{
	uint32_t bit = UINT32_C(1) << (j->depth & 31);

	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->depth && (j->filled & bit))
		text_putc(j->to, ',');
	j->filled |= bit;
	if (j->breaks)
		text_putc(j->to, '\n');
	j->breaks = false;
}

void json_break(struct json *j)
{
	j->breaks = true;
}

static void open_level(struct json *j, char c)
{
	comma(j);
	text_putc(j->to, c);
	j->depth++;
	j->filled &= ~(UINT32_C(1) << (j->depth & 31));
}

static void close_level(struct json *j, char c)
{
	text_putc(j->to, c);
	j->depth--;
}

void json_object(struct json *j)
{
	open_level(j, '{');
}

void json_object_end(struct json *j)
{
	close_level(j, '}');
}

void json_array(struct json *j)
{
	open_level(j, '[');
}

void json_array_end(struct json *j)
{
	close_level(j, ']');
}

/* A key stands in an object: what is before it is a comma or nothing. */
void json_key_slice(struct json *j, struct slice key)
{
	uint32_t bit = UINT32_C(1) << (j->depth & 31);
	bool separated = j->breaks;
	char *start, *to;

	if (separated)
		comma(j);
	start = to = text_room(j->to, key.n + 4);
	if (!to)
		return;
	if (!separated && (j->filled & bit))
		*to++ = ',';
	j->filled |= bit;
	*to++ = '"';
	memcpy(to, key.p, key.n);
	to += key.n;
	*to++ = '"';
	*to++ = ':';
	j->to->n += (size_t)(to - start);
	j->after_key = true;
}

static bool plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void special(struct json *j, uint8_t c)
{
	switch (c) {
	case '"':
		text_put(j->to, SLICE("\\\""));
		break;
	case '\\':
		text_put(j->to, SLICE("\\\\"));
		break;
	case '\n':
		text_put(j->to, SLICE("\\n"));
		break;
	case '\r':
		text_put(j->to, SLICE("\\r"));
		break;
	case '\t':
		text_put(j->to, SLICE("\\t"));
		break;
	default:
		text_printf(j->to, "\\u%04x", c);
		break;
	}
}

/* Has one of eight bytes its highest bit set, or is it below 0x20, 0x22,
 * 0x5C or 0x7F?  (A byte above one that is may be taken for one.) */
static bool any_special(const uint8_t *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t w, quote, slash, del;

	memcpy(&w, p, 8);
	quote = w ^ ones * 0x22;
	slash = w ^ ones * 0x5C;
	del = w ^ ones * 0x7F;
	return ((w | (w - ones * 0x20) | (quote - ones) | (slash - ones) |
		 (del - ones)) &
		ones * 0x80) != 0;
}

static size_t plain_run(struct slice s)
{
	size_t run = 0;

	while (s.n - run >= 8 && !any_special(s.p + run))
		run += 8;
	while (run < s.n && plain(s.p[run]))
		run++;
	return run;
}

/* What does not stand for itself; returns the bytes that were used. */
static size_t put_special(struct json *j, struct slice s)
{
	uint32_t code;
	size_t n = utf8_sequence(s, &code);

	if (n == 0)
		text_put(j->to, SLICE("\xEF\xBF\xBD"));
	else if (n == 1)
		special(j, s.p[0]);
	else
		text_put(j->to, slice_first(s, n));
	return n ? n : 1;
}

void json_string(struct json *j, struct slice s)
{
	size_t run = plain_run(s);
	char *to;

	comma(j);
	to = text_room(j->to, run + 2);
	if (!to)
		return;
	to[0] = '"';
	if (run)
		memcpy(to + 1, s.p, run);
	j->to->n += run + 1;
	s = slice_from(s, run);
	while (s.n) {
		s = slice_from(s, put_special(j, s));
		run = plain_run(s);
		text_put(j->to, slice_first(s, run));
		s = slice_from(s, run);
	}
	text_putc(j->to, '"');
}

void json_text(struct json *j, const char *s)
{
	if (s)
		json_string(j, slice_of_text(s));
	else
		json_null(j);
}

void json_number(struct json *j, uint64_t n)
{
	comma(j);
	text_number(j->to, n);
}

/* What printf would take ten times as long for. */
#define FIXED_MAX 1e12

static void fixed(struct json *j, uint64_t thousandths)
{
	char digits[] = {'.', (char)('0' + thousandths / 100 % 10),
			 (char)('0' + thousandths / 10 % 10),
			 (char)('0' + thousandths % 10)};

	text_number(j->to, thousandths / 1000);
	text_put(j->to, slice_of(digits, sizeof(digits)));
}

void json_double(struct json *j, double value, int decimals)
{
	if (!isfinite(value)) {
		json_null(j);
		return;
	}
	comma(j);
	if (decimals == 3 && value >= 0 && value < FIXED_MAX)
		fixed(j, (uint64_t)(value * 1000 + 0.5));
	else
		text_printf(j->to, "%.*f", decimals, value);
}

void json_thousandths(struct json *j, int64_t value)
{
	uint64_t n = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char rest[4] = {'.', (char)('0' + n / 100 % 10),
			(char)('0' + n / 10 % 10), (char)('0' + n % 10)};

	comma(j);
	if (value < 0)
		text_putc(j->to, '-');
	text_number(j->to, n / 1000);
	text_put(j->to, slice_of(rest, 4));
}

void json_bool(struct json *j, bool value)
{
	comma(j);
	text_puts(j->to, value ? "true" : "false");
}

void json_null(struct json *j)
{
	comma(j);
	text_put(j->to, SLICE("null"));
}

#define TIME_TEXT 30u /* "2026-11-24T12:00:00.000000000Z" */

/* Times of one second have the same beginning, and many follow each other. */
static void first_of_second(struct json *j, nanoseconds time)
{
	size_t before = j->to->n;

	text_putc(j->to, '"');
	clock_rfc3339(time, j->to);
	text_putc(j->to, '"');
	if (time < 0 || j->to->n != before + TIME_TEXT + 2)
		return;
	memcpy(j->prefix, j->to->p + before + 1, sizeof(j->prefix));
	j->second = time / NS_PER_S + 1;
}

void json_time(struct json *j, nanoseconds time)
{
	uint32_t ns = (uint32_t)(time % NS_PER_S);
	char *to;

	comma(j);
	if (time < 0 || j->second != time / NS_PER_S + 1) {
		first_of_second(j, time);
		return;
	}
	to = text_room(j->to, TIME_TEXT + 2);
	if (!to)
		return;
	to[0] = '"';
	memcpy(to + 1, j->prefix, sizeof(j->prefix));
	for (size_t i = TIME_TEXT - 1; i > sizeof(j->prefix); i--) {
		to[i] = (char)('0' + ns % 10);
		ns /= 10;
	}
	to[TIME_TEXT] = 'Z';
	to[TIME_TEXT + 1] = '"';
	j->to->n += TIME_TEXT + 2;
}

void json_endpoint(struct json *j, const struct endpoint *e)
{
	if (e->family == FAMILY_NONE) {
		json_null(j);
		return;
	}
	comma(j);
	text_putc(j->to, '"');
	endpoint_text(e, j->to);
	text_putc(j->to, '"');
}

void json_open_string(struct json *j)
{
	comma(j);
	text_putc(j->to, '"');
}

void json_close_string(struct json *j)
{
	text_putc(j->to, '"');
}

void json_hex(struct json *j, struct slice bytes)
{
	comma(j);
	text_putc(j->to, '"');
	text_hex(j->to, bytes);
	text_putc(j->to, '"');
}

void json_code(struct json *j, unsigned code)
{
	uint8_t bytes[] = {(uint8_t)(code >> 8), (uint8_t)code};

	comma(j);
	text_put(j->to, SLICE("\"0x"));
	text_hex(j->to, slice_of(bytes, 2));
	text_putc(j->to, '"');
}
