/*
 * The SIP front: what a client signs in to before it has a relay.  A registrar
 * (RFC 3261 10) with Digest (RFC 2617, 7616, 8760) and NTLM ([MS-SIPAE]),
 * provisioning ([MS-SIPREGE]) and MRAS ([MS-AVEDGEA]), over streams.  It is no
 * proxy: nothing is sent on to others.
 *
 *	sip_server.c     connections, framing (RFC 3261 18.3), who does what
 *	sip_auth.c       who asks: Digest, and associations of NTLM
 *	sip_register.c   REGISTER, over registrar.h
 *	sip_subscribe.c  SUBSCRIBE: provisioning, roaming data, presence
 *	sip_service.c    SERVICE: tokens, what presence is published
 *	sip_reply.c      responses, and requests to clients
 *
 * Bytes and the time go in, bytes come out through a provider; no sockets, no
 * clock.  Of who has not proved who he is only the connection is remembered.
 */
#ifndef ENGINE_SIP_SERVER_H
#define ENGINE_SIP_SERVER_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "dissectors/mras.h"
#include "engine/mras_ladder.h"
#include "engine/mras_token.h"

#define SIP_MESSAGE_MAX ((size_t)128 * 1024)
#define SIP_ACCOUNTS_MAX ((size_t)1 << 20)
#define SIP_BINDINGS_MAX ((size_t)1 << 17)
#define SIP_FAILURES_MAX 10u /* of authentication, on a connection */

enum sip_scheme { /* bits */
		  SIP_DIGEST = 1,
		  SIP_NTLM = 2,
		  /* Of Digest MD5 alone, for clients that stop at an
		   * algorithm that they do not know. */
		  SIP_MD5 = 4,
};

/* Slices are borrowed for as long as the machine lives. */
struct sip_server_config {
	struct slice realm;    /* of Digest */
	struct slice host;     /* our name: target of NTLM, in our URIs */
	struct slice domain;   /* of users; empty: any */
	struct slice software; /* in Server */
	unsigned schemes;      /* enum sip_scheme; 0: nobody is asked */
	struct mras_keys keys; /* not set: there is no Edge */
	uint16_t port_low, port_high; /* that clients are told; 0: none */
	struct slice encryption;      /* ucPC2PCAVEncryption */
	uint32_t expires;             /* seconds, the most and the usual */
	nanoseconds nonce_life;
	uint32_t token_minutes; /* the most; 0: MRAS_MINUTES */
	bool remote;            /* clients are outside: RemoteUser */
	bool mras_refuses;      /* all, with `mras_refusal` */
	enum mras_reason mras_refusal;
	/* Tokens in a minute: who comes behind them is told that the server is
	 * busy.  0: any number. */
	uint32_t token_quota;
};

struct sip_provider {
	void *context;
	void (*send)(void *context, uint32_t connection, struct slice bytes);
	void (*random)(void *context, uint8_t *out, size_t n);
	/* Relays that a client of this connection is told, at most `max`;
	 * slices live until the next call.  NULL: there are none. */
	size_t (*relays)(void *context, uint32_t connection,
			 struct mras_relay *out, size_t max);
};

struct sip_server;

/* Both are copied; NULL when memory is out. */
struct sip_server *sip_server_new(const struct sip_server_config *config,
				  const struct sip_provider *provider);
void sip_server_free(struct sip_server *server);

/* Name and password are borrowed.  STATUS_BAD: it is there, or empty, or too
 * long; STATUS_LIMIT, STATUS_NOMEM. */
MUST_CHECK enum status sip_server_add_account(struct sip_server *server,
					      struct slice name,
					      struct slice password);

/* Where a client is. */
struct sip_path {
	uint32_t connection; /* the provider's number: small ones are best */
	struct endpoint client, server;
	bool tls;
};

/* False: memory is out. */
MUST_CHECK bool sip_server_opened(struct sip_server *server,
				  const struct sip_path *path);
/* False: the connection is to be closed once all is sent. */
MUST_CHECK bool sip_server_receive(struct sip_server *server,
				   uint32_t connection, struct slice bytes,
				   nanoseconds now);
/* The connection is gone; what it registered stays until it is over. */
void sip_server_closed(struct sip_server *server, uint32_t connection);

/* For how long the client may be silent before nobody is there. */
nanoseconds sip_server_silence(const struct sip_server *server,
			       uint32_t connection);
/* Does it wait for the rest of a message? */
bool sip_server_waits(const struct sip_server *server, uint32_t connection);

/* Bindings that are over go.  Call now and then. */
void sip_server_tick(struct sip_server *server, nanoseconds now);

struct sip_counts {
	uint64_t requests, malformed, challenged, refused, tokens;
	size_t bindings;
};
/* Since the start; bindings as of now. */
struct sip_counts sip_server_counts(const struct sip_server *server);

#endif /* ENGINE_SIP_SERVER_H */
