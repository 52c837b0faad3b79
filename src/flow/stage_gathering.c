/*
 * Stage 3: allocations on TURN and MS-TURN relays (RFC 8656, [MS-TURN]) and
 * Bindings to STUN servers.
 *
 * The first 401 is how every allocation begins and no error.  A client may be
 * sent to another server of the pool by that 401 ([MS-TURN] 2.2.2.7), and the
 * answer may come from a third address: an allocation is known by its client.
 */
#include "config.h"

#include "flow/stages_state.h"

struct ends {
	const struct endpoint *client, *server;
};

/* ---- the ways from a client and a server to an allocation ---- */

static bool same_way(const void *rows, uint32_t row, const void *key)
{
	const struct way *way = (const struct way *)rows + row;
	const struct ends *k = key;

	return endpoint_equal(&way->client, k->client) &&
	       endpoint_equal(&way->server, k->server);
}

static struct way *way_of(struct stages *s, const struct ends *k)
{
	uint64_t hash = stages_hash_ends(s, k->client, k->server);
	uint32_t row =
		index_find(&s->allocations, hash, same_way, s->ways.rows, k);

	return row == INDEX_NONE ? NULL : list_at(&s->ways, row);
}

static void add_way(struct stages *s, const struct ends *k, uint32_t allocation)
{
	uint64_t hash = stages_hash_ends(s, k->client, k->server);
	struct way *way = list_add(&s->ways);

	if (!way)
		return;
	*way = (struct way){*k->client, *k->server, allocation};
	if (index_add(&s->allocations, hash, (uint32_t)s->ways.count - 1) !=
	    STATUS_OK)
		s->model->out_of_memory = true;
}

/* The client was sent to another server, or another one answered. */
static void also_at(struct stages *s, uint32_t number,
		    const struct endpoint *server)
{
	const struct allocation *a = list_at(&s->model->allocations, number);
	struct ends k = {&a->client, server};

	if (server->family != FAMILY_NONE && !way_of(s, &k))
		add_way(s, &k, number);
}

static struct allocation *
new_allocation(struct stages *s, const struct message *m, uint32_t *number)
{
	struct list *list = &s->model->allocations;
	struct allocation *a = list_add(list);

	if (!a)
		return NULL;
	*number = (uint32_t)list->count - 1;
	a->client = m->from.src;
	a->server = m->from.dst;
	a->transport = transport_name(m->from.transport);
	a->dialect = stun_dialect_text(m->u.stun->dialect);
	a->ms_turn = m->u.stun->dialect == STUN_MS_TURN;
	a->state = STATE_INCOMPLETE;
	a->token = LIST_NONE;
	a->party = LIST_NONE;
	a->call = LIST_NONE;
	a->request = place_of(&m->from);
	return a;
}

/* Behind the release of the old one, and not a repetition of older words. */
static bool starts_anew(struct stages *s, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;

	return stun->method == STUN_ALLOCATE &&
	       !(stun->has_lifetime && stun->lifetime == 0) &&
	       !pending_seen(s, m);
}

/* The client's allocation at that server (or one it was sent to). */
static struct allocation *
allocation_of(struct stages *s, const struct message *m, uint32_t *number)
{
	struct ends k = {&m->from.src, &m->from.dst};
	struct way *way = way_of(s, &k);
	struct allocation *a;

	if (way) {
		*number = way->allocation;
		a = list_at(&s->model->allocations, *number);
		if (!a->released || !starts_anew(s, m))
			return a;
	}
	if (m->u.stun->method != STUN_ALLOCATE && !m->u.stun->has_realm)
		return NULL;
	a = new_allocation(s, m, number);
	if (!a)
		return NULL;
	/* The old row stays; the way to it leads to the new one. */
	if (way)
		way->allocation = *number;
	else
		add_way(s, &k, *number);
	return a;
}

