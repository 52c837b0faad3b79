/*
 * The join of candidates and pairs: by address, user fragment and what the
 * peer sees.
 *
 * A description may hide an address behind a name (mDNS) or name only how a
 * NAT shows it, so an end is looked for as it was seen, as a name with its
 * port, as its peer sees it, and as the base of a candidate; what none of them
 * knows is learned.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/candidates.h"

static struct candidate *candidate_at(const struct candidates *c, uint32_t at)
{
	return list_at(&c->s->model->candidates, at);
}

static void file_under(struct candidates *c, const struct candidate *row,
		       end_number end)
{
	const struct candidate *rows = c->s->model->candidates.rows;

	if (index_add(&c->described, candidates_hash(c->s, row->call, end),
		      (uint32_t)(row - rows)) != STATUS_OK)
		c->s->model->out_of_memory = true;
}

static void file(struct candidates *c, const struct candidate *row)
{
	file_under(c, row, row->endpoint);
	if (row->related && row->related != row->endpoint)
		file_under(c, row, row->related);
}

/* So few rows of a call are found as fast without an index. */
#define FEW_CANDIDATES 24u

/* ---- what descriptions name ---- */

static size_t first_of(const struct description *d)
{
	return d->candidate_count ? d->first_candidate : LIST_NONE;
}

/* The only leg of a call whose descriptions name so few candidates that they
 * are looked through one by one, or NULL. */
static const struct dialog *short_leg(const struct candidates *c, size_t number)
{
	const struct model *m = c->s->model;
	const struct call *call = list_at(&m->calls, number);
	const struct dialog *d;

	if (call->dialogs.count != 1 || m->told.count)
		return NULL;
	d = list_at(&m->dialogs, call->dialogs.list[0]);
	return d->call == number && !d->branches &&
			       d->offer.candidate_count +
					       d->reply.candidate_count <=
				       FEW_CANDIDATES
		       ? d
		       : NULL;
}

static void describe(struct candidates *c, size_t call,
		     const struct description *from, bool filed)
{
	size_t at = first_of(from);

	while (at != LIST_NONE) {
		struct candidate *row = candidate_at(c, (uint32_t)at);

		row->call = (uint32_t)call;
		if (row->place == PLACE_NONE)
			row->place = from->place;
		at = row->next;
		if (filed)
			file(c, row);
	}
}

void candidates_describe(struct stages *s, size_t dialog)
{
	const struct dialog *d = list_at(&s->model->dialogs, dialog);
	struct candidates *c = s->joining.candidates;
	bool filed;

	if (!c || d->call == LIST_NONE)
		return;
	filed = short_leg(c, d->call) == NULL;
	describe(c, d->call, &d->offer, filed);
	describe(c, d->call, &d->reply, filed);
	for (const struct branch *b = d->branches; b; b = b->next)
		describe(c, d->call, &b->answer, filed);
}

void candidates_describe_told(struct stages *s, size_t told)
{
	const struct told_description *t = list_at(&s->model->told, told);

	if (s->joining.candidates && t->call != LIST_NONE)
		describe(s->joining.candidates, t->call, &t->description, true);
}

void candidates_relay(struct stages *s)
{
	if (s->joining.candidates)
		candidates_join_relays(s->joining.candidates);
}

/* ---- looking for an end ---- */

static bool may_be(const struct candidate *c, const struct wanted *who)
{
	return c->call == who->call &&
	       (!who->ufrag || !c->ufrag || c->ufrag == who->ufrag);
}

static bool lies_at(const void *rows, uint32_t row, const void *key)
{
	const struct candidate *c = (const struct candidate *)rows + row;
	const struct wanted *who = key;

	return c->endpoint == who->end && may_be(c, who);
}

static bool has_base(const void *rows, uint32_t row, const void *key)
{
	const struct candidate *c = (const struct candidate *)rows + row;
	const struct wanted *who = key;

	return c->related == who->end && may_be(c, who);
}

