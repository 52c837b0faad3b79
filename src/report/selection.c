/* Choosing calls, and what of the model belongs to them. */
#include "config.h"

#include <stdlib.h>

#include "report/selection_parts.h"

#define SCRATCH_MAX ((size_t)1 << 16)
#define ENDS_SEED UINT64_C(0x656e6473)

struct selection {
	struct term terms[SELECTION_TERMS_MAX];
	size_t count;
	size_t calls;
	bool *marks[SELECTED_LISTS];
	size_t sizes[SELECTED_LISTS];
	/* The ends of what was chosen, for the paths between them. */
	struct list ends;
	struct index ends_index;
	bool out_of_memory;
};

struct selection *selection_new(void)
{
	struct selection *s = calloc(1, sizeof(*s));

	if (s)
		s->ends = list_of(sizeof(struct endpoint), MODEL_ENDS_MAX);
	return s;
}

static void forget(struct selection *s)
{
	for (size_t i = 0; i < SELECTED_LISTS; i++) {
		free(s->marks[i]);
		s->marks[i] = NULL;
	}
	list_free(&s->ends);
	index_free(&s->ends_index);
	s->calls = 0;
}

void selection_free(struct selection *s)
{
	if (!s)
		return;
	forget(s);
	free(s);
}

enum status selection_add(struct selection *s, const char *selector,
			  const char **why)
{
	struct slice rest = slice_of_text(selector);

	*why = "ends in a comma";
	if (rest.n && rest.p[rest.n - 1] == ',')
		return STATUS_BAD;
	do {
		struct term *t = &s->terms[s->count];

		if (s->count == SELECTION_TERMS_MAX) {
			*why = "there are too many terms";
			return STATUS_LIMIT;
		}
		*why = term_read(slice_split(&rest, ','), t);
		if (*why)
			return STATUS_BAD;
		t->selector = selector;
		t->last = rest.n == 0;
		s->count++;
	} while (rest.n);
	return STATUS_OK;
}

/* ---- which calls ---- */

static bool fits(struct selection *s, struct subject *subject)
{
	bool any = s->count == 0, all = true;

	for (size_t i = 0; i < s->count; i++) {
		struct term *t = &s->terms[i];
		bool one = t->field->fits(subject, t);

		t->found |= one;
		all &= one != t->negated;
		if (!t->last)
			continue;
		any |= all;
		all = true;
	}
	return any;
}

/* ---- what belongs to them ---- */

static void mark(struct selection *s, enum selected_list list, size_t row)
{
	if (row < s->sizes[list])
		s->marks[list][row] = true;
}

static void mark_members(struct selection *s, enum selected_list list,
			 const struct members *members)
{
	for (uint32_t i = 0; i < members->count; i++)
		mark(s, list, members->list[i]);
}

static bool same_end(const void *rows, uint32_t row, const void *key)
{
	return endpoint_equal((const struct endpoint *)rows + row, key);
}

static uint64_t end_hash(const struct endpoint *e)
{
	return hash_bytes(ENDS_SEED, slice_of(e, sizeof(*e)));
}

static bool has_end(const struct selection *s, const struct endpoint *e)
{
	return index_find(&s->ends_index, end_hash(e), same_end, s->ends.rows,
			  e) != INDEX_NONE;
}

static void add_end(struct selection *s, const struct endpoint *e)
{
	struct endpoint *row;

	if (e->family == FAMILY_NONE || has_end(s, e))
		return;
	row = list_add(&s->ends);
	if (!row)
		return;
	*row = *e;
	if (index_add(&s->ends_index, end_hash(e),
		      (uint32_t)s->ends.count - 1) != STATUS_OK)
		s->out_of_memory = true;
}

/* The end itself, and its host. */
static void add_both(struct selection *s, const struct endpoint *a,
		     const struct endpoint *b)
{
	struct endpoint host = *a;

	add_end(s, a);
	add_end(s, b);
	host.port = 0;
	add_end(s, &host);
	host = *b;
	host.port = 0;
	add_end(s, &host);
}

static void add_ends_of_setup(struct selection *s, const struct model *m,
			      const struct call *call)
{
	const struct registration *r = m->registrations.rows;
	const struct allocation *a = m->allocations.rows;
	const struct binding *b = m->bindings.rows;

	const struct shut *x =
		call->shut ? list_at(&m->shuts, call->shut - 1) : NULL;

	if (x)
		add_both(s, &x->client, &x->server);
	for (uint32_t i = 0; i < call->registrations.count; i++)
		add_both(s, &r[call->registrations.list[i]].client,
			 &r[call->registrations.list[i]].server);
	for (uint32_t i = 0; i < call->allocations.count; i++)
		add_both(s, end_at(m, a[call->allocations.list[i]].client),
			 end_at(m, a[call->allocations.list[i]].server));
	for (uint32_t i = 0; i < call->bindings.count; i++)
		add_both(s, end_at(m, b[call->bindings.list[i]].client),
			 end_at(m, b[call->bindings.list[i]].server));
}

