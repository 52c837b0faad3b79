/* Values of a reply: addresses, lifetimes, nonces; and what is taken over. */
#include "config.h"

#include "core/cursor.h"
#include "engine/replay_state.h"

#define LIFETIME_DEFAULT 600u /* RFC 8656 7.2 */

/* ---- addresses ---- */

static const char *text_of(const struct endpoint *e,
			   char buffer[ENDPOINT_TEXT_MAX])
{
	return endpoint_string(e, buffer);
}

/* RFC 2544's addresses are for benches, whatever stands between. */
static bool is_global(const struct endpoint *e)
{
	bool bench = e->family == FAMILY_IPV4 && e->ip[0] == 198 &&
		     (e->ip[1] & 0xFE) == 18;

	return endpoint_is_public(e) && !bench;
}

bool replay_on_one_link(const struct endpoint *a, const struct endpoint *b)
{
	size_t n = a->family == FAMILY_IPV4 ? 3 : 8;

	return a->family == b->family && memcmp(a->ip, b->ip, n) == 0;
}

/* On one link, or with a public address, nobody can be behind a NAT. */
static bool sees_itself(const struct endpoint *client,
			const struct endpoint *server)
{
	return client->family == server->family &&
	       (is_global(client) || replay_on_one_link(client, server));
}

/* A translator on the way (RFC 6146) makes IPv4 of the client's IPv6. */
static bool is_translated(const struct endpoint *client,
			  const struct endpoint *mapped)
{
	return client->family == FAMILY_IPV6 && mapped->family == FAMILY_IPV4;
}

static void judge_mapped(struct trial *t)
{
	const struct endpoint *mapped = &t->m->stun->mapped;
	const struct endpoint *client = &t->w->client;
	char got[ENDPOINT_TEXT_MAX], want[ENDPOINT_TEXT_MAX];
	bool known = t->s && t->s->mapped.family != FAMILY_NONE;

	if (mapped->family == FAMILY_NONE || endpoint_equal(mapped, client) ||
	    is_translated(client, mapped))
		return;
	if (sees_itself(client, &t->w->server))
		replay_find(t, REPLAY_MAPPED_WRONG,
			    "the mapped address is %s, the request came from "
			    "%s",
			    text_of(mapped, got), text_of(client, want));
	else if (mapped->family != client->family)
		replay_find(t, REPLAY_MAPPED_WRONG,
			    "the mapped address %s is of another family than "
			    "%s",
			    text_of(mapped, got), text_of(client, want));
	else if (known && t->m->time - t->s->mapped_at < MAPPING_LIFE &&
		 !endpoint_equal(mapped, &t->s->mapped))
		replay_find(t, REPLAY_MAPPED_WRONG,
			    "the mapped address is %s, on the same way it was "
			    "%s",
			    text_of(mapped, got), text_of(&t->s->mapped, want));
	else if (!endpoint_is_public(mapped) &&
		 endpoint_is_public(&t->w->server))
		replay_find(t, REPLAY_MAPPED_WRONG,
			    "the mapped address %s is none that a server "
			    "outside can see",
			    text_of(mapped, got));
}

static void judge_relayed(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	char got[ENDPOINT_TEXT_MAX];
	struct endpoint e;

	for (size_t i = 0; i < m->attribute_count; i++) {
		const struct stun_attribute *a = &m->attributes[i];
		uint8_t family;

		if (a->type != AT_XOR_RELAYED_ADDRESS || a->ignored)
			continue;
		if (stun_address(m, a, &e) != STATUS_OK) {
			replay_find(t, REPLAY_RELAYED_WRONG,
				    "XOR-RELAYED-ADDRESS cannot be read");
			continue;
		}
		family = e.family == FAMILY_IPV6 ? 2 : 1;
		if (!(family & t->w->families) && !t->w->token)
			replay_find(t, REPLAY_RELAYED_WRONG,
				    "the relayed address %s is not of the "
				    "family that was asked for",
				    text_of(&e, got));
		else if (e.port == 0 || endpoint_is_multicast(&e))
			replay_find(t, REPLAY_RELAYED_WRONG,
				    "%s cannot be a relayed address",
				    text_of(&e, got));
		else if (t->w->even && e.port % 2)
			replay_find(t, REPLAY_RELAYED_WRONG,
				    "the relayed port of %s is odd, an even "
				    "one was asked for (EVEN-PORT)",
				    text_of(&e, got));
	}
}

/* ---- LIFETIME ---- */

/*
 * RFC 8656 7.2: what is asked for, but not below the default nor above the
 * maximum, which the capture does not tell, and coturn takes for the stronger
 * one (max-allocate-lifetime); nor beyond the end of a token
 * (RFC 7635 9), which it does not tell either.
 */
