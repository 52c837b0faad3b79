/* Writes a decoded SIP message, reads that again and compares. */
#include "config.h"

#include "core/text.h"
#include "dissectors/sip_parts.h"
#include "tests/support/sip_again.h"

#define TEXT_MAX ((size_t)16 << 20)

static bool counts(const struct sip_header *h)
{
	return h->id != SIP_CONTENT_LENGTH && sip_is_token(h->name);
}

static void write_message(const struct sip_message *m, struct text *to)
{
	if (m->request)
		sip_write_request(to, m->method_text, m->request_uri);
	else
		sip_write_response(to, m->status, m->reason);
	for (size_t i = 0; i < m->header_count; i++)
		if (counts(&m->headers[i]))
			sip_write_header(to, m->headers[i].name,
					 m->headers[i].value);
	sip_write_end(to, m->body);
}

static bool same_headers(const struct sip_message *a,
			 const struct sip_message *b)
{
	size_t j = 0;

	for (size_t i = 0; i < a->header_count; i++) {
		if (!counts(&a->headers[i]))
			continue;
		if (j >= b->header_count ||
		    a->headers[i].id != b->headers[j].id ||
		    !slice_equal(a->headers[i].name, b->headers[j].name) ||
		    !slice_equal(a->headers[i].value, b->headers[j].value))
			return false;
		j++;
	}
	return true;
}

static bool same(const struct sip_message *a, const struct sip_message *b)
{
	return a->request == b->request && a->status == b->status &&
	       a->method == b->method &&
	       slice_equal(a->method_text, b->method_text) &&
	       slice_equal(a->request_uri, b->request_uri) &&
	       slice_equal(a->reason, b->reason) && a->cseq == b->cseq &&
	       slice_equal(a->call_id, b->call_id) &&
	       slice_equal(a->from_tag, b->from_tag) &&
	       slice_equal(a->to_tag, b->to_tag) &&
	       slice_equal(a->via.branch, b->via.branch) &&
	       a->via_count == b->via_count && slice_equal(a->body, b->body) &&
	       same_headers(a, b);
}

bool sip_again(const struct sip_message *m)
{
	struct text text = text_new(TEXT_MAX);
	struct arena arena = arena_new(TEXT_MAX);
	struct decoding d = {.arena = &arena};
	struct sip_message again;
	size_t used;
	bool good;

	write_message(m, &text);
	good = text.failed == STATUS_OK &&
	       sip_decode(&d, text_slice(&text), &again, &used) == STATUS_OK &&
	       used == text.n && same(m, &again);
	arena_free(&arena);
	text_free(&text);
	return good;
}
