/*
 * Operators of assertions: a value held against what is expected of it.
 */
#ifndef CHECK_OPERATORS_H
#define CHECK_OPERATORS_H

#include "check/schema.h"

/* Which members an assertion or a `where` may have that are operators. */
bool operator_is(const char *name);

/* May this operator with this value stand for the field?  `counts`: what is
 * judged is a number made of it.  False: `why` gets a sentence. */
bool operator_fits(const char *name, const json_t *wanted,
		   const struct schema_field *field, bool counts,
		   struct text *why);

/* Does it hold? */
bool operator_holds(const char *name, const json_t *wanted, const json_t *value,
		    const char *field);

/* "at least 3 s" */
void operator_say(const char *name, const json_t *wanted, struct text *to);

/* A number, or a text such as "500 ms" for a field "..._s"; false: neither. */
bool quantity_read(const json_t *value, const char *field, double *out);

#endif /* CHECK_OPERATORS_H */
