/* Findings of calls, each with the frames that prove it. */
#include "config.h"

#include "model/model.h"

static struct note_chain *chain_of(struct model *m, size_t call)
{
	if (call == LIST_NONE)
		return &m->notes_alone;
	return &((struct call *)list_at(&m->calls, call))->notes;
}

/* One row a rule at most, so the chain is short. */
static struct note *find_note(struct model *m, const struct rule *rule,
			      size_t call)
{
	size_t at = chain_of(m, call)->first;

	while (at != LIST_NONE) {
		struct note *note = list_at(&m->notes, at);

		if (note->rule == rule)
			return note;
		at = note->next;
	}
	return NULL;
}

/* ---- proofs ---- */

/* The first frames and the last are kept: what comes behind them takes the
 * place of the last. */
static void add_proof(struct model *m, struct note *note, place_number place)
{
	struct proof *last = NULL;
	uint32_t at = note->proofs, count = 1;

	if (!place_at(m, place).frame || place_same(m, note->first, place))
		return;
	for (; at != CHAIN_END; at = last->next) {
		last = list_at(&m->proofs, at);
		if (place_same(m, last->place, place))
			return;
		count++;
	}
	if (count > CITED_MAX) {
		last->place = place;
		note->more++;
		return;
	}
	at = last ? (uint32_t)(last - (struct proof *)m->proofs.rows)
		  : CHAIN_END;
	last = list_add(&m->proofs);
	if (!last)
		return;
	*last = (struct proof){place, CHAIN_END};
	if (at == CHAIN_END)
		note->proofs = (uint32_t)m->proofs.count - 1;
	else
		((struct proof *)list_at(&m->proofs, at))->next =
			(uint32_t)m->proofs.count - 1;
}

void model_prove(struct model *m, const struct rule *rule, place_number place,
		 size_t call)
{
	struct note *note = find_note(m, rule, call);

	if (note)
		add_proof(m, note, place);
}

static bool is_before(struct place a, struct place b)
{
	if (a.file != b.file)
		return a.file < b.file;
	return a.frame < b.frame;
}

void note_cited(const struct model *m, const struct note *note,
		struct cited *to)
{
	place_number places[CITED_MAX];
	size_t count = 0;

	*to = (struct cited){.count = 0};
	cite(m, to, note->first);
	for (uint32_t at = note->proofs; at != CHAIN_END;) {
		const struct proof *proof = list_at(&m->proofs, at);
		size_t i = count++;

		for (; i && is_before(place_at(m, proof->place),
				      place_at(m, places[i - 1]));
		     i--)
			places[i] = places[i - 1];
		places[i] = proof->place;
		at = proof->next;
	}
	for (size_t i = 0; i < count; i++)
		cite(m, to, places[i]);
	to->count += note->more;
}

/* ---- notes ---- */

void model_note_all(struct model *m, const struct rule *rule,
		    const struct cited *cited, uint64_t count, size_t call)
{
	struct note *note;

	(void)model_note(m, rule, cited->first, call);
	note = find_note(m, rule, call);
	if (!note)
		return;
	for (size_t i = 1; i < cited->kept; i++)
		add_proof(m, note, cited_at(cited, i));
	if (cited->count > cited->kept) {
		note->more = (note->more + cited->count - cited->kept - 1) &
			     PROOFS_MORE_MAX;
		add_proof(m, note, cited->last);
	}
	note->count += count - 1;
}

void model_note_more(struct model *m, const struct rule *rule,
		     place_number last, uint64_t count, size_t call)
{
	struct note *note = find_note(m, rule, call);

	if (!note || count == 0)
		return;
	note->more = (note->more + count - 1) & PROOFS_MORE_MAX;
	add_proof(m, note, last);
	note->count += count;
}

struct note *model_note(struct model *m, const struct rule *rule,
			place_number place, size_t call)
{
	struct note_chain *chain = chain_of(m, call);
	struct note *note = find_note(m, rule, call);

	if (note) {
		note->count++;
		add_proof(m, note, place);
		return NULL;
	}
	note = list_add(&m->notes);
	if (!note)
		return NULL;
	*note = (struct note){.rule = rule,
			      .first = place,
			      .count = 1,
			      .call = call,
			      .next = LIST_NONE,
			      .proofs = CHAIN_END};
	if (chain->first == LIST_NONE)
		chain->first = m->notes.count - 1;
	else
		((struct note *)list_at(&m->notes, chain->last))->next =
			m->notes.count - 1;
	chain->last = m->notes.count - 1;
	return note;
}
