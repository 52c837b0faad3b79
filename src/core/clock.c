/* Time arithmetic and its text forms; calendar after RFC 3339. */
#include "config.h"

#include "core/clock.h"

nanoseconds clock_of(int64_t seconds, int64_t ns)
{
	const int64_t limit = INT64_MAX / NS_PER_S - 1;

	if (seconds <= limit && seconds >= -limit)
		seconds += ns / NS_PER_S;
	if (seconds > limit)
		return INT64_MAX;
	if (seconds < -limit)
		return INT64_MIN;
	return seconds * NS_PER_S + ns % NS_PER_S;
}

/* Days since 1970-01-01; years start in March so that leap days come last. */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t era, year_of_era, day_of_year;

	year -= month <= 2;
	era = (year >= 0 ? year : year - 399) / 400;
	year_of_era = year - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
				   31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (leap && month == 2);
}

enum status clock_of_civil(const struct civil_time *c, nanoseconds *out)
{
	if (c->year < 1601 || c->year > 9999 || c->month < 1 || c->month > 12 ||
	    c->day < 1 || c->day > days_in_month(c->year, c->month) ||
	    c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 ||
	    c->second < 0 || c->second > 60)
		return STATUS_BAD;
	*out = clock_of(days_of(c->year, c->month, c->day) * 86400 +
				c->hour * 3600 + c->minute * 60 + c->second,
			0);
	return STATUS_OK;
}

struct civil_time clock_civil(nanoseconds time)
{
	int64_t seconds = time / NS_PER_S - (time % NS_PER_S < 0);
	int64_t days = seconds / 86400 - (seconds % 86400 < 0);
	int rest = (int)(seconds - days * 86400);
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	return (struct civil_time){
		.year = (int)(yoe + era * 400 + (month <= 2)),
		.month = month,
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
	};
}

static void digits(char *at, int n, int64_t value)
{
	while (n-- > 0) {
		at[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

static int64_t fraction(nanoseconds time)
{
	int64_t ns = time % NS_PER_S;

	return ns < 0 ? ns + NS_PER_S : ns;
}

void clock_put_rfc3339(nanoseconds time, char to[CLOCK_RFC3339_SIZE])
{
	struct civil_time c = clock_civil(time);

	memcpy(to, "0000-00-00T00:00:00.000000000Z", CLOCK_RFC3339_SIZE);
	digits(to, 4, c.year);
	digits(to + 5, 2, c.month);
	digits(to + 8, 2, c.day);
	digits(to + 11, 2, c.hour);
	digits(to + 14, 2, c.minute);
	digits(to + 17, 2, c.second);
	digits(to + 20, 9, fraction(time));
}

void clock_rfc3339(nanoseconds time, struct text *to)
{
	char out[CLOCK_RFC3339_SIZE];

	clock_put_rfc3339(time, out);
	text_put(to, slice_of(out, sizeof(out)));
}

void clock_of_day(nanoseconds time, struct text *to)
{
	char out[] = "00:00:00.000";
	struct civil_time c = clock_civil(time);

	digits(out, 2, c.hour);
	digits(out + 3, 2, c.minute);
	digits(out + 6, 2, c.second);
	digits(out + 9, 3, fraction(time) / NS_PER_MS);
	text_put(to, slice_of(out, sizeof(out) - 1));
}

/* 1601-01-01 to 1970-01-01 in 100 ns units. */
#define FILETIME_EPOCH UINT64_C(116444736000000000)

nanoseconds clock_of_filetime(uint64_t filetime)
{
	if (filetime < FILETIME_EPOCH ||
	    filetime - FILETIME_EPOCH > (uint64_t)INT64_MAX / 100)
		return 0;
	return clock_bounded((nanoseconds)(filetime - FILETIME_EPOCH) * 100);
}

uint64_t clock_filetime(nanoseconds time)
{
	return (uint64_t)(time / 100) + FILETIME_EPOCH;
}
