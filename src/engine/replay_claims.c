/* What the capture implies of the reasons to refuse a request. */
#include "config.h"

#include "engine/nonce.h"
#include "engine/replay_state.h"

/* Lifetimes are counted in seconds: nobody calls it stale so soon. */
#define NONCE_FRESH (500 * NS_PER_MS)
#define CHANNEL_REST (300 * NS_PER_S)
#define FAMILY_BYTE_IPV6 2
#define PROTOCOL_TCP 6

/* Nothing is known of the server. */
static const struct turn_abilities anybody = {
	.tcp = CLAIM_MAYBE,
	.dont_fragment = CLAIM_MAYBE,
	.mobility = CLAIM_MAYBE,
	.ipv4 = CLAIM_MAYBE,
	.ipv6 = CLAIM_MAYBE,
	.high_channels = CLAIM_MAYBE,
	.behaviour = CLAIM_MAYBE,
	.rfc8489 = CLAIM_MAYBE,
	.third_party = CLAIM_MAYBE,
	.others = CLAIM_MAYBE,
};

static void set(struct waiting *w, enum turn_reason reason, enum claim claim)
{
	w->claims.of[reason] = (uint8_t)claim;
}

static uint8_t byte_of(const struct stun_message *m, uint16_t type)
{
	const struct stun_attribute *a = stun_find(m, type);

	return a && a->value.n ? a->value.p[0] : 0;
}

/* ---- what was asked ---- */

static void note_types(const struct stun_message *m, struct waiting *w)
{
	for (size_t i = 0; i < m->attribute_count; i++) {
		uint16_t type = m->attributes[i].type;

		if (type < 0x80)
			w->types[type / 32] |= UINT32_C(1) << type % 32;
	}
}

static void note_families(const struct stun_message *m, struct waiting *w)
{
	w->two = stun_find(m, AT_ADDITIONAL_FAMILY) || turn_asks_as_in_draft(m);
	if (w->two)
		w->families = 3;
	else
		w->families =
			byte_of(m, AT_REQUESTED_FAMILY) == FAMILY_BYTE_IPV6 ? 2
									    : 1;
}

static void note_request(const struct replay *r, const struct replay_message *m,
			 struct waiting *w)
{
	const struct stun_message *stun = m->stun;

	w->method = (uint16_t)stun->method;
	w->request = (uint8_t)turn_request_of(stun->method);
	w->cookie = stun->cookie;
	w->stream = m->stream;
	w->integrity = (uint8_t)m->integrity;
	w->has_lifetime = stun->has_lifetime;
	w->lifetime = stun->lifetime;
	w->even = stun_find(stun, AT_EVEN_PORT) != NULL;
	w->reserves = (byte_of(stun, AT_EVEN_PORT) & 0x80) != 0;
	w->token = stun_find(stun, AT_RESERVATION_TOKEN) != NULL;
	w->ticket = stun_find(stun, AT_MOBILITY_TICKET) != NULL;
	w->access = stun_find(stun, AT_ACCESS_TOKEN) != NULL;
	w->tcp = byte_of(stun, AT_REQUESTED_TRANSPORT) == PROTOCOL_TCP;
	w->behaviour = stun_find(stun, AT_CHANGE_REQUEST) ||
		       stun_find(stun, AT_PADDING) ||
		       stun_find(stun, AT_RESPONSE_PORT);
	w->sha1 = stun->integrity_at != 0;
	w->sha256 = stun->integrity256_at != 0;
	w->channel = stun->channel;
	if (stun->has_username)
		w->user = replay_hash(r, stun->username);
	else if (stun->userhash.n)
		w->user = replay_hash(r, stun->userhash);
	if (stun->has_realm)
		w->realm = replay_hash(r, stun->realm);
	if (stun->has_nonce)
		w->nonce = replay_hash(r, stun->nonce);
	w->peer = replay_hash(r, slice_of(&stun->peer, sizeof(stun->peer)));
	note_families(stun, w);
	note_types(stun, w);
}

