/*
 * What the files of the server machine share.  Nobody else includes this.
 *
 * Rows are reached by number and live in tables that grow; a pointer to one is
 * good until the next is made.
 */
#ifndef ENGINE_TURN_STATE_H
#define ENGINE_TURN_STATE_H

#include "engine/attributes.h"
#include "engine/ladder.h"
#include "engine/reply_cache.h"
#include "engine/turn_server.h"

#define ROW_NONE UINT32_MAX
#define PERMISSION_LIFE (300 * NS_PER_S) /* RFC 8656 9 */
#define CHANNEL_LIFE (600 * NS_PER_S)    /* RFC 8656 12 */
#define CHANNEL_REST (300 * NS_PER_S)    /* before it is bound otherwise */
#define RESERVATION_LIFE (30 * NS_PER_S) /* RFC 8656 7.2 */
#define CONNECTION_LIFE (30 * NS_PER_S)  /* RFC 6062 5.2 to 5.4 */
#define RETRANSMISSIONS (40 * NS_PER_S)  /* RFC 8489 6.3.1 */
#define RESERVATIONS_MAX 4096u

struct permission {
	struct endpoint peer; /* the port is 0 */
	nanoseconds expires;
};

struct channel {
	struct endpoint peer;
	uint16_t number;
	nanoseconds expires;
};

/* RFC 8016: the ticket that moves an allocation, and where it moves to. */
struct mobility {
	uint8_t ticket[16], used[16]; /* the newest, and the one before */
	uint8_t id[12];               /* of the Refresh that used it */
	struct turn_path to;
	bool moving; /* until something else comes from there */
};

/* RFC 7635: what the token of an allocation's client held. */
struct access {
	struct stun_key key;
	nanoseconds until; /* the token is good; so long may it last */
};

/* Shared with an authorization server; `user` has the kid for a name. */
struct access_issuer {
	struct access_key key;
	uint32_t user;
};

struct ms_state; /* ms_state.h: of an allocation of [MS-TURN] */

struct turn_allocation {
	struct turn_path path;
	uint32_t relays[2]; /* IPv4, IPv6; or ROW_NONE */
	uint32_t user;
	uint32_t generation;
	uint32_t next; /* free row */
	nanoseconds expires, made;
	nanoseconds wakes; /* when its timer does: not later than the end */
	struct permission *permissions;
	struct channel *channels;
	struct mobility *mobility;
	struct ms_state *ms;   /* NULL: it is of the RFCs */
	struct access *access; /* NULL: its user has a password */
	uint16_t permission_count, permission_room;
	uint16_t channel_count, channel_room;
	uint16_t connections;
	uint16_t refused; /* 440 or 508: the family that was not had */
	uint8_t id[12];   /* of the Allocate */
	uint8_t token[8]; /* of the port that it reserved */
	bool used, tcp, has_token;
};

struct relay {
	struct endpoint at;
	uint32_t allocation; /* or ROW_NONE: it is reserved */
	uint32_t next;       /* free row */
	bool used;
};

struct reservation {
	uint8_t token[8];
	uint32_t relay, user;
	nanoseconds expires;
	bool used;
};

enum connection_state {
	CONNECTION_CONNECTING, /* a Connect waits for its end */
	CONNECTION_WAITING,    /* for the client's ConnectionBind */
	CONNECTION_BOUND,
};

struct connection {
	struct endpoint peer;
	struct turn_path client; /* that asked, then that is spliced */
	nanoseconds expires;
	uint32_t allocation, generation;
	uint32_t next;
	uint8_t id[16]; /* of the Connect */
	uint8_t state;  /* enum connection_state */
	bool used, sha256;
};

enum timer_kind {
	TIMER_ALLOCATION,
	TIMER_RESERVATION,
	TIMER_CONNECTION,
};

/* A heap; what was put off meanwhile is put back when its time comes. */
struct timer {
	nanoseconds at;
	uint32_t row, generation;
	uint8_t kind;
};

struct table {
	void *rows;
	size_t count, room, size, max;
	uint32_t free;
};

