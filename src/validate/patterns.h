/*
 * The failure catalogue: what findings, diagnoses and states come to when they
 * stand together, in the words of an administrator.
 *
 * A row holds when all its terms do.  Rows of one id are ways to the same
 * conclusion and stand one after another.  The tables are in order of cause
 * before consequence: of what holds, the first is the root.
 */
#ifndef VALIDATE_PATTERNS_H
#define VALIDATE_PATTERNS_H

#include "model/model.h"

enum term_kind {
	TERM_NONE,  /* ends the terms of a row */
	TERM_FOUND, /* the call has a finding of rule `text` */
	TERM_NOT_FOUND,
	TERM_SAYS,         /* a diagnostic header of [MS-OCER] with this id */
	TERM_Q850,         /* a Reason with this cause */
	TERM_SIP,          /* one with this status of SIP, in a dialog */
	TERM_WARNS,        /* this bit of ICEWarn, which packets do not deny */
	TERM_NOT_WARNS,    /* nobody says that */
	TERM_REASON,       /* MRAS gives reason phrase `text` */
	TERM_NO_REASON,    /* a token is refused without one */
	TERM_TOKEN_STATUS, /* SIP status that answers the SERVICE */
	TERM_REGISTER_STATUS,
	TERM_FINAL,  /* an INVITE ended with this status, and the call failed */
	TERM_STATE,  /* stage `value` >> 8 is in state `value` & 255 */
	TERM_FAILED, /* the call came to no good end */
	TERM_NOT_STATE,
	TERM_FIRST,  /* no row before holds: what is told already says more */
	TERM_FIRST_OF, /* no row before that is of stage `value` holds */
	TERM_TEXT,   /* somebody says why in words that hold `text` */
	TERM_NO_RELAY, /* none is asked, and no description names one */
	/* One side names private hosts alone, the other one a public relay. */
	TERM_UNTOLD,
	TERM_LOGGED, /* a server's log gives result `text` for a request */
};

struct term {
	enum term_kind kind;
	uint32_t value;
	const char *text;
};

#define TERMS_MAX 5u

struct pattern {
	const char *id; /* "edge-5062-unreachable" */
	enum stage stage;
	/* A sentence without full stop; NULL: all words, and the stage, are
	 * those of the row above. */
	const char *headline;
	const char *remedy;
	const char *source;
	enum helper helper; /* who can mend it */
	enum confidence confidence;
	struct term terms[TERMS_MAX];
};

enum { PATTERN_TABLES = 4 };

/* One behind the other; each ends with a row that has no id. */
extern const struct pattern *const pattern_tables[PATTERN_TABLES];

#endif /* VALIDATE_PATTERNS_H */
