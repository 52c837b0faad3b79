/* Two messages, or two calls, side by side, line by line. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ui/message_page.h"
#include "ui/reading.h"

#define LINES_MAX 1500u
#define TEXT_MAX ((size_t)1 << 20)

struct side {
	struct text text;
	struct slice lines[LINES_MAX];
	size_t count;
};

static void cut_lines(struct side *s)
{
	struct slice rest = text_slice(&s->text);

	while (rest.n && s->count < LINES_MAX) {
		struct slice line = slice_split(&rest, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		s->lines[s->count++] = line;
	}
}

/* ---- which lines belong to one another ---- */

struct table {
	uint16_t *cells;
	size_t width;
};

static uint16_t *at(const struct table *t, size_t row, size_t column)
{
	return &t->cells[row * t->width + column];
}

/* "Via" of "Via: SIP/2.0/UDP ..."; empty: it has none. */
static struct slice name_of(struct slice line)
{
	size_t colon, other;

	if (!slice_find(line, ':', &colon))
		return slice_first(line, 0);
	line = slice_first(line, colon);
	/* Of SDP and of prose it is no name. */
	return slice_find(line, ' ', &other) || slice_find(line, '=', &other)
		       ? slice_first(line, 0)
		       : line;
}

#define SAME 2u
#define OF_ONE_NAME 1u

static unsigned likeness(struct slice a, struct slice b)
{
	struct slice x = name_of(a), y = name_of(b);

	if (slice_equal(a, b))
		return SAME;
	return x.n && slice_equal_nocase(x, y) ? OF_ONE_NAME : 0;
}

static bool have_other_names(struct slice a, struct slice b)
{
	struct slice x = name_of(a), y = name_of(b);

	return x.n && y.n && !slice_equal_nocase(x, y);
}

/* The longest common subsequence, by likeness. */
static bool fill(struct table *t, const struct side *a, const struct side *b)
{
	t->width = b->count + 1;
	t->cells = calloc((a->count + 1) * t->width, sizeof(*t->cells));
	if (!t->cells)
		return false;
	for (size_t i = a->count; i-- > 0;)
		for (size_t k = b->count; k-- > 0;) {
			unsigned like = likeness(a->lines[i], b->lines[k]);
			unsigned both = *at(t, i + 1, k + 1) + like;
			uint16_t down = *at(t, i + 1, k);
			uint16_t right = *at(t, i, k + 1);
			uint16_t best = down > right ? down : right;

			*at(t, i, k) =
				like && both > best ? (uint16_t)both : best;
		}
	return true;
}

/* ---- drawing ---- */

/* What fits is taken from the front of a line, whole words if that is half of
 * the room at least; returns its columns. */
static int take_columns(struct slice *line, int room, struct text *to)
{
	int columns, shorter;
	size_t n = page_fits(*line, room, &columns), words = n;

	while (n < line->n && words && line->p[words - 1] != ' ')
		words--;
	(void)page_fits(slice_first(*line, words), room, &shorter);
	if (shorter > room / 2) {
		n = words;
		columns = shorter;
	}
	text_put(to, slice_first(*line, n));
	*line = slice_from(*line, n);
	return columns;
}

struct half {
	struct text clean, part;
	struct slice rest;
};

static void half_begin(struct half *h, const struct slice *line)
{
	h->clean = text_new(TEXT_MAX);
	h->part = text_new(TEXT_MAX);
	if (line)
		text_escaped(&h->clean, *line);
	h->rest = text_slice(&h->clean);
}

static void half_end(struct half *h)
{
	text_free(&h->clean);
	text_free(&h->part);
}

/* Left and right in one line of the page, or in as many as they take; NULL:
 * nothing there. */
static void put_both(struct page *page, const struct slice *left,
		     const struct slice *right, int width)
{
	bool same = left && right && slice_equal(*left, *right);
	int room = (width - 3) / 2;
	struct half one, other;

	half_begin(&one, left);
	half_begin(&other, right);
	do {
		int columns;

		text_clear(&one.part);
		text_clear(&other.part);
		columns = take_columns(&one.rest, room, &one.part);
		(void)take_columns(&other.rest, room, &other.part);
		page_put_clean(page, same ? STYLE_PLAIN : STYLE_BAD,
			       text_slice(&one.part));
		page_printf(page, STYLE_FRAME, "%*s %s ", room - columns, "",
			    same ? "\xe2\x94\x82" : "\xc3\x97");
		page_put_clean(page, same ? STYLE_PLAIN : STYLE_GOOD,
			       text_slice(&other.part));
		page_end(page);
	} while (room > 1 && (one.rest.n || other.rest.n));
	half_end(&one);
	half_end(&other);
}

/* Do the next lines of both stand beside one another? */
static bool are_beside(const struct table *t, const struct side *a,
		       const struct side *b, const size_t next[2])
{
	size_t i = next[0], k = next[1];
	unsigned like;

	if (i >= a->count || k >= b->count)
		return false;
	like = likeness(a->lines[i], b->lines[k]);
	if (like)
		return *at(t, i, k) == *at(t, i + 1, k + 1) + like;
	/* Both changed. */
	return *at(t, i, k) == *at(t, i + 1, k + 1) &&
	       !have_other_names(a->lines[i], b->lines[k]);
}

