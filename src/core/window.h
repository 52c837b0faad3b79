/*
 * The memory that a block reads into.  Whoever wants to keep bytes beyond the
 * next read holds their window instead of copying them: the block then reads
 * into another one.
 *
 * Not counted safely between threads: windows are held and dropped by the
 * thread that reads.
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include "core/slice.h"

struct window {
	size_t room;
	unsigned holds;
	bool left; /* by its block: whoever drops it last frees it */
	uint8_t bytes[];
};

/* The windows of one block, at most so many. */
#define WINDOWS_MAX 136u

struct windows {
	struct window *list[WINDOWS_MAX];
	size_t count;
};

/*
 * One of at least that room which nobody holds; NULL: out of memory, or all
 * are held.  It stays in the list.
 */
struct window *windows_take(struct windows *windows, size_t room);

/* Changes the room of one that nobody holds and keeps what is in it; it may
 * move.  NULL: out of memory, it is as it was. */
struct window *windows_widen(struct windows *windows, struct window *window,
			     size_t room);

/* Gives all back; those that are held when they are dropped. */
void windows_leave(struct windows *windows);

/* Each hold wants one drop; the last one frees what its block has left. */
static inline void window_hold(struct window *window)
{
	window->holds++;
}

void window_drop(struct window *window);

#endif /* CORE_WINDOW_H */
