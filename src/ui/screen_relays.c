/* Allocations and tokens, in the state that they have at the moment. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "report/keys.h"
#include "ui/app.h"
#include "ui/page.h"

#define BAR_COLUMNS 12
#define PANE_ROWS 9

struct relay_row {
	uint32_t number;
	bool token;
};

struct relays_screen {
	struct about about;
	struct relay_row *rows;
	size_t count;
	struct page page;
};

static nanoseconds now_of(const struct app *app)
{
	return app->at ? app->at : app->feed->model->last_time;
}

/* ---- what is listed ---- */

static void add(struct relays_screen *own, size_t number, bool token)
{
	own->rows[own->count++] = (struct relay_row){(uint32_t)number, token};
}

static void add_all(struct app *app, struct relays_screen *own)
{
	const struct model *m = app->feed->model;
	const struct allocation *a = m->allocations.rows;
	const struct token *t = m->tokens.rows;

	for (size_t i = 0; i < m->tokens.count; i++)
		if (!app->at || t[i].issued <= app->at ||
		    place_time(m, t[i].request) <= app->at)
			add(own, i, true);
	for (size_t i = 0; i < m->allocations.count; i++)
		if (!app->at || place_time(m, a[i].request) <= app->at)
			add(own, i, false);
}

static void add_of_call(struct relays_screen *own, const struct view_call *v)
{
	for (uint32_t i = 0; i < v->call->tokens.count; i++)
		add(own, v->call->tokens.list[i], true);
	for (uint32_t i = 0; i < v->call->allocations.count; i++)
		add(own, v->call->allocations.list[i], false);
}

static void make(struct app *app, struct screen *s)
{
	struct relays_screen *own = s->own;
	const struct model *m = app->feed->model;
	struct view_call v;

	free(own->rows);
	own->count = 0;
	own->rows = calloc(m->allocations.count + m->tokens.count + 1,
			   sizeof(*own->rows));
	if (!own->rows) {
		app_complain(app, "out of memory");
		return;
	}
	if (!own->about.key)
		add_all(app, own);
	else if (app_about(app, s, &v) && v.call)
		add_of_call(own, &v);
	s->list.count = own->count;
}

/* ---- states ---- */

static const struct change *change_at(struct app *app,
				      const struct chain *history)
{
	const struct model *m = app->feed->model;
	const struct change *found = NULL;
	uint32_t at = history->count ? history->first : CHAIN_END;

	while (at != CHAIN_END) {
		const struct change *c = list_at(&m->changes, at);

		if (place_time(m, c->place) > now_of(app))
			break;
		if (c->what == WORD_STATE)
			found = c;
		at = c->next;
	}
	return found;
}

static enum style style_of(enum word word)
{
	switch ((int)word) {
	case WORD_OK:
	case WORD_REFRESHED:
	case WORD_MOVED:
		return STYLE_GOOD;
	case WORD_FAILED:
	case WORD_LOST:
	case WORD_EXPIRED:
		return STYLE_BAD;
	case WORD_REQUESTED:
	case WORD_CHALLENGED:
	case WORD_REDIRECTED:
		return STYLE_WARN;
	default:
		return STYLE_PLAIN;
	}
}

static void draw_state(const struct change *c, struct canvas *canvas, int x,
		       int y)
{
	const char *word = c ? word_text((enum word)c->to) : NULL;
	enum style style = c ? style_of((enum word)c->to) : STYLE_DIM;

	if (c && c->to == WORD_FAILED && c->value)
		(void)canvas_printf(canvas, x, y, 12, style, "failed %u",
				    c->value);
	else
		(void)canvas_puts(canvas, x, y, 12, style,
				  word ? word : "not seen");
}

/* What is left of a time that is granted: a bar and a number. */
static void draw_left(struct app *app, nanoseconds from, nanoseconds until,
		      struct canvas *c, int x, int y)
{
	nanoseconds now = now_of(app);
	double all = (double)(until - from), left = (double)(until - now);
	int cells = 0;

	if (until == 0 || until <= from)
		return;
	if (left > 0)
		cells = (int)(left / all * BAR_COLUMNS + 0.5);
	if (cells > BAR_COLUMNS)
		cells = BAR_COLUMNS;
	/* Of how much it is what is left is not known where nobody saw it
	 * granted. */
	if (from) {
		canvas_repeat(c, x, y, cells, STYLE_GOOD, 0x2588);
		canvas_repeat(c, x + cells, y, BAR_COLUMNS - cells, STYLE_DIM,
			      0x2591);
	}
	if (left <= 0)
		(void)canvas_puts(c, x + BAR_COLUMNS + 1, y, 10, STYLE_BAD,
				  "over");
	else if (left < 7200 * (double)NS_PER_S)
		(void)canvas_printf(c, x + BAR_COLUMNS + 1, y, 10, STYLE_PLAIN,
				    "%.0f s", left / (double)NS_PER_S);
	else
		(void)canvas_printf(c, x + BAR_COLUMNS + 1, y, 10, STYLE_PLAIN,
				    "%.1f h", left / 3600e9);
}

