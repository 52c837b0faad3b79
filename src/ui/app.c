/* Keys to actions, actions to screens, screens to the canvas. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/app.h"

static struct screen *top(struct app *app)
{
	return app->depth ? &app->stack[app->depth - 1] : NULL;
}

struct screen *app_push(struct app *app, const struct screen_class *class)
{
	struct screen *s;

	if (app->depth == APP_SCREENS_MAX) {
		app_complain(app, "too many screens are open");
		return NULL;
	}
	s = &app->stack[app->depth];
	*s = (struct screen){.class = class};
	if (class->size) {
		s->own = calloc(1, class->size);
		if (!s->own) {
			app_complain(app, "out of memory");
			return NULL;
		}
	}
	app->depth++;
	app->dirty = true;
	return s;
}

void app_push_about(struct app *app, const struct screen_class *class,
		    const struct view_call *v)
{
	struct screen *s = app_push(app, class);
	struct about *about;

	if (!s)
		return;
	about = s->own;
	about->key = v ? view_key(v) : 0;
	class->refresh(app, s);
}

bool app_about(struct app *app, const struct screen *s, struct view_call *out)
{
	const struct about *about = s->own;

	return about->key &&
	       view_find(app->feed, about->key, &app->settings, app->at, out);
}

void app_pop(struct app *app)
{
	struct screen *s = top(app);

	if (!s)
		return;
	if (s->class->close)
		s->class->close(s);
	free(s->own);
	app->depth--;
	app->dirty = true;
	s = top(app);
	if (s && s->class->refresh)
		s->class->refresh(app, s);
}

bool app_open(struct app *app, struct feed *feed)
{
	app->feed = feed;
	app->generation = feed->generation;
	open_calls(app);
	return app->depth == 1;
}

void app_close(struct app *app)
{
	while (app->depth)
		app_pop(app);
}

static void say(struct app *app, bool bad, const char *format, va_list args)
	PRINTF_LIKE(3, 0);

static void say(struct app *app, bool bad, const char *format, va_list args)
{
	vsnprintf(app->notice, sizeof(app->notice), format, args);
	app->notice_bad = bad;
	app->dirty = true;
}

void app_say(struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(app, false, format, args);
	va_end(args);
}

void app_complain(struct app *app, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(app, true, format, args);
	va_end(args);
}

/* ---- marks ---- */

bool app_is_marked(const struct app *app, uint64_t key)
{
	for (size_t i = 0; i < app->mark_count; i++)
		if (app->marks[i] == key)
			return true;
	return false;
}

void app_mark(struct app *app, uint64_t key)
{
	for (size_t i = 0; i < app->mark_count; i++)
		if (app->marks[i] == key) {
			app->marks[i] = app->marks[--app->mark_count];
			return;
		}
	if (app->mark_count == MARKS_MAX)
		app_complain(app, "no more than %u calls can be selected",
			     MARKS_MAX);
	else
		app->marks[app->mark_count++] = key;
}

/* ---- small words that several screens need ---- */

void app_put_end(const struct app *app, const struct endpoint *e,
		 bool host_only, struct text *to)
{
	const char *alias = settings_alias(&app->settings, e);

	if (alias)
		text_puts(to, alias);
	else if (host_only)
		endpoint_ip_text(e, to);
	else
		endpoint_text(e, to);
}

void app_put_integrity(const struct integrity_counts *counts, struct text *to)
{
	const struct {
		uint32_t count;
		const char *text;
	} rows[] = {
		{counts->verified, "verified"},
		{counts->bad, "bad"},
		{counts->no_key_fits, "where no key fits"},
		{counts->unchecked, "unchecked"},
		{counts->absent, "without"},
	};
	const char *before = "integrity: ";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].count)
			continue;
		text_printf(to, "%s%u %s", before, rows[i].count, rows[i].text);
		before = ", ";
	}
}

void app_put_time(const struct app *app, nanoseconds time, nanoseconds begin,
		  nanoseconds before, struct text *to)
{
	int mode = app->settings.values[SETTING_TIMES];
	nanoseconds since = mode == TIMES_SINCE_LAST ? before : begin;

	if (mode == TIMES_OF_DAY)
		clock_of_day(time, to);
	else
		text_printf(to, "%+11.6f",
			    (double)(time - since) / (double)NS_PER_S);
}

/* ---- time ---- */

static void renew(struct app *app)
{
	for (size_t i = 0; i < app->depth; i++)
		if (app->stack[i].class->refresh)
			app->stack[i].class->refresh(app, &app->stack[i]);
	app->dirty = true;
}

