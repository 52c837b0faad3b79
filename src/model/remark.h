/*
 * What programs say beside their messages: lines of logs about media, relays
 * and ICE, diagnostic records of servers, and events of Windows.
 *
 * Somebody's word is no proof: it stands beside what messages and packets show.
 */
#ifndef MODEL_REMARK_H
#define MODEL_REMARK_H

#include "model/evidence.h"

enum remark_kind {
	REMARK_TRACE,      /* a line of a log */
	REMARK_DIAGNOSTIC, /* a diagnostic record of a server's log */
	REMARK_EVENT,      /* of a Windows event log */
};

enum remark_level {
	REMARK_INFO,
	REMARK_WARNING,
	REMARK_ERROR,
};

struct remark {
	place_number place;   /* of an event frame 0: it is of no capture */
	const char *text;     /* may hold secrets, as any log does */
	const char *provider; /* of an event, or NULL */
	const char *call_id;  /* of a diagnostic, or NULL */
	const char *method;   /* of the request that a diagnostic is about */
	const char *said;     /* its Text and Peer, or NULL */
	const char *data;     /* its Data, or NULL; may hold secrets */
	const char *result;   /* the name of its result; or NULL */
	uint64_t record;      /* of an event: its number in its log */
	size_t call;          /* that it is about, or LIST_NONE */
	uint32_t told;        /* the description that it is about, of the
			       * model's told; or CHAIN_END */
	uint32_t event;       /* its number; 0: none */
	uint32_t warn;        /* ICEWarn */
	uint32_t code;        /* the result of a diagnostic; 0: none */
	uint32_t next;        /* diagnostic of the same call, or CHAIN_END */
	uint8_t kind, level;  /* enum remark_kind, remark_level */
	bool has_warn;
};

#define MODEL_REMARKS_MAX ((size_t)1 << 16)
/* Among more calls time does not tell which one a line of a log is about. */
#define REMARK_CALLS_MAX 64u

const char *remark_kind_name(enum remark_kind kind);
const char *remark_level_name(enum remark_level level);

/* What an event means; NULL where the number is not known. */
struct event_meaning {
	uint32_t event;
	const char *provider; /* a word of its name */
	const char *text;
};
const struct event_meaning *event_meaning_of(const struct remark *remark);

/* Is that the result of a diagnostic?  Servers of several versions write it as
 * number, as name, or both. */
bool remark_has_result(const struct remark *remark, const char *name);

/* What a remark means that has a known number; or NULL. */
const char *remark_meaning(const struct remark *remark);

#endif /* MODEL_REMARK_H */
