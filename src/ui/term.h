/*
 * The terminal: brings a canvas to it and keys from it.  The one file behind
 * this header knows curses.
 */
#ifndef UI_TERM_H
#define UI_TERM_H

#include "report/canvas.h"
#include "ui/settings.h"

struct term;

/* Takes the terminal over; keys come from it also when standard input is
 * something else.  NULL: there is none, or its type is unknown; *why
 * is a sentence. */
struct term *term_open(const struct settings *settings, const char **why);

/* Gives it back as it was; NULL is fine.  May be called after it is gone. */
void term_close(struct term *term);

/* As settings say now: colours, the mouse. */
void term_configure(struct term *term, const struct settings *settings);

/* Its size now; the canvas is made as big.  STATUS_NOMEM. */
MUST_CHECK enum status term_fit(struct term *term, struct canvas *canvas);

/* Sends what differs from what is shown. */
void term_show(struct term *term, const struct canvas *canvas);

/* The next key, if there is one; KEY_NOTHING.  A click has its place in *x and
 * *y. */
int term_key(struct term *term, int *x, int *y);

/* Waits for a key, as long as that at most; false: the terminal is gone. */
bool term_wait(struct term *term, int milliseconds);

#endif /* UI_TERM_H */
