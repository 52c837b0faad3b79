/*
 * The list of calls: a row each, with its five stages; filtered, sorted, and
 * what the cursor is on told in full below.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/app.h"
#include "ui/filter.h"
#include "ui/listing.h"

#define PANE_FROM 32 /* rows of the terminal, for all five stages */
#define PANE_ROWS 8
#define PANE_ROWS_LOW 3
#define MARK_COLUMNS 2

/* So many steps of making the list are gone at once: a list of that size is
 * never seen half made. */
#define STEPS_AT_ONCE 4
/* While a file is read a list is made anew for so many rows less often. */
#define ROWS_A_TURN ((size_t)2048)

struct calls {
	struct listing listing;
	size_t left;         /* columns that are scrolled out at the left */
	uint64_t key;        /* of the call at the cursor */
	uint64_t generation; /* of the feed, and */
	uint64_t numbering;
	nanoseconds at; /* the moment, that it was made for */
	/* While the list is being made: the call that the cursor was on, or 0;
	 * where it was put by then; is what fits so far shown? */
	uint64_t wanted;
	size_t placed;
	bool half;
	bool touched; /* by a key */
};

static struct view_call at_row(struct app *app, const struct calls *own,
			       size_t row)
{
	return view_call(app->feed, listing_at(&own->listing, app->feed, row),
			 &app->settings, app->at);
}

/* The call at the cursor; false: there is none. */
static bool at_cursor(struct app *app, struct screen *s, struct view_call *v)
{
	struct calls *own = s->own;

	if (s->list.cursor >= own->listing.count)
		return false;
	*v = at_row(app, own, s->list.cursor);
	return true;
}

/* ---- what is listed ---- */

static void remember(struct app *app, struct screen *s)
{
	struct calls *own = s->own;
	struct view_call v;

	if (at_cursor(app, s, &v))
		own->key = view_key(&v);
	if (own->listing.work.on && s->list.cursor != own->placed)
		own->wanted = 0;
}

static bool is_call(struct app *app, const struct calls *own, size_t row,
		    uint64_t key)
{
	struct view_call v;

	if (row >= own->listing.count)
		return false;
	v = at_row(app, own, row);
	return view_key(&v) == key;
}

/* The model may have been joined anew: the cursor stays with its call. */
static void recall(struct app *app, struct screen *s, uint64_t key)
{
	struct calls *own = s->own;

	if (!key || is_call(app, own, s->list.cursor, key))
		return;
	for (size_t i = 0; i < own->listing.count; i++)
		if (is_call(app, own, i, key)) {
			s->list.cursor = i;
			return;
		}
}

/* The list is another one.  Nobody has chosen what stands at the top before
 * the first key. */
static void follow(struct app *app, struct screen *s)
{
	struct calls *own = s->own;
	bool at_end = s->list.count && s->list.cursor + 1 == s->list.count;

	s->list.count = own->listing.count;
	if (app->settings.values[SETTING_AUTOSCROLL] && at_end && s->list.count)
		s->list.cursor = s->list.count - 1;
	else if (own->touched)
		recall(app, s, own->wanted);
	own->placed = s->list.cursor;
	app->dirty = true;
}

static struct listing_source source_of(struct app *app)
{
	return (struct listing_source){app->feed, &app->settings, app->at};
}

/* One step; true: there is more to be done. */
static bool work(struct app *app, struct screen *s)
{
	struct calls *own = s->own;
	struct listing_source from = source_of(app);

	if (!own->listing.work.on)
		return false;
	if (listing_step(&own->listing, &from)) {
		if (own->half && !listing_show(&own->listing))
			app_complain(app, "out of memory");
		s->list.count = own->listing.count;
		app->dirty |= own->half;
		return true;
	}
	follow(app, s);
	return false;
}

static void work_to_end(struct app *app)
{
	while (work(app, &app->stack[0]))
		;
}

