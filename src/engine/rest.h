/*
 * Time-limited credentials (TURN REST, draft-uberti-behave-turn-rest 2.2): the
 * user name says when it ends, the password follows from a secret that issuer
 * and relay share.  Both sides: who issues, and who checks.
 */
#ifndef ENGINE_REST_H
#define ENGINE_REST_H

#include "core/clock.h"
#include "dissectors/stun_integrity.h"

#define REST_USER_MAX 256u
#define REST_PASSWORD_SIZE 28u

struct rest_credential {
	char user[REST_USER_MAX + 32]; /* "expiry:user", or "expiry" */
	size_t user_size;
	char password[REST_PASSWORD_SIZE];
};

/* Good from now for `life` seconds; `user` may be empty.  STATUS_BAD: it is too
 * long, or the end is beyond what can be said (2106). */
MUST_CHECK enum status rest_issue(struct slice secret, struct slice user,
				  nanoseconds now, uint32_t life,
				  struct rest_credential *out);

/* Is a name's time over, or is it none that has one? */
bool rest_is_over(struct slice user, nanoseconds now);

#endif /* ENGINE_REST_H */
