/* Rows of messages, and the ends that they go between. */
#include "config.h"

#include <string.h>

#include "model/journal.h"

void journal_init(struct journal *j)
{
	*j = (struct journal){
		.rows = list_of(sizeof(struct entry), JOURNAL_ROWS_MAX),
		.ends = list_of(sizeof(struct endpoint), JOURNAL_ENDS_MAX),
	};
	/* Differs from run to run where addresses are random; need not be a
	 * secret offline. */
	j->key = (uint64_t)(uintptr_t)j * UINT64_C(0x9e3779b97f4a7c15);
}

void journal_free(struct journal *j)
{
	list_free(&j->rows);
	list_free(&j->ends);
	index_free(&j->index);
}

void journal_clear(struct journal *j)
{
	j->rows.count = 0;
	j->first = 0;
	j->ends.count = 0;
	index_free(&j->index);
	j->index = (struct index){0};
}

static bool same_end(const void *rows, uint32_t row, const void *key)
{
	const struct endpoint *ends = rows;

	return memcmp(&ends[row], key, sizeof(*ends)) == 0;
}

uint32_t journal_end(struct journal *j, const struct endpoint *e)
{
	uint64_t hash = hash_bytes(j->key, slice_of(e, sizeof(*e)));
	uint32_t row = index_find(&j->index, hash, same_end, j->ends.rows, e);
	struct endpoint *fresh;

	if (row != INDEX_NONE)
		return row;
	fresh = list_add(&j->ends);
	if (!fresh)
		return CHAIN_END;
	*fresh = *e;
	row = (uint32_t)j->ends.count - 1;
	if (index_add(&j->index, hash, row) != STATUS_OK) {
		j->ends.count--;
		return CHAIN_END;
	}
	return row;
}

const struct endpoint *journal_end_at(const struct journal *j, uint32_t end)
{
	static const struct endpoint none;

	return end < j->ends.count ? list_at(&j->ends, end) : &none;
}

const struct entry *journal_at(const struct journal *j, size_t row)
{
	static const struct entry gone = {.kind = ENTRY_MALFORMED,
					  .offset = UINT64_MAX,
					  .frame = UINT64_MAX,
					  .flags = ENTRY_SPILLED,
					  .src = CHAIN_END,
					  .dst = CHAIN_END,
					  .outer_src = CHAIN_END,
					  .outer_dst = CHAIN_END};

	if (row < j->first || row - j->first >= j->rows.count)
		return &gone;
	return list_at(&j->rows, row - j->first);
}

bool journal_trim(struct journal *j, size_t drop)
{
	struct journal fresh;
	size_t kept = drop < j->rows.count ? j->rows.count - drop : 0;
	bool ok = true;

	journal_init(&fresh);
	fresh.key = j->key; /* hashes in the rows are made with it */
	for (size_t i = 0; i < kept && ok; i++) {
		struct entry *e = list_at(&j->rows, drop + i);
		struct entry *row = list_add(&fresh.rows);

		if (!row) {
			ok = false;
			break;
		}
		*row = *e;
		row->src = journal_end(&fresh, journal_end_at(j, e->src));
		row->dst = journal_end(&fresh, journal_end_at(j, e->dst));
		row->outer_src =
			journal_end(&fresh, journal_end_at(j, e->outer_src));
		row->outer_dst =
			journal_end(&fresh, journal_end_at(j, e->outer_dst));
	}
	if (ok) {
		fresh.first = j->first + (j->rows.count - kept);
		journal_free(j);
		*j = fresh;
	} else {
		journal_free(&fresh);
	}
	return ok;
}
