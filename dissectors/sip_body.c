/*
 * Bodies of SIP messages: MIME multiparts (RFC 2046 5.1, RFC 5621).
 *
 * Tolerant: a missing closing delimiter, LF alone, a boundary in quotes or
 * not.  Parts that the limit or the nesting does not let in are passed over.
 */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/sip_parts.h"

#define TRANSFER_ENCODING "Content-Transfer-Encoding"

/* What is collected while parts are read. */
struct collector {
	struct sip_body *out;
	size_t count, max;
};

/* "type/subtype" and the parameters behind it. */
static struct slice split_type(struct slice value, struct slice *params)
{
	size_t at = sip_find_unquoted(value, ';');

	*params = slice_trim(slice_from(value, at));
	return slice_trim(slice_first(value, at));
}

static bool boundary_of(struct slice type, struct slice params,
			struct slice *boundary)
{
	return slice_starts_nocase(type, "multipart/") &&
	       sip_param(params, ';', "boundary", boundary) && boundary->n > 0;
}

enum delimiter {
	DELIMITER_NONE, /* the bytes end */
	DELIMITER_PART,
	DELIMITER_CLOSING,
};

/* Is this line "--boundary", or with "--" behind it? */
static enum delimiter delimiter_of(struct slice line, struct slice boundary)
{
	if (line.n < boundary.n + 2 || line.p[0] != '-' || line.p[1] != '-' ||
	    !slice_starts(slice_from(line, 2), boundary))
		return DELIMITER_NONE;
	line = slice_from(line, 2 + boundary.n);
	if (line.n >= 2 && line.p[0] == '-' && line.p[1] == '-')
		return DELIMITER_CLOSING;
	return slice_trim(line).n == 0 ? DELIMITER_PART : DELIMITER_NONE;
}

/*
 * Takes bytes up to the next delimiter and that line too; the line end in
 * front of a delimiter belongs to it.
 */
static enum delimiter take_part(struct cursor *c, struct slice boundary,
				struct slice *part)
{
	struct slice all = cursor_rest(c);
	enum delimiter kind = DELIMITER_NONE;
	size_t at = 0;

	while (at < all.n && kind == DELIMITER_NONE) {
		struct slice rest = slice_from(all, at);
		struct slice line = slice_split(&rest, '\n');

		kind = delimiter_of(line, boundary);
		if (kind == DELIMITER_NONE)
			at = all.n - rest.n;
	}
	*part = slice_first(all, at);
	cursor_skip(c, at);
	if (kind == DELIMITER_NONE)
		return kind;
	if (part->n && part->p[part->n - 1] == '\n')
		part->n--;
	if (part->n && part->p[part->n - 1] == '\r')
		part->n--;
	all = cursor_rest(c);
	(void)slice_split(&all, '\n');
	cursor_skip(c, c->left - all.n);
	return kind;
}

/* One header of a part; folded values keep their line ends as blanks. */
static bool take_part_header(struct slice *rest, struct slice *name,
			     struct slice *value)
{
	struct slice all = *rest, left = *rest, line;
	size_t at;

	if (all.n == 0)
		return false;
	do {
		line = slice_split(&left, '\n');
	} while (left.n && (left.p[0] == ' ' || left.p[0] == '\t') &&
		 slice_trim(line).n);
	line = slice_trim(slice_first(all, all.n - left.n));
	*rest = left;
	if (line.n == 0)
		return false;
	if (!slice_find(line, ':', &at))
		at = line.n;
	*name = slice_trim(slice_first(line, at));
	*value = slice_trim(slice_from(line, at + 1));
	return true;
}

static void read_part(struct slice part, struct sip_body *body)
{
	struct slice name, value;

	body->type = SLICE("text/plain"); /* RFC 2046 5.1 */
	while (take_part_header(&part, &name, &value)) {
		const enum sip_header_name id = sip_header_of(name);

		if (id == SIP_CONTENT_TYPE)
			body->type = split_type(value, &body->params);
		else if (id == SIP_CONTENT_DISPOSITION)
			body->disposition = value;
		else if (id == SIP_CONTENT_ID)
			body->content_id = value;
		else if (id == SIP_CONTENT_ENCODING)
			body->encoding = value;
		else if (slice_is_nocase(name, TRANSFER_ENCODING))
			body->transfer_encoding = value;
	}
	body->bytes = part;
}

/* Puts the body, or its parts, into the collection. */
static void collect(struct collector *to, const struct sip_body *body)
{
	struct cursor c = cursor_over(body->bytes);
	struct slice boundary, part;
	enum delimiter kind;

	if (to->count == to->max)
		return;
	if (body->depth >= NESTING_MAX ||
	    !boundary_of(body->type, body->params, &boundary) ||
	    take_part(&c, boundary, &part) == DELIMITER_NONE) {
		to->out[to->count++] = *body;
		return;
	}
	do {
		struct sip_body inner = {.depth = body->depth + 1};

		kind = take_part(&c, boundary, &part);
		read_part(part, &inner);
		if (part.n)
			collect(to, &inner);
	} while (kind == DELIMITER_PART && to->count < to->max);
}

/* No header of SIP (RFC 3261 20), but senders borrow it from MIME. */
static struct slice transfer_encoding_of(const struct sip_message *m)
{
	const struct sip_header *h = sip_header(m, SIP_HEADER_OTHER);

	for (; h; h = sip_header_after(m, h))
		if (slice_is_nocase(h->name, TRANSFER_ENCODING))
			return h->value;
	return (struct slice){0};
}

size_t sip_bodies(const struct sip_message *m, struct sip_body *out, size_t max)
{
	struct collector to = {.out = out, .max = max};
	struct sip_body body = {.bytes = m->body};

	if (m->body.n == 0)
		return 0;
	body.type = split_type(m->content_type, &body.params);
	body.disposition = sip_value(m, SIP_CONTENT_DISPOSITION);
	body.content_id = sip_value(m, SIP_CONTENT_ID);
	body.encoding = sip_value(m, SIP_CONTENT_ENCODING);
	body.transfer_encoding = transfer_encoding_of(m);
	collect(&to, &body);
	return to.count;
}

bool sip_multipart_sound(const struct sip_message *m)
{
	struct slice params, boundary, part, type;
	struct cursor c = cursor_over(m->body);
	enum delimiter kind;

	if (m->body.n == 0 || m->body_cut ||
	    !slice_starts_nocase(m->content_type, "multipart/"))
		return true;
	type = split_type(m->content_type, &params);
	if (!boundary_of(type, params, &boundary))
		return false;
	do
		kind = take_part(&c, boundary, &part);
	while (kind == DELIMITER_PART);
	return kind == DELIMITER_CLOSING;
}
