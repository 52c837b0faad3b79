/* Retransmission of requests. */
#include "config.h"

#include "engine/transaction.h"

/* RTO 500 ms, Rc 7, Rm 16; Ti 39.5 s. */
const struct transaction_timers transaction_rfc8489 = {
	.first = 500 * NS_PER_MS,
	.most = INT64_MAX,
	.sends = 7,
	.last = 8 * NS_PER_S,
	.whole = 39500 * NS_PER_MS,
};

/* [MS-TURN] stands on drafts that have the timers of RFC 3489. */
const struct transaction_timers transaction_classic = {
	.first = 100 * NS_PER_MS,
	.most = 1600 * NS_PER_MS,
	.sends = 9,
	.last = 1600 * NS_PER_MS,
	.whole = 9500 * NS_PER_MS,
};

static nanoseconds earlier(nanoseconds a, nanoseconds b)
{
	return a < b ? a : b;
}

void transaction_begin(struct transaction *t,
		       const struct transaction_timers *timers, bool reliable,
		       nanoseconds patience, nanoseconds now)
{
	*t = (struct transaction){.timers = timers,
				  .began = now,
				  .interval = timers->first,
				  .reliable = reliable,
				  .sends = 1};
	t->gives_up = patience ? now + patience : INT64_MAX;
	t->next = earlier(now + (reliable ? timers->whole : t->interval),
			  t->gives_up);
}

enum transaction_turn transaction_tick(struct transaction *t, nanoseconds now)
{
	const struct transaction_timers *timers = t->timers;

	if (!transaction_runs(t) || now < t->next)
		return TRANSACTION_WAITS;
	if (t->reliable || t->sends >= timers->sends ||
	    t->next >= t->gives_up) {
		t->next = INT64_MAX;
		return TRANSACTION_OVER;
	}
	t->sends++;
	if (t->sends == timers->sends)
		t->interval = timers->last;
	else
		t->interval = earlier(2 * t->interval, timers->most);
	/* From when it should have been sent: who wakes late does not make
	 * the schedule longer, but two at once would tell nothing more. */
	t->next += t->interval;
	if (t->next <= now)
		t->next = now + t->interval;
	t->next = earlier(t->next, t->gives_up);
	return TRANSACTION_SENDS;
}

void transaction_end(struct transaction *t)
{
	t->next = INT64_MAX;
}
