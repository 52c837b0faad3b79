/* What goes to clients: responses (RFC 3261 8.2.6) and notifications. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "engine/sip_state.h"

void sip_refuse(struct sip_ask *a, unsigned status, const char *reason)
{
	text_clear(&a->s->body);
	a->content_type = NULL;
	a->status = status;
	a->reason = reason;
}

void sip_put_clean(struct text *to, struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		text_putc(to,
			  s.p[i] < ' ' && s.p[i] != '\t' ? ' ' : (char)s.p[i]);
}

static void put_header(struct text *to, const char *name, struct slice value)
{
	text_puts(to, name);
	text_puts(to, ": ");
	sip_put_clean(to, value);
	text_puts(to, "\r\n");
}

void sip_put(struct sip_ask *a, const char *name, const char *value)
{
	put_header(&a->s->head, name, slice_of_text(value));
}

/* ---- the address of a response ---- */

/* The port that the client does not know of itself, where it asks for that (RFC
 * 3581 4). */
static void put_entry(struct text *to, struct slice entry, uint16_t port)
{
	struct slice part = slice_split(&entry, ';');

	sip_put_clean(to, part);
	while (entry.n) {
		part = slice_split(&entry, ';');
		text_putc(to, ';');
		sip_put_clean(to, part);
		if (slice_is_nocase(slice_trim(part), "rport"))
			text_printf(to, "=%u", port);
	}
}

/* And its address, where it said another (RFC 3261 18.2.1). */
static void put_first_via(struct sip_ask *a, struct text *to,
			  struct slice value)
{
	const struct sip_via *via = &a->m->via;
	const struct endpoint *client = &a->c->path.client;
	struct endpoint said;

	if (!slice_starts(value, via->whole)) {
		sip_put_clean(to, value);
		return;
	}
	put_entry(to, via->whole, client->port);
	if (endpoint_parse(via->host, client->port, &said) != STATUS_OK ||
	    !endpoint_equal(&said, client)) {
		text_puts(to, ";received=");
		endpoint_ip_text(client, to);
	}
	sip_put_clean(to, slice_from(value, via->whole.n));
}

void sip_put_vias(struct sip_ask *a, struct text *to)
{
	const struct sip_header *h = sip_header(a->m, SIP_VIA);

	for (bool first = true; h; h = sip_header_after(a->m, h)) {
		text_puts(to, "Via: ");
		if (first)
			put_first_via(a, to, h->value);
		else
			sip_put_clean(to, h->value);
		text_puts(to, "\r\n");
		first = false;
	}
}

static void put_to(struct sip_ask *a, struct text *to)
{
	text_puts(to, "To: ");
	sip_put_clean(to, sip_value(a->m, SIP_TO));
	if (a->tag[0])
		text_printf(to, ";tag=%s", a->tag);
	text_puts(to, "\r\n");
}

static void put_date(struct text *to, nanoseconds now)
{
	static const char days[7][4] = {"Thu", "Fri", "Sat", "Sun",
					"Mon", "Tue", "Wed"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr",
					   "May", "Jun", "Jul", "Aug",
					   "Sep", "Oct", "Nov", "Dec"};
	struct civil_time t = clock_civil(now);
	nanoseconds day = now / (86400 * NS_PER_S) % 7;

	text_printf(to, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
		    days[day < 0 ? day + 7 : day], t.day, months[t.month - 1],
		    t.year, t.hour, t.minute, t.second);
}

/* ---- the response ---- */

static void put_signature(struct sip_ask *a, struct text *to,
			  struct slice expires)
{
	struct association_text what;

	association_of_request(a->m, &what);
	what.identity_sip = what.identity_tel = (struct slice){0};
	what.expires = expires;
	what.status = a->status;
	if (a->tag[0])
		what.to_tag = slice_of_text(a->tag);
	sip_sign(a, &what, to);
}

static void write_reply(struct sip_ask *a, struct text *to)
{
	struct slice reason = slice_of_text(
		a->reason ? a->reason : sip_reason_text(a->status));
	struct text expires = text_new(16);

	sip_write_response(to, a->status, reason);
	sip_put_vias(a, to);
	put_header(to, "From", sip_value(a->m, SIP_FROM));
	put_to(a, to);
	put_header(to, "Call-ID", a->m->call_id);
	put_header(to, "CSeq", sip_value(a->m, SIP_CSEQ));
	put_date(to, a->now);
	if (a->s->config.software.n)
		put_header(to, "Server", a->s->config.software);
	if (a->has_expires) {
		text_number(&expires, a->expires);
		put_header(to, "Expires", text_slice(&expires));
	}
	put_signature(a, to, text_slice(&expires));
	text_put(to, text_slice(&a->s->head));
	if (a->s->body.n && a->content_type)
		put_header(to, "Content-Type", slice_of_text(a->content_type));
	sip_write_end(to, text_slice(&a->s->body));
	text_free(&expires);
}