void app_set_time(struct app *app, nanoseconds at)
{
	const struct model *m = app->feed->model;

	if (at && at < m->first_time)
		at = m->first_time;
	if (at >= m->last_time)
		at = 0;
	app->at = at;
	if (!at)
		app_say(app, "%s",
			app->feed->state == FEED_LIVE
				? "now: all screens follow"
				: "the end: all that is known");
	renew(app);
}

/* The change of state before, or after, the moment. */
static void step_time(struct app *app, bool back)
{
	const struct model *m = app->feed->model;
	const struct change *rows = m->changes.rows;
	nanoseconds now = app->at ? app->at : m->last_time + 1;
	nanoseconds best = 0;

	if (!back && !app->at)
		return;
	for (size_t i = 0; i < m->changes.count; i++) {
		nanoseconds t = place_time(m, rows[i].place);

		if (back && t < now && t > best)
			best = t;
		if (!back && t > now && (best == 0 || t < best))
			best = t;
	}
	if (best || !back)
		app_set_time(app, best);
}

static void leap_time(struct app *app, bool back)
{
	const struct model *m = app->feed->model;
	nanoseconds tenth = (m->last_time - m->first_time) / 10;
	nanoseconds now = app->at ? app->at : m->last_time;

	if (!back && !app->at)
		return;
	app_set_time(app, back ? now - tenth : now + tenth);
}

/* ---- search ---- */

static bool contains(struct slice text, struct slice what)
{
	for (; text.n >= what.n && what.n; text = slice_from(text, 1))
		if (slice_equal_nocase(slice_first(text, what.n), what))
			return true;
	return false;
}

static void search_on(struct app *app)
{
	struct screen *s = top(app);
	struct text row = text_new((size_t)1 << 16);
	size_t found = LIST_NONE;

	if (!s->class->row_text || !app->search[0] || !s->list.count) {
		text_free(&row);
		return;
	}
	for (size_t i = 1; i <= s->list.count && found == LIST_NONE; i++) {
		size_t at = (s->list.cursor + i) % s->list.count;

		text_clear(&row);
		s->class->row_text(app, s, at, &row);
		if (contains(text_slice(&row), slice_of_text(app->search)))
			found = at;
	}
	text_free(&row);
	if (found == LIST_NONE) {
		app_complain(app, "nothing fits \"%s\"", app->search);
		return;
	}
	if (found <= s->list.cursor)
		app_say(app, "search goes on at the top");
	s->list.cursor = found;
}

static bool accept_search(struct app *app, struct form_box *form)
{
	size_t n = strlen(form->fields[0].text);

	if (n >= sizeof(app->search))
		n = sizeof(app->search) - 1;
	memcpy(app->search, form->fields[0].text, n);
	app->search[n] = 0;
	search_on(app);
	return true;
}

static void ask_search(struct app *app)
{
	form_box_open(&app->form, "Search");
	(void)form_box_text(&app->form, "search:", app->search);
	app->form.one_line = true;
	app->form.accept = accept_search;
}

/* ---- leaving ---- */

static const char *const no_yes[] = {"no", "yes", NULL};

static bool accept_exit(struct app *app, struct form_box *form)
{
	app->quit = form->fields[0].value == 1;
	return true;
}

static void leave(struct app *app)
{
	if (app->depth > 1) {
		app_pop(app);
	} else if (app->settings.values[SETTING_EXIT_PROMPT]) {
		form_box_open(&app->form, "End");
		(void)form_box_choice(&app->form, "End mrascope?", no_yes, 1);
		app->form.accept = accept_exit;
	} else {
		app->quit = true;
	}
}

/* ---- dispatch ---- */

static void act_common(struct app *app, struct screen *s, enum action action)
{
	if (lister_act(&s->list, action))
		return;
	switch ((int)action) {
	case ACTION_LEAVE:
		leave(app);
		break;
	case ACTION_HELP:
		open_help(app, s->class->scope);
		break;
	case ACTION_SETTINGS:
		open_settings(app);
		break;
	case ACTION_SEARCH:
		ask_search(app);
		break;
	case ACTION_SEARCH_NEXT:
		search_on(app);
		break;
	case ACTION_TIME_BACK:
	case ACTION_TIME_ON:
		step_time(app, action == ACTION_TIME_BACK);
		break;
	case ACTION_TIME_FAR_BACK:
	case ACTION_TIME_FAR_ON:
		leap_time(app, action == ACTION_TIME_FAR_BACK);
		break;
	case ACTION_TIME_NOW:
		app_set_time(app, 0);
		break;
	case ACTION_HINTS:
		app->settings.values[SETTING_HINTS] ^= 1;
		break;
	case ACTION_PAUSE:
		app->paused = app->feed->paused = !app->paused;
		app_say(app, app->paused ? "paused" : "goes on");
		break;
	default:
		break;
	}
}

