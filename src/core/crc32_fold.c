/*
 * CRC-32 by carry-less multiplication (Gopal and others, "Fast CRC Computation
 * for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009).
 *
 * A message of STUN is some hundred bytes: a table takes each byte after the
 * other and waits for memory in between, this takes sixteen at once.
 */
#include "config.h"

#include "core/crc32_fold.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define BLOCK 16u

/* Powers of x modulo the polynomial, bits reflected: what bits that stand so
 * many bits before the end become there. */
#define BY_160 0x1751997d0
#define BY_96 0x0ccaa009e
#define BY_64 0x163cd6124
/* The polynomial, and 2^64 divided by it (Barrett). */
#define POLYNOMIAL 0x1db710641
#define QUOTIENT 0x1f7011641

__attribute__((target("pclmul"))) static __m128i load(const uint8_t *p)
{
	__m128i block;

	memcpy(&block, p, BLOCK);
	return block;
}

/* 128 bits to the 32 that are left of them. */
__attribute__((target("pclmul"))) static uint32_t reduce(__m128i x)
{
	const __m128i by = _mm_set_epi64x(BY_96, BY_160);
	const __m128i last = _mm_set_epi64x(0, BY_64);
	const __m128i barrett = _mm_set_epi64x(QUOTIENT, POLYNOMIAL);
	const __m128i low = _mm_set_epi32(0, -1, 0, -1);
	__m128i t;

	x = _mm_xor_si128(_mm_clmulepi64_si128(x, by, 0x10),
			  _mm_srli_si128(x, 8));
	x = _mm_xor_si128(
		_mm_clmulepi64_si128(_mm_and_si128(x, low), last, 0x00),
		_mm_srli_si128(x, 4));
	t = _mm_clmulepi64_si128(_mm_and_si128(x, low), barrett, 0x10);
	t = _mm_clmulepi64_si128(_mm_and_si128(t, low), barrett, 0x00);
	x = _mm_xor_si128(x, t);
	return (uint32_t)((uint64_t)_mm_cvtsi128_si64(x) >> 32);
}

__attribute__((target("pclmul"))) static uint32_t fold(uint32_t crc,
						       struct slice s)
{
	const __m128i by = _mm_set_epi64x(BY_96, BY_160);
	__m128i x = _mm_xor_si128(load(s.p), _mm_cvtsi32_si128((int)~crc));

	for (size_t at = BLOCK; at < s.n; at += BLOCK) {
		const __m128i lower = _mm_clmulepi64_si128(x, by, 0x00);
		const __m128i upper = _mm_clmulepi64_si128(x, by, 0x11);

		x = _mm_xor_si128(_mm_xor_si128(lower, upper), load(s.p + at));
	}
	return ~reduce(x);
}

uint32_t crc32_fold(uint32_t crc, struct slice *s)
{
	const size_t n = s->n / BLOCK * BLOCK;

	if (n < 2 * BLOCK || !__builtin_cpu_supports("pclmul"))
		return crc;
	crc = fold(crc, slice_first(*s, n));
	*s = slice_from(*s, n);
	return crc;
}
#else
uint32_t crc32_fold(uint32_t crc, struct slice *s)
{
	(void)s;
	return crc;
}
#endif
