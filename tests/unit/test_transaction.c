/* Retransmission: the schedules of RFC 8489 6.2 and RFC 3489 9.3. */
#include "config.h"

#include "engine/transaction.h"
#include "tests/support/t.h"

#define START (INT64_C(1800000000) * NS_PER_S)
#define EVENTS 12u

struct schedule {
	const char *name;
	const struct transaction_timers *timers;
	bool reliable;
	unsigned patience; /* ms */
	unsigned sends;
	unsigned at[EVENTS]; /* ms: behind the first; the last: it is over */
};

static const struct schedule schedules[] = {
	{"RFC 8489",
	 &transaction_rfc8489,
	 false,
	 0,
	 7,
	 {500, 1500, 3500, 7500, 15500, 31500, 39500}},
	{"RFC 3489",
	 &transaction_classic,
	 false,
	 0,
	 9,
	 {100, 300, 700, 1500, 3100, 4700, 6300, 7900, 9500}},
	{"over TCP", &transaction_rfc8489, true, 0, 1, {39500}},
	{"no patience",
	 &transaction_rfc8489,
	 false,
	 5000,
	 4,
	 {500, 1500, 3500, 5000}},
	{"none at all", &transaction_rfc8489, false, 300, 1, {300}},
	{"over TCP, no patience", &transaction_rfc8489, true, 2000, 1, {2000}},
	{"patience at a sending",
	 &transaction_rfc8489,
	 false,
	 1500,
	 2,
	 {500, 1500}},
	{"more patience than needed",
	 &transaction_rfc8489,
	 false,
	 60000,
	 7,
	 {500, 1500, 3500, 7500, 15500, 31500, 39500}},
};

static void schedules_are_kept(void **state)
{
	struct transaction t;

	(void)state;
	for (size_t i = 0; i < sizeof(schedules) / sizeof(schedules[0]); i++) {
		const struct schedule *s = &schedules[i];
		unsigned n = 0;

		transaction_begin(&t, s->timers, s->reliable,
				  s->patience * NS_PER_MS, START);
		while (transaction_runs(&t)) {
			nanoseconds at = t.next;
			enum transaction_turn want = n + 1 < s->sends
							     ? TRANSACTION_SENDS
							     : TRANSACTION_OVER;

			assert_int_equal(transaction_tick(&t, at - 1),
					 TRANSACTION_WAITS);
			if (at - START != s->at[n] * NS_PER_MS)
				fail_msg("%s: %u", s->name, n);
			assert_int_equal(transaction_tick(&t, at), want);
			n++;
		}
		assert_int_equal(n, s->sends);
		assert_int_equal(t.sends, s->sends);
	}
}

static void who_wakes_late_sends_once(void **state)
{
	struct transaction t;

	(void)state;
	transaction_begin(&t, &transaction_rfc8489, false, 0, START);
	assert_int_equal(transaction_tick(&t, START + 5 * NS_PER_S),
			 TRANSACTION_SENDS);
	assert_int_equal(transaction_tick(&t, START + 5 * NS_PER_S),
			 TRANSACTION_WAITS);
	assert_true(t.next > START + 5 * NS_PER_S);
}

static void an_answer_ends_it(void **state)
{
	struct transaction t = {0};

	(void)state;
	assert_false(transaction_runs(&t));
	transaction_begin(&t, &transaction_rfc8489, false, 0, START);
	assert_true(transaction_runs(&t));
	transaction_end(&t);
	assert_false(transaction_runs(&t));
	assert_int_equal(transaction_tick(&t, START + 60 * NS_PER_S),
			 TRANSACTION_WAITS);
	assert_int_equal(t.sends, 1);
}

static const struct t_case cases[] = {
	{"schedules_are_kept", schedules_are_kept},
	{"who_wakes_late_sends_once", who_wakes_late_sends_once},
	{"an_answer_ends_it", an_answer_ends_it},
};
T_MAIN(cases)
