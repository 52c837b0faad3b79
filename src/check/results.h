/*
 * An analysis as results of a check without expectations: a result for each
 * call, in which each stage that failed and each finding of an error is a
 * check that failed.  So JUnit and SARIF can be had of a single analysis.
 */
#ifndef CHECK_RESULTS_H
#define CHECK_RESULTS_H

#include "check/tree.h"

/* Of the analysis in a file a list for forms (check/forms.h); NULL: memory is
 * out, or it is none. */
json_t *results_of(FILE *analysis);

#endif /* CHECK_RESULTS_H */
