/*
 * Connections that did not come about: a SYN that was refused, or never
 * answered.  On a port of SIP or MRAS that is an attempt of stage 1 or 2 that
 * ended before a word was said; on 443 it may be anything, and counts where
 * the address is known to be a relay's or a registrar's.
 *
 * There are few of them (MODEL_SHUTS_MAX), so that they are compared one by
 * one.
 */
#include "config.h"

#include <string.h>

#include "flow/stages_state.h"

#define PORT_SIP 5060
#define PORT_SIP_TLS 5061
#define PORT_MRAS 5062
#define PORT_TURN 3478
#define PORT_TURN_TLS 5349
#define PORT_HTTPS 443

static struct shut *find(struct stages *s, const struct endpoint *client,
			 const struct endpoint *server)
{
	struct shut *rows = s->model->shuts.rows;

	for (size_t i = 0; i < s->model->shuts.count; i++)
		if (endpoint_same_ip(&rows[i].client, client) &&
		    endpoint_equal(&rows[i].server, server))
			return &rows[i];
	return NULL;
}

struct shut *shut_at_server(struct stages *s, const struct endpoint *client,
			    const struct endpoint *server, bool make)
{
	struct shut *x = find(s, client, server);

	if (x || !make)
		return x;
	x = list_add(&s->model->shuts);
	if (!x)
		return NULL;
	x->client = *client;
	x->server = *server;
	x->stage = STAGE_NONE;
	return x;
}

void shut_note(struct stages *s, const struct message *m)
{
	unsigned events = m->u.tcp.events;
	place_number place = stages_place(s, &m->from);
	struct shut *x;

	if (!(events & TCP_SAW_SYN) || tcp_came_about(events))
		return;
	x = shut_at_server(s, &m->from.src, &m->from.dst, true);
	if (!x)
		return;
	x->tries++;
	x->sctp |= m->from.transport == TRANSPORT_SCTP;
	x->often |= events & TCP_SYN_OFTEN;
	cite(s->model, &x->cited, place);
	if (!(events & TCP_SAW_RST))
		return;
	if (x->obstacle.count++ == 0)
		x->obstacle.place = place;
	x->obstacle.kind = m->from.transport == TRANSPORT_SCTP ? OBSTACLE_ABORT
							       : OBSTACLE_RESET;
}

/* ---- connections that work ---- */

/* What is unreadable there may be SIP; of 443 the name tells later. */
void shut_notes_use(struct stages *s, const struct message *m)
{
	const struct tcp_end *end = &m->u.tcp;
	struct connection_used *row;

	if (!end->used ||
	    (!port_is_ours(m->from.dst.port) && m->from.dst.port != PORT_HTTPS))
		return;
	row = list_add(&s->connections_used);
	if (!row)
		return;
	*row = (struct connection_used){
		.client = m->from.src,
		.server = m->from.dst,
		.since = end->used,
		.spoke = end->spoke,
		.end = stages_place(s, &m->from),
	};
	if (end->events & (TCP_SAW_FIN_0 | TCP_SAW_FIN_1 | TCP_SAW_RST))
		row->closed = m->from.time;
}

static bool is_sip_port(uint16_t port)
{
	return port == PORT_SIP || port == PORT_SIP_TLS;
}

/* Where TLS fails the fault is that server's, and only one of its name shows
 * whether it matters: the client wanted that name (RFC 8305). */
static bool serves_beside(const struct stages *s, const struct shut *x,
			  const struct endpoint *client,
			  const struct endpoint *server)
{
	return x->alert && twins_share_host(s, client, &x->client) &&
	       twins_share_name(s, server, &x->server);
}

/* Would it do instead? */
static bool serves_instead(const struct stages *s, const struct shut *x,
			   const struct connection_used *c)
{
	if (!twins_share_host(s, &c->client, &x->client))
		return false;
	if (endpoint_same_ip(&c->server, &x->server))
		return true;
	return !x->alert && x->server.port != PORT_MRAS &&
	       (is_sip_port(c->server.port) ||
		shut_is_registrar(s, &c->server));
}

/* Clients try again within minutes; what works hours later helped nobody in
 * between. */
#define RETRIED_WITHIN (300 * NS_PER_S)

static bool makes_good(nanoseconds since, nanoseconds failed)
{
	return since > failed && since - failed < RETRIED_WITHIN;
}

/* The same where SIP can be read: is the client signed in there, by another
 * transport or connection? */
static bool is_signed_in(const struct stages *s, struct shut *x,
			 nanoseconds failed)
{
	const struct registration *rows = s->model->registrations.rows;

	for (size_t i = 0; i < s->model->registrations.count; i++) {
		const struct registration *r = &rows[i];
		nanoseconds bound = place_time(s->model, r->bound);
		bool good = makes_good(bound, failed);
		bool lasts = bound < failed && r->until > failed;

		if (!r->bound || r->removed || !(good || lasts))
			continue;
		if (endpoint_same_ip(&r->client, &x->client) &&
		    endpoint_same_ip(&r->server, &x->server)) {
			if (good)
				return true;
			x->beside = true;
		} else if (!x->beside) {
			x->beside = serves_beside(s, x, &r->client, &r->server);
		}
	}
	return false;
}

/* Is there a better one: later, or beside it all the time?  One that is not
 * closed may be as dead as the new one is that nobody answers. */
