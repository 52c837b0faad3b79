/*
 * A record of a log as bytes: what the readers of logs write into a frame
 * (LINKTYPE_LOG) and the driver reads from it.
 *
 * A log is text that some program wrote about its messages.  A record is one
 * message, or one line of the trace that tells something about a call.
 */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include "core/endpoint.h"

/* A record with all around its text; what is longer is cut. */
#define RECORD_MAX 262144u
#define RECORD_TEXT_MAX (RECORD_MAX - 1024u)
/* Of a correlation id. */
#define RECORD_ID_MAX 64u

enum record_kind {
	RECORD_MESSAGE,    /* SIP; lines end in CRLF but in the body */
	RECORD_TRACE,      /* what the program says beside its messages */
	RECORD_DIAGNOSTIC, /* the same, in fields: "Name: value" a line */
	RECORD_TOLD,  /* descriptions, candidates in JSON (dissectors/jsep.h) */
	RECORD_STATE, /* "ICE: connected": what the agent at src says of it */
};

enum record_transport {
	RECORD_UNKNOWN, /* the log does not say */
	RECORD_UDP,
	RECORD_TCP,
	RECORD_TLS,
	RECORD_WS,
	RECORD_WSS,
	RECORD_SCTP,
};

enum record_level {
	RECORD_PLAIN, /* information, or none told */
	RECORD_WARNS,
	RECORD_FAILS,
};

struct record {
	uint8_t kind;      /* enum record_kind */
	uint8_t transport; /* enum record_transport */
	uint8_t level;     /* enum record_level */
	bool cut;          /* the logger left its end out */
	bool shown;        /* by a program among its other lines, perhaps before
			    * its stack put in what is its own */
	bool piece;        /* of a stream: a message may begin or end in
			    * another record of the same ends */
	struct endpoint src, dst;
	uint64_t offset; /* of its first line in the (unpacked) text */
	struct slice id; /* what the log correlates by, or empty */
	struct slice text;
};

/* Appends the bytes of a record; what is longer than the limits is cut. */
void record_write(const struct record *record, struct text *to);

/* STATUS_BAD when no record_write made it.  Slices borrow from `in`. */
MUST_CHECK enum status record_read(struct slice in, struct record *out);

#endif /* CORE_RECORD_H */
