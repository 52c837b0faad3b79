/*
 * The joins of what comes before a call: allocations and Bindings, by the
 * addresses that they gave to it; registrations and tokens, by address of
 * record.
 */
#include "config.h"

#include "flow/stages_state.h"

/* A client may gather this long before its description names the result. */
#define GATHER_AHEAD (180 * NS_PER_S)
/* One allocation may serve so many calls. */
#define ALLOCATION_CALLS_MAX 64u
/* A registration serves calls for as long as it was granted; one that was not
 * matters for this long. */
#define FAILED_MATTERS (3600 * NS_PER_S)
/* So many registrations of one address of record are weighed. */
#define DEVICES_MAX 32u

static struct call *call_at(struct stages *s, size_t at)
{
	return list_at(&s->model->calls, at);
}

static nanoseconds distance(nanoseconds a, nanoseconds b)
{
	return a > b ? a - b : b - a;
}

/* ---- allocations and Bindings ---- */

static void take_allocation(struct stages *s, size_t number, size_t at)
{
	struct allocation *a = list_at(&s->model->allocations, number);
	struct call *call = call_at(s, at);

	if (a->call == LIST_NONE)
		a->call = (uint32_t)at;
	model_member(s->model, &call->allocations, number);
	if (a->token != LIST_NONE)
		model_member(s->model, &call->tokens, a->token);
	if (call->start - place_time(s->model, a->request) <= CALLS_TOGETHER)
		calls_stretch(call, place_time(s->model, a->request), 0);
}

/* All calls that name the relayed address while it is granted.  A relay
 * shared by sessions says nothing by its address. */
static void by_relayed(struct stages *s, size_t number,
		       const struct endpoint *relayed)
{
	const struct allocation *a = list_at(&s->model->allocations, number);
	struct owner_stay near[ALLOCATION_CALLS_MAX];
	size_t count;

	if (relayed->family == FAMILY_NONE || a->has_session)
		return;
	count = owners_after(&s->addresses, calls_address_value(s, relayed),
			     place_time(s->model, a->request) - CALLS_SLACK,
			     near, ALLOCATION_CALLS_MAX);
	for (size_t i = 0; i < count && near[i].from <= a->until; i++)
		take_allocation(s, number, near[i].number);
}

/* The call that names an address nearest to the time when it was gathered. */
static size_t gathered_for(struct stages *s, const struct endpoint *e,
			   nanoseconds time)
{
	struct owner_stay before[CALLS_NEAR], after;
	size_t had = calls_at_address(s, e, time, before);

	if (e->family != FAMILY_NONE &&
	    owners_after(&s->addresses, calls_address_value(s, e),
			 time + CALLS_SLACK, &after, 1) &&
	    after.from - time <= GATHER_AHEAD &&
	    (!had || after.from - time < distance(time, before[0].from)))
		return after.number;
	return had ? before[0].number : LIST_NONE;
}

void calls_join_allocation(struct stages *s, size_t number)
{
	struct allocation *a = list_at(&s->model->allocations, number);
	size_t call;

	by_relayed(s, number, end_at(s->model, a->relayed));
	by_relayed(s, number, end_at(s->model, a->relayed_other));
	if (a->call != LIST_NONE)
		return;
	call = gathered_for(s, end_at(s->model, a->reflexive),
			    place_time(s->model, a->request));
	if (call == LIST_NONE)
		call = gathered_for(s, end_at(s->model, a->client),
				    place_time(s->model, a->request));
	if (call != LIST_NONE)
		take_allocation(s, number, call);
}

void calls_join_binding(struct stages *s, size_t number)
{
	struct binding *b = list_at(&s->model->bindings, number);

	b->call = gathered_for(s, end_at(s->model, b->client),
			       place_time(s->model, b->request));
	if (b->call == LIST_NONE)
		b->call = gathered_for(s, end_at(s->model, b->mapped),
				       place_time(s->model, b->request));
	if (b->call != LIST_NONE)
		model_member(s->model, &call_at(s, b->call)->bindings, number);
}

/* ---- what the same client gathered beside it ---- */

static uint64_t client_value(const struct stages *s,
			     const struct endpoint *client, struct slice user)
{
	struct endpoint host = twins_host(s, client);

	return stages_hash(s, slice_of(&host, sizeof(host))) +
	       (user.n ? stages_hash(s, user) : 0);
}

/* The only call that the same client gathered for at about this time. */
static size_t sibling(const struct owners *clients, uint64_t value,
		      nanoseconds time)
{
	struct owner_stay near[CALLS_NEAR];
	size_t count = owners_after(clients, value, time - CALLS_TOGETHER, near,
				    CALLS_NEAR);
	size_t call = LIST_NONE;

	for (size_t i = 0; i < count && near[i].from <= time + CALLS_TOGETHER;
	     i++) {
		if (call != LIST_NONE && call != near[i].number)
			return LIST_NONE;
		call = near[i].number;
	}
	return call;
}

