/*
 * Calls and messages between those who have signed in (RFC 3261 16): a request
 * goes over the connection by which the other has registered, and its answers
 * come back the same way.
 *
 * A call is known by its Call-ID and two connections: what belongs to it is
 * taken from these alone, and goes to the other.  Nothing else is kept, and
 * nothing is sent anew: connections do not lose.  The first binding is called;
 * there is no forking.
 */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "engine/sip_state.h"

#define CALLS ((size_t)4096)
#define WAYS ((size_t)4) /* where a call may stand */
#define BRANCH "z9hG4bK-mrascope-"
#define HOPS_USUAL 70u

struct sip_call {
	uint64_t id;      /* of the Call-ID; 0: free */
	uint64_t ends[2]; /* serials of connections */
	nanoseconds used;
};

/* ---- calls ---- */

static uint64_t id_of(const struct sip_server *s, struct slice call_id)
{
	return hash_bytes(s->key, call_id) | 1;
}

static struct sip_call *row_of(const struct sip_server *s, uint64_t id)
{
	struct sip_call *row =
		s->calls ? s->calls + id / 2 % (CALLS / WAYS) * WAYS : NULL;

	for (size_t i = 0; row && i < WAYS; i++)
		if (row[i].id == id)
			return &row[i];
	return NULL;
}

/* The one that has been silent for longest gives way; NULL: no memory. */
static struct sip_call *new_row(struct sip_server *s, uint64_t id)
{
	struct sip_call *row, *oldest;

	if (!s->calls)
		s->calls = calloc(CALLS, sizeof(*s->calls));
	if (!s->calls)
		return NULL;
	row = oldest = s->calls + id / 2 % (CALLS / WAYS) * WAYS;
	for (size_t i = 1; i < WAYS; i++)
		if (row[i].used < oldest->used)
			oldest = &row[i];
	return oldest;
}

/* The other end, of a call of this connection's; NULL: there is none. */
static struct sip_connection *other_end(struct sip_server *s,
					const struct sip_connection *c,
					struct slice call_id, nanoseconds now)
{
	struct sip_call *call = row_of(s, id_of(s, call_id));

	if (!call || (call->ends[0] != c->serial && call->ends[1] != c->serial))
		return NULL;
	call->used = now;
	return sip_connection_of(s, call->ends[call->ends[0] == c->serial]);
}

/* ---- what is sent on ---- */

/* The same for INVITE, its CANCEL and its ACK (16.11). */
static uint64_t branch_of(const struct sip_server *s,
			  const struct sip_message *m)
{
	return hash_mix(hash_bytes(s->key, m->via.branch) +
			hash_bytes(s->key, m->via.host));
}

static void put_place(struct text *to, const struct sip_connection *c)
{
	endpoint_text(&c->path.server, to);
}

static void put_route(struct text *to, const struct sip_connection *c)
{
	text_puts(to, "Record-Route: <sip:");
	put_place(to, c);
	text_printf(to, ";transport=%s;lr>\r\n", c->path.tls ? "tls" : "tcp");
}

static bool same_place(const struct sip_connection *a,
		       const struct sip_connection *b)
{
	return a->path.tls == b->path.tls &&
	       endpoint_equal(&a->path.server, &b->path.server);
}

/* Both of our sides, where they differ (RFC 5658): each reaches its own. */
static void put_routes(const struct sip_ask *a, const struct sip_connection *to,
		       struct text *out)
{
	put_route(out, to);
	if (!same_place(a->c, to))
		put_route(out, a->c);
}

static unsigned hops_of(const struct sip_message *m)
{
	uint64_t n;

	return slice_number(sip_value(m, SIP_MAX_FORWARDS), 255, &n) ==
			       STATUS_OK
		       ? (unsigned)n
		       : HOPS_USUAL;
}

