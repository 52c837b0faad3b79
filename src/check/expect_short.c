/* verdict: established, and what else is often said, in full. */
#include "config.h"

#include "check/expect_short.h"
#include "check/operators.h"
#include "check/yaml.h"

struct shortened {
	json_t *to;
	json_int_t line;
	const char **wrong;
};

/* An assertion that the other members are put into; it belongs to the list. */
static json_t *begin(struct shortened *s, const char *name, const char *of)
{
	json_t *out = json_object();

	(void)tree_set(out, "name", name);
	(void)tree_set(out, "of", of);
	(void)json_object_set_new(out, YAML_LINE, json_integer(s->line));
	(void)json_array_append_new(s->to, out);
	return out;
}

static bool refuse(struct shortened *s, const char *why)
{
	*s->wrong = why;
	return false;
}

/* A value, a list of which one must be, or operators. */
static void put_wanted(json_t *assertion, json_t *wanted)
{
	const char *key;
	json_t *value;

	if (json_is_array(wanted)) {
		(void)json_object_set(assertion, "one_of", wanted);
	} else if (json_is_object(wanted)) {
		json_object_foreach(wanted, key, value)
			if (strcmp(key, YAML_LINE) != 0)
				(void)json_object_set(assertion, key, value);
	} else {
		(void)json_object_set(assertion, "is", wanted);
	}
}

static void put_where(json_t *assertion, const char *member, json_t *value)
{
	json_t *where = json_object();

	(void)json_object_set(where, member, value);
	(void)json_object_set_new(assertion, "where", where);
}

static void name_it(json_t *assertion, const char *first, const char *second)
{
	struct text name = text_new(256);

	text_puts(&name, first);
	text_puts(&name, second);
	(void)tree_set_slice(assertion, "name", text_slice(&name));
	text_free(&name);
}

static bool put_verdict(struct shortened *s, json_t *from)
{
	const char *key;
	json_t *value, *made;

	if (!json_is_object(from)) {
		made = begin(s, "verdict", "calls.verdict");
		(void)tree_set(made, "path", "outcome");
		put_wanted(made, from);
		return true;
	}
	json_object_foreach(from, key, value) {
		if (strcmp(key, YAML_LINE) == 0)
			continue;
		made = begin(s, "", "calls.verdict");
		name_it(made, "verdict ", key);
		(void)tree_set(made, "path", key);
		put_wanted(made, value);
	}
	return true;
}

static bool put_stages(struct shortened *s, json_t *from)
{
	const char *key;
	json_t *value;

	json_object_foreach(from, key, value) {
		json_t *made, *stage;

		if (strcmp(key, YAML_LINE) == 0)
			continue;
		made = begin(s, "", "calls.stages");
		stage = json_string(key);
		name_it(made, "stage ", key);
		put_where(made, "stage", stage);
		json_decref(stage);
		(void)tree_set(made, "path", "state");
		put_wanted(made, value);
	}
	return true;
}

/* "gathering/wrong-password", "gathering/all of them" with a star, or
 * members of a finding. */
static json_t *condition_of(const json_t *item)
{
	const char *rule = json_string_value(item);
	size_t n = rule ? strlen(rule) : 0;
	json_t *where = json_object();

	if (json_is_object(item)) {
		(void)json_object_update(where, (json_t *)(uintptr_t)item);
	} else if (n > 1 && strcmp(rule + n - 2, "/*") == 0) {
		json_t *stage = json_object();
		struct text pattern = text_new(128);

		text_putc(&pattern, '^');
		text_put(&pattern, slice_of(rule, n - 1));
		(void)tree_set_slice(stage, "matches", text_slice(&pattern));
		(void)json_object_set_new(where, "rule", stage);
		text_free(&pattern);
	} else {
		(void)json_object_set(where, "rule", (json_t *)(uintptr_t)item);
	}
	return where;
}

static void put_finding(struct shortened *s, const json_t *item, bool present)
{
	json_t *made = begin(s, "", "findings");
	struct text said = text_new(512);

	text_puts(&said, present ? "finding " : "no finding ");
	if (json_is_string(item))
		text_puts(&said, json_string_value(item));
	else
		text_puts(&said, "as described");
	(void)tree_set_slice(made, "name", text_slice(&said));
	text_free(&said);
	(void)json_object_set_new(made, "where", condition_of(item));
	(void)tree_set(made, "take", "count");
	(void)json_object_set_new(made, present ? "at_least" : "is",
				  json_integer(present ? 1 : 0));
	if (present)
		(void)json_object_set_new(made, "accepts", json_true());
}

static bool put_findings(struct shortened *s, json_t *from)
{
	const char *key;
	json_t *list;

	json_object_foreach(from, key, list) {
		bool present = strcmp(key, "present") == 0;

		if (strcmp(key, YAML_LINE) == 0)
			continue;
		if ((!present && strcmp(key, "absent") != 0) ||
		    !json_is_array(list))
			return refuse(s, "findings: wants present: and "
					 "absent:, lists of rules");
		for (size_t i = 0; i < json_array_size(list); i++)
			put_finding(s, json_array_get(list, i), present);
	}
	return true;
}

static bool put_calls(struct shortened *s, json_t *from)
{
	json_t *made = begin(s, "calls", "calls");

	(void)tree_set(made, "take", "count");
	put_wanted(made, from);
	return true;
}

static bool put_candidates(struct shortened *s, json_t *from)
{
	const char *key;
	json_t *value;

	json_object_foreach(from, key, value) {
		json_t *made, *type;

		if (strcmp(key, YAML_LINE) == 0)
			continue;
		made = begin(s, "", "calls.candidates");
		type = json_string(key);
		name_it(made, "candidates ", key);
		put_where(made, "type", type);
		json_decref(type);
		(void)tree_set(made, "take", "count");
		put_wanted(made, value);
	}
	return true;
}

static bool put_media(struct shortened *s, json_t *from)
{
	const char *key;
	json_t *value;

	json_object_foreach(from, key, value) {
		json_t *made;

		if (strcmp(key, YAML_LINE) == 0)
			continue;
		made = begin(s, "", "calls.media");
		name_it(made, "media ", key);
		(void)tree_set(made, "path", key);
		put_wanted(made, value);
	}
	return true;
}

bool expect_short(const json_t *from, json_t *to, const char **wrong)
{
	static const struct {
		const char *member;
		bool (*put)(struct shortened *s, json_t *from);
	} parts[] = {
		{"calls", put_calls},           {"verdict", put_verdict},
		{"stages", put_stages},         {"findings", put_findings},
		{"candidates", put_candidates}, {"media", put_media},
	};
	struct shortened s = {.to = to, .wrong = wrong};

	s.line = json_integer_value(json_object_get(from, YAML_LINE));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_t *part = json_object_get(from, parts[i].member);

		if (part && !parts[i].put(&s, part))
			return false;
	}
	return true;
}
