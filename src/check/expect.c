/* Reading expectations. */
#include "config.h"

#include "check/expect.h"
#include "check/expect_short.h"
#include "check/yaml.h"

#define PATH_BYTES_MAX ((size_t)1 << 16)

struct expecting {
	const struct vocabulary *words;
	const char *path;
	struct text *why;
	struct text scratch;
};

enum kind {
	KIND_TEXT,
	KIND_TEXTS, /* a text or a list of such */
	KIND_LIST,
	KIND_OBJECT,
	KIND_ANY,
};

struct member {
	const char *name;
	enum kind kind;
};

static const struct member case_members[] = {
	{"name", KIND_TEXT},      {"captures", KIND_TEXTS},
	{"options", KIND_OBJECT}, {"golden", KIND_TEXT},
	{"fail_on", KIND_TEXT},   {"xfail", KIND_TEXT},
	{"skip", KIND_TEXT},      {"quarantine", KIND_OBJECT},
	{"expect", KIND_LIST},    {"verdict", KIND_ANY},
	{"stages", KIND_OBJECT},  {"findings", KIND_OBJECT},
	{"calls", KIND_ANY},      {"candidates", KIND_OBJECT},
	{"media", KIND_OBJECT},   {NULL, KIND_ANY},
};

static const struct member suite_members[] = {
	{"cases", KIND_LIST},     {"expect", KIND_LIST},
	{"options", KIND_OBJECT}, {"baseline", KIND_TEXT},
	{"fail_on", KIND_TEXT},   {NULL, KIND_ANY},
};

static const struct member option_members[] = {
	{"credentials", KIND_TEXTS},
	{"credential_files", KIND_TEXTS},
	{"turn_secrets", KIND_TEXTS},
	{"oauth_keys", KIND_TEXTS},
	{"keylogs", KIND_TEXTS},
	{"rsa_keys", KIND_TEXTS},
	{"events", KIND_TEXTS},
	{"filter", KIND_TEXT},
	{NULL, KIND_ANY},
};

static const struct member quarantine_members[] = {
	{"until", KIND_TEXT}, {"reason", KIND_TEXT}, {NULL, KIND_ANY}};

/* ---- what is wrong ---- */

static bool say(struct expecting *e, unsigned line, const char *text,
		const char *which)
{
	text_printf(e->why, "%s:%u: %s%s", e->path, line, text, which);
	return false;
}

static bool is_kind(const json_t *value, enum kind kind)
{
	switch (kind) {
	case KIND_TEXT:
		return json_is_string(value);
	case KIND_TEXTS:
		for (size_t i = 0; i < json_array_size(value); i++)
			if (!json_is_string(json_array_get(value, i)))
				return false;
		return json_is_string(value) || json_array_size(value);
	case KIND_LIST:
		return json_is_array(value);
	case KIND_OBJECT:
		return json_is_object(value);
	case KIND_ANY:
		break;
	}
	return true;
}

static bool members_are(struct expecting *e, const json_t *object,
			const struct member *members)
{
	unsigned line = yaml_line(object);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		const struct member *m = members;

		if (strcmp(key, YAML_LINE) == 0)
			continue;
		while (m->name && strcmp(m->name, key) != 0)
			m++;
		if (!m->name)
			return say(e, line, "there is no such member: ", key);
		if (!is_kind(value, m->kind))
			return say(e, line,
				   "this member wants another kind "
				   "of value: ",
				   key);
	}
	return true;
}

/* ---- paths ---- */

/* `path` as seen from the folder of `file`. */
static void expect_join(const char *file, const char *path, struct text *to)
{
	const char *end = strrchr(file, '/');

	if (path[0] != '/' && end)
		text_put(to, slice_of(file, (size_t)(end - file) + 1));
	text_puts(to, path);
}

static json_t *joined(struct expecting *e, const json_t *path)
{
	text_clear(&e->scratch);
	expect_join(e->path, json_string_value(path), &e->scratch);
	return json_stringn(e->scratch.p, e->scratch.n);
}

/* A text or a list of texts as a list; `paths`: joined. */
static json_t *texts_of(struct expecting *e, const json_t *value, bool paths)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(value); i++) {
		json_t *one = json_array_get(value, i);

		(void)json_array_append_new(out, paths ? joined(e, one)
						       : json_incref(one));
	}
	if (json_is_string(value))
		(void)json_array_append_new(
			out, paths ? joined(e, value)
				   : json_incref((json_t *)(uintptr_t)value));
	return out;
}

