/*
 * TLS that ends before anything was said: a fatal alert in the handshake with
 * a server of SIP or MRAS, or with one on 443 that its name tells to be one.
 */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "flow/stages_state.h"

#define PORT_HTTPS 443
#define FATAL 2
#define DAY_LETTERS 10 /* of RFC 3339 */

static bool is_watched(uint16_t port)
{
	return port_is_ours(port) || port == PORT_HTTPS;
}

/* ---- the certificate of a server, until its handshake is over ---- */

static void keep_certificate(struct stages *s, const struct message *m)
{
	struct slice der = m->u.tls->certificate;
	struct server_certificate *row;

	if (!s->server_certificates)
		s->server_certificates =
			calloc(SERVER_CERTIFICATES, sizeof(*row));
	if (!s->server_certificates || der.n > CERTIFICATE_BYTES)
		return;
	row = &s->server_certificates[s->next_certificate++ %
				      SERVER_CERTIFICATES];
	row->server = m->from.src;
	row->client = m->from.dst;
	row->n = (uint16_t)der.n;
	memcpy(row->der, der.p, der.n);
}

static const struct server_certificate *
certificate_of(const struct stages *s, const struct endpoint *client,
	       const struct endpoint *server)
{
	for (size_t i = 0; s->server_certificates && i < SERVER_CERTIFICATES;
	     i++) {
		const struct server_certificate *row =
			&s->server_certificates[i];

		if (row->n && endpoint_equal(&row->client, client) &&
		    endpoint_equal(&row->server, server))
			return row;
	}
	return NULL;
}

/* "fe01.example.test, until 2026-01-01" */
static const char *certificate_text(struct stages *s,
				    const struct server_certificate *row)
{
	struct certificate_facts facts;
	struct text until = text_new(64);
	const char *sentence;

	if (!row || !certificate_read(slice_of(row->der, row->n), &facts))
		return NULL;
	clock_rfc3339(facts.until, &until);
	sentence = model_sentence(s->model, "%s, until %.*s", facts.name,
				  DAY_LETTERS, until.n ? until.p : "");
	text_free(&until);
	return sentence;
}

/* ---- alerts ---- */

static void note_alert(struct stages *s, struct shut *x,
		       const struct message *m, bool by_server)
{
	const struct endpoint *client = by_server ? &m->from.dst : &m->from.src;
	const struct endpoint *server = by_server ? &m->from.src : &m->from.dst;
	struct place place = place_of(&m->from);

	x->alert = (uint16_t)(m->u.tls->alert_description + 1);
	x->alert_by_server = by_server;
	x->open = false;
	x->tries++;
	cite(&x->cited, &place);
	if (!x->certificate)
		x->certificate =
			certificate_text(s, certificate_of(s, client, server));
}

void shut_tls(struct stages *s, const struct message *m)
{
	const struct tls_record *record = m->u.tls;
	bool by_server =
		is_watched(m->from.src.port) && !is_watched(m->from.dst.port);
	const struct endpoint *client = by_server ? &m->from.dst : &m->from.src;
	const struct endpoint *server = by_server ? &m->from.src : &m->from.dst;
	struct shut *x;

	if (!is_watched(server->port) || m->from.wrap_count)
		return;
	if (record->certificate.n && by_server)
		keep_certificate(s, m);
	if (record->content == TLS_ALERT && record->alert_readable &&
	    record->alert_level == FATAL) {
		x = shut_at_server(s, client, server, true);
		if (x)
			note_alert(s, x, m, by_server);
		return;
	}
	/* A later handshake may do better. */
	x = record->handshake_readable && record->handshake == TLS_CLIENT_HELLO
		    ? shut_at_server(s, client, server, false)
		    : NULL;
	if (x)
		x->open = true;
}
