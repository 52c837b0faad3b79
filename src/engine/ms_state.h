/*
 * What the files that speak [MS-TURN] share beside turn_state.h.  Nobody else
 * includes this.
 */
#ifndef ENGINE_MS_STATE_H
#define ENGINE_MS_STATE_H

#include "engine/turn_state.h"

#define MS_CONNECTION_ID 20u
#define MS_SESSION_ID 8u
#define MS_RESERVATION_ID 16u
#define MS_SHARED_PEERS 8u /* that a session is told apart by */
#define MS_CONTROL 2u      /* frames of a stream (2.1.4) */
#define MS_DATA 3u

struct ms_state {
	uint8_t connection[MS_CONNECTION_ID];
	uint8_t session[MS_SESSION_ID];
	uint8_t reservation[MS_RESERVATION_ID]; /* of bandwidth */
	uint8_t id[16];  /* of the request whose number came last */
	uint64_t window; /* numbers below `highest` that came, a bit each */
	uint32_t highest, sent;
	uint32_t admitted; /* kbit/s that are reserved */
	struct endpoint active;
	struct endpoint peers[MS_SHARED_PEERS]; /* of a shared relay */
	uint8_t next_peer;
	bool numbered, multiplexed, msn;
};

/* A message on its way up the ladder. */
struct ms_ask {
	struct turn_ask turn; /* request: as of RFC, for nothing */
	enum ms_request request;
	struct mras_token token; /* of who has one */
	struct stun_key row_key; /* nobody's: a token has no key of a row */
	bool msn;
	bool sha256;
};

/* ---- ms_auth.c ---- */

void ms_authenticate(struct ms_ask *ask);
/* Sets the claim of REASON_SEQUENCE; also notes the number. */
void ms_count(struct ms_ask *ask);

/* ---- ms_reply.c ---- */

void ms_begin(struct ms_ask *ask, struct stun_writer *w, enum stun_class class);
void ms_end(struct ms_ask *ask, struct stun_writer *w);
/* Answers with what the claims say; true: nothing stands against success. */
bool ms_unless_refused(struct ms_ask *ask);
/* In a frame where the client's stream has them. */
void ms_send(struct turn_server *s, const struct turn_path *to, unsigned type,
	     struct slice bytes);
/* The session that a client of this path may have. */
void ms_session_of(const struct turn_server *s, const struct turn_path *path,
		   uint8_t out[MS_SESSION_ID]);
/* Does it share a relay with others? */
bool ms_shares(const struct ms_ask *ask);

/* ---- ms_allocate.c, ms_bandwidth.c ---- */

void ms_allocate(struct ms_ask *ask);
/* Appends what [MS-TURNBWM] answers, if it was asked. */
void ms_write_bandwidth(struct ms_ask *ask, uint32_t row,
			struct stun_writer *w);

/* ---- ms_data.c ---- */

/* The shared relay of the family, opened when first wanted. */
uint32_t ms_shared_relay(struct turn_server *s, enum address_family family);
bool ms_share(struct turn_server *s, uint32_t row,
	      const uint8_t session[MS_SESSION_ID]);
void ms_take_send(struct ms_ask *ask);
void ms_take_destination(struct ms_ask *ask);
/* Whatever is no message, for the active destination. */
void ms_take_data(struct turn_server *s, const struct turn_path *from,
		  struct slice data, nanoseconds now);

#endif /* ENGINE_MS_STATE_H */
