/* The state of a TLS connection: handshakes, and which keys hold when. */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "core/text.h"
#include "net/tls_direction.h"
#include "net/tls_session.h"

#define MASTER_SIZE 48u
#define KEY_BLOCK_MAX (2 * (TLS_HASH_MAX + CIPHER_KEY_MAX + TLS_NONCE_MAX))

struct side {
	struct tls_direction direction;
	struct text handshake; /* messages that are not whole yet */
	bool deaf;             /* its handshake cannot be followed */
	bool closed;           /* what comes is not readable */
	uint8_t secret[TLS_SECRET_SIZE_MAX]; /* TLS 1.3: of its keys */
	bool traffic;                        /* TLS 1.3: behind its Finished */
};

/* What the hellos agreed on. */
struct agreed {
	bool client, server; /* those hellos were seen */
	bool full;           /* no resumption: a ClientKeyExchange came */
	uint8_t client_random[TLS_ID_SIZE], server_random[TLS_ID_SIZE];
	uint16_t offered, version; /* by the client; the one that is used */
	const struct tls_suite *suite;
	bool extended_master, encrypt_then_mac;
	uint8_t session[TLS_ID_SIZE], ticket[TLS_ID_SIZE]; /* their hashes */
	bool has_session, has_ticket;
};

struct tls_session {
	struct tls_decryption *home;
	unsigned client; /* which side */
	struct agreed agreed;
	struct side sides[2];
	uint8_t master[MASTER_SIZE];
	bool has_master;
	bool counted;   /* as decrypted or as without key */
	unsigned known; /* secrets: bits of enum tls_label, and 1 << TLS_RESUMED
			 */
	bool readable;
	struct text transcript; /* ClientHello to ClientKeyExchange */
};

bool tls_session_begins(struct tls_decryption *home,
			const struct tls_record *record)
{
	if (record->content != TLS_HANDSHAKE || !record->handshake_readable ||
	    record->handshake != TLS_CLIENT_HELLO)
		return false;
	if (tls_secrets_any(&home->secrets) || home->awaits)
		return true;
	home->secrets.missed = true;
	return false;
}

struct tls_session *tls_session_new(struct tls_decryption *home)
{
	struct tls_session *s;

	if (home->sessions_now >= TLS_SESSIONS_MAX) {
		home->counts.refused++;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->home = home;
	s->transcript = text_new(TLS_HANDSHAKE_MAX);
	for (unsigned i = 0; i < 2; i++)
		s->sides[i].handshake = text_new(TLS_HANDSHAKE_MAX);
	home->sessions_now++;
	home->counts.sessions++;
	return s;
}

void tls_session_free(struct tls_session *s)
{
	if (!s)
		return;
	for (unsigned i = 0; i < 2; i++) {
		tls_direction_clear(&s->sides[i].direction);
		text_free(&s->sides[i].handshake);
	}
	text_free(&s->transcript);
	s->home->sessions_now--;
	bytes_wipe(s, sizeof(*s));
	free(s);
}

/* ---- secrets ---- */

static struct slice client_random(const struct tls_session *s)
{
	return slice_of(s->agreed.client_random, TLS_ID_SIZE);
}

static struct slice server_random(const struct tls_session *s)
{
	return slice_of(s->agreed.server_random, TLS_ID_SIZE);
}

static void without_key(struct tls_session *s, unsigned side)
{
	s->sides[side].closed = true;
	s->home->secrets.missed = true;
	if (!s->counted)
		s->home->counts.without_key++;
	s->counted = true;
}

static void now_readable(struct tls_session *s)
{
	if (!s->readable)
		s->home->counts.decrypted++;
	s->readable = true;
	s->counted = true;
}

/* A later connection may refer to this one by its id or ticket. */
static void remember(struct tls_session *s, const uint8_t id[TLS_ID_SIZE])
{
	struct slice master = slice_of(s->master, MASTER_SIZE);

	/* Where there is no room the later one stays unread. */
	(void)!tls_secrets_add(&s->home->secrets, TLS_RESUMED,
			       slice_of(id, TLS_ID_SIZE), master);
}

static bool take_master(struct tls_session *s, enum tls_label label,
			struct slice id)
{
	struct slice found = tls_secrets_find(&s->home->secrets, label, id);

