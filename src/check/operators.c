/* The table of operators, and quantities with units. */
#include "config.h"

#include <math.h>
#include <regex.h>
#include <stdlib.h>

#include "check/operators.h"

enum operand {
	OPERAND_VALUE,
	OPERAND_LIST,
	OPERAND_NUMBER,
	OPERAND_TEXT,
	OPERAND_PATTERN,
	OPERAND_BOOL,
};

static const struct operation {
	const char *name;
	const char *said;
	enum operand operand;
} operators[] = {
	{"is", "", OPERAND_VALUE},
	{"is_not", "not ", OPERAND_VALUE},
	{"one_of", "one of ", OPERAND_LIST},
	{"none_of", "none of ", OPERAND_LIST},
	{"at_least", "at least ", OPERAND_NUMBER},
	{"at_most", "at most ", OPERAND_NUMBER},
	{"above", "above ", OPERAND_NUMBER},
	{"below", "below ", OPERAND_NUMBER},
	{"contains", "something that contains ", OPERAND_TEXT},
	{"matches", "something that matches ", OPERAND_PATTERN},
	{"exists", "that it is there: ", OPERAND_BOOL},
};

static const struct operation *find(const char *name)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strcmp(operators[i].name, name) == 0)
			return &operators[i];
	return NULL;
}

bool operator_is(const char *name)
{
	return find(name) != NULL;
}

void operator_say(const char *name, const json_t *wanted, struct text *to)
{
	const struct operation *o = find(name);

	text_puts(to, o ? o->said : "?");
	tree_say(wanted, to);
}

/* ---- quantities ---- */

static const struct {
	const char *name;
	double seconds;
} units[] = {
	{"ns", 1e-9}, {"us", 1e-6},  {"ms", 1e-3},   {"s", 1},
	{"min", 60},  {"h", 3600.0}, {"d", 86400.0},
};

static double seconds_of(struct slice unit)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (slice_is(unit, units[i].name))
			return units[i].seconds;
	return 0;
}

/* Seconds that one of the field's values is, by the end of its name. */
static double field_unit(const char *field)
{
	const char *end = strrchr(field, '_');

	return end ? seconds_of(slice_of_text(end + 1)) : 0;
}

static bool read_unit(double value, const char *unit, const char *field,
		      double *out)
{
	double to = field_unit(field), from;

	while (*unit == ' ')
		unit++;
	if (strcmp(unit, "%") == 0) {
		*out = value / 100;
		return true;
	}
	from = seconds_of(slice_of_text(unit));
	if (from <= 0 || to <= 0)
		return false;
	*out = value * from / to;
	return true;
}

bool quantity_read(const json_t *value, const char *field, double *out)
{
	const char *text = json_string_value(value);
	char *end;
	double number;

	if (json_is_number(value)) {
		*out = json_number_value(value);
		return true;
	}
	if (!text || !strchr("0123456789+-.", text[0]))
		return false;
	number = strtod(text, &end);
	if (end == text || !*end || !isfinite(number))
		return false;
	return read_unit(number, end, field, out);
}

/* ---- does it fit? ---- */

static bool value_fits(const json_t *wanted, const struct schema_field *field,
		       bool counts, struct text *why)
{
	const char *text = json_string_value(wanted);
	double number;

	if (json_is_null(wanted) && !counts)
		return true;
	if (counts || field->number) {
		if (quantity_read(wanted, field->name, &number))
			return true;
		text_puts(why, "a number is wanted, with a unit of time where "
			       "the field has one, not ");
	} else if (field->text) {
		if (text && field_takes(field, text))
			return true;
		text_puts(why, text ? "this field is never "
				    : "a text is wanted, not ");
	} else if (json_is_boolean(wanted)) {
		return true;
	} else {
		text_puts(why, "true or false is wanted, not ");
	}
	tree_say(wanted, why);
	return false;
}

