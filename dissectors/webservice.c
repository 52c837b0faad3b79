/* Web tickets, certificates and autodiscovery over HTTP (RFC 9112). */
#include "config.h"

#include "core/xml.h"
#include "dissectors/webservice.h"

static const struct {
	const char *start;
	enum web_service service;
} paths[] = {
	{"/WebTicket/", WEB_TICKET},
	{"/CertProv/", WEB_CERTIFICATE},
	{"/Autodiscover/AutodiscoverService.svc", WEB_DISCOVERY},
};

#define PATHS (sizeof(paths) / sizeof(paths[0]))

/* ---- the head ---- */

static struct slice header(struct slice head, const char *name)
{
	struct slice rest = head, line;

	(void)slice_split(&rest, '\n');
	while (rest.n) {
		line = slice_split(&rest, '\n');
		if (slice_is_nocase(slice_trim(slice_split(&line, ':')), name))
			return slice_trim(line);
	}
	return (struct slice){0};
}

/* GET, POST and their target; false: no request. */
static bool request_line(struct slice in, struct slice *method,
			 struct slice *target)
{
	struct slice rest = in, line = slice_split(&rest, '\n');

	*method = slice_split(&line, ' ');
	*target = slice_split(&line, ' ');
	return (slice_is(*method, "GET") || slice_is(*method, "POST")) &&
	       slice_starts(*target, SLICE("/")) &&
	       slice_starts(line, SLICE("HTTP/1."));
}

static enum web_service service_of(struct slice target, struct slice host)
{
	for (size_t i = 0; i < PATHS; i++)
		if (slice_starts_nocase(target, paths[i].start))
			return paths[i].service;
	return slice_starts_nocase(host, "lyncdiscover") ? WEB_DISCOVERY
							 : WEB_OTHER;
}

static bool begins_request(struct slice in)
{
	return slice_starts(in, SLICE("GET /")) ||
	       slice_starts(in, SLICE("POST /"));
}

enum claim web_claims(struct slice in)
{
	struct slice method, target;
	size_t at;

	if (!begins_request(in))
		return CLAIM_NO;
	if (!slice_find(in, '\n', &at))
		return in.n < WEB_HEAD_MAX ? CLAIM_MAYBE : CLAIM_NO;
	if (!request_line(in, &method, &target))
		return CLAIM_NO;
	return service_of(target, header(in, "Host")) == WEB_OTHER ? CLAIM_NO
								   : CLAIM_SURE;
}

static bool read_start(struct slice head, struct web_message *m)
{
	struct slice rest = head, line = slice_split(&rest, '\n');
	uint64_t status;

	m->request = request_line(head, &m->method, &m->target);
	if (m->request) {
		m->host = header(head, "Host");
		m->service = service_of(m->target, m->host);
		return true;
	}
	if (!slice_starts(line, SLICE("HTTP/1.")))
		return false;
	(void)slice_split(&line, ' ');
	if (slice_number(slice_trim(slice_split(&line, ' ')), 999, &status) !=
	    STATUS_OK)
		return false;
	m->status = (unsigned)status;
	m->reason = slice_trim(line);
	m->diagnostics = header(head, "X-Ms-Diagnostics");
	return true;
}

/* ---- the body ---- */

/* Without its extensions; -1: none. */
static long chunk_size(struct slice line)
{
	long size = 0;
	size_t i = 0;

	line = slice_trim(slice_split(&line, ';'));
	for (; i < line.n; i++) {
		uint8_t c = line.p[i] | 0x20;

		if (size > (long)WEB_BODY_MAX)
			return -1;
		if (c >= '0' && c <= '9')
			size = size * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			size = size * 16 + (c - 'a' + 10);
		else
			return -1;
	}
	return i ? size : -1;
}

/* The end of its trailers; 0: not there yet. */
static size_t trailer_end(struct slice in, size_t at)
{
	size_t n;

	while (slice_find(slice_from(in, at), '\n', &n)) {
		struct slice line = slice_trim(slice_cut(in, at, n));

		at += n + 1;
		if (!line.n)
			return at;
	}
	return 0;
}

enum status http_chunks_read(struct decoding *d, struct slice in,
			     struct slice *body, size_t *used)
{
	uint8_t *to = arena_alloc(d->arena, in.n + 1);
	size_t at = 0, n, have = 0;

	if (!to)
		return STATUS_NOMEM;
	while (slice_find(slice_from(in, at), '\n', &n)) {
		long size = chunk_size(slice_cut(in, at, n));

		if (size < 0)
			return STATUS_BAD;
		at += n + 1;
		if (size == 0) {
			*body = slice_of(to, have);
			*used = trailer_end(in, at);
			return *used ? STATUS_OK : STATUS_SHORT;
		}
		if ((size_t)size + 2 > in.n - at)
			return STATUS_SHORT;
		memcpy(to + have, in.p + at, (size_t)size);
		have += (size_t)size;
		at += (size_t)size + 2;
	}
	return STATUS_SHORT;
}

static bool has_no_body(const struct web_message *m)
{
	return !m->request &&
	       (m->status < 200 || m->status == 204 || m->status == 304);
}

static enum status read_body(struct decoding *d, struct slice head,
			     struct slice in, struct web_message *m,
			     size_t *used)
{
	uint64_t length = 0;

	*used = 0;
	if (has_no_body(m))
		return STATUS_OK;
	if (slice_is_nocase(header(head, "Transfer-Encoding"), "chunked"))
		return in.n > WEB_BODY_MAX
			       ? STATUS_LIMIT
			       : http_chunks_read(d, in, &m->body, used);
	if (slice_number(header(head, "Content-Length"), UINT32_MAX, &length) !=
	    STATUS_OK)
		return STATUS_OK;
	if (length > WEB_BODY_MAX)
		return STATUS_LIMIT;
	if (length > in.n)
		return STATUS_SHORT;
	m->body = slice_first(in, (size_t)length);
	*used = (size_t)length;
	return STATUS_OK;
}

