/* Lists of rows with a cap. */
#include "config.h"

#include "model/list.h"
#include "tests/support/t.h"

struct row {
	uint64_t number;
	char rest[20];
};

static void rows_stay_as_they_are(void **state)
{
	struct list list = list_of(sizeof(struct row), 1000);

	(void)state;
	for (size_t i = 0; i < 1000; i++) {
		struct row *row = list_add(&list);

		assert_non_null(row);
		assert_int_equal(row->number, 0);
		assert_int_equal(row->rest[19], 0);
		memset(row, 0xFF, sizeof(*row));
		row->number = i;
	}
	assert_int_equal(list.count, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(((struct row *)list_at(&list, i))->number, i);
	list_free(&list);
}

static void cap_holds_and_counts(void **state)
{
	struct list list = list_of(sizeof(struct row), 3);

	(void)state;
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(list_add(&list) != NULL, i < 3);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.refused, 7);
	list_free(&list);
	/* Free again, with the same cap. */
	assert_int_equal(list.count, 0);
	assert_int_equal(list.refused, 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(list_add(&list) != NULL, i < 3);
	list_free(&list);
}

static void a_cap_of_nothing(void **state)
{
	struct list list = list_of(1, 0);

	(void)state;
	assert_null(list_add(&list));
	list_free(&list);
}

static bool add_many(void *context)
{
	struct list list = list_of(sizeof(struct row), 1000);
	size_t n = 0;

	(void)context;
	while (n < 1000) {
		struct row *row = list_add(&list);

		if (!row)
			break;
		row->number = n++;
	}
	assert_int_equal(list.count, n);
	assert_true((n < 1000) == t_failure_met());
	for (size_t i = 0; i < n; i++)
		assert_int_equal(((struct row *)list_at(&list, i))->number, i);
	list_free(&list);
	return n == 1000;
}

static void failing_memory_loses_nothing(void **state)
{
	(void)state;
	t_failing_walk(add_many, NULL);
}

static const struct t_case cases[] = {
	{"rows_stay_as_they_are", rows_stay_as_they_are},
	{"cap_holds_and_counts", cap_holds_and_counts},
	{"a_cap_of_nothing", a_cap_of_nothing},
	{"failing_memory_loses_nothing", failing_memory_loses_nothing},
};
T_MAIN(cases)
