/*
 * A cursor reads bytes from a slice and cannot leave it.
 *
 * A read past the end gives zero (or an empty slice) and marks the cursor bad,
 * and bad it stays: read a group, then test `bad` once.  Nothing is consumed
 * by a read that fails.  Reads are big-endian unless they end in `le`.
 */
#ifndef CORE_CURSOR_H
#define CORE_CURSOR_H

#include "core/slice.h"

struct cursor {
	const uint8_t *p;
	size_t left;
	bool bad;
};

static inline struct cursor cursor_over(struct slice s)
{
	return (struct cursor){.p = s.p, .left = s.n};
}

/* Takes `n` bytes off the front as a child slice. */
static inline struct slice cursor_take(struct cursor *c, size_t n)
{
	struct slice taken;

	if (c->bad || n > c->left) {
		c->bad = true;
		return (struct slice){0};
	}
	taken = slice_of(c->p, n);
	if (n) {
		c->p += n;
		c->left -= n;
	}
	return taken;
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
	(void)cursor_take(c, n);
}

/* What is left, without taking it. */
static inline struct slice cursor_rest(const struct cursor *c)
{
	return slice_of(c->p, c->left);
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	struct slice s = cursor_take(c, 1);

	return s.n ? s.p[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	struct slice s = cursor_take(c, 2);

	return s.n ? (uint16_t)((unsigned)s.p[0] << 8 | s.p[1]) : (uint16_t)0;
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	struct slice s = cursor_take(c, 4);

	return s.n ? (uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 |
			     (uint32_t)s.p[2] << 8 | (uint32_t)s.p[3]
		   : 0;
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	struct slice s = cursor_take(c, 8);
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | s.p[i];
	return v;
}

static inline uint16_t cursor_u16le(struct cursor *c)
{
	struct slice s = cursor_take(c, 2);

	return s.n ? (uint16_t)((unsigned)s.p[1] << 8 | s.p[0]) : (uint16_t)0;
}

static inline uint32_t cursor_u32le(struct cursor *c)
{
	struct slice s = cursor_take(c, 4);

	return s.n ? (uint32_t)s.p[3] << 24 | (uint32_t)s.p[2] << 16 |
			     (uint32_t)s.p[1] << 8 | (uint32_t)s.p[0]
		   : 0;
}

static inline uint64_t cursor_u64le(struct cursor *c)
{
	uint64_t low = cursor_u32le(c);
	uint64_t high = cursor_u32le(c);

	return high << 32 | low;
}

#endif /* CORE_CURSOR_H */
