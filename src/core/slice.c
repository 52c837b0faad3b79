/* Slices: comparing, cutting and reading numbers from borrowed bytes. */
#include "config.h"

#include "core/scan.h"

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
	if (a.n != b.n)
		return false;
	if (scan_same(a.p, b.p, a.n))
		return true;
	for (size_t i = 0; i < a.n; i++)
		if (a.p[i] != b.p[i] && lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool slice_starts_nocase(struct slice s, const char *text)
{
	size_t n = strlen(text);

	return slice_equal_nocase(slice_first(s, n), slice_of(text, n));
}

bool slice_copy(struct slice s, uint8_t *to, size_t room, size_t *n)
{
	if (s.n > room)
		return false;
	if (s.n)
		memcpy(to, s.p, s.n);
	*n = s.n;
	return true;
}

bool slice_search(struct slice s, struct slice what, size_t *at)
{
	size_t from = 0;
	size_t step;

	if (what.n == 0)
		return false;
	while (slice_find(slice_from(s, from), what.p[0], &step)) {
		from += step;
		if (slice_starts(slice_from(s, from), what)) {
			*at = from;
			return true;
		}
		from++;
	}
	return false;
}

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim_blanks(struct slice s)
{
	size_t from = 0;

	while (from < s.n && blank(s.p[from]))
		from++;
	while (s.n > from && blank(s.p[s.n - 1]))
		s.n--;
	return slice_from(s, from);
}

struct slice slice_split(struct slice *rest, uint8_t byte)
{
	struct slice all = *rest;
	size_t at;

	if (!slice_find(all, byte, &at)) {
		*rest = (struct slice){0};
		return all;
	}
	*rest = slice_from(all, at + 1);
	return slice_first(all, at);
}

bool slice_split_last(struct slice *rest, uint8_t byte, struct slice *tail)
{
	size_t at = rest->n;

	while (at && rest->p[at - 1] != byte)
		at--;
	if (at == 0)
		return false;
	*tail = slice_from(*rest, at);
	*rest = slice_first(*rest, at - 1);
	return true;
}

static enum status number(struct slice s, unsigned base, uint64_t max,
			  uint64_t *out)
{
	uint64_t value = 0;

	if (s.n == 0)
		return STATUS_BAD;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = hex_digit(s.p[i]);

		if (digit >= base || digit > max ||
		    value > (max - digit) / base)
			return STATUS_BAD;
		value = value * base + digit;
	}
	*out = value;
	return STATUS_OK;
}

/* So many decimal digits fit in 64 bits whatever they are. */
#define DIGITS_SAFE 19u

enum status slice_number(struct slice s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;

	if (s.n == 0 || s.n > DIGITS_SAFE)
		return number(s, 10, max, out);
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned)s.p[i] - '0';

		if (digit > 9)
			return STATUS_BAD;
		value = value * 10 + digit;
	}
	if (value > max)
		return STATUS_BAD;
	*out = value;
	return STATUS_OK;
}

enum status slice_hex(struct slice s, uint64_t max, uint64_t *out)
{
	return number(s, 16, max, out);
}

bool slice_is_hex(struct slice s)
{
	uint64_t digit;

	for (size_t i = 0; i < s.n; i++)
		if (slice_hex(slice_cut(s, i, 1), 15, &digit) != STATUS_OK)
			return false;
	return s.n != 0;
}
