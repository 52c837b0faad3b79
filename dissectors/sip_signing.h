/*
 * Signatures of an association by NTLM ([MS-SIPAE] 3.3.4.1, [MS-NLMP] 3.4) as
 * one who only watches can check them: where the password is given, the
 * CHALLENGE and the AUTHENTICATE message of a sign-in make the keys, with which
 * both sides sign all that follows.
 */
#ifndef DISSECTORS_SIP_SIGNING_H
#define DISSECTORS_SIP_SIGNING_H

#include "dissectors/ntlm.h"
#include "dissectors/sip_association.h"

/* One sign-in; secret once the keys are known. */
struct sip_signing {
	uint8_t nonce[NTLM_NONCE_SIZE];
	bool challenged, known;
	unsigned version; /* of the text that is signed */
	struct ntlm_keys keys;
};

/* Where passwords are asked for; what is found is borrowed, empty: none. */
struct sip_passwords {
	const void *context;
	struct slice (*find)(const void *context, struct slice user,
			     struct slice realm);
};

/* A challenge's gssapi-data; begins anew if that is a CHALLENGE. */
void sip_signing_challenge(struct sip_signing *s, struct slice token);

/*
 * A request's values with the AUTHENTICATE message: the password is looked for
 * under its name, with the domain or the realm, under `address` (user@host),
 * and under DOMAIN\USER.  STATUS_OK: the keys are known; STATUS_BAD: the
 * password does not fit; STATUS_NOT_MINE: there is none, or nothing to check.
 */
MUST_CHECK enum status sip_signing_prove(struct sip_signing *s,
					 const struct association_claim *claim,
					 struct slice address,
					 const struct sip_passwords *with);

/* Is the message signed with the keys?  They must be known. */
bool sip_signing_fits(const struct sip_signing *s, const struct sip_message *m,
		      const struct association_claim *claim);

/* "NTLMSSP\0" and the message type 2: how a CHALLENGE begins in base64. */
#define NTLM_CHALLENGE_BASE64 "TlRMTVNTUAAC"

/* Has a signature in hex the form of NTLM's, with the fixed sequence number
 * 100 ([MS-NLMP] 2.2.2.9)? */
bool sip_signing_has_form(struct slice hex);

#endif /* DISSECTORS_SIP_SIGNING_H */
