/* Interfaces for the screens. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/live_feed.h"

static struct live_feed *live_feed_of(struct feed *feed)
{
	/* The tui_feed is the first member. */
	return (struct live_feed *)feed->context;
}

static void on_message(void *context, const struct frame *frame,
		       const struct message *m)
{
	struct live_feed *f = context;

	journal_take(&f->tui.journal, frame, m);
}

/* What is not told in any other way. */
static void note_unwritten(struct live_feed *f, const char *why)
{
	struct feed *feed = &f->tui.feed;

	snprintf(feed->status, sizeof(feed->status), "not written: %s", why);
	snprintf(feed->brief, sizeof(feed->brief), "not written");
}

static void note_status(struct live_feed *f)
{
	const struct live_counts *c = &f->watch.counts;
	const char *trouble = ring_trouble(f->watch.ring);
	/* Those that are gone come first. */
	unsigned lost = c->away ? c->away : c->down;
	const char *how = c->away ? "away" : "down";
	uint64_t pushed = retention_counts(f->watch.retention).pushed;
	const char *path;
	struct feed *feed = &f->tui.feed;
	int n = snprintf(feed->status, sizeof(feed->status),
			 "%llu frames, %llu dropped",
			 (unsigned long long)c->frames,
			 (unsigned long long)(c->dropped + c->missing));

	if (pushed && n > 0 && (size_t)n < sizeof(feed->status))
		n += snprintf(feed->status + n,
			      sizeof(feed->status) - (size_t)n,
			      ", %llu messages pushed out",
			      (unsigned long long)pushed);
	if (f->watch.trouble && n > 0 && (size_t)n < sizeof(feed->status))
		snprintf(feed->status + n, sizeof(feed->status) - (size_t)n,
			 ", %.50s", follow_fault(f->watch.follow, &path)->text);
	if (lost && n > 0 && (size_t)n < sizeof(feed->status))
		snprintf(feed->status + n, sizeof(feed->status) - (size_t)n,
			 ", %u interface%s %s", lost, lost == 1 ? "" : "s",
			 how);
	if (lost)
		snprintf(feed->brief, sizeof(feed->brief), "%u %s", lost, how);
	else
		snprintf(feed->brief, sizeof(feed->brief), "%llu dropped",
			 (unsigned long long)(c->dropped + c->missing));
	if (trouble)
		note_unwritten(f, trouble);
}

/* All was read: the last look follows. */
static void end_reading(struct live_feed *f)
{
	watch_finish(&f->watch);
	watch_want_look(&f->watch);
	f->is_read = true;
}

/* There is a new view. */
static void show(struct live_feed *f)
{
	struct feed *feed = &f->tui.feed;

	(void)journal_writer_trim(&f->tui.journal);
	feed->model = &f->watch.view;
	feed->joined = true;
	feed->numbering++;
	feed->generation++;
	/* That was the one that was wanted then. */
	if (f->is_read && !f->watch.wanted)
		feed->state = FEED_DONE;
	note_status(f);
}

static bool work(struct feed *feed, nanoseconds budget)
{
	struct live_feed *f = live_feed_of(feed);
	bool busy = !f->is_read && watch_read(&f->watch, budget);

	if (f->watch.ended && !f->is_read)
		end_reading(f);
	/* That an interface is gone is told also where nothing comes. */
	if (f->away != f->watch.counts.away ||
	    f->down != f->watch.counts.down) {
		f->away = f->watch.counts.away;
		f->down = f->watch.counts.down;
		note_status(f);
		feed->generation++;
	}
	if (f->tui.journal.spill)
		busy |= spill_tidy(f->tui.journal.spill);
	if (feed->paused)
		watch_squeeze(&f->watch, budget);
	else if (watch_look(&f->watch, budget))
		show(f);
	return busy || (!feed->paused && watch_is_looking(&f->watch));
}

static void finish(struct tui_feed *tui)
{
	struct live_feed *f = live_feed_of(&tui->feed);

	watch_finish(&f->watch);
	if (watch_look_now(&f->watch))
		show(f);
}

static void reopen(struct tui_feed *tui)
{
	watch_reopen(&live_feed_of(&tui->feed)->watch);
}

static void clear(struct feed *feed)
{
	struct live_feed *f = live_feed_of(feed);

	if (!watch_clear(&f->watch))
		return;
	journal_writer_clear(&f->tui.journal);
	feed->numbering++;
	feed->generation++;
}

static void limit(struct feed *feed, unsigned calls)
{
	watch_limit(&live_feed_of(feed)->watch, calls);
}

static void name_it(struct live_feed *f, const struct options *o)
{
	const char *slash = o->follow ? strrchr(o->follow, '/') : NULL;
	const char *name = o->follow;

	if (!name)
		name = o->interfaces[0];
	else if (strcmp(name, "-") == 0)
		name = "standard input";
	else if (slash && slash[1])
		name = slash + 1;
	snprintf(f->tui.name, sizeof(f->tui.name), "%s%s", name,
		 o->interface_count > 1 ? " and more"
		 : o->path_count        ? " and files"
					: "");
}

bool live_feed_open(struct live_feed *f, const struct options *options,
		    int *status)
{
	if (!watch_open(&f->watch, options, status))
		return false;
	tui_feed_prepare(&f->tui, options);
	f->watch.context = f;
	f->watch.on_message = on_message;
	f->tui.journal.live = true;
	f->tui.source = &f->watch.pipeline;
	f->tui.shown = &f->watch.view;
	/* An empty view to begin with. */
	*status = EXIT_LIMIT;
	if (!watch_look_now(&f->watch))
		return false;
	f->tui.feed.context = f;
	f->tui.feed.model = &f->watch.view;
	f->tui.feed.joined = true;
	f->tui.feed.state = FEED_LIVE;
	f->tui.feed.work = work;
	f->tui.feed.clear = clear;
	f->tui.feed.limit = limit;
	f->tui.reopen = reopen;
	f->tui.finish = finish;
	name_it(f, options);
	note_status(f);
	return true;
}

void live_feed_close(struct live_feed *f)
{
	tui_feed_release(&f->tui);
	watch_close(&f->watch);
}
