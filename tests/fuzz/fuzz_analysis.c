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

static void analyze(struct driver *driver, struct stages *stages,
		    struct model *model, struct slice in)
{
	struct report_options options = {.color = true};
	struct text text = text_new((size_t)16 << 20);

	driver_learn(driver, true);
	read_frames(driver, in);
	driver_learn(driver, false);
	driver_restart(driver);
	read_frames(driver, in);
	stages_finish(stages, driver_media(driver));
	verdict_all(model, 1);
	report_text(model, &options, &text);
	if (text.failed != STATUS_OK)
		abort();
	text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyring *keys = keyring_new();
	struct model model;
	struct stages *stages;
	struct message_sink sink = {.take = stages_take};
	struct driver *driver;

	model_init(&model);
	stages = stages_new(&model, keys);
	sink.context = stages;
	driver = driver_new(keys, &sink);
	if (!keys || !stages || !driver)
		abort();
	keyring_add_credential(keys, SLICE("alice"), SLICE("lab.example"),
			       SLICE("wonderland"));
	analyze(driver, stages, &model, slice_of(data, size));
	driver_free(driver);
	stages_free(stages);
	model_free(&model);
	keyring_free(keys);
	return 0;
}
