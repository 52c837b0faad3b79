/* What belongs to the chosen calls: conversations, relayed addresses, hosts,
 * Call-IDs. */
#include "config.h"

#include <stdlib.h>

#include "cli/extract_parts.h"
#include "dissectors/dns.h"

#define ROWS_MAX ((size_t)1 << 22)
#define BEFORE (1 * NS_PER_S)
#define BEHIND (5 * NS_PER_S)
/* Fragments are waited for as long as that (RFC 1122 3.3.2). */
#define BEHIND_FRAGMENTS (120 * NS_PER_S)

uint64_t belongings_hash(struct slice call_id)
{
	return hash_bytes(0, call_id);
}

/* ---- conversations ---- */

static bool same(const void *rows, uint32_t row, const void *key)
{
	const struct conversation *one = rows, *other = key;

	return memcmp(&one[row].a, &other->a, sizeof(other->a)) == 0 &&
	       memcmp(&one[row].b, &other->b, sizeof(other->b)) == 0;
}

static struct conversation between(const struct endpoint *a,
				   const struct endpoint *b)
{
	bool turned = memcmp(a, b, sizeof(*a)) > 0;

	return (struct conversation){.a = turned ? *b : *a,
				     .b = turned ? *a : *b};
}

static uint64_t hash_of(const struct conversation *c)
{
	return hash_bytes(hash_bytes(1, slice_of(&c->a, sizeof(c->a))),
			  slice_of(&c->b, sizeof(c->b)));
}

static struct conversation *find(const struct belongings *b,
				 const struct conversation *key)
{
	uint32_t row = index_find(&b->index, hash_of(key), same,
				  b->conversations.rows, key);

	return row == INDEX_NONE ? NULL : list_at(&b->conversations, row);
}

/* The row of two ends, a new one when there is none; NULL: memory is out. */
static struct conversation *add(struct belongings *b,
				const struct endpoint *src,
				const struct endpoint *dst)
{
	struct conversation key = between(src, dst), *row;

	if (src->family == FAMILY_NONE || dst->family == FAMILY_NONE)
		return NULL;
	row = find(b, &key);
	if (row)
		return row;
	row = list_add(&b->conversations);
	if (!row ||
	    index_add(&b->index, hash_of(&key),
		      (uint32_t)b->conversations.count - 1) != STATUS_OK) {
		b->failed = true;
		return NULL;
	}
	*row = key;
	row->from = INT64_MAX;
	row->to = INT64_MIN;
	row->messages = true;
	return row;
}

static void add_whole(struct belongings *b, const struct endpoint *src,
		      const struct endpoint *dst, const struct call *call)
{
	struct conversation *row = add(b, src, dst);

	if (!row)
		return;
	row->messages = false;
	if (call->start - BEFORE < row->from)
		row->from = call->start - BEFORE;
	if (call->end + BEHIND > row->to)
		row->to = call->end + BEHIND;
}

static void add_end(struct list *list, const struct endpoint *e, bool host)
{
	struct endpoint *row;
	struct endpoint kept = *e;

	if (host)
		kept.port = 0;
	if (kept.family == FAMILY_NONE)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (memcmp(list_at(list, i), &kept, sizeof(kept)) == 0)
			return;
	row = list_add(list);
	if (row)
		*row = kept;
}

/* ---- a call ---- */

static void add_id(struct list *to, const char *call_id)
{
	uint64_t *row = call_id ? list_add(to) : NULL;

	if (row)
		*row = belongings_hash(slice_of_text(call_id));
}

static void add_call_id(struct belongings *b, const char *call_id)
{
	add_id(&b->call_ids, call_id);
}

static void add_lasting(struct belongings *b, const char *call_id)
{
	add_call_id(b, call_id);
	add_id(&b->lasting, call_id);
}

/* RTCP is one port up on both sides where it is not multiplexed. */
static void add_media(struct belongings *b, const struct model *m,
		      const struct call *call)
{
	const struct media *rows = m->media.rows;

	for (uint32_t i = 0; i < call->media.count; i++) {
		const struct media *s = &rows[call->media.list[i]];
		struct endpoint src = s->src, dst = s->dst;

		add_whole(b, &src, &dst, call);
		src.port++;
		dst.port++;
		add_whole(b, &src, &dst, call);
	}
}

/* Where descriptions were told outside of SIP. */
static void add_told(struct belongings *b, const struct model *m,
		     const uint32_t told[2], const struct call *call)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct told_description *t;

		if (told[i] == CHAIN_END)
			continue;
		t = list_at(&m->told, told[i]);
		add_whole(b, end_at(m, t->src), end_at(m, t->dst), call);
		if (t->again_src)
			add_whole(b, end_at(m, t->again_src),
				  end_at(m, t->again_dst), call);
	}
}

