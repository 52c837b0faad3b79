/* Messages found again. */
#include "config.h"

#include "ui/remembered.h"

struct remembered remember(const struct feed *feed, uint32_t row)
{
	struct remembered r = {.row = row, .numbering = feed->numbering};

	if (row < journal_last(feed->journal))
		r.entry = *journal_at(feed->journal, row);
	else
		r.row = CHAIN_END;
	return r;
}

/* In the spill it may lie elsewhere. */
static bool is_same(const struct entry *a, const struct entry *b)
{
	return a->place.frame == b->place.frame &&
	       a->place.file == b->place.file && a->kind == b->kind &&
	       a->code == b->code && a->length == b->length &&
	       (((a->flags | b->flags) & ENTRY_SPILLED) ||
		a->offset == b->offset);
}

static uint32_t find(const struct journal *j, const struct entry *e)
{
	for (size_t i = journal_first(j); i < journal_last(j); i++)
		if (is_same(journal_at(j, i), e))
			return (uint32_t)i;
	return CHAIN_END;
}

uint32_t remembered_row(const struct feed *feed, struct remembered *r)
{
	bool was_any = r->entry.place.frame != 0;

	if (was_any &&
	    (r->numbering != feed->numbering || r->row == CHAIN_END)) {
		r->numbering = feed->numbering;
		r->row = find(feed->journal, &r->entry);
	}
	return r->row;
}

const struct entry *remembered_entry(const struct feed *feed,
				     struct remembered *r)
{
	uint32_t row = remembered_row(feed, r);

	return row == CHAIN_END ? NULL : journal_at(feed->journal, row);
}
