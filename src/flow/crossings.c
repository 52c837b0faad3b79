/*
 * How far checks come: what each vantage saw of them.
 *
 * Behind a NAT the same check has other addresses and is a pair of its own;
 * its transaction id is the same, so each such row of open requests learns
 * what the others were seen at.
 */
#include "config.h"

#include "flow/stages_state.h"

#define VANTAGE_BITS 64u

static struct crossing *crossing_of(struct stages *s, struct pair *p,
				    uint32_t vantage)
{
	struct list *list = &s->model->crossings;
	uint32_t at = p->crossings.count ? p->crossings.first : CHAIN_END;
	struct crossing *last = NULL, *added;

	for (; at != CHAIN_END; at = last->next) {
		last = list_at(list, at);
		if (last->vantage == vantage)
			return last;
	}
	added = list_add(list);
	if (!added)
		return NULL;
	added->vantage = vantage;
	added->next = CHAIN_END;
	/* The list may have moved. */
	if (p->crossings.count)
		last = list_at(list, p->crossings.last);
	model_chain(&p->crossings, (uint32_t)list->count - 1,
		    p->crossings.count ? &last->next : NULL);
	return added;
}

/* The transaction of a row was seen at a vantage: once is enough. */
static void saw(struct stages *s, struct pending *row, uint32_t vantage,
		const struct message *m)
{
	bool request = m->u.stun->class == STUN_REQUEST;
	uint64_t *bits = request ? &row->asked_at : &row->answered_at;
	uint64_t bit = UINT64_C(1) << vantage;
	struct crossing *c;

	if (*bits & bit)
		return;
	*bits |= bit;
	c = crossing_of(s, list_at(&s->model->pairs, row->row), vantage);
	if (!c)
		return;
	if (!request)
		c->responses[row->side]++;
	else if (c->requests[row->side]++ == 0)
		c->first[row->side] = m->from.time;
}

/* What another row of the same transaction was seen at before. */
static void inherit(struct stages *s, struct pending *row,
		    const struct pending *twin, const struct message *m)
{
	uint64_t bits = m->u.stun->class == STUN_REQUEST ? twin->asked_at
							 : twin->answered_at;

	for (uint32_t v = 0; v < VANTAGE_BITS && bits >> v; v++)
		if (bits >> v & 1)
			saw(s, row, v, m);
}

/* Clients that ask several servers with one id do so at one vantage. */
static bool is_twin(const struct pending *a, const struct pending *b)
{
	return a != b && b->subject == SUBJECT_CHECK && a->home != b->home;
}

void crossings_note(struct stages *s, const struct message *m,
		    struct pending *row)
{
	const struct pending_set *set;

	if (m->from.vantage >= VANTAGE_BITS)
		return;
	saw(s, row, m->from.vantage, m);
	if (!s->apart)
		return;
	set = pending_same(s, m);
	for (size_t i = 0; i < set->count; i++) {
		if (!is_twin(row, set->rows[i]))
			continue;
		inherit(s, row, set->rows[i], m);
		saw(s, set->rows[i], m->from.vantage, m);
	}
}

/* ---- when all is known ---- */

static struct vantage *vantage_at(const struct model *m, uint32_t number)
{
	struct vantage *rows = m->vantages.rows;

	for (size_t i = 0; i < m->vantages.count; i++)
		if (rows[i].number == number)
			return &rows[i];
	return NULL;
}

static const struct crossing *crossing_first(const struct model *m,
					     const struct pair *p)
{
	return p->crossings.count ? list_at(&m->crossings, p->crossings.first)
				  : NULL;
}

static const struct crossing *crossing_after(const struct model *m,
					     const struct crossing *c)
{
	return c->next == CHAIN_END ? NULL : list_at(&m->crossings, c->next);
}

/* Answers to checks that it does not show passed here. */
static bool shows_answers_alone(const struct model *m, const struct crossing *c,
				unsigned side)
{
	const struct vantage *v = vantage_at(m, c->vantage);

	return v && !v->both_ways && c->responses[side] && !c->requests[side];
}

/* Checks that are answered, as a vantage shows that saw no check, and nothing
 * here. */
static void tell_one_way(const struct model *m, const struct pair *p,
			 unsigned side)
{
	bool aside = false;

	for (const struct crossing *c = crossing_first(m, p); c;
	     c = crossing_after(m, c))
		aside |= shows_answers_alone(m, c, side);
	for (const struct crossing *c = crossing_first(m, p); aside && c;
	     c = crossing_after(m, c)) {
		struct vantage *v = vantage_at(m, c->vantage);

		if (v && !v->both_ways)
			v->one_way = true;
	}
}

void crossings_begin(struct stages *s)
{
	const struct model *m = s->model;
	const struct crossing *rows = m->crossings.rows;

	if (!m->several_vantages)
		return;
	for (size_t i = 0; i < m->crossings.count; i++) {
		struct vantage *v = vantage_at(m, rows[i].vantage);

		for (unsigned side = 0; v && side < 2; side++)
			v->both_ways |= rows[i].requests[side] &&
					rows[i].responses[side];
	}
	for (size_t i = 0; i < m->pairs.count; i++) {
		const struct pair *p = list_at(&m->pairs, i);

		for (unsigned side = 0; side < 2; side++)
			tell_one_way(m, p, side);
	}
}

/* Does one vantage show the requests alone, and another one what answers them?
 * Those answers got lost on the way to who asked. */
static bool is_lost_on_the_way(const struct model *m, const struct pair *p,
			       unsigned side)
{
	const struct crossing *c;
	bool unanswered = false, answered = false;
	uint32_t at = p->crossings.count > 1 ? p->crossings.first : CHAIN_END;

	for (; at != CHAIN_END; at = c->next) {
		c = list_at(&m->crossings, at);
		answered |= c->responses[side] != 0;
		unanswered |= (c->requests[side] >= UNANSWERED_PROOF ||
			       p->way[side].most_sends >= UNANSWERED_PROOF) &&
			      c->requests[side] && !c->responses[side] &&
			      !vantage_is_half(m, c->vantage);
	}
	return unanswered && answered;
}

static bool lose_answers(const struct model *m, struct pair *p)
{
	bool lost = false;

	for (unsigned side = 0; side < 2; side++) {
		struct direction *way = &p->way[side];

		if (!way->responses || !is_lost_on_the_way(m, p, side))
			continue;
		way->responses = way->nominated = 0;
		way->answered = 0;
		way->rtt = way->heard = 0;
		lost = true;
	}
	if (lost && !p->way[0].nominated && !p->way[1].nominated)
		p->nominated = 0;
	return lost;
}

static place_number earliest(const struct model *m, place_number a,
			     place_number b)
{
	if (!a || !b)
		return a ? a : b;
	return place_time(m, b) < place_time(m, a) ? b : a;
}

void crossings_finish(struct stages *s, size_t session)
{
	struct session *x = list_at(&s->model->sessions, session);
	place_number success = 0, nomination = 0;
	bool lost = false;
	struct pair *p;

	for (size_t i = x->first_pair; i != LIST_NONE; i = p->next) {
		p = list_at(&s->model->pairs, i);
		lost |= lose_answers(s->model, p);
		for (unsigned side = 0; side < 2; side++)
			success = earliest(s->model, success,
					   p->way[side].answered);
		nomination = earliest(s->model, nomination, p->nominated);
	}
	if (!lost)
		return;
	x->first_success = success;
	x->nomination = nomination;
}
