/* Open STUN transactions by id. */
#include "config.h"

#include "core/hash.h"
#include "flow/transactions.h"
#include "tests/support/t.h"

static void id_of(uint64_t number, uint8_t id[16])
{
	memset(id, 0, 16);
	memcpy(id + 4, &number, sizeof(number));
}

static void noted_is_found(void **state)
{
	struct transactions t = {.rows = {0}};
	struct transaction *row;
	uint8_t id[16], other[16];

	(void)state;
	id_of(1, id);
	id_of(2, other);
	assert_null(transaction_find(&t, id));
	row = transaction_note(&t, id, 100);
	assert_non_null(row);
	assert_int_equal(row->name, 0);
	row->name = 7;
	row->flow = 3;
	assert_ptr_equal(transaction_find(&t, id), row);
	assert_null(transaction_find(&t, other));
	/* Again: the same row, and what it knew. */
	assert_ptr_equal(transaction_note(&t, id, 200), row);
	assert_int_equal(row->name, 7);
	transactions_free(&t);
	assert_null(transaction_find(&t, id));
	transactions_free(&t);
}

static void every_byte_of_the_id_counts(void **state)
{
	struct transactions t = {.rows = {0}};
	uint8_t id[16] = {0};

	(void)state;
	assert_non_null(transaction_note(&t, id, 1));
	for (size_t i = 0; i < 16; i++) {
		id[i] = 1;
		assert_null(transaction_find(&t, id));
		id[i] = 0;
	}
	transactions_free(&t);
}

static void thousands_fit(void **state)
{
	struct transactions t = {.rows = {0}};
	uint8_t id[16];
	size_t found = 0;

	(void)state;
	for (uint64_t i = 0; i < 10000; i++) {
		id_of(i, id);
		assert_non_null(transaction_note(&t, id, (nanoseconds)i));
	}
	for (uint64_t i = 0; i < 10000; i++) {
		id_of(i, id);
		found += transaction_find(&t, id) != NULL;
	}
	assert_int_equal(found, 10000);
	transactions_free(&t);
}

/* A flood keeps the newest. */
static void oldest_makes_room(void **state)
{
	struct transactions t = {.rows = {0}};
	uint8_t id[16];

	(void)state;
	for (uint64_t i = 0; i < TRANSACTIONS_MAX + 10; i++) {
		id_of(i, id);
		assert_non_null(transaction_note(&t, id, 1));
	}
	for (uint64_t i = 0; i < TRANSACTIONS_MAX + 10; i++) {
		id_of(i, id);
		assert_int_equal(transaction_find(&t, id) != NULL, i >= 10);
	}
	transactions_free(&t);
}

static bool note_one(void *context)
{
	struct transactions t = {.rows = {0}};
	uint8_t id[16] = {1};
	bool ok = transaction_note(&t, id, 1) != NULL;

	(void)context;
	assert_true(ok != t_failure_met());
	assert_int_equal(transaction_find(&t, id) != NULL, ok);
	transactions_free(&t);
	return ok;
}

static void failing_memory_is_told(void **state)
{
	(void)state;
	t_failing_walk(note_one, NULL);
}

static const struct t_case cases[] = {
	{"noted_is_found", noted_is_found},
	{"every_byte_of_the_id_counts", every_byte_of_the_id_counts},
	{"thousands_fit", thousands_fit},
	{"oldest_makes_room", oldest_makes_room},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
