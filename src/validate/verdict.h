/*
 * The five stages and the verdict of each call, from the joined model.
 *
 * A verdict never claims more than its evidence: a reply that the capture does
 * not hold is unseen, not lost, unless retransmissions of the request prove
 * that it did not come.
 */
#ifndef VALIDATE_VERDICT_H
#define VALIDATE_VERDICT_H

#include "model/model.h"

/* Fills stages, outcome and text of every call, and notes what the rules
 * find, by so many threads.  Call once, when the model is joined. */
void verdict_all(struct model *model, unsigned jobs);

/* How far verdicts are; begins as {0}. */
struct verdict_progress {
	size_t calls;      /* that are judged */
	bool asked, apart; /* could threads share the rest? */
};

/* The same in parts: so many further calls at most by each thread; false: that
 * was all. */
bool verdict_some(struct model *model, struct verdict_progress *progress,
		  size_t count, unsigned jobs);

/* What the reading itself could not do; zeros in a quiet life. */
struct reading_limits {
	uint64_t flows, fragments, segments, media, cut;
};
void verdict_note_limits(struct model *model,
			 const struct reading_limits *limits);

#endif /* VALIDATE_VERDICT_H */
