/*
 * The inside of a decrypted connection, shared by tls_session.c (streams),
 * dtls_session.c (datagrams), tls_handshake.c (what the two sides agree on,
 * and the keys of TLS 1.0 to 1.2) and tls_traffic.c (the keys of TLS 1.3).
 * Nobody else includes this.
 */
#ifndef NET_TLS_SESSION_STATE_H
#define NET_TLS_SESSION_STATE_H

#include "core/text.h"
#include "net/dtls_message.h"
#include "net/tls_direction.h"
#include "net/tls_session.h"

#define TLS_MASTER_SIZE 48u

struct tls_side {
	struct tls_direction direction;
	bool closed;                         /* what comes is not readable */
	uint8_t secret[TLS_SECRET_SIZE_MAX]; /* TLS 1.3: of its keys */

	/* Streams: */
	struct text handshake; /* messages that are not whole yet */
	bool deaf;             /* its handshake cannot be followed */
	bool traffic;          /* TLS 1.3: behind its Finished */

	/* Datagrams: */
	struct dtls_flight flight; /* messages of the handshake at hand */
	uint16_t epoch;            /* of `direction`, */
	uint32_t handshake_number; /* which came of this handshake */
	unsigned unopened;         /* records in a row */
	uint64_t changes; /* secrets that had come when none was found */
};

/* What the hellos agreed on. */
struct tls_agreed {
	bool client, server; /* those hellos were seen */
	bool full;           /* no resumption: a ClientKeyExchange came */
	uint8_t client_random[TLS_ID_SIZE], server_random[TLS_ID_SIZE];
	uint16_t offered, version; /* by the client; that of TLS in use */
	const struct tls_suite *suite;
	bool extended_master, encrypt_then_mac;
	uint8_t session[TLS_ID_SIZE], ticket[TLS_ID_SIZE]; /* their hashes */
	bool has_session, has_ticket;
	/* RFC 9146: of records that the server, that the client sends; both
	 * hold when both hellos have the extension. */
	bool client_has_id, server_has_id;
	uint8_t server_id_size, client_id_size;
};

struct tls_session {
	struct tls_decryption *home;
	bool datagrams;
	unsigned client; /* which side */
	struct tls_agreed agreed;
	struct tls_side sides[2];
	uint8_t master[TLS_MASTER_SIZE];
	bool has_master;
	bool counted;     /* as decrypted or as without key */
	uint64_t *unread; /* as what it is counted in the latter case */
	unsigned known; /* secrets: bits of enum tls_label, and 1 << TLS_RESUMED
			 */
	bool readable;
	struct text transcript; /* ClientHello to ClientKeyExchange */
	bool gap;               /* datagrams: a message of that is missing */
	struct tls_direction early; /* TLS 1.3: of the client's early data */
	bool early_over;
	uint32_t handshakes; /* datagrams: by their ClientHellos */
};

/* ---- tls_handshake.c ---- */

/* A message of the handshake.  True: it is the ServerHello that says what is
 * agreed on. */
bool tls_message_take(struct tls_session *s, unsigned side,
		      const struct tls_message *message);

/* As the ClientHello has it; zeros before it was seen. */
struct slice tls_client_random(const struct tls_session *s);
/* tls_session.c: which secrets there are for it, as bits of `known`. */
unsigned tls_known_now(const struct tls_session *s);
/* The session has no key for what it holds; counted once. */
void tls_without_key(struct tls_session *s);
void tls_now_readable(struct tls_session *s);

/* TLS 1.0 to 1.2: keys for what a side sends behind this handshake.  False:
 * no secret that is known fits, or the suite is not known. */
bool tls_keys_set(struct tls_session *s, unsigned side,
		  struct tls_direction *to);

/* ---- tls_traffic.c ---- */

/* TLS 1.3: keys by the secret of a side. */
enum status tls_traffic_set(struct tls_session *s, unsigned side,
			    struct tls_direction *to);
/* Keys for early data, should it be of that suite (RFC 8446 4.2.10).  False:
 * the secret is not known, or of another hash. */
bool tls_early_set(struct tls_session *s, const struct tls_suite *suite,
		   struct tls_direction *to);
/* The secret of a side becomes the next one (RFC 8446 7.2). */
void tls_traffic_next(struct tls_session *s, unsigned side);
/* Its secret is that of the handshake, or of what comes behind it.  False:
 * that is not known. */
bool tls_traffic_find(struct tls_session *s, unsigned side, bool traffic);

#endif /* NET_TLS_SESSION_STATE_H */
