/*
 * Tokens of MRAS: a user name that says until when it is good, signed, and the
 * password that follows from it (spec mras-and-registration 5.9; [MS-AVEDGEA]
 * calls both opaque).
 *
 *	version 1 or 2, 0, size of the blob (16), expiry low (32), high (32),
 *	client id (20), with version 2 flags (32), HMAC-SHA1 of all that (20)
 *
 * Who has the keys needs no list of what was issued: MRAS and the relay of one
 * pool share them, and a token of another pool is none.
 */
#ifndef ENGINE_MRAS_TOKEN_H
#define ENGINE_MRAS_TOKEN_H

#include "core/clock.h"
#include "core/crypto.h"

#define MRAS_NAME_MAX 56u /* with version 2; 52 with version 1 */
#define MRAS_PASSWORD_SIZE SHA1_SIZE

/* What a pool shares. */
struct mras_keys {
	struct hmac_key identity; /* of the client ids */
	struct hmac_key name;     /* signs user names */
	struct hmac_key password;
	bool set; /* false: nothing is issued, nothing is good */
};

/* Keys of any size; they are not kept. */
void mras_keys_prepare(struct slice identity, struct slice name,
		       struct slice password, struct mras_keys *out);

/* The three from one secret: HMAC-SHA1 of it over "client", "name" and
 * "password". */
void mras_keys_of_secret(struct slice secret, struct mras_keys *out);

struct mras_token {
	uint8_t name[MRAS_NAME_MAX]; /* as in USERNAME: not base64 */
	uint8_t password[MRAS_PASSWORD_SIZE];
	uint8_t client[SHA1_SIZE]; /* the same for all tokens of a user */
	uint8_t name_size;
	uint8_t version;
	nanoseconds expires;
};

/* A token for `identity` (a SIP URI); `version` 1 or 2 is the blob's. */
void mras_token_issue(const struct mras_keys *keys, struct slice identity,
		      nanoseconds expires, unsigned version,
		      struct mras_token *out);

enum mras_verdict {
	MRAS_TOKEN_OTHER, /* it is none, or not of these keys */
	MRAS_TOKEN_OVER,
	MRAS_TOKEN_GOOD,
};

/* Also fills *out when it is over. */
enum mras_verdict mras_token_check(const struct mras_keys *keys,
				   struct slice name, nanoseconds now,
				   struct mras_token *out);

#endif /* ENGINE_MRAS_TOKEN_H */
