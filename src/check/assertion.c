/* Judging assertions. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "check/assertion.h"
#include "check/operators.h"
#include "check/yaml.h"

#define TOLD_MAX 5u /* values that a message names */
#define TEXT_MAX ((size_t)1 << 16)

static const char *text_or(const json_t *a, const char *member,
			   const char *otherwise)
{
	const char *text = tree_text(a, member);

	return text ? text : otherwise;
}

static bool is_over(const json_t *a, const char *what)
{
	return strcmp(text_or(a, "over", "capture"), what) == 0;
}

/* ---- collecting ---- */

typedef bool visit_fn(void *context, const json_t *value);

/* Visits what stands at a path; lists are passed through. */
static bool visit(const json_t *at, const char *path, visit_fn *fn,
		  void *context)
{
	char name[64];
	size_t n = strcspn(path, ".");
	const json_t *next;

	for (size_t i = 0; i < json_array_size(at); i++)
		if (!visit(json_array_get(at, i), path, fn, context))
			return false;
	if (json_is_array(at))
		return true;
	if (!*path)
		return fn(context, at);
	if (n >= sizeof(name))
		return true;
	memcpy(name, path, n);
	name[n] = '\0';
	next = json_object_get(at, name);
	return !next || visit(next, path + n + (path[n] == '.'), fn, context);
}

struct collecting {
	const json_t *assertion;
	const json_t *row;
	const char *owner; /* key of the call, or NULL */
	json_t *out;
	double per;
	bool hit;
};

static const char *name_of(const json_t *row, const char *owner)
{
	static const char *const members[] = {
		"key", "stage", "address", "call_id", "path", "aor", "id"};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (tree_text(row, members[i]))
			return tree_text(row, members[i]);
	return owner;
}

static bool add_value(void *context, const json_t *value)
{
	struct collecting *c = context;
	json_t *row = json_object();
	json_t *kept = c->per > 0 && json_is_number(value)
			       ? json_real(json_number_value(value) / c->per)
			       : json_incref((json_t *)(uintptr_t)value);

	if (json_is_object(kept)) {
		json_decref(kept);
		kept = json_null();
	}
	if (!row || json_object_set_new(row, "value", kept) != 0 ||
	    !tree_set(row, "of", name_of(c->row, c->owner)) ||
	    !tree_set(row, "call", c->owner) ||
	    !tree_set(row, "key", tree_text(c->row, "key"))) {
		json_decref(row);
		return false;
	}
	return json_array_append_new(c->out, row) == 0;
}

static bool take_divisor(void *context, const json_t *value)
{
	((struct collecting *)context)->per = json_number_value(value);
	return true;
}

struct filter {
	const json_t *wanted;
	const char *name;
	bool holds;
};

static bool fits_filter(void *context, const json_t *value)
{
	struct filter *f = context;
	const char *key;
	json_t *wanted;
	bool all = true;

	if (json_is_array(f->wanted)) {
		all = operator_holds("one_of", f->wanted, value, f->name);
	} else if (json_is_object(f->wanted)) {
		json_object_foreach((json_t *)(uintptr_t)f->wanted, key, wanted)
			if (operator_is(key))
				all &= operator_holds(key, wanted, value,
						      f->name);
	} else {
		all = operator_holds("is", f->wanted, value, f->name);
	}
	f->holds |= all;
	return true;
}

static bool is_wanted(const json_t *assertion, const json_t *row)
{
	json_t *where = json_object_get(assertion, "where");
	const char *key;
	json_t *wanted;

	json_object_foreach(where, key, wanted) {
		struct filter f = {.wanted = wanted, .name = key};

		if (strcmp(key, YAML_LINE) == 0)
			continue;
		if (!visit(row, key, fits_filter, &f) || !f.holds)
			return false;
	}
	return true;
}

static bool take_row(void *context, const json_t *row)
{
	struct collecting *c = context;
	const char *per = tree_text(c->assertion, "per");

	if (!is_wanted(c->assertion, row))
		return true;
	c->row = row;
	c->per = 0;
	if (per) {
		(void)visit(row, per, take_divisor, c);
		if (c->per <= 0)
			return true;
	}
	return visit(row, text_or(c->assertion, "path", ""), add_value, c);
}

json_t *assertion_values(const json_t *assertion, const json_t *analysis)
{
	struct collecting c = {.assertion = assertion, .out = json_array()};
	const char *of = text_or(assertion, "of", "");
	const json_t *calls = json_object_get(analysis, "calls");
	bool fine = c.out != NULL;

	if (!is_over(assertion, "call"))
		fine = fine && visit(analysis, of, take_row, &c);
	for (size_t i = 0;
	     fine && is_over(assertion, "call") && i < json_array_size(calls);
	     i++) {
		const json_t *call = json_array_get(calls, i);

		c.owner = tree_text(call, "key");
		fine = visit(call, of, take_row, &c);
	}
	if (fine)
		return c.out;
	json_decref(c.out);
	return NULL;
}

/* ---- judging ---- */

struct judged {
	const json_t *assertion;
	const char *field;
	struct text why;
	size_t told;
};

