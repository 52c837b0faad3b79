/*
 * What the parts of the text report, and those of a probe's, write with: one
 * line at a time, coloured, escaped, and wrapped when it ends.
 */
#ifndef REPORT_PRINTER_H
#define REPORT_PRINTER_H

#include "report/report_text.h"

struct printer {
	const struct model *model;
	const struct report_options *options;
	struct text *to;
	struct text line; /* being written */
	size_t calls;     /* that are told */
};

enum paint {
	PAINT_NONE,
	PAINT_GOOD,
	PAINT_BAD,
	PAINT_WARN,
	PAINT_DIM,
	PAINT_BOLD,
};

/* Text that may come from a capture: escaped. */
void printer_puts(struct printer *p, const char *text);
void printer_paint(struct printer *p, enum paint with, const char *text);
/* The same with URIs in it: their passwords are secrets. */
void printer_uris(struct printer *p, const char *text);
/* What was written from `from` of the line on holds a URI, which may be parted
 * before its parameters where no line holds it. */
void printer_part_uri(struct printer *p, size_t from);
/* All that follows, until PAINT_NONE. */
void printer_color(struct printer *p, enum paint with);
/* Text of our own: what is longer than 511 bytes is cut.  Escaped all the same,
 * if something of a capture got into it. */
void printer_printf(struct printer *p, const char *format, ...)
	PRINTF_LIKE(2, 3);
/* The same as words that no line parts. */
void printer_joined(struct printer *p, const char *format, ...)
	PRINTF_LIKE(2, 3);
/* Does what was written of the line fit the width? */
bool printer_fits(const struct printer *p);
/* Ends the line; what does not fit hangs so far in. */
void printer_end(struct printer *p, size_t hanging);
/* A line of its own that heads a list: "  Relays". */
void printer_heading(struct printer *p, const char *text);
/* Gives what has gathered to the reader when it is much. */
void printer_flush(struct printer *p);

void printer_endpoint(struct printer *p, const struct endpoint *e);
/* "FRAME", or "FILE:FRAME" when there are several captures. */
void printer_place(struct printer *p, place_number place);
/* " [frames 1-4, 7 ... 25]", or nothing. */
void printer_cited(struct printer *p, const struct cited *cited);
/* The same without brackets, for those who add to it. */
void printer_frames(struct printer *p, const struct cited *cited);
/* "0.4 ms", "502 ms", "14.5 s", "15.6 min", "2.5 h". */
void printer_duration(struct printer *p, nanoseconds duration);
/* "1 pair", "2 pairs". */
void printer_count(struct printer *p, uint64_t count, const char *noun);

/* The mark of a state: one character. */
char printer_mark(enum stage_state state);
enum paint printer_paint_of(enum stage_state state);

/* "2026-11-24" */
void printer_date(struct printer *p, nanoseconds time);
/* The time of the day; dashes where nothing in the input has a time. */
void printer_clock(struct printer *p, nanoseconds time);
bool printer_has_times(const struct printer *p);
/* Moves what was written from `from` of the line on to the right, so that it
 * fills `width` columns. */
void printer_right(struct printer *p, size_t from, size_t width);

#endif /* REPORT_PRINTER_H */
