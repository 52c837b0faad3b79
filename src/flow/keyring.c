/* The ring of keys: names, and the prepared keys of each. */
#include "config.h"

#include <stdlib.h>

#include "core/hash.h"
#include "flow/keyring.h"

/* One key; keys of a name form a list.  What HMAC makes of it is kept: there
 * are two in each call, and SHA-256 is hardly ever asked for. */
struct key {
	struct slice password; /* as given; in the arena */
	struct hmac_sha1 sha1;
	uint32_t sha256; /* row + 1 of `wide`; 0: not asked for yet */
	uint32_t next;   /* + 1 */
};

/* There are two in each call, nearly all of ICE: kept small. */
struct name {
	const uint8_t *user; /* in the arena */
	uint32_t user_size;
	uint32_t first; /* key, + 1 */
	uint32_t lasting; /* row + 1, of what is not of ICE */
	uint8_t count;    /* of keys */
	bool proven;      /* ICE: one of its keys has verified */
	bool sha256;      /* long-term: which hash made the key */
	bool access;      /* of an access token, which stands for the realm */
};

/* What a long-term name has besides. */
struct lasting {
	struct slice realm;
	uint32_t known; /* credentials that were there when keys were made */
	nanoseconds made, until; /* of the access token, where it opened */
};

struct credential {
	struct slice user, realm, password;
};

struct keyring {
	struct arena arena;
	struct name *names;
	size_t name_count, name_room;
	struct lasting *lasting;
	size_t lasting_count, lasting_room;
	struct index index;
	struct key *keys;
	size_t key_count, key_room;
	struct hmac_key *wide; /* of SHA-256 */
	size_t wide_count, wide_room;
	struct credential *credentials;
	size_t credential_count, credential_room;
	struct slice *secrets;
	size_t secret_count, secret_room;
	struct access_key access[KEYRING_ACCESS_MAX];
	struct slice servers[KEYRING_SERVERS_MAX]; /* tokens are for these */
	size_t access_count, server_count;
	/* Hashes of names whose messages no key fitted when they came. */
	uint64_t *missed;
	size_t missed_count, missed_room;
	struct index missed_index;
	bool late; /* a key came for one of them */
	unsigned searches;
};

struct name_key {
	bool ice, sha256;
	struct slice user, realm;
};

struct keyring *keyring_new(void)
{
	struct keyring *ring = calloc(1, sizeof(*ring));

	if (ring)
		ring->arena = arena_new(KEYRING_BYTES_MAX);
	return ring;
}

void keyring_free(struct keyring *ring)
{
	if (!ring)
		return;
	arena_free(&ring->arena);
	bytes_wipe(ring->access, sizeof(ring->access));
	free(ring->names);
	free(ring->lasting);
	index_free(&ring->index);
	free(ring->keys);
	free(ring->wide);
	free(ring->credentials);
	free(ring->missed);
	index_free(&ring->missed_index);
	free(ring->secrets);
	free(ring);
}

/* Room for one more row of `size` in a list that grows to `max`. */
static bool one_more(void **rows, size_t count, size_t *room, size_t size,
		     size_t max)
{
	size_t wanted = *room ? *room * 2 : 16;
	void *grown;

	if (count < *room)
		return true;
	if (count >= max)
		return false;
	grown = realloc(*rows, wanted * size);
	if (!grown)
		return false;
	*rows = grown;
	*room = wanted;
	return true;
}

#define ONE_MORE(list, count, room, max) \
	one_more((void **)&(list), (count), &(room), sizeof(*(list)), (max))

static bool is_ice(const struct name *name)
{
	return name->lasting == 0;
}

static struct slice user_of(const struct name *name)
{
	return slice_of(name->user, name->user_size);
}

static struct slice realm_of(const struct keyring *ring,
			     const struct name *name)
{
	return is_ice(name) ? (struct slice){0}
			    : ring->lasting[name->lasting - 1].realm;
}

