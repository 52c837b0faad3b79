/* The table of open STUN transactions: sets of a few rows. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "flow/transactions.h"

static struct transaction *set_of(struct transactions *t,
				  const uint8_t id[16])
{
	uint64_t hash = hash_bytes(0, slice_of(id, 16));

	return t->rows + (hash & (TRANSACTION_SETS - 1)) * TRANSACTION_WAYS;
}

struct transaction *transaction_find(struct transactions *t,
				     const uint8_t id[16])
{
	struct transaction *set;

	if (!t->rows)
		return NULL;
	set = set_of(t, id);
	for (size_t i = 0; i < TRANSACTION_WAYS; i++)
		if (set[i].used && memcmp(set[i].id, id, 16) == 0)
			return &set[i];
	return NULL;
}

struct transaction *transaction_note(struct transactions *t,
				     const uint8_t id[16], nanoseconds now)
{
	struct transaction *set, *row;

	if (!t->rows)
		t->rows = calloc(TRANSACTION_SETS * TRANSACTION_WAYS,
				 sizeof(*t->rows));
	if (!t->rows)
		return NULL;
	row = transaction_find(t, id);
	if (!row) {
		set = set_of(t, id);
		row = set;
		for (size_t i = 0; i < TRANSACTION_WAYS && row->used; i++)
			if (!set[i].used || set[i].time < row->time)
				row = &set[i];
		*row = (struct transaction){.used = true};
		memcpy(row->id, id, 16);
	}
	row->time = now;
	return row;
}

void transactions_free(struct transactions *t)
{
	free(t->rows);
	t->rows = NULL;
}
