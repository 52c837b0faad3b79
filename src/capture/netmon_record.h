/*
 * One frame record of a Network Monitor file at a time, where the frame table
 * says or, without a table, one behind the other (capture-formats 1.2, 1.3).
 */
#ifndef CAPTURE_NETMON_RECORD_H
#define CAPTURE_NETMON_RECORD_H

#include "capture/block.h"
#include "capture/netmon_file.h"

struct netmon_found {
	uint64_t at, end; /* of the record in the file */
	struct netmon_record record;
	struct netmon_trailer trailer;
	struct slice bytes; /* of the frame; as long as block_need's */
};

/*
 * Reads the record at a place.  STATUS_BAD: longer than FRAME_MAX, found->
 * record says how long; STATUS_SHORT: it is cut off by the end of the file;
 * STATUS_IO, STATUS_NOMEM.
 */
MUST_CHECK enum status netmon_record_read(struct block *in,
					  const struct netmon_header *header,
					  uint64_t at,
					  struct netmon_found *found);

/* A walk over records that no table lists. */
struct netmon_walk {
	uint64_t at;	/* where the next one must be */
	uint64_t limit; /* and where there are no more */
	bool begun;
	nanoseconds last; /* time of the one before */
};

/*
 * Looks for the first record of a file.  STATUS_END: there is none; STATUS_IO,
 * STATUS_NOMEM.
 */
MUST_CHECK enum status netmon_walk_begin(struct block *in,
					 const struct netmon_header *header,
					 uint64_t limit,
					 struct netmon_walk *out);

/*
 * The next record.  STATUS_END at the limit; STATUS_SHORT: the file ends
 * inside it; STATUS_BAD: what stands there does not look like a record.
 */
MUST_CHECK enum status netmon_walk_next(struct netmon_walk *walk,
					struct block *in,
					const struct netmon_header *header,
					struct netmon_found *found);

#endif /* CAPTURE_NETMON_RECORD_H */
