/*
 * Checks that several captures show: where they were seen last.
 *
 * A vantage from which checks of the session set out is at one of its ends;
 * what sets out at one end and is not seen at the other was lost between.
 */
#include "config.h"

#include "validate/verdict_state.h"

/* So many vantages are told apart. */
#define VANTAGES_TOLD 16u

static const struct crossing *crossing_at(struct judging *j, uint32_t at)
{
	return list_at(&j->model->crossings, at);
}

/* The vantages of one pair and the side that asks, in the order in which the
 * requests passed them; returns how many. */
static size_t passed(struct judging *j, const struct pair *p, unsigned side,
		     const struct crossing *out[VANTAGES_TOLD])
{
	uint32_t at = p->crossings.count ? p->crossings.first : CHAIN_END;
	size_t count = 0;

	for (; at != CHAIN_END; at = crossing_at(j, at)->next) {
		const struct crossing *c = crossing_at(j, at);
		size_t i = count;

		if (!c->requests[side] || count == VANTAGES_TOLD)
			continue;
		for (; i && out[i - 1]->first[side] > c->first[side]; i--)
			out[i] = out[i - 1];
		out[i] = c;
		count++;
	}
	return count;
}

/* The ends of a session: vantages from which requests set out, a bit each. */
static uint64_t ends_of(struct judging *j, const struct session *x)
{
	const struct crossing *seen[VANTAGES_TOLD];
	uint64_t ends = 0;

	for (size_t i = x->first_pair; i != LIST_NONE;) {
		const struct pair *p = list_at(&j->model->pairs, i);

		for (unsigned side = 0; side < 2; side++)
			if (passed(j, p, side, seen))
				ends |= UINT64_C(1) << (seen[0]->vantage & 63);
		i = p->next;
	}
	return ends;
}

/* An end of the session that is not among those passed; 64: none. */
static uint32_t not_reached(uint64_t ends, const struct crossing *const *seen,
			    size_t count)
{
	for (size_t i = 0; i < count; i++)
		ends &= ~(UINT64_C(1) << (seen[i]->vantage & 63));
	for (uint32_t v = 0; v < 64; v++)
		if (ends >> v & 1)
			return v;
	return 64;
}

static void tell(struct judging *j, struct pair *p, enum rule_id rule,
		 const char *text)
{
	p->why = p->why ? model_sentence(j->model, "%s; %s", p->why, text)
			: text;
	blame(j, rule, &p->cited.first[0], text);
}

static void judge_way(struct judging *j, struct pair *p, unsigned side,
		      uint64_t ends)
{
	const struct crossing *seen[VANTAGES_TOLD], *first, *last;
	size_t count = passed(j, p, side, seen);
	uint32_t beyond;

	if (count == 0 || p->way[side].responses)
		return;
	first = seen[0];
	last = seen[count - 1];
	beyond = not_reached(ends, seen, count);
	if (last->responses[side] && !first->responses[side])
		tell(j, p, RULE_PROBING_ANSWER_LOST_BETWEEN,
		     model_sentence(j->model,
				    "answered, as v%u shows; the answers do "
				    "not come back to v%u",
				    last->vantage + 1, first->vantage + 1));
	else if (!last->responses[side] && beyond < 64)
		tell(j, p, RULE_PROBING_LOST_BETWEEN,
		     model_sentence(j->model,
				    "%u requests pass v%u, none arrives at "
				    "v%u",
				    last->requests[side], last->vantage + 1,
				    beyond + 1));
	else if (!last->responses[side] && count > 1)
		p->why = model_sentence(
			j->model,
			"%s%srequests arrive at v%u, which shows "
			"no answer",
			p->why ? p->why : "", p->why ? "; " : "",
			last->vantage + 1);
}

static bool has_several(const struct model *m)
{
	const struct vantage *rows = m->vantages.rows;

	for (size_t i = 1; i < m->vantages.count; i++)
		if (rows[i].number != rows[0].number)
			return true;
	return false;
}

void judge_vantages(struct judging *j)
{
	if (!has_several(j->model))
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x =
			list_at(&j->model->sessions, j->call->sessions.list[i]);
		uint64_t ends = ends_of(j, x);

		for (size_t k = x->first_pair; k != LIST_NONE;) {
			struct pair *p = list_at(&j->model->pairs, k);

			judge_way(j, p, 0, ends);
			judge_way(j, p, 1, ends);
			k = p->next;
		}
	}
}
