/*
 * Documents as trees (jansson): what this room reads, and how it writes.
 *
 * Functions that make trees return NULL when memory is out; what they return
 * belongs to the caller.
 */
#ifndef CHECK_TREE_H
#define CHECK_TREE_H

#include <jansson.h>

#include "core/text.h"

/* Text of a member, or NULL when it is none. */
const char *tree_text(const json_t *object, const char *member);
/* Number of a member, 0 when it is none. */
double tree_number(const json_t *object, const char *member);
/* A member that is an object or a list, else NULL. */
json_t *tree_part(const json_t *object, const char *member);
/* Is the member there and true? */
bool tree_true(const json_t *object, const char *member);

/* Is the name one of these?  Asked for each member of each row. */
bool tree_is_one_of(const char *const *list, size_t count, const char *name);

/* Sets a member to a text, or to null; false when memory is out. */
bool tree_set(json_t *object, const char *member, const char *text);
bool tree_set_slice(json_t *object, const char *member, struct slice text);
/* Appends a text to the list. */
bool tree_add(json_t *list, const char *text);

/* On one line.  Numbers come out as short as they can be read again. */
void tree_put(const json_t *tree, struct text *to);
/* What fits a line of 100 columns is one; else a line for each member. */
void tree_write(const json_t *tree, struct text *to);

/* The same of a member of it, from the end of the line before on: its name as
 * it stands there, or with its value.  `indent`: how deep it is. */
void tree_write_name(const char *name, unsigned indent, struct text *to);
void tree_write_member(const char *name, const json_t *value, unsigned indent,
		       struct text *to);

/* A string as a person reads it, anything else as JSON. */
void tree_say(const json_t *value, struct text *to);

#endif /* CHECK_TREE_H */
