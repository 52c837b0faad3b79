/* Walking the JSON schema of the analysis by path. */
#include "config.h"

#include <stdlib.h>

#include "check/schema.h"

#define SCHEMA_MAX ((size_t)1 << 20)
#define WHY_MAX 512u
#define HOPS_MAX 16u /* of $ref to $ref */

struct schema {
	json_t *root;
	struct text why;
};

struct schema *schema_new(void)
{
	struct schema *s = calloc(1, sizeof(*s));
	struct text all = text_new(SCHEMA_MAX);

	if (!s)
		return NULL;
	for (size_t i = 0; analysis_schema_lines[i]; i++)
		text_puts(&all, analysis_schema_lines[i]);
	if (all.failed == STATUS_OK && all.n)
		s->root = json_loadb(all.p, all.n, 0, NULL);
	text_free(&all);
	s->why = text_new(WHY_MAX);
	if (!s->root) {
		free(s);
		return NULL;
	}
	return s;
}

void schema_free(struct schema *s)
{
	if (!s)
		return;
	json_decref(s->root);
	text_free(&s->why);
	free(s);
}

static const json_t *resolve(const struct schema *s, const json_t *node)
{
	for (unsigned i = 0; i < HOPS_MAX; i++) {
		const char *ref = tree_text(node, "$ref");

		if (!ref || strncmp(ref, "#/$defs/", 8) != 0)
			return node;
		node = json_object_get(json_object_get(s->root, "$defs"),
				       ref + 8);
	}
	return node;
}

static bool is_typed(const json_t *node, const char *name)
{
	const json_t *type = json_object_get(node, "type");

	if (json_is_string(type))
		return strcmp(json_string_value(type), name) == 0;
	for (size_t i = 0; i < json_array_size(type); i++) {
		const char *one = json_string_value(json_array_get(type, i));

		if (one && strcmp(one, name) == 0)
			return true;
	}
	return false;
}

/* "This or null" is this. */
static const json_t *present(const struct schema *s, const json_t *node)
{
	const json_t *choices;

	node = resolve(s, node);
	choices = json_object_get(node, "anyOf");
	for (size_t i = 0; i < json_array_size(choices); i++) {
		const json_t *one = resolve(s, json_array_get(choices, i));

		if (!is_typed(one, "null"))
			return one;
	}
	return node;
}

/* A list is what it lists. */
static const json_t *row_of(const struct schema *s, const json_t *node,
			    bool *list)
{
	node = present(s, node);
	*list = false;
	while (is_typed(node, "array")) {
		*list = true;
		node = present(s, json_object_get(node, "items"));
	}
	return node;
}

static void describe(const json_t *node, bool list, struct schema_field *out)
{
	const char *pattern = tree_text(node, "pattern");

	out->node = node;
	out->object = json_object_get(node, "properties") != NULL;
	out->rows = list && out->object;
	out->number = is_typed(node, "number") || is_typed(node, "integer");
	out->text = is_typed(node, "string") ||
		    json_object_get(node, "enum") != NULL;
	out->closed = json_object_get(node, "enum") != NULL;
	out->rule = pattern && strncmp(pattern, "^(capture|", 10) == 0;
}

static bool is_missing(struct schema *s, const json_t *node, struct slice name,
		       struct slice before)
{
	const char *key;
	json_t *value;
	bool more = false;

	text_clear(&s->why);
	text_printf(&s->why, "there is no field '%.*s'%s%.*s; there are ",
		    (int)name.n, (const char *)name.p, before.n ? " in " : "",
		    (int)before.n, (const char *)before.p);
	json_object_foreach(json_object_get(node, "properties"), key, value) {
		text_printf(&s->why, "%s%s", more ? ", " : "", key);
		more = true;
	}
	if (!more) {
		text_clear(&s->why);
		text_printf(&s->why, "'%.*s' has no fields", (int)before.n,
			    (const char *)before.p);
	}
	text_putc(&s->why, '\0');
	return false;
}

bool schema_find(struct schema *s, const char *path, struct schema_field *out,
		 const char **why)
{
	struct slice all = slice_of_text(path), rest = all;
	const json_t *node = s->root;
	bool list = false;

	*out = (struct schema_field){.name = path};
	while (rest.n) {
		size_t before = all.n - rest.n;
		struct slice name = slice_split(&rest, '.');
		char key[64];
		const json_t *next = NULL;

		if (name.n && name.n < sizeof(key)) {
			memcpy(key, name.p, name.n);
			key[name.n] = '\0';
			next = json_object_get(
				json_object_get(node, "properties"), key);
		}
		if (!next) {
			(void)is_missing(
				s, node, name,
				slice_first(all, before ? before - 1 : 0));
			*why = s->why.failed == STATUS_OK ? s->why.p
							  : "no such field";
			return false;
		}
		out->name = path + before;
		node = row_of(s, next, &list);
	}
	describe(node, list, out);
	return true;
}

bool field_takes(const struct schema_field *field, const char *text)
{
	const json_t *words = json_object_get(field->node, "enum");

	if (!json_is_array(words))
		return true;
	for (size_t i = 0; i < json_array_size(words); i++) {
		const char *word = json_string_value(json_array_get(words, i));

		if (word && strcmp(word, text) == 0)
			return true;
	}
	return false;
}
