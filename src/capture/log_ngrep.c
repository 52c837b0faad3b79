/* Packets as ngrep prints them, line by line again. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture/log_ends.h"
#include "capture/log_ngrep.h"
#include "capture/log_scan.h"
#include "core/text.h"

#define INDENT 2u
#define QUOTE SLICE("> ")
/* Digits of so many bytes stand in one half of a line, each with a blank; the
 * halves are three more blanks apart. */
#define HALF 8u
#define DIGITS_WIDTH (2 * HALF * 3 + 3)

struct ngrep {
	struct log_maker maker;
	struct text payload; /* of the packet at hand; LF between lines */
	struct text joined;  /* the same in one line */
	bool inside;         /* behind its first line */
	bool begun;          /* a line of the payload came */
	bool hex;
	bool quoted; /* in a mail, as its first line was */
};

/* ---- lines ---- */

/* "4711@0:1440": identification, offset and length of a fragment. */
static bool is_fragment(struct slice word)
{
	struct slice offset = word;
	struct slice id = slice_split(&offset, '@');
	struct slice length = offset;
	uint64_t number;

	offset = slice_split(&length, ':');
	if (slice_starts(id, SLICE("+")) || slice_starts(id, SLICE("-")))
		id = slice_from(id, 1);
	return slice_number(id, UINT32_MAX, &number) == STATUS_OK &&
	       slice_number(offset, UINT16_MAX, &number) == STATUS_OK &&
	       slice_number(length, UINT16_MAX, &number) == STATUS_OK;
}

/* "U 2026/11/28 12:00:00.123456 192.0.2.1:5060 -> 192.0.2.2:5060 [AP] #1";
 * *rest is what stands behind it in the line. */
static bool is_head(struct slice line, struct slice *rest)
{
	struct endpoint end;
	struct slice word;

	if (line.n < 3 || !strchr("UT", line.p[0]) || line.p[1] != ' ' ||
	    !find_end(&line, &end))
		return false;
	word = scan_word(&line);
	if (!slice_is(word, "->") || !find_end(&line, &end))
		return false;
	*rest = line;
	word = scan_word(&line);
	if (is_fragment(word)) {
		*rest = line;
		word = scan_word(&line);
	}
	if (slice_starts(word, SLICE("["))) {
		*rest = line;
		word = scan_word(&line);
	}
	if (slice_starts(word, SLICE("#")))
		*rest = line;
	*rest = slice_trim(*rest);
	return true;
}

/* "9 received, 2 matched" */
static bool is_total(struct slice line)
{
	uint64_t number;

	return slice_number(scan_word(&line), UINT32_MAX, &number) ==
		       STATUS_OK &&
	       slice_is(scan_word(&line), "received,") &&
	       slice_ends(line, SLICE(" matched"));
}

/* Without -q there is a '#' for each packet that was looked at, and at the end
 * a word and how many there were. */
static bool is_progress(struct slice line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == '#')
		n++;
	line = slice_from(line, n);
	return (n && line.n == 0) || slice_is(line, "exit") || is_total(line);
}

/* The bytes of a line of digits; how many, or 0 when it is none.  What stands
 * behind the columns of the digits is text. */
static size_t bytes_of_line(struct slice line, uint8_t bytes[2 * HALF])
{
	size_t n = 0, at = 0;

	while (at < line.n && line.p[at] == ' ')
		at++;
	line = slice_cut(line, at, DIGITS_WIDTH);
	for (at = 0; at + 1 < line.n && n < 2 * HALF; at++) {
		unsigned high = hex_digit(line.p[at]), low;

		if (line.p[at] == ' ')
			continue;
		low = hex_digit(line.p[at + 1]);
		if (high == HEX_NONE || low == HEX_NONE ||
		    (at + 2 < line.n && line.p[at + 2] != ' '))
			return 0;
		bytes[n++] = (uint8_t)(high << 4 | low);
		at++;
	}
	return n;
}

static struct slice without_indent(struct slice line)
{
	for (unsigned i = 0; i < INDENT && line.n && line.p[0] == ' '; i++)
		line = slice_from(line, 1);
	return line;
}

static void take_text(struct ngrep *n, struct slice line)
{
	if (n->begun)
		text_putc(&n->payload, '\n');
	text_put(&n->payload, without_indent(line));
}

/* All lines but the last are of one width: what is shorter had blanks at its
 * end, which something took. */
static struct slice join(struct ngrep *n)
{
	struct slice rest = text_slice(&n->payload), line;
	size_t width = 0;

	while (rest.n) {
		line = slice_split(&rest, '\n');
		width = line.n > width ? line.n : width;
	}
	log_maker_clear(&n->maker, &n->joined);
	rest = text_slice(&n->payload);
	while (rest.n) {
		line = slice_split(&rest, '\n');
		text_put(&n->joined, line);
		for (size_t i = line.n;
		     rest.n && i < width && n->joined.failed == STATUS_OK; i++)
			text_putc(&n->joined, ' ');
	}
	return slice_trim(text_slice(&n->joined));
}

static void take_payload(struct ngrep *n, struct slice line)
{
	uint8_t bytes[2 * HALF];
	size_t count = bytes_of_line(line, bytes);

	if (!n->begun)
		n->hex = count > 0;
	if (!n->hex)
		take_text(n, line);
	else
		text_put(&n->payload, slice_of(bytes, count));
	n->begun = true;
}

/* ---- dots ---- */

/* No name of a header is longer; dots may stand in one, and are looked behind,
 * each. */
#define NAME_LOOK 128u

