/*
 * The matrix of candidate pairs: what is offered to the left, what is answered
 * above; a cell for each pair that was checked, and what became of it below.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/app.h"
#include "ui/page.h"

#define SIDE_MAX 64u
#define NAME_COLUMNS 30
#define CELL_COLUMNS 10
/* Where there is so much room a column has its address in its head. */
#define CELL_COLUMNS_WIDE 24
#define CELL_COLUMNS_MOST 29
#define PANE_ROWS 9

/* A row or a column: an end, and the candidate that it is. */
struct pair_end {
	struct endpoint at;
	uint32_t candidate; /* or CHAIN_END */
	uint8_t type;
	uint16_t component;
};

struct pairs_screen {
	struct about about;
	struct pair_end sides[2][SIDE_MAX];
	size_t counts[2];
	uint32_t cells[SIDE_MAX][SIDE_MAX]; /* pair, or CHAIN_END */
	size_t column, left;
	int cell; /* columns of one, as they were drawn last */
	size_t pairs, dropped;
	struct page page;
};

/* ---- making ---- */

/* Which side an end is on: that of its candidate, else the caller's for who
 * was seen first. */
static unsigned side_of(const struct model *m, const struct pair *p,
			unsigned end)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct candidate *k;

		if (p->candidates[end ^ i] == CHAIN_END)
			continue;
		k = list_at(&m->candidates, p->candidates[end ^ i]);
		if (k->side == SIDE_OFFER)
			return i;
		if (k->side == SIDE_ANSWER)
			return i ^ 1;
	}
	return end;
}

static size_t place_end(const struct model *m, struct pairs_screen *own,
			unsigned side, const struct pair *p, unsigned end)
{
	const struct endpoint *at = end_at(m, end ? p->b : p->a);
	struct pair_end *rows = own->sides[side];

	for (size_t i = 0; i < own->counts[side]; i++)
		if (endpoint_equal(&rows[i].at, at))
			return i;
	if (own->counts[side] == SIDE_MAX)
		return SIDE_MAX;
	rows[own->counts[side]] = (struct pair_end){
		*at, p->candidates[end], p->types[end], p->component};
	return own->counts[side]++;
}

static void add_pair(struct app *app, struct pairs_screen *own, size_t number)
{
	const struct model *m = app->feed->model;
	const struct pair *p = list_at(&m->pairs, number);
	unsigned side = side_of(m, p, 0);
	size_t a, b;

	if (app->at && place_time(m, p->cited.first) > app->at)
		return;
	a = place_end(m, own, side, p, 0);
	b = place_end(m, own, side ^ 1, p, 1);
	if (a == SIDE_MAX || b == SIDE_MAX) {
		own->dropped++;
		return;
	}
	own->pairs++;
	/* After a restart the newer pair counts. */
	if (side == 0)
		own->cells[a][b] = (uint32_t)number;
	else
		own->cells[b][a] = (uint32_t)number;
}

static void make(struct app *app, struct screen *s)
{
	struct pairs_screen *own = s->own;
	const struct model *m = app->feed->model;
	struct view_call v;

	own->counts[0] = own->counts[1] = own->pairs = own->dropped = 0;
	for (size_t i = 0; i < SIDE_MAX; i++)
		for (size_t k = 0; k < SIDE_MAX; k++)
			own->cells[i][k] = CHAIN_END;
	if (!app_about(app, s, &v) || !v.call)
		return;
	for (uint32_t i = 0; i < v.call->sessions.count; i++) {
		const struct session *x =
			list_at(&m->sessions, v.call->sessions.list[i]);

		for (size_t at = x->first_pair; at != LIST_NONE;) {
			add_pair(app, own, at);
			at = ((const struct pair *)list_at(&m->pairs, at))
				     ->next;
		}
	}
	s->list.count = own->counts[0];
	if (own->column >= own->counts[1])
		own->column = own->counts[1] ? own->counts[1] - 1 : 0;
}

