/* Who asks: the long-term mechanism of RFC 8489 9.2.4. */
#include "config.h"

#include "core/cursor.h"
#include "engine/turn_state.h"

#define ALGORITHM_MD5 1u
#define ALGORITHM_SHA256 2u

/* What is offered, and must come back: SHA-256, then MD5, no parameters. */
static const uint8_t offered[] = {0, ALGORITHM_SHA256, 0, 0,
				  0, ALGORITHM_MD5,    0, 0};

struct slice turn_algorithms(void)
{
	return slice_of(offered, sizeof(offered));
}

static void claim(struct turn_ask *ask, enum turn_reason reason, bool holds)
{
	ask->claims.of[reason] = holds ? CLAIM_SURE : CLAIM_NO;
}

/*
 * The algorithm that the client chose; 0: the choice is none.  A nonce that
 * announces algorithms keeps somebody on the way from taking the offer out.
 */
static unsigned algorithm_of(const struct stun_message *m)
{
	const struct stun_attribute *choice =
		stun_find(m, AT_PASSWORD_ALGORITHM);
	const struct stun_attribute *list =
		stun_find(m, AT_PASSWORD_ALGORITHMS);
	struct cursor c;
	unsigned chosen;

	if (!(nonce_features(m->nonce) & NONCE_ALGORITHMS) ||
	    (!choice && !list))
		return ALGORITHM_MD5;
	if (!choice || !list || !slice_equal(list->value, turn_algorithms()))
		return 0;
	c = cursor_over(choice->value);
	chosen = cursor_u16(&c);
	if (c.bad || cursor_u16(&c) != 0 ||
	    (chosen != ALGORITHM_MD5 && chosen != ALGORITHM_SHA256))
		return 0;
	return chosen;
}

static bool integrity_fits(const struct turn_ask *ask,
			   const struct stun_key *key)
{
	/* Other coverages than the RFC's are for reading old captures. */
	return stun_check_integrity(ask->m, key) == COVERAGE_RFC;
}

/* The kind of integrity that a reply gets: SHA-256 for who speaks RFC 8489. */
static bool wants_sha256(const struct stun_message *m)
{
	return m->integrity256_at ||
	       ((nonce_features(m->nonce) & NONCE_ALGORITHMS) &&
		stun_find(m, AT_PASSWORD_ALGORITHM));
}

/* A nonce is its client's; what binds a connection to an allocation comes from
 * another port, with the nonce that the allocation's client has (RFC 6062 4.3:
 * authenticated as that). */
static bool nonce_fits(const struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	const struct stun_attribute *id = stun_find(ask->m, AT_CONNECTION_ID);
	struct cursor c = cursor_over(id ? id->value : (struct slice){0});
	const struct connection *waiting = connection_row(s, cursor_u32(&c));

	if (nonce_is_valid(&s->nonces, &ask->path->client, ask->now,
			   ask->m->nonce))
		return true;
	return ask->request == ASK_CONNECTION_BIND && waiting &&
	       nonce_is_valid(
		       &s->nonces,
		       &allocation_row(s, waiting->allocation)->path.client,
		       ask->now, ask->m->nonce);
}

/* The user and the key of the request; false: nobody knows him. */
static bool find_user(struct turn_ask *ask, unsigned algorithm)
{
	if (access_finds(ask))
		return true;
	if (!users_find(&ask->s->users, ask->m, ask->now, &ask->who))
		return false;
	ask->own_key = algorithm == ALGORITHM_SHA256 ? *ask->who.sha256_key
						     : *ask->who.md5_key;
	return true;
}

void turn_authenticate(struct turn_ask *ask)
{
	struct turn_server *s = ask->s;
	const struct stun_message *m = ask->m;
	unsigned algorithm;
	bool known;

	if (ask->claims.of[REASON_NO_INTEGRITY] == CLAIM_SURE ||
	    ask->claims.of[REASON_NO_NAMES] == CLAIM_SURE)
		return;
	algorithm = algorithm_of(m);
	claim(ask, REASON_ALGORITHMS, algorithm == 0);
	if (algorithm == 0)
		return;
	known = slice_equal(m->realm, s->config.realm) &&
		find_user(ask, algorithm);
	claim(ask, REASON_USER_UNKNOWN, !known);
	if (!known || ask->claims.of[REASON_ACCESS_TOKEN] == CLAIM_SURE)
		return;
	ask->sha256 = wants_sha256(m);
	if (!integrity_fits(ask, &ask->own_key)) {
		claim(ask, REASON_INTEGRITY_WRONG, true);
		return;
	}
	ask->key = &ask->own_key;
	claim(ask, REASON_NONCE_STALE, !nonce_fits(ask));
}
