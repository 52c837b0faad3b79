/*
 * Security associations of SIP ([MS-SIPAE]), by NTLM: how one is made, and what
 * its messages are signed with.
 *
 *	client                          server
 *	gssapi-data=""          -->
 *	                        <--     401, opaque, gssapi-data: CHALLENGE
 *	AUTHENTICATE, signed    -->
 *	                        <--     answer, signed; and so are all after it
 */
#ifndef ENGINE_SIP_ASSOCIATION_H
#define ENGINE_SIP_ASSOCIATION_H

#include "core/clock.h"
#include "dissectors/ntlm.h"
#include "dissectors/sip_association.h"

#define ASSOCIATION_OPAQUE 8u /* hex digits */
#define ASSOCIATION_RANDOM 8u
#define ASSOCIATION_VERSION 4u
/* [MS-SIPAE] 3.2.2: no association is older. */
#define ASSOCIATION_LASTS (8 * 3600 * NS_PER_S)

enum association_state {
	ASSOCIATION_NONE,
	ASSOCIATION_CHALLENGED,
	ASSOCIATION_STANDS,
};

struct association {
	enum association_state state;
	bool client; /* we are the client */
	char opaque[ASSOCIATION_OPAQUE + 1];
	uint8_t nonce[NTLM_NONCE_SIZE];
	struct ntlm_keys keys;
	unsigned version; /* of the signed text */
	uint32_t account;
	uint32_t sent;    /* number of our newest */
	uint32_t highest; /* of theirs */
	uint64_t seen;    /* a bit each: it, and the 63 below */
	nanoseconds made;
};

/* Begins: `dice` is for the nonce and the name. */
void association_begin(
	struct association *a,
	const uint8_t dice[NTLM_NONCE_SIZE + ASSOCIATION_OPAQUE / 2]);

/* Is the text signed by the other side, with a number that is new? */
bool association_verify(struct association *a,
			const struct association_text *what);
/* Our signature of it, in hex. */
void association_sign(const struct association *a,
		      const struct association_text *what,
		      char out[2 * NTLM_SIGNATURE_SIZE + 1]);

#endif /* ENGINE_SIP_ASSOCIATION_H */