static void note_credentials(struct stages *s, struct allocation *a,
			     const struct stun_message *stun)
{
	if (!stun->has_username || slice_equal(a->username, stun->username))
		return;
	a->username = model_bytes(s->model, stun->username);
	a->realm = model_bytes(s->model, stun->realm);
}

static void request(struct stages *s, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	struct place place = place_of(&m->from);
	struct pending *pending;
	struct allocation *a;
	uint32_t number;

	a = allocation_of(s, m, &number);
	if (!a)
		return;
	pending = pending_note(s, m);
	pending->subject = SUBJECT_ALLOCATION;
	pending->row = number;
	pending->method = stun->method;
	pending->authenticated = stun_has_integrity(stun);
	cite(&a->cited, &place);
	if (!sighting_note(&pending->asked, &m->from))
		return;
	a->requests++;
	if (stun->method == STUN_ALLOCATE) {
		a->allocates++;
		a->unanswered++;
		a->last_authenticated = stun_has_integrity(stun);
	}
	if (stun_has_integrity(stun))
		a->authenticated = true;
	note_credentials(s, a, stun);
	integrity_note(&a->integrity, m->integrity);
	if (stun->has_lifetime && stun->lifetime == 0)
		a->released = true;
}

/* RFC 8656 3.2: what a server grants when it names no time. */
#define LIFETIME_DEFAULT 600u

static void note_lifetime(struct allocation *a, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;

	if (stun->has_lifetime)
		a->lifetime = stun->lifetime;
	else if (!a->lifetime)
		a->lifetime = LIFETIME_DEFAULT;
	a->until = m->from.time + (nanoseconds)a->lifetime * NS_PER_S;
}

static void granted(struct stages *s, uint32_t number, const struct message *m)
{
	struct allocation *a = list_at(&s->model->allocations, number);

	if (a->state == STATE_OK)
		a->refreshes++;
	a->state = STATE_OK;
	if (a->granted.frame == 0)
		a->granted = place_of(&m->from);
	a->answered_from = m->from.src;
	also_at(s, number, &a->answered_from);
	a->relayed = m->u.stun->relayed;
	a->reflexive = m->u.stun->mapped;
	note_lifetime(a, m);
}

static void success(struct stages *s, const struct message *m,
		    const struct pending *p)
{
	struct allocation *a = list_at(&s->model->allocations, p->row);
	const struct stun_message *stun = m->u.stun;
	bool release = stun->has_lifetime && stun->lifetime == 0;

	if (p->method == STUN_CREATE_PERMISSION)
		a->permissions++;
	else if (p->method == STUN_CHANNEL_BIND)
		a->channels++;
	else if (p->method == STUN_REFRESH && !release)
		a->refreshes++;
	if (!a->accepted && p->authenticated)
		a->token = token_of_username(s, m, a);
	a->accepted |= p->authenticated;
	if (release)
		a->until = m->from.time;
	else if (p->method == STUN_ALLOCATE)
		granted(s, p->row, m);
	else if (p->method == STUN_REFRESH)
		note_lifetime(a, m);
	/* Only who has an allocation can refresh or release it, open it to
	 * peers or bind channels. */
	if (a->allocates == 0 && a->state == STATE_INCOMPLETE)
		a->state = STATE_INFERRED;
}

/* How it begins, or how the server sends the client on. */
static bool goes_on(const struct allocation *a, unsigned code,
		    bool authenticated)
{
	return (code == 401 && !authenticated) || code == 438 ||
	       (code == 300 && a->alternate.family != FAMILY_NONE);
}

static void note_alternate(struct stages *s, uint32_t number,
			   const struct stun_message *stun)
{
	struct allocation *a = list_at(&s->model->allocations, number);

	if (stun->alternate_server.family != FAMILY_NONE) {
		a->alternate = stun->alternate_server;
		also_at(s, number, &a->alternate);
	}
	if (stun->has_ms_session) {
		a->has_session = true;
		memcpy(a->session, stun->ms_session, sizeof(a->session));
	}
}

