/*
 * The joins: evidence to calls, by value.
 *
 * An INVITE makes a call; ICE sessions whose user fragments stand in its
 * descriptions belong to it.  Sessions that no description names make calls of
 * their own, those of the same two hosts that start together one.  What is
 * left (a registration or an allocation that led to neither) is an attempt.
 */
#include "config.h"

#include "flow/stages_state.h"

/* ICE sessions of one call start within this time (audio, video, ...). */
#define START_TOGETHER (10 * NS_PER_S)
/* Evidence of one client within this time is one attempt. */
#define ATTEMPT_WINDOW (120 * NS_PER_S)
/* A registration serves calls for as long as it was granted; without that: */
#define REGISTRATION_DEFAULT (3600 * NS_PER_S)

static struct call *call_at(struct stages *s, size_t at)
{
	return list_at(&s->model->calls, at);
}

static size_t new_call(struct stages *s, enum call_kind kind,
		       nanoseconds start)
{
	return model_call(s->model, kind, start) ? s->model->calls.count - 1
						 : LIST_NONE;
}

static void stretch(struct call *call, nanoseconds from, nanoseconds to)
{
	if (from && from < call->start)
		call->start = from;
	if (to > call->end)
		call->end = to;
}

/* ---- which user fragments and addresses belong to which dialog ---- */

struct owner {
	uint64_t hash;
	size_t dialog;
};

/* Maps hashes of ufrags and of endpoints to the dialog that names them. */
struct owners {
	struct list rows;
	struct index index;
};

static bool same_owner(const void *rows, uint32_t row, const void *key)
{
	return ((const struct owner *)rows)[row].hash ==
	       *(const uint64_t *)key;
}

static void own(struct owners *o, uint64_t hash, size_t dialog)
{
	struct owner *row = list_add(&o->rows);

	if (!row)
		return;
	*row = (struct owner){hash, dialog};
	(void)!index_add(&o->index, hash, (uint32_t)o->rows.count - 1);
}

static size_t owner_of(const struct owners *o, uint64_t hash)
{
	uint32_t row = index_find(&o->index, hash, same_owner, o->rows.rows,
				  &hash);

	return row == INDEX_NONE
		       ? LIST_NONE
		       : ((struct owner *)list_at(&o->rows, row))->dialog;
}

static uint64_t ufrag_hash(const char *ufrag)
{
	return hash_bytes(11, slice_of_text(ufrag));
}

static uint64_t endpoint_hash(const struct endpoint *e)
{
	return hash_bytes(12, slice_of(e, sizeof(*e)));
}

static void own_description(struct stages *s, struct owners *o,
			    const struct description *d, size_t dialog)
{
	for (size_t i = 0; i < d->ufrag_count; i++)
		own(o, ufrag_hash(d->ufrags[i]), dialog);
	for (size_t i = 0; i < d->media_count; i++)
		own(o, endpoint_hash(&d->media[i]), dialog);
	for (size_t i = 0; i < d->candidate_count; i++) {
		const struct candidate *c = list_at(
			&s->model->candidates, d->first_candidate + i);

		if (c->endpoint.family != FAMILY_NONE)
			own(o, endpoint_hash(&c->endpoint), dialog);
	}
}

/* ---- calls from dialogs and sessions ---- */

static void call_of_dialog(struct stages *s, struct owners *o, size_t number)
{
	struct dialog *d = list_at(&s->model->dialogs, number);
	size_t at;
	struct call *call;

	if (d->cited.count == 0)
		return;
	at = new_call(s, CALL_DIALOG, d->cited.first[0].time);
	if (at == LIST_NONE)
		return;
	d->call = at;
	call = call_at(s, at);
	call->dialog = number;
	call->from = d->from;
	call->to = d->to;
	call->call_id = d->call_id;
	stretch(call, 0, d->cited.last.time);
	own_description(s, o, &d->offer, number);
	own_description(s, o, &d->reply, number);
}

static struct pair *first_pair(struct stages *s, const struct session *x)
{
	return x->first_pair == LIST_NONE
		       ? NULL
		       : list_at(&s->model->pairs, x->first_pair);
}

/* One of the two hosts of a session is the one that captures; its address is
 * in every pair that is not relayed. */
static bool share_host(struct stages *s, const struct session *x,
		       const struct session *y)
{
	const struct pair *pairs = s->model->pairs.rows;

	for (size_t i = x->first_pair; i != LIST_NONE; i = pairs[i].next)
		for (size_t k = y->first_pair; k != LIST_NONE;
		     k = pairs[k].next)
			if (endpoint_same_ip(&pairs[i].a, &pairs[k].a) ||
			    endpoint_same_ip(&pairs[i].a, &pairs[k].b) ||
			    endpoint_same_ip(&pairs[i].b, &pairs[k].b) ||
			    endpoint_same_ip(&pairs[i].b, &pairs[k].a))
				return true;
	return false;
}

