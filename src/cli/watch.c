/* From interfaces to a view of calls. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/sandbox.h"
#include "cli/tls_files.h"
#include "cli/watch.h"

#define REOPEN_EVERY NS_PER_S
#define FRAMES_AT_ONCE 64u

/* ---- messages ---- */

static void note_comments(struct watch *w, const struct findings *found)
{
	for (size_t i = 0;
	     found && i < found->count && w->comment_count < WATCH_COMMENTS_MAX;
	     i++)
		w->comments[w->comment_count++] =
			slice_of_text(found->list[i].rule->title);
}

static void take(void *context, const struct message *m)
{
	struct watch *w = context;

	w->news = true;
	stages_take(w->stages, m);
	retention_take(w->retention, m);
	if (w->ring)
		note_comments(w, m->findings);
	if (w->on_message)
		w->on_message(w->context, w->pipeline.frame, m);
}

static void take_frame(struct watch *w, struct frame *frame)
{
	w->comment_count = 0;
	w->frames++;
	w->pipeline.frame = frame;
	if (frame->time > w->newest)
		w->newest = frame->time;
	if (driver_frame(w->pipeline.driver, frame) != STATUS_OK)
		w->pipeline.out_of_memory = true;
	if (w->ring)
		(void)ring_put(w->ring, frame, w->comments, w->comment_count);
}

/* What is wrong with the capture that is followed; another may follow. */
static void say_fault(const struct watch *w)
{
	const char *path;
	const struct fault *fault = follow_fault(w->follow, &path);

	if (!w->options->quiet)
		fprintf(stderr, "mrascope: %s: %s\n", path, fault->text);
}

static enum status next_frame(struct watch *w, struct frame *frame)
{
	enum status status;

	if (!w->follow)
		return live_next(w->live, frame);
	status = follow_next(w->follow, frame);
	if (status == STATUS_OK)
		w->trouble = false;
	if (status == STATUS_BAD) {
		w->trouble = true;
		say_fault(w);
	}
	w->ended |= status == STATUS_END;
	return status;
}

struct live_counts watch_counts(struct watch *w)
{
	if (!w->follow)
		return live_counts(w->live);
	return (struct live_counts){.frames = w->frames,
				    .dropped = follow_dropped(w->follow)};
}

size_t watch_descriptors(const struct watch *w, int *out, size_t max)
{
	int fd;

	if (!w->follow)
		return live_descriptors(w->live, out, max);
	fd = follow_descriptor(w->follow);
	if (fd < 0 || max == 0)
		return 0;
	*out = fd;
	return 1;
}

bool watch_read(struct watch *w, nanoseconds budget)
{
	nanoseconds end = timing_now() + budget;
	bool any = false;

	if (w->live && timing_now() - w->reopened > REOPEN_EVERY) {
		w->reopened = timing_now();
		(void)live_reopen(w->live);
		w->counts = watch_counts(w);
	}
	if (watch_is_full(w))
		return true;
	do {
		struct frame frame;

		for (unsigned i = 0; i < FRAMES_AT_ONCE; i++) {
			if (next_frame(w, &frame) != STATUS_OK)
				return any;
			any = true;
			take_frame(w, &frame);
		}
	} while (timing_now() < end);
	return true;
}

/* ---- telling ---- */

void watch_say(struct watch *w, FILE *to)
{
	struct live_counts c = watch_counts(w);

	fprintf(to,
		"mrascope: %llu frames, %llu dropped by the kernel, %llu by "
		"the interface\n",
		(unsigned long long)c.frames, (unsigned long long)c.dropped,
		(unsigned long long)c.missing);
	if (retention_counts(w->retention).pushed)
		fprintf(to,
			"mrascope: %llu messages were forgotten for want of "
			"room\n",
			(unsigned long long)retention_counts(w->retention)
				.pushed);
	if (w->options->stats)
		timing_say(&w->looks, "looks at what is known", to);
}

/* ---- opening ---- */

static int complain(enum status status, const struct fault *fault)
{
	if (status != STATUS_NOT_MINE) {
		fprintf(stderr, "mrascope: %s%s\n",
			status == STATUS_BAD ? "--filter: " : "", fault->text);
		return status == STATUS_BAD ? EXIT_USAGE : EXIT_INPUT;
	}
	fprintf(stderr,
		"mrascope: you may not capture here: %s.\n"
		"Run it with sudo, or let all who may run the program capture "
		"with it:\n"
		"    sudo setcap cap_net_raw,cap_net_admin=eip "
		"\"$(command -v mrascope)\"\n"
		"For the members of a group only, before that:\n"
		"    sudo chgrp GROUP \"$(command -v mrascope)\"\n"
		"    sudo chmod 750 \"$(command -v mrascope)\"\n",
		fault->text);
	return EXIT_INPUT;
}

static void take_secrets(void *context, uint32_t kind, struct slice secrets)
{
	struct watch *w = context;

	if (kind == SECRETS_TLS_KEY_LOG)
		tls_files_embedded(driver_tls_secrets(w->pipeline.driver),
				   w->options->follow, secrets,
				   w->options->quiet);
}

static bool open_follow(struct watch *w, int *status)
{
	const struct options *o = w->options;
	struct fault fault;
	enum status opened =
		follow_open(o->follow, o->filter, &w->follow, &fault);

	if (opened == STATUS_OK) {
		follow_listen(w->follow, w, take_secrets);
		return true;
	}
	*status = opened == STATUS_BAD ? EXIT_USAGE : EXIT_INPUT;
	fprintf(stderr, "mrascope: %s: %s\n",
		opened == STATUS_BAD ? "--filter" : o->follow, fault.text);
	return false;
}

static bool open_live(struct watch *w, int *status)
{
	const struct options *o = w->options;
	struct live_options live = {
		.interfaces = o->interfaces,
		.count = o->interface_count,
		.filter = o->filter,
		.snaplen = (unsigned)o->snaplen,
		.buffer_mb = (unsigned)o->buffer_mb,
	};
	struct fault fault;
	enum status opened = live_open(&live, &w->live, &fault);

	if (opened == STATUS_OK)
		return true;
	*status = complain(opened, &fault);
	return false;
}

bool watch_open(struct watch *w, const struct options *options, int *status)
{
	*w = (struct watch){.options = options, .calls = options->limit};
	w->sink = (struct message_sink){.context = w, .take = take};
	if (!(options->follow ? open_follow(w, status) : open_live(w, status)))
		return false;
	*status = EXIT_USAGE;
	/* The next file of a ring may be for us alone to read. */
	if (!options->follow && !sandbox_become(options->user))
		return false;
	if (options->write) {
		w->ring = ring_open(options);
		if (!w->ring)
			return false;
	}
	if (!pipeline_open(&w->pipeline, options, &w->sink, status))
		return false;
	*status = EXIT_LIMIT;
	w->base = calloc(1, sizeof(*w->base));
	if (!w->base)
		return false;
	model_init(w->base);
	w->stages = stages_new(w->base, w->pipeline.keys);
	w->retention = watch_retention(w);
	return w->stages && w->retention;
}

void watch_close(struct watch *w)
{
	(void)ring_close(w->ring);
	live_close(w->live);
	follow_close(w->follow);
	watch_look_free(w);
	pipeline_close(&w->pipeline);
}
