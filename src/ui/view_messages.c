/*
 * Which messages are a call's own: those with its Call-IDs, and those between
 * ends that it was seen to use.  One walk over the journal for all.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/view.h"

/* What is looked for: Call-IDs, and pairs of ends in both orders, by hash. */
struct wanted {
	uint64_t *values;
	size_t count, room;
	const struct journal *journal;
	nanoseconds from, to;
	bool failed;
};

#define LATE (5 * NS_PER_S)

static void want(struct wanted *w, uint64_t value)
{
	if (w->count == w->room) {
		size_t room = w->room ? w->room * 2 : 64;
		uint64_t *values = realloc(w->values, room * sizeof(*values));

		if (!values) {
			w->failed = true;
			return;
		}
		w->values = values;
		w->room = room;
	}
	w->values[w->count++] = value;
}

static void want_call_id(struct wanted *w, const char *call_id)
{
	if (call_id)
		want(w, hash_bytes(w->journal->key, slice_of_text(call_id)));
}

static void want_ends(struct wanted *w, const struct endpoint *a,
		      const struct endpoint *b)
{
	if (a->family != FAMILY_NONE && b->family != FAMILY_NONE)
		want(w, journal_hash_of_ends(w->journal, a, b));
}

/* Of SIP only what the network says of it is told by the ends. */
#define ICMP_ONLY UINT64_C(0x1c3b9a5e7d2f4860)

static void want_errors(struct wanted *w, const struct endpoint *a,
			const struct endpoint *b)
{
	if (a->family != FAMILY_NONE && b->family != FAMILY_NONE)
		want(w, journal_hash_of_ends(w->journal, a, b) ^ ICMP_ONLY);
}

static void reach(struct wanted *w, nanoseconds from, nanoseconds to)
{
	if (from && (!w->from || from < w->from))
		w->from = from;
	if (to > w->to)
		w->to = to;
}

/* The web services that a sign-in asks. */
static void want_webs(struct wanted *w, const struct model *m,
		      const struct registration *r)
{
	const struct sign_in *x =
		r->sign_in ? list_at(&m->sign_ins, r->sign_in - 1) : NULL;
	const struct web_call *webs = m->webs.rows;
	uint32_t at = x && x->webs.count ? x->webs.first : CHAIN_END;

	for (; at != CHAIN_END; at = webs[at].next)
		want_ends(w, &webs[at].client, &webs[at].server);
}

static void want_signalling(struct wanted *w, const struct view_call *v,
			    bool legs)
{
	const struct model *m = v->model;
	const struct members *list = &v->call->dialogs;

	for (uint32_t i = 0; i < list->count && (legs || i == 0); i++) {
		const struct dialog *d = list_at(&m->dialogs, list->list[i]);

		want_call_id(w, d->call_id);
		want_errors(w, end_at(m, d->src), end_at(m, d->dst));
	}
	list = &v->call->registrations;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct registration *r =
			list_at(&m->registrations, list->list[i]);

		want_call_id(w, r->call_id);
		want_webs(w, m, r);
		reach(w, place_time(m, r->cited.first),
		      place_time(m, r->cited.last));
	}
	list = &v->call->tokens;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct token *t = list_at(&m->tokens, list->list[i]);

		want_call_id(w, t->call_id);
		reach(w, place_time(m, t->request), place_time(m, t->answer));
	}
}

static void want_gathering(struct wanted *w, const struct view_call *v)
{
	const struct model *m = v->model;
	const struct members *list = &v->call->allocations;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct allocation *a =
			list_at(&m->allocations, list->list[i]);

		want_ends(w, end_at(m, a->client), end_at(m, a->server));
		want_ends(w, end_at(m, a->client), end_at(m, a->answered_from));
		want_ends(w, end_at(m, a->client), end_at(m, a->alternate));
		reach(w, place_time(m, a->cited.first),
		      place_time(m, a->cited.last));
	}
	list = &v->call->bindings;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct binding *b = list_at(&m->bindings, list->list[i]);

		want_ends(w, end_at(m, b->client), end_at(m, b->server));
		reach(w, place_time(m, b->request), place_time(m, b->last));
	}
}

