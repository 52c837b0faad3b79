/* Ports for a firewall: what an Edge, a relay or provisioning gives out. */
#include "config.h"

#include "model/model.h"
#include "model/port_range.h"

#define TYPE_RELAY 4

static struct port_range only(const struct endpoint *e)
{
	return (struct port_range){e->port, e->port, PORTS_BY_TRIAL};
}

/* ---- relays ---- */

/* Is it Lync's world?  Then relays are Edges. */
static bool has_edges(const struct model *m)
{
	const struct token *tokens = m->tokens.rows;
	const struct session *sessions = m->sessions.rows;

	if (m->ms_turns.count || m->sign_ins.count)
		return true;
	for (size_t i = 0; i < m->tokens.count; i++)
		if (tokens[i].kind == TOKEN_MRAS)
			return true;
	for (size_t i = 0; i < m->sessions.count; i++)
		if (sessions[i].versions[0] || sessions[i].versions[1])
			return true;
	return false;
}

static bool same_host(const void *rows, uint32_t row, const void *key)
{
	return endpoint_same_ip(&((const struct relay_host *)rows)[row].host,
				key);
}

static uint64_t hash_of(const struct relay_hosts *hosts,
			const struct endpoint *e)
{
	return hash_bytes(hosts->key + e->family,
			  slice_of(e->ip, sizeof(e->ip)));
}

static struct relay_host *find(const struct relay_hosts *hosts,
			       const struct endpoint *e)
{
	uint32_t row = index_find(&hosts->index, hash_of(hosts, e), same_host,
				  hosts->rows.rows, e);

	return row == INDEX_NONE ? NULL : list_at(&hosts->rows, row);
}

static struct relay_host *host_of(struct relay_hosts *hosts,
				  const struct endpoint *e)
{
	struct relay_host *host = find(hosts, e);

	if (host)
		return host;
	host = list_add(&hosts->rows);
	if (!host)
		return NULL;
	host->host = *e;
	host->host.port = 0;
	if (index_add(&hosts->index, hash_of(hosts, e),
		      (uint32_t)hosts->rows.count - 1) == STATUS_OK)
		return host;
	hosts->rows.count--;
	return NULL;
}

static void take(struct relay_hosts *hosts, const struct endpoint *e,
		 bool allocated)
{
	struct relay_host *host =
		e->family == FAMILY_NONE ? NULL : host_of(hosts, e);

	if (!host)
		return;
	host->allocated |= allocated;
	if (!e->port)
		return;
	if (!host->low || e->port < host->low)
		host->low = e->port;
	if (e->port > host->high)
		host->high = e->port;
}

struct relay_hosts relay_hosts_of(const struct model *m)
{
	const struct allocation *a = m->allocations.rows;
	const struct candidate *c = m->candidates.rows;
	struct relay_hosts hosts = {
		.rows = list_of(sizeof(struct relay_host),
				MODEL_ALLOCATIONS_MAX + MODEL_PAIRS_MAX),
		.key = (uint64_t)(uintptr_t)m,
		.edges = has_edges(m),
	};

	for (size_t i = 0; i < m->allocations.count; i++) {
		take(&hosts, end_at(m, a[i].relayed), true);
		take(&hosts, end_at(m, a[i].relayed_other), true);
	}
	for (size_t i = 0; i < m->candidates.count; i++)
		if (c[i].type == TYPE_RELAY)
			take(&hosts, end_at(m, c[i].endpoint), false);
	return hosts;
}

void relay_hosts_free(struct relay_hosts *hosts)
{
	list_free(&hosts->rows);
	index_free(&hosts->index);
}

const struct relay_host *relay_host_at(const struct relay_hosts *hosts,
				       const struct endpoint *e)
{
	return find(hosts, e);
}

/* All relayed ports of that address that are known. */
static struct port_range seen_at(const struct relay_hosts *hosts,
				 const struct endpoint *e)
{
	const struct relay_host *host = find(hosts, e);
	struct port_range range = {e->port, e->port, PORTS_BY_OBSERVATION};

	if (!host || !host->low)
		return range;
	if (host->low < range.low)
		range.low = host->low;
	if (host->high > range.high)
		range.high = host->high;
	return range;
}

