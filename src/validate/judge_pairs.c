/* The pairs of a call: what their ends are, and which of them are in use. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "validate/verdict_state.h"

static struct session *session_at(struct judging *j, size_t i)
{
	return list_at(&j->model->sessions, j->call->sessions.list[i]);
}

static struct pair *pair_at(struct judging *j, size_t at)
{
	return list_at(&j->model->pairs, at);
}

static bool nominated(const struct pair *p)
{
	return p->way[0].nominated || p->way[1].nominated;
}

/* ---- what the ends of a pair are ---- */

static uint8_t type_in(struct judging *j, const struct description *d,
		       const struct endpoint *e)
{
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;

	while (at != LIST_NONE) {
		const struct candidate *c = list_at(&j->model->candidates, at);

		if (c->type && endpoint_equal(&c->endpoint, e))
			return c->type;
		at = c->next;
	}
	return 0;
}

static uint8_t type_gathered(struct judging *j, const struct endpoint *e)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (endpoint_equal(&a->relayed, e))
			return 4;
		if (endpoint_equal(&a->client, e))
			return 1;
		if (endpoint_equal(&a->reflexive, e))
			return 2;
	}
	return 0;
}

static uint8_t type_of(struct judging *j, const struct endpoint *e)
{
	uint8_t type = 0;

	if (j->dialog)
		type = type_in(j, &j->dialog->offer, e);
	if (!type && j->dialog)
		type = type_in(j, &j->dialog->reply, e);
	if (!type)
		type = type_gathered(j, e);
	/* With both descriptions at hand what is in none is peer-reflexive. */
	if (!type && j->dialog && j->dialog->offer.candidate_count &&
	    j->dialog->reply.candidate_count)
		type = 3;
	return type;
}

/* ---- which pairs are in use ---- */

/* Direct before one relay before two. */
static unsigned badness(const struct pair *p)
{
	return (unsigned)p->relayed + (p->types[0] == 4) + (p->types[1] == 4);
}

/*
 * Of pairs that share an end one is in use.  Regular nomination: the last one.
 * Aggressive: all are nominated and the best valid pair wins (RFC 5245
 * 8.1.1.2).
 */
struct contender {
	unsigned badness;
	nanoseconds rank;
	size_t pair;
};

static int compare(const void *a, const void *b)
{
	const struct contender *x = a, *y = b;

	if (x->badness != y->badness)
		return x->badness < y->badness ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->pair > y->pair) - (x->pair < y->pair);
}

static struct contender contender(const struct session *x, const struct pair *p,
				  size_t at)
{
	if (x->aggressive)
		return (struct contender){badness(p), p->nominated.time, at};
	return (struct contender){0, -p->nominated.time, at};
}

/* The ends that selected pairs use; 2 * pair, + 1 for the second end. */
struct used {
	const struct pair *pairs;
	struct index index;
	uint64_t key;
};

static bool same_end(const void *rows, uint32_t row, const void *key)
{
	const struct pair *p = (const struct pair *)rows + row / 2;

	return endpoint_equal(row % 2 ? &p->b : &p->a, key);
}

static uint64_t end_hash(const struct used *used, const struct endpoint *e)
{
	return hash_bytes(used->key, slice_of(e, sizeof(*e)));
}

static bool is_used(const struct used *used, const struct endpoint *e)
{
	return index_find(&used->index, end_hash(used, e), same_end,
			  used->pairs, e) != INDEX_NONE;
}

static void use(struct judging *j, struct used *used, size_t at)
{
	struct pair *p = pair_at(j, at);
	uint32_t row = (uint32_t)at * 2;

	p->selected = true;
	if (index_add(&used->index, end_hash(used, &p->a), row) != STATUS_OK ||
	    index_add(&used->index, end_hash(used, &p->b), row + 1) !=
		    STATUS_OK)
		j->model->out_of_memory = true;
}

static void select_from(struct judging *j, struct contender *list, size_t count)
{
	struct used used = {.pairs = j->model->pairs.rows,
			    .key = (uint64_t)(uintptr_t)j->model};

	qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < count; i++) {
		const struct pair *p = pair_at(j, list[i].pair);

		if (!is_used(&used, &p->a) && !is_used(&used, &p->b))
			use(j, &used, list[i].pair);
	}
	index_free(&used.index);
}

static void select_pairs(struct judging *j, struct session *x)
{
	struct contender *list = calloc(x->pairs, sizeof(*list));
	size_t count = 0;

	if (!list) {
		j->model->out_of_memory = true;
		return;
	}
	for (size_t i = x->first_pair; i != LIST_NONE; i = pair_at(j, i)->next)
		if (nominated(pair_at(j, i)) && count < x->pairs)
			list[count++] = contender(x, pair_at(j, i), i);
	if (count == 1)
		pair_at(j, list[0].pair)->selected = true;
	else if (count)
		select_from(j, list, count);
	free(list);
}

/* The client that gathered in this capture stands first. */
static void put_own_end_first(struct judging *j, struct pair *p)
{
	struct direction way = p->way[0];
	struct endpoint a = p->a, seen_as = p->seen_as[0];

	if (type_gathered(j, &p->a) || !type_gathered(j, &p->b))
		return;
	p->a = p->b;
	p->b = a;
	p->way[0] = p->way[1];
	p->way[1] = way;
	p->seen_as[0] = p->seen_as[1];
	p->seen_as[1] = seen_as;
}

void judge_pairs(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		struct session *x = session_at(j, i);

		for (size_t k = x->first_pair; k != LIST_NONE;
		     k = pair_at(j, k)->next) {
			struct pair *p = pair_at(j, k);

			put_own_end_first(j, p);
			p->types[0] = type_of(j, &p->a);
			p->types[1] = type_of(j, &p->b);
		}
		select_pairs(j, x);
	}
}
