/* Tables of the server machine: allocations, relays, reservations, peer
 * connections, and what ends when. */
#include "config.h"

#include <stdlib.h>

#include "engine/turn_state.h"

/* ---- rows that grow ---- */

static void *row_at(const struct table *t, uint32_t row)
{
	return (char *)t->rows + (size_t)row * t->size;
}

/* A new row number behind those that were used; ROW_NONE. */
static uint32_t table_grow(struct table *t)
{
	size_t room = t->room ? t->room * 2 : 16;
	void *rows;

	if (t->count >= t->max)
		return ROW_NONE;
	if (t->count == t->room) {
		rows = realloc(t->rows, room * t->size);
		if (!rows)
			return ROW_NONE;
		t->rows = rows;
		t->room = room;
	}
	return (uint32_t)t->count++;
}

struct turn_allocation *allocation_row(struct turn_server *s, uint32_t row)
{
	return row_at(&s->allocations, row);
}

struct relay *relay_row(struct turn_server *s, uint32_t row)
{
	return row_at(&s->relays, row);
}

/* ---- timers ---- */

static bool earlier(const struct timer *a, const struct timer *b)
{
	return a->at < b->at;
}

static void swap(struct timer *a, struct timer *b)
{
	struct timer t = *a;

	*a = *b;
	*b = t;
}

static void sink(struct timer *t, size_t n)
{
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n)
			return;
		if (child + 1 < n && earlier(&t[child + 1], &t[child]))
			child++;
		if (!earlier(&t[child], &t[i]))
			return;
		swap(&t[i], &t[child]);
		i = child;
	}
}

static bool timer_push(struct turn_server *s, const struct timer *timer)
{
	size_t room = s->timer_room ? s->timer_room * 2 : 16;
	size_t i = s->timer_count;
	struct timer *timers;

	if (i == s->timer_room) {
		timers = realloc(s->timers, room * sizeof(*timers));
		if (!timers)
			return false;
		s->timers = timers;
		s->timer_room = room;
	}
	s->timers[i] = *timer;
	s->timer_count++;
	for (; i && earlier(&s->timers[i], &s->timers[(i - 1) / 2]);
	     i = (i - 1) / 2)
		swap(&s->timers[i], &s->timers[(i - 1) / 2]);
	return true;
}

static uint32_t generation_of(struct turn_server *s, enum timer_kind kind,
			      uint32_t row)
{
	if (kind == TIMER_ALLOCATION)
		return allocation_row(s, row)->generation;
	if (kind == TIMER_CONNECTION)
		return ((struct connection *)row_at(&s->connections, row))
			->generation;
	return 0;
}

/* False without memory. */
static bool timer_set(struct turn_server *s, enum timer_kind kind, uint32_t row,
		      nanoseconds at)
{
	struct timer timer = {.at = at,
			      .row = row,
			      .kind = (uint8_t)kind,
			      .generation = generation_of(s, kind, row)};

	return timer_push(s, &timer);
}

void allocation_ends(struct turn_server *s, uint32_t row, nanoseconds at)
{
	struct turn_allocation *a = allocation_row(s, row);

	a->expires = at;
	if (at < a->wakes && timer_set(s, TIMER_ALLOCATION, row, at))
		a->wakes = at;
}

nanoseconds turn_server_next(const struct turn_server *s)
{
	return s->timer_count ? s->timers[0].at : INT64_MAX;
}

/* When the row of a timer really ends; 0: it is gone. */
static nanoseconds end_of(struct turn_server *s, const struct timer *t)
{
	const struct connection *c;
	const struct turn_allocation *a;

	switch ((enum timer_kind)t->kind) {
	case TIMER_ALLOCATION:
		a = allocation_row(s, t->row);
		return a->used && a->generation == t->generation ? a->expires
								 : 0;
	case TIMER_RESERVATION:
		return s->reservations[t->row].used
			       ? s->reservations[t->row].expires
			       : 0;
	case TIMER_CONNECTION:
		c = row_at(&s->connections, t->row);
		return c->used && c->generation == t->generation &&
				       c->state != CONNECTION_BOUND
			       ? c->expires
			       : 0;
	}
	return 0;
}

