/*
 * Two folders of captures compared as wholes: how outcomes, states of stages
 * and findings are spread, and quantiles of durations, not single values.
 */
#ifndef CHECK_SPREAD_H
#define CHECK_SPREAD_H

#include "check/tree.h"

/* Figures of an analysis of many calls in a file: names with numbers.  NULL:
 * memory is out. */
json_t *spread_of(FILE *analysis);

/*
 * A list of {name, was, is, differs}.  Shares differ by five points of a
 * hundred, quantiles by a fifth and 20 ms.
 */
json_t *spread_compare(const json_t *was, const json_t *is);

/* The list as a table. */
void spread_put(const json_t *rows, struct text *to);

#endif /* CHECK_SPREAD_H */
