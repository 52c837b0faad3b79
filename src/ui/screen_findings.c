/* What was found, the worst first, with what to do about it. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/app.h"
#include "ui/page.h"

#define PANE_ROWS 7
/* Columns of the terminal; below so many the stage and the call are left
 * out. */
#define STAGE_X 10
#define WHAT_X 36
#define NARROW 60

struct findings_screen {
	struct about about;
	uint32_t *rows; /* of the notes */
	size_t count;
	struct page page;
};

struct order_row {
	uint32_t row;
	uint8_t severity, stage;
	uint64_t count;
};

static int compare(const void *a, const void *b)
{
	const struct order_row *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->stage != y->stage)
		return x->stage < y->stage ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

/* The row of the call that they are of; LIST_NONE. */
static size_t call_of(struct app *app, const struct screen *s)
{
	struct view_call v;

	return app_about(app, s, &v) ? v.number : LIST_NONE;
}

static void make(struct app *app, struct screen *s)
{
	struct findings_screen *own = s->own;
	const struct model *m = app->feed->model;
	const struct note *notes = m->notes.rows;
	size_t call = call_of(app, s), count = 0;
	struct order_row *order = calloc(m->notes.count + 1, sizeof(*order));

	free(own->rows);
	own->count = 0;
	own->rows = calloc(m->notes.count + 1, sizeof(*own->rows));
	if (!order || !own->rows) {
		app_complain(app, "out of memory");
		free(order);
		return;
	}
	for (size_t i = 0; i < m->notes.count; i++) {
		const struct note *n = &notes[i];

		if ((own->about.key && n->call != call) ||
		    (app->at &&
		     place_time(app->feed->model, n->first) > app->at))
			continue;
		order[count++] = (struct order_row){
			(uint32_t)i, (uint8_t)note_severity(n),
			(uint8_t)n->rule->stage, n->count};
	}
	qsort(order, count, sizeof(*order), compare);
	for (size_t i = 0; i < count; i++)
		own->rows[i] = order[i].row;
	own->count = s->list.count = count;
	free(order);
}

static const struct note *note_at(struct app *app,
				  const struct findings_screen *own, size_t row)
{
	if (row >= own->count ||
	    own->rows[row] >= app->feed->model->notes.count)
		return NULL;
	return list_at(&app->feed->model->notes, own->rows[row]);
}

static enum style style_of(enum severity severity)
{
	static const enum style styles[] = {[SEVERITY_INFO] = STYLE_DIM,
					    [SEVERITY_WARNING] = STYLE_WARN,
					    [SEVERITY_ERROR] = STYLE_BAD};

	return styles[severity];
}

static void draw_row(const struct note *n, struct canvas *c, int y, int width)
{
	int x = width < NARROW ? STAGE_X : WHAT_X;
	struct text call = text_new(64);

	(void)canvas_puts(c, 1, y, 8, style_of(note_severity(n)),
			  severity_name(note_severity(n)));
	if (n->call != LIST_NONE)
		text_printf(&call, "call %zu", n->call + 1);
	if (x == WHAT_X) {
		(void)canvas_puts(c, STAGE_X, y, 13, STYLE_PLAIN,
				  n->rule->stage == STAGE_NONE
					  ? "-"
					  : stage_name(n->rule->stage));
		(void)canvas_put(c, 24, y, 11, STYLE_DIM, text_slice(&call));
	}
	(void)canvas_printf(c, x, y, width - x - 1, STYLE_PLAIN,
			    n->count > 1 ? "%s (%llu times)" : "%s",
			    n->rule->title, (unsigned long long)n->count);
	text_free(&call);
}

