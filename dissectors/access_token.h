/*
 * Self-contained access tokens, the value of ACCESS-TOKEN (RFC 7635 6.2):
 *
 *	u16 nonce length, nonce,
 *	sealed with AES-GCM (the tag behind it), the server's name is the AAD:
 *		u16 key length, mac key, u64 timestamp, u32 lifetime
 *
 * An authorization server makes one for a client, with a key that it shares
 * with the relay; the client's USERNAME names that key, and signs with the mac
 * key that is inside.
 */
#ifndef DISSECTORS_ACCESS_TOKEN_H
#define DISSECTORS_ACCESS_TOKEN_H

#include "core/clock.h"
#include "core/crypto.h"
#include "core/status.h"
#include "core/text.h"

#define ACCESS_KID_MAX 512u /* as USERNAME, that says it */
/* RFC 7635 6.2 wants 20 bytes (HMAC-SHA1) and allows others. */
#define ACCESS_MAC_MIN 16u
#define ACCESS_MAC_MAX 64u
#define ACCESS_BLOCK_MAX (2 + ACCESS_MAC_MAX + 8 + 4)

/* A key that an authorization server and a relay share (RFC 7635 4.1). */
struct access_key {
	struct slice kid; /* borrowed */
	enum cipher_kind kind;
	uint8_t bytes[CIPHER_KEY_MAX];
};

/* "KID:A256GCM:BASE64", or A128GCM; kid may have colons.  STATUS_BAD: it is
 * none, or its key has not the size that goes with it. */
MUST_CHECK enum status access_key_parse(struct slice text,
					struct access_key *out);

struct access_token {
	uint8_t mac[ACCESS_MAC_MAX];
	size_t mac_size;
	nanoseconds made;
	uint32_t lifetime; /* seconds */
};

/*
 * Opens a token that was made for `server`.  STATUS_BAD: it is malformed, or
 * not sealed with this key for this server; STATUS_NOMEM.
 */
MUST_CHECK enum status access_token_open(const struct access_key *key,
					 struct slice server,
					 struct slice token,
					 struct access_token *out);

#define ACCESS_TOKEN_MAX (2 + CIPHER_NONCE_SIZE + ACCESS_BLOCK_MAX + 16)

/*
 * Makes one for `server`, as an authorization server does.  A nonce seals one
 * content for one server only.  STATUS_BAD: the mac key has no size that it may
 * have; STATUS_NOMEM.
 */
MUST_CHECK enum status access_token_seal(const struct access_key *key,
					 struct slice server,
					 const struct access_token *content,
					 const uint8_t nonce[CIPHER_NONCE_SIZE],
					 struct text *to);

/* What was sealed; STATUS_BAD. */
MUST_CHECK enum status access_token_read(struct slice block,
					 struct access_token *out);

/* How long a token is good still (RFC 7635 7 and 9): its lifetime and five
 * seconds, less what the clocks are apart; not positive: it is over, or not yet
 * good. */
nanoseconds access_token_left(const struct access_token *token,
			      nanoseconds now);

#endif /* DISSECTORS_ACCESS_TOKEN_H */