	if (found.n != MASTER_SIZE)
		return false;
	memcpy(s->master, found.p, MASTER_SIZE);
	s->has_master = true;
	return true;
}

static bool find_master(struct tls_session *s)
{
	const struct agreed *a = &s->agreed;

	if (s->has_master || take_master(s, TLS_MASTER, client_random(s)))
		return true;
	if (a->full)
		return false;
	return (a->has_session &&
		take_master(s, TLS_RESUMED,
			    slice_of(a->session, TLS_ID_SIZE))) ||
	       (a->has_ticket &&
		take_master(s, TLS_RESUMED, slice_of(a->ticket, TLS_ID_SIZE)));
}

/* The hash of TLS 1.2 and later; TLS_HASH_NONE before. */
static enum tls_hash prf_of(const struct tls_session *s)
{
	return s->agreed.version < TLS_VERSION_1_2 ? TLS_HASH_NONE
						   : s->agreed.suite->prf;
}

/* ---- keys of TLS 1.0 to 1.2 ---- */

static size_t agreed_iv_size(const struct tls_session *s)
{
	enum cipher_kind kind = s->agreed.suite->cipher;

	if (kind == CIPHER_CHACHA20_POLY1305)
		return CIPHER_NONCE_SIZE;
	if (cipher_authenticates(kind))
		return 4;
	/* Later ones send it with each record. */
	return s->agreed.version < TLS_VERSION_1_1 ? cipher_block_size(kind)
						   : 0;
}

/* The key block: MAC, key and IV, each of the client, then of the server
 * (RFC 5246 6.3). */
static enum status set_keys(struct tls_session *s, unsigned side)
{
	const struct agreed *a = &s->agreed;
	struct tls_seed seed = {"key expansion", server_random(s),
				client_random(s)};
	const size_t sizes[] = {tls_hash_size(a->suite->mac),
				cipher_key_size(a->suite->cipher),
				agreed_iv_size(s)};
	size_t all = 2 * (sizes[0] + sizes[1] + sizes[2]), at = 0;
	uint8_t block[KEY_BLOCK_MAX];
	struct slice parts[3];
	struct tls_keys keys = {.suite = a->suite,
				.version = a->version,
				.encrypt_then_mac = a->encrypt_then_mac};
	enum status status;

	tls_prf(prf_of(s), slice_of(s->master, MASTER_SIZE), &seed, block, all);
	for (size_t i = 0; i < 3; i++) {
		if (side != s->client)
			at += sizes[i];
		parts[i] = slice_cut(slice_of(block, all), at, sizes[i]);
		at += side == s->client ? 2 * sizes[i] : sizes[i];
	}
	keys.mac = parts[0];
	keys.key = parts[1];
	keys.iv = parts[2];
	status = tls_direction_set(&s->sides[side].direction, &keys);
	bytes_wipe(block, sizeof(block));
	return status;
}

static void change_cipher(struct tls_session *s, unsigned side)
{
	struct agreed *a = &s->agreed;

	/* In TLS 1.3 it means nothing, and may come before the ServerHello
	 * that says so (RFC 8446 D.4). */
	if (!a->server || a->version == TLS_VERSION_1_3)
		return;
	if (!a->suite || a->version < TLS_VERSION_1_0 || !find_master(s) ||
	    set_keys(s, side) != STATUS_OK) {
		tls_direction_clear(&s->sides[side].direction);
		without_key(s, side);
		return;
	}
	s->sides[side].closed = false;
	s->sides[side].deaf = false;
	if (a->has_session)
		remember(s, a->session);
	now_readable(s);
}

/* ---- keys of TLS 1.3 ---- */

static struct slice traffic_secret(const struct tls_session *s, unsigned side)
{
	return slice_of(s->sides[side].secret,
			tls_hash_size(s->agreed.suite->prf));
}

static enum status set_traffic(struct tls_session *s, unsigned side)
{
	const struct tls_suite *suite = s->agreed.suite;
	uint8_t key[CIPHER_KEY_MAX], iv[CIPHER_NONCE_SIZE];
	size_t key_size = cipher_key_size(suite->cipher);
	struct tls_keys keys = {.suite = suite,
				.version = TLS_VERSION_1_3,
				.key = slice_of(key, key_size),
				.iv = slice_of(iv, sizeof(iv))};
	enum status status;

