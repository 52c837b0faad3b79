/* History: each change of state is a row, chained by its subject. */
#include "config.h"

#include "model/model.h"

void model_chain(struct chain *chain, uint32_t number, uint32_t *next)
{
	if (next)
		*next = number;
	else
		chain->first = number;
	chain->last = number;
	chain->count++;
}

const struct change *model_last_change(const struct model *m,
				       const struct chain *history,
				       enum word what)
{
	const struct change *rows = m->changes.rows;
	uint32_t at = history->count ? history->last : CHAIN_END;

	while (at != CHAIN_END && rows[at].what != what)
		at = rows[at].previous;
	return at == CHAIN_END ? NULL : &rows[at];
}

/* Nobody's history is longer: a client that refreshes every minute for a day
 * stays below. */
#define HISTORY_MAX 4096u

void model_event(struct model *m, struct chain *history,
		 const struct change *change)
{
	struct change *row;
	uint32_t *next = NULL;

	if (history->count >= HISTORY_MAX) {
		m->changes.refused++;
		return;
	}
	row = list_add(&m->changes);
	if (!row)
		return;
	*row = *change;
	row->next = CHAIN_END;
	row->previous = history->count ? history->last : CHAIN_END;
	if (history->count)
		next = &((struct change *)list_at(&m->changes, history->last))
				->next;
	model_chain(history, (uint32_t)m->changes.count - 1, next);
}

void model_change(struct model *m, struct chain *history,
		  const struct change *change)
{
	const struct change *before =
		model_last_change(m, history, (enum word)change->what);
	struct change row = *change;

	row.from = before ? before->to : (uint8_t)WORD_NONE;
	if (!before || row.from != row.to || before->value != row.value)
		model_event(m, history, &row);
}

void model_becomes(struct model *m, struct chain *history, place_number place,
		   enum word to, uint32_t value)
{
	struct change change = {
		.place = place,
		.what = WORD_STATE,
		.to = (uint8_t)to,
		.value = value,
	};

	model_change(m, history, &change);
}

void model_refreshed(struct model *m, struct chain *history, place_number place,
		     uint32_t value)
{
	const struct change *last = model_last_change(m, history, WORD_STATE);
	struct change change = {
		.place = place,
		.what = WORD_STATE,
		.from = last ? last->to : (uint8_t)WORD_NONE,
		.to = WORD_REFRESHED,
		.value = value,
	};

	model_event(m, history, &change);
}

const char *word_text(enum word word)
{
	static const char *const texts[WORDS] = {
		[WORD_STATE] = "state",
		[WORD_LIFETIME] = "lifetime",
		[WORD_REQUESTED] = "requested",
		[WORD_CHALLENGED] = "challenged",
		[WORD_OK] = "ok",
		[WORD_FAILED] = "failed",
		[WORD_REFRESHED] = "refreshed",
		[WORD_RELEASED] = "released",
		[WORD_EXPIRED] = "expired",
		[WORD_LOST] = "lost",
		[WORD_REDIRECTED] = "redirected",
		[WORD_MOVED] = "moved",
		[WORD_INVITED] = "invited",
		[WORD_PROCEEDING] = "proceeding",
		[WORD_ANSWERED] = "answered",
		[WORD_CONFIRMED] = "confirmed",
		[WORD_REJECTED] = "rejected",
		[WORD_CANCELLED] = "cancelled",
		[WORD_ENDED] = "ended",
		[WORD_CHANGED] = "changed",
		[WORD_IN_PROGRESS] = "in-progress",
		[WORD_SUCCEEDED] = "succeeded",
		[WORD_NOMINATED] = "nominated",
		[WORD_RESTARTED] = "restarted",
		[WORD_CONSENT_EXPIRED] = "consent-expired",
		[WORD_ROLE] = "role",
		[WORD_CONTROLLING] = "controlling",
		[WORD_CONTROLLED] = "controlled",
	};

	return word < WORDS ? texts[word] : NULL;
}
