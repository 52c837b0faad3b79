/*
 * Candidates that no description names: peer-reflexive ones, and all of a call
 * whose descriptions cannot be read; and the allocations behind relayed ones.
 */
#include "config.h"

#include "flow/candidates.h"

/* So many allocations at one relayed address are weighed. */
#define RELAYS_MAX 16u

/* ---- where allocations and Bindings were ---- */

static void own(struct candidates *c, struct owners *o,
		const struct endpoint *e, size_t number, nanoseconds from)
{
	if (e->family != FAMILY_NONE &&
	    owners_add(o, calls_address_value(c->s, e), (uint32_t)number,
		       from) != STATUS_OK)
		c->s->model->out_of_memory = true;
}

static void arrange(struct candidates *c, struct owners *o)
{
	if (owners_arrange(o) != STATUS_OK)
		c->s->model->out_of_memory = true;
}

static void gather(struct candidates *c)
{
	const struct model *m = c->s->model;
	const struct allocation *a = m->allocations.rows;
	const struct binding *b = m->bindings.rows;

	if (c->gathered)
		return;
	c->gathered = true;
	for (size_t i = 0; i < m->allocations.count; i++) {
		own(c, &c->local, end_at(m, a[i].client), i,
		    place_time(m, a[i].request));
		own(c, &c->reflexive, end_at(m, a[i].reflexive), i,
		    place_time(m, a[i].granted));
	}
	for (size_t i = 0; i < m->bindings.count; i++) {
		own(c, &c->local, end_at(m, b[i].client), i,
		    place_time(m, b[i].request));
		own(c, &c->reflexive, end_at(m, b[i].mapped), i,
		    place_time(m, b[i].answer));
		own(c, &c->asking, end_at(m, b[i].client), i,
		    place_time(m, b[i].request));
	}
	arrange(c, &c->local);
	arrange(c, &c->reflexive);
	arrange(c, &c->asking);
}

end_number candidates_mapped(struct candidates *c, end_number end,
			     nanoseconds time)
{
	const struct model *m = c->s->model;
	struct owner_stay stay;

	gather(c);
	if (owners_until(&c->asking, calls_address_value(c->s, end_at(m, end)),
			 time + CALLS_SLACK, &stay, 1) == 0)
		return 0;
	return ((const struct binding *)list_at(&m->bindings, stay.number))
		->mapped;
}

static bool was_at(const struct candidates *c, const struct owners *o,
		   const struct endpoint *e, nanoseconds time)
{
	struct owner_stay stay;

	return owners_until(o, calls_address_value(c->s, e), time + CALLS_SLACK,
			    &stay, 1) != 0;
}

/* ---- relayed addresses ---- */

/* Within its life, and by its session where the candidate names one. */
static bool serves(const struct model *m, const struct allocation *a,
		   const struct candidate *row)
{
	uint64_t session = candidate_extra_of(m, row)->turn_session;

	return a->until + CALLS_SLACK >= place_time(m, row->place) &&
	       (!session || !a->has_session ||
		turn_session_of(a->session) == session);
}

/* One and the same, seen on both sides of a NAT. */
static bool is_same(const struct allocation *a, const struct allocation *b)
{
	return a->reflexive == b->reflexive;
}

/* The allocation that has this relayed address; several fit: each is marked
 * and none is taken. */
static uint32_t relay_behind(struct candidates *c, const struct candidate *row)
{
	struct allocation *rows = c->s->model->allocations.rows;
	struct owner_stay near[RELAYS_MAX];
	uint32_t found = CHAIN_END;
	bool several = false;
	size_t count = owners_until(
		&c->relayed,
		calls_address_value(c->s, end_at(c->s->model, row->endpoint)),
		place_time(c->s->model, row->place) + CALLS_SLACK, near,
		RELAYS_MAX);

	for (size_t i = 0; i < count; i++) {
		const struct allocation *a = &rows[near[i].number];

		if (!serves(c->s->model, a, row))
			continue;
		if (found == CHAIN_END)
			found = near[i].number;
		else
			several |= !is_same(a, &rows[found]);
	}
	if (!several)
		return found;
	for (size_t i = 0; i < count; i++)
		rows[near[i].number].ambiguous |=
			serves(c->s->model, &rows[near[i].number], row);
	return CHAIN_END;
}

void candidates_join_relays(struct candidates *c)
{
	const struct allocation *a = c->s->model->allocations.rows;
	struct candidate *rows = c->s->model->candidates.rows;

	for (size_t i = 0; i < c->s->model->allocations.count; i++) {
		own(c, &c->relayed, end_at(c->s->model, a[i].relayed), i,
		    place_time(c->s->model, a[i].granted));
		own(c, &c->relayed, end_at(c->s->model, a[i].relayed_other), i,
		    place_time(c->s->model, a[i].granted));
	}
	arrange(c, &c->relayed);
	if (c->s->model->allocations.count == 0)
		return;
	for (size_t i = 0; i < c->s->model->candidates.count; i++)
		if (rows[i].call != CHAIN_END &&
		    end_at(c->s->model, rows[i].endpoint)->family !=
			    FAMILY_NONE &&
		    (rows[i].type == TYPE_RELAY ||
		     rows[i].type == TYPE_UNKNOWN))
			rows[i].allocation = relay_behind(c, &rows[i]);
}

