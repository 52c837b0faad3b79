/* Which of the two numbers of a date is the day. */
#include "config.h"

#include "capture/log_dates.h"
#include "capture/log_scan.h"

#define DAY (86400 * NS_PER_S)
/* Server and client may be zones apart. */
#define NEAR (2 * DAY)
/* Read the wrong way a log leaps by a month or more each day. */
#define LEAP (20 * DAY)
/* Dates stand at the front of a line, behind a few words at most. */
#define FRONT 80u

/* What was seen of dates that are read as their mark says ([0]), and the other
 * way round ([1]). */
struct seen {
	nanoseconds last[2];
	nanoseconds leap[2]; /* the widest step on */
	bool back[2];        /* time went back */
	bool any;            /* `last` is set */
	bool either;         /* some date can be read in two ways */
	bool slashes;        /* that one has slashes */
};

/* "Tue, 03 Feb 2015 09:07:12 GMT" */
static bool date_header(struct slice line, nanoseconds *out)
{
	struct civil_time civil = {0};
	nanoseconds fraction;
	struct slice value;
	size_t at;

	if (!field_value(line, "Date", &value) || !slice_find(value, ',', &at))
		return false;
	value = slice_from(value, at + 1);
	scan_blanks(&value);
	if (!scan_digits(&value, 2, &civil.day) || !scan_char(&value, ' '))
		return false;
	civil.month = month_of_word(value);
	value = slice_from(value, 3);
	return civil.month && scan_char(&value, ' ') &&
	       scan_digits(&value, 4, &civil.year) && scan_char(&value, ' ') &&
	       scan_clock(&value, &civil, &fraction) &&
	       clock_of_civil(&civil, out) == STATUS_OK;
}

static nanoseconds apart(nanoseconds a, nanoseconds b)
{
	return a < b ? b - a : a - b;
}

/* Does one of the readings fit, and the other one not? */
static bool told_by(const struct seen *x, nanoseconds date, bool *swapped)
{
	bool fits = apart(x->last[0], clock_bounded(date)) <= NEAR;
	bool other = apart(x->last[1], clock_bounded(date)) <= NEAR;

	*swapped = other;
	return x->any && x->last[0] != x->last[1] && fits != other;
}

static void step(struct seen *x, const struct log_time *time)
{
	nanoseconds other = time->either ? time->swapped : time->time;
	nanoseconds now[2] = {clock_bounded(time->time), clock_bounded(other)};

	for (unsigned i = 0; i < 2 && x->any; i++) {
		nanoseconds on = now[i] - x->last[i];

		x->back[i] |= on < -DAY;
		if (on > x->leap[i])
			x->leap[i] = on;
	}
	x->last[0] = now[0];
	x->last[1] = now[1];
	x->any = true;
	x->either |= time->either;
	x->slashes |= time->slashes;
}

/* A log goes on, and not by months. */
static bool told_by_order(const struct seen *x, bool *swapped)
{
	*swapped = x->back[0] && !x->back[1];
	if (x->back[0] != x->back[1])
		return true;
	*swapped = x->leap[0] >= LEAP && x->leap[1] <= NEAR;
	return *swapped || (x->leap[1] >= LEAP && x->leap[0] <= NEAR);
}

enum log_dates log_dates_of(struct slice text, bool *swapped)
{
	struct seen seen = {.any = false};
	bool sure = false, turned = false;

	while (text.n) {
		struct slice line = slice_split(&text, '\n');
		struct log_time time;
		nanoseconds date;

		if (seen.either && date_header(slice_trim(line), &date) &&
		    told_by(&seen, date, swapped))
			return DATES_BY_DATE;
		if (!find_time(slice_first(line, FRONT), &time) ||
		    time.yearless)
			continue;
		step(&seen, &time);
		sure |= time.certain;
		turned |= time.turned;
		if (sure && seen.either)
			break;
	}
	*swapped = sure && seen.either && turned;
	if (!seen.either)
		return DATES_PLAIN;
	if (sure)
		return DATES_BY_DAY;
	if (told_by_order(&seen, swapped))
		return DATES_BY_ORDER;
	return seen.slashes ? DATES_MONTH_FIRST : DATES_DAY_FIRST;
}

const char *log_dates_name(enum log_dates dates, bool swapped)
{
	static const char *const texts[][2] = {
		[DATES_PLAIN] = {NULL, NULL},
		[DATES_MONTH_FIRST] = {"its dates are read with the month "
				       "first, as such logs have it: nothing "
				       "in it tells",
				       NULL},
		[DATES_DAY_FIRST] = {"its dates are read with the day first, "
				     "which is guessed by their mark",
				     NULL},
		[DATES_BY_DAY] = {NULL, "its dates are read the other way "
					"round than their mark says: one has "
					"a number above 12"},
		[DATES_BY_DATE] = {NULL, "its dates are read the other way "
					 "round than their mark says: Date of "
					 "its messages tells it"},
		[DATES_BY_ORDER] = {NULL, "its dates are read the other way "
					  "round than their mark says: else "
					  "it would leap by months"},
	};

	return texts[dates][swapped];
}
