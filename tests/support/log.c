/* What a reader makes of logs. */
#include "config.h"

#include "tests/support/log.h"
#include "tests/support/t.h"

static void take(struct source *source, struct t_frames *out)
{
	struct frame frame;

	while ((out->end = source->next(source, &frame)) == STATUS_OK) {
		assert_true(out->count < T_FRAMES_MAX);
		assert_true(frame.bytes.n <= sizeof(out->store) - out->stored);
		memcpy(out->store + out->stored, frame.bytes.p, frame.bytes.n);
		frame.bytes.p = out->store + out->stored;
		out->stored += frame.bytes.n;
		out->list[out->count++] = frame;
	}
	assert_int_equal(source->next(source, &frame), out->end);
	out->info = source->info;
}

void t_read_log(struct slice file, struct t_log *got)
{
	t_read_log_of(file, 0, got);
}

void t_read_log_of(struct slice file, nanoseconds modified, struct t_log *got)
{
	struct slice exact = t_exact(file);
	struct byte_source *bytes;
	struct source *source;

	memset(got, 0, sizeof(*got));
	assert_int_equal(bytes_open_memory(exact, &bytes), STATUS_OK);
	bytes->modified = modified;
	got->frames.opened =
		source_open(bytes, NULL, &source, &got->frames.fault);
	if (got->frames.opened == STATUS_OK) {
		take(source, &got->frames);
		source->close(source);
	}
	for (size_t i = 0; i < got->frames.count; i++) {
		assert_int_equal(got->frames.list[i].link_type, LINKTYPE_LOG);
		assert_int_equal(record_read(got->frames.list[i].bytes,
					     &got->records[i]),
				 STATUS_OK);
	}
	t_release(exact);
}

void t_is_end(const struct endpoint *e, const char *want)
{
	char buffer[ENDPOINT_TEXT_MAX];

	assert_string_equal(endpoint_string(e, buffer), want);
}

void t_is_time(const struct frame *frame, const char *want)
{
	struct text text = text_new(64);

	assert_true(frame->has_time);
	clock_rfc3339(frame->time, &text);
	t_equal_text(text_slice(&text), want);
	text_free(&text);
}

bool t_log_reads(void *context)
{
	const struct t_log_need *need = context;
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;
	enum status status = bytes_open_memory(need->text, &bytes);

	if (status == STATUS_OK)
		status = source_open(bytes, NULL, &source, &fault);
	if (status != STATUS_OK) {
		assert_true(status == STATUS_NOMEM ||
			    (need->by_more && status == STATUS_NOT_MINE));
		return false;
	}
	while ((status = source->next(source, &frame)) == STATUS_OK)
		continue;
	assert_true(status == STATUS_END || status == STATUS_NOMEM);
	assert_true(status != STATUS_END ||
		    source->info.frames == need->records);
	source->close(source);
	return status == STATUS_END;
}