static bool same_name(const void *rows, uint32_t row, const void *key)
{
	const struct keyring *ring = rows;
	const struct name *name = &ring->names[row];
	const struct name_key *k = key;

	return is_ice(name) == k->ice && name->sha256 == k->sha256 &&
	       slice_equal(user_of(name), k->user) &&
	       slice_equal(realm_of(ring, name), k->realm);
}

static uint64_t name_hash(const struct name_key *k)
{
	return hash_bytes(hash_bytes(k->ice, k->user), k->realm);
}

static uint32_t find_name(const struct keyring *ring, const struct name_key *k)
{
	return index_find(&ring->index, name_hash(k), same_name, ring, k);
}

/* The row of what the name has besides, + 1; 0: there is no room. */
static uint32_t make_lasting(struct keyring *ring, struct slice realm)
{
	struct lasting *row;

	if (!ONE_MORE(ring->lasting, ring->lasting_count, ring->lasting_room,
		      KEYRING_NAMES_MAX))
		return 0;
	row = &ring->lasting[ring->lasting_count];
	*row = (struct lasting){.realm = arena_copy(&ring->arena, realm)};
	if (row->realm.n != realm.n)
		return 0;
	return (uint32_t)++ring->lasting_count;
}

static uint32_t make_name(struct keyring *ring, const struct name_key *k)
{
	uint32_t row = find_name(ring, k);
	uint32_t lasting = 0;
	struct slice user;

	if (row != INDEX_NONE)
		return row;
	if (k->user.n > UINT32_MAX ||
	    !ONE_MORE(ring->names, ring->name_count, ring->name_room,
		      KEYRING_NAMES_MAX))
		return INDEX_NONE;
	if (!k->ice && !(lasting = make_lasting(ring, k->realm)))
		return INDEX_NONE;
	user = arena_copy(&ring->arena, k->user);
	row = (uint32_t)ring->name_count;
	ring->names[row] = (struct name){
		.user = user.p,
		.user_size = (uint32_t)user.n,
		.lasting = lasting,
		.sha256 = k->sha256,
	};
	if (user.n != k->user.n ||
	    index_add(&ring->index, name_hash(k), row) != STATUS_OK)
		return INDEX_NONE;
	ring->name_count++;
	return row;
}

static bool has_password(const struct keyring *ring, const struct name *name,
			 struct slice password)
{
	for (uint32_t k = name->first; k; k = ring->keys[k - 1].next)
		if (slice_equal(ring->keys[k - 1].password, password))
			return true;
	return false;
}

/* The key as messages are checked with it, SHA-256 too where that is wanted. */
static void prepare(const struct keyring *ring, const struct name *name,
		    const struct key *key, bool with_sha256,
		    struct stun_key *out)
{
	if (!is_ice(name) && !name->access)
		stun_key_long_term(user_of(name), realm_of(ring, name),
				   key->password, name->sha256, out);
	else if (with_sha256)
		stun_key_short_term(key->password, out);
	else
		stun_key_short_term_sha1(key->password, out);
}

/* Adds a key to a name; false: it is there already, or there is no room. */
static bool add_key(struct keyring *ring, uint32_t row, struct slice password)
{
	struct name *name = &ring->names[row];
	struct stun_key prepared;
	struct slice kept;
	struct key *key;

	if (name->count >= KEYRING_KEYS_PER_NAME ||
	    has_password(ring, name, password) ||
	    !ONE_MORE(ring->keys, ring->key_count, ring->key_room,
		      KEYRING_NAMES_MAX * 2))
		return false;
	kept = arena_copy(&ring->arena, password);
	if (kept.n != password.n)
		return false;
	key = &ring->keys[ring->key_count++];
	*key = (struct key){.password = kept, .next = name->first};
	prepare(ring, name, key, false, &prepared);
	hmac_pack(&prepared.sha1, &key->sha1);
	bytes_wipe(&prepared, sizeof(prepared));
	name->first = (uint32_t)ring->key_count;
	name->count++;
	return true;
}