static size_t dialog_of_session(struct stages *s, const struct owners *o,
				const struct session *x)
{
	size_t dialog = owner_of(o, ufrag_hash(x->ufrags[0]));

	(void)s;
	return dialog != LIST_NONE ? dialog
				   : owner_of(o, ufrag_hash(x->ufrags[1]));
}

/* Calls are in order of start, so only the last few can have begun with it. */
static size_t ice_call_of(struct stages *s, const struct session *x)
{
	size_t count = s->model->calls.count;

	for (size_t back = 0; back < 16 && back < count; back++) {
		struct call *call = call_at(s, count - 1 - back);
		const struct session *other;

		if (call->kind != CALL_ICE || call->sessions.count == 0)
			continue;
		other = list_at(&s->model->sessions, call->sessions.list[0]);
		if (x->first.time - call->start <= START_TOGETHER &&
		    share_host(s, x, other))
			return count - 1 - back;
	}
	return new_call(s, CALL_ICE, x->first.time);
}

static void join_session(struct stages *s, const struct owners *o,
			 size_t number)
{
	struct session *x = list_at(&s->model->sessions, number);
	size_t dialog = dialog_of_session(s, o, x);
	struct call *call;

	if (!first_pair(s, x))
		return;
	if (dialog != LIST_NONE)
		x->call = ((struct dialog *)list_at(&s->model->dialogs,
						    dialog))
				  ->call;
	else
		x->call = ice_call_of(s, x);
	if (x->call == LIST_NONE)
		return;
	call = call_at(s, x->call);
	model_member(s->model, &call->sessions, number);
	stretch(call, x->first.time, x->last.time);
}

/* ---- what else belongs to a call, by address ---- */

/* Endpoints of pairs lead to the call of their session. */
static void own_pairs(struct stages *s, struct owners *by_address)
{
	const struct pair *pairs = s->model->pairs.rows;
	const struct session *sessions = s->model->sessions.rows;

	for (size_t i = 0; i < s->model->pairs.count; i++) {
		size_t call = sessions[pairs[i].session].call;

		if (call == LIST_NONE)
			continue;
		own(by_address, endpoint_hash(&pairs[i].a), call);
		own(by_address, endpoint_hash(&pairs[i].b), call);
		for (int k = 0; k < 2; k++)
			if (pairs[i].seen_as[k].family != FAMILY_NONE)
				own(by_address,
				    endpoint_hash(&pairs[i].seen_as[k]), call);
	}
}

static size_t call_at_address(struct stages *s, const struct owners *dialogs,
			      const struct owners *calls,
			      const struct endpoint *e)
{
	size_t number;

	if (e->family == FAMILY_NONE || e->port == 0)
		return LIST_NONE;
	number = owner_of(calls, endpoint_hash(e));
	if (number != LIST_NONE)
		return number;
	number = owner_of(dialogs, endpoint_hash(e));
	return number == LIST_NONE
		       ? LIST_NONE
		       : ((struct dialog *)list_at(&s->model->dialogs, number))
				 ->call;
}

/* The same host with the same user name: one client, whatever the port. */
static uint64_t user_hash(const struct allocation *a)
{
	struct endpoint host = a->client;

	host.port = 0;
	return hash_bytes(endpoint_hash(&host), a->username);
}

static void take_allocation(struct stages *s, size_t number, size_t at)
{
	struct allocation *a = list_at(&s->model->allocations, number);
	struct call *call = call_at(s, at);

	a->call = at;
	model_member(s->model, &call->allocations, number);
	if (a->token != LIST_NONE)
		model_member(s->model, &call->tokens, a->token);
	stretch(call, a->request.time, 0);
}

/*
 * Allocations whose addresses no check and no description names (the second
 * component, a relay that was not needed) belong to the call of the same
 * client's others that began with them.
 */
static void join_siblings(struct stages *s)
{
	struct allocation *rows = s->model->allocations.rows;
	struct owners by_user = {
		.rows = list_of(sizeof(struct owner), MODEL_ALLOCATIONS_MAX)};

	for (size_t i = 0; i < s->model->allocations.count; i++)
		if (rows[i].call != LIST_NONE && rows[i].username.n)
			own(&by_user, user_hash(&rows[i]), i);
	for (size_t i = 0; i < s->model->allocations.count; i++) {
		const struct allocation *other;
		size_t found;

		if (rows[i].call != LIST_NONE || rows[i].username.n == 0)
			continue;
		found = owner_of(&by_user, user_hash(&rows[i]));
		if (found == LIST_NONE)
			continue;
		other = &rows[found];
		if (rows[i].request.time - other->request.time <=
			    START_TOGETHER &&
		    other->request.time - rows[i].request.time <=
			    START_TOGETHER)
			take_allocation(s, i, other->call);
	}
	list_free(&by_user.rows);
	index_free(&by_user.index);
}

