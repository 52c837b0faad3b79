/*
 * What [MS-TURN] adds to an allocation: versions, service quality, the active
 * destination, sequence numbers, bandwidth management ([MS-TURNBWM]) and the
 * pseudo-TLS hello that a connection begins with.
 *
 * A row of its own beside the allocation, since only relays of that dialect
 * have one.
 */
#ifndef MODEL_MS_TURN_H
#define MODEL_MS_TURN_H

#include "model/evidence.h"

struct allocation;
struct model;

/* What came back to the client's pseudo-TLS hello ([MS-TURN] 2.1.1). */
enum hello_answer {
	HELLO_UNASKED, /* the connection began without a hello */
	HELLO_UNANSWERED,
	HELLO_ANSWERED,
	HELLO_REAL_TLS, /* a handshake or an alert of TLS itself */
	HELLO_HTTP,
	HELLO_OTHER, /* bytes that are none of these */
	HELLO_CLOSED,
};

/* Whose site of [MS-TURNBWM] 2.2.8 to 2.2.11 an answer is about. */
enum bandwidth_site {
	SITE_REMOTE,
	SITE_REMOTE_RELAY,
	SITE_LOCAL,
	SITE_LOCAL_RELAY,
	SITES,
};

struct bandwidth_answer {
	bool told, valid, pstn;
	uint32_t send, receive; /* kbit/s at most */
};

/* Bits of ms_turn.bandwidth_asked ([MS-TURNBWM] 2.2.1). */
enum bandwidth_message {
	BANDWIDTH_CHECK = 1,
	BANDWIDTH_COMMIT = 2,
	BANDWIDTH_UPDATE = 4,
};

struct ms_turn {
	uint8_t version[2];   /* MS-Version of client and server; 0: none */
	uint8_t integrity[2]; /* bytes that client and server sent; 0: none */
	uint8_t family_asked; /* REQUESTED-ADDRESS-FAMILY; 0: none */
	uint8_t hello;        /* enum hello_answer */
	uint8_t bandwidth_asked; /* enum bandwidth_message */
	bool has_quality, has_sequence, bandwidth_partial, spoke_early;
	uint16_t stream, quality; /* [MS-TURN] 2.2.2.22 */
	uint32_t bandwidth;       /* kbit/s as granted; 0: not told */
	const char *software;     /* or NULL */
	uint64_t connection;      /* hash of the Connection ID */
	uint32_t sequence;        /* the client's newest */
	uint32_t sent_number;     /* that of its newest Send request, and a */
	uint64_t sent;            /* hash of its transaction; 0: none */
	struct endpoint other;    /* MS-Alternate Mapped Address */
	struct endpoint active;   /* newest Set Active Destination */
	place_number active_asked, active_set, active_refused;
	unsigned active_error;
	place_number hello_sent, hello_back;
	place_number bandwidth_check, bandwidth_answered;
	struct bandwidth_answer sites[SITES];
	uint64_t realm; /* hash of the one that the challenge named; 0 */
	uint32_t path;  /* that the hello was sent on */
};

/* The row of an allocation, or NULL. */
struct ms_turn *ms_turn_of(const struct model *model,
			   const struct allocation *allocation);
/* The same, made if need be; NULL when there is no room. */
struct ms_turn *ms_turn_make(struct model *model,
			     struct allocation *allocation);

/* "audio", "video", ... ([MS-TURN] 2.2.2.22); NULL: not told, or not in the
 * numbers of that document (Teams sends others). */
const char *ms_stream_name(const struct ms_turn *ms);
const char *hello_answer_name(enum hello_answer answer);
const char *bandwidth_site_name(enum bandwidth_site site);

#endif /* MODEL_MS_TURN_H */
