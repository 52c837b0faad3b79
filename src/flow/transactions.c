/* Open STUN transactions, by id. */
#include "config.h"

#include "flow/transactions.h"

static bool same_id(const void *rows, uint32_t row, const void *key)
{
	const struct transaction *t = rows;

	return memcmp(t[row].id, key, sizeof(t[row].id)) == 0;
}

static uint64_t id_hash(const uint8_t id[16])
{
	return hash_bytes(0, slice_of(id, 16));
}

struct transaction *transaction_find(const struct transactions *t,
				     const uint8_t id[16])
{
	return recent_find(&t->rows, id_hash(id), same_id, id);
}

struct transaction *transaction_note(struct transactions *t,
				     const uint8_t id[16], nanoseconds now)
{
	struct transaction *row = transaction_find(t, id);

	if (row)
		return row;
	if (t->rows.size == 0)
		t->rows = recent_of(sizeof(*row), TRANSACTIONS_MAX,
				    TRANSACTION_LIFE);
	row = recent_add(&t->rows, id_hash(id), now);
	if (row)
		memcpy(row->id, id, sizeof(row->id));
	return row;
}

void transactions_free(struct transactions *t)
{
	recent_free(&t->rows);
}
