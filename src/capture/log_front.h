/*
 * What a logger puts in front of each line, also of those of a message: a
 * time, a process, a level. "11-30 08:05:44.264 3103 I app: Via: ..."
 *
 * All lines of one message have a front of the same shape: where one has a
 * digit the other has a digit or a blank, and the rest is equal.
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_FRONT_H
#define CAPTURE_LOG_FRONT_H

#include "core/slice.h"

#define LOG_FRONT_MAX 320u
/* So near to the front of a line stands its time. */
#define LOG_TIME_MAX 200u

struct log_front {
	uint8_t bytes[LOG_FRONT_MAX];
	size_t n; /* 0: lines of the message have none */
};

/* Does a SIP message begin in this line, perhaps behind a front?  *at is where
 * its first line does. */
bool log_front_of(struct slice line, size_t *at);

/* Bytes of something else may stand right in front of a method, as in what
 * tcpdump shows of a packet: to the name that the word at *at ends with.  Done
 * by log_front_of where the word has more than capitals. */
void log_skip_to_method(struct slice line, size_t *at);

void log_front_set(struct log_front *front, struct slice bytes);

/* Takes the front off; false when the line has none of this shape.  A line
 * that ends inside of the front, but for blanks, is empty behind it. */
bool log_front_take(const struct log_front *front, struct slice *line);

/* Where the first line alone has an arrow of a direction at the end of its
 * front: the front becomes what is before that.  False: it has none. */
bool log_front_drop_arrow(struct log_front *front);

/*
 * The first of the lines that a logger made one of: "...SIP/2.0#015#012Via:"
 * of syslog, "...SIP/2.0\r\nVia:" written with backslashes, "<013><010>" and
 * "^M " of other loggers.  *rest is what is behind it, and empty behind the
 * last.
 */
struct slice log_split_piece(struct slice line, struct slice *rest);

#endif /* CAPTURE_LOG_FRONT_H */