static void own_client(struct stages *s, struct owners *clients, uint64_t value,
		       size_t call, nanoseconds time)
{
	if (owners_add(clients, value, (uint32_t)call, time) != STATUS_OK)
		s->model->out_of_memory = true;
}

static void own_clients(struct stages *s, struct owners *clients)
{
	const struct allocation *a = s->model->allocations.rows;
	const struct binding *b = s->model->bindings.rows;
	const struct slice nobody = {0};

	for (size_t i = 0; i < s->model->allocations.count; i++) {
		if (a[i].call == LIST_NONE)
			continue;
		own_client(
			s, clients,
			client_value(s, end_at(s->model, a[i].client), nobody),
			a[i].call, place_time(s->model, a[i].request));
		if (a[i].username.n)
			own_client(
				s, clients,
				client_value(s, end_at(s->model, a[i].client),
					     a[i].username),
				a[i].call, place_time(s->model, a[i].request));
	}
	for (size_t i = 0; i < s->model->bindings.count; i++)
		if (b[i].call != LIST_NONE)
			own_client(
				s, clients,
				client_value(s, end_at(s->model, b[i].client),
					     nobody),
				b[i].call, place_time(s->model, b[i].request));
	if (owners_arrange(clients) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* Has any set-up no call yet?  Nearly always none. */
static bool is_any_left(const struct stages *s)
{
	const struct allocation *a = s->model->allocations.rows;
	const struct binding *b = s->model->bindings.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++)
		if (a[i].call == LIST_NONE)
			return true;
	for (size_t i = 0; i < s->model->bindings.count; i++)
		if (b[i].call == LIST_NONE)
			return true;
	return false;
}

/*
 * What no description and no check names (the second component, a relay or a
 * reflexive address that was not needed) belongs to the call that the same
 * client gathered for at that time, if that is only one.
 */
void calls_join_siblings(struct stages *s)
{
	struct owners clients = owners_new();
	struct allocation *a = s->model->allocations.rows;
	struct binding *b = s->model->bindings.rows;
	const struct slice nobody = {0};

	if (!is_any_left(s))
		return;
	own_clients(s, &clients);
	for (size_t i = 0; i < s->model->allocations.count; i++) {
		size_t call;

		if (a[i].call != LIST_NONE)
			continue;
		call = sibling(&clients,
			       client_value(s, end_at(s->model, a[i].client),
					    a[i].username),
			       place_time(s->model, a[i].request));
		if (call != LIST_NONE)
			take_allocation(s, i, call);
	}
	for (size_t i = 0; i < s->model->bindings.count; i++) {
		if (b[i].call != LIST_NONE)
			continue;
		b[i].call = sibling(
			&clients,
			client_value(s, end_at(s->model, b[i].client), nobody),
			place_time(s->model, b[i].request));
		if (b[i].call != LIST_NONE)
			model_member(s->model, &call_at(s, b[i].call)->bindings,
				     i);
	}
	owners_free(&clients);
}

/* Does nothing that the call gathered name a user yet? */
static bool is_nameless(struct stages *s, size_t at)
{
	const struct call *call = call_at(s, at);
	const struct allocation *rows = s->model->allocations.rows;

	for (size_t i = 0; i < call->allocations.count; i++)
		if (rows[call->allocations.list[i]].username.n)
			return false;
	return true;
}

/*
 * A relay that was asked in vain was told no user, and the one that then gave
 * an allocation was: both are of the same client.
 */
void calls_join_named(struct stages *s)
{
	struct owners clients = owners_new();
	struct allocation *a = s->model->allocations.rows;
	const struct slice nobody = {0};

	if (!is_any_left(s))
		return;
	own_clients(s, &clients);
	for (size_t i = 0; i < s->model->allocations.count; i++) {
		size_t call;

		if (a[i].call != LIST_NONE || !a[i].username.n)
			continue;
		call = sibling(
			&clients,
			client_value(s, end_at(s->model, a[i].client), nobody),
			place_time(s->model, a[i].request));
		if (call != LIST_NONE && is_nameless(s, call))
			take_allocation(s, i, call);
	}
	owners_free(&clients);
}

/* ---- what the hosts of checks gathered ---- */

static void own_host(struct stages *s, struct owners *hosts,
		     const struct endpoint *e, const struct session *x)
{
	const struct slice nobody = {0};

	if (e->family != FAMILY_NONE)
		own_client(s, hosts, client_value(s, e, nobody), x->call,
			   place_time(s->model, x->first));
}

/* Who offers or answers outside of SIP, whose checks may be of another family
 * or interface than the relay is asked over. */
static void own_tellers(struct stages *s, struct owners *hosts)
{
	const struct slice nobody = {0};

	for (size_t i = 0; i < s->model->told.count; i++) {
		const struct told_description *t = list_at(&s->model->told, i);

		if (t->call != LIST_NONE && t->src)
			own_client(s, hosts,
				   client_value(s, end_at(s->model, t->src),
						nobody),
				   t->call,
				   place_time(s->model, t->description.place));
	}
}

/* Who has no candidate to tell, since a relay was all that it wanted and none
 * gave it an address. */
static void own_bare(struct stages *s, struct owners *hosts,
		     const struct dialog *d)
{
	const struct slice nobody = {0};

	if (d->call == LIST_NONE)
		return;
	if (description_is_bare(&d->offer))
		own_client(s, hosts,
			   client_value(s, end_at(s->model, d->src), nobody),
			   d->call, place_time(s->model, d->offer.place));
	if (description_is_bare(&d->reply))
		own_client(s, hosts,
			   client_value(s, end_at(s->model, d->dst), nobody),
			   d->call, place_time(s->model, d->reply.place));
}

static void own_hosts(struct stages *s, struct owners *hosts)
{
	const struct session *rows = s->model->sessions.rows;
	const struct pair *pairs = s->model->pairs.rows;

	for (size_t i = 0; i < s->model->sessions.count; i++) {
		const struct session *x = &rows[i];

		if (x->call == LIST_NONE)
			continue;
		for (size_t k = x->first_pair; k != LIST_NONE;
		     k = pairs[k].next) {
			own_host(s, hosts, end_at(s->model, pairs[k].a), x);
			own_host(s, hosts, end_at(s->model, pairs[k].b), x);
		}
	}
	own_tellers(s, hosts);
	for (size_t i = 0; i < s->model->dialogs.count; i++)
		own_bare(s, hosts, list_at(&s->model->dialogs, i));
	if (owners_arrange(hosts) != STATUS_OK)
		s->model->out_of_memory = true;
}

/* Did somebody else ask for it behind the same address? */
static bool is_of_others(struct stages *s, size_t number, size_t at)
{
	const struct call *call = call_at(s, at);
	const struct allocation *rows = s->model->allocations.rows;
	struct mras_users mine = {.count = 0}, theirs = {.count = 0};

	mras_user_add(&mine, &rows[number]);
	for (size_t i = 0; mine.count && i < call->allocations.count; i++)
		mras_user_add(&theirs, &rows[call->allocations.list[i]]);
	return mras_users_differ(&mine, &theirs);
}

static bool any_left(struct stages *s)
{
	const struct allocation *a = s->model->allocations.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++)
		if (a[i].call == LIST_NONE)
			return true;
	return false;
}

