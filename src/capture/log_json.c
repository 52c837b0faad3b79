/* Lines out of objects of JSON. */
#include "config.h"

#include <stdlib.h>

#include "capture/log_json.h"
#include "capture/log_scan.h"

/* Objects in objects, which are passed over. */
#define DEPTH_MAX 32u

/* Where programs that keep logs put the line of the program, the likeliest
 * first, and its time. */
static const char *const line_keys[] = {"log", "message", "MESSAGE", "msg",
					"line"};
static const char *const time_keys[] = {"time", "@timestamp", "timestamp",
					"ts"};
/* In microseconds since 1970. */
#define JOURNALD_TIME "__REALTIME_TIMESTAMP"
/* Milliseconds since 1970, in this century. */
#define MS_DIGITS 13u
/* No time is longer. */
#define TIME_LOOK 40u

/* ---- JSON ---- */

static void skip_space(struct slice *s)
{
	while (s->n && (s->p[0] == ' ' || s->p[0] == '\t' || s->p[0] == '\r' ||
			s->p[0] == '\n'))
		*s = slice_from(*s, 1);
}

bool json_take_written(struct slice *s, struct slice *out)
{
	size_t at = 1;

	if (s->n == 0 || s->p[0] != '"')
		return false;
	while (at < s->n && s->p[at] != '"')
		at += s->p[at] == '\\' ? 2 : 1;
	if (at >= s->n)
		return false;
	*out = slice_cut(*s, 1, at - 1);
	*s = slice_from(*s, at + 1);
	return true;
}

bool json_take_member(struct slice line, struct slice *name,
		      struct slice *value)
{
	line = slice_trim(line);
	if (!json_take_written(&line, name) || !scan_char(&line, ':'))
		return false;
	*value = slice_trim(line);
	if (slice_ends(*value, SLICE(",")))
		value->n--;
	return true;
}

/* Any other value: up to what ends it, with all that is nested in it. */
static bool skip_value(struct slice *s)
{
	unsigned depth = 0;
	struct slice string;

	while (s->n) {
		uint8_t c = s->p[0];

		if (c == '"') {
			if (!json_take_written(s, &string))
				return false;
			continue;
		}
		if (depth == 0 && (c == ',' || c == '}'))
			return true;
		depth += c == '{' || c == '[';
		if (depth > DEPTH_MAX)
			return false;
		if (depth)
			depth -= c == '}' || c == ']';
		*s = slice_from(*s, 1);
	}
	return false;
}

struct member {
	struct slice key, value; /* as written; without quotes */
	bool string;             /* the value is one */
};

/* The next member of an object, behind its '{' or a comma. */
static bool take_member(struct slice *s, struct member *out)
{
	struct slice before;

	skip_space(s);
	if (!json_take_written(s, &out->key))
		return false;
	skip_space(s);
	if (!scan_char(s, ':'))
		return false;
	skip_space(s);
	out->string = json_take_written(s, &out->value);
	if (!out->string) {
		before = *s;
		if (!skip_value(s))
			return false;
		out->value = slice_trim(slice_first(before, before.n - s->n));
	}
	skip_space(s);
	return s->n && (s->p[0] == ',' || s->p[0] == '}');
}

/* "\u00e9", two of them for what is beyond the first plane (RFC 8259 7); what
 * is none stays as it is.  Returns the characters that were taken. */
static size_t put_code(struct text *out, struct slice s)
{
	uint64_t code, low;

	if (slice_hex(slice_cut(s, 2, 4), UINT16_MAX, &code) != STATUS_OK ||
	    s.n < 6) {
		text_putc(out, '\\');
		return 1;
	}
	if (code >= 0xD800 && code < 0xDC00 &&
	    slice_starts(slice_from(s, 6), SLICE("\\u")) &&
	    slice_hex(slice_cut(s, 8, 4), UINT16_MAX, &low) == STATUS_OK &&
	    low >= 0xDC00 && low < 0xE000) {
		text_code(out, (uint32_t)(0x10000 + ((code - 0xD800) << 10) +
					  (low - 0xDC00)));
		return 12;
	}
	text_code(out, (uint32_t)code);
	return 6;
}