/* `keep`: what is listed can stay until the new list is made. */
static void arrange(struct app *app, struct screen *s, bool keep)
{
	struct calls *own = s->own;
	struct listing_source from = source_of(app);

	own->generation = app->feed->generation;
	own->numbering = app->feed->numbering;
	own->at = app->at;
	own->wanted = own->key;
	own->half = false;
	own->listing.sort = app->settings.sort;
	own->listing.down = app->settings.values[SETTING_SORT_ORDER];
	listing_begin(&own->listing, &from);
	for (int i = 0; i < STEPS_AT_ONCE && own->listing.work.on; i++)
		(void)work(app, s);
	own->half = own->listing.work.on && !keep;
	if (own->half && !listing_show(&own->listing))
		app_complain(app, "out of memory");
	if (own->half || !own->listing.work.on)
		follow(app, s);
}

/* Is what is listed still what it was, if perhaps not all of it? */
static bool still_holds(struct app *app, const struct calls *own)
{
	return own->numbering == app->feed->numbering && own->at == app->at;
}

/* While a file is read something is new all the time. */
static bool is_early(struct app *app, const struct calls *own)
{
	uint64_t turns = view_count(app->feed) / ROWS_A_TURN;

	return app->feed->state == FEED_READING && own->listing.rows &&
	       (own->listing.work.on ||
		app->feed->generation - own->generation < turns);
}

/* Back from another screen nothing has changed, as a rule. */
static void refresh(struct app *app, struct screen *s)
{
	struct calls *own = s->own;
	bool holds = still_holds(app, own);

	if (holds &&
	    (own->generation == app->feed->generation || is_early(app, own)))
		return;
	arrange(app, s, holds);
}

/* ---- drawing ---- */

struct placed {
	uint8_t column;
	int x, width;
};

/* Which columns there is room for, and how much each gets. */
static size_t place(const struct app *app, size_t left, int width,
		    struct placed out[COLUMNS_MAX])
{
	int x = MARK_COLUMNS, spare;
	unsigned growing = 0;
	size_t count = 0;

	for (size_t i = left; i < app->settings.column_count; i++) {
		uint8_t at = app->settings.columns[i];
		int wanted = view_columns[at].width;

		if (x + (count ? 8 : 1) > width)
			break;
		if (x + wanted > width && !view_columns[at].grows)
			break;
		if (x + wanted > width)
			wanted = width - x;
		out[count++] = (struct placed){at, x, wanted};
		growing += view_columns[at].grows;
		x += wanted + 1;
	}
	spare = width - x;
	for (size_t i = 0; i < count && spare > 0 && growing; i++) {
		int more = spare / (int)growing;

		if (!view_columns[out[i].column].grows)
			continue;
		out[i].width += more;
		spare -= more;
		growing--;
	}
	for (size_t i = 1; i < count; i++)
		out[i].x = out[i - 1].x + out[i - 1].width + 1;
	return count;
}

static void draw_heads(struct app *app, struct canvas *c, const struct area *a,
		       const struct placed *columns, size_t count)
{
	canvas_repeat(c, a->x, a->y, a->width, STYLE_HEAD, ' ');
	for (size_t i = 0; i < count; i++) {
		const struct view_column *column =
			&view_columns[columns[i].column];
		struct text head = text_new(64);

		if (columns[i].column == app->settings.sort)
			text_puts(&head,
				  app->settings.values[SETTING_SORT_ORDER]
					  ? "\xe2\x96\xbc"
					  : "\xe2\x96\xb2");
		text_puts(&head, column->title);
		if (column->number)
			canvas_right(c, columns[i].x, a->y, columns[i].width,
				     STYLE_HEAD, text_slice(&head));
		else
			(void)canvas_put(c, columns[i].x, a->y,
					 columns[i].width, STYLE_HEAD,
					 text_slice(&head));
		text_free(&head);
	}
}

static void draw_stages(const struct view_call *v, struct canvas *c, int x,
			int y)
{
	for (int i = 0; i < STAGES; i++) {
		bool begun;
		enum stage_state state = view_stage(v, (enum stage)i, &begun);

		canvas_repeat(c, x + i, y, 1,
			      (enum style)view_mark_style(state, begun),
			      view_mark(state, begun));
	}
}

