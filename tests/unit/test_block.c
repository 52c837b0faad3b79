/* The window over a byte source. */
#include "config.h"

#include "capture/block.h"
#include "capture/source.h"
#include "tests/support/capture.h"
#include "tests/support/t.h"

#define BYTES 5000u

static struct slice pattern(void)
{
	static uint8_t bytes[BYTES];

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (uint8_t)(i ^ i >> 8);
	return slice_of(bytes, BYTES);
}

static struct block open_memory(struct slice all, size_t window)
{
	struct byte_source *bytes = NULL;
	struct block block;

	assert_int_equal(bytes_open_memory(all, &bytes), STATUS_OK);
	bytes->block = window;
	/* So that the window is not as wide as the file. */
	bytes->size = UINT64_MAX;
	assert_int_equal(block_open(&block, bytes, (struct slice){0}),
			 STATUS_OK);
	return block;
}

static struct block open_stream(struct slice all, enum status failure)
{
	struct byte_source *bytes = t_stream(slice_from(all, 10), failure);
	struct block block;

	assert_non_null(bytes);
	bytes->block = 64;
	assert_int_equal(block_open(&block, bytes, slice_first(all, 10)),
			 STATUS_OK);
	return block;
}

static void read_through(struct block *block, struct slice all, size_t step)
{
	size_t at = 0;
	struct slice s;

	while (at + step <= all.n) {
		assert_int_equal(block_offset(block), at);
		assert_int_equal(block_need(block, step, &s), STATUS_OK);
		t_equal_bytes(s, slice_cut(all, at, step));
		block_take(block, step);
		at += step;
	}
	if (at == all.n) {
		assert_int_equal(block_need(block, step, &s), STATUS_END);
	} else {
		assert_int_equal(block_need(block, step, &s), STATUS_SHORT);
		t_equal_bytes(s, slice_from(all, at));
	}
}

static void gives_any_length_in_one_piece(void **state)
{
	static const size_t steps[] = {1, 3, 7, 64, 65, 999, 4999, 5000, 6000};
	struct slice all = pattern();

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct block memory = open_memory(all, 64);
		struct block stream = open_stream(all, STATUS_OK);

		read_through(&memory, all, steps[i]);
		read_through(&stream, all, steps[i]);
		block_close(&memory);
		block_close(&stream);
	}
}

static void tells_a_failure_after_what_came_before(void **state)
{
	struct slice all = slice_first(pattern(), 100);
	struct block block = open_stream(all, STATUS_BAD);
	struct slice s;

	(void)state;
	assert_int_equal(block_need(&block, 100, &s), STATUS_OK);
	assert_int_equal(block_need(&block, 101, &s), STATUS_BAD);
	t_equal_bytes(s, all);
	block_take(&block, 100);
	assert_int_equal(block_need(&block, 1, &s), STATUS_BAD);
	block_close(&block);
}

static void skips_and_sees_the_end(void **state)
{
	struct slice all = pattern();
	struct slice s;

	(void)state;
	for (int stream = 0; stream < 2; stream++) {
		struct block b = stream ? open_stream(all, STATUS_OK)
					: open_memory(all, 64);

		assert_int_equal(block_skip(&b, 4000), STATUS_OK);
		assert_int_equal(block_need(&b, 2, &s), STATUS_OK);
		t_equal_bytes(s, slice_cut(all, 4000, 2));
		assert_int_equal(block_skip(&b, 1000), STATUS_OK);
		assert_int_equal(block_offset(&b), 5000);
		assert_int_equal(block_need(&b, 1, &s), STATUS_END);
		assert_int_equal(block_skip(&b, 0), STATUS_OK);
		assert_int_equal(block_skip(&b, 1), STATUS_SHORT);
		assert_int_equal(block_skip(&b, UINT64_MAX), STATUS_SHORT);
		block_close(&b);
	}
}

static void seeks_where_the_source_can(void **state)
{
	static const size_t places[] = {4900, 0, 4999, 10, 5000, 77, 78, 50};
	struct slice all = pattern();
	struct block b = open_memory(all, 64);
	struct slice s;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(block_seek(&b, places[i]), STATUS_OK);
		assert_int_equal(block_offset(&b), places[i]);
		(void)!block_need(&b, 20, &s);
		t_equal_bytes(s, slice_cut(all, places[i], 20));
	}
	assert_int_equal(block_seek(&b, UINT64_MAX), STATUS_OK);
	assert_int_equal(block_need(&b, 1, &s), STATUS_END);
	block_close(&b);
}

