/*
 * Answers to checks that the capture does not hold: a capture of one direction
 * shows what an end sends, and nothing of what it hears.  So does a client that
 * sends through a relay whose challenge and grant are not there.
 */
#include "config.h"

#include "flow/stages_state.h"

struct unasked {
	struct endpoint src, dst; /* of the answer */
	place_number place;
};

static bool same_ends(const void *rows, uint32_t row, const void *key)
{
	const struct unasked *u = (const struct unasked *)rows + row;
	const struct unasked *k = key;

	return endpoint_equal(&u->src, &k->src) &&
	       endpoint_equal(&u->dst, &k->dst);
}

#define UNASKED_MAX 65536u

void unasked_begin(struct stages *s)
{
	s->unasked = list_of(sizeof(struct unasked), UNASKED_MAX);
}

void unasked_note(struct stages *s, const struct message *m)
{
	struct unasked key = {m->from.src, m->from.dst,
			      stages_place(s, &m->from)};
	uint64_t hash = stages_hash_ends(s, &key.src, &key.dst);
	struct unasked *u;

	if (index_find(&s->unasked_index, hash, same_ends, s->unasked.rows,
		       &key) != INDEX_NONE)
		return;
	u = list_add(&s->unasked);
	if (!u)
		return;
	*u = key;
	if (index_add(&s->unasked_index, hash,
		      (uint32_t)s->unasked.count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
}

static bool was_heard(const struct direction *asked,
		      const struct direction *back)
{
	return back->requests || asked->responses || asked->errors ||
	       asked->strays;
}

/* Nothing of what `side` was sent is there, but that it answers it. */
static void look(struct stages *s, struct pair *p, unsigned side)
{
	struct unasked key = {.src = *end_at(s->model, side ? p->b : p->a),
			      .dst = *end_at(s->model, side ? p->a : p->b)};
	uint32_t row;

	if (!p->way[side].requests || was_heard(&p->way[side], &p->way[!side]))
		return;
	row = index_find(&s->unasked_index,
			 stages_hash_ends(s, &key.src, &key.dst), same_ends,
			 s->unasked.rows, &key);
	if (row == INDEX_NONE)
		return;
	p->half_seen = true;
	cite(s->model, &p->cited,
	     ((struct unasked *)list_at(&s->unasked, row))->place);
}

/* Its client asks with a nonce, which the relay must have told it; no answer
 * of the relay is there: those are not in the capture. */
static bool is_half_heard(const struct allocation *a)
{
	return a->allocates && a->nonce && !a->error_count && !a->granted;
}

/* Checks that go through it show that it was granted, too. */
static void look_through(struct stages *s, struct pair *p, unsigned end)
{
	const struct allocation *a;

	if (p->through[end] == CHAIN_END ||
	    was_heard(&p->way[end], &p->way[!end]))
		return;
	a = list_at(&s->model->allocations, p->through[end]);
	if (!is_half_heard(a))
		return;
	p->half_seen = true;
	cite(s->model, &p->cited, a->request);
}

void unasked_finish(struct stages *s)
{
	struct list *pairs = &s->model->pairs;

	s->model->unasked = s->unasked.count;
	for (size_t i = 0; i < pairs->count; i++)
		for (unsigned side = 0; side < 2; side++) {
			if (s->unasked.count)
				look(s, list_at(pairs, i), side);
			look_through(s, list_at(pairs, i), side);
		}
}
