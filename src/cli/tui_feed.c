/* An analysis that somebody watches. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/events.h"
#include "cli/order.h"
#include "cli/timing.h"
#include "cli/tui_feed.h"

/* So many frames between two looks at the clock. */
#define FRAMES_AT_ONCE ((size_t)64)
/* So many verdicts of each thread between two: worth one, and done long before
 * a key must be answered. */
#define CALLS_AT_ONCE ((size_t)128)
/* Whoever looks at less would not see the difference; more is read from the
 * disk only once. */
#define SKIM_LEAST (UINT64_C(16) << 20)
#define SKIM_MOST (UINT64_C(4) << 30)
#define SCRATCH_MAX ((size_t)16 << 20)
/* Not more often than eyes can follow. */
#define TELL_EVERY (100 * NS_PER_MS)

/* ---- messages ---- */

/* Maybe in a thread of its own, behind what reads; it rests between slices. */
static void take(void *context, const struct message *message)
{
	struct tui_feed *f = context;

	stages_take(f->stages, message);
}

/* The journal wants the frame at hand. */
static void take_first(void *context, const struct message *message)
{
	struct tui_feed *f = context;

	journal_take(&f->journal, f->pipeline.frame, message);
}

/* Screens look at what is read, or at the list that was made before. */
static void show(struct tui_feed *f, struct model *model,
		 struct journal_writer *journal)
{
	f->shown = model;
	f->looked_up = journal;
	f->feed.model = model;
	f->feed.journal = &journal->journal;
	f->feed.numbering++;
	f->anew = true;
}

/* The list that skimming made is shown until more is known. */
static void keep_list(struct tui_feed *f)
{
	f->list = f->model;
	f->list_journal = f->journal;
	f->feed.listed = true;
	journal_writer_init(&f->journal);
	show(f, &f->list, &f->list_journal);
}

static void drop_list(struct tui_feed *f)
{
	if (!f->feed.listed)
		return;
	f->feed.listed = false;
	show(f, &f->model, &f->journal);
	model_free(&f->list);
	journal_writer_free(&f->list_journal);
}

/* All is told again, once more or the first time after skimming. */
static bool start_over(void *context)
{
	struct tui_feed *f = context;
	struct stages *fresh;

	f->feed.listing = false;
	if (f->pipeline.skim) {
		keep_list(f);
	} else {
		f->anew = true;
		f->feed.numbering++;
		model_free(&f->model);
		journal_writer_clear(&f->journal);
	}
	model_init(&f->model);
	order_expect_vantages(&f->pipeline, &f->model);
	fresh = stages_new(&f->model, f->pipeline.keys);
	if (!fresh) {
		f->model.out_of_memory = true;
		return false;
	}
	stages_free(f->stages);
	f->stages = fresh;
	return true;
}

/* ---- slices ---- */

static void note_end(struct tui_feed *f)
{
	pipeline_note_limits(&f->pipeline, &f->model);
	(void)pipeline_trouble(&f->pipeline, f->feed.trouble,
			       sizeof(f->feed.trouble));
	drop_list(f);
	f->feed.joined = true;
	f->feed.numbering++;
	f->feed.state = FEED_DONE;
	f->feed.percent = 100;
}

/* All is read: one step of the joins or some verdicts; true: that were all. */
static bool step_to_end(struct tui_feed *f)
{
	if (!f->is_joined) {
		if (!f->is_told && !events_tell(f->options, f->stages))
			f->model.out_of_memory = true;
		f->is_told = true;
		f->is_joined = !stages_finish_step(
			f->stages, driver_media(f->pipeline.driver));
		if (!f->is_joined)
			return false;
		driver_inventory(f->pipeline.driver, &f->model.inventory);
		order_note_vantages(&f->pipeline, &f->model);
		return false;
	}
	if (verdict_some(&f->model, &f->judged, CALLS_AT_ONCE,
			 (unsigned)pipeline_jobs(f->options)))
		return false;
	note_end(f);
	return true;
}

/* Of all files; -1: of one the size is not known. */
static int percent_of(const struct tui_feed *f, uint64_t read)
{
	int percent;

	if (f->size == UINT64_MAX)
		return -1;
	percent = f->size ? (int)(read * 100 / f->size) : 0;
	return percent < 99 ? percent : 99;
}

/* True: there is nothing left to be done. */
static bool read_on(struct tui_feed *f, nanoseconds end)
{
	struct pipeline_listener listener = {
		.context = f, .again = start_over, .orderly = true};

	do {
		if (f->is_read && step_to_end(f))
			return true;
		if (!f->is_read)
			f->is_read = pipeline_step(&f->pipeline, &listener,
						   FRAMES_AT_ONCE) != STATUS_OK;
	} while (timing_now() < end);
	if (!f->feed.listed)
		pipeline_settle(&f->pipeline);
	if (!f->is_read)
		f->feed.percent = percent_of(f, f->pipeline.bytes);
	return false;
}

static bool work(struct feed *feed, nanoseconds budget)
{
	struct tui_feed *f = tui_feed_of(feed);
	bool done;

	if (feed->state != FEED_READING || feed->paused)
		return false;
	done = read_on(f, timing_now() + budget);
	/* What is being joined has not changed yet, nor has the list. */
	if (done || f->anew ||
	    (!f->is_read && !feed->listed &&
	     timing_now() - f->told > TELL_EVERY)) {
		f->told = timing_now();
		f->anew = false;
		feed->generation++;
	}
	return true;
}

