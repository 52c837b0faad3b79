/* The firewall table: from calls that failed to the openings that they want. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "model/firewall.h"
#include "model/diagnosis.h"
#include "model/model.h"
#include "model/reach.h"

#define PASSAGES_MAX 4096u
#define TYPE_RELAY 4

struct making {
	const struct model *model;
	struct index index;    /* of paths, by value */
	struct index passages; /* of what is wanted, but for its ports */
	struct relay_hosts relays;
	uint64_t key;
	struct firewall out;
	uint32_t call; /* at hand */
};

/* ---- finding the path of two ends ---- */

struct wanted {
	end_number src, dst;   /* src: with port 0 */
	const char *transport; /* NULL: any */
	enum path_purpose purpose;
};

static uint64_t hash_of(const struct making *m, end_number src, end_number dst,
			enum path_purpose purpose)
{
	return hash_mix(hash_mix(m->key + ((uint64_t)src << 32 | dst)) +
			(uint64_t)purpose);
}

static bool same(const void *rows, uint32_t row, const void *key)
{
	const struct path *p = (const struct path *)rows + row;
	const struct wanted *w = key;

	return p->purpose == w->purpose && p->src == w->src &&
	       p->dst == w->dst &&
	       (!w->transport || strcmp(p->transport, w->transport) == 0);
}

static uint32_t path_between(const struct making *m, const struct endpoint *src,
			     const struct endpoint *dst, const char *transport,
			     enum path_purpose purpose)
{
	struct wanted w = {.transport = transport, .purpose = purpose};
	struct endpoint host = *src;

	host.port = 0;
	if (!model_find_end(m->model, &host, &w.src) ||
	    !model_find_end(m->model, dst, &w.dst))
		return INDEX_NONE;
	return index_find(&m->index, hash_of(m, w.src, w.dst, purpose), same,
			  m->model->paths.rows, &w);
}

static bool index_paths(struct making *m)
{
	const struct path *rows = m->model->paths.rows;

	for (size_t i = 0; i < m->model->paths.count; i++)
		if (index_add(&m->index,
			      hash_of(m, rows[i].src, rows[i].dst,
				      rows[i].purpose),
			      (uint32_t)i) != STATUS_OK)
			return false;
	return true;
}

/* ---- openings ---- */

static const struct path *path_at(const struct making *m, uint32_t row)
{
	return list_at(&m->model->paths, row);
}

static bool is_open(const struct making *m, uint32_t row)
{
	return path_at(m, row)->verdict == PATH_OPEN;
}

/* ICMP port unreachable, of IPv4 and IPv6: the way is open, and nobody listens
 * at its end. */
static bool is_closed(const struct making *m, const struct path *p)
{
	return end_at(m->model, p->src)->family == FAMILY_IPV6
		       ? p->icmp_type == 1 && p->icmp_code == 4
		       : p->icmp_type == 3 && p->icmp_code == 3;
}

/* Would an opening help? */
static bool is_blocked(const struct making *m, uint32_t row)
{
	return !is_open(m, row) && !is_closed(m, path_at(m, row));
}

/* Is it a relayed address, whose port is one of many?  What no description
 * tells is one where an allocation says so, or a relay was asked to send there
 * to a port that Edges give out. */
static bool is_relayed(const struct making *m, const struct pair *p,
		       unsigned end)
{
	const struct endpoint *e = end_at(m->model, end ? p->b : p->a);
	const struct relay_host *host;

	if (p->types[end])
		return p->types[end] == TYPE_RELAY;
	host = relay_host_at(&m->relays, e);
	if (host && host->allocated)
		return true;
	return (m->relays.edges && pair_is_between_edges(m->model, p)) ||
	       (p->relayed && endpoint_is_public(e) &&
		e->port >= RELAY_PORT_LOW && e->port <= RELAY_PORT_HIGH);
}

static const struct call *call_of(const struct making *m)
{
	return list_at(&m->model->calls, m->call);
}

/* Of which kind an opening has to be. */
struct opening_kind {
	const struct making *m;
	const struct path *path;
	bool advised;
};

