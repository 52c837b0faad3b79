/* Numbers in network byte order behind a text. */
#ifndef TESTS_SUPPORT_PUT_H
#define TESTS_SUPPORT_PUT_H

#include "core/text.h"

static inline void put8(struct text *to, unsigned n)
{
	text_putc(to, (char)(n & 0xFF));
}

static inline void put16(struct text *to, unsigned n)
{
	put8(to, n >> 8);
	put8(to, n);
}

static inline void put32(struct text *to, uint32_t n)
{
	put16(to, n >> 16);
	put16(to, n & 0xFFFF);
}

#endif /* TESTS_SUPPORT_PUT_H */
