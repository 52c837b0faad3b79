/*
 * The ways to an allocation: its client and any server that was asked for it
 * or answered.
 */
#include "config.h"

#include "flow/stages_state.h"

struct ends {
	const struct endpoint *client, *server;
};

/* `rows`: the stages, whose model has the ends. */
static bool same_way(const void *rows, uint32_t row, const void *key)
{
	const struct stages *s = rows;
	const struct way *way = list_at(&s->ways, row);
	const struct ends *k = key;

	return endpoint_equal(end_at(s->model, way->client), k->client) &&
	       endpoint_equal(end_at(s->model, way->server), k->server);
}

/* The same way is asked for again and again. */
static struct way *way_of(struct stages *s, const struct ends *k)
{
	uint64_t hash;
	uint32_t row = s->last_way;

	if (row == CHAIN_END || !same_way(s, row, k)) {
		hash = stages_hash_ends(s, k->client, k->server);
		row = index_find(&s->allocations, hash, same_way, s, k);
		if (row == INDEX_NONE)
			return NULL;
		s->last_way = row;
	}
	return list_at(&s->ways, row);
}

uint32_t allocation_at(struct stages *s, const struct endpoint *client,
		       const struct endpoint *server)
{
	struct ends k = {client, server};
	const struct way *way = way_of(s, &k);

	return way ? way->allocation : CHAIN_END;
}

void allocation_lies_at(struct stages *s, uint32_t number,
			const struct endpoint *client,
			const struct endpoint *server)
{
	struct ends k = {client, server};
	uint64_t hash = stages_hash_ends(s, client, server);
	struct way *way = way_of(s, &k);

	if (way) {
		way->allocation = number;
		return;
	}
	way = list_add(&s->ways);
	if (!way)
		return;
	*way = (struct way){model_end(s->model, client),
			    model_end(s->model, server), number};
	if (index_add(&s->allocations, hash, (uint32_t)s->ways.count - 1) !=
	    STATUS_OK)
		s->model->out_of_memory = true;
}

static bool is_over(struct stages *s, const struct way *way)
{
	const struct allocation *a =
		list_at(&s->model->allocations, way->allocation);

	return a->released || a->lost;
}

void allocation_also_at(struct stages *s, uint32_t number,
			const struct endpoint *server)
{
	const struct allocation *a = list_at(&s->model->allocations, number);
	struct ends k = {end_at(s->model, a->client), server};
	const struct way *way;

	if (server->family == FAMILY_NONE)
		return;
	way = way_of(s, &k);
	if (!way || is_over(s, way))
		allocation_lies_at(s, number, end_at(s->model, a->client),
				   server);
}
