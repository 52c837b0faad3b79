/* Who names a value, and since when. */
#include "config.h"

#include "flow/owners.h"
#include "tests/support/t.h"

static void add(struct owners *o, uint64_t value, uint32_t number,
		nanoseconds from)
{
	assert_int_equal(owners_add(o, value, number, from), STATUS_OK);
}

static void each_owner_is_kept_once_with_its_first_time(void **state)
{
	struct owners o = owners_new();
	struct owner_stay out[4];

	(void)state;
	add(&o, 7, 1, 10);
	add(&o, 7, 1, 20);
	add(&o, 7, 2, 20);
	assert_int_equal(o.rows.count, 2);
	assert_true(owners_has(&o, 7, 1));
	assert_true(owners_has(&o, 7, 2));
	assert_false(owners_has(&o, 7, 3));
	assert_false(owners_has(&o, 8, 1));
	assert_int_equal(owners_arrange(&o), STATUS_OK);
	assert_int_equal(owners_until(&o, 7, 100, out, 4), 2);
	assert_int_equal(out[1].number, 1);
	assert_int_equal(out[1].from, 10);
	owners_free(&o);
}

static void the_newest_before_and_the_oldest_after_come_first(void **state)
{
	struct owners o = owners_new();
	struct owner_stay out[2];

	(void)state;
	/* Out of order, and another value between. */
	add(&o, 7, 3, 30);
	add(&o, 7, 1, 10);
	add(&o, 9, 5, 15);
	add(&o, 7, 2, 20);
	add(&o, 7, 4, 40);
	assert_int_equal(owners_arrange(&o), STATUS_OK);
	assert_int_equal(owners_until(&o, 7, 30, out, 2), 2);
	assert_int_equal(out[0].number, 3);
	assert_int_equal(out[1].number, 2);
	assert_int_equal(owners_until(&o, 7, 9, out, 2), 0);
	assert_int_equal(owners_after(&o, 7, 10, out, 2), 2);
	assert_int_equal(out[0].number, 2);
	assert_int_equal(out[1].number, 3);
	assert_int_equal(owners_after(&o, 7, 40, out, 2), 0);
	assert_int_equal(owners_until(&o, 8, 100, out, 2), 0);
	owners_free(&o);
}

static void numbers_that_become_one_count_once(void **state)
{
	static const uint32_t map[] = {0, 0, OWNERS_NOBODY, 1};
	struct owners o = owners_new();
	struct owner_stay out[4];

	(void)state;
	add(&o, 7, 0, 30);
	add(&o, 7, 1, 10);
	add(&o, 7, 2, 20);
	add(&o, 8, 3, 40);
	assert_int_equal(owners_renumber(&o, map), STATUS_OK);
	assert_int_equal(o.rows.count, 2);
	assert_true(owners_has(&o, 8, 1));
	assert_false(owners_has(&o, 7, 2));
	assert_int_equal(owners_arrange(&o), STATUS_OK);
	assert_int_equal(owners_until(&o, 7, 100, out, 4), 1);
	assert_int_equal(out[0].number, 0);
	assert_int_equal(out[0].from, 10);
	owners_free(&o);
}

static void what_is_added_later_is_found_after_arranging_again(void **state)
{
	struct owners o = owners_new();
	struct owner_stay out[2];

	(void)state;
	assert_int_equal(owners_until(&o, 7, 100, out, 2), 0);
	add(&o, 7, 1, 10);
	assert_int_equal(owners_arrange(&o), STATUS_OK);
	add(&o, 7, 2, 5);
	assert_int_equal(owners_arrange(&o), STATUS_OK);
	assert_int_equal(owners_until(&o, 7, 100, out, 2), 2);
	assert_int_equal(out[0].number, 1);
	owners_free(&o);
}

static void many_owners_of_one_value_cost_no_more(void **state)
{
	struct owners o = owners_new();
	struct owner_stay out[1];

	(void)state;
	for (uint32_t i = 0; i < 300000; i++)
		add(&o, 7, i, i);
	assert_int_equal(owners_arrange(&o), STATUS_OK);
	for (uint32_t i = 0; i < 300000; i++) {
		assert_int_equal(owners_until(&o, 7, i, out, 1), 1);
		assert_int_equal(out[0].number, i);
	}
	owners_free(&o);
}

static void over_the_limit_is_counted(void **state)
{
	struct owners o = owners_new();

	(void)state;
	o.rows.max = 1;
	add(&o, 7, 1, 10);
	add(&o, 7, 2, 10);
	assert_int_equal(o.rows.refused, 1);
	assert_false(owners_has(&o, 7, 2));
	owners_free(&o);
}

static const struct t_case cases[] = {
	{"numbers_that_become_one_count_once",
	 numbers_that_become_one_count_once},
	{"each_owner_is_kept_once_with_its_first_time",
	 each_owner_is_kept_once_with_its_first_time},
	{"the_newest_before_and_the_oldest_after_come_first",
	 the_newest_before_and_the_oldest_after_come_first},
	{"what_is_added_later_is_found_after_arranging_again",
	 what_is_added_later_is_found_after_arranging_again},
	{"many_owners_of_one_value_cost_no_more",
	 many_owners_of_one_value_cost_no_more},
	{"over_the_limit_is_counted", over_the_limit_is_counted},
};
T_MAIN(cases)
