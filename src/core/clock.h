/*
 * Time as captures have it: signed nanoseconds since 1970-01-01 UTC.  Nothing
 * here reads a clock.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/text.h"

typedef int64_t nanoseconds;

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S INT64_C(1000000000)

/*
 * Frames have times within these (1823 to 2116), and so has all that is kept
 * of them: the difference of two fits, and the sum of one and 2^32 seconds.
 */
#define CLOCK_FIRST (-CLOCK_LAST)
#define CLOCK_LAST ((INT64_C(1) << 62) - 1)

static inline nanoseconds clock_bounded(nanoseconds time)
{
	if (time < CLOCK_FIRST)
		return CLOCK_FIRST;
	return time > CLOCK_LAST ? CLOCK_LAST : time;
}

/* Time from seconds and nanoseconds; saturates instead of wrapping. */
nanoseconds clock_of(int64_t seconds, int64_t ns);

/* Civil time without zone to nanoseconds; STATUS_BAD for no such day. */
struct civil_time {
	int year;  /* 1601 to 9999 */
	int month; /* 1 to 12 */
	int day;
	int hour;
	int minute;
	int second; /* 60 is read as the next minute */
};
MUST_CHECK enum status clock_of_civil(const struct civil_time *civil,
				      nanoseconds *out);
struct civil_time clock_civil(nanoseconds time);
/* From 100 ns units since 1601-01-01 UTC; 0 when it is before 1970 or cannot be
 * told. */
nanoseconds clock_of_filetime(uint64_t filetime);
/* The other way; the time is of 1970 or later. */
uint64_t clock_filetime(nanoseconds time);

/* RFC 3339, UTC, nanoseconds: 2026-11-24T12:00:00.000000000Z */
void clock_rfc3339(nanoseconds time, struct text *to);
#define CLOCK_RFC3339_SIZE 30u
void clock_put_rfc3339(nanoseconds time, char to[CLOCK_RFC3339_SIZE]);
/* 12:00:00.000 */
void clock_of_day(nanoseconds time, struct text *to);

#endif /* CORE_CLOCK_H */
