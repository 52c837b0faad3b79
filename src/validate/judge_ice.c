/* What an ICE agent would have done, and what was done. */
#include "config.h"

#include "engine/ice_agent.h"
#include "engine/replay.h"
#include "validate/judge_ice.h"
#include "validate/rules.h"

/* More pairs than that are nobody's to read. */
#define BEGUN_MAX 64u

/* The numbers of struct candidate's type. */
enum { TYPE_UNKNOWN, TYPE_HOST, TYPE_SRFLX, TYPE_PRFLX, TYPE_RELAY };

/* A pair that a side began to check. */
struct begun {
	const struct pair *pair;
	nanoseconds time; /* of the first check */
	unsigned end;     /* the side's end of the pair */
	size_t turn;      /* in the list of the machine */
};

struct work {
	struct model *model;
	const struct call *call;
	size_t call_number;
	const struct session *session;
	unsigned side; /* in the session's fragments */
	struct ice_agent *agent;
	uint32_t locals[ICE_CANDIDATES_MAX], remotes[ICE_CANDIDATES_MAX];
	struct begun begun[BEGUN_MAX];
	size_t count;
};

static const struct candidate *candidate_at(const struct work *w, uint32_t at)
{
	return list_at(&w->model->candidates, at);
}

/* ---- what was done ---- */

static nanoseconds earlier(const struct work *w, nanoseconds a, place_number b)
{
	nanoseconds time = place_time(w->model, b);

	return b && time < a ? time : a;
}

/* When the side heard something first: what it did later may follow from
 * that. */
static nanoseconds heard(const struct work *w)
{
	nanoseconds first = INT64_MAX;

	for (size_t i = w->session->first_pair; i != LIST_NONE;) {
		const struct pair *p = list_at(&w->model->pairs, i);
		unsigned end = p->ufrag_of_a != w->side;

		first = earlier(w, first, p->way[!end].first);
		first = earlier(w, first, p->way[end].answered);
		i = p->next;
	}
	return first;
}

static place_number first_check(const struct begun *b)
{
	return b->pair->way[b->end].first;
}

static void insert(struct work *w, const struct begun *new)
{
	size_t at = w->count++;

	for (; at > 0 && w->begun[at - 1].time > new->time; at--)
		w->begun[at] = w->begun[at - 1];
	w->begun[at] = *new;
}

static void find_begun(struct work *w)
{
	nanoseconds until = heard(w);

	w->count = 0;
	for (size_t i = w->session->first_pair; i != LIST_NONE;) {
		const struct pair *p = list_at(&w->model->pairs, i);
		unsigned end = p->ufrag_of_a != w->side;
		place_number first = p->way[end].first;
		struct begun new = {.pair = p,
				    .time = place_time(w->model, first),
				    .end = end};

		i = p->next;
		if (first && new.time < until && !p->tcp &&
		    p->candidates[0] != CHAIN_END &&
		    p->candidates[1] != CHAIN_END && w->count < BEGUN_MAX)
			insert(w, &new);
	}
}

/* ---- what the machine would do ---- */

static bool take(const struct work *w, const struct candidate *c,
		 struct ice_candidate *out)
{
	const struct endpoint *at = end_at(w->model, c->endpoint);
	const struct endpoint *related = end_at(w->model, c->related);
	static const uint8_t types[] = {[TYPE_HOST] = ICE_HOST,
					[TYPE_SRFLX] = ICE_SRFLX,
					[TYPE_PRFLX] = ICE_PRFLX,
					[TYPE_RELAY] = ICE_RELAY};
	const char *foundation = text_or_empty(w->model, c->foundation);
	size_t n = strlen(foundation);

	if (c->type == TYPE_UNKNOWN || c->type > TYPE_RELAY ||
	    at->family <= FAMILY_NAME || c->priority == 0 ||
	    c->component == 0 || n == 0 || n >= sizeof(out->foundation))
		return false;
	*out = (struct ice_candidate){.at = *at,
				      .base = *at,
				      .priority = c->priority,
				      .component = c->component,
				      .type = types[c->type]};
	if (c->type == TYPE_SRFLX && related->family > FAMILY_NAME)
		out->base = *related;
	memcpy(out->foundation, foundation, n + 1);
	return true;
}

