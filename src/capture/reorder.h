/*
 * A window that brings frames in the order of their times, for captures that
 * go backwards a little (several receive queues, rings that overlap).  It
 * copies what waits in it, so it is used only where that is needed.
 */
#ifndef CAPTURE_REORDER_H
#define CAPTURE_REORDER_H

#include "capture/frame.h"
#include "core/status.h"

#define REORDER_SPAN (200 * NS_PER_MS) /* so far back a frame may belong */
#define REORDER_FRAMES_MAX ((size_t)65536)
#define REORDER_BYTES_MAX ((size_t)64 << 20)

struct reorder;

struct reorder *reorder_new(void); /* NULL: memory is out */
void reorder_free(struct reorder *r);

/* Takes a copy of a frame.  STATUS_NOMEM: it was not taken. */
MUST_CHECK enum status reorder_put(struct reorder *r,
				   const struct frame *frame);

/* The earliest frame once none that is earlier may come, or any when `flush`;
 * false: none yet.  Its bytes are good until the next call. */
bool reorder_get(struct reorder *r, bool flush, struct frame *out);

/* Drops what waits. */
void reorder_clear(struct reorder *r);

#endif /* CAPTURE_REORDER_H */
