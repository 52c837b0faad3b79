/* What a request's own bytes say of the reasons to refuse it. */
#include "config.h"

#include "dissectors/stun.h"
#include "engine/attributes.h"
#include "engine/ladder.h"

#define PROTOCOL_UDP 17
#define PROTOCOL_TCP 6
#define FAMILY_BYTE_IPV4 1
#define FAMILY_BYTE_IPV6 2

static enum claim no(enum claim claim)
{
	return (enum claim)(CLAIM_SURE - claim);
}

static enum claim sure_if(bool holds)
{
	return holds ? CLAIM_SURE : CLAIM_NO;
}

/* ---- attributes that must be understood ---- */

/* Those of RFC 8489 and RFC 8656; with what else a server may have. */
static bool is_basic(uint16_t type)
{
	switch (type) {
	case AT_MAPPED_ADDRESS:
	case AT_USERNAME:
	case AT_INTEGRITY:
	case AT_ERROR_CODE:
	case AT_UNKNOWN_ATTRIBUTES:
	case AT_CHANNEL_NUMBER:
	case AT_LIFETIME:
	case AT_XOR_PEER_ADDRESS:
	case AT_DATA:
	case AT_REALM:
	case AT_NONCE:
	case AT_XOR_RELAYED_ADDRESS:
	case AT_REQUESTED_FAMILY:
	case AT_EVEN_PORT:
	case AT_REQUESTED_TRANSPORT:
	case AT_DONT_FRAGMENT: /* its own rung */
	case AT_XOR_MAPPED_ADDRESS:
	case AT_RESERVATION_TOKEN:
		return true;
	default:
		return false;
	}
}

enum claim turn_understands(const struct stun_message *m, size_t attribute,
			    const struct turn_abilities *can)
{
	const struct stun_attribute *a = &m->attributes[attribute];

	if (a->type >= 0x8000 || a->ignored || is_basic(a->type))
		return CLAIM_SURE;
	switch (a->type) {
	case AT_CONNECTION_ID:
		return (enum claim)can->tcp;
	case AT_CHANGE_REQUEST:
	case AT_RESPONSE_PORT:
	case AT_PADDING:
		return (enum claim)can->behaviour;
	case AT_ACCESS_TOKEN:
		return (enum claim)can->third_party;
	case AT_INTEGRITY_SHA256: /* RFC 8489; servers may be older */
	case AT_PASSWORD_ALGORITHM:
	case AT_USERHASH:
		return (enum claim)can->rfc8489;
	default:
		return (enum claim)can->others;
	}
}

static enum claim unknown_attribute(const struct stun_message *m,
				    const struct turn_abilities *can)
{
	enum claim unknown = CLAIM_NO;

	for (size_t i = 0; i < m->attribute_count; i++) {
		enum claim here = no(turn_understands(m, i, can));

		if (here > unknown)
			unknown = here;
	}
	return unknown;
}

/* Sizes that the rows of the attributes forbid, of those that are read. */
static bool is_malformed(const struct stun_message *m)
{
	for (size_t i = 0; i < m->attribute_count; i++) {
		const struct stun_attribute *a = &m->attributes[i];

		if (a->type == AT_CHANNEL_NUMBER || a->ignored || !a->row ||
		    a->type == AT_XOR_PEER_ADDRESS ||
		    a->type == AT_REQUESTED_TRANSPORT)
			continue; /* each has its own rung */
		if (a->value.n < a->row->min || a->value.n > a->row->max)
			return a->type != AT_INTEGRITY;
	}
	/* RFC 5780 6.1: nobody has much sent to where he is not. */
	return stun_find(m, AT_PADDING) && stun_find(m, AT_RESPONSE_PORT);
}

/* ---- Allocate ---- */

bool turn_asks_as_in_draft(const struct stun_message *m)
{
	const struct stun_attribute *a =
		stun_find(m, AT_ADDITIONAL_FAMILY_DRAFT);

	return a && a->value.n == 4 && a->value.p[0] == FAMILY_BYTE_IPV6;
}

/* The first byte of an attribute's value in *out; false: it is not there. */
static bool first_byte(const struct stun_message *m, uint16_t type,
		       uint8_t *out)
{
	const struct stun_attribute *a = stun_find(m, type);

	*out = a && a->value.n ? a->value.p[0] : 0;
	return a != NULL;
}

static bool has(const struct stun_message *m, uint16_t type)
{
	return stun_find(m, type) != NULL;
}

static void examine_transport(const struct stun_message *m,
			      const struct turn_abilities *can, bool stream,
			      struct turn_claims *claims)
{
	const struct stun_attribute *a = stun_find(m, AT_REQUESTED_TRANSPORT);
	bool fits = a && a->value.n == 4;
	uint8_t protocol = fits ? a->value.p[0] : 0;

	claims->of[REASON_TRANSPORT_MALFORMED] = (uint8_t)sure_if(!fits);
	claims->of[REASON_TRANSPORT_OTHER] = CLAIM_NO;
	claims->of[REASON_TCP_CLASH] = CLAIM_NO;
	if (protocol == PROTOCOL_TCP) {
		claims->of[REASON_TRANSPORT_OTHER] =
			(uint8_t)no((enum claim)can->tcp);
		claims->of[REASON_TCP_CLASH] =
			(uint8_t)sure_if(!stream || has(m, AT_EVEN_PORT) ||
					 has(m, AT_DONT_FRAGMENT) ||
					 has(m, AT_RESERVATION_TOKEN));
	} else if (protocol != PROTOCOL_UDP) {
		claims->of[REASON_TRANSPORT_OTHER] = (uint8_t)sure_if(fits);
	}
}

