/*
 * What stands in the replies of [MS-TURN] servers ([MS-TURN] 2.2.2, 3.2.5.1,
 * 3.3.5.1; [MS-TURNBWM] 3.3.5.1; spec stun-turn 2.4 to 2.7, 2.12).
 */
#include "config.h"

#include "core/crypto.h"
#include "engine/replay_state.h"

#define CONNECTION_ID 20u
#define SHA256_VERSION 3u /* and on (2.2.2.17) */
#define SESSION_VERSION 5u

struct slice replay_ms_connection(const struct stun_message *m)
{
	const struct stun_attribute *a = stun_find(m, MS_SEQUENCE);

	if (!a || a->value.n != CONNECTION_ID + 4)
		return (struct slice){0};
	return slice_first(a->value, CONNECTION_ID);
}

/* ---- what stands in it ---- */

#define ONLY_ALLOCATED 1u /* in the success of Allocate */
#define ANY_SUCCESS 2u
#define ANY_ERROR 4u
#define CHALLENGE 8u /* 401 and its like */
#define UNKNOWN 16u  /* 420 */

static const struct {
	uint16_t type;
	uint8_t where;
	uint8_t must;
} rows[] = {
	{MS_RELAY_ADDRESS, ONLY_ALLOCATED | ANY_ERROR | CHALLENGE,
	 ONLY_ALLOCATED},
	{AT_USERNAME, ANY_SUCCESS, 0},
	{AT_INTEGRITY, ANY_SUCCESS | ANY_ERROR, ANY_SUCCESS},
	{AT_ERROR_CODE, ANY_ERROR | CHALLENGE, 0},
	{AT_UNKNOWN_ATTRIBUTES, UNKNOWN, UNKNOWN},
	{AT_LIFETIME, ONLY_ALLOCATED, ONLY_ALLOCATED},
	{MS_ALTERNATE_SERVER, ANY_SUCCESS | ANY_ERROR | CHALLENGE, 0},
	{MS_COOKIE, ANY_SUCCESS | ANY_ERROR | CHALLENGE, 0},
	{MS_BANDWIDTH, ONLY_ALLOCATED, 0},
	{MS_NONCE, ANY_SUCCESS | ANY_ERROR | CHALLENGE, CHALLENGE},
	{MS_REALM, ANY_SUCCESS | ANY_ERROR | CHALLENGE, CHALLENGE},
	{MS_FAMILY, ONLY_ALLOCATED, 0},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static unsigned kind_of(const struct trial *t)
{
	if (t->m->stun->class == STUN_SUCCESS)
		return ANY_SUCCESS |
		       (t->w->ms == MS_ALLOCATE ? ONLY_ALLOCATED : 0);
	if (t->code == 401 || t->code == 438)
		return CHALLENGE;
	return ANY_ERROR | (t->code == 420 ? UNKNOWN : 0);
}

static unsigned version_of_server(const struct trial *t)
{
	if (t->m->stun->ms_version)
		return t->m->stun->ms_version;
	return t->s ? t->s->server_version : 0;
}

static const char *attribute_name(uint16_t type)
{
	const struct stun_attribute_row *row =
		stun_attribute_row(type, STUN_MS_TURN);

	return row ? row->name : "an attribute that is not known";
}

static bool belongs(uint16_t type, unsigned kind)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].type == type)
			return (rows[i].where & kind) != 0;
	return type >= 0x8000;
}

static void judge_present(struct trial *t, unsigned kind)
{
	const struct stun_message *m = t->m->stun;

	for (size_t i = 0; i < m->attribute_count; i++) {
		uint16_t type = m->attributes[i].type;
		bool errs = kind & (ANY_ERROR | CHALLENGE);

		if (m->attributes[i].ignored)
			replay_find(t, REPLAY_ATTRIBUTE_BEHIND,
				    "%s stands behind the integrity, which "
				    "must be the last",
				    attribute_name(type));
		/* Errors that are like a challenge may be one, or not. */
		else if (!belongs(type, kind))
			replay_find(t, REPLAY_ATTRIBUTE_FOREIGN,
				    "%s (0x%04x) does not belong into the %s "
				    "of %s",
				    attribute_name(type), (unsigned)type,
				    errs ? "error" : "success",
				    replay_ms_name(t));
	}
}

