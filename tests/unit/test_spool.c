/* Bytes that come once can be read anywhere from their copy. */
#include "config.h"

#include "capture/spool.h"
#include "tests/support/capture.h"
#include "tests/support/t.h"

static const char text[] = "The quick brown fox jumps over the lazy dog, "
			   "and then it does the same again.";
static const size_t text_n = sizeof(text) - 1;

/* As if `first` bytes had been looked at already. */
static struct byte_source *stream_behind(size_t first, enum status failure)
{
	return t_stream(slice_of(text + first, text_n - first), failure);
}

static void the_copy_is_whole(void **state)
{
	(void)state;
	for (size_t first = 0; first <= text_n; first++) {
		struct fault fault = {.set = false};
		struct byte_source *copy;
		uint8_t to[200];
		size_t got, n = 0;

		assert_int_equal(bytes_spool(stream_behind(first, STATUS_OK),
					     slice_of(text, first), &copy,
					     &fault),
				 STATUS_OK);
		assert_false(fault.set);
		assert_int_equal(copy->size, text_n);
		assert_int_equal(copy->read_at(copy, 4, to, 5, &got),
				 STATUS_OK);
		t_equal_text(slice_of(to, got), "quick");
		assert_int_equal(copy->read_at(copy, text_n, to, 5, &got),
				 STATUS_OK);
		assert_int_equal(got, 0);
		assert_int_equal(copy->read_at(copy, UINT64_MAX, to, 5, &got),
				 STATUS_OK);
		assert_int_equal(got, 0);
		do {
			assert_int_equal(copy->read(copy, to + n, 7, &got),
					 STATUS_OK);
			n += got;
		} while (got);
		t_equal_text(slice_of(to, n), text);
		copy->close(copy);
	}
}

static void what_came_before_a_failure_is_there(void **state)
{
	struct fault fault = {.set = false};
	struct byte_source *copy;

	(void)state;
	assert_int_equal(bytes_spool(stream_behind(3, STATUS_BAD),
				     slice_of(text, 3), &copy, &fault),
			 STATUS_OK);
	assert_true(fault.set);
	assert_string_equal(fault.text, "the stream breaks");
	assert_int_equal(fault.offset, text_n);
	assert_int_equal(copy->size, text_n);
	copy->close(copy);
}

static void what_can_be_read_anywhere_stays(void **state)
{
	struct fault fault = {.set = false};
	struct byte_source *bytes, *copy;

	(void)state;
	assert_int_equal(bytes_open_memory(slice_of(text, text_n), &bytes),
			 STATUS_OK);
	assert_int_equal(bytes_spool(bytes, slice_of(text, 3), &copy, &fault),
			 STATUS_OK);
	assert_ptr_equal(copy, bytes);
	copy->close(copy);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
	struct fault fault = {.set = false};
	struct byte_source *copy;

	(void)state;
	setenv("TMPDIR", "/nowhere/at/all", 1);
	assert_int_equal(bytes_spool(stream_behind(0, STATUS_OK),
				     (struct slice){0}, &copy, &fault),
			 STATUS_IO);
	assert_string_equal(fault.text, "cannot make a temporary file: "
					"No such file or directory");
	unsetenv("TMPDIR");
}

static bool spool(void *context)
{
	struct byte_source *bytes = stream_behind(0, STATUS_OK);
	struct fault fault = {.set = false};
	struct byte_source *copy;

	(void)context;
	if (!bytes)
		return false;
	if (bytes_spool(bytes, (struct slice){0}, &copy, &fault) != STATUS_OK) {
		assert_true(fault.set);
		return false;
	}
	copy->close(copy);
	return true;
}

static void failing_allocations_leak_nothing(void **state)
{
	(void)state;
	t_failing_walk(spool, NULL);
}

static const struct t_case cases[] = {
	{"the_copy_is_whole", the_copy_is_whole},
	{"what_came_before_a_failure_is_there",
	 what_came_before_a_failure_is_there},
	{"what_can_be_read_anywhere_stays", what_can_be_read_anywhere_stays},
	{"a_folder_that_is_not_there_is_named",
	 a_folder_that_is_not_there_is_named},
	{"failing_allocations_leak_nothing", failing_allocations_leak_nothing},
};
T_MAIN(cases)
