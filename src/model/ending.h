/*
 * What ends: when a call, or a registration, is over at some time, and by what.
 */
#ifndef MODEL_ENDING_H
#define MODEL_ENDING_H

#include "model/model.h"

enum ending {
	ENDING_NONE, /* it goes on, as far as is known */
	/* Of calls: */
	ENDING_HUNG_UP,
	ENDING_REFUSED, /* no dialog came about; also: cancelled */
	/* Of ICE sessions, attempts and registrations: */
	ENDING_CONSENT, /* of all selected pairs (RFC 7675) */
	ENDING_RELEASED,
	ENDING_EXPIRED, /* also of the last allocation of several */
	ENDING_LOST,    /* a server knows of it no more, or refused it later */
	ENDING_CLOSED,  /* the TCP connection that it lived on */
	ENDING_REMOVED, /* by the client */
	/* Of any: */
	ENDING_SILENT,
	ENDING_GONE, /* it is not followed any more */
};

/* After so long without a sign it is over: a call; what has no signalling (an
 * ICE session's checks, and media, come far more often). */
#define ENDING_SILENT_CALL (3600 * NS_PER_S)
#define ENDING_SILENT_OTHER (60 * NS_PER_S)

/* "hung-up", ...; NULL for ENDING_NONE. */
const char *ending_name(enum ending ending);

/* How it has ended by `now`, the time where packets come from. */
enum ending call_ending(const struct model *model, const struct call *call,
			nanoseconds now);
enum ending registration_ending(const struct model *model,
				const struct registration *registration,
				nanoseconds now);

#endif /* MODEL_ENDING_H */
