/* The pairs of a call: what their ends are, and which of them are in use. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "model/matrix.h"
#include "model/priority.h"
#include "validate/checks.h"
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

/* ---- which pairs are in use ---- */

/* Direct before one relay before two. */
static unsigned badness(const struct pair *p)
{
	return (unsigned)p->relayed + (p->types[0] == 4) + (p->types[1] == 4);
}

/*
 * Of pairs of one component, or that share an end, one is in use.  Regular
 * nomination: the last one.  Aggressive: all are nominated and the valid pair
 * of the highest priority wins (RFC 5245 8.1.1.2).  Browsers nominate with each
 * check of the pair that they use, and no other one as long as they use it.
 */
#define FAVOURED 3u

struct contender {
	bool favoured;
	uint64_t priority; /* 0: not known, or of no use */
	unsigned badness;
	nanoseconds rank;
	size_t pair;
	bool left; /* its media has gone to another one */
};

static int compare(const void *a, const void *b)
{
	const struct contender *x = a, *y = b;

	if (x->favoured != y->favoured)
		return x->favoured ? -1 : 1;
	if (x->priority != y->priority && x->priority && y->priority)
		return x->priority > y->priority ? -1 : 1;
	if (x->badness != y->badness)
		return x->badness < y->badness ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->pair > y->pair) - (x->pair < y->pair);
}

static struct contender contender(struct judging *j, const struct session *x,
				  const struct pair *p, size_t at)
{
	struct contender c = {
		.pair = at,
		.favoured = x->favours >= FAVOURED && x->favourite == at,
	};

	if (x->aggressive || !x->roles) {
		c.priority = pair_priority(j->model, p);
		c.badness = badness(p);
		c.rank = when(j, p->nominated);
	} else {
		c.rank = -when(j, p->nominated);
	}
	return c;
}

/* Only where those of all are known they say which is the best. */
static void drop_unsure_priorities(struct contender *list, size_t count)
{
	bool sure = true;

	for (size_t i = 0; i < count; i++)
		sure &= list[i].priority != 0;
	for (size_t i = 0; i < count && !sure; i++)
		list[i].priority = 0;
}

#define COMPONENTS 257u /* 1 to 256 */

/* What selected pairs use: components, a bit for each section; and ends, 2 *
 * pair, + 1 for the second end. */
struct used {
	const struct pair *pairs;
	uint16_t components[COMPONENTS];
	struct index index;
	uint64_t key;
};

static bool same_end(const void *rows, uint32_t row, const void *key)
{
	const struct pair *p = (const struct pair *)rows + row / 2;

	return (row % 2 ? p->b : p->a) == *(const end_number *)key;
}

static uint64_t end_hash(const struct used *used, end_number end)
{
	return hash_mix(used->key + end);
}

static bool is_used(const struct used *used, end_number end)
{
	return index_find(&used->index, end_hash(used, end), same_end,
			  used->pairs, &end) != INDEX_NONE;
}

_Static_assert(SECTIONS_TOLD < 16, "a bit for each, and one for unknown ones");

static uint16_t section_bit(unsigned section)
{
	return (uint16_t)(1u << section);
}

/* One that is not known may be any. */
static bool is_component_taken(const struct used *used, const struct pair *p)
{
	uint16_t taken = p->component && p->component < COMPONENTS
				 ? used->components[p->component]
				 : 0;

	return p->section ? taken & (section_bit(p->section) | section_bit(0))
			  : taken;
}

/* Another pair is in use for its component, or at one of its ends. */
static bool is_taken(const struct used *used, const struct pair *p)
{
	return is_component_taken(used, p) || is_used(used, p->a) ||
	       is_used(used, p->b);
}

static void use(struct judging *j, struct used *used, size_t at)
{
	struct pair *p = pair_at(j, at);
	uint32_t row = (uint32_t)at * 2;

	p->selected = true;
	if (p->component && p->component < COMPONENTS)
		used->components[p->component] |= section_bit(p->section);
	if (index_add(&used->index, end_hash(used, p->a), row) != STATUS_OK ||
	    index_add(&used->index, end_hash(used, p->b), row + 1) != STATUS_OK)
		j->model->out_of_memory = true;
}

