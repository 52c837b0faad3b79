/* From interfaces to a view of calls. */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/sandbox.h"
#include "cli/tls_files.h"
#include "cli/watch.h"

#define REOPEN_EVERY NS_PER_S
#define FRAMES_AT_ONCE 64u
#define KEYS_EVERY (50 * NS_PER_MS)
/* What came before the end stands in the kernel for so long at most: two turns
 * of the clock that hands blocks over, which ticks coarsely and late where much
 * is to be done; and so long is read of it. */
#define REST_MS 150
#define REST_READ (2 * NS_PER_S)

/* ---- messages ---- */

static void note_comments(struct watch *w, const struct findings *found)
{
	for (size_t i = 0;
	     found && i < found->count && w->comment_count < WATCH_COMMENTS_MAX;
	     i++)
		w->comments[w->comment_count++] =
			slice_of_text(found->list[i].rule->title);
}

/* That a message came in, when that is long gone. */
static struct frame frame_of(const struct message *m)
{
	return (struct frame){.number = m->from.frame,
			      .file = m->from.file,
			      .time = m->from.time,
			      .has_time = true,
			      .offset = FRAME_NOWHERE,
			      .link_type = LINKTYPE_RAW};
}

static void take(void *context, const struct message *m)
{
	struct watch *w = context;
	const struct frame *frame = w->pipeline.frame;
	struct frame was;

	if (!frame) {
		was = frame_of(m);
		frame = &was;
	}
	w->news = true;
	stages_take(w->stages, m);
	retention_take(w->retention, m);
	/* What was heard on an interface may be what we have sent. */
	if (w->hep && (!m->from.exported ||
		       frame->link_type == LINKTYPE_WIRESHARK_UPPER_PDU))
		hep_send(w->hep, m);
	if (w->ring && !w->files)
		note_comments(w, m->findings);
	if (w->on_message)
		w->on_message(w->context, frame, m);
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
	if (w->ring && !w->files)
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

static void take_secrets(void *context, uint32_t kind, struct slice secrets)
{
	struct watch *w = context;

	if (kind != SECRETS_TLS_KEY_LOG)
		return;
	tls_files_embedded(driver_tls_secrets(w->pipeline.driver),
			   w->files ? "a capture" : w->options->follow, secrets,
			   w->options->quiet);
	/* More may follow, for connections that have begun. */
	w->pipeline.frame = NULL;
	driver_await_secrets(w->pipeline.driver);
	driver_take_secrets(w->pipeline.driver);
}

/* ---- captures that were finished before ---- */

/* What could not be read of them is known at their end. */
static void end_files(struct watch *w)
{
	struct capture_set *set = w->pipeline.set;

	w->files = false;
	for (size_t i = 0; i < capture_set_count(set); i++) {
		const struct capture_file *file = capture_set_file(set, i);
		const struct fault *fault =
			file->fault.set ? &file->fault : &file->info.damage;

		if (fault->set)
			fprintf(stderr, "mrascope: %s: %s\n", file->path,
				fault->text);
	}
}

/* As if it came over interfaces of their own: it is kept with its bytes. */
static bool next_of_files(struct watch *w, struct frame *frame)
{
	if (!w->files)
		return false;
	if (w->from_files == 0)
		*frame = w->first;
	else if (capture_set_next(w->pipeline.set, frame) != STATUS_OK) {
		end_files(w);
		return false;
	}
	frame->number = ++w->from_files;
	frame->file = 0;
	frame->offset = FRAME_NOWHERE;
	frame->window = NULL;
	frame->vantage += LIVE_INTERFACES_MAX;
	return true;
}

static void take_file_secrets(void *context, uint32_t file, uint32_t kind,
			      struct slice secrets)
{
	(void)file;
	take_secrets(context, kind, secrets);
}

/* Files are opened for the first frame, while rights last.  False: one of them
 * cannot be, or is no capture. */
static bool open_files(struct watch *w)
{
	struct capture_listener listener = {.context = w,
					    .on_secrets = take_file_secrets};
	struct capture_set *set = w->pipeline.set;
	bool fine = true, any;

	if (!w->live || !w->options->path_count)
		return true;
	capture_set_listen(set, &listener);
	any = capture_set_next(set, &w->first) == STATUS_OK;
	w->files = any;
	for (size_t i = 0; i < capture_set_count(set); i++)
		fine &= !capture_set_file(set, i)->fault.set;
	if (!fine || !any)
		end_files(w);
	return fine;
}

static enum status next_frame(struct watch *w, struct frame *frame)
{
	enum status status;

	if (next_of_files(w, frame))
		return STATUS_OK;
	if (!w->follow) {
		status = live_next(w->live, frame);
		frame->number += w->from_files;
		return status;
	}
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

/* Keys that came, and what was held for them. */
static void take_keys(struct watch *w)
{
	struct driver *d = w->pipeline.driver;

	w->keys_read = timing_now();
	w->pipeline.frame = NULL;
	w->comment_count = 0;
	if (key_watch_read(w->key_logs, driver_tls_secrets(d)))
		driver_take_secrets(d);
}

void watch_reopen(struct watch *w)
{
	if (w->ring)
		ring_reopen(w->ring);
}

nanoseconds watch_now(const struct watch *w)
{
	struct timespec ts;
	nanoseconds now;

	if (w->follow || clock_gettime(CLOCK_REALTIME, &ts) != 0)
		return w->newest;
	now = (nanoseconds)ts.tv_sec * NS_PER_S + ts.tv_nsec;
	return now > w->newest ? now : w->newest;
}

/* Up to the first frame that came later.  That nothing comes counts only from
 * a look that was begun late enough: somebody else may have had the processor
 * meanwhile. */
static void read_rest(struct watch *w)
{
	nanoseconds asked = watch_now(w), begun = timing_now(), passed;
	bool any;

	do {
		passed = timing_now() - begun;
		any = watch_read(w, NS_PER_MS);
		if (!any)
			(void)poll(NULL, 0, 1);
	} while (w->newest <= asked &&
		 (any ? passed < REST_READ : passed < REST_MS * NS_PER_MS));
}

void watch_finish(struct watch *w)
{
	watch_let_grow(w);
	if (w->live)
		read_rest(w);
	if (w->key_logs)
		take_keys(w);
	driver_finish(w->pipeline.driver);
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
	if (w->hep)
		hep_sender_push(w->hep);
	if (watch_is_full(w))
		return true;
	if (w->key_logs && timing_now() - w->keys_read > KEYS_EVERY)
		take_keys(w);
	do {
		struct frame frame;

		for (unsigned i = 0; i < FRAMES_AT_ONCE; i++) {
			if (next_frame(w, &frame) != STATUS_OK)
				return any;
			any = true;
			take_frame(w, &frame);
		}
	} while (timing_now() < end && !watch_is_full(w));
	return true;
}

/* ---- telling ---- */

/* What grows with time, if anything does. */
static void say_held(const struct watch *w, FILE *to)
{
	struct retention_counts kept = retention_counts(w->retention);

	fprintf(to,
		"mrascope: kept at the end: %llu messages, %llu bytes; %zu "
		"flows and media streams; %zu calls and %zu registrations\n",
		(unsigned long long)kept.messages,
		(unsigned long long)kept.bytes, driver_held(w->pipeline.driver),
		w->view.calls.count, w->view.registrations.count);
}

void watch_say(struct watch *w, FILE *to)
{
	struct live_counts c = watch_counts(w);
	struct driver_limits limits = driver_limits(w->pipeline.driver);

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
	if (w->key_logs)
		fprintf(to,
			"mrascope: %llu TLS connections were read, %llu stay "
			"unread for want of a key\n",
			(unsigned long long)limits.tls_read,
			(unsigned long long)(limits.tls_without_key +
					     limits.dtls_without_key +
					     limits.ssl3 + limits.dtls13));
	if (!w->options->stats)
		return;
	timing_say(&w->looks, "looks at what is known", to);
	say_held(w, to);
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
		.hep_key = o->hep_listen_key,
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
	/* Keys and passwords may be for root alone to read. */
	w->key_logs = key_watch_open(options);
	if (!pipeline_open(&w->pipeline, options, &w->sink, status))
		return false;
	*status = EXIT_INPUT;
	if (!open_files(w))
		return false;
	*status = EXIT_USAGE;
	/* The next file of a ring may be for us alone to read. */
	if (!options->follow && !sandbox_become(options->user))
		return false;
	if (options->hep_send) {
		w->hep = hep_sender_open(options);
		if (!w->hep)
			return false;
	}
	if (options->write) {
		w->ring = ring_open(options);
		if (!w->ring)
			return false;
	}
	if (w->key_logs)
		driver_await_secrets(w->pipeline.driver);
	driver_mend_order(w->pipeline.driver);
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
	hep_sender_close(w->hep);
	live_close(w->live);
	follow_close(w->follow);
	key_watch_close(w->key_logs);
	watch_look_free(w);
	pipeline_close(&w->pipeline);
}
