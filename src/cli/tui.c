/* mrascope tui: the screens, in a terminal or as one picture. */
#include "config.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/live_feed.h"
#include "cli/sandbox.h"
#include "cli/signals.h"
#include "cli/tui_config.h"
#include "cli/tui_duties.h"
#include "cli/tui_feed.h"
#include "ui/app.h"
#include "ui/term.h"

/* Of work, between two looks for keys. */
#define SLICE_TIME (4 * NS_PER_MS)
#define KEYS_AT_ONCE 256
/* Nothing came: so long until the next look. */
#define IDLE_MS 50

/* ---- a picture ---- */

static bool read_size(const char *text, int *width, int *height)
{
	struct slice rest = slice_of_text(text);
	uint64_t w, h;

	if (slice_number(slice_split(&rest, 'x'), CANVAS_SIDE_MAX, &w) !=
		    STATUS_OK ||
	    slice_number(rest, CANVAS_SIDE_MAX, &h) != STATUS_OK || !w || !h)
		return false;
	*width = (int)w;
	*height = (int)h;
	return true;
}

/* As if somebody had waited. */
static void settle(struct app *app)
{
	while (app_work(app))
		;
}

/* "Enter Down F6": names of keys; "'some text" types it. */
static bool press(struct app *app, const char *keys, struct canvas *c)
{
	struct slice rest = slice_of_text(keys);

	while (rest.n) {
		struct slice name = slice_split(&rest, ' ');
		int key = key_of_name(name);

		if (name.n > 1 && name.p[0] == '\'') {
			for (size_t i = 1; i < name.n; i++)
				app_key(app,
					name.p[i] == '_' ? ' ' : name.p[i]);
			continue;
		}
		if (name.n == 0)
			continue;
		if (key == KEY_NOTHING) {
			fprintf(stderr, "mrascope: --keys: %.*s is no key\n",
				(int)name.n, (const char *)name.p);
			return false;
		}
		settle(app);
		app_draw(app, c);
		app_key(app, key);
	}
	settle(app);
	return true;
}

static int picture(struct app *app, const struct options *options)
{
	struct canvas c = {0};
	struct text text = text_new((size_t)1 << 24);
	int width, height, status = EXIT_USAGE;

	if (!read_size(options->screen, &width, &height)) {
		fprintf(stderr, "mrascope: --screen: not WIDTHxHEIGHT\n");
		return status;
	}
	c.ascii = app->settings.values[SETTING_ASCII] == THREE_ON;
	if (canvas_resize(&c, width, height) != STATUS_OK)
		return EXIT_LIMIT;
	while (app->feed->state == FEED_READING) {
		(void)app->feed->work(app->feed, NS_PER_S);
		app_refresh(app);
	}
	settle(app);
	app_draw(app, &c);
	if (press(app, options->keys ? options->keys : "", &c)) {
		app_draw(app, &c);
		canvas_text(&c, &text);
		fwrite(text.p, 1, text.n, stdout);
		status = EXIT_FINE;
	}
	text_free(&text);
	canvas_free(&c);
	return status;
}

/* ---- a terminal ---- */

/* Signals that end the program are asked for, so that the terminal is given
 * back whatever comes. */
static bool was_told_to_end(struct app *app, const sigset_t *held)
{
	struct tui_feed *f = tui_feed_of(app->feed);
	enum told told = signals_told(held);

	if (told == TOLD_REOPEN && f->reopen)
		f->reopen(f);
	return told == TOLD_END;
}

/* False: there was none. */
static bool take_keys(struct app *app, struct term *term)
{
	int theme = app->settings.values[SETTING_THEME];
	int ascii = app->settings.values[SETTING_ASCII];
	int mouse = app->settings.values[SETTING_MOUSE];
	bool any = false;

	for (int i = 0; i < KEYS_AT_ONCE && !app->quit; i++) {
		int x = 0, y = 0, key = term_key(term, &x, &y);

		if (key == KEY_NOTHING)
			break;
		any = true;
		if (key == KEY_SIZE)
			app->dirty = true;
		else if (key == KEY_CLICK || key == KEY_DOUBLE_CLICK)
			app_click(app, x, y, key == KEY_DOUBLE_CLICK);
		else if (key != KEY_UNKNOWN)
			app_key(app, key);
	}
	if (theme != app->settings.values[SETTING_THEME] ||
	    ascii != app->settings.values[SETTING_ASCII] ||
	    mouse != app->settings.values[SETTING_MOUSE])
		term_configure(term, &app->settings);
	return any;
}

