/*
 * The client's side of the long-term mechanism (RFC 8489 9.2, RFC 5389 10.2)
 * and of [MS-TURN]'s: what a challenge says is kept, and requests are signed
 * with what follows from it.
 */
#ifndef ENGINE_CREDENTIAL_H
#define ENGINE_CREDENTIAL_H

#include "dissectors/access_token.h"
#include "dissectors/stun_integrity.h"

#define CREDENTIAL_NONCE_MAX 763u /* bytes, RFC 8489 14.10 */
#define CREDENTIAL_REALM_MAX 763u
#define ACCESS_TOKEN_ROOM 1024u
#define CREDENTIAL_OFFER_MAX 64u /* of PASSWORD-ALGORITHMS */

/* Values of PASSWORD-ALGORITHM (RFC 8489 18.5). */
enum password_algorithm {
	PASSWORD_MD5 = 1,
	PASSWORD_SHA256 = 2,
};

/* The other way round than in the RFCs ([MS-TURN] 2.2.2.13 and 14). */
enum ms_name_type {
	MS_AT_NONCE = 0x0014,
	MS_AT_REALM = 0x0015,
};

/*
 * A token of an authorization server (RFC 7635), or what one is made of when
 * the server has said its name: the user name is then the kid, and the password
 * the mac key as it is.
 */
struct access_grant {
	struct slice token;    /* borrowed; empty: one is made */
	struct access_key key; /* with this, ... */
	struct access_token content;
	uint8_t seed[CIPHER_NONCE_SIZE]; /* ... and a nonce of this */
};

struct credential {
	struct slice user, password;      /* borrowed; of MS-TURN: raw bytes */
	const struct access_grant *grant; /* borrowed; NULL: a password */
	bool ms_turn;
	unsigned ms_version; /* that is announced, then that is agreed on */

	uint8_t realm[CREDENTIAL_REALM_MAX], nonce[CREDENTIAL_NONCE_MAX];
	uint8_t offer[CREDENTIAL_OFFER_MAX];
	size_t realm_size, nonce_size, offer_size;
	unsigned algorithm; /* that was chosen of the offer; 0: none */
	bool anonymous;     /* USERHASH in place of USERNAME */
	bool challenged;    /* the rest is known */
	bool sha256;        /* of the integrity */
	bool signed_once;   /* a request went out with this nonce */
	struct stun_key key;
	uint8_t token[ACCESS_TOKEN_ROOM]; /* of the grant; goes with Allocate */
	size_t token_size;
};

/* What an error says to a client about who it is. */
enum challenge {
	CHALLENGE_NONE,      /* the error is about something else */
	CHALLENGE_TRY,       /* once more, with what is known now */
	CHALLENGE_REFUSED,   /* these credentials are no good there */
	CHALLENGE_UNKNOWN,   /* there are none to answer with */
	CHALLENGE_MALFORMED, /* no realm or nonce in it, or too long */
	CHALLENGE_BID_DOWN,  /* somebody took the algorithms out (9.2.5) */
};

/* A pair without user name is one that has no answer to a challenge. */
void credential_begin(struct credential *c, struct slice user,
		      struct slice password);
void credential_forget(struct credential *c);

/* Reads an error response; on TRY a request can be signed. */
enum challenge credential_challenged(struct credential *c,
				     const struct stun_message *error);

/* Appends ACCESS-TOKEN, where there is one (RFC 7635 4.2). */
void credential_put_token(const struct credential *c, struct stun_writer *w);

/* Appends names, nonce and integrity, when there was a challenge. */
void credential_sign(struct credential *c, struct stun_writer *w);

/* Is the reply signed as one to a signed request has to be? */
enum claim credential_fits(const struct credential *c,
			   const struct stun_message *reply);

#endif /* ENGINE_CREDENTIAL_H */
