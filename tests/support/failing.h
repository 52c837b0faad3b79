/*
 * Allocations that fail on demand.  Knows no test framework, since fuzz
 * targets are linked with it too.
 */
#ifndef TESTS_SUPPORT_FAILING_H
#define TESTS_SUPPORT_FAILING_H

#include <stdbool.h>

/*
 * Makes allocations fail: t_failing_walk calls `run` with allocation 0, 1, 2
 * ... failing until it returns true (it went through with none failing).
 * `run` returns false when it met the failure, and must give all back.
 * Only in programs linked with tests/support/failing.c and its -Wl,--wrap.
 */
void t_failing_walk(bool (*run)(void *context), void *context);

/* Inside a walk: has the allocation that was to fail been asked for? */
bool t_failure_met(void);

/* From now on the n-th allocation fails, and no other; -1: none. */
void t_fail_once(long n);

#endif /* TESTS_SUPPORT_FAILING_H */