/* ---- who asks ---- */

/* A name of TURN REST whose time is over by our clock, or nearly. */
static bool is_over(const struct replay_message *m)
{
	struct slice name = m->stun->username;
	struct slice digits = slice_split(&name, ':');
	uint64_t expiry;

	if (slice_number(digits, UINT32_MAX, &expiry) != STATUS_OK ||
	    digits.n < 9)
		return false;
	return m->time + CLOCK_SLACK >= (nanoseconds)expiry * NS_PER_S;
}

static void claim_user(const struct shadow *s, const struct replay_message *m,
		       struct waiting *w)
{
	bool accepted = w->user && s->accepted == w->user &&
			s->accepted_realm == w->realm;

	/* In another realm everybody is another, whatever his key. */
	if (s->realm && w->realm && s->realm != w->realm)
		return;
	switch (m->integrity) {
	case REPLAY_VERIFIED:
		set(w, REASON_USER_UNKNOWN,
		    is_over(m) ? CLAIM_MAYBE : CLAIM_NO);
		set(w, REASON_INTEGRITY_WRONG, CLAIM_NO);
		break;
	case REPLAY_BAD:
		set(w, REASON_INTEGRITY_WRONG, CLAIM_SURE);
		break;
	case REPLAY_UNCHECKED:
	case REPLAY_NO_KEY_FITS:
	case REPLAY_ABSENT:
		if (accepted && !is_over(m)) {
			/* Who got in once has the right words. */
			set(w, REASON_USER_UNKNOWN, CLAIM_NO);
			set(w, REASON_INTEGRITY_WRONG, CLAIM_NO);
		}
		break;
	}
}

static void claim_nonce(const struct shadow *s, const struct replay_message *m,
			struct waiting *w)
{
	if (w->nonce && w->nonce == s->refused_nonce)
		set(w, REASON_NONCE_STALE, CLAIM_SURE);
	else if (w->nonce && w->nonce == s->nonce &&
		 m->time - s->nonce_at < NONCE_FRESH)
		set(w, REASON_NONCE_STALE, CLAIM_NO);
	if (!stun_find(m->stun, AT_PASSWORD_ALGORITHM) &&
	    !stun_find(m->stun, AT_PASSWORD_ALGORITHMS))
		set(w, REASON_ALGORITHMS, CLAIM_NO);
}

/* ---- what there is ---- */

static enum claim no(enum claim claim)
{
	return (enum claim)(CLAIM_SURE - claim);
}

/* At its end it may go on: one whose Refresh is lost in the capture, answer and
 * all, looks the same. */
static enum claim alive_at(const struct replay *r, const struct shadow *s,
			   nanoseconds now)
{
	enum claim alive = shadow_alive(r, s);

	return alive == CLAIM_SURE && now + CLOCK_SLACK >= s->expires
		       ? CLAIM_MAYBE
		       : alive;
}

static void claim_allocation(const struct replay *r, const struct shadow *s,
			     const struct replay_message *m, struct waiting *w)
{
	enum claim alive = alive_at(r, s, m->time);
	bool other = s->user && w->user && s->user != w->user;

	set(w, REASON_ALLOCATED, alive);
	set(w, REASON_NO_ALLOCATION, w->ticket ? CLAIM_MAYBE : no(alive));
	if (alive == CLAIM_SURE && !w->ticket)
		set(w, REASON_OTHER_USER, other ? CLAIM_SURE : CLAIM_NO);
	/* A new token may have a key of another name (RFC 7635 9), by which
	 * more may be asked before that is answered. */
	if (alive == CLAIM_SURE && other && s->access &&
	    (w->access || w->user == s->heir))
		set(w, REASON_OTHER_USER, CLAIM_MAYBE);
	if (alive == CLAIM_NO && !w->ticket)
		set(w, REASON_OTHER_USER, CLAIM_NO);
	if (alive != CLAIM_SURE || !s->whole)
		return;
	set(w, REASON_TCP_ALLOCATION, s->tcp ? CLAIM_SURE : CLAIM_NO);
	set(w, REASON_UDP_ALLOCATION, s->tcp ? CLAIM_NO : CLAIM_SURE);
}

