/* Arenas: alignment, limits, reset. */
#include "config.h"

#include "core/arena.h"
#include "tests/support/t.h"

static void everything_is_aligned_and_zeroed(void **state)
{
	struct arena arena = arena_new((size_t)1 << 20);

	(void)state;
	for (size_t n = 0; n < 300; n++) {
		uint8_t *p = arena_alloc(&arena, n);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(p[i], 0);
		if (n)
			memset(p, 0xEE, n);
	}
	arena_reset(&arena);
	/* What comes again is zeroed again. */
	for (size_t n = 1; n < 100; n++) {
		const uint8_t *p = arena_alloc(&arena, n);

		assert_non_null(p);
		assert_int_equal(p[0], 0);
		assert_int_equal(p[n - 1], 0);
	}
	arena_free(&arena);
}

static void nothing_overlaps(void **state)
{
	struct arena arena = arena_new((size_t)1 << 22);
	uint8_t *p[200];

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		p[i] = arena_alloc(&arena, i * 17 % 5000);
		assert_non_null(p[i]);
		memset(p[i], (int)i, i * 17 % 5000);
	}
	for (size_t i = 0; i < 200; i++)
		for (size_t k = 0; k < i * 17 % 5000; k++)
			assert_int_equal(p[i][k], i);
	arena_free(&arena);
}

static void limit_holds(void **state)
{
	struct arena arena = arena_new(10000);
	size_t given = 0;

	(void)state;
	assert_null(arena_alloc(&arena, 10001));
	assert_null(arena_alloc(&arena, SIZE_MAX));
	assert_null(arena_alloc(&arena, SIZE_MAX - 7));
	while (arena_alloc(&arena, 64))
		given += 64;
	assert_true(arena.total <= 10000);
	/* A limit is of use: most of it can be had. */
	assert_true(given >= 8000);
	arena_reset(&arena);
	assert_non_null(arena_alloc(&arena, 64));
	assert_true(arena.total <= 10000);
	arena_free(&arena);
	assert_int_equal(arena.total, 0);
	assert_non_null(arena_alloc(&arena, 64));
	arena_free(&arena);
}

static void array_product_cannot_wrap(void **state)
{
	struct arena arena = arena_new(SIZE_MAX);

	(void)state;
	assert_null(arena_array(&arena, SIZE_MAX / 8 + 2, 8));
	assert_null(arena_array(&arena, (size_t)1 << 33, (size_t)1 << 33));
	assert_non_null(arena_array(&arena, 0, 8));
	assert_non_null(arena_array(&arena, 8, 0));
	arena_free(&arena);
}

static void reset_keeps_one_chunk(void **state)
{
	struct arena arena = arena_new((size_t)1 << 24);
	size_t total;

	(void)state;
	arena_reset(&arena);
	for (size_t i = 0; i < 100; i++)
		assert_non_null(arena_alloc(&arena, 5000));
	total = arena.total;
	arena_reset(&arena);
	assert_true(arena.total > 0);
	assert_true(arena.total < total);
	total = arena.total;
	/* The same work on and on takes no more memory. */
	for (size_t i = 0; i < 50; i++) {
		assert_non_null(arena_alloc(&arena, 3000));
		arena_reset(&arena);
	}
	assert_int_equal(arena.total, total);
	arena_free(&arena);
}

static void copies_and_texts(void **state)
{
	struct arena arena = arena_new(4096);
	const char *text = arena_text(&arena, slice_of("a\0b", 3));

	(void)state;
	assert_string_equal(text, "a?b");
	t_equal_text(arena_copy(&arena, SLICE("abc")), "abc");
	assert_null(arena_copy(&arena, SLICE("")).p);
	assert_string_equal(arena_text(&arena, (struct slice){0}), "");
	while (arena_alloc(&arena, 16))
		;
	assert_null(arena_copy(&arena, SLICE("abc")).p);
	assert_int_equal(arena_copy(&arena, SLICE("abc")).n, 0);
	assert_null(arena_text(&arena, SLICE("abc")));
	arena_free(&arena);
}

static bool allocate_much(void *context)
{
	struct arena arena = arena_new((size_t)1 << 20);
	bool ok = true;

	(void)context;
	for (size_t i = 0; i < 20 && ok; i++)
		ok = arena_alloc(&arena, 4000) != NULL;
	assert_true(ok != t_failure_met());
	arena_free(&arena);
	return ok;
}

static void failing_memory_is_told(void **state)
{
	(void)state;
	t_failing_walk(allocate_much, NULL);
}

static const struct t_case cases[] = {
	{"everything_is_aligned_and_zeroed", everything_is_aligned_and_zeroed},
	{"nothing_overlaps", nothing_overlaps},
	{"limit_holds", limit_holds},
	{"array_product_cannot_wrap", array_product_cannot_wrap},
	{"reset_keeps_one_chunk", reset_keeps_one_chunk},
	{"copies_and_texts", copies_and_texts},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
