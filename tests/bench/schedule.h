/*
 * What happens next: a binary heap of events by time.  Events of equal time
 * come in the order in which they were added, so a run can be repeated.
 */
#ifndef TESTS_BENCH_SCHEDULE_H
#define TESTS_BENCH_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;

struct event {
	uint64_t time_us;
	uint64_t order;
	struct call *call;	/* NULL: a new call begins */
	int track;
};

struct schedule {
	struct event *heap;
	size_t count;
	size_t room;
	uint64_t added;
};

/* False if memory ran out. */
bool schedule_add(struct schedule *s, uint64_t time_us, struct call *call,
		  int track);

/* The earliest event; the schedule must not be empty. */
struct event schedule_first(const struct schedule *s);

/*
 * Ends with the earliest event: puts it off until time_us, or drops it.
 * Cheaper than dropping and adding.
 */
void schedule_again(struct schedule *s, uint64_t time_us);
void schedule_drop(struct schedule *s);

void schedule_free(struct schedule *s);

#endif /* TESTS_BENCH_SCHEDULE_H */