/* Families of all peers; of a ChannelBind the first alone. */
static uint8_t peer_families(const struct stun_message *m)
{
	struct endpoint peer;
	uint8_t families = 0;

	for (size_t i = 0; i < m->attribute_count; i++)
		if (m->attributes[i].type == AT_XOR_PEER_ADDRESS &&
		    !m->attributes[i].ignored &&
		    stun_address(m, &m->attributes[i], &peer) == STATUS_OK)
			families |= peer.family == FAMILY_IPV6 ? 2 : 1;
	return families;
}

static void claim_families(const struct shadow *s, const struct stun_message *m,
			   struct waiting *w)
{
	uint8_t peers = peer_families(m);
	uint8_t asked =
		byte_of(m, AT_REQUESTED_FAMILY) == FAMILY_BYTE_IPV6 ? 2 : 1;

	if (!stun_find(m, AT_REQUESTED_FAMILY))
		set(w, REASON_FAMILY_NOT_RELAYED, CLAIM_NO);
	if (!s->families || w->claims.of[REASON_NO_ALLOCATION] != CLAIM_NO)
		return;
	set(w, REASON_PEER_FAMILY,
	    peers & ~s->families ? CLAIM_SURE : CLAIM_NO);
	if (stun_find(m, AT_REQUESTED_FAMILY))
		set(w, REASON_FAMILY_NOT_RELAYED,
		    asked & s->families ? CLAIM_NO : CLAIM_SURE);
}

/* Bound otherwise: surely while it holds, maybe a while behind. */
static enum claim taken(const struct shadow *s, const struct waiting *w,
			nanoseconds now)
{
	enum claim claim = s->whole && !s->crowded ? CLAIM_NO : CLAIM_MAYBE;

	for (size_t i = 0; i < s->channel_count; i++) {
		const struct shadow_channel *c = &s->channels[i];
		bool number = c->number == w->channel;
		bool peer = c->peer == w->peer;
		nanoseconds age = now - c->granted;

		if (number && peer && age + CLOCK_SLACK < CHANNEL_LIFE)
			return CLAIM_NO;
		if (number == peer)
			continue;
		if (age + CLOCK_SLACK < CHANNEL_LIFE && !c->asked)
			return CLAIM_SURE;
		if (age < CHANNEL_LIFE + CHANNEL_REST + CLOCK_SLACK)
			claim = CLAIM_MAYBE;
	}
	return claim;
}

/* What does not hang on the server's mind is looked at by its own rule. */
static void claim_small(const struct replay_message *m, struct waiting *w)
{
	if (!w->token)
		set(w, REASON_TOKEN_GONE, CLAIM_NO);
	if (!w->access)
		set(w, REASON_ACCESS_TOKEN, CLAIM_NO);
	if (!w->even)
		set(w, REASON_NO_EVEN_PORT, CLAIM_NO);
	if (w->claims.of[REASON_MALFORMED] == CLAIM_SURE)
		set(w, REASON_MALFORMED, CLAIM_MAYBE); /* some forgive it */
	if (m->stun->method == STUN_BINDING)
		set(w, REASON_NO_INTEGRITY, CLAIM_NO);
}

void replay_claim(const struct replay *r, const struct shadow *s,
		  const struct replay_message *m, struct waiting *w)
{
	memset(w->claims.of, CLAIM_MAYBE, sizeof(w->claims.of));
	note_request(r, m, w);
	turn_examine(m->stun, &anybody, m->stream, &w->claims);
	claim_small(m, w);
	if (!s)
		return;
	claim_user(s, m, w);
	claim_nonce(s, m, w);
	claim_allocation(r, s, m, w);
	claim_families(s, m->stun, w);
	set(w, REASON_CHANNEL_TAKEN, taken(s, w, m->time));
}
