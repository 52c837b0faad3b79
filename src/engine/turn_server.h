/*
 * A TURN and STUN server without sockets (RFC 8656 and 5766, RFC 8489 and
 * 5389, RFC 6062, RFC 8016, RFC 5780, RFC 7635, classic Binding of RFC 3489).
 *
 * Beside it the machine speaks [MS-TURN] and the dialect of old MSN clients, on
 * the same ports: a message whose first attribute is their cookie is theirs.
 *
 * Messages and the time go in; replies, data and wishes for relay sockets come
 * out through a provider.  The machine reads no clock and opens nothing, so it
 * runs on real sockets, on made-up ones, and on captures.
 *
 * Nothing is remembered of who has not proved who he is.
 */
#ifndef ENGINE_TURN_SERVER_H
#define ENGINE_TURN_SERVER_H

#include "dissectors/access_token.h"
#include "engine/mras_token.h"
#include "engine/nonce.h"
#include "engine/peer_policy.h"
#include "engine/users.h"

#define TURN_PERMISSIONS_MAX 100u /* of an allocation */
#define TURN_CHANNELS_MAX 100u
#define TURN_CONNECTIONS_MAX 32u
#define TURN_ACCESS_KEYS_MAX 64u
#define TURN_ALLOCATIONS_MAX ((size_t)1 << 20)

/* How messages lie in a client's stream (engine/turn_stream.h). */
enum turn_framing {
	TURN_FRAMING_NONE, /* datagrams; or not known yet */
	TURN_FRAMING_RFC,
	TURN_FRAMING_MS, /* [MS-TURN] 2.1.4: what comes and goes has it */
};

/* Where a client is: the 5-tuple (RFC 8656 3.2). */
struct turn_path {
	struct endpoint client, server;
	uint32_t connection; /* the provider's number; 0 over UDP */
	bool stream;         /* TCP or TLS, with its framing */
	uint8_t transport;   /* as the provider tells them apart */
	uint8_t framing;     /* enum turn_framing */
};

/* A relay socket that the machine wishes for. */
struct turn_wish {
	enum address_family family;
	bool tcp;
	bool even;     /* an even port */
	uint16_t port; /* this one; 0: any */
};

/*
 * What the world does for the machine.  A relay is named by a number that the
 * machine chose; a peer connection (RFC 6062) by its CONNECTION-ID.
 */
struct turn_provider {
	void *context;
	/* To a client: a whole message, framed as its transport has it. */
	void (*send)(void *context, const struct turn_path *to,
		     struct slice bytes);
	/* Opens a relay; its address as peers see it in *out. */
	bool (*open)(void *context, uint32_t relay,
		     const struct turn_wish *wish, struct endpoint *out);
	void (*close)(void *context, uint32_t relay);
	void (*relay)(void *context, uint32_t relay,
		      const struct endpoint *peer, struct slice data,
		      bool dont_fragment);
	/* Begins to connect from a relay's address; the end of it comes with
	 * turn_server_connected.  False: it failed at once. */
	bool (*connect)(void *context, uint32_t relay, uint32_t connection,
			const struct endpoint *peer);
	/* From now on the client's stream and the peer's are one. */
	void (*splice)(void *context, const struct turn_path *client,
		       uint32_t connection);
	/* A peer's connection is not wanted, or not any more. */
	void (*drop)(void *context, uint32_t connection);
	void (*random)(void *context, uint8_t *out, size_t n);
};

/*
 * [MS-TURN].  Users are those of the server, and whoever has a token of MRAS;
 * relays, policy and quotas are the same.  The realm is sent in quotes.
 */
struct ms_turn_config {
	bool enabled;
	uint8_t version;       /* MS-Version that is said, 1 to 6 */
	struct mras_keys keys; /* whose tokens are good */
	/* In a 401, where the next Allocate goes (2.2.2.7); none: the address
	 * that the client has reached. */
	struct endpoint alternate_server;
	struct slice host_name;   /* MS-Alternate Host Name; empty: none */
	struct endpoint redirect; /* all are sent there (300); or none */
	uint32_t lifetime, lifetime_max; /* seconds */
	uint32_t bandwidth;              /* kbit/s that BANDWIDTH grants */
	/* [MS-TURNBWM]: kbit/s of all calls together; 0: no policy. */
	uint32_t admission;
	bool pstn_failover; /* is said where they are used up */
	/* Clients from version 5 on share this port of the relays (2.2.3), told
	 * apart by session; 0: each has its own. */
	uint16_t shared_port;
};