/* ---- any HTTP ---- */

bool http_begins(struct slice in)
{
	static const char *const starts[] = {"HTTP/1.", "GET ",   "POST ",
					     "HEAD ",   "PUT ",   "CONNECT ",
					     "DELETE ", "PATCH ", "OPTIONS /"};

	/* Most of what is asked about is none: one look tells. */
	if (in.n == 0 || in.p[0] < 'C' || in.p[0] > 'P')
		return false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (slice_starts(in, slice_of_text(starts[i])))
			return true;
	return false;
}

static enum http_body kind_of(struct slice head)
{
	struct slice type = header(head, "Content-Type");

	type = slice_trim(slice_split(&type, ';'));
	if (header(head, "Content-Encoding").n)
		return HTTP_BODY_OTHER;
	if (slice_is_nocase(type, "application/sdp"))
		return HTTP_BODY_SDP;
	if (slice_is_nocase(type, "application/trickle-ice-sdpfrag"))
		return HTTP_BODY_FRAGMENT;
	if (slice_is_nocase(type, "application/json") ||
	    slice_is_nocase(type, "text/plain") ||
	    slice_is_nocase(type, "text/json"))
		return HTTP_BODY_TEXT;
	return HTTP_BODY_OTHER;
}

static bool read_first_line(struct slice head, struct http_head *m)
{
	struct slice rest = head, line = slice_split(&rest, '\n'), word;
	uint64_t status;

	word = slice_split(&line, ' ');
	m->request = !slice_starts(word, SLICE("HTTP/1."));
	if (m->request) {
		m->method = word;
		(void)slice_split(&line, ' ');
		return slice_starts(line, SLICE("HTTP/1."));
	}
	if (slice_number(slice_trim(slice_split(&line, ' ')), 999, &status) !=
	    STATUS_OK)
		return false;
	m->status = (unsigned)status;
	return true;
}

enum status http_head_read(struct slice in, struct http_head *out)
{
	struct http_head m = {.kind = HTTP_BODY_OTHER};
	struct slice head;
	size_t at;

	if (!http_begins(in))
		return STATUS_NOT_MINE;
	if (!slice_search(slice_first(in, WEB_HEAD_MAX), SLICE("\r\n\r\n"),
			  &at))
		return in.n >= WEB_HEAD_MAX ? STATUS_LIMIT : STATUS_SHORT;
	head = slice_first(in, at + 2);
	if (!read_first_line(head, &m))
		return STATUS_NOT_MINE;
	m.kind = kind_of(head);
	m.chunked =
		slice_is_nocase(header(head, "Transfer-Encoding"), "chunked");
	m.has_length = slice_number(header(head, "Content-Length"), INT64_MAX,
				    &m.length) == STATUS_OK;
	m.size = at + 4;
	*out = m;
	return STATUS_OK;
}

bool http_has_body(const struct http_head *m, bool asked_head)
{
	if (m->request)
		return m->chunked || m->has_length;
	return !asked_head && m->status >= 200 && m->status != 204 &&
	       m->status != 304;
}

long http_chunk_read(struct slice in, size_t *used)
{
	size_t n;
	long size;

	*used = 0;
	if (!slice_find(slice_first(in, WEB_HEAD_MAX), '\n', &n))
		return in.n < WEB_HEAD_MAX ? 0 : -1;
	size = chunk_size(slice_first(in, n));
	if (size > 0)
		*used = n + 1;
	else if (size == 0)
		*used = trailer_end(in, n + 1);
	return size > 0 ? size + 2 : size;
}

/* SOAP 1.1 has faultstring and faultcode, 1.2 Reason/Text and Code/Value. */
static void read_fault(struct decoding *d, struct web_message *m)
{
	static const char *const names[] = {"Text", "faultstring", "Value",
					    "faultcode"};
	const struct xml_element *root, *fault, *e;
	size_t at;

	if (!slice_search(m->body, SLICE("Fault"), &at) ||
	    xml_parse(m->body, d->arena, &root) != STATUS_OK)
		return;
	fault = xml_descendant(root, "Fault");
	for (size_t i = 0; fault && i < sizeof(names) / sizeof(names[0]); i++) {
		e = xml_descendant(fault, names[i]);
		if (e && e->text.n) {
			m->fault = e->text;
			return;
		}
	}
}

enum status web_decode(struct decoding *d, struct slice in,
		       struct web_message *out, size_t *used)
{
	struct web_message m = {.service = WEB_OTHER};
	struct slice head;
	enum status status;
	size_t at, body;

	if (!slice_search(slice_first(in, WEB_HEAD_MAX), SLICE("\r\n\r\n"),
			  &at)) {
		if (in.n >= WEB_HEAD_MAX)
			return STATUS_LIMIT;
		return begins_request(in) || slice_starts(in, SLICE("HTTP/1."))
			       ? STATUS_SHORT
			       : STATUS_NOT_MINE;
	}
	head = slice_first(in, at + 2);
	if (!read_start(head, &m))
		return STATUS_NOT_MINE;
	status = read_body(d, head, slice_from(in, at + 4), &m, &body);
	if (status != STATUS_OK)
		return status;
	if (!m.request)
		read_fault(d, &m);
	*out = m;
	*used = at + 4 + body;
	return STATUS_OK;
}
