/* Answers to challenges. */
#include "config.h"

#include "core/cursor.h"
#include "engine/attributes.h"
#include "engine/credential.h"
#include "engine/nonce.h"

#define MS_VERSION_SHA256 3u /* [MS-TURN] 2.2.2.17 */

void credential_begin(struct credential *c, struct slice user,
		      struct slice password)
{
	memset(c, 0, sizeof(*c));
	c->user = user;
	c->password = password;
}

void credential_forget(struct credential *c)
{
	bytes_wipe(&c->key, sizeof(c->key));
	bytes_wipe(c->token, sizeof(c->token));
	memset(c, 0, sizeof(*c));
}

/* The first of the offer that is known: the server's order is its liking
 * (RFC 8489 14.11).  0: none. */
static unsigned choose(struct slice offer)
{
	struct cursor c = cursor_over(offer);

	while (!c.bad && c.left >= 4) {
		unsigned algorithm = cursor_u16(&c);
		size_t n = cursor_u16(&c);

		(void)cursor_take(&c, n + (4 - n % 4) % 4);
		if (c.bad)
			return 0;
		if (n == 0 &&
		    (algorithm == PASSWORD_MD5 || algorithm == PASSWORD_SHA256))
			return algorithm;
	}
	return 0;
}

/* What a nonce with the cookie announces, and what stands beside it. */
static enum challenge read_features(struct credential *c,
				    const struct stun_message *error)
{
	uint32_t features = nonce_features(error->nonce);
	const struct stun_attribute *offer =
		stun_find(error, AT_PASSWORD_ALGORITHMS);

	c->algorithm = 0;
	c->offer_size = 0;
	c->anonymous = (features & NONCE_ANONYMITY) != 0;
	if ((features & NONCE_ALGORITHMS) && !offer)
		return CHALLENGE_BID_DOWN;
	if (!(features & NONCE_ALGORITHMS))
		return CHALLENGE_TRY;
	c->algorithm = choose(offer->value);
	if (c->algorithm == 0 || !slice_copy(offer->value, c->offer,
					     sizeof(c->offer), &c->offer_size))
		return CHALLENGE_MALFORMED;
	return CHALLENGE_TRY;
}

/* One nonce for each server that a token is made for. */
static bool seal_token(struct credential *c, struct slice server)
{
	const struct access_grant *g = c->grant;
	struct slice pieces[2] = {slice_of(g->seed, sizeof(g->seed)), server};
	struct text token = text_new(sizeof(c->token));
	uint8_t hash[SHA256_SIZE];
	bool fine;

	sha256(pieces, 2, hash);
	fine = access_token_seal(&g->key, server, &g->content, hash, &token) ==
		       STATUS_OK &&
	       slice_copy(text_slice(&token), c->token, sizeof(c->token),
			  &c->token_size);
	text_free(&token);
	return fine;
}

/* The server's name is in its challenge (RFC 7635 6.1), or its realm. */
static bool take_token(struct credential *c, const struct stun_message *error)
{
	const struct stun_attribute *name = stun_find(error, AT_THIRD_PARTY);

	c->anonymous = false;
	if (c->token_size)
		return true;
	if (c->grant->token.n)
		return slice_copy(c->grant->token, c->token, sizeof(c->token),
				  &c->token_size);
	return seal_token(c, name ? name->value
				  : slice_of(c->realm, c->realm_size));
}

static void make_key(struct credential *c)
{
	if (c->grant)
		stun_key_short_term(c->password, &c->key);
	else
		stun_key_long_term(c->user, slice_of(c->realm, c->realm_size),
				   c->password, c->algorithm == PASSWORD_SHA256,
				   &c->key);
	c->sha256 = c->ms_turn ? c->ms_version >= MS_VERSION_SHA256
			       : c->algorithm != 0;
	c->challenged = true;
}

/* [MS-TURN] 2.7: a nonce that is too old has its own code; all others are
 * said to who is not known, or has the wrong key. */
static bool is_challenge(const struct credential *c, unsigned code)
{
	if (code == 401 || code == 438)
		return true;
	return c->ms_turn && code >= 430 && code <= 436;
}