/* Those that are between a client and us, and those that are written anew. */
static bool is_ours(enum sip_header_name id)
{
	static const enum sip_header_name own[] = {
		SIP_VIA,
		SIP_ROUTE,
		SIP_MAX_FORWARDS,
		SIP_AUTHORIZATION,
		SIP_PROXY_AUTHORIZATION,
		SIP_AUTHENTICATION_INFO,
		SIP_PROXY_AUTHENTICATION_INFO,
		SIP_CONTENT_LENGTH,
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (own[i] == id)
			return true;
	return false;
}

static void put_others(const struct sip_message *m, struct text *to)
{
	for (size_t i = 0; i < m->header_count; i++) {
		const struct sip_header *h = &m->headers[i];

		if (is_ours(h->id))
			continue;
		text_put(to, h->name);
		text_puts(to, ": ");
		sip_put_clean(to, h->value);
		text_puts(to, "\r\n");
	}
}

/* Who signed in with NTLM gets nothing that is not signed. */
static void put_signature(struct sip_server *s, struct sip_connection *to,
			  const struct sip_message *m, struct text *out)
{
	struct sip_ask by = {.s = s, .c = to, .m = m, .by = &to->stands};
	struct association_text what;

	if (to->stands.state != ASSOCIATION_STANDS)
		return;
	association_of_request(m, &what);
	what.status = m->status;
	sip_sign(&by, &what, out);
}

static void send_on(struct sip_server *s, struct sip_connection *to,
		    const struct sip_message *m)
{
	put_signature(s, to, m, &s->out);
	put_others(m, &s->out);
	sip_write_end(&s->out, m->body);
	if (s->out.failed == STATUS_OK)
		s->provider.send(s->provider.context, to->path.connection,
				 text_slice(&s->out));
}

static void forward(struct sip_ask *a, struct sip_connection *to,
		    struct slice uri)
{
	struct text *out = &a->s->out;
	bool opens = a->m->to_tag.n == 0 && a->m->method != SIP_CANCEL;

	text_clear(out);
	text_put(out, a->m->method_text);
	text_putc(out, ' ');
	sip_put_clean(out, uri);
	text_puts(out, " SIP/2.0\r\n");
	if (opens)
		put_routes(a, to, out);
	text_printf(out, "Via: SIP/2.0/%s ", to->path.tls ? "TLS" : "TCP");
	put_place(out, to);
	text_printf(out, ";branch=" BRANCH "%016llx\r\n",
		    (unsigned long long)branch_of(a->s, a->m));
	sip_put_vias(a, out);
	text_printf(out, "Max-Forwards: %u\r\n", hops_of(a->m) - 1);
	send_on(a->s, to, a->m);
	a->status = 0;
}

/* The URI by which this user is reached there: the contact, where it is one; of
 * who is no user there, or has registered nonsense, the request's own. */
static struct slice target_at(struct sip_ask *a,
			      const struct sip_connection *at)
{
	const struct registrar_binding *list[REGISTRAR_CONTACTS_MAX];
	struct slice aor = sip_address_of(a->s, a->m->request_uri);
	size_t n = registrar_list(&a->s->registrar, aor, a->now, list,
				  REGISTRAR_CONTACTS_MAX);

	for (size_t i = 0; i < n; i++)
		if (list[i]->flow == at->serial &&
		    sip_is_sendable(list[i]->contact))
			return list[i]->contact;
	return a->m->request_uri;
}

/* ---- requests ---- */

static bool may_go_on(struct sip_ask *a)
{
	if (hops_of(a->m) > 0)
		return true;
	sip_refuse(a, 483, NULL);
	return false;
}

static void no_such_user(struct sip_ask *a, struct slice aor)
{
	struct slice host = aor;
	struct slice name = slice_split(&host, '@');
	bool known = a->s->config.schemes == 0 ||
		     sip_accounts_find(&a->s->accounts, name, host) !=
			     SIP_ACCOUNT_NONE;

	sip_refuse(a, aor.n && known ? 480 : 404, NULL);
}

/* The first of a user's connections that stands. */
static struct sip_connection *connection_to(struct sip_ask *a, struct slice aor)
{
	const struct registrar_binding *list[REGISTRAR_CONTACTS_MAX];
	size_t n = registrar_list(&a->s->registrar, aor, a->now, list,
				  REGISTRAR_CONTACTS_MAX);
	struct sip_connection *to = NULL;

	for (size_t i = 0; i < n && !to; i++)
		to = sip_connection_of(a->s, list[i]->flow);
	return to;
}

void sip_call(struct sip_ask *a)
{
	struct sip_server *s = a->s;
	uint64_t id = id_of(s, a->m->call_id);
	struct slice aor = sip_address_of(s, a->m->request_uri);
	struct sip_connection *to;
	struct sip_call *call = row_of(s, id);

	if (a->m->to_tag.n || (call && call->ends[0] != a->c->serial)) {
		sip_in_call(a);
		return;
	}
	if (!may_go_on(a))
		return;
	to = connection_to(a, aor);
	if (!to) {
		no_such_user(a, aor);
		return;
	}
	call = call ? call : new_row(s, id);
	if (!call) {
		sip_refuse(a, 503, NULL);
		return;
	}
	*call = (struct sip_call){
		.id = id, .ends = {a->c->serial, to->serial}, .used = a->now};
	forward(a, to, target_at(a, to));
}

void sip_in_call(struct sip_ask *a)
{
	struct sip_connection *to =
		other_end(a->s, a->c, a->m->call_id, a->now);

	if (!to) {
		sip_refuse(a, 481, NULL);
		return;
	}
	if (!may_go_on(a))
		return;
	/* CANCEL, and the ACK of a refusal, say who was called. */
	forward(a, to, target_at(a, to));
}

/* ---- answers ---- */

static void put_vias_below(const struct sip_message *m, struct text *to)
{
	const struct sip_header *h = sip_header(m, SIP_VIA);

	for (bool first = true; h; h = sip_header_after(m, h), first = false) {
		struct slice value = h->value, entry;

		if (first && !sip_list_next(&value, &entry))
			continue;
		value = slice_trim(value);
		if (value.n == 0)
			continue;
		text_puts(to, "Via: ");
		sip_put_clean(to, value);
		text_puts(to, "\r\n");
	}
}

void sip_answered(struct sip_server *s, struct sip_connection *c,
		  const struct sip_message *m, nanoseconds now)
{
	struct sip_connection *to;

	/* To what we have not sent on, nobody waits for an answer. */
	if (!slice_starts(m->via.branch, SLICE(BRANCH)) || m->via_count < 2)
		return;
	to = other_end(s, c, m->call_id, now);
	if (!to)
		return;
	text_clear(&s->out);
	sip_write_response(&s->out, m->status, m->reason);
	put_vias_below(m, &s->out);
	send_on(s, to, m);
}
