/*
 * Requests of [MS-TURN] and the codes that may answer them (3.3.5.1, 3.3.5.3;
 * spec stun-turn 2.7).
 *
 * Much is not written there: every rung that nobody can be sure of may hold,
 * so that only what is out of all of them is found.
 */
#include "config.h"

#include "engine/replay_state.h"

#define BANDWIDTH_CHECKS 0 /* the kind of message that asks */

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

/* As it is kept: nobody says more. */
static uint8_t short_version(uint32_t version)
{
	return version < UINT8_MAX ? (uint8_t)version : UINT8_MAX;
}

/* What was said once counts on. */
static uint8_t version_of(const struct shadow *s,
			  const struct stun_message *stun)
{
	return stun->ms_version ? short_version(stun->ms_version)
				: s->client_version;
}

/* The family of the relay (3.2.5.1), as far as it was asked for. */
static uint8_t families_of(const struct stun_message *stun, uint8_t version)
{
	const struct stun_attribute *a = stun_find(stun, MS_FAMILY);

	return version >= 4 && a && a->value.n && a->value.p[0] == 2 ? 2 : 1;
}

/* 20 of SHA-1 or 32 of SHA-256 (2.2.2.17); 0: none. */
static uint8_t integrity_bytes(const struct stun_message *stun)
{
	const struct stun_attribute *a = stun_find(stun, AT_INTEGRITY);

	return a && stun->integrity_at ? (uint8_t)a->value.n : 0;
}

static bool has(const struct stun_message *m, uint16_t type)
{
	return stun_find(m, type) != NULL;
}

/* [MS-TURNBWM] 3.3.5.1: where one of these is missing, the server passes over
 * the bandwidth. */
static uint8_t bandwidth_of(const struct stun_message *stun)
{
	const struct stun_attribute *a = stun_find(stun, MS_ADMISSION);
	uint8_t kind = a && a->value.n == 4 ? a->value.p[3] : UINT8_MAX;
	uint8_t out = BANDWIDTH_ASKED;

	if (!a)
		return 0;
	if (kind != BANDWIDTH_CHECKS)
		return out | BANDWIDTH_OTHER;
	if (has(stun, MS_AMOUNT) && has(stun, MS_REMOTE_SITE) &&
	    has(stun, MS_LOCATION_PROFILE))
		out |= BANDWIDTH_WHOLE;
	if (has(stun, MS_REMOTE_RELAY_SITE))
		out |= BANDWIDTH_REMOTE_RELAY;
	return out;
}

static void note(const struct replay *r, const struct shadow *s,
		 const struct replay_message *m, struct waiting *w)
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
	w->version = version_of(s, stun);
	w->families = families_of(stun, w->version);
	w->both = w->version >= 4 && !stun_find(stun, MS_FAMILY);
	w->connected = replay_ms_connection(stun).n != 0;
	w->integrity_bytes = integrity_bytes(stun);
	w->bandwidth = bandwidth_of(stun);
	if (stun->has_username)
		w->user = replay_hash(r, stun->username);
	if (stun->has_nonce)
		w->nonce = replay_hash(r, stun->nonce);
	for (size_t i = 0; i < stun->attribute_count; i++)
		if (stun->attributes[i].type < 0x80)
			w->types[stun->attributes[i].type / 32] |=
				UINT32_C(1) << stun->attributes[i].type % 32;
}

/* An Allocate is refused for want of an allocation only when it releases. */
static void claim_allocation(const struct shadow *s,
			     const struct replay_message *m, struct waiting *w)
{
	bool lives =
		s->alive == CLAIM_SURE && m->time + CLOCK_SLACK < s->expires;
	bool release = w->has_lifetime && w->lifetime == 0;

	if (lives || (w->ms == MS_ALLOCATE && !release))
		set(w, REASON_NO_ALLOCATION, CLAIM_NO);
	if (lives)
		set(w, REASON_ALLOCATED, CLAIM_NO);
	if (!stun_find(m->stun, MS_SEQUENCE))
		set(w, REASON_SEQUENCE, CLAIM_NO);
}