/* How fast the screens are. */
struct speed {
	struct timing redraws;
	struct timing answers; /* from a key to what it shows */
	struct timing slices;  /* of work between two looks for keys */
};

static bool show(struct app *app, struct term *term, struct canvas *c,
		 struct speed *speed)
{
	nanoseconds begun = timing_now();

	if (term_fit(term, c) != STATUS_OK)
		return false;
	app_draw(app, c);
	term_show(term, c);
	timing_add(&speed->redraws, timing_now() - begun);
	return true;
}

/* A slice of work of the feed, and one of the screen; false: all is done. */
static bool work(struct app *app)
{
	bool busy = app->feed->work(app->feed, SLICE_TIME), more = true;
	nanoseconds end;

	/* At once: what screens remember of rows is of the old ones. */
	app_refresh(app);
	end = timing_now() + SLICE_TIME;
	while (more && timing_now() < end)
		more = app_work(app);
	return busy || more;
}

/* As soon as all is read. */
static void do_duties(struct app *app, struct tui_duties *d)
{
	struct text said = text_new(4096);

	if (tui_duties_do(d, app, &said))
		app_say(app, "%.*s", (int)said.n, said.p ? said.p : "");
	else
		app_complain(app, "%.*s", (int)said.n, said.p ? said.p : "");
	text_free(&said);
}

static void loop(struct app *app, struct term *term, struct speed *speed,
		 struct tui_duties *d)
{
	struct canvas c = {0};
	sigset_t ending;
	bool busy = true, alive = true;
	nanoseconds looked = timing_now();

	signals_hold(&ending);
	app->dirty = true;
	while (!app->quit && alive && !was_told_to_end(app, &ending)) {
		bool pressed;

		alive = term_wait(term, busy || app->dirty ? 0 : 250);
		/* It may have been there since the last time. */
		if (!busy)
			looked = timing_now();
		pressed = take_keys(app, term);
		if (app->dirty)
			alive &= show(app, term, &c, speed);
		if (pressed)
			timing_add(&speed->answers, timing_now() - looked);
		looked = timing_now();
		busy = work(app);
		timing_add(&speed->slices, timing_now() - looked);
		if (d->any && !d->done && app->feed->state == FEED_DONE)
			do_duties(app, d);
	}
	canvas_free(&c);
}

static void say_speed(const struct speed *speed)
{
	timing_say(&speed->redraws, "redraws", stderr);
	timing_say(&speed->answers, "answers to keys", stderr);
	timing_say(&speed->slices, "slices of work", stderr);
}

/* What is said while there are screens would stand across them: it is said when
 * they are gone. */
struct held_errors {
	FILE *file; /* NULL: they go elsewhere */
	int own;
};

static struct held_errors hold_errors(void)
{
	struct held_errors h = {.file = isatty(STDERR_FILENO) ? tmpfile()
							      : NULL};

	if (!h.file)
		return h;
	h.own = dup(STDERR_FILENO);
	if (h.own < 0 || dup2(fileno(h.file), STDERR_FILENO) < 0) {
		if (h.own >= 0)
			close(h.own);
		fclose(h.file);
		h.file = NULL;
	}
	return h;
}

static void tell_errors(struct held_errors *h)
{
	char part[512];
	size_t n;

	if (!h->file)
		return;
	(void)dup2(h->own, STDERR_FILENO);
	close(h->own);
	rewind(h->file);
	while ((n = fread(part, 1, sizeof(part), h->file)) > 0)
		fwrite(part, 1, n, stderr);
	fclose(h->file);
}

static int terminal(struct app *app, const struct options *options,
		    struct tui_duties *d)
{
	const char *why;
	struct held_errors errors;
	struct term *term = term_open(&app->settings, &why);
	struct speed speed = {.redraws = {.count = 0}};