/* ---- keys that come late ---- */

static uint64_t missed_hash(bool ice, struct slice user)
{
	return hash_bytes(ice ? 1 : 2, user);
}

static bool same_hash(const void *rows, uint32_t row, const void *key)
{
	const uint64_t *hashes = rows, *k = key;

	return hashes[row] == *k;
}

static bool was_missed(const struct keyring *ring, uint64_t hash)
{
	return index_find(&ring->missed_index, hash, same_hash, ring->missed,
			  &hash) != INDEX_NONE;
}

static void note_missed(struct keyring *ring, bool ice, struct slice user)
{
	uint64_t hash = missed_hash(ice, user);

	if (user.n == 0 || was_missed(ring, hash))
		return;
	/* What cannot be remembered is taken for late: better read twice. */
	if (!ONE_MORE(ring->missed, ring->missed_count, ring->missed_room,
		      KEYRING_NAMES_MAX) ||
	    index_add(&ring->missed_index, hash,
		      (uint32_t)ring->missed_count) != STATUS_OK) {
		ring->late = true;
		return;
	}
	ring->missed[ring->missed_count++] = hash;
}

static void note_added(struct keyring *ring, bool ice, struct slice user)
{
	ring->late |= was_missed(ring, missed_hash(ice, user));
}

void keyring_restart(struct keyring *ring)
{
	for (size_t i = 0; i < ring->name_count; i++)
		ring->names[i].proven = false;
	ring->searches = 0;
}

bool keyring_missed(const struct keyring *ring)
{
	return ring->missed_count || ring->late;
}

bool keyring_late(const struct keyring *ring)
{
	return ring->late;
}

void keyring_add_ice(struct keyring *ring, struct slice ufrag,
		     struct slice password)
{
	struct name_key k = {.ice = true, .user = ufrag};
	uint32_t row;

	if (ufrag.n == 0 || password.n == 0)
		return;
	row = make_name(ring, &k);
	if (row != INDEX_NONE && add_key(ring, row, password))
		note_added(ring, true, ufrag);
}

void keyring_add_credential(struct keyring *ring, struct slice user,
			    struct slice realm, struct slice password)
{
	struct credential kept;

	if (!ONE_MORE(ring->credentials, ring->credential_count,
		      ring->credential_room, KEYRING_CREDENTIALS_MAX))
		return;
	for (size_t i = 0; i < ring->credential_count; i++) {
		const struct credential *c = &ring->credentials[i];

		if (slice_equal(c->user, user) &&
		    slice_equal(c->realm, realm) &&
		    slice_equal(c->password, password))
			return;
	}
	kept.user = arena_copy(&ring->arena, user);
	kept.realm = arena_copy(&ring->arena, realm);
	kept.password = arena_copy(&ring->arena, password);
	if (kept.user.n == user.n && kept.realm.n == realm.n &&
	    kept.password.n == password.n)
		ring->credentials[ring->credential_count++] = kept;
	note_added(ring, false, user);
}

void keyring_add_turn_secret(struct keyring *ring, struct slice secret)
{
	struct slice kept;

	if (!ONE_MORE(ring->secrets, ring->secret_count, ring->secret_room,
		      KEYRING_CREDENTIALS_MAX))
		return;
	kept = arena_copy(&ring->arena, secret);
	if (kept.n == secret.n)
		ring->secrets[ring->secret_count++] = kept;
}

struct slice keyring_password(const struct keyring *ring, struct slice user,
			      struct slice realm)
{
	for (size_t i = 0; i < ring->credential_count; i++) {
		const struct credential *c = &ring->credentials[i];

		if (slice_equal(c->user, user) &&
		    (c->realm.n == 0 || slice_equal(c->realm, realm)))
			return c->password;
	}
	return (struct slice){0};
}