static void put_diff(struct page *page, struct side *a, struct side *b,
		     int width)
{
	struct table t = {NULL, 0};
	size_t next[2] = {0, 0};

	if (!fill(&t, a, b)) {
		page_puts(page, STYLE_BAD, "out of memory");
		page_end(page);
		return;
	}
	while (next[0] < a->count || next[1] < b->count) {
		bool beside = are_beside(&t, a, b, next);
		bool left = beside || next[1] >= b->count ||
			    (next[0] < a->count &&
			     *at(&t, next[0] + 1, next[1]) >=
				     *at(&t, next[0], next[1] + 1));
		bool right = beside || !left;

		put_both(page, left ? &a->lines[next[0]] : NULL,
			 right ? &b->lines[next[1]] : NULL, width);
		next[0] += left;
		next[1] += right;
	}
	free(t.cells);
}

static void write_sides(struct page *page, struct side *a, struct side *b,
			int width)
{
	cut_lines(a);
	cut_lines(b);
	put_diff(page, a, b, width);
}

/* ---- messages ---- */

struct field_lines {
	struct text *to;
	const struct masking *secrets; /* NULL: shown */
};

static void take_field_line(void *context, const struct field *field)
{
	struct field_lines *lines = context;
	struct text *to = lines->to;

	if (field->kind == FIELD_END)
		return;
	text_puts(to, field->name);
	text_puts(to, ": ");
	message_value(field, lines->secrets, to);
	text_putc(to, '\n');
}

static void read_fields(struct app *app, const struct entry *e,
			struct slice bytes, struct text *to)
{
	struct masking m;
	struct field_lines lines = {to, app->feed->show_secrets ? NULL : &m};
	struct field_sink sink = {&lines, take_field_line};

	message_secrets(app->feed, e, bytes, &m);
	(void)app->feed->fields(app->feed, e, bytes, &sink);
	masking_free(&m);
}

static void read_message(struct app *app, struct remembered *which,
			 struct side *s)
{
	const struct entry *e = remembered_entry(app->feed, which);
	struct text bytes = text_new(TEXT_MAX);

	s->text = text_new(TEXT_MAX);
	if (e) {
		if (!app->feed->bytes(app->feed, e, &bytes))
			text_puts(&s->text,
				  "its bytes cannot be read any more");
		else if (e->kind > ENTRY_SIP_RESPONSE)
			read_fields(app, e, text_slice(&bytes), &s->text);
		else
			message_masked(app->feed, e, text_slice(&bytes),
				       &s->text);
	}
	text_free(&bytes);
}

static void write_messages(struct app *app, struct reading *r, int width)
{
	struct side *sides = calloc(2, sizeof(*sides));

	if (!sides) {
		app_complain(app, "out of memory");
		return;
	}
	read_message(app, &r->messages[0], &sides[0]);
	read_message(app, &r->messages[1], &sides[1]);
	write_sides(&r->page, &sides[0], &sides[1], width);
	text_free(&sides[0].text);
	text_free(&sides[1].text);
	free(sides);
}

void open_diff_messages(struct app *app, uint32_t left, uint32_t right)
{
	struct reading r = {
		.title = "two messages: \xc3\x97 marks what differs",
		.write = write_messages,
		.messages = {remember(app->feed, left),
			     remember(app->feed, right)},
	};

	open_reading(app, &r);
}

/* ---- calls ---- */

static void put_findings(const struct view_call *v, struct text *to)
{
	const struct note *notes = v->model->notes.rows;

	for (size_t i = v->call->notes.first; i != LIST_NONE; i = notes[i].next)
		text_printf(to, "found: %s\n", notes[i].rule->title);
}

static void put_messages(const struct view_call *v, struct text *to)
{
	uint32_t at = v->dialog && v->dialog->messages_seen.count
			      ? v->dialog->messages_seen.first
			      : CHAIN_END;

	while (at != CHAIN_END) {
		const struct sip_row *row = list_at(&v->model->sip_rows, at);
		const char *rest = text_at(v->model, row->rest);
		struct slice line = slice_of_text(rest ? rest : "");
		struct slice word = slice_split(&line, ' ');

		/* Requests by their method, for URIs differ always. */
		text_puts(to, "message: ");
		if (row->method)
			text_puts(to, text_at(v->model, row->method));
		else
			text_put(to, slice_starts(word, SLICE("SIP/")) ? line
								       : word);
		text_putc(to, '\n');
		at = row->next;
	}
}

/* What can be compared: states and sentences, not names and times. */
static void read_call(struct app *app, uint64_t key, struct side *s)
{
	struct view_call v;

	s->text = text_new(TEXT_MAX);
	if (!view_find(app->feed, key, &app->settings, app->at, &v) || !v.call)
		return;
	text_printf(&s->text, "verdict: %s\n", view_outcome(&v));
	for (int k = 0; k < STAGES; k++) {
		const struct stage_view *stage = &v.call->stages[k];

		text_printf(&s->text, "%d %s: %s\n", k + 1,
			    stage_name((enum stage)k),
			    state_word(stage->state));
		text_printf(&s->text, "  %s\n", stage->text ? stage->text : "");
	}
	put_messages(&v, &s->text);
	put_findings(&v, &s->text);
}

static void write_calls(struct app *app, struct reading *r, int width)
{
	struct side *sides = calloc(2, sizeof(*sides));

	if (!sides) {
		app_complain(app, "out of memory");
		return;
	}
	read_call(app, r->numbers[0], &sides[0]);
	read_call(app, r->numbers[1], &sides[1]);
	write_sides(&r->page, &sides[0], &sides[1], width);
	text_free(&sides[0].text);
	text_free(&sides[1].text);
	free(sides);
}

void open_diff_calls(struct app *app, const struct view_call *left,
		     const struct view_call *right)
{
	struct reading r = {
		.title = "two calls: \xc3\x97 marks what differs",
		.write = write_calls,
		.numbers = {view_key(left), view_key(right)},
	};

	open_reading(app, &r);
}
