/*
 * The event heap of the bench generator.
 */
#include "config.h"

#include "tests/bench/schedule.h"

#include <stdlib.h>

static bool before(const struct event *a, const struct event *b)
{
	if (a->time_us != b->time_us)
		return a->time_us < b->time_us;
	return a->order < b->order;
}

/* Finds the place of `e` in the hole at the root. */
static void sink(struct schedule *s, struct event e)
{
	size_t hole = 0;
	size_t child;

	while ((child = 2 * hole + 1) < s->count) {
		if (child + 1 < s->count &&
		    before(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (!before(&s->heap[child], &e))
			break;
		s->heap[hole] = s->heap[child];
		hole = child;
	}
	s->heap[hole] = e;
}

bool schedule_add(struct schedule *s, uint64_t time_us, struct call *call,
		  int track)
{
	struct event e = { time_us, s->added++, call, track };
	size_t hole = s->count;

	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 1024;
		struct event *heap = realloc(s->heap, room * sizeof *heap);

		if (!heap)
			return false;
		s->heap = heap;
		s->room = room;
	}
	s->count++;
	while (hole && before(&e, &s->heap[(hole - 1) / 2])) {
		s->heap[hole] = s->heap[(hole - 1) / 2];
		hole = (hole - 1) / 2;
	}
	s->heap[hole] = e;
	return true;
}

struct event schedule_first(const struct schedule *s)
{
	return s->heap[0];
}

void schedule_again(struct schedule *s, uint64_t time_us)
{
	struct event e = s->heap[0];

	e.time_us = time_us;
	e.order = s->added++;
	sink(s, e);
}

void schedule_drop(struct schedule *s)
{
	if (--s->count)
		sink(s, s->heap[s->count]);
}

void schedule_free(struct schedule *s)
{
	free(s->heap);
	*s = (struct schedule){ 0 };
}