/* The pairs in use come to the front; how many they are. */
static size_t select_from(struct judging *j, struct contender *list,
			  size_t count)
{
	size_t chosen = 0;
	struct used used = {.pairs = j->model->pairs.rows,
			    .key = (uint64_t)(uintptr_t)j->model};

	drop_unsure_priorities(list, count);
	qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < count; i++) {
		const struct pair *p = pair_at(j, list[i].pair);

		if (is_taken(&used, p))
			continue;
		use(j, &used, list[i].pair);
		list[chosen++] = list[i];
	}
	index_free(&used.index);
	return chosen;
}

static const struct media *media_at(struct judging *j, size_t i)
{
	return list_at(&j->model->media, j->call->media.list[i]);
}

/* Does media of the call go over it? */
static bool carries_media(struct judging *j, size_t at)
{
	for (size_t i = 0; i < j->call->media.count; i++)
		if (media_at(j, i)->pair == at)
			return true;
	return false;
}

/*
 * Dialects that do not nominate on the wire ([MS-ICE], Google's, MSN's): the
 * pair that media takes, or, before there is any, the best of those that both
 * ends found valid.
 */
static bool is_in_use(struct judging *j, const struct pair *p, size_t at)
{
	if (!p->way[0].responses && !p->way[1].responses)
		return false;
	return j->call->media.count
		       ? carries_media(j, at)
		       : p->way[0].responses && p->way[1].responses;
}

static bool is_answered(const struct pair *p)
{
	return p->way[0].responses || p->way[1].responses;
}

/* Did DTLS go through between its ends? */
static bool carries_handshake(struct judging *j, size_t at)
{
	const struct endpoint *a = where(j, pair_at(j, at)->a);
	const struct endpoint *b = where(j, pair_at(j, at)->b);

	for (size_t i = 0; i < j->call->handshakes.count; i++) {
		const struct handshake *h = list_at(
			&j->model->handshakes, j->call->handshakes.list[i]);

		if (h->finished[0] && h->finished[1] &&
		    ((endpoint_equal(&h->a, a) && endpoint_equal(&h->b, b)) ||
		     (endpoint_equal(&h->a, b) && endpoint_equal(&h->b, a))))
			return true;
	}
	return false;
}

/* What no capture shows nominated is, where each end sends media or DTLS over
 * it (RFC 8445 12.1). */
static bool carries_both_ways(struct judging *j, size_t at)
{
	const struct endpoint *a = where(j, pair_at(j, at)->a);
	bool from_a = false, from_b = false;

	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *m = media_at(j, i);

		if (m->pair != at)
			continue;
		from_a |= endpoint_equal(&m->src, a);
		from_b |= endpoint_equal(&m->dst, a);
	}
	return from_a && from_b;
}

static bool is_chosen(struct judging *j, const struct session *x, size_t at)
{
	const struct pair *p = pair_at(j, at);

	return x->roles ? nominated(p) : nominated(p) || is_in_use(j, p, at);
}

/* What is under way when its sender changes to another pair. */
#define CHANGING (500 * NS_PER_MS)

/* Does this stream go on over another pair that is in use? */
static bool goes_on_elsewhere(struct judging *j, const struct media *m)
{
	for (size_t i = 0; i < j->call->media.count; i++) {
		const struct media *n = media_at(j, i);

		if (n->ssrc == m->ssrc && n->pair != m->pair &&
		    n->pair != LIST_NONE && pair_at(j, n->pair)->selected &&
		    n->last > m->last &&
		    (n->first < m->first || n->first + CHANGING > m->last))
			return true;
	}
	return false;
}

/* Agents may nominate a better pair later (Chromium does, of another family):
 * where no description tells that both are for the same, media does. */
static void drop_left(struct judging *j, struct contender *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool left = false;

		for (size_t k = 0; k < j->call->media.count; k++)
			left |= media_at(j, k)->pair == list[i].pair &&
				goes_on_elsewhere(j, media_at(j, k));
		list[i].left = left;
	}
	for (size_t i = 0; i < count; i++)
		if (list[i].left)
			pair_at(j, list[i].pair)->selected = false;
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
		if (count < x->pairs && is_chosen(j, x, i))
			list[count++] = contender(j, x, pair_at(j, i), i);
	for (size_t i = x->nomination ? LIST_NONE : x->first_pair;
	     !count && i != LIST_NONE; i = pair_at(j, i)->next)
		if (is_answered(pair_at(j, i)) &&
		    (carries_both_ways(j, i) || carries_handshake(j, i)))
			list[count++] = contender(j, x, pair_at(j, i), i);
	if (count == 1)
		pair_at(j, list[0].pair)->selected = true;
	else if (count)
		drop_left(j, list, select_from(j, list, count));
	free(list);
}

