/*
 * The joins: evidence to calls, by value and time.
 *
 * An INVITE makes a call; ICE sessions whose user fragments stand in its
 * descriptions belong to it.  Sessions that no description names make calls of
 * their own, those of the same two hosts that start together one.  What else
 * belongs to a call is found by the addresses that it names; of several calls
 * that name an address those count that are not over by then.
 */
#include "config.h"

#include <stddef.h>

#include "flow/stages_state.h"

/* What is on its way when a call ends. */
#define OVER_AFTER (5 * NS_PER_S)
/* So many pairs of a session tell which hosts it is between. */
#define HOSTS_FROM_PAIRS 64u
/* Consent runs out in that time: nothing is left to restart. */
#define RESTART_WITHIN (30 * NS_PER_S)
/* No agent's user fragment that stands for all of its candidates is so long,
 * and the names of candidates are no shorter; each is looked for at two hosts.
 */
#define CANDIDATE_NAME 16u
#define NAMES_OF_HOSTS 4u

/* A session may be seen in so many calls (the legs of a B2BUA). */
#define LEGS_MAX 8u

static struct call *call_at(struct stages *s, size_t at)
{
	return list_at(&s->model->calls, at);
}

size_t calls_new(struct stages *s, enum call_kind kind, nanoseconds start)
{
	return model_call(s->model, kind, start) ? s->model->calls.count - 1
						 : LIST_NONE;
}

void calls_stretch(struct call *call, nanoseconds from, nanoseconds to)
{
	if (from && from < call->start)
		call->start = from;
	if (to > call->end)
		call->end = to;
}

/* ---- what a call names ---- */

static void own(struct stages *s, struct owners *o, uint64_t value, size_t call,
		nanoseconds from)
{
	if (call != LIST_NONE &&
	    owners_add(o, value, (uint32_t)call, from) != STATUS_OK)
		s->model->out_of_memory = true;
}

void calls_own_name(struct stages *s, size_t call, struct slice ufrag,
		    nanoseconds from)
{
	if (ufrag.n)
		own(s, &s->names, stages_hash(s, ufrag), call, from);
}

bool calls_owns_name(const struct stages *s, size_t call, struct slice ufrag)
{
	return call != LIST_NONE &&
	       owners_has(&s->names, stages_hash(s, ufrag), (uint32_t)call);
}

uint64_t calls_address_value(const struct stages *s, const struct endpoint *e)
{
	return stages_hash(s, slice_of(e, sizeof(*e)));
}

/* Port 9 stands for "not known yet" (RFC 8839 4.2.1, RFC 6544 4.5). */
#define PORT_DISCARD 9

bool calls_is_somewhere(const struct endpoint *e)
{
	static const uint8_t nowhere[16];

	return e->family != FAMILY_NONE && e->port != 0 &&
	       e->port != PORT_DISCARD && memcmp(e->ip, nowhere, 16) != 0;
}

void calls_own_address(struct stages *s, size_t call, const struct endpoint *e,
		       nanoseconds from)
{
	if (calls_is_somewhere(e))
		own(s, &s->addresses, calls_address_value(s, e), call, from);
}

/* A description names the same address as default and as candidate; those that
 * follow each other are looked at. */
#define NAMINGS_BACK 8u

static bool is_named(const struct stages *s, uint32_t dialog, end_number end)
{
	const struct named_end *rows = s->namings.rows;
	size_t count = s->namings.count;

	for (size_t i = 1; i <= NAMINGS_BACK && i <= count; i++)
		if (rows[count - i].end == end &&
		    rows[count - i].dialog == dialog)
			return true;
	return false;
}

void dialog_names_address(struct stages *s, uint32_t dialog,
			  const struct endpoint *e, place_number place)
{
	end_number end = calls_is_somewhere(e) ? model_end(s->model, e) : 0;
	struct named_end *row;

	if (!end || is_named(s, dialog, end))
		return;
	row = list_add(&s->namings);
	if (row)
		*row = (struct named_end){end, dialog, place};
}

static void own_named(struct stages *s)
{
	const struct dialog *dialogs = s->model->dialogs.rows;
	const struct named_end *rows = s->namings.rows;
	enum status status = STATUS_OK;

	for (size_t i = 0; i < s->namings.count && status == STATUS_OK; i++) {
		const struct endpoint *e = end_at(s->model, rows[i].end);
		size_t call = dialogs[rows[i].dialog].call;

		if (call != LIST_NONE)
			status = owners_add_earlier(
				&s->addresses, calls_address_value(s, e),
				(uint32_t)call,
				place_time(s->model, rows[i].place));
	}
	s->model->out_of_memory |= status != STATUS_OK;
}

