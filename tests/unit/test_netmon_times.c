/* Times in Network Monitor files. */
#include "config.h"

#include "core/clock.h"
#include "tests/support/netmon_maker.h"
#include "tests/support/t.h"

static void times_in_front_of_the_start_are_read(void **state)
{
	static const struct {
		unsigned major;
		uint64_t delta;
		int64_t ns;
	} rows[] = {
		{2, UINT64_MAX - 4, -5 * NS_PER_US},
		/* A wrapped difference of 100 ns units, divided by ten. */
		{2, UINT64_MAX / 10 - 6, -6600},
		{1, UINT32_MAX - 2, -3 * NS_PER_MS},
		{1, 2000, 2000 * NS_PER_MS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, rows[i].major, 0, 128);
		maker_add(&m, &(struct maker_record){
				      .delta = (int64_t)rows[i].delta,
				      .bytes = MAKER_FRAME,
			      });
		maker_table(&m);
		maker_read(&m, &got);
		assert_int_equal(got.count, 1);
		assert_int_equal(got.list[0].time, MAKER_START_NS + rows[i].ns);
	}
}

static void version_1_counts_on_past_half(void **state)
{
	static const uint32_t deltas[] = {1, 1u << 30, 1u << 31, 3u << 30};
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 1, 1, 128);
	for (size_t i = 0; i < 4; i++)
		maker_add(&m, &(struct maker_record){.delta = deltas[i],
						     .bytes = MAKER_FRAME});
	maker_table(&m);
	maker_read(&m, &got);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(got.list[i].time,
				 MAKER_START_NS + deltas[i] * NS_PER_MS);
}

static void impossible_dates_are_no_start(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} rows[] = {
		{10, 0},  {10, 13}, {14, 31}, {14, 0}, {16, 24}, {18, 60},
		{20, 61}, {23, 9},  {9, 0},   {9, 9},  {9, 17},  {9, 99},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, 2, 0, 128);
		maker_add_plain(&m, 2);
		maker_table(&m);
		m.file.p[rows[i].at] = rows[i].value;
		maker_read(&m, &got);
		assert_int_equal(got.end, STATUS_END);
		assert_int_equal(got.list[1].time, NS_PER_MS);
		assert_string_equal(got.info.warning.text,
				    "the start time is no date");
	}
}

static void put_extended(struct maker *m, uint64_t filetime, int32_t bias)
{
	maker_place(m, MAKER_EXTENDED, m->file.n, 11 + 172);
	t_put_le(&m->file, 1, 2);
	t_put_le(&m->file, filetime, 8);
	t_put_le(&m->file, 1, 1);
	t_put_le(&m->file, (uint32_t)bias, 4);
	t_put_zeros(&m->file, 168);
}

/* The time of a frame of 2.3 that has none of its own. */
static void the_start_may_be_known_in_utc(void **state)
{
	const uint64_t utc = MAKER_START_TICKS + UINT64_C(36000000000) * 7;
	static const struct {
		bool has_utc;
		int32_t bias;
		int64_t hours;
		unsigned warnings;
	} rows[] = {
		{true, 0, 7, 0},
		{false, 420, 7, 0},
		{false, -60, -1, 0},
		{false, 99999, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, 2, 3, 128);
		maker_add(&m, &(struct maker_record){.delta = 1,
						     .media = 1,
						     .bytes = MAKER_FRAME});
		maker_table(&m);
		put_extended(&m, rows[i].has_utc ? utc : 0, rows[i].bias);
		maker_read(&m, &got);
		assert_int_equal(got.list[0].time,
				 MAKER_START_NS + NS_PER_US +
					 rows[i].hours * 3600 * NS_PER_S);
		assert_int_equal(got.info.warnings, rows[i].warnings);
	}
}

static void cut_extended_information_is_warned_about(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_plain(&m, 3, 1);
	put_extended(&m, MAKER_START_TICKS, 0);
	m.file.n -= 173;
	maker_read(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 1);
	assert_string_equal(got.info.warning.text,
			    "the extended information is cut off");
}

static void enormous_times_stay_in_range(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 0, 128);
	maker_add(&m, &(struct maker_record){.delta = INT64_MAX / 10,
					     .bytes = MAKER_FRAME});
	maker_add(&m, &(struct maker_record){.delta = INT64_MIN / 10,
					     .bytes = MAKER_FRAME});
	maker_table(&m);
	maker_read(&m, &got);
	assert_int_equal(got.list[0].time, INT64_MAX);
	assert_int_equal(got.list[1].time, INT64_MIN);
}

static const struct t_case cases[] = {
	{"times_in_front_of_the_start_are_read",
	 times_in_front_of_the_start_are_read},
	{"version_1_counts_on_past_half", version_1_counts_on_past_half},
	{"impossible_dates_are_no_start", impossible_dates_are_no_start},
	{"the_start_may_be_known_in_utc", the_start_may_be_known_in_utc},
	{"cut_extended_information_is_warned_about",
	 cut_extended_information_is_warned_about},
	{"enormous_times_stay_in_range", enormous_times_stay_in_range},
};
T_MAIN(cases)
