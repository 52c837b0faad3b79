/* Peers that a relay refuses. */
#include "config.h"

#include "engine/peer_policy.h"

/* Prefixes with IPv4 inside, and where it stands. */
struct wrapping {
	uint8_t prefix[16];
	uint8_t bytes; /* of the prefix */
	uint8_t at;
	uint8_t mask; /* Teredo hides the client's address by XOR */
};

static const struct wrapping wrappings[] = {
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 12, 12, 0},
	{{0, 0x64, 0xFF, 0x9B}, 12, 12, 0},      /* RFC 6052 */
	{{0, 0x64, 0xFF, 0x9B, 0, 1}, 6, 12, 0}, /* RFC 8215 */
	{{0x20, 0x02}, 2, 2, 0},                 /* RFC 3056 */
	{{0x20, 0x01, 0, 0}, 4, 12, 0xFF},       /* RFC 4380 */
	{{0}, 12, 12, 0},                        /* RFC 4291 2.5.5.1 */
};

#define WRAPPINGS (sizeof(wrappings) / sizeof(wrappings[0]))

/* :: and ::1 have no IPv4 inside. */
static bool is_low(const uint8_t ip[16])
{
	static const uint8_t zeros[15] = {0};

	return memcmp(ip, zeros, sizeof(zeros)) == 0 && ip[15] <= 1;
}

/* What an IPv6 address with IPv4 inside leads to; else as it is. */
static struct endpoint peer_policy_plain(const struct endpoint *peer)
{
	uint8_t ip[4];

	if (peer->family != FAMILY_IPV6 || is_low(peer->ip))
		return *peer;
	for (size_t i = 0; i < WRAPPINGS; i++) {
		const struct wrapping *w = &wrappings[i];

		if (memcmp(peer->ip, w->prefix, w->bytes) != 0)
			continue;
		for (size_t k = 0; k < 4; k++)
			ip[k] = peer->ip[w->at + k] ^ w->mask;
		return endpoint_of(slice_of(ip, 4), peer->port);
	}
	return *peer;
}

static bool within(const struct peer_range *range, const struct endpoint *e)
{
	size_t bytes = range->bits / 8u;
	unsigned rest = range->bits % 8u;
	unsigned mask = 0xFF00u >> rest & 0xFF;

	if (range->ip.family != e->family ||
	    memcmp(range->ip.ip, e->ip, bytes) != 0)
		return false;
	return rest == 0 || ((range->ip.ip[bytes] ^ e->ip[bytes]) & mask) == 0;
}

enum status peer_policy_add(struct peer_policy *policy, struct slice range,
			    bool allow)
{
	struct slice ip = slice_split(&range, '/');
	struct peer_range *to = &policy->ranges[policy->count];
	struct endpoint e;
	uint64_t bits;

	if (policy->count == PEER_RANGES_MAX)
		return STATUS_LIMIT;
	if (endpoint_parse(ip, 0, &e) != STATUS_OK)
		return STATUS_BAD;
	bits = e.family == FAMILY_IPV4 ? 32 : 128;
	if (range.n && slice_number(range, bits, &bits) != STATUS_OK)
		return STATUS_BAD;
	*to = (struct peer_range){
		.ip = e, .bits = (uint8_t)bits, .allow = allow};
	policy->count++;
	return STATUS_OK;
}

static bool is_loopback(const struct endpoint *e)
{
	if (e->family == FAMILY_IPV4)
		return e->ip[0] == 127;
	return is_low(e->ip) && e->ip[15] == 1;
}

/* Nobody's addresses: "this network", link-local, unspecified, reserved. */
static bool is_nowhere(const struct endpoint *e)
{
	if (e->family == FAMILY_IPV4)
		return e->ip[0] == 0 || (e->ip[0] == 169 && e->ip[1] == 254) ||
		       e->ip[0] >= 240;
	return (is_low(e->ip) && e->ip[15] == 0) ||
	       (e->ip[0] == 0xFE && (e->ip[1] & 0xC0) == 0x80);
}

bool peer_policy_allows(const struct peer_policy *policy,
			const struct endpoint *peer)
{
	struct endpoint e = peer_policy_plain(peer);

	for (size_t i = 0; i < policy->count; i++)
		if (within(&policy->ranges[i], &e))
			return policy->ranges[i].allow;
	if (is_loopback(&e))
		return policy->loopback_too;
	if (e.family == FAMILY_NONE || is_nowhere(&e) ||
	    endpoint_is_multicast(&e))
		return false;
	return policy->private_too || !endpoint_is_private(&e);
}
