/*
 * The parts of the selection: terms as they are read, and what each asks of a
 * call.  Nobody else includes this.
 */
#ifndef REPORT_SELECTION_PARTS_H
#define REPORT_SELECTION_PARTS_H

#include "report/selection.h"

struct term {
	const struct term_field *field;
	struct slice value;   /* of the selector's text */
	const char *selector; /* that it is part of */
	uint32_t from, to;    /* a range of numbers in the list */
	bool negated;
	bool last;  /* of its selector */
	bool found; /* it fitted some call */
};

struct subject {
	const struct keys *keys;
	const struct call *call;
	size_t number;
	struct text text; /* scratch */
};

/* What a term may be about. */
struct term_field {
	const char *name; /* before the colon; NULL: none */
	bool (*fits)(struct subject *subject, const struct term *term);
	const char *words; /* "a, b": what the value must be one of, or NULL */
	const char *wants; /* what is wrong with others; NULL: all are fine */
};

/* Reads one term (without commas); NULL, or what is wrong with it. */
const char *term_read(struct slice text, struct term *out);

/* Does it mean one call by name? */
bool term_names(const struct term *term);

#endif /* REPORT_SELECTION_PARTS_H */