static bool covers(const void *passages, uint32_t row, const void *key)
{
	const struct passage *have = (const struct passage *)passages + row;
	const struct opening_kind *k = key;
	const struct path *p = k->path, *q = path_at(k->m, have->path);
	const struct endpoint *to = end_at(k->m->model, p->dst);

	return have->advised == k->advised && q->purpose == p->purpose &&
	       strcmp(q->transport, p->transport) == 0 && q->src == p->src &&
	       endpoint_same_ip(end_at(k->m->model, q->dst), to) &&
	       to->port >= have->ports.low && to->port <= have->ports.high;
}

static uint64_t passage_hash(const struct making *m, const struct path *p)
{
	const struct endpoint *dst = end_at(m->model, p->dst);

	return hash_mix(hash_bytes(m->key, slice_of(dst->ip, sizeof(dst->ip))) +
			((uint64_t)p->src << 8 | p->purpose));
}

static struct passage *passage_for(const struct making *m, uint32_t row,
				   bool advised)
{
	struct opening_kind kind = {m, path_at(m, row), advised};
	uint32_t found = index_find(&m->passages, passage_hash(m, kind.path),
				    covers, m->out.passages, &kind);

	return found == INDEX_NONE ? NULL : &m->out.passages[found];
}

/* The ports that asked, or those that this client may use. */
static struct port_range ports_from(const struct making *m,
				    const struct path *p)
{
	struct endpoint low = *end_at(m->model, p->src), high = low;
	struct port_range range, other;

	low.port = p->src_low;
	high.port = p->src_high;
	range = ports_of_client(m->model, call_of(m), &low);
	other = ports_of_client(m->model, call_of(m), &high);
	if (range.by == other.by && range.low == other.low)
		return range;
	return (struct port_range){p->src_low, p->src_high,
				   PORTS_BY_OBSERVATION};
}

/* What a way wants of both ends. */
struct ends {
	struct port_range to, from;
};

/* Did it fail for want of a relay that could be reached and said no: for a
 * wrong password, a token that ended, a quota?  No opening would mend that. */
static bool is_for_others(const struct making *m)
{
	const struct call *call = call_of(m);
	const struct cause *root =
		call->causes.count
			? list_at(&m->model->causes, call->causes.first)
			: NULL;

	return root &&
	       (root->stage == STAGE_TOKEN || root->stage == STAGE_GATHERING) &&
	       call->stages[root->stage].state == STATE_FAILED &&
	       (root->helper == HELPER_CLIENT ||
		root->helper == HELPER_SERVER || root->helper == HELPER_EDGE);
}

/* `ends` NULL: what was tried. */
static void want(struct making *m, uint32_t row, bool advised,
		 const struct ends *ends)
{
	struct passage *have = passage_for(m, row, advised);
	const struct path *p = path_at(m, row);
	uint16_t port = end_at(m->model, p->dst)->port;
	struct port_range one = {port, port, PORTS_BY_TRIAL};

	if (!advised && is_for_others(m))
		return;
	m->out.needed[row] |= !advised;
	if (have) {
		have->calls++;
		have->asked += have->path == row ? 0 : p->asked;
		return;
	}
	if (m->out.count == PASSAGES_MAX ||
	    index_add(&m->passages, passage_hash(m, p),
		      (uint32_t)m->out.count) != STATUS_OK)
		return;
	m->out.passages[m->out.count++] = (struct passage){
		.path = row,
		.ports = ends ? ends->to : one,
		.from = ends && ends->from.by != PORTS_BY_TRIAL
				? ends->from
				: ports_from(m, p),
		.asked = p->asked,
		.calls = 1,
		.call = m->call,
		.advised = advised,
	};
}

/* ---- signalling ---- */

/* From outside no opening leads to a private address: NAT is in between. */
static bool leads_inside(const struct endpoint *src, const struct endpoint *dst)
{
	return endpoint_is_private(dst) && !endpoint_is_private(src);
}

