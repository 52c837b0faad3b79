/*
 * Logs of which each line is an object of JSON (RFC 8259) with a line of the
 * program in it, as Docker, journald and shippers of logs keep them; journald
 * may spread the object over lines:
 *
 *   {"log":"Via: SIP/2.0/UDP 192.0.2.1:5060\r\n","time":"2026-11-30T12:00:00Z"}
 *
 * The line is made of it again, with the time in front.
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_JSON_H
#define CAPTURE_LOG_JSON_H

#include "capture/log_maker.h"

/* Does this part of a text hold a message whose lines are wrapped up so?  Whole
 * messages in a string are none. */
bool json_lines_claim(struct slice part);

/* Makes lines of them; NULL: memory is out. */
struct log_maker *json_lines_maker(void);

/* Takes a string off the front, as it is written between its quotes; false,
 * and nothing is taken, where none stands. */
bool json_take_written(struct slice *s, struct slice *out);
/* A line of a text that has one for each value: "name": value, with a comma
 * behind it or without. */
bool json_take_member(struct slice line, struct slice *name,
		      struct slice *value);
/* Puts what such a string says. */
void json_put_written(struct text *out, struct slice written);

#endif /* CAPTURE_LOG_JSON_H */