static void add_pairs(struct belongings *b, const struct model *m,
		      const struct call *call)
{
	const struct session *sessions = m->sessions.rows;
	const struct pair *pairs = m->pairs.rows;

	add_told(b, m, call->told, call);
	for (uint32_t i = 0; i < call->sessions.count; i++) {
		const struct session *x = &sessions[call->sessions.list[i]];
		size_t k = x->first_pair;

		add_told(b, m, x->told, call);
		for (; k != LIST_NONE; k = pairs[k].next)
			add_whole(b, end_at(m, pairs[k].a),
				  end_at(m, pairs[k].b), call);
	}
}

static void add_client_of(struct belongings *b, const struct model *m,
			  const struct allocation *a, const struct call *call)
{
	add_whole(b, end_at(m, a->client), end_at(m, a->server), call);
	add_whole(b, end_at(m, a->client), end_at(m, a->answered_from), call);
	/* Where the relay sent it on to. */
	add_whole(b, end_at(m, a->client), end_at(m, a->alternate), call);
}

/* Where the client is when NAT has given it another address: the relay takes it
 * for another one, which belongs to no call. */
static void add_moved(struct belongings *b, const struct model *m,
		      const struct allocation *a, const struct call *call)
{
	const struct allocation *rows = m->allocations.rows;
	const struct fact *f = fact_of(m, &a->facts, FACT_REBOUND);

	for (; f; f = fact_after(m, f))
		if (!(f->value & REBOUND_BINDING))
			add_client_of(b, m, &rows[f->value], call);
}

static void add_gathering(struct belongings *b, const struct model *m,
			  const struct call *call)
{
	const struct allocation *rows = m->allocations.rows;
	const struct binding *bindings = m->bindings.rows;

	for (uint32_t i = 0; i < call->allocations.count; i++) {
		const struct allocation *a = &rows[call->allocations.list[i]];

		add_client_of(b, m, a, call);
		/* The same as another vantage sees it, behind a NAT. */
		add_whole(b, end_at(m, a->reflexive), end_at(m, a->server),
			  call);
		add_end(&b->ends, end_at(m, a->relayed), false);
		add_end(&b->ends, end_at(m, a->relayed_other), false);
		add_end(&b->hosts, end_at(m, a->client), true);
		add_moved(b, m, a, call);
	}
	for (uint32_t i = 0; i < call->bindings.count; i++) {
		const struct binding *one = &bindings[call->bindings.list[i]];

		add_whole(b, end_at(m, one->client), end_at(m, one->server),
			  call);
		add_whole(b, end_at(m, one->mapped), end_at(m, one->server),
			  call);
		add_end(&b->hosts, end_at(m, one->client), true);
	}
}

/* The web services that a sign-in asks. */
static void add_webs(struct belongings *b, const struct model *m,
		     const struct registration *r, const struct call *call)
{
	const struct sign_in *x =
		r->sign_in ? list_at(&m->sign_ins, r->sign_in - 1) : NULL;
	const struct web_call *webs = m->webs.rows;
	uint32_t at = x && x->webs.count ? x->webs.first : CHAIN_END;

	for (; at != CHAIN_END; at = webs[at].next)
		add_whole(b, &webs[at].client, &webs[at].server, call);
}

/* A sign-in goes on in the dialog that tells its settings. */
static void add_registration(struct belongings *b, const struct model *m,
			     const struct registration *r,
			     const struct call *call)
{
	const char *provisioning = provisioning_call_id(m, r);

	add_lasting(b, r->call_id);
	add_lasting(b, provisioning);
	add_webs(b, m, r, call);
}

static void add_signalling(struct belongings *b, const struct model *m,
			   const struct call *call)
{
	const struct registration *registrations = m->registrations.rows;
	const struct token *tokens = m->tokens.rows;
	const struct dialog *dialogs = m->dialogs.rows;
	const struct handshake *handshakes = m->handshakes.rows;

	add_call_id(b, call->call_id);
	for (uint32_t i = 0; i < call->dialogs.count; i++)
		add_call_id(b, dialogs[call->dialogs.list[i]].call_id);
	for (uint32_t i = 0; i < call->registrations.count; i++)
		add_registration(b, m,
				 &registrations[call->registrations.list[i]],
				 call);
	for (uint32_t i = 0; i < call->tokens.count; i++)
		add_lasting(b, tokens[call->tokens.list[i]].call_id);
	for (uint32_t i = 0; i < call->handshakes.count; i++) {
		const struct handshake *h =
			&handshakes[call->handshakes.list[i]];

		add_whole(b, &h->a, &h->b, call);
	}
}

