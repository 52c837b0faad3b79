/*
 * A fast keyed hash for tables, and an index from hash to row.
 *
 * The key makes it hard for a sender to choose colliding addresses; it comes
 * from whoever owns the table.  The values are not stable over releases.
 */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include "core/slice.h"

/* Of any bytes, also none; not for keeping: see above. */
uint64_t hash_bytes(uint64_t key, struct slice s);

/* Spreads what differs in a few bits over all of them. */
static inline uint64_t hash_mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	h ^= h >> 32;
	h *= UINT64_C(0xd6e8feb86659fd93);
	h ^= h >> 32;
	return h;
}

/*
 * An index maps a 64-bit hash to row numbers (0 to 2^32-2) that the owner
 * keeps elsewhere; equal hashes are told apart by the owner's compare.
 * Open addressing with the cells in order of their hashes: who looks for what
 * is not there sees a greater one soon, even where the index is nearly full.
 * It grows by a quarter, so that it always is.
 */
struct index_cell {
	uint32_t row;  /* + 1; 0: free */
	uint32_t hash; /* the upper half */
};

struct index {
	struct index_cell *cells;
	size_t used;
	size_t size; /* cells that are some hash's home */
	size_t room; /* with those behind them; the last is free */
};

typedef bool index_same_fn(const void *rows, uint32_t row, const void *key);

#define INDEX_NONE UINT32_MAX

/* Where a cell would like to be; from the upper half of its hash so that it can
 * move.  Any size will do, and cells keep their order when it changes. */
static inline size_t index_home(const struct index *index, uint32_t hash)
{
	return (size_t)((uint64_t)hash * index->size >> 32);
}

/* index_find() for who asks so often that `same` should be part of it. */
static inline uint32_t index_seek(const struct index *index, uint64_t hash,
				  index_same_fn *same, const void *rows,
				  const void *key)
{
	uint32_t h = (uint32_t)(hash >> 32);
	const struct index_cell *cell;

	if (!index->cells)
		return INDEX_NONE;
	for (cell = &index->cells[index_home(index, h)];
	     cell->row && cell->hash <= h; cell++)
		if (cell->hash == h && same(rows, cell->row - 1, key))
			return cell->row - 1;
	return INDEX_NONE;
}

/* The row with this hash that was added first of those for which `same` says
 * yes, or INDEX_NONE. */
uint32_t index_find(const struct index *index, uint64_t hash,
		    index_same_fn *same, const void *rows, const void *key);

/* Adds a row, also when one with this hash is there.  STATUS_NOMEM. */
MUST_CHECK enum status index_add(struct index *index, uint64_t hash,
				 uint32_t row);

/* Makes room, so that adding does not fail up to `rows` rows.  STATUS_NOMEM. */
MUST_CHECK enum status index_reserve(struct index *index, size_t rows);

/* Takes this row out, where it was added with that hash; false when it was not
 * there. */
bool index_remove(struct index *index, uint64_t hash, uint32_t row);

/* An index with the same rows; false: memory is out, and *to is empty. */
MUST_CHECK bool index_copy(struct index *to, const struct index *from);

void index_free(struct index *index);

#endif /* CORE_HASH_H */
