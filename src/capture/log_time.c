/*
 * Times in lines of logs, in the ways in which programs, people and languages
 * write them.
 *
 * Month or day first?  Slashes are the American way, dots and hyphens that of
 * most others; a first number above 12 is a day, a second one too.
 */
#include "config.h"

#include "capture/log_scan.h"

#define MONTHS 12
#define NOON 12
#define HOURS 24
#define MINUTES 60
#define FRACTION_DIGITS 9
/* Seconds since 1970, from 2001 to 2033. */
#define EPOCH_DIGITS 10
/* A number of four digits beside a day and a month is a year from here on. */
#define YEAR_FIRST 1990
#define YEAR_LAST 2099
/* So near to a time stands what phones tell of it apart. */
#define SPLIT_TIME_WITHIN 100u

/* "7" or "07" */
static bool scan_one_or_two(struct slice *s, int *out)
{
	struct slice two = *s;

	if (scan_digits(&two, 2, out)) {
		*s = two;
		return true;
	}
	return scan_digits(s, 1, out);
}

static bool is_digit_at(struct slice s, size_t i)
{
	return i < s.n && s.p[i] >= '0' && s.p[i] <= '9';
}

/* A point or comma before any digit, or a colon before three: ".045" and
 * ",045", ":045". */
static bool begins_fraction(struct slice s)
{
	if (s.n < 2 || !is_digit_at(s, 1))
		return false;
	if (s.p[0] == ':')
		return is_digit_at(s, 2) && is_digit_at(s, 3) &&
		       !is_digit_at(s, 4) && (s.n < 5 || s.p[4] != ':');
	return s.p[0] == '.' || s.p[0] == ',';
}

static nanoseconds scan_fraction(struct slice *s)
{
	nanoseconds fraction = 0, unit = NS_PER_S;
	int digit;

	if (!begins_fraction(*s))
		return 0;
	*s = slice_from(*s, 1);
	for (unsigned i = 0; i < FRACTION_DIGITS; i++) {
		if (!scan_digits(s, 1, &digit))
			break;
		unit /= 10;
		fraction += unit * digit;
	}
	return fraction;
}

static bool scan_one_of(struct slice *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_starts_nocase(*s, words[i])) {
			*s = slice_from(*s, strlen(words[i]));
			return true;
		}
	return false;
}

/* " PM", "p.m."; nothing is taken where it is not there. */
static void scan_half(struct slice *s, struct civil_time *civil)
{
	static const char *const before[] = {"am", "a.m."};
	static const char *const after[] = {"pm", "p.m."};
	struct slice rest = *s;

	if (civil->hour == 0 || civil->hour > NOON)
		return;
	scan_blanks(&rest);
	if (scan_one_of(&rest, before, 2))
		civil->hour %= NOON;
	else if (scan_one_of(&rest, after, 2))
		civil->hour = civil->hour % NOON + NOON;
	else
		return;
	*s = rest;
}

bool scan_clock(struct slice *s, struct civil_time *civil,
		nanoseconds *fraction)
{
	*fraction = 0;
	if (!scan_one_or_two(s, &civil->hour) || !scan_char(s, ':') ||
	    !scan_digits(s, 2, &civil->minute) || !scan_char(s, ':') ||
	    !scan_digits(s, 2, &civil->second))
		return false;
	*fraction = scan_fraction(s);
	scan_half(s, civil);
	return true;
}

/* " GMT", " UTC": nothing is taken where it is not there. */
static bool scan_zone_name(struct slice *s)
{
	static const char *const names[] = {"GMT", "UTC"};
	struct slice rest = *s;

	scan_blanks(&rest);
	if (!scan_one_of(&rest, names, 2))
		return false;
	*s = rest;
	return true;
}

