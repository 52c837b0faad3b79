/*
 * Replies of [MS-TURN] servers against what the document allows (3.3.5.1,
 * 3.3.5.3; spec stun-turn 2.4 to 2.7).
 *
 * Much is not written there: every rung that nobody can be sure of may hold,
 * so that only what is out of all of them is found.
 */
#include "config.h"

#include "engine/replay_state.h"

static void set(struct waiting *w, enum turn_reason reason, enum claim claim)
{
	w->claims.of[reason] = (uint8_t)claim;
}

/* ---- the request ---- */

bool replay_is_ms(const struct stun_message *stun)
{
	return stun->dialect == STUN_MS_TURN &&
	       (ms_request_of(stun) & (MS_ALLOCATE | MS_DESTINATION));
}

static void note(const struct replay *r, const struct replay_message *m,
		 struct waiting *w)
{
	const struct stun_message *stun = m->stun;

	w->ms = (uint8_t)ms_request_of(stun);
	w->msn = ms_is_msn(stun);
	w->method = (uint16_t)stun->method;
	w->cookie = stun->cookie;
	w->stream = m->stream;
	w->integrity = (uint8_t)m->integrity;
	w->has_lifetime = stun->has_lifetime;
	w->lifetime = stun->lifetime;
	w->families = stun->ms_version >= 4 ? 3 : 1;
	if (stun->has_username)
		w->user = replay_hash(r, stun->username);
	if (stun->has_nonce)
		w->nonce = replay_hash(r, stun->nonce);
	for (size_t i = 0; i < stun->attribute_count; i++)
		if (stun->attributes[i].type < 0x80)
			w->types[stun->attributes[i].type / 32] |=
				UINT32_C(1) << stun->attributes[i].type % 32;
}

/* Who got in once has the right words, as long as they last. */
static void claim_user(const struct shadow *s, const struct replay_message *m,
		       struct waiting *w)
{
	if (m->integrity == REPLAY_VERIFIED ||
	    (w->user && s->accepted == w->user))
		set(w, REASON_INTEGRITY_WRONG, CLAIM_NO);
	else if (m->integrity == REPLAY_BAD)
		set(w, REASON_INTEGRITY_WRONG, CLAIM_SURE);
	if (w->nonce && w->nonce == s->refused_nonce)
		set(w, REASON_NONCE_STALE, CLAIM_SURE);
}

void replay_ms_claim(const struct replay *r, const struct shadow *s,
		     const struct replay_message *m, struct waiting *w)
{
	memset(w->claims.of, CLAIM_MAYBE, sizeof(w->claims.of));
	note(r, m, w);
	ms_examine(m->stun, &w->claims);
	if (w->claims.of[REASON_MALFORMED] == CLAIM_SURE)
		set(w, REASON_MALFORMED, CLAIM_MAYBE); /* some forgive it */
	/* It may be taken for one of MS-TURN without its words. */
	if (w->msn) {
		set(w, REASON_NO_REALM, CLAIM_MAYBE);
		set(w, REASON_NO_NONCE, CLAIM_MAYBE);
		set(w, REASON_NONCE_STALE, CLAIM_MAYBE);
	}
	claim_user(s, m, w);
}

/* ---- the code ---- */

static const char *name_of(const struct trial *t)
{
	return t->w->ms == MS_ALLOCATE ? "Allocate of MS-TURN"
				       : "Set Active Destination";
}

static bool may(const struct trial *t, enum turn_reason reason)
{
	return t->w->claims.of[reason] != CLAIM_NO;
}

/* Is the code of a rung that may hold?  A wrong integrity may be answered by
 * a new challenge, and a fault or a redirection come at any time. */
static bool is_allowed(const struct trial *t, const struct turn_forecast *f)
{
	if (t->code == 300 || t->code == 500)
		return true;
	if (t->code == 401 &&
	    (may(t, REASON_INTEGRITY_WRONG) || may(t, REASON_NONCE_STALE)))
		return true;
	for (size_t i = 0; i < f->count; i++)
		if (f->rows[i]->code == t->code)
			return true;
	return false;
}