static struct slice without_nuls(struct slice s)
{
	while (s.n && s.p[s.n - 1] == 0)
		s.n--;
	return s;
}

/* A realm as it counts: [MS-TURN] servers send it in quotes. */
static struct slice bare(struct slice realm)
{
	realm = without_nuls(realm);
	if (realm.n >= 2 && realm.p[0] == '"' && realm.p[realm.n - 1] == '"')
		realm = slice_cut(realm, 1, realm.n - 2);
	return realm;
}

static bool serves(const struct credential *c, struct slice user,
		   struct slice realm)
{
	return slice_equal(c->user, user) &&
	       (c->realm.n == 0 || slice_equal(bare(c->realm), bare(realm)));
}

/* Makes the keys of a long-term name from all credentials known by now. */
static void refresh_keys(struct keyring *ring, uint32_t row)
{
	const struct name *name = &ring->names[row];
	size_t known = ring->credential_count + ring->secret_count;
	struct lasting *lasting;

	if (is_ice(name) || name->access)
		return;
	lasting = &ring->lasting[name->lasting - 1];
	if (lasting->known == known)
		return;
	lasting->known = (uint32_t)known;
	for (size_t i = 0; i < ring->credential_count; i++)
		if (serves(&ring->credentials[i], user_of(name),
			   lasting->realm))
			(void)add_key(ring, row, ring->credentials[i].password);
	for (size_t i = 0; i < ring->secret_count; i++) {
		char password[28];
		size_t n = turn_rest_password(ring->secrets[i], user_of(name),
					      password);

		(void)add_key(ring, row, slice_of(password, n));
	}
}

/* The user name behind a USERHASH (RFC 8489 9.2.2), empty when unknown. */
static struct slice user_of_hash(const struct keyring *ring,
				 const struct stun_message *m)
{
	for (size_t i = 0; i < ring->credential_count; i++) {
		struct slice user = ring->credentials[i].user;
		struct slice pieces[] = {user, SLICE(":"), m->realm};
		uint8_t hash[SHA256_SIZE];

		sha256(pieces, 3, hash);
		if (slice_equal(m->userhash, slice_of(hash, sizeof(hash))))
			return user;
	}
	return (struct slice){0};
}

static bool wants_sha256_key(const struct stun_message *m)
{
	const struct stun_attribute *a = stun_find(m, 0x001D);

	return a && a->value.n >= 2 && a->value.p[0] == 0 && a->value.p[1] == 2;
}

/* ---- access tokens ---- */

#define THIRD_PARTY_AUTHORIZATION 0x802E
#define ACCESS_TOKEN 0x001B
#define COTURN_MAC 16u /* bytes of a longer key that coturn signs SHA-1 with */

void keyring_add_access_key(struct keyring *ring, const struct access_key *key)
{
	struct access_key *to = &ring->access[ring->access_count];

	if (ring->access_count == KEYRING_ACCESS_MAX)
		return;
	*to = *key;
	to->kid = arena_copy(&ring->arena, key->kid);
	if (to->kid.n == key->kid.n)
		ring->access_count++;
}

void keyring_note_challenge(struct keyring *ring, const struct stun_message *m)
{
	const struct stun_attribute *a;
	struct slice *to = &ring->servers[ring->server_count];

	if (ring->access_count == 0 ||
	    ring->server_count == KEYRING_SERVERS_MAX)
		return;
	a = stun_find(m, THIRD_PARTY_AUTHORIZATION);
	if (!a)
		return;
	for (size_t i = 0; i < ring->server_count; i++)
		if (slice_equal(ring->servers[i], a->value))
			return;
	*to = arena_copy(&ring->arena, a->value);
	if (to->n == a->value.n)
		ring->server_count++;
}

static const struct access_key *access_of(const struct keyring *ring,
					  struct slice kid)
{
	for (size_t i = 0; i < ring->access_count; i++)
		if (slice_equal(ring->access[i].kid, kid))
			return &ring->access[i];
	return NULL;
}