static bool is_within(const struct port_range *range, unsigned low,
		      unsigned high)
{
	return range->low >= low && range->high <= high;
}

/* Clients are told to take ports up to here, where Edges begin, too. */
#define CLIENT_PORT_HIGH 50059u

static bool may_be_edge(const struct endpoint *e)
{
	return endpoint_is_public(e) && e->port > CLIENT_PORT_HIGH &&
	       e->port <= RELAY_PORT_HIGH;
}

bool pair_is_between_edges(const struct model *m, const struct pair *p)
{
	const struct endpoint *a = end_at(m, p->a), *b = end_at(m, p->b);

	return p->types[0] == 0 && p->types[1] == 0 && may_be_edge(a) &&
	       may_be_edge(b) && !endpoint_same_ip(a, b);
}

struct port_range ports_of_relay(const struct relay_hosts *hosts,
				 const struct endpoint *e)
{
	struct port_range seen = seen_at(hosts, e);

	if (hosts->edges && is_within(&seen, RELAY_PORT_LOW, RELAY_PORT_HIGH))
		return (struct port_range){RELAY_PORT_LOW, RELAY_PORT_HIGH,
					   PORTS_BY_EDGE};
	if (!hosts->edges &&
	    is_within(&seen, DYNAMIC_PORT_LOW, DYNAMIC_PORT_HIGH))
		return (struct port_range){DYNAMIC_PORT_LOW, DYNAMIC_PORT_HIGH,
					   PORTS_BY_TURN};
	return seen.low == seen.high ? only(e) : seen;
}

/* ---- clients ---- */

static const struct provisioned *told_to(const struct model *m,
					 const struct registration *r)
{
	const struct sign_in *x =
		r->sign_in ? list_at(&m->sign_ins, r->sign_in - 1) : NULL;

	return x && x->provisioned
		       ? list_at(&m->provisioned, x->provisioned - 1)
		       : NULL;
}

/* The narrowest kind of media that has this port. */
static struct port_range range_with(const struct provisioned *p,
				    const struct endpoint *e)
{
	struct port_range best = only(e);

	for (int kind = 0; kind < PORT_KINDS; kind++) {
		struct port_range told = {p->port_low[kind], p->port_high[kind],
					  PORTS_BY_PROVISIONING};

		if (e->port < told.low || e->port > told.high)
			continue;
		if (best.by == PORTS_BY_TRIAL ||
		    told.high - told.low < best.high - best.low)
			best = told;
	}
	return best;
}

struct port_range ports_of_client(const struct model *m,
				  const struct call *call,
				  const struct endpoint *e)
{
	const struct registration *rows = m->registrations.rows;

	for (uint32_t i = 0; i < call->registrations.count; i++) {
		const struct registration *r =
			&rows[call->registrations.list[i]];
		const struct provisioned *p = told_to(m, r);

		if (p && p->ranges_enabled && endpoint_same_ip(&r->client, e))
			return range_with(p, e);
	}
	return only(e);
}

/* ---- words ---- */

const char *ports_by_name(enum ports_by by)
{
	static const char *const names[] = {
		[PORTS_BY_TRIAL] = "trial",
		[PORTS_BY_OBSERVATION] = "observation",
		[PORTS_BY_PROVISIONING] = "provisioning",
		[PORTS_BY_EDGE] = "edge",
		[PORTS_BY_TURN] = "turn",
	};

	return names[by];
}

const char *ports_by_text(enum ports_by by)
{
	static const char *const texts[] = {
		[PORTS_BY_TRIAL] = NULL,
		[PORTS_BY_OBSERVATION] = "those that it was seen to give out",
		[PORTS_BY_PROVISIONING] = "those that the client was told to "
					  "use",
		[PORTS_BY_EDGE] = "those that an Edge gives out",
		[PORTS_BY_TURN] = "those that a relay gives out unless told "
				  "otherwise",
	};

	return texts[by];
}
