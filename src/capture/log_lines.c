/* The lines of a text file. */
#include "config.h"

#include <string.h>

#include "capture/formats.h"
#include "capture/log_har.h"
#include "capture/log_html.h"
#include "capture/log_json.h"
#include "capture/log_lines.h"
#include "capture/log_ngrep.h"
#include "capture/log_utf16.h"

/* So far it is looked for what lines were made of. */
#define WRAPPED_LOOK_SIZE 1048576u
#define WRAPPED_STEP (FORMAT_PROBE_SIZE / 2)

/* What programs make of lines, and how they are made again. */
static const struct wrapping {
	bool (*claims)(struct slice part);
	struct log_maker *(*maker)(void);
} wrappings[] = {
	{ngrep_claims, ngrep_maker},
	{json_lines_claim, json_lines_maker},
	{har_claims, har_maker},
};

static const struct wrapping *wrapping_of(struct slice part)
{
	for (size_t i = 0; i < sizeof(wrappings) / sizeof(wrappings[0]); i++)
		if (wrappings[i].claims(part))
			return &wrappings[i];
	return NULL;
}

static struct slice without_mark(struct slice s)
{
	return slice_starts(s, SLICE("\xEF\xBB\xBF")) ? slice_from(s, 3) : s;
}

static struct slice as_utf8(struct slice first, uint8_t buffer[LOG_PROBE_SIZE])
{
	enum utf16_order order = utf16_order_of(first);
	struct utf16_rest rest = {.high = 0};
	size_t used;

	if (order == UTF16_NO)
		return without_mark(first);
	return slice_of(buffer, utf16_convert(&rest, order, first, buffer,
					      LOG_PROBE_SIZE, &used));
}

#define ESCAPE 0x1B

/* The end of what a terminal takes for a command: ESC [ 1 ; 31 m */
static size_t escape_size(struct slice s)
{
	size_t n = 2;

	if (s.n < 2 || s.p[1] != '[')
		return 1;
	while (n < s.n && s.p[n] >= 0x20 && s.p[n] < 0x40)
		n++;
	return n < s.n && s.p[n] >= 0x40 && s.p[n] < 0x7F ? n + 1 : 1;
}

/* Text without commands to a terminal; `to` has room for all of it, and may be
 * where it stands. */
static struct slice without_colours(struct slice s, uint8_t *to)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n;) {
		if (s.p[i] == ESCAPE)
			i += escape_size(slice_from(s, i));
		else
			to[n++] = s.p[i++];
	}
	return slice_of(to, n);
}

static bool has_colours(struct slice s)
{
	size_t at;

	return slice_find(s, ESCAPE, &at);
}

/* Without what HTML and terminals made of it. */
static struct slice plain_probe(struct slice first,
				uint8_t buffer[LOG_PROBE_SIZE])
{
	struct slice text = as_utf8(first, buffer);
	struct html_rest rest = {.broken = false};
	size_t used;

	if (has_colours(text) && text.n <= LOG_PROBE_SIZE)
		text = without_colours(text, buffer);
	if (!html_claims(text))
		return text;
	return slice_of(buffer, html_convert(&rest, text, true, buffer, &used));
}

struct slice log_probe(struct slice first, uint8_t buffer[LOG_PROBE_SIZE])
{
	struct slice text = plain_probe(first, buffer);
	const struct wrapping *how = wrapping_of(text);

	return how ? log_maker_convert(how->maker(), text, buffer,
				       LOG_PROBE_SIZE)
		   : text;
}

/* The lines of a text without their dress. */
static struct slice undressed(const struct log_dress *dress, struct slice text,
			      uint8_t *buffer)
{
	bool behind = false;
	size_t n = 0;

	while (text.n) {
		struct slice line =
			log_undress(dress, slice_split(&text, '\n'));

		if (behind && line.n == 0) {
			behind = false;
			continue;
		}
		if (line.n)
			memcpy(buffer + n, line.p, line.n);
		n += line.n;
		buffer[n++] = '\n';
		behind = dress->doubled;
	}
	return slice_of(buffer, n);
}

bool log_probe_bare(struct slice first, log_begins *begins,
		    struct log_bare_probe *room, struct slice *out)
{
	struct log_dress dress;
	size_t at;

	*out = log_probe(first, room->text);
	/* No program writes NUL into its log; what has some is no text. */
	if (slice_find(*out, 0, &at))
		return false;
	dress = log_dress_of(*out, begins);
	if (log_has_dress(&dress))
		*out = undressed(&dress, *out, room->bare);
	return true;
}