static void add_ends_of_dialog(struct selection *s, const struct model *m,
			       const struct dialog *d)
{
	uint32_t at =
		d->messages_seen.count ? d->messages_seen.first : CHAIN_END;

	add_both(s, end_at(m, d->src), end_at(m, d->dst));
	while (at != CHAIN_END) {
		const struct sip_row *row = list_at(&m->sip_rows, at);

		add_both(s, end_at(m, row->src), end_at(m, row->dst));
		at = row->next;
	}
}

static void add_ends_of_probing(struct selection *s, const struct model *m,
				const struct call *call)
{
	const struct session *x = m->sessions.rows;
	const struct pair *pairs = m->pairs.rows;

	for (uint32_t i = 0; i < call->sessions.count; i++)
		for (size_t k = x[call->sessions.list[i]].first_pair;
		     k != LIST_NONE; k = pairs[k].next)
			add_both(s, end_at(m, pairs[k].a),
				 end_at(m, pairs[k].b));
}

static void take_call(struct selection *s, const struct model *m, size_t number)
{
	const struct call *call = list_at(&m->calls, number);
	const struct note *notes = m->notes.rows;

	s->calls++;
	mark(s, SELECTED_CALLS, number);
	mark_members(s, SELECTED_PARTIES, &call->parties);
	mark_members(s, SELECTED_REGISTRATIONS, &call->registrations);
	mark_members(s, SELECTED_TOKENS, &call->tokens);
	mark_members(s, SELECTED_ALLOCATIONS, &call->allocations);
	for (size_t i = call->notes.first; i != LIST_NONE; i = notes[i].next)
		mark(s, SELECTED_NOTES, i);
	add_ends_of_setup(s, m, call);
	for (uint32_t i = 0; i < call->dialogs.count; i++)
		add_ends_of_dialog(s, m,
				   list_at(&m->dialogs, call->dialogs.list[i]));
	add_ends_of_probing(s, m, call);
}

/* A row that is told names its party and its token: they are told, too. */
static void complete(struct selection *s, const struct model *m)
{
	const struct registration *r = m->registrations.rows;
	const struct token *t = m->tokens.rows;
	const struct allocation *a = m->allocations.rows;
	const struct path *paths = m->paths.rows;

	for (size_t i = 0; i < m->allocations.count; i++)
		if (s->marks[SELECTED_ALLOCATIONS][i]) {
			mark(s, SELECTED_TOKENS, a[i].token);
			mark(s, SELECTED_PARTIES, a[i].party);
		}
	for (size_t i = 0; i < m->tokens.count; i++)
		if (s->marks[SELECTED_TOKENS][i])
			mark(s, SELECTED_PARTIES, t[i].party);
	for (size_t i = 0; i < m->registrations.count; i++)
		if (s->marks[SELECTED_REGISTRATIONS][i])
			mark(s, SELECTED_PARTIES, r[i].party);
	for (size_t i = 0; i < m->paths.count; i++)
		if (has_end(s, end_at(m, paths[i].src)) &&
		    has_end(s, end_at(m, paths[i].dst)))
			mark(s, SELECTED_PATHS, i);
}

static bool make_room(struct selection *s, const struct model *m)
{
	const size_t sizes[SELECTED_LISTS] = {
		[SELECTED_CALLS] = m->calls.count,
		[SELECTED_PARTIES] = m->parties.count,
		[SELECTED_REGISTRATIONS] = m->registrations.count,
		[SELECTED_TOKENS] = m->tokens.count,
		[SELECTED_ALLOCATIONS] = m->allocations.count,
		[SELECTED_NOTES] = m->notes.count,
		[SELECTED_PATHS] = m->paths.count,
	};

	for (size_t i = 0; i < SELECTED_LISTS; i++) {
		s->sizes[i] = sizes[i];
		s->marks[i] = calloc(sizes[i] + 1, sizeof(bool));
		if (!s->marks[i])
			return false;
	}
	return true;
}

enum status selection_apply(struct selection *s, const struct keys *keys)
{
	const struct model *m = keys->model;
	const struct note *notes = m->notes.rows;
	struct subject subject = {.keys = keys, .text = text_new(SCRATCH_MAX)};

	forget(s);
	if (!make_room(s, m))
		return STATUS_NOMEM;
	for (size_t i = 0; i < m->calls.count; i++) {
		subject.call = list_at(&m->calls, i);
		subject.number = i;
		if (fits(s, &subject))
			take_call(s, m, i);
	}
	for (size_t i = m->notes_alone.first; i != LIST_NONE; i = notes[i].next)
		mark(s, SELECTED_NOTES, i);
	complete(s, m);
	text_free(&subject.text);
	return s->out_of_memory ? STATUS_NOMEM : STATUS_OK;
}

const char *selection_missing(const struct selection *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (!s->terms[i].found && term_names(&s->terms[i]))
			return s->terms[i].selector;
	return NULL;
}

size_t selection_count(const struct selection *s)
{
	return s->calls;
}

bool selection_has(const struct selection *s, enum selected_list list,
		   size_t row)
{
	return !s || s->marks[list][row];
}