/* ---- which of several calls? ---- */

static nanoseconds end_of_leg(const struct model *m, const struct dialog *d)
{
	if (d->ended)
		return place_time(m, d->ended);
	return d->final >= 300 ? place_time(m, d->answer) : 0;
}

/* When the last leg ended; 0: not in the capture. */
static nanoseconds end_of(struct stages *s, const struct call *call)
{
	nanoseconds end = 0;

	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		nanoseconds of_leg =
			end_of_leg(s->model, list_at(&s->model->dialogs,
						     call->dialogs.list[i]));

		if (of_leg == 0)
			return 0;
		end = of_leg > end ? of_leg : end;
	}
	return end;
}

/* Of two calls at one address an old one whose end is not in the capture is
 * over when it was last heard of before the new one began. */
static bool is_superseded(struct stages *s, size_t old, size_t new)
{
	return end_of(s, call_at(s, old)) == 0 &&
	       call_at(s, old)->end < call_at(s, new)->start;
}

size_t calls_at_address(struct stages *s, const struct endpoint *e,
			nanoseconds time, struct owner_stay *out)
{
	size_t count = 0, kept = 0;

	if (calls_is_somewhere(e))
		count = owners_until(&s->addresses, calls_address_value(s, e),
				     time + CALLS_SLACK, out, CALLS_NEAR);
	for (size_t i = 0; i < count; i++) {
		nanoseconds end = end_of(s, call_at(s, out[i].number));

		if (end && time > end + OVER_AFTER)
			continue;
		if (kept && is_superseded(s, out[i].number, out[0].number))
			continue;
		out[kept++] = out[i];
	}
	return kept;
}

/* ---- calls of dialogs ---- */

static void stretch_dialog(struct stages *s, size_t number)
{
	const struct dialog *d = list_at(&s->model->dialogs, number);

	if (d->call != LIST_NONE)
		calls_stretch(call_at(s, d->call), 0,
			      place_time(s->model, d->cited.last));
}

/* ---- ICE sessions of dialogs, by user fragments ---- */

/* The calls that name both user fragments, the newest first; else the newest
 * that names one: descriptions may be missing. */
static size_t calls_of_session(struct stages *s, const struct session *x,
			       uint32_t legs[LEGS_MAX])
{
	uint64_t values[] = {
		stages_hash(s, text_slice_at(s->model, x->ufrags[0])),
		stages_hash(s, text_slice_at(s->model, x->ufrags[1]))};
	struct owner_stay near[CALLS_NEAR], newest = {0};
	size_t count = 0;
	bool any = false;

	for (size_t side = 0; side < 2 && count == 0; side++) {
		size_t n = owners_until(&s->names, values[side],
					place_time(s->model, x->first) +
						CALLS_SLACK,
					near, CALLS_NEAR);

		for (size_t i = 0; i < n && count < LEGS_MAX; i++)
			if (owners_has(&s->names, values[!side],
				       near[i].number))
				legs[count++] = near[i].number;
		if (n && (!any || near[0].from > newest.from))
			newest = near[0];
		any |= n != 0;
	}
	if (count == 0 && any)
		legs[count++] = newest.number;
	return count;
}

/* ICE of before RFC 5245 names its fragments elsewhere (a=alt): a call that
 * names both ends of a pair, if it is the only one. */
static size_t call_by_ends(struct stages *s, const struct session *x,
			   uint32_t legs[LEGS_MAX])
{
	const struct pair *p = list_at(&s->model->pairs, x->first_pair);
	uint64_t value = calls_address_value(s, end_at(s->model, p->b));
	struct owner_stay near[CALLS_NEAR];
	size_t n, count = 0;

	if (!s->addresses.sorted && owners_arrange(&s->addresses) != STATUS_OK)
		s->model->out_of_memory = true;
	n = calls_at_address(s, end_at(s->model, p->a),
			     place_time(s->model, x->first), near);
	for (size_t i = 0; i < n && count < 2; i++)
		if (owners_has(&s->addresses, value, near[i].number))
			legs[count++] = near[i].number;
	return count == 1;
}

/* ---- ICE sessions without signalling, by their hosts ---- */

