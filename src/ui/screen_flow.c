/* The flow of calls, with the message at the cursor beside it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/flow.h"
#include "ui/message_page.h"
#include "ui/remembered.h"
#include "ui/stream_page.h"

#define PREVIEW_FROM 120 /* columns of the terminal */
#define PREVIEW_MIN 24
#define PREVIEW_STEP 4
#define FLOW_MIN 40

struct flow_screen {
	struct flow flow;
	struct page page;
	int width;   /* that it was made for */
	bool fields; /* the preview tells fields */
	struct remembered selected;
	struct remembered last; /* at the cursor, when it was drawn */
	uint64_t numbering;     /* of the feed, when it was made */
	uint64_t sought;        /* a frame that the cursor shall be on, or 0 */
	uint32_t sought_file;
};

static const struct flow_item *at_cursor(const struct screen *s)
{
	const struct flow_screen *own = s->own;

	return s->list.cursor < own->flow.count
		       ? &own->flow.items[s->list.cursor]
		       : NULL;
}

/* ---- room ---- */

static int preview_width(const struct app *app, int width)
{
	int mode = app->settings.values[SETTING_PREVIEW];
	int wanted = app->settings.values[SETTING_PREVIEW_WIDTH];

	if (mode == THREE_OFF || (mode == THREE_AUTO && width < PREVIEW_FROM))
		return 0;
	if (wanted == 0)
		wanted = width * 2 / 5;
	if (wanted < PREVIEW_MIN)
		wanted = PREVIEW_MIN;
	return width - wanted < FLOW_MIN ? 0 : wanted;
}

/* Its message may stand in another row by now. */
static void keep_cursor(struct app *app, struct screen *s)
{
	struct flow_screen *own = s->own;
	uint32_t row = remembered_row(app->feed, &own->last);

	for (size_t i = 0; row != CHAIN_END && i < own->flow.count; i++)
		if (!own->flow.items[i].stream && own->flow.items[i].row == row)
			s->list.cursor = i;
}

static void make(struct app *app, struct screen *s, int width)
{
	struct flow_screen *own = s->own;
	const struct journal *j = app->feed->journal;

	own->width = width;
	if (!flow_make(app, &own->flow, width - flow_time_columns(app)))
		app_complain(app, "out of memory: not all is shown");
	s->list.count = own->flow.count;
	if (own->numbering != app->feed->numbering)
		keep_cursor(app, s);
	own->numbering = app->feed->numbering;
	for (size_t i = 0; own->sought && i < own->flow.count; i++) {
		const struct flow_item *item = &own->flow.items[i];
		const struct entry *e =
			item->stream ? NULL : journal_at(j, item->row);

		if (e && e->place.frame == own->sought &&
		    e->place.file == own->sought_file) {
			s->list.cursor = i;
			own->sought = 0;
		}
	}
}

static void refresh(struct app *app, struct screen *s)
{
	struct flow_screen *own = s->own;

	make(app, s, own->width);
}

/* ---- drawing ---- */

static void draw_preview(struct app *app, struct screen *s, struct canvas *c,
			 const struct area *a)
{
	struct flow_screen *own = s->own;
	const struct flow_item *item = at_cursor(s);
	struct area text = {a->x + 2, a->y, a->width - 2, a->height};

	canvas_down(c, a->x, a->y, a->height, STYLE_FRAME, 0x2502);
	if (!item)
		return;
	if (item->stream) {
		stream_page(app, list_at(&app->feed->model->media, item->row),
			    &own->page, text.width);
		page_draw(&own->page, 0, c, &text);
		return;
	}
	message_page(app, journal_at(app->feed->journal, item->row),
		     own->fields, &own->page, text.width);
	page_draw(&own->page, 0, c, &text);
}

/* The pair whose checks are shown; NULL: it is gone. */
static const struct pair *pair_of(const struct flow_screen *own,
				  const struct view_call *v)
{
	const struct model *m = v->model;

	for (uint32_t i = 0; v->call && i < v->call->sessions.count; i++) {
		const struct session *x =
			list_at(&m->sessions, v->call->sessions.list[i]);

		for (size_t at = x->first_pair; at != LIST_NONE;) {
			const struct pair *p = list_at(&m->pairs, at);

			if (endpoint_equal(end_at(m, p->a),
					   &own->flow.ends[0]) &&
			    endpoint_equal(end_at(m, p->b), &own->flow.ends[1]))
				return p;
			at = p->next;
		}
	}
	return NULL;
}

