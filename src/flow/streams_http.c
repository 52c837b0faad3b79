/*
 * HTTP over TCP, or inside of TLS that can be read: descriptions in its bodies,
 * as applications post them in JSON, and as WHIP (RFC 9725) and WHEP do.  All
 * other bodies are passed over as they come.
 */
#include "config.h"

#include "flow/streams_state.h"

void streams_http_begin(struct reading *r, unsigned side)
{
	struct tcp_side *self = &r->sides[side];

	self->framing = FRAMING_HTTP;
	self->skip = 0;
	self->chunks = self->asked_head = false;
	streams_note_http(r);
}

/* What begins here is something else, or nothing that can be followed. */
static size_t give_up(struct reading *r, unsigned side, size_t used)
{
	r->sides[side].framing = FRAMING_OTHER;
	return used;
}

static size_t skip(struct tcp_side *self, size_t available)
{
	size_t n = self->skip < available ? (size_t)self->skip : available;

	self->skip -= n;
	return n;
}

static size_t next_chunk(struct reading *r, unsigned side, struct slice bytes)
{
	struct tcp_side *self = &r->sides[side];
	size_t used;
	long size = http_chunk_read(bytes, &used);

	if (size < 0 || (used == 0 && bytes.n >= WEB_HEAD_MAX))
		return give_up(r, side, bytes.n);
	self->skip = (uint64_t)size;
	self->chunks = used == 0 || size > 0;
	return used;
}

/* Who asks and who answers, and with what: the other's description tells
 * which this is. */
void streams_http_body(struct reading *r, unsigned side, enum http_body kind,
		       struct slice body)
{
	if (body.n == 0)
		return;
	if (kind == HTTP_BODY_SDP)
		streams_told(r, side, JSEP_UNKNOWN, body);
	else if (kind == HTTP_BODY_FRAGMENT)
		streams_told(r, side, JSEP_CANDIDATE, body);
	else
		streams_jsep(r, side, body);
}

/* The whole message is needed.  The body of a response may go on until the
 * connection ends (RFC 9112 6.3). */
static size_t read_body(struct reading *r, unsigned side,
			const struct http_head *head, struct slice bytes,
			bool ended)
{
	struct decoding decoding = {.arena = &r->d->scratch, .stream = true};
	struct slice rest = slice_from(bytes, head->size), body = rest;
	enum status status = STATUS_OK;
	size_t used = bytes.n;

	arena_reset(&r->d->scratch);
	if (head->chunked)
		status = http_chunks_read(&decoding, rest, &body, &used);
	else if (head->has_length && head->length > rest.n)
		status = STATUS_SHORT;
	else if (head->has_length)
		body = slice_first(rest, (size_t)head->length);
	else if (!ended)
		status = STATUS_SHORT;
	if (status == STATUS_SHORT)
		return rest.n > WEB_BODY_MAX ? give_up(r, side, bytes.n) : 0;
	if (status != STATUS_OK)
		return give_up(r, side, bytes.n);
	/* Whoever asks once more waits for the answer first. */
	r->exchange = head->request ? r->sides[side].asked + 1
				    : r->sides[!side].asked;
	streams_http_body(r, side, head->kind, body);
	r->exchange = 0;
	return head->chunked || !head->has_length ? head->size + used
						  : head->size + body.n;
}

static size_t pass_body(struct reading *r, unsigned side,
			const struct http_head *head)
{
	struct tcp_side *self = &r->sides[side];

	if (head->chunked)
		self->chunks = true;
	else if (head->has_length)
		self->skip = head->length;
	else
		return give_up(r, side, head->size);
	return head->size;
}

/* What stands behind the head, if it is there. */
static size_t next_body(struct reading *r, unsigned side,
			const struct http_head *head, struct slice bytes,
			bool ended)
{
	if (!http_has_body(head, r->sides[!side].asked_head))
		return head->size;
	if (head->kind == HTTP_BODY_OTHER ||
	    (head->has_length && !head->chunked && head->length > WEB_BODY_MAX))
		return pass_body(r, side, head);
	return read_body(r, side, head, bytes, ended);
}

static size_t next_head(struct reading *r, unsigned side, struct slice bytes,
			bool ended)
{
	struct tcp_side *self = &r->sides[side];
	struct http_head head;
	enum status status = http_head_read(bytes, &head);
	size_t used;

	if (status == STATUS_SHORT)
		return 0;
	if (status != STATUS_OK)
		return give_up(r, side, http_begins(bytes) ? bytes.n : 0);
	/* A tunnel, or another protocol. */
	if (head.request ? slice_is(head.method, "CONNECT")
			 : head.status == 101)
		return give_up(r, side, head.size);
	if (head.request)
		self->asked_head = slice_is(head.method, "HEAD");
	used = next_body(r, side, &head, bytes, ended);
	self->asked += used && head.request;
	return used;
}

size_t streams_http(struct reading *r, unsigned side, struct slice bytes,
		    bool ended, bool *again)
{
	struct tcp_side *self = &r->sides[side];
	size_t used;

	if (self->skip)
		used = skip(self, bytes.n);
	else if (self->chunks)
		used = next_chunk(r, side, bytes);
	else
		used = next_head(r, side, bytes, ended);
	*again = used > 0 || self->framing == FRAMING_OTHER;
	return used;
}