static bool list_fits(const json_t *wanted, const struct schema_field *field,
		      bool counts, struct text *why)
{
	size_t count = json_array_size(wanted);

	for (size_t i = 0; i < count; i++)
		if (!value_fits(json_array_get(wanted, i), field, counts, why))
			return false;
	if (!count)
		text_puts(why, "a list is wanted");
	return count > 0;
}

static bool pattern_fits(const json_t *wanted, struct text *why)
{
	const char *pattern = json_string_value(wanted);
	regex_t compiled;

	if (!pattern ||
	    regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
		text_puts(why, "not an extended regular expression: ");
		tree_say(wanted, why);
		return false;
	}
	regfree(&compiled);
	return true;
}

static bool must_be(bool fine, const char *what, struct text *why)
{
	if (!fine)
		text_puts(why, what);
	return fine;
}

bool operator_fits(const char *name, const json_t *wanted,
		   const struct schema_field *field, bool counts,
		   struct text *why)
{
	const struct operation *o = find(name);

	if (!o)
		return must_be(false, "there is no such operator", why);
	switch (o->operand) {
	case OPERAND_VALUE:
		return value_fits(wanted, field, counts, why);
	case OPERAND_LIST:
		return list_fits(wanted, field, counts, why);
	case OPERAND_NUMBER:
		return must_be(counts || field->number,
			       "this field is no number", why) &&
		       value_fits(wanted, field, true, why);
	case OPERAND_TEXT:
		return must_be(field->text && !counts, "this field is no text",
			       why) &&
		       must_be(json_is_string(wanted), "a text is wanted", why);
	case OPERAND_PATTERN:
		return must_be(field->text && !counts, "this field is no text",
			       why) &&
		       pattern_fits(wanted, why);
	case OPERAND_BOOL:
		return must_be(json_is_boolean(wanted),
			       "true or false is wanted", why);
	}
	return false;
}

/* ---- does it hold? ---- */

static bool equals(const json_t *wanted, const json_t *value, const char *field)
{
	double number;

	if (json_is_number(value) && quantity_read(wanted, field, &number))
		return json_number_value(value) == number;
	return json_equal(wanted, value);
}

static bool is_in(const json_t *list, const json_t *value, const char *field)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (equals(json_array_get(list, i), value, field))
			return true;
	return false;
}

static bool matches(const char *pattern, const char *text)
{
	regex_t compiled;
	bool hit;

	if (!pattern || !text ||
	    regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return false;
	hit = regexec(&compiled, text, 0, NULL, 0) == 0;
	regfree(&compiled);
	return hit;
}

static bool number_holds(const char *name, double value, double limit)
{
	if (strcmp(name, "at_least") == 0)
		return value >= limit;
	if (strcmp(name, "at_most") == 0)
		return value <= limit;
	if (strcmp(name, "above") == 0)
		return value > limit;
	return value < limit;
}

static bool text_holds(const struct operation *o, const json_t *wanted,
		       const char *text)
{
	const char *part = json_string_value(wanted);

	if (!text || !part)
		return false;
	return o->operand == OPERAND_PATTERN ? matches(part, text)
					     : strstr(text, part) != NULL;
}

bool operator_holds(const char *name, const json_t *wanted, const json_t *value,
		    const char *field)
{
	const struct operation *o = find(name);
	bool negative =
		strcmp(name, "is_not") == 0 || strcmp(name, "none_of") == 0;
	double limit;

	switch (o ? o->operand : OPERAND_BOOL) {
	case OPERAND_VALUE:
		return equals(wanted, value, field) != negative;
	case OPERAND_LIST:
		return is_in(wanted, value, field) != negative;
	case OPERAND_NUMBER:
		return json_is_number(value) &&
		       quantity_read(wanted, field, &limit) &&
		       number_holds(name, json_number_value(value), limit);
	case OPERAND_TEXT:
	case OPERAND_PATTERN:
		return text_holds(o, wanted, json_string_value(value));
	case OPERAND_BOOL:
		break;
	}
	return o && json_is_true(wanted) == (value && !json_is_null(value));
}