static void judge_code(struct trial *t)
{
	struct turn_forecast f;
	const struct turn_row *row;

	ms_climb(&t->w->claims, (enum ms_request)t->w->ms, &f);
	row = f.success || f.count == 0 ? NULL : f.rows[f.count - 1];
	if (t->m->stun->class == STUN_SUCCESS) {
		if (row)
			replay_find(t, REPLAY_ACCEPTED_WRONGLY,
				    "%s had success where %u was due: %s (%s)",
				    name_of(t), (unsigned)row->code, row->title,
				    row->source);
	} else if (!t->code) {
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "ERROR-CODE is missing in the error that answers "
			    "%s",
			    name_of(t));
	} else if (!is_allowed(t, &f)) {
		replay_find(t,
			    row ? REPLAY_OTHER_ERROR : REPLAY_REFUSED_WRONGLY,
			    "%s was answered with %u; %s", name_of(t), t->code,
			    row ? row->title
				: "nothing in the request asks for that");
	}
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
				    errs ? "error" : "success", name_of(t));
	}
}

/* An answer to who was not signed, or to a challenge, need not be. */
static void judge_missing(struct trial *t, unsigned kind)
{
	const struct stun_message *m = t->m->stun;
	uint16_t reflexive = t->w->msn ? MS_MSN_REFLEXIVE : MS_XOR_MAPPED;

	if (m->attribute_count == 0 || m->attributes[0].type != MS_COOKIE)
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "MAGIC-COOKIE is not the first attribute of the "
			    "answer to %s",
			    name_of(t));
	for (size_t i = 0; i < ROWS; i++)
		if ((rows[i].must & kind) && !stun_find(m, rows[i].type) &&
		    (rows[i].type != AT_INTEGRITY || !m->integrity_at))
			replay_find(t, REPLAY_ATTRIBUTE_MISSING,
				    "%s is missing in the answer %u to %s",
				    attribute_name(rows[i].type), t->code,
				    name_of(t));
	if ((kind & ONLY_ALLOCATED) && !stun_find(m, reflexive))
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "the reflexive address (0x%04x) is missing in the "
			    "answer to %s",
			    (unsigned)reflexive, name_of(t));
}

static void judge_integrity(struct trial *t)
{
	if (t->m->stun->integrity_at && t->w->integrity == REPLAY_VERIFIED &&
	    (t->m->integrity == REPLAY_BAD ||
	     t->m->integrity == REPLAY_NO_KEY_FITS))
		replay_find(t, REPLAY_INTEGRITY_WRONG,
			    "MESSAGE-INTEGRITY of the answer to %s does not "
			    "fit the key that the request was signed with",
			    name_of(t));
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
	else if (relay->family == FAMILY_IPV6 && t->w->families == 1)
		replay_find(t, REPLAY_RELAYED_WRONG,
			    "the relay %s is of IPv6, which clients before "
			    "MS-Version 4 do not know",
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
	else if (known && !endpoint_equal(mapped, &t->s->mapped))
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

void replay_ms_judge(struct trial *t)
{
	unsigned kind = kind_of(t);

	if (t->m->stun->method != t->w->method) {
		replay_find(t, REPLAY_OTHER_METHOD,
			    "%s was answered with a message of method 0x%03x",
			    name_of(t), (unsigned)t->m->stun->method);
		return;
	}
	judge_code(t);
	judge_present(t, kind);
	judge_missing(t, kind);
	judge_integrity(t);
	if (kind & ONLY_ALLOCATED) {
		judge_reflexive(t);
		judge_relay(t);
		judge_lifetime(t);
	}
	if (kind & CHALLENGE)
		replay_challenge(t);
	if (kind & UNKNOWN)
		replay_unknown(t);
}

/* ---- taking over ---- */

void replay_ms_adopt(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	struct shadow *s = t->s;

	if (!s)
		return;
	if (m->class == STUN_ERROR) {
		if (t->code == 438)
			s->refused_nonce = t->w->nonce;
		if (t->code == 437)
			s->alive = CLAIM_NO;
		if (m->has_realm && !s->realm)
			s->realm = replay_hash(t->r, m->realm);
		return;
	}
	if (t->w->user)
		s->accepted = t->w->user;
	if (t->w->ms != MS_ALLOCATE || !m->has_lifetime)
		return;
	s->alive = m->lifetime ? CLAIM_SURE : CLAIM_NO;
	s->expires = t->m->time + (nanoseconds)m->lifetime * NS_PER_S;
	s->relayed = m->relayed;
	s->mapped = m->mapped;
}
