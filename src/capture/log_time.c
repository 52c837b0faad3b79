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

/* ".045", ",045"; the mark must have a digit behind it. */
static nanoseconds scan_fraction(struct slice *s)
{
	nanoseconds fraction = 0, unit = NS_PER_S;
	struct slice rest = slice_from(*s, 1);
	int digit;

	if (s->n < 2 || (s->p[0] != '.' && s->p[0] != ',') ||
	    !scan_digits(&rest, 1, &digit))
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

/* "Z", "+01:00", "-0500": how far the clock is ahead of UTC. */
static bool scan_zone(struct slice *s, nanoseconds *ahead)
{
	struct slice rest = *s;
	int hours, minutes;
	bool west = rest.n && rest.p[0] == '-';

	*ahead = 0;
	if (scan_char(s, 'Z'))
		return true;
	*s = rest;
	if (!(west || (rest.n && rest.p[0] == '+')))
		return false;
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

/* What parts the date from the time of day: "|", "T", "-", ", ", blanks. */
static bool scan_parting(struct slice *s)
{
	struct slice before = *s;

	if (s->n && strchr("|T-,", s->p[0]) && s->p[0])
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

static bool is_digit_at(struct slice s, size_t i)
{
	return s.p[i] >= '0' && s.p[i] <= '9';
}

bool find_time(struct slice line, struct log_time *out)
{
	for (size_t i = 0; i < line.n; i++) {
		struct slice rest = slice_from(line, i);

		if (is_digit_at(line, i) &&
		    (i == 0 || !is_digit_at(line, i - 1)) &&
		    scan_time(&rest, out))
			return true;
	}
	return false;
}
