/*
 * What people and programs put around the lines of a log on its way here:
 * marks of a quotation, blanks, numbers, an empty line behind each.
 *
 * For the readers of logs only.  A file has one dress, which its front tells:
 * lines without it are taken as they are.
 */
#ifndef CAPTURE_LOG_DRESS_H
#define CAPTURE_LOG_DRESS_H

#include "core/slice.h"

struct log_dress {
	uint8_t before; /* blanks in front of all */
	uint8_t quotes; /* '>' signs */
	uint8_t behind; /* blanks behind the number */
	char mark;      /* behind the number of the line; 0: it has none */
	bool doubled;   /* an empty line behind each line */
};

/* Is it a line with which a record of this form begins? */
typedef bool log_begins(struct slice line);

/* The dress of a text in UTF-8; none when `begins` knows no line of it. */
struct log_dress log_dress_of(struct slice text, log_begins *begins);

/* The line in its dress without it; a line end has one CR at most, which the
 * line does not have any more. */
struct slice log_undress(const struct log_dress *dress, struct slice line);

static inline bool log_has_dress(const struct log_dress *dress)
{
	return dress->before || dress->quotes || dress->mark || dress->doubled;
}

/* What it is, as a sentence for people; NULL when there is none. */
const char *log_dress_name(const struct log_dress *dress);

#endif /* CAPTURE_LOG_DRESS_H */
