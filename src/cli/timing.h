/*
 * How long things take, told at the end: redraws, answers to keys, looks.
 */
#ifndef CLI_TIMING_H
#define CLI_TIMING_H

#include <stdio.h>

#include "core/clock.h"

/* Above this a redraw or an answer counts as slow. */
#define TIMING_SLOW (50 * NS_PER_MS)

struct timing {
	uint64_t count, slow;
	nanoseconds sum, longest;
};

/* By the monotonic clock of this machine. */
nanoseconds timing_now(void);

/* One more that took so long. */
void timing_add(struct timing *timing, nanoseconds took);

/* "redraws: 12, mean 0.4 ms, longest 1.2 ms, 0 above 50 ms". */
void timing_say(const struct timing *timing, const char *what, FILE *to);

/* Processor time and peak memory of this process. */
void timing_say_usage(FILE *to);

#endif /* CLI_TIMING_H */