/* ---- states ---- */

static const struct pair *cell(struct app *app, const struct pairs_screen *own,
			       size_t row, size_t column)
{
	uint32_t at;

	if (row >= own->counts[0] || column >= own->counts[1])
		return NULL;
	at = own->cells[row][column];
	return at < app->feed->model->pairs.count
		       ? list_at(&app->feed->model->pairs, at)
		       : NULL;
}

static enum word word_at(struct app *app, const struct pair *p)
{
	const struct model *m = app->feed->model;
	uint32_t at = p->history.count ? p->history.first : CHAIN_END;
	enum word word = WORD_NONE;

	while (at != CHAIN_END) {
		const struct change *c = list_at(&m->changes, at);

		if (app->at && place_time(m, c->place) > app->at)
			break;
		if (c->what == WORD_STATE)
			word = (enum word)c->to;
		at = c->next;
	}
	return word;
}

struct mark_row {
	enum word word;
	const char *text;
	enum style style;
};

static const struct mark_row mark_rows[] = {
	{WORD_NOMINATED, "nominated", STYLE_GOOD},
	{WORD_SUCCEEDED, "answered", STYLE_GOOD},
	{WORD_IN_PROGRESS, "asked", STYLE_WARN},
	{WORD_FAILED, "failed", STYLE_BAD},
	{WORD_CONSENT_EXPIRED, "lost", STYLE_BAD},
};

static const struct mark_row *mark_of(enum word word)
{
	for (size_t i = 0; i < sizeof(mark_rows) / sizeof(mark_rows[0]); i++)
		if (mark_rows[i].word == word)
			return &mark_rows[i];
	return NULL;
}

static bool has_answer(const struct pair *p)
{
	return p->way[0].responses || p->way[1].responses;
}

static void draw_cell(struct app *app, const struct pair *p, struct canvas *c,
		      int x, int y)
{
	const struct mark_row *mark = p ? mark_of(word_at(app, p)) : NULL;

	if (!p) {
		canvas_repeat(c, x, y, 1, STYLE_DIM, 0xB7);
		return;
	}
	/* Asked to the end, and never answered. */
	if (mark && mark->word == WORD_IN_PROGRESS && !app->at &&
	    app->feed->state == FEED_DONE && !has_answer(p))
		(void)canvas_puts(c, x, y, CELL_COLUMNS - 1, STYLE_BAD,
				  "silent");
	else
		(void)canvas_puts(c, x, y, CELL_COLUMNS - 1,
				  mark ? mark->style : STYLE_PLAIN,
				  mark ? mark->text : "checked");
}

/* ---- drawing ---- */

static void put_end(struct app *app, const struct pair_end *e, struct text *to)
{
	text_printf(to, "%-5s ", e->type ? candidate_word(e->type) : "?");
	app_put_end(app, &e->at, false, to);
}

/* The columns that there is room for, from own->left on. */
static size_t fit_columns(struct pairs_screen *own, int width)
{
	int all = width - NAME_COLUMNS, count = (int)own->counts[1];
	size_t room;

	own->cell = CELL_COLUMNS;
	if (count && all / count >= CELL_COLUMNS_WIDE)
		own->cell = all / count < CELL_COLUMNS_MOST ? all / count
							    : CELL_COLUMNS_MOST;
	room = all > own->cell ? (size_t)(all / own->cell) : 1;
	if (own->column < own->left)
		own->left = own->column;
	if (own->column >= own->left + room)
		own->left = own->column - room + 1;
	return own->counts[1] - own->left < room ? own->counts[1] - own->left
						 : room;
}

static int cell_x(const struct pairs_screen *own, size_t column)
{
	return NAME_COLUMNS + (int)(column - own->left) * own->cell;
}

static void draw_heads(struct app *app, struct pairs_screen *own,
		       struct canvas *c, const struct area *a, size_t columns)
{
	struct text name = text_new(128);