static uint32_t find_in(const struct candidates *c, const struct description *d,
			index_same_fn *same, const struct wanted *who)
{
	const struct candidate *rows = c->s->model->candidates.rows;

	for (size_t at = first_of(d); at != LIST_NONE; at = rows[at].next)
		if (same(rows, (uint32_t)at, who))
			return (uint32_t)at;
	return INDEX_NONE;
}

static uint32_t find(const struct candidates *c, index_same_fn *same,
		     const struct wanted *who)
{
	const struct dialog *leg = short_leg(c, who->call);
	uint32_t row;

	if (leg) {
		row = find_in(c, &leg->offer, same, who);
		return row == INDEX_NONE ? find_in(c, &leg->reply, same, who)
					 : row;
	}
	return index_find(&c->described,
			  candidates_hash(c->s, who->call, who->end), same,
			  c->s->model->candidates.rows, who);
}

/* With the user fragment that the check names, else with any: a description
 * that changed it may not be in the capture. */
static uint32_t find_at(const struct candidates *c, const struct wanted *who)
{
	uint32_t row = find(c, lies_at, who);
	struct wanted any = *who;

	any.ufrag = 0;
	return row == INDEX_NONE ? find(c, lies_at, &any) : row;
}

/* RFC 8445 6.1.2.4: checks come from the base.  One that the description hides
 * (a related address of 0.0.0.0) is told by what a STUN server answered it. */
static uint32_t find_reflexive(struct candidates *c, const struct wanted *who,
			       nanoseconds time)
{
	struct wanted mapped = *who;
	uint32_t row;

	mapped.end = candidates_mapped(c, who->end, time);
	if (mapped.end == 0 || mapped.end == who->end)
		return INDEX_NONE;
	row = find(c, lies_at, &mapped);
	return row != INDEX_NONE && candidate_at(c, row)->type == TYPE_SRFLX
		       ? row
		       : INDEX_NONE;
}

static uint32_t find_described(const struct candidates *c,
			       const struct wanted *who, end_number seen_as)
{
	const struct model *m = c->s->model;
	struct endpoint name = {.port = end_at(m, who->end)->port};
	struct wanted named = {who->call, 0, who->ufrag, CHAIN_END};
	struct wanted seen = {who->call, seen_as, who->ufrag, CHAIN_END};
	uint32_t row = find_at(c, who);

	if (row == INDEX_NONE && model_find_end(m, &name, &named.end))
		row = find(c, lies_at, &named);
	if (row == INDEX_NONE && seen_as)
		row = find_at(c, &seen);
	if (row == INDEX_NONE)
		row = find(c, has_base, who);
	return row;
}

/* RFC 6544 4.5: an active candidate is written with the discard port, and its
 * connection comes from another one. */
#define PORT_DISCARD 9

static const struct candidate *active_of(const struct candidates *c,
					 const struct wanted *who)
{
	struct endpoint discard = *end_at(c->s->model, who->end);
	struct wanted active = {who->call, 0, who->ufrag, CHAIN_END};
	uint32_t row;

	discard.port = PORT_DISCARD;
	if (!model_find_end(c->s->model, &discard, &active.end))
		return NULL;
	row = find_at(c, &active);
	return row == INDEX_NONE ? NULL : candidate_at(c, row);
}

/* ---- whose user fragments are these? ---- */

static bool names(const struct candidates *c, const struct description *from,
		  kept_text ufrag)
{
	size_t at = first_of(from);

	if (!ufrag)
		return false;
	if (from->ufrag == ufrag)
		return true;
	while (at != LIST_NONE) {
		const struct candidate *row = candidate_at(c, (uint32_t)at);

		if (row->ufrag == ufrag)
			return true;
		at = row->next;
	}
	return false;
}

/* The answer that names this user fragment: also of a branch that does not
 * count; or NULL. */
