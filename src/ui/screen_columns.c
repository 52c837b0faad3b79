/* Which columns the list has, and in which order. */
#include "config.h"

#include <string.h>

#include "ui/app.h"

/* Those that are shown come first, in their order; then the others. */
struct columns_screen {
	uint8_t order[COLUMNS_MAX];
	unsigned count, shown;
};

static void apply(struct app *app, const struct columns_screen *own)
{
	memcpy(app->settings.columns, own->order, own->shown);
	app->settings.column_count = own->shown;
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *a)
{
	struct columns_screen *own = s->own;

	(void)app;
	lister_show(&s->list, own->count, a);
	for (int i = 0; i < a->height; i++) {
		size_t row = s->list.top + (size_t)i;
		const struct view_column *column;

		if (row >= own->count)
			break;
		column = &view_columns[own->order[row]];
		(void)canvas_printf(c, 2, a->y + i, a->width - 4,
				    row < own->shown ? STYLE_PLAIN : STYLE_DIM,
				    "[%c] %-14s %s",
				    row < own->shown ? 'x' : ' ', column->name,
				    column->title);
		if (row == s->list.cursor)
			canvas_choose(c, 1, a->y + i, a->width - 3);
	}
	lister_bar(&s->list, c, a);
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	(void)app;
	(void)s;
	text_puts(to, "columns: Space shows or hides, + and - move");
}

/* Moves a row to another place; those between make room. */
static void move(struct columns_screen *own, size_t from, size_t to)
{
	uint8_t row = own->order[from];

	if (from < to)
		memmove(&own->order[from], &own->order[from + 1], to - from);
	else
		memmove(&own->order[to + 1], &own->order[to], from - to);
	own->order[to] = row;
}

static void toggle(struct app *app, struct screen *s)
{
	struct columns_screen *own = s->own;
	size_t at = s->list.cursor;

	if (at < own->shown) {
		if (own->shown == 1) {
			app_complain(app, "one column has to stay");
			return;
		}
		move(own, at, own->shown - 1);
		own->shown--;
	} else {
		move(own, at, own->shown);
		own->shown++;
	}
	apply(app, own);
}

static void shift(struct app *app, struct screen *s, bool up)
{
	struct columns_screen *own = s->own;
	size_t at = s->list.cursor, to = up ? at - 1 : at + 1;

	if (at >= own->shown || to >= own->shown)
		return;
	move(own, at, to);
	s->list.cursor = to;
	apply(app, own);
}

static bool act(struct app *app, struct screen *s, enum action action)
{
	switch ((int)action) {
	case ACTION_OPEN:
	case ACTION_SELECT:
		toggle(app, s);
		return true;
	case ACTION_MOVE_UP:
		shift(app, s, true);
		return true;
	case ACTION_MOVE_DOWN:
		shift(app, s, false);
		return true;
	case ACTION_KEEP:
		app_keep(app);
		return true;
	default:
		return false;
	}
}

static const struct screen_class columns_class = {
	.scope = SCOPE_COLUMNS,
	.size = sizeof(struct columns_screen),
	.title = title,
	.draw = draw,
	.act = act,
};

void open_columns(struct app *app)
{
	struct screen *s = app_push(app, &columns_class);
	struct columns_screen *own;

	if (!s)
		return;
	own = s->own;
	own->count = own->shown = app->settings.column_count;
	memcpy(own->order, app->settings.columns, own->count);
	for (unsigned i = 0; i < view_column_count; i++)
		if (!memchr(own->order, (int)i, own->shown) &&
		    own->count < COLUMNS_MAX)
			own->order[own->count++] = (uint8_t)i;
	s->list.count = own->count;
}

void app_keep(struct app *app)
{
	struct text lines = text_new((size_t)1 << 16), why = text_new(512);

	settings_write(&app->settings, true, &lines);
	if (!app->feed->keep)
		app_complain(app, "there is no place to keep settings at");
	else if (app->feed->keep(app->feed, text_slice(&lines), &why))
		app_say(app, "%.*s", (int)why.n, why.p);
	else
		app_complain(app, "%.*s", (int)why.n, why.p);
	text_free(&lines);
	text_free(&why);
}
