/* Text of pages (HTML 4.01 5.3 and 9.3; the references that programs write). */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture/formats.h"
#include "capture/log_html.h"
#include "core/text.h"

/* Longer tags and references are text. */
#define TAG_MAX 512u
#define REFERENCE_MAX 12u
#define INPUT_SIZE 16384u

static bool has(struct slice s, const char *word)
{
	size_t at;

	return slice_search(s, slice_of_text(word), &at);
}

bool html_claims(struct slice first)
{
	return (has(first, "&lt;sip:") || has(first, "&lt;sips:")) &&
	       !has(first, "<sip:") && !has(first, "<sips:");
}

/* ---- references ---- */

static const struct {
	const char *name;
	uint8_t c;
} named[] = {{"lt", '<'},   {"gt", '>'},    {"amp", '&'},
	     {"quot", '"'}, {"apos", '\''}, {"nbsp", ' '}};

/* "#39", "#x27"; those beyond 16 bits stay as they are. */
static bool number_of(struct slice s, uint64_t *c)
{
	if (slice_starts_nocase(s, "#x"))
		return slice_hex(slice_from(s, 2), 0xFFFF, c) == STATUS_OK &&
		       *c;
	return slice_starts_nocase(s, "#") &&
	       slice_number(slice_from(s, 1), 0xFFFF, c) == STATUS_OK && *c;
}

/* What stands for `s`, the reference without "&" and ";"; 0: it is none. */
static size_t refer(struct slice s, uint8_t *to)
{
	uint64_t c;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (slice_is(s, named[i].name)) {
			to[0] = named[i].c;
			return 1;
		}
	if (!number_of(s, &c))
		return 0;
	return utf8_put(c == 0xA0 ? ' ' : (uint32_t)c, to);
}

/* ---- tags ---- */

/* Elements that begin or end a line. */
static bool is_block(struct slice tag)
{
	static const char *const names[] = {
		"p",     "div",   "li",   "ul",   "ol",        "tr",
		"table", "pre",   "h1",   "h2",   "h3",        "h4",
		"hr",    "title", "body", "head", "blockquote"};
	size_t n = 0;

	if (tag.n && tag.p[0] == '/')
		tag = slice_from(tag, 1);
	while (n < tag.n && tag.p[n] > ' ' && tag.p[n] != '/')
		n++;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is_nocase(slice_first(tag, n), names[i]))
			return true;
	return false;
}

static bool is_break(struct slice tag)
{
	return slice_starts_nocase(tag, "br") &&
	       (tag.n == 2 || tag.p[2] <= ' ' || tag.p[2] == '/');
}

