/* Is an assertion one that can be judged?  What is misspelt must be said. */
#include "config.h"

#include <stdlib.h>

#include "check/assertion.h"
#include "check/operators.h"
#include "check/yaml.h"

#define PATH_MAX_BYTES 512u

struct fitting {
	const struct vocabulary *words;
	const json_t *assertion;
	struct text *why;
	const char *take;
	bool counts; /* what is judged is a number of things, or made of them */
	size_t operators;
};

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

/* Joins the parts that are there with dots. */
static bool join(const char *const parts[3], char out[PATH_MAX_BYTES])
{
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		size_t m = parts[i] ? strlen(parts[i]) : 0;

		if (!m)
			continue;
		if (n + m + 2 > PATH_MAX_BYTES)
			return false;
		if (n)
			out[n++] = '.';
		memcpy(out + n, parts[i], m);
		n += m;
	}
	out[n] = '\0';
	return true;
}

/* A path below the rows of the assertion; `path` NULL: the rows. */
static bool find(struct fitting *f, const char *path, struct schema_field *out)
{
	const char *over = tree_text(f->assertion, "over");
	const char *const parts[3] = {
		over && strcmp(over, "call") == 0 ? "calls" : NULL,
		tree_text(f->assertion, "of"), path};
	char whole[PATH_MAX_BYTES];
	const char *why = "the path is too long";

	if (join(parts, whole) &&
	    schema_find(f->words->schema, whole, out, &why)) {
		/* The name points into what is gone; the end of it is left. */
		const char *last = path ? path : parts[1] ? parts[1] : "";
		const char *dot = strrchr(last, '.');

		out->name = dot ? dot + 1 : last;
		return true;
	}
	text_puts(f->why, why);
	return false;
}

/* The rules that a value names must be there. */
static bool rule_is_known(struct fitting *f, const json_t *wanted)
{
	for (size_t i = 0; i < json_array_size(wanted); i++)
		if (!rule_is_known(f, json_array_get(wanted, i)))
			return false;
	if (!json_is_string(wanted) ||
	    f->words->knows_rule(json_string_value(wanted)))
		return true;
	text_printf(f->why, "there is no rule '%s'; mrascope rules lists them",
		    json_string_value(wanted));
	return false;
}

static bool names_values(const char *operation)
{
	static const char *const list[] = {"is", "is_not", "one_of", "none_of",
					   NULL};

	return is_one_of(operation, list);
}

static bool operator_is_fine(struct fitting *f, const char *name,
			     const json_t *wanted,
			     const struct schema_field *field)
{
	if (!operator_fits(name, wanted, field, f->counts, f->why)) {
		text_printf(f->why, " (%s)", name);
		return false;
	}
	return f->counts || !field->rule || !names_values(name) ||
	       rule_is_known(f, wanted);
}

/* ---- where ---- */

static bool condition_fits(struct fitting *f, const char *path,
			   const json_t *wanted)
{
	struct fitting inner = *f;
	struct schema_field field;
	const char *key;
	json_t *value;

	inner.counts = false;
	if (!find(f, path, &field))
		return false;
	if (json_is_array(wanted))
		return operator_is_fine(&inner, "one_of", wanted, &field);
	if (!json_is_object(wanted))
		return operator_is_fine(&inner, "is", wanted, &field);
	json_object_foreach((json_t *)(uintptr_t)wanted, key, value)
		if (strcmp(key, YAML_LINE) != 0 &&
		    !operator_is_fine(&inner, key, value, &field))
			return false;
	return true;
}

static bool where_fits(struct fitting *f)
{
	json_t *where = json_object_get(f->assertion, "where");
	const char *key;
	json_t *wanted;

	if (where && !json_is_object(where)) {
		text_puts(f->why, "where: wants fields with their values");
		return false;
	}
	json_object_foreach(where, key, wanted)
		if (strcmp(key, YAML_LINE) != 0 &&
		    !condition_fits(f, key, wanted))
			return false;
	return true;
}

/* ---- the rest ---- */

static bool take_fits(struct fitting *f)
{
	static const char *const words[] = {"each",   "any",  "count",
					    "sum",    "min",  "max",
					    "median", "mean", NULL};
	char *end;
	double percent;

	if (is_one_of(f->take, words))
		return true;
	if (f->take[0] == 'p' && f->take[1] >= '0' && f->take[1] <= '9') {
		percent = strtod(f->take + 1, &end);
		if (*end == '\0' && percent > 0 && percent <= 100)
			return true;
	}
	text_printf(f->why,
		    "take: '%s' is not each, any, count, sum, min, max, mean, "
		    "median or a quantile such as p95",
		    f->take);
	return false;
}

static bool members_fit(struct fitting *f)
{
	static const char *const texts[] = {"name", "over", "of", "path",
					    "per",  "take", NULL};
	static const char *const overs[] = {"capture", "call", "suite", NULL};
	const char *over = tree_text(f->assertion, "over");
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)f->assertion, key, value) {
		if (operator_is(key)) {
			f->operators++;
		} else if (is_one_of(key, texts)) {
			if (json_is_string(value))
				continue;
			text_printf(f->why, "%s: wants a text", key);
			return false;
		} else if (strcmp(key, "where") != 0 &&
			   strcmp(key, "accepts") != 0 &&
			   strcmp(key, YAML_LINE) != 0) {
			text_printf(f->why, "an assertion has no '%s'", key);
			return false;
		}
	}
	if (over && !is_one_of(over, overs)) {
		text_printf(f->why, "over: '%s' is not capture, call or suite",
			    over);
		return false;
	}
	if (!f->operators)
		text_puts(f->why, "an operator is missing (is, at_least, ...)");
	return f->operators > 0;
}

static bool values_fit(struct fitting *f, const char *path)
{
	struct schema_field field, per;
	const char *divisor = tree_text(f->assertion, "per");
	const char *key;
	json_t *wanted;
	bool makes = f->counts && strcmp(f->take, "count") != 0;

	if (!find(f, path, &field))
		return false;
	if (field.object && !(f->counts && !makes)) {
		text_puts(f->why, path ? "this path names rows; name a field "
					 "of theirs, or take: count"
				       : "path: is missing");
		return false;
	}
	if ((makes || divisor) && !field.number) {
		text_puts(f->why, "this field is no number");
		return false;
	}
	if (divisor && (!find(f, divisor, &per) || !per.number)) {
		text_puts(f->why, " (per)");
		return false;
	}
	json_object_foreach((json_t *)(uintptr_t)f->assertion, key, wanted)
		if (operator_is(key) &&
		    !operator_is_fine(f, key, wanted, &field))
			return false;
	return true;
}

bool assertion_fits(const struct vocabulary *words, const json_t *assertion,
		    struct text *why)
{
	struct fitting f = {.words = words, .assertion = assertion, .why = why};
	struct schema_field rows;

	if (!json_is_object(assertion)) {
		text_puts(why, "an assertion is a mapping");
		return false;
	}
	f.take = tree_text(assertion, "take");
	if (!f.take)
		f.take = "each";
	f.counts = strcmp(f.take, "each") != 0 && strcmp(f.take, "any") != 0;
	if (!members_fit(&f) || !take_fits(&f) || !find(&f, NULL, &rows) ||
	    !where_fits(&f))
		return false;
	return values_fit(&f, tree_text(assertion, "path"));
}