static void of_signalling(struct making *m, const struct endpoint *src,
			  const struct endpoint *dst, bool failed)
{
	uint32_t row = path_between(m, src, dst, NULL, PATH_SIP);

	if (row == INDEX_NONE)
		return;
	if (is_open(m, row))
		m->out.needed[row] = true;
	else if (failed && is_blocked(m, row) && !leads_inside(src, dst))
		want(m, row, false, NULL);
}

static void of_dialogs(struct making *m, const struct call *call, bool failed)
{
	const struct dialog *rows = m->model->dialogs.rows;

	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d = &rows[call->dialogs.list[i]];

		for (unsigned k = 0; k < d->hop_count; k++) {
			const struct hop *hop = dialog_hop(m->model, d, k);

			of_signalling(m, end_at(m->model, hop->src),
				      end_at(m->model, hop->dst),
				      failed &&
					      call->stopped == STAGE_EXCHANGE);
		}
	}
}

static void of_registrations(struct making *m, const struct call *call,
			     bool failed)
{
	const struct registration *rows = m->model->registrations.rows;

	for (uint32_t i = 0; i < call->registrations.count; i++) {
		const struct registration *r =
			&rows[call->registrations.list[i]];

		of_signalling(m, end_at(m->model, r->hop.src),
			      end_at(m->model, r->hop.dst),
			      failed && r->state != STATE_OK);
	}
}

/* Where not even a connection came about. */
static void of_shut(struct making *m, const struct call *call)
{
	const struct shut *x =
		call->shut ? list_at(&m->model->shuts, call->shut - 1) : NULL;

	if (x)
		of_signalling(m, &x->client, &x->server, true);
}

/* ---- relays ---- */

static uint32_t path_of(const struct making *m, const struct allocation *a)
{
	uint32_t row = path_between(m, end_at(m->model, a->client),
				    end_at(m->model, a->server), a->transport,
				    PATH_TURN);

	return row == INDEX_NONE ? path_between(m, end_at(m->model, a->client),
						end_at(m->model, a->server),
						NULL, PATH_TURN)
				 : row;
}

static bool is_udp(const struct allocation *a)
{
	return strcmp(a->transport, "udp") == 0;
}

/* Does the same server answer that client's Binding?  Then the way is open. */
static bool answers_stun(const struct making *m, const struct allocation *a)
{
	uint32_t row = path_between(m, end_at(m->model, a->client),
				    end_at(m->model, a->server), a->transport,
				    PATH_STUN);

	return is_udp(a) && row != INDEX_NONE && is_open(m, row);
}

struct relays {
	uint32_t best; /* path of the one to open, or INDEX_NONE */
	bool best_udp;
	bool granted, granted_udp;
};

static struct relays relays_of(struct making *m, const struct call *call)
{
	const struct allocation *rows = m->model->allocations.rows;
	struct relays r = {.best = INDEX_NONE};

	for (uint32_t i = 0; i < call->allocations.count; i++) {
		const struct allocation *a = &rows[call->allocations.list[i]];
		uint32_t row = path_of(m, a);

		if (row == INDEX_NONE)
			continue;
		if (a->state == STATE_OK || a->state == STATE_INFERRED) {
			m->out.needed[row] = true;
			r.granted = true;
			r.granted_udp |= is_udp(a);
		} else if (is_blocked(m, row) && !answers_stun(m, a) &&
			   !allocation_was_challenged(m->model, a) &&
			   (r.best == INDEX_NONE ||
			    (is_udp(a) && !r.best_udp))) {
			r.best = row;
			r.best_udp = is_udp(a);
		}
	}
	return r;
}

/* ---- pairs ---- */

struct way {
	uint32_t paths[2]; /* that are not open, or INDEX_NONE */
	struct ends ends[2];
	unsigned closed; /* and that no passage covers yet */
	unsigned hardness;
	bool usable;
};

/* What a firewall opens most easily: to a relay, to a public address, within
 * one network; two networks of private addresses never meet. */
static unsigned hardness_of(const struct pair *p, const struct endpoint *dst,
			    const struct endpoint *src)
{
	if (p->types[0] == TYPE_RELAY && p->types[1] == TYPE_RELAY)
		return 0;
	if (leads_inside(src, dst))
		return 4;
	if (p->types[0] == TYPE_RELAY || p->types[1] == TYPE_RELAY)
		return 1;
	if (!endpoint_is_private(dst))
		return 2;
	return 3;
}