static void draw_cell(const struct view_call *v, struct canvas *c,
		      const struct placed *p, int y)
{
	const struct view_column *column = &view_columns[p->column];
	struct text text = text_new((size_t)1 << 16);
	enum style style = STYLE_PLAIN;

	if (strcmp(column->name, "stages") == 0) {
		draw_stages(v, c, p->x, y);
		return;
	}
	if (strcmp(column->name, "verdict") == 0)
		style = (enum style)view_outcome_style(v);
	if (strcmp(column->name, "why") == 0)
		view_put_why(v, (size_t)p->width, &text);
	else
		column->put(v, &text);
	if (column->number)
		canvas_right(c, p->x, y, p->width, style, text_slice(&text));
	else
		(void)canvas_put(c, p->x, y, p->width, style,
				 text_slice(&text));
	text_free(&text);
}

static void draw_rows(struct app *app, struct screen *s, struct canvas *c,
		      const struct area *a)
{
	struct calls *own = s->own;
	struct placed columns[COLUMNS_MAX];
	size_t count = place(app, own->left, a->width - 1, columns);
	struct area rows = {a->x, a->y + 1, a->width, a->height - 1};

	draw_heads(app, c, a, columns, count);
	lister_show(&s->list, own->listing.count, &rows);
	for (int i = 0; i < rows.height; i++) {
		size_t row = s->list.top + (size_t)i;
		struct view_call v;

		if (row >= own->listing.count)
			break;
		v = at_row(app, own, row);
		if (app_is_marked(app, view_key(&v)))
			canvas_repeat(c, 0, rows.y + i, 1, STYLE_BOLD, '*');
		for (size_t k = 0; k < count; k++)
			draw_cell(&v, c, &columns[k], rows.y + i);
		if (row == s->list.cursor)
			canvas_choose(c, 0, rows.y + i, a->width - 1);
	}
	lister_bar(&s->list, c, &rows);
}

static void draw_stage(const struct view_call *v, struct canvas *c, int y,
		       enum stage stage)
{
	bool begun;
	enum stage_state state = view_stage(v, stage, &begun);
	const struct stage_view *view = &v->call->stages[stage];
	enum style style = (enum style)view_mark_style(state, begun);

	canvas_repeat(c, 2, y, 1, style, view_mark(state, begun));
	(void)canvas_printf(c, 4, y, 15, STYLE_PLAIN, "%d %s", (int)stage + 1,
			    stage_name(stage));
	(void)canvas_puts(c, 20, y, 11, style,
			  begun ? state_word(state) : "not begun");
	/* What the sentence says is known at the end of the stage only. */
	if (begun && v->at && view->end > v->at)
		(void)canvas_printf(c, 32, y, c->width - 33, STYLE_PLAIN,
				    "for %.1f s by then",
				    (double)(v->at - view->start) /
					    (double)NS_PER_S);
	else if (begun && view->text)
		(void)canvas_puts(c, 32, y, c->width - 33, STYLE_PLAIN,
				  view->text);
}

static void put_headline(const struct view_call *v, struct text *to)
{
	if (v->at || (v->feed->state == FEED_LIVE && v->call &&
		      v->call->outcome == OUTCOME_IN_PROGRESS)) {
		view_waits_for(v, to);
	} else if (v->other) {
		text_printf(to, "%s, %s", v->feed->method(v->other->method),
			    view_outcome(v));
	} else if (v->call) {
		text_puts(to, v->call->text ? v->call->text : "");
		text_printf(to, " (%s)",
			    view_may_change(v)
				    ? "so far"
				    : confidence_name((enum confidence)v->call
							      ->confidence));
	}
}

static void draw_cause(const struct view_call *v, struct canvas *c, int y)
{
	const struct cause *cause = view_cause(v);

	if (cause)
		(void)canvas_printf(
			c, 1, y, c->width - 2, STYLE_PLAIN, "%s: %s (%s)",
			v->call->outcome == OUTCOME_ESTABLISHED ? "weakness"
								: "cause",
			cause->headline,
			confidence_name((enum confidence)cause->confidence));
}