static bool is_made_good(const struct stages *s, struct shut *x)
{
	const struct connection_used *rows = s->connections_used.rows;
	nanoseconds failed = place_time(s->model, x->cited.last);

	if (is_signed_in(s, x, failed))
		return true;
	for (size_t i = 0; i < s->connections_used.count; i++) {
		const struct connection_used *c = &rows[i];
		bool good = makes_good(c->since, failed);
		bool lasts = c->since < failed &&
			     (c->spoke > failed || (x->alert && !c->closed));

		if (serves_instead(s, x, c)) {
			if (good)
				return true;
			x->beside |= lasts;
		} else if (!x->beside && (good || lasts)) {
			x->beside = serves_beside(s, x, &c->client, &c->server);
		}
	}
	return false;
}

/* ---- what it was for ---- */

/* Does a token name a relay there, or was one asked there by UDP? */
static bool is_relay(const struct stages *s, const struct endpoint *server)
{
	const struct token *tokens = s->model->tokens.rows;
	const struct allocation *asked = s->model->allocations.rows;
	const struct resolved *names = s->model->resolved.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++)
		if (endpoint_same_ip(end_at(s->model, asked[i].server),
				     server) ||
		    endpoint_same_ip(end_at(s->model, asked[i].alternate),
				     server))
			return true;
	for (size_t i = 0; i < s->model->tokens.count; i++)
		for (unsigned k = 0; k < tokens[i].relay_count; k++) {
			uint32_t at = tokens[i].relays[k].resolved - 1;

			for (; at < s->model->resolved.count;
			     at = names[at].next)
				if (endpoint_same_ip(&names[at].address,
						     server))
					return true;
		}
	return false;
}

/* Names that clients of Lync try by themselves, and SRV's ([MS-SIPRE], Lync
 * Server: "sipexternal" where all else fails). */
bool shut_names_registrar(struct slice name)
{
	static const char *const starts[] = {"sip.", "sipexternal.",
					     "sipinternal."};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (slice_starts_nocase(name, starts[i]))
			return true;
	return false;
}

bool shut_is_registrar(const struct stages *s, const struct endpoint *server)
{
	const struct resolved *rows = s->model->resolved.rows;

	for (size_t i = 0; i < s->model->resolved.count; i++)
		if (endpoint_same_ip(&rows[i].address, server) &&
		    shut_names_registrar(slice_of_text(rows[i].name)))
			return true;
	return false;
}

/* Was anything answered that this host asked, or that it was asked, in SIP?
 * Then it found its way, or it is a server itself. */
bool shut_speaks_sip(const struct stages *s, const struct endpoint *host)
{
	const struct path *rows = s->model->paths.rows;

	for (size_t i = 0; i < s->model->paths.count; i++) {
		const struct path *p = &rows[i];

		if (p->purpose == PATH_SIP && p->answered &&
		    (twins_share_host(s, end_at(s->model, p->src), host) ||
		     twins_share_host(s, end_at(s->model, p->dst), host)))
			return true;
	}
	return shut_meets_registrar(s, host);
}

static enum stage stage_of(const struct stages *s, const struct shut *x)
{
	switch (x->server.port) {
	case PORT_MRAS:
		return STAGE_TOKEN;
	case PORT_SIP:
	case PORT_SIP_TLS:
		return shut_speaks_sip(s, &x->client) ? STAGE_NONE
						      : STAGE_REGISTRATION;
	default:
		if (is_relay(s, &x->server))
			return STAGE_GATHERING;
		return shut_is_registrar(s, &x->server) &&
				       !shut_speaks_sip(s, &x->client)
			       ? STAGE_REGISTRATION
			       : STAGE_NONE;
	}
}

/* Where TLS failed the connection had come about: the port tells, and of 443
 * the name that DNS or the client knows it by. */
static enum stage stage_of_tls(const struct stages *s, const struct shut *x)
{
	if (x->open)
		return STAGE_NONE;
	switch (x->server.port) {
	case PORT_MRAS:
		return STAGE_TOKEN;
	case PORT_TURN:
	case PORT_TURN_TLS:
		return STAGE_GATHERING;
	case PORT_SIP:
	case PORT_SIP_TLS:
		return STAGE_REGISTRATION;
	default:
		return shut_is_registrar(s, &x->server) ? STAGE_REGISTRATION
							: STAGE_NONE;
	}
}

/* The connection once more, as if its end were told now. */
static struct message told_again(const struct model *model,
				 const struct shut *x)
{
	struct place first = place_at(model, x->cited.first);
	struct message m = {
		.kind = MESSAGE_TCP,
		.from = {.src = x->client,
			 .dst = x->server,
			 .transport = x->sctp ? TRANSPORT_SCTP : TRANSPORT_TCP,
			 .file = first.file,
			 .frame = first.frame,
			 .time = first.time},
		.u.tcp.events = TCP_SAW_SYN,
	};

	if (x->obstacle.count)
		m.u.tcp.events |= TCP_SAW_RST;
	if (x->often)
		m.u.tcp.events |= TCP_SYN_OFTEN;
	return m;
}

void shuts_finish(struct stages *s)
{
	struct shut *rows = s->model->shuts.rows;

	for (size_t i = 0; i < s->model->shuts.count; i++) {
		struct message m = told_again(s->model, &rows[i]);

		rows[i].stage = (uint8_t)(rows[i].alert || rows[i].mute
						  ? stage_of_tls(s, &rows[i])
						  : stage_of(s, &rows[i]));
		if ((rows[i].alert || rows[i].stage != STAGE_GATHERING) &&
		    is_made_good(s, &rows[i]))
			rows[i].stage = STAGE_NONE;
		if (rows[i].alert || rows[i].mute)
			continue;
		if (rows[i].stage == STAGE_GATHERING) {
			path_tcp(s, &m, PATH_TURN);
			relay_refuses(s, &m);
		} else if (rows[i].stage == STAGE_REGISTRATION &&
			   !port_is_ours(rows[i].server.port)) {
			path_tcp(s, &m, PATH_SIP);
		}
	}
}
