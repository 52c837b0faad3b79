/*
 * Ring files: pcapng in pieces by size and time, of which only the newest are
 * kept.
 */
#ifndef CLI_RING_H
#define CLI_RING_H

#include "capture/writer.h"
#include "cli/options.h"

struct ring;

/* For --write of the options, with the rights that it will be written with;
 * NULL after a message. */
struct ring *ring_open(const struct options *options);

/* Writes a frame with its comments.  False after a message, once: the disk is
 * full, or a file cannot be made; nothing more is written then. */
bool ring_put(struct ring *ring, const struct frame *frame,
	      const struct slice *comments, size_t count);

/* Why nothing more is written; NULL: all is well, or there is no ring. */
const char *ring_trouble(const struct ring *ring);

/* Brings to the disk what waits. */
void ring_flush(struct ring *ring);

/* A ring goes on with its next file; a single one that was renamed, or is gone,
 * is begun anew. */
void ring_reopen(struct ring *ring);
bool ring_close(struct ring *ring); /* NULL is fine */

#endif /* CLI_RING_H */
