/* Reading recipes: lines, depth, words. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "tests/support/mkcapture/recipe.h"

#define LINE_MAX_BYTES 8192u

_Noreturn void recipe_stop(const struct line *line, const char *format, ...)
{
	va_list list;

	fprintf(stderr, "%s:%u: ", line->recipe->path, line->number);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

static void add_line(struct recipe *r, struct slice s, unsigned number)
{
	struct line *line = &r->lines[r->count];
	unsigned depth = 0;

	while (depth < s.n && s.p[depth] == '\t')
		depth++;
	s = slice_trim(s);
	*line = (struct line){.recipe = r, .number = number, .depth = depth};
	if (s.n == 0 || s.p[0] == '#')
		return;
	line->text = arena_text(r->arena, s);
	if (!line->text || r->count + 1 == RECIPE_LINES_MAX)
		recipe_stop(line, "more lines than there is room for");
	if (depth > (r->count ? r->lines[r->count - 1].depth + 1 : 0))
		recipe_stop(line, "it is deeper than what it belongs to");
	r->count++;
}

void recipe_read(struct recipe *r, const char *path, struct arena *arena)
{
	char buffer[LINE_MAX_BYTES];
	unsigned number = 0;
	FILE *f = fopen(path, "r");

	*r = (struct recipe){.path = path, .arena = arena};
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	while (fgets(buffer, sizeof(buffer), f))
		add_line(r, slice_of_text(buffer), ++number);
	fclose(f);
}

size_t recipe_child(const struct recipe *r, size_t at)
{
	size_t next = at + 1;

	return next < r->count && r->lines[next].depth > r->lines[at].depth
		       ? next
		       : RECIPE_NONE;
}

size_t recipe_next(const struct recipe *r, size_t at)
{
	unsigned depth = r->lines[at].depth;

	for (size_t i = at + 1; i < r->count; i++)
		if (r->lines[i].depth <= depth)
			return r->lines[i].depth == depth ? i : RECIPE_NONE;
	return RECIPE_NONE;
}

/* One word from the front of *from, its quotes taken away; false at the end. */
static bool cut_word(const char **from, char *to)
{
	const char *p = *from;
	bool quoted = false;

	while (*p == ' ' || *p == '\t')
		p++;
	if (!*p)
		return false;
	for (; *p && (quoted || (*p != ' ' && *p != '\t')); p++)
		if (*p == '"')
			quoted = !quoted;
		else
			*to++ = *p;
	*to = '\0';
	*from = p;
	return true;
}

void recipe_words(const struct line *line, struct words *w)
{
	const char *rest = line->text;
	char word[LINE_MAX_BYTES];

	w->count = 0;
	while (cut_word(&rest, word)) {
		if (w->count == RECIPE_WORDS_MAX)
			recipe_stop(line, "more than %u words",
				    RECIPE_WORDS_MAX);
		w->list[w->count] =
			arena_text(line->recipe->arena, slice_of_text(word));
		if (!w->list[w->count++])
			recipe_stop(line, "out of memory");
	}
}

const char *words_value(const struct words *w, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < w->count; i++)
		if (strncmp(w->list[i], name, n) == 0 && w->list[i][n] == '=')
			return w->list[i] + n + 1;
	return NULL;
}

bool words_has(const struct words *w, const char *name)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->list[i], name) == 0)
			return true;
	return false;
}

const char *words_at(const struct line *line, const struct words *w, size_t i,
		     const char *what)
{
	if (i >= w->count)
		recipe_stop(line, "%s is missing", what);
	return w->list[i];
}

uint64_t recipe_number(const struct line *line, const char *text, uint64_t max)
{
	struct slice s = slice_of_text(text);
	uint64_t n = 0;
	enum status status = slice_starts(s, SLICE("0x"))
				     ? slice_hex(slice_from(s, 2), max, &n)
				     : slice_number(s, max, &n);

	if (status != STATUS_OK)
		recipe_stop(line, "%s is not a number up to %llu", text,
			    (unsigned long long)max);
	return n;
}
