/*
 * A slice: some bytes that belong to somebody else.
 *
 * It never owns and is good as long as the bytes behind it are; a header that
 * hands one out says how long that is.  Captured text is kept in slices and is
 * not a C string: it may hold NUL, escape codes or half a UTF-8 sequence.
 */
#ifndef CORE_SLICE_H
#define CORE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/status.h"

struct slice {
	const uint8_t *p; /* may be NULL when n is 0 */
	size_t n;
};

/* A slice over a string literal, without its NUL. */
#define SLICE(literal) slice_of("" literal, sizeof(literal) - 1)

static inline struct slice slice_of(const void *p, size_t n)
{
	return (struct slice){.p = p, .n = n};
}

static inline struct slice slice_of_text(const char *text)
{
	return slice_of(text, strlen(text));
}

/* The bytes from `at` on; empty when `at` is past the end. */
static inline struct slice slice_from(struct slice s, size_t at)
{
	return at < s.n ? slice_of(s.p + at, s.n - at) : (struct slice){0};
}

/* The first `n` bytes, or all when there are fewer. */
static inline struct slice slice_first(struct slice s, size_t n)
{
	return slice_of(s.p, n < s.n ? n : s.n);
}

/* At most `n` bytes from `at` on. */
static inline struct slice slice_cut(struct slice s, size_t at, size_t n)
{
	return slice_first(slice_from(s, at), n);
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool slice_starts(struct slice s, struct slice with)
{
	return slice_equal(slice_first(s, with.n), with);
}

static inline bool slice_ends(struct slice s, struct slice with)
{
	return s.n >= with.n && slice_equal(slice_from(s, s.n - with.n), with);
}

/* Is it this text, byte for byte? */
static inline bool slice_is(struct slice s, const char *text)
{
	/* Most differ in their first byte: then nobody counts the text. */
	if (s.n && s.p[0] != (uint8_t)text[0])
		return false;
	return slice_equal(s, slice_of_text(text));
}

/* The same without regard to ASCII case.  Most that is compared differs in
 * its length, so that is asked here. */
bool slice_equal_nocase(struct slice a, struct slice b);
bool slice_starts_nocase(struct slice s, const char *text);

static inline bool slice_is_nocase(struct slice s, const char *text)
{
	if (s.n == 0)
		return !*text;
	if (((uint8_t)text[0] ^ s.p[0]) & 0xDF)
		return false;
	return s.n == strlen(text) &&
	       slice_equal_nocase(s, slice_of(text, s.n));
}

/* Place of the first `byte`, in *at; false when there is none. */
static inline bool slice_find(struct slice s, uint8_t byte, size_t *at)
{
	const uint8_t *hit =
		s.n ? (const uint8_t *)memchr(s.p, byte, s.n) : NULL;

	if (!hit)
		return false;
	*at = (size_t)(hit - s.p);
	return true;
}

/* Copies it to `to`, which has room for `room` bytes; *n is how many there are
 * then.  False: it is longer, and nothing is written. */
bool slice_copy(struct slice s, uint8_t *to, size_t room, size_t *n);

/* Place of the first occurrence of `what`; an empty `what` is never found. */
bool slice_search(struct slice s, struct slice what, size_t *at);

/* Without blanks (SP, HTAB, CR, LF) at both ends; most have none. */
struct slice slice_trim_blanks(struct slice s);

/* The same, quick where there are none. */
static inline struct slice slice_trim(struct slice s)
{
	if (s.n == 0 || (s.p[0] > ' ' && s.p[s.n - 1] > ' '))
		return s;
	return slice_trim_blanks(s);
}

/*
 * Cuts *rest at the first `byte`: returns what stands before it and leaves
 * behind it in *rest.  Without that byte all is returned and *rest is empty.
 */
struct slice slice_split(struct slice *rest, uint8_t byte);
/* Cuts at the last such byte: *rest is what is in front of it, *tail what is
 * behind; false: there is none, and both stay. */
bool slice_split_last(struct slice *rest, uint8_t byte, struct slice *tail);

/*
 * Reads a decimal number that fills the whole slice and does not pass `max`.
 * STATUS_BAD otherwise; *out is written on STATUS_OK only.
 */
MUST_CHECK enum status slice_number(struct slice s, uint64_t max,
				    uint64_t *out);

/* The same for hexadecimal digits, without prefix. */
MUST_CHECK enum status slice_hex(struct slice s, uint64_t max, uint64_t *out);

/* Hexadecimal digits and nothing else, at least one. */
bool slice_is_hex(struct slice s);

/* The value of a hexadecimal digit; HEX_NONE: it is none. */
#define HEX_NONE 16u
static inline unsigned hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - (unsigned)'0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : HEX_NONE;
}

#endif /* CORE_SLICE_H */
