/*
 * NTLM version 2 as SIP registrars and their clients speak it ([MS-NLMP]):
 * without connection, so there is no NEGOTIATE message, and each signature has
 * the sequence number 100 ([MS-SIPAE] 3.3.4.1).
 *
 *	CHALLENGE     from the server: eight random bytes and its names
 *	AUTHENTICATE  proves that the password is known, and brings the key of
 *	              the session, encrypted
 *
 * Version 1, anonymous users and sessions without extended security or key of
 * 128 bits are refused.
 */
#ifndef DISSECTORS_NTLM_H
#define DISSECTORS_NTLM_H

#include "core/crypto.h"
#include "core/text.h"

#define NTLM_NONCE_SIZE 8u
#define NTLM_SIGNATURE_SIZE 16u
#define NTLM_MESSAGE_MAX 4096u
#define NTLM_NAME_MAX 256u /* bytes of a name, as UTF-8 */

struct ntlm_challenge {
	uint8_t nonce[NTLM_NONCE_SIZE];
	struct slice domain, host; /* ours, borrowed */
};

/* Appends the CHALLENGE message; the same for the same challenge. */
void ntlm_write_challenge(const struct ntlm_challenge *challenge,
			  struct text *to);

/* An AUTHENTICATE message; slices borrow from it, names are UTF-16. */
struct ntlm_proof {
	struct slice whole, response, domain, user, key;
	uint32_t flags;
};

/* [MS-NLMP] 2.2.1.3.  STATUS_OK or STATUS_BAD, and *out is as it was. */
MUST_CHECK enum status ntlm_read_proof(struct slice in, struct ntlm_proof *out);

/* Who it says it is, as UTF-8, appended; what is no character becomes '?'. */
void ntlm_user(const struct ntlm_proof *proof, struct text *to);

/* Keys of an association; secret. */
struct ntlm_keys {
	struct {
		uint8_t sign[MD5_SIZE], seal[MD5_SIZE];
	} client, server;
	bool exchanged; /* checksums are encrypted */
};

/* The nonce of a CHALLENGE message that somebody else wrote. */
MUST_CHECK enum status ntlm_read_nonce(struct slice in,
				       uint8_t out[NTLM_NONCE_SIZE]);

/* A name of a message, UTF-16, as UTF-8, appended. */
void ntlm_name(struct slice wide, struct text *to);

/* Could a password make the keys of this session known?  NTLM of version 2
 * with extended security only. */
bool ntlm_is_usable(const struct ntlm_proof *proof);

/* The same as ntlm_check where only the nonce is known: the MIC over both
 * messages is not looked at. */
bool ntlm_check_nonce(const uint8_t nonce[NTLM_NONCE_SIZE],
		      const struct ntlm_proof *proof, struct slice password,
		      struct ntlm_keys *out);

/* Does the proof answer this challenge with the password (UTF-8)?  *out is
 * written on true only. */
bool ntlm_check(const struct ntlm_challenge *challenge,
		const struct ntlm_proof *proof, struct slice password,
		struct ntlm_keys *out);

/* ---- the client's side ---- */

/* A CHALLENGE message; slices borrow from it. */
struct ntlm_offer {
	uint8_t nonce[NTLM_NONCE_SIZE];
	uint32_t flags;
	struct slice names; /* of the server, as they go back to it */
};

/* STATUS_BAD, too, where version 2 cannot answer it. */
MUST_CHECK enum status ntlm_read_offer(struct slice in, struct ntlm_offer *out);

/* Who answers it: names and password in UTF-8; nonce and key are dice. */
struct ntlm_self {
	struct slice user, domain, host, password;
	uint8_t nonce[NTLM_NONCE_SIZE];
	uint8_t key[MD5_SIZE]; /* of the session */
	uint64_t time;         /* FILETIME; that of the server counts */
};

/*
 * Appends the AUTHENTICATE message (2.2.1.3, 3.1.5.2.1) and says the keys of
 * the session.  There is no MIC in it, as there is none in those of
 * Communicator and of pidgin-sipe.  STATUS_LIMIT: names or password are too
 * long.
 */
MUST_CHECK enum status ntlm_write_proof(const struct ntlm_offer *offer,
					const struct ntlm_self *self,
					struct text *to, struct ntlm_keys *out);

/* What one of both sides signs a text with. */
void ntlm_sign(const struct ntlm_keys *keys, bool server, struct slice text,
	       uint8_t out[NTLM_SIGNATURE_SIZE]);

#endif /* DISSECTORS_NTLM_H */
