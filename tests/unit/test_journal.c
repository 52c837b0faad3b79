/* The journal: ends are kept once, numbers of rows outlive those before. */
#include "config.h"

#include "model/journal.h"
#include "tests/support/t.h"

static struct endpoint end_at(uint16_t port)
{
	const uint8_t ip[] = {192, 0, 2, 1};

	return endpoint_of(slice_of(ip, 4), port);
}

static void put(struct journal *j, uint16_t src, uint16_t dst)
{
	struct endpoint a = end_at(src), b = end_at(dst);
	struct entry *e = list_add(&j->rows);

	assert_non_null(e);
	e->src = e->outer_src = journal_end(j, &a);
	e->dst = e->outer_dst = journal_end(j, &b);
	e->code = src;
}

static void ends_are_kept_once(void **state)
{
	struct endpoint e = end_at(7);
	struct journal j;

	(void)state;
	journal_init(&j);
	assert_int_equal(journal_end(&j, &e), journal_end(&j, &e));
	assert_int_equal(j.ends.count, 1);
	assert_int_equal(journal_end_at(&j, CHAIN_END)->family, FAMILY_NONE);
	journal_free(&j);
}

static void numbers_outlive_what_is_forgotten(void **state)
{
	struct journal j;

	(void)state;
	journal_init(&j);
	for (uint16_t i = 1; i <= 100; i++)
		put(&j, i, 5060);
	assert_true(journal_trim(&j, 90));
	assert_int_equal(journal_first(&j), 90);
	assert_int_equal(journal_last(&j), 100);
	assert_int_equal(journal_at(&j, 95)->code, 96);
	assert_int_equal(journal_end_at(&j, journal_at(&j, 95)->src)->port, 96);
	/* Ten senders and the one that all of them send to. */
	assert_int_equal(j.ends.count, 11);
	put(&j, 101, 5060);
	assert_int_equal(journal_at(&j, 100)->code, 101);
	assert_true(journal_trim(&j, 1000));
	assert_int_equal(journal_first(&j), 101);
	assert_int_equal(journal_last(&j), 101);
	journal_free(&j);
}

static void what_is_gone_has_no_bytes(void **state)
{
	struct journal j;

	(void)state;
	journal_init(&j);
	put(&j, 1, 2);
	assert_true(journal_trim(&j, 1));
	for (size_t row = 0; row < 3; row++) {
		assert_int_equal(journal_at(&j, row)->length, 0);
		assert_true(journal_at(&j, row)->offset == UINT64_MAX);
		assert_true(journal_at(&j, row)->flags & ENTRY_SPILLED);
	}
	journal_free(&j);
}

static void say(struct journal *j, uint64_t group, unsigned status,
		unsigned method, bool owned)
{
	struct entry *e;

	put(j, 5060, 5061);
	e = list_at(&j->rows, j->rows.count - 1);
	e->kind = status ? ENTRY_SIP_RESPONSE : ENTRY_SIP_REQUEST;
	e->code = (uint16_t)(status ? status : method);
	e->group = group;
	e->place.time = (nanoseconds)journal_last(j);
	journal_converse(j, method, owned);
}

static void conversations_are_told_from_calls(void **state)
{
	enum { OPTIONS = 6, INVITE = 1 };
	const struct conversation *c;
	struct journal j;

	(void)state;
	journal_init(&j);
	say(&j, 7, 0, OPTIONS, false);
	say(&j, 8, 0, INVITE, true);
	say(&j, 9, 0, OPTIONS, false);
	say(&j, 8, 0, OPTIONS, false);
	say(&j, 7, 100, OPTIONS, false);
	say(&j, 7, 404, OPTIONS, false);
	assert_int_equal(journal_others(&j), 2);
	c = journal_other_at(&j, 0);
	assert_int_equal(c->messages, 3);
	assert_int_equal(c->final, 404);
	assert_int_equal(c->method, OPTIONS);
	assert_int_equal(c->begin, 1);
	assert_int_equal(c->end, 6);
	/* What a call takes over is none any more. */
	say(&j, 7, 0, INVITE, true);
	assert_int_equal(journal_others(&j), 1);
	assert_int_equal(journal_other_at(&j, 0)->group, 9);
	say(&j, 7, 0, OPTIONS, false);
	assert_int_equal(journal_others(&j), 1);
	assert_int_equal(journal_other_at(&j, 1)->messages, 0);
	/* They go with their last row. */
	say(&j, 10, 0, OPTIONS, false);
	assert_true(journal_trim(&j, 3));
	assert_int_equal(journal_others(&j), 1);
	assert_int_equal(journal_other_at(&j, 0)->group, 10);
	say(&j, 10, 200, OPTIONS, false);
	assert_int_equal(journal_other_at(&j, 0)->final, 200);
	journal_clear(&j);
	assert_int_equal(journal_others(&j), 0);
	journal_free(&j);
}

static void put_at(struct journal *j, int second)
{
	struct entry e = {.place = {.time = second * NS_PER_S}};

	assert_true(journal_add(j, &e));
}

/* Rows in order, with some among them that were told when their key came:
 * whatever time is looked for, no row in order stands before it that is not
 * older, and none behind it that is. */
static void late_rows_do_not_lead_astray(void **state)
{
	static const int seconds[] = {10, 11, 2, 3, 12, 12, 13, 4,
				      20, 21, 5, 6, 7,  30, 8,  9};
	const size_t count = sizeof(seconds) / sizeof(seconds[0]);
	struct journal j;

	(void)state;
	journal_init(&j);
	for (size_t i = 0; i < count; i++)
		put_at(&j, seconds[i]);
	assert_int_equal(j.late.count, 4);
	for (int second = 0; second < 40; second++) {
		size_t row = journal_row_at(&j, second * NS_PER_S);

		for (size_t i = 0; i < count; i++)
			if (seconds[i] >= 10 &&
			    (i < row) != (seconds[i] < second))
				fail_msg("%d s: row %zu", second, row);
	}
	/* So it stays when the oldest go. */
	assert_true(journal_trim(&j, 3));
	assert_int_equal(((struct row_range *)list_at(&j.late, 0))->first, 7);
	assert_true(journal_row_at(&j, 20 * NS_PER_S) > 6);
	assert_true(journal_row_at(&j, 20 * NS_PER_S) < 9);
	journal_free(&j);
}

static const struct t_case cases[] = {
	{"conversations_are_told_from_calls",
	 conversations_are_told_from_calls},
	{"ends_are_kept_once", ends_are_kept_once},
	{"late_rows_do_not_lead_astray", late_rows_do_not_lead_astray},
	{"numbers_outlive_what_is_forgotten",
	 numbers_outlive_what_is_forgotten},
	{"what_is_gone_has_no_bytes", what_is_gone_has_no_bytes},
};
T_MAIN(cases)
