/*
 * The display filter of the list of calls.
 *
 *	verdict:failed from:alice	columns that hold a text, all of them
 *	from~^sip:(alice|bob)@		a column that fits an expression
 *	msgcnt>10 totaldur<2		numbers; durations in seconds
 *	!to:carol			the contrary
 *	anything else			an expression for the row as a whole
 */
#ifndef UI_FILTER_H
#define UI_FILTER_H

#include "core/pattern.h"
#include "ui/view.h"

#define FILTER_TERMS_MAX 16u
#define FILTER_WHY_MAX (PATTERN_WHY_MAX + 64)

/* The kinds of calls that can be hidden: bits. */
enum filter_method {
	METHOD_INVITE = 1,
	METHOD_REGISTER = 2,
	METHOD_SERVICE = 4,
	METHOD_ALLOCATE = 8,
	METHOD_BINDING = 16,
	METHOD_OPTIONS = 32,
	METHOD_SUBSCRIBE = 64,
	METHOD_NOTIFY = 128,
	METHOD_MESSAGE = 256,
	METHOD_PUBLISH = 512,
	METHOD_OTHER = 1024,
	METHODS_ALL = 2047,
};

/* The columns that say who, where and what. */
#define FILTER_ROW_COLUMNS 8u

struct filter {
	uint8_t row
		[FILTER_ROW_COLUMNS]; /* that a term without column is about */
	struct filter_term {
		uint8_t column; /* view_column_count: the whole row */
		bool negated;
		char relation; /* ':' '~' '>' '<' */
		struct slice value;
		double number;
		struct pattern *pattern;
	} terms[FILTER_TERMS_MAX];
	size_t count;
	unsigned methods; /* that are shown */
};

/* Reads an expression, which must outlive the filter; false: *why says what
 * is wrong with it, and the filter lets all through. */
bool filter_read(struct filter *filter, const char *text,
		 char why[FILTER_WHY_MAX]);
void filter_free(struct filter *filter);

/* Does it hide anything? */
bool filter_is_open(const struct filter *filter);
bool filter_fits(const struct filter *filter, const struct view_call *v,
		 struct text *scratch);

#endif /* UI_FILTER_H */