static const struct description *
answer_of(const struct candidates *c, const struct dialog *d, kept_text ufrag)
{
	const struct branch *b = d->branches;

	if (names(c, &d->reply, ufrag))
		return &d->reply;
	while (b && !names(c, &b->answer, ufrag))
		b = b->next;
	return b ? &b->answer : NULL;
}

static uint8_t side_in(const struct candidates *c, const struct dialog *d,
		       kept_text ufrag)
{
	if (names(c, &d->offer, ufrag))
		return SIDE_OFFER;
	return answer_of(c, d, ufrag) ? SIDE_ANSWER : SIDE_UNKNOWN;
}

static bool names_sides(const struct candidates *c, const struct session *x,
			const struct dialog *d, uint8_t sides[2])
{
	sides[0] = side_in(c, d, x->ufrags[0]);
	sides[1] = sides[0] == SIDE_UNKNOWN ? side_in(c, d, x->ufrags[1])
					    : (uint8_t)SIDE_UNKNOWN;
	for (unsigned i = 0; i < 2; i++)
		if (sides[i] != SIDE_UNKNOWN)
			sides[!i] = sides[i] == SIDE_OFFER ? SIDE_ANSWER
							   : SIDE_OFFER;
	return sides[0] != SIDE_UNKNOWN;
}

/* Where the application told the descriptions, each has one user fragment. */
static bool sides_told(const struct candidates *c, const struct session *x,
		       uint8_t sides[2])
{
	const struct told_description *rows = c->s->model->told.rows;

	for (unsigned i = 0; i < 2; i++) {
		if (x->told[i] == CHAIN_END)
			continue;
		sides[i] = rows[x->told[i]].answer ? SIDE_ANSWER : SIDE_OFFER;
		if (x->told[!i] == CHAIN_END)
			sides[!i] = sides[i] == SIDE_OFFER ? SIDE_ANSWER
							   : SIDE_OFFER;
	}
	return x->told[0] != CHAIN_END && x->told[1] != CHAIN_END &&
	       rows[x->told[0]].description.candidate_count &&
	       rows[x->told[1]].description.candidate_count;
}

/* The leg of the call whose descriptions name the user fragments, and their
 * sides: that of one tells that of the other.  The first leg when none does;
 * LIST_NONE when there is none. */
static size_t leg_of(const struct candidates *c, const struct session *x,
		     const struct call *call, uint8_t sides[2])
{
	const struct dialog *rows = c->s->model->dialogs.rows;

	for (uint32_t i = 0; i < call->dialogs.count; i++)
		if (names_sides(c, x, &rows[call->dialogs.list[i]], sides))
			return call->dialogs.list[i];
	if (call->dialog != LIST_NONE)
		(void)names_sides(c, x, &rows[call->dialog], sides);
	return call->dialog;
}

/* ---- pairs ---- */

static void take_candidate(const struct candidates *c, struct pair *p,
			   unsigned end, uint32_t row)
{
	p->candidates[end] = row;
	if (row == CHAIN_END)
		return;
	p->types[end] = candidate_at(c, row)->type;
	if (p->component == 0)
		p->component = candidate_at(c, row)->component;
	if (p->section == 0)
		p->section = candidate_at(c, row)->section;
}

/* ---- relays whose address nobody told ---- */

static const struct description *description_of(const struct candidates *c,
						const struct lesson *lesson)
{
	const struct session *x = lesson->session;
	const struct description *answer;
	const struct dialog *d;
	unsigned own = x->ufrags[1] == lesson->who.ufrag;

	if (lesson->leg != LIST_NONE) {
		d = list_at(&c->s->model->dialogs, lesson->leg);
		if (lesson->side != SIDE_ANSWER)
			return &d->offer;
		answer = answer_of(c, d, lesson->who.ufrag);
		return answer ? answer : &d->reply;
	}
	return x->told[own] == CHAIN_END
		       ? NULL
		       : &((const struct told_description *)list_at(
				   &c->s->model->told, x->told[own]))
				  ->description;
}

