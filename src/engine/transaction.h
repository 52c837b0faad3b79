/*
 * A request on its way: when it is sent again, and when nobody is going to
 * answer any more (RFC 8489 6.2.1 and 6.2.2, RFC 3489 9.3).
 *
 * Over a reliable transport a request is sent once.  Who waits may give up
 * earlier than the documents do: that is `patience`.
 */
#ifndef ENGINE_TRANSACTION_H
#define ENGINE_TRANSACTION_H

#include "core/clock.h"

/* One row of spec: the intervals double from `first` up to `most`. */
struct transaction_timers {
	nanoseconds first, most;
	unsigned sends;
	nanoseconds last;  /* to wait behind the last one */
	nanoseconds whole; /* over a reliable transport */
};

extern const struct transaction_timers transaction_rfc8489;
extern const struct transaction_timers transaction_classic;

struct transaction {
	const struct transaction_timers *timers;
	nanoseconds began, interval;
	nanoseconds next; /* when it has work; INT64_MAX: it does not run */
	nanoseconds gives_up;
	unsigned sends;
	bool reliable;
};

enum transaction_turn {
	TRANSACTION_WAITS,
	TRANSACTION_SENDS, /* the same bytes again */
	TRANSACTION_OVER,  /* unanswered */
};

/* It has been sent for the first time, just now; patience 0: as long as the
 * document waits. */
void transaction_begin(struct transaction *t,
		       const struct transaction_timers *timers, bool reliable,
		       nanoseconds patience, nanoseconds now);

/* What is due.  Call again with the same time until it WAITS. */
enum transaction_turn transaction_tick(struct transaction *t, nanoseconds now);

/* An answer came. */
void transaction_end(struct transaction *t);

static inline bool transaction_runs(const struct transaction *t)
{
	return t->timers && t->next != INT64_MAX;
}

#endif /* ENGINE_TRANSACTION_H */
