/*
 * The formats of printf that reports are made of, at a tenth of its cost: %s,
 * %c, %d, %u, %zu, %.1f and %%, without flags and widths.
 */
#ifndef CORE_FORMAT_H
#define CORE_FORMAT_H

#include <stdarg.h>

#include "core/slice.h"

/*
 * Writes to `to`, without a NUL; *out is what was written.  False when the
 * format or a value is one that printf is needed for, or `room` is not enough;
 * `to` then holds anything.  `args` stays as it is.
 */
MUST_CHECK bool format_plainly(struct slice *out, char *to, size_t room,
			       const char *format, va_list args)
	PRINTF_LIKE(4, 0);

#endif /* CORE_FORMAT_H */
