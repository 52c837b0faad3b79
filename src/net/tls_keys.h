/*
 * From secrets to keys: the PRF of TLS 1.0 to 1.2 (RFC 2246 5, RFC 5246 5) and
 * HKDF-Expand-Label of TLS 1.3 (RFC 8446 7.1).
 */
#ifndef NET_TLS_KEYS_H
#define NET_TLS_KEYS_H

#include "core/crypto.h"

enum tls_hash {
	TLS_HASH_NONE,
	TLS_HASH_MD5,
	TLS_HASH_SHA1,
	TLS_HASH_SHA256,
	TLS_HASH_SHA384,
};

#define TLS_HASH_MAX SHA384_SIZE
#define TLS_PIECES_MAX 4u

/* In bytes. */
size_t tls_hash_size(enum tls_hash hash);

/* At most TLS_PIECES_MAX + 1 pieces. */
void tls_digest(enum tls_hash hash, const struct slice *pieces, size_t count,
		uint8_t out[TLS_HASH_MAX]);

/* HMAC (RFC 2104) over at most TLS_PIECES_MAX pieces. */
void tls_hmac(enum tls_hash hash, struct slice key, const struct slice *pieces,
	      size_t count, uint8_t out[TLS_HASH_MAX]);

struct tls_seed {
	const char *label;
	struct slice first, second; /* one after the other */
};

/* `hash` is TLS_HASH_NONE before TLS 1.2: MD5 and SHA-1, mixed. */
void tls_prf(enum tls_hash hash, struct slice secret,
	     const struct tls_seed *seed, uint8_t *out, size_t n);

/* Without context; at most 255 bytes. */
void tls_expand_label(enum tls_hash hash, struct slice secret,
		      const char *label, uint8_t *out, size_t n);

#endif /* NET_TLS_KEYS_H */
