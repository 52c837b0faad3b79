/* Blocks that a thread reads ahead. */
#include "config.h"

#include <errno.h>

#include "capture/block.h"
#include "capture/readahead.h"
#include "capture/source.h"
#include "tests/support/capture.h"
#include "tests/support/t.h"

#define BYTES ((size_t)8 << 20)

static uint8_t *pattern(void)
{
	uint8_t *bytes = malloc(BYTES);
	uint32_t x = 1;

	assert_non_null(bytes);
	for (size_t i = 0; i < BYTES; i++) {
		x = x * 1664525u + 1013904223u;
		bytes[i] = (uint8_t)(x >> 24);
	}
	return bytes;
}

static struct block open_block(struct byte_source *bytes)
{
	struct block block;

	assert_non_null(bytes);
	bytes->block = 4096;
	bytes->ahead = true;
	assert_int_equal(block_open(&block, bytes, (struct slice){0}),
			 STATUS_OK);
	return block;
}

static struct byte_source *memory(struct slice all)
{
	struct byte_source *bytes = NULL;

	assert_int_equal(bytes_open_memory(all, &bytes), STATUS_OK);
	bytes->size = UINT64_MAX;
	return bytes;
}

/* Records of all lengths, some longer than a block and its headroom. */
static size_t length_of(size_t number)
{
	if (number % 97 == 50)
		return 300000;
	if (number % 23 == 11)
		return READAHEAD_HEADROOM + number;
	return number * 37 % 1500 + 1;
}

static void read_through(struct block *block, struct slice all, size_t at)
{
	bool ahead = all.n - at < BYTES / 2;
	struct slice s;

	for (size_t i = 0; at + length_of(i) <= all.n; i++) {
		size_t n = length_of(i);

		assert_int_equal(block_offset(block), at);
		assert_int_equal(block_need(block, n, &s), STATUS_OK);
		assert_memory_equal(s.p, all.p + at, n);
		block_take(block, n);
		at += n;
		ahead |= block->ahead != NULL;
	}
	assert_true(ahead);
	assert_int_equal(block_need(block, 400000, &s), STATUS_SHORT);
	assert_int_equal(s.n, all.n - at);
	assert_memory_equal(s.p, all.p + at, s.n);
}

static void gives_all_bytes_in_order(void **state)
{
	uint8_t *p = pattern();
	struct slice all = slice_of(p, BYTES);
	struct block a = open_block(memory(all));
	struct block b = open_block(t_stream(all, STATUS_OK));

	(void)state;
	read_through(&a, all, 0);
	read_through(&b, all, 0);
	block_close(&a);
	block_close(&b);
	free(p);
}

/* A jump stops the thread; steady reading begins anew. */
static void survives_jumps(void **state)
{
	static const size_t places[] = {6000000, 17, 1500000, 1499000, 0};
	uint8_t *p = pattern();
	struct slice all = slice_of(p, BYTES);
	struct block block = open_block(memory(all));

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(block_seek(&block, places[i]), STATUS_OK);
		read_through(&block, all, places[i]);
	}
	block_close(&block);
	free(p);
}

static void tells_a_failure_behind_its_bytes(void **state)
{
	uint8_t *p = pattern();
	struct slice all = slice_of(p, BYTES);
	struct block block = open_block(t_stream(all, STATUS_BAD));
	struct slice s;
	size_t at = 0;

	(void)state;
	for (; at + 1000 <= BYTES; at += 1000) {
		assert_int_equal(block_need(&block, 1000, &s), STATUS_OK);
		block_take(&block, 1000);
	}
	assert_non_null(block.ahead);
	assert_int_equal(block_need(&block, 1000, &s), STATUS_BAD);
	assert_int_equal(s.n, BYTES - at);
	assert_int_equal(block_need(&block, 1000, &s), STATUS_BAD);
	block_close(&block);
	free(p);
}

/* The thread waits for room when it is stopped, or has ended by itself. */
static void stops_at_any_time(void **state)
{
	uint8_t *p = pattern();
	struct slice bytes;
	bool fresh;
	int error;

	(void)state;
	for (size_t n = 0; n < 12; n++) {
		struct byte_source *source = memory(slice_of(p, BYTES));
		struct readahead *r = readahead_new(source, 5);

		assert_non_null(r);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(
				readahead_peek(r, &bytes, &fresh, &error),
				STATUS_OK);
			readahead_take(r, bytes.n);
		}
		readahead_free(r);
		source->close(source);
	}
	readahead_free(NULL);
	free(p);
}

static bool make_one(void *context)
{
	struct byte_source *source = context;
	struct readahead *r = readahead_new(source, 0);
	bool ok = r != NULL;

	readahead_free(r);
	return ok;
}

static void failing_memory_is_told(void **state)
{
	uint8_t *p = pattern();
	struct byte_source *source = memory(slice_of(p, BYTES));

	(void)state;
	t_failing_walk(make_one, source);
	source->close(source);
	free(p);
}

static const struct t_case cases[] = {
	{"gives_all_bytes_in_order", gives_all_bytes_in_order},
	{"survives_jumps", survives_jumps},
	{"tells_a_failure_behind_its_bytes", tells_a_failure_behind_its_bytes},
	{"stops_at_any_time", stops_at_any_time},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
