/*
 * TLS that ends before anything was said: a fatal alert in the handshake with
 * a server of SIP or MRAS or a relay, or with one on 443 that its name tells to
 * be one.
 */
#include "config.h"

#include <stdlib.h>

#include "core/crypto.h"
#include "flow/stages_state.h"

#define PORT_HTTPS 443
#define PORT_SIP 5060
#define PORT_MRAS 5062
#define FATAL 2
#define DECODE_ERROR 50
#define DAY_LETTERS 10 /* of RFC 3339 */

/* Of SIP without TLS, with it, and of MRAS. */
static bool is_sip(uint16_t port)
{
	return port >= PORT_SIP && port <= PORT_MRAS;
}

static bool is_watched(uint16_t port)
{
	return port_is_ours(port) || port == PORT_HTTPS;
}

/* ---- the certificate of a server, until its handshake is over ---- */

static struct server_certificate *row_of(const struct stages *s,
					 const struct endpoint *client,
					 const struct endpoint *server)
{
	for (size_t i = 0; s->server_certificates && i < SERVER_CERTIFICATES;
	     i++) {
		struct server_certificate *row = &s->server_certificates[i];

		if (row->n && endpoint_equal(&row->client, client) &&
		    endpoint_equal(&row->server, server))
			return row;
	}
	return NULL;
}

/* The oldest makes room. */
static struct server_certificate *row_for(struct stages *s,
					  const struct message *m)
{
	struct server_certificate *row = row_of(s, &m->from.dst, &m->from.src);

	if (!s->server_certificates)
		s->server_certificates =
			calloc(SERVER_CERTIFICATES, sizeof(*row));
	if (!s->server_certificates)
		return NULL;
	if (!row)
		row = &s->server_certificates[s->next_certificate++ %
					      SERVER_CERTIFICATES];
	row->server = m->from.src;
	row->client = m->from.dst;
	row->client_spoke = row->server_went_on = false;
	return row;
}

static void keep(struct stages *s, const struct message *m, struct slice bytes,
		 bool part)
{
	struct server_certificate *row;

	if (bytes.n > CERTIFICATE_BYTES)
		return;
	row = row_for(s, m);
	if (!row)
		return;
	/* They may stand in this row. */
	memmove(row->der, bytes.p, bytes.n);
	row->n = (uint16_t)bytes.n;
	row->part = part;
}

/* What goes on from an earlier record, with this one behind it. */
static struct slice put_behind(struct server_certificate *row,
			       struct slice body)
{
	struct slice more = slice_first(body, CERTIFICATE_BYTES - row->n);

	memcpy(row->der + row->n, more.p, more.n);
	row->n = (uint16_t)(row->n + more.n);
	return slice_of(row->der, row->n);
}

/* The server's flight: its messages share records, or go on in the next one,
 * as Schannel and others like it. */
static void read_flight(struct stages *s, const struct message *m)
{
	struct server_certificate *row = row_of(s, &m->from.dst, &m->from.src);
	struct slice bytes = m->u.tls->body, der, rest;

	if (row && row->part)
		bytes = put_behind(row, bytes);
	else if (!m->u.tls->handshake_readable)
		return;
	der = tls_flight_certificate(bytes, &rest);
	if (der.n)
		keep(s, m, der, false);
	else if (rest.n && rest.n < CERTIFICATE_BYTES)
		keep(s, m, rest, true);
	else if (row && row->part)
		row->n = 0;
}

static const struct server_certificate *
certificate_of(const struct stages *s, const struct endpoint *client,
	       const struct endpoint *server)
{
	const struct server_certificate *row = row_of(s, client, server);

	return row && !row->part ? row : NULL;
}

/* The name that the client asked for last there; NULL: none. */
static const char *name_asked(const struct stages *s,
			      const struct server_certificate *row)
{
	const struct greeting *rows = s->greetings.rows, *newest = NULL;

	for (size_t i = 0; i < s->greetings.count; i++)
		if (endpoint_same_ip(&rows[i].client, &row->client) &&
		    endpoint_equal(&rows[i].server, &row->server) &&
		    (!newest || rows[i].time > newest->time))
			newest = &rows[i];
	return newest ? newest->name : NULL;
}

/* "fe01.example.test, until 2026-01-01", and what is plainly wrong with it. */
static const char *certificate_text(struct stages *s,
				    const struct server_certificate *row,
				    nanoseconds now)
{
	struct certificate_facts facts;
	struct text until = text_new(64);
	const char *sentence, *asked;
	bool fits;

	if (!row || !certificate_read(slice_of(row->der, row->n), &facts))
		return NULL;
	clock_rfc3339(facts.until, &until);
	asked = name_asked(s, row);
	fits = !asked || certificate_names(slice_of(row->der, row->n), asked);
	sentence = model_sentence(s->model, "%s%s%s, %s %.*s", facts.name,
				  fits ? "" : ", which is not for ",
				  fits ? "" : asked,
				  now > facts.until ? "which ended" : "until",
				  DAY_LETTERS, until.n ? until.p : "");
	text_free(&until);
	return sentence;
}

