/* A page that fills the screen. */
#include "config.h"

#include "ui/reading.h"

static void draw(struct app *app, struct screen *s, struct canvas *c,
		 const struct area *a)
{
	struct reading *r = s->own;
	int width = a->width - 2;

	if (r->width != width) {
		r->width = width;
		page_begin(&r->page, width);
		r->write(app, r, width);
	}
	lister_page(&s->list, &r->page, c, a);
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