/*
 * Some agents ask the relay from a socket of its own: where neither end was
 * needed later, no address tells whose it was.  It belongs to the checks of
 * that host which began at that time, if those are of one call.
 */
void calls_join_hosts(struct stages *s)
{
	struct owners hosts;
	struct allocation *a = s->model->allocations.rows;
	const struct slice nobody = {0};
	bool any = false;

	if (!any_left(s))
		return;
	hosts = owners_new();
	own_hosts(s, &hosts);
	for (size_t i = 0; i < s->model->allocations.count; i++) {
		size_t call;

		if (a[i].call != LIST_NONE)
			continue;
		call = sibling(
			&hosts,
			client_value(s, end_at(s->model, a[i].client), nobody),
			place_time(s->model, a[i].request));
		if (call == LIST_NONE || is_of_others(s, i, call))
			continue;
		take_allocation(s, i, call);
		any = true;
	}
	owners_free(&hosts);
	if (any)
		calls_join_siblings(s);
}

/* ---- registrations ---- */

static bool serves(const struct model *m, const struct registration *r,
		   const struct call *call)
{
	nanoseconds until =
		r->until ? r->until
			 : place_time(m, r->cited.last) + FAILED_MATTERS;

	return place_time(m, r->cited.first) <= call->end &&
	       until >= call->start;
}

/* Of several devices the one that the call is on, then one that is known to
 * be registered, then the newest. */
static unsigned fitness(const struct registration *r,
			const struct endpoint *host)
{
	return 2u * (host && endpoint_same_ip(&r->client, host)) +
	       (r->state == STATE_OK);
}