static void a_stream_goes_back_in_its_window_only(void **state)
{
	struct slice all = pattern();
	struct block b = open_stream(all, STATUS_OK);
	struct slice s;

	(void)state;
	assert_int_equal(block_need(&b, 40, &s), STATUS_OK);
	block_take(&b, 40);
	assert_int_equal(block_seek(&b, 5), STATUS_OK);
	assert_int_equal(block_need(&b, 3, &s), STATUS_OK);
	t_equal_bytes(s, slice_cut(all, 5, 3));
	assert_int_equal(block_seek(&b, 3000), STATUS_OK);
	assert_int_equal(block_need(&b, 3, &s), STATUS_OK);
	t_equal_bytes(s, slice_cut(all, 3000, 3));
	assert_int_equal(block_seek(&b, 5), STATUS_IO);
	assert_int_equal(block_seek(&b, 6000), STATUS_SHORT);
	block_close(&b);
}

/* Long before the next read goes over them, and after the block is gone. */
static void what_is_held_stays(void **state)
{
	struct slice all = pattern(), s;
	struct slice held[4];
	struct window *windows[4];
	struct block b = open_memory(all, 100);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(block_need(&b, 70, &held[i]), STATUS_OK);
		windows[i] = block_window(&b);
		window_hold(windows[i]);
		block_take(&b, 70);
	}
	assert_int_equal(block_seek(&b, 70), STATUS_OK);
	assert_int_equal(block_need(&b, 500, &s), STATUS_OK);
	t_equal_bytes(s, slice_cut(all, 70, 500));
	window_drop(windows[0]);
	block_take(&b, 500);
	assert_int_equal(block_need(&b, 400, &s), STATUS_OK);
	t_equal_bytes(s, slice_cut(all, 570, 400));
	block_close(&b);
	for (size_t i = 1; i < 4; i++) {
		t_equal_bytes(held[i], slice_cut(all, i * 70, 70));
		window_drop(windows[i]);
	}
}

/* A long record does not make the windows behind it long. */
static void windows_become_short_again(void **state)
{
	struct block b = open_memory(pattern(), 100);
	struct window *held[2];
	struct slice s;

	(void)state;
	assert_int_equal(block_need(&b, 3000, &s), STATUS_OK);
	held[0] = block_window(&b);
	assert_true(held[0]->room >= 3000);
	window_hold(held[0]);
	block_take(&b, b.left - 20);
	assert_int_equal(block_need(&b, 60, &s), STATUS_OK);
	held[1] = block_window(&b);
	assert_ptr_not_equal(held[1], held[0]);
	assert_true(held[1]->room <= 200);
	window_drop(held[0]);
	block_close(&b);
}

static void windows_are_used_again(void **state)
{
	struct windows windows = {.count = 0};
	struct window *a = windows_take(&windows, 10), *b;

	(void)state;
	assert_non_null(a);
	assert_ptr_equal(windows_take(&windows, 8), a);
	window_hold(a);
	b = windows_take(&windows, 8);
	assert_non_null(b);
	assert_ptr_not_equal(b, a);
	window_drop(a);
	assert_ptr_equal(windows_take(&windows, 9), a);
	/* None is wide enough: one makes room. */
	assert_non_null(windows_take(&windows, 1000));
	assert_int_equal(windows.count, 2);
	for (size_t i = 0; i < WINDOWS_MAX; i++) {
		b = windows_take(&windows, 1);
		assert_non_null(b);
		window_hold(b);
	}
	assert_null(windows_take(&windows, 1));
	for (size_t i = 0; i < WINDOWS_MAX; i++)
		window_drop(windows.list[i]);
	windows_leave(&windows);
}

static void the_window_has_a_limit(void **state)
{
	struct block b = open_memory(pattern(), 64);
	struct slice s;

	(void)state;
	assert_int_equal(block_need(&b, (size_t)BLOCK_NEED_MAX + 1, &s),
			 STATUS_LIMIT);
	/* Only what really comes takes memory. */
	assert_int_equal(block_need(&b, BLOCK_NEED_MAX, &s), STATUS_SHORT);
	assert_true(b.own->room < 4 * BYTES);
	block_close(&b);
}

static const struct t_case cases[] = {
	{"gives_any_length_in_one_piece", gives_any_length_in_one_piece},
	{"tells_a_failure_after_what_came_before",
	 tells_a_failure_after_what_came_before},
	{"skips_and_sees_the_end", skips_and_sees_the_end},
	{"seeks_where_the_source_can", seeks_where_the_source_can},
	{"a_stream_goes_back_in_its_window_only",
	 a_stream_goes_back_in_its_window_only},
	{"what_is_held_stays", what_is_held_stays},
	{"windows_become_short_again", windows_become_short_again},
	{"windows_are_used_again", windows_are_used_again},
	{"the_window_has_a_limit", the_window_has_a_limit},
};
T_MAIN(cases)