/* ---- registrars on 443 ---- */

static struct tls_meeting *meeting_of(struct stages *s,
				      const struct endpoint *client,
				      const struct endpoint *server)
{
	for (size_t i = 0; i < TLS_MEETINGS; i++)
		if (endpoint_equal(&s->tls_meetings[i].client, client) &&
		    endpoint_equal(&s->tls_meetings[i].server, server))
			return &s->tls_meetings[i];
	return NULL;
}

static void note_meeting(struct stages *s, const struct message *m,
			 bool by_server)
{
	const struct tls_record *record = m->u.tls;
	struct tls_meeting *met;

	if (by_server) {
		met = meeting_of(s, &m->from.dst, &m->from.src);
		if (met && record->handshake == TLS_SERVER_HELLO)
			met->answered = true;
	} else if (record->handshake == TLS_CLIENT_HELLO &&
		   m->from.dst.port == PORT_HTTPS &&
		   (shut_names_registrar(record->server_name) ||
		    shut_is_registrar(s, &m->from.dst))) {
		met = &s->tls_meetings[s->next_meeting++ % TLS_MEETINGS];
		*met = (struct tls_meeting){.client = m->from.src,
					    .server = m->from.dst};
	}
}

/* Has TLS with this server ended in an alert, and not been better since? */
static bool is_alerted(const struct stages *s, const struct tls_meeting *met)
{
	const struct shut *rows = s->model->shuts.rows;

	for (size_t i = 0; i < s->model->shuts.count; i++)
		if (rows[i].alert && !rows[i].open &&
		    endpoint_same_ip(&rows[i].client, &met->client) &&
		    endpoint_equal(&rows[i].server, &met->server))
			return true;
	return false;
}

bool shut_meets_registrar(const struct stages *s, const struct endpoint *host)
{
	for (size_t i = 0; i < TLS_MEETINGS; i++) {
		const struct tls_meeting *met = &s->tls_meetings[i];

		if (met->answered && endpoint_same_ip(&met->client, host) &&
		    !is_alerted(s, met))
			return true;
	}
	return false;
}

/* ---- names ---- */

static struct greeting *greeting_of(struct stages *s, const struct message *m)
{
	struct greeting *rows = s->greetings.rows;

	for (size_t i = 0; i < s->greetings.count; i++)
		if (endpoint_same_ip(&rows[i].client, &m->from.src) &&
		    endpoint_same_ip(&rows[i].server, &m->from.dst) &&
		    model_text_is(rows[i].name, m->u.tls->server_name))
			return &rows[i];
	return NULL;
}

/* Of 443 those of registrars: many hosts ask for what all the world knows. */
static bool is_name_of_ours(const struct message *m)
{
	return m->u.tls->server_name.n &&
	       (port_is_ours(m->from.dst.port) ||
		shut_names_registrar(m->u.tls->server_name));
}

static void note_greeting(struct stages *s, const struct message *m)
{
	struct greeting *row;

	if (!is_name_of_ours(m))
		return;
	row = greeting_of(s, m);
	if (!row)
		row = list_add(&s->greetings);
	if (!row)
		return;
	if (!row->name)
		*row = (struct greeting){
			.client = m->from.src,
			.server = m->from.dst,
			.name = stages_text(s, m->u.tls->server_name)};
	row->time = m->from.time;
}

/* ---- alerts ---- */

/* The client has said nothing since it saw the certificate. */
static bool is_awaited(const struct server_certificate *row)
{
	return row && !row->client_spoke && !row->server_went_on;
}

/* A server that waits for the client to go on can only tell in this way that
 * it does not: what was sent before it could read. */
static bool is_of_end(const struct message *m,
		      const struct server_certificate *row)
{
	return m->u.tls->alert_description == DECODE_ERROR && is_awaited(row);
}

static void note_alert(struct stages *s, struct shut *x,
		       const struct message *m, bool by_server)
{
	const struct endpoint *client = by_server ? &m->from.dst : &m->from.src;
	const struct endpoint *server = by_server ? &m->from.src : &m->from.dst;
	const struct server_certificate *row =
		certificate_of(s, client, server);
	bool left = by_server && is_of_end(m, row);

	x->alert = left ? TLS_LEFT + 1
			: (uint16_t)(m->u.tls->alert_description + 1);
	x->alert_by_server = by_server && !left;
	x->open = false;
	x->tries++;
	cite(s->model, &x->cited, stages_place(s, &m->from));
	if (!x->certificate)
		x->certificate = certificate_text(s, row, m->from.time);
}