/* "Z", "+01:00", "-0500", "GMT+0100": how far the clock is ahead of UTC. */
static bool scan_zone(struct slice *s, nanoseconds *ahead)
{
	bool named = scan_zone_name(s);
	struct slice rest = *s;
	int hours, minutes;
	bool west = rest.n && rest.p[0] == '-';

	*ahead = 0;
	if (!named && scan_char(s, 'Z'))
		return true;
	*s = rest;
	if (!(west || (rest.n && rest.p[0] == '+')))
		return named;
	rest = slice_from(rest, 1);
	if (!scan_digits(&rest, 2, &hours) || hours >= HOURS)
		return false;
	if (rest.n && rest.p[0] == ':')
		rest = slice_from(rest, 1);
	if (!scan_digits(&rest, 2, &minutes) || minutes >= MINUTES)
		return false;
	*s = rest;
	*ahead = (hours * MINUTES + minutes) * MINUTES * NS_PER_S;
	if (west)
		*ahead = -*ahead;
	return true;
}

static bool scan_mark(struct slice *s, char *mark)
{
	if (s->n == 0 || !strchr("/.-", s->p[0]) || s->p[0] == 0)
		return false;
	*mark = (char)s->p[0];
	*s = slice_from(*s, 1);
	return true;
}

/* 2015-02-03, 2015/02/03 */
static bool scan_year_first(struct slice *s, struct civil_time *civil)
{
	char mark;

	return scan_digits(s, 4, &civil->year) && scan_mark(s, &mark) &&
	       scan_one_or_two(s, &civil->month) && scan_char(s, mark) &&
	       scan_one_or_two(s, &civil->day);
}

/* 02/03/2015, 3.2.2015, 03-02-2015; what else they could be is for *out. */
static bool scan_year_last(struct slice *s, struct civil_time *civil,
			   struct log_time *out)
{
	int first, second;
	bool day_first;
	char mark;

	if (!scan_one_or_two(s, &first) || !scan_mark(s, &mark) ||
	    !scan_one_or_two(s, &second) || !scan_char(s, mark) ||
	    !scan_digits(s, 4, &civil->year))
		return false;
	day_first = mark == '/' ? first > MONTHS : second <= MONTHS;
	civil->day = day_first ? first : second;
	civil->month = day_first ? second : first;
	out->certain = first > MONTHS || second > MONTHS;
	out->turned = out->certain && day_first == (mark == '/');
	out->slashes = mark == '/';
	out->either = !out->certain && first != second;
	return true;
}

static bool scan_any_date(struct slice *s, struct civil_time *civil,
			  struct log_time *out)
{
	struct slice again = *s;

	if (scan_year_first(s, civil))
		return true;
	*s = again;
	return scan_year_last(s, civil, out);
}

/* What parts the date from the time of day: one of "|T-_,", blanks. */
static bool scan_parting(struct slice *s)
{
	struct slice before = *s;

	if (s->n && strchr("|T-_,", s->p[0]) && s->p[0])
		*s = slice_from(*s, 1);
	scan_blanks(s);
	return s->n < before.n;
}

static void scan_time_zone(struct slice *s, struct log_time *out)
{
	struct slice rest = *s;
	nanoseconds ahead;

	out->zoned = scan_zone(&rest, &ahead);
	if (!out->zoned)
		return;
	*s = rest;
	out->time -= ahead;
}

static bool scan_day_time(struct slice *s, struct civil_time *civil,
			  struct log_time *out)
{
	nanoseconds fraction;

	if (!scan_clock(s, civil, &fraction) ||
	    clock_of_civil(civil, &out->time) != STATUS_OK)
		return false;
	if (out->time >= CLOCK_LAST || out->time <= CLOCK_FIRST)
		return true;
	out->time += fraction;
	scan_time_zone(s, out);
	return true;
}

bool scan_time(struct slice *s, struct log_time *out)
{
	struct civil_time civil = {0};

	struct civil_time other;
	nanoseconds day, swapped;

	*out = (struct log_time){.time = 0};
	if (!scan_any_date(s, &civil, out))
		return false;
	other = (struct civil_time){
		.year = civil.year, .month = civil.day, .day = civil.month};
	if (!scan_parting(s) || !scan_day_time(s, &civil, out))
		return false;
	civil.hour = civil.minute = civil.second = 0;
	out->either = out->either && out->time < CLOCK_LAST &&
		      out->time > CLOCK_FIRST &&
		      clock_of_civil(&civil, &day) == STATUS_OK &&
		      clock_of_civil(&other, &swapped) == STATUS_OK;
	out->swapped = out->either ? out->time - day + swapped : out->time;
	return true;
}