bool log_is_html(struct slice first)
{
	uint8_t buffer[LOG_PROBE_SIZE];

	return html_claims(as_utf8(first, buffer));
}

/* Other packets may be printed in front of the first one of SIP, other lines
 * wrapped up. */
static const struct wrapping *find_wrapping(struct byte_source *bytes,
					    struct slice first)
{
	uint8_t buffer[LOG_PROBE_SIZE];
	const struct wrapping *how = wrapping_of(plain_probe(first, buffer));
	size_t got = 1;

	for (uint64_t at = WRAPPED_STEP;
	     !how && bytes->read_at && got && at < WRAPPED_LOOK_SIZE;
	     at += WRAPPED_STEP) {
		if (bytes->read_at(bytes, at, buffer, FORMAT_PROBE_SIZE,
				   &got) != STATUS_OK)
			return NULL;
		how = wrapping_of(slice_of(buffer, got));
	}
	return how;
}

enum status log_lines_open(struct log_lines *lines, struct byte_source *bytes,
			   struct slice first, const struct log_dress *dress)
{
	enum utf16_order order = utf16_order_of(first);
	bool html = log_is_html(first);
	const struct wrapping *how = find_wrapping(bytes, first);
	enum status status;

	*lines = (struct log_lines){.dress = *dress,
				    .plain = text_new(LOG_LINE_MAX)};
	if (order != UTF16_NO) {
		status = utf16_open(order, bytes, first, &bytes);
		if (status != STATUS_OK)
			return status;
		first = (struct slice){0};
	}
	if (html) {
		status = html_open(bytes, first, &bytes);
		if (status != STATUS_OK)
			return status;
		first = (struct slice){0};
	}
	if (how) {
		status = log_maker_open(how->maker(), bytes, first, &bytes);
		if (status != STATUS_OK)
			return status;
		first = (struct slice){0};
	}
	status = block_open(&lines->block, bytes, first);
	if (status != STATUS_OK)
		bytes->close(bytes);
	return status;
}

void log_lines_close(struct log_lines *lines)
{
	text_free(&lines->plain);
	block_close(&lines->block);
}

/* Looks for the end of the line that starts here, reading as far as it has
 * to; *size is what the line takes, with its end. */
static enum status find_line(struct block *block, struct slice *line,
			     size_t *size)
{
	size_t seen = 0, at;

	for (;;) {
		struct slice s;
		enum status status = block_need(block, seen + 1, &s);
		struct slice window = slice_of(block->p, block->left);

		if (slice_find(slice_from(window, seen), '\n', &at)) {
			*line = slice_first(window, seen + at);
			*size = line->n + 1;
			return STATUS_OK;
		}
		seen = window.n;
		if (status == STATUS_OK && seen < LOG_LINE_MAX)
			continue;
		*line = slice_first(window, LOG_LINE_MAX);
		*size = line->n;
		return seen ? STATUS_OK : status;
	}
}

/* Where memory is out the line keeps its colours. */
static struct slice plain_line(struct log_lines *lines, struct slice line)
{
	struct text *plain = &lines->plain;

	text_clear(plain);
	text_put(plain, line);
	return plain->failed == STATUS_OK
		       ? without_colours(text_slice(plain), (uint8_t *)plain->p)
		       : line;
}

static enum status find_dressed(struct log_lines *lines)
{
	struct log_line *line = &lines->line;
	enum status status;

	line->offset = block_offset(&lines->block);
	status = find_line(&lines->block, &line->text, &lines->size);
	if (status != STATUS_OK)
		return status;
	if (line->offset == 0)
		line->text = without_mark(line->text);
	if (has_colours(line->text))
		line->text = plain_line(lines, line->text);
	line->crlf = line->text.n && line->text.p[line->text.n - 1] == '\r';
	line->text = log_undress(&lines->dress, line->text);
	return STATUS_OK;
}

enum status log_line_peek(struct log_lines *lines, struct log_line *out)
{
	enum status status = STATUS_OK;

	if (lines->size == 0)
		status = find_dressed(lines);
	if (status == STATUS_OK && lines->behind && lines->line.text.n == 0) {
		log_line_take(lines);
		status = find_dressed(lines);
	}
	if (status != STATUS_OK)
		return status;
	lines->behind = false;
	*out = lines->line;
	return STATUS_OK;
}

void log_line_take(struct log_lines *lines)
{
	block_take(&lines->block, lines->size);
	lines->size = 0;
	lines->behind = lines->dress.doubled;
}
