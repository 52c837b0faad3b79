/*
 * The tables behind the frames of a Network Monitor file: comments, processes
 * and extended information (capture-formats 1.7).
 *
 * All of them are extras: what is wrong with one is a warning of the source
 * and costs no frame.
 */
#ifndef CAPTURE_NETMON_TABLES_H
#define CAPTURE_NETMON_TABLES_H

#include "capture/block.h"
#include "capture/netmon_file.h"
#include "capture/source.h"
#include "core/endpoint.h"

/* Comments past this many are not looked at. */
#define NETMON_COMMENTS_MAX 65536u
/* Title and description in the file, together. */
#define NETMON_COMMENT_MAX (1u << 20)
#define NETMON_PROCESSES_MAX 65536u
#define NETMON_PATH_MAX 65536u

/* One comment: which record it is on, and where it stands itself. */
struct netmon_note {
	uint32_t record; /* place of the frame record in the file */
	uint32_t at;
	uint32_t n;
};

/* All comments, by the record they are on, then as in the file. */
struct netmon_notes {
	struct netmon_note *list;
	size_t count;
	size_t next; /* the first one whose record was not met yet */
};

/*
 * Finds the comments.  `in` may stand anywhere.  STATUS_NOMEM, STATUS_IO;
 * a table that is cut off or damaged gives those before and a warning.
 */
MUST_CHECK enum status netmon_notes_read(struct source *self, struct block *in,
					 const struct netmon_header *header,
					 struct netmon_notes *out);

/*
 * Hands the comments on the record at `place` to the source's listener as
 * those of frame `number`: title, line feed, description without its RTF.
 */
MUST_CHECK enum status netmon_notes_tell(struct source *self, struct block *in,
					 struct netmon_notes *notes,
					 uint32_t place, uint64_t number);

void netmon_notes_free(struct netmon_notes *notes);

/*
 * A program whose frames were captured.  The byte order of addresses is
 * unproven: it is that of two other readers, never seen in a real file.
 */
struct netmon_process {
	struct slice path; /* UTF-8, good during the call only */
	uint32_t id;
	struct endpoint local, remote;
};

typedef void netmon_process_fn(void *context, uint32_t row,
			       const struct netmon_process *process);

/*
 * Reads the table of processes and calls `each` (may be NULL) for its rows.
 * STATUS_NOMEM, STATUS_IO; what is damaged is a warning.
 */
MUST_CHECK enum status netmon_processes_read(struct source *self,
					     struct block *in,
					     const struct netmon_header *header,
					     netmon_process_fn *each,
					     void *context);

/*
 * The start of the capture in UTC: from the extended information where that
 * has it, else the header's local time with the bias of the first time zone,
 * else the local time as it is.  `known` is false in the last case.
 */
nanoseconds netmon_start(struct source *self, struct block *in,
			 const struct netmon_header *header, bool *known);

#endif /* CAPTURE_NETMON_TABLES_H */
