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

struct journal_writer {
	struct journal journal;
	struct spill *spill; /* made when it is needed first */
	bool no_spill;       /* there is none to be had: bytes are lost */
	/* What was interned last: most messages go the same way. */
	struct endpoint last[4];
	uint32_t last_numbers[4];
};

void journal_writer_init(struct journal_writer *w);
void journal_writer_free(struct journal_writer *w);
void journal_writer_clear(struct journal_writer *w);

/* `frame` is the one being read; `again`: its file can be read again. */
void journal_take(struct journal_writer *w, const struct frame *frame,
		  bool again, const struct message *m);

#endif /* CLI_JOURNAL_WRITE_H */
