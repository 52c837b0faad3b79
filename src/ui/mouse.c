/* Clicks: on rows, on keys, on the bar at the right, on time, in forms. */
#include "config.h"

#include "ui/app.h"

static bool is_inside(const struct area *a, int x, int y)
{
	return x >= a->x && x < a->x + a->width && y >= a->y &&
	       y < a->y + a->height;
}

/* The line of keys. */
static bool click_key(struct app *app, int x, int y)
{
	for (size_t i = 0; y == app->height - 1 && i < app->hot_count; i++)
		if (x >= app->hot[i].x &&
		    x < app->hot[i].x + app->hot[i].width) {
			app_key(app, app->hot[i].key);
			return true;
		}
	return false;
}

static bool click_time(struct app *app, int x, int y)
{
	const struct model *m = app->feed->model;
	const struct area *a = &app->scrubber;
	double part;

	if (!is_inside(a, x, y))
		return false;
	/* The last place is the end, to the nanosecond. */
	part = (double)(x - a->x) / (a->width - 1);
	app_set_time(app,
		     x == a->x + a->width - 1
			     ? m->last_time
			     : m->first_time +
				       (nanoseconds)((double)(m->last_time -
							      m->first_time) *
						     part));
	return true;
}

/* The bar at the right edge: as far down as the click is. */
static bool click_bar(struct lister *l, int x, int y)
{
	const struct area *a = &l->rows;

	if (l->count <= (size_t)a->height || x < a->x + a->width - 1 ||
	    !is_inside(a, x, y))
		return false;
	l->cursor = a->height > 1 ? (l->count - 1) * (size_t)(y - a->y) /
					    (size_t)(a->height - 1)
				  : 0;
	return true;
}

static void click_row(struct app *app, struct lister *l, int y, bool twice)
{
	size_t row = lister_at(l, y);

	if (l->text || row == LIST_NONE)
		return;
	/* Between the two the list may have moved. */
	if (twice && row == l->cursor)
		app_act(app, ACTION_OPEN);
	else
		l->cursor = row;
}

void app_click(struct app *app, int x, int y, bool twice)
{
	struct screen *s = app->depth ? &app->stack[app->depth - 1] : NULL;

	app->dirty = true;
	if (!s || click_key(app, x, y))
		return;
	app->notice[0] = 0;
	if (app->form.title) {
		if (form_box_click(&app->form, x, y) && app->form.changed)
			app->form.changed(app, &app->form);
		return;
	}
	if (click_time(app, x, y) || click_bar(&s->list, x, y))
		return;
	if (s->class->click && s->class->click(app, s, x, y))
		return;
	if (x >= s->list.rows.x && x < s->list.rows.x + s->list.rows.width)
		click_row(app, &s->list, y, twice);
}
