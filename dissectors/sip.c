/*
 * SIP messages: one pass over the header block, then the body (RFC 3261 7,
 * 18.3, 20; RFC 4475).
 */
#include "config.h"

#include "core/cursor.h"
#include "dissectors/sip_parts.h"

#define HEADERS_FIRST 24u /* room taken at first; most messages fit */

/* What the pass over the header block carries along. */
struct pass {
	struct decoding *d;
	struct sip_message *m;
	struct sip_header *list;
	size_t room;
	uint64_t seen;           /* bit per enum sip_header_name */
	uint64_t length;         /* Content-Length, the last that is a number */
	struct slice length_raw; /* that header */
	bool has_length;
	bool ended, past_limit;
};

/* ---- the headers that every reader needs ---- */

static void read_cseq(struct pass *p, const struct sip_header *header)
{
	struct slice v = header->value;
	uint64_t number;
	size_t n = 0;

	while (n < v.n && v.p[n] >= '0' && v.p[n] <= '9')
		n++;
	if (slice_number(slice_first(v, n), UINT32_MAX, &number) != STATUS_OK)
		number = UINT32_MAX;
	p->m->has_cseq = n > 0;
	p->m->cseq = n > 0 ? (uint32_t)number : 0;
	p->m->cseq_method = slice_trim(slice_from(v, n));
	if (n == 0 || n == v.n || !sip_is_blank(v.p[n]) || number > INT32_MAX ||
	    !sip_is_token(p->m->cseq_method))
		sip_find(p->d, SIP_RULE_CSEQ, header->raw);
	if (!p->m->request) {
		p->m->method_text = p->m->cseq_method;
		p->m->method = sip_method_of(p->m->method_text);
	}
}

static void read_address(struct pass *p, const struct sip_header *header,
			 struct sip_address *to, struct slice *tag)
{
	unsigned faults = sip_address_read(header->value, to);

	faults |= sip_tag_read(to->params, tag);
	sip_check_faults(p->d, faults, header);
}

static void read_via(struct pass *p, const struct sip_header *header)
{
	struct slice rest = header->value, entry;
	struct sip_via via;
	unsigned faults = header->value.n ? 0 : SIP_FAULT_VIA;

	while (sip_list_next(&rest, &entry)) {
		faults |= sip_via_read(entry, &via);
		if (p->m->via_count++ == 0)
			p->m->via = via;
	}
	sip_check_faults(p->d, faults, header);
}

/* Not in the list of those that stand once: only differing ones matter. */
static void read_length(struct pass *p, const struct sip_header *header)
{
	uint64_t length;

	if (slice_number(header->value, UINT64_MAX, &length) != STATUS_OK) {
		sip_find(p->d, SIP_RULE_LENGTH_BAD, header->raw);
		return;
	}
	if (p->has_length && length != p->length)
		sip_find(p->d, SIP_RULE_LENGTH_CONFLICT, header->raw);
	p->length = length;
	p->length_raw = header->raw;
	p->has_length = true;
}

static void read_header(struct pass *p, const struct sip_header *header)
{
	const enum sip_header_name id = header->id;
	const uint64_t bit = UINT64_C(1) << id;
	const bool first = !(p->seen & bit);

	p->seen |= bit;
	if (!first && sip_header_once(id)) {
		sip_find(p->d, SIP_RULE_REPEATED, header->raw);
		return;
	}
	switch ((unsigned)id) {
	case SIP_VIA:
		read_via(p, header);
		break;
	case SIP_FROM:
		read_address(p, header, &p->m->from, &p->m->from_tag);
		break;
	case SIP_TO:
		read_address(p, header, &p->m->to, &p->m->to_tag);
		break;
	case SIP_CALL_ID:
		/* What a log adds to it is no part of it, nor what a damaged
		 * line end brings: credentials may stand there. */
		p->m->call_id = sip_word(header->value);
		sip_check_header(p->d, p->m, header);
		break;
	case SIP_CSEQ:
		read_cseq(p, header);
		break;
	case SIP_CONTENT_LENGTH:
		read_length(p, header);
		break;
	case SIP_CONTENT_TYPE:
		p->m->content_type = header->value;
		break;
	case SIP_CONTACT:
	case SIP_DATE:
	case SIP_EXPIRES:
	case SIP_MAX_FORWARDS:
	case SIP_MIN_EXPIRES:
	case SIP_RETRY_AFTER:
	case SIP_WARNING:
		sip_check_header(p->d, p->m, header);
		break;
	default: /* nothing in it could be wrong here */
		break;
	}
}

