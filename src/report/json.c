/* JSON, streaming. */
#include "config.h"

#include <math.h>

#include "report/json.h"

struct json json_to(struct text *to)
{
	return (struct json){.to = to};
}

/* What was counted is in the text. */
static void hand_over(struct json *j)
{
	if (j->to->failed == STATUS_OK)
		j->to->n = (size_t)(j->at - j->to->p);
}

/* Goes on behind the text. */
static bool go_on(struct json *j, size_t n)
{
	struct text *to = j->to;

	/* Its first bytes stand for what was before. */
	j->at = j->sink + 2;
	j->limit = j->sink + JSON_SLACK;
	if (!text_room(to, n + JSON_SLACK))
		return false;
	j->at = to->p + to->n;
	j->limit = to->p + to->room - JSON_SLACK;
	return true;
}

bool json_make_room(struct json *j, size_t n)
{
	hand_over(j);
	return go_on(j, n);
}

void json_part(struct json *j, struct text *to)
{
	*j = json_to(to);
	j->depth = 1;
	go_on(j, 0);
}

/* Without the comma, and the line that would have begun. */
static char *before_comma(const struct json *j)
{
	char *at = j->at;

	at -= at[-1] == '\n';
	at -= at[-1] == ',';
	return at;
}

void json_part_end(struct json *j)
{
	j->at = before_comma(j);
	hand_over(j);
}

void json_part_again(struct json *j)
{
	go_on(j, 0);
	json_wrote(j, j->at);
}

/* ---- levels ---- */

void json_break(struct json *j)
{
	if (j->depth)
		*j->at++ = '\n';
	else
		text_putc(j->to, '\n');
}

static void open_level(struct json *j, char c)
{
	if (j->depth++ == 0)
		go_on(j, 0);
	*j->at++ = c;
	if (j->at > j->limit)
		json_make_room(j, 0);
}

static void close_level(struct json *j, char c)
{
	char *at = before_comma(j);

	*at++ = c;
	j->at = at;
	if (--j->depth == 0)
		hand_over(j);
	else
		json_wrote(j, at);
}

void json_object(struct json *j)
{
	open_level(j, '{');
}

void json_object_end(struct json *j)
{
	close_level(j, '}');
}

void json_array(struct json *j)
{
	open_level(j, '[');
}

void json_array_end(struct json *j)
{
	close_level(j, ']');
}

struct text *json_open_raw(struct json *j)
{
	hand_over(j);
	return j->to;
}

void json_close_raw(struct json *j)
{
	go_on(j, 0);
	json_wrote(j, j->at);
}

/* ---- strings ---- */

static bool plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Four digits for what stands there as a code (RFC 8259 7). */
static char *put_unit(uint32_t unit, char *to)
{
	static const char digits[] = "0123456789abcdef";

	memcpy(to, "\\u", 2);
	for (unsigned i = 0; i < 4; i++)
		to[2 + i] = digits[unit >> (12 - 4 * i) & 15];
	return to + 6;
}

/* A byte that JSON has another form for. */
static char *put_escape(uint8_t c, char *to)
{
	static const char letters[][2] = {{'"', '"'},
					  {'\\', '\\'},
					  {'\n', 'n'},
					  {'\r', 'r'},
					  {'\t', 't'}};

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if ((uint8_t)letters[i][0] != c)
			continue;
		*to = '\\';
		to[1] = letters[i][1];
		return to + 2;
	}
	return put_unit(c, to);
}

/* What does not stand for itself; returns the bytes that were used. */
static size_t put_special(struct json *j, struct slice s)
{
	uint32_t code;
	size_t n = utf8_sequence(s, &code);

	if (n == 1) {
		j->at = put_escape(s.p[0], j->at);
		return 1;
	}
	/* It may be read on a terminal. */
	if (n && code <= 0xFFFF && !utf8_is_printable(code)) {
		j->at = put_unit(code, j->at);
		return n;
	}
	if (n == 0)
		memcpy(j->at, "\xEF\xBF\xBD", 3);
	else
		memcpy(j->at, s.p, n);
	j->at += n ? n : 3;
	return n ? n : 1;
}

/* Is one of eight bytes below 0x20 or above 0x7E, or '"' or '\\'?  (A byte
 * above one that is may be taken for one.) */
static bool any_special(uint64_t w)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t quote = w ^ ones * '"';
	uint64_t slash = w ^ ones * '\\';

	return (((w - ones * 0x20) | (w + ones) | (quote - ones) |
		 (slash - ones)) &
		ones * 0x80) != 0;
}

static uint64_t load8(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, 8);
	return w;
}

/* Copies fewer than eight bytes, when all are plain. */
static bool copy_short(struct slice s, char *to)
{
	uint32_t first, last;

	if (s.n < 4) {
		for (size_t i = 0; i < s.n; i++) {
			if (!plain(s.p[i]))
				return false;
			to[i] = (char)s.p[i];
		}
		return true;
	}
	/* Some of the four last may be among the four first. */
	memcpy(&first, s.p, 4);
	memcpy(&last, s.p + s.n - 4, 4);
	if (any_special((uint64_t)first << 32 | last))
		return false;
	memcpy(to, &first, 4);
	memcpy(to + s.n - 4, &last, 4);
	return true;
}

