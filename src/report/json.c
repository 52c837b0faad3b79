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

void json_key_slice(struct json *j, struct slice key)
{
	comma(j);
	text_putc(j->to, '"');
	text_put(j->to, key);
	text_put(j->to, SLICE("\":"));
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

void json_string(struct json *j, struct slice s)
{
	comma(j);
	text_putc(j->to, '"');
	while (s.n) {
		size_t run = 0;
		uint32_t code;
		size_t n;

		while (run < s.n && plain(s.p[run]))
			run++;
		text_put(j->to, slice_first(s, run));
		s = slice_from(s, run);
		if (s.n == 0)
			break;
		n = utf8_sequence(s, &code);
		if (n == 0) {
			text_put(j->to, SLICE("\xEF\xBF\xBD"));
			n = 1;
		} else if (n == 1) {
			special(j, s.p[0]);
		} else {
			text_put(j->to, slice_first(s, n));
		}
		s = slice_from(s, n);
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

void json_double(struct json *j, double value, int decimals)
{
	if (!isfinite(value)) {
		json_null(j);
		return;
	}
	comma(j);
	text_printf(j->to, "%.*f", decimals, value);
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

void json_time(struct json *j, nanoseconds time)
{
	comma(j);
	text_putc(j->to, '"');
	clock_rfc3339(time, j->to);
	text_putc(j->to, '"');
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