static void join_allocations(struct stages *s, const struct owners *dialogs,
			     const struct owners *calls)
{
	struct allocation *rows = s->model->allocations.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++) {
		struct allocation *a = &rows[i];

		a->call = call_at_address(s, dialogs, calls, &a->client);
		if (a->call == LIST_NONE)
			a->call = call_at_address(s, dialogs, calls,
						  &a->reflexive);
		/* A relay shared by sessions says nothing by its address. */
		if (a->call == LIST_NONE && !a->has_session)
			a->call = call_at_address(s, dialogs, calls,
						  &a->relayed);
		if (a->call != LIST_NONE)
			take_allocation(s, i, a->call);
	}
	join_siblings(s);
}

static void join_bindings(struct stages *s, const struct owners *dialogs,
			  const struct owners *calls)
{
	struct binding *rows = s->model->bindings.rows;

	for (size_t i = 0; i < s->model->bindings.count; i++) {
		rows[i].call = call_at_address(s, dialogs, calls,
					       &rows[i].client);
		if (rows[i].call == LIST_NONE)
			rows[i].call = call_at_address(s, dialogs, calls,
						       &rows[i].mapped);
		if (rows[i].call != LIST_NONE)
			model_member(s->model,
				     &call_at(s, rows[i].call)->bindings, i);
	}
}

static void join_media(struct stages *s, const struct owners *dialogs,
		       const struct owners *calls)
{
	struct media *rows = s->model->media.rows;
	struct handshake *shakes = s->model->handshakes.rows;

	for (size_t i = 0; i < s->model->media.count; i++) {
		size_t call = call_at_address(s, dialogs, calls, &rows[i].dst);

		if (call == LIST_NONE)
			call = call_at_address(s, dialogs, calls,
					       &rows[i].src);
		rows[i].call = call;
		if (call == LIST_NONE)
			continue;
		model_member(s->model, &call_at(s, call)->media, i);
		stretch(call_at(s, call), 0, rows[i].last);
	}
	for (size_t i = 0; i < s->model->handshakes.count; i++) {
		size_t call = call_at_address(s, dialogs, calls, &shakes[i].a);

		if (call == LIST_NONE)
			call = call_at_address(s, dialogs, calls,
					       &shakes[i].b);
		shakes[i].call = call;
		if (call != LIST_NONE)
			model_member(s->model, &call_at(s, call)->handshakes,
				     i);
	}
}

/* ---- registrations and tokens: by address of record, by client ---- */

static bool serves(const struct registration *r, const struct call *call)
{
	nanoseconds life = r->expires ? (nanoseconds)r->expires * NS_PER_S
				      : REGISTRATION_DEFAULT;

	return r->cited.count && r->cited.first[0].time <= call->end &&
	       r->cited.last.time + life >= call->start;
}

static void join_registrations(struct stages *s)
{
	struct owners by_aor = {
		.rows = list_of(sizeof(struct owner), MODEL_CALLS_MAX)};
	struct registration *rows = s->model->registrations.rows;

	for (size_t i = 0; i < s->model->registrations.count; i++)
		own(&by_aor, ufrag_hash(rows[i].aor), i);
	for (size_t i = 0; i < s->model->calls.count; i++) {
		struct call *call = call_at(s, i);
		const char *names[] = {call->from, call->to};

		for (size_t k = 0; k < 2; k++) {
			size_t r = names[k] ? owner_of(&by_aor,
						       ufrag_hash(names[k]))
					    : LIST_NONE;

			if (r != LIST_NONE && serves(&rows[r], call))
				model_member(s->model, &call->registrations, r);
		}
	}
	list_free(&by_aor.rows);
	index_free(&by_aor.index);
}

static void mark(struct stages *s, bool *registrations, bool *tokens)
{
	for (size_t i = 0; i < s->model->calls.count; i++) {
		const struct call *call = call_at(s, i);

		for (size_t k = 0; k < call->registrations.count; k++)
			registrations[call->registrations.list[k]] = true;
		for (size_t k = 0; k < call->tokens.count; k++)
			tokens[call->tokens.list[k]] = true;
	}
}

/* ---- attempts ---- */

static bool same_attempt(const void *rows, uint32_t row, const void *key)
{
	return ((const struct owner *)rows)[row].hash ==
	       *(const uint64_t *)key;
}