/* Kept for when the same request comes again. */
static void keep_answer(struct sip_ask *a)
{
	struct sip_answered *kept = &a->c->answered[a->c->next_answered];
	struct slice out = text_slice(&a->s->out);

	if (out.n > SIP_ANSWER_MAX)
		return;
	a->c->next_answered = (a->c->next_answered + 1) % SIP_ANSWERS_KEPT;
	free(kept->bytes);
	kept->bytes = malloc(out.n);
	kept->count = 0;
	if (!kept->bytes)
		return;
	memcpy(kept->bytes, out.p, out.n);
	kept->count = out.n;
	kept->hash = hash_bytes(a->s->key, a->s->asked);
	kept->size = a->s->asked.n;
}

void sip_reply(struct sip_ask *a)
{
	struct sip_server *s = a->s;
	struct text *out = &s->out;

	text_clear(out);
	if (s->head.failed != STATUS_OK || s->body.failed != STATUS_OK) {
		text_clear(&s->head);
		sip_refuse(a, 500, NULL);
	}
	write_reply(a, out);
	if (out->failed != STATUS_OK)
		return;
	keep_answer(a);
	s->provider.send(s->provider.context, a->c->path.connection,
			 text_slice(out));
}

/* ---- notifications ---- */

static void put_request_line(struct sip_ask *a, struct text *to,
			     const char *method)
{
	struct sip_address contact;
	struct slice uri = a->m->from.uri;

	if (sip_address_parse(sip_value(a->m, SIP_CONTACT), &contact) ==
		    STATUS_OK &&
	    sip_is_sendable(contact.uri))
		uri = contact.uri;
	text_puts(to, method);
	text_putc(to, ' ');
	sip_put_clean(to, uri);
	text_puts(to, " SIP/2.0\r\n");
}

static void put_way(struct sip_ask *a, struct text *to)
{
	char branch[SIP_TAG + 1];

	sip_random_hex(a->s, branch, SIP_TAG);
	text_printf(to, "Via: SIP/2.0/%s ", a->c->path.tls ? "TLS" : "TCP");
	endpoint_text(&a->c->path.server, to);
	text_printf(to, ";branch=z9hG4bK%s\r\nMax-Forwards: 70\r\nContact: <",
		    branch);
	sip_server_uri(a, "HomeServer", to);
	text_puts(to, ">\r\n");
}

/* Who was asked notifies who asked: both ends change places. */
static void put_ends(struct sip_ask *a, struct text *to)
{
	text_puts(to, "From: ");
	sip_put_clean(to, sip_value(a->m, SIP_TO));
	if (a->tag[0])
		text_printf(to, ";tag=%s", a->tag);
	text_puts(to, "\r\n");
	put_header(to, "To", sip_value(a->m, SIP_FROM));
	put_header(to, "Call-ID", a->m->call_id);
}

void sip_notify(struct sip_ask *a, bool best_effort)
{
	const char *method = best_effort ? "BENOTIFY" : "NOTIFY";
	struct sip_server *s = a->s;
	struct association_text what = {
		.call_id = a->m->call_id,
		.method = slice_of_text(method),
		.from_uri = a->m->to.uri,
		.from_tag = a->tag[0] ? slice_of_text(a->tag) : a->m->to_tag,
		.to_uri = a->m->from.uri,
		.to_tag = a->m->from_tag,
		.cseq = 1,
	};

	text_clear(&s->out);
	put_request_line(a, &s->out, method);
	put_way(a, &s->out);
	put_ends(a, &s->out);
	text_printf(&s->out, "CSeq: 1 %s\r\n", method);
	sip_sign(a, &what, &s->out);
	text_put(&s->out, text_slice(&s->head));
	if (s->body.n && a->content_type)
		put_header(&s->out, "Content-Type",
			   slice_of_text(a->content_type));
	sip_write_end(&s->out, text_slice(&s->body));
	if (s->out.failed == STATUS_OK)
		s->provider.send(s->provider.context, a->c->path.connection,
				 text_slice(&s->out));
}