/* The only relay that the description of an end names, or INDEX_NONE. */
static uint32_t only_relay(const struct candidates *c,
			   const struct lesson *lesson)
{
	const struct description *d =
		lesson->side == SIDE_UNKNOWN ? NULL : description_of(c, lesson);
	size_t at = d ? first_of(d) : LIST_NONE;
	uint32_t found = INDEX_NONE;

	for (; at != LIST_NONE; at = candidate_at(c, (uint32_t)at)->next) {
		const struct candidate *row = candidate_at(c, (uint32_t)at);

		if (row->type != TYPE_RELAY ||
		    end_at(c->s->model, row->endpoint)->family == FAMILY_NONE)
			continue;
		if (found != INDEX_NONE)
			return INDEX_NONE;
		found = (uint32_t)at;
	}
	return found;
}

/* The end takes the relay's address, or none.  Where the client was seen to
 * check on its own as well, the pair is of both ways. */
static void settle_hidden(const struct candidates *c, struct pair *p,
			  const struct lesson *lesson)
{
	uint32_t row = only_relay(c, lesson);
	end_number *e = lesson->end ? &p->b : &p->a;

	p->hidden[lesson->end] &= !p->plain;
	if (!p->hidden[lesson->end])
		return;
	*e = row == INDEX_NONE ? p->seen_as[lesson->end]
			       : candidate_at(c, row)->endpoint;
}

static void join_end(struct candidates *c, struct pair *p,
		     const struct lesson *from)
{
	struct lesson lesson = *from;
	unsigned end = from->end;
	uint32_t row;

	row = from->who.end == 0
		      ? INDEX_NONE
		      : find_described(c, &from->who, p->seen_as[end]);
	if (row == INDEX_NONE && from->who.end && !p->tcp)
		row = find_reflexive(c, &from->who,
				     place_time(c->s->model, p->cited.first));
	if (row == INDEX_NONE) {
		if (p->tcp)
			lesson.like = active_of(c, &from->who);
		row = candidates_learn(c, &lesson);
	}
	take_candidate(c, p, end, row);
}

/* RFC 8445 7.2.5.3.1 and .2. */
static void join_valid(struct candidates *c, struct pair *p,
		       const struct lesson *from)
{
	end_number mapped = p->seen_as[from->end];
	struct lesson lesson = *from;
	uint32_t row;

	if (mapped == 0 || mapped == from->who.end)
		return;
	lesson.who.end = mapped;
	lesson.who.allocation = CHAIN_END;
	row = find_at(c, &lesson.who);
	if (row == INDEX_NONE) {
		lesson.base = from->who.end;
		if (p->candidates[from->end] != CHAIN_END)
			lesson.like = candidate_at(c, p->candidates[from->end]);
		row = candidates_learn(c, &lesson);
	}
	if (row != p->candidates[from->end])
		p->valid[from->end] = row;
}

/* RFC 8445 7.3.1.3: a learned one has the component of the other end. */
static void spread_component(const struct candidates *c, const struct pair *p)
{
	const uint32_t rows[] = {p->candidates[0], p->candidates[1],
				 p->valid[0], p->valid[1]};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct candidate *row =
			rows[i] == CHAIN_END ? NULL : candidate_at(c, rows[i]);

		if (!row || row->component)
			continue;
		row->component = p->component;
		row->section = p->section;
	}
}

static void join_pair(struct candidates *c, struct lesson *lesson,
		      struct pair *p, const uint8_t sides[2])
{
	for (unsigned end = 0; end < 2; end++) {
		unsigned own = end ? !p->ufrag_of_a : p->ufrag_of_a;

		lesson->pair = p;
		lesson->end = end;
		lesson->side = sides[own];
		lesson->base = 0;
		lesson->like = NULL;
		lesson->who.ufrag = lesson->session->ufrags[own];
		/* What was sent both ways is the client's own address. */
		lesson->who.allocation = p->hidden[end] && p->plain
						 ? CHAIN_END
						 : p->through[end];
		if (p->hidden[end])
			settle_hidden(c, p, lesson);
		lesson->who.end = end ? p->b : p->a;
		join_end(c, p, lesson);
		join_valid(c, p, lesson);
	}
	if (p->component)
		spread_component(c, p);
}

