/* The numbers of ICE. */
#include "config.h"

#include <string.h>

#include "model/model.h"
#include "model/priority.h"

static uint32_t priority_at(const struct model *m, uint32_t candidate)
{
	return candidate == CHAIN_END ? 0
				      : ((const struct candidate *)list_at(
						 &m->candidates, candidate))
						->priority;
}

uint64_t pair_priority(const struct model *m, const struct pair *p)
{
	const struct session *x = list_at(&m->sessions, p->session);
	uint32_t a = priority_at(m, p->candidates[0]);
	uint32_t b = priority_at(m, p->candidates[1]);

	if (!a || !b)
		return 0;
	if (x->role[p->ufrag_of_a] == ROLE_CONTROLLING ||
	    x->role[!p->ufrag_of_a] == ROLE_CONTROLLED)
		return priority_of_pair(a, b);
	if (x->role[p->ufrag_of_a] == ROLE_CONTROLLED ||
	    x->role[!p->ufrag_of_a] == ROLE_CONTROLLING)
		return priority_of_pair(b, a);
	return 0;
}

static nanoseconds begun(const struct model *m, const struct pair *p)
{
	nanoseconds a = p->way[0].requests ? place_time(m, p->way[0].first) : 0;
	nanoseconds b = p->way[1].requests ? place_time(m, p->way[1].first) : 0;

	return !a || (b && b < a) ? b : a;
}

struct pair_order pair_order(const struct model *m, const struct pair *pair)
{
	const struct session *x = list_at(&m->sessions, pair->session);
	uint64_t priority = pair_priority(m, pair);
	struct pair_order order = {priority != 0, begun(m, pair) != 0};

	if (x->pairs > PAIR_ORDER_MAX)
		return (struct pair_order){0};
	for (size_t i = x->first_pair; i != LIST_NONE;) {
		const struct pair *p = list_at(&m->pairs, i);

		i = p->next;
		if (p == pair || !pair_is_for_same(p, pair))
			continue;
		order.expected += priority && pair_priority(m, p) > priority;
		order.begun += order.begun && begun(m, p) &&
			       begun(m, p) < begun(m, pair);
	}
	return order;
}

/* The numbers of struct candidate's type. */
enum { TYPE_HOST = 1, TYPE_RELAY = 4 };

/* A host or relayed address is its own base (RFC 8445 4). */
static const struct endpoint *base_of(const struct model *m,
				      const struct candidate *c)
{
	return end_at(m, c->type == TYPE_HOST || c->type == TYPE_RELAY
				 ? c->endpoint
				 : c->related);
}

static bool is_known(const struct endpoint *e)
{
	static const uint8_t nowhere[16];

	return e->family != FAMILY_NONE && memcmp(e->ip, nowhere, 16) != 0;
}

bool foundations_clash(const struct model *m, const struct candidate *a,
		       const struct candidate *b)
{
	const struct endpoint *base_a = base_of(m, a), *base_b = base_of(m, b);

	/* Of another agent, or from before a restart. */
	if (a->ufrag && b->ufrag && a->ufrag != b->ufrag)
		return false;
	if (!a->foundation || !b->foundation || a->side != b->side ||
	    a->foundation != b->foundation || !a->type || !b->type)
		return false;
	if (a->type != b->type || a->tcp != b->tcp)
		return true;
	return is_known(base_a) && is_known(base_b) &&
	       !endpoint_same_ip(base_a, base_b);
}

/* Descriptions are short; hostile ones are not looked through. */
#define FOUNDATIONS_MAX 64u

const struct candidate *clashing_foundation(const struct model *m,
					    const struct description *d)
{
	const struct candidate *seen[FOUNDATIONS_MAX];
	size_t at = d->candidate_count ? d->first_candidate : LIST_NONE;

	for (size_t n = 0; at != LIST_NONE && n < FOUNDATIONS_MAX; n++) {
		seen[n] = list_at(&m->candidates, at);
		for (size_t k = 0; k < n; k++)
			if (foundations_clash(m, seen[k], seen[n]))
				return seen[n];
		at = seen[n]->next;
	}
	return NULL;
}

#define TYPE_RELAY 4u /* as of candidate */

/* As they were seen: UDP, TCP that is active, and that is passive; the local
 * preference counts down by two for each component and interface. */
static const struct {
	uint16_t type, local, down; /* preferences, and as far down */
	const char *name;
} generations[] = {
	{10, 0xFFFF, 0xF, "Lync 2013 or Skype for Business"},
	{10, 0x6BFF, 0xF, "Lync 2013 or Skype for Business"},
	{10, 0x65FF, 0xF, "Lync 2013 or Skype for Business"},
	{0, 0xFE09, 0, "OCS 2007 R2 or Lync 2010"},
	{0, 0x6BFF, 0xF, "OCS 2007 R2 or Lync 2010"},
	{0, 0x6409, 0, "OCS 2007 R2 or Lync 2010"},
	{3, 0x37FF, 0, "Teams"},
	{1, 0x13FF, 0, "Teams"},
};

static const char *generation_of(const struct candidate *c)
{
	struct priority_parts p = priority_parts(c->priority);

	for (size_t i = 0; i < sizeof(generations) / sizeof(generations[0]);
	     i++)
		if (p.type == generations[i].type &&
		    p.local <= generations[i].local &&
		    p.local + generations[i].down >= generations[i].local)
			return generations[i].name;
	return NULL;
}

const char *relay_generation(const struct model *m, const struct description *d)
{
	const struct candidate *rows = m->candidates.rows;
	size_t at = d->candidate_count && d->dialect == DIALECT_DRAFT_19
			    ? d->first_candidate
			    : LIST_NONE;

	for (; at != LIST_NONE; at = rows[at].next)
		if (rows[at].type == TYPE_RELAY && !rows[at].learned &&
		    generation_of(&rows[at]))
			return generation_of(&rows[at]);
	return NULL;
}