/* The call that was the last between two hosts, or two ends. */
struct meeting {
	uint64_t hosts;
	size_t call;
};

struct meetings {
	struct list rows;
	struct index index;
	struct owners relays; /* of relayed addresses: allocations */
	struct owners older;  /* calls_older.c */
	struct owners asked;  /* of clients' ends: allocations */
	bool asked_is_full;
};

static bool same_hosts(const void *rows, uint32_t row, const void *key)
{
	return ((const struct meeting *)rows)[row].hosts ==
	       *(const uint64_t *)key;
}

static struct meeting *meeting_of(const struct meetings *m, uint64_t hosts)
{
	uint32_t row =
		index_find(&m->index, hosts, same_hosts, m->rows.rows, &hosts);

	return row == INDEX_NONE ? NULL : list_at(&m->rows, row);
}

static void meet(struct stages *s, struct meetings *m, uint64_t hosts,
		 size_t call)
{
	struct meeting *row = meeting_of(m, hosts);

	if (row) {
		row->call = call;
		return;
	}
	row = list_add(&m->rows);
	if (!row)
		return;
	*row = (struct meeting){hosts, call};
	if (index_add(&m->index, hosts, (uint32_t)m->rows.count - 1) !=
	    STATUS_OK)
		s->model->out_of_memory = true;
}

/* The host behind an end: behind a relayed address it is the client. */
static struct endpoint host_of(struct stages *s, const struct meetings *m,
			       const struct pair *p, const struct endpoint *e)
{
	struct owner_stay stay;
	struct endpoint host = *e;

	if (p->relayed &&
	    owners_until(&m->relays, calls_address_value(s, e),
			 place_time(s->model, p->cited.first) + CALLS_SLACK,
			 &stay, 1))
		host = *end_at(s->model,
			       ((struct allocation *)list_at(
					&s->model->allocations, stay.number))
				       ->client);
	host.port = 0;
	return host;
}

static bool has_answer(const struct pair *p)
{
	return p->way[0].responses || p->way[1].responses;
}

/* Fills the pairs of hosts that a session is between, as its answered pairs
 * tell, or all when none was answered; returns how many. */
static size_t hosts_of(struct stages *s, const struct meetings *m,
		       const struct session *x, uint64_t *out)
{
	const struct pair *pairs = s->model->pairs.rows;
	size_t count = 0;

	for (int answered = 1; answered >= 0 && count == 0; answered--) {
		unsigned seen = 0;

		for (size_t i = x->first_pair;
		     i != LIST_NONE && seen < HOSTS_FROM_PAIRS;
		     i = pairs[i].next, seen++) {
			const struct pair *p = &pairs[i];
			struct endpoint a =
				host_of(s, m, p, end_at(s->model, p->a));
			struct endpoint b =
				host_of(s, m, p, end_at(s->model, p->b));

			/* A relay itself is between anybody. */
			if (has_answer(p) < answered ||
			    (p->relayed &&
			     endpoint_same_ip(&a, end_at(s->model, p->a)) &&
			     endpoint_same_ip(&b, end_at(s->model, p->b))))
				continue;
			out[count++] = stages_hash_ends(s, &a, &b);
		}
	}
	return count;
}

static void note_asked(struct stages *s, struct meetings *m)
{
	const struct allocation *rows = s->model->allocations.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++)
		own(s, &m->asked,
		    calls_address_value(s, end_at(s->model, rows[i].client)), i,
		    place_time(s->model, rows[i].request));
	if (owners_arrange(&m->asked) != STATUS_OK)
		s->model->out_of_memory = true;
	m->asked_is_full = true;
}

/* Does an end of the pair ask for a relay in between?  Who restarts keeps the
 * one that it has, or takes another port; one port again is another call's. */
static bool gathers_between(struct stages *s, struct meetings *m,
			    const struct pair *p, nanoseconds from,
			    nanoseconds to)
{
	struct owner_stay stay;

	if (!m->asked_is_full)
		note_asked(s, m);
	for (unsigned end = 0; end < 2; end++)
		if (owners_after(
			    &m->asked,
			    calls_address_value(
				    s, end_at(s->model, end ? p->b : p->a)),
			    from, &stay, 1) &&
		    stay.from < to)
			return true;
	return false;
}

