/*
 * Repeatable randomness for the bench generator: splitmix64.  Each call has
 * its own dice, so that its bytes depend on the seed and its number alone and
 * not on how calls happen to interleave.
 */
#ifndef TESTS_BENCH_DICE_H
#define TESTS_BENCH_DICE_H

#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

static inline uint64_t dice_next(struct dice *d)
{
	uint64_t z = d->state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

/* Independent dice for thing number `n` of a run. */
static inline struct dice dice_for(uint64_t seed, uint64_t n)
{
	struct dice first = { seed };

	return (struct dice){ dice_next(&first) ^ n * 0xD1342543DE82EF95u };
}

/* 0 <= result < n, for n > 0; the bias is of no matter here. */
static inline uint32_t dice_below(struct dice *d, uint32_t n)
{
	return (uint32_t)((dice_next(d) >> 32) * n >> 32);
}

static inline void dice_bytes(struct dice *d, uint8_t *to, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (uint8_t)(dice_next(d) >> 56);
}

/* Writes len letters and digits (all of them ice-chars) and a NUL. */
static inline void dice_text(struct dice *d, char *to, size_t len)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789";

	for (size_t i = 0; i < len; i++)
		to[i] = letters[dice_below(d, sizeof letters - 1)];
	to[len] = '\0';
}

#endif /* TESTS_BENCH_DICE_H */
