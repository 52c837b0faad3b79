/* Time-limited credentials. */
#include "config.h"

#include <stdio.h>

#include "engine/rest.h"

enum status rest_issue(struct slice secret, struct slice user, nanoseconds now,
		       uint32_t life, struct rest_credential *out)
{
	uint64_t end = (uint64_t)(now / NS_PER_S) + life;
	int n;

	if (now < 0 || user.n > REST_USER_MAX || end > UINT32_MAX)
		return STATUS_BAD;
	n = snprintf(out->user, sizeof(out->user), "%lu%s%.*s",
		     (unsigned long)end, user.n ? ":" : "", (int)user.n,
		     user.n ? (const char *)user.p : "");
	out->user_size = (size_t)n;
	(void)turn_rest_password(secret, slice_of(out->user, out->user_size),
				 out->password);
	return STATUS_OK;
}

bool rest_is_over(struct slice user, nanoseconds now)
{
	struct slice digits = slice_split(&user, ':');
	uint64_t expiry;

	if (slice_number(digits, UINT32_MAX, &expiry) != STATUS_OK)
		return true;
	return (nanoseconds)expiry * NS_PER_S <= now;
}
