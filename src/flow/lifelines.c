/*
 * The connections under which clients are registered, and how they are kept
 * alive: by ms-keep-alive ([MS-CONMGMT] 3.4.2), by Flow-Timer and CRLF (RFC
 * 5626 4.4), or not at all.
 *
 * A row is made where a REGISTER succeeds.  From then on each message, each
 * CRLF and the end of the connection is held against what was heard before.
 */
#include "config.h"

#include "flow/stages_state.h"

/* RFC 5626 4.4.1: two line ends ask, one answers. */
#define PING_BYTES 4u

static bool same_ends(const void *rows, uint32_t row, const void *key)
{
	const struct lifeline *l = (const struct lifeline *)rows + row;
	const struct origin *from = key;

	return (endpoint_equal(&l->client, &from->src) &&
		endpoint_equal(&l->server, &from->dst)) ||
	       (endpoint_equal(&l->client, &from->dst) &&
		endpoint_equal(&l->server, &from->src));
}

static struct lifeline *find(struct stages *s, const struct origin *from)
{
	struct list *list = &s->model->lifelines;
	uint32_t row;

	if (!list->count)
		return NULL;
	row = index_find(&s->lifelines,
			 stages_hash_ends(s, &from->src, &from->dst), same_ends,
			 list->rows, from);
	return row == INDEX_NONE ? NULL : list_at(list, row);
}

/* ---- which is the newest of a host ---- */

static bool same_host(const void *rows, uint32_t row, const void *key)
{
	const struct lifeline *l = (const struct lifeline *)rows + row;
	const struct lifeline *k = key;

	return endpoint_same_ip(&l->client, &k->client) &&
	       endpoint_equal(&l->server, &k->server);
}

static uint64_t hash_host(const struct stages *s, const struct lifeline *l)
{
	struct endpoint host = l->client;

	host.port = 0;
	return stages_hash_ends(s, &host, &l->server);
}

static uint32_t newest_of(const struct stages *s, const struct lifeline *l)
{
	return index_find(&s->lifeline_hosts, hash_host(s, l), same_host,
			  s->model->lifelines.rows, l);
}