bool scan_time_of_day(struct slice *s, struct log_time *out)
{
	struct civil_time civil = {.year = 1970, .month = 1, .day = 1};

	*out = (struct log_time){.time = 0};
	return scan_day_time(s, &civil, out);
}

bool scan_uptime(struct slice *s, struct log_time *out)
{
	size_t n = 0;
	uint64_t ms;

	*out = (struct log_time){.time = 0};
	while (n < s->n && is_digit_at(*s, n))
		n++;
	if (slice_number(slice_first(*s, n), INT64_MAX / NS_PER_MS, &ms) !=
		    STATUS_OK ||
	    !slice_starts(slice_from(*s, n), SLICE("mS ")))
		return false;
	*s = slice_from(*s, n + strlen("mS "));
	out->time = out->swapped = (nanoseconds)ms * NS_PER_MS;
	return true;
}

/* ---- dates in words ---- */

int month_of_word(struct slice s)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (s.n < 3)
		return 0;
	for (int i = 0; i < MONTHS; i++) {
		const char *month = months + (ptrdiff_t)3 * i;

		if ((s.p[0] | 0x20) == month[0] &&
		    (s.p[1] | 0x20) == month[1] && (s.p[2] | 0x20) == month[2])
			return i + 1;
	}
	return 0;
}

static bool scan_month(struct slice *s, struct civil_time *civil)
{
	civil->month = month_of_word(*s);
	*s = slice_from(*s, 3);
	return civil->month > 0;
}

/* Blanks, or one of the marks that stand between the parts of a date. */
static bool scan_gap(struct slice *s)
{
	char mark;
	struct slice before = *s;

	if (s->n && (s->p[0] == '-' || s->p[0] == '/'))
		return scan_mark(s, &mark);
	scan_blanks(s);
	return s->n < before.n;
}

/* " 2026", ", 2026", "-2026"; nothing is taken where no year stands. */
static void scan_year(struct slice *s, struct civil_time *civil)
{
	struct slice rest = *s;
	int year;

	if (rest.n && rest.p[0] == ',')
		rest = slice_from(rest, 1);
	if (scan_gap(&rest) && scan_digits(&rest, 4, &year) &&
	    year >= YEAR_FIRST && year <= YEAR_LAST &&
	    (rest.n == 0 || (rest.p[0] != ':' && !is_digit_at(rest, 0)))) {
		civil->year = year;
		*s = rest;
	}
}

/* "Nov 30", "30 Nov 2026", "30-Nov-2026" */
static bool scan_named_date(struct slice *s, struct civil_time *civil)
{
	bool named_first = !is_digit_at(*s, 0);

	if (named_first && (!scan_month(s, civil) || !scan_gap(s) ||
			    !scan_one_or_two(s, &civil->day)))
		return false;
	if (!named_first && (!scan_one_or_two(s, &civil->day) || !scan_gap(s) ||
			     !scan_month(s, civil)))
		return false;
	scan_year(s, civil);
	return true;
}

/* "11-30", as Android writes it. */
static bool scan_month_and_day(struct slice *s, struct civil_time *civil)
{
	return scan_digits(s, 2, &civil->month) && scan_char(s, '-') &&
	       scan_digits(s, 2, &civil->day);
}

/* "Tue Jun 26 18:13:02 2018": the year stands behind the time. */
static void scan_year_behind(struct slice s, struct civil_time *civil)
{
	struct civil_time clock = {0};
	nanoseconds fraction;

	if (civil->year == 0 && scan_clock(&s, &clock, &fraction))
		scan_year(&s, civil);
}

/* "192.0.2.1 SIPMESSAGE: -04:00 2022 920 1 ": phones tell zone, year and
 * milliseconds behind what syslog has of a time.  The zone is not used: with
 * some of them that time is UTC, with others local. */