	if (!term) {
		fprintf(stderr, "mrascope: %s\n", why);
		return EXIT_USAGE;
	}
	if (app->feed->state == FEED_LIVE && !options->no_sandbox &&
	    !sandbox_close(hep_send_connects(options))) {
		term_close(term);
		return EXIT_USAGE;
	}
	errors = hold_errors();
	loop(app, term, &speed, d);
	term_close(term);
	tell_errors(&errors);
	if (options->stats)
		say_speed(&speed);
	return EXIT_FINE;
}

/* ---- without screens, and behind them ---- */

/* False: somebody wants it to end. */
static bool read_to_end(struct app *app, const sigset_t *ending)
{
	while (app->feed->state != FEED_DONE) {
		if (was_told_to_end(app, ending))
			return false;
		if (!work(app))
			(void)poll(NULL, 0, IDLE_MS);
	}
	return true;
}

/* What was not done while there were screens; live that ends them. */
static int end_duties(struct app *app, struct tui_feed *f, struct tui_duties *d)
{
	struct text said = text_new(4096);
	sigset_t ending;
	bool fine = true;

	signals_hold(&ending);
	if (f->finish && app->feed->state != FEED_DONE)
		f->finish(f);
	else if (!read_to_end(app, &ending))
		fputs("mrascope: not all was read\n", stderr);
	app_refresh(app);
	fine = tui_duties_do(d, app, &said);
	if (said.n && (!fine || !d->options->quiet))
		fprintf(stderr, "mrascope: %.*s\n", (int)said.n,
			said.p ? said.p : "");
	text_free(&said);
	return fine ? EXIT_FINE : EXIT_INPUT;
}

static int batch(struct app *app, struct tui_feed *f, struct tui_duties *d)
{
	sigset_t ending;
	int status;

	if (app->feed->state == FEED_LIVE && !d->options->no_sandbox &&
	    !sandbox_close(hep_send_connects(d->options)))
		return EXIT_USAGE;
	signals_hold(&ending);
	if (f->finish)
		(void)read_to_end(app, &ending);
	status = end_duties(app, f, d);
	if (!d->options->quiet)
		printf("Dialog count: %zu\n", d->listed);
	return status;
}

/* ---- all of it ---- */

static void dump(const struct settings *settings, bool secrets)
{
	struct text lines = text_new((size_t)1 << 16);

	settings_write(settings, secrets, &lines);
	fwrite(lines.p, 1, lines.n, stdout);
	text_free(&lines);
}

/* What the command line says of the list, or else the settings. */
static bool apply_options(struct app *app, const struct options *o, int *status)
{
	const char *payload = app->settings.texts[TEXT_MATCH];
	struct listing_match match = {o->match ? o->match : payload,
				      o->match ? o->ignore_case : true,
				      o->invert_match};
	const char *methods = app->settings.texts[TEXT_METHODS];
	char why[FILTER_WHY_MAX];

	if (o->calls_only || app->settings.values[SETTING_CALLS_ONLY])
		calls_only(app, METHOD_INVITE);
	else if (methods[0])
		calls_only_named(app, slice_of_text(methods));
	if (calls_match(app, &match, why))
		return true;
	fprintf(stderr, "mrascope: %s: %s\n",
		o->match ? "--match" : "filter.payload", why);
	*status = EXIT_USAGE;
	return false;
}

static bool is_batch(const struct options *o)
{
	return o->screen && strcmp(o->screen, "none") == 0;
}

static int show_all(struct app *app, struct tui_feed *f, struct tui_duties *d)
{
	const struct options *o = d->options;
	int status;

	if (is_batch(o))
		return batch(app, f, d);
	if (o->screen)
		return picture(app, o);
	status = terminal(app, o, d);
	return status == EXIT_FINE && d->any && !d->done ? end_duties(app, f, d)
							 : status;
}

/* Shows a feed until the user has enough of it; returns an exit status. */
static int show_feed(struct tui_feed *f, const struct options *options,
		     const struct settings *settings)
{
	struct app *app = calloc(1, sizeof(*app));
	struct tui_duties duties;
	int status = EXIT_LIMIT;

	if (!app)
		return EXIT_LIMIT;
	app->settings = *settings;
	if (f->feed.limit && !options->limit)
		f->feed.limit(&f->feed,
			      (unsigned)app->settings.values[SETTING_LIMIT]);
	if (options->color == COLOR_NEVER)
		app->settings.values[SETTING_THEME] = THEME_MONO;
	if (!tui_duties_open(&duties, options, f->finish != NULL))
		status = EXIT_USAGE;
	else if (app_open(app, &f->feed) &&
		 apply_options(app, options, &status))
		status = show_all(app, f, &duties);
	tui_duties_close(&duties);
	app_close(app);
	free(app);
	return status;
}