static void draw_pane(struct app *app, struct screen *s, struct canvas *c,
		      const struct area *a)
{
	struct findings_screen *own = s->own;
	const struct note *n = note_at(app, own, s->list.cursor);
	struct place first =
		place_at(app->feed->model, n ? n->first : PLACE_NONE);
	struct area text = {a->x + 1, a->y + 1, a->width - 2, a->height - 1};

	canvas_repeat(c, a->x, a->y, a->width, STYLE_FRAME, 0x2500);
	if (!n)
		return;
	page_begin(&own->page, text.width);
	page_words(&own->page);
	page_hang(&own->page, 2);
	page_puts(&own->page, STYLE_BOLD, n->rule->title);
	if (n->text)
		page_printf(&own->page, STYLE_PLAIN, ": %s", n->text);
	page_end(&own->page);
	if (n->rule->remedy) {
		page_puts(&own->page, STYLE_NOTE, "what to do: ");
		page_puts(&own->page, STYLE_PLAIN, n->rule->remedy);
		page_end(&own->page);
	}
	page_printf(&own->page, STYLE_DIM, "%s", n->rule->id);
	if (n->rule->source)
		page_printf(&own->page, STYLE_DIM, ", %s", n->rule->source);
	if (first.frame)
		page_printf(&own->page, STYLE_DIM, ", frame %llu",
			    (unsigned long long)first.frame);
	page_end(&own->page);
	page_draw(&own->page, 0, c, &text);
}

/* On a low terminal there is at least a sentence. */
static int pane_rows(int height)
{
	if (height > 12)
		return PANE_ROWS;
	return height > 6 ? 4 : 0;
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *area)
{
	struct findings_screen *own = s->own;
	struct area a = *area, low;
	int pane = pane_rows(area->height);

	a.height -= pane;
	low = (struct area){a.x, a.y + a.height, a.width, pane};
	canvas_repeat(c, a.x, a.y, a.width, STYLE_HEAD, ' ');
	(void)canvas_puts(c, 1, a.y, a.width - 2, STYLE_HEAD,
			  a.width < NARROW
				  ? "severity what"
				  : "severity stage         of          what");
	a.y++;
	a.height--;
	lister_show(&s->list, own->count, &a);
	for (int i = 0; i < a.height; i++) {
		size_t row = s->list.top + (size_t)i;
		const struct note *n = note_at(app, own, row);

		if (!n)
			break;
		draw_row(n, c, a.y + i, a.width);
		if (row == s->list.cursor)
			canvas_choose(c, a.x, a.y + i, a.width - 1);
	}
	if (own->count == 0)
		(void)canvas_puts(c, 2, a.y + 1, a.width - 4, STYLE_GOOD,
				  "nothing was found");
	lister_bar(&s->list, c, &a);
	if (pane)
		draw_pane(app, s, c, &low);
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	struct findings_screen *own = s->own;
	size_t call = call_of(app, s);

	text_printf(to, "%zu finding%s", own->count,
		    own->count == 1 ? "" : "s");
	if (call != LIST_NONE)
		text_printf(to, " of call %zu", call + 1);
}

/* Of no call: the message itself, if there is one. */
static void open_alone(struct app *app, struct place place)
{
	const struct entry *e = view_entry_at(app->feed, place);
	const struct journal *j = app->feed->journal;
	uint32_t row;

	if (!e) {
		app_say(app, "frame %llu holds no message to show",
			(unsigned long long)place.frame);
		return;
	}
	row = (uint32_t)(journal_first(j) +
			 (size_t)(e - (const struct entry *)j->rows.rows));
	open_message(app, &row, 1, 0);
}

static bool act(struct app *app, struct screen *s, enum action action)
{
	struct findings_screen *own = s->own;
	const struct note *n = note_at(app, own, s->list.cursor);
	struct place first;

	if (action != ACTION_OPEN)
		return false;
	if (!n)
		return true;
	first = place_at(app->feed->model, n->first);
	if (n->call != LIST_NONE && app->feed->joined) {
		struct view_call v =
			view_call(app->feed, n->call, &app->settings, app->at);

		open_flow_at(app, &v, first);
	} else if (first.frame) {
		open_alone(app, first);
	}
	return true;
}

static void row_text(struct app *app, struct screen *s, size_t row,
		     struct text *to)
{
	const struct note *n = note_at(app, s->own, row);

	if (n)
		text_printf(to, "%s %s %s %s", severity_name(note_severity(n)),
			    n->rule->id, n->rule->title,
			    n->text ? n->text : "");
}

static void close(struct screen *s)
{
	struct findings_screen *own = s->own;

	free(own->rows);
	page_free(&own->page);
}

static const struct screen_class findings_class = {
	.scope = SCOPE_FINDINGS,
	.size = sizeof(struct findings_screen),
	.title = title,
	.draw = draw,
	.act = act,
	.refresh = make,
	.close = close,
	.row_text = row_text,
};

void open_findings(struct app *app, const struct view_call *v)
{
	app_push_about(app, &findings_class, v);
}
