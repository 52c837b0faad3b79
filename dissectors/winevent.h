/*
 * Windows events as XML (schemas.microsoft.com/win/2004/08/events/event), as
 * wevtutil, Event Viewer and PowerShell write them: Event elements one behind
 * the other, with or without a root around them.
 */
#ifndef DISSECTORS_WINEVENT_H
#define DISSECTORS_WINEVENT_H

#include "core/arena.h"
#include "core/clock.h"

#define WINEVENT_DATA_MAX 32u

struct winevent {
	struct slice provider, computer, channel;
	struct slice message;                 /* rendered, or empty */
	struct slice data[WINEVENT_DATA_MAX]; /* values, in order */
	size_t data_count;
	uint64_t record;
	nanoseconds time; /* 0: none */
	uint32_t id;
	unsigned level; /* 1 critical, 2 error, 3 warning, 4 information */
};

/*
 * Cuts the next Event element off the front of *rest; false when there is none
 * any more.  What is around and between elements is passed over.
 */
bool winevent_next(struct slice *rest, struct slice *element);

/*
 * Reads one element.  STATUS_BAD: it is not well formed, or has no number;
 * STATUS_LIMIT: too large, or it wants entities of its own; STATUS_NOMEM.
 * Slices live in the arena.
 */
MUST_CHECK enum status winevent_read(struct slice element, struct arena *arena,
				     struct winevent *out);

#endif /* DISSECTORS_WINEVENT_H */
