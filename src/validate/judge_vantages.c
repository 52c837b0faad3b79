/*
 * Checks that several captures show: where they were seen last.
 *
 * A vantage from which checks of the session set out is at one of its ends;
 * what sets out at one end and is not seen at the other was lost between.
 */
#include "config.h"

#include "model/reach.h"
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

#define NOWHERE UINT32_MAX

/* From where the checks of each user fragment set out: the vantage that saw
 * most of them first. */
struct homes {
	uint32_t vantage[2];
	uint64_t checks[2];
};

/* Which of the session's user fragments asks on that side? */
static unsigned asker(const struct pair *p, unsigned side)
{
	return side ? !p->ufrag_of_a : p->ufrag_of_a;
}

/* How many checks of a party that vantage saw first. */
static uint64_t first_at(struct judging *j, const struct session *x,
			 unsigned who, uint32_t vantage)
{
	const struct crossing *seen[VANTAGES_TOLD];
	const struct pair *p;
	uint64_t sum = 0;

	for (size_t i = x->first_pair; i != LIST_NONE; i = p->next) {
		p = list_at(&j->model->pairs, i);
		for (unsigned side = 0; side < 2; side++)
			if (asker(p, side) == who && passed(j, p, side, seen) &&
			    seen[0]->vantage == vantage)
				sum += seen[0]->requests[side];
	}
	return sum;
}

static struct homes homes_of(struct judging *j, const struct session *x)
{
	struct homes homes = {{NOWHERE, NOWHERE}, {0, 0}};

	for (unsigned who = 0; who < 2; who++)
		for (uint32_t v = 0; v < VANTAGES_TOLD; v++) {
			uint64_t checks = first_at(j, x, who, v);

			if (checks <= homes.checks[who])
				continue;
			homes.checks[who] = checks;
			homes.vantage[who] = v;
		}
	return homes;
}

static bool is_among(uint32_t vantage, const struct crossing *const *seen,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (seen[i]->vantage == vantage)
			return true;
	return false;
}

static void explain(struct judging *j, struct pair *p, const char *text)
{
	p->why = p->why ? model_sentence(j->model, "%s; %s", p->why, text)
			: text;
}

static void tell(struct judging *j, struct pair *p, enum rule_id rule,
		 const char *text)
{
	explain(j, p, text);
	blame_all(j, rule, &p->cited, p->cited.first, text);
}

/* As of struct candidate. */
enum { TYPE_SRFLX = 2, TYPE_RELAY = 4 };

static bool is_inside(struct judging *j, const struct pair *p)
{
	return endpoint_is_private(where(j, p->a)) &&
	       endpoint_is_private(where(j, p->b));
}

/* Without a relay; and, where that is asked for, between private addresses? */
static bool goes_straight(struct judging *j, size_t session, bool inside)
{
	const struct session *x = list_at(&j->model->sessions, session);
	const struct pair *p;

	for (size_t i = x->first_pair; i != LIST_NONE; i = p->next) {
		p = list_at(&j->model->pairs, i);
		if (p->selected && !p->relayed && p->types[0] != TYPE_RELAY &&
		    p->types[1] != TYPE_RELAY && (!inside || is_inside(j, p)))
			return true;
	}
	return false;
}

/* What a private address of another network is asked never arrives, nor does
 * what a NAT lets in from the server alone that it mapped the port for, nor
 * what goes to a relay out of a network that lets nobody out; where another
 * way works, a straight one in the second case and one inside of the network
 * in the third, that is no weakness.  Where servers show the NAT in front of a
 * private address, no firewall is to blame in any case. */
static bool is_harmless(struct judging *j, const struct pair *p, unsigned side)
{
	uint8_t type = p->types[!side];

	if (reach_is_cut_by_nat(j->model, j->call, where(j, side ? p->b : p->a),
				where(j, side ? p->a : p->b)))
		return true;
	return view(j, STAGE_PROBING)->state == STATE_OK &&
	       (endpoint_is_private(where(j, side ? p->a : p->b)) ||
		((type == TYPE_SRFLX || type == TYPE_RELAY) &&
		 goes_straight(j, p->session, type == TYPE_RELAY)));
}