/* A restart may come at any time, on the same two ends. */
static size_t restarted_call(struct stages *s, struct meetings *m,
			     const struct session *x)
{
	const struct pair *pairs = s->model->pairs.rows;
	nanoseconds first = place_time(s->model, x->first);
	size_t at = x->first_pair, found = LIST_NONE;

	for (unsigned i = 0; i < HOSTS_FROM_PAIRS && at != LIST_NONE; i++) {
		const struct pair *p = &pairs[at];
		const struct meeting *row = meeting_of(
			m, stages_hash_ends(s, end_at(s->model, p->a),
					    end_at(s->model, p->b)));

		at = p->next;
		if (!row || first - call_at(s, row->call)->end > RESTART_WITHIN)
			continue;
		if (gathers_between(s, m, p, call_at(s, row->call)->end, first))
			return LIST_NONE;
		if (found == LIST_NONE)
			found = row->call;
	}
	return found;
}

/* ---- whose sessions they are ---- */

/* The allocation of who gathers there, or that gave it out; NULL: none. */
static const struct allocation *behind(struct stages *s,
				       const struct meetings *m, end_number end,
				       nanoseconds time)
{
	uint64_t value = calls_address_value(s, end_at(s->model, end));
	struct owner_stay stay;

	if (!owners_until(&m->asked, value, time, &stay, 1) &&
	    !owners_until(&m->relays, value, time, &stay, 1))
		return NULL;
	return list_at(&s->model->allocations, stay.number);
}

static struct mras_users users_of(struct stages *s, struct meetings *m,
				  const struct session *x)
{
	const struct pair *pairs = s->model->pairs.rows;
	nanoseconds time = place_time(s->model, x->first) + CALLS_SLACK;
	struct mras_users users = {.count = 0};
	size_t at = x->first_pair;

	if (!m->asked_is_full)
		note_asked(s, m);
	for (unsigned i = 0; i < HOSTS_FROM_PAIRS && at != LIST_NONE; i++) {
		mras_user_add(&users, behind(s, m, pairs[at].a, time));
		mras_user_add(&users, behind(s, m, pairs[at].b, time));
		at = pairs[at].next;
	}
	return users;
}

/* Behind one NAT there are many users of Lync, whose tokens tell them apart. */
static bool is_of_others(struct stages *s, struct meetings *m,
			 const struct session *x, size_t call)
{
	const struct call *of = call_at(s, call);
	struct mras_users mine = users_of(s, m, x), theirs;

	if (!mine.count || !of->sessions.count)
		return false;
	theirs = users_of(s, m,
			  list_at(&s->model->sessions, of->sessions.list[0]));
	return mras_users_differ(&mine, &theirs);
}

static void meet_at_ends(struct stages *s, struct meetings *m,
			 const struct session *x, size_t call)
{
	const struct pair *pairs = s->model->pairs.rows;
	size_t at = x->first_pair;

	for (unsigned i = 0; i < HOSTS_FROM_PAIRS && at != LIST_NONE; i++) {
		meet(s, m,
		     stages_hash_ends(s, end_at(s->model, pairs[at].a),
				      end_at(s->model, pairs[at].b)),
		     call);
		at = pairs[at].next;
	}
}

/* Older dialects name each candidate: one call has a session for each two of
 * them, and two of these share a name, and the host that it is of. */
static size_t host_names(const struct stages *s, const struct session *x,
			 uint64_t out[NAMES_OF_HOSTS])
{
	const struct pair *p = list_at(&s->model->pairs, x->first_pair);
	struct endpoint hosts[2] = {*end_at(s->model, p->a),
				    *end_at(s->model, p->b)};
	size_t count = 0;

	hosts[0].port = hosts[1].port = 0;
	for (unsigned i = 0; i < 2; i++) {
		struct slice name = text_slice_at(s->model, x->ufrags[i]);

		for (unsigned k = 0; k < 2 && name.n >= CANDIDATE_NAME; k++)
			out[count++] = hash_mix(
				stages_hash(s, name) +
				stages_hash_ends(s, &hosts[k], &hosts[k]));
	}
	return count;
}

/* So many of a call, the newest first. */
#define SESSIONS_LOOKED_AT 32u

static bool is_told(const struct told_holders *of)
{
	return of->rows[0] != LIST_NONE || of->rows[1] != LIST_NONE;
}

/* Has one description user fragments of both? */
static bool are_told_as_one(const struct told_holders *a,
			    const struct told_holders *b)
{
	for (unsigned i = 0; i < 2; i++)
		for (unsigned k = 0; k < 2; k++)
			if (a->rows[i] != LIST_NONE && a->rows[i] == b->rows[k])
				return true;
	return false;
}

