/* mrascope tui: the screens, in a terminal or as one picture. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/live_feed.h"
#include "cli/sandbox.h"
#include "cli/tui.h"
#include "ui/term.h"

/* Of work, between two looks for keys. */
#define SLICE_TIME (4 * NS_PER_MS)
#define KEYS_AT_ONCE 256
#define LINE_SIZE 1024

/* ---- configuration ---- */

static void read_config(struct settings *settings, const char *path)
{
	char line[LINE_SIZE];
	FILE *f = fopen(path, "r");
	unsigned number = 0;

	while (f && fgets(line, sizeof(line), f)) {
		number++;
		if (!settings_line(settings, slice_of_text(line)))
			fprintf(stderr,
				"mrascope: %s: line %u is not understood\n",
				path, number);
	}
	if (f)
		fclose(f);
}

static char *joined(const char *folder, const char *name)
{
	size_t n = strlen(folder) + strlen(name) + 1;
	char *path = malloc(n);

	if (path)
		snprintf(path, n, "%s%s", folder, name);
	return path;
}

/* ~/.config/mrascope/config, or where XDG_CONFIG_HOME says. */
static char *config_path(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (xdg && xdg[0])
		return joined(xdg, "/mrascope/config");
	return home && home[0] ? joined(home, "/.config/mrascope/config")
			       : NULL;
}

/* Makes the folders that settings are kept in. */
static void make_folders(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = 0;
		(void)mkdir(path, 0700);
		*p = '/';
	}
}

static void read_sngreprc(struct settings *settings)
{
	const char *named = getenv("SNGREPRC"), *home = getenv("HOME");
	char *path;

	read_config(settings, "/etc/sngreprc");
	if (named && named[0]) {
		read_config(settings, named);
		return;
	}
	path = home ? joined(home, "/.sngreprc") : NULL;
	if (path)
		read_config(settings, path);
	free(path);
}

static void configure(struct app *app, struct tui_feed *f,
		      const struct options *options)
{
	settings_init(&app->settings);
	if (options->config) {
		if (strcmp(options->config, "none") != 0)
			read_config(&app->settings, options->config);
		f->config = joined(options->config, "");
		return;
	}
	/* sngrep's first: what its users have set stays until they set it
	 * here. */
	read_sngreprc(&app->settings);
	f->config = config_path();
	if (f->config) {
		read_config(&app->settings, f->config);
		make_folders(f->config);
	}
}

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

/* Signals that end the program are waited for, so that the terminal is given
 * back whatever comes. */
static void hold_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
	sigprocmask(SIG_BLOCK, set, NULL);
}

static bool was_told_to_end(const sigset_t *set)
{
	struct timespec none = {0, 0};

	return sigtimedwait(set, NULL, &none) > 0;
}

