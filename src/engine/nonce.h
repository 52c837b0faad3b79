/*
 * Nonces without memory: a time, and a keyed hash over it and the client's
 * address and port, so that each client has its own (RFC 8489 9.2.4) and a
 * flood of first requests costs nothing.
 *
 *	obMatJos2 | features, 4 of base64 | seconds, 8 of hex | hash, 24 of it
 */
#ifndef ENGINE_NONCE_H
#define ENGINE_NONCE_H

#include "core/clock.h"
#include "core/crypto.h"
#include "core/endpoint.h"

#define NONCE_SIZE 45u
#define NONCE_ALGORITHMS 0x800000u /* RFC 8489 18.1: bit 0 */
#define NONCE_ANONYMITY 0x400000u  /* bit 1 */

struct nonce_maker {
	struct hmac_key key;
	nanoseconds life;
	uint32_t features; /* 24 bits */
};

/* NONCE_SIZE characters, no NUL. */
void nonce_make(const struct nonce_maker *maker, const struct endpoint *client,
		nanoseconds now, char out[NONCE_SIZE]);

/* Is it one of ours, given to this client, and no older than its life? */
bool nonce_is_valid(const struct nonce_maker *maker,
		    const struct endpoint *client, nanoseconds now,
		    struct slice nonce);

/* The features that a nonce with the cookie announces (RFC 8489 9.2); 0 also
 * when it has none. */
uint32_t nonce_features(struct slice nonce);

#endif /* ENGINE_NONCE_H */