void app_act(struct app *app, enum action action)
{
	struct screen *s = top(app);

	if (action == ACTION_NONE || !s)
		return;
	if (!s->class->act || !s->class->act(app, s, action))
		act_common(app, s, action);
}

/* A form may open another one, or the same again, when it is accepted. */
static void form_accept(struct app *app)
{
	struct form_box was = app->form;

	app->form.title = NULL;
	if (was.accept && !was.accept(app, &was) && !app->form.title)
		app->form = was;
}

static void form_key(struct app *app, int key)
{
	struct form_box *form = &app->form;
	enum action action;
	bool changed;

	if (form_box_type(form, key)) {
		changed = true;
	} else {
		action =
			bindings_find(&app->settings.bindings, SCOPE_FORM, key);
		if (action == ACTION_CONFIRM) {
			form_accept(app);
			return;
		}
		if (action == ACTION_CANCEL) {
			form->title = NULL;
			if (form->cancel)
				form->cancel(app, form);
			return;
		}
		changed = form_box_act(form, action);
	}
	if (changed && form->changed)
		form->changed(app, form);
}

void app_key(struct app *app, int key)
{
	struct screen *s = top(app);

	app->notice[0] = 0;
	app->dirty = true;
	if (app->form.title) {
		form_key(app, key);
	} else if (s) {
		int wheel = key == KEY_WHEEL_UP ? ACTION_UP : ACTION_DOWN;

		if (key == KEY_WHEEL_UP || key == KEY_WHEEL_DOWN)
			for (int i = 0; i < 3; i++)
				app_act(app, (enum action)wheel);
		else
			app_act(app, bindings_find(&app->settings.bindings,
						   s->class->scope, key));
	}
}

void app_refresh(struct app *app)
{
	app->dirty |= app->percent != app->feed->percent;
	app->percent = app->feed->percent;
	if (app->generation == app->feed->generation)
		return;
	app->generation = app->feed->generation;
	/* All was forgotten: there is no moment to look back to. */
	if (app->feed->model->last_time == 0)
		app->at = 0;
	renew(app);
	if (app->feed->trouble[0] && !app->trouble_told)
		app_complain(app, "%s", app->feed->trouble);
	app->trouble_told |= app->feed->trouble[0] != 0;
}

bool app_work(struct app *app)
{
	struct screen *s = top(app);

	return s && s->class->work && s->class->work(app, s);
}

/* ---- drawing ---- */

/* Below that the title has room for what matters most. */
#define NARROW 60

static const char *doing(const struct feed *feed)
{
	if (feed->listing)
		return "listing";
	return feed->listed ? "all listed; reading" : "reading";
}

static void draw_title(struct app *app, struct canvas *c)
{
	struct screen *s = top(app);
	struct text title = text_new(1024), right = text_new(256);
	int x = 0;

	canvas_repeat(c, 0, 0, c->width, STYLE_TITLE, ' ');
	x = canvas_puts(c, 1, 0, c->width - 2, STYLE_TITLE, "mrascope  ") + 1;
	if (s->class->title)
		s->class->title(app, s, &title);
	if (app->feed->status[0])
		text_puts(&right, c->width < NARROW ? app->feed->brief
						    : app->feed->status);
	else if (app->feed->state == FEED_READING && app->feed->percent >= 0)
		text_printf(&right, "%s %d%%", doing(app->feed),
			    app->feed->percent);
	else if (app->feed->state == FEED_READING)
		text_puts(&right, "reading");
	if (app->paused)
		text_puts(&right, "  PAUSED");
	x += canvas_put(c, x, 0, c->width - x - (int)right.n - 2, STYLE_TITLE,
			text_slice(&title));
	canvas_right(c, x + 1, 0, c->width - x - 2, STYLE_TITLE,
		     text_slice(&right));
	text_free(&title);
	text_free(&right);
}

/* The key that the line of keys has for an action; KEY_NOTHING: none.  A
 * function key says less than a letter where both would do, but it is what
 * sngrep's users look for. */