/* Who got in once may have other words now: only the key tells. */
static void claim_user(const struct shadow *s, const struct replay_message *m,
		       struct waiting *w)
{
	if (m->integrity == REPLAY_VERIFIED)
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
	note(r, s, m, w);
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
	claim_allocation(s, m, w);
}

/* ---- the code ---- */

const char *replay_ms_name(const struct trial *t)
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
				    replay_ms_name(t), (unsigned)row->code,
				    row->title, row->source);
	} else if (!t->code) {
		replay_find(t, REPLAY_ATTRIBUTE_MISSING,
			    "ERROR-CODE is missing in the error that answers "
			    "%s",
			    replay_ms_name(t));
	} else if (!is_allowed(t, &f)) {
		replay_find(t,
			    row ? REPLAY_OTHER_ERROR : REPLAY_REFUSED_WRONGLY,
			    "%s was answered with %u; %s", replay_ms_name(t),
			    t->code,
			    row ? row->title
				: "nothing in the request asks for that");
	}
}

void replay_ms_judge(struct trial *t)
{
	if (t->m->stun->method != t->w->method) {
		replay_find(t, REPLAY_OTHER_METHOD,
			    "%s was answered with a message of method 0x%03x",
			    replay_ms_name(t), (unsigned)t->m->stun->method);
		return;
	}
	judge_code(t);
	replay_ms_contents(t);
}

/* ---- taking over ---- */

/* What the server has given, to be held against what comes later. */
static void adopt_words(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	struct shadow *s = t->s;
	struct slice connection = replay_ms_connection(m);

	if (connection.n)
		s->connection = replay_hash(t->r, connection);
	if (m->has_ms_session)
		s->session = replay_hash(
			t->r, slice_of(m->ms_session, sizeof(m->ms_session)));
	if (m->mapped.family != FAMILY_NONE) {
		s->mapped = m->mapped;
		s->mapped_at = t->m->time;
	}
	if (m->ms_version)
		s->server_version = short_version(m->ms_version);
	if (m->has_realm && !s->realm)
		s->realm = replay_hash(t->r, m->realm);
}

void replay_ms_adopt(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	struct shadow *s = t->s;

	if (!s || m->method != t->w->method)
		return;
	adopt_words(t);
	if (m->class == STUN_ERROR) {
		if (t->code == 438)
			s->refused_nonce = t->w->nonce;
		if (t->code == 437)
			s->alive = CLAIM_NO;
		return;
	}
	if (t->w->user)
		s->accepted = t->w->user;
	if (t->w->ms != MS_ALLOCATE || !m->has_lifetime)
		return;
	s->alive = m->lifetime ? CLAIM_SURE : CLAIM_NO;
	s->expires = t->m->time + (nanoseconds)m->lifetime * NS_PER_S;
	s->relayed = m->relayed;
	if (!m->lifetime)
		s->connection = 0;
}

/* ---- what the client goes on with ---- */

/* The connection that a message of the client names; said once. */
void replay_ms_heard(struct trial *t)
{
	struct slice connection = replay_ms_connection(t->m->stun);
	struct shadow *s = t->s;

	if (!connection.n || !s->connection ||
	    replay_hash(t->r, connection) == s->connection)
		return;
	s->connection = 0;
	replay_find(t, REPLAY_VALUE_WRONG,
		    "MS-SEQUENCE-NUMBER names another connection than the "
		    "server's answer gave");
}

/* The request says back what the server gave; where it does not, one of the two
 * was altered. */
void replay_ms_echo(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	struct shadow *s = t->s;

	/* Who asks for a challenge begins anew, maybe behind the end of what
	 * was there: the server makes a connection of its own for it. */
	if (t->w->ms == MS_ALLOCATE && !t->w->integrity_bytes)
		s->connection = 0;
	replay_ms_heard(t);
	if (m->has_ms_session && s->session &&
	    replay_hash(t->r, slice_of(m->ms_session, sizeof(m->ms_session))) !=
		    s->session)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "MULTIPLEXED-TURN-SESSION-ID is another than the "
			    "server's answer gave");
	s->ms = true;
	s->msn |= t->w->msn;
	s->client_version = t->w->version;
}