/* What the cursor is on, in full. */
static void draw_pane(struct app *app, struct screen *s, struct canvas *c,
		      const struct area *a)
{
	struct text line = text_new(4096);
	struct view_call v;

	canvas_repeat(c, a->x, a->y, a->width, STYLE_FRAME, 0x2500);
	if (!at_cursor(app, s, &v)) {
		text_free(&line);
		return;
	}
	put_headline(&v, &line);
	(void)canvas_put(c, 1, a->y + 1, a->width - 2, STYLE_BOLD,
			 text_slice(&line));
	draw_cause(&v, c, a->y + 2);
	for (int i = 0; i < STAGES && i + 3 < a->height && v.call; i++)
		draw_stage(&v, c, a->y + 3 + i, (enum stage)i);
	text_free(&line);
}

static void draw_empty(struct app *app, const struct calls *own,
		       struct canvas *c, const struct area *a)
{
	const struct listing *l = &own->listing;
	const char *text = "no call yet";

	if (app->feed->state == FEED_DONE)
		text = app->feed->trouble[0]
			       ? app->feed->trouble
			       : "no call in this input: see mrascope analyze "
				 "for what traffic it holds";
	if (l->work.on)
		text = "none yet that fits the filter";
	else if (view_count(app->feed) &&
		 (!filter_is_open(&l->filter) || l->payload[0]))
		text = "no call fits the filter: / or F7 change it";
	else if (view_count(app->feed))
		text = "all that was listed was cleared away";
	(void)canvas_puts(c, 2, a->y + 2, a->width - 4, STYLE_DIM, text);
}

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *area)
{
	struct calls *own = s->own;
	int pane = c->height >= PANE_FROM ? PANE_ROWS : PANE_ROWS_LOW;
	struct area a = *area;
	struct area low;

	if (a.height < 8)
		pane = 0;
	a.height -= pane;
	low = (struct area){a.x, a.y + a.height, a.width, pane};
	draw_rows(app, s, c, &a);
	if (own->listing.count == 0)
		draw_empty(app, own, c, &a);
	if (pane)
		draw_pane(app, s, c, &low);
	remember(app, s);
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	struct calls *own = s->own;
	size_t all = view_count(app->feed);
	size_t calls = view_calls(app->feed);

	text_printf(to, "%s: ", app->feed->name);
	if (own->listing.count != all)
		text_printf(to, "%zu of %zu %s", own->listing.count, all,
			    all > calls ? "calls and others" : "calls");
	else
		text_printf(to, "%zu call%s", calls, calls == 1 ? "" : "s");
	if (own->listing.count == all && all > calls)
		text_printf(to, ", %zu other%s", all - calls,
			    all - calls == 1 ? "" : "s");
	if (app->mark_count)
		text_printf(to, ", %zu selected", app->mark_count);
	if (own->listing.work.on && own->listing.work.all)
		text_printf(to, ", %zu%% looked through",
			    own->listing.work.next * 100 /
				    own->listing.work.all);
	if (own->listing.text[0])
		text_printf(to, ", filter: %s", own->listing.text);
	if (own->listing.payload[0])
		text_printf(to, ", %smatch: %s",
			    own->listing.inverted ? "no " : "",
			    own->listing.payload);
}

/* ---- filters ---- */

static void set_filter(struct app *app, struct screen *s, const char *text)
{
	struct calls *own = s->own;
	char why[FILTER_WHY_MAX];

	if (!listing_filter(&own->listing, text, why))
		app_complain(app, "%s", why);
	arrange(app, s, false);
}

static struct screen *calls_screen(struct app *app)
{
	return &app->stack[0];
}

static void filter_changed(struct app *app, struct form_box *form)
{
	set_filter(app, calls_screen(app), form->fields[0].text);
}

static bool filter_accepted(struct app *app, struct form_box *form)
{
	set_filter(app, calls_screen(app), form->fields[0].text);
	return true;
}