/* ---- parts of a case ---- */

static bool put_options(struct expecting *e, const json_t *from, json_t *to)
{
	static const char *const files[] = {"credential_files", "keylogs",
					    "rsa_keys", "events"};
	const char *key;
	json_t *value;

	if (!from)
		return true;
	if (!members_are(e, from, option_members))
		return false;
	json_object_foreach((json_t *)(uintptr_t)from, key, value) {
		bool paths = false;

		if (strcmp(key, YAML_LINE) == 0)
			continue;
		for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
			paths |= strcmp(key, files[i]) == 0;
		value = strcmp(key, "filter") == 0 ? json_incref(value)
						   : texts_of(e, value, paths);
		(void)json_object_set_new(to, key, value);
	}
	return true;
}

static bool is_date(const char *text)
{
	static const char shape[] = "0000-00-00";

	if (!text || strlen(text) != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; shape[i]; i++)
		if (shape[i] == '0' ? text[i] < '0' || text[i] > '9'
				    : text[i] != shape[i])
			return false;
	return true;
}

static bool put_state(struct expecting *e, const json_t *from, json_t *to)
{
	const json_t *quarantine = json_object_get(from, "quarantine");
	const char *fail_on = tree_text(from, "fail_on");
	unsigned line = yaml_line(from);

	if (fail_on && strcmp(fail_on, "error") != 0 &&
	    strcmp(fail_on, "warning") != 0 && strcmp(fail_on, "never") != 0)
		return say(e, line,
			   "fail_on: not error, warning or never: ", fail_on);
	if (quarantine && (!members_are(e, quarantine, quarantine_members) ||
			   !is_date(tree_text(quarantine, "until")) ||
			   !tree_text(quarantine, "reason")))
		return e->why->n ? false
				 : say(e, line,
				       "quarantine: wants until: "
				       "YYYY-MM-DD and reason",
				       "");
	(void)tree_set(to, "fail_on", fail_on);
	(void)tree_set(to, "xfail", tree_text(from, "xfail"));
	(void)tree_set(to, "skip", tree_text(from, "skip"));
	if (quarantine)
		(void)json_object_set(to, "quarantine",
				      (json_t *)(uintptr_t)quarantine);
	return true;
}

static bool put_assertions(struct expecting *e, const json_t *from, json_t *to,
			   bool suite)
{
	struct text why = text_new(4096);
	bool fine = true;

	for (size_t i = 0; fine && i < json_array_size(from); i++) {
		json_t *one = json_array_get(from, i);
		const char *over = tree_text(one, "over");
		bool wide = over && strcmp(over, "suite") == 0;

		fine = assertion_fits(e->words, one, &why);
		if (!fine) {
			text_putc(&why, '\0');
			(void)say(e, yaml_line(one),
				  why.failed == STATUS_OK ? why.p : "?", "");
		} else if (wide != suite) {
			fine = say(e, yaml_line(one),
				   suite ? "at the top of a suite an "
					   "assertion is over: suite"
					 : "over: suite stands at the top of "
					   "a suite",
				   "");
		}
		(void)json_array_append(to, one);
	}
	text_free(&why);
	return fine;
}

static bool put_expect(struct expecting *e, const json_t *from, json_t *to)
{
	json_t *made = json_array(), *checked = json_array();
	const char *wrong = NULL;
	bool fine = expect_short(from, made, &wrong);

	if (!fine)
		(void)say(e, yaml_line(from), wrong, "");
	fine = fine && put_assertions(e, made, checked, false) &&
	       put_assertions(e, json_object_get(from, "expect"), checked,
			      false);
	json_decref(made);
	(void)json_object_set_new(to, "expect", checked);
	return fine;
}

/* ---- cases ---- */

static void put_golden(struct expecting *e, const json_t *from, json_t *to)
{
	const json_t *golden = json_object_get(from, "golden");

	(void)json_object_set_new(to, "golden",
				  golden ? joined(e, golden) : json_null());
}

