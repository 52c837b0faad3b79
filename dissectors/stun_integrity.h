/*
 * MESSAGE-INTEGRITY in all its forms (RFC 3489 11.2.8, RFC 5389 15.4,
 * RFC 8489 14.5 and 14.6, [MS-TURN] 3.1, [MS-ICE2]; spec stun-turn 1.8).
 *
 * The message is const: a changed header length is hashed as a piece.
 */
#ifndef DISSECTORS_STUN_INTEGRITY_H
#define DISSECTORS_STUN_INTEGRITY_H

#include "core/crypto.h"
#include "dissectors/stun.h"

/* A key ready for use; which hash is prepared follows from the message. */
struct stun_key {
	struct hmac_key sha1;
	struct hmac_key sha256;
};

/* The key as it is: ice-pwd, a classic password (raw bytes). */
void stun_key_short_term(struct slice password, struct stun_key *out);

/* The same, good only for messages that do not want SHA-256: half the work. */
void stun_key_short_term_sha1(struct slice password, struct stun_key *out);

/* Does checking this message ask for the key's SHA-256? */
bool stun_wants_sha256(const struct stun_message *m);

/*
 * MD5 (or SHA-256) of user:realm:password; quotes and trailing NULs are
 * trimmed from each (RFC 8489 9.2.2, [MS-TURN]).
 */
void stun_key_long_term(struct slice user, struct slice realm,
			struct slice password, bool with_sha256,
			struct stun_key *out);

/* How the bytes were covered when the integrity fitted. */
enum stun_coverage {
	COVERAGE_NONE,    /* it does not fit */
	COVERAGE_RFC,     /* length rewritten, not padded */
	COVERAGE_PADDED,  /* length as sent, zero-padded to 64 */
	COVERAGE_AS_SENT, /* length as sent, not padded */
	COVERAGE_REWRITTEN_PADDED,
};

/*
 * Does the message's integrity fit the key?  Tries the coverage that its
 * dialect uses first, then the others.  Of several integrity attributes the
 * strongest decides; SHA-256 or SHA-1 follows from the attribute's kind and
 * size.  COVERAGE_NONE also when there is none.
 */
enum stun_coverage stun_check_integrity(const struct stun_message *m,
					const struct stun_key *key);

/* Has it any integrity attribute? */
static inline bool stun_has_integrity(const struct stun_message *m)
{
	return m->integrity_at || m->integrity256_at || m->integrity32_at;
}

/*
 * Appends MESSAGE-INTEGRITY, or MESSAGE-INTEGRITY-SHA256 with `with_sha256`,
 * as the RFCs have it; with `ms_turn` padded, and always under the first
 * number.
 */
void stun_write_integrity(struct stun_writer *w, const struct stun_key *key,
			  bool with_sha256, bool ms_turn);

/*
 * TURN REST: the password of a user name "expiry:user" is
 * base64(HMAC-SHA1(secret, user name)).  out: room for 28; returns 28.
 */
size_t turn_rest_password(struct slice secret, struct slice user, char out[28]);

#endif /* DISSECTORS_STUN_INTEGRITY_H */
