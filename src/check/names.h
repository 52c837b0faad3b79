/*
 * Names for the rows of an analysis, made of their values.
 */
#ifndef CHECK_NAMES_H
#define CHECK_NAMES_H

#include "check/tree.h"

/* The name of a row of the list `member`; false when such rows have none. */
bool names_put(const char *member, const json_t *row, struct text *to);
/* Is it a list whose rows have names? */
bool names_are_known(const char *member);
/* Do its rows stand in order of time, which says something? */
bool names_are_timed(const char *member);

#endif /* CHECK_NAMES_H */
