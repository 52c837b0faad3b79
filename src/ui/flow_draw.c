/*
 * The ladder on the canvas.
 *
 *	              192.0.2.1:5060        192.0.2.2:5060
 *	22:50:19.771  |------ INVITE (SDP) ------>|
 *
 * A message inside of a relay's envelope is drawn twice over: from the client
 * to the relay, where it was seen, with a double line, and onwards to whom it
 * is for with a dotted one.
 */
#include "config.h"

#include <string.h>

#include "ui/flow.h"

#define TIME_COLUMNS 14

struct ladder {
	struct app *app;
	const struct flow *flow;
	struct canvas *canvas;
	struct area area;
	int lane; /* columns of each */
};

static int x_of(const struct ladder *l, uint8_t lane)
{
	return l->area.x + TIME_COLUMNS + lane * l->lane + l->lane / 2;
}

static void draw_heads(const struct ladder *l)
{
	struct text name = text_new(256);

	for (size_t i = 0; i < l->flow->lane_count; i++) {
		int x = l->area.x + TIME_COLUMNS + (int)i * l->lane;
		int room = l->lane - 1, n;

		text_clear(&name);
		app_put_end(l->app, &l->flow->lanes[i], l->flow->by_host,
			    &name);
		n = (int)name.n < room ? (int)name.n : room;
		(void)canvas_put(l->canvas, x + (l->lane - n) / 2, l->area.y,
				 room, STYLE_BOLD, text_slice(&name));
		canvas_repeat(l->canvas, x, l->area.y + 1, l->lane, STYLE_FRAME,
			      0x2500);
		canvas_repeat(l->canvas, x_of(l, (uint8_t)i), l->area.y + 1, 1,
			      STYLE_FRAME, 0x252C);
	}
	text_free(&name);
}

static void draw_line(const struct ladder *l, int y, int from, int to,
		      enum style style, uint32_t code)
{
	int left = from < to ? from : to, right = from < to ? to : from;

	canvas_repeat(l->canvas, left + 1, y, right - left - 1, style, code);
	canvas_repeat(l->canvas, from < to ? right - 1 : left + 1, y, 1, style,
		      from < to ? 0x25BA : 0x25C4);
}

static void draw_words(const struct ladder *l, int y, int from, int to,
		       enum style style, struct slice label)
{
	int left = from < to ? from : to, right = from < to ? to : from;
	int room = right - left - 5, n = 0;
	struct slice rest = label;

	/* A line too short for its words has them behind it. */
	if (room < 6) {
		int x = right + 2;

		(void)canvas_put(l->canvas, x, y, l->area.x + l->area.width - x,
				 style, label);
		return;
	}
	while (rest.n) {
		uint32_t code;
		size_t one = utf8_sequence(rest, &code);

		n += one ? (int)utf8_columns(code) : 4;
		rest = slice_from(rest, one ? one : 1);
	}
	if (n > room)
		n = room;
	left += 2 + (room - n) / 2;
	canvas_repeat(l->canvas, left, y, n + 2, style, ' ');
	(void)canvas_put(l->canvas, left + 1, y, n, style, label);
}

/* To itself: a loop at the side. */
static void draw_loop(const struct ladder *l, int y, int x, enum style style,
		      struct slice label)
{
	canvas_repeat(l->canvas, x + 1, y, 1, style, 0x25C4);
	canvas_repeat(l->canvas, x + 2, y, 1, style, 0x2510);
	(void)canvas_put(l->canvas, x + 4, y, l->area.x + l->area.width - x - 4,
			 style, label);
}

static void draw_relayed(const struct ladder *l, int y,
			 const struct flow_item *item, enum style style)
{
	int a = x_of(l, item->outer_src), b = x_of(l, item->outer_dst);
	int far = x_of(l, item->dst), near = x_of(l, item->src);

	/* To the relay: goes on to the peer.  From it: came from the peer. */
	if (far != b && far != a)
		draw_line(l, y, b, far, style, 0x254C);
	if (near != a && near != b)
		draw_line(l, y, near, a, style, 0x254C);
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

static void draw_time(const struct ladder *l, int y, size_t at)
{
	const struct flow_item *item = &l->flow->items[at];
	struct text time = text_new(64);

	app_put_time(l->app, item->time, l->flow->begin,
		     at ? l->flow->items[at - 1].time : item->time, &time);
	(void)canvas_put(l->canvas, l->area.x, y, TIME_COLUMNS - 1, STYLE_DIM,
			 text_slice(&time));
	text_free(&time);
}

void flow_draw(struct app *app, const struct flow *f, const struct lister *list,
	       struct canvas *c, const struct area *area)
{
	struct ladder l = {app, f, c, *area, 0};
	int room = area->width - TIME_COLUMNS;

	if (f->lane_count == 0)
		return;
	l.lane = room / (int)f->lane_count;
	if (l.lane < 3)
		l.lane = 3;
	draw_heads(&l);
	for (int i = 0; i + FLOW_HEAD < area->height; i++) {
		size_t at = list->top + (size_t)i;
		int y = area->y + FLOW_HEAD + i;

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
