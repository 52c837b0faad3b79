/*
 * The ladder on the canvas.
 *
 *	                192.0.2.1             192.0.2.2
 *	                  :5060                 :5060
 *	22:50:19.771        |--- INVITE (SDP) ---->|
 *
 * A message inside of a relay's envelope is drawn twice over: from the client
 * to the relay, where it was seen, with a double line, and onwards to whom it
 * is for with a dotted one.
 */
#include "config.h"

#include <string.h>

#include "ui/flow.h"

#define TIME_COLUMNS 14
#define DELTA_COLUMNS 11

struct ladder {
	struct app *app;
	const struct flow *flow;
	struct canvas *canvas;
	struct area area;
	int times; /* columns before the lanes */
	int lane;  /* columns of each */
};

int flow_time_columns(const struct app *app)
{
	const int *values = app->settings.values;
	bool both = values[SETTING_DELTA] &&
		    values[SETTING_TIMES] != TIMES_SINCE_LAST;

	return TIME_COLUMNS + (both ? DELTA_COLUMNS : 0);
}

static int x_of(const struct ladder *l, uint8_t lane)
{
	return l->area.x + l->times + lane * l->lane + l->lane / 2;
}

static int columns_of(struct slice text)
{
	int n = 0;

	while (text.n) {
		uint32_t code;
		size_t one = utf8_sequence(text, &code);

		n += one ? (int)utf8_columns(code) : 4;
		text = slice_from(text, one ? one : 1);
	}
	return n;
}

/* In the middle of some columns.  Addresses of a net differ at their ends. */
static void draw_name(const struct ladder *l, const struct area *a,
		      struct slice name, bool address)
{
	int n = columns_of(name), x = a->x;

	if (n <= a->width) {
		(void)canvas_put(l->canvas, x + (a->width - n) / 2, a->y, n,
				 STYLE_BOLD, name);
		return;
	}
	if (address && a->width > 1) {
		canvas_repeat(l->canvas, x, a->y, 1, STYLE_BOLD, 0x2026);
		x++;
		name = slice_from(name, name.n - (size_t)(a->width - 1));
	}
	(void)canvas_put(l->canvas, x, a->y, a->x + a->width - x, STYLE_BOLD,
			 name);
}

/* Over all lanes of the host. */
static void draw_host(const struct ladder *l, size_t first, size_t count)
{
	struct endpoint host = l->flow->lanes[first];
	struct area a = {l->area.x + l->times + (int)first * l->lane + 1,
			 l->area.y, (int)count * l->lane - 1, 1};
	struct text name = text_new(256);

	if (count > 1)
		host.port = 0;
	app_put_end(l->app, &host, true, &name);
	draw_name(l, &a, text_slice(&name),
		  !settings_alias(&l->app->settings, &host));
	text_free(&name);
}

static void draw_port(const struct ladder *l, size_t lane)
{
	const struct endpoint *e = &l->flow->lanes[lane];
	struct area a = {l->area.x + l->times + (int)lane * l->lane + 1,
			 l->area.y + 1, l->lane - 1, 1};
	struct endpoint host = *e;
	const char *alias = settings_alias(&l->app->settings, e);
	struct text name = text_new(64);

	host.port = 0;
	/* That of the host stands above. */
	if (alias && alias != settings_alias(&l->app->settings, &host))
		text_puts(&name, alias);
	else if (e->port || e->family != FAMILY_NAME)
		text_printf(&name, ":%u", e->port);
	draw_name(l, &a, text_slice(&name), false);
	text_free(&name);
}

static void draw_heads(const struct ladder *l)
{
	const struct flow *f = l->flow;
	int y = l->area.y + flow_head(f) - 1;

	for (size_t i = 0, n; i < f->lane_count; i += n) {
		for (n = 1; i + n < f->lane_count && !f->by_host &&
			    endpoint_same_ip(&f->lanes[i], &f->lanes[i + n]);)
			n++;
		draw_host(l, i, n);
	}
	for (size_t i = 0; i < f->lane_count; i++) {
		if (!f->by_host)
			draw_port(l, i);
		canvas_repeat(l->canvas,
			      l->area.x + l->times + (int)i * l->lane, y,
			      l->lane, STYLE_FRAME, 0x2500);
		canvas_repeat(l->canvas, x_of(l, (uint8_t)i), y, 1, STYLE_FRAME,
			      0x252C);
	}
}

static void draw_line(const struct ladder *l, int y, int from, int to,
		      enum style style, uint32_t code)
{
	int left = from < to ? from : to, right = from < to ? to : from;

	canvas_repeat(l->canvas, left + 1, y, right - left - 1, style, code);
	canvas_repeat(l->canvas, from < to ? right - 1 : left + 1, y, 1, style,
		      from < to ? 0x25BA : 0x25C4);
}

/* Words with a blank on either side, in so many columns. */
static void put_words(const struct ladder *l, const struct area *a,
		      enum style style, struct slice label)
{
	canvas_repeat(l->canvas, a->x - 1, a->y, a->width + 2, style, ' ');
	(void)canvas_put(l->canvas, a->x, a->y, a->width, style, label);
}

/* Columns at the right of a lane, and at the left, without its line. */
static int room_behind(const struct ladder *l, int x)
{
	return l->area.x + l->area.width - x - 3;
}