/* Does the call go to that device, too? */
static bool rings(const struct model *m, const struct registration *r,
		  const struct dialog *d)
{
	for (unsigned i = 1; i < d->hop_count && r->state == STATE_OK; i++)
		if (endpoint_same_ip(end_at(m, dialog_hop(m, d, i)->dst),
				     &r->client))
			return true;
	return false;
}

/* The newest of this address of record that fits.  Of a further leg only one
 * that is known to be good: how far the call got is told by its first. */
static void join_registration(struct stages *s, const struct owners *devices,
			      struct call *call, const char *aor,
			      const struct dialog *d, bool caller)
{
	const struct registration *rows = s->model->registrations.rows;
	const struct endpoint *host =
		d ? end_at(s->model, caller ? d->src : d->dst) : NULL;
	bool further = d && d->leg > 1;
	struct owner_stay near[DEVICES_MAX];
	size_t count, best = LIST_NONE;

	count = aor ? owners_until(devices, stages_hash(s, slice_of_text(aor)),
				   call->end, near, DEVICES_MAX)
		    : 0;
	for (size_t i = 0; i < count; i++) {
		const struct registration *r = &rows[near[i].number];

		if (serves(s->model, r, call) &&
		    !(further && r->state != STATE_OK) &&
		    (best == LIST_NONE ||
		     fitness(r, host) > fitness(&rows[best], host)))
			best = near[i].number;
	}
	if (best != LIST_NONE)
		model_member(s->model, &call->registrations, best);
	if (d && !caller)
		for (size_t i = 0; i < count; i++)
			if (serves(s->model, &rows[near[i].number], call) &&
			    rings(s->model, &rows[near[i].number], d))
				model_member(s->model, &call->registrations,
					     near[i].number);
}

/* The caller's stands first. */
static void join_registrations(struct stages *s, const struct owners *devices,
			       struct call *call)
{
	const struct dialog *rows = s->model->dialogs.rows;
	const struct dialog *first =
		call->dialog == LIST_NONE ? NULL : &rows[call->dialog];

	join_registration(s, devices, call, call->from, first, true);
	join_registration(s, devices, call, call->to, first, false);
	for (uint32_t i = 0; i < call->dialogs.count; i++) {
		const struct dialog *d = &rows[call->dialogs.list[i]];

		if (d->leg < 2)
			continue;
		join_registration(s, devices, call, d->from, d, true);
		join_registration(s, devices, call, d->to, d, false);
	}
}

void calls_join_registrations(struct stages *s)
{
	const struct registration *rows = s->model->registrations.rows;
	struct owners devices = owners_new();

	for (size_t i = 0; i < s->model->registrations.count; i++)
		if (owners_add(&devices,
			       stages_hash(s, slice_of_text(rows[i].aor)),
			       (uint32_t)i,
			       place_time(s->model, rows[i].cited.first)) !=
		    STATUS_OK)
			s->model->out_of_memory = true;
	if (owners_arrange(&devices) != STATUS_OK)
		s->model->out_of_memory = true;
	for (size_t i = 0; i < s->model->calls.count; i++)
		join_registrations(s, &devices, call_at(s, i));
	owners_free(&devices);
}

/* ---- tokens ---- */

/* Of a party's tokens the newest that was good then, or was refused before. */
static void join_token(struct stages *s, const struct owners *parties,
		       struct call *call, const char *aor)
{
	const struct token *rows = s->model->tokens.rows;
	struct owner_stay near[DEVICES_MAX];
	size_t count = 0;

	if (aor)
		count = owners_until(parties,
				     stages_hash(s, slice_of_text(aor)),
				     call->end, near, DEVICES_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct token *t = &rows[near[i].number];
		nanoseconds until = t->state == STATE_OK
					    ? t->expires
					    : near[i].from + FAILED_MATTERS;

		if (until < call->start)
			continue;
		model_member(s->model, &call->tokens, near[i].number);
		return;
	}
}

void calls_join_tokens(struct stages *s)
{
	const struct token *rows = s->model->tokens.rows;
	struct owners parties = owners_new();

	if (s->model->tokens.count == 0)
		return;
	for (size_t i = 0; i < s->model->tokens.count; i++)
		if (rows[i].identity &&
		    owners_add(&parties,
			       stages_hash(s, slice_of_text(rows[i].identity)),
			       (uint32_t)i,
			       place_time(s->model, rows[i].cited.first)) !=
			    STATUS_OK)
			s->model->out_of_memory = true;
	if (owners_arrange(&parties) != STATUS_OK)
		s->model->out_of_memory = true;
	for (size_t i = 0; i < s->model->calls.count; i++) {
		struct call *call = call_at(s, i);

		join_token(s, &parties, call, call->from);
		join_token(s, &parties, call, call->to);
	}
	owners_free(&parties);
}
