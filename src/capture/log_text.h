/*
 * Messages of a text, line by line (capture/log_text.c).
 *
 * For the reader of SIP messages in text only.
 */
#ifndef CAPTURE_LOG_TEXT_H
#define CAPTURE_LOG_TEXT_H

#include "capture/log_parts.h"

/* A line, or one of those that a logger made one line of. */
struct log_piece {
	struct log_line line; /* all of it */
	struct slice text;
	struct slice rest; /* behind it, in the same line */
	size_t start;      /* of a message in the text, behind its front */
	bool part;         /* of a line that has several */
	bool escaped;      /* that line is a string with backslashes */
};

/* The next piece, which stays the next until it is taken; as log_line_peek. */
MUST_CHECK enum status text_peek(struct log *log, struct log_piece *out);
void text_take(struct log *log, const struct log_piece *piece);

/* Is it a ruler: one mark, again and again? */
bool text_is_ruler(struct slice line);
/* Did a line just before say that a message follows? */
bool text_is_announced(const struct log *log);
/* A first line with a dot at its end, which ngrep shows for CR? */
bool text_is_dotted(struct slice line);
/* A line with which programs end a message: "---", "<--->", "--end msg--"? */
bool text_is_end(struct slice line);
/* Is it a line about the next message, with two ends and an arrow? */
bool text_is_hint(struct slice line);

/* The message whose first line is next, up to its end or the next one. */
void text_take_plain(struct log *log);
/* The same where the other lines of a log stand around it; false when it was
 * no message, only a line that looks like the first of one. */
bool text_take_logged(struct log *log, const struct log_piece *first);

#endif /* CAPTURE_LOG_TEXT_H */