static void ask_filter(struct app *app, struct screen *s)
{
	const struct calls *own = s->own;

	form_box_open(&app->form, "Display filter");
	(void)form_box_text(&app->form, "filter:", own->listing.text);
	app->form.one_line = true;
	app->form.accept = filter_accepted;
	app->form.changed = filter_changed;
}

static const struct {
	const char *label, *column;
} filter_texts[] = {
	{"From", "sipfrom"},    {"To", "sipto"},        {"Source", "src"},
	{"Destination", "dst"}, {"Verdict", "verdict"},
};

#define FILTER_TEXTS (sizeof(filter_texts) / sizeof(filter_texts[0]))

static const char *const method_labels[] = {
	"INVITE",    "REGISTER", "SERVICE", "Allocate", "ICE alone", "OPTIONS",
	"SUBSCRIBE", "NOTIFY",   "MESSAGE", "PUBLISH",  "others"};

#define METHOD_LABELS \
	((unsigned)(sizeof(method_labels) / sizeof(method_labels[0])))

static bool filter_form_accepted(struct app *app, struct form_box *form)
{
	struct screen *s = calls_screen(app);
	struct calls *own = s->own;
	struct text all = text_new(LISTING_TEXT_MAX - 1);
	char text[LISTING_TEXT_MAX], why[FILTER_WHY_MAX];

	own->listing.filter.methods = 0;
	for (size_t i = 0; i < FILTER_TEXTS; i++)
		if (form->fields[i].text[0])
			text_printf(&all, "%s%s:%s", all.n ? " " : "",
				    filter_texts[i].column,
				    form->fields[i].text);
	for (unsigned i = 0; i < METHOD_LABELS; i++)
		if (form->fields[FILTER_TEXTS + 1 + i].value)
			own->listing.filter.methods |= 1u << i;
	memcpy(text, all.n ? all.p : "", all.n);
	text[all.n] = 0;
	text_free(&all);
	/* As sngrep's form: without regard to case. */
	if (!calls_match(app,
			 &(struct listing_match){
				 form->fields[FILTER_TEXTS].text, true, false},
			 why)) {
		app_complain(app, "%s", why);
		return false;
	}
	set_filter(app, s, text);
	return true;
}

/* The value that a field has by now: the term of its column. */
static void value_of(const struct calls *own, const char *column,
		     char out[FORM_TEXT_MAX])
{
	const struct filter *f = &own->listing.filter;
	uint8_t at = view_column_find(slice_of_text(column));

	out[0] = 0;
	for (size_t i = 0; i < f->count; i++) {
		struct slice v =
			slice_first(f->terms[i].value, FORM_TEXT_MAX - 1);

		if (f->terms[i].column != at || f->terms[i].relation != ':')
			continue;
		memcpy(out, v.p ? (const void *)v.p : "", v.n);
		out[v.n] = 0;
	}
}

static void ask_filter_form(struct app *app, struct screen *s)
{
	const struct calls *own = s->own;
	char value[FORM_TEXT_MAX];

	form_box_open(&app->form, "Show only calls with");
	for (size_t i = 0; i < FILTER_TEXTS; i++) {
		value_of(own, filter_texts[i].column, value);
		(void)form_box_text(&app->form, filter_texts[i].label, value);
	}
	(void)form_box_text(&app->form, "Payload", own->listing.payload);
	for (unsigned i = 0; i < METHOD_LABELS; i++)
		(void)form_box_check(&app->form, method_labels[i],
				     own->listing.filter.methods & 1u << i);
	app->form.hint = "Tab next, Space on or off, Enter accept, Esc cancel";
	app->form.accept = filter_form_accepted;
}

/* ---- actions ---- */

static void sort_step(struct app *app, struct screen *s, int step)
{
	int count = (int)app->settings.column_count, at = 0;

	for (int i = 0; i < count; i++)
		if (app->settings.columns[i] == app->settings.sort)
			at = i;
	app->settings.sort = app->settings.columns[(at + count + step) % count];
	arrange(app, s, true);
}