/* Servers to which no connection came about, from any port of the client. */
static void add_shut(struct belongings *b, const struct model *m,
		     const struct call *call)
{
	const struct shut *x =
		call->shut ? list_at(&m->shuts, call->shut - 1) : NULL;
	struct endpoint client;

	if (!x)
		return;
	client = x->client;
	client.port = 0;
	add_whole(b, &client, &x->server, call);
	add_end(&b->hosts, &client, true);
	b->any_port = true;
}

static void add_call(struct belongings *b, const struct model *m,
		     const struct call *call)
{
	add_signalling(b, m, call);
	add_shut(b, m, call);
	add_gathering(b, m, call);
	add_pairs(b, m, call);
	add_media(b, m, call);
	if (call->start < b->from)
		b->from = call->start;
	if (call->end > b->to)
		b->to = call->end;
}

/* Checks went through a relay whose allocation is not in the capture. */
static void add_carried(struct belongings *b, const struct list *carried)
{
	for (size_t i = 0; i < carried->count; i++) {
		const struct carried *c = list_at(carried, i);
		struct conversation key = between(&c->src, &c->dst);
		const struct conversation *inner = find(b, &key);
		nanoseconds from = inner ? inner->from : 0;
		nanoseconds to = inner ? inner->to : 0;
		struct conversation *outer =
			inner ? add(b, &c->outer_src, &c->outer_dst) : NULL;

		if (!outer)
			continue;
		outer->messages = false;
		if (from < outer->from)
			outer->from = from;
		if (to > outer->to)
			outer->to = to;
	}
}

/* ---- others ---- */

static void note_shared(struct belongings *b, const struct endpoint *x,
			const struct endpoint *y)
{
	struct conversation key = between(x, y), *row = find(b, &key);

	if (row)
		row->shared = true;
}

/* A conversation that another call uses belongs only while ours lasts. */
static void note_other(struct belongings *b, const struct model *m,
		       const struct call *call)
{
	const struct media *media = m->media.rows;
	const struct session *sessions = m->sessions.rows;
	const struct pair *pairs = m->pairs.rows;

	for (uint32_t i = 0; i < call->media.count; i++)
		note_shared(b, &media[call->media.list[i]].src,
			    &media[call->media.list[i]].dst);
	for (uint32_t i = 0; i < call->sessions.count; i++) {
		size_t k = sessions[call->sessions.list[i]].first_pair;

		for (; k != LIST_NONE; k = pairs[k].next)
			note_shared(b, end_at(m, pairs[k].a),
				    end_at(m, pairs[k].b));
	}
}

static int by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool has_id(const struct list *ids, uint64_t call_id)
{
	return ids->count && bsearch(&call_id, ids->rows, ids->count,
				     sizeof(uint64_t), by_hash) != NULL;
}

static void sort_ids(struct list *ids)
{
	if (ids->count)
		qsort(ids->rows, ids->count, sizeof(uint64_t), by_hash);
}

/* Where the chosen messages went. */
static void add_heard(struct belongings *b, const struct list *heard)
{
	for (size_t i = 0; i < heard->count; i++) {
		const struct heard *h = list_at(heard, i);
		struct conversation *row;

		if (!belongings_has_call(b, h->call_id))
			continue;
		row = add(b, &h->src, &h->dst);
		add_end(&b->hosts, &h->src, true);
		if (!row || !h->stream)
			continue;
		row->whole |= !row->messages || !h->apart ||
			      has_id(&b->lasting, h->call_id);
		row->parts = true;
	}
}

/* A connection belongs by packets where other calls use it as well. */
static void part_connections(struct belongings *b, const struct list *heard)
{
	struct conversation *rows = b->conversations.rows;

	for (size_t i = 0; i < heard->count; i++) {
		const struct heard *h = list_at(heard, i);
		struct conversation key = between(&h->src, &h->dst), *row;

		if (!h->stream || belongings_has_call(b, h->call_id))
			continue;
		row = find(b, &key);
		if (row)
			row->others = true;
	}
	for (size_t i = 0; i < b->conversations.count; i++) {
		if (!rows[i].parts || (rows[i].others && !rows[i].whole))
			continue;
		rows[i].parts = rows[i].messages = rows[i].shared = false;
	}
}

