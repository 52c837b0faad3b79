/* Facts beside their subjects: short chains in one list. */
#include "config.h"

#include "model/facts.h"
#include "model/model.h"

static struct fact *find(const struct model *m, uint32_t from,
			 enum fact_kind kind, const uint32_t *value)
{
	for (uint32_t at = from; at != CHAIN_END;) {
		struct fact *f = list_at(&m->facts, at);

		if (f->kind == kind && (!value || f->value == *value))
			return f;
		at = f->next;
	}
	return NULL;
}

static uint32_t first_of(const struct chain *facts)
{
	return facts->count ? facts->first : CHAIN_END;
}

const struct fact *fact_of(const struct model *m, const struct chain *facts,
			   enum fact_kind kind)
{
	return find(m, first_of(facts), kind, NULL);
}

const struct fact *fact_with(const struct model *m, const struct chain *facts,
			     enum fact_kind kind, uint32_t value)
{
	return find(m, first_of(facts), kind, &value);
}

void facts_mark(const struct model *m, const struct chain *facts,
		uint64_t *words)
{
	for (uint32_t at = first_of(facts); at != CHAIN_END;) {
		const struct fact *f = list_at(&m->facts, at);

		words[f->kind / 64] |= UINT64_C(1) << f->kind % 64;
		at = f->next;
	}
}

const struct fact *fact_after(const struct model *m, const struct fact *fact)
{
	return find(m, fact->next, (enum fact_kind)fact->kind, NULL);
}

static void count_again(const struct model *m, struct fact *f,
			const struct fact_seen *seen)
{
	nanoseconds gap = place_time(m, seen->place) - place_time(m, f->last);

	if (f->vantage != (uint16_t)seen->vantage || gap < seen->apart)
		return;
	if (gap < seen->late && seen->datagram && seen->datagram == f->datagram)
		return;
	f->last = seen->place;
	f->datagram = seen->datagram;
	f->count++;
}

void fact_note(struct model *m, struct chain *facts,
	       const struct fact_seen *seen)
{
	struct fact *f = find(m, first_of(facts), seen->kind, &seen->value);
	uint32_t *next = NULL;

	if (f) {
		count_again(m, f, seen);
		return;
	}
	f = facts_full(facts) ? NULL : list_add(&m->facts);
	if (!f)
		return;
	*f = (struct fact){.first = seen->place,
			   .last = seen->place,
			   .value = seen->value,
			   .count = 1,
			   .next = CHAIN_END,
			   .vantage = (uint16_t)seen->vantage,
			   .datagram = seen->datagram,
			   .kind = (uint8_t)seen->kind};
	if (facts->count)
		next = &((struct fact *)list_at(&m->facts, facts->last))->next;
	model_chain(facts, (uint32_t)m->facts.count - 1, next);
}
