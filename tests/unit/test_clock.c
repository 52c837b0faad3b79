/* Times: civil and counted, and as text. */
#include "config.h"

#include "core/clock.h"
#include "tests/support/t.h"

static void seconds_saturate(void **state)
{
	static const struct {
		int64_t seconds, ns, want;
	} rows[] = {
		{0, 0, 0},
		{1, 2, 1000000002},
		{-1, 5, -999999995},
		{5, -1, 4999999999},
		{0, 3 * NS_PER_S + 1, 3000000001},
		{0, -3 * NS_PER_S - 1, -3000000001},
		{INT64_MAX, 0, INT64_MAX},
		{INT64_MAX, INT64_MAX, INT64_MAX},
		{INT64_MIN, 0, INT64_MIN},
		{INT64_MIN, INT64_MIN, INT64_MIN},
		{INT64_MAX / NS_PER_S, 0, INT64_MAX},
		{INT64_MAX / NS_PER_S - 1, NS_PER_S - 1,
		 (INT64_MAX / NS_PER_S - 1) * NS_PER_S + NS_PER_S - 1},
		{INT64_MIN / NS_PER_S, 0, INT64_MIN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (clock_of(rows[i].seconds, rows[i].ns) != rows[i].want)
			fail_msg("row %zu", i);
}

static void bounded_times_never_wrap(void **state)
{
	(void)state;
	assert_true(clock_bounded(INT64_MAX) == CLOCK_LAST);
	assert_true(clock_bounded(INT64_MIN) == CLOCK_FIRST);
	assert_true(clock_bounded(-5) == -5);
	assert_true(CLOCK_LAST - CLOCK_FIRST > 0);
	assert_true(CLOCK_LAST + UINT32_MAX * NS_PER_S > 0);
	/* All that 32 bits of seconds say is inside. */
	assert_true(clock_of(UINT32_MAX, 0) < CLOCK_LAST);
}

static void civil_times_are_counted(void **state)
{
	static const struct {
		struct civil_time civil;
		int64_t seconds;
	} rows[] = {
		{{1970, 1, 1, 0, 0, 0}, 0},
		{{1969, 12, 31, 23, 59, 59}, -1},
		{{1970, 3, 1, 0, 0, 0}, 5097600},
		{{2000, 2, 29, 12, 0, 0}, 951825600},
		{{2000, 3, 1, 0, 0, 0}, 951868800},
		{{1900, 3, 1, 0, 0, 0}, -2203891200},
		{{2024, 3, 1, 16, 0, 0}, 1709308800},
		{{2026, 11, 24, 12, 0, 0}, 1795521600},
		{{2038, 1, 19, 3, 14, 8}, 2147483648},
		{{2016, 12, 31, 23, 59, 60}, 1483228800}, /* leap second */
		{{1678, 1, 1, 0, 0, 0}, -9214560000},
		{{2262, 1, 1, 0, 0, 0}, 9214646400},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		nanoseconds time = 1;

		assert_int_equal(clock_of_civil(&rows[i].civil, &time),
				 STATUS_OK);
		if (time != rows[i].seconds * NS_PER_S)
			fail_msg("row %zu: %lld", i, (long long)time);
	}
}

static void far_years_saturate(void **state)
{
	struct civil_time early = {1601, 1, 1, 0, 0, 0};
	struct civil_time late = {9999, 12, 31, 23, 59, 59};
	nanoseconds time = 0;

	(void)state;
	assert_int_equal(clock_of_civil(&early, &time), STATUS_OK);
	assert_true(time == INT64_MIN);
	assert_int_equal(clock_of_civil(&late, &time), STATUS_OK);
	assert_true(time == INT64_MAX);
}

static void days_that_are_not_are_bad(void **state)
{
	static const struct civil_time rows[] = {
		{1600, 1, 1, 0, 0, 0},	  {10000, 1, 1, 0, 0, 0},
		{2026, 0, 1, 0, 0, 0},	  {2026, 13, 1, 0, 0, 0},
		{2026, 1, 0, 0, 0, 0},	  {2026, 1, 32, 0, 0, 0},
		{2026, 4, 31, 0, 0, 0},	  {2026, 2, 29, 0, 0, 0},
		{2024, 2, 30, 0, 0, 0},	  {1900, 2, 29, 0, 0, 0},
		{2026, 1, 1, 24, 0, 0},	  {2026, 1, 1, -1, 0, 0},
		{2026, 1, 1, 0, 60, 0},	  {2026, 1, 1, 0, -1, 0},
		{2026, 1, 1, 0, 0, 61},	  {2026, 1, 1, 0, 0, -1},
		{2026, -5, 1, 0, 0, 0},	  {INT32_MAX, 1, 1, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		nanoseconds time = 7;

		if (clock_of_civil(&rows[i], &time) != STATUS_BAD || time != 7)
			fail_msg("row %zu", i);
	}
}

/* Every 11 hours and a little, over all years that can be. */
static void both_ways_are_one(void **state)
{
	const int64_t step = 39641 * NS_PER_S + 123456789;

	(void)state;
	for (int64_t t = INT64_MIN + step; t < INT64_MAX - step; t += step) {
		struct civil_time c = clock_civil(t);
		nanoseconds back;
		int64_t fraction = t % NS_PER_S;

		if (fraction < 0)
			fraction += NS_PER_S;
		if (c.year < 1678)
			continue;
		assert_int_equal(clock_of_civil(&c, &back), STATUS_OK);
		assert_true(back + fraction == t);
	}
}

static void texts(void **state)
{
	static const struct {
		nanoseconds time;
		const char *rfc3339, *of_day;
	} rows[] = {
		{0, "1970-01-01T00:00:00.000000000Z", "00:00:00.000"},
		{-1, "1969-12-31T23:59:59.999999999Z", "23:59:59.999"},
		{INT64_C(1709308800123456789),
		 "2024-03-01T16:00:00.123456789Z", "16:00:00.123"},
		{INT64_C(1709251199999999999),
		 "2024-02-29T23:59:59.999999999Z", "23:59:59.999"},
		{INT64_MAX, "2262-04-11T23:47:16.854775807Z", "23:47:16.854"},
		{INT64_MIN, "1677-09-21T00:12:43.145224192Z", "00:12:43.145"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text t = text_new(100);

		clock_rfc3339(rows[i].time, &t);
		t_equal_text(text_slice(&t), rows[i].rfc3339);
		text_clear(&t);
		clock_of_day(rows[i].time, &t);
		t_equal_text(text_slice(&t), rows[i].of_day);
		text_free(&t);
	}
}

static const struct t_case cases[] = {
	{"seconds_saturate", seconds_saturate},
	{"bounded_times_never_wrap", bounded_times_never_wrap},
	{"civil_times_are_counted", civil_times_are_counted},
	{"far_years_saturate", far_years_saturate},
	{"days_that_are_not_are_bad", days_that_are_not_are_bad},
	{"both_ways_are_one", both_ways_are_one},
	{"texts", texts},
};
T_MAIN(cases)