static size_t put_escaped(struct text *out, struct slice s)
{
	static const char escapes[] = "n\nr\rt\tb\bf\f";

	if (s.n < 2) {
		text_put(out, s);
		return s.n;
	}
	if (s.p[1] == 'u')
		return put_code(out, s);
	for (size_t i = 0; escapes[i]; i += 2)
		if (s.p[1] == escapes[i]) {
			text_putc(out, escapes[i + 1]);
			return 2;
		}
	text_put(out, slice_cut(s, 1, 1));
	return 2;
}

void json_put_written(struct text *out, struct slice s)
{
	while (s.n) {
		size_t at;

		if (!slice_find(s, '\\', &at))
			at = s.n;
		text_put(out, slice_first(s, at));
		s = slice_from(s, at);
		if (s.n)
			s = slice_from(s, put_escaped(out, s));
	}
}

/* ---- lines ---- */

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Its place among the keys, or their number. */
static size_t place_of(struct slice key, const char *const *keys, size_t count)
{
	size_t i = 0;

	while (i < count && !slice_is(key, keys[i]))
		i++;
	return i;
}

/* What is looked for in an object. */
struct wrapped {
	struct slice line;
	size_t likely; /* place of its key */
	struct log_time time;
	bool has_line, has_time;
	bool bytes; /* the line is an array of their numbers */
};

/* "2026-11-30T12:00:00Z", 1796040000.5, 1796040000500 */
static bool read_time(struct slice value, struct log_time *out)
{
	struct slice digits = value;
	uint64_t ms;

	if (scan_time(&digits, out))
		return true;
	if (value.n == MS_DIGITS &&
	    slice_number(value, INT64_MAX / NS_PER_MS, &ms) == STATUS_OK) {
		*out = (struct log_time){.time = (nanoseconds)ms * NS_PER_MS,
					 .zoned = true};
		return true;
	}
	return find_time(slice_first(value, TIME_LOOK), out) && out->zoned;
}

static void note_line(struct wrapped *w, const struct member *m)
{
	size_t at = place_of(m->key, line_keys, COUNT_OF(line_keys));
	/* journald writes what cannot be printed so. */
	bool bytes = !m->string && slice_starts(m->value, SLICE("["));

	if (at == COUNT_OF(line_keys) || (!m->string && !bytes) ||
	    (w->has_line && w->likely < at))
		return;
	w->line = m->value;
	w->likely = at;
	w->bytes = bytes;
	w->has_line = true;
}

static void note_member(struct wrapped *w, const struct member *m)
{
	struct log_time time;
	uint64_t us;

	note_line(w, m);
	if (place_of(m->key, time_keys, COUNT_OF(time_keys)) <
		    COUNT_OF(time_keys) &&
	    !w->has_time && read_time(m->value, &time)) {
		w->time = time;
		w->has_time = true;
	} else if (slice_is(m->key, JOURNALD_TIME) &&
		   slice_number(m->value, CLOCK_LAST / NS_PER_US, &us) ==
			   STATUS_OK) {
		w->time = (struct log_time){.time = (nanoseconds)us * NS_PER_US,
					    .zoned = true};
		w->has_time = true;
	}
}

/* False: the line is no object with a line in it. */
static bool unwrap(struct slice s, struct wrapped *out)
{
	struct member m;

	*out = (struct wrapped){.has_line = false};
	s = slice_trim(s);
	if (!scan_char(&s, '{'))
		return false;
	while (take_member(&s, &m)) {
		note_member(out, &m);
		if (s.p[0] == '}')
			return out->has_line;
		s = slice_from(s, 1);
	}
	return false;
}

/* Without the end that the program gave it. */
static struct slice without_end(struct slice line)
{
	static const char *const ends[] = {"\\n", "\\r"};

	for (size_t i = 0; i < 2; i++)
		if (slice_ends(line, slice_of_text(ends[i])))
			line = slice_first(line, line.n - 2);
	return line;
}