struct turn_config {
	struct slice realm;    /* borrowed, as all slices here */
	struct slice software; /* empty: none is sent */
	struct slice secret;   /* of TURN REST; empty: none */
	struct slice name;     /* for which access tokens are made; empty: the
				* realm */
	struct peer_policy policy;
	struct endpoint alternate_server; /* all are sent there (300) */
	struct endpoint behaviour; /* RFC 5780: the other address and port */
	struct endpoint behaviour_first;  /* the usual ones; none: all is the
					  * other's other end */
	uint32_t lifetime, lifetime_max;  /* seconds */
	uint32_t nonce_life;              /* seconds */
	uint32_t user_quota, total_quota; /* allocations; 0: no limit */
	uint16_t channel_max; /* 0x4FFF; 0x7FFF as RFC 5766 had it */
	bool ipv4, ipv6;      /* that relays can have */
	bool tcp, dont_fragment, mobility, algorithms;
	struct ms_turn_config ms;
};

/* RFC 8656's values; IPv4, no realm. */
void turn_config_default(struct turn_config *config);

struct turn_server;

/* Config and provider are copied; NULL when memory is out. */
struct turn_server *turn_server_new(const struct turn_config *config,
				    const struct turn_provider *provider);
void turn_server_free(struct turn_server *server);

/* See users_add. */
MUST_CHECK enum status turn_server_add_user(struct turn_server *server,
					    struct slice name,
					    struct slice password);

/* Lets in tokens that an authorization server made with this key (RFC 7635);
 * the kid is a user's name from now on.  As users_add; STATUS_LIMIT at
 * TURN_ACCESS_KEYS_MAX. */
MUST_CHECK enum status turn_server_add_key(struct turn_server *server,
					   const struct access_key *key);

/* ---- what happens ---- */

/* A whole message of a client: STUN or ChannelData, padding included; or of
 * [MS-TURN], over a stream in its frame. */
void turn_server_receive(struct turn_server *server,
			 const struct turn_path *from, struct slice bytes,
			 nanoseconds now);
/* A datagram of a peer at a relay. */
void turn_server_relayed(struct turn_server *server, uint32_t relay,
			 const struct endpoint *peer, struct slice data,
			 nanoseconds now);

/* An ICMP error about a datagram that a relay had sent to the peer. */
struct turn_icmp {
	uint8_t type, code;
	uint32_t data; /* next-hop MTU of "too big", else 0 */
};
void turn_server_icmp(struct turn_server *server, uint32_t relay,
		      const struct endpoint *peer, const struct turn_icmp *icmp,
		      nanoseconds now);

/* A client's stream is gone: so is what lived on it. */
void turn_server_closed(struct turn_server *server,
			const struct turn_path *path, nanoseconds now);

/* An attempt to connect to a peer ended. */
void turn_server_connected(struct turn_server *server, uint32_t connection,
			   bool success, nanoseconds now);
/* A peer has connected to a relay: the number of the connection, or 0 when it
 * is not wanted (the provider closes it then). */
uint32_t turn_server_peer(struct turn_server *server, uint32_t relay,
			  const struct endpoint *peer, nanoseconds now);
/* A peer's connection is gone. */
void turn_server_peer_closed(struct turn_server *server, uint32_t connection);

/* Time passes: what is over ends.  Call when turn_server_next is reached. */
void turn_server_tick(struct turn_server *server, nanoseconds now);
/* When turn_server_tick has work again; INT64_MAX: never as of now. */
nanoseconds turn_server_next(const struct turn_server *server);

struct turn_counts {
	uint64_t requests, successes, errors, dropped;
	uint64_t to_peers, to_clients; /* datagrams relayed */
	uint64_t bytes_to_peers, bytes_to_clients;
	size_t allocations, users;
};
/* Since the start; allocations and users as of now. */
struct turn_counts turn_server_counts(const struct turn_server *server);

/*
 * Of a stream: the length of the message at the front, with padding; 0 when
 * more bytes are needed to tell, SIZE_MAX when it is none (RFC 8656 12.5).
 */
size_t turn_frame_size(struct slice in);

#endif /* ENGINE_TURN_SERVER_H */
