/*
 * A world without sockets around a server machine: clients that speak by
 * script, relays that are only numbers, and what came out last.
 *
 * A script is a line of steps, parted by ';'; a step is the name of a request
 * and what stands in it:
 *
 *	allocate transport=17 life=1200; channel number=4000 peer=192.0.2.9:5000
 *
 * Requests carry alice's credentials unless they say `plain`; the first step
 * gets a nonce by a plain Allocate where none is known for the client.  With
 * `mac` they are signed as kid-1, with the key of access tokens, which
 * access=good, late, old or other puts in.
 */
#ifndef TESTS_SUPPORT_TURN_WORLD_H
#define TESTS_SUPPORT_TURN_WORLD_H

#include "engine/replay.h"
#include "engine/turn_server.h"
#include "dissectors/stun_integrity.h"
#include "tests/support/stun_reading.h"

#define WORLD_RELAYS 64u

struct turn_world {
	struct turn_config config;
	struct turn_server *server;
	nanoseconds now;
	struct turn_path path;       /* of the client that speaks */
	struct replay *judge;        /* hears all that is said; NULL: nobody */
	const struct stun_key *also; /* that the judge knows beside alice's */

	/* What came out last. */
	struct stun_reading reply; /* to a client, when it is STUN */
	struct turn_path reply_to;
	bool replied;
	struct text sent;    /* the same, whole, with its frame */
	struct text asked;   /* by a client */
	struct text relayed; /* to a peer */
	struct endpoint relayed_to;
	uint32_t relayed_by;
	bool relayed_whole; /* with DF */
	unsigned datagrams; /* to peers */
	uint32_t spliced, dropped, connecting;

	/* What the clients know. */
	uint8_t nonce[64];
	size_t nonce_size;
	uint8_t token[8], ticket[64];
	size_t ticket_size;
	uint32_t connection;
	uint8_t id[12];
	unsigned steps;

	struct endpoint relays[WORLD_RELAYS];
	bool open[WORLD_RELAYS];
	uint16_t next_port;
	unsigned ports_left; /* that may be opened */
	bool odd_only, connect_fails;
	long failing; /* allocation of the server, from 1; 0: none */
	bool tokens;  /* access tokens of kid-1 are taken */
	uint64_t dice;
};

/* A server for alice (password "wonder") and bob, realm "example.org", TCP,
 * DF, both families; change `config` before world_start. */
void world_init(struct turn_world *w);
void world_start(struct turn_world *w);
/* Both of them. */
void world_begin(struct turn_world *w);

struct endpoint world_end_at(const char *ip, uint16_t port);

/* A datagram from port 5000 of a peer to the first relay. */
void world_from_peer(struct turn_world *w, const char *ip, const char *data);
void world_free(struct turn_world *w);

/* Runs a script; the error code of the last reply, 0: success, -1: none. */
int world_run(struct turn_world *w, const char *script);

/* A datagram of the client, as it is. */
void world_send(struct turn_world *w, struct slice bytes);

/* The last message once more: does the same answer come, byte for byte? */
bool world_repeats(struct turn_world *w);

/* The integrity of the last reply fits the key in the access tokens. */
bool world_reply_is_of_token(const struct turn_world *w);

/* The integrity of the last reply fits alice's password. */
bool world_reply_is_signed(const struct turn_world *w);

#endif /* TESTS_SUPPORT_TURN_WORLD_H */