struct turn_server {
	struct turn_config config;
	struct turn_provider provider;
	struct turn_abilities can;
	struct users users;
	struct access_issuer issuers[TURN_ACCESS_KEYS_MAX];
	size_t issuer_count;
	struct nonce_maker nonces;
	struct reply_cache replies; /* to what may come again */
	struct arena scratch;
	struct text out, peers; /* replies; what goes to clients from peers */
	struct text framed;     /* the same in frames of [MS-TURN] */
	uint64_t key;
	struct table allocations, relays, connections;
	struct reservation reservations[RESERVATIONS_MAX];
	size_t reserved;
	struct index by_path, by_ticket;
	struct timer *timers;
	size_t timer_count, timer_room;
	size_t live;             /* allocations */
	size_t ms_active;        /* that have an active destination */
	uint32_t shared[2];      /* relays of many sessions, or ROW_NONE */
	struct index by_session; /* of [MS-TURN], multiplexed */
	struct index by_shared;  /* the same by peer */
	uint64_t admitted;       /* kbit/s, of [MS-TURNBWM] */
	struct turn_counts counts;
};

/* A request on its way up the ladder. */
struct turn_ask {
	struct turn_server *s;
	const struct stun_message *m;
	const struct turn_path *path;
	nanoseconds now;
	enum turn_request request;
	struct turn_claims claims;
	struct user_found who;
	struct stun_key own_key;    /* the user may go meanwhile */
	const struct stun_key *key; /* of the reply; NULL: none */
	nanoseconds until;          /* its token is good; 0: it needs none */
	bool sha256;
	uint32_t allocation; /* of the path, or ROW_NONE */
	uint64_t repeat;     /* key of its reply, if kept; 0: it is not */
};

/* ---- turn_table.c ---- */

struct turn_allocation *allocation_row(struct turn_server *s, uint32_t row);
struct relay *relay_row(struct turn_server *s, uint32_t row);
/* NULL: no such connection any more. */
struct connection *connection_row(struct turn_server *s, uint32_t id);

/* The allocation of a client, or ROW_NONE; one that is over is none. */
uint32_t allocation_find(struct turn_server *s, const struct turn_path *path,
			 nanoseconds now);
uint32_t allocation_by_ticket(struct turn_server *s, struct slice ticket,
			      nanoseconds now);
/* ROW_NONE at a limit. */
uint32_t allocation_add(struct turn_server *s, const struct turn_path *path,
			uint32_t user, nanoseconds expires);
void allocation_remove(struct turn_server *s, uint32_t row);
/* It is known by this path (too), or not any more. */
bool allocation_at_path(struct turn_server *s, uint32_t row,
			const struct turn_path *path);
void allocation_leaves_path(struct turn_server *s, uint32_t row,
			    const struct turn_path *path);
/* A new ticket; false without memory. */
bool allocation_ticket(struct turn_server *s, uint32_t row);
uint64_t turn_path_hash(const struct turn_server *s,
			const struct turn_path *path);
bool turn_path_same(const struct turn_path *a, const struct turn_path *b);

/* Opens a relay for an allocation, or for none; ROW_NONE. */
uint32_t relay_add(struct turn_server *s, uint32_t allocation,
		   const struct turn_wish *wish);
void relay_remove(struct turn_server *s, uint32_t row);

/* Of a token (EVEN-PORT, RFC 8656 18.6); NULL: nothing is reserved by it, or
 * not any more. */
struct reservation *reservation_find(struct turn_server *s, struct slice token,
				     nanoseconds now);
/* The relay is the reservation's from now on; NULL: no room, it stays the
 * caller's. */
struct reservation *reservation_add(struct turn_server *s, uint32_t relay,
				    uint32_t user, nanoseconds now);
void reservation_remove(struct turn_server *s, struct reservation *r);

/* The number of a new one, or 0. */
uint32_t connection_add(struct turn_server *s, uint32_t allocation,
			const struct endpoint *peer, nanoseconds expires);
/* Without telling the provider. */
void connection_remove(struct turn_server *s, uint32_t id);

/* The allocation ends then; its timer wakes no later, if memory allows. */
void allocation_ends(struct turn_server *s, uint32_t row, nanoseconds at);
void tables_free(struct turn_server *s);

/* ---- turn_auth.c ---- */

