/*
 * Frames of a capture that somebody else is still writing: pcap and pcapng,
 * as a file, as files of a ring, or on standard input.
 *
 * What is not there wholly is waited for.  A file that is renamed is read to
 * its end, then the one that has its name by then; one that is cut to nothing
 * is read from its start.  Of the files that a pattern matches, the oldest is
 * first; when it is read to its end and there is a younger one, that is next.
 *
 * Never blocks but on standard input that is neither pcap nor pcapng: such
 * formats are read to their end.
 */
#ifndef CAPTURE_FOLLOW_H
#define CAPTURE_FOLLOW_H

#include "capture/source.h"

struct follow;

/*
 * Opens a file, a pattern that matches one at least, or "-"; `filter` is a
 * pcap-filter(7) expression or NULL.  STATUS_IO: it cannot be opened;
 * STATUS_NOT_MINE: it is no regular file; STATUS_BAD: the filter is wrong;
 * STATUS_NOMEM; *fault says why.
 */
MUST_CHECK enum status follow_open(const char *path, const char *filter,
				   struct follow **out, struct fault *fault);
void follow_close(struct follow *follow); /* NULL is fine */

/* Secrets that the files bring along; set before the first frame. */
void follow_listen(struct follow *follow, void *context,
		   void (*on_secrets)(void *context, uint32_t kind,
				      struct slice secrets));

/*
 * The next frame, numbered from 1 over all files, its bytes good until the
 * next call.  STATUS_SHORT: none at the moment; STATUS_END: standard input has
 * ended; STATUS_BAD: from here on the file cannot be read, follow_fault says
 * why once: another file may still come.
 */
enum status follow_next(struct follow *follow, struct frame *frame);

/* What was wrong last, and with which file. */
const struct fault *follow_fault(const struct follow *follow,
				 const char **path);

/* Packets that the one who writes says it lost. */
uint64_t follow_dropped(const struct follow *follow);

/* To poll for reading; -1: a file, which is always ready. */
int follow_descriptor(const struct follow *follow);

#endif /* CAPTURE_FOLLOW_H */
