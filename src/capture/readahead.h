/*
 * Reads a source ahead in a thread of its own, so that the next block is there
 * when it is asked for: half of the time of a walk through a large capture is
 * the system's copying of it.
 *
 * From readahead_new() to readahead_free() the source belongs to the thread.
 */
#ifndef CAPTURE_READAHEAD_H
#define CAPTURE_READAHEAD_H

#include "core/byte_source.h"

/* Before the bytes of each block there is room for so many of the last one. */
#define READAHEAD_HEADROOM ((size_t)65536)

struct readahead;

/* Begins at a place of the source (where it stands, if it cannot be read
 * elsewhere).  NULL: no memory or no thread; then it is read as ever. */
struct readahead *readahead_new(struct byte_source *bytes, uint64_t offset);

/* Waits for the thread.  NULL is fine. */
void readahead_free(struct readahead *ahead);

/*
 * The bytes that come next, at least one with STATUS_OK; else how the source
 * ended or failed (STATUS_IO: with *error as errno).  `fresh` is set when
 * READAHEAD_HEADROOM bytes before them may be written to.
 */
enum status readahead_peek(struct readahead *ahead, struct slice *bytes,
			   bool *fresh, int *error);

/* Consumes `n` of them.  Those bytes stay where they are until bytes of a
 * later block are consumed. */
void readahead_take(struct readahead *ahead, size_t n);

#endif /* CAPTURE_READAHEAD_H */
