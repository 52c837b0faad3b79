/* Writing XML. */
#include "config.h"

#include "core/xml_write.h"

static void special(struct text *to, uint8_t c)
{
	switch (c) {
	case '&':
		text_puts(to, "&amp;");
		break;
	case '<':
		text_puts(to, "&lt;");
		break;
	case '>':
		text_puts(to, "&gt;");
		break;
	case '"':
		text_puts(to, "&quot;");
		break;
	case '\t':
	case '\n':
	case '\r':
		text_printf(to, "&#%u;", c);
		break;
	default:
		text_putc(to, '?');
		break;
	}
}

static bool is_plain(uint32_t c)
{
	return c >= 0x20 && c != '&' && c != '<' && c != '>' && c != '"' &&
	       c != 0xFFFE && c != 0xFFFF;
}

/* Text as content or attribute value; bytes that no document may hold
 * (controls, broken UTF-8) become '?'. */
static void xml_write_text(struct text *to, struct slice s)
{
	while (s.n) {
		uint32_t code;
		size_t n = utf8_sequence(s, &code);

		if (n && is_plain(code)) {
			text_put(to, slice_first(s, n));
		} else {
			special(to, s.p[0]);
			n = n ? n : 1;
		}
		s = slice_from(s, n);
	}
}

void xml_write_attribute(struct text *to, const char *name,
			 struct slice value)
{
	text_putc(to, ' ');
	text_puts(to, name);
	text_puts(to, "=\"");
	xml_write_text(to, value);
	text_putc(to, '"');
}

void xml_write_element(struct text *to, const char *name, struct slice text)
{
	if (text.n == 0)
		return;
	text_putc(to, '<');
	text_puts(to, name);
	text_putc(to, '>');
	xml_write_text(to, text);
	text_puts(to, "</");
	text_puts(to, name);
	text_putc(to, '>');
}

void xml_write_number(struct text *to, const char *name, uint64_t number)
{
	struct text digits = text_new(32);

	if (number == 0)
		return;
	text_number(&digits, number);
	xml_write_element(to, name, text_slice(&digits));
	text_free(&digits);
}