/* Who asks; fills claims, who and key. */
void turn_authenticate(struct turn_ask *ask);
/* The value of PASSWORD-ALGORITHMS that is offered. */
struct slice turn_algorithms(void);

/* ---- turn_access.c ---- */

/* Is the request's user one of access tokens?  Then claims, own_key and until
 * are filled. */
bool access_finds(struct turn_ask *ask);
/* Is the allocation his who asks?  A new token for it may be sealed with a key
 * of another name. */
bool access_owns(const struct turn_ask *ask, const struct turn_allocation *a);
/* The allocation is that of the token from now on; false without memory. */
bool access_keep(const struct turn_ask *ask, struct turn_allocation *a);
void access_forget(struct turn_allocation *a);
/* Not longer than the token is good, in seconds (RFC 7635 9). */
uint32_t access_lifetime(const struct turn_ask *ask, uint32_t lifetime);
/* The name that tokens are made for. */
struct slice access_name(const struct turn_server *s);

/* ---- turn_reply.c ---- */

void reply_begin(struct turn_ask *ask, struct stun_writer *w,
		 enum stun_class class);
/* Integrity and fingerprint, and off it goes. */
void reply_end(struct turn_ask *ask, struct stun_writer *w);
/* A success without attributes of its own. */
void reply_success(struct turn_ask *ask);
/* Answers with what the claims say; true: nothing stands against success. */
bool reply_unless_refused(struct turn_ask *ask);
void turn_send(struct turn_server *s, const struct turn_path *to,
	       struct slice bytes);
/* A request that came before, and whose reply is kept: it is sent once more.
 * Else the reply will be kept, if it is to somebody known. */
bool reply_again(struct turn_ask *ask);
/* Keeps the reply that is written. */
void reply_keep(const struct turn_ask *ask);

/* ---- one request each ---- */

void turn_binding(struct turn_ask *ask);
void turn_allocate(struct turn_ask *ask);
void turn_refresh(struct turn_ask *ask);
void turn_permission(struct turn_ask *ask);
void turn_channel(struct turn_ask *ask);
void turn_connect(struct turn_ask *ask);
void turn_connection_bind(struct turn_ask *ask);

/* ---- turn_peers.c ---- */

/* Is the peer let through now? */
bool permission_holds(const struct turn_allocation *a,
		      const struct endpoint *peer, nanoseconds now);
bool permission_room(const struct turn_allocation *a, size_t more);
/* As long as the allocation lives. */
bool permission_keep(struct turn_allocation *a, const struct endpoint *peer,
		     nanoseconds now);
const struct channel *channel_of(const struct turn_allocation *a,
				 uint16_t number, nanoseconds now);
const struct channel *channel_to(const struct turn_allocation *a,
				 const struct endpoint *peer, nanoseconds now);

/* The lifetime that is granted, in seconds (RFC 8656 7.2). */
uint32_t turn_lifetime(const struct turn_config *config,
		       const struct stun_message *m);
bool turn_peer_allowed(const struct turn_server *s,
		       const struct endpoint *peer);
/* The relay of the peer's family, or ROW_NONE. */
uint32_t turn_relay_for(const struct turn_allocation *a,
			const struct endpoint *peer);

/* ---- turn_data.c ---- */

void turn_send_indication(struct turn_ask *ask);
void turn_channel_data(struct turn_server *s, const struct turn_path *from,
		       struct slice bytes, nanoseconds now);

/* ---- ms_turn.c, ms_data.c ---- */

/* False: the bytes are not of [MS-TURN], somebody else may have them. */
bool ms_receive(struct turn_server *s, const struct turn_path *from,
		struct slice bytes, nanoseconds now);
/* What a permitted peer sent to the allocation's relay. */
void ms_to_client(struct turn_server *s, const struct turn_allocation *a,
		  const struct endpoint *peer, struct slice data);
bool ms_is_shared(const struct turn_server *s, uint32_t relay);
void ms_shared_received(struct turn_server *s, const struct endpoint *peer,
			struct slice data, nanoseconds now);
/* Before the allocation goes. */
void ms_forget(struct turn_server *s, uint32_t row);

#endif /* ENGINE_TURN_STATE_H */