static void select_row(struct app *app, struct screen *s)
{
	struct view_call v;

	if (!at_cursor(app, s, &v))
		return;
	app_mark(app, view_key(&v));
	(void)lister_act(&s->list, ACTION_DOWN);
}

static void diff_calls(struct app *app, struct screen *s)
{
	struct calls *own = s->own;
	struct view_call found[2];
	size_t count = 0;

	for (size_t i = 0; i < own->listing.count && count < 2; i++) {
		struct view_call v = at_row(app, own, i);

		if (app_is_marked(app, view_key(&v)))
			found[count++] = v;
	}
	if (count < 2 || app->mark_count > 2)
		app_complain(app, "select two calls with Space first");
	else
		open_diff_calls(app, &found[0], &found[1]);
}

static void scroll_columns(struct app *app, struct calls *own, int step)
{
	if (step < 0 && own->left)
		own->left--;
	if (step > 0 && own->left + 1 < app->settings.column_count)
		own->left++;
}

static void clear(struct app *app, struct screen *s, bool hidden)
{
	struct calls *own = s->own;

	if (app->feed->clear && !hidden) {
		app->feed->clear(app->feed);
		/* At once: the next picture has no moment of what is gone. */
		app_refresh(app);
		app->mark_count = 0;
		app_say(app, "the list begins anew");
	} else if (hidden) {
		listing_hide(&own->listing, app->feed, &app->settings, true);
		app_say(app, "what the filter hides is gone");
	} else {
		listing_hide(&own->listing, app->feed, &app->settings, false);
		app_say(app, "calls are no longer listed; / and F7 do not "
			     "bring them back");
	}
	arrange(app, s, false);
}

static void toggle(struct app *app, enum setting setting, const char *what)
{
	int *value = &app->settings.values[setting];

	*value = !*value;
	app_say(app, "%s %s", what, *value ? "on" : "off");
}

static bool act_open(struct app *app, struct screen *s, enum action action)
{
	struct view_call v;

	if (!at_cursor(app, s, &v))
		return true;
	switch ((int)action) {
	case ACTION_OPEN:
		open_flow(app, &v, false);
		break;
	case ACTION_FLOW_EXTENDED:
		open_flow(app, &v, true);
		break;
	case ACTION_RAW:
		open_flow(app, &v, false);
		if (app->depth > 1)
			app_key(app,
				app->settings.bindings.keys[ACTION_RAW][0]);
		break;
	case ACTION_PAIRS:
		open_pairs(app, &v);
		break;
	case ACTION_TIME_HERE:
		app->at = view_start(&v);
		refresh(app, s);
		break;
	default:
		return false;
	}
	return true;
}

static bool act_more(struct app *app, struct screen *s, enum action action)
{
	struct view_call v;
	bool any = at_cursor(app, s, &v);

	switch ((int)action) {
	case ACTION_RELAYS:
		open_relays(app, NULL);
		break;
	case ACTION_FINDINGS:
		open_findings(app, NULL);
		break;
	case ACTION_STATISTICS:
		open_statistics(app);
		break;
	case ACTION_COLUMNS:
		open_columns(app);
		break;
	case ACTION_SAVE:
		open_save(app, any ? &v : NULL, LIST_NONE);
		break;
	case ACTION_DIFF:
		diff_calls(app, s);
		break;
	case ACTION_AUTOSCROLL:
		toggle(app, SETTING_AUTOSCROLL, "autoscroll");
		break;
	case ACTION_ALIAS:
		toggle(app, SETTING_ALIASES, "names for addresses");
		break;
	default:
		return false;
	}
	return true;
}