/* With each server's name, and where none has said it, with the realm. */
static bool open_access(const struct keyring *ring,
			const struct access_key *key,
			const struct stun_message *m, struct access_token *out)
{
	struct slice value = stun_find(m, ACCESS_TOKEN)->value;

	for (size_t i = 0; i < ring->server_count; i++)
		if (access_token_open(key, ring->servers[i], value, out) ==
		    STATUS_OK)
			return true;
	return access_token_open(key, m->realm, value, out) == STATUS_OK;
}

/* The name of the message's token: one that does not open has no keys. */
static uint32_t name_of_access(struct keyring *ring,
			       const struct stun_message *m)
{
	struct name_key k = {.user = m->username,
			     .realm = stun_find(m, ACCESS_TOKEN)->value};
	const struct access_key *key = access_of(ring, k.user);
	struct access_token token;
	struct lasting *lasting;
	uint32_t row = make_name(ring, &k);

	if (row == INDEX_NONE || ring->names[row].access)
		return row;
	ring->names[row].access = true;
	if (!key || !open_access(ring, key, m, &token))
		return row;
	lasting = &ring->lasting[ring->names[row].lasting - 1];
	lasting->made = token.made;
	lasting->until = token.made + token.lifetime * NS_PER_S;
	(void)add_key(ring, row, slice_of(token.mac, token.mac_size));
	if (token.mac_size > COTURN_MAC)
		(void)add_key(ring, row, slice_of(token.mac, COTURN_MAC));
	bytes_wipe(&token, sizeof(token));
	return row;
}

void keyring_token_span(const struct keyring *ring, uint32_t name,
			nanoseconds *made, nanoseconds *until)
{
	const struct lasting *lasting;

	if (name == KEYRING_NO_NAME || is_ice(&ring->names[name - 1]))
		return;
	lasting = &ring->lasting[ring->names[name - 1].lasting - 1];
	*made = lasting->made;
	*until = lasting->until;
}

/* Behind the request with the token its user says the kid alone: the owner of
 * the flow knows which token that was. */
static bool is_by_access(const struct keyring *ring,
			 const struct stun_message *m)
{
	return ring->access_count && m->has_username &&
	       access_of(ring, m->username) != NULL;
}

uint32_t keyring_name_of(struct keyring *ring, const struct stun_message *m)
{
	struct name_key k = {0};
	struct slice rest;
	uint32_t row = INDEX_NONE;

	if (ring->access_count && m->has_username &&
	    stun_find(m, ACCESS_TOKEN)) {
		row = name_of_access(ring, m);
		return row == INDEX_NONE ? KEYRING_NO_NAME : row + 1;
	}
	if (is_by_access(ring, m))
		return KEYRING_NO_NAME;
	if (m->has_realm && (m->has_username || m->userhash.n)) {
		k.user = m->has_username ? m->username : user_of_hash(ring, m);
		k.realm = m->realm;
		k.sha256 = wants_sha256_key(m);
		if (k.user.n && ring->credential_count + ring->secret_count)
			row = make_name(ring, &k);
	} else if (m->dialect != STUN_MS_TURN) {
		/* MS-TURN Send requests name no realm: any realm's key. */
		rest = without_nuls(m->username);
		k.ice = true;
		k.user = slice_split(&rest, ':');
		row = k.user.n ? find_name(ring, &k) : INDEX_NONE;
	}
	if (row == INDEX_NONE && stun_has_integrity(m))
		note_missed(ring, k.ice, k.user);
	return row == INDEX_NONE ? KEYRING_NO_NAME : row + 1;
}

/* [MS-TURN] 2.2.2.17 lets open which hash makes the key when HMAC-SHA256 signs:
 * the other one is tried, too. */
