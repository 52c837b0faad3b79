/* Media over time: samples that widen. */
#include "config.h"

#include "model/series.h"
#include "tests/support/t.h"

static void add(struct media_series *s, nanoseconds time, uint32_t packets,
		uint32_t lost, float jitter)
{
	struct media_sample now = {
		.packets = packets, .lost = lost, .jitter_ms = jitter};

	series_add(s, time, 100, &now);
}

static void samples_hold_what_came_in_them(void **state)
{
	struct media_series s = {.used = 0};

	(void)state;
	add(&s, 1000, 1, 0, 1);
	add(&s, 1000 + SERIES_WIDTH - 1, 2, 0, 3);
	add(&s, 1000 + 3 * SERIES_WIDTH, 4, 2, 2);
	assert_int_equal(s.used, 4);
	assert_int_equal(series_at(&s, 0).packets, 2);
	assert_int_equal(series_at(&s, 0).bytes, 200);
	assert_true(series_at(&s, 0).jitter_ms == 3);
	assert_int_equal(series_at(&s, 1).packets, 0);
	assert_int_equal(series_at(&s, 2).packets, 0);
	assert_int_equal(series_at(&s, 3).packets, 2);
	assert_int_equal(series_at(&s, 3).lost, 2);
}

static void width_doubles_and_sums_stay(void **state)
{
	struct media_series s = {.used = 0};
	uint64_t packets = 0, bytes = 0, lost = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		add(&s, (nanoseconds)i * SERIES_WIDTH, i + 1, i / 10, 1);
	assert_int_equal(s.width, 16 * SERIES_WIDTH);
	assert_in_range(s.used, SERIES_SAMPLES / 2, SERIES_SAMPLES);
	for (uint32_t i = 0; i < s.used; i++) {
		packets += series_at(&s, i).packets;
		bytes += series_at(&s, i).bytes;
		lost += series_at(&s, i).lost;
	}
	assert_int_equal(packets, 1000);
	assert_int_equal(bytes, 100000);
	assert_int_equal(lost, 99);
}

static void times_that_lie_do_no_harm(void **state)
{
	struct media_series s = {.used = 0};

	(void)state;
	add(&s, 5 * SERIES_WIDTH, 1, 0, 1);
	add(&s, 0, 2, 5, 1); /* the past */
	assert_int_equal(s.used, 1);
	add(&s, INT64_MAX / 2, 3, 4, 1); /* 146 years, and less is lost */
	assert_in_range(s.used, 2, SERIES_SAMPLES);
	assert_int_equal(series_at(&s, s.used - 1).packets, 1);
	assert_int_equal(series_at(&s, s.used - 1).lost, 0);
}

static const struct t_case cases[] = {
	{"samples_hold_what_came_in_them", samples_hold_what_came_in_them},
	{"width_doubles_and_sums_stay", width_doubles_and_sums_stay},
	{"times_that_lie_do_no_harm", times_that_lie_do_no_harm},
};
T_MAIN(cases)
