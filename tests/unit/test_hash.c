/* The keyed hash and the index, beside a list that is searched plainly. */
#include "config.h"

#include "core/hash.h"
#include "tests/support/t.h"

static void hash_depends_on_everything(void **state)
{
	static const uint8_t zeros[40] = {0};
	uint8_t bytes[40] = {0};

	(void)state;
	for (size_t n = 0; n < 40; n++) {
		uint64_t h = hash_bytes(1, slice_of(zeros, n));
		struct slice exact = t_exact(slice_of(zeros, n));

		assert_true(hash_bytes(1, exact) == h);
		assert_true(hash_bytes(2, exact) != h);
		assert_true(hash_bytes(1, slice_of(zeros, n + 1)) != h);
		for (size_t i = 0; i < n; i++) {
			bytes[i] = 1;
			assert_true(hash_bytes(1, slice_of(bytes, n)) != h);
			bytes[i] = 0;
		}
		t_release(exact);
	}
}

/* Rows that are in the index, in plain sight. */
#define ROWS 5000u

struct reference {
	uint64_t hash[ROWS];
	uint32_t key[ROWS];
	bool in[ROWS];
	size_t count;
};

static bool same(const void *rows, uint32_t row, const void *key)
{
	const struct reference *r = rows;
	const uint32_t *k = key;

	assert_true(row < ROWS);
	assert_true(r->in[row]);
	return r->key[row] == *k;
}

static uint64_t dice(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return hash_mix(*state);
}

static void check_row(const struct index *index, const struct reference *r,
		      uint32_t row)
{
	uint32_t found = index_find(index, r->hash[row], same, r, &r->key[row]);

	assert_true(found == (r->in[row] ? row : INDEX_NONE));
}

static void check_all(const struct index *index, const struct reference *r)
{
	for (uint32_t row = 0; row < ROWS; row++)
		check_row(index, r, row);
	assert_int_equal(index->used, r->count);
}

/* Adds and removes at random; `bits` of the hash that are left: with few,
 * rows stand in one heap and every gap must be closed right. */
static void try_index(uint64_t seed, unsigned bits, size_t steps)
{
	struct reference *r = calloc(1, sizeof(*r));
	struct index index = {0};

	assert_non_null(r);
	for (uint32_t row = 0; row < ROWS; row++) {
		uint64_t h = dice(&seed);

		r->key[row] = row;
		r->hash[row] = bits == 64 ? h
					  : (h & ((UINT64_C(1) << bits) - 1))
						    << 32;
	}
	for (size_t i = 0; i < steps; i++) {
		uint32_t row = (uint32_t)(dice(&seed) % ROWS);

		if (r->in[row]) {
			assert_true(index_remove(&index, r->hash[row], row));
			r->in[row] = false;
			r->count--;
		} else {
			assert_int_equal(index_add(&index, r->hash[row], row),
					 STATUS_OK);
			r->in[row] = true;
			r->count++;
		}
		check_row(&index, r, row);
		if (i % 1000 == 0)
			check_all(&index, r);
	}
	check_all(&index, r);
	index_free(&index);
	assert_null(index.cells);
	free(r);
}

static void index_is_what_a_list_is(void **state)
{
	(void)state;
	try_index(1, 64, 30000);
	try_index(2, 10, 20000);
}

static void index_bears_equal_hashes(void **state)
{
	(void)state;
	/* All in a row: home is one cell, or four in line. */
	try_index(3, 2, 1500);
	try_index(4, 0, 700);
}

static void removing_what_is_not_there_does_nothing(void **state)
{
	struct index index = {0};

	(void)state;
	assert_false(index_remove(&index, 1, 1));
	index_free(&index);
	assert_int_equal(index_add(&index, UINT64_C(5) << 32, 1), STATUS_OK);
	assert_false(index_remove(&index, UINT64_C(5) << 32, 2));
	assert_false(index_remove(&index, UINT64_C(6) << 32, 2));
	assert_int_equal(index.used, 1);
	assert_true(index_remove(&index, UINT64_C(5) << 32, 1));
	assert_false(index_remove(&index, UINT64_C(5) << 32, 1));
	assert_int_equal(index.used, 0);
	index_free(&index);
}

