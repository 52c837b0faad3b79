/*
 * The secrets of TLS connections: from key logs, and what private keys and
 * earlier connections give.
 *
 * Nothing in here is ever printed; memory is wiped before it is given back.
 */
#ifndef NET_TLS_SECRETS_H
#define NET_TLS_SECRETS_H

#include "core/crypto.h"
#include "core/hash.h"

#define TLS_SECRETS_MAX ((size_t)1 << 20)
#define TLS_SECRET_SIZE_MAX 48u
#define TLS_RSA_KEYS_MAX 64u
#define TLS_ID_SIZE 32u

/* What a secret is for; the first ones are labels of key logs (RFC 9850). */
enum tls_label {
	TLS_MASTER,           /* CLIENT_RANDOM */
	TLS_CLIENT_HANDSHAKE, /* ..._HANDSHAKE_TRAFFIC_SECRET */
	TLS_SERVER_HANDSHAKE,
	TLS_CLIENT_TRAFFIC, /* ..._TRAFFIC_SECRET_0 */
	TLS_SERVER_TRAFFIC,
	TLS_CLIENT_EARLY, /* CLIENT_EARLY_TRAFFIC_SECRET */
	TLS_LABELS, /* number of those in key logs */
	/* The master secret of an earlier connection, by a hash of its
	 * session id or ticket. */
	TLS_RESUMED = TLS_LABELS,
};

struct tls_secret {
	uint8_t id[TLS_ID_SIZE]; /* mostly the random of the ClientHello */
	uint8_t label;           /* enum tls_label */
	uint8_t size;
	uint8_t bytes[TLS_SECRET_SIZE_MAX];
};

/* All zero is an empty one; stays where it is once something was added. */
struct tls_secrets {
	struct tls_secret *rows;
	size_t count, room;
	struct index index;
	struct rsa_key *rsa[TLS_RSA_KEYS_MAX];
	size_t rsa_count;
	uint64_t refused; /* secrets past the limit */
	uint64_t changes; /* secrets of key logs that were not known */
	bool missed;      /* a connection wanted one that was not there */
	bool late;        /* and some came after that */
};

void tls_secrets_free(struct tls_secrets *s);

/* Is there anything to decrypt with? */
static inline bool tls_secrets_any(const struct tls_secrets *s)
{
	return s->count || s->rsa_count;
}

/*
 * Adds a secret; the last one for the same id and label wins.  STATUS_BAD: the
 * id has not TLS_ID_SIZE bytes, or the secret none or too many; STATUS_LIMIT,
 * STATUS_NOMEM.
 */
MUST_CHECK enum status tls_secrets_add(struct tls_secrets *s,
				       enum tls_label label, struct slice id,
				       struct slice secret);

/* A private key, taken over.  STATUS_LIMIT: freed, there are too many. */
MUST_CHECK enum status tls_secrets_add_rsa(struct tls_secrets *s,
					   struct rsa_key *key);

/* Good until the next one is added; empty when there is none. */
struct slice tls_secrets_find(const struct tls_secrets *s, enum tls_label label,
			      struct slice id);

/* Forgets the older half of them. */
void tls_secrets_forget_older(struct tls_secrets *s);

/* What is read is read again from the start: nothing was missed yet. */
void tls_secrets_restart(struct tls_secrets *s);

#endif /* NET_TLS_SECRETS_H */
