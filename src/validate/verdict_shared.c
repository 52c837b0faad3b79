/*
 * Verdicts of many calls, by several threads.
 *
 * Each judges a run of calls: what it finds goes into lists of its own, which
 * are put behind one another in the order of the calls.  All else is only read,
 * or belongs to the calls that are judged.
 */
#include "config.h"

#include <stdlib.h>

#include "core/thread.h"
#include "validate/verdict_state.h"

#define SHARES_MAX 16u
/* Fewer are not worth a thread. */
#define SHARE_CALLS ((size_t)32)

struct share {
	struct model model; /* rows are those of the model */
	const struct catalogue *catalogue;
	struct list unanswered; /* uint32_t: pairs; history has one list */
	size_t first, end;      /* calls */
	pthread_t thread;
	bool started;
};

static void *judge_share(void *context)
{
	struct share *s = context;

	for (size_t i = s->first; i < s->end; i++)
		verdict_of(&s->model, s->catalogue, i, &s->unanswered);
	return NULL;
}

/* What is found anew, for calls of which nothing was found. */
static void begin_share(struct share *s, const struct model *model,
			size_t first, size_t end)
{
	s->model = *model;
	s->model.arena = arena_new(model->arena.max);
	s->model.notes = list_of(model->notes.size, model->notes.max);
	s->model.proofs = list_of(model->proofs.size, model->proofs.max);
	s->model.causes = list_of(model->causes.size, model->causes.max);
	s->unanswered = list_of(sizeof(uint32_t), model->pairs.max);
	s->first = first;
	s->end = end;
}

/* ---- what was found, behind what is there ---- */

/* Where rows went, and how many there are now: later ones did not fit. */
struct moved {
	size_t by, count;
};

static struct moved join_rows(struct list *to, struct list *from)
{
	struct moved moved = {.by = to->count};

	if (!list_join(to, from))
		to->refused += from->count - (to->count - moved.by);
	to->refused += from->refused;
	moved.count = to->count;
	list_free(from);
	return moved;
}

static size_t row_after(const struct moved *moved, size_t row)
{
	if (row == LIST_NONE || row + moved->by >= moved->count)
		return LIST_NONE;
	return row + moved->by;
}

static uint32_t link_after(const struct moved *moved, uint32_t row)
{
	if (row == CHAIN_END || row + moved->by >= moved->count)
		return CHAIN_END;
	return row + (uint32_t)moved->by;
}

static void relink_notes(struct model *m, const struct moved *notes,
			 const struct moved *proofs)
{
	for (size_t i = notes->by; i < notes->count; i++) {
		struct note *note = list_at(&m->notes, i);

		note->next = row_after(notes, note->next);
		note->proofs = link_after(proofs, note->proofs);
	}
	for (size_t i = proofs->by; i < proofs->count; i++) {
		struct proof *proof = list_at(&m->proofs, i);

		proof->next = link_after(proofs, proof->next);
	}
}

static void relink_calls(struct model *m, const struct share *s,
			 const struct moved *notes, const struct moved *causes)
{
	for (size_t i = s->first; i < s->end; i++) {
		struct call *call = list_at(&m->calls, i);

		call->notes.first = row_after(notes, call->notes.first);
		call->notes.last = row_after(notes, call->notes.last);
		if (call->causes.count == 0)
			continue;
		call->causes.first = link_after(causes, call->causes.first);
		call->causes.last = link_after(causes, call->causes.last);
		if (call->causes.first == CHAIN_END)
			call->causes.count = 0;
	}
}

static void join_share(struct model *m, struct share *s)
{
	struct moved notes = join_rows(&m->notes, &s->model.notes);
	struct moved proofs = join_rows(&m->proofs, &s->model.proofs);
	struct moved causes = join_rows(&m->causes, &s->model.causes);

	relink_notes(m, &notes, &proofs);
	for (size_t i = causes.by; i < causes.count; i++) {
		struct cause *cause = list_at(&m->causes, i);

		cause->next = link_after(&causes, cause->next);
	}
	relink_calls(m, s, &notes, &causes);
	for (size_t i = 0; i < s->unanswered.count; i++) {
		const uint32_t *pair = list_at(&s->unanswered, i);

		pair_note_failure(m, list_at(&m->pairs, *pair));
	}
	list_free(&s->unanswered);
	arena_join(&m->arena, &s->model.arena);
	m->out_of_memory |= s->model.out_of_memory;
}

/* ---- who judges what ---- */

/* A pair says why it failed, and a record of a client what bears it out: no two
 * may write that. */
static bool is_alone(const struct model *m, size_t first, uint8_t *taken)
{
	for (size_t i = first; i < m->calls.count; i++) {
		const struct call *call = list_at(&m->calls, i);

		if (call->notes.first != LIST_NONE || call->causes.count)
			return false;
		for (uint32_t k = 0; k < call->sessions.count; k++)
			if (taken[call->sessions.list[k]]++)
				return false;
	}
	return true;
}

bool verdicts_apart(const struct model *m)
{
	uint8_t *taken = calloc(m->sessions.count + 1, 1);
	bool alone =
		taken && m->media_debugs.count == 0 && is_alone(m, 0, taken);

	free(taken);
	return alone;
}

bool verdicts_shared(struct model *m, const struct catalogue *catalogue,
		     size_t first, size_t end, unsigned jobs)
{
	size_t calls = end - first, shares = calls / SHARE_CALLS;
	struct share *rows;

	if (shares > jobs)
		shares = jobs < SHARES_MAX ? jobs : SHARES_MAX;
	if (shares < 2)
		return false;
	rows = calloc(shares, sizeof(*rows));
	if (!rows)
		return false;
	for (size_t i = 0; i < shares; i++) {
		begin_share(&rows[i], m, first + calls * i / shares,
			    first + calls * (i + 1) / shares);
		rows[i].catalogue = catalogue;
	}
	for (size_t i = 1; i < shares; i++)
		rows[i].started =
			thread_start(&rows[i].thread, judge_share, &rows[i]);
	for (size_t i = 0; i < shares; i++)
		if (rows[i].started)
			pthread_join(rows[i].thread, NULL);
		else
			judge_share(&rows[i]);
	for (size_t i = 0; i < shares; i++)
		join_share(m, &rows[i]);
	free(rows);
	return true;
}