static bool is_complete(const struct candidates *c, size_t leg)
{
	const struct dialog *d =
		leg == LIST_NONE ? NULL : list_at(&c->s->model->dialogs, leg);

	return d && d->offer.candidate_count && d->reply.candidate_count;
}

static void join_session(struct candidates *c, struct session *x)
{
	struct model *m = c->s->model;
	uint8_t sides[2] = {SIDE_UNKNOWN, SIDE_UNKNOWN};
	struct lesson lesson = {.session = x,
				.who = {.call = (uint32_t)x->call}};

	lesson.leg = leg_of(c, x, list_at(&m->calls, x->call), sides);
	lesson.complete = lesson.leg == LIST_NONE ? sides_told(c, x, sides)
						  : is_complete(c, lesson.leg);
	c->last = LIST_NONE;
	for (size_t i = x->first_pair; i != LIST_NONE;) {
		struct pair *p = list_at(&m->pairs, i);

		join_pair(c, &lesson, p, sides);
		i = p->next;
	}
}

void candidates_learn_from(struct stages *s, size_t session)
{
	struct session *x = list_at(&s->model->sessions, session);

	if (s->joining.candidates && x->call != LIST_NONE)
		join_session(s->joining.candidates, x);
}

/* ---- the candidates of a call: offer, answer, learned ---- */

static void list_chain(struct candidates *c, struct call *call, size_t at)
{
	while (at != LIST_NONE) {
		model_member(c->s->model, &call->candidates, at);
		at = candidate_at(c, (uint32_t)at)->next;
	}
}

static void list_described(struct candidates *c, const struct description *d,
			   size_t call)
{
	if (d->candidate_count)
		list_chain(c, list_at(&c->s->model->calls, call),
			   d->first_candidate);
}

void candidates_list_described(struct stages *s, size_t dialog)
{
	const struct dialog *d = list_at(&s->model->dialogs, dialog);
	struct candidates *c = s->joining.candidates;

	if (!c || d->call == LIST_NONE)
		return;
	list_described(c, &d->offer, d->call);
	list_described(c, &d->reply, d->call);
	for (const struct branch *b = d->branches; b; b = b->next)
		list_described(c, &b->answer, d->call);
}

void candidates_list_told(struct stages *s, size_t told)
{
	const struct told_description *t = list_at(&s->model->told, told);

	if (s->joining.candidates && t->call != LIST_NONE)
		list_described(s->joining.candidates, &t->description, t->call);
}

void candidates_list_learned(struct stages *s, size_t number)
{
	const struct session *sessions = s->model->sessions.rows;
	struct call *call = list_at(&s->model->calls, number);
	struct candidates *c = s->joining.candidates;

	for (size_t i = 0; c && i < call->sessions.count; i++)
		list_chain(c, call,
			   sessions[call->sessions.list[i]].first_candidate);
}

/* ---- from begin to end ---- */

void candidates_begin(struct stages *s)
{
	struct candidates *c = calloc(1, sizeof(*c));

	s->joining.candidates = c;
	if (!c) {
		s->model->out_of_memory = true;
		return;
	}
	c->s = s;
	c->relayed = owners_new();
	c->local = owners_new();
	c->reflexive = owners_new();
	c->asking = owners_new();
}

void candidates_end(struct stages *s)
{
	struct candidates *c = s->joining.candidates;

	if (!c)
		return;
	index_free(&c->described);
	index_free(&c->learned);
	owners_free(&c->relayed);
	owners_free(&c->local);
	owners_free(&c->reflexive);
	owners_free(&c->asking);
	free(c);
	s->joining.candidates = NULL;
}
