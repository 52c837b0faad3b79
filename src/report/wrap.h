/*
 * Lines that fit a width: broken between words, the rest hanging under the
 * first.
 *
 * A word longer than the room keeps together as long as it can: it goes to a
 * line of its own with less indentation first, so that addresses, which are
 * shorter than WRAP_WIDTH_MIN, are never cut.  One with seams is parted there
 * instead, so that a column of its own stays one.  Colours (ESC [ ... m) and
 * combining marks take no column, wide characters take two.
 */
#ifndef REPORT_WRAP_H
#define REPORT_WRAP_H

#include "core/text.h"

#define WRAP_WIDTH_MIN ((size_t)60)
#define WRAP_WIDTH_MAX ((size_t)100)

/* Written as a space, but no line is broken there. */
#define WRAP_JOINT '\001'
/* Not written; where a word that is too long may be parted. */
#define WRAP_SEAM '\002'

struct wrapping {
	size_t width;
	size_t hanging; /* indentation of what follows the first line */
};

/* Appends `line` in as many lines as it takes, each ended; no line ends in
 * spaces.  Its own leading spaces are the indentation of the first. */
void wrap_write(struct slice line, const struct wrapping *how, struct text *to);

/* Columns that it takes on a terminal. */
size_t wrap_columns(struct slice line);

#endif /* REPORT_WRAP_H */