/* What was asked for counts when the allocation is made, not later: it may be
 * older than the capture where the request names a connection. */
static bool has_one(const struct trial *t)
{
	return t->s && (t->s->alive == CLAIM_SURE ||
			(t->s->alive == CLAIM_MAYBE && t->w->connected));
}

/* What clients of that version do not know. */
static void judge_version(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	unsigned version = t->w->version;

	if (stun_find(m, MS_ALTERNATE_RELAY) && !t->w->both && !has_one(t))
		replay_find(t, REPLAY_ATTRIBUTE_FOREIGN,
			    "%s (0x%04x) goes to a client that did not ask for "
			    "both families",
			    attribute_name(MS_ALTERNATE_RELAY),
			    (unsigned)MS_ALTERNATE_RELAY);
	if (stun_find(m, MS_SESSION) && version && version < SESSION_VERSION)
		replay_find(t, REPLAY_ATTRIBUTE_FOREIGN,
			    "%s (0x%04x) goes to a client of MS-VERSION %u, "
			    "which knows no sessions",
			    attribute_name(MS_SESSION), (unsigned)MS_SESSION,
			    version);
}

/* An answer to who was not signed, or to a challenge, need not be. */
static void judge_missing(struct trial *t, unsigned kind)
{
	const struct stun_message *m = t->m->stun;
	uint16_t reflexive = t->w->msn ? MS_MSN_REFLEXIVE : MS_XOR_MAPPED;
	char answer[REPLAY_ANSWER_MAX];

	if (m->attribute_count == 0 || m->attributes[0].type != MS_COOKIE)
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "MAGIC-COOKIE is not the first attribute of the "
			    "answer to %s",
			    replay_ms_name(t));
	for (size_t i = 0; i < ROWS; i++)
		if ((rows[i].must & kind) && !stun_find(m, rows[i].type) &&
		    (rows[i].type != AT_INTEGRITY || !m->integrity_at))
			replay_find(t, REPLAY_ATTRIBUTE_MISSING,
				    "%s is missing in the %s that answers %s",
				    attribute_name(rows[i].type),
				    replay_answer(t->code, answer),
				    replay_ms_name(t));
	if ((kind & ONLY_ALLOCATED) && !stun_find(m, reflexive))
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "the reflexive address (0x%04x) is missing in the "
			    "answer to %s",
			    (unsigned)reflexive, replay_ms_name(t));
}

/* 2.2.2.17: SHA-256 where both sides know it, and nowhere else.  A client that
 * signs with it shows that it takes both to do so. */
static void judge_integrity_size(struct trial *t)
{
	const struct stun_attribute *a = stun_find(t->m->stun, AT_INTEGRITY);
	unsigned client = t->w->version, server = version_of_server(t);
	size_t n = a ? a->value.n : 0;
	bool early = (client && client < SHA256_VERSION) ||
		     (server && server < SHA256_VERSION);

	if (n == 0)
		return;
	if (n != SHA1_SIZE && n != SHA256_SIZE)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "MESSAGE-INTEGRITY has %zu bytes; 20 and 32 are "
			    "possible",
			    n);
	else if (n == SHA256_SIZE && early)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "MESSAGE-INTEGRITY has 32 bytes between MS-VERSION "
			    "%u and %u, 20 were due below version 3",
			    client, server);
	else if (n == SHA1_SIZE && !early &&
		 t->w->integrity_bytes == SHA256_SIZE)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "MESSAGE-INTEGRITY has 20 bytes, the request was "
			    "signed with 32 (MS-VERSION %u and %u)",
			    client, server);
}