static void end_row(struct turn_server *s, const struct timer *t,
		    nanoseconds now)
{
	const struct connection *c;

	switch ((enum timer_kind)t->kind) {
	case TIMER_ALLOCATION:
		allocation_remove(s, t->row);
		break;
	case TIMER_RESERVATION:
		relay_remove(s, s->reservations[t->row].relay);
		reservation_remove(s, &s->reservations[t->row]);
		break;
	case TIMER_CONNECTION:
		c = row_at(&s->connections, t->row);
		if (c->state == CONNECTION_CONNECTING)
			turn_server_connected(s, t->row + 1, false, now);
		else
			turn_server_peer_closed(s, t->row + 1);
		s->provider.drop(s->provider.context, t->row + 1);
		break;
	}
}

void turn_server_tick(struct turn_server *s, nanoseconds now)
{
	while (s->timer_count && s->timers[0].at <= now) {
		struct timer t = s->timers[0];
		nanoseconds end;

		s->timers[0] = s->timers[--s->timer_count];
		sink(s->timers, s->timer_count);
		end = end_of(s, &t);
		if (end > now) {
			t.at = end;
			/* The room that it had is there. */
			(void)timer_push(s, &t);
			if (t.kind == TIMER_ALLOCATION)
				allocation_row(s, t.row)->wakes = end;
		} else if (end) {
			end_row(s, &t, now);
		}
	}
}

/* ---- allocations ---- */

bool turn_path_same(const struct turn_path *a, const struct turn_path *b)
{
	return endpoint_equal(&a->client, &b->client) &&
	       endpoint_equal(&a->server, &b->server) &&
	       a->connection == b->connection && a->transport == b->transport;
}

uint64_t turn_path_hash(const struct turn_server *s,
			const struct turn_path *path)
{
	uint64_t client = hash_bytes(
		s->key, slice_of(&path->client, sizeof(path->client)));
	uint64_t server = hash_bytes(
		client, slice_of(&path->server, sizeof(path->server)));

	return hash_mix(server ^ path->connection ^
			(uint64_t)path->transport << 32);
}

static bool is_at(const void *rows, uint32_t row, const void *key)
{
	const struct turn_allocation *a =
		(const struct turn_allocation *)rows + row;

	return turn_path_same(&a->path, key) ||
	       (a->mobility && a->mobility->moving &&
		turn_path_same(&a->mobility->to, key));
}

uint32_t allocation_find(struct turn_server *s, const struct turn_path *path,
			 nanoseconds now)
{
	uint32_t row = index_find(&s->by_path, turn_path_hash(s, path), is_at,
				  s->allocations.rows, path);

	if (row == INDEX_NONE || allocation_row(s, row)->expires <= now)
		return ROW_NONE;
	return row;
}

static bool has_ticket(const void *rows, uint32_t row, const void *key)
{
	const struct turn_allocation *a =
		(const struct turn_allocation *)rows + row;
	const struct slice *ticket = key;

	return a->mobility &&
	       (slice_equal(slice_of(a->mobility->ticket, 16), *ticket) ||
		slice_equal(slice_of(a->mobility->used, 16), *ticket));
}

uint32_t allocation_by_ticket(struct turn_server *s, struct slice ticket,
			      nanoseconds now)
{
	uint32_t row = index_find(&s->by_ticket, hash_bytes(s->key, ticket),
				  has_ticket, s->allocations.rows, &ticket);

	if (row == INDEX_NONE || allocation_row(s, row)->expires <= now)
		return ROW_NONE;
	return row;
}

bool allocation_at_path(struct turn_server *s, uint32_t row,
			const struct turn_path *path)
{
	return index_add(&s->by_path, turn_path_hash(s, path), row) ==
	       STATUS_OK;
}

void allocation_leaves_path(struct turn_server *s, uint32_t row,
			    const struct turn_path *path)
{
	(void)index_remove(&s->by_path, turn_path_hash(s, path), row);
}

static void forget_ticket(struct turn_server *s, uint32_t row,
			  const uint8_t ticket[16])
{
	(void)index_remove(&s->by_ticket,
			   hash_bytes(s->key, slice_of(ticket, 16)), row);
}

