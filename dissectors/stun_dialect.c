/*
 * Which dialect a message speaks, from what stands in it alone; a flow that
 * saw more may know better.  The order matters: MS-TURN messages usually have
 * the cookie of RFC 5389 as well.
 */
#include "config.h"

#include "dissectors/stun_parts.h"

/* What old relays hand out as user names is short; MRAS tokens are not. */
#define SHORT_USERNAME 32

static const struct stun_attribute *raw(const struct stun_message *m,
					uint16_t type)
{
	for (size_t i = 0; i < m->attribute_count; i++)
		if (m->attributes[i].type == type)
			return &m->attributes[i];
	return NULL;
}

/* Types that a server of [MS-TURN] must not send (2.2.1). */
static bool is_send_response(uint16_t type)
{
	return type == 0x0104 || type == 0x0114;
}

/*
 * Both begin with the same attribute.  Microsoft's say their version, and
 * what carries a user name is authenticated; Google's relays knew neither
 * realm nor integrity.
 */
static enum stun_dialect old_relay(const struct stun_message *m)
{
	const struct stun_attribute *user = raw(m, 0x0006);
	const struct stun_attribute *reflexive = raw(m, 0x8000);

	if (raw(m, 0x8008))
		return STUN_MS_TURN;
	/* MSN's relays put an address there; a family would be shorter. */
	if (reflexive && reflexive->value.n >= 8)
		return STUN_GOOGLE;
	if (is_send_response(m->type))
		return STUN_GOOGLE;
	if (!user || user->value.n > SHORT_USERNAME)
		return STUN_MS_TURN;
	if (raw(m, 0x0008) || raw(m, 0x0014) || raw(m, 0x0015))
		return STUN_MS_TURN;
	return STUN_GOOGLE;
}

enum stun_dialect stun_dialect_of(const struct stun_message *m,
				  unsigned suggests)
{
	if (stun_has_ms_cookie(slice_from(m->whole, STUN_HEADER)))
		return old_relay(m);
	if (!m->cookie)
		return STUN_CLASSIC;
	if (stun_method_is_turn(stun_method_of(m->type, STUN_TURN)))
		return STUN_TURN;
	if (suggests & STUN_BIT(STUN_MS_ICE2) ||
	    m->fingerprint == FINGERPRINT_OK_MS_TABLE)
		return STUN_MS_ICE2;
	return suggests & STUN_BIT(STUN_TURN) ? STUN_TURN : STUN_RFC;
}