	tls_expand_label(suite->prf, traffic_secret(s, side), "key", key,
			 key_size);
	tls_expand_label(suite->prf, traffic_secret(s, side), "iv", iv,
			 sizeof(iv));
	status = tls_direction_set(&s->sides[side].direction, &keys);
	bytes_wipe(key, sizeof(key));
	return status;
}

/* False: that secret is not known. */
static bool use_secret(struct tls_session *s, unsigned side, bool traffic)
{
	static const enum tls_label labels[2][2] = {
		{TLS_SERVER_HANDSHAKE, TLS_SERVER_TRAFFIC},
		{TLS_CLIENT_HANDSHAKE, TLS_CLIENT_TRAFFIC}};
	struct side *self = &s->sides[side];
	struct slice secret = tls_secrets_find(
		&s->home->secrets, labels[side == s->client][traffic],
		client_random(s));

	if (secret.n != tls_hash_size(s->agreed.suite->prf))
		return false;
	memcpy(self->secret, secret.p, secret.n);
	self->traffic = traffic;
	self->deaf = false;
	self->closed = set_traffic(s, side) != STATUS_OK;
	return !self->closed;
}

/* Without those of the handshake its records are passed over. */
static void begin_13(struct tls_session *s)
{
	const struct tls_suite *suite = s->agreed.suite;

	for (unsigned side = 0; side < 2; side++) {
		if (suite && cipher_authenticates(suite->cipher) &&
		    (use_secret(s, side, false) || use_secret(s, side, true)))
			now_readable(s);
		else
			without_key(s, side);
	}
}

static void finished_13(struct tls_session *s, unsigned side)
{
	if (!s->sides[side].traffic && !use_secret(s, side, true))
		without_key(s, side);
}

/* RFC 8446 7.2 */
static void update_key(struct tls_session *s, unsigned side)
{
	uint8_t next[TLS_SECRET_SIZE_MAX];
	struct slice secret = traffic_secret(s, side);

	tls_expand_label(s->agreed.suite->prf, secret, "traffic upd", next,
			 secret.n);
	memcpy(s->sides[side].secret, next, secret.n);
	s->sides[side].closed = set_traffic(s, side) != STATUS_OK;
	bytes_wipe(next, sizeof(next));
}

/* ---- RSA ---- */

/* The hash of the handshake until here (RFC 7627 3). */
static size_t session_hash(const struct tls_session *s,
			   uint8_t out[TLS_HASH_MAX])
{
	struct slice all = text_slice(&s->transcript);

	if (prf_of(s) != TLS_HASH_NONE) {
		tls_digest(prf_of(s), &all, 1, out);
		return tls_hash_size(prf_of(s));
	}
	md5(&all, 1, out);
	sha1(&all, 1, out + MD5_SIZE);
	return MD5_SIZE + SHA1_SIZE;
}

static void set_master(struct tls_session *s, struct slice premaster)
{
	uint8_t hash[TLS_HASH_MAX];
	struct tls_seed seed = {"master secret", client_random(s),
				server_random(s)};

	if (s->agreed.extended_master) {
		seed = (struct tls_seed){.label = "extended master secret"};
		seed.first = slice_of(hash, session_hash(s, hash));
	}
	tls_prf(prf_of(s), premaster, &seed, s->master, MASTER_SIZE);
	s->has_master = true;
}

/* The premaster secret begins with the version that the client offered: so
 * the right key is told from others (RFC 5246 7.4.7.1). */
static void key_exchange(struct tls_session *s, struct slice body)
{
	const struct tls_secrets *secrets = &s->home->secrets;
	uint8_t premaster[RSA_TEXT_MAX];
	struct cursor c = cursor_over(body);
	struct slice text = cursor_take(&c, cursor_u16(&c));
	size_t n;

	s->agreed.full = true;
	if (!s->agreed.suite || !s->agreed.suite->rsa || c.bad ||
	    s->transcript.failed != STATUS_OK)
		return;
	for (size_t i = 0; i < secrets->rsa_count && !s->has_master; i++) {
		if (rsa_key_open(secrets->rsa[i], text, premaster, &n) &&
		    n == MASTER_SIZE &&
		    ((unsigned)premaster[0] << 8 | premaster[1]) ==
			    s->agreed.offered)
			set_master(s, slice_of(premaster, n));
		bytes_wipe(premaster, sizeof(premaster));
	}
	text_free(&s->transcript);
	s->transcript = text_new(TLS_HANDSHAKE_MAX);
}

/* ---- handshake messages ---- */

static void client_hello(struct tls_session *s, unsigned side,
			 struct slice body)
{
	struct agreed *a = &s->agreed;
	struct tls_hello m;

	*a = (struct agreed){.client = false};
	s->has_master = false;
	s->client = side;
	if (tls_client_hello_read(body, &m) != STATUS_OK)
		return;
	a->client = true;
	a->offered = m.version;
	memcpy(a->client_random, m.random.p, TLS_ID_SIZE);
	a->has_ticket = m.ticket.n != 0;
	if (a->has_ticket)
		sha256(&m.ticket, 1, a->ticket);
}

static void server_hello(struct tls_session *s, unsigned side,
			 struct slice body)
{
	struct agreed *a = &s->agreed;
	struct tls_hello m;

