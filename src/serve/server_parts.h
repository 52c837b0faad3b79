/*
 * What the files of the server share.  Nobody else includes this.
 *
 * What a number of turn_path.connection means: 0 for UDP, else the row of a
 * client in `clients`, from 1.
 */
#ifndef SERVE_SERVER_PARTS_H
#define SERVE_SERVER_PARTS_H

#include "engine/sip_server.h"
#include "io/datagrams.h"
#include "io/streams.h"
#include "io/tls.h"
#include "serve/server.h"

#define PLACES_MAX 64u
/* Numbers of sockets: places below, relays from here on. */
#define NUMBER_RELAY UINT32_C(0x80000000)
#define NUMBER_METRICS UINT32_C(0x7FFFFFFF)

/* What of one may wait for a stream before data is dropped for it, or for its
 * spliced peer before the other end is not read. */
#define QUEUE_HIGH ((size_t)1 << 20)

/* Hands must be shaken, or a message be whole, within this; and an encrypted
 * or stream client that is silent longer than any lifetime goes. */
#define CLIENT_PATIENCE (30 * NS_PER_S)
#define SWEEP_EVERY (500 * NS_PER_MS)

/* Where it listens. */
struct place {
	struct endpoint at;
	struct listener *listener; /* of streams */
	int fd;                    /* of datagrams */
	uint8_t transport;         /* enum serve_transport */
};

enum link_kind {
	LINK_CLIENT,
	LINK_PEER,
	LINK_METRICS,
};

/* A client with a connection, or session, of its own. */
struct client {
	enum link_kind kind;
	uint32_t number, place;
	struct turn_path path;
	struct stream *stream; /* NULL: DTLS */
	struct tls *tls;       /* or NULL */
	struct text in;        /* the front of a message */
	struct peer *peer;     /* that it is spliced with, or NULL */
	bool sip;              /* it speaks that, not TURN */
	nanoseconds deadline;
};

/* A connection to or from a peer (RFC 6062). */
struct peer {
	enum link_kind kind;
	uint32_t connection; /* CONNECTION-ID; 0: the machine forgot it */
	struct stream *stream;
	struct client *client; /* or NULL */
};

/* Who asks for metrics. */
struct asker {
	enum link_kind kind;
	struct text in;
};

struct relay_socket {
	struct endpoint at;        /* here, whatever clients are told */
	int fd;                    /* of UDP, else -1 */
	struct listener *listener; /* of TCP, or NULL */
	bool whole;                /* is not to be fragmented, as of now */
};

/* Ports that relays have, a bit each. */
struct ports {
	uint8_t taken[8192];
};

struct server {
	const struct serve_config *config;
	struct loop *loop;
	struct datagrams *datagrams;
	struct stream_set *streams;
	struct recorder *recorder;
	struct turn_server *machine;
	struct sip_server *sip;         /* or NULL */
	struct tls_context *tls, *dtls; /* NULL: not needed */
	struct tls *listening;          /* for the next client of DTLS */
	struct place places[PLACES_MAX];
	size_t place_count;
	struct listener *metrics;
	struct endpoint relay_at[2]; /* by family */
	struct relay_socket *relays; /* by the machine's number */
	size_t relay_room;
	struct ports ports[2][2]; /* by TCP or not, and family */
	struct client **clients;  /* by number - 1 */
	size_t client_count, client_room, client_live;
	struct index sessions; /* of DTLS: by place and address */
	struct peer **peers;   /* by connection */
	size_t peer_room;
	struct text plain;      /* what a session has decrypted */
	struct text relay_name; /* that MRAS told last */
	struct client *wired;   /* whose session writes now */
	nanoseconds wakes, sweeps;
	uint64_t key;     /* of `sessions` */
	uint64_t refused; /* connections that were too many */
	uint8_t random[512];
	size_t random_left;
	bool failed; /* to record */
};

/* ---- server.c ---- */

nanoseconds server_now(const struct server *s);
/* The next thing that time brings may have changed. */
void server_rest(struct server *s);
void server_random(struct server *s, uint8_t *out, size_t n);
/* Sends from a place, and records that. */
void place_send(struct server *s, const struct place *place,
		const struct endpoint *to, struct slice data);
/* Is it where this server itself listens? */
bool server_is(const struct server *s, const struct endpoint *e,
	       bool datagrams);

/* ---- relays.c ---- */

bool relay_open(void *context, uint32_t number, const struct turn_wish *wish,
		struct endpoint *out);
void relay_close(void *context, uint32_t number);
void relay_send(void *context, uint32_t number, const struct endpoint *peer,
		struct slice data, bool whole);
void relay_received(struct server *s, uint32_t number,
		    const struct endpoint *from, struct slice data);
void relay_failed(struct server *s, uint32_t number,
		  const struct datagram_error *error);
void relays_free(struct server *s);

/* ---- clients.c ---- */

struct client *client_of(struct server *s, uint32_t number);
/* A new stream of a client; false: it is not wanted. */
bool client_accepted(struct server *s, uint32_t place, struct stream *stream);
void client_received(struct server *s, struct client *c, struct slice bytes);
void client_ended(struct server *s, struct client *c);
void client_drained(struct server *s, struct client *c);
void client_closed(struct server *s, struct client *c);
/* Plain bytes to a client; false: it is closed. */
bool client_send(struct server *s, struct client *c, struct slice bytes);
/* Closes when all is sent. */
void client_hang_up(struct server *s, struct client *c);
/* A datagram of DTLS. */
void session_received(struct server *s, uint32_t place,
		      const struct endpoint *from, struct slice data);
void clients_sweep(struct server *s, nanoseconds now);
void clients_free(struct server *s);

/* ---- sip_front.c ---- */

/* The machine, where something listens for it. */
bool sip_front_make(struct server *s, struct text *why);
bool sip_front_opened(struct server *s, struct client *c);
void sip_front_received(struct server *s, struct client *c, struct slice bytes);

/* ---- peers.c ---- */

bool peer_connect(void *context, uint32_t relay, uint32_t connection,
		  const struct endpoint *peer);
void peer_splice(void *context, const struct turn_path *client,
		 uint32_t connection);
void peer_drop(void *context, uint32_t connection);
bool peer_accepted(struct server *s, uint32_t relay, struct stream *stream);
void peer_connected(struct server *s, struct peer *p, bool success);
void peer_received(struct server *s, struct peer *p, struct slice bytes);
void peer_ended(struct server *s, struct peer *p);
void peer_drained(struct server *s, struct peer *p);
void peer_closed(struct server *s, struct peer *p);
void peers_free(struct server *s);

/* ---- metrics.c ---- */

bool metrics_accepted(struct server *s, struct stream *stream);
void metrics_received(struct server *s, struct asker *a, struct stream *stream,
		      struct slice bytes);

#endif /* SERVE_SERVER_PARTS_H */