static void put_name(const json_t *from, json_t *to)
{
	const json_t *captures = json_object_get(to, "captures");
	const char *name = tree_text(from, "name");

	if (!name && json_array_size(captures))
		name = json_string_value(json_array_get(captures, 0));
	(void)tree_set(to, "name", name);
}

/* `suite`: what stands at its top holds where the case says nothing. */
static json_t *read_case(struct expecting *e, const json_t *from,
			 const json_t *suite)
{
	json_t *to, *options;
	bool fine;

	/* What is used below is of the kind that it has to be. */
	if (!members_are(e, from, case_members))
		return NULL;
	to = json_object();
	options = json_object();
	(void)tree_set(to, "file", e->path);
	(void)json_object_set_new(to, "line", json_integer(yaml_line(from)));
	(void)json_object_set_new(
		to, "captures",
		texts_of(e, json_object_get(from, "captures"), true));
	(void)json_object_set_new(to, "options", options);
	put_name(from, to);
	put_golden(e, from, to);
	fine = put_options(e, json_object_get(suite, "options"), options) &&
	       put_options(e, json_object_get(from, "options"), options) &&
	       put_state(e, from, to) && put_expect(e, from, to);
	if (fine && suite && !tree_text(from, "fail_on"))
		(void)tree_set(to, "fail_on", tree_text(suite, "fail_on"));
	if (fine && suite && !json_array_size(tree_part(to, "captures")))
		fine = say(e, yaml_line(from),
			   "a case of a suite wants "
			   "captures",
			   "");
	if (fine)
		return to;
	json_decref(to);
	return NULL;
}

static bool read_cases(struct expecting *e, const json_t *suite, json_t *to)
{
	const json_t *list = json_object_get(suite, "cases");
	size_t count = json_array_size(list);

	for (size_t i = 0; i < count; i++) {
		json_t *one = json_array_get(list, i);

		if (!json_is_object(one))
			return say(e, yaml_line(suite), "a case is a mapping",
				   "");
		one = read_case(e, one, suite);
		if (!one)
			return false;
		(void)json_array_append_new(to, one);
	}
	return count || say(e, yaml_line(suite), "there is no case", "");
}

static bool read_suite(struct expecting *e, const json_t *from, json_t *cases,
		       json_t *out)
{
	json_t *expect = json_array();
	const json_t *baseline = json_object_get(from, "baseline");
	const json_t *own = json_object_get(from, "expect");

	(void)json_object_set_new(out, "expect", expect);
	if (!members_are(e, from, suite_members))
		return false;
	(void)json_object_set_new(out, "baseline",
				  baseline ? joined(e, baseline) : json_null());
	return put_assertions(e, own, expect, true) &&
	       read_cases(e, from, cases);
}

static json_t *read_all(struct expecting *e, const json_t *from)
{
	json_t *out = json_object(), *cases = json_array(), *one;
	bool fine;

	(void)json_object_set_new(out, "cases", cases);
	if (!json_is_object(from)) {
		fine = say(e, 1, "an expectation is a mapping", "");
	} else if (json_object_get(from, "cases")) {
		fine = read_suite(e, from, cases, out);
	} else {
		one = read_case(e, from, NULL);
		fine = one && json_array_append_new(cases, one) == 0;
	}
	if (fine)
		return out;
	json_decref(out);
	return NULL;
}

json_t *expect_read(const struct vocabulary *words, const char *path,
		    struct slice text, struct text *why)
{
	struct expecting e = {.words = words,
			      .path = path,
			      .why = why,
			      .scratch = text_new(PATH_BYTES_MAX)};
	char wrong[YAML_WHY];
	size_t line;
	json_t *tree = yaml_read(text, &line, wrong), *out = NULL;

	if (!tree)
		(void)say(&e, (unsigned)line, wrong, "");
	else
		out = read_all(&e, tree);
	json_decref(tree);
	text_free(&e.scratch);
	return out;
}

json_t *expect_plain(const char *name, const char *capture)
{
	json_t *captures = json_array(), *out = json_object();

	if (out && tree_set(out, "name", name) &&
	    tree_set(out, "golden", NULL) && tree_add(captures, capture) &&
	    json_object_set_new(out, "captures", captures) == 0 &&
	    json_object_set_new(out, "options", json_object()) == 0 &&
	    json_object_set_new(out, "expect", json_array()) == 0)
		return out;
	json_decref(out);
	return NULL;
}
