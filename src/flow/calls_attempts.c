/*
 * Attempts: registrations, tokens and allocations that led to no call, those
 * of one party within some time together.
 *
 * A party is an address of record on a host.  What it gathers names another
 * user or none: that belongs to it if it is the only party of the host.
 */
#include "config.h"

#include "flow/stages_state.h"

/* Evidence of one party within this time is one attempt. */
#define ATTEMPT_WINDOW (120 * NS_PER_S)

/* The newest attempt of a party, or of all parties of a host. */
struct open_attempt {
	uint64_t who;
	size_t call;
	/* Of a host: more than one party is on it; gathering of a TURN user
	 * has been added. */
	bool mixed, has_user;
};

struct attempts {
	struct list rows; /* struct open_attempt */
	struct index index;
};

static bool same_party(const void *rows, uint32_t row, const void *key)
{
	return ((const struct open_attempt *)rows)[row].who ==
	       *(const uint64_t *)key;
}

static struct open_attempt *find(struct attempts *a, uint64_t who)
{
	uint32_t row =
		index_find(&a->index, who, same_party, a->rows.rows, &who);

	return row == INDEX_NONE ? NULL : list_at(&a->rows, row);
}

static struct open_attempt *find_or_add(struct stages *s, struct attempts *a,
					uint64_t who)
{
	struct open_attempt *row = find(a, who);

	if (row)
		return row;
	row = list_add(&a->rows);
	if (!row)
		return NULL;
	*row = (struct open_attempt){.who = who, .call = LIST_NONE};
	if (index_add(&a->index, who, (uint32_t)a->rows.count - 1) != STATUS_OK)
		s->model->out_of_memory = true;
	return row;
}

static struct call *call_at(struct stages *s, size_t at)
{
	return list_at(&s->model->calls, at);
}

static bool fits(struct stages *s, const struct open_attempt *row,
		 nanoseconds time)
{
	const struct call *call;

	if (!row || row->mixed || row->call == LIST_NONE)
		return false;
	call = call_at(s, row->call);
	return time - call->end <= ATTEMPT_WINDOW &&
	       call->start - time <= ATTEMPT_WINDOW;
}

struct claimant {
	const struct endpoint *client;
	struct slice name; /* address of record or TURN user; may be empty */
	bool gathers;      /* it is a TURN user */
	nanoseconds time;
};

static size_t begin(struct stages *s, struct attempts *a, uint64_t host_value,
		    const struct claimant *who)
{
	size_t call = calls_new(s, CALL_ATTEMPT, who->time);
	struct open_attempt *host = find_or_add(s, a, host_value);

	if (host) {
		host->mixed = fits(s, host, who->time);
		host->has_user = who->gathers;
		host->call = call;
	}
	return call;
}

/* The attempt of a party at that time, begun if need be; LIST_NONE at the
 * limit. */
static size_t attempt_of(struct stages *s, struct attempts *a,
			 const struct claimant *who)
{
	struct endpoint ip = twins_host(s, who->client);
	uint64_t host_value, value;
	struct open_attempt *host, *row;
	size_t call;

	host_value = stages_hash(s, slice_of(&ip, sizeof(ip)));
	value = hash_mix(host_value + stages_hash(s, who->name));
	row = who->name.n ? find(a, value) : NULL;
	if (fits(s, row, who->time))
		return row->call;
	host = find(a, host_value);
	if ((who->name.n == 0 || (who->gathers && host && !host->has_user)) &&
	    fits(s, host, who->time)) {
		host->has_user |= who->gathers;
		call = host->call;
	} else {
		call = begin(s, a, host_value, who);
	}
	row = who->name.n ? find_or_add(s, a, value) : NULL;
	if (row)
		row->call = call;
	return call;
}

/* Which parts have a call already. */
struct taken {
	bool *registrations, *tokens;
};

