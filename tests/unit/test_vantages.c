/* Which frames were seen from the same place. */
#include "config.h"

#include "capture/vantages.h"
#include "tests/support/t.h"

static void a_file_follows_the_one_that_has_ended(void **state)
{
	struct vantages v = {0};

	(void)state;
	assert_int_equal(vantages_begin(&v, 0, 1), 0);
	vantages_end(&v, 0, 1);
	assert_int_equal(vantages_begin(&v, 1, 1), 0);
	/* The chain has no second end. */
	assert_int_equal(vantages_begin(&v, 2, 1), 2);
	vantages_end(&v, 0, 1);
	assert_int_equal(vantages_begin(&v, 3, 113), 3);
	vantages_restart(&v);
	assert_int_equal(vantages_begin(&v, 4, 1), 4);
	vantages_free(&v);
}

static void only_the_newest_ends_are_remembered(void **state)
{
	struct vantages v = {0};

	(void)state;
	for (uint32_t i = 0; i <= VANTAGES_ENDED_MAX; i++)
		vantages_end(&v, i, i);
	assert_int_equal(vantages_begin(&v, 90, 0), 90);
	assert_int_equal(vantages_begin(&v, 91, 1), 1);
	assert_int_equal(vantages_begin(&v, 92, VANTAGES_ENDED_MAX),
			 VANTAGES_ENDED_MAX);
	vantages_free(&v);
}

static void each_interface_of_a_chain_has_a_number(void **state)
{
	struct vantages v = {0};

	(void)state;
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 20; i++)
			assert_int_equal(vantages_number(&v, i / 4, i % 4), i);
	vantages_free(&v);
}

static bool number_them(void *context)
{
	struct vantages v = {0};

	(void)context;
	for (uint32_t i = 0; i < 200; i++)
		(void)vantages_number(&v, i, 0);
	vantages_free(&v);
	return !t_failure_met();
}

static void no_memory_is_survived(void **state)
{
	(void)state;
	t_failing_walk(number_them, NULL);
}

static const struct t_case cases[] = {
	{"a_file_follows_the_one_that_has_ended",
	 a_file_follows_the_one_that_has_ended},
	{"only_the_newest_ends_are_remembered",
	 only_the_newest_ends_are_remembered},
	{"each_interface_of_a_chain_has_a_number",
	 each_interface_of_a_chain_has_a_number},
	{"no_memory_is_survived", no_memory_is_survived},
};
T_MAIN(cases)