/* Of sessions with more pairs it is not told. */
#define LATE_PAIRS_MAX 512u

bool is_asked_late(const struct judging *j, const struct pair *p, unsigned side)
{
	const struct session *x = list_at(&j->model->sessions, p->session);
	nanoseconds asked = when(j, p->way[side].first);

	if (x->pairs > LATE_PAIRS_MAX || !x->nomination)
		return false;
	for (const struct pair *chosen = pair_first(j, x); chosen;
	     chosen = pair_next(j, chosen)) {
		if (chosen != p && chosen->selected && chosen->nominated &&
		    pair_is_for_same(chosen, p) &&
		    when(j, chosen->nominated) < asked)
			return true;
	}
	return false;
}

/* ---- which end stands first? ---- */

/* Was this address gathered for the call, in this capture? */
static bool is_own(struct judging *j, const struct endpoint *e)
{
	for (size_t i = 0; i < j->call->allocations.count; i++) {
		const struct allocation *a = list_at(
			&j->model->allocations, j->call->allocations.list[i]);

		if (allocation_gave(j->model, a, e) ||
		    endpoint_equal(where(j, a->client), e) ||
		    endpoint_equal(where(j, a->reflexive), e))
			return true;
	}
	return false;
}

#define SWAP(type, array)                \
	do {                             \
		type kept = (array)[0];  \
		(array)[0] = (array)[1]; \
		(array)[1] = kept;       \
	} while (0)

static void swap_extra(struct pair_extra *extra)
{
	char name[sizeof(extra->identifiers[0])];

	SWAP(uint64_t, extra->turn_sessions);
	memcpy(name, extra->identifiers[0], sizeof(name));
	memcpy(extra->identifiers[0], extra->identifiers[1], sizeof(name));
	memcpy(extra->identifiers[1], name, sizeof(name));
}

/* All that a pair says of its ends changes places with them. */
static void swap_ends(struct model *m, struct pair *p)
{
	end_number a = p->a;

	p->a = p->b;
	p->b = a;
	p->ufrag_of_a = !p->ufrag_of_a;
	SWAP(struct direction, p->way);
	SWAP(end_number, p->seen_as);
	SWAP(uint8_t, p->types);
	SWAP(uint32_t, p->candidates);
	SWAP(uint32_t, p->valid);
	SWAP(uint32_t, p->through);
	SWAP(bool, p->behind_relay);
	SWAP(bool, p->hidden);
	if (p->extra)
		swap_extra(pair_extra_make(m, p));
}

/* What the vantages saw of it is told by side, too. */
static void swap_crossings(struct judging *j, const struct pair *p)
{
	uint32_t at = p->crossings.count ? p->crossings.first : CHAIN_END;

	while (at != CHAIN_END) {
		struct crossing *c = list_at(&j->model->crossings, at);

		SWAP(uint32_t, c->requests);
		SWAP(uint32_t, c->responses);
		SWAP(nanoseconds, c->first);
		at = c->next;
	}
}

/* The client that gathered in this capture. */
static void put_own_end_first(struct judging *j, struct pair *p)
{
	if (is_own(j, where(j, p->a)) || !is_own(j, where(j, p->b)))
		return;
	swap_ends(j->model, p);
	swap_crossings(j, p);
}

void judge_pairs(struct judging *j)
{
	for (size_t i = 0; i < j->call->sessions.count; i++) {
		struct session *x = session_at(j, i);

		for (size_t k = x->first_pair; k != LIST_NONE;
		     k = pair_at(j, k)->next)
			put_own_end_first(j, pair_at(j, k));
		select_pairs(j, x);
		explain_pairs(j, x);
	}
}

/* ---- what has no pair ---- */

static bool both_sides_name(struct judging *j)
{
	bool named[2] = {false, false};

	for (uint32_t i = 0; i < j->call->candidates.count; i++) {
		const struct candidate *c = list_at(
			&j->model->candidates, j->call->candidates.list[i]);

		if (!c->learned && c->side != SIDE_UNKNOWN)
			named[c->side == SIDE_ANSWER] = true;
	}
	return named[0] && named[1];
}

bool candidates_are_apart(struct judging *j)
{
	struct matrix all;
	bool apart;

	if (!both_sides_name(j))
		return false;
	all = matrix_of(j->model, j->call);
	apart = all.cells && !all.count && !all.cut;
	matrix_free(&all);
	return apart;
}
