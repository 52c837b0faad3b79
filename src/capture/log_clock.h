/*
 * The clock of a log, which may leave parts of the time out: the year, or the
 * whole date.
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_CLOCK_H
#define CAPTURE_LOG_CLOCK_H

#include "capture/log_scan.h"

struct log_clock {
	int year;               /* of dates without one; 0: unknown */
	nanoseconds day;        /* when the day of the last date began */
	nanoseconds last_clock; /* time of the day, last */
	int64_t days;           /* midnights since that date */
	bool undated;           /* a time was met that no date goes with */
};

/* Gives a date without a year that of the clock, if it knows one. */
void log_clock_set_year(const struct log_clock *clock, struct log_time *time);

/* A time with its date was met: times without one are of this day. */
void log_clock_note(struct log_clock *clock, nanoseconds time);

/* Gives a time of the day (scan_time_of_day) its date: one that is much less
 * than the one before is past midnight. */
void log_clock_set_day(struct log_clock *clock, struct log_time *time);

#endif /* CAPTURE_LOG_CLOCK_H */
