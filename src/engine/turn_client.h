/*
 * The client of a STUN or TURN server, over one path (RFC 8489, RFC 8656,
 * RFC 5780; [MS-TURN] with its framing and pseudo-TLS).
 *
 * Bytes and the time go in; bytes, answers and data come out through a
 * provider.  One request runs at a time.  Challenges are answered here; where
 * an answer sends the client (300), its owner decides.
 *
 * Nothing that is not signed as it should be is believed: a success is passed
 * over then; an error is told with `unproved` when nothing better comes until
 * the request would be sent again.
 */
#ifndef ENGINE_TURN_CLIENT_H
#define ENGINE_TURN_CLIENT_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "dissectors/stun.h"

struct access_grant;

enum client_ask {
	CLIENT_BINDING,
	CLIENT_ALLOCATE,
	CLIENT_REFRESH,
	CLIENT_PERMISSION,
	CLIENT_CHANNEL,
	CLIENT_ACTIVE_DESTINATION, /* of [MS-TURN] only */
	CLIENT_ASKS,
};

struct client_request {
	enum client_ask ask;
	enum address_family family; /* Allocate; FAMILY_NONE: not said */
	bool both; /* Allocate: IPv6 in addition (RFC 8656 7.1) */
	bool has_lifetime;
	uint32_t lifetime;
	struct endpoint peer;
	uint16_t channel;
	bool change_ip, change_port; /* Binding: CHANGE-REQUEST */
};

enum client_outcome {
	CLIENT_SUCCESS,
	CLIENT_ERROR,      /* `code`; see `unproved` */
	CLIENT_REFUSED,    /* these credentials are not taken */
	CLIENT_UNKNOWN,    /* it wants credentials, and there are none */
	CLIENT_REDIRECTED, /* 300: message->alternate_server */
	CLIENT_MALFORMED,  /* an answer that cannot be used */
	CLIENT_BID_DOWN,   /* an offer of algorithms was taken out */
	CLIENT_UNPROVED,   /* unanswered, but for replies with wrong integrity*/
	CLIENT_UNANSWERED,
	CLIENT_BROKEN, /* the stream carries something else */
};

struct client_answer {
	enum client_ask ask;
	enum client_outcome outcome;
	unsigned code; /* of an error response; the last that came, or 0 */
	struct slice reason;
	const struct stun_message *message; /* NULL: there was none */
	nanoseconds took; /* from the first sending of the last request */
	unsigned sends, challenges;
	unsigned passed_over; /* replies that were not believed */
	bool unproved;
};

struct client_provider {
	void *context;
	void (*send)(void *context, struct slice bytes);
	/* The next request may be made in it. */
	void (*done)(void *context, const struct client_answer *answer);
	/* From a peer; channel 0: in a Data indication, or as it is (its peer
	 * is then the active destination). */
	void (*data)(void *context, const struct endpoint *peer,
		     uint16_t channel, struct slice data);
	/* [MS-TURN] 2.2.2.7: over UDP it goes on with this server.  NULL, or
	 * false: it cannot. */
	bool (*moves)(void *context, const struct endpoint *server);
	void (*random)(void *context, uint8_t *out, size_t n);
};

struct client_config {
	struct endpoint server;
	struct slice user, password, software; /* borrowed */
	const struct access_grant *grant;      /* likewise; NULL: none */
	nanoseconds patience; /* with a request; 0: as the RFC has it */
	unsigned ms_version;  /* [MS-TURN] 2.2.2.17 */
	bool ms_turn;
	bool stream;     /* TCP, TLS: framed, nothing is sent again */
	bool pseudo_tls; /* begins with its hello */
};

struct turn_client;

/* NULL without memory. */
struct turn_client *turn_client_new(const struct client_config *config,
				    const struct client_provider *provider);
void turn_client_free(struct turn_client *c);

/* Begins a request; false: one runs, or memory is out. */
MUST_CHECK bool turn_client_ask(struct turn_client *c,
				const struct client_request *request,
				nanoseconds now);

/* A datagram, or what came on the stream. */
void turn_client_receive(struct turn_client *c, struct slice bytes,
			 nanoseconds now);
/* Sends again, and gives up what was not answered (RFC 8489 6.2.1). */
void turn_client_tick(struct turn_client *c, nanoseconds now);
/* When tick has work; INT64_MAX: never as of now. */
nanoseconds turn_client_next(const struct turn_client *c);

/* Data to a peer: Send indication (Send request of [MS-TURN]); on a channel,
 * or, in [MS-TURN], as it is to the active destination. */
void turn_client_send(struct turn_client *c, const struct endpoint *peer,
		      struct slice data);
void turn_client_send_channel(struct turn_client *c, uint16_t channel,
			      struct slice data);

struct credential;
/* What is known of the names and keys that are used. */
const struct credential *turn_client_credential(const struct turn_client *c);

/* Of pseudo-TLS: the server's hello has come. */
bool turn_client_greeted(const struct turn_client *c);
/* What came on a broken stream, its first bytes. */
struct slice turn_client_oddity(const struct turn_client *c);

#endif /* ENGINE_TURN_CLIENT_H */