static unsigned open_at(struct app *app, const struct allocation *a,
			bool channels)
{
	const struct model *m = app->feed->model;
	uint32_t at = a->openings.count ? a->openings.first : CHAIN_END;
	unsigned count = 0;

	while (at != CHAIN_END) {
		const struct opening *o = list_at(&m->openings, at);

		count += (o->channel != 0) == channels &&
			 place_time(m, o->granted) <= now_of(app) &&
			 o->to > now_of(app);
		at = o->next;
	}
	return count;
}

/* ---- drawing ---- */

#define WHO_X 13
#define WHO_MAX 46
/* What stands right of who and where: a state and the time that is left. */
#define STATE_COLUMNS 13
#define LEFT_COLUMNS 20
#define OPEN_COLUMNS 18

static int state_x(const struct canvas *c)
{
	int x = c->width - STATE_COLUMNS - LEFT_COLUMNS;

	if (x > WHO_X + 1 + WHO_MAX)
		return WHO_X + 1 + WHO_MAX;
	return x > WHO_X + 16 ? x : WHO_X + 16;
}

static int left_x(const struct canvas *c)
{
	return state_x(c) + STATE_COLUMNS;
}

static void put_username(struct slice username, struct text *to)
{
	key_put_username(username, to);
}

static void draw_token(struct app *app, const struct token *t, struct canvas *c,
		       int y)
{
	struct text who = text_new(1024);

	(void)canvas_printf(c, 1, y, 11, STYLE_NOTE, "%s",
			    token_kind_name(t->kind));
	if (t->identity && t->identity[0])
		text_puts(&who, t->identity);
	else
		put_username(t->username, &who);
	if (t->client.family != FAMILY_NONE) {
		text_puts(&who, " at ");
		app_put_end(app, &t->client, true, &who);
	}
	(void)canvas_put(c, WHO_X, y, state_x(c) - WHO_X - 1, STYLE_PLAIN,
			 text_slice(&who));
	draw_state(change_at(app, &t->history), c, state_x(c), y);
	draw_left(app, t->issued, t->expires, c, left_x(c), y);
	text_free(&who);
}

/* Permissions and channels, where there is room. */
static void draw_open(struct app *app, const struct allocation *a,
		      struct canvas *c, int y)
{
	int x = left_x(c) + LEFT_COLUMNS + 2;

	if (c->width - x >= OPEN_COLUMNS)
		(void)canvas_printf(c, x, y, c->width - x, STYLE_PLAIN,
				    "%u perm. %u chan.", open_at(app, a, false),
				    open_at(app, a, true));
}

static void draw_allocation(struct app *app, const struct allocation *a,
			    struct canvas *c, int y)
{
	struct text who = text_new(1024);

	(void)canvas_printf(c, 1, y, 11, STYLE_HUE_1, "%s %s",
			    a->ms_turn ? "ms-turn" : "turn", a->transport);
	app_put_end(app, end_at(app->feed->model, a->client), false, &who);
	text_puts(&who, " \xe2\x86\x92 ");
	app_put_end(app, end_at(app->feed->model, a->server), false, &who);
	(void)canvas_put(c, WHO_X, y, state_x(c) - WHO_X - 1, STYLE_PLAIN,
			 text_slice(&who));
	draw_state(change_at(app, &a->history), c, state_x(c), y);
	if (a->granted &&
	    place_time(app->feed->model, a->granted) <= now_of(app)) {
		draw_left(app, a->until - (nanoseconds)a->lifetime * NS_PER_S,
			  a->until, c, left_x(c), y);
		draw_open(app, a, c, y);
	}
	text_free(&who);
}

static void draw_row(struct app *app, const struct relay_row *row,
		     struct canvas *c, int y)
{
	const struct model *m = app->feed->model;

	if (row->token && row->number < m->tokens.count)
		draw_token(app, list_at(&m->tokens, row->number), c, y);
	if (!row->token && row->number < m->allocations.count)
		draw_allocation(app, list_at(&m->allocations, row->number), c,
				y);
}

/* ---- in detail ---- */