static struct port_range ports_at(const struct making *m, const struct pair *p,
				  unsigned end)
{
	const struct endpoint *e = end_at(m->model, end ? p->b : p->a);

	return is_relayed(m, p, end) ? ports_of_relay(&m->relays, e)
				     : ports_of_client(m->model, call_of(m), e);
}

/* Would the relay at this end let packets to the other one out?  One of
 * [MS-TURN] does whenever it is asked to send (RFC 8656 9). */
static bool is_permitted(const struct making *m, const struct pair *p,
			 unsigned end)
{
	const struct endpoint *peer = end_at(m->model, end ? p->a : p->b);
	const struct opening *rows = m->model->openings.rows;
	const struct allocation *a;
	uint32_t at;

	if (p->through[end] == CHAIN_END)
		return true;
	a = list_at(&m->model->allocations, p->through[end]);
	at = a->openings.count ? a->openings.first : CHAIN_END;
	for (; at != CHAIN_END; at = rows[at].next)
		if (endpoint_same_ip(end_at(m->model, rows[at].peer), peer))
			return true;
	return a->ms_turn;
}

/* A relay that gives out a private address is known outside by another one,
 * which nobody knows; inside it may be right. */
static bool is_nowhere(const struct making *m, const struct pair *p)
{
	for (unsigned end = 0; end < 2; end++)
		if (is_relayed(m, p, end) &&
		    leads_inside(end_at(m->model, end ? p->a : p->b),
				 end_at(m->model, end ? p->b : p->a)))
			return true;
	return false;
}

static void take_way(const struct making *m, const struct pair *p,
		     unsigned side, struct way *way)
{
	const struct endpoint *src = end_at(m->model, side ? p->b : p->a);
	const struct endpoint *dst = end_at(m->model, side ? p->a : p->b);
	uint32_t row;

	/* What a relay hands on has passed every firewall but the one to the
	 * relay's client, from which other answers came; and what was seen to
	 * arrive passed all of them. */
	if (!p->way[side].requests || p->way[side].responses ||
	    p->delivered[side] || p->arrived & 1u << side || is_nowhere(m, p))
		return;
	row = path_between(m, src, dst, NULL, PATH_CHECK);
	if (row == INDEX_NONE || !is_blocked(m, row) ||
	    !is_permitted(m, p, side) ||
	    reach_is_cut_by_nat(m->model, call_of(m), src, dst))
		return;
	way->paths[side] = row;
	way->ends[side] =
		(struct ends){ports_at(m, p, !side), ports_at(m, p, side)};
	way->closed += passage_for(m, row, false) == NULL;
	way->usable = true;
	if (hardness_of(p, dst, src) > way->hardness)
		way->hardness = hardness_of(p, dst, src);
}

static struct way way_of(const struct making *m, const struct pair *p)
{
	struct way way = {.paths = {INDEX_NONE, INDEX_NONE}};

	take_way(m, p, 0, &way);
	take_way(m, p, 1, &way);
	return way;
}

static bool is_easier(const struct way *a, const struct way *b)
{
	if (!b->usable)
		return true;
	return a->closed != b->closed ? a->closed < b->closed
				      : a->hardness < b->hardness;
}

static void need_pair(struct making *m, const struct pair *p)
{
	for (unsigned side = 0; side < 2; side++) {
		uint32_t row = path_between(
			m, end_at(m->model, side ? p->b : p->a),
			end_at(m->model, side ? p->a : p->b), NULL, PATH_CHECK);

		if (row != INDEX_NONE)
			m->out.needed[row] = true;
	}
}

/* Two hosts with private addresses may be far apart. */
#define HARD 3u

/* The way that wants the least, if any is of use and the relay is not the
 * better one. */
