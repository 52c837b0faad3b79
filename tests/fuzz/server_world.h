/*
 * What the fuzz targets of the server machine share: a world without sockets,
 * in which relays are only numbers, a judge who hears what a capture would
 * show, and the script.
 *
 * That is a row of records: one byte who, one how many seconds later, two of
 * length, bytes.  Of `who` the bit 1 is the client, and 2 its transport.
 */
#ifndef TESTS_FUZZ_SERVER_WORLD_H
#define TESTS_FUZZ_SERVER_WORLD_H

#include "core/cursor.h"
#include "engine/replay.h"
#include "engine/turn_server.h"

#define SERVER_WORLD_RELAYS 64u
#define SERVER_WORLD_BEGIN (INT64_C(1800000000) * NS_PER_S)

struct server_world {
	struct arena arena; /* of one message */
	struct turn_server *server;
	struct replay *judge;
	nanoseconds now;
	uint16_t port;
	bool never_whole; /* nothing is to be sent with DF */
};

void server_world_begin(struct server_world *w);

/* A provider of this world; `send` is the target's own. */
struct turn_provider
server_world_provider(struct server_world *w,
		      void (*send)(void *context, const struct turn_path *to,
				   struct slice bytes));

struct turn_path server_world_path(uint8_t who);
/* Where a peer's data comes from. */
struct endpoint server_world_peer(uint8_t who);

/* The judge hears it. */
void server_world_tell(struct server_world *w, const struct stun_message *m,
		       const struct turn_path *path, bool reply);
/* The judge hears what a client says, where that is STUN; false: it is none. */
bool server_world_ask(struct server_world *w, const struct turn_path *path,
		      struct slice bytes, struct stun_message *out);
void server_world_closed(struct server_world *w, const struct turn_path *path);

/* A nonce that the server takes. */
void server_world_nonce(const struct server_world *w, unsigned features,
			const struct endpoint *client, char out[NONCE_SIZE]);

/* Runs the script; the server's clock ticks before and behind each record. */
void server_world_run(struct server_world *w, struct cursor *script,
		      void (*step)(struct server_world *w, uint8_t who,
				   struct slice bytes));

/* Aborts when something is left when time is over. */
void server_world_end(struct server_world *w);

#endif /* TESTS_FUZZ_SERVER_WORLD_H */
