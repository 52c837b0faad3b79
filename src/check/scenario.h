/*
 * Two runs of one scenario, compared by what they mean: Call-IDs, tags, user
 * fragments, ports that a system chose, SSRCs, frames and times must differ,
 * and do not count.
 */
#ifndef CHECK_SCENARIO_H
#define CHECK_SCENARIO_H

#include "check/tree.h"

/* The canonical form of an analysis without all that; calls are named by who
 * calls whom.  NULL when memory is out. */
json_t *scenario_of(const json_t *analysis);

/*
 * Differences (as of check/differ.h) between two such forms, without those
 * that mean nothing: a duration counts when it changed by a fifth and 20 ms, a
 * number of packets or checks when it changed by a fifth and 3.
 */
json_t *scenario_differ(const json_t *was, const json_t *is);

/* What people call a state that JSON has by this name. */
typedef const char *state_word_fn(const char *state);

/* Verdict and stages of the calls of both, side by side. */
void scenario_put_stages(const json_t *was, const json_t *is,
			 state_word_fn *word, struct text *to);

#endif /* CHECK_SCENARIO_H */