static bool fits_sha256_key(const struct keyring *ring, const struct name *name,
			    const struct stun_message *m)
{
	const struct stun_attribute *a = stun_find(m, 0x0008);
	struct stun_key key;

	if (m->dialect != STUN_MS_TURN || is_ice(name) || !a ||
	    a->value.n != SHA256_SIZE)
		return false;
	for (uint32_t k = name->first; k; k = ring->keys[k - 1].next) {
		stun_key_long_term(user_of(name), realm_of(ring, name),
				   ring->keys[k - 1].password, !name->sha256,
				   &key);
		if (stun_check_integrity(m, &key) != COVERAGE_NONE)
			return true;
	}
	return false;
}

/* Keeps what SHA-256 makes of a key; where there is no room it is made again
 * when it is asked for again. */
static void widen(struct keyring *ring, const struct name *name,
		  struct key *key, struct stun_key *out)
{
	prepare(ring, name, key, true, out);
	if (!ONE_MORE(ring->wide, ring->wide_count, ring->wide_room,
		      KEYRING_NAMES_MAX * 2))
		return;
	ring->wide[ring->wide_count++] = out->sha256;
	key->sha256 = (uint32_t)ring->wide_count;
}

static bool fits(struct keyring *ring, const struct name *name, struct key *key,
		 const struct stun_message *m)
{
	struct stun_key ready;

	hmac_unpack(&key->sha1, &ready.sha1);
	if (stun_wants_sha256(m)) {
		if (key->sha256)
			ready.sha256 = ring->wide[key->sha256 - 1];
		else
			widen(ring, name, key, &ready);
	}
	return stun_check_integrity(m, &ready) != COVERAGE_NONE;
}

enum integrity keyring_judge(struct keyring *ring, uint32_t name,
			     const struct stun_message *m, bool *proven)
{
	struct name *row;

	if (!stun_has_integrity(m))
		return INTEGRITY_ABSENT;
	if (name == KEYRING_NO_NAME)
		return INTEGRITY_UNCHECKED;
	refresh_keys(ring, name - 1);
	row = &ring->names[name - 1];
	if (!row->first) {
		note_missed(ring, is_ice(row), user_of(row));
		return INTEGRITY_UNCHECKED;
	}
	if (is_ice(row))
		proven = &row->proven;
	for (uint32_t k = row->first; k; k = ring->keys[k - 1].next) {
		if (!fits(ring, row, &ring->keys[k - 1], m))
			continue;
		if (proven)
			*proven = true;
		return INTEGRITY_VERIFIED;
	}
	if (fits_sha256_key(ring, row, m)) {
		if (proven)
			*proven = true;
		return INTEGRITY_VERIFIED;
	}
	note_missed(ring, is_ice(row), user_of(row));
	return proven && *proven ? INTEGRITY_BAD : INTEGRITY_NO_KEY_FITS;
}

/* ---- keys of others ---- */

#define OTHERS_MAX 64u

static bool fits_any(struct keyring *ring, const struct name *name,
		     const struct stun_message *m)
{
	for (uint32_t k = name->first; k; k = ring->keys[k - 1].next)
		if (fits(ring, name, &ring->keys[k - 1], m))
			return true;
	return false;
}

struct slice keyring_owner_of(struct keyring *ring,
			      const struct stun_message *m)
{
	struct name_key sender = {.ice = true,
				  .user = without_nuls(m->username)};
	unsigned seen = 0;
	uint32_t row;

	if (ring->searches == KEYRING_SEARCHES)
		return (struct slice){0};
	ring->searches++;
	(void)slice_split(&sender.user, ':');
	row = sender.user.n ? find_name(ring, &sender) : INDEX_NONE;
	if (row != INDEX_NONE && fits_any(ring, &ring->names[row], m))
		return user_of(&ring->names[row]);
	for (size_t i = ring->name_count; i-- > 0 && seen < OTHERS_MAX;) {
		if (!is_ice(&ring->names[i]))
			continue;
		seen++;
		if (fits_any(ring, &ring->names[i], m))
			return user_of(&ring->names[i]);
	}
	return (struct slice){0};
}
