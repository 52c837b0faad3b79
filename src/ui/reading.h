/*
 * A screen that is read and scrolled: help, statistics, comparisons.
 */
#ifndef UI_READING_H
#define UI_READING_H

#include "ui/app.h"
#include "ui/page.h"
#include "ui/remembered.h"

#define READING_NUMBERS 2

struct reading {
	const char *title;
	/* Fills the page for a width; called again when the width changes. */
	void (*write)(struct app *app, struct reading *r, int width);
	struct page page;
	uint64_t numbers[READING_NUMBERS]; /* what it is about, or */
	struct remembered messages[READING_NUMBERS];
	int width;
};

/* Opens one; `what` is copied. */
void open_reading(struct app *app, const struct reading *what);

#endif /* UI_READING_H */
