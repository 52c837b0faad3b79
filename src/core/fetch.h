/*
 * Asks for memory before it is wanted: what another processor has written, or
 * has read and is written now, takes some hundred instructions to arrive.
 *
 * Changes nothing but the time; the memory need not even be there.
 */
#ifndef CORE_FETCH_H
#define CORE_FETCH_H

#include <stddef.h>

#define FETCH_LINE ((size_t)64)

static inline void fetch_to_read(const void *memory, size_t bytes)
{
	const char *p = memory;

	for (size_t at = 0; at < bytes; at += FETCH_LINE)
		__builtin_prefetch(p + at);
}

/* Alone, without a copy that others could go on reading.  For x86-64 compilers
 * make that of the builtin only if they may leave out old processors, to which
 * the instruction is an empty one. */
static inline void fetch_to_write(const void *memory, size_t bytes)
{
	const char *p = memory;

	for (size_t at = 0; at < bytes; at += FETCH_LINE)
#ifdef __x86_64__
		__asm__ volatile("prefetchw %0" : : "m"(p[at]));
#else
		__builtin_prefetch(p + at, 1);
#endif
}

#endif /* CORE_FETCH_H */
