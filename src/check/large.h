/*
 * The canonical form of an analysis of many calls, or a golden, of which only
 * the names are in memory: its rows lie in a file, and are trees one at a time.
 */
#ifndef CHECK_LARGE_H
#define CHECK_LARGE_H

#include "check/tree.h"

struct large_place {
	uint64_t at;
	size_t n;
};

struct large {
	/* The document, where the members of an object are numbers of rows. */
	json_t *members;
	FILE *file;
	struct large_place *rows;
	size_t count, room;
};

/*
 * The form of the analysis in this file, as of check/canon.h, or with `same`
 * of what a run of the same scenario has in common with others, as of
 * check/scenario.h.  Its rows go to `rows`, an empty file, which is taken over.
 * NULL: memory or the room for files is out.
 */
struct large *large_of(FILE *analysis, FILE *rows, bool same);

/* A golden in a file, which is taken over; NULL: it is none. */
struct large *large_golden(FILE *file);

void large_free(struct large *form);

/* What stands for a row of a member; NULL: there is none. */
const json_t *large_find(const struct large *form, const char *member,
			 const char *name);
/* The row for which `row` stands; NULL where it is NULL, or cannot be read. */
json_t *large_row(const struct large *form, const json_t *row);
/* All rows of a member. */
json_t *large_whole(const struct large *form, const json_t *rows);
/* Are these rows written with the same bytes?  False says nothing. */
bool large_same(const struct large *a, const json_t *x, const struct large *b,
		const json_t *y);

/* Is all the same? */
bool large_equal(const struct large *a, const struct large *b);
/* Writes it as tree_write would the whole; false: it could not be written. */
bool large_write(const struct large *form, FILE *to);

/*
 * Of an analysis in a file, as a tree, what a result has of it: its findings,
 * and of calls id, key and verdict.  NULL: memory is out, or it is none.
 */
json_t *large_gist(FILE *analysis);

#endif /* CHECK_LARGE_H */