	if (!a->client || side == s->client ||
	    tls_server_hello_read(body, &m) != STATUS_OK)
		return;
	a->server = true;
	if (m.retry) {
		a->version = TLS_VERSION_1_3;
		return;
	}
	memcpy(a->server_random, m.random.p, TLS_ID_SIZE);
	a->version = m.version;
	a->suite = m.compression ? NULL : tls_suite_find(m.suite);
	a->extended_master = m.extended_master;
	a->encrypt_then_mac = m.encrypt_then_mac && a->suite &&
			      cipher_block_size(a->suite->cipher);
	a->has_session = m.session_id.n != 0;
	if (a->has_session)
		sha256(&m.session_id, 1, a->session);
	if (a->version == TLS_VERSION_1_3)
		begin_13(s);
}

/* A ticket of TLS 1.2 and before (RFC 5077 3.3). */
static void new_ticket(struct tls_session *s, struct slice body)
{
	struct cursor c = cursor_over(body);
	uint8_t id[TLS_ID_SIZE];
	struct slice ticket;

	cursor_skip(&c, 4); /* lifetime */
	ticket = cursor_take(&c, cursor_u16(&c));
	if (c.bad || ticket.n == 0 || !s->agreed.suite || !find_master(s))
		return;
	sha256(&ticket, 1, id);
	remember(s, id);
}

static void take_message_13(struct tls_session *s, unsigned side, uint8_t type)
{
	if (type == TLS_FINISHED)
		finished_13(s, side);
	else if (type == TLS_KEY_UPDATE && s->sides[side].traffic)
		update_key(s, side);
}

/* `whole` is the message with its head. */
static void take_message(struct tls_session *s, unsigned side, uint8_t type,
			 struct slice whole)
{
	struct slice body = slice_from(whole, 4);
	bool rsa = s->home->secrets.rsa_count != 0;

	if (type == TLS_CLIENT_HELLO)
		text_clear(&s->transcript);
	if (rsa && (type == TLS_CLIENT_HELLO || !s->agreed.full))
		text_put(&s->transcript, whole);
	if (type == TLS_CLIENT_HELLO)
		client_hello(s, side, body);
	else if (type == TLS_SERVER_HELLO)
		server_hello(s, side, body);
	else if (!s->agreed.server)
		return;
	else if (s->agreed.version == TLS_VERSION_1_3)
		take_message_13(s, side, type);
	else if (type == TLS_CLIENT_KEY_EXCHANGE)
		key_exchange(s, body);
	else if (type == TLS_NEW_SESSION_TICKET)
		new_ticket(s, body);
}

/* The next whole message of those at hand; false: there is none. */
static bool next_message(struct cursor *c, uint8_t *type, struct slice *whole)
{
	struct cursor head = *c;
	size_t length;

	*type = cursor_u8(&head);
	length = (size_t)cursor_u8(&head) << 16;
	length |= cursor_u16(&head);
	cursor_skip(&head, length);
	if (head.bad)
		return false;
	*whole = cursor_take(c, length + 4);
	return true;
}

static void take_handshake(struct tls_session *s, unsigned side,
			   struct slice bytes)
{
	struct side *self = &s->sides[side];
	struct cursor c;
	struct slice whole;
	uint8_t type;

	if (self->deaf)
		return;
	text_put(&self->handshake, bytes);
	if (self->handshake.failed != STATUS_OK) {
		text_clear(&self->handshake);
		self->deaf = true;
		return;
	}
	c = cursor_over(text_slice(&self->handshake));
	while (next_message(&c, &type, &whole))
		take_message(s, side, type, whole);
	if (c.left)
		memmove(self->handshake.p, c.p, c.left);
	self->handshake.n = c.left;
}

/* ---- records ---- */

static enum status give_up(struct tls_session *s, unsigned side)
{
	s->sides[side].closed = true;
	tls_direction_clear(&s->sides[side].direction);
	s->home->counts.given_up++;
	return STATUS_BAD;
}

static enum status take_encrypted(struct tls_session *s, unsigned side,
				  const struct tls_record *record,
				  struct slice *plain)
{
	struct tls_opened opened;
	enum status status = tls_direction_open(
		&s->sides[side].direction, record, s->home->plain, &opened);