/* Waits for a key, or as long as there is nothing else to do. */
static bool wait_for_key(const struct term *term, int milliseconds)
{
	struct pollfd input = {.fd = term_descriptor(term), .events = POLLIN};
	int ready = poll(&input, 1, milliseconds);

	if (ready < 0)
		return errno == EINTR;
	return !(input.revents & (POLLHUP | POLLERR | POLLNVAL)) ||
	       (input.revents & POLLIN);
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

static void loop(struct app *app, struct term *term, struct speed *speed)
{
	struct canvas c = {0};
	sigset_t ending;
	bool busy = true, alive = true;
	nanoseconds looked = timing_now();

	hold_signals(&ending);
	app->dirty = true;
	while (!app->quit && alive && !was_told_to_end(&ending)) {
		bool pressed;

		alive = wait_for_key(term, busy || app->dirty ? 0 : 250);
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
	}
	canvas_free(&c);
}

static void say_speed(const struct speed *speed)
{
	timing_say(&speed->redraws, "redraws", stderr);
	timing_say(&speed->answers, "answers to keys", stderr);
	timing_say(&speed->slices, "slices of work", stderr);
}

static int terminal(struct app *app, const struct options *options)
{
	const char *why;
	struct term *term = term_open(&app->settings, &why);
	struct speed speed = {.redraws = {.count = 0}};

	if (!term) {
		fprintf(stderr, "mrascope: %s\n", why);
		return EXIT_USAGE;
	}
	if (app->feed->state == FEED_LIVE && !options->no_sandbox &&
	    !sandbox_close()) {
		term_close(term);
		return EXIT_USAGE;
	}
	loop(app, term, &speed);
	term_close(term);
	if (options->stats)
		say_speed(&speed);
	return EXIT_FINE;
}

static void dump(const struct settings *settings)
{
	struct text lines = text_new((size_t)1 << 16);

	settings_write(settings, &lines);
	fwrite(lines.p, 1, lines.n, stdout);
	text_free(&lines);
}

/* What the command line says of the list. */
static bool apply_options(struct app *app, const struct options *o, int *status)
{
	struct listing_match match = {o->match ? o->match : "", o->ignore_case,
				      o->invert_match};
	char why[FILTER_WHY_MAX];

	if (o->calls_only || app->settings.values[SETTING_CALLS_ONLY])
		calls_only(app, METHOD_INVITE);
	if (calls_match(app, &match, why))
		return true;
	fprintf(stderr, "mrascope: --match: %s\n", why);
	*status = EXIT_USAGE;
	return false;
}

int tui_run(struct tui_feed *f, const struct options *options)
{
	struct app *app = calloc(1, sizeof(*app));
	int status = EXIT_LIMIT;

	if (!app)
		return EXIT_LIMIT;
	configure(app, f, options);
	if (options->dump_config) {
		dump(&app->settings);
		free(app);
		return EXIT_FINE;
	}
	if (f->feed.limit && !options->limit)
		f->feed.limit(&f->feed,
			      (unsigned)app->settings.values[SETTING_LIMIT]);
	if (options->color == COLOR_NEVER)
		app->settings.values[SETTING_THEME] = THEME_MONO;
	if (app_open(app, &f->feed) && apply_options(app, options, &status))
		status = options->screen ? picture(app, options)
					 : terminal(app, options);
	app_close(app);
	free(app);
	return status;
}

static bool has_finding(const struct model *m, enum severity at_least)
{
	const struct note *notes = m->notes.rows;

	for (size_t i = 0; i < m->notes.count; i++)
		if (notes[i].rule->severity >= at_least)
			return true;
	return false;
}

static int run_live(const struct options *options)
{
	struct live_feed *f = calloc(1, sizeof(*f));
	int status = EXIT_LIMIT;

	if (!f)
		return EXIT_LIMIT;
	if (live_feed_open(f, options, &status)) {
		status = tui_run(&f->tui, options);
		if (options->stats)
			watch_say(&f->watch, stderr);
	}
	if (options->stats)
		timing_say_usage(stderr);
	live_feed_close(f);
	free(f);
	return status;
}

static int run_on_files(const struct options *options)
{
	struct tui_feed *f = calloc(1, sizeof(*f));
	int status = EXIT_LIMIT;

	if (!f)
		return EXIT_LIMIT;
	if (tui_feed_open(f, options, &status)) {
		status = tui_run(f, options);
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
	       o->user || o->no_sandbox || o->hep_send;
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

	if ((o->interface_count != 0) + (o->path_count != 0) +
		    (o->follow != NULL) >
	    1)
		why = "either files, -i IFACE or --follow FILE";
	else if (o->event_count && !o->path_count)
		why = "--events belongs to files";
	else if (o->path_count && is_live(o))
		why = "what is about capturing needs -i IFACE or --follow; of "
		      "files F2 and mrascope extract save calls";
	if (why)
		fprintf(stderr, "mrascope: tui: %s\n", why);
	return !why;
}

int command_tui(const struct options *options)
{
	struct options quiet = *options;

	/* Warnings would be written across the screen. */
	quiet.quiet = true;
	if (is_pipe(&quiet) && !quiet.screen) {
		quiet.follow = "-";
		quiet.path_count = 0;
	}
	if (!is_usable(&quiet))
		return EXIT_USAGE;
	if (quiet.interface_count || quiet.follow)
		return run_live(&quiet);
	if (quiet.path_count)
		return run_on_files(&quiet);
	options_usage(stderr, options->command);
	return EXIT_USAGE;
}
