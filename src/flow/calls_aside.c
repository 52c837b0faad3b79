/*
 * Addresses of a client that lead nowhere: of a container bridge, a VPN, a
 * link-local one.  An agent asks each server from each address of its host
 * (RFC 8445 5.1.1.1), so what is asked from such a one belongs to the client
 * that asks the same server at the same time from another and is answered.
 *
 * It is believed of an address to which nothing comes back in the whole
 * capture, and where only one client can be meant.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/stages_state.h"

/* An agent asks from all its addresses within this time. */
#define AT_ONCE (500 * NS_PER_MS)
/* So many that were answered at the time are looked at. */
#define ANSWERED_MAX 16u

/* What a server answered. */
struct answered {
	uint64_t server;
	nanoseconds time; /* of the request */
	uint32_t row;
	bool binding;
};

struct asides {
	struct answered *list;
	size_t count;
	uint64_t *hosts; /* to which anything comes back */
	size_t host_count;
};

static const struct allocation *gathered_at(const struct stages *s, size_t i)
{
	return list_at(&s->model->allocations, i);
}

static const struct binding *learned_at(const struct stages *s, size_t i)
{
	return list_at(&s->model->bindings, i);
}

static bool is_answered(const struct allocation *a)
{
	return a->granted || a->error_count;
}

static bool is_silent(const struct allocation *a)
{
	return a->unanswered && !is_answered(a) && !a->obstacle.count;
}

static bool asks_in_vain(const struct binding *b)
{
	return b->answers == 0 && !b->obstacle.count;
}

static bool is_any_silent(const struct stages *s)
{
	for (size_t i = 0; i < s->model->allocations.count; i++)
		if (is_silent(gathered_at(s, i)))
			return true;
	for (size_t i = 0; i < s->model->bindings.count; i++)
		if (asks_in_vain(learned_at(s, i)))
			return true;
	return false;
}

static uint64_t hash_host(const struct stages *s, const struct endpoint *e)
{
	struct endpoint host = *e;

	host.port = 0;
	return stages_hash(s, slice_of(&host, sizeof(host)));
}

static uint64_t hash_server(const struct stages *s, end_number server)
{
	const struct endpoint *e = end_at(s->model, server);

	return stages_hash(s, slice_of(e, sizeof(*e)));
}

/* ---- what was answered ---- */

static void add_answered(const struct stages *s, struct asides *to,
			 end_number client, end_number server,
			 const struct answered *as)
{
	struct answered *row = &to->list[to->count++];

	*row = *as;
	row->server = hash_server(s, server);
	to->hosts[to->host_count++] = hash_host(s, end_at(s->model, client));
}

static void list_answered(const struct stages *s, struct asides *to)
{
	for (size_t i = 0; i < s->model->allocations.count; i++) {
		const struct allocation *a = gathered_at(s, i);

		if (is_answered(a))
			add_answered(s, to, a->client, a->server,
				     &(struct answered){
					     .time = place_time(s->model,
								a->request),
					     .row = (uint32_t)i});
	}
	for (size_t i = 0; i < s->model->bindings.count; i++) {
		const struct binding *b = learned_at(s, i);

		if (b->answers)
			add_answered(s, to, b->client, b->server,
				     &(struct answered){
					     .time = place_time(s->model,
								b->request),
					     .row = (uint32_t)i,
					     .binding = true});
	}
}

static void list_hosts(const struct stages *s, struct asides *to)
{
	const struct pair *pairs = s->model->pairs.rows;
	const struct media *media = s->model->media.rows;

	for (size_t i = 0; i < s->model->pairs.count; i++) {
		if (pairs[i].way[0].responses)
			to->hosts[to->host_count++] =
				hash_host(s, end_at(s->model, pairs[i].a));
		if (pairs[i].way[1].responses)
			to->hosts[to->host_count++] =
				hash_host(s, end_at(s->model, pairs[i].b));
	}
	for (size_t i = 0; i < s->model->media.count; i++)
		to->hosts[to->host_count++] = hash_host(s, &media[i].dst);
}