static bool begins_tag(uint8_t c)
{
	return c == '/' || c == '!' || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* The tag at the front, `<` to `>`: its length; 0: there is none; SIZE_MAX: its
 * end is not there yet. */
static size_t tag_length(struct slice s)
{
	size_t at;

	if (s.n > 1 && !begins_tag(s.p[1]))
		return 0;
	if (slice_find(slice_first(s, TAG_MAX), '>', &at))
		return at + 1;
	return s.n < TAG_MAX ? SIZE_MAX : 0;
}

static size_t end_line(struct html_rest *rest, uint8_t *to)
{
	to[0] = '\n';
	rest->line_begun = false;
	rest->broken = true;
	return 1;
}

static size_t put_tag(struct html_rest *rest, struct slice tag, uint8_t *to)
{
	if (is_break(tag) || (is_block(tag) && rest->line_begun))
		return end_line(rest, to);
	return 0;
}

/* ---- all of it ---- */

static size_t reference_length(struct slice s)
{
	size_t at;

	if (slice_find(slice_first(s, REFERENCE_MAX), ';', &at))
		return at + 1;
	return s.n < REFERENCE_MAX ? SIZE_MAX : 0;
}

static size_t put_char(struct html_rest *rest, uint8_t c, uint8_t *to)
{
	if (c == '\r')
		return 0;
	if (c == '\n') {
		bool ended = rest->broken;

		rest->line_begun = rest->broken = false;
		to[0] = c;
		return !ended;
	}
	rest->line_begun = true;
	rest->broken = false;
	to[0] = c;
	return 1;
}

/* What stands at the front: its length, and what is made of it. */
static size_t step(struct html_rest *rest, struct slice s, uint8_t *to,
		   size_t *made)
{
	size_t n = s.p[0] == '<'   ? tag_length(s)
		   : s.p[0] == '&' ? reference_length(s)
				   : 0;

	*made = 0;
	if (n == SIZE_MAX)
		return 0;
	if (n && s.p[0] == '<') {
		*made = put_tag(rest, slice_cut(s, 1, n - 2), to);
		return n;
	}
	if (n)
		*made = refer(slice_cut(s, 1, n - 2), to);
	if (*made) {
		rest->line_begun = true;
		rest->broken = false;
		return n;
	}
	*made = put_char(rest, s.p[0], to);
	return 1;
}

size_t html_convert(struct html_rest *rest, struct slice from, bool last,
		    uint8_t *to, size_t *used)
{
	size_t made = 0;

	*used = 0;
	while (*used < from.n) {
		struct slice s = slice_from(from, *used);
		uint8_t bytes[4];
		size_t n, taken = step(rest, s, bytes, &n);

		if (taken == 0 && !last)
			break;
		if (taken == 0) {
			n = put_char(rest, s.p[0], bytes);
			taken = 1;
		}
		memcpy(to + made, bytes, n);
		made += n;
		*used += taken;
	}
	return made;
}

/* ---- as a byte source ---- */

struct html_source {
	struct byte_source source;
	struct byte_source *packed;
	struct html_rest rest;
	uint8_t input[INPUT_SIZE];
	size_t have; /* of the input, not yet converted */
	uint8_t output[INPUT_SIZE];
	struct slice ready; /* of the output */
	bool ended;
};

static enum status refill(struct html_source *self)
{
	size_t got = 0, used, made;
	enum status status = STATUS_OK;

	if (!self->ended && self->have < sizeof(self->input)) {
		status = self->packed->read(
			self->packed, self->input + self->have,
			sizeof(self->input) - self->have, &got);
		self->source.why = self->packed->why;
		if (status != STATUS_OK)
			return status;
		self->ended = got == 0;
		self->have += got;
	}
	made = html_convert(&self->rest, slice_of(self->input, self->have),
			    self->ended, self->output, &used);
	self->have -= used;
	memmove(self->input, self->input + used, self->have);
	self->ready = slice_of(self->output, made);
	return STATUS_OK;
}

static enum status html_read(struct byte_source *source, uint8_t *to, size_t n,
			     size_t *got)
{
	struct html_source *self = (struct html_source *)source;

	*got = 0;
	while (self->ready.n == 0 && !(self->ended && self->have == 0)) {
		enum status status = refill(self);

		if (status != STATUS_OK)
			return status;
	}
	*got = n < self->ready.n ? n : self->ready.n;
	if (*got)
		memcpy(to, self->ready.p, *got);
	self->ready = slice_from(self->ready, *got);
	return STATUS_OK;
}

static void html_close(struct byte_source *source)
{
	struct html_source *self = (struct html_source *)source;

	self->packed->close(self->packed);
	free(self);
}

enum status html_open(struct byte_source *packed, struct slice first,
		      struct byte_source **out)
{
	struct html_source *self = calloc(1, sizeof(*self));

	if (!self || first.n > sizeof(self->input)) {
		free(self);
		packed->close(packed);
		return STATUS_NOMEM;
	}
	if (first.n)
		memcpy(self->input, first.p, first.n);
	self->have = first.n;
	self->packed = packed;
	self->source.size = UINT64_MAX;
	self->source.block = packed->block;
	self->source.read = html_read;
	self->source.close = html_close;
	*out = &self->source;
	return STATUS_OK;
}
