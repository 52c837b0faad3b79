/*
 * The canonical form of an analysis, as goldens keep it and as two analyses
 * are compared: rows by name in place of lists, keys in place of ids, times
 * from the first frame on, no paths of files, no version.
 *
 * A row's name comes from its values, so a new row adds a name and changes
 * none.
 */
#ifndef CHECK_CANON_H
#define CHECK_CANON_H

#include "check/tree.h"
#include "core/clock.h"

#define GOLDEN_SCHEMA "mrascope.golden/1"

/* The form of this analysis (mrascope.analysis/1); NULL when memory is out. */
json_t *canon_of(const json_t *analysis);

/* ---- the same, row by row ---- */

struct canon;

/* `ids` tells the names of the rows that have ids; it is taken over.  Times are
 * told from `zero` on.  NULL: memory is out. */
struct canon *canon_new(json_t *ids, nanoseconds zero);
void canon_free(struct canon *c);
/* Was there too little memory for any of it? */
bool canon_failed(const struct canon *c);

/* Is this member of the document in the form, and do its rows have ids? */
bool canon_keeps(const char *member);
bool canon_has_ids(const char *member);
/* The time that a text begins with. */
bool canon_time(struct slice s, nanoseconds *out);

/* The form of a member that is no list of rows, or of row `number` of it with
 * its name, to which canon_names_add may add a number. */
json_t *canon_member(struct canon *c, const char *member, const json_t *value);
json_t *canon_row(struct canon *c, const char *member, const json_t *row,
		  size_t number, struct text *name);

/* Rows by their names.  Equal names are numbered, in order of appearance; there
 * may be one for each call, so it is known how far each was counted. */
struct canon_names {
	json_t *rows;
	json_t *numbers; /* of names that were equal: the last one; or NULL */
};

struct canon_names canon_names_new(void);
bool canon_names_add(struct canon_names *names, struct slice name,
		     json_t *value);
/* What was named, in the order that rows of this member have; it belongs to the
 * caller. */
json_t *canon_names_end(struct canon *c, struct canon_names *names,
			const char *member);

#endif /* CHECK_CANON_H */
