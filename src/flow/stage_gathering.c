/*
 * Stage 3, Bindings: the reflexive address as a plain STUN server tells it
 * (RFC 8489); requests to relays go on to stage_allocation.c.
 */
#include "config.h"

#include "flow/facts.h"
#include "flow/stages_state.h"

struct ends {
	end_number client, server;
};

static bool same_binding(const void *rows, uint32_t row, const void *key)
{
	const struct binding *b = (const struct binding *)rows + row;
	const struct ends *k = key;

	return b->client == k->client && b->server == k->server;
}

static uint64_t hash_ends(const struct stages *s, const struct ends *k)
{
	return hash_mix(s->key + ((uint64_t)k->client << 32 | k->server));
}

struct binding *stage_binding(struct stages *s, end_number client,
			      end_number server)
{
	const struct ends k = {client, server};
	struct list *list = &s->model->bindings;
	uint32_t row = index_find(&s->bindings, hash_ends(s, &k), same_binding,
				  list->rows, &k);

	return row == INDEX_NONE ? NULL : list_at(list, row);
}

static void binding_request(struct stages *s, const struct message *m)
{
	struct list *list = &s->model->bindings;
	struct ends k = {stages_src(s, &m->from), stages_dst(s, &m->from)};
	uint64_t hash = hash_ends(s, &k);
	uint32_t row =
		index_find(&s->bindings, hash, same_binding, list->rows, &k);
	struct pending *twin = pending_twin(s, m);
	struct pending *pending;
	struct binding *b;

	/* The other side of a NAT shows the same request. */
	if (twin && twin->subject == SUBJECT_BINDING && !twin->copy) {
		row = twin->row;
		pending = pending_note(s, m);
		pending->subject = SUBJECT_BINDING;
		pending->row = row;
		pending->copy = true;
		return;
	}
	if (row == INDEX_NONE) {
		b = list_add(list);
		if (!b)
			return;
		row = (uint32_t)list->count - 1;
		b->client = k.client;
		b->server = k.server;
		b->call = LIST_NONE;
		b->request = stages_place(s, &m->from);
		if (index_add(&s->bindings, hash, row) != STATUS_OK)
			s->model->out_of_memory = true;
	}
	b = list_at(list, row);
	pending = pending_note(s, m);
	pending->subject = SUBJECT_BINDING;
	pending->row = row;
	if (!sighting_note(&pending->asked, &m->from))
		return;
	pending->path = path_ask(s, &m->from, PATH_STUN);
	b->requests++;
	if (pending->asked.count > b->most_sends)
		b->most_sends = pending->asked.count;
}

/* Those that keep the mapping alive tell nothing new. */
static void note_mapped(struct stages *s, struct binding *b,
			const struct message *m)
{
	end_number mapped = b->mapped;

	if (m->u.stun->mapped.family != FAMILY_NONE)
		mapped = model_end(s->model, &m->u.stun->mapped);
	if (!b->answer || mapped != b->mapped)
		b->answer = b->last;
	b->mapped = mapped;
}

static void binding_answer(struct stages *s, const struct message *m)
{
	struct pending *p = pending_find(s, m);
	struct binding *b;

	if (!p)
		unasked_note(s, m);
	if (!p || p->subject != SUBJECT_BINDING)
		return;
	b = list_at(&s->model->bindings, p->row);
	if (p->copy || !answer_note(p, &m->from)) {
		facts_again(s, &b->facts, end_at(s->model, b->mapped), m);
		return;
	}
	path_answer(s, p->path);
	b->answers++;
	facts_binding(s, b, m);
	b->last = stages_place(s, &m->from);
	rebinding_mapped(s, p->row, m);
	note_mapped(s, b, m);
}

void stage_gathering(struct stages *s, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;

	if (stun->method != STUN_BINDING)
		stage_allocation(s, m);
	else if (stun->class == STUN_REQUEST)
		binding_request(s, m);
	else if (stun->class != STUN_INDICATION)
		binding_answer(s, m);
}