/* "[86, 105, 97]"; without the end of the last line. */
static void put_bytes(struct text *out, struct slice s)
{
	size_t ends = 0;
	uint64_t byte;

	(void)scan_char(&s, '[');
	while (s.n) {
		struct slice word = slice_trim(slice_split(&s, ','));

		if (slice_ends(word, SLICE("]")))
			word = slice_trim(slice_first(word, word.n - 1));
		if (slice_number(word, UINT8_MAX, &byte) != STATUS_OK ||
		    byte == '\r')
			continue;
		ends += byte == '\n';
		for (; ends && byte != '\n'; ends--)
			text_putc(out, '\n');
		if (byte != '\n')
			text_putc(out, (char)byte);
	}
}

static void put_time(struct text *out, const struct log_time *time)
{
	if (time->time >= CLOCK_LAST || time->time <= CLOCK_FIRST)
		return;
	clock_rfc3339(time->time, out);
	/* Nothing is said of its zone. */
	if (!time->zoned && out->n && out->p[out->n - 1] == 'Z')
		out->n--;
	text_putc(out, ' ');
}

static void put_wrapped(struct text *out, struct slice object)
{
	struct wrapped w;
	bool wrapped = unwrap(object, &w);

	if (wrapped && w.has_time)
		put_time(out, &w.time);
	if (!wrapped)
		text_put(out, object);
	else if (w.bytes)
		put_bytes(out, w.line);
	else
		json_put_written(out, without_end(w.line));
	text_putc(out, '\n');
}

/* An object may be spread over lines, as "journalctl -o json-pretty" does:
 * brackets stand alone at the front of the first and the last. */
static bool is_alone(struct slice line, char bracket)
{
	return line.n && line.p[0] == (uint8_t)bracket &&
	       slice_trim(line).n == 1;
}

struct json_lines {
	struct log_maker maker;
	struct text object; /* whose end did not come yet */
	bool inside;
};

static void take_line(struct log_maker *maker, struct slice line)
{
	struct json_lines *j = (struct json_lines *)maker;

	if (is_alone(line, '{')) {
		maker->end(maker);
		j->inside = true;
	}
	if (!j->inside) {
		put_wrapped(&maker->out, line);
		return;
	}
	text_put(&j->object, line);
	text_putc(&j->object, '\n');
	if (is_alone(line, '}') || j->object.failed != STATUS_OK)
		maker->end(maker);
}

static void end(struct log_maker *maker)
{
	struct json_lines *j = (struct json_lines *)maker;

	if (j->inside)
		put_wrapped(&maker->out, slice_trim(text_slice(&j->object)));
	log_maker_clear(maker, &j->object);
	j->inside = false;
}

static void json_close(struct log_maker *maker)
{
	text_free(&maker->out);
	text_free(&((struct json_lines *)maker)->object);
	free(maker);
}

struct log_maker *json_lines_maker(void)
{
	struct json_lines *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->maker.line = take_line;
	j->maker.end = end;
	j->maker.close = json_close;
	j->maker.out = text_new(SIZE_MAX / 2);
	j->object = text_new(LOG_MAKER_MAX);
	return &j->maker;
}

/* ---- what it is ---- */

static bool ends_as_sip(struct slice line)
{
	return slice_ends(slice_trim(line), SLICE(" SIP/2.0")) ||
	       slice_starts(line, SLICE("SIP/2.0 "));
}

/* A line, or the lines over which an object is spread. */
static struct slice take_object(struct slice *part)
{
	struct slice whole = *part, line = slice_split(part, '\n');

	if (!is_alone(line, '{'))
		return line;
	while (part->n && !is_alone(line, '}'))
		line = slice_split(part, '\n');
	return slice_first(whole, (size_t)(line.p + line.n - whole.p));
}

bool json_lines_claim(struct slice part)
{
	bool sip = false;

	while (part.n) {
		struct wrapped w;

		if (!unwrap(take_object(&part), &w) || w.bytes) {
			sip = false;
			continue;
		}
		w.line = without_end(w.line);
		if (sip && is_field(w.line))
			return true;
		sip = ends_as_sip(w.line);
	}
	return false;
}