static struct way best_way(struct making *m, const struct session *x)
{
	const struct pair *pairs = m->model->pairs.rows;
	struct way best = {.usable = false};

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next) {
		struct way way = way_of(m, &pairs[i]);

		if (way.usable && is_easier(&way, &best))
			best = way;
	}
	return best;
}

static void need_selected(struct making *m, const struct session *x)
{
	const struct pair *pairs = m->model->pairs.rows;

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next)
		if (pairs[i].selected)
			need_pair(m, &pairs[i]);
}

static void want_way(struct making *m, const struct way *way)
{
	for (unsigned side = 0; way->usable && side < 2; side++)
		if (way->paths[side] != INDEX_NONE)
			want(m, way->paths[side], false, &way->ends[side]);
}

/* Do both ends get answers of each other, be they errors?  Then nothing keeps
 * packets from that way, and openings would not help. */
static bool is_heard(const struct making *m, const struct session *x)
{
	const struct pair *pairs = m->model->pairs.rows;

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next) {
		const struct direction *way = pairs[i].way;

		if (way[0].responses + way[0].errors &&
		    way[1].responses + way[1].errors)
			return true;
	}
	return false;
}

/* A relay takes one port, and gives out thousands. */
#define MANY_PORTS 1000

static bool wants_many_ports(const struct way *way)
{
	for (unsigned side = 0; side < 2; side++)
		if (way->paths[side] != INDEX_NONE &&
		    way->ends[side].to.high - way->ends[side].to.low >=
			    MANY_PORTS)
			return true;
	return false;
}

/* What checks that failed want: false when it is the relay that is wanted. */
static bool of_pairs(struct making *m, const struct call *call,
		     const struct relays *relays)
{
	const struct session *rows = m->model->sessions.rows;
	bool failed = call->stages[STAGE_PROBING].state == STATE_FAILED;
	bool served = false;

	for (uint32_t i = 0; i < call->sessions.count; i++) {
		const struct session *x = &rows[call->sessions.list[i]];
		struct way way;

		need_selected(m, x);
		if (!failed)
			continue;
		if (is_heard(m, x)) {
			served = true;
			continue;
		}
		way = best_way(m, x);
		if (!way.usable ||
		    ((way.hardness >= HARD || wants_many_ports(&way)) &&
		     relays->best != INDEX_NONE && !relays->granted))
			continue;
		want_way(m, &way);
		served = true;
	}
	return served;
}

/* ---- all calls ---- */

static void of_call(struct making *m, const struct call *call)
{
	bool failed = call->outcome == OUTCOME_FAILED ||
		      call->outcome == OUTCOME_UNANSWERED ||
		      call->stages[STAGE_GATHERING].state == STATE_FAILED;
	struct relays relays;
	bool served;

	of_dialogs(m, call, failed);
	of_registrations(m, call, failed);
	of_shut(m, call);
	relays = relays_of(m, call);
	served = of_pairs(m, call, &relays);
	if (relays.best == INDEX_NONE)
		return;
	if (!relays.granted && failed && !served)
		want(m, relays.best, false, NULL);
	/* UDP to a relay that was reached over TCP would be better. */
	else if (relays.granted && !relays.granted_udp && relays.best_udp)
		want(m, relays.best, true, NULL);
}

struct firewall firewall_of(const struct model *model)
{
	struct making m = {.model = model, .key = (uint64_t)(uintptr_t)model};
	const struct call *calls = model->calls.rows;

	m.relays = relay_hosts_of(model);
	m.out.needed = calloc(model->paths.count + 1, sizeof(bool));
	m.out.passages = calloc(PASSAGES_MAX, sizeof(*m.out.passages));
	if (!m.out.needed || !m.out.passages || !index_paths(&m)) {
		firewall_free(&m.out);
	} else {
		for (size_t i = 0; i < model->calls.count; i++) {
			m.call = (uint32_t)i;
			of_call(&m, &calls[i]);
		}
	}
	index_free(&m.index);
	index_free(&m.passages);
	relay_hosts_free(&m.relays);
	return m.out;
}

void firewall_free(struct firewall *firewall)
{
	free(firewall->passages);
	free(firewall->needed);
	*firewall = (struct firewall){0};
}
