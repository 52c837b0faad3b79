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

#define GOLDEN_SCHEMA "mrascope.golden/1"

/* The form of this analysis (mrascope.analysis/1); NULL when memory is out. */
json_t *canon_of(const json_t *analysis);

#endif /* CHECK_CANON_H */
