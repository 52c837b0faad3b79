/*
 * A canvas: a sheet of character cells that screens draw on.
 *
 * It knows no terminal.  Whoever shows it brings its cells there; the tests,
 * and who wants a screen without a terminal, print it as text.  What is put on
 * it is clipped at its edges, and nothing but printable characters ever gets
 * onto it: all else is shown as text_escaped shows it.
 */
#ifndef REPORT_CANVAS_H
#define REPORT_CANVAS_H

#include "core/text.h"

/* What a cell means; how that looks is for the terminal to say. */
enum style {
	STYLE_PLAIN,
	STYLE_DIM,
	STYLE_BOLD,
	STYLE_GOOD,
	STYLE_BAD,
	STYLE_WARN,
	STYLE_NOTE,
	STYLE_TITLE, /* the line at the top */
	STYLE_BAR,   /* the line of keys at the bottom */
	STYLE_KEY,   /* a key in it */
	STYLE_HEAD,  /* heads of columns */
	STYLE_FRAME, /* lines and boxes */
	STYLE_NAME,  /* of a header or a field */
	STYLE_VALUE,
	STYLE_HUE_1, /* what belongs together has one hue */
	STYLE_HUE_2,
	STYLE_HUE_3,
	STYLE_HUE_4,
	STYLE_HUE_5,
	STYLE_HUE_6,
	STYLES,
};

#define STYLE_HUES 6u

struct cell {
	uint32_t code; /* 0: the right half of a wide character */
	uint32_t mark; /* one that stands above or below it, or 0 */
	uint8_t style; /* enum style */
	bool chosen;   /* the cursor is here */
};

#define CANVAS_SIDE_MAX 1000

struct canvas {
	int width, height;
	struct cell *cells;
	bool ascii; /* lines and marks are drawn with ASCII characters */
};

/* A part of a canvas; need not lie within it. */
struct area {
	int x, y, width, height;
};

/* A canvas of that size, empty; STATUS_NOMEM leaves the old one.  Starts from
 * a zeroed struct. */
MUST_CHECK enum status canvas_resize(struct canvas *c, int width, int height);
void canvas_free(struct canvas *c);
void canvas_clear(struct canvas *c);

/*
 * Puts text that may come from anywhere; in `room` columns at most, of which
 * the last becomes an ellipsis when it does not fit.  Returns how many columns
 * it took.
 */
int canvas_put(struct canvas *c, int x, int y, int room, enum style style,
	       struct slice text);
int canvas_puts(struct canvas *c, int x, int y, int room, enum style style,
		const char *text);
/* The same, at the right end of the room. */
void canvas_right(struct canvas *c, int x, int y, int room, enum style style,
		  struct slice text);
int canvas_printf(struct canvas *c, int x, int y, int room, enum style style,
		  const char *format, ...) PRINTF_LIKE(6, 7);

/* One character, `count` times to the right. */
void canvas_repeat(struct canvas *c, int x, int y, int count, enum style style,
		   uint32_t code);
/* The same downwards. */
void canvas_down(struct canvas *c, int x, int y, int count, enum style style,
		 uint32_t code);
/* Marks cells as chosen. */
void canvas_choose(struct canvas *c, int x, int y, int count);
/* An empty box with a title in its upper edge. */
void canvas_box(struct canvas *c, const struct area *area, const char *title);

/* The cell at a place, or NULL outside. */
struct cell *canvas_at(const struct canvas *c, int x, int y);

/* As text: a line for each row, without blanks at its end; what is chosen is
 * not told. */
void canvas_text(const struct canvas *c, struct text *to);

#endif /* REPORT_CANVAS_H */