static void judge_lifetime(struct trial *t)
{
	uint32_t got = t->m->stun->lifetime;
	uint32_t asked = t->w->lifetime;
	bool release = t->w->has_lifetime && asked == 0 &&
		       t->w->request == ASK_REFRESH;
	uint32_t most = asked > LIFETIME_DEFAULT ? asked : LIFETIME_DEFAULT;

	if (release != (got == 0))
		replay_find(t, REPLAY_LIFETIME_WRONG,
			    release ? "LIFETIME %u answers a release, 0 was "
				      "due"
				    : "LIFETIME is %u though nothing was "
				      "released",
			    got);
	else if (!t->w->has_lifetime || release)
		return;
	else if (got < most && t->s && (t->s->access || t->w->access))
		return;
	else if (got > most)
		replay_find(t, REPLAY_LIFETIME_WRONG,
			    "LIFETIME %u is more than the %u that were asked "
			    "for",
			    got, asked);
	else if (got == asked && got < LIFETIME_DEFAULT && got)
		replay_find(t, REPLAY_KNOWN_DIFFERENCE,
			    "LIFETIME %u as asked, below the default; "
			    "pion/turn does that",
			    got);
	else if (got < LIFETIME_DEFAULT && got < asked)
		replay_find(t, REPLAY_KNOWN_DIFFERENCE,
			    "LIFETIME %u is less than %u, and than the "
			    "default of RFC 8656: the server's maximum is "
			    "lower, as coturn's may be",
			    got, asked);
}

/* ---- errors ---- */

static bool was_asked(const struct waiting *w, uint16_t type)
{
	if (type >= 0x80)
		return true; /* not kept */
	return (w->types[type / 32] >> type % 32 & 1) != 0;
}

uint16_t replay_named_unknown(const struct trial *t)
{
	const struct stun_attribute *a =
		stun_find(t->m->stun, AT_UNKNOWN_ATTRIBUTES);
	struct cursor c = cursor_over(a ? a->value : (struct slice){0});
	uint16_t type = c.left >= 2 ? cursor_u16(&c) : 0;

	return type && type < 0x80 && was_asked(t->w, type) ? type : 0;
}

void replay_unknown(struct trial *t)
{
	const struct stun_attribute *a =
		stun_find(t->m->stun, AT_UNKNOWN_ATTRIBUTES);
	struct cursor c = cursor_over(a ? a->value : (struct slice){0});

	if (!a)
		return;
	if (c.left < 2)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "UNKNOWN-ATTRIBUTES names no attribute");
	while (c.left >= 2) {
		uint16_t type = cursor_u16(&c);

		if (!was_asked(t->w, type)) {
			replay_find(t, REPLAY_VALUE_WRONG,
				    "UNKNOWN-ATTRIBUTES names 0x%04x, which "
				    "the request does not have",
				    (unsigned)type);
			return;
		}
	}
}

void replay_challenge(struct trial *t)
{
	const struct stun_message *m = t->m->stun;
	uint32_t nonce = m->has_nonce ? replay_hash(t->r, m->nonce) : 0;
	uint32_t realm = m->has_realm ? replay_hash(t->r, m->realm) : 0;

	if (t->code == 438 && nonce && nonce == t->w->nonce)
		replay_find(t, REPLAY_NONCE_NOT_NEW,
			    "438 (Stale Nonce) brings the NONCE that it "
			    "refuses");
	if (t->s && realm && t->s->realm && realm != t->s->realm)
		replay_find(t, REPLAY_VALUE_WRONG,
			    "REALM is another than in the challenge before");
}

/* Below 0x8000, where a client must understand what stands there. */
void replay_sizes(struct trial *t, enum stun_dialect dialect)
{
	const struct stun_message *m = t->m->stun;

	for (size_t i = 0; i < m->attribute_count; i++) {
		const struct stun_attribute *a = &m->attributes[i];
		const struct stun_attribute_row *row =
			stun_attribute_row(a->type, dialect);

		if (a->ignored || !row || a->type >= 0x8000 ||
		    (a->value.n >= row->min && a->value.n <= row->max))
			continue;
		replay_find(t, REPLAY_VALUE_WRONG,
			    "%s has a size of %zu bytes, which it cannot have",
			    row->name, a->value.n);
	}
}

void replay_values(struct trial *t)
{
	replay_sizes(t, STUN_TURN);
	if (t->m->stun->class == STUN_ERROR) {
		if (t->code == 420)
			replay_unknown(t);
		if (t->code == 401 || t->code == 438)
			replay_challenge(t);
		return;
	}
	if (t->w->request == ASK_ALLOCATE || t->w->request == ASK_BINDING)
		judge_mapped(t);
	if (t->w->request == ASK_ALLOCATE)
		judge_relayed(t);
	if (t->m->stun->has_lifetime)
		judge_lifetime(t);
}

/* ---- taking over ---- */