static void examine_families(const struct stun_message *m,
			     const struct turn_abilities *can,
			     struct turn_claims *claims)
{
	uint8_t requested, additional, even;
	bool asks = first_byte(m, AT_REQUESTED_FAMILY, &requested);
	bool adds = first_byte(m, AT_ADDITIONAL_FAMILY, &additional);
	bool reserves = first_byte(m, AT_EVEN_PORT, &even) && (even & 0x80);
	enum claim unsupported = no((enum claim)can->ipv4);

	if (asks && requested == FAMILY_BYTE_IPV6)
		unsupported = no((enum claim)can->ipv6);
	else if (asks && requested != FAMILY_BYTE_IPV4)
		unsupported = CLAIM_SURE;
	if (has(m, AT_RESERVATION_TOKEN) || (adds && can->ipv6 == CLAIM_SURE))
		unsupported = CLAIM_NO; /* the port is there; or one is */
	claims->of[REASON_FAMILY_UNSUPPORTED] = (uint8_t)unsupported;
	claims->of[REASON_FAMILIES_CLASH] = (uint8_t)sure_if(asks && adds);
	claims->of[REASON_EVEN_CLASH] = (uint8_t)sure_if(reserves && adds);
	claims->of[REASON_ADDITIONAL_IPV4] =
		(uint8_t)sure_if(adds && additional == FAMILY_BYTE_IPV4);
}

static void examine_allocate(const struct stun_message *m,
			     const struct turn_abilities *can, bool stream,
			     struct turn_claims *claims)
{
	bool token = has(m, AT_RESERVATION_TOKEN);

	examine_transport(m, can, stream, claims);
	examine_families(m, can, claims);
	claims->of[REASON_NO_DONT_FRAGMENT] =
		(uint8_t)(has(m, AT_DONT_FRAGMENT)
				  ? no((enum claim)can->dont_fragment)
				  : CLAIM_NO);
	claims->of[REASON_TOKEN_CLASH] = (uint8_t)sure_if(
		token && (has(m, AT_EVEN_PORT) || has(m, AT_REQUESTED_FAMILY) ||
			  has(m, AT_ADDITIONAL_FAMILY)));
	if (!token)
		claims->of[REASON_TOKEN_GONE] = CLAIM_NO;
	if (!has(m, AT_EVEN_PORT))
		claims->of[REASON_NO_EVEN_PORT] = CLAIM_NO;
	claims->of[REASON_NO_MOBILITY] =
		(uint8_t)(has(m, AT_MOBILITY_TICKET)
				  ? no((enum claim)can->mobility)
				  : CLAIM_NO);
}

/* ---- peers and channels ---- */

static bool peers_fit(const struct stun_message *m)
{
	struct endpoint peer;
	size_t found = 0;

	for (size_t i = 0; i < m->attribute_count; i++) {
		const struct stun_attribute *a = &m->attributes[i];

		if (a->type != AT_XOR_PEER_ADDRESS || a->ignored)
			continue;
		if (stun_address(m, a, &peer) != STATUS_OK)
			return false;
		found++;
	}
	return found > 0;
}

static void examine_channel(const struct stun_message *m,
			    const struct turn_abilities *can,
			    struct turn_claims *claims)
{
	enum claim outside = CLAIM_NO;

	claims->of[REASON_CHANNEL_MALFORMED] =
		(uint8_t)sure_if(!m->has_channel);
	if (m->channel < 0x4000 || m->channel > 0x7FFF)
		outside = CLAIM_SURE;
	else if (m->channel > 0x4FFF)
		outside = no((enum claim)can->high_channels);
	claims->of[REASON_CHANNEL_RANGE] =
		(uint8_t)(m->has_channel ? outside : CLAIM_NO);
}

void turn_examine(const struct stun_message *m,
		  const struct turn_abilities *can, bool stream,
		  struct turn_claims *claims)
{
	bool signed_ = m->integrity_at || m->integrity256_at;
	bool named = m->has_username || m->userhash.n;

	claims->of[REASON_NO_INTEGRITY] = (uint8_t)sure_if(!signed_);
	claims->of[REASON_NO_NAMES] =
		(uint8_t)sure_if(!named || !m->has_realm || !m->has_nonce);
	claims->of[REASON_UNKNOWN_ATTRIBUTE] =
		(uint8_t)unknown_attribute(m, can);
	claims->of[REASON_MALFORMED] = (uint8_t)sure_if(is_malformed(m));
	claims->of[REASON_PEER_MALFORMED] = (uint8_t)sure_if(!peers_fit(m));
	if (m->method == STUN_ALLOCATE)
		examine_allocate(m, can, stream, claims);
	if (m->method == STUN_REFRESH && !has(m, AT_MOBILITY_TICKET)) {
		claims->of[REASON_TICKET_BAD] = CLAIM_NO;
		claims->of[REASON_NO_MOBILITY] = CLAIM_NO;
	}
	if (m->method == STUN_CHANNEL_BIND)
		examine_channel(m, can, claims);
}