/* Does it begin behind all of a call's checks, and was one of the two told, but
 * not as what goes on with the other?  Then the same hosts call again. */
static bool is_another(struct stages *s, size_t call, const struct session *x)
{
	const struct members *sessions = &call_at(s, call)->sessions;
	uint32_t i = sessions->count;
	struct told_holders mine, theirs;
	bool told;

	if (s->model->told.count == 0)
		return false;
	mine = told_holders_of(s, x);
	told = is_told(&mine);
	for (unsigned n = 0; i && n < SESSIONS_LOOKED_AT; n++) {
		const struct session *y =
			list_at(&s->model->sessions, sessions->list[--i]);

		theirs = told_holders_of(s, y);
		if (place_time(s->model, x->first) <=
			    place_time(s->model, y->last) ||
		    are_told_as_one(&mine, &theirs))
			return false;
		told |= is_told(&theirs);
	}
	return told;
}

static size_t ice_call_of(struct stages *s, struct meetings *m,
			  const struct session *x)
{
	uint64_t hosts[HOSTS_FROM_PAIRS + NAMES_OF_HOSTS];
	size_t count = hosts_of(s, m, x, hosts);
	size_t call = restarted_call(s, m, x);

	count += host_names(s, x, hosts + count);

	if (call == LIST_NONE)
		call = told_call_before(s, x);
	if (call == LIST_NONE)
		call = calls_older_of(s, &m->older, x);
	for (size_t i = 0; i < count && call == LIST_NONE; i++) {
		const struct meeting *row = meeting_of(m, hosts[i]);

		if (row &&
		    place_time(s->model, x->first) -
				    call_at(s, row->call)->start <=
			    CALLS_TOGETHER &&
		    !is_of_others(s, m, x, row->call) &&
		    !is_another(s, row->call, x))
			call = row->call;
	}
	if (call == LIST_NONE)
		call = calls_new(s, CALL_ICE, place_time(s->model, x->first));
	for (size_t i = 0; i < count && call != LIST_NONE; i++)
		meet(s, m, hosts[i], call);
	if (call != LIST_NONE)
		meet_at_ends(s, m, x, call);
	return call;
}

static void add_session(struct stages *s, size_t call, size_t number)
{
	const struct session *x = list_at(&s->model->sessions, number);

	model_member(s->model, &call_at(s, call)->sessions, number);
	calls_stretch(call_at(s, call), place_time(s->model, x->first),
		      place_time(s->model, x->last));
}

static void join_session(struct stages *s, struct meetings *m, size_t number)
{
	struct session *x = list_at(&s->model->sessions, number);
	uint32_t legs[LEGS_MAX];
	size_t count;

	if (x->first_pair == LIST_NONE)
		return;
	count = calls_of_session(s, x, legs);
	if (count == 0)
		count = call_by_ends(s, x, legs);
	x->call = count ? legs[0] : (uint32_t)ice_call_of(s, m, x);
	if (x->call == LIST_NONE)
		return;
	add_session(s, x->call, number);
	told_note_call(s, x);
	for (size_t i = 1; i < count; i++)
		add_session(s, legs[i], number);
}

static void note_relay(struct stages *s, struct owners *relays,
		       const struct endpoint *e, size_t number)
{
	const struct allocation *a = list_at(&s->model->allocations, number);

	if (e->family != FAMILY_NONE && !a->has_session)
		own(s, relays, calls_address_value(s, e), number,
		    place_time(s->model, a->granted));
}

static void note_relays(struct stages *s, struct owners *relays)
{
	const struct allocation *rows = s->model->allocations.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++) {
		note_relay(s, relays, end_at(s->model, rows[i].relayed), i);
		note_relay(s, relays, end_at(s->model, rows[i].relayed_other),
			   i);
	}
	if (owners_arrange(relays) != STATUS_OK)
		s->model->out_of_memory = true;
}

static void join_sessions(struct stages *s)
{
	struct meetings m = {
		.rows = list_of(sizeof(struct meeting), MODEL_PAIRS_MAX),
		.relays = owners_new(),
		.older = owners_new(),
		.asked = owners_new(),
	};

	note_relays(s, &m.relays);
	calls_note_older(s, &m.older);
	for (size_t i = 0; i < s->model->sessions.count; i++)
		join_session(s, &m, i);
	list_free(&m.rows);
	index_free(&m.index);
	owners_free(&m.relays);
	owners_free(&m.older);
	owners_free(&m.asked);
}

