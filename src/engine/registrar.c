/* Bindings by address of record. */
#include "config.h"

#include <stdlib.h>

#include "engine/registrar.h"

#define NONE UINT32_MAX

void registrar_init(struct registrar *r, size_t max, uint64_t key)
{
	*r = (struct registrar){.max = max, .key = key, .free = NONE};
}

void registrar_free(struct registrar *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->rows[i].text);
	free(r->rows);
	index_free(&r->by_aor);
	*r = (struct registrar){.free = NONE};
}

/* ---- the chain of an address ---- */

/* The index leads to the head of the list of an address. */
static bool same_aor(const void *rows, uint32_t row, const void *key)
{
	const struct registrar_binding *list = rows;
	const struct slice *aor = key;

	return slice_equal(list[row].aor, *aor);
}

static uint32_t head_of(const struct registrar *r, struct slice aor)
{
	return index_find(&r->by_aor, hash_bytes(r->key, aor), same_aor,
			  r->rows, &aor);
}

static void give_back(struct registrar *r, uint32_t row)
{
	free(r->rows[row].text);
	r->rows[row] = (struct registrar_binding){.next = r->free};
	r->free = row;
	r->live--;
}

static void set_head(struct registrar *r, struct slice aor, uint32_t from,
		     uint32_t to)
{
	uint64_t hash = hash_bytes(r->key, aor);

	/* What was taken out has left room: that cannot fail. */
	(void)index_remove(&r->by_aor, hash, from);
	if (to != NONE)
		(void)!index_add(&r->by_aor, hash, to);
}

static void drop(struct registrar *r, uint32_t row)
{
	struct slice aor = r->rows[row].aor;
	uint32_t head = head_of(r, aor), at = head;

	if (head == row) {
		set_head(r, aor, row, r->rows[row].next);
	} else {
		while (r->rows[at].next != row)
			at = r->rows[at].next;
		r->rows[at].next = r->rows[row].next;
	}
	give_back(r, row);
}

static bool is_over(const struct registrar *r,
		    const struct registrar_binding *b, nanoseconds now)
{
	return b->until <= now || (b->connection && r->stands &&
				   !r->stands(r->context, b->connection));
}

static void drop_over(struct registrar *r, struct slice aor, nanoseconds now)
{
	uint32_t row = head_of(r, aor);

	while (row != NONE) {
		uint32_t next = r->rows[row].next;

		if (is_over(r, &r->rows[row], now))
			drop(r, row);
		row = next;
	}
}

/* ---- rows ---- */

static bool make_room(struct registrar *r)
{
	size_t room = r->room ? r->room * 2 : 64;
	struct registrar_binding *rows;

	if (r->free != NONE || r->count < r->room)
		return true;
	rows = realloc(r->rows, room * sizeof(*rows));
	if (!rows)
		return false;
	r->rows = rows;
	r->room = room;
	return true;
}

static struct slice keep(uint8_t **at, struct slice s)
{
	struct slice kept = slice_of(*at, s.n);

	if (s.n)
		memcpy(*at, s.p, s.n);
	*at += s.n;
	return kept;
}

static size_t size_of(const struct registrar_update *u,
		      const struct registrar_contact *c)
{
	return u->aor.n + u->call_id.n + c->uri.n + c->instance.n + c->epid.n;
}

/* False: memory is out, and nothing has changed. */
static bool add(struct registrar *r, const struct registrar_update *u,
		const struct registrar_contact *c, nanoseconds now)
{
	uint8_t *text = malloc(size_of(u, c) + 1), *at = text;
	uint32_t head = head_of(r, u->aor), row;
	struct registrar_binding *b;

	if (!text || !make_room(r))
		goto out;
	row = r->free != NONE ? r->free : (uint32_t)r->count;
	if (head == NONE &&
	    index_add(&r->by_aor, hash_bytes(r->key, u->aor), row) != STATUS_OK)
		goto out;
	b = &r->rows[row];
	if (r->free != NONE)
		r->free = b->next;
	else
		r->count++;
	*b = (struct registrar_binding){
		.aor = keep(&at, u->aor),
		.contact = keep(&at, c->uri),
		.instance = keep(&at, c->instance),
		.epid = keep(&at, c->epid),
		.call_id = keep(&at, u->call_id),
		.connection = u->connection,
		.flow = u->flow,
		.until = now + (nanoseconds)c->seconds * NS_PER_S,
		.cseq = u->cseq,
		.next = NONE,
		.used = true,
		.text = text,
	};
	if (head != NONE) {
		b->next = r->rows[head].next;
		r->rows[head].next = row;
	}
	r->live++;
	return true;
out:
	free(text);
	return false;
}