static bool has_finding(const struct model *m, enum severity at_least)
{
	const struct note *notes = m->notes.rows;

	for (size_t i = 0; i < m->notes.count; i++)
		if (note_severity(&notes[i]) >= at_least)
			return true;
	return false;
}

static int run_live(const struct options *options,
		    const struct settings *settings, char *config)
{
	struct live_feed *f = calloc(1, sizeof(*f));
	int status = EXIT_LIMIT;

	if (!f)
		return EXIT_LIMIT;
	if (live_feed_open(f, options, &status)) {
		f->tui.config = config;
		status = show_feed(&f->tui, options, settings);
		f->tui.config = NULL;
		if (options->stats)
			watch_say(&f->watch, stderr);
	}
	if (options->stats)
		timing_say_usage(stderr);
	live_feed_close(f);
	free(f);
	return status;
}

static int run_on_files(const struct options *options,
			const struct settings *settings, char *config)
{
	struct tui_feed *f = calloc(1, sizeof(*f));
	int status = EXIT_LIMIT;

	if (!f)
		return EXIT_LIMIT;
	if (tui_feed_open(f, options, &status)) {
		f->config = config;
		status = show_feed(f, options, settings);
		f->config = NULL;
		if (status == EXIT_FINE && f->feed.state == FEED_DONE)
			status = pipeline_status(&f->pipeline);
		if (status == EXIT_FINE && options->fails &&
		    has_finding(f->feed.model, options->fail_on))
			status = EXIT_FINDINGS;
	}
	if (options->stats)
		timing_say_usage(stderr);
	tui_feed_close(f);
	free(f);
	return status;
}

/* Does it say something that only live capture heeds? */
static bool is_live(const struct options *o)
{
	return o->write || o->snaplen || o->buffer_mb || o->limit ||
	       o->rotate_mb || o->rotate_seconds || o->rotate_count ||
	       o->user || o->no_sandbox;
}

/* A pipe on standard input grows; a file there is as any other. */
static bool is_pipe(const struct options *o)
{
	struct stat st;

	return o->path_count == 1 && strcmp(o->paths[0], "-") == 0 &&
	       fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode);
}

static bool is_usable(const struct options *o)
{
	const char *why = NULL;

	if (o->follow && (o->path_count || o->interface_count))
		why = "--follow FILE goes with neither files nor -i IFACE";
	else if (o->event_count && (!o->path_count || o->interface_count))
		why = "--events belongs to files";
	else if (o->path_count && !o->interface_count && is_live(o))
		why = "what is about capturing needs -i IFACE or --follow; of "
		      "files F2 and mrascope extract save calls";
	if (why)
		fprintf(stderr, "mrascope: tui: %s\n", why);
	return !why;
}

static int run(const struct options *o, const struct settings *settings,
	       char *config)
{
	if (o->dump_config) {
		dump(settings, o->show_secrets);
		return EXIT_FINE;
	}
	if (o->interface_count || o->follow)
		return run_live(o, settings, config);
	if (o->path_count)
		return run_on_files(o, settings, config);
	options_usage(stderr, o->command);
	return EXIT_USAGE;
}

int command_tui(const struct options *options)
{
	struct settings *settings = calloc(1, sizeof(*settings));
	struct options mine = *options;
	char *config;
	int status;

	if (!settings)
		return EXIT_LIMIT;
	config = tui_config_read(settings, options, options->quiet);
	if (!mine.interface_count && is_pipe(&mine) &&
	    (!mine.screen || is_batch(&mine))) {
		mine.follow = "-";
		mine.path_count = 0;
	}
	/* Warnings would be written across the screen. */
	mine.quiet |= !is_batch(&mine);
	if (!is_usable(&mine)) {
		status = EXIT_USAGE;
	} else {
		tui_config_apply(settings,
				 mine.path_count && !mine.interface_count,
				 &mine);
		status = run(&mine, settings, config);
	}
	free(config);
	free(settings);
	return status;
}
