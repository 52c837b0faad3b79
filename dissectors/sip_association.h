/*
 * Security associations of SIP ([MS-SIPAE]): what a message says of its own,
 * and the text that both sides sign (3.3.4.1; the body is not part of it).
 */
#ifndef DISSECTORS_SIP_ASSOCIATION_H
#define DISSECTORS_SIP_ASSOCIATION_H

#include "dissectors/sip.h"

/* What a message says of its association. */
struct association_claim {
	struct slice scheme; /* as it is written: that is signed, too */
	struct slice realm, target, opaque, token, random, number, signature;
	bool has_token;
	unsigned version; /* 2 where it is not said */
};

/* The values of an Authorization with this scheme, or of what a server signs
 * with (srand, snum, rspauth). */
void association_read(struct slice scheme, struct slice params,
		      struct association_claim *out);

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

/* All but the claim; slices borrow from the message. */
void association_of_request(const struct sip_message *m,
			    struct association_text *out);
/* Appends the text; from version 3 on it has To and the identities, too. */
void association_write(const struct association_text *what, unsigned version,
		       struct text *to);

#endif /* DISSECTORS_SIP_ASSOCIATION_H */