/* ---- the header block ---- */

/* Makes room for one more; the list is in the arena and only ever grows. */
static enum status make_room(struct pass *p)
{
	size_t room = p->room ? p->room * 2 : HEADERS_FIRST;
	struct sip_header *list;

	if (p->m->header_count < p->room)
		return STATUS_OK;
	list = arena_array(p->d->arena, room, sizeof(*list));
	if (!list)
		return STATUS_NOMEM;
	if (p->list)
		memcpy(list, p->list, p->m->header_count * sizeof(*list));
	p->list = list;
	p->room = room;
	return STATUS_OK;
}

static void find_limit(struct pass *p, struct slice raw)
{
	if (!p->past_limit)
		sip_find(p->d, SIP_RULE_HEADERS_LIMIT, raw);
	p->past_limit = true;
}

/* Name and value of a line; false: it has no colon. */
static bool split_line(struct pass *p, struct slice raw,
		       struct sip_header *header)
{
	size_t at = scan_one(raw, ':'), name = at;

	if (at == raw.n)
		return false;
	while (name && sip_is_blank(raw.p[name - 1]))
		name--;
	header->raw = raw;
	header->name = slice_first(raw, name);
	header->id = sip_header_of(header->name);
	/* A name that is known is a token. */
	if (header->id == SIP_HEADER_OTHER && !sip_is_token(header->name))
		sip_find(p->d, SIP_RULE_HEADER_LINE, raw);
	at += at + 1 < raw.n && raw.p[at + 1] == ' ';
	header->value = slice_trim(slice_from(raw, at + 1));
	return true;
}

/* One header with all its folds. */
static enum status take_header(struct pass *p,
			       const struct sip_field_line *line)
{
	const size_t count = p->m->header_count;
	struct sip_header spare, *header = &spare;

	if (make_room(p) != STATUS_OK)
		return STATUS_NOMEM;
	if (count < SIP_HEADERS_MAX)
		header = &p->list[count];
	if (!split_line(p, line->raw, header)) {
		sip_find(p->d, SIP_RULE_HEADER_LINE, line->raw);
		return STATUS_OK;
	}
	if (line->folded && header->value.n) {
		header->value = sip_unfold(p->d->arena, header->value);
		if (!header->value.p)
			return STATUS_NOMEM;
	}
	if (header == &spare)
		find_limit(p, line->raw);
	else
		p->m->header_count++;
	if (header->id != SIP_HEADER_OTHER)
		read_header(p, header);
	return STATUS_OK;
}

/* Reads headers up to the empty line or to the end of the bytes. */
static enum status take_headers(struct pass *p, struct sip_lines *lines)
{
	enum status status = STATUS_OK;

	while (status == STATUS_OK && lines->at < lines->all.n && !p->ended) {
		struct sip_field_line line = {.folded = false};

		if (!sip_plain_line(lines, &line.raw))
			line = sip_field_next(lines);
		p->ended = line.raw.n == 0;
		/* What the capture cut in the middle is no header. */
		if (!p->ended && !(line.unended && p->d->cut))
			status = take_header(p, &line);
	}
	p->m->headers = p->list;
	return status;
}

/* ---- the body (RFC 3261 18.3) ---- */

static enum status take_stream_body(struct pass *p, struct cursor *c)
{
	struct slice rest = cursor_rest(c);
	size_t at;

