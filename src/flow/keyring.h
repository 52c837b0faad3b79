/*
 * Keys for message integrity: what the evidence itself holds (a=ice-pwd, MRAS
 * tokens) and what the user gave (--credential, --turn-secret, --oauth-key).
 *
 * Keys are prepared once per name.  A name is a user fragment (ICE), or a user
 * name with its realm (TURN).
 */
#ifndef FLOW_KEYRING_H
#define FLOW_KEYRING_H

#include "dissectors/access_token.h"
#include "dissectors/stun_integrity.h"
#include "flow/message.h"

#define KEYRING_NAMES_MAX ((size_t)1 << 20)
#define KEYRING_KEYS_PER_NAME 16u
#define KEYRING_CREDENTIALS_MAX 65536u
#define KEYRING_BYTES_MAX ((size_t)1 << 30)
#define KEYRING_ACCESS_MAX 64u
#define KEYRING_SERVERS_MAX 16u

struct keyring;

struct keyring *keyring_new(void); /* NULL: memory is out */
void keyring_free(struct keyring *ring);

/* ICE: a user fragment and its password (RFC 8445 7.1). */
void keyring_add_ice(struct keyring *ring, struct slice ufrag,
		     struct slice password);

/* TURN long-term, also an MRAS token (decoded bytes); empty realm: any. */
void keyring_add_credential(struct keyring *ring, struct slice user,
			    struct slice realm, struct slice password);

/* The shared secret of TURN REST servers. */
void keyring_add_turn_secret(struct keyring *ring, struct slice secret);

/* What opens access tokens of its kid (RFC 7635). */
void keyring_add_access_key(struct keyring *ring, const struct access_key *key);
/* A server says in a challenge for what name tokens are made. */
void keyring_note_challenge(struct keyring *ring, const struct stun_message *m);

/* Is there a password for Digest?  Empty when none fits user and realm. */
struct slice keyring_password(const struct keyring *ring, struct slice user,
			      struct slice realm);

#define KEYRING_NO_NAME 0u

/* When the access token of a name was made, and its end; 0 both, where it is
 * of none, or one that did not open. */
void keyring_token_span(const struct keyring *ring, uint32_t name,
			nanoseconds *made, nanoseconds *until);

/*
 * The name whose keys protect this request (RFC 5389 10, RFC 8445 7.2.2), or
 * KEYRING_NO_NAME when none is known.  For a response give the request's.
 */
uint32_t keyring_name_of(struct keyring *ring, const struct stun_message *m);

/*
 * Judges a message with the keys of a name.  *proven says whether a key of it
 * was proven on this allocation before, and is set when this one verifies; for
 * ICE names the ring remembers that itself and `proven` may be NULL.
 */
enum integrity keyring_judge(struct keyring *ring, uint32_t name,
			     const struct stun_message *m, bool *proven);

/*
 * Whose password does a check fit that fits none of its own?  Looks at the
 * sender's own, then at the user fragments that were told last; empty when none
 * fits, or after KEYRING_SEARCHES of these.
 */
#define KEYRING_SEARCHES 512u
struct slice keyring_owner_of(struct keyring *ring,
			      const struct stun_message *m);

/* All is read again: no key is proven yet (the keys themselves stay). */
void keyring_restart(struct keyring *ring);

/*
 * Was there a message whose key was not known when it came?  And did such a
 * key come later, so that reading again would judge better?
 */
bool keyring_missed(const struct keyring *ring);
bool keyring_late(const struct keyring *ring);

#endif /* FLOW_KEYRING_H */
