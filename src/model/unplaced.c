/* Which call a finding of a message belongs to. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "model/model.h"

uint64_t unplaced_sip(uint64_t key, struct slice call_id)
{
	return hash_bytes(key, call_id) | 1u;
}

uint64_t unplaced_ends(uint64_t key, const struct endpoint *a,
		       const struct endpoint *b)
{
	uint64_t x = hash_bytes(key, slice_of(a, sizeof(*a)));
	uint64_t y = hash_bytes(key, slice_of(b, sizeof(*b)));

	return hash_mix((x + y) ^ (x * y)) & ~UINT64_C(1);
}

/* ---- the parts of calls ---- */

struct settling {
	struct model *m;
	struct unplaced **sorted; /* by subject */
	size_t count, call;
};

static int by_subject(const void *a, const void *b)
{
	const struct unplaced *x = *(struct unplaced *const *)a;
	const struct unplaced *y = *(struct unplaced *const *)b;

	return (x->subject > y->subject) - (x->subject < y->subject);
}

static void claim(struct settling *s, uint64_t subject)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->sorted[middle]->subject < subject)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < s->count && s->sorted[low]->subject == subject; low++)
		if (s->sorted[low]->call == LIST_NONE)
			s->sorted[low]->call = s->call;
}

static void claim_call_id(struct settling *s, const char *call_id)
{
	if (call_id)
		claim(s, unplaced_sip(s->m->unplaced_key,
				      slice_of_text(call_id)));
}

static void claim_ends(struct settling *s, const struct endpoint *a,
		       const struct endpoint *b)
{
	claim(s, unplaced_ends(s->m->unplaced_key, a, b));
}

static void claim_sip(struct settling *s, const struct call *c)
{
	for (size_t i = 0; i < c->dialogs.count; i++) {
		const struct dialog *d =
			list_at(&s->m->dialogs, c->dialogs.list[i]);

		claim_call_id(s, d->call_id);
	}
	for (size_t i = 0; i < c->tokens.count; i++) {
		const struct token *t =
			list_at(&s->m->tokens, c->tokens.list[i]);

		claim_call_id(s, t->call_id);
	}
	for (size_t i = 0; i < c->registrations.count; i++) {
		const struct registration *r =
			list_at(&s->m->registrations, c->registrations.list[i]);
		const struct sign_in *x =
			r->sign_in ? list_at(&s->m->sign_ins, r->sign_in - 1)
				   : NULL;

		claim_call_id(s, r->call_id);
		if (x && x->provisioned) {
			const struct provisioned *p = list_at(
				&s->m->provisioned, x->provisioned - 1);

			claim_call_id(s, p->call_id);
		}
	}
}

static void claim_pairs(struct settling *s, const struct call *c)
{
	for (size_t i = 0; i < c->sessions.count; i++) {
		const struct session *x =
			list_at(&s->m->sessions, c->sessions.list[i]);
		size_t at = x->first_pair;

		while (at != LIST_NONE) {
			const struct pair *p = list_at(&s->m->pairs, at);

			claim_ends(s, end_at(s->m, p->a), end_at(s->m, p->b));
			at = p->next;
		}
	}
}

static void claim_servers(struct settling *s, const struct call *c)
{
	for (size_t i = 0; i < c->allocations.count; i++) {
		const struct allocation *a =
			list_at(&s->m->allocations, c->allocations.list[i]);

		claim_ends(s, end_at(s->m, a->client), end_at(s->m, a->server));
		if (a->answered_from)
			claim_ends(s, end_at(s->m, a->client),
				   end_at(s->m, a->answered_from));
	}
	for (size_t i = 0; i < c->bindings.count; i++) {
		const struct binding *b =
			list_at(&s->m->bindings, c->bindings.list[i]);

		claim_ends(s, end_at(s->m, b->client), end_at(s->m, b->server));
	}
}

static void claim_media(struct settling *s, const struct call *c)
{
	for (size_t i = 0; i < c->media.count; i++) {
		const struct media *m = list_at(&s->m->media, c->media.list[i]);

		claim_ends(s, &m->src, &m->dst);
	}
	for (size_t i = 0; i < c->handshakes.count; i++) {
		const struct handshake *h =
			list_at(&s->m->handshakes, c->handshakes.list[i]);

		claim_ends(s, &h->a, &h->b);
	}
}

/* ---- all of them ---- */

static void claim_all(struct settling *s)
{
	for (size_t i = 0; i < s->m->calls.count; i++) {
		const struct call *c = list_at(&s->m->calls, i);

		s->call = i;
		claim_sip(s, c);
		claim_servers(s, c);
		claim_pairs(s, c);
		claim_media(s, c);
	}
}

void unplaced_settle(struct model *m)
{
	struct unplaced *rows = m->unplaced.rows;
	struct settling s = {.m = m, .count = m->unplaced.count};

	if (!s.count)
		return;
	s.sorted = calloc(s.count, sizeof(*s.sorted));
	for (size_t i = 0; s.sorted && i < s.count; i++)
		s.sorted[i] = &rows[i];
	if (s.sorted) {
		qsort(s.sorted, s.count, sizeof(*s.sorted), by_subject);
		claim_all(&s);
	} else {
		m->out_of_memory = true;
	}
	free(s.sorted);
	for (size_t i = 0; i < s.count; i++)
		model_note_all(m, rows[i].rule, &rows[i].cited, rows[i].count,
			       rows[i].call);
	m->unplaced.count = 0;
}