static bool always(const void *rows, uint32_t row, const void *key)
{
	(void)rows;
	(void)row;
	(void)key;
	return true;
}

/* Home is the last one, so the heap stands behind all homes. */
static void gaps_close_over_the_end(void **state)
{
	uint64_t last = UINT64_C(0xFFFFFFFF) << 32, first = 0;

	(void)state;
	for (uint32_t gone = 0; gone < 4; gone++) {
		struct index index = {0};

		for (uint32_t row = 0; row < 3; row++)
			assert_int_equal(index_add(&index, last, row),
					 STATUS_OK);
		assert_int_equal(index_add(&index, first, 3), STATUS_OK);
		assert_true(
			index_remove(&index, gone < 3 ? last : first, gone));
		assert_true(index_find(&index, first, always, NULL, NULL) ==
			    (gone == 3 ? INDEX_NONE : 3));
		for (uint32_t row = 0; row < 4; row++)
			assert_int_equal(index_remove(&index,
						      row < 3 ? last : first,
						      row),
					 row != gone);
		index_free(&index);
	}
}

/* An allocation is known by its ticket and by the one before. */
static void a_row_by_two_hashes_loses_the_right_one(void **state)
{
	static const uint64_t near[] = {UINT64_C(7) << 32, UINT64_C(8) << 32};

	(void)state;
	for (unsigned gone = 0; gone < 2; gone++) {
		struct index index = {0};

		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(index_add(&index, near[i], 5),
					 STATUS_OK);
		assert_true(index_remove(&index, near[gone], 5));
		assert_true(index_find(&index, near[gone], always, NULL,
				       NULL) == INDEX_NONE);
		assert_true(index_find(&index, near[!gone], always, NULL,
				       NULL) == 5);
		assert_false(index_remove(&index, near[gone], 5));
		assert_true(index_remove(&index, near[!gone], 5));
		index_free(&index);
	}
}

static bool add_many(void *context)
{
	struct index index = {0};
	bool ok = true;
	uint32_t added = 0;

	(void)context;
	while (ok && added < 1000) {
		ok = index_add(&index, hash_mix(added), added) == STATUS_OK;
		added += ok;
	}
	assert_true(ok != t_failure_met());
	/* What was in stays in. */
	for (uint32_t row = 0; row < added; row++)
		assert_true(index_remove(&index, hash_mix(row), row));
	index_free(&index);
	return ok;
}

static void failing_memory_loses_nothing(void **state)
{
	(void)state;
	t_failing_walk(add_many, NULL);
}

static bool any(const void *rows, uint32_t row, const void *key)
{
	(void)rows;
	(void)row;
	(void)key;
	return true;
}

/* Whatever their place, also over the end, and however often it grows. */
static void the_first_of_equal_hashes_stays_first(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++) {
		/* Every third home is among the last ones of 64. */
		uint64_t hash = seed % 3 ? hash_mix(seed)
					 : (UINT64_C(63) - seed % 5) << 32;
		struct index index = {0};
		uint32_t row = 0;

		for (; row < 3; row++)
			assert_int_equal(index_add(&index, hash, row),
					 STATUS_OK);
		for (; row < 500; row++) {
			uint64_t other = row % 4 ? hash_mix(row + seed * 1000)
						 : hash + (UINT64_C(1) << 32);

			assert_int_equal(index_add(&index, other, row),
					 STATUS_OK);
			assert_int_equal(
				index_find(&index, hash, any, NULL, NULL), 0);
		}
		index_free(&index);
	}
}

static const struct t_case cases[] = {
	{"hash_depends_on_everything", hash_depends_on_everything},
	{"index_is_what_a_list_is", index_is_what_a_list_is},
	{"index_bears_equal_hashes", index_bears_equal_hashes},
	{"removing_what_is_not_there_does_nothing",
	 removing_what_is_not_there_does_nothing},
	{"gaps_close_over_the_end", gaps_close_over_the_end},
	{"a_row_by_two_hashes_loses_the_right_one",
	 a_row_by_two_hashes_loses_the_right_one},
	{"the_first_of_equal_hashes_stays_first",
	 the_first_of_equal_hashes_stays_first},
	{"failing_memory_loses_nothing", failing_memory_loses_nothing},
};
T_MAIN(cases)
