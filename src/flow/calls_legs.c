/*
 * The join of dialogs to calls: legs that a B2BUA, a transfer or a
 * conversation puts together, by what their headers and descriptions say (spec
 * sip-sdp-ice 1.14), and only where they overlap in time.
 *
 * What headers name is sure.  A caller with addresses of both families may try
 * both.  Two calls of one caller that take the same course, an o= line, a media
 * address or a user fragment that two offers share join only if one offer may
 * have been handed on as the other, at that time, by nobody else: generators
 * and load tests repeat them in calls that have nothing to do with each other.
 */
#include "config.h"

#include <stdlib.h>

#include "flow/stages_state.h"

/* Of many legs with one value so many before are looked at. */
#define LOOK_BACK 64u
/* RFC 3261 17.1.1.2, Timer B: who was referred has tried by then. */
#define REFER_PATIENCE (32 * NS_PER_S)

/* A value and who has it: a dialog, or the note of a REFER. */
struct leg_value {
	uint64_t value;
	uint32_t number;
};

struct legs {
	struct stages *s;
	struct dialog *dialogs;
	/* Of each dialog, nearer to the first leg; with room for twice that. */
	uint32_t *roots;
	struct list values;
};

static struct dialog *dialog_at(struct legs *l, uint32_t number)
{
	return &l->dialogs[number];
}

/* ---- one call: the earlier dialog is nearer to the root ---- */

static uint32_t root_of(struct legs *l, uint32_t at)
{
	while (l->roots[at] != at) {
		l->roots[at] = l->roots[l->roots[at]];
		at = l->roots[at];
	}
	return at;
}

static void join(struct legs *l, uint32_t a, uint32_t b, enum leg_link link)
{
	uint32_t root_a = root_of(l, a), root_b = root_of(l, b);
	uint32_t first = root_a < root_b ? root_a : root_b;
	uint32_t later = root_a < root_b ? root_b : root_a;
	struct dialog *d = dialog_at(l, later);

	if (root_a == root_b)
		return;
	l->roots[later] = first;
	d->parent = later == root_b ? a : b;
	d->joined_by = link;
}

/* ---- when ---- */

static nanoseconds begin_of(const struct model *m, const struct dialog *d)
{
	return place_time(m, d->cited.first);
}

static nanoseconds end_of(const struct model *m, const struct dialog *d)
{
	if (d->ended)
		return place_time(m, d->ended);
	if (d->final >= 300)
		return place_time(m, d->answer);
	return d->final ? INT64_MAX - CALLS_TOGETHER
			: place_time(m, d->cited.last) + CALLS_TOGETHER;
}

static bool overlap(const struct model *m, const struct dialog *a,
		    const struct dialog *b, nanoseconds slack)
{
	return begin_of(m, b) <= end_of(m, a) + slack &&
	       begin_of(m, a) <= end_of(m, b) + slack;
}

/* ---- where ---- */

/* Did whoever got the one INVITE send the other? */
static bool hands_on(const struct model *m, const struct dialog *a,
		     const struct dialog *b)
{
	const struct endpoint *got = end_at(m, a->dst),
			      *sent = end_at(m, b->src);

	return a->dst == b->src || (endpoint_same_ip(got, sent) &&
				    !endpoint_same_ip(end_at(m, a->src), sent));
}

/* With several addresses it may be the same all the same. */
static bool may_hand_on(const struct model *m, const struct dialog *a,
			const struct dialog *b)
{
	if (a->src == b->dst)
		return false;
	return hands_on(m, a, b) || (!ends_share_host(m, a->src, b->src) &&
				     !ends_share_host(m, a->dst, b->dst));
}

/* ---- the same value ---- */

static bool is_weak(enum leg_link link)
{
	return link == LINK_SDP || link == LINK_MEDIA || link == LINK_COURSE;
}

static nanoseconds distance(nanoseconds a, nanoseconds b)
{
	return a > b ? a - b : b - a;
}

