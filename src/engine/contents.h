/*
 * What stands in a reply (RFC 8656 7 to 12, RFC 8489 9.2, RFC 6062 5, RFC 8016
 * 3; spec stun-turn 3.12): what must, what may, and under which condition.
 */
#ifndef ENGINE_CONTENTS_H
#define ENGINE_CONTENTS_H

#include "dissectors/stun.h"

/* On what an attribute of a reply hangs. */
enum content_need {
	NEED_ALWAYS,
	NEED_NEVER_MUST,   /* it may be there */
	NEED_IF_RESERVED,  /* the request reserved a port */
	NEED_IF_TICKET,    /* may be there if a ticket was asked for */
	NEED_IF_TWO,       /* may be there if two families were asked for */
	NEED_IF_BEHAVIOUR, /* the request asked for it by CHANGE-REQUEST */
};

struct content_row {
	uint16_t type;
	uint8_t request; /* enum turn_request bits */
	uint8_t need;    /* enum content_need */
	uint16_t code;   /* 0: of a success; 1: of any error */
};

#define CONTENT_ANY_ERROR 1u

/* The row of an attribute in a reply; NULL: it does not belong there.  Code 0
 * is success. */
const struct content_row *content_row(unsigned request, unsigned code,
				      uint16_t type);
/* Row number `i`; NULL behind the last. */
const struct content_row *content_row_at(size_t i);

/* Does the row speak of this reply? */
bool content_applies(const struct content_row *row, unsigned request,
		     unsigned code);

#endif /* ENGINE_CONTENTS_H */
