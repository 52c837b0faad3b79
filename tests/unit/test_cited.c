/* Frames that prove something: the first few and the last. */
#include "config.h"

#include "model/evidence.h"
#include "tests/support/t.h"

static void add(struct cited *c, uint16_t file, uint64_t frame)
{
	struct place place = {.file = file,
			      .frame = frame & PLACE_FRAME_MAX,
			      .time = (nanoseconds)frame * 10};

	cite(c, &place);
}

static void is_at(const struct cited *c, size_t i, uint16_t file,
		  uint64_t frame)
{
	struct place place = cited_at(c, i);

	assert_int_equal(place.file, file);
	assert_int_equal(place.frame, frame);
}

static void the_first_and_the_last_are_kept(void **state)
{
	struct cited c = {.count = 0};

	(void)state;
	for (uint16_t i = 0; i < 20; i++)
		add(&c, i % 3, 100 + i * 7u);
	assert_int_equal(c.count, 20);
	assert_int_equal(c.kept, CITED_MAX);
	for (uint16_t i = 0; i < CITED_MAX; i++)
		is_at(&c, i, i % 3, 100 + i * 7u);
	assert_int_equal(c.last.frame, 100 + 19 * 7);
	assert_int_equal(c.last.time, (100 + 19 * 7) * 10);
}

static void one_frame_counts_once(void **state)
{
	struct cited c = {.count = 0};

	(void)state;
	add(&c, 1, 0);
	assert_int_equal(c.count, 0);
	add(&c, 1, 5);
	add(&c, 1, 5);
	assert_int_equal(c.count, 1);
	add(&c, 2, 5);
	add(&c, 1, 5);
	assert_int_equal(c.count, 3);
	is_at(&c, 0, 1, 5);
	is_at(&c, 1, 2, 5);
	is_at(&c, 2, 1, 5);
}

/* Of two, both have their time. */
static void the_last_has_its_time(void **state)
{
	struct cited c = {.count = 0};

	(void)state;
	add(&c, 0, 5);
	add(&c, 0, 9);
	assert_int_equal(cited_at(&c, 0).time, 50);
	assert_int_equal(cited_at(&c, 1).time, 90);
}

static void frames_may_lie_before_the_first(void **state)
{
	struct cited c = {.count = 0};

	(void)state;
	add(&c, 0, (UINT64_C(5) << 32) + 3);
	add(&c, 0, (UINT64_C(4) << 32) + 0xFFFFFFF0u);
	add(&c, 0, (UINT64_C(5) << 32) + 0x70000000u);
	add(&c, 0, 7);
	is_at(&c, 1, 0, (UINT64_C(4) << 32) + 0xFFFFFFF0u);
	is_at(&c, 2, 0, (UINT64_C(5) << 32) + 0x70000000u);
}

/* No number is told that is not the frame's. */
static void what_lies_too_far_is_only_counted(void **state)
{
	struct cited c = {.count = 0};

	(void)state;
	add(&c, 0, 10);
	add(&c, 0, 20);
	add(&c, 0, 30 + (UINT64_C(1) << 33));
	add(&c, 0, 40 + (UINT64_C(1) << 33));
	assert_int_equal(c.count, 4);
	assert_int_equal(c.kept, 2);
	is_at(&c, 1, 0, 20);
	assert_int_equal(c.last.frame, 40 + (UINT64_C(1) << 33));
}

static void those_of_another_are_added(void **state)
{
	struct cited from = {.count = 0}, to = {.count = 0};

	(void)state;
	for (unsigned i = 1; i < 30; i++)
		add(&from, 0, i);
	add(&to, 0, 99);
	cite_again(&to, &from);
	assert_int_equal(to.count, 1 + CITED_MAX);
	is_at(&to, 0, 0, 99);
	is_at(&to, 7, 0, 7);
	assert_int_equal(to.last.frame, CITED_MAX);
}

static const struct t_case cases[] = {
	{"the_first_and_the_last_are_kept", the_first_and_the_last_are_kept},
	{"one_frame_counts_once", one_frame_counts_once},
	{"the_last_has_its_time", the_last_has_its_time},
	{"frames_may_lie_before_the_first", frames_may_lie_before_the_first},
	{"what_lies_too_far_is_only_counted",
	 what_lies_too_far_is_only_counted},
	{"those_of_another_are_added", those_of_another_are_added},
};
T_MAIN(cases)
