/*
 * A stream of media as a page to read: of media nothing is kept but what was
 * counted.
 */
#ifndef UI_STREAM_PAGE_H
#define UI_STREAM_PAGE_H

#include "ui/app.h"
#include "ui/page.h"

/* Fills the page, which page_begin starts. */
void stream_page(struct app *app, const struct media *stream, struct page *page,
		 int width);

/* The same on a screen of its own. */
void open_stream(struct app *app, const struct media *stream);

#endif /* UI_STREAM_PAGE_H */