static void put_state(struct app *app, const struct flow_screen *own,
		      const struct view_call *v, struct text *to)
{
	const struct pair *pair =
		own->flow.one_pair && !app->at ? pair_of(own, v) : NULL;

	if (pair)
		text_puts(to, pair->why ? pair->why : "");
	else if (v->other && !app->at)
		text_printf(to, "%s, %s", app->feed->method(v->other->method),
			    view_outcome(v));
	else if (app->at || !v->call ||
		 (app->feed->state == FEED_LIVE &&
		  v->call->outcome == OUTCOME_IN_PROGRESS))
		view_waits_for(v, to);
	else if (v->call->text)
		text_puts(to, v->call->text);
}

static void draw_state(struct app *app, struct screen *s, struct canvas *c,
		       const struct area *a)
{
	struct flow_screen *own = s->own;
	struct view_call calls[FLOW_CALLS_MAX];
	size_t count = flow_calls(app, &own->flow, calls);
	struct text line = text_new(4096);
	int x = a->x;

	if (count == 0 || own->flow.call_count != 1) {
		text_free(&line);
		return;
	}
	for (int i = 0; i < STAGES; i++) {
		bool begun;
		enum stage_state state =
			view_stage(&calls[0], (enum stage)i, &begun);

		canvas_repeat(c, x++, a->y, 1,
			      (enum style)view_mark_style(state, begun),
			      view_mark(state, begun));
	}
	put_state(app, own, &calls[0], &line);
	(void)canvas_put(c, x + 1, a->y, a->width - x - 1,
			 (enum style)view_outcome_style(&calls[0]),
			 text_slice(&line));
	text_free(&line);
}

static void draw_empty(struct app *app, const struct flow_screen *own,
		       struct canvas *c, const struct area *a)
{
	struct view_call calls[FLOW_CALLS_MAX];
	const char *text = "no message of this kind";

	/* Live, an attempt becomes part of a call, and calls are forgotten. */
	if (flow_calls(app, &own->flow, calls) == 0)
		text = "this belongs to another call by now, or is forgotten";
	(void)canvas_puts(c, 2, a->y + 3, a->width - 4, STYLE_DIM, text);
}

/* The rows of arrows, with the bar behind them. */
static void flow_area(const struct flow_screen *own, const struct area *a,
		      struct area *rows)
{
	int head = flow_head(&own->flow);

	*rows = (struct area){a->x, a->y + head, a->width + 1,
			      a->height - head};
}

/* The message that another one will be compared with. */
static void draw_selected(struct app *app, const struct screen *s,
			  struct canvas *c)
{
	struct flow_screen *own = s->own;
	uint32_t row = remembered_row(app->feed, &own->selected);

	for (int i = 0; row != CHAIN_END && i < s->list.rows.height; i++) {
		size_t at = s->list.top + (size_t)i;

		if (at < own->flow.count && !own->flow.items[at].stream &&
		    own->flow.items[at].row == row)
			canvas_repeat(
				c, s->list.rows.x + flow_time_columns(app) - 1,
				s->list.rows.y + i, 1, STYLE_BOLD, '*');
	}
}

static void keep_last(struct app *app, struct screen *s)
{
	struct flow_screen *own = s->own;
	const struct flow_item *item = at_cursor(s);

	own->last = remember(app->feed,
			     item && !item->stream ? item->row : CHAIN_END);
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *area)
{
	struct flow_screen *own = s->own;
	int preview = preview_width(app, area->width);
	struct area a = *area, right, rows;

	draw_state(app, s, c, &a);
	a.y++;
	a.height--;
	right = (struct area){a.x + a.width - preview, a.y, preview, a.height};
	a.width -= preview + 1;
	if (own->width != a.width)
		make(app, s, a.width);
	flow_area(own, &a, &rows);
	lister_show(&s->list, own->flow.count, &rows);
	flow_draw(app, &own->flow, &s->list, c, &a);
	draw_selected(app, s, c);
	keep_last(app, s);
	if (own->flow.count == 0)
		draw_empty(app, own, c, &a);
	lister_bar(&s->list, c, &rows);
	if (preview)
		draw_preview(app, s, c, &right);
}

/* Who calls whom; of what has only one end that one. */
static void put_ends(const struct view_call *v, struct text *to)
{
	size_t begin = to->n, from;

	view_columns[view_column_find(SLICE("sipfrom"))].put(v, to);
	from = to->n;
	text_puts(to, from > begin ? " \xe2\x86\x92 " : "");
	begin = to->n;
	view_columns[view_column_find(SLICE("sipto"))].put(v, to);
	if (to->n == begin)
		to->n = from;
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	struct flow_screen *own = s->own;
	struct view_call calls[FLOW_CALLS_MAX];
	size_t count = flow_calls(app, &own->flow, calls);

	if (own->flow.one_pair)
		text_puts(to, "checks of one pair, ");
	if (count == 1) {
		text_printf(to, "%s %u: ", calls[0].other ? "other" : "call",
			    calls[0].number + 1);
		put_ends(&calls[0], to);
	} else {
		text_printf(to, "%zu calls", count);
	}
	text_printf(to, ", %zu of %zu",
		    own->flow.count ? s->list.cursor + 1 : 0, own->flow.count);
	if (own->flow.legs)
		text_puts(to, ", all legs");
}