/* The open attempt of this host, or a new one. */
static size_t attempt_of(struct stages *s, struct owners *open,
			 const struct endpoint *client, nanoseconds time)
{
	struct endpoint host = *client;
	uint64_t hash;
	uint32_t row;
	size_t call;

	host.port = 0;
	hash = endpoint_hash(&host);
	row = index_find(&open->index, hash, same_attempt, open->rows.rows,
			 &hash);
	if (row != INDEX_NONE) {
		struct owner *o = list_at(&open->rows, row);

		if (time - call_at(s, o->dialog)->end <= ATTEMPT_WINDOW)
			return o->dialog;
		o->dialog = new_call(s, CALL_ATTEMPT, time);
		return o->dialog;
	}
	call = new_call(s, CALL_ATTEMPT, time);
	if (call != LIST_NONE)
		own(open, hash, call);
	return call;
}

static void attempts_of_registrations(struct stages *s, struct owners *open,
				      const bool *taken)
{
	struct registration *rows = s->model->registrations.rows;

	for (size_t i = 0; i < s->model->registrations.count; i++) {
		size_t at;

		if (taken[i] || rows[i].cited.count == 0)
			continue;
		at = attempt_of(s, open, &rows[i].client,
				rows[i].cited.first[0].time);
		if (at == LIST_NONE)
			continue;
		model_member(s->model, &call_at(s, at)->registrations, i);
		if (!call_at(s, at)->from)
			call_at(s, at)->from = rows[i].aor;
		stretch(call_at(s, at), rows[i].cited.first[0].time,
			rows[i].cited.last.time);
	}
}

static void attempts_of_gathering(struct stages *s, struct owners *open,
				  const bool *tokens_taken)
{
	struct allocation *a = s->model->allocations.rows;
	struct binding *b = s->model->bindings.rows;
	struct token *t = s->model->tokens.rows;
	size_t at;

	for (size_t i = 0; i < s->model->tokens.count; i++) {
		nanoseconds time = t[i].answer.time ? t[i].answer.time
						    : t[i].request.time;

		if (tokens_taken[i] || t[i].state == STATE_INFERRED)
			continue;
		at = attempt_of(s, open, &t[i].client, time);
		if (at != LIST_NONE)
			model_member(s->model, &call_at(s, at)->tokens, i);
	}
	for (size_t i = 0; i < s->model->allocations.count; i++) {
		if (a[i].call != LIST_NONE)
			continue;
		at = attempt_of(s, open, &a[i].client, a[i].request.time);
		if (at == LIST_NONE)
			continue;
		a[i].call = at;
		model_member(s->model, &call_at(s, at)->allocations, i);
		if (a[i].token != LIST_NONE)
			model_member(s->model, &call_at(s, at)->tokens,
				     a[i].token);
		stretch(call_at(s, at), a[i].request.time,
			a[i].cited.last.time);
	}
	for (size_t i = 0; i < s->model->bindings.count; i++) {
		if (b[i].call != LIST_NONE)
			continue;
		at = attempt_of(s, open, &b[i].client, b[i].request.time);
		if (at == LIST_NONE)
			continue;
		b[i].call = at;
		model_member(s->model, &call_at(s, at)->bindings, i);
		stretch(call_at(s, at), b[i].request.time, b[i].answer.time);
	}
}

static void join_attempts(struct stages *s)
{
	struct model *m = s->model;
	struct owners open = {
		.rows = list_of(sizeof(struct owner), MODEL_CALLS_MAX)};
	bool *taken = arena_array(&m->arena, m->registrations.count + 1,
				  sizeof(bool));
	bool *tokens = arena_array(&m->arena, m->tokens.count + 1,
				   sizeof(bool));

	if (!taken || !tokens) {
		m->out_of_memory = true;
		return;
	}
	mark(s, taken, tokens);
	attempts_of_registrations(s, &open, taken);
	attempts_of_gathering(s, &open, tokens);
	list_free(&open.rows);
	index_free(&open.index);
}

static void free_owners(struct owners *o)
{
	list_free(&o->rows);
	index_free(&o->index);
}

void calls_join(struct stages *s)
{
	struct owners dialogs = {
		.rows = list_of(sizeof(struct owner), MODEL_PAIRS_MAX * 4)};
	struct owners calls = dialogs;

	for (size_t i = 0; i < s->model->dialogs.count; i++)
		call_of_dialog(s, &dialogs, i);
	for (size_t i = 0; i < s->model->sessions.count; i++)
		join_session(s, &dialogs, i);
	own_pairs(s, &calls);
	join_allocations(s, &dialogs, &calls);
	join_bindings(s, &dialogs, &calls);
	join_media(s, &dialogs, &calls);
	join_registrations(s);
	join_attempts(s);
	free_owners(&dialogs);
	free_owners(&calls);
}