	if (p->m->no_content_length)
		sip_find(p->d, SIP_RULE_LENGTH_MISSING, p->m->start_line);
	if (!p->has_length && p->m->content_type.n)
		p->length = sip_find_start(rest, &at) ? at : rest.n;
	if (p->length > SIP_BODY_MAX) {
		sip_find(p->d, SIP_RULE_BODY_LIMIT, p->length_raw);
		return STATUS_LIMIT;
	}
	if (p->length > rest.n)
		return STATUS_SHORT;
	p->m->body = cursor_take(c, (size_t)p->length);
	return STATUS_OK;
}

static bool is_blank_text(struct slice s)
{
	return slice_trim(s).n == 0;
}

/* A log may have masked the body, or broken its lines: what is there counts.
 * Empty lines behind it are the logger's. */
static void take_logged_body(struct pass *p, struct cursor *c)
{
	struct slice all = cursor_rest(c);
	bool exact = p->has_length && p->length <= all.n;
	size_t n = all.n;

	if (exact && is_blank_text(slice_from(all, (size_t)p->length)))
		n = (size_t)p->length;
	else if (is_blank_text(all))
		n = 0;
	p->m->body_cut = p->d->cut || (p->has_length && p->length > n);
	p->m->body = cursor_take(c, n);
}

/* Does a Content-Length that is too small end the body within a line?  What is
 * then left of that line says nothing. */
static bool goes_on(struct slice body, struct slice behind)
{
	return body.n && behind.n && body.p[body.n - 1] != '\n' &&
	       behind.p[0] != '\r' && behind.p[0] != '\n' &&
	       !sip_is_keepalive(behind) &&
	       sip_claims(behind, false) == CLAIM_NO;
}

static void take_datagram_body(struct pass *p, struct cursor *c)
{
	struct sip_message *m = p->m;
	uint64_t length = p->has_length ? p->length : c->left;

	m->body_cut = p->d->cut && (!p->ended || !p->has_length);
	if (length > c->left) {
		m->body_cut = true;
		if (!p->d->cut)
			sip_find(p->d, SIP_RULE_LENGTH_BEYOND, p->length_raw);
		length = c->left;
	}
	m->body = cursor_take(c, (size_t)length);
	m->surplus = cursor_rest(c);
	if (goes_on(m->body, m->surplus))
		m->body_cut = true;
	if (m->surplus.n && !sip_is_keepalive(m->surplus))
		sip_find(p->d, SIP_RULE_SURPLUS, m->surplus);
}

/* ---- the message ---- */

/*
 * Is the header block whole?  Asked of a stream before anything is read, so
 * that waiting for more bytes costs little.
 */
static enum status block_is_whole(struct slice in)
{
	struct sip_lines lines =
		sip_lines_over(slice_first(in, SIP_HEADER_BLOCK_MAX));
	struct slice line;

	while (sip_line_next(&lines, &line))
		if (line.n == 0)
			return STATUS_OK;
	return in.n > SIP_HEADER_BLOCK_MAX ? STATUS_LIMIT : STATUS_SHORT;
}

/* The bytes end in what may be a start line. */
static enum status judge_unended(const struct pass *p, struct slice line)
{
	if (sip_claims(line, p->d->stream || p->d->cut) == CLAIM_NO)
		return STATUS_NOT_MINE;
	if (p->d->stream)
		return line.n > SIP_HEADER_BLOCK_MAX ? STATUS_LIMIT
						     : STATUS_SHORT;
	return p->d->cut ? STATUS_SHORT : STATUS_BAD;
}

static enum status take_start_line(struct pass *p, struct sip_lines *lines)
{
	struct slice line;
	enum status status;

	if (!sip_line_next(lines, &line))
		return judge_unended(p, slice_from(lines->all, lines->at));
	status = sip_start_line_read(line, p->m, p->d);
	if (status == STATUS_OK && p->d->stream)
		status = block_is_whole(slice_from(lines->all, lines->at));
	return status;
}