static void note_newest(struct stages *s, uint32_t row)
{
	const struct lifeline *l = list_at(&s->model->lifelines, row);
	uint32_t before = newest_of(s, l);

	if (before != INDEX_NONE)
		(void)index_remove(&s->lifeline_hosts, hash_host(s, l), before);
	if (index_add(&s->lifeline_hosts, hash_host(s, l), row) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* ---- what the registrar tells ---- */

static bool number_of(struct slice value, uint32_t *out)
{
	uint64_t seconds;

	if (slice_number(slice_trim(value), UINT32_MAX, &seconds) != STATUS_OK)
		return false;
	*out = (uint32_t)seconds;
	return true;
}

/* "UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300" */
static bool ms_timeout(const struct sip_message *sip, uint32_t *out)
{
	const struct sip_header *h = sip_header(sip, SIP_MS_KEEP_ALIVE);
	struct slice hop = SLICE("yes"), timeout;

	if (!h)
		return false;
	(void)sip_param(h->value, ';', "hop-hop", &hop);
	return slice_is_nocase(hop, "yes") &&
	       sip_param(h->value, ';', "timeout", &timeout) &&
	       number_of(timeout, out);
}

static bool flow_timer(const struct sip_message *sip, uint32_t *out)
{
	for (size_t i = 0; i < sip->header_count; i++)
		if (slice_is_nocase(sip->headers[i].name, "Flow-Timer"))
			return number_of(sip->headers[i].value, out);
	return false;
}

static void tell(struct stages *s, struct lifeline *l, const struct message *m)
{
	uint32_t seconds = 0;

	if (flow_timer(m->u.sip, &seconds))
		l->answers = true;
	else if (!ms_timeout(m->u.sip, &seconds))
		return;
	l->timeout = seconds;
	l->told = stages_place(s, &m->from);
}

/* ---- from when on ---- */

static struct lifeline *begin(struct stages *s, struct registration *r,
			      const struct message *m)
{
	struct list *list = &s->model->lifelines;
	struct lifeline *l = list_add(list);

	if (!l)
		return NULL;
	l->client = m->from.dst;
	l->server = m->from.src;
	l->stream = transport_is_stream(m->from.transport);
	l->before = r->lifeline;
	l->heard = r->request;
	l->answered = stages_place(s, &m->from);
	r->lifeline = (uint32_t)list->count;
	if (index_add(&s->lifelines,
		      stages_hash_ends(s, &m->from.src, &m->from.dst),
		      (uint32_t)list->count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
	note_newest(s, (uint32_t)list->count - 1);
	return l;
}

void lifeline_registered(struct stages *s, struct registration *r,
			 const struct message *m)
{
	struct lifeline *l;

	/* A log does not show what stands between messages. */
	if (m->from.logged || m->u.sip->status < 200 ||
	    m->u.sip->status >= 300 || !r->bound ||
	    !endpoint_equal(&m->from.dst, &r->client))
		return;
	l = find(s, &m->from);
	if (!l)
		l = begin(s, r, m);
	if (l)
		tell(s, l, m);
}

/* ---- what is heard ---- */

/* A client that is called over a way that slept for so long. */
static void called(struct stages *s, struct lifeline *l,
		   const struct message *m)
{
	if (m->kind != MESSAGE_SIP || !m->u.sip->request ||
	    m->u.sip->method != SIP_INVITE || l->called || !l->heard)
		return;
	l->called = stages_place(s, &m->from);
	l->slept = m->from.time - place_time(s->model, l->heard);
}

static void hear_client(struct stages *s, struct lifeline *l,
			const struct message *m)
{
	place_number place = stages_place(s, &m->from);
	/* Nothing is known of before where the REGISTER was not captured. */
	nanoseconds quiet =
		l->heard ? m->from.time - place_time(s->model, l->heard) : 0;
	bool pings = m->kind == MESSAGE_KEEPALIVE && m->bytes.n >= PING_BYTES;

	if (quiet > l->silence) {
		l->silence = quiet;
		l->quiet_from = l->heard;
		l->quiet_to = place;
	}
	if (quiet >= 0)
		l->heard = place;
	if (!pings)
		return;
	l->pings++;
	if (!l->ping)
		l->ping = place;
}

static void hear_server(struct stages *s, struct lifeline *l,
			const struct message *m)
{
	called(s, l, m);
	if (m->kind == MESSAGE_KEEPALIVE && l->ping) {
		l->pongs++;
		l->answers = true;
	}
	l->answered = stages_place(s, &m->from);
	l->ping = PLACE_NONE;
}

void lifeline_hear(struct stages *s, const struct message *m)
{
	struct lifeline *l = find(s, &m->from);

	if (!l)
		return;
	if (endpoint_equal(&m->from.src, &l->client))
		hear_client(s, l, m);
	else
		hear_server(s, l, m);
}

/* ---- the end ---- */

void lifeline_close(struct stages *s, const struct message *m)
{
	struct lifeline *l = find(s, &m->from);
	unsigned events = m->u.tcp.events;
	bool first_is_client;

	if (!l || l->closed)
		return;
	first_is_client = endpoint_equal(&m->from.src, &l->client);
	l->closed = stages_place(s, &m->from);
	l->reset = !(events & (TCP_SAW_FIN_0 | TCP_SAW_FIN_1));
	if (l->reset)
		l->by_server = first_is_client == !!(events & TCP_RST_BY_1);
	else
		l->by_server = first_is_client == !!(events & TCP_FIN_FIRST_1);
}

void lifeline_not_again(struct stages *s, const struct message *m)
{
	struct lifeline key = {.client = m->from.src, .server = m->from.dst};
	uint32_t row =
		s->model->lifelines.count ? newest_of(s, &key) : INDEX_NONE;
	struct lifeline *l;

	if (row == INDEX_NONE)
		return;
	l = list_at(&s->model->lifelines, row);
	if (!l->closed || m->from.time < place_time(s->model, l->closed))
		return;
	if (!l->refusals++)
		l->refused = stages_place(s, &m->from);
}
