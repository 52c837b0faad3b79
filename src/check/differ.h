/*
 * What differs between two canonical forms, told as a person would: by call
 * and stage, the verdict first; moved times in one line for all that moved by
 * the same; frame numbers only when nothing else differs.
 */
#ifndef CHECK_DIFFER_H
#define CHECK_DIFFER_H

#include "check/large.h"

/*
 * A list of differences, the weightiest first.  Each is an object:
 *	call, section	of what: the call's name or null; "verdict", a stage,
 *			"media", "findings", "paths", "capture", ...
 *	what		the rows and the member, "pairs > a - b > selected"
 *	kind		"changed", "appeared", "vanished", "moved", "frames"
 *	was, is		values, of the kinds that have them
 *	by_s		of "moved": seconds later
 * NULL when memory is out.
 */
json_t *differ(const json_t *was, const json_t *is);

/* The same of forms whose rows lie in files, where `counts` says which of them
 * count; NULL: all. */
json_t *differ_large(const struct large *was, const struct large *is,
		     bool (*counts)(const json_t *difference));

/* One sentence, or a few, on the weightiest. */
void differ_headline(const json_t *differences, struct text *to);
/* All of them, as hunks of a unified diff; at most `lines` lines. */
void differ_hunks(const json_t *differences, size_t lines, struct text *to);

#endif /* CHECK_DIFFER_H */
