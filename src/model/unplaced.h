/*
 * What is found in messages, by whose they are, until it is known which call
 * that is.
 *
 * A message is known by a hash: of its Call-ID, or of the two ends between
 * which it goes.  The hash is the same for both directions.
 */
#ifndef MODEL_UNPLACED_H
#define MODEL_UNPLACED_H

#include "model/evidence.h"

struct model;
struct rule;

struct unplaced {
	const struct rule *rule;
	uint64_t subject;
	struct cited cited;
	uint64_t count;
	size_t call; /* LIST_NONE: none is known */
};

/* Hashes that differ from run to run where `key` does. */
uint64_t unplaced_sip(uint64_t key, struct slice call_id);
uint64_t unplaced_ends(uint64_t key, const struct endpoint *a,
		       const struct endpoint *b);

/* Gives each to the call that has a part with its hash, made with the same key,
 * or to the input as a whole, and forgets them all.  Calls are judged before:
 * those without findings can be judged at the same time. */
void unplaced_settle(struct model *model);

#endif /* MODEL_UNPLACED_H */
