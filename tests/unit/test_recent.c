/* The ring of the newest rows. */
#include "config.h"

#include "core/recent.h"
#include "tests/support/t.h"

struct row {
	struct recent_row recent;
	uint64_t name;
};

#define LIFE 100
#define MAX 10000u

static bool same(const void *rows, uint32_t row, const void *key)
{
	const uint64_t *name = key;

	return ((const struct row *)rows)[row].name == *name;
}

static struct row *find(const struct recent *r, uint64_t name)
{
	return recent_find(r, hash_mix(name), same, &name);
}

static void add(struct recent *r, uint64_t name, nanoseconds now)
{
	struct row *row = recent_add(r, hash_mix(name), now);

	assert_non_null(row);
	assert_int_equal(row->name, 0);
	row->name = name;
}

static struct recent ring(void)
{
	return recent_of(sizeof(struct row), MAX, LIFE);
}

static void rows_are_found_while_it_grows(void **state)
{
	struct recent r = ring();

	(void)state;
	for (uint64_t i = 1; i <= MAX; i++) {
		add(&r, i, 1);
		assert_ptr_equal(find(&r, i / 2 + 1),
				 recent_at(&r, (uint32_t)(i / 2)));
	}
	assert_int_equal(r.count, MAX);
	recent_free(&r);
	assert_null(find(&r, 1));
}

static void oldest_makes_room_at_the_limit(void **state)
{
	struct recent r = ring();

	(void)state;
	for (uint64_t i = 1; i <= MAX; i++)
		add(&r, i, 1);
	for (uint64_t i = 1; i <= MAX + 5; i++) {
		struct row *oldest = recent_oldest(&r, 1);

		assert_non_null(oldest);
		assert_int_equal(oldest->name, i);
		add(&r, MAX + i, 1);
		assert_null(find(&r, i));
		assert_non_null(find(&r, i + 1));
		assert_non_null(find(&r, MAX + i));
	}
	recent_free(&r);
}

/* Room is made of what is old, where that suffices. */
static void old_rows_keep_it_small(void **state)
{
	struct recent r = ring();

	(void)state;
	for (uint64_t i = 1; i <= 100000; i++)
		add(&r, i, (nanoseconds)i);
	assert_int_equal(r.room, 4096);
	assert_non_null(find(&r, 100000 - 4095));
	assert_null(find(&r, 100000 - 4096));
	recent_free(&r);
}

/* Growing in the middle of a lap keeps the order. */
static void grows_in_the_middle_of_a_lap(void **state)
{
	struct recent r = ring();
	uint64_t name = 1;

	(void)state;
	for (; name <= 5000; name++)
		add(&r, name, (nanoseconds)name);
	assert_int_equal(r.room, 4096);
	for (; name <= 9000; name++)
		add(&r, name, 5000);
	assert_int_equal(r.room, 8192);
	assert_null(find(&r, 800));
	for (uint64_t i = 5000; i < name; i++)
		assert_int_equal(find(&r, i)->name, i);
	recent_free(&r);
}

static bool one_row(void *context)
{
	struct recent r = ring();
	bool ok = recent_start(&r);

	(void)context;
	assert_true(ok != t_failure_met());
	if (ok)
		add(&r, 1, 1);
	recent_free(&r);
	return ok;
}

/* Without memory to grow the oldest makes room. */
static bool many_rows(void *context)
{
	struct recent r = ring();

	(void)context;
	if (recent_start(&r)) {
		for (uint64_t i = 1; i <= 1000; i++)
			add(&r, i, 1);
		assert_non_null(find(&r, 1000));
	}
	recent_free(&r);
	return !t_failure_met();
}

static void failing_memory_is_told(void **state)
{
	(void)state;
	t_failing_walk(one_row, NULL);
	t_failing_walk(many_rows, NULL);
}

static const struct t_case cases[] = {
	{"rows_are_found_while_it_grows", rows_are_found_while_it_grows},
	{"oldest_makes_room_at_the_limit", oldest_makes_room_at_the_limit},
	{"old_rows_keep_it_small", old_rows_keep_it_small},
	{"grows_in_the_middle_of_a_lap", grows_in_the_middle_of_a_lap},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