static uint8_t families_of(const struct stun_message *m)
{
	uint8_t families = 0;
	struct endpoint e;

	for (size_t i = 0; i < m->attribute_count; i++)
		if (m->attributes[i].type == AT_XOR_RELAYED_ADDRESS &&
		    stun_address(m, &m->attributes[i], &e) == STATUS_OK)
			families |= e.family == FAMILY_IPV6 ? 2 : 1;
	return families;
}

static void lives(struct shadow *s, const struct trial *t)
{
	uint32_t lifetime = t->m->stun->has_lifetime ? t->m->stun->lifetime
						     : LIFETIME_DEFAULT;

	s->alive = lifetime ? CLAIM_SURE : CLAIM_NO;
	s->moves = t->r->moves;
	s->ticketed |= stun_find(t->m->stun, AT_MOBILITY_TICKET) != NULL;
	s->expires = t->m->time + (nanoseconds)lifetime * NS_PER_S;
}

static void adopt_allocation(struct trial *t)
{
	struct shadow *s = t->s;
	bool same = s->whole && s->alive == CLAIM_SURE &&
		    endpoint_equal(&s->relayed, &t->m->stun->relayed);

	lives(s, t);
	s->access = t->w->access;
	if (same)
		return; /* the same success once more */
	s->made_by = replay_hash(t->r, slice_of(t->w->id, sizeof(t->w->id)));
	s->user = t->w->user;
	s->mapped = t->m->stun->mapped;
	s->mapped_at = t->m->time;
	s->relayed = t->m->stun->relayed;
	s->families = families_of(t->m->stun);
	s->tcp = t->w->tcp;
	s->whole = true;
	s->ticketed = stun_find(t->m->stun, AT_MOBILITY_TICKET) != NULL;
	s->crowded = false;
	s->channel_count = 0;
}

static void adopt_channel(struct trial *t)
{
	struct shadow_channel *c =
		replay_channel(t->s, (uint16_t)t->w->channel);

	if (c)
		*c = (struct shadow_channel){.granted = t->m->time,
					     .peer = t->w->peer,
					     .number = t->w->channel};
}

/* A release of one family leaves the other; what is left is not known. */
static void adopt_refresh(struct trial *t)
{
	bool release = t->m->stun->has_lifetime && t->m->stun->lifetime == 0;
	bool may_move = t->s->ticketed || !t->s->whole;
	uint32_t moves = t->s->moves;

	if (release && (t->s->families == 3 || t->s->families == 0) &&
	    (t->w->types[0] >> AT_REQUESTED_FAMILY & 1)) {
		t->s->alive = CLAIM_MAYBE;
		t->s->families = 0;
	} else {
		t->r->moves += t->w->ticket;
		lives(t->s, t);
		/* A move elsewhere may be on its way: until that is confirmed
		 * the server answers here as well (RFC 8016 3.2.3). */
		if (may_move && !t->w->ticket)
			t->s->moves = moves;
		/* An allocation that came here from elsewhere (RFC 8016), or
		 * a token of another name. */
		if (t->w->ticket || t->w->access)
			t->s->user = t->w->user;
	}
}

static void adopt_success(struct trial *t)
{
	if (t->w->user) {
		t->s->accepted = t->w->user;
		t->s->accepted_realm = t->w->realm;
	}
	switch ((enum turn_request)t->w->request) {
	case ASK_ALLOCATE:
		adopt_allocation(t);
		break;
	case ASK_REFRESH:
		adopt_refresh(t);
		break;
	case ASK_CHANNEL:
		adopt_channel(t);
		break;
	case ASK_PERMISSION:
	case ASK_CONNECT:
	case ASK_CONNECTION_BIND:
	case ASK_BINDING:
		break;
	}
}

/* Where a client gives the id of one request to another, a server may say once
 * more what came of the first. */
static void adopt_again(struct trial *t)
{
	if (t->w->again && t->w->request != ASK_BINDING)
		t->s->alive = CLAIM_MAYBE;
}

void replay_adopt(struct trial *t)
{
	const struct stun_message *m = t->m->stun;

	if (!t->s)
		return;
	if (m->class == STUN_SUCCESS) {
		adopt_success(t);
		adopt_again(t);
		return;
	}
	if (t->code == 438)
		t->s->refused_nonce = t->w->nonce;
	/* To Connect it also says that the allocation is not for TCP. */
	if (t->code == 437 && t->w->request != ASK_ALLOCATE &&
	    t->w->request != ASK_CONNECT)
		t->s->alive = CLAIM_NO;
	adopt_again(t);
	if (m->has_nonce && (t->code == 401 || t->code == 438)) {
		t->s->nonce = replay_hash(t->r, m->nonce);
		t->s->nonce_at = t->m->time;
	}
	if (m->has_realm && !t->s->realm)
		t->s->realm = replay_hash(t->r, m->realm);
}