static void judge_integrity(struct trial *t)
{
	judge_integrity_size(t);
	if (t->m->stun->integrity_at && t->w->integrity == REPLAY_VERIFIED &&
	    (t->m->integrity == REPLAY_BAD ||
	     t->m->integrity == REPLAY_NO_KEY_FITS))
		replay_find(t, REPLAY_INTEGRITY_WRONG,
			    "MESSAGE-INTEGRITY of the answer to %s does not "
			    "fit the key that the request was signed with",
			    replay_ms_name(t));
}

/* ---- bandwidth ---- */

static const struct {
	uint16_t type;
	uint8_t only_if; /* it was asked for; 0: always */
} site_rows[] = {
	{MS_REMOTE_SITE_RESPONSE, 0},
	{MS_LOCAL_SITE_RESPONSE, 0},
	{MS_REMOTE_RELAY_RESPONSE, BANDWIDTH_REMOTE_RELAY},
	{MS_LOCAL_RELAY_RESPONSE, 0}, /* there is a relay: it is granted */
};

#define SITE_ROWS (sizeof(site_rows) / sizeof(site_rows[0]))

static bool is_due(const struct trial *t, size_t i)
{
	uint8_t asked = t->w->bandwidth;

	return (asked & BANDWIDTH_WHOLE) &&
	       (!site_rows[i].only_if || (asked & site_rows[i].only_if));
}

/* To a check all answers come, or none: then there is no policy (3.2.5.1).
 * What answers a commit or an update is not written. */
static void judge_bandwidth(struct trial *t, bool success)
{
	const struct stun_message *m = t->m->stun;
	bool told = false;

	if (t->w->bandwidth & BANDWIDTH_OTHER)
		return;
	for (size_t i = 0; i < SITE_ROWS; i++)
		told |= stun_find(m, site_rows[i].type) != NULL;
	for (size_t i = 0; told && i < SITE_ROWS; i++) {
		bool has = stun_find(m, site_rows[i].type) != NULL;
		bool due = success && is_due(t, i);

		if (has && !due)
			replay_find(t, REPLAY_ATTRIBUTE_FOREIGN,
				    "%s (0x%04x) answers no bandwidth check "
				    "that asks for it",
				    attribute_name(site_rows[i].type),
				    (unsigned)site_rows[i].type);
		else if (due && !has)
			replay_find(t, REPLAY_ATTRIBUTE_MISSING,
				    "%s is missing beside the other answers to "
				    "the bandwidth check",
				    attribute_name(site_rows[i].type));
	}
}

/* ---- values ---- */

static void judge_relay(struct trial *t)
{
	const struct endpoint *relay = &t->m->stun->relayed;
	char got[ENDPOINT_TEXT_MAX], was[ENDPOINT_TEXT_MAX];
	bool lives = t->s && t->s->alive == CLAIM_SURE &&
		     t->m->time + CLOCK_SLACK < t->s->expires;

	if (relay->family == FAMILY_NONE)
		return;
	if (relay->port == 0 || endpoint_is_multicast(relay))
		replay_find(t, REPLAY_RELAYED_WRONG,
			    "%s cannot be a relayed address",
			    endpoint_string(relay, got));
	else if (!has_one(t) &&
		 (relay->family == FAMILY_IPV6) != (t->w->families == 2))
		replay_find(t, REPLAY_RELAYED_WRONG,
			    "the relay %s is not of the family that a client "
			    "of MS-VERSION %u gets that asks so",
			    endpoint_string(relay, got),
			    (unsigned)t->w->version);
	else if (endpoint_equal(relay, &t->w->client))
		replay_find(t, REPLAY_RELAYED_WRONG,
			    "the relay %s is the client's own address",
			    endpoint_string(relay, got));
	else if (lives && !endpoint_equal(relay, &t->s->relayed))
		replay_find(t, REPLAY_RELAYED_WRONG,
			    "the relay is %s, while the client has %s",
			    endpoint_string(relay, got),
			    endpoint_string(&t->s->relayed, was));
}

