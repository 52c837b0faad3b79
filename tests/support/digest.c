/* Answers to Digest challenges. */
#include "config.h"

#include "dissectors/sip_digest.h"
#include "tests/support/digest.h"

enum status digest_answer(struct text *to, const struct digest_login *login,
			  const char *method, const char *uri)
{
	struct sip_digest_secret secret = {slice_of_text(login->password),
					   false};
	struct text value = text_new(4096);
	struct sip_digest digest;
	char response[64];
	enum status status;
	size_t n = 0;

	text_printf(&value,
		    "Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", "
		    "uri=\"%s\"",
		    login->user, login->realm, login->nonce, uri);
	status = sip_digest_parse(text_slice(&value), &digest);
	if (status == STATUS_OK)
		status = sip_digest_response(&digest, slice_of_text(method),
					     (struct slice){0}, &secret,
					     response, &n);
	if (status == STATUS_OK) {
		text_put(to, text_slice(&value));
		text_printf(to, ", response=\"%.*s\"", (int)n, response);
	}
	text_free(&value);
	return status;
}