/* Was the one sent for the other?  `b` began later. */
static bool is_sent_for(const struct model *m, const struct dialog *a,
			const struct dialog *b, nanoseconds within)
{
	return begin_of(m, b) - begin_of(m, a) <= within &&
	       (!a->final || begin_of(m, b) <= place_time(m, a->answer)) &&
	       may_hand_on(m, a, b);
}

/* Spec sip-sdp-ice 1.14, rule 10: the same caller, and either a host that got
 * the one and sent the other or the same that is called; what came of both,
 * and when. */
static bool same_course(const struct model *m, const struct dialog *a,
			const struct dialog *b)
{
	return is_sent_for(m, a, b, CALLS_SLACK) &&
	       (hands_on(m, a, b) || (a->parties[1] != LIST_NONE &&
				      a->parties[1] == b->parties[1])) &&
	       a->final && a->final / 100 == b->final / 100 &&
	       distance(place_time(m, a->answer), place_time(m, b->answer)) <=
		       CALLS_SLACK &&
	       !a->ended == !b->ended &&
	       distance(place_time(m, a->ended), place_time(m, b->ended)) <=
		       CALLS_SLACK;
}

/* Timer B of RFC 3261 17.1.1.2, behind which the other family has its turn. */
#define FAMILIES_TOGETHER (40 * NS_PER_S)

/* Nobody answered, or the caller had enough: what a try comes to where the
 * other one is the call (RFC 8305 5). */
static bool is_in_vain(const struct dialog *d)
{
	return !d->older && (!d->final || d->final == 408 || d->final == 487);
}

static bool is_other_family(const struct model *m, const struct dialog *a,
			    const struct dialog *b)
{
	uint8_t one = end_at(m, a->src)->family;
	uint8_t other = end_at(m, b->src)->family;

	return (one == FAMILY_IPV6 && other == FAMILY_IPV4) ||
	       (one == FAMILY_IPV4 && other == FAMILY_IPV6);
}

/* Did one caller try both families, and one of them in vain? */
static bool try_families(const struct model *m, const struct dialog *a,
			 const struct dialog *b)
{
	return is_other_family(m, a, b) && a->parties[0] != LIST_NONE &&
	       a->parties[0] == b->parties[0] &&
	       a->parties[1] == b->parties[1] &&
	       (is_in_vain(a) || is_in_vain(b)) &&
	       distance(begin_of(m, a), begin_of(m, b)) <= FAMILIES_TOGETHER;
}

static bool has_media(const struct dialog *d)
{
	return d->offer.sends || d->offer.receives;
}

/* `b` is the later one. */
static bool fits(const struct model *m, const struct dialog *a,
		 const struct dialog *b, enum leg_link link)
{
	if (link == LINK_COURSE)
		return same_course(m, a, b);
	if (link == LINK_FAMILIES)
		return try_families(m, a, b);
	if (is_weak(link))
		return a->caller_offers == b->caller_offers &&
		       is_sent_for(m, a, b, CALLS_TOGETHER);
	/* One conversation has messages and a call beside each other. */
	if (link == LINK_CONVERSATION && has_media(a) != has_media(b))
		return false;
	/* Each of those who join has a focus and media of its own. */
	if (link == LINK_CONFERENCE &&
	    (a->parties[0] != b->parties[0] || has_media(a) == has_media(b)))
		return false;
	return overlap(m, a, b, CALLS_SLACK);
}

/* The leg that the one at `at` follows: that which was sent to where it comes
 * from, else the first; CHAIN_END where none fits, or no single one. */
static uint32_t leg_before(struct legs *l, size_t at, enum leg_link link)
{
	const struct leg_value *rows = l->values.rows;
	struct dialog *d = dialog_at(l, rows[at].number);
	uint32_t found = CHAIN_END;
	bool sure = false;

	for (size_t i = at, seen = 0;
	     i-- > 0 && seen < LOOK_BACK && rows[i].value == rows[at].value;
	     seen++) {
		struct dialog *a = dialog_at(l, rows[i].number);

		if (rows[i].number == rows[at].number ||
		    !fits(l->s->model, a, d, link))
			continue;
		if (is_weak(link) && found != CHAIN_END &&
		    root_of(l, found) != root_of(l, rows[i].number))
			return CHAIN_END;
		if (sure && !hands_on(l->s->model, a, d))
			continue;
		sure |= hands_on(l->s->model, a, d);
		found = rows[i].number;
	}
	return found;
}