/* All candidates of the session's descriptions, or nothing can be said; nor
 * can it of several sections, each of which has a list of its own. */
static bool take_all(struct work *w)
{
	size_t locals = 0, remotes = 0;

	for (uint32_t i = 0; i < w->call->candidates.count; i++) {
		uint32_t row = w->call->candidates.list[i];
		const struct candidate *c = candidate_at(w, row);
		struct ice_candidate out;
		bool ours;

		if (c->learned || c->tcp || !c->ufrag)
			continue;
		ours = c->ufrag == w->session->ufrags[w->side];
		if (!ours && c->ufrag != w->session->ufrags[!w->side])
			continue;
		if (!take(w, c, &out) || c->section > 1)
			return false;
		if (ours ? !ice_agent_add_local(w->agent, &out)
			 : !ice_agent_add_remote(w->agent, &out))
			return false;
		if (ours)
			w->locals[locals++] = row;
		else
			w->remotes[remotes++] = row;
	}
	return locals && remotes;
}

static bool make_agent(struct work *w)
{
	struct ice_provider nobody = {.context = NULL};
	struct ice_config config = {.controlling = w->session->role[w->side] ==
						   ROLE_CONTROLLING,
				    .components = ICE_COMPONENTS_MAX};

	w->agent = ice_agent_new(&config, &nobody);
	if (!w->agent || !take_all(w))
		return false;
	ice_agent_prepare(w->agent);
	return true;
}

/* The place of a pair among those that wait; ICE_PAIRS_MAX: not there. */
static size_t turn_of(const struct work *w, const struct begun *b)
{
	const struct candidate *mine =
		candidate_at(w, b->pair->candidates[b->end]);
	uint32_t theirs = b->pair->candidates[!b->end];

	for (size_t i = 0; i < ice_agent_pairs(w->agent); i++) {
		const struct ice_pair *p = ice_agent_pair(w->agent, i);
		const struct ice_candidate *l =
			ice_agent_local(w->agent, p->local);

		if (w->remotes[p->remote] == theirs &&
		    endpoint_equal(&l->at, end_at(w->model, mine->endpoint)))
			return p->state == ICE_WAITING ? i : ICE_PAIRS_MAX;
	}
	return ICE_PAIRS_MAX;
}

/* ---- both ---- */

static void put_pair(const struct work *w, const struct begun *b,
		     char at[2][ENDPOINT_TEXT_MAX])
{
	const struct pair *p = b->pair;

	endpoint_string(end_at(w->model, b->end ? p->b : p->a), at[0]);
	endpoint_string(end_at(w->model, b->end ? p->a : p->b), at[1]);
}

static void note(struct work *w, const struct begun *early,
		 const struct begun *late)
{
	struct note *n =
		model_note(w->model, &rules_engine[RULE_ENGINE_CHECK_ORDER],
			   first_check(early), w->call_number);
	char a[2][ENDPOINT_TEXT_MAX], b[2][ENDPOINT_TEXT_MAX];

	put_pair(w, early, a);
	put_pair(w, late, b);
	if (n && !n->text)
		n->text = model_sentence(
			w->model, "%s to %s before %s to %s, which is better",
			a[0], a[1], b[0], b[1]);
}

static void compare(struct work *w)
{
	const struct begun *last = NULL;

	for (size_t i = 0; i < w->count; i++) {
		struct begun *b = &w->begun[i];

		b->turn = turn_of(w, b);
		if (b->turn == ICE_PAIRS_MAX)
			continue;
		if (last && b->turn < last->turn && b->time > last->time) {
			note(w, last, b);
			return;
		}
		last = b;
	}
}

/* ---- pacing ---- */