/* The empty lines that may stand in front of a message (7.5). */
static size_t blank_lines(struct pass *p, struct slice in)
{
	size_t n = 0;

	while (n < in.n && (in.p[n] == '\r' || in.p[n] == '\n'))
		n++;
	if (n && !p->d->stream)
		sip_find(p->d, SIP_RULE_LEADING_LINES, slice_first(in, n));
	return n;
}

/* A start line alone is a message, as primitive programs send it; not one line
 * that is a header among others is none.  A log may have lost what followed. */
static bool has_headers(const struct pass *p, struct slice block)
{
	return p->m->header_count || p->d->cut ||
	       (!p->d->logged && slice_trim(block).n == 0);
}

static enum status take_message(struct pass *p, struct cursor *c)
{
	struct sip_lines lines;
	enum status status;
	size_t start;

	cursor_skip(c, blank_lines(p, cursor_rest(c)));
	lines = sip_lines_over(cursor_rest(c));
	status = take_start_line(p, &lines);
	start = lines.at;
	if (status == STATUS_OK)
		status = take_headers(p, &lines);
	if (status != STATUS_OK)
		return status;
	cursor_skip(c, lines.at);
	if (!has_headers(p, slice_cut(lines.all, start, lines.at - start)))
		return STATUS_BAD;
	if (lines.odd)
		sip_find(p->d, SIP_RULE_LINE_END, p->m->start_line);
	if (!p->ended && !p->d->cut && !p->d->logged)
		sip_find(p->d, SIP_RULE_NO_EMPTY_LINE, p->m->start_line);
	p->m->missing = ~p->seen & ~(UINT64_C(1) << SIP_HEADER_OTHER);
	p->m->no_content_length =
		!(p->seen & UINT64_C(1) << SIP_CONTENT_LENGTH);
	if (p->ended || !p->d->cut)
		sip_check_message(p->d, p->m, p->seen);
	if (p->d->stream)
		return take_stream_body(p, c);
	if (p->d->logged)
		take_logged_body(p, c);
	else
		take_datagram_body(p, c);
	return STATUS_OK;
}

enum status sip_decode(struct decoding *d, struct slice in,
		       struct sip_message *out, size_t *used)
{
	struct sip_message m = {0};
	struct pass p = {.d = d, .m = &m};
	struct cursor c = cursor_over(in);
	size_t count = d->findings ? d->findings->count : 0;
	size_t dropped = d->findings ? d->findings->dropped : 0;
	enum status status = take_message(&p, &c);

	if (status == STATUS_OK) {
		if (!sip_multipart_sound(&m))
			sip_find(d, SIP_RULE_MULTIPART, m.body);
		*out = m;
		*used = in.n - c.left;
	} else if (status != STATUS_BAD && status != STATUS_LIMIT &&
		   d->findings) {
		/* It will be asked again, or is no SIP message at all. */
		d->findings->count = count;
		d->findings->dropped = dropped;
	}
	return status;
}

const struct sip_header *sip_header(const struct sip_message *m,
				    enum sip_header_name id)
{
	if (m->missing >> id & 1)
		return NULL;
	for (size_t i = 0; i < m->header_count; i++)
		if (m->headers[i].id == id)
			return &m->headers[i];
	return NULL;
}

const struct sip_header *sip_header_after(const struct sip_message *m,
					  const struct sip_header *after)
{
	size_t i = (size_t)(after - m->headers) + 1;

	for (; i < m->header_count; i++)
		if (m->headers[i].id == after->id)
			return &m->headers[i];
	return NULL;
}

struct slice sip_value(const struct sip_message *m, enum sip_header_name id)
{
	const struct sip_header *header = sip_header(m, id);

	return header ? header->value : (struct slice){0};
}

static enum status decode(struct decoding *d, struct slice in, void *out,
			  size_t *used)
{
	return sip_decode(d, in, out, used);
}

static void walk(const void *message, struct field_sink *to)
{
	sip_walk(message, to);
}

const struct dissector sip_dissector = {
	.name = "sip",
	.size = sizeof(struct sip_message),
	.rules = sip_rules,
	.claims = sip_claims,
	.decode = decode,
	.walk = walk,
};
