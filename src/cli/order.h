/*
 * The order of frames and the clocks of several captures: what the first
 * reading showed of them, for the second.
 */
#ifndef CLI_ORDER_H
#define CLI_ORDER_H

#include "cli/pipeline.h"
#include "model/model.h"

/* Before the first reading.  STATUS_NOMEM. */
MUST_CHECK enum status order_begin(struct pipeline *p);

/* The first frame was read, so all files are open and their formats known. */
void order_started(struct pipeline *p);

/* Behind the first reading: did a file begin with one interface, and tell of
 * others later?  Then it has to be read once more to tell their clocks apart,
 * which the other begins; STATUS_NOMEM. */
bool order_missed_interfaces(const struct pipeline *p);
MUST_CHECK enum status order_begin_anew(struct pipeline *p);

/* Each message, while p->ends is there: in the first reading note is taken of
 * it; in a second one *out is the message of a log with the ends that it lacks,
 * and true is returned (flow/shared_ends.h). */
bool order_fill_ends(struct pipeline *p, const struct message *message,
		     struct message *out);

/*
 * Behind the first reading: sets what a second one would mend (frames that
 * are a little out of order, clocks that differ, ends that a log does not
 * tell) and says whether there is anything.  Where the captures cannot be
 * read again nothing is set.
 */
bool order_mend(struct pipeline *p);

/* Says in an empty model whether there may be several vantages, as far as that
 * is known before anything is read. */
void order_expect_vantages(const struct pipeline *p, struct model *model);

/* Fills the model's vantages, a row for each file and then for each further
 * interface. */
void order_note_vantages(const struct pipeline *p, struct model *model);

/* All is in order: gives back what that took; again is fine. */
void order_end(struct pipeline *p);

#endif /* CLI_ORDER_H */