#define PACE (5 * NS_PER_MS) /* RFC 8445 14.2: not more than one in that */
/* So many begin in the time that one may: what lies between the agent and the
 * capture does not press them together so far. */
#define PACED 4u

static void note_pacing(struct work *w, const struct begun *b)
{
	struct note *n =
		model_note(w->model, &rules_engine[RULE_ENGINE_CHECK_PACING],
			   first_check(b), w->call_number);
	nanoseconds took = b[PACED - 1].time - b->time;
	char at[2][ENDPOINT_TEXT_MAX];

	put_pair(w, b, at);
	if (n && !n->text)
		n->text = model_sentence(
			w->model, "%u in %.1f ms, from %s to %s on", PACED,
			(double)took / 1e6, at[0], at[1]);
}

static void judge_pacing(struct work *w)
{
	for (size_t i = 0; i + PACED <= w->count; i++)
		if (w->begun[i + PACED - 1].time - w->begun[i].time < PACE) {
			note_pacing(w, &w->begun[i]);
			return;
		}
}

/* ---- nomination ---- */

static const struct pair *next_nominated(const struct work *w, size_t *at)
{
	while (*at != LIST_NONE) {
		const struct pair *p = list_at(&w->model->pairs, *at);

		*at = p->next;
		/* A relay that is older than the capture stands on both ends of
		 * what it sends itself. */
		if (p->nominated && p->a != p->b &&
		    p->way[p->ufrag_of_a != w->side].nominated)
			return p;
	}
	return NULL;
}

static void note_nomination(struct work *w, const struct pair *first,
			    const struct pair *then)
{
	struct note *n =
		model_note(w->model, &rules_engine[RULE_ENGINE_NOMINATED_TWICE],
			   then->nominated, w->call_number);
	struct begun b[2] = {
		{.pair = first, .end = first->ufrag_of_a != w->side},
		{.pair = then, .end = then->ufrag_of_a != w->side}};
	char was[2][ENDPOINT_TEXT_MAX], now[2][ENDPOINT_TEXT_MAX];

	put_pair(w, &b[0], was);
	put_pair(w, &b[1], now);
	if (n && !n->text)
		n->text = model_sentence(w->model, "%s to %s, then %s to %s",
					 was[0], was[1], now[0], now[1]);
}

/* One a component, and for good (RFC 8445 8.1.1); who nominates all that he
 * checks is of RFC 5245; and who numbers nominations may have another. */
static void judge_nomination(struct work *w)
{
	const struct session *x = w->session;
	const struct pair *p, *q;
	size_t at = x->first_pair, behind;

	if (x->aggressive || x->renominates || x->role_changes || x->conflict ||
	    x->role[w->side] != ROLE_CONTROLLING)
		return;
	while ((p = next_nominated(w, &at)))
		for (behind = at; (q = next_nominated(w, &behind));)
			if (pair_is_for_same(p, q) && p->tcp == q->tcp &&
			    !pairs_are_one(w->model, p, q)) {
				if (place_time(w->model, p->nominated) <
				    place_time(w->model, q->nominated))
					note_nomination(w, p, q);
				else
					note_nomination(w, q, p);
				return;
			}
}

static void judge_side(struct work *w)
{
	if (w->session->role[w->side] == ROLE_UNKNOWN ||
	    !w->session->ufrags[0] || !w->session->ufrags[1])
		return;
	judge_nomination(w);
	find_begun(w);
	judge_pacing(w);
	if (w->count < 2)
		return;
	if (make_agent(w))
		compare(w);
	ice_agent_free(w->agent);
	w->agent = NULL;
}

void judge_ice(struct model *model)
{
	struct work w = {.model = model};

	for (size_t i = 0; i < model->calls.count; i++) {
		w.call = list_at(&model->calls, i);
		w.call_number = i;
		for (uint32_t k = 0; k < w.call->sessions.count; k++) {
			w.session = list_at(&model->sessions,
					    w.call->sessions.list[k]);
			for (w.side = 0; w.side < 2; w.side++)
				judge_side(&w);
		}
	}
}
