/*
 * Clients of [MS-TURN] in the world of turn_world.h, by script:
 *
 *	allocate version=2; send peer=192.0.2.9@5000 data=hello
 *
 * They have a token of MRAS; the first Allocate asks for a nonce by a plain one
 * where none is known, unless the script says `plain`.
 */
#ifndef TESTS_SUPPORT_MS_WORLD_H
#define TESTS_SUPPORT_MS_WORLD_H

#include "engine/mras_token.h"
#include "tests/support/turn_world.h"

struct ms_world {
	struct turn_world w;
	struct mras_keys keys;
	struct mras_token token;
	struct stun_key key; /* of the last request */
	uint8_t nonce[128], connection[20], session[8];
	size_t nonce_size;
	bool has_session;
};

/* Change w.config before ms_world_start. */
void ms_world_init(struct ms_world *ms);
void ms_world_start(struct ms_world *ms);
void ms_world_free(struct ms_world *ms);

/* The code of the last reply, 0: success, -1: none. */
int ms_run(struct ms_world *ms, const char *script);

/* The integrity of the last reply fits the key of the last request, in the
 * form that Microsoft's clients check. */
bool ms_reply_is_signed(const struct ms_world *ms);

/* The address in an attribute of the last reply. */
struct endpoint ms_reply_address(const struct ms_world *ms, uint16_t type);

#endif /* TESTS_SUPPORT_MS_WORLD_H */
