/* A page that fills the screen. */
#include "config.h"

#include "ui/reading.h"

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *a)
{
	struct reading *r = s->own;
	struct area text = {a->x + 1, a->y, a->width - 2, a->height};
	size_t room = a->height > 0 ? (size_t)a->height : 1;

	if (r->width != text.width) {
		r->width = text.width;
		page_begin(&r->page, text.width);
		r->write(app, r, text.width);
	}
	s->list.count = r->page.line_count;
	s->list.page = a->height;
	if (s->list.count <= room)
		s->list.cursor = 0;
	else if (s->list.cursor + room > s->list.count)
		s->list.cursor = s->list.count - room;
	s->list.top = s->list.cursor;
	page_draw(&r->page, s->list.top, c, &text);
	lister_bar(&s->list, c, a);
}

static void title(struct app *app, struct screen *s, struct text *to)
{
	const struct reading *r = s->own;

	(void)app;
	text_puts(to, r->title);
}

static void refresh(struct app *app, struct screen *s)
{
	struct reading *r = s->own;

	(void)app;
	r->width = -1;
}

static void row_text(struct app *app, struct screen *s, size_t row,
		     struct text *to)
{
	const struct reading *r = s->own;

	(void)app;
	page_line(&r->page, row, to);
}

static void close(struct screen *s)
{
	struct reading *r = s->own;

	page_free(&r->page);
}

static const struct screen_class reading_class = {
	.scope = SCOPE_TEXT,
	.size = sizeof(struct reading),
	.title = title,
	.draw = draw,
	.refresh = refresh,
	.close = close,
	.row_text = row_text,
};

void open_reading(struct app *app, const struct reading *what)
{
	struct screen *s = app_push(app, &reading_class);
	struct reading *r;

	if (!s)
		return;
	r = s->own;
	*r = *what;
	r->width = -1;
}