	canvas_repeat(c, a->x, a->y, a->width, STYLE_HEAD, ' ');
	(void)canvas_puts(c, 1, a->y, NAME_COLUMNS, STYLE_HEAD,
			  "offered / answered");
	for (size_t i = own->left; i < own->left + columns; i++) {
		text_clear(&name);
		if (own->cell >= CELL_COLUMNS_WIDE)
			put_end(app, &own->sides[1][i], &name);
		else
			text_printf(&name, "%zu %s", i + 1,
				    candidate_word(own->sides[1][i].type));
		(void)canvas_put(c, cell_x(own, i), a->y, own->cell - 1,
				 STYLE_HEAD, text_slice(&name));
	}
	text_free(&name);
}

static void draw_matrix_row(struct app *app, struct pairs_screen *own,
			    struct canvas *c, int y, size_t row)
{
	struct text name = text_new(128);

	put_end(app, &own->sides[0][row], &name);
	(void)canvas_put(c, 1, y, NAME_COLUMNS - 2, STYLE_PLAIN,
			 text_slice(&name));
	text_free(&name);
}

static void draw_matrix(struct app *app, struct screen *s, struct canvas *c,
			const struct area *a)
{
	struct pairs_screen *own = s->own;
	size_t columns = fit_columns(own, a->width);

	draw_heads(app, own, c, a, columns);
	for (int i = 0; i < s->list.rows.height; i++) {
		size_t row = s->list.top + (size_t)i;
		int y = s->list.rows.y + i;

		if (row >= own->counts[0])
			break;
		draw_matrix_row(app, own, c, y, row);
		for (size_t k = own->left; k < own->left + columns; k++)
			draw_cell(app, cell(app, own, row, k), c,
				  cell_x(own, k), y);
		if (row == s->list.cursor)
			canvas_choose(c, cell_x(own, own->column), y,
				      own->cell - 1);
	}
}

static void put_way(struct page *page, const char *name,
		    const struct direction *w)
{
	page_printf(page, STYLE_NAME, "%s: ", name);
	page_printf(page, STYLE_PLAIN, "%u asked, ", w->requests);
	page_printf(page, w->responses ? STYLE_GOOD : STYLE_BAD, "%u answered",
		    w->responses);
	if (w->errors)
		page_printf(page, STYLE_BAD, ", %u errors (%u)", w->errors,
			    w->last_error);
	if (w->conflicts)
		page_printf(page, STYLE_WARN, ", %u role conflicts",
			    w->conflicts);
	if (w->nominating)
		page_printf(page, STYLE_PLAIN, ", %u nominating",
			    w->nominating);
	if (w->rtt)
		page_printf(page, STYLE_PLAIN, ", round trip %.1f ms",
			    (double)w->rtt / (double)NS_PER_MS);
	if (w->obstacle.count)
		page_printf(page, STYLE_BAD, ", %s",
			    obstacle_text(&w->obstacle));
	page_end(page);
}

static void put_pair(struct app *app, struct page *page,
		     const struct pairs_screen *own, size_t row,
		     const struct pair *p)
{
	struct text line = text_new(512);
	/* The first way is that of `a`: is that who offers? */
	bool same = endpoint_equal(&own->sides[0][row].at,
				   end_at(app->feed->model, p->a));

	put_end(app, &own->sides[0][row], &line);
	text_puts(&line, " \xe2\x86\x94 ");
	put_end(app, &own->sides[1][own->column], &line);
	text_printf(&line, p->relayed ? ", through a relay" : ", direct");
	if (p->component)
		text_printf(&line, ", component %u", p->component);
	if (p->selected)
		text_puts(&line, ", selected");
	page_put(page, STYLE_BOLD, text_slice(&line));
	page_end(page);
	if (p->why) {
		page_puts(page, STYLE_PLAIN, p->why);
		page_end(page);
	}
	put_way(page, "offerer to answerer", &p->way[same ? 0 : 1]);
	put_way(page, "answerer to offerer", &p->way[same ? 1 : 0]);
	text_clear(&line);
	app_put_integrity(&p->integrity, &line);
	page_put(page, STYLE_PLAIN, text_slice(&line));
	page_end(page);
	text_free(&line);
}