static void put_history(struct app *app, struct page *page,
			const struct chain *history)
{
	const struct model *m = app->feed->model;
	uint32_t at = history->count ? history->first : CHAIN_END;
	struct text time = text_new(64);

	while (at != CHAIN_END) {
		const struct change *c = list_at(&m->changes, at);
		const char *to = word_text((enum word)c->to);

		text_clear(&time);
		clock_of_day(place_time(m, c->place), &time);
		text_putc(&time, ' ');
		if (place_time(m, c->place) <= now_of(app) && to) {
			page_put(page, STYLE_DIM, text_slice(&time));
			page_printf(page, style_of((enum word)c->to), "%s", to);
			if (c->value)
				page_printf(page, STYLE_PLAIN, " %u", c->value);
			page_puts(page, STYLE_PLAIN, "   ");
		}
		at = c->next;
	}
	page_end(page);
	text_free(&time);
}

static void put_openings(struct app *app, struct page *page,
			 const struct allocation *a)
{
	const struct model *m = app->feed->model;
	uint32_t at = a->openings.count ? a->openings.first : CHAIN_END;
	struct text peer = text_new(128);

	while (at != CHAIN_END) {
		const struct opening *o = list_at(&m->openings, at);
		double left = (double)(o->to - now_of(app)) / (double)NS_PER_S;

		at = o->next;
		if (place_time(m, o->granted) > now_of(app))
			continue;
		text_clear(&peer);
		app_put_end(app, end_at(m, o->peer), o->channel == 0, &peer);
		text_putc(&peer, 0);
		if (o->channel)
			page_printf(page, STYLE_PLAIN, "channel 0x%04x to %s, ",
				    o->channel, peer.p);
		else
			page_printf(page, STYLE_PLAIN, "permission for %s, ",
				    peer.p);
		page_printf(page, left > 0 ? STYLE_GOOD : STYLE_BAD,
			    left > 0 ? "%.0f s left   " : "over   ", left);
	}
	page_end(page);
	text_free(&peer);
}

/* What the server has lent, and to whom. */
static void put_lent(const struct model *m, const struct allocation *a,
		     struct text *to)
{
	if (!a->relayed) {
		text_puts(to, "no address was lent");
	} else {
		text_puts(to, "relayed ");
		endpoint_text(end_at(m, a->relayed), to);
	}
	if (a->relayed_other) {
		text_puts(to, " and ");
		endpoint_text(end_at(m, a->relayed_other), to);
	}
	if (a->reflexive) {
		text_puts(to, ", reflexive ");
		endpoint_text(end_at(m, a->reflexive), to);
	}
	if (a->username.n) {
		text_puts(to, ", user ");
		put_username(a->username, to);
	}
	if (a->realm.n) {
		text_puts(to, ", realm ");
		text_put(to, a->realm);
	}
}

static void put_requests(const struct allocation *a, struct text *to)
{
	size_t begin;

	text_printf(to, "%u request%s", a->requests,
		    a->requests == 1 ? "" : "s");
	if (a->unanswered)
		text_printf(to, ", the last %u not answered", a->unanswered);
	for (size_t i = 0; i < a->error_count && i < ERRORS_KEPT; i++)
		if (a->errors[i])
			text_printf(to, "%s %u", i ? "," : ", errors",
				    a->errors[i]);
		else
			text_printf(to, "%s without a code",
				    i ? ", one" : ", an error");
	if (a->error_count > ERRORS_KEPT)
		text_printf(to, " and %u more", a->error_count - ERRORS_KEPT);
	begin = to->n;
	text_puts(to, "; ");
	app_put_integrity(&a->integrity, to);
	if (to->n == begin + 2)
		to->n = begin;
}

static void put_allocation(struct app *app, struct page *page,
			   const struct allocation *a)
{
	struct text line = text_new(1024);

	put_lent(app->feed->model, a, &line);
	page_put(page, STYLE_PLAIN, text_slice(&line));
	page_end(page);
	text_clear(&line);
	put_requests(a, &line);
	page_put(page, STYLE_PLAIN, text_slice(&line));
	page_end(page);
	put_openings(app, page, a);
	put_history(app, page, &a->history);
	text_free(&line);
}

static void put_token(struct app *app, struct page *page, const struct token *t)
{
	struct text line = text_new(1024);

	text_puts(&line, "user ");
	put_username(t->username, &line);
	if (t->realm)
		text_printf(&line, ", realm %s", t->realm);
	if (t->reason)
		text_printf(&line, ", %s", t->reason);
	page_put(page, STYLE_PLAIN, text_slice(&line));
	page_end(page);
	for (unsigned i = 0; i < t->relay_count; i++) {
		const struct token_relay *r = &t->relays[i];

		page_printf(page, STYLE_PLAIN, "relay %s (%s) UDP %u TCP %u  ",
			    r->host ? r->host : "-",
			    r->location ? r->location : "-", r->udp_port,
			    r->tcp_port);
	}
	page_end(page);
	put_history(app, page, &t->history);
	text_free(&line);
}