static void mark(struct stages *s, const struct taken *taken)
{
	const struct allocation *a = s->model->allocations.rows;

	for (size_t i = 0; i < s->model->calls.count; i++) {
		const struct call *call = call_at(s, i);

		for (size_t k = 0; k < call->registrations.count; k++)
			taken->registrations[call->registrations.list[k]] =
				true;
		for (size_t k = 0; k < call->tokens.count; k++)
			taken->tokens[call->tokens.list[k]] = true;
	}
	/* The allocation brings its token along. */
	for (size_t i = 0; i < s->model->allocations.count; i++)
		if (a[i].token != LIST_NONE)
			taken->tokens[a[i].token] = true;
}

static void of_registrations(struct stages *s, struct attempts *open,
			     const bool *taken)
{
	const struct registration *rows = s->model->registrations.rows;

	for (size_t i = 0; i < s->model->registrations.count; i++) {
		const struct registration *r = &rows[i];
		size_t at;

		if (taken[i] || r->cited.count == 0)
			continue;
		at = attempt_of(s, open,
				&(struct claimant){
					&r->client, slice_of_text(r->aor),
					false,
					place_time(s->model, r->cited.first)});
		if (at == LIST_NONE)
			continue;
		model_member(s->model, &call_at(s, at)->registrations, i);
		if (r->aor[0])
			call_at(s, at)->from = r->aor;
		calls_stretch(call_at(s, at),
			      place_time(s->model, r->cited.first),
			      place_time(s->model, r->cited.last));
	}
}

static void of_tokens(struct stages *s, struct attempts *open,
		      const bool *taken)
{
	const struct token *rows = s->model->tokens.rows;

	for (size_t i = 0; i < s->model->tokens.count; i++) {
		const struct token *t = &rows[i];
		const char *who = t->identity ? t->identity : "";
		size_t at;

		if (taken[i] || t->cited.count == 0)
			continue;
		at = attempt_of(s, open,
				&(struct claimant){
					&t->client, slice_of_text(who), false,
					place_time(s->model, t->cited.first)});
		if (at == LIST_NONE)
			continue;
		model_member(s->model, &call_at(s, at)->tokens, i);
		if (!call_at(s, at)->from)
			call_at(s, at)->from = t->identity;
		calls_stretch(call_at(s, at),
			      place_time(s->model, t->cited.first),
			      place_time(s->model, t->cited.last));
	}
}

static void of_allocations(struct stages *s, struct attempts *open)
{
	struct allocation *rows = s->model->allocations.rows;

	for (size_t i = 0; i < s->model->allocations.count; i++) {
		struct allocation *a = &rows[i];

		if (a->call != LIST_NONE || a->aside)
			continue;
		a->call = (uint32_t)attempt_of(
			s, open,
			&(struct claimant){end_at(s->model, a->client),
					   a->username, a->username.n != 0,
					   place_time(s->model, a->request)});
		if (a->call == LIST_NONE)
			continue;
		model_member(s->model, &call_at(s, a->call)->allocations, i);
		if (a->token != LIST_NONE)
			model_member(s->model, &call_at(s, a->call)->tokens,
				     a->token);
		calls_stretch(call_at(s, a->call),
			      place_time(s->model, a->request),
			      place_time(s->model, a->cited.last));
	}
}

static void of_bindings(struct stages *s, struct attempts *open)
{
	struct binding *rows = s->model->bindings.rows;

	for (size_t i = 0; i < s->model->bindings.count; i++) {
		struct binding *b = &rows[i];

		if (b->call != LIST_NONE || b->aside || b->keepalive)
			continue;
		b->call = attempt_of(
			s, open,
			&(struct claimant){
				.client = end_at(s->model, b->client),
				.time = place_time(s->model, b->request)});
		if (b->call == LIST_NONE)
			continue;
		model_member(s->model, &call_at(s, b->call)->bindings, i);
		calls_stretch(call_at(s, b->call),
			      place_time(s->model, b->request),
			      place_time(s->model, b->last));
	}
}