static void draw_pane(struct app *app, struct screen *s, struct canvas *c,
		      const struct area *a)
{
	struct pairs_screen *own = s->own;
	const struct pair *p = cell(app, own, s->list.cursor, own->column);
	struct area text = {a->x + 1, a->y + 1, a->width - 2, a->height - 1};

	canvas_repeat(c, a->x, a->y, a->width, STYLE_FRAME, 0x2500);
	page_begin(&own->page, text.width);
	page_words(&own->page);
	page_hang(&own->page, 2);
	if (p) {
		put_pair(app, &own->page, own, s->list.cursor, p);
	} else if (own->counts[0] && own->counts[1]) {
		struct text name = text_new(256);

		put_end(app, &own->sides[0][s->list.cursor], &name);
		text_puts(&name, " \xe2\x86\x94 ");
		put_end(app, &own->sides[1][own->column], &name);
		text_puts(&name, ": no check of this pair was seen");
		page_put(&own->page, STYLE_DIM, text_slice(&name));
		page_end(&own->page);
		text_free(&name);
	}
	page_draw(&own->page, 0, c, &text);
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *area)
{
	struct pairs_screen *own = s->own;
	struct area a = *area, low, rows;
	int pane = area->height > 12 ? PANE_ROWS : 3;

	a.height -= pane;
	low = (struct area){a.x, a.y + a.height, a.width, pane};
	rows = (struct area){a.x, a.y + 1, a.width, a.height - 1};
	lister_show(&s->list, own->counts[0], &rows);
	if (own->pairs == 0) {
		(void)canvas_puts(
			c, 2, a.y + 1, a.width - 4, STYLE_DIM,
			"no connectivity check of this call was seen");
		return;
	}
	draw_matrix(app, s, c, &a);
	draw_pane(app, s, c, &low);
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	struct pairs_screen *own = s->own;

	(void)app;
	text_printf(to, "%zu candidate pair%s", own->pairs,
		    own->pairs == 1 ? "" : "s");
	if (own->dropped)
		text_printf(to, ", and %zu for which there is no room",
			    own->dropped);
}

static bool act(struct app *app, struct screen *s, enum action action)
{
	struct pairs_screen *own = s->own;
	const struct pair *p = cell(app, own, s->list.cursor, own->column);
	struct view_call v;

	switch ((int)action) {
	case ACTION_LEFT:
		own->column -= own->column > 0;
		return true;
	case ACTION_RIGHT:
		own->column += own->column + 1 < own->counts[1];
		return true;
	case ACTION_OPEN:
		if (p && app_about(app, s, &v))
			open_flow_of_pair(app, &v, p);
		else
			app_say(app, "no check of this pair was seen");
		return true;
	default:
		return false;
	}
}

/* A cell; its row is found by who asks. */
static bool click(struct app *app, struct screen *s, int x, int y)
{
	struct pairs_screen *own = s->own;
	size_t column;

	(void)app;
	(void)y;
	if (x < NAME_COLUMNS || own->cell == 0)
		return false;
	column = own->left + (size_t)((x - NAME_COLUMNS) / own->cell);
	if (column < own->counts[1])
		own->column = column;
	return false;
}

static void close(struct screen *s)
{
	struct pairs_screen *own = s->own;

	page_free(&own->page);
}

static const struct screen_class pairs_class = {
	.scope = SCOPE_PAIRS,
	.size = sizeof(struct pairs_screen),
	.title = title,
	.draw = draw,
	.act = act,
	.refresh = make,
	.close = close,
	.click = click,
};

void open_pairs(struct app *app, const struct view_call *v)
{
	app_push_about(app, &pairs_class, v);
}
