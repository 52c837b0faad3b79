/*
 * What all evidence is made of: places in captures, states, history.
 *
 * A place is packed, since there are many.  Numbers of rows stand for
 * references between lists; LIST_NONE and CHAIN_END are no row.
 */
#ifndef MODEL_EVIDENCE_H
#define MODEL_EVIDENCE_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/finding.h"
#include "model/list.h"

#define PLACE_FRAME_MAX ((UINT64_C(1) << 48) - 1)

/* Where a piece of evidence stands. */
struct place {
	uint64_t file : 16;  /* CAPTURE_FILES_MAX fits */
	uint64_t frame : 48; /* 0: nowhere, or when something ran out */
	nanoseconds time;
};

/* A place by its number in the model (model_place, place_at): there are a
 * hundred in each call, most of them in the same frames. */
typedef uint32_t place_number;
/* An endpoint by its number in the model (model_end, end_at): the same number,
 * the same endpoint; 0: none, FAMILY_NONE and all zero. */
typedef uint32_t end_number;

/* A text by its number in the model (model_keep_text, text_at): the same
 * number, the same text; 0: none. */
typedef uint32_t kept_text;

#define PLACE_NONE ((place_number)0)

#define CITED_MAX 8u

/* The first few frames of something, and the last. */
struct cited {
	place_number first, last;
	place_number between[CITED_MAX - 1];
	uint32_t count; /* of all, also those not kept */
	uint8_t kept;   /* at most CITED_MAX */
};

/* Frame `i` < kept, in the order in which they were added. */
static inline place_number cited_at(const struct cited *cited, size_t i)
{
	if (i + 1 == cited->count)
		return cited->last;
	return i ? cited->between[i - 1] : cited->first;
}

enum stage_state {
	STATE_UNSEEN, /* would be expected, nothing in the capture */
	STATE_OK,
	STATE_FAILED,
	STATE_INCOMPLETE, /* begun, its end is not in the capture */
	STATE_INFERRED,   /* not seen, proved by what followed */
	STATE_UNNEEDED,
};

/* Whose state changes. */
enum subject_kind {
	OF_REGISTRATION,
	OF_TOKEN,
	OF_ALLOCATION,
	OF_DIALOG,
	OF_PAIR,
	OF_SESSION,
	OF_HANDSHAKE,
};

/* The words of history: what changes, and from what to what. */
enum word {
	WORD_NONE, /* JSON null: it begins */
	WORD_STATE,
	WORD_LIFETIME, /* `value`: seconds granted */
	WORD_REQUESTED,
	WORD_CHALLENGED,
	WORD_OK,
	WORD_FAILED, /* `value`: status or error code */
	WORD_REFRESHED,
	WORD_RELEASED,
	WORD_EXPIRED,
	WORD_LOST,
	WORD_REDIRECTED,
	WORD_MOVED, /* to another address of the client (RFC 8016) */
	WORD_INVITED,
	WORD_PROCEEDING, /* `value`: status */
	WORD_ANSWERED,
	WORD_CONFIRMED,
	WORD_REJECTED,
	WORD_CANCELLED,
	WORD_ENDED,
	WORD_CHANGED, /* a re-INVITE or UPDATE was answered */
	WORD_IN_PROGRESS,
	WORD_SUCCEEDED,
	WORD_NOMINATED,
	WORD_RESTARTED,
	WORD_CONSENT_EXPIRED,
	WORD_ROLE,
	WORD_CONTROLLING,
	WORD_CONTROLLED,
	WORDS,
};

/* A row of history; the rows of one subject form a chain in order of time. */
struct change {
	place_number place;
	uint32_t next, previous; /* of the same subject, or CHAIN_END */
	uint32_t value;
	uint8_t what, from, to; /* enum word */
};

#define CHAIN_END UINT32_MAX

/* First and last row of a chain in one of the lists; empty when all is 0. */
struct chain {
	uint32_t first, last;
	uint32_t count;
};

/* So many requests without an answer prove that none came. */
#define UNANSWERED_PROOF 3u

/* What the network said instead of an answer. */
enum obstacle_kind {
	OBSTACLE_NONE,
	OBSTACLE_PORT, /* the host itself: nobody listens there */
	OBSTACLE_RESET,
	OBSTACLE_ABORT, /* the same over SCTP */
	OBSTACLE_ENDED, /* who was asked closed the connection instead */
	OBSTACLE_GUARD, /* the same word, but from a host on the way */
	OBSTACLE_HOST,
	OBSTACLE_NET,
	OBSTACLE_PROHIBITED,
	OBSTACLE_TIME, /* to live */
	OBSTACLE_FRAGMENTS, /* time to put them together */
	OBSTACLE_SIZE,
	OBSTACLE_SWALLOWED, /* long segments of TCP, but not short ones */
};

struct obstacle {
	place_number place; /* of the first */
	uint32_t count;
	uint8_t kind; /* enum obstacle_kind, of the newest */
	uint16_t size; /* of OBSTACLE_SWALLOWED: bytes */
};

/* Is the way open, and only the port is not? */
static inline bool obstacle_is_closed(const struct obstacle *o)
{
	return o->kind == OBSTACLE_PORT || o->kind == OBSTACLE_RESET ||
	       o->kind == OBSTACLE_ABORT;
}

/* Each message of its subject counts in one of them (design section 6). */
struct integrity_counts {
	uint32_t verified, bad, no_key_fits, unchecked, absent;
};

#endif /* MODEL_EVIDENCE_H */