static int compare_values(const void *a, const void *b)
{
	const struct leg_value *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* A bit for each slot. */
static bool is_marked(const uint8_t *slots, size_t slot)
{
	return slots[slot >> 3] >> (slot & 7) & 1;
}

static void mark(uint8_t *slots, size_t slot)
{
	slots[slot >> 3] |= (uint8_t)(1u << (slot & 7));
}

/* Nearly all values are one leg's alone: they are taken out, so that there is
 * less to sort.  With many more slots than values few share one by chance. */
static void drop_lonely(struct list *values)
{
	struct leg_value *rows = values->rows;
	size_t slots = 64, kept = 0;
	uint8_t *once, *twice;

	while (slots < values->count * 8)
		slots *= 2;
	once = calloc(2, slots / 8);
	if (!once)
		return;
	twice = once + slots / 8;
	for (size_t i = 0; i < values->count; i++) {
		size_t slot = (size_t)hash_mix(rows[i].value) & (slots - 1);

		mark(is_marked(once, slot) ? twice : once, slot);
	}
	for (size_t i = 0; i < values->count; i++)
		if (is_marked(twice,
			      (size_t)hash_mix(rows[i].value) & (slots - 1)))
			rows[kept++] = rows[i];
	values->count = kept;
	free(once);
}

static void sort_values(struct legs *l)
{
	if (l->values.count)
		qsort(l->values.rows, l->values.count, sizeof(struct leg_value),
		      compare_values);
}

static void add_value(struct legs *l, uint64_t value, uint32_t number)
{
	struct leg_value *row = value ? list_add(&l->values) : NULL;

	if (row)
		*row = (struct leg_value){value, number};
}

static void join_values(struct legs *l, enum leg_link link)
{
	const struct leg_value *rows;

	drop_lonely(&l->values);
	sort_values(l);
	rows = l->values.rows;
	for (size_t i = 1; i < l->values.count; i++) {
		uint32_t before;

		if (rows[i].value != rows[i - 1].value ||
		    (is_weak(link) &&
		     dialog_at(l, rows[i].number)->parent != LIST_NONE))
			continue;
		before = leg_before(l, i, link);
		if (before != CHAIN_END)
			join(l, before, rows[i].number, link);
	}
	l->values.count = 0;
}

static void by_headers(struct legs *l, enum leg_link link)
{
	const struct leg_note *notes = l->s->leg_notes.rows;

	for (size_t i = 0; i < l->s->leg_notes.count; i++)
		if (notes[i].link == link)
			add_value(l, notes[i].value, notes[i].dialog);
	join_values(l, link);
}

static void by_descriptions(struct legs *l, enum leg_link link)
{
	for (size_t i = 0; i < l->s->model->dialogs.count; i++) {
		const struct description *offer = &l->dialogs[i].offer;

		if (link == LINK_SDP) {
			add_value(l, offer->identity, (uint32_t)i);
			continue;
		}
		add_value(l, offer->transport, (uint32_t)i);
		if (offer->ufrag)
			add_value(
				l,
				stages_hash(l->s, text_slice_at(l->s->model,
								offer->ufrag)),
				(uint32_t)i);
	}
	join_values(l, link);
}

static bool has_family(const struct model *m, uint8_t family)
{
	const struct dialog *rows = m->dialogs.rows;
	size_t i = 0;

	while (i < m->dialogs.count &&
	       end_at(m, rows[i].src)->family != family)
		i++;
	return i < m->dialogs.count;
}

/* By the tag of the caller, or the name and number in o=. */
static void by_families(struct legs *l, enum leg_link link)
{
	if (!has_family(l->s->model, FAMILY_IPV6) ||
	    !has_family(l->s->model, FAMILY_IPV4))
		return;
	for (size_t i = 0; i < l->s->model->dialogs.count; i++) {
		uint64_t session = l->dialogs[i].offer.identity >> 32;

		add_value(l, l->dialogs[i].from_tag, (uint32_t)i);
		add_value(l, session << 32, (uint32_t)i);
	}
	join_values(l, link);
}

static void by_course(struct legs *l, enum leg_link link)
{
	for (size_t i = 0; i < l->s->model->dialogs.count; i++)
		if (l->dialogs[i].parties[0] != LIST_NONE)
			add_value(l, l->dialogs[i].parties[0] + 1, (uint32_t)i);
	join_values(l, link);
}

/* ---- one names the other ---- */

static void by_call_id(struct legs *l, enum leg_link link)
{
	const struct leg_name *names = l->s->leg_names.rows;

	for (size_t i = 0; i < l->s->leg_names.count; i++) {
		const struct leg_name *n = &names[i];
		struct dialog *other;

		if (n->link != link)
			continue;
		other = dialog_find(l->s, slice_of_text(n->call_id));
		if (other && overlap(l->s->model, other,
				     dialog_at(l, n->dialog), CALLS_TOGETHER))
			join(l, (uint32_t)(other - l->dialogs), n->dialog,
			     link);
	}
}

/* ---- who was referred calls whom it was told to ---- */

static bool obeys(struct legs *l, const struct referral *r,
		  const struct dialog *d)
{
	const struct model *m = l->s->model;
	const struct dialog *referred = dialog_at(l, r->dialog);
	nanoseconds after = begin_of(m, d) - place_time(m, r->place);

	return referred != d && after >= 0 && after <= REFER_PATIENCE &&
	       (ends_share_host(m, r->referee, d->src) ||
		(d->parties[0] != LIST_NONE &&
		 (d->parties[0] == referred->parties[0] ||
		  d->parties[0] == referred->parties[1])));
}

/* Behind the last one with a value of at most this. */
static size_t values_until(const struct legs *l, uint64_t value)
{
	const struct leg_value *rows = l->values.rows;
	size_t low = 0, high = l->values.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rows[middle].value <= value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void follow_referral(struct legs *l, uint32_t number)
{
	const struct referral *referrals = l->s->referrals.rows;
	const struct leg_value *rows = l->values.rows;
	const struct dialog *d = dialog_at(l, number);
	uint64_t value = stages_hash(l->s, slice_of_text(d->to));
	size_t at = values_until(l, value);

	for (size_t seen = 0; at > 0 && seen < LOOK_BACK; at--, seen++) {
		if (rows[at - 1].value != value)
			return;
		if (!obeys(l, &referrals[rows[at - 1].number], d))
			continue;
		join(l, referrals[rows[at - 1].number].dialog, number,
		     LINK_REFER);
		return;
	}
}

static void by_referral(struct legs *l, enum leg_link link)
{
	const struct referral *referrals = l->s->referrals.rows;

	(void)link;
	for (size_t i = 0; i < l->s->referrals.count; i++)
		add_value(l, referrals[i].whom, (uint32_t)i);
	sort_values(l);
	for (uint32_t i = 0; l->values.count && i < l->s->model->dialogs.count;
	     i++)
		follow_referral(l, i);
	l->values.count = 0;
}

/* In this order: what is found first says why. */
static const struct pass {
	void (*look)(struct legs *l, enum leg_link link);
	enum leg_link link;
} passes[] = {
	{by_headers, LINK_SESSION_ID},   {by_call_id, LINK_REPLACES},
	{by_call_id, LINK_REFER},        {by_referral, LINK_REFER},
	{by_headers, LINK_CONVERSATION}, {by_headers, LINK_CONFERENCE},
	{by_call_id, LINK_X_CID},        {by_headers, LINK_ICID},
	{by_families, LINK_FAMILIES},    {by_descriptions, LINK_SDP},
	{by_descriptions, LINK_MEDIA},   {by_course, LINK_COURSE},
};

_Static_assert(sizeof(passes) / sizeof(passes[0]) == LEGS_PASSES,
	       "LEGS_PASSES is not what there is");

void legs_find(struct stages *s, size_t pass)
{
	if (s->joining.legs)
		passes[pass].look(s->joining.legs, passes[pass].link);
}

/* ---- calls ---- */

static size_t call_of_first(struct stages *s, const struct dialog *d,
			    size_t number)
{
	size_t at = calls_new(s, CALL_DIALOG, begin_of(s->model, d));
	struct call *call;

	if (at == LIST_NONE)
		return at;
	call = list_at(&s->model->calls, at);
	call->dialog = number;
	call->from = d->from;
	call->to = d->to;
	call->call_id = d->call_id;
	return at;
}

/* Of a conference the media makes the call, not the focus before it; of two
 * families that which is not in vain. */
static bool leads(const struct model *m, const struct dialog *d,
		  const struct dialog *first)
{
	if (try_families(m, first, d))
		return is_in_vain(first) && !is_in_vain(d);
	return d->joined_by == LINK_CONFERENCE && has_media(d) &&
	       !has_media(first);
}

static void lead(struct legs *l, const struct dialog *d, uint32_t number)
{
	struct call *call = list_at(&l->s->model->calls, d->call);

	if (!leads(l->s->model, d, dialog_at(l, (uint32_t)call->dialog)))
		return;
	call->dialog = number;
	call->to = d->to;
	call->call_id = d->call_id;
}

/* The call of each dialog in `map`; true when some differ from what the
 * owners were told. */
static bool make_calls(struct legs *l, uint32_t *legs, uint32_t *map)
{
	struct model *m = l->s->model;
	bool differ = false;

	for (uint32_t i = 0; i < m->dialogs.count; i++) {
		struct dialog *d = dialog_at(l, i);
		uint32_t root = root_of(l, i);

		d->call = root == i ? (uint32_t)call_of_first(l->s, d, i)
				    : dialog_at(l, root)->call;
		d->leg = ++legs[root];
		map[i] = d->call == LIST_NONE ? OWNERS_NOBODY
					      : (uint32_t)d->call;
		differ |= map[i] != i;
		if (d->call == LIST_NONE)
			continue;
		lead(l, d, i);
		model_member(
			m,
			&((struct call *)list_at(&m->calls, d->call))->dialogs,
			i);
	}
	return differ;
}

/* Without calls nobody owns anything. */
static void forget_owners(struct owners *o)
{
	owners_free(o);
	*o = owners_new();
}

static void renumber(struct stages *s, const uint32_t *map)
{
	if (owners_renumber(&s->names, map) != STATUS_OK)
		s->model->out_of_memory = true;
	if (owners_renumber(&s->fingerprints, map) != STATUS_OK)
		s->model->out_of_memory = true;
}

void legs_begin(struct stages *s)
{
	size_t count = s->model->dialogs.count;
	struct legs *l = calloc(1, sizeof(*l));

	if (l)
		l->roots = calloc(count * 3 + 1, sizeof(*l->roots));
	if (!l || !l->roots) {
		free(l);
		s->model->out_of_memory = true;
		forget_owners(&s->names);
		forget_owners(&s->fingerprints);
		return;
	}
	l->s = s;
	l->dialogs = s->model->dialogs.rows;
	l->values = list_of(sizeof(struct leg_value), LEG_NOTES_MAX);
	for (uint32_t i = 0; i < count; i++)
		l->roots[i] = i;
	s->joining.legs = l;
}

void legs_end(struct stages *s)
{
	struct legs *l = s->joining.legs;
	size_t count = s->model->dialogs.count;

	if (!l)
		return;
	if (make_calls(l, l->roots + count, l->roots + 2 * count))
		renumber(s, l->roots + 2 * count);
	legs_free(s);
}

void legs_free(struct stages *s)
{
	struct legs *l = s->joining.legs;

	if (!l)
		return;
	list_free(&l->values);
	free(l->roots);
	free(l);
	s->joining.legs = NULL;
}
