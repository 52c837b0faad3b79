/* Lists of named values. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "tests/support/mkcapture/parts.h"

static struct part *add(struct parts *f, const char *name, const char *value)
{
	if (f->count == PARTS_MAX)
		recipe_stop(f->line, "more than %u parts", PARTS_MAX);
	f->list[f->count] = (struct part){.name = name, .value = value};
	return &f->list[f->count++];
}

static bool is_named(const struct part *part, const char *name)
{
	return part->name && strcasecmp(part->name, name) == 0;
}

void parts_default(struct parts *f, const char *name, const char *value)
{
	(void)add(f, name, value);
}

void parts_give(struct parts *f, const char *name, const char *value)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_named(&f->list[i], name) && !f->list[i].given) {
			f->list[i].name = name;
			f->list[i].value = value;
			f->list[i].given = true;
			return;
		}
	add(f, name, value)->given = true;
}

void parts_raw(struct parts *f, const char *text)
{
	add(f, NULL, text)->given = true;
}

void parts_drop(struct parts *f, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < f->count; i++)
		if (!is_named(&f->list[i], name))
			f->list[kept++] = f->list[i];
	if (kept == f->count)
		recipe_stop(f->line, "there is no %s to drop", name);
	f->count = kept;
}

const struct part *parts_find(const struct parts *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++)
		if (is_named(&f->list[i], name))
			return &f->list[i];
	return NULL;
}
