/* mrascope live: events of calls, and ring files, without a screen. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/live_events.h"
#include "cli/sandbox.h"
#include "cli/signals.h"
#include "cli/watch.h"

#define READ_TIME (50 * NS_PER_MS)
#define WAIT_MS 100
/* Some things end because nothing comes: that costs a walk through all. */
#define TELL_EVERY (5 * NS_PER_S)

struct live_command {
	struct watch watch;
	struct events events;
	nanoseconds told; /* by the clock of this machine */
	bool unheard;
};

static void tell_news(struct live_command *c)
{
	c->told = timing_now();
	events_tell_news(&c->events, &c->watch.view, watch_now(&c->watch));
}

/* ---- the loop ---- */

/* Or until nobody reads the events any more, which a pipe tells at once. */
static void wait_for_frames(struct live_command *c)
{
	struct pollfd polls[LIVE_INTERFACES_MAX + 1];
	int descriptors[LIVE_INTERFACES_MAX];
	size_t n =
		watch_descriptors(&c->watch, descriptors, LIVE_INTERFACES_MAX);

	for (size_t i = 0; i < n; i++)
		polls[i] = (struct pollfd){descriptors[i], POLLIN, 0};
	polls[n] = (struct pollfd){fileno(c->events.out), 0, 0};
	if (poll(polls, (nfds_t)n + 1, WAIT_MS) > 0)
		c->unheard = polls[n].revents != 0;
}

static void run(struct live_command *c)
{
	enum told told = TOLD_NOTHING;
	sigset_t held;

	signals_hold(&held);
	signal(SIGPIPE, SIG_IGN);
	while (!c->events.failed && !c->unheard && !c->watch.ended &&
	       told != TOLD_END) {
		if (!watch_read(&c->watch, READ_TIME) && !c->watch.ended &&
		    !watch_is_looking(&c->watch))
			wait_for_frames(c);
		if (watch_look(&c->watch, READ_TIME) ||
		    (c->watch.has_view && timing_now() - c->told > TELL_EVERY))
			tell_news(c);
		told = signals_told(&held);
		if (told == TOLD_REOPEN)
			watch_reopen(&c->watch);
	}
	/* What was under way is told as it stands. */
	watch_finish(&c->watch);
	if (watch_look_now(&c->watch))
		tell_news(c);
}

static void say_statistics(struct live_command *c)
{
	const struct options *o = c->watch.options;

	if (!o->quiet || o->stats)
		watch_say(&c->watch, stderr);
	if (o->stats)
		timing_say_usage(stderr);
}

static bool is_usable(const struct options *o)
{
	const char *why = NULL;

	if (o->interface_count == 0 && !o->follow)
		why = "live needs an interface: -i IFACE, or -i any; or a "
		      "capture that grows: --follow FILE";
	else if (o->interface_count && o->follow)
		why = "live: either -i IFACE or --follow FILE";
	else if (o->path_count)
		why = "live reads no files that are finished: see mrascope "
		      "analyze; --follow FILE reads one that grows";
	if (why)
		fprintf(stderr, "mrascope: %s\n", why);
	return !why;
}

static int write_events(struct live_command *c, FILE *out)
{
	const struct options *o = c->watch.options;
	int status;

	events_open(&c->events, out, o->show_secrets);
	run(c);
	say_statistics(c);
	status = c->events.failed && !c->unheard && errno != EPIPE ? EXIT_INPUT
								   : EXIT_FINE;
	/* What is followed is damaged, or its writer went inside a frame. */
	if ((ring_trouble(c->watch.ring) || c->watch.trouble) &&
	    status == EXIT_FINE)
		status = EXIT_INPUT;
	if (!c->unheard && !pipeline_output_close(o, out) &&
	    status == EXIT_FINE && !c->events.failed)
		status = EXIT_INPUT;
	events_close(&c->events);
	return status;
}

int command_live(const struct options *options)
{
	struct live_command *c = calloc(1, sizeof(*c));
	int status = EXIT_USAGE;
	FILE *out;

	if (!c)
		return EXIT_LIMIT;
	if (is_usable(options) && watch_open(&c->watch, options, &status) &&
	    (out = pipeline_output(options)) != NULL &&
	    (options->no_sandbox || sandbox_close(hep_send_connects(options))))
		status = write_events(c, out);
	watch_close(&c->watch);
	free(c);
	return status;
}
