/*
 * Regular expressions (PCRE2), for match expressions of users.
 *
 * A pattern that would take too long on some text fits nothing there; its
 * limits are those of PATTERN_STEPS_MAX.
 */
#ifndef CORE_PATTERN_H
#define CORE_PATTERN_H

#include "core/slice.h"

#define PATTERN_STEPS_MAX 1000000u
#define PATTERN_WHY_MAX 128

struct pattern;

/* STATUS_BAD: *why (of PATTERN_WHY_MAX bytes) says what is wrong with it;
 * STATUS_NOMEM. */
MUST_CHECK enum status pattern_new(struct slice expression, bool ignore_case,
				   struct pattern **out, char *why);
void pattern_free(struct pattern *pattern); /* NULL is fine */

/* Is it anywhere in the text? */
bool pattern_fits(struct pattern *pattern, struct slice text);

#endif /* CORE_PATTERN_H */
