/*
 * Tells messages in a thread of its own, behind the one that makes them: what
 * they mean is found out while the next ones are made.  They come in the same
 * order, each after the one before is done with.
 *
 * A message can wait as long as what it points to lasts: that is so for plain
 * datagrams of frames that were read ahead (flow/ahead.h), until their batch is
 * given back.  All others are told at once, when those that wait are told.
 */
#ifndef FLOW_BEHIND_H
#define FLOW_BEHIND_H

#include "core/arena.h"
#include "core/record.h"
#include "flow/early.h"

struct behind;

/* Gives back what messages pointed to, see behind_pass(). */
typedef void behind_release_fn(void *context, uint64_t number);

/*
 * Starts the thread, in which `sink` and `release` (with its context) are
 * called; but never both there and in the thread that makes messages at once.
 * The sink's struct is copied.  NULL: no memory or no thread.
 */
struct behind *behind_new(const struct message_sink *sink,
			  behind_release_fn *release, void *context);

/* Tells what waits and ends the thread.  NULL is fine. */
void behind_free(struct behind *behind);

/*
 * The frame whose messages come next, what was read of it early (NULL:
 * nothing), and the arena of its batch, which none but this thread uses now.
 */
void behind_frame(struct behind *behind, const struct frame *frame,
		  const struct early *early, struct arena *arena);

/* A message; may be the `take` of a message sink. */
void behind_take(void *context, const struct message *message);

/* No message of a batch below `number` will come: release() is called with it
 * as soon as those that wait are told, maybe at once. */
void behind_pass(struct behind *behind, uint64_t number);

/* Until nothing waits. */
void behind_drain(struct behind *behind);

#endif /* FLOW_BEHIND_H */
