/*
 * To which peers a relay may send (RFC 8656 21.1 and what attackers did to
 * relays that asked less): by default neither loopback, link-local, private,
 * multicast and unspecified addresses, nor the server itself.
 *
 * IPv4 that hides in IPv6 (mapped, compatible, NAT64, 6to4, Teredo) is judged
 * as what it leads to.
 */
#ifndef ENGINE_PEER_POLICY_H
#define ENGINE_PEER_POLICY_H

#include "core/endpoint.h"

#define PEER_RANGES_MAX 64u

struct peer_range {
	struct endpoint ip; /* the port does not matter */
	uint8_t bits;       /* of the prefix */
	bool allow;
};

struct peer_policy {
	struct peer_range ranges[PEER_RANGES_MAX]; /* the first that fits */
	size_t count;
	bool private_too;  /* RFC 1918, RFC 4193, RFC 6598 */
	bool loopback_too; /* for tests on one machine */
};

/* "192.0.2.0/24", "2001:db8::/32" or an address; STATUS_BAD, or STATUS_LIMIT
 * when there are too many. */
MUST_CHECK enum status peer_policy_add(struct peer_policy *policy,
				       struct slice range, bool allow);

/* May a relay send there?  The first range that holds it decides; without one
 * the defaults above do. */
bool peer_policy_allows(const struct peer_policy *policy,
			const struct endpoint *peer);

#endif /* ENGINE_PEER_POLICY_H */