static int room_before(const struct ladder *l, int x)
{
	return x - l->area.x - l->times - 2;
}

/* On the line; where that is too short for them, behind it or before it. */
static void draw_words(const struct ladder *l, int y, int from, int to,
		       enum style style, struct slice label)
{
	int left = from < to ? from : to, right = from < to ? to : from;
	int inside = right - left - 5, n = columns_of(label);
	int behind = room_behind(l, right), before = room_before(l, left);
	struct area a = {left + 3, y, n, 1};

	if (n <= inside) {
		a.x += (inside - n) / 2;
	} else if (behind >= n || (behind > inside && behind >= before)) {
		a.x = right + 2;
		a.width = behind < n ? behind : n;
	} else if (before > inside) {
		a.width = before < n ? before : n;
		a.x = left - 1 - a.width;
	} else {
		a.width = inside;
	}
	put_words(l, &a, style, label);
}

/* To itself: a loop at the side where there is room. */
static void draw_loop(const struct ladder *l, int y, int x, enum style style,
		      struct slice label)
{
	int n = columns_of(label), behind = room_behind(l, x) - 2;
	int before = room_before(l, x) - 2;
	bool left = behind < n && before > behind;
	int side = left ? -1 : 1;
	struct area a = {x + 4, y, n < behind ? n : behind, 1};

	canvas_repeat(l->canvas, x + side, y, 1, style, left ? 0x25BA : 0x25C4);
	canvas_repeat(l->canvas, x + 2 * side, y, 1, style,
		      left ? 0x250C : 0x2510);
	if (left) {
		a.width = n < before ? n : before;
		a.x = x - 3 - a.width;
	}
	put_words(l, &a, style, label);
}

/* Where it was seen, and the way inside of the envelope: from the address that
 * the client was lent, or where that is not known from the relay. */
static void draw_relayed(const struct ladder *l, int y,
			 const struct flow_item *item, enum style style)
{
	int a = x_of(l, item->outer_src), b = x_of(l, item->outer_dst);
	int from = x_of(l, item->src), to = x_of(l, item->dst);

	if (from == a)
		from = b;
	if (to == b)
		to = a;
	if (from != to)
		draw_line(l, y, from, to, style, 0x254C);
	draw_line(l, y, a, b, style, 0x2550);
}

static void draw_item(const struct ladder *l, int y,
		      const struct flow_item *item)
{
	struct text label = text_new(1024);
	enum style style = flow_style(l->app, item);
	int from = x_of(l, item->outer_src), to = x_of(l, item->outer_dst);
	bool relayed = !item->stream && (item->src != item->outer_src ||
					 item->dst != item->outer_dst);

	/* What has not happened yet at that moment. */
	if (l->app->at && item->time > l->app->at)
		style = STYLE_DIM;
	flow_label(l->app, item, &label);
	if (from == to) {
		draw_loop(l, y, from, style, text_slice(&label));
	} else {
		if (relayed)
			draw_relayed(l, y, item, style);
		else
			draw_line(l, y, from, to, style,
				  item->stream ? 0x2550 : 0x2500);
		draw_words(l, y, from, to, style, text_slice(&label));
	}
	text_free(&label);
}

/* Since the message before. */
static void draw_delta(const struct ladder *l, int y, size_t at)
{
	const struct flow_item *items = l->flow->items;
	nanoseconds since = at ? items[at].time - items[at - 1].time : 0;
	struct text delta = text_new(64);

	if (at)
		text_printf(&delta, "%+.3f", (double)since / (double)NS_PER_S);
	(void)canvas_put(l->canvas, l->area.x + TIME_COLUMNS - 1, y,
			 DELTA_COLUMNS - 1, STYLE_DIM, text_slice(&delta));
	text_free(&delta);
}

static void draw_time(const struct ladder *l, int y, size_t at)
{
	const struct flow_item *item = &l->flow->items[at];
	struct text time = text_new(64);

	app_put_time(l->app, item->time, l->flow->begin,
		     at ? l->flow->items[at - 1].time : item->time, &time);
	(void)canvas_put(l->canvas, l->area.x, y, TIME_COLUMNS - 1, STYLE_DIM,
			 text_slice(&time));
	if (l->times > TIME_COLUMNS)
		draw_delta(l, y, at);
	text_free(&time);
}

void flow_draw(struct app *app, const struct flow *f, const struct lister *list,
	       struct canvas *c, const struct area *area)
{
	struct ladder l = {app, f, c, *area, flow_time_columns(app), 0};
	int room = area->width - l.times;

	if (f->lane_count == 0)
		return;
	l.lane = room / (int)f->lane_count;
	if (l.lane < 3)
		l.lane = 3;
	draw_heads(&l);
	for (int i = 0; i + flow_head(f) < area->height; i++) {
		size_t at = list->top + (size_t)i;
		int y = area->y + flow_head(f) + i;

		for (size_t k = 0; k < f->lane_count; k++)
			canvas_repeat(c, x_of(&l, (uint8_t)k), y, 1,
				      STYLE_FRAME, 0x2502);
		if (at >= f->count)
			continue;
		draw_time(&l, y, at);
		draw_item(&l, y, &f->items[at]);
		if (at == list->cursor)
			canvas_choose(c, area->x, y, area->width);
	}
}
