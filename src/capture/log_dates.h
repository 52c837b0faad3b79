/*
 * Day or month first?  "02/03/2015" is either; what else a log holds may tell.
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_DATES_H
#define CAPTURE_LOG_DATES_H

#include "core/slice.h"

/* How much of a log is looked at. */
#define LOG_DATES_SIZE ((size_t)1 << 20)

enum log_dates {
	DATES_PLAIN,       /* none of them can be read in two ways */
	DATES_MONTH_FIRST, /* guessed by their mark: nothing in the log tells */
	DATES_DAY_FIRST,
	DATES_BY_DAY,   /* one of them has a number above 12 */
	DATES_BY_DATE,  /* Date of its messages says it (RFC 3261 20.17) */
	DATES_BY_ORDER, /* read the other way the log would leap */
};

/* What tells it for this text, and whether day and month are the other way
 * round than their mark says (scan_time). */
enum log_dates log_dates_of(struct slice text, bool *swapped);

/* A sentence for people; NULL where nothing is to be said. */
const char *log_dates_name(enum log_dates dates, bool swapped);

#endif /* CAPTURE_LOG_DATES_H */