/* Who goes on says so, or who closes of its own will (close_notify). */
static void note_course(struct stages *s, const struct message *m,
			bool by_server)
{
	struct server_certificate *row =
		by_server ? row_of(s, &m->from.dst, &m->from.src)
			  : row_of(s, &m->from.src, &m->from.dst);

	if (row && by_server)
		row->server_went_on |= m->u.tls->content != TLS_HANDSHAKE &&
				       m->u.tls->content != TLS_ALERT;
	else if (row)
		row->client_spoke = true;
}

/* Schannel ends the connection without an alert where it does not like the
 * certificate. */
static void end_at_certificate(struct stages *s, const struct message *m)
{
	unsigned events = m->u.tcp.events;
	bool by_client =
		events & TCP_SAW_FIN_0
			? !(events & TCP_FIN_FIRST_1)
			: (events & TCP_SAW_RST) &&
				  !(events & (TCP_RST_BY_1 | TCP_SAW_FIN_1));
	const struct server_certificate *row =
		by_client && !m->u.tcp.spoke
			? certificate_of(s, &m->from.src, &m->from.dst)
			: NULL;
	struct shut *x;

	if (!is_awaited(row))
		return;
	x = shut_at_server(s, &m->from.src, &m->from.dst, true);
	if (!x || (x->alert && !x->open))
		return;
	x->alert = TLS_LEFT + 1;
	x->alert_by_server = false;
	x->open = false;
	x->tries++;
	cite(s->model, &x->cited, stages_place(s, &m->from));
	if (!x->certificate)
		x->certificate = certificate_text(s, row, m->from.time);
}

/* ---- no answer at all ---- */

static void note_opening(struct stages *s, const struct message *m)
{
	if (!is_sip(m->from.dst.port) &&
	    !(m->from.dst.port == PORT_HTTPS &&
	      shut_names_registrar(m->u.tls->server_name)))
		return;
	s->tls_openings[s->next_opening++ % TLS_OPENINGS] =
		(struct tls_opening){m->from.src, m->from.dst,
				     stages_place(s, &m->from)};
}

static const struct tls_opening *opening_of(const struct stages *s,
					    const struct message *m)
{
	for (size_t i = 0; i < TLS_OPENINGS; i++)
		if (endpoint_equal(&s->tls_openings[i].client, &m->from.src) &&
		    endpoint_equal(&s->tls_openings[i].server, &m->from.dst))
			return &s->tls_openings[i];
	return NULL;
}

/* The server of the connection that ends: it got a ClientHello, and said no
 * word. */
static bool is_mute(const struct message *m)
{
	unsigned events = m->u.tcp.events;

	return (is_sip(m->from.dst.port) || m->from.dst.port == PORT_HTTPS) &&
	       (events & TCP_SAW_SIDE_1) &&
	       (events & (TCP_SAW_DATA_0 | TCP_SAW_DATA_1)) == TCP_SAW_DATA_0;
}

/* A server whose TLS works answers at once. */
#define HELLO_PATIENCE (3 * NS_PER_S)

/* What reads SIP waits for more of it, or closes: RFC 3261 18.3 knows no end
 * of a message before its headers end.  Schannel closes where it has no
 * certificate, or no version in common. */
void shut_tls_end(struct stages *s, const struct message *m)
{
	const unsigned closed = TCP_SAW_FIN_0 | TCP_SAW_FIN_1 | TCP_SAW_RST;
	unsigned events = m->u.tcp.events;
	nanoseconds end = events & closed ? m->from.time : s->model->last_time;
	const struct tls_opening *open;
	struct shut *x;

	if (is_watched(m->from.dst.port))
		end_at_certificate(s, m);
	if (!is_mute(m))
		return;
	open = opening_of(s, m);
	if (!open || (!(events & (TCP_FIN_FIRST_1 | TCP_RST_BY_1)) &&
		      end - place_time(s->model, open->hello) < HELLO_PATIENCE))
		return;
	x = shut_at_server(s, &m->from.src, &m->from.dst, true);
	if (!x)
		return;
	x->mute = true;
	x->hung_up = events & (TCP_FIN_FIRST_1 | TCP_RST_BY_1);
	x->open = false;
	x->tries++;
	cite(s->model, &x->cited, open->hello);
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
	note_course(s, m, by_server);
	if (record->content == TLS_HANDSHAKE && by_server)
		read_flight(s, m);
	if (record->handshake_readable)
		note_meeting(s, m, by_server);
	if (record->content == TLS_ALERT && record->alert_readable &&
	    record->alert_level == FATAL) {
		x = shut_at_server(s, client, server, true);
		if (x)
			note_alert(s, x, m, by_server);
		return;
	}
	if (!record->handshake_readable ||
	    record->handshake != TLS_CLIENT_HELLO)
		return;
	note_greeting(s, m);
	note_opening(s, m);
	/* A later handshake may do better. */
	x = shut_at_server(s, client, server, false);
	if (x)
		x->open = true;
}