static const char *field_of(const json_t *a)
{
	const char *path = text_or(a, "path", text_or(a, "of", ""));
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

/* Each operator of the assertion; the first that does not hold in *failed. */
static bool all_hold(const struct judged *j, const json_t *value,
		     const char **failed)
{
	const char *key;
	json_t *wanted;

	json_object_foreach((json_t *)(uintptr_t)j->assertion, key, wanted) {
		if (!operator_is(key) ||
		    operator_holds(key, wanted, value, j->field))
			continue;
		*failed = key;
		return false;
	}
	return true;
}

static void tell(struct judged *j, const char *of, const json_t *value,
		 const char *operation)
{
	if (j->told++ >= TOLD_MAX)
		return;
	text_puts(&j->why, j->told > 1 ? "; " : "");
	if (of) {
		text_puts(&j->why, "of ");
		text_escaped(&j->why, slice_of_text(of));
		text_puts(&j->why, " it ");
	}
	text_puts(&j->why, "is ");
	tree_say(value, &j->why);
	text_puts(&j->why, ", expected ");
	operator_say(operation, json_object_get(j->assertion, operation),
		     &j->why);
}

static bool judge_each(struct judged *j, const json_t *values, bool any)
{
	size_t held = 0, count = json_array_size(values);
	const char *failed = NULL;

	for (size_t i = 0; i < count; i++) {
		const json_t *row = json_array_get(values, i);
		const json_t *value = json_object_get(row, "value");

		if (all_hold(j, value, &failed))
			held++;
		else
			tell(j, tree_text(row, "of"), value, failed);
	}
	if (!count)
		text_puts(&j->why, "there is nothing to judge");
	if (j->told > TOLD_MAX)
		text_printf(&j->why, "; and %zu more", j->told - TOLD_MAX);
	return any ? held > 0 : held == count && count > 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The nearest rank: a value that was there. */
static double quantile(const double *sorted, size_t count, double percent)
{
	double rank = ceil(percent / 100 * (double)count);

	return sorted[rank < 1 ? 0 : (size_t)rank - 1];
}

static double total(const double *values, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum;
}

static double aggregate(const char *take, double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	if (strcmp(take, "sum") == 0)
		return total(values, count);
	if (strcmp(take, "mean") == 0)
		return total(values, count) / (double)count;
	if (strcmp(take, "min") == 0)
		return values[0];
	if (strcmp(take, "max") == 0)
		return values[count - 1];
	if (strcmp(take, "median") == 0)
		return quantile(values, count, 50);
	return quantile(values, count, strtod(take + 1, NULL));
}

/* One number made of all; false: there is none. */
static bool number_of(const char *take, const json_t *values, double *out)
{
	size_t count = 0, all = json_array_size(values);
	double *list = calloc(all + 1, sizeof(*list));

	for (size_t i = 0; list && i < all; i++) {
		const json_t *value =
			json_object_get(json_array_get(values, i), "value");

		if (json_is_number(value))
			list[count++] = json_number_value(value);
	}
	if (count)
		*out = aggregate(take, list, count);
	free(list);
	return count > 0;
}

static bool judge_number(struct judged *j, const json_t *values,
			 const char *take)
{
	const char *failed = NULL;
	json_t *made;
	double number = (double)json_array_size(values);
	bool holds;

	if (strcmp(take, "count") != 0 && !number_of(take, values, &number)) {
		text_puts(&j->why, "there is nothing to judge");
		return false;
	}
	made = floor(number) == number && fabs(number) < 1e15
		       ? json_integer((json_int_t)number)
		       : json_real(number);
	holds = all_hold(j, made, &failed);
	if (!holds) {
		text_puts(&j->why, take);
		text_puts(&j->why, " ");
		tell(j, NULL, made, failed);
	}
	json_decref(made);
	return holds;
}

/* "calls.verdict.outcome" */
static void put_title(const json_t *a, struct text *to)
{
	const char *name = tree_text(a, "name");
	const char *of = tree_text(a, "of"), *path = tree_text(a, "path");

	if (name) {
		text_puts(to, name);
		return;
	}
	if (is_over(a, "call"))
		text_puts(to, of ? "calls." : "calls");
	text_puts(to, of ? of : "");
	text_puts(to, path && to->n ? "." : "");
	text_puts(to, path ? path : "");
}

static json_t *conclude(struct judged *j, bool passed)
{
	struct text title = text_new(TEXT_MAX);
	json_t *out = json_object();

	put_title(j->assertion, &title);
	if (!tree_set_slice(out, "name", text_slice(&title)) ||
	    json_object_set_new(out, "line",
				json_integer(yaml_line(j->assertion))) != 0 ||
	    json_object_set_new(out, "passed", json_boolean(passed)) != 0 ||
	    (!passed && !tree_set_slice(out, "message", text_slice(&j->why)))) {
		json_decref(out);
		out = NULL;
	}
	text_free(&title);
	return out;
}

json_t *assertion_judge(const json_t *assertion, const json_t *values)
{
	struct judged j = {.assertion = assertion,
			   .field = field_of(assertion),
			   .why = text_new(TEXT_MAX)};
	const char *take = text_or(assertion, "take", "each");
	bool each = strcmp(take, "each") == 0, any = strcmp(take, "any") == 0;
	bool passed;
	json_t *out;

	if (each || any)
		passed = judge_each(&j, values, any);
	else
		passed = judge_number(&j, values, take);
	out = conclude(&j, passed);
	text_free(&j.why);
	return out;
}