/* Copies what is plain in front, eight bytes at a time; returns how much. */
static size_t copy_plain(struct slice s, char *to)
{
	size_t run = 0;

	if (s.n < 8 && copy_short(s, to))
		return s.n;
	while (s.n - run >= 8) {
		uint64_t w = load8(s.p + run);

		if (any_special(w))
			break;
		memcpy(to + run, &w, 8);
		run += 8;
	}
	/* Of what is left some may be copied twice. */
	if (run >= 8 && s.n - run < 8 && !any_special(load8(s.p + s.n - 8))) {
		memcpy(to + s.n - 8, s.p + s.n - 8, 8);
		return s.n;
	}
	for (; run < s.n && plain(s.p[run]); run++)
		to[run] = (char)s.p[run];
	return run;
}

/* Behind what was plain, wherever that ended. */
static void finish_string(struct json *j, struct slice s)
{
	while (s.n) {
		size_t run;

		s = slice_from(s, put_special(j, s));
		if (!json_make_room(j, s.n))
			return;
		run = copy_plain(s, j->at);
		j->at += run;
		s = slice_from(s, run);
	}
	*j->at++ = '"';
	json_wrote(j, j->at);
}

void json_string(struct json *j, struct slice s)
{
	size_t run;
	char *at = j->at;

	if (s.n >= JSON_SLACK / 2) {
		if (!json_make_room(j, s.n))
			return;
		at = j->at;
	}
	*at++ = '"';
	run = copy_plain(s, at);
	at += run;
	if (run == s.n) {
		*at++ = '"';
		json_wrote(j, at);
	} else {
		j->at = at;
		finish_string(j, slice_from(s, run));
	}
}

void json_text(struct json *j, const char *s)
{
	if (s)
		json_string(j, slice_of_text(s));
	else
		json_null(j);
}

/* ---- other values ---- */

void json_null(struct json *j)
{
	memcpy(j->at, "null", 4);
	json_wrote(j, j->at + 4);
}

void json_bool(struct json *j, bool value)
{
	memcpy(j->at, value ? "true" : "fals", 4);
	j->at[4] = 'e';
	json_wrote(j, j->at + (value ? 4 : 5));
}

void json_number(struct json *j, uint64_t n)
{
	json_wrote(j, decimal_put(n, j->at));
}

static char *put_thousandths(uint64_t n, char *to)
{
	to = decimal_put(n / 1000, to);
	*to++ = '.';
	return decimal_put_fixed((uint32_t)(n % 1000), 3, to);
}

/* What printf would take ten times as long for. */
#define FIXED_MAX 1e12

void json_double(struct json *j, double value, int decimals)
{
	if (!isfinite(value)) {
		json_null(j);
	} else if (decimals == 3 && value >= 0 && value < FIXED_MAX) {
		json_wrote(j, put_thousandths((uint64_t)(value * 1000 + 0.5),
					      j->at));
	} else {
		text_printf(json_open_raw(j), "%.*f", decimals, value);
		json_close_raw(j);
	}
}

void json_thousandths(struct json *j, int64_t value)
{
	uint64_t n = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char *at = j->at;

	if (value < 0)
		*at++ = '-';
	json_wrote(j, put_thousandths(n, at));
}

/* ---- times ---- */

#define NS_PER_MINUTE (60 * NS_PER_S)

static int64_t floored(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Times of one minute have the same beginning, and most are of one day. */
static void learn_minute(struct json *j, nanoseconds time, int64_t minute)
{
	int64_t day = floored(minute, 24 * 60);
	uint32_t of_day = (uint32_t)(minute - day * 24 * 60);
	char whole[CLOCK_RFC3339_SIZE];

	j->minute = minute;
	if (j->prefix[0] && day == j->day) {
		decimal_put_fixed(of_day / 60, 2, j->prefix + 11);
		decimal_put_fixed(of_day % 60, 2, j->prefix + 14);
		return;
	}
	j->day = day;
	clock_put_rfc3339(time, whole);
	memcpy(j->prefix, whole, sizeof(j->prefix));
}

void json_time(struct json *j, nanoseconds time)
{
	int64_t minute = floored(time, NS_PER_MINUTE);
	uint64_t rest = (uint64_t)(time - minute * NS_PER_MINUTE);
	char *at = j->at;

	if (minute != j->minute || !j->prefix[0])
		learn_minute(j, time, minute);
	*at++ = '"';
	memcpy(at, j->prefix, sizeof(j->prefix));
	at += sizeof(j->prefix);
	at = decimal_put_fixed((uint32_t)(rest / NS_PER_S), 2, at);
	*at++ = '.';
	at = decimal_put_nine((uint32_t)(rest % NS_PER_S), at);
	*at++ = 'Z';
	*at++ = '"';
	json_wrote(j, at);
}

/* ---- bytes ---- */

void json_endpoint(struct json *j, const struct endpoint *e)
{
	char *at = j->at;

	if (e->family == FAMILY_NONE) {
		json_null(j);
		return;
	}
	*at++ = '"';
	at = endpoint_put(e, at);
	*at++ = '"';
	json_wrote(j, at);
}

static void put_hex(struct json *j, struct slice before, struct slice bytes)
{
	struct text *to = json_open_raw(j);

	text_put(to, before);
	text_hex(to, bytes);
	text_putc(to, '"');
	json_close_raw(j);
}

void json_hex(struct json *j, struct slice bytes)
{
	put_hex(j, SLICE("\""), bytes);
}

void json_code(struct json *j, unsigned code)
{
	uint8_t bytes[] = {(uint8_t)(code >> 8), (uint8_t)code};

	put_hex(j, SLICE("\"0x"), slice_of(bytes, 2));
}
