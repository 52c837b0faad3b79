/* Timestamps of pcapng. */
#include "config.h"

#include "capture/ticks.h"
#include "tests/support/t.h"

#define BINARY(n) (0x80u + (n))

static const struct row {
	uint8_t resolution;
	int64_t offset;
	uint64_t count;
	nanoseconds time;
} rows[] = {
	{0, 0, 5, 5 * NS_PER_S},
	{3, 0, 1234, 1234 * NS_PER_MS},
	{6, 0, UINT64_C(1700000000123456), INT64_C(1700000000123456000)},
	{9, 0, UINT64_C(1700000000123456789), INT64_C(1700000000123456789)},
	{6, 10, 1500000, 11500 * NS_PER_MS},
	{6, -2, 1500000, -500 * NS_PER_MS},
	{9, 0, INT64_MAX, INT64_MAX},
	/* finer than nanoseconds: cut off */
	{10, 0, 19, 1},
	{12, 0, UINT64_C(1000000001999), NS_PER_S + 1},
	{12, 0, UINT64_MAX, INT64_C(18446744073709551)},
	{19, 0, UINT64_C(10000000000000000000), NS_PER_S},
	{20, 0, UINT64_MAX, INT64_C(184467440)},
	{28, 0, UINT64_MAX, 1},
	{29, 0, UINT64_MAX, 0},
	{127, 0, UINT64_MAX, 0},
	/* binary */
	{BINARY(0), 0, 7, 7 * NS_PER_S},
	{BINARY(1), 0, 7, 3500 * NS_PER_MS},
	{BINARY(20), 0, UINT64_C(3) << 19, 1500 * NS_PER_MS},
	{BINARY(32), 0, (UINT64_C(1) << 32) + (UINT64_C(1) << 31),
	 1500 * NS_PER_MS},
	{BINARY(32), 0, UINT32_MAX, 999999999},
	{BINARY(33), 0, UINT64_C(3) << 32, 1500 * NS_PER_MS},
	{BINARY(63), 0, UINT64_C(1) << 63, NS_PER_S},
	{BINARY(63), 0, UINT64_MAX, NS_PER_S + 999999999},
	{BINARY(64), 0, UINT64_C(1) << 63, 500 * NS_PER_MS},
	{BINARY(64), 0, UINT64_MAX, 999999999},
	{BINARY(95), 0, UINT64_MAX, 0},
	{BINARY(127), 0, UINT64_MAX, 0},
	/* too far away */
	{0, 0, UINT64_C(9300000000), INT64_MAX},
	{6, INT64_MAX, 0, INT64_MAX},
	{6, INT64_MIN, 0, INT64_MIN},
	{0, INT64_MAX, INT64_MAX, INT64_MAX},
	/* before the start */
	{6, 0, UINT64_C(0) - 505425287, INT64_C(-505425287000)},
	{9, 0, UINT64_MAX, -1},
	{0, 0, UINT64_MAX, -NS_PER_S},
	{6, 100, UINT64_C(0) - 500000, 99500 * NS_PER_MS},
};

static void counts_become_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct ticks ticks = ticks_new(row->resolution, row->offset);
		nanoseconds time = ticks_time(&ticks, row->count);

		if (time != row->time)
			fail_msg("row %zu: %lld instead of %lld", i,
				 (long long)time, (long long)row->time);
	}
}

/* The fast way and the slow way agree. */
static void both_ways_agree(void **state)
{
	(void)state;
	for (unsigned n = 0; n <= 9; n++) {
		struct ticks ticks = ticks_new((uint8_t)n, 0);
		uint64_t count = 1;

		for (unsigned i = 0; i < 64; i++, count = count * 3 + i) {
			if (count > ticks.most)
				continue;
			assert_true(ticks_time(&ticks, count) ==
				    ticks_time_slow(&ticks, count));
		}
	}
}

static const struct t_case cases[] = {
	{"counts_become_times", counts_become_times},
	{"both_ways_agree", both_ways_agree},
};
T_MAIN(cases)