/* ---- actions ---- */

static void open_at_cursor(struct app *app, struct screen *s)
{
	struct flow_screen *own = s->own;
	const struct flow_item *item = at_cursor(s);
	uint32_t *rows;
	size_t count = 0, at = 0;

	if (!item)
		return;
	if (item->stream) {
		open_stream(app, list_at(&app->feed->model->media, item->row));
		return;
	}
	rows = malloc(own->flow.count * sizeof(*rows));
	if (!rows) {
		app_complain(app, "out of memory");
		return;
	}
	for (size_t i = 0; i < own->flow.count; i++) {
		if (own->flow.items[i].stream)
			continue;
		if (i == s->list.cursor)
			at = count;
		rows[count++] = own->flow.items[i].row;
	}
	open_message(app, rows, count, at);
	free(rows);
}

static void select_item(struct app *app, struct screen *s)
{
	struct flow_screen *own = s->own;
	const struct flow_item *item = at_cursor(s);
	uint32_t first = remembered_row(app->feed, &own->selected);

	if (!item || item->stream)
		return;
	if (first == item->row) {
		own->selected = remember(app->feed, CHAIN_END);
	} else if (first == CHAIN_END) {
		own->selected = remember(app->feed, item->row);
	} else {
		own->selected = remember(app->feed, CHAIN_END);
		open_diff_messages(app, first, item->row);
	}
}

static void cycle(struct app *app, enum setting setting, int count)
{
	int *value = &app->settings.values[setting];

	*value = (*value + 1) % count;
	app_say(app, "%s: %s", setting_rows[setting].name,
		setting_rows[setting].choices[*value]);
}

static bool act_settings(struct app *app, struct screen *s, enum action action)
{
	struct flow_screen *own = s->own;
	int *values = app->settings.values;

	switch ((int)action) {
	case ACTION_SDP_INFO:
		cycle(app, SETTING_SDP_INFO, 2);
		break;
	case ACTION_MEDIA:
		cycle(app, SETTING_MEDIA, 2);
		break;
	case ACTION_REPEATS:
		cycle(app, SETTING_REPEATS, 2);
		break;
	case ACTION_COMPRESS:
		values[SETTING_COMPRESS] =
			own->flow.by_host ? THREE_OFF : THREE_ON;
		app_say(app, "one column for each %s",
			own->flow.by_host ? "port" : "host");
		break;
	case ACTION_HUE_MODE:
		cycle(app, SETTING_HUES, 3);
		break;
	case ACTION_SYNTAX:
		cycle(app, SETTING_SYNTAX, 2);
		break;
	case ACTION_ALIAS:
		cycle(app, SETTING_ALIASES, 2);
		break;
	case ACTION_TIME_MODE:
		cycle(app, SETTING_TIMES, 3);
		break;
	default:
		return false;
	}
	refresh(app, s);
	return true;
}

static bool act_preview(struct app *app, struct screen *s, enum action action)
{
	struct flow_screen *own = s->own;
	int *values = app->settings.values;
	int now = preview_width(app, app->width);
	int *width = &values[SETTING_PREVIEW_WIDTH];

	switch ((int)action) {
	case ACTION_PREVIEW:
		values[SETTING_PREVIEW] = now ? THREE_OFF : THREE_ON;
		if (!now && preview_width(app, app->width) == 0)
			app_complain(app, "the terminal is too narrow");
		break;
	case ACTION_PREVIEW_MORE:
		*width = now + PREVIEW_STEP;
		if (app->width - *width < FLOW_MIN)
			*width = now;
		break;
	case ACTION_PREVIEW_LESS:
		*width = now > PREVIEW_MIN + PREVIEW_STEP ? now - PREVIEW_STEP
							  : PREVIEW_MIN;
		break;
	case ACTION_PREVIEW_RESET:
		*width = 0;
		break;
	case ACTION_FIELDS:
		own->fields = !own->fields;
		break;
	default:
		return false;
	}
	return true;
}

static void toggle(struct app *app, struct screen *s, bool *what)
{
	*what = !*what;
	s->list.cursor = 0;
	refresh(app, s);
}