/* ---- what a request wants ---- */

static bool is_same(const struct registrar_binding *b,
		    const struct registrar_contact *c)
{
	return slice_equal(b->contact, c->uri) ||
	       (c->instance.n && slice_equal_nocase(b->instance, c->instance));
}

static bool is_meant(const struct registrar_update *u,
		     const struct registrar_binding *b)
{
	if (u->all)
		return true;
	for (size_t i = 0; i < u->count; i++)
		if (is_same(b, &u->contacts[i]))
			return true;
	return false;
}

/* RFC 3261 10.3, step 7. */
static bool comes_late(const struct registrar *r,
		       const struct registrar_update *u)
{
	for (uint32_t row = head_of(r, u->aor); row != NONE;
	     row = r->rows[row].next) {
		const struct registrar_binding *b = &r->rows[row];

		if (is_meant(u, b) && slice_equal(b->call_id, u->call_id) &&
		    u->cseq <= b->cseq)
			return true;
	}
	return false;
}

static void remove_meant(struct registrar *r, const struct registrar_update *u)
{
	uint32_t row = head_of(r, u->aor);

	while (row != NONE) {
		uint32_t next = r->rows[row].next;

		if (is_meant(u, &r->rows[row]))
			drop(r, row);
		row = next;
	}
}

/* Of those that stay, the ones that end first give way. */
static void make_way(struct registrar *r, struct slice aor, size_t for_how_many)
{
	for (;;) {
		uint32_t first = NONE;
		size_t count = 0;

		for (uint32_t row = head_of(r, aor); row != NONE;
		     row = r->rows[row].next, count++)
			if (first == NONE ||
			    r->rows[row].until < r->rows[first].until)
				first = row;
		if (first == NONE ||
		    count + for_how_many <= REGISTRAR_CONTACTS_MAX)
			return;
		drop(r, first);
	}
}

/* Those whose place is taken make room for others. */
static bool fits(const struct registrar *r, const struct registrar_update *u,
		 size_t *wanted)
{
	size_t stay = r->live;

	*wanted = 0;
	for (uint32_t row = head_of(r, u->aor); row != NONE;
	     row = r->rows[row].next)
		stay -= is_meant(u, &r->rows[row]);
	for (size_t i = 0; i < u->count; i++) {
		if (size_of(u, &u->contacts[i]) > REGISTRAR_TEXT_MAX)
			return false;
		*wanted += u->contacts[i].seconds != 0;
	}
	return u->count <= REGISTRAR_CONTACTS_MAX &&
	       (*wanted == 0 || stay + *wanted <= r->max);
}

enum status registrar_apply(struct registrar *r,
			    const struct registrar_update *u, nanoseconds now)
{
	size_t wanted;

	drop_over(r, u->aor, now);
	if (!fits(r, u, &wanted))
		return STATUS_LIMIT;
	if (comes_late(r, u))
		return STATUS_BAD;
	if (wanted && index_reserve(&r->by_aor, r->live + wanted) != STATUS_OK)
		return STATUS_NOMEM;
	remove_meant(r, u);
	make_way(r, u->aor, wanted);
	for (size_t i = 0; i < u->count; i++)
		if (u->contacts[i].seconds && !add(r, u, &u->contacts[i], now))
			return STATUS_NOMEM;
	return STATUS_OK;
}

size_t registrar_list(const struct registrar *r, struct slice aor,
		      nanoseconds now, const struct registrar_binding **out,
		      size_t max)
{
	size_t n = 0;

	for (uint32_t row = head_of(r, aor); row != NONE && n < max;
	     row = r->rows[row].next)
		if (!is_over(r, &r->rows[row], now))
			out[n++] = &r->rows[row];
	return n;
}

void registrar_sweep(struct registrar *r, nanoseconds now)
{
	for (uint32_t row = 0; row < r->count; row++)
		if (r->rows[row].used && is_over(r, &r->rows[row], now))
			drop(r, row);
}
