/* The ladder of [MS-TURN] (3.3.5.1, 3.3.5.3; spec stun-turn 2.7). */
#include "config.h"

#include "dissectors/stun.h"
#include "engine/attributes.h"
#include "engine/ladder.h"

#define ANSWERED (MS_ALLOCATE | MS_DESTINATION)
#define ANY_MS (ANSWERED | MS_SEND)

#define ROW(id, reason, methods, code, source, title)             \
	{                                                         \
		id, source, title, code, methods, REASON_##reason \
	}

/* The document gives the first rungs and its list of codes; the order of the
 * others is that of TURN-08, and not proved. */
static const struct turn_row rows[] = {
	ROW("M2", NO_INTEGRITY, ANY_MS, 401, "[MS-TURN] 3.3.5.1",
	    "the request carries no credentials"),
	ROW("M3", NO_USERNAME, ANY_MS, 432, "[MS-TURN] 3.3.5.1",
	    "Username is missing beside the integrity"),
	ROW("M4", USER_UNKNOWN, ANY_MS, 436, "[MS-TURN] 3.3.5.1",
	    "the user is not known, or the token is over"),
	ROW("M5", NO_REALM, MS_ALLOCATE, 434, "TURN-08, [MS-TURN] 3.3.5.1",
	    "Realm is missing beside the integrity"),
	ROW("M6", NO_NONCE, MS_ALLOCATE, 435, "TURN-08, [MS-TURN] 3.3.5.1",
	    "Nonce is missing beside the integrity"),
	ROW("M7", NONCE_STALE, MS_ALLOCATE, 438, "[MS-TURN] 3.3.5.1",
	    "the nonce is not valid any more"),
	ROW("M8", INTEGRITY_WRONG, ANY_MS, 431, "RFC 3489 11.2.9",
	    "the integrity does not fit the password"),
	ROW("M9", SEQUENCE, ANY_MS, 431, "[MS-TURN] 2.2.2.21",
	    "the sequence number came before, or of another connection"),
	ROW("M10", UNKNOWN_ATTRIBUTE, ANSWERED, 420, "[MS-TURN] 2.2.2",
	    "an attribute that must be understood is not known"),
	ROW("M10m", MALFORMED, ANY_MS, 400, "[MS-TURN] 2.2.2",
	    "an attribute has a size or value that cannot be"),
	ROW("D1", NO_ALLOCATION, ANY_MS, 437, "TURN-08",
	    "the client has no allocation"),
	ROW("D2", ALLOCATED, MS_ALLOCATE, 437, "TURN-08",
	    "the client has an allocation of another kind"),
	ROW("D3", OTHER_USER, ANY_MS, 441, "TURN-08",
	    "the allocation belongs to another user"),
	ROW("D4", PEER_MALFORMED, MS_SEND | MS_DESTINATION, 400,
	    "[MS-TURN] 2.2.2.10", "Destination Address is absent or malformed"),
	ROW("D5", PEER_DENIED, MS_SEND | MS_DESTINATION, 403, "RFC 8656 21.1",
	    "the server does not relay to that peer"),
	ROW("D6", NO_DESTINATION, MS_DESTINATION, 440, "TURN-08",
	    "nothing was ever sent to that destination"),
	ROW("D7", NO_ROOM, MS_SEND | MS_DESTINATION, 500, "TURN-08",
	    "the allocation can hold no more peers"),
	ROW("M11", REDIRECTED, MS_ALLOCATE, 300, "[MS-TURN] 2.2.2.7",
	    "the server sends its clients elsewhere"),
	ROW("M12q", QUOTA, MS_ALLOCATE, 486, "TURN-08",
	    "the quota of the user is reached"),
	ROW("M12b", BANDWIDTH, MS_ALLOCATE, 507, "TURN-08",
	    "the bandwidth is not to be had"),
	ROW("M12f", FAMILY_UNSUPPORTED, MS_ALLOCATE, 508, "[MS-TURN] 3.2.5.1",
	    "the address family is not supported"),
	ROW("M12", NO_PORT, MS_ALLOCATE, 508, "TURN-08",
	    "no port or address is left"),
	ROW("M13", SERVER_ERROR, ANSWERED, 500, "RFC 3489 11.2.9",
	    "the server has a fault of its own"),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct turn_row *ms_row_at(size_t i)
{
	return i < ROWS ? &rows[i] : NULL;
}

void ms_climb(const struct turn_claims *claims, enum ms_request request,
	      struct turn_forecast *out)
{
	out->count = 0;
	out->success = false;
	for (size_t i = 0; i < ROWS; i++) {
		enum claim holds = (enum claim)claims->of[rows[i].reason];

		if (!(rows[i].methods & request) || holds == CLAIM_NO)
			continue;
		if (out->count < FORECAST_MAX)
			out->rows[out->count++] = &rows[i];
		if (holds == CLAIM_SURE)
			return;
	}
	out->success = true;
}

/* ---- what the message alone says ---- */

unsigned ms_request_of(const struct stun_message *m)
{
	switch (m->type) {
	case 0x0003:
		return MS_ALLOCATE;
	case 0x0004:
		return MS_SEND;
	case 0x0006:
		return MS_DESTINATION;
	default:
		return 0;
	}
}

static bool has(const struct stun_message *m, uint16_t type)
{
	return stun_find(m, type) != NULL;
}

bool ms_is_msn(const struct stun_message *m)
{
	return m->type == 0x0003 && m->integrity_at && m->has_username &&
	       !m->ms_version && !has(m, MS_REALM) && !has(m, MS_NONCE);
}

/* 2.2.2: these must be understood, others of that range are answered 420. */
bool ms_is_unknown(uint16_t type)
{
	static const uint8_t known[] = {
		AT_MAPPED_ADDRESS,      AT_USERNAME, AT_INTEGRITY,
		AT_ERROR_CODE,          AT_LIFETIME, AT_UNKNOWN_ATTRIBUTES,
		MS_ALTERNATE_SERVER,    MS_COOKIE,   MS_BANDWIDTH,
		MS_DESTINATION_ADDRESS, MS_NONCE,    MS_REALM,
		MS_REMOTE_ADDRESS,      MS_FAMILY,   AT_DATA,
	};

	if (type >= 0x8000)
		return false;
	for (size_t i = 0; i < sizeof(known); i++)
		if (known[i] == type)
			return false;
	return true;
}

static void note(struct turn_claims *claims, enum turn_reason reason,
		 bool holds)
{
	claims->of[reason] = holds ? CLAIM_SURE : CLAIM_NO;
}

/* Sizes; those of a number that only the document knows do not bind. */
static bool is_malformed(const struct stun_message *m)
{
	for (size_t i = 0; i < m->attribute_count; i++) {
		const struct stun_attribute *a = &m->attributes[i];

		if (a->ignored || !a->row || a->type >= 0x8000 ||
		    a->type == MS_DESTINATION_ADDRESS)
			continue;
		if (a->value.n < a->row->min || a->value.n > a->row->max)
			return a->type != AT_INTEGRITY;
	}
	return false;
}

void ms_examine(const struct stun_message *m, struct turn_claims *claims)
{
	bool msn = ms_is_msn(m);
	bool unknown = false;

	for (size_t i = 0; i < m->attribute_count; i++)
		unknown |= !m->attributes[i].ignored &&
			   ms_is_unknown(m->attributes[i].type);
	note(claims, REASON_NO_INTEGRITY, m->integrity_at == 0);
	note(claims, REASON_NO_USERNAME, !m->has_username);
	note(claims, REASON_NO_REALM, !has(m, MS_REALM) && !msn);
	note(claims, REASON_NO_NONCE, !has(m, MS_NONCE) && !msn);
	note(claims, REASON_UNKNOWN_ATTRIBUTE, unknown);
	note(claims, REASON_MALFORMED, is_malformed(m));
	note(claims, REASON_PEER_MALFORMED, m->peer.family == FAMILY_NONE);
	if (msn)
		note(claims, REASON_NONCE_STALE, false);
}
