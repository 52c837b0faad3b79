/*
 * An analysis as results of a check without expectations: a result for each
 * call, in which each stage that failed and each finding of an error is a
 * check that failed.  So JUnit and SARIF can be had of a single analysis.
 */
#ifndef CHECK_RESULTS_H
#define CHECK_RESULTS_H

#include "check/tree.h"

/* A list for forms (check/forms.h); NULL when memory is out. */
json_t *results_of(const json_t *analysis);

#endif /* CHECK_RESULTS_H */