/* There may be a NAT, but it does not change on the way. */
static void judge_reflexive(struct trial *t)
{
	const struct endpoint *mapped = &t->m->stun->mapped;
	char got[ENDPOINT_TEXT_MAX], want[ENDPOINT_TEXT_MAX];
	bool known = t->s && t->s->mapped.family != FAMILY_NONE;

	if (mapped->family == FAMILY_NONE)
		return;
	if (mapped->family != t->w->client.family)
		replay_find(t, REPLAY_MAPPED_WRONG,
			    "the reflexive address %s is of another family "
			    "than %s",
			    endpoint_string(mapped, got),
			    endpoint_string(&t->w->client, want));
	else if (replay_on_one_link(&t->w->client, &t->w->server) &&
		 !endpoint_equal(mapped, &t->w->client))
		replay_find(t, REPLAY_MAPPED_WRONG,
			    "the reflexive address is %s, the request came "
			    "from %s",
			    endpoint_string(mapped, got),
			    endpoint_string(&t->w->client, want));
	else if (known && t->m->time - t->s->mapped_at < MAPPING_LIFE &&
		 !endpoint_equal(mapped, &t->s->mapped))
		replay_find(t, REPLAY_MAPPED_WRONG,
			    "the reflexive address is %s, on the same way it "
			    "was %s",
			    endpoint_string(mapped, got),
			    endpoint_string(&t->s->mapped, want));
}

static void judge_lifetime(struct trial *t)
{
	bool release = t->w->has_lifetime && t->w->lifetime == 0;

	if (!t->m->stun->has_lifetime || release == (t->m->stun->lifetime == 0))
		return;
	replay_find(t, REPLAY_LIFETIME_WRONG,
		    release ? "LIFETIME %u answers a release, 0 was due"
			    : "LIFETIME is %u though nothing was released",
		    t->m->stun->lifetime);
}

/* The connection that lives keeps its id (2.2.2.21). */
static void judge_connection(struct trial *t)
{
	struct slice connection = replay_ms_connection(t->m->stun);

	if (connection.n && t->s && t->s->connection &&
	    replay_hash(t->r, connection) != t->s->connection)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "MS-SEQUENCE-NUMBER names another connection than "
			    "the answer before did");
}

/* Where the client is sent on to (2.2.2.7). */
static void judge_alternate(struct trial *t)
{
	const struct endpoint *e = &t->m->stun->alternate_server;
	char got[ENDPOINT_TEXT_MAX];

	if (stun_find(t->m->stun, MS_ALTERNATE_SERVER) &&
	    (e->port == 0 || endpoint_is_multicast(e) ||
	     e->family != t->w->client.family))
		replay_find(t, REPLAY_VALUE_WRONG,
			    "ALTERNATE-SERVER names %s, where the client "
			    "cannot go",
			    endpoint_string(e, got));
}

/* 2.2.2.7: where nobody is named, a redirection leads nowhere. */
static void judge_redirection(struct trial *t)
{
	if (t->code == 300 && !stun_find(t->m->stun, MS_ALTERNATE_SERVER))
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "ALTERNATE-SERVER is missing in the redirection "
			    "(300) of %s",
			    replay_ms_name(t));
}

void replay_ms_contents(struct trial *t)
{
	unsigned kind = kind_of(t);

	judge_present(t, kind);
	judge_version(t);
	judge_missing(t, kind);
	judge_integrity(t);
	judge_bandwidth(t, (kind & ONLY_ALLOCATED) != 0);
	judge_connection(t);
	judge_alternate(t);
	judge_redirection(t);
	judge_reflexive(t);
	replay_sizes(t, STUN_MS_TURN);
	if (kind & ONLY_ALLOCATED) {
		judge_relay(t);
		judge_lifetime(t);
	}
	if (kind & CHALLENGE)
		replay_challenge(t);
	if (kind & UNKNOWN)
		replay_unknown(t);
}
