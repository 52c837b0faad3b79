/* Trees: members by name, and their text. */
#include "config.h"

#include "check/tree.h"

#define WIDTH 100u
#define DEPTH_MAX 64u
/* jansson escapes, and nothing here is read by machines that want \/ . */
#define FLAGS (JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

const char *tree_text(const json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}

double tree_number(const json_t *object, const char *member)
{
	return json_number_value(json_object_get(object, member));
}

json_t *tree_part(const json_t *object, const char *member)
{
	json_t *part = json_object_get(object, member);

	return json_is_object(part) || json_is_array(part) ? part : NULL;
}

bool tree_true(const json_t *object, const char *member)
{
	return json_is_true(json_object_get(object, member));
}

bool tree_is_one_of(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (list[i][0] == name[0] && strcmp(list[i], name) == 0)
			return true;
	return false;
}

bool tree_set(json_t *object, const char *member, const char *text)
{
	return json_object_set_new(object, member,
				   text ? json_string(text) : json_null()) == 0;
}

bool tree_set_slice(json_t *object, const char *member, struct slice text)
{
	json_t *value = json_stringn((const char *)text.p, text.n);

	return value && json_object_set_new(object, member, value) == 0;
}

bool tree_add(json_t *list, const char *text)
{
	return json_array_append_new(list, json_string(text)) == 0;
}

static int put_bytes(const char *bytes, size_t n, void *to)
{
	text_put(to, slice_of(bytes, n));
	return 0;
}

void tree_put(const json_t *tree, struct text *to)
{
	if (json_dump_callback(tree, put_bytes, to, FLAGS) != 0)
		to->failed = STATUS_NOMEM;
}

/* ---- over several lines ---- */

struct writing {
	struct text *to;
	struct text flat;
};

static void write_value(struct writing *w, const json_t *tree, unsigned indent,
			size_t before);

static void new_line(struct text *to, unsigned indent)
{
	text_putc(to, '\n');
	for (unsigned i = 0; i < indent; i++)
		text_putc(to, ' ');
}

void tree_write_name(const char *name, unsigned indent, struct text *to)
{
	json_t *text = json_string(name);

	new_line(to, indent);
	if (text)
		tree_put(text, to);
	else
		to->failed = STATUS_NOMEM;
	json_decref(text);
	text_puts(to, ": ");
}

static void write_member(struct writing *w, const char *name,
			 const json_t *value, unsigned indent)
{
	size_t start = w->to->n + 1 + indent;

	tree_write_name(name, indent, w->to);
	write_value(w, value, indent, w->to->n - start);
}

static void write_members(struct writing *w, const json_t *tree,
			  unsigned indent)
{
	const char *key;
	json_t *value;
	bool more = false;

	text_putc(w->to, '{');
	json_object_foreach((json_t *)(uintptr_t)tree, key, value) {
		if (more)
			text_putc(w->to, ',');
		write_member(w, key, value, indent + 1);
		more = true;
	}
	new_line(w->to, indent);
	text_putc(w->to, '}');
}

static void write_list(struct writing *w, const json_t *tree, unsigned indent)
{
	text_putc(w->to, '[');
	for (size_t i = 0; i < json_array_size(tree); i++) {
		if (i)
			text_putc(w->to, ',');
		new_line(w->to, indent + 1);
		write_value(w, json_array_get(tree, i), indent + 1, 0);
	}
	new_line(w->to, indent);
	text_putc(w->to, ']');
}

/* `before`: the width of what stands before it on its line. */
static void write_value(struct writing *w, const json_t *tree, unsigned indent,
			size_t before)
{
	bool flat = !json_is_object(tree) && !json_is_array(tree);

	text_clear(&w->flat);
	tree_put(tree, &w->flat);
	if (w->flat.failed == STATUS_NOMEM)
		w->to->failed = STATUS_NOMEM;
	if (flat || indent >= DEPTH_MAX ||
	    (w->flat.failed == STATUS_OK &&
	     indent + before + w->flat.n < WIDTH))
		tree_put(tree, w->to);
	else if (json_is_object(tree))
		write_members(w, tree, indent);
	else
		write_list(w, tree, indent);
}

void tree_write(const json_t *tree, struct text *to)
{
	/* Longer than a line is all that must be known of what is longer. */
	struct writing w = {.to = to, .flat = text_new(4 * WIDTH)};

	write_value(&w, tree, 0, 0);
	text_putc(to, '\n');
	text_free(&w.flat);
}

void tree_write_member(const char *name, const json_t *value, unsigned indent,
		       struct text *to)
{
	struct writing w = {.to = to, .flat = text_new(4 * WIDTH)};

	write_member(&w, name, value, indent);
	text_free(&w.flat);
}

void tree_say(const json_t *value, struct text *to)
{
	if (!value)
		text_puts(to, "nothing");
	else if (json_is_string(value))
		text_escaped(to, slice_of(json_string_value(value),
					  json_string_length(value)));
	else
		tree_put(value, to);
}