static void lost_between(struct judging *j, struct pair *p, unsigned side,
			 uint32_t last, uint32_t end)
{
	const char *text = model_sentence(
		j->model, "sent %u times, seen last at v%u, never at v%u",
		p->way[side].requests, last + 1, end + 1);

	if (is_harmless(j, p, side))
		explain(j, p, text);
	else
		tell(j, p, RULE_PROBING_LOST_BETWEEN, text);
}

/* The one vantage of a file; NOWHERE where it has several interfaces. */
static uint32_t vantage_of_file(const struct judging *j, uint64_t file)
{
	const struct vantage *rows = j->model->vantages.rows;
	uint32_t found = NOWHERE;

	for (size_t i = 0; i < j->model->vantages.count; i++) {
		if (rows[i].file != file)
			continue;
		if (found != NOWHERE)
			return NOWHERE;
		found = rows[i].number;
	}
	return found;
}

/* Does SIP of the call set out there, from the host of this end? */
static bool speaks_at(struct judging *j, const struct endpoint *end,
		      uint32_t vantage)
{
	for (size_t i = 0; i < j->call->dialogs.count; i++) {
		const struct sip_row *rows = j->model->sip_rows.rows;
		const struct dialog *d =
			list_at(&j->model->dialogs, j->call->dialogs.list[i]);
		uint32_t at = d->messages_seen.count ? d->messages_seen.first
						     : CHAIN_END;

		for (; at != CHAIN_END; at = rows[at].next)
			if (endpoint_same_ip(where(j, rows[at].src), end) &&
			    vantage_of_file(
				    j,
				    place_at(j->model, rows[at].place).file) ==
				    vantage)
				return true;
	}
	return false;
}

/* Is that vantage at the end that is asked?  Two mirror ports show all packets
 * of both directions, those of one of them always first. */
static bool is_at_end(struct judging *j, const struct pair *p, unsigned side,
		      const struct homes *homes, uint32_t vantage)
{
	uint32_t home = homes->vantage[!asker(p, side)];

	return home == NOWHERE
		       ? speaks_at(j, where(j, side ? p->a : p->b), vantage)
		       : home == vantage;
}

/* One check says little, since an end may be slow to learn of the call. */
#define ARRIVALS_PROOF 2u

static void arrives(struct judging *j, struct pair *p, unsigned side,
		    const struct homes *homes, const struct crossing *last)
{
	const char *text = model_sentence(
		j->model, "the checks arrive at v%u, which shows no answer",
		last->vantage + 1);

	if (view(j, STAGE_PROBING)->state == STATE_FAILED &&
	    p->way[side].requests >= ARRIVALS_PROOF &&
	    is_at_end(j, p, side, homes, last->vantage)) {
		p->arrived |= (uint8_t)(1u << side);
		tell(j, p, RULE_PROBING_ARRIVES, text);
	} else {
		explain(j, p, text);
	}
}

static void judge_way(struct judging *j, struct pair *p, unsigned side,
		      const struct homes *homes)
{
	const struct crossing *seen[VANTAGES_TOLD], *first, *last;
	size_t count = passed(j, p, side, seen);
	uint32_t end = homes->vantage[!asker(p, side)];

	/* An answer from elsewhere was an answer. */
	if (count == 0 || p->way[side].responses || p->way[side].strays)
		return;
	first = seen[0];
	last = seen[count - 1];
	if (last->responses[side] && !first->responses[side])
		tell(j, p, RULE_PROBING_ANSWER_LOST_BETWEEN,
		     model_sentence(j->model,
				    "answered, as v%u shows; the answers do "
				    "not come back to v%u",
				    last->vantage + 1, first->vantage + 1));
	else if (!last->responses[side] && end != NOWHERE &&
		 !is_among(end, seen, count) && !vantage_is_half(j->model, end))
		lost_between(j, p, side, last->vantage, end);
	else if (!last->responses[side] && count > 1)
		arrives(j, p, side, homes, last);
}

void judge_vantages(struct judging *j)
{
	if (!j->model->several_vantages)
		return;
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		const struct session *x =
			list_at(&j->model->sessions, j->call->sessions.list[i]);
		struct homes homes = homes_of(j, x);

		for (size_t k = x->first_pair; k != LIST_NONE;) {
			struct pair *p = list_at(&j->model->pairs, k);

			judge_way(j, p, 0, &homes);
			judge_way(j, p, 1, &homes);
			k = p->next;
		}
	}
}