void belongings_gather(struct belongings *b, const struct report_job *job,
		       const struct list *heard, const struct list *carried)
{
	const struct model *m = job->model;

	*b = (struct belongings){.from = INT64_MAX, .to = INT64_MIN};
	b->conversations = list_of(sizeof(struct conversation), ROWS_MAX);
	b->ends = list_of(sizeof(struct endpoint), ROWS_MAX);
	b->hosts = list_of(sizeof(struct endpoint), ROWS_MAX);
	b->call_ids = list_of(sizeof(uint64_t), ROWS_MAX);
	b->lasting = list_of(sizeof(uint64_t), ROWS_MAX);
	for (size_t i = 0; i < m->calls.count; i++)
		if (selection_has(job->selection, SELECTED_CALLS, i))
			add_call(b, m, list_at(&m->calls, i));
	add_carried(b, carried);
	sort_ids(&b->call_ids);
	sort_ids(&b->lasting);
	for (size_t i = 0; i < m->calls.count; i++)
		if (!selection_has(job->selection, SELECTED_CALLS, i))
			note_other(b, m, list_at(&m->calls, i));
	add_heard(b, heard);
	part_connections(b, heard);
}

void belongings_free(struct belongings *b)
{
	list_free(&b->conversations);
	list_free(&b->ends);
	list_free(&b->hosts);
	list_free(&b->call_ids);
	list_free(&b->lasting);
	index_free(&b->index);
}

bool belongings_has_call(const struct belongings *b, uint64_t call_id)
{
	return has_id(&b->call_ids, call_id);
}

/* ---- packets ---- */

static bool has_end(const struct list *list, const struct endpoint *e,
		    bool host)
{
	struct endpoint key = *e;

	if (host)
		key.port = 0;
	for (size_t i = 0; i < list->count; i++)
		if (memcmp(list_at(list, i), &key, sizeof(key)) == 0)
			return true;
	return false;
}

/* The conversation of two ends, or that of any port of one of them. */
static const struct conversation *row_of(const struct belongings *b,
					 const struct endpoint *src,
					 const struct endpoint *dst)
{
	struct endpoint from = *src, to = *dst;
	struct conversation key = between(src, dst);
	const struct conversation *row = find(b, &key);

	if (row || !b->any_port)
		return row;
	from.port = 0;
	key = between(&from, dst);
	row = find(b, &key);
	if (row)
		return row;
	to.port = 0;
	key = between(src, &to);
	return find(b, &key);
}

/* `quoted`: inside an ICMP error, which may be about a SIP message of so long
 * before; 0: it is in none. */
static bool has_ends(const struct belongings *b, const struct endpoint *src,
		     const struct endpoint *dst, nanoseconds time,
		     nanoseconds quoted)
{
	const struct conversation *row = row_of(b, src, dst);

	if (row && row->messages)
		return quoted && time >= b->from - BEFORE &&
		       time <= b->to + quoted;
	if (row)
		return !row->shared || (time >= row->from && time <= row->to);
	return has_end(&b->ends, src, false) || has_end(&b->ends, dst, false);
}

const struct conversation *belongings_parts(const struct belongings *b,
					    const struct packet *packet)
{
	struct conversation key = between(&packet->src, &packet->dst);
	const struct conversation *row = find(b, &key);

	return row && row->parts ? row : NULL;
}

/* Names that the hosts asked for while the calls lasted. */
static bool is_their_dns(const struct belongings *b,
			 const struct packet *packet, nanoseconds time)
{
	const struct endpoint *client = NULL;

	if (packet->protocol != IP_UDP)
		return false;
	if (packet->dst.port == DNS_PORT)
		client = &packet->src;
	else if (packet->src.port == DNS_PORT)
		client = &packet->dst;
	else if (packet->dst.port == DNS_PORT_MULTICAST)
		client = &packet->src;
	return client && time >= b->from - BEHIND && time <= b->to &&
	       has_end(&b->hosts, client, true);
}

/* The time to put them together was exceeded (RFC 792, RFC 4443 3.3). */
static bool is_about_fragments(const struct icmp_error *e)
{
	return e->code == 1 && e->type == (e->version == 4 ? 11 : 3);
}

bool belongings_has_packet(const struct belongings *b,
			   const struct packet *packet, nanoseconds time)
{
	if (packet->has_icmp)
		return has_ends(b, &packet->icmp.src, &packet->icmp.dst, time,
				is_about_fragments(&packet->icmp)
					? BEHIND_FRAGMENTS
					: BEHIND);
	return has_ends(b, &packet->src, &packet->dst, time, 0) ||
	       is_their_dns(b, packet, time);
}