	if (status == STATUS_SHORT)
		return STATUS_OK;
	if (status != STATUS_OK)
		return give_up(s, side);
	if (opened.content == TLS_HANDSHAKE)
		take_handshake(s, side, opened.text);
	else if (opened.content == TLS_APPLICATION_DATA)
		*plain = opened.text;
	return STATUS_OK;
}

enum status tls_session_record(struct tls_session *s, unsigned side,
			       const struct tls_record *record,
			       struct slice *plain)
{
	struct side *self = &s->sides[side];

	*plain = (struct slice){0};
	if (record->content == TLS_CHANGE_CIPHER_SPEC) {
		change_cipher(s, side);
		return STATUS_OK;
	}
	if (self->closed)
		return STATUS_NOT_MINE;
	if (self->direction.cipher)
		return take_encrypted(s, side, record, plain);
	if (record->content == TLS_HANDSHAKE)
		take_handshake(s, side, record->body);
	if (record->content != TLS_APPLICATION_DATA)
		return STATUS_OK;
	/* Early data comes before the ServerHello; else keys are due. */
	if (s->agreed.server || side != s->client)
		without_key(s, side);
	return STATUS_NOT_MINE;
}

enum status tls_session_lose(struct tls_session *s, unsigned side)
{
	struct side *self = &s->sides[side];

	text_clear(&self->handshake);
	if (self->closed)
		return STATUS_OK;
	if (!self->direction.cipher) {
		self->deaf = true;
		return STATUS_OK;
	}
	/* Its Finished may have been among them. */
	if (s->agreed.version == TLS_VERSION_1_3 && !self->traffic)
		finished_13(s, side);
	if (!self->direction.cipher ||
	    tls_direction_lose(&self->direction) != STATUS_OK)
		return give_up(s, side);
	return STATUS_OK;
}

/* ---- again ---- */

static bool is_resumable(const struct tls_session *s, bool has,
			 const uint8_t id[TLS_ID_SIZE])
{
	return has && tls_secrets_find(&s->home->secrets, TLS_RESUMED,
				       slice_of(id, TLS_ID_SIZE))
			      .n;
}

/* Which secrets there are for it. */
static unsigned known_now(const struct tls_session *s)
{
	const struct agreed *a = &s->agreed;
	unsigned known = 0;

	if (!a->client)
		return 0;
	for (int label = 0; label < TLS_LABELS; label++)
		if (tls_secrets_find(&s->home->secrets, (enum tls_label)label,
				     client_random(s))
			    .n)
			known |= 1u << label;
	if (is_resumable(s, a->has_session, a->session) ||
	    is_resumable(s, a->has_ticket, a->ticket))
		known |= 1u << TLS_RESUMED;
	return known;
}

bool tls_session_gains(const struct tls_session *s)
{
	return (known_now(s) & ~s->known) != 0;
}

bool tls_session_is_open(const struct tls_session *s, unsigned side)
{
	return s->sides[side].direction.cipher && !s->sides[side].closed;
}

static bool is_final(const struct tls_session *s, unsigned side)
{
	const struct side *self = &s->sides[side];

	return tls_session_is_open(s, side) &&
	       (s->agreed.version != TLS_VERSION_1_3 || self->traffic);
}

bool tls_session_is_settled(const struct tls_session *s)
{
	const struct agreed *a = &s->agreed;

	if (!a->client ||
	    (a->server && !a->suite && a->version < TLS_VERSION_1_3))
		return true;
	return a->server && is_final(s, 0) && is_final(s, 1);
}

void tls_session_restart(struct tls_session *s)
{
	struct tls_counts *counts = &s->home->counts;
	struct tls_session old = *s;

	if (s->counted)
		*(s->readable ? &counts->decrypted : &counts->without_key) -= 1;
	*s = (struct tls_session){.home = old.home, .known = known_now(&old)};
	s->transcript = old.transcript;
	text_clear(&s->transcript);
	for (unsigned i = 0; i < 2; i++) {
		tls_direction_clear(&old.sides[i].direction);
		s->sides[i].handshake = old.sides[i].handshake;
		text_clear(&s->sides[i].handshake);
	}
	bytes_wipe(&old, sizeof(old));
}

enum status tls_session_skip(struct tls_session *s, unsigned side,
			     uint64_t records)
{
	struct side *self = &s->sides[side];

	text_clear(&self->handshake);
	if (self->closed || !self->direction.cipher)
		return STATUS_OK;
	if (tls_direction_skip(&self->direction, records) != STATUS_OK)
		return give_up(s, side);
	return STATUS_OK;
}
