/*
 * Looking for bytes eight at a time, inline: what is looked for in text is
 * mostly near, and then a call of memchr() costs more than the search.
 *
 * A word's lowest marked byte is a true one; only higher ones may be wrong.
 */
#ifndef CORE_SCAN_H
#define CORE_SCAN_H

#include "core/slice.h"

#define SCAN_ONES UINT64_C(0x0101010101010101)
#define SCAN_HIGHS UINT64_C(0x8080808080808080)

/* Eight bytes, the first one lowest; compilers make one load of it. */
static inline uint64_t scan_word(const uint8_t *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

static inline uint32_t scan_half(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* Marks bytes below `n`, which is at most 128. */
static inline uint64_t scan_below(uint64_t word, uint8_t n)
{
	return (word - SCAN_ONES * n) & ~word & SCAN_HIGHS;
}

static inline uint64_t scan_equal(uint64_t word, uint8_t byte)
{
	return scan_below(word ^ (SCAN_ONES * byte), 1);
}

/* Which byte the lowest mark belongs to. */
static inline size_t scan_lowest(uint64_t marks)
{
	return (size_t)__builtin_ctzll(marks) / 8;
}

/* Equal for `n` bytes, without the call that memcmp() is. */
static inline bool scan_same(const void *a, const void *b, size_t n)
{
	const uint8_t *p = a, *q = b;

	if (n < 4) {
		while (n && p[n - 1] == q[n - 1])
			n--;
		return n == 0;
	}
	if (n < 8)
		return scan_half(p) == scan_half(q) &&
		       scan_half(p + n - 4) == scan_half(q + n - 4);
	for (size_t i = 0; i < n - 8; i += 8)
		if (scan_word(p + i) != scan_word(q + i))
			return false;
	/* The last word may take some bytes a second time. */
	return scan_word(p + n - 8) == scan_word(q + n - 8);
}

/* Place of the first byte below `n`, at most 128; s.n when there is none. */
static inline size_t scan_first_below(struct slice s, uint8_t n)
{
	size_t i = 0;

	for (; i + 16 <= s.n; i += 16) {
		uint64_t low = scan_below(scan_word(s.p + i), n);
		uint64_t high = scan_below(scan_word(s.p + i + 8), n);

		if (low)
			return i + scan_lowest(low);
		if (high)
			return i + 8 + scan_lowest(high);
	}
	while (i < s.n && s.p[i] >= n)
		i++;
	return i;
}

/* Place of the first CR or LF; s.n when there is none. */
static inline size_t scan_line_end(struct slice s)
{
	size_t i = scan_first_below(s, '\r' + 1);

	/* Seldom is it another control character. */
	while (i < s.n && s.p[i] != '\r' && s.p[i] != '\n')
		i += 1 + scan_first_below(slice_from(s, i + 1), '\r' + 1);
	return i;
}

/* Place of the first of two bytes; s.n when there is none. */
static inline size_t scan_two(struct slice s, uint8_t a, uint8_t b)
{
	size_t i = 0;

	for (; i + 8 <= s.n; i += 8) {
		const uint64_t word = scan_word(s.p + i);
		uint64_t marks = scan_equal(word, a) | scan_equal(word, b);

		if (marks)
			return i + scan_lowest(marks);
	}
	while (i < s.n && s.p[i] != a && s.p[i] != b)
		i++;
	return i;
}

/* The same for one. */
static inline size_t scan_one(struct slice s, uint8_t byte)
{
	return scan_two(s, byte, byte);
}

#endif /* CORE_SCAN_H */
