/*
 * The clock of a log against that of a capture, where no message stands in
 * both: what the log tells of and what the capture shows have an order.
 *
 *   a relay grants an address (capture)   before it is offered in SDP (log)
 *   a token is given (log)                before it is used (capture)
 *   a user fragment is told in SDP (log)  before it is checked (capture)
 *
 * The first bounds how far the log can be ahead, the others how far it can be
 * behind.  Clocks of computers are right but for seconds, so the difference is
 * a time zone where one fits: a multiple of a quarter of an hour.  The Date
 * header (RFC 3261 20.17) in what a server sends tells the zone, too.
 */
#ifndef FLOW_CLOCKS_COURSE_H
#define FLOW_CLOCKS_COURSE_H

#include "core/hash.h"
#include "flow/message.h"
#include "model/list.h"

#define COURSE_MARKS_MAX ((size_t)1 << 18)
#define COURSE_DATES_MAX 64u /* of one log; the first ones */
#define COURSE_LOGS_MAX ((size_t)1024)

/* How far off an order may be: clocks count in milliseconds, and messages are
 * logged a little later. */
#define COURSE_SLACK (2 * NS_PER_S)
/* Time zones differ by multiples of this. */
#define COURSE_ZONE (900 * NS_PER_S)

struct course {
	struct list marks; /* struct mark: each once for a file */
	struct index index;
	struct list logs; /* struct log_dates */
	bool sorted;      /* all are taken */
};

struct course course_new(void);
void course_free(struct course *c);

/* Notes when STUN was seen, which each capture shows in its turn, and what a
 * log dates. */
void course_take(struct course *c, const struct message *m);

/* Is this file a log? */
bool course_is_log(const struct course *c, uint32_t file);

/* What the clock of a file may be ahead by. */
struct course_bounds {
	bool has_low, has_high;
	nanoseconds low, high;
};

/* Files whose clock is known, and how far each is ahead. */
struct course_known {
	const nanoseconds *offsets;
	const bool *known;
};

/* Bounds of a log against all of them; nothing may be taken any more. */
struct course_bounds course_bounds_of(struct course *c, uint32_t log,
				      const struct course_known *with);

/* The offset that fits best: a zone between the bounds, or what lies in their
 * middle. */
nanoseconds course_offset(const struct course_bounds *bounds);

/* The time zone by the Date of its messages; false when none has one. */
bool course_zone(const struct course *c, uint32_t log, nanoseconds *out);

#endif /* FLOW_CLOCKS_COURSE_H */
