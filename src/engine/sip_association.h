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
#include "dissectors/sip.h"
#include "engine/ntlm.h"

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
	char opaque[ASSOCIATION_OPAQUE + 1];
	uint8_t nonce[NTLM_NONCE_SIZE];
	struct ntlm_keys keys;
	unsigned version; /* of the signed text */
	uint32_t account;
	uint32_t sent;    /* snum of the newest */
	uint32_t highest; /* cnum */
	uint64_t seen;    /* a bit each: it, and the 63 below */
	nanoseconds made;
};

/* What a message says of its association. */
struct association_claim {
	struct slice scheme; /* as it is written: that is signed, too */
	struct slice realm, target, opaque, token, random, number, signature;
	bool has_token;
	unsigned version; /* 2 where it is not said */
};

/* The values of an Authorization with this scheme. */
void association_read(struct slice scheme, struct slice params,
		      struct association_claim *out);

/* Begins: `dice` is for the nonce and the name. */
void association_begin(
	struct association *a,
	const uint8_t dice[NTLM_NONCE_SIZE + ASSOCIATION_OPAQUE / 2]);

/*
 * What is signed ([MS-SIPAE] 3.3.4.1; spec mras-and-registration 2.5): of a
 * request, or of a response with `status`.
 */
struct association_text {
	struct association_claim claim; /* scheme to number */
	struct slice call_id, method, from_uri, from_tag, to_uri, to_tag;
	struct slice identity_sip, identity_tel; /* P-Asserted-Identity */
	struct slice expires;
	uint32_t cseq;
	unsigned status; /* 0: a request */
};

void association_of_request(const struct sip_message *m,
			    struct association_text *out);
void association_write(const struct association_text *what, unsigned version,
		       struct text *to);

/* Is the text signed by the client, with a number that is new? */
bool association_verify(struct association *a,
			const struct association_text *what);
/* Our signature of it, in hex. */
void association_sign(const struct association *a,
		      const struct association_text *what,
		      char out[2 * NTLM_SIGNATURE_SIZE + 1]);

#endif /* ENGINE_SIP_ASSOCIATION_H */
