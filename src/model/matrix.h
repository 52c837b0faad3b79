/*
 * The pair matrix of a call: each candidate of one side with each of the other
 * that it may pair with, whether it was checked, and where not, why.
 *
 * Made when a view asks for it: what was checked stands in the pairs, the rest
 * follows from the candidates.
 */
#ifndef MODEL_MATRIX_H
#define MODEL_MATRIX_H

#include "model/evidence.h"

struct call;
struct model;
struct text;

/* Candidates of a side that are looked at. */
#define MATRIX_SIDE_MAX 64u

enum cell_reason {
	CELL_CHECKED,   /* `pair` tells what came of it */
	CELL_NO_CHECKS, /* the capture holds none of these agents */
	CELL_BASE,      /* checked from the base (RFC 8445 6.1.2.4): `pair` */
	CELL_BASE_UNCHECKED, /* the same, and not even that was checked */
	CELL_FAR_RELAY,      /* whose relay is not seen here asks or is asked */
	CELL_DECIDED,        /* another pair was nominated before its turn */
	CELL_HIDDEN,         /* a name that was not resolved */
	CELL_NEVER,
};

struct matrix_cell {
	uint32_t offer, answer; /* numbers of candidates */
	uint32_t pair;          /* or CHAIN_END */
	uint16_t component;     /* 0: unknown */
	uint8_t reason;         /* enum cell_reason */
};

struct matrix {
	struct matrix_cell *cells; /* by offer, then by answer */
	size_t count;
	bool cut; /* there are more candidates than MATRIX_SIDE_MAX */
};

/* For matrix_free; without cells when memory is out or there is nothing. */
struct matrix matrix_of(const struct model *model, const struct call *call);
void matrix_free(struct matrix *matrix);

/* "never sent: another pair was nominated first"; NULL for CELL_CHECKED. */
const char *cell_reason_text(enum cell_reason reason);

#endif /* MODEL_MATRIX_H */
