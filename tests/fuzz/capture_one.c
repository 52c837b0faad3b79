/* What every fuzz target of a capture format does. */
#include "config.h"

#include <stdlib.h>

#include "tests/fuzz/capture_one.h"

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void take_comment(void *context, uint64_t frame, struct slice text)
{
	unsigned *sum = context;

	(void)frame;
	for (size_t i = 0; i < text.n; i++)
		*sum += text.p[i];
}

static void check_frame(const struct frame *frame, struct slice file)
{
	must(frame->bytes.n <= FRAME_MAX);
	must(frame->bytes.n <= frame->wire_length);
	/* What an offset promises: the same bytes can be read there. */
	if (frame->offset != FRAME_NOWHERE)
		must(slice_equal(
			slice_cut(file, (size_t)frame->offset, frame->bytes.n),
			frame->bytes));
}

static void read_all(struct source *source, struct slice file)
{
	const struct source_info *info = &source->info;
	struct frame frame;
	uint64_t last = 0, count = 0;
	unsigned sum = 0;
	enum status end;

	source->context = &sum;
	source->on_comment = take_comment;
	while ((end = source->next(source, &frame)) == STATUS_OK) {
		check_frame(&frame, file);
		must(frame.number > last);
		last = frame.number;
		count++;
	}
	must(source->next(source, &frame) == end);
	must(info->frames == count);
	must(info->bytes <= file.n);
	must((end == STATUS_END) == !info->damage.set);
	source->close(source);
}

int fuzz_capture(const struct capture_format *format, const uint8_t *data,
		 size_t size)
{
	struct slice file = slice_of(data, size);
	struct slice first = slice_first(file, FORMAT_PROBE_SIZE);
	struct byte_source *bytes;
	struct source *source = NULL;
	struct fault fault = {.set = false};

	if (!format->claims(first))
		return 0;
	must(bytes_open_memory(file, &bytes) == STATUS_OK);
	if (format->open(bytes, first, &source, &fault) == STATUS_OK)
		read_all(source, file);
	else
		must(fault.set && !source);
	return 0;
}
