/* The whole way: capture bytes to report, twice as for a file. */
#include "config.h"

#include <stdlib.h>

#include "capture/source.h"
#include "core/clock.h"
#include "flow/driver.h"
#include "flow/stages.h"
#include "net/tls_keylog.h"
#include "report/report_text.h"
#include "validate/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_secrets(void *context, uint32_t kind, struct slice secrets)
{
	struct keylog_report report;

	if (kind == SECRETS_TLS_KEY_LOG &&
	    keylog_read(secrets, driver_tls_secrets(context), &report) !=
		    STATUS_OK)
		abort();
}

static void read_frames(struct driver *driver, struct slice in)
{
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;

	if (bytes_open_memory(in, &bytes) != STATUS_OK)
		abort();
	if (source_open(bytes, NULL, &source, &fault) != STATUS_OK)
		return;
	source->context = driver;
	source->on_secrets = take_secrets;
	while (source->next(source, &frame) == STATUS_OK) {
		/* As a set of captures does. */
		frame.time = clock_bounded(frame.time);
		if (driver_frame(driver, &frame) != STATUS_OK)
			abort();
	}
	source->close(source);
	driver_finish(driver);
}

struct reading {
	struct keyring *keys;
	struct model model;
	struct stages *stages;
};

static void take(void *context, const struct message *m)
{
	struct reading *r = context;

	stages_take(r->stages, m);
}

static void begin(struct reading *r)
{
	model_init(&r->model);
	r->stages = stages_new(&r->model, r->keys);
	if (!r->stages)
		abort();
}

static void drop(struct reading *r)
{
	stages_free(r->stages);
	model_free(&r->model);
}

static void analyze(struct driver *driver, struct reading *r, struct slice in)
{
	struct report_options options = {.color = true};
	struct text text = text_new((size_t)16 << 20);

	read_frames(driver, in);
	if (driver_late(driver)) {
		drop(r);
		begin(r);
		driver_restart(driver);
		read_frames(driver, in);
	}
	stages_finish(r->stages, driver_media(driver));
	verdict_all(&r->model, 1);
	report_text(&r->model, &options, &text);
	if (text.failed != STATUS_OK)
		abort();
	text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading r = {.keys = keyring_new()};
	struct message_sink sink = {&r, take};
	struct driver *driver = driver_new(r.keys, &sink);

	if (!r.keys || !driver)
		abort();
	begin(&r);
	keyring_add_credential(r.keys, SLICE("alice"), SLICE("lab.example"),
			       SLICE("wonderland"));
	analyze(driver, &r, slice_of(data, size));
	driver_free(driver);
	drop(&r);
	keyring_free(r.keys);
	return 0;
}