static bool act_kinds(struct app *app, struct screen *s, enum action action)
{
	struct flow_screen *own = s->own;

	switch ((int)action) {
	case ACTION_ONLY_MEDIA:
		toggle(app, s, &own->flow.only_media);
		return true;
	case ACTION_ONLY_SDP:
		toggle(app, s, &own->flow.only_sdp);
		return true;
	case ACTION_ONLY_SIP:
		toggle(app, s, &own->flow.only_sip);
		return true;
	case ACTION_FLOW_EXTENDED:
		toggle(app, s, &own->flow.legs);
		app_say(app, own->flow.legs ? "all legs of the call"
					    : "the first leg alone");
		return true;
	default:
		return act_preview(app, s, action) ||
		       act_settings(app, s, action);
	}
}

static bool act_screens(struct app *app, struct screen *s, enum action action)
{
	struct flow_screen *own = s->own;
	const struct flow_item *item = at_cursor(s);
	struct view_call calls[FLOW_CALLS_MAX];
	size_t count = flow_calls(app, &own->flow, calls);

	switch ((int)action) {
	case ACTION_PAIRS:
		if (count)
			open_pairs(app, &calls[0]);
		return true;
	case ACTION_RELAYS:
		if (count)
			open_relays(app, &calls[0]);
		return true;
	case ACTION_FINDINGS:
		if (count)
			open_findings(app, &calls[0]);
		return true;
	case ACTION_SAVE:
		open_save(app, count ? &calls[0] : NULL,
			  item && !item->stream ? item->row : LIST_NONE);
		return true;
	case ACTION_TIME_HERE:
		if (item) {
			app->at = item->time;
			refresh(app, s);
		}
		return true;
	default:
		return act_kinds(app, s, action);
	}
}

static bool act(struct app *app, struct screen *s, enum action action)
{
	/* Keys may come faster than it is drawn. */
	keep_last(app, s);
	switch ((int)action) {
	case ACTION_OPEN:
	case ACTION_RAW:
		open_at_cursor(app, s);
		return true;
	case ACTION_SELECT:
		select_item(app, s);
		return true;
	case ACTION_DIFF:
		app_say(app, "select two messages with Space");
		return true;
	default:
		return act_screens(app, s, action);
	}
}

static void row_text(struct app *app, struct screen *s, size_t row,
		     struct text *to)
{
	struct flow_screen *own = s->own;

	flow_label(app, &own->flow.items[row], to);
}

static void close(struct screen *s)
{
	struct flow_screen *own = s->own;

	flow_free(&own->flow);
	page_free(&own->page);
}

static const struct screen_class flow_class = {
	.scope = SCOPE_FLOW,
	.size = sizeof(struct flow_screen),
	.title = title,
	.draw = draw,
	.act = act,
	.refresh = refresh,
	.close = close,
	.row_text = row_text,
};

static struct screen *open_screen(struct app *app, const struct view_call *v)
{
	struct screen *s = app_push(app, &flow_class);
	struct flow_screen *own;

	if (!s)
		return NULL;
	own = s->own;
	own->selected = own->last = remember(app->feed, CHAIN_END);
	own->numbering = app->feed->numbering;
	own->width = -1;
	own->flow.only_media = app->settings.values[SETTING_ONLY_MEDIA];
	own->flow.keys[own->flow.call_count++] = view_key(v);
	return s;
}

void open_flow(struct app *app, const struct view_call *v, bool extended)
{
	struct screen *s = open_screen(app, v);
	struct flow_screen *own;

	if (!s)
		return;
	own = s->own;
	own->flow.legs = extended;
	/* Several that are selected are told together. */
	for (size_t i = 0; i < app->mark_count; i++)
		if (app->marks[i] != own->flow.keys[0] &&
		    own->flow.call_count < FLOW_CALLS_MAX)
			own->flow.keys[own->flow.call_count++] = app->marks[i];
	make(app, s, app->width - 1);
}

void open_flow_at(struct app *app, const struct view_call *v,
		  struct place place)
{
	struct screen *s = open_screen(app, v);
	struct flow_screen *own;

	if (!s)
		return;
	own = s->own;
	own->flow.legs = true;
	own->flow.only_media = false;
	own->sought = place.frame;
	own->sought_file = place.file;
	make(app, s, app->width - 1);
	if (own->sought && place.frame)
		app_say(app, "frame %llu is no message of this call",
			(unsigned long long)place.frame);
	own->sought = 0;
}

void open_flow_of_pair(struct app *app, const struct view_call *v,
		       const struct pair *pair)
{
	struct screen *s = open_screen(app, v);
	struct flow_screen *own;

	if (!s)
		return;
	own = s->own;
	own->flow.one_pair = true;
	own->flow.only_media = false;
	own->flow.ends[0] = *end_at(v->model, pair->a);
	own->flow.ends[1] = *end_at(v->model, pair->b);
	make(app, s, app->width - 1);
}