static void scan_split_time(struct slice s, struct civil_time *civil,
			    nanoseconds *thousandths)
{
	struct slice line = slice_first(s, SPLIT_TIME_WITHIN);
	int year, ms;
	size_t at;

	while (slice_search(line, SLICE(": "), &at)) {
		struct slice rest = slice_from(line, at + 2);
		nanoseconds ahead;

		line = rest;
		if (rest.n == 0 || !strchr("+-", rest.p[0]) ||
		    !scan_zone(&rest, &ahead) || !scan_char(&rest, ' ') ||
		    !scan_digits(&rest, 4, &year) || !scan_char(&rest, ' ') ||
		    !scan_digits(&rest, 3, &ms) || !scan_char(&rest, ' ') ||
		    year < YEAR_FIRST || year > YEAR_LAST)
			continue;
		civil->year = year;
		*thousandths = ms * NS_PER_MS;
		return;
	}
}

/* A date of another kind than scan_time reads; perhaps without its year. */
static bool scan_loose_time(struct slice *s, struct log_time *out)
{
	struct civil_time civil = {0};
	struct slice again = *s;
	bool named = scan_named_date(s, &civil);
	nanoseconds thousandths = 0;

	*out = (struct log_time){.time = 0};
	if (!named) {
		*s = again;
		civil = (struct civil_time){0};
		if (!scan_month_and_day(s, &civil))
			return false;
	}
	if (!scan_parting(s))
		return false;
	if (named)
		scan_year_behind(*s, &civil);
	if (named && civil.year == 0)
		scan_split_time(*s, &civil, &thousandths);
	out->yearless = civil.year == 0;
	if (out->yearless)
		civil.year = LOG_YEAR_UNKNOWN;
	if (!scan_day_time(s, &civil, out))
		return false;
	out->time += thousandths;
	out->swapped = out->time;
	return true;
}

nanoseconds log_time_in_year(nanoseconds time, int year)
{
	struct civil_time civil = clock_civil(time);
	nanoseconds within = 0, whole = 0;

	if (clock_of_civil(&civil, &whole) == STATUS_OK)
		within = time - whole;
	civil.year = year;
	if (clock_of_civil(&civil, &whole) != STATUS_OK)
		return time;
	return whole < CLOCK_LAST && whole > CLOCK_FIRST ? whole + within
							 : whole;
}

static bool is_letter_at(struct slice s, size_t i)
{
	return (s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z';
}

/* Where a number or a name of a month begins. */
static bool begins_date(struct slice line, size_t i)
{
	if (is_digit_at(line, i))
		return i == 0 || !is_digit_at(line, i - 1);
	return (i == 0 || !is_letter_at(line, i - 1)) &&
	       month_of_word(slice_from(line, i)) > 0;
}

/* "1796016502.991103": seconds of this century, and a fraction. */
static bool scan_epoch(struct slice *s, struct log_time *out)
{
	struct slice digits = slice_first(*s, EPOCH_DIGITS);
	uint64_t seconds;

	if (digits.n < EPOCH_DIGITS || digits.p[0] != '1' ||
	    slice_number(digits, INT64_MAX, &seconds) != STATUS_OK)
		return false;
	*s = slice_from(*s, EPOCH_DIGITS);
	if (s->n == 0 || s->p[0] != '.' || !begins_fraction(*s))
		return false;
	*out = (struct log_time){.time = clock_of((int64_t)seconds, 0),
				 .zoned = true};
	out->time += scan_fraction(s);
	out->swapped = out->time;
	return true;
}

bool find_time(struct slice line, struct log_time *out)
{
	for (size_t i = 0; i < line.n; i++) {
		struct slice rest = slice_from(line, i);

		if (!begins_date(line, i))
			continue;
		if (scan_time(&rest, out))
			return true;
		rest = slice_from(line, i);
		if (scan_loose_time(&rest, out))
			return true;
		rest = slice_from(line, i);
		if (scan_epoch(&rest, out))
			return true;
	}
	return false;
}

bool find_time_of_day(struct slice line, struct log_time *out)
{
	for (size_t i = 0; i < line.n; i++) {
		struct slice rest = slice_from(line, i);

		if (is_digit_at(line, i) &&
		    (i == 0 ||
		     (!is_digit_at(line, i - 1) && line.p[i - 1] != ':')) &&
		    scan_time_of_day(&rest, out))
			return true;
	}
	return false;
}
