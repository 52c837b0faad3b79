/*
 * Assertions on an analysis: an object with a path, an operator and a value,
 * as mrascope-check(5) has it.
 *
 *	over	"capture" (default), "call" or "suite"
 *	of	path of the rows; without it the document, or the call
 *	where	members of the rows with the value or operators that must hold
 *	path	the value in each row; `per`: divided by another one
 *	take	"each" (default), "any", "count", "sum", "min", "max", "mean",
 *		"median" or "p" and a number
 *	is ...	operators with their values
 */
#ifndef CHECK_ASSERTION_H
#define CHECK_ASSERTION_H

#include "check/schema.h"

struct vocabulary {
	struct schema *schema;
	bool (*knows_rule)(const char *id);
};

/*
 * Is it an assertion that can be judged?  False: `why` gets one sentence.
 */
bool assertion_fits(const struct vocabulary *words, const json_t *assertion,
		    struct text *why);

/*
 * What it judges in an analysis: a list of objects with "value", "of" (the
 * name of the row, or null) and, of findings, "key".  NULL when memory is out.
 */
json_t *assertion_values(const json_t *assertion, const json_t *analysis);

/*
 * Judges values (of one analysis, or of several put together): an object with
 * "name", "line", "passed" and, when it did not, "message".
 */
json_t *assertion_judge(const json_t *assertion, const json_t *values);

#endif /* CHECK_ASSERTION_H */
