/*
 * A recipe as a tree of lines: what stands deeper (by tabs) under a line
 * belongs to it.  See tests/recipes/README for the language.
 */
#ifndef TESTS_SUPPORT_MKCAPTURE_RECIPE_H
#define TESTS_SUPPORT_MKCAPTURE_RECIPE_H

#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/slice.h"

#define RECIPE_LINES_MAX 4096u
#define RECIPE_WORDS_MAX 64u
#define RECIPE_NONE SIZE_MAX

struct recipe;

struct line {
	const struct recipe *recipe;
	unsigned number;  /* in the file, from 1 */
	unsigned depth;   /* tabs in front */
	const char *text; /* without them and without blanks at the end */
};

struct recipe {
	const char *path;
	struct arena *arena;
	struct line lines[RECIPE_LINES_MAX];
	size_t count;
};

/* The words of a line: parted by blanks, quotes keep blanks in a word. */
struct words {
	const char *list[RECIPE_WORDS_MAX];
	size_t count;
};

/* Reads a recipe; what is wrong ends the program (recipe_stop). */
void recipe_read(struct recipe *out, const char *path, struct arena *arena);

/* Says "file:line: ..." and ends the program. */
_Noreturn void recipe_stop(const struct line *line, const char *format, ...)
	PRINTF_LIKE(2, 3);

/* The first line that belongs to line `at`, and the one behind `at` that
 * belongs to the same; RECIPE_NONE at the end. */
size_t recipe_child(const struct recipe *r, size_t at);
size_t recipe_next(const struct recipe *r, size_t at);

void recipe_words(const struct line *line, struct words *out);

/* What stands behind "name=", or NULL; is the bare word there? */
const char *words_value(const struct words *w, const char *name);
bool words_has(const struct words *w, const char *name);
/* Word number `i`, or stops: `what` names it. */
const char *words_at(const struct line *line, const struct words *w, size_t i,
		     const char *what);

/* Numbers: decimal, or hexadecimal behind "0x". */
uint64_t recipe_number(const struct line *line, const char *text, uint64_t max);

#endif /* TESTS_SUPPORT_MKCAPTURE_RECIPE_H */
