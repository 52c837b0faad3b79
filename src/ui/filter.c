/* Terms over the columns of a call. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/filter.h"

#define DURATIONS "convdur totaldur"

/* Where the name of a column ends and its relation stands; 0: none. */
static size_t name_of(struct slice word)
{
	size_t n = 0;

	while (n < word.n && word.p[n] >= 'a' && word.p[n] <= 'z')
		n++;
	if (n == 0 || n == word.n || !strchr(":~<>", word.p[n]) ||
	    view_column_find(slice_first(word, n)) == view_column_count)
		return 0;
	return n;
}

static bool read_number(struct slice s, double *out)
{
	char text[32], *end;

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = 0;
	*out = strtod(text, &end);
	return *end == 0;
}

static bool compile(struct filter_term *t, char *why)
{
	enum status status = pattern_new(t->value, true, &t->pattern, why);

	if (status == STATUS_NOMEM)
		snprintf(why, FILTER_WHY_MAX, "out of memory");
	return status == STATUS_OK;
}

/* One word with a column: "from:alice", "!msgcnt>3". */
static bool read_term(struct filter_term *t, struct slice word, char *why)
{
	size_t n;

	*t = (struct filter_term){.negated = word.n && word.p[0] == '!'};
	word = slice_from(word, t->negated);
	n = name_of(word);
	t->column = view_column_find(slice_first(word, n));
	t->relation = (char)word.p[n];
	t->value = slice_from(word, n + 1);
	if (t->relation == '~')
		return compile(t, why);
	if (t->relation == ':')
		return true;
	if (!view_columns[t->column].value ||
	    !read_number(t->value, &t->number)) {
		snprintf(why, FILTER_WHY_MAX, "%s: < and > are for numbers",
			 view_columns[t->column].name);
		return false;
	}
	return true;
}

static bool has_column(struct slice word)
{
	return name_of(slice_from(word, word.n && word.p[0] == '!')) != 0;
}

/* Numbers say nothing of who, where and what.  Found once: there may be many
 * rows to ask. */
static void find_row(struct filter *filter)
{
	static const char *const names[FILTER_ROW_COLUMNS] = {
		"sipfrom", "sipto", "verdict", "why",
		"callid",  "src",   "dst",     "method"};

	for (size_t i = 0; i < FILTER_ROW_COLUMNS; i++)
		filter->row[i] = view_column_find(slice_of_text(names[i]));
}

/* What is no term with a column is one expression, blanks and all. */
static bool read_rest(struct filter *filter, struct slice text, char *why)
{
	struct filter_term *t = &filter->terms[filter->count];

	*t = (struct filter_term){.column = (uint8_t)view_column_count,
				  .relation = '~',
				  .value = text};
	if (!compile(t, why))
		return false;
	find_row(filter);
	filter->count++;
	return true;
}

bool filter_read(struct filter *filter, const char *text,
		 char why[FILTER_WHY_MAX])
{
	struct slice rest = slice_trim(slice_of_text(text));
	unsigned methods = filter->methods;
	bool fine = true;

	filter_free(filter);
	filter->methods = methods;
	while (rest.n && fine) {
		struct slice after = rest, word = slice_split(&after, ' ');

		if (!has_column(word)) {
			fine = read_rest(filter, rest, why);
			break;
		}
		if (filter->count + 1 == FILTER_TERMS_MAX) {
			snprintf(why, FILTER_WHY_MAX, "more than %u terms",
				 FILTER_TERMS_MAX - 1);
			fine = false;
			break;
		}
		fine = read_term(&filter->terms[filter->count], word, why);
		filter->count++;
		rest = slice_trim(after);
	}
	if (!fine) {
		filter_free(filter);
		filter->methods = methods;
	}
	return fine;
}

void filter_free(struct filter *filter)
{
	for (size_t i = 0; i < filter->count; i++)
		pattern_free(filter->terms[i].pattern);
	*filter = (struct filter){.methods = METHODS_ALL};
}

bool filter_is_open(const struct filter *filter)
{
	return filter->count == 0 && filter->methods == METHODS_ALL;
}

/* ---- asking ---- */

static enum filter_method method_of_other(const struct view_call *v)
{
	static const struct {
		const char *name;
		enum filter_method method;
	} rows[] = {
		{"OPTIONS", METHOD_OPTIONS}, {"SUBSCRIBE", METHOD_SUBSCRIBE},
		{"NOTIFY", METHOD_NOTIFY},   {"BENOTIFY", METHOD_NOTIFY},
		{"MESSAGE", METHOD_MESSAGE}, {"PUBLISH", METHOD_PUBLISH},
	};
	const char *name = v->feed->method(v->other->method);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].method;
	return METHOD_OTHER;
}

static enum filter_method method_of(const struct view_call *v)
{
	if (v->other)
		return method_of_other(v);
	if (v->dialog)
		return METHOD_INVITE;
	if (v->call->kind == CALL_ICE)
		return METHOD_BINDING;
	if (v->call->registrations.count)
		return METHOD_REGISTER;
	return v->call->tokens.count && !v->call->allocations.count
		       ? METHOD_SERVICE
		       : METHOD_ALLOCATE;
}

static bool contains(struct slice text, struct slice what)
{
	if (what.n == 0)
		return text.n == 0;
	for (; text.n >= what.n; text = slice_from(text, 1))
		if (slice_equal_nocase(slice_first(text, what.n), what))
			return true;
	return false;
}

static void put_row(const struct filter *filter, const struct view_call *v,
		    struct text *to)
{
	for (size_t i = 0; i < FILTER_ROW_COLUMNS; i++) {
		view_columns[filter->row[i]].put(v, to);
		text_putc(to, ' ');
	}
}

static bool number_fits(const struct filter_term *t, const struct view_call *v)
{
	const struct view_column *column = &view_columns[t->column];
	double value = (double)column->value(v);

	if (strstr(DURATIONS, column->name))
		value /= (double)NS_PER_S;
	return t->relation == '>' ? value > t->number : value < t->number;
}

static bool term_fits(const struct filter *filter, const struct filter_term *t,
		      const struct view_call *v, struct text *scratch)
{
	if (t->relation == '<' || t->relation == '>')
		return number_fits(t, v);
	text_clear(scratch);
	if (t->column == view_column_count)
		put_row(filter, v, scratch);
	else
		view_columns[t->column].put(v, scratch);
	if (t->relation == '~')
		return pattern_fits(t->pattern, text_slice(scratch));
	return contains(text_slice(scratch), t->value);
}

bool filter_fits(const struct filter *filter, const struct view_call *v,
		 struct text *scratch)
{
	if (!(filter->methods & method_of(v)))
		return false;
	for (size_t i = 0; i < filter->count; i++)
		if (term_fits(filter, &filter->terms[i], v, scratch) ==
		    filter->terms[i].negated)
			return false;
	return true;
}