enum challenge credential_challenged(struct credential *c,
				     const struct stun_message *error)
{
	bool again = c->challenged && c->signed_once;
	enum challenge features;

	if (!is_challenge(c, error->error))
		return CHALLENGE_NONE;
	if (c->user.n == 0)
		return CHALLENGE_UNKNOWN;
	/* To a signed request 401 says that the names are wrong, unless it
	 * comes from another realm than the one that they were meant for. */
	if (again && error->error != 438 &&
	    slice_equal(error->realm, slice_of(c->realm, c->realm_size)))
		return CHALLENGE_REFUSED;
	if (again && error->error != 438 && error->realm.n == 0)
		return CHALLENGE_REFUSED;
	if (error->nonce.n == 0 || (!again && error->realm.n == 0) ||
	    !slice_copy(error->nonce, c->nonce, sizeof(c->nonce),
			&c->nonce_size))
		return CHALLENGE_MALFORMED;
	if (error->realm.n && !slice_copy(error->realm, c->realm,
					  sizeof(c->realm), &c->realm_size))
		return CHALLENGE_MALFORMED;
	if (c->ms_turn && error->ms_version &&
	    error->ms_version < c->ms_version)
		c->ms_version = error->ms_version;
	features = c->ms_turn ? CHALLENGE_TRY : read_features(c, error);
	if (features == CHALLENGE_TRY && c->grant && !take_token(c, error))
		return CHALLENGE_MALFORMED;
	if (features == CHALLENGE_TRY)
		make_key(c);
	return features;
}

static void write_name(const struct credential *c, struct stun_writer *w)
{
	struct slice pieces[3] = {c->user, SLICE(":"),
				  slice_of(c->realm, c->realm_size)};
	uint8_t hash[SHA256_SIZE];

	if (!c->anonymous) {
		stun_write_bytes(w, AT_USERNAME, c->user);
		return;
	}
	sha256(pieces, 3, hash);
	stun_write_bytes(w, AT_USERHASH, slice_of(hash, sizeof(hash)));
}

/* In the order of their numbers, which is what others do. */
static void write_challenge(const struct credential *c, struct stun_writer *w)
{
	struct slice realm = slice_of(c->realm, c->realm_size);
	struct slice nonce = slice_of(c->nonce, c->nonce_size);

	if (c->ms_turn) {
		stun_write_bytes(w, MS_AT_NONCE, nonce);
		stun_write_bytes(w, MS_AT_REALM, realm);
	} else {
		stun_write_bytes(w, AT_REALM, realm);
		stun_write_bytes(w, AT_NONCE, nonce);
	}
}

void credential_put_token(const struct credential *c, struct stun_writer *w)
{
	if (c->token_size)
		stun_write_bytes(w, AT_ACCESS_TOKEN,
				 slice_of(c->token, c->token_size));
}

void credential_sign(struct credential *c, struct stun_writer *w)
{
	uint8_t choice[4] = {0, (uint8_t)c->algorithm, 0, 0};

	if (!c->challenged)
		return;
	write_name(c, w);
	write_challenge(c, w);
	if (c->algorithm) {
		stun_write_bytes(w, AT_PASSWORD_ALGORITHMS,
				 slice_of(c->offer, c->offer_size));
		stun_write_bytes(w, AT_PASSWORD_ALGORITHM,
				 slice_of(choice, sizeof(choice)));
	}
	stun_write_integrity(w, &c->key, c->sha256, c->ms_turn);
	c->signed_once = true;
}

enum claim credential_fits(const struct credential *c,
			   const struct stun_message *reply)
{
	enum stun_coverage coverage;

	if (!c->challenged)
		return CLAIM_MAYBE;
	if (!stun_has_integrity(reply))
		return CLAIM_NO;
	/* Who asked with SHA-256 is answered with it, or somebody on the way
	 * took it out (RFC 8489 9.2.5). */
	if (c->sha256 && !c->ms_turn && !reply->integrity256_at)
		return CLAIM_NO;
	coverage = stun_check_integrity(reply, &c->key);
	if (c->ms_turn)
		return coverage == COVERAGE_NONE ? CLAIM_NO : CLAIM_SURE;
	return coverage == COVERAGE_RFC ? CLAIM_SURE : CLAIM_NO;
}