/* Does a token of this call name that relay? */
static bool is_its_relay(struct stages *s, const struct call *call,
			 const struct shut *x)
{
	const struct token *rows = s->model->tokens.rows;

	for (uint32_t i = 0; i < call->tokens.count; i++) {
		const struct token *t = &rows[call->tokens.list[i]];

		for (unsigned k = 0; k < t->relay_count; k++)
			if (slice_is_nocase(slice_of_text(t->relays[k].host),
					    x->name) &&
			    endpoint_same_ip(&t->client, &x->client))
				return true;
	}
	return false;
}

static bool is_its_call(struct stages *s, const struct call *call,
			const struct shut *x)
{
	nanoseconds time = place_time(s->model, x->cited.first);
	const struct session *session;
	const struct pair *p;

	if (call->shut || time > call->end ||
	    call->start - time > ATTEMPT_WINDOW)
		return false;
	if (call->kind == CALL_DIALOG)
		return x->name && is_its_relay(s, call, x);
	if (call->kind != CALL_ICE || !call->sessions.count)
		return false;
	session = list_at(&s->model->sessions, call->sessions.list[0]);
	if (session->first_pair == LIST_NONE)
		return false;
	p = list_at(&s->model->pairs, session->first_pair);
	return endpoint_same_ip(end_at(s->model, p->a), &x->client) ||
	       endpoint_same_ip(end_at(s->model, p->b), &x->client);
}

/* A relay's name that did not resolve, or whose TLS failed, belongs to the call
 * that follows: of its token, or where only its checks can be read.  There are
 * few of them
 * (LOOKUPS_MAX, MODEL_SHUTS_MAX). */
static bool shut_joins(struct stages *s, const struct shut *x, uint32_t number)
{
	if (x->stage != STAGE_GATHERING)
		return false;
	for (size_t i = 0; i < s->model->calls.count; i++)
		if (is_its_call(s, call_at(s, i), x)) {
			call_at(s, i)->shut = number;
			return true;
		}
	return false;
}

static void of_shuts(struct stages *s, struct attempts *open)
{
	const struct shut *rows = s->model->shuts.rows;

	for (size_t i = 0; i < s->model->shuts.count; i++) {
		const struct shut *x = &rows[i];
		size_t at;

		if (x->stage != STAGE_REGISTRATION && x->stage != STAGE_TOKEN &&
		    !(x->stage == STAGE_GATHERING && (x->name || x->alert)))
			continue;
		if ((x->name || x->alert) && shut_joins(s, x, (uint32_t)i + 1))
			continue;
		at = attempt_of(
			s, open,
			&(struct claimant){
				.client = &x->client,
				.time = place_time(s->model, x->cited.first)});
		if (at == LIST_NONE)
			continue;
		if (!call_at(s, at)->shut)
			call_at(s, at)->shut = (uint32_t)i + 1;
		calls_stretch(call_at(s, at),
			      place_time(s->model, x->cited.first),
			      place_time(s->model, x->cited.last));
	}
}

void calls_join_attempts(struct stages *s)
{
	struct model *m = s->model;
	struct attempts open = {.rows = list_of(sizeof(struct open_attempt),
						MODEL_CALLS_MAX * 2)};
	struct taken taken = {
		.registrations = arena_array(
			&m->arena, m->registrations.count + 1, sizeof(bool)),
		.tokens = arena_array(&m->arena, m->tokens.count + 1,
				      sizeof(bool)),
	};

	if (!taken.registrations || !taken.tokens) {
		m->out_of_memory = true;
		return;
	}
	mark(s, &taken);
	of_registrations(s, &open, taken.registrations);
	of_tokens(s, &open, taken.tokens);
	of_allocations(s, &open);
	of_bindings(s, &open);
	of_shuts(s, &open);
	list_free(&open.rows);
	index_free(&open.index);
}