static void failure(struct stages *s, const struct message *m,
		    const struct pending *p)
{
	struct allocation *a = list_at(&s->model->allocations, p->row);
	unsigned code = m->u.stun->error;

	if (a->error_count < ERRORS_KEPT)
		a->errors[a->error_count++] = code;
	a->last_error = code;
	note_alternate(s, p->row, m->u.stun);
	if (code == 437 && p->method == STUN_REFRESH && !a->released)
		a->lost = place_of(&m->from);
	if (p->method != STUN_ALLOCATE || a->state == STATE_OK)
		return;
	if (goes_on(a, code, p->authenticated)) {
		a->state = STATE_INCOMPLETE;
		return;
	}
	a->state = STATE_FAILED;
	if (p->authenticated) {
		a->error_after_credentials = code;
		token_refused(s, m, a);
	}
}

static void response(struct stages *s, const struct message *m)
{
	struct pending *p = pending_find(s, m);
	struct place place = place_of(&m->from);
	struct allocation *a;

	if (!p || p->subject != SUBJECT_ALLOCATION)
		return;
	a = list_at(&s->model->allocations, p->row);
	cite(&a->cited, &place);
	if (!sighting_note(&p->answered, &m->from))
		return;
	integrity_note(&a->integrity, m->integrity);
	if (p->method == STUN_ALLOCATE)
		a->unanswered = 0;
	if (m->u.stun->class == STUN_SUCCESS)
		success(s, m, p);
	else
		failure(s, m, p);
}

/* ---- Bindings to a STUN server ---- */

static bool same_binding(const void *rows, uint32_t row, const void *key)
{
	const struct binding *b = (const struct binding *)rows + row;
	const struct ends *k = key;

	return endpoint_equal(&b->client, k->client) &&
	       endpoint_equal(&b->server, k->server);
}

static void binding_request(struct stages *s, const struct message *m)
{
	struct list *list = &s->model->bindings;
	struct ends k = {&m->from.src, &m->from.dst};
	uint64_t hash = stages_hash_ends(s, k.client, k.server);
	uint32_t row =
		index_find(&s->bindings, hash, same_binding, list->rows, &k);
	struct pending *pending;
	struct binding *b;

	if (row == INDEX_NONE) {
		b = list_add(list);
		if (!b)
			return;
		row = (uint32_t)list->count - 1;
		b->client = m->from.src;
		b->server = m->from.dst;
		b->call = LIST_NONE;
		b->request = place_of(&m->from);
		if (index_add(&s->bindings, hash, row) != STATUS_OK)
			s->model->out_of_memory = true;
	}
	b = list_at(list, row);
	pending = pending_note(s, m);
	pending->subject = SUBJECT_BINDING;
	pending->row = row;
	if (sighting_note(&pending->asked, &m->from))
		b->requests++;
}

static void binding_answer(struct stages *s, const struct message *m)
{
	struct pending *p = pending_find(s, m);
	struct binding *b;

	if (!p || p->subject != SUBJECT_BINDING)
		return;
	b = list_at(&s->model->bindings, p->row);
	if (!sighting_note(&p->answered, &m->from))
		return;
	b->answers++;
	b->answer = place_of(&m->from);
	if (m->u.stun->mapped.family != FAMILY_NONE)
		b->mapped = m->u.stun->mapped;
}

void stage_gathering(struct stages *s, const struct message *m)
{
	const struct stun_message *stun = m->u.stun;
	bool binding = stun->method == STUN_BINDING;

	switch (stun->class) {
	case STUN_REQUEST:
		if (binding)
			binding_request(s, m);
		else if (stun->method != STUN_SEND)
			request(s, m);
		break;
	case STUN_SUCCESS:
	case STUN_ERROR:
		if (binding)
			binding_answer(s, m);
		else
			response(s, m);
		break;
	case STUN_INDICATION:
		break;
	}
}
