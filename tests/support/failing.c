/*
 * Allocations that fail on demand, by way of the linker: programs that use
 * t_failing_walk are linked with -Wl,--wrap=malloc,--wrap=calloc,
 * --wrap=realloc, so only calls from our own objects are counted.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/failing.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);

static long fail_at = -1;
static long calls;

static bool fails(void)
{
	return fail_at >= 0 && calls++ == fail_at;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
	return fails() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
	return fails() ? NULL : __real_realloc(p, n);
}

bool t_failure_met(void)
{
	return fail_at >= 0 && calls > fail_at;
}

void t_fail_once(long n)
{
	fail_at = n;
	calls = 0;
}

void t_failing_walk(bool (*run)(void *context), void *context)
{
	bool through = false;

	for (long i = 0; i < 100000 && !through; i++) {
		fail_at = i;
		calls = 0;
		through = run(context);
		/* Went through only when nothing was made to fail. */
		if (calls > i)
			through = false;
	}
	fail_at = -1;
	if (!through) {
		puts("# the walk of failing allocations never ends");
		abort();
	}
}