/* Could a line of SIP or SDP begin here? */
static bool begins_line(struct slice s)
{
	s = slice_first(s, NAME_LOOK);
	return s.n == 0 || is_field(s) || slice_starts(s, SLICE("--")) ||
	       slice_starts(s, SLICE("<")) ||
	       (s.n > 1 && (s.p[0] | 0x20) >= 'a' && (s.p[0] | 0x20) <= 'z' &&
		s.p[1] == '=');
}

static size_t count_dots(struct slice s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] == '.')
		n++;
	return n;
}

/* The header behind which most programs end the head. */
static bool is_length(struct slice line)
{
	struct slice value;

	return field_value(line, "Content-Length", &value) ||
	       field_value(line, "l", &value);
}

/* How many of the dots behind a line are ends of lines, two for each, and how
 * many of them are text of the line in front: a Call-ID may end in some. */
static size_t dots_of_ends(size_t dots, struct slice line, struct slice behind,
			   size_t *before)
{
	size_t ends = begins_line(behind) ? 2 : 0;

	*before = 0;
	if (dots < 2)
		return 0;
	if (dots > 3 && is_length(line))
		return 4;
	if (dots > 3 &&
	    (behind.n == 0 || !is_field(slice_first(behind, NAME_LOOK))))
		ends = 4;
	if (ends)
		*before = dots - ends;
	return ends;
}

static void put_dots(struct text *out, size_t dots)
{
	for (size_t i = 0; i < dots; i++)
		text_putc(out, '.');
}

static void put_with_lines(struct text *out, struct slice s)
{
	struct slice line = s;

	while (s.n) {
		size_t at = 0, dots, ends, before;

		(void)(slice_find(s, '.', &at) || (at = s.n));
		text_put(out, slice_first(s, at));
		s = slice_from(s, at);
		line.n = s.n ? (size_t)(s.p - line.p) : line.n;
		dots = count_dots(s);
		s = slice_from(s, dots);
		ends = dots_of_ends(dots, line, s, &before);
		put_dots(out, before);
		for (size_t i = 0; i < ends; i += 2)
			text_puts(out, "\r\n");
		put_dots(out, dots - before - ends);
		if (ends)
			line = s;
	}
}

/* ---- packets ---- */

static void end_packet(struct log_maker *maker)
{
	struct ngrep *n = (struct ngrep *)maker;
	struct slice payload = text_slice(&n->payload);
	size_t at;

	if (n->hex && slice_search(payload, SLICE("SIP/2.0"), &at))
		text_put(&maker->out, payload);
	else if (!n->hex)
		put_with_lines(&maker->out, join(n));
	maker->needy |= n->joined.failed == STATUS_NOMEM;
	if (n->begun)
		text_putc(&maker->out, '\n');
	log_maker_clear(maker, &n->payload);
	n->inside = n->begun = n->hex = false;
}

/* A quoted line that has nothing in it may have lost its blank. */
static struct slice without_quote(struct slice line)
{
	if (slice_is(line, ">"))
		return slice_from(line, 1);
	return slice_starts(line, QUOTE) ? slice_from(line, QUOTE.n) : line;
}

static void take_line(struct log_maker *maker, struct slice line)
{
	struct ngrep *n = (struct ngrep *)maker;
	struct slice rest, bare;
	bool head;

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	bare = without_quote(line);
	head = is_head(bare, &rest);
	if (head) {
		end_packet(maker);
		n->quoted = bare.n < line.n;
	}
	if (n->quoted)
		line = bare;
	if (head) {
		text_put(&maker->out, slice_first(line, line.n - rest.n));
		text_putc(&maker->out, '\n');
		n->inside = true;
		if (rest.n)
			take_payload(n, rest);
	} else if (n->inside && slice_trim(line).n && !is_progress(line)) {
		take_payload(n, line);
	} else {
		end_packet(maker);
		if (!is_progress(line))
			text_put(&maker->out, line);
		text_putc(&maker->out, '\n');
	}
}

static void ngrep_close(struct log_maker *maker)
{
	struct ngrep *n = (struct ngrep *)maker;

	text_free(&maker->out);
	text_free(&n->payload);
	text_free(&n->joined);
	free(n);
}

struct log_maker *ngrep_maker(void)
{
	struct ngrep *n = calloc(1, sizeof(*n));

	if (!n)
		return NULL;
	n->maker.line = take_line;
	n->maker.end = end_packet;
	n->maker.close = ngrep_close;
	n->maker.out = text_new(SIZE_MAX / 2);
	n->payload = text_new(LOG_MAKER_MAX);
	n->joined = text_new(2 * (size_t)LOG_MAKER_MAX);
	return &n->maker;
}

/* ---- what it is ---- */

/* Does the payload begin as SIP does, and go on in the same line? */
static bool is_sip(struct slice line)
{
	uint8_t bytes[2 * HALF];
	size_t n = bytes_of_line(line, bytes), at;
	struct slice s = slice_of(bytes, n);

	if (n) {
		while (s.n && s.p[0] >= 'A' && s.p[0] <= 'Z')
			s = slice_from(s, 1);
		return s.n < n && s.n && strchr(" /", s.p[0]);
	}
	return slice_search(line, SLICE("SIP/2.0"), &at) &&
	       slice_search(line, SLICE(".."), &at) &&
	       slice_trim(slice_from(line, at + 2)).n > 0 &&
	       begins_line(slice_from(line, at + 2));
}

bool ngrep_claims(struct slice part)
{
	while (part.n) {
		struct slice line = slice_split(&part, '\n'), rest;
		struct slice next = part;

		if (is_head(without_quote(line), &rest) &&
		    (is_sip(rest) ||
		     is_sip(without_quote(slice_split(&next, '\n')))))
			return true;
	}
	return false;
}
