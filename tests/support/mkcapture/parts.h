/*
 * A message as a list of named values: defaults first, which the recipe then
 * replaces, drops and adds to.
 */
#ifndef TESTS_SUPPORT_MKCAPTURE_PARTS_H
#define TESTS_SUPPORT_MKCAPTURE_PARTS_H

#include "tests/support/mkcapture/maker.h"

#define PARTS_MAX 2048u

struct part {
	const char *name;  /* NULL: `value` is raw */
	const char *value; /* NULL: none */
	bool given;        /* by the recipe, not a default */
	bool behind;       /* after all that is put at the end */
};

struct parts {
	const struct line *line;
	struct part list[PARTS_MAX];
	size_t count;
};

void parts_default(struct parts *f, const char *name, const char *value);
/* The recipe's: takes the place of a default of the same name (without regard
 * to case), else is added. */
void parts_give(struct parts *f, const char *name, const char *value);
void parts_raw(struct parts *f, const char *text);
/* Drops all of that name. */
void parts_drop(struct parts *f, const char *name);
const struct part *parts_find(const struct parts *f, const char *name);

#endif /* TESTS_SUPPORT_MKCAPTURE_PARTS_H */