bool allocation_ticket(struct turn_server *s, uint32_t row)
{
	struct turn_allocation *a = allocation_row(s, row);
	struct mobility *m = a->mobility;

	if (!m)
		m = a->mobility = calloc(1, sizeof(*m));
	if (!m)
		return false;
	forget_ticket(s, row, m->used);
	memcpy(m->used, m->ticket, sizeof(m->used));
	s->provider.random(s->provider.context, m->ticket, sizeof(m->ticket));
	/* coturn's client keeps it as a C string: a zero would cut it short. */
	for (size_t i = 0; i < sizeof(m->ticket); i++)
		m->ticket[i] |= m->ticket[i] == 0;
	return index_add(&s->by_ticket,
			 hash_bytes(s->key, slice_of(m->ticket, 16)),
			 row) == STATUS_OK;
}

static uint32_t new_allocation(struct turn_server *s)
{
	uint32_t row = s->allocations.free;
	uint32_t generation = 0;

	if (row != ROW_NONE) {
		s->allocations.free = allocation_row(s, row)->next;
		generation = allocation_row(s, row)->generation + 1;
	} else {
		row = table_grow(&s->allocations);
	}
	if (row != ROW_NONE)
		*allocation_row(s, row) = (struct turn_allocation){
			.generation = generation,
			.relays = {ROW_NONE, ROW_NONE}};
	return row;
}

static void free_allocation(struct turn_server *s, uint32_t row)
{
	struct turn_allocation *a = allocation_row(s, row);

	free(a->permissions);
	free(a->channels);
	free(a->mobility);
	access_forget(a);
	*a = (struct turn_allocation){.generation = a->generation,
				      .next = s->allocations.free};
	s->allocations.free = row;
}

/* One that ran out and was not cleared away yet makes room. */
static void clear_path(struct turn_server *s, const struct turn_path *path)
{
	uint32_t row = index_find(&s->by_path, turn_path_hash(s, path), is_at,
				  s->allocations.rows, path);

	if (row != INDEX_NONE)
		allocation_remove(s, row);
}

uint32_t allocation_add(struct turn_server *s, const struct turn_path *path,
			uint32_t user, nanoseconds expires)
{
	struct turn_allocation *a;
	uint32_t row;

	clear_path(s, path);
	row = new_allocation(s);
	if (row == ROW_NONE)
		return ROW_NONE;
	a = allocation_row(s, row);
	a->path = *path;
	a->user = user;
	a->expires = expires;
	a->wakes = expires;
	if (!allocation_at_path(s, row, path)) {
		free_allocation(s, row);
		return ROW_NONE;
	}
	if (!timer_set(s, TIMER_ALLOCATION, row, expires)) {
		allocation_leaves_path(s, row, path);
		free_allocation(s, row);
		return ROW_NONE;
	}
	a->used = true;
	users_hold(&s->users, user);
	s->live++;
	return row;
}

static void drop_connections(struct turn_server *s, uint32_t allocation)
{
	for (uint32_t i = 0; i < s->connections.count; i++) {
		const struct connection *c = row_at(&s->connections, i);

		if (!c->used || c->allocation != allocation)
			continue;
		connection_remove(s, i + 1);
		s->provider.drop(s->provider.context, i + 1);
	}
}

void allocation_remove(struct turn_server *s, uint32_t row)
{
	struct turn_allocation *a = allocation_row(s, row);

	if (a->ms)
		ms_forget(s, row);
	if (a->connections)
		drop_connections(s, row);
	for (size_t i = 0; i < 2; i++)
		if (a->relays[i] != ROW_NONE)
			relay_remove(s, a->relays[i]);
	allocation_leaves_path(s, row, &a->path);
	if (a->mobility) {
		if (a->mobility->moving)
			allocation_leaves_path(s, row, &a->mobility->to);
		forget_ticket(s, row, a->mobility->ticket);
		forget_ticket(s, row, a->mobility->used);
	}
	users_release(&s->users, a->user);
	free_allocation(s, row);
	s->live--;
}

/* ---- relays and reservations ---- */