static int hint_of(const struct app *app, enum action action, unsigned scope)
{
	int keys[KEYS_PER_ACTION];
	unsigned count =
		bindings_keys(&app->settings.bindings, action, scope, keys);

	if (count == 0)
		return KEY_NOTHING;
	return keys[app->settings.values[SETTING_HINTS] && count > 1];
}

static int draw_key(struct app *app, struct canvas *c, int x,
		    const struct action_row *row, unsigned scope)
{
	int key = hint_of(app, row->action, scope), begin = x;
	const char *label = row->label;
	struct text name = text_new(64);

	if (row->action == ACTION_LEAVE && scope == SCOPE_CALLS)
		label = "Quit";
	if (key != KEY_NOTHING)
		key_put_name(key, &name);
	if (key == KEY_NOTHING ||
	    x + (int)name.n + (int)strlen(label) + 2 > c->width) {
		text_free(&name);
		return 0;
	}
	x += canvas_put(c, x, c->height - 1, c->width - x, STYLE_KEY,
			text_slice(&name));
	x += 1;
	x += canvas_puts(c, x, c->height - 1, c->width - x, STYLE_BAR, label);
	text_free(&name);
	if (app->hot_count < HOT_KEYS_MAX)
		app->hot[app->hot_count++] =
			(struct hot_key){begin, x - begin, key};
	return x + 1 - begin;
}

static void draw_keys(struct app *app, struct canvas *c)
{
	unsigned scope = app->form.title ? SCOPE_FORM : top(app)->class->scope;
	int x = 0, y = c->height - 1;

	app->hot_count = 0;
	canvas_repeat(c, 0, y, c->width, STYLE_BAR, ' ');
	if (app->notice[0]) {
		(void)canvas_puts(c, 1, y, c->width - 2,
				  app->notice_bad ? STYLE_BAD : STYLE_BAR,
				  app->notice);
		return;
	}
	for (unsigned i = 0; i < action_row_count; i++)
		if ((action_rows[i].scopes & scope) && action_rows[i].label)
			x += draw_key(app, c, x, &action_rows[i], scope);
}

/* 22:50:19.771 |------o---| 22:50:22.281   now at 22:50:20.100 */
static void draw_time(struct app *app, struct canvas *c, int y)
{
	const struct model *m = app->feed->model;
	nanoseconds all = m->last_time - m->first_time;
	struct text left = text_new(64), right = text_new(64);
	struct text here = text_new(64);
	int from, room, at;

	clock_of_day(m->first_time, &left);
	clock_of_day(m->last_time, &right);
	text_puts(&here, "at ");
	clock_of_day(app->at, &here);
	/* As wide as the longest, so that the line stays where it is. */
	text_printf(&here, "  %+*.3f s",
		    snprintf(NULL, 0, "%+.3f", (double)all / (double)NS_PER_S),
		    (double)(app->at - m->first_time) / (double)NS_PER_S);
	canvas_repeat(c, 0, y, c->width, STYLE_PLAIN, ' ');
	from = canvas_put(c, 0, y, c->width, STYLE_DIM, text_slice(&left)) + 1;
	room = c->width - from - (int)right.n - (int)here.n - 5;
	if (room > 4) {
		app->scrubber = (struct area){from, y, room, 1};
		canvas_repeat(c, from, y, room, STYLE_FRAME, 0x2500);
		at = all > 0 ? (int)((double)(app->at - m->first_time) /
				     (double)all * (room - 1))
			     : 0;
		canvas_repeat(c, from + at, y, 1, STYLE_BOLD, 0x25CF);
		from += room + 1;
		from += canvas_put(c, from, y, c->width - from, STYLE_DIM,
				   text_slice(&right));
	}
	canvas_right(c, from + 1, y, c->width - from - 1, STYLE_WARN,
		     text_slice(&here));
	text_free(&left);
	text_free(&right);
	text_free(&here);
}

void app_draw(struct app *app, struct canvas *c)
{
	struct screen *s = top(app);
	struct area area = {0, 1, c->width, c->height - 2};

	app->width = c->width;
	app->height = c->height;
	app->scrubber = (struct area){0};
	app->dirty = false;
	canvas_clear(c);
	if (!s)
		return;
	if (app->at && area.height > 4)
		area.height--;
	if (area.height > 0)
		s->class->draw(app, s, c, &area);
	draw_title(app, c);
	if (app->at && c->height > 6)
		draw_time(app, c, c->height - 2);
	draw_keys(app, c);
	if (app->form.title)
		form_box_draw(&app->form, c);
}
