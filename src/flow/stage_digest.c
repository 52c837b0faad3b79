/*
 * Digest answers, computed again with the passwords that were given: does the
 * client know the password that the user says it should (RFC 3261 22.4)?
 */
#include "config.h"

#include "dissectors/sip_digest.h"
#include "flow/stages_state.h"

enum integrity digest_of(const struct stages *s, const struct sip_message *sip,
			 struct slice authorization)
{
	struct sip_digest digest;
	struct sip_digest_secret secret = {.is_ha1 = false};
	char wanted[64];
	size_t n;

	if (sip_digest_parse(authorization, &digest) != STATUS_OK)
		return INTEGRITY_ABSENT;
	secret.password =
		keyring_password(s->keys, digest.username, digest.realm);
	if (secret.password.n == 0 ||
	    sip_digest_response(&digest, sip->method_text, sip->body, &secret,
				wanted, &n) != STATUS_OK)
		return INTEGRITY_UNCHECKED;
	return slice_equal_nocase(digest.response, slice_of(wanted, n))
		       ? INTEGRITY_VERIFIED
		       : INTEGRITY_NO_KEY_FITS;
}
