/*
 * What unit tests are written with: rows of cases, comparing bytes with a hex
 * dump, blocks of exact size, and the walk of failing allocations.
 *
 * A thin layer over cmocka, so that the framework stays a detail.  A test
 * program ends with
 *
 *	static const struct t_case cases[] = {
 *		{"slice_splits_at_byte", splits_at_byte},
 *	};
 *	T_MAIN(cases)
 */
#ifndef TESTS_SUPPORT_T_H
#define TESTS_SUPPORT_T_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/slice.h"
#include "tests/support/failing.h"

struct t_case {
	const char *name; /* says what is true */
	void (*run)(void **state);
};

/* Runs all cases; prints TAP. */
int t_run(const struct t_case *cases, size_t count);

#define T_MAIN(cases)                                                       \
	int main(void)                                                      \
	{                                                                   \
		return t_run((cases), sizeof(cases) / sizeof((cases)[0]));  \
	}

/* Compares bytes and shows both sides in hex when they differ. */
#define t_equal_bytes(got, want) \
	t_equal_bytes_at((got), (want), __FILE__, __LINE__)
void t_equal_bytes_at(struct slice got, struct slice want, const char *file,
		      int line);

/* Is the slice this text?  Shows both when not. */
#define t_equal_text(got, want) \
	t_equal_bytes_at((got), slice_of_text(want), __FILE__, __LINE__)

/* A heap block of exactly the size of `s` with its bytes, so that a read past
 * the end is seen by the sanitizer.  Release with t_release. */
struct slice t_exact(struct slice s);
void t_release(struct slice s);

/* Bytes from hex digits; blanks between them are skipped.  Release them. */
struct slice t_hex(const char *digits);

/* A whole file below the source tree ("captures/..."); release it. */
struct slice t_file(const char *path);

#endif /* TESTS_SUPPORT_T_H */