static void want_probing(struct wanted *w, const struct view_call *v)
{
	const struct model *m = v->model;
	const struct members *list = &v->call->sessions;

	for (uint32_t i = 0; i < list->count; i++) {
		const struct session *s = list_at(&m->sessions, list->list[i]);

		for (size_t at = s->first_pair; at != LIST_NONE;) {
			const struct pair *p = list_at(&m->pairs, at);

			want_ends(w, end_at(m, p->a), end_at(m, p->b));
			reach(w, place_time(m, p->cited.first),
			      place_time(m, p->cited.last));
			at = p->next;
		}
	}
	list = &v->call->handshakes;
	for (uint32_t i = 0; i < list->count; i++) {
		const struct handshake *h =
			list_at(&m->handshakes, list->list[i]);

		want_ends(w, &h->a, &h->b);
		reach(w, place_time(m, h->first), place_time(m, h->last));
	}
}

static void want_call(struct wanted *w, const struct view_call *v, bool legs)
{
	reach(w, view_start(v), view_end(v) + LATE);
	if (v->other) {
		want(w, v->other->group);
		return;
	}
	if (!v->call) {
		want_call_id(w, v->dialog->call_id);
		return;
	}
	want_signalling(w, v, legs);
	want_gathering(w, v);
	want_probing(w, v);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* What applications told each other beside SIP, and what their agents say of
 * it; one walk for all calls. */
static void want_told(struct wanted *w, const struct view_call *calls,
		      size_t count)
{
	const struct model *m = calls[0].model;
	struct list numbers = list_of(sizeof(uint64_t), MODEL_CALLS_MAX);

	for (size_t i = 0; i < count && m->told.count; i++) {
		uint64_t *number = calls[i].call ? list_add(&numbers) : NULL;

		if (number)
			*number = calls[i].number;
	}
	if (numbers.count)
		qsort(numbers.rows, numbers.count, sizeof(uint64_t), compare);
	for (size_t i = 0; numbers.count && i < m->told.count; i++) {
		const struct told_description *t = list_at(&m->told, i);
		uint64_t call = t->call;

		if (!bsearch(&call, numbers.rows, numbers.count, sizeof(call),
			     compare))
			continue;
		want_ends(w, end_at(m, t->src), end_at(m, t->dst));
		want_ends(w, end_at(m, t->src), end_at(m, t->src));
		want_ends(w, end_at(m, t->dst), end_at(m, t->dst));
	}
	list_free(&numbers);
}

static bool is_wanted(const struct wanted *w, uint64_t value)
{
	return bsearch(&value, w->values, w->count, sizeof(value), compare) !=
	       NULL;
}

/* SIP is known by its Call-ID alone: two calls may share both ends. */
static bool entry_fits(const struct wanted *w, const struct entry *e)
{
	const struct journal *j = w->journal;

	if (e->place.time < w->from || e->place.time > w->to)
		return false;
	if (e->kind <= ENTRY_SIP_RESPONSE)
		return is_wanted(w, e->group);
	if (e->kind == ENTRY_ICMP)
		return is_wanted(w, e->group) ||
		       is_wanted(w, e->group ^ ICMP_ONLY);
	return is_wanted(w, journal_hash_of_ends(j, journal_end_at(j, e->src),
						 journal_end_at(j, e->dst)));
}

static bool keep(struct view_messages *m, uint32_t row)
{
	if (m->count == m->room) {
		size_t room = m->room ? m->room * 2 : 64;
		uint32_t *rows = realloc(m->rows, room * sizeof(*rows));

		if (!rows)
			return false;
		m->rows = rows;
		m->room = room;
	}
	m->rows[m->count++] = row;
	return true;
}

static bool walk_rows(const struct wanted *w, size_t first, size_t end,
		      struct view_messages *out)
{
	for (size_t i = first; i < end; i++)
		if (entry_fits(w, journal_at(w->journal, i)) &&
		    !keep(out, (uint32_t)i))
			return false;
	return true;
}

/* Those of late ranges that stand behind these rows, too. */
static bool walk(const struct wanted *w, struct view_messages *out)
{
	const struct journal *j = w->journal;
	size_t first = journal_row_at(j, w->from - JOURNAL_DISORDER);
	size_t end = journal_row_at(j, w->to + JOURNAL_DISORDER);
	bool ok = walk_rows(w, first, end, out);

	for (size_t i = 0; ok && i < j->late.count; i++) {
		const struct row_range *late = list_at(&j->late, i);

		if (late->end > end)
			ok = walk_rows(w, late->first > end ? late->first : end,
				       late->end, out);
	}
	return ok;
}

/* ---- order ---- */

struct timed_row {
	nanoseconds time;
	uint32_t row;
};

static int by_time(const void *a, const void *b)
{
	const struct timed_row *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* What was told late goes where it belongs. */
static bool put_in_order(const struct journal *j, struct view_messages *m)
{
	struct timed_row *rows;

	if (j->late.count == 0 || m->count == 0)
		return true;
	rows = calloc(m->count, sizeof(*rows));
	if (!rows)
		return false;
	for (size_t i = 0; i < m->count; i++)
		rows[i] = (struct timed_row){
			journal_at(j, m->rows[i])->place.time, m->rows[i]};
	qsort(rows, m->count, sizeof(*rows), by_time);
	for (size_t i = 0; i < m->count; i++)
		m->rows[i] = rows[i].row;
	free(rows);
	return true;
}

enum status view_messages(const struct view_call *calls, size_t count,
			  bool legs, struct view_messages *out)
{
	struct wanted w = {.journal = NULL};
	bool fine = true;

	*out = (struct view_messages){NULL, 0, 0};
	if (count == 0)
		return STATUS_OK;
	w.journal = calls[0].feed->journal;
	for (size_t i = 0; i < count; i++)
		want_call(&w, &calls[i], legs);
	want_told(&w, calls, count);
	if (w.count)
		qsort(w.values, w.count, sizeof(*w.values), compare);
	if (!w.failed && w.count)
		fine = walk(&w, out) && put_in_order(w.journal, out);
	fine &= !w.failed;
	free(w.values);
	if (!fine)
		view_messages_free(out);
	return fine ? STATUS_OK : STATUS_NOMEM;
}

void view_messages_free(struct view_messages *m)
{
	free(m->rows);
	*m = (struct view_messages){NULL, 0, 0};
}

#define LATE_ROWS 64u

static const struct entry *entry_among(const struct journal *j, size_t first,
				       size_t end, const struct place *place)
{
	for (size_t i = first; i < end; i++) {
		const struct entry *e = journal_at(j, i);

		if (e->place.frame == place->frame &&
		    e->place.file == place->file &&
		    e->kind <= ENTRY_SIP_RESPONSE)
			return e;
	}
	return NULL;
}

const struct entry *view_entry_at(const struct feed *feed, struct place place)
{
	const struct journal *j = feed->journal;
	size_t first = journal_first(j), last = journal_last(j);
	size_t low = journal_row_at(j, place.time), end;
	const struct entry *e;

	end = low + LATE_ROWS < last ? low + LATE_ROWS : last;
	e = entry_among(j, low > first + LATE_ROWS ? low - LATE_ROWS : first,
			end, &place);
	for (size_t i = 0; !e && i < j->late.count; i++) {
		const struct row_range *late = list_at(&j->late, i);

		e = entry_among(j, late->first, late->end, &place);
	}
	return e;
}
