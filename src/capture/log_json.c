/* Lines out of objects of JSON. */
#include "config.h"

#include <stdlib.h>

#include "capture/log_json.h"
#include "capture/log_scan.h"

/* Objects in objects, which are passed over. */
#define DEPTH_MAX 32u

/* Where programs that keep logs put the line of the program, and its time. */
static const char *const line_keys[] = {"log", "message", "MESSAGE", "msg",
					"line"};
static const char *const time_keys[] = {"time", "@timestamp", "timestamp",
					"ts"};
/* In microseconds since 1970. */
#define JOURNALD_TIME "__REALTIME_TIMESTAMP"

/* ---- JSON ---- */

static void skip_space(struct slice *s)
{
	while (s->n && (s->p[0] == ' ' || s->p[0] == '\t'))
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
	if (!json_take_written(s, &out->value)) {
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

static bool is_one_of(struct slice key, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(key, keys[i]))
			return true;
	return false;
}

/* What is looked for in an object. */
struct wrapped {
	struct slice line;
	struct log_time time;
	bool has_line, has_time;
};

static void note_member(struct wrapped *w, const struct member *m)
{
	struct slice value = m->value;
	uint64_t us;

	if (is_one_of(m->key, line_keys,
		      sizeof(line_keys) / sizeof(line_keys[0]))) {
		w->line = value;
		w->has_line = true;
	} else if (is_one_of(m->key, time_keys,
			     sizeof(time_keys) / sizeof(time_keys[0]))) {
		w->has_time = scan_time(&value, &w->time);
	} else if (slice_is(m->key, JOURNALD_TIME) &&
		   slice_number(value, CLOCK_LAST / NS_PER_US, &us) ==
			   STATUS_OK) {
		w->time.time = (nanoseconds)us * NS_PER_US;
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

static void take_line(struct log_maker *maker, struct slice line)
{
	struct wrapped w;
	bool wrapped = unwrap(line, &w);

	if (wrapped && w.has_time && w.time.time < CLOCK_LAST &&
	    w.time.time > CLOCK_FIRST) {
		clock_rfc3339(w.time.time, &maker->out);
		text_putc(&maker->out, ' ');
	}
	if (wrapped)
		json_put_written(&maker->out, without_end(w.line));
	else
		text_put(&maker->out, line);
	text_putc(&maker->out, '\n');
}

static void end(struct log_maker *maker)
{
	(void)maker;
}

static void json_close(struct log_maker *maker)
{
	text_free(&maker->out);
	free(maker);
}

struct log_maker *json_lines_maker(void)
{
	struct log_maker *maker = calloc(1, sizeof(*maker));

	if (!maker)
		return NULL;
	maker->line = take_line;
	maker->end = end;
	maker->close = json_close;
	maker->out = text_new(SIZE_MAX / 2);
	return maker;
}

/* ---- what it is ---- */

static bool ends_as_sip(struct slice line)
{
	return slice_ends(slice_trim(line), SLICE(" SIP/2.0")) ||
	       slice_starts(line, SLICE("SIP/2.0 "));
}

bool json_lines_claim(struct slice part)
{
	bool sip = false;

	while (part.n) {
		struct wrapped w;

		if (!unwrap(slice_split(&part, '\n'), &w)) {
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