static bool act(struct app *app, struct screen *s, enum action action)
{
	struct calls *own = s->own;

	own->touched = true;
	switch ((int)action) {
	case ACTION_OPEN:
	case ACTION_FLOW_EXTENDED:
	case ACTION_RAW:
	case ACTION_PAIRS:
	case ACTION_TIME_HERE:
		return act_open(app, s, action);
	case ACTION_SELECT:
		select_row(app, s);
		return true;
	case ACTION_SEARCH:
		ask_filter(app, s);
		return true;
	case ACTION_FILTER:
		ask_filter_form(app, s);
		return true;
	case ACTION_SORT_PREVIOUS:
	case ACTION_SORT_NEXT:
		sort_step(app, s, action == ACTION_SORT_NEXT ? 1 : -1);
		return true;
	case ACTION_SORT_SWAP:
		app->settings.values[SETTING_SORT_ORDER] ^= 1;
		arrange(app, s, true);
		return true;
	case ACTION_LEFT:
	case ACTION_RIGHT:
		scroll_columns(app, own, action == ACTION_LEFT ? -1 : 1);
		return true;
	case ACTION_CLEAR_CALLS:
	case ACTION_CLEAR_SOFT:
		clear(app, s, action == ACTION_CLEAR_SOFT);
		return true;
	default:
		return act_more(app, s, action);
	}
}

/* The head of a column: sorted by it; once more, the other way around. */
static bool click(struct app *app, struct screen *s, int x, int y)
{
	struct calls *own = s->own;
	struct placed columns[COLUMNS_MAX];
	size_t count = place(app, own->left, app->width - 1, columns);

	if (y != s->list.rows.y - 1)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (x < columns[i].x || x > columns[i].x + columns[i].width)
			continue;
		app->settings.values[SETTING_SORT_ORDER] =
			app->settings.sort == columns[i].column &&
			!app->settings.values[SETTING_SORT_ORDER];
		app->settings.sort = columns[i].column;
		own->touched = true;
		arrange(app, s, true);
	}
	return true;
}

static void close(struct screen *s)
{
	struct calls *own = s->own;

	listing_free(&own->listing);
}

static const struct screen_class calls_class = {
	.scope = SCOPE_CALLS,
	.size = sizeof(struct calls),
	.title = title,
	.draw = draw,
	.act = act,
	.refresh = refresh,
	.work = work,
	.close = close,
	.click = click,
};

void open_calls(struct app *app)
{
	struct screen *s = app_push(app, &calls_class);
	struct calls *own;

	if (!s)
		return;
	own = s->own;
	own->listing.filter.methods = METHODS_ALL;
	arrange(app, s, false);
}

bool calls_match(struct app *app, const struct listing_match *match,
		 char why[FILTER_WHY_MAX])
{
	struct calls *own = calls_screen(app)->own;
	const char *was = own->listing.payload;

	/* The same again keeps how it was given. */
	if (strcmp(was, match->expression) == 0)
		return true;
	return listing_payload(&own->listing, match, why);
}

void calls_only(struct app *app, unsigned methods)
{
	struct screen *s = calls_screen(app);
	struct calls *own = s->own;

	own->listing.filter.methods = methods;
	arrange(app, s, false);
}

/* Names without a label of their own are of those that share the last one. */
static unsigned method_named(struct slice name)
{
	for (unsigned i = 0; i < METHOD_LABELS; i++)
		if (slice_is_nocase(name, method_labels[i]))
			return 1u << i;
	return METHOD_OTHER;
}

void calls_only_named(struct app *app, struct slice names)
{
	const unsigned sngreps = METHOD_INVITE | METHOD_REGISTER |
				 METHOD_OPTIONS | METHOD_SUBSCRIBE |
				 METHOD_NOTIFY | METHOD_MESSAGE |
				 METHOD_PUBLISH | METHOD_OTHER;
	unsigned methods = 0;

	while (names.n) {
		struct slice name = slice_trim(slice_split(&names, ','));

		methods |= name.n ? method_named(name) : 0;
	}
	calls_only(app, methods == 0 || (methods & sngreps) == sngreps
				? METHODS_ALL
				: methods);
}

size_t calls_listed(struct app *app, const uint32_t **numbers)
{
	struct screen *s = calls_screen(app);
	struct calls *own = s->own;

	if (own->generation != app->feed->generation)
		arrange(app, s, false);
	work_to_end(app);
	*numbers = own->listing.rows;
	return own->listing.count;
}
