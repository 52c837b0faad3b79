/*
 * Keeps a journal of what the driver tells: the place of each message, and
 * its bytes where they cannot be read again.
 */
#ifndef CLI_JOURNAL_WRITE_H
#define CLI_JOURNAL_WRITE_H

#include "cli/spill.h"
#include "flow/message.h"
#include "model/journal.h"

struct frame;

/* Live: so many rows and bytes are kept at most, then a quarter is
 * forgotten. */
#define JOURNAL_LIVE_MAX ((size_t)1 << 19)
#define SPILL_LIVE_MAX (UINT64_C(1) << 30)

struct journal_writer {
	struct journal journal;
	struct spill *spill; /* made when it is needed first */
	bool no_spill;       /* there is none to be had: bytes are lost */
	/* Live: whole frames are kept, with a spilled_frame before each. */
	bool live;
	uint64_t last_frame, last_at; /* the frame that was kept last */
	uint32_t last_file;
	/* What was interned last: most messages go the same way. */
	struct endpoint last[4];
	uint32_t last_numbers[4];
};

/* What stands before a frame in the spill. */
struct spilled_frame {
	nanoseconds time;
	uint64_t number;
	uint32_t file, interface, link_type, wire_length, length;
};

void journal_writer_init(struct journal_writer *w);
void journal_writer_free(struct journal_writer *w);
/* Forgets all, keeps the memory: what follows is read anew. */
void journal_writer_clear(struct journal_writer *w);
/* Live: keeps to the limits; true when something was forgotten. */
bool journal_writer_trim(struct journal_writer *w);

/* `frame` is the one being read. */
void journal_take(struct journal_writer *w, const struct frame *frame,
		  const struct message *m);

#endif /* CLI_JOURNAL_WRITE_H */
