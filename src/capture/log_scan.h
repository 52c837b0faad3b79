/*
 * What stands in the lines of logs: times, addresses, first lines of SIP.
 *
 * For the readers of logs only.  The scan_ functions take what they read off
 * the front of *s; where it is not there they return false, and *s is not to
 * be used any more.
 */
#ifndef CAPTURE_LOG_SCAN_H
#define CAPTURE_LOG_SCAN_H

#include "core/clock.h"
#include "core/record.h"

bool scan_char(struct slice *s, char c);
void scan_blanks(struct slice *s);
/* The next word, behind blanks and ends of lines; empty behind the last. */
struct slice scan_word(struct slice *s);
/* Exactly `n` decimal digits. */
bool scan_digits(struct slice *s, unsigned n, int *out);
/* One or more hexadecimal digits. */
bool scan_hex(struct slice *s);
/* One or more capital letters, and '_'. */
bool scan_capitals(struct slice *s, struct slice *word);
/* 12:00:00.123, with up to nine digits of a fraction behind a point or comma or
 * without; 9:07:12 PM */
bool scan_clock(struct slice *s, struct civil_time *civil,
		nanoseconds *fraction);

struct log_time {
	nanoseconds time;
	nanoseconds swapped; /* with day and month the other way round */
	bool zoned;    /* it says its zone, and is UTC; else local or unknown */
	bool either;   /* both ways are dates, and not the same */
	bool certain;  /* one of the two is above 12, the year behind them */
	bool slashes;  /* stand between them */
	bool turned;   /* and they are not in the order of their mark */
	bool yearless; /* the date tells no year: it is LOG_YEAR_UNKNOWN's */
};

/* A leap year, so that each date is a day in it. */
#define LOG_YEAR_UNKNOWN 1972

/* A date and a time in one of the ways in which tools print it:
 * 2026/11/24 12:00:00.123456, 2026-11-24T12:00:00Z, 11/24/2026-12:00:00.1,
 * 24.11.2026, 12:00:00,123 */
bool scan_time(struct slice *s, struct log_time *out);
/* "3309492437mS ": milliseconds since a start that is not told, as of 1970. */
bool scan_uptime(struct slice *s, struct log_time *out);
/* A time of the day alone: of 1970-01-01. */
bool scan_time_of_day(struct slice *s, struct log_time *out);
/* scan_time, anywhere in a line; also dates with the name of a month, and such
 * without a year: Nov 30 12:00:00, 30 Nov 2026 12:00:00, 11-30 12:00:00. */
bool find_time(struct slice line, struct log_time *out);
/* scan_time_of_day, anywhere in a line. */
bool find_time_of_day(struct slice line, struct log_time *out);
/* The same day and time in another year; the time itself where that year has
 * no such day. */
nanoseconds log_time_in_year(nanoseconds time, int year);
/* 1 to 12; 0 when no name of a month begins there. */
int month_of_word(struct slice s);

/* "192.0.2.1:5060", "[2001:db8::1]:5060", "fe01.example:5061": split at the
 * last colon.  False when it is no such thing. */
bool end_of(struct slice word, struct endpoint *out);
/* The next word of the line that is an address with its port; *line is behind
 * it. */
bool find_end(struct slice *line, struct endpoint *out);

/* "INVITE sip:x SIP/2.0" or "SIP/2.0 200 OK"? */
bool is_sip_start(struct slice line);
/* The value of "Name: value", when it has that name. */
bool field_value(struct slice line, const char *name, struct slice *value);
/* Does a line begin as "Name:" does? */
bool is_field(struct slice line);

/* Place of a word, whatever its case. */
bool find_word(struct slice s, const char *word, size_t *at);
bool has_word(struct slice s, const char *word);

/* Does a line of a trace tell something of media, relays or ICE? */
bool is_evidence(struct slice line);

/* "TCP" and the like, whatever the case; RECORD_UNKNOWN. */
enum record_transport transport_of_word(struct slice word);

#endif /* CAPTURE_LOG_SCAN_H */