/* ---- lessons ---- */

static bool same_learned(const void *rows, uint32_t row, const void *key)
{
	const struct candidate *c = (const struct candidate *)rows + row;
	const struct wanted *who = key;

	return c->call == who->call && c->ufrag && c->ufrag == who->ufrag &&
	       (who->allocation == CHAIN_END ||
		c->allocation == who->allocation) &&
	       c->endpoint == who->end;
}

/* What the capture says of the address; with both descriptions at hand what is
 * in none of them is peer-reflexive. */
static uint8_t type_of(struct candidates *c, const struct lesson *lesson,
		       const struct candidate *row)
{
	if (row->allocation != CHAIN_END ||
	    lesson->pair->behind_relay[lesson->end] ||
	    lesson->pair->hidden[lesson->end])
		return TYPE_RELAY;
	if (lesson->complete)
		return TYPE_PRFLX;
	gather(c);
	if (was_at(c, &c->local, end_at(c->s->model, row->endpoint),
		   place_time(c->s->model, row->place)))
		return TYPE_HOST;
	if (was_at(c, &c->reflexive, end_at(c->s->model, row->endpoint),
		   place_time(c->s->model, row->place)))
		return TYPE_SRFLX;
	return TYPE_UNKNOWN;
}

/* [MS-ICE2] 2.2: the foundation, without the NULs behind it. */
static struct slice identifier_of(const char name[4])
{
	size_t n = 0;

	while (n < 4 && name[n])
		n++;
	return slice_of(name, n);
}

static void fill(struct candidates *c, const struct lesson *lesson,
		 struct candidate *row)
{
	const struct pair *p = lesson->pair;
	struct model *m = c->s->model;
	const struct pair_extra *has = pair_extra_of(m, p);
	struct candidate_extra extra = {
		.turn_session = has->turn_sessions[lesson->end]};

	*row = (struct candidate){
		.side = lesson->side,
		.tcp = p->tcp,
		.learned = true,
		.ufrag = lesson->who.ufrag,
		.endpoint = lesson->who.end,
		.related = lesson->base,
		.place = p->cited.first,
		.dialog = CHAIN_END,
		.call = lesson->who.call,
		.allocation = lesson->who.allocation,
		.next = LIST_NONE,
	};
	if (lesson->leg != LIST_NONE && lesson->side != SIDE_UNKNOWN)
		row->dialog = (uint32_t)lesson->leg;
	if (lesson->like) {
		row->component = lesson->like->component;
		row->section = lesson->like->section;
		extra.mid = candidate_extra_of(m, lesson->like)->mid;
		row->tcp_type = lesson->like->tcp_type;
	}
	candidate_set_extra(m, row, &extra);
	if (has->identifiers[lesson->end][0])
		row->foundation = model_keep_text(
			m, identifier_of(has->identifiers[lesson->end]));
	if (row->allocation == CHAIN_END &&
	    end_at(c->s->model, row->endpoint)->family != FAMILY_NONE)
		row->allocation = relay_behind(c, row);
	row->type = type_of(c, lesson, row);
	if (row->type == TYPE_PRFLX)
		row->priority = p->way[lesson->end].priority;
}

static void chain(struct candidates *c, struct session *x, size_t row)
{
	struct list *list = &c->s->model->candidates;

	if (c->last == LIST_NONE)
		x->first_candidate = (uint32_t)row;
	else
		((struct candidate *)list_at(list, c->last))->next =
			(uint32_t)row;
	c->last = row;
}

uint32_t candidates_learn(struct candidates *c, const struct lesson *lesson)
{
	struct list *list = &c->s->model->candidates;
	/* Two hosts may meet under ten thousand fragments. */
	uint64_t hash = hash_mix(
		candidates_hash(c->s, lesson->who.call, lesson->who.end) +
		lesson->who.ufrag);
	uint32_t at = index_find(&c->learned, hash, same_learned, list->rows,
				 &lesson->who);
	struct candidate row;

	if (at != INDEX_NONE)
		return at;
	/* Adding moves the rows that the lesson points to. */
	fill(c, lesson, &row);
	if (!list_add(list))
		return CHAIN_END;
	at = (uint32_t)list->count - 1;
	*(struct candidate *)list_at(list, at) = row;
	chain(c, lesson->session, at);
	if (index_add(&c->learned, hash, at) != STATUS_OK)
		c->s->model->out_of_memory = true;
	return at;
}
