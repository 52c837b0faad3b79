/* What the writer writes, the reader reads. */
#include "config.h"

#include "capture/writer.h"
#include "tests/support/capture.h"
#include "tests/support/t.h"

static struct frame frame_of(const char *text, nanoseconds time,
			     uint32_t link_type)
{
	return (struct frame){
		.time = time,
		.has_time = true,
		.link_type = link_type,
		.wire_length = (uint32_t)strlen(text) + 5,
		.bytes = slice_of_text(text),
	};
}

static void frames_come_back_as_they_were(void **state)
{
	struct slice comments[] = {SLICE("first"), SLICE("second!")};
	struct text to = text_new(1u << 20);
	struct frame frames[] = {
		frame_of("abc", INT64_C(1700000000123456789), 1),
		frame_of("", 5, 1),
		frame_of("in another file", 6, 1),
		frame_of("raw", 7, 101),
	};
	struct capture_writer writer;
	struct t_frames got;

	(void)state;
	frames[0].direction = FRAME_SENT;
	frames[1].direction = FRAME_RECEIVED;
	frames[2].file = 1;
	capture_writer_begin(&writer, &to, "a test");
	capture_writer_secrets(&writer, SECRETS_TLS_KEY_LOG, SLICE("key"));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(capture_writer_frame(&writer, &frames[i],
						      comments, i == 2 ? 2 : 0),
				 STATUS_OK);
	assert_int_equal(to.failed, STATUS_OK);
	t_read_capture(&format_pcapng, text_slice(&to), &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.info.warnings, 0);
	assert_int_equal(got.count, 4);
	for (size_t i = 0; i < 4; i++) {
		t_equal_bytes(got.list[i].bytes, frames[i].bytes);
		assert_true(got.list[i].time == frames[i].time);
		assert_int_equal(got.list[i].wire_length,
				 frames[i].wire_length);
		assert_int_equal(got.list[i].direction, frames[i].direction);
		assert_int_equal(got.list[i].link_type, frames[i].link_type);
	}
	assert_int_equal(got.list[1].interface, 0);
	assert_int_equal(got.list[2].interface, 1);
	assert_int_equal(got.list[3].interface, 2);
	assert_string_equal(got.comments, "3:first;3:second!;");
	text_free(&to);
}

static void what_files_cannot_hold_is_not_written(void **state)
{
	struct text to = text_new(1u << 20);
	struct frame frame = frame_of("x", 1, LINKTYPE_METADATA);
	struct capture_writer writer;
	size_t before;

	(void)state;
	capture_writer_begin(&writer, &to, "a test");
	before = to.n;
	assert_int_equal(capture_writer_frame(&writer, &frame, NULL, 0),
			 STATUS_NOT_MINE);
	assert_int_equal(to.n, before);
	frame.link_type = 1;
	for (uint32_t i = 0; i < WRITER_INTERFACES_MAX; i++) {
		frame.interface = i;
		assert_int_equal(capture_writer_frame(&writer, &frame, NULL, 0),
				 STATUS_OK);
	}
	frame.interface = WRITER_INTERFACES_MAX;
	before = to.n;
	assert_int_equal(capture_writer_frame(&writer, &frame, NULL, 0),
			 STATUS_LIMIT);
	assert_int_equal(to.n, before);
	text_free(&to);
}

static void a_long_comment_is_cut(void **state)
{
	static const char long_text[70000];
	struct slice comment = slice_of(long_text, sizeof(long_text));
	struct text to = text_new(1u << 20);
	struct frame frame = frame_of("x", 1, 1);
	struct capture_writer writer;
	struct t_frames got;

	(void)state;
	capture_writer_begin(&writer, &to, "a test");
	assert_int_equal(capture_writer_frame(&writer, &frame, &comment, 1),
			 STATUS_OK);
	t_read_capture(&format_pcapng, text_slice(&to), &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.info.warnings, 0);
	assert_int_equal(got.count, 1);
	text_free(&to);
}

static const struct t_case cases[] = {
	{"frames_come_back_as_they_were", frames_come_back_as_they_were},
	{"what_files_cannot_hold_is_not_written",
	 what_files_cannot_hold_is_not_written},
	{"a_long_comment_is_cut", a_long_comment_is_cut},
};
T_MAIN(cases)
