/*
 * The newest rows of something that comes and goes, such as requests that wait
 * for their answers: a ring, found by hash.
 *
 * Rows that follow each other in time lie beside each other, so what is asked
 * for soon after it was added is still in the processor's cache.  The ring
 * grows while its oldest row is younger than `life`, up to `max` rows; then
 * the oldest makes room.
 */
#ifndef CORE_RECENT_H
#define CORE_RECENT_H

#include "core/clock.h"
#include "core/hash.h"

/* What each row begins with; belongs to the ring. */
struct recent_row {
	uint64_t hash;
	nanoseconds time; /* when it was added; the owner may renew it */
};

struct recent {
	void *rows;
	size_t size; /* of a row */
	uint32_t room, count, max;
	uint32_t next; /* the oldest, when all rows are in use */
	nanoseconds life;
	struct index index;
};

/* Rows of `size` bytes, each beginning with a struct recent_row, at most `max`
 * of them; nothing is allocated yet. */
struct recent recent_of(size_t size, uint32_t max, nanoseconds life);
void recent_free(struct recent *r);

/* The same rows; false: memory is out, and *to is empty. */
MUST_CHECK bool recent_copy(struct recent *to, const struct recent *from);

/* Row `at` of those in use. */
void *recent_at(const struct recent *r, uint32_t at);

/*
 * Calls `same` for rows of this hash, in no particular order, until it says
 * yes: that row, or NULL.  (Of equal upper halves of the hash: it must compare
 * what the row stands for.)
 */
void *recent_find(const struct recent *r, uint64_t hash, index_same_fn *same,
		  const void *key);

/* The row that the next recent_add() at this time would forget; NULL: none. */
void *recent_oldest(const struct recent *r, nanoseconds now);

/* Makes room for the first rows; false when memory is out. */
MUST_CHECK bool recent_start(struct recent *r);

/* A new zeroed row, after recent_start() never NULL.  Pointers to rows are good
 * until the next one is added. */
void *recent_add(struct recent *r, uint64_t hash, nanoseconds now);

#endif /* CORE_RECENT_H */
