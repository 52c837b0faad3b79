/*
 * In which order an A/V Edge looks at a request for tokens, and with what it
 * answers ([MS-AVEDGEA] 3.1.5; spec mras-and-registration 5.7, 5.12).
 *
 * As in engine/ladder.h each rung is a row, and who watches a capture often
 * knows only that a reason may hold: server and judge climb the same rows.
 */
#ifndef ENGINE_MRAS_LADDER_H
#define ENGINE_MRAS_LADDER_H

#include "dissectors/mras.h"

#define MRAS_CONTENT_TYPE "application/msrtc-media-relay-auth+xml"

/* Why no token is given. */
enum mras_reason {
	MRAS_REASON_METHOD,
	MRAS_REASON_TYPE,
	MRAS_REASON_TOO_LARGE,
	MRAS_REASON_MALFORMED,
	MRAS_REASON_VERSION,
	MRAS_REASON_UNSUPPORTED, /* no keys, or no relay */
	MRAS_REASON_BUSY,
	MRAS_REASON_FORBIDDEN,
	MRAS_REASON_TIME_OUT,
	MRAS_REASON_FAULT,
	MRAS_REASON_OTHER,
	MRAS_REASONS,
};

/* One rung. */
struct mras_row {
	const char *phrase; /* reasonPhrase; NULL: SIP alone answers */
	const char *title;  /* what holds, in words */
	const char *source;
	uint16_t status; /* of SIP */
	bool any_time;   /* it says nothing of the request */
};

/* A SIP request. */
struct mras_question {
	struct slice method;       /* "SERVICE" */
	struct slice content_type; /* parameters behind it do not matter */
	struct slice body;
};

/* Does each reason hold? */
struct mras_claims {
	uint8_t of[MRAS_REASONS]; /* enum claim */
};

/* What may be answered. */
struct mras_forecast {
	bool may[MRAS_REASONS];
	enum mras_reason last; /* the first that surely holds */
	bool success;          /* none does */
};

/*
 * Reads the request and claims what it alone decides; the others stay as they
 * are.  MALFORMED is MAYBE where a server may be lenient (the order of
 * elements, an id twice), VERSION where it may be newer or older than 3.0.
 * Where there is no request in it, *request is all empty.
 */
void mras_examine(const struct mras_question *question, struct arena *scratch,
		  struct mras *request, struct mras_claims *claims);

/* Which answers these claims leave: the first that holds for sure, those that a
 * server may give before it, and success where none is sure. */
void mras_climb(const struct mras_claims *claims, struct mras_forecast *out);

/* Never NULL; `reason` is below MRAS_REASONS. */
const struct mras_row *mras_row_of(enum mras_reason reason);

/* The row of a reasonPhrase, or MRAS_REASONS: it is "OK", or none of the
 * ten. */
enum mras_reason mras_reason_of(struct slice phrase);

/* 0: not a number. */
unsigned mras_major_of(struct slice version);

/* Single relays are wanted, by address; the attribute stands in the root, and
 * the reader keeps it with each request. */
bool mras_wants_direct(const struct mras *request);

#endif /* ENGINE_MRAS_LADDER_H */