static int by_server(const void *a, const void *b)
{
	const struct answered *x = a, *y = b;

	if (x->server != y->server)
		return x->server < y->server ? -1 : 1;
	return (x->time > y->time) - (x->time < y->time);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* False: memory is out. */
static bool list_all(struct stages *s, struct asides *to)
{
	const struct model *m = s->model;
	size_t answered = m->allocations.count + m->bindings.count;

	to->list = calloc(answered, sizeof(*to->list));
	to->hosts = calloc(answered + 2 * m->pairs.count + m->media.count,
			   sizeof(*to->hosts));
	if (!to->list || !to->hosts) {
		s->model->out_of_memory = true;
		return false;
	}
	list_answered(s, to);
	list_hosts(s, to);
	if (to->count)
		qsort(to->list, to->count, sizeof(*to->list), by_server);
	if (to->host_count)
		qsort(to->hosts, to->host_count, sizeof(*to->hosts), by_value);
	return true;
}

/* ---- whose it is ---- */

static size_t first_since(const struct asides *in, const struct answered *key)
{
	size_t low = 0, high = in->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_server(&in->list[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static end_number client_of(const struct stages *s, const struct answered *x)
{
	return x->binding ? learned_at(s, x->row)->client
			  : gathered_at(s, x->row)->client;
}

/* What the one client was answered that asked that server at that time from
 * another address of its kind; NULL: none, or it may be of several. */
static const struct answered *other_of(struct stages *s,
				       const struct asides *in,
				       end_number client, end_number server,
				       place_number asked)
{
	nanoseconds time = place_time(s->model, asked);
	uint64_t host = hash_host(s, end_at(s->model, client));
	uint64_t hash = hash_server(s, server);
	const struct answered *found = NULL;
	size_t at = first_since(
		in, &(struct answered){.server = hash, .time = time - AT_ONCE});

	if (in->host_count &&
	    bsearch(&host, in->hosts, in->host_count, sizeof(host), by_value))
		return NULL;
	for (size_t n = 0; at < in->count; at++, n++) {
		const struct answered *x = &in->list[at];

		if (x->server != hash || x->time > time + AT_ONCE)
			break;
		if (n == ANSWERED_MAX ||
		    (found && !ends_share_host(s->model, client_of(s, found),
					       client_of(s, x))))
			return NULL;
		found = x;
	}
	return found;
}

static size_t call_of(const struct stages *s, const struct answered *x)
{
	return x->binding ? learned_at(s, x->row)->call
			  : gathered_at(s, x->row)->call;
}

static void take_allocation(struct stages *s, struct asides *in, size_t i)
{
	struct allocation *a = list_at(&s->model->allocations, i);
	const struct answered *other =
		is_silent(a) ? other_of(s, in, a->client, a->server, a->request)
			     : NULL;

	a->aside = other != NULL;
	if (!other || a->call != LIST_NONE)
		return;
	a->call = (uint32_t)call_of(s, other);
	if (a->call != LIST_NONE)
		model_member(
			s->model,
			&((struct call *)list_at(&s->model->calls, a->call))
				 ->allocations,
			i);
}

static void take_binding(struct stages *s, struct asides *in, size_t i)
{
	struct binding *b = list_at(&s->model->bindings, i);
	const struct answered *other =
		asks_in_vain(b)
			? other_of(s, in, b->client, b->server, b->request)
			: NULL;

	b->aside = other != NULL;
	if (!other || b->call != LIST_NONE)
		return;
	b->call = call_of(s, other);
	if (b->call != LIST_NONE)
		model_member(
			s->model,
			&((struct call *)list_at(&s->model->calls, b->call))
				 ->bindings,
			i);
}

void calls_join_asides(struct stages *s)
{
	struct asides all = {.count = 0};

	if (is_any_silent(s) && list_all(s, &all)) {
		for (size_t i = 0; i < s->model->allocations.count; i++)
			take_allocation(s, &all, i);
		for (size_t i = 0; i < s->model->bindings.count; i++)
			take_binding(s, &all, i);
	}
	free(all.list);
	free(all.hosts);
}

void calls_join_asides_left(struct stages *s)
{
	bool any = false;

	for (size_t i = 0; i < s->model->allocations.count && !any; i++)
		any = gathered_at(s, i)->aside &&
		      gathered_at(s, i)->call == LIST_NONE;
	for (size_t i = 0; i < s->model->bindings.count && !any; i++)
		any = learned_at(s, i)->aside &&
		      learned_at(s, i)->call == LIST_NONE;
	if (any)
		calls_join_asides(s);
}
