/* Reading YAML event by event, so that nothing is built that is refused. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "check/yaml.h"

struct reading {
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event;
	size_t nodes;
	size_t *line;
	char *why;
	bool failed;
};

static void fail(struct reading *r, size_t line, const char *why)
{
	if (r->failed)
		return;
	r->failed = true;
	*r->line = line + 1;
	snprintf(r->why, YAML_WHY, "%s", why);
}

/* The next event; it is NO_EVENT after a failure. */
static yaml_event_type_t next(struct reading *r)
{
	if (r->has_event)
		yaml_event_delete(&r->event);
	r->has_event = false;
	if (r->failed)
		return YAML_NO_EVENT;
	if (!yaml_parser_parse(&r->parser, &r->event)) {
		fail(r, r->parser.problem_mark.line,
		     r->parser.problem ? r->parser.problem : "not YAML");
		return YAML_NO_EVENT;
	}
	r->has_event = true;
	return r->event.type;
}

static size_t line_of(const struct reading *r)
{
	return r->event.start_mark.line;
}

/* ---- scalars ---- */

static json_t *number_of(struct slice s)
{
	char text[64], *end;
	double value;
	size_t digits = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = (char)s.p[i];

		if (c >= '0' && c <= '9')
			digits++;
		else if (!strchr("+-.eE", c))
			return NULL;
	}
	if (digits == 0 || s.n >= sizeof(text))
		return NULL;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (digits < 18 && digits + (text[0] == '-') == s.n)
		return json_integer(strtoll(text, NULL, 10));
	value = strtod(text, &end);
	return *end == '\0' && isfinite(value) ? json_real(value) : NULL;
}

static json_t *scalar_of(struct reading *r)
{
	struct slice s = slice_of(r->event.data.scalar.value,
				  r->event.data.scalar.length);
	json_t *number = NULL;

	if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		if (s.n == 0 || slice_is(s, "~") || slice_is(s, "null"))
			return json_null();
		if (slice_is(s, "true"))
			return json_true();
		if (slice_is(s, "false"))
			return json_false();
		number = number_of(s);
	}
	if (number)
		return number;
	return json_stringn(s.n ? (const char *)s.p : "", s.n);
}

/* ---- collections ---- */

static json_t *read_value(struct reading *r, unsigned depth);

static json_t *read_sequence(struct reading *r, unsigned depth)
{
	json_t *out = json_array();

	while (next(r) != YAML_SEQUENCE_END_EVENT && !r->failed)
		if (json_array_append_new(out, read_value(r, depth + 1)) != 0)
			fail(r, line_of(r), "out of memory, or not a value");
	return out;
}

static bool read_member(struct reading *r, json_t *to, unsigned depth)
{
	char key[128];
	json_t *value;
	size_t line = line_of(r);

	if (r->event.type != YAML_SCALAR_EVENT ||
	    r->event.data.scalar.length >= sizeof(key) ||
	    memchr(r->event.data.scalar.value, '\0',
		   r->event.data.scalar.length)) {
		fail(r, line, "a name must be a short text");
		return false;
	}
	memcpy(key, r->event.data.scalar.value, r->event.data.scalar.length);
	key[r->event.data.scalar.length] = '\0';
	if (json_object_get(to, key)) {
		fail(r, line, "the same name stands twice");
		return false;
	}
	(void)next(r);
	value = read_value(r, depth + 1);
	if (value && json_object_set_new(to, key, value) == 0)
		return true;
	fail(r, line, "out of memory, or not a value");
	return false;
}

static json_t *read_mapping(struct reading *r, unsigned depth)
{
	json_t *out = json_object();
	size_t line = line_of(r);

	if (json_object_set_new(out, YAML_LINE,
				json_integer((json_int_t)line + 1)) != 0)
		fail(r, line, "out of memory");
	while (next(r) != YAML_MAPPING_END_EVENT && !r->failed)
		if (!read_member(r, out, depth))
			break;
	return out;
}

/* The value at the event at hand. */
static json_t *read_value(struct reading *r, unsigned depth)
{
	if (r->failed)
		return NULL;
	if (++r->nodes > YAML_NODES_MAX || depth > YAML_DEPTH_MAX) {
		fail(r, line_of(r), "too much, or too deep");
		return NULL;
	}
	if (r->event.type == YAML_SCALAR_EVENT)
		return scalar_of(r);
	if (r->event.type == YAML_SEQUENCE_START_EVENT)
		return read_sequence(r, depth);
	if (r->event.type == YAML_MAPPING_START_EVENT)
		return read_mapping(r, depth);
	fail(r, line_of(r),
	     r->event.type == YAML_ALIAS_EVENT ? "aliases are not read"
					       : "a value is missing");
	return NULL;
}

static json_t *read_document(struct reading *r)
{
	json_t *out;

	if (next(r) != YAML_STREAM_START_EVENT ||
	    next(r) != YAML_DOCUMENT_START_EVENT) {
		fail(r, 0, "empty");
		return NULL;
	}
	(void)next(r);
	out = read_value(r, 0);
	if (!r->failed && next(r) == YAML_DOCUMENT_END_EVENT &&
	    next(r) != YAML_STREAM_END_EVENT)
		fail(r, line_of(r), "more than one document");
	return out;
}

json_t *yaml_read(struct slice text, size_t *line, char why[YAML_WHY])
{
	struct reading r = {.line = line, .why = why};
	json_t *out;

	*line = 0;
	if (!yaml_parser_initialize(&r.parser)) {
		snprintf(why, YAML_WHY, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
		&r.parser, text.n ? text.p : (const uint8_t *)"", text.n);
	out = read_document(&r);
	if (r.has_event)
		yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	if (!r.failed)
		return out;
	json_decref(out);
	return NULL;
}

unsigned yaml_line(const json_t *object)
{
	return (unsigned)json_integer_value(json_object_get(object, YAML_LINE));
}
