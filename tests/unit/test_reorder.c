/* Frames that go back a little. */
#include "config.h"

#include "capture/reorder.h"
#include "tests/support/t.h"

static void put(struct reorder *r, uint64_t number, nanoseconds time)
{
	uint8_t byte = (uint8_t)number;
	struct frame frame = {.number = number,
			      .time = time,
			      .has_time = true,
			      .bytes = slice_of(&byte, 1)};

	assert_int_equal(reorder_put(r, &frame), STATUS_OK);
}

static void expect(struct reorder *r, bool flush, uint64_t number)
{
	struct frame frame;

	assert_true(reorder_get(r, flush, &frame));
	assert_int_equal(frame.number, number);
	assert_int_equal(frame.bytes.n, 1);
	assert_int_equal(frame.bytes.p[0], (uint8_t)number);
}

static void frames_come_out_by_time(void **state)
{
	struct reorder *r = reorder_new();
	struct frame frame;

	(void)state;
	assert_non_null(r);
	put(r, 1, 50 * NS_PER_MS);
	put(r, 2, 10 * NS_PER_MS);
	put(r, 3, 10 * NS_PER_MS);
	assert_false(reorder_get(r, false, &frame));
	/* Now none before the first three can come. */
	put(r, 4, 50 * NS_PER_MS + REORDER_SPAN);
	expect(r, false, 2);
	expect(r, false, 3);
	expect(r, false, 1);
	assert_false(reorder_get(r, false, &frame));
	expect(r, true, 4);
	assert_false(reorder_get(r, true, &frame));
	reorder_free(r);
}

static void a_frame_without_time_stays_where_it_is(void **state)
{
	struct reorder *r = reorder_new();
	struct frame bare = {.number = 2}, out;

	(void)state;
	assert_non_null(r);
	put(r, 1, 20);
	assert_int_equal(reorder_put(r, &bare), STATUS_OK);
	put(r, 3, 30);
	expect(r, true, 1);
	assert_true(reorder_get(r, true, &out));
	assert_int_equal(out.number, 2);
	assert_int_equal(out.time, 0);
	expect(r, true, 3);
	reorder_free(r);
}

static void a_full_window_lets_the_earliest_go(void **state)
{
	struct reorder *r = reorder_new();

	(void)state;
	assert_non_null(r);
	for (uint64_t i = 0; i < REORDER_FRAMES_MAX; i++)
		put(r, i, 1);
	expect(r, false, 0);
	put(r, 77, 0);
	expect(r, false, 77);
	reorder_clear(r);
	put(r, 5, 9);
	expect(r, true, 5);
	reorder_free(r);
}

static bool fill(void *context)
{
	struct reorder *r = reorder_new();
	struct frame frame = {.number = 1, .has_time = true, .time = 5};

	(void)context;
	for (int i = 0; r && i < 3; i++)
		if (reorder_put(r, &frame) != STATUS_OK)
			break;
	while (r && reorder_get(r, true, &frame))
		;
	reorder_free(r);
	return !t_failure_met();
}

static void no_memory_is_survived(void **state)
{
	(void)state;
	t_failing_walk(fill, NULL);
}

static const struct t_case cases[] = {
	{"frames_come_out_by_time", frames_come_out_by_time},
	{"a_frame_without_time_stays_where_it_is",
	 a_frame_without_time_stays_where_it_is},
	{"a_full_window_lets_the_earliest_go",
	 a_full_window_lets_the_earliest_go},
	{"no_memory_is_survived", no_memory_is_survived},
};
T_MAIN(cases)