uint32_t relay_add(struct turn_server *s, uint32_t allocation,
		   const struct turn_wish *wish)
{
	uint32_t row = s->relays.free;
	struct endpoint at;
	struct relay *relay;

	if (row != ROW_NONE)
		s->relays.free = relay_row(s, row)->next;
	else
		row = table_grow(&s->relays);
	if (row == ROW_NONE)
		return ROW_NONE;
	relay = relay_row(s, row);
	*relay = (struct relay){.used = true, .allocation = allocation};
	if (s->provider.open(s->provider.context, row, wish, &at)) {
		relay->at = at;
		return row;
	}
	*relay = (struct relay){.next = s->relays.free};
	s->relays.free = row;
	return ROW_NONE;
}

void relay_remove(struct turn_server *s, uint32_t row)
{
	s->provider.close(s->provider.context, row);
	*relay_row(s, row) = (struct relay){.next = s->relays.free};
	s->relays.free = row;
}

struct reservation *reservation_find(struct turn_server *s, struct slice token,
				     nanoseconds now)
{
	for (size_t i = 0; i < s->reserved; i++) {
		struct reservation *r = &s->reservations[i];

		if (r->used && r->expires > now &&
		    bytes_equal_constant_time(slice_of(r->token, 8), token))
			return r;
	}
	return NULL;
}

struct reservation *reservation_add(struct turn_server *s, uint32_t relay,
				    uint32_t user, nanoseconds now)
{
	size_t i = 0;
	struct reservation *r;

	while (i < s->reserved && s->reservations[i].used)
		i++;
	if (i == RESERVATIONS_MAX)
		return NULL;
	if (i == s->reserved)
		s->reserved++;
	r = &s->reservations[i];
	*r = (struct reservation){.used = true,
				  .relay = relay,
				  .user = user,
				  .expires = now + RESERVATION_LIFE};
	if (!timer_set(s, TIMER_RESERVATION, (uint32_t)i, r->expires)) {
		*r = (struct reservation){0};
		return NULL;
	}
	s->provider.random(s->provider.context, r->token, sizeof(r->token));
	users_hold(&s->users, user);
	return r;
}

void reservation_remove(struct turn_server *s, struct reservation *r)
{
	users_release(&s->users, r->user);
	*r = (struct reservation){0};
	while (s->reserved && !s->reservations[s->reserved - 1].used)
		s->reserved--;
}

/* ---- peer connections ---- */

struct connection *connection_row(struct turn_server *s, uint32_t id)
{
	struct connection *c;

	if (id == 0 || id > s->connections.count)
		return NULL;
	c = row_at(&s->connections, id - 1);
	return c->used ? c : NULL;
}

uint32_t connection_add(struct turn_server *s, uint32_t allocation,
			const struct endpoint *peer, nanoseconds expires)
{
	struct turn_allocation *a = allocation_row(s, allocation);
	uint32_t row = s->connections.free;
	uint32_t generation = 0;
	struct connection *c;

	if (a->connections >= TURN_CONNECTIONS_MAX)
		return 0;
	if (row != ROW_NONE) {
		c = row_at(&s->connections, row);
		s->connections.free = c->next;
		generation = c->generation + 1;
	} else {
		row = table_grow(&s->connections);
	}
	if (row == ROW_NONE)
		return 0;
	c = row_at(&s->connections, row);
	*c = (struct connection){.used = true,
				 .peer = *peer,
				 .allocation = allocation,
				 .generation = generation,
				 .expires = expires};
	a->connections++;
	if (timer_set(s, TIMER_CONNECTION, row, expires))
		return row + 1;
	connection_remove(s, row + 1);
	return 0;
}

void connection_remove(struct turn_server *s, uint32_t id)
{
	struct connection *c = row_at(&s->connections, id - 1);

	allocation_row(s, c->allocation)->connections--;
	*c = (struct connection){.generation = c->generation,
				 .next = s->connections.free};
	s->connections.free = id - 1;
}

void tables_free(struct turn_server *s)
{
	for (uint32_t i = 0; i < s->allocations.count; i++) {
		struct turn_allocation *a = allocation_row(s, i);

		free(a->permissions);
		free(a->channels);
		free(a->mobility);
		access_forget(a);
		free(a->ms);
	}
	free(s->allocations.rows);
	free(s->relays.rows);
	free(s->connections.rows);
	free(s->timers);
	index_free(&s->by_path);
	index_free(&s->by_ticket);
	index_free(&s->by_session);
	index_free(&s->by_shared);
}
