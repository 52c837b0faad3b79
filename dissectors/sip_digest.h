/*
 * SIP Digest authentication: the response value (RFC 2617 3.2.2, RFC 7616
 * 3.4, RFC 8760), computed for comparison and for answering a challenge.
 */
#ifndef DISSECTORS_SIP_DIGEST_H
#define DISSECTORS_SIP_DIGEST_H

#include "dissectors/sip.h"

struct sip_digest {
	struct slice username, realm, nonce, uri, response, algorithm, qop, nc,
		cnonce, opaque;
	bool stale;
};

/* The parameters of an Authorization or challenge value; STATUS_NOT_MINE when
 * its scheme is not Digest. */
MUST_CHECK enum status sip_digest_parse(struct slice value,
					struct sip_digest *out);

/*
 * The hex response for these parameters: `ha1` is the password, or the hex
 * of H(user:realm:password) when `is_ha1`.  STATUS_NOT_MINE for an algorithm
 * that is not known, STATUS_LIMIT for values with dozens of quoted characters.
 * out has room for 64 characters; *n is their number.  Values lose the
 * backslashes that quote a quote or a backslash, as in RFC 3261 25.1.  With
 * userhash=true (RFC 7616 3.4.4) the caller puts the name in the clear into
 * `username` first.
 */
struct sip_digest_secret {
	struct slice password;
	bool is_ha1;
};
MUST_CHECK enum status sip_digest_response(const struct sip_digest *digest,
					   struct slice method,
					   struct slice body,
					   const struct sip_digest_secret *with,
					   char out[64], size_t *n);

#endif /* DISSECTORS_SIP_DIGEST_H */
