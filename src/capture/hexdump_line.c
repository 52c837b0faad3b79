/* Lines of hexadecimal dumps. */
#include "config.h"

#include "capture/hexdump_line.h"

#define OFFSET_DIGITS_LEAST 4u
#define OFFSET_DIGITS_MOST 8u
/* Digits that stand together; 4 bytes at most (Cisco). */
#define GROUP_DIGITS_MOST 8u
/* Behind so many single bytes some programs leave a wider gap, and go on. */
#define HALF_LINE 8u
#define WIDER_GAP 2u

static size_t count_digits(struct slice s)
{
	size_t n = 0;

	while (n < s.n && hex_digit(s.p[n]) != HEX_NONE)
		n++;
	return n;
}

/* A tab is as wide as it likes. */
static size_t count_blanks(struct slice s, bool *tab)
{
	size_t n = 0;

	*tab = false;
	for (; n < s.n && (s.p[n] == ' ' || s.p[n] == '\t'); n++)
		*tab |= s.p[n] == '\t';
	return n;
}

/* "0x0010:", "0010", "00000010:"; blanks behind it are taken, too. */
static bool take_offset(struct slice *s, uint32_t *out, size_t *blanks)
{
	size_t n;
	uint64_t offset;
	bool tab;

	*s = slice_from(*s, count_blanks(*s, &tab));
	if (slice_starts(*s, SLICE("0x")))
		*s = slice_from(*s, 2);
	n = count_digits(*s);
	if (n < OFFSET_DIGITS_LEAST || n > OFFSET_DIGITS_MOST ||
	    slice_hex(slice_first(*s, n), UINT32_MAX, &offset) != STATUS_OK)
		return false;
	*out = (uint32_t)offset;
	*s = slice_from(*s, n);
	if (s->n && s->p[0] == ':')
		*s = slice_from(*s, 1);
	*blanks = count_blanks(*s, &tab);
	*s = slice_from(*s, *blanks);
	return true;
}

/* Digits up to a blank or the end of the line; 0: something else is there. */
static size_t group_digits(struct slice s)
{
	size_t n = count_digits(s);

	if (n % 2 || n > GROUP_DIGITS_MOST ||
	    (n < s.n && s.p[n] != ' ' && s.p[n] != '\t' && s.p[n] != '\r'))
		return 0;
	return n;
}

static void take_group(struct slice *s, size_t digits, struct hexdump_line *out)
{
	for (size_t i = 0; i < digits; i += 2)
		out->bytes[out->n++] = (uint8_t)(hex_digit(s->p[i]) << 4 |
						 hex_digit(s->p[i + 1]));
	*s = slice_from(*s, digits);
}

/* Do the bytes go on behind this gap?  Else the text is next. */
static bool goes_on(const struct hexdump_line *line, size_t width,
		    size_t blanks, bool tab)
{
	return blanks == 1 ? !tab
			   : blanks == WIDER_GAP && !tab && width == 2 &&
				     line->n == HALF_LINE;
}

/* The bytes stop behind a gap, or at the end of the line: what goes on as words
 * do is a line of text, "0000 0000 = Reserved". */
static bool stops_here(struct slice line, size_t blanks, bool tab)
{
	return blanks > 1 || tab || slice_trim(line).n == 0;
}

bool hexdump_line_read(struct slice line, struct hexdump_line *out)
{
	size_t width, digits, blanks = 0;
	bool tab = false;

	out->n = 0;
	if (!take_offset(&line, &out->offset, &blanks) || blanks == 0)
		return false;
	width = group_digits(line);
	for (digits = width; digits; digits = group_digits(line)) {
		if (digits > width || out->n + digits / 2 > HEXDUMP_LINE_MAX)
			return false;
		take_group(&line, digits, out);
		blanks = count_blanks(line, &tab);
		line = slice_from(line, blanks);
		/* A shorter group is the last one. */
		if (digits < width || !goes_on(out, width, blanks, tab))
			break;
	}
	return out->n > 0 && stops_here(line, blanks, tab);
}

bool hexdump_line_begins(struct slice line)
{
	struct hexdump_line read;

	return hexdump_line_read(line, &read) && read.offset == 0;
}

bool hexdump_line_ends(struct slice line, uint32_t *offset)
{
	size_t blanks;

	return take_offset(&line, offset, &blanks) && slice_trim(line).n == 0;
}