static void draw_pane(struct app *app, struct screen *s, struct canvas *c,
		      const struct area *a)
{
	struct relays_screen *own = s->own;
	const struct model *m = app->feed->model;
	struct area text = {a->x + 1, a->y + 1, a->width - 2, a->height - 1};
	const struct relay_row *row;

	canvas_repeat(c, a->x, a->y, a->width, STYLE_FRAME, 0x2500);
	if (s->list.cursor >= own->count)
		return;
	row = &own->rows[s->list.cursor];
	page_begin(&own->page, text.width);
	page_words(&own->page);
	page_hang(&own->page, 2);
	if (row->token && row->number < m->tokens.count)
		put_token(app, &own->page, list_at(&m->tokens, row->number));
	else if (!row->token && row->number < m->allocations.count)
		put_allocation(app, &own->page,
			       list_at(&m->allocations, row->number));
	page_draw(&own->page, 0, c, &text);
}

static int pane_rows(int height)
{
	if (height > 14)
		return PANE_ROWS;
	return height > 6 ? 4 : 0;
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *area)
{
	struct relays_screen *own = s->own;
	struct area a = *area, low;
	int pane = pane_rows(area->height);

	a.height -= pane;
	low = (struct area){a.x, a.y + a.height, a.width, pane};
	canvas_repeat(c, a.x, a.y, a.width, STYLE_HEAD, ' ');
	(void)canvas_puts(c, 1, a.y, 11, STYLE_HEAD, "kind");
	(void)canvas_puts(c, WHO_X, a.y, state_x(c) - WHO_X - 1, STYLE_HEAD,
			  "who, where");
	(void)canvas_puts(c, state_x(c), a.y, 12, STYLE_HEAD, "state");
	(void)canvas_puts(c, left_x(c), a.y, 30, STYLE_HEAD, "time left");
	a.y++;
	a.height--;
	lister_show(&s->list, own->count, &a);
	for (int i = 0; i < a.height; i++) {
		size_t row = s->list.top + (size_t)i;

		if (row >= own->count)
			break;
		draw_row(app, &own->rows[row], c, a.y + i);
		if (row == s->list.cursor)
			canvas_choose(c, a.x, a.y + i, a.width - 1);
	}
	if (own->count == 0)
		(void)canvas_puts(c, 2, a.y + 1, a.width - 4, STYLE_DIM,
				  "no relay was asked, and no token");
	lister_bar(&s->list, c, &a);
	if (pane)
		draw_pane(app, s, c, &low);
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	struct relays_screen *own = s->own;

	(void)app;
	text_printf(to, "%zu token%s and allocation%s%s", own->count,
		    own->count == 1 ? "" : "s", own->count == 1 ? "" : "s",
		    own->about.key ? " of this call" : "");
}

/* The flow of the call that an allocation is for. */
static bool act(struct app *app, struct screen *s, enum action action)
{
	struct relays_screen *own = s->own;
	const struct model *m = app->feed->model;
	const struct allocation *a;
	const struct relay_row *row;
	struct view_call v;

	if (action != ACTION_OPEN)
		return false;
	if (s->list.cursor >= own->count)
		return true;
	row = &own->rows[s->list.cursor];
	if (row->token) {
		app_say(app, "a token has no flow of its own");
		return true;
	}
	a = list_at(&m->allocations, row->number);
	if (!app->feed->joined || a->call >= m->calls.count) {
		app_say(app, "it belongs to no call");
		return true;
	}
	v = view_call(app->feed, a->call, &app->settings, app->at);
	open_flow_at(app, &v, place_at(app->feed->model, a->request));
	return true;
}

static void row_text(struct app *app, struct screen *s, size_t row,
		     struct text *to)
{
	struct relays_screen *own = s->own;
	const struct model *m = app->feed->model;
	const struct allocation *a;

	if (own->rows[row].token) {
		const struct token *t =
			list_at(&m->tokens, own->rows[row].number);

		text_puts(to, token_kind_name(t->kind));
		put_username(t->username, to);
		return;
	}
	a = list_at(&m->allocations, own->rows[row].number);
	endpoint_text(end_at(m, a->client), to);
	text_putc(to, ' ');
	endpoint_text(end_at(m, a->server), to);
	text_putc(to, ' ');
	endpoint_text(end_at(m, a->relayed), to);
	put_username(a->username, to);
}

static void close(struct screen *s)
{
	struct relays_screen *own = s->own;

	free(own->rows);
	page_free(&own->page);
}

static const struct screen_class relays_class = {
	.scope = SCOPE_RELAYS,
	.size = sizeof(struct relays_screen),
	.title = title,
	.draw = draw,
	.act = act,
	.refresh = make,
	.close = close,
	.row_text = row_text,
};

void open_relays(struct app *app, const struct view_call *v)
{
	app_push_about(app, &relays_class, v);
}
