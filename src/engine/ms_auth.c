/*
 * Who asks, by the rules of [MS-TURN] 3.1.12: long-term credentials, the text
 * of the integrity padded (spec stun-turn 2.6); and short-term ones of old MSN
 * clients.
 *
 * 20 bytes of integrity are SHA-1 and proved by real clients.  32 bytes are
 * SHA-256, from MS-Version 3 on: that they are padded too, and that the key is
 * MD5 (or else SHA-256) of the same text, nobody has proved.
 */
#include "config.h"

#include "core/cursor.h"
#include "engine/ms_state.h"

static void claim(struct ms_ask *ask, enum turn_reason reason, bool holds)
{
	ask->turn.claims.of[reason] = holds ? CLAIM_SURE : CLAIM_NO;
}

static struct slice unquoted(struct slice s)
{
	while (s.n && s.p[0] == '"')
		s = slice_from(s, 1);
	while (s.n && (s.p[s.n - 1] == '"' || s.p[s.n - 1] == 0))
		s = slice_first(s, s.n - 1);
	return s;
}

static struct slice value_of(const struct stun_message *m, uint16_t type)
{
	const struct stun_attribute *a = stun_find(m, type);

	return a ? a->value : (struct slice){0};
}

/* A server should take the client's realm for its own (2.2.2.14). */
static struct slice realm_of(const struct ms_ask *ask)
{
	struct slice realm = unquoted(value_of(ask->turn.m, MS_REALM));

	return realm.n ? realm : unquoted(ask->turn.s->config.realm);
}

/* ---- users ---- */

/* Someone of the list, or of the secret: their keys are of our realm, and
 * MSN's are not kept. */
static bool find_user(struct ms_ask *ask)
{
	struct turn_server *s = ask->turn.s;

	return !ask->msn &&
	       slice_equal(realm_of(ask), unquoted(s->config.realm)) &&
	       users_find(&s->users, ask->turn.m, ask->turn.now,
			  &ask->turn.who);
}

/* Counted by the client id, which all tokens of a user have.  The row that is
 * made of it gets a key that nobody knows. */
static bool find_token(struct ms_ask *ask)
{
	struct turn_server *s = ask->turn.s;
	struct user_found *who = &ask->turn.who;
	uint8_t dice[32];

	if (mras_token_check(&s->config.ms.keys, ask->turn.m->username,
			     ask->turn.now, &ask->token) != MRAS_TOKEN_GOOD)
		return false;
	who->name = slice_of(ask->token.client, SHA1_SIZE);
	who->row = users_named(&s->users, who->name);
	s->provider.random(s->provider.context, dice, sizeof(dice));
	stun_key_short_term(slice_of(dice, sizeof(dice)), &ask->row_key);
	who->md5_key = who->sha256_key = &ask->row_key;
	return true;
}

/* ---- integrity ---- */

static bool fits(struct ms_ask *ask)
{
	return stun_check_integrity(ask->turn.m, &ask->turn.own_key) ==
	       COVERAGE_PADDED;
}

static bool token_fits(struct ms_ask *ask)
{
	struct slice password =
		slice_of(ask->token.password, MRAS_PASSWORD_SIZE);
	struct slice name = ask->turn.m->username;
	struct stun_key *key = &ask->turn.own_key;

	if (ask->msn) {
		stun_key_short_term(password, key);
		return fits(ask);
	}
	stun_key_long_term(name, realm_of(ask), password, false, key);
	if (fits(ask) || !ask->sha256)
		return fits(ask);
	stun_key_long_term(name, realm_of(ask), password, true, key);
	return fits(ask);
}

static bool user_fits(struct ms_ask *ask)
{
	ask->turn.own_key = *ask->turn.who.md5_key;
	if (fits(ask) || !ask->sha256)
		return fits(ask);
	ask->turn.own_key = *ask->turn.who.sha256_key;
	return fits(ask);
}

static void claim_nonce(struct ms_ask *ask)
{
	struct turn_server *s = ask->turn.s;

	claim(ask, REASON_NONCE_STALE,
	      !nonce_is_valid(&s->nonces, &ask->turn.path->client,
			      ask->turn.now,
			      unquoted(value_of(ask->turn.m, MS_NONCE))));
}

void ms_authenticate(struct ms_ask *ask)
{
	const struct stun_message *m = ask->turn.m;
	bool user, token;

	if (!m->integrity_at || !m->has_username)
		return;
	ask->sha256 = value_of(m, AT_INTEGRITY).n == SHA256_SIZE;
	user = find_user(ask);
	token = !user && find_token(ask);
	claim(ask, REASON_USER_UNKNOWN, !user && !token);
	if (!user && !token)
		return;
	if (ask->request == MS_ALLOCATE && !ask->msn)
		claim_nonce(ask);
	if (!(token ? token_fits(ask) : user_fits(ask))) {
		claim(ask, REASON_INTEGRITY_WRONG, true);
		return;
	}
	ask->turn.key = &ask->turn.own_key;
}

/* ---- sequence numbers ---- */

/* Is the number new?  Over UDP they may come out of order, by less than the
 * window is wide. */
static bool is_new(struct ms_state *ms, uint32_t number)
{
	uint32_t behind = ms->highest - number;

	if (!ms->numbered || number > ms->highest) {
		uint32_t ahead = number - ms->highest;

		ms->window = !ms->numbered || ahead >= 64
				     ? 1
				     : ms->window << ahead | 1;
		ms->highest = number;
		ms->numbered = true;
		return true;
	}
	if (behind >= 64 || (ms->window >> behind & 1))
		return false;
	ms->window |= UINT64_C(1) << behind;
	return true;
}

/*
 * [MS-TURN] 2.2.2.21: the connection id that the server gave, and a number that
 * grows; some clients leave out the id (Teams).  A stream keeps strangers out
 * by itself, and libnice counts twice on it: there only the id is held against
 * the client.  What a server does otherwise is not written.
 */
void ms_count(struct ms_ask *ask)
{
	struct cursor c = cursor_over(value_of(ask->turn.m, MS_SEQUENCE));
	struct ms_state *ms;
	struct slice id = {0};
	uint32_t number;

	claim(ask, REASON_SEQUENCE, false);
	if (ask->turn.allocation == ROW_NONE || c.left == 0)
		return;
	ms = allocation_row(ask->turn.s, ask->turn.allocation)->ms;
	if (!ms)
		return;
	if (c.left >= MS_CONNECTION_ID + 4)
		id = cursor_take(&c, MS_CONNECTION_ID);
	number = cursor_u32(&c);
	if (c.bad || (id.n && !slice_equal(id, slice_of(ms->connection,
							MS_CONNECTION_ID)))) {
		claim(ask, REASON_SEQUENCE, true);
		return;
	}
	if (ask->turn.path->stream || is_new(ms, number))
		memcpy(ms->id, ask->turn.m->id, sizeof(ms->id));
	else if (memcmp(ms->id, ask->turn.m->id, sizeof(ms->id)) != 0 ||
		 ask->request == MS_SEND)
		claim(ask, REASON_SEQUENCE, true);
}
