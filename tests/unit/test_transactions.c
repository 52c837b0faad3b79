/* Open STUN transactions in sets of a few rows. */
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
	struct transactions t = {NULL};
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
	/* Again: the same row with a new time, and what it knew. */
	assert_ptr_equal(transaction_note(&t, id, 200), row);
	assert_int_equal(row->name, 7);
	assert_true(row->time == 200);
	transactions_free(&t);
	assert_null(transaction_find(&t, id));
	transactions_free(&t);
}

static void every_byte_of_the_id_counts(void **state)
{
	struct transactions t = {NULL};
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

/* Ids that fall into one set. */
static size_t same_set(uint8_t ids[][16], size_t n)
{
	size_t found = 0;
	uint64_t want = 0;

	for (uint64_t i = 0; found < n; i++) {
		uint64_t set;

		id_of(i, ids[found]);
		set = hash_bytes(0, slice_of(ids[found], 16)) &
		      (TRANSACTION_SETS - 1);
		if (found == 0)
			want = set;
		found += set == want;
	}
	return found;
}

static void oldest_of_its_set_makes_room(void **state)
{
	static const nanoseconds times[] = {40, 10, 30, 20};
	struct transactions t = {NULL};
	uint8_t ids[TRANSACTION_WAYS + 2][16];
	struct transaction *row;

	(void)state;
	(void)same_set(ids, TRANSACTION_WAYS + 2);
	for (size_t i = 0; i < TRANSACTION_WAYS; i++) {
		row = transaction_note(&t, ids[i], times[i]);
		row->name = 9;
	}
	row = transaction_note(&t, ids[4], 50);
	assert_int_equal(row->name, 0);
	assert_null(transaction_find(&t, ids[1]));
	assert_non_null(transaction_find(&t, ids[0]));
	assert_non_null(transaction_find(&t, ids[2]));
	assert_non_null(transaction_find(&t, ids[3]));
	/* A retransmission makes a row young again. */
	(void)transaction_note(&t, ids[3], 60);
	(void)transaction_note(&t, ids[5], 70);
	assert_null(transaction_find(&t, ids[2]));
	assert_non_null(transaction_find(&t, ids[3]));
	transactions_free(&t);
}

static void thousands_fit(void **state)
{
	struct transactions t = {NULL};
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
	/* A set may overflow by chance; hardly any does. */
	assert_true(found > 9950);
	transactions_free(&t);
}

static bool note_one(void *context)
{
	struct transactions t = {NULL};
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
	{"oldest_of_its_set_makes_room", oldest_of_its_set_makes_room},
	{"thousands_fit", thousands_fit},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
