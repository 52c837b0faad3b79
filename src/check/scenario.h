/*
 * Two runs of one scenario, compared by what they mean: Call-IDs, tags, user
 * fragments, ports that a system chose, SSRCs, frames and times must differ,
 * and do not count.
 */
#ifndef CHECK_SCENARIO_H
#define CHECK_SCENARIO_H

#include "check/large.h"

/* What a program made up in one analysis, and what stands for it.  NULL when
 * memory is out. */
struct scenario;
struct scenario *scenario_new(void);
void scenario_free(struct scenario *s);
bool scenario_failed(const struct scenario *s);

/* Each text of the analysis comes here first (see pieces_texts). */
void scenario_note(struct scenario *s, struct slice member, struct slice value);
/* Is this member of the document left out? */
bool scenario_drops(const char *member);
/*
 * A member of the document, or a row of it, without all that; calls are named
 * by who calls whom.  The value is taken over.
 */
json_t *scenario_take(struct scenario *s, const char *member, json_t *value);

/*
 * Does a difference (as of check/differ.h) mean something?  A duration counts
 * when it changed by a fifth and 20 ms, a number of packets or checks when it
 * changed by a fifth and 3.
 */
bool scenario_means(const json_t *difference);

/* What people call a state that JSON has by this name. */
typedef const char *state_word_fn(const char *state);

/* Verdict and stages of the calls of both, side by side. */
void scenario_put_stages(const struct large *was, const struct large *is,
			 state_word_fn *word, struct text *to);

#endif /* CHECK_SCENARIO_H */
