/*
 * Authorization values that fit a password (RFC 2617, RFC 7616), for stories
 * and recipes.
 */
#ifndef TESTS_SUPPORT_DIGEST_H
#define TESTS_SUPPORT_DIGEST_H

#include "core/text.h"

struct digest_login {
	const char *user, *realm, *nonce, *password;
};

/* Appends the value of Authorization for a request; STATUS_BAD when a part
 * has what Digest cannot carry. */
MUST_CHECK enum status digest_answer(struct text *to,
				     const struct digest_login *login,
				     const char *method, const char *uri);

#endif /* TESTS_SUPPORT_DIGEST_H */
