/*
 * Third-party authorization (RFC 7635): who has a token of an authorization
 * server needs no account here.
 *
 * The token comes with Allocate and Refresh; in between the allocation knows
 * the key that was in it.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "engine/turn_state.h"

struct slice access_name(const struct turn_server *s)
{
	return s->config.name.n ? s->config.name : s->config.realm;
}

enum status turn_server_add_key(struct turn_server *s,
				const struct access_key *key)
{
	struct access_issuer *issuer = &s->issuers[s->issuer_count];
	enum status status;

	if (s->issuer_count == TURN_ACCESS_KEYS_MAX)
		return STATUS_LIMIT;
	status = users_add_keyless(&s->users, key->kid);
	if (status != STATUS_OK)
		return status;
	issuer->key = *key;
	issuer->user = users_named(&s->users, key->kid);
	issuer->key.kid = (struct slice){0}; /* the user has it */
	s->issuer_count++;
	s->can.third_party = CLAIM_SURE;
	/* A hash of a kid would not tell the token's key. */
	s->nonces.features &= ~(uint32_t)NONCE_ANONYMITY;
	return STATUS_OK;
}

static const struct access_issuer *issuer_of(const struct turn_server *s,
					     const struct stun_message *m)
{
	uint32_t user = m->has_username && s->issuer_count
				? users_named(&s->users, m->username)
				: USER_NONE;

	for (size_t i = 0; user != USER_NONE && i < s->issuer_count; i++)
		if (s->issuers[i].user == user)
			return &s->issuers[i];
	return NULL;
}

/* What the user's allocation, or that behind a connection that waits, knows. */
static const struct access *known_access(const struct turn_ask *ask,
					 uint32_t user)
{
	const struct stun_attribute *id = stun_find(ask->m, AT_CONNECTION_ID);
	struct cursor c = cursor_over(id ? id->value : (struct slice){0});
	const struct connection *waiting =
		connection_row(ask->s, cursor_u32(&c));
	uint32_t row = ask->allocation;
	const struct turn_allocation *a;

	if (ask->request == ASK_CONNECTION_BIND && waiting)
		row = waiting->allocation;
	if (row == ROW_NONE)
		return NULL;
	a = allocation_row(ask->s, row);
	return a->user == user ? a->access : NULL;
}

/* coturn signs SHA-1 with the first 16 bytes of a key of 20, as if it came from
 * a password; with nobody else to be had, that is taken too. */
#define COTURN_MAC 16u

static void key_of(const struct access_token *token,
		   const struct stun_message *m, struct stun_key *out)
{
	stun_key_short_term(slice_of(token->mac, token->mac_size), out);
	if (!m->integrity256_at && token->mac_size > COTURN_MAC &&
	    stun_check_integrity(m, out) != COVERAGE_RFC)
		stun_key_short_term(slice_of(token->mac, COTURN_MAC), out);
}

/* The key and the end of a token; false: it is none for here and now. */
static bool open_token(struct turn_ask *ask, const struct access_key *key,
		       struct slice value)
{
	struct access_token token;
	nanoseconds left;

	if (access_token_open(key, access_name(ask->s), value, &token) !=
	    STATUS_OK)
		return false;
	left = access_token_left(&token, ask->now);
	key_of(&token, ask->m, &ask->own_key);
	bytes_wipe(&token, sizeof(token));
	ask->until = ask->now + left;
	return left > 0;
}

bool access_finds(struct turn_ask *ask)
{
	const struct access_issuer *issuer = issuer_of(ask->s, ask->m);
	const struct stun_attribute *token = stun_find(ask->m, AT_ACCESS_TOKEN);
	const struct access *access;
	bool good = false;

	if (!issuer)
		return false;
	access = known_access(ask, issuer->user);
	if (token) {
		good = open_token(ask, &issuer->key, token->value);
	} else if (access && access->until > ask->now) {
		ask->own_key = access->key;
		ask->until = access->until;
		good = true;
	}
	if (!good)
		ask->claims.of[REASON_ACCESS_TOKEN] = CLAIM_SURE;
	ask->who.row = issuer->user;
	ask->who.name = ask->m->username;
	return true;
}

bool access_owns(const struct turn_ask *ask, const struct turn_allocation *a)
{
	return users_is(&ask->s->users, a->user, &ask->who) ||
	       (ask->until && a->access && ask->request == ASK_REFRESH &&
		stun_find(ask->m, AT_ACCESS_TOKEN));
}

bool access_keep(const struct turn_ask *ask, struct turn_allocation *a)
{
	struct users *users = &ask->s->users;

	if (!ask->until)
		return true;
	if (!a->access)
		a->access = malloc(sizeof(*a->access));
	if (!a->access)
		return false;
	if (a->user != ask->who.row) {
		users_hold(users, ask->who.row);
		users_release(users, a->user);
		a->user = ask->who.row;
	}
	*a->access = (struct access){.key = ask->own_key, .until = ask->until};
	return true;
}

void access_forget(struct turn_allocation *a)
{
	if (a->access)
		bytes_wipe(a->access, sizeof(*a->access));
	free(a->access);
	a->access = NULL;
}

uint32_t access_lifetime(const struct turn_ask *ask, uint32_t lifetime)
{
	nanoseconds left = ask->until - ask->now;

	if (!ask->until || left / NS_PER_S >= lifetime)
		return lifetime;
	return left < NS_PER_S ? 1 : (uint32_t)(left / NS_PER_S);
}
