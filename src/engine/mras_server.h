/*
 * The MRAS machine ([MS-AVEDGEA] 1.0 to 3.0): what came to the address of an
 * A/V Edge over SIP goes in, the answer comes out.  No sockets, no clock, no
 * state: a token proves itself (engine/mras_token.h).
 */
#ifndef ENGINE_MRAS_SERVER_H
#define ENGINE_MRAS_SERVER_H

#include "core/arena.h"
#include "core/text.h"
#include "engine/mras_ladder.h"
#include "engine/mras_token.h"

#define MRAS_MINUTES 480u /* granted if nothing is asked for, and the most */
#define MRAS_SERVER_VERSION "3.0"

struct mras_config {
	struct mras_keys keys;
	/* Location is "internet" or "intranet"; host, direct_ip or both.  All
	 * borrowed. */
	const struct mras_relay *relays;
	size_t relay_count;
	struct slice realm;   /* empty: it is not said */
	uint32_t minutes_max; /* 0: MRAS_MINUTES */
	bool refuses;         /* all, with `refusal` */
	enum mras_reason refusal;
	/* NULL: all are served. */
	bool (*may_have)(void *context, struct slice from,
			 struct slice identity);
	void *context;
};

/* What the SIP response is to be. */
struct mras_answer {
	unsigned status;    /* 200, 405 or 415 */
	const char *allow;  /* value of Allow, or NULL */
	const char *accept; /* value of Accept, or NULL */
	const char *reason; /* reasonPhrase; NULL: there is no body */
};

/* The body is appended to `body`; `scratch` holds what is read. */
void mras_serve(const struct mras_config *config,
		const struct mras_question *question, nanoseconds now,
		struct arena *scratch, struct text *body,
		struct mras_answer *answer);

#endif /* ENGINE_MRAS_SERVER_H */