/* ---- bytes ---- */

static bool open_capture(struct tui_feed *f, uint32_t file)
{
	if (f->descriptor >= 0 && f->opened == file)
		return true;
	if (f->descriptor >= 0)
		close(f->descriptor);
	f->descriptor = open(capture_set_path(f->pipeline.set, file),
			     O_RDONLY | O_CLOEXEC);
	f->opened = file;
	return f->descriptor >= 0;
}

static bool bytes(struct feed *feed, const struct entry *e, struct text *to)
{
	struct tui_feed *f = tui_feed_of(feed);

	if (e->flags & ENTRY_SPILLED)
		return e->offset != UINT64_MAX && f->looked_up->spill &&
		       spill_get(f->looked_up->spill, e->offset, e->length, to);
	if (!open_capture(f, e->place.file) || !text_reserve(to, e->length))
		return false;
	if (pread(f->descriptor, to->p + to->n, e->length, (off_t)e->offset) !=
	    (ssize_t)e->length)
		return false;
	to->n += e->length;
	return true;
}

/* ---- settings ---- */

static bool keep(struct feed *feed, struct slice lines, struct text *why)
{
	struct tui_feed *f = tui_feed_of(feed);
	FILE *out = f->config ? fopen(f->config, "w") : NULL;
	bool fine;

	if (!out) {
		text_printf(why, "%s: %s", f->config ? f->config : "settings",
			    f->config ? strerror(errno) : "no home folder");
		return false;
	}
	fine = fwrite(lines.p, 1, lines.n, out) == lines.n;
	fine &= fclose(out) == 0;
	if (fine)
		text_printf(why, "written to %s", f->config);
	else
		text_printf(why, "%s: cannot write: %s", f->config,
			    strerror(errno));
	return fine;
}

/* ---- opening ---- */

static const char *const transports[] = {
	[TRANSPORT_UDP] = "udp",   [TRANSPORT_TCP] = "tcp",
	[TRANSPORT_TLS] = "tls",   [TRANSPORT_WS] = "ws",
	[TRANSPORT_WSS] = "wss",   [TRANSPORT_PSEUDO_TLS] = "pseudo-tls",
	[TRANSPORT_DTLS] = "dtls", [TRANSPORT_SCTP] = "sctp",
};

static void name_it(struct tui_feed *f)
{
	const struct options *o = f->options;
	const char *path = o->path_count ? o->paths[0] : "";
	const char *slash = strrchr(path, '/');

	if (slash && slash[1])
		path = slash + 1;
	if (o->path_count > 1)
		snprintf(f->name, sizeof(f->name), "%s and %zu more", path,
			 o->path_count - 1);
	else
		snprintf(f->name, sizeof(f->name), "%s", path);
}

void tui_feed_prepare(struct tui_feed *f, const struct options *options)
{
	*f = (struct tui_feed){.options = options,
			       .descriptor = -1,
			       .scratch = arena_new(SCRATCH_MAX)};
	f->sink = (struct message_sink){.context = f, .take = take};
	f->source = &f->pipeline;
	f->shown = &f->model;
	f->looked_up = &f->journal;
	journal_writer_init(&f->journal);
	name_it(f);
	f->feed = (struct feed){
		.context = f,
		.model = &f->model,
		.journal = &f->journal.journal,
		.state = FEED_READING,
		.show_secrets = options->show_secrets,
		.percent = 0,
		.name = f->name,
		.transports = transports,
		.work = work,
		.bytes = bytes,
		.fields = tui_fields,
		.label = tui_label,
		.method = tui_method,
		.save = tui_save,
		.keep = keep,
	};
}

void tui_feed_release(struct tui_feed *f)
{
	if (f->descriptor >= 0)
		close(f->descriptor);
	arena_free(&f->scratch);
	journal_writer_free(&f->journal);
}

/* Asked at once: later the set is another thread's. */
static uint64_t size_of(const struct capture_set *set)
{
	uint64_t size = 0;
	struct stat st;

	for (size_t i = 0; i < capture_set_count(set); i++) {
		if (stat(capture_set_path(set, i), &st) != 0 ||
		    !S_ISREG(st.st_mode))
			return UINT64_MAX;
		size += (uint64_t)st.st_size;
	}
	return size;
}

bool tui_feed_open(struct tui_feed *f, const struct options *options,
		   int *status)
{
	tui_feed_prepare(f, options);
	model_init(&f->model);
	*status = EXIT_USAGE;
	if (!events_check(options))
		return false;
	if (!pipeline_open(&f->pipeline, options, &f->sink, status))
		return false;
	f->pipeline.threads = true;
	f->pipeline.apart = true;
	f->pipeline.first =
		(struct message_sink){.context = f, .take = take_first};
	f->size = size_of(f->pipeline.set);
	f->feed.listing = f->size >= SKIM_LEAST && f->size <= SKIM_MOST;
	f->pipeline.skim = f->feed.listing;
	order_expect_vantages(&f->pipeline, &f->model);
	f->stages = stages_new(&f->model, f->pipeline.keys);
	*status = EXIT_LIMIT;
	return f->stages != NULL;
}

void tui_feed_close(struct tui_feed *f)
{
	drop_list(f);
	tui_feed_release(f);
	stages_free(f->stages);
	pipeline_close(&f->pipeline);
	model_free(&f->model);
}
