/* Logs: frames are whole records in order, none larger than a frame may be,
 * and the driver takes each of them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture/source.h"
#include "core/record.h"
#include "flow/driver.h"
#include "tests/fuzz/one.h"

static void must(bool truth)
{
	if (!truth)
		abort();
}

static void take(void *context, const struct message *message)
{
	uint64_t *count = context;

	*count += message->bytes.n;
}

static void read_all(struct source *source, struct driver *driver)
{
	/* Those of several connections are put in the order of time. */
	const bool sorted =
		strcmp(source->info.format, "webrtc-internals") == 0;
	struct frame frame;
	uint64_t count = 0, truncated = 0, offset = 0;
	enum status end;

	while ((end = source->next(source, &frame)) == STATUS_OK) {
		struct record record;

		must(frame.bytes.n <= FRAME_MAX && frame.number == ++count);
		if (frame.link_type != LINKTYPE_LOG)
			continue;
		must(record_read(frame.bytes, &record) == STATUS_OK);
		must(record.offset >= offset || sorted);
		must(frame.has_time || frame.time == 0);
		offset = record.offset;
		truncated += record.cut && record.kind == RECORD_MESSAGE;
		must(driver_frame(driver, &frame) == STATUS_OK);
	}
	must(source->next(source, &frame) == end);
	must(source->info.frames == count);
	must(source->info.truncated == truncated);
	must((source->info.passed > 0) == source->info.passed_first.set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t count = 0;
	struct message_sink sink = {.context = &count, .take = take};
	struct keyring *keys = keyring_new();
	struct driver *driver = keys ? driver_new(keys, &sink) : NULL;
	struct byte_source *bytes = NULL;
	struct source *source;
	struct fault fault;

	must(driver &&
	     bytes_open_memory(slice_of(data, size), &bytes) == STATUS_OK);
	if (source_open(bytes, NULL, &source, &fault) == STATUS_OK) {
		read_all(source, driver);
		source->close(source);
		driver_finish(driver);
	}
	driver_free(driver);
	keyring_free(keys);
	return 0;
}
