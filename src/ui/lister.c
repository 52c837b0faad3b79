/* A cursor that moves over rows, and the part of them that is in sight. */
#include "config.h"

#include "ui/app.h"
#include "ui/page.h"

static void move(struct lister *l, size_t by, bool up)
{
	if (up)
		l->cursor = by > l->cursor ? 0 : l->cursor - by;
	else if (l->count)
		l->cursor = by < l->count - 1 - l->cursor ? l->cursor + by
							  : l->count - 1;
}

bool lister_act(struct lister *l, enum action action)
{
	size_t page = l->page > 1 ? (size_t)l->page - 1 : 1;

	switch ((int)action) {
	case ACTION_UP:
		move(l, 1, true);
		return true;
	case ACTION_DOWN:
		move(l, 1, false);
		return true;
	case ACTION_PAGE_UP:
		move(l, page, true);
		return true;
	case ACTION_PAGE_DOWN:
		move(l, page, false);
		return true;
	case ACTION_HALF_UP:
		move(l, (page + 1) / 2, true);
		return true;
	case ACTION_HALF_DOWN:
		move(l, (page + 1) / 2, false);
		return true;
	case ACTION_BEGIN:
		l->cursor = 0;
		return true;
	case ACTION_END:
		l->cursor = l->count ? l->count - 1 : 0;
		return true;
	default:
		return false;
	}
}

void lister_show(struct lister *l, size_t count, const struct area *rows)
{
	size_t room = rows->height > 0 ? (size_t)rows->height : 1;

	l->count = count;
	l->page = rows->height;
	l->rows = *rows;
	l->text = false;
	if (l->cursor >= count)
		l->cursor = count ? count - 1 : 0;
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + room)
		l->top = l->cursor - room + 1;
	/* No empty rows below as long as there are some above. */
	if (l->top + room > count)
		l->top = count > room ? count - room : 0;
}

size_t lister_at(const struct lister *l, int y)
{
	size_t row = l->top + (size_t)(y - l->rows.y);

	return y >= l->rows.y && y < l->rows.y + l->rows.height &&
			       row < l->count
		       ? row
		       : LIST_NONE;
}

void lister_page(struct lister *l, const struct page *page, struct canvas *c,
		 const struct area *a)
{
	struct area text = {a->x + 1, a->y, a->width - 2, a->height};
	size_t room = a->height > 0 ? (size_t)a->height : 1;

	l->count = page->line_count;
	l->page = a->height;
	l->rows = *a;
	l->text = true;
	if (l->count <= room)
		l->cursor = 0;
	else if (l->cursor + room > l->count)
		l->cursor = l->count - room;
	l->top = l->cursor;
	page_draw(page, l->top, c, &text);
	lister_bar(l, c, a);
}

void lister_bar(const struct lister *l, struct canvas *c, const struct area *a)
{
	size_t room = a->height > 0 ? (size_t)a->height : 1;
	int from, size;

	if (l->count <= room)
		return;
	size = (int)(room * room / l->count);
	if (size < 1)
		size = 1;
	from = (int)(l->top * (room - (size_t)size) / (l->count - room));
	canvas_down(c, a->x + a->width - 1, a->y, a->height, STYLE_FRAME,
		    0x2502);
	canvas_down(c, a->x + a->width - 1, a->y + from, size, STYLE_FRAME,
		    0x2588);
}