/* Checks show addresses that no description names. */
static void own_pair(struct stages *s, size_t number)
{
	const struct pair *p = list_at(&s->model->pairs, number);
	const struct session *x = list_at(&s->model->sessions, p->session);
	nanoseconds from = place_time(s->model, p->cited.first);

	calls_own_address(s, x->call, end_at(s->model, p->a), from);
	calls_own_address(s, x->call, end_at(s->model, p->b), from);
	calls_own_address(s, x->call, end_at(s->model, p->seen_as[0]), from);
	calls_own_address(s, x->call, end_at(s->model, p->seen_as[1]), from);
}

static void arrange_names(struct stages *s)
{
	if (owners_arrange(&s->names) != STATUS_OK)
		s->model->out_of_memory = true;
}

static void arrange_addresses(struct stages *s)
{
	if (owners_arrange(&s->addresses) != STATUS_OK)
		s->model->out_of_memory = true;
}

static void count_refused(struct stages *s)
{
	s->model->names_refused += s->names.rows.refused + s->namings.refused +
				   s->addresses.rows.refused;
}

#define LIST(name) offsetof(struct model, name)
/* So many rows of a list make a step. */
#define ROWS_AT_ONCE ((size_t)256)

/* What is done: all of it at once, or for each row of a list of the model, or
 * so many times. */
struct join {
	void (*all)(struct stages *s);
	void (*each)(struct stages *s, size_t row);
	size_t list;
	size_t times; /* 0: as many as the list has */
};

/* In this order: each makes use of what those before have found. */
static const struct join joins[] = {
	{.all = legs_begin},
	{.each = legs_find, .times = LEGS_PASSES},
	{.all = legs_end},
	{.all = own_named},
	{.all = crossings_begin},
	{.each = crossings_finish, .list = LIST(sessions)},
	{.each = stretch_dialog, .list = LIST(dialogs)},
	{.all = arrange_names},
	{.all = join_sessions},
	{.each = told_join, .list = LIST(sessions)},
	{.each = told_calls, .list = LIST(told)},
	{.each = own_pair, .list = LIST(pairs)},
	{.all = arrange_addresses},
	{.each = calls_join_allocation, .list = LIST(allocations)},
	{.each = calls_join_binding, .list = LIST(bindings)},
	{.all = calls_join_siblings},
	{.all = calls_join_named},
	{.all = calls_join_hosts},
	{.all = consent_finish},
	{.all = calls_join_restarts},
	{.all = candidates_begin},
	{.each = candidates_describe, .list = LIST(dialogs)},
	{.each = candidates_describe_told, .list = LIST(told)},
	{.all = candidates_relay},
	{.each = candidates_learn_from, .list = LIST(sessions)},
	{.each = candidates_list_described, .list = LIST(dialogs)},
	{.each = candidates_list_told, .list = LIST(told)},
	{.each = candidates_list_learned, .list = LIST(calls)},
	{.all = candidates_end},
	{.all = hidden_relays_find},
	{.all = calls_join_media},
	{.all = calls_join_keepalives},
	{.all = certificates_join},
	{.all = calls_join_registrations},
	{.all = calls_join_tokens},
	{.all = calls_join_asides},
	{.all = calls_join_attempts},
	{.all = calls_join_asides_left},
	{.all = calls_own_parties},
	{.all = registrations_expire},
	{.all = tokens_expire},
	{.all = count_refused},
};

static size_t rows_of(const struct stages *s, const struct join *j)
{
	const struct list *list =
		(const void *)((const char *)s->model + j->list);

	return j->times ? j->times : list->count;
}

/* Some rows; true when there are more.  What takes long goes one by one. */
static bool join_rows(struct stages *s, const struct join *j)
{
	struct joining *at = &s->joining;
	size_t count = rows_of(s, j);
	size_t most = j->times ? 1 : ROWS_AT_ONCE;
	size_t end = count - at->row > most ? at->row + most : count;

	while (at->row < end)
		j->each(s, at->row++);
	if (end < count)
		return true;
	at->row = 0;
	return false;
}

bool calls_join_step(struct stages *s)
{
	size_t at = s->joining.join;

	if (at == sizeof(joins) / sizeof(joins[0]))
		return false;
	if (joins[at].all)
		joins[at].all(s);
	else if (join_rows(s, &joins[at]))
		return true;
	s->joining.join++;
	return true;
}
