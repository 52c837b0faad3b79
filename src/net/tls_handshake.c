/* The handshake of a connection: what is agreed on, and the keys that follow
 * from it (RFC 5246 7.4, 8.1, 6.3). */
#include "config.h"

#include "core/cursor.h"
#include "net/tls_session_state.h"

#define KEY_BLOCK_MAX (2 * (TLS_HASH_MAX + CIPHER_KEY_MAX + TLS_NONCE_MAX))

/* ---- secrets ---- */

struct slice tls_client_random(const struct tls_session *s)
{
	return slice_of(s->agreed.client_random, TLS_ID_SIZE);
}

static struct slice server_random(const struct tls_session *s)
{
	return slice_of(s->agreed.server_random, TLS_ID_SIZE);
}

/* What says why it stays unread. */
static uint64_t *unread(const struct tls_session *s)
{
	struct tls_counts *counts = &s->home->counts;
	const struct tls_agreed *a = &s->agreed;

	if (s->datagrams)
		return a->server && a->version == TLS_VERSION_1_3
			       ? &counts->dtls13
			       : &counts->datagrams_without_key;
	return a->server && a->version < TLS_VERSION_1_0 ? &counts->ssl3
							 : &counts->without_key;
}

void tls_without_key(struct tls_session *s)
{
	s->home->secrets.missed = true;
	if (!s->counted) {
		s->unread = unread(s);
		++*s->unread;
	}
	s->counted = true;
}

void tls_now_readable(struct tls_session *s)
{
	if (!s->readable)
		s->home->counts.decrypted++;
	s->readable = true;
	s->counted = true;
}

/* A later connection may refer to this one by its id or ticket. */
static void remember(struct tls_session *s, const uint8_t id[TLS_ID_SIZE])
{
	struct slice master = slice_of(s->master, TLS_MASTER_SIZE);

	/* Where there is no room the later one stays unread. */
	(void)!tls_secrets_add(&s->home->secrets, TLS_RESUMED,
			       slice_of(id, TLS_ID_SIZE), master);
}

static bool take_master(struct tls_session *s, enum tls_label label,
			struct slice id)
{
	struct slice found = tls_secrets_find(&s->home->secrets, label, id);

	if (found.n != TLS_MASTER_SIZE)
		return false;
	memcpy(s->master, found.p, TLS_MASTER_SIZE);
	s->has_master = true;
	return true;
}

static bool find_master(struct tls_session *s)
{
	const struct tls_agreed *a = &s->agreed;

	if (s->has_master || take_master(s, TLS_MASTER, tls_client_random(s)))
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
static enum status set_keys(struct tls_session *s, unsigned side,
			    struct tls_direction *to)
{
	const struct tls_agreed *a = &s->agreed;
	struct tls_seed seed = {"key expansion", server_random(s),
				tls_client_random(s)};
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

	tls_prf(prf_of(s), slice_of(s->master, TLS_MASTER_SIZE), &seed, block,
		all);
	for (size_t i = 0; i < 3; i++) {
		if (side != s->client)
			at += sizes[i];
		parts[i] = slice_cut(slice_of(block, all), at, sizes[i]);
		at += side == s->client ? 2 * sizes[i] : sizes[i];
	}
	keys.mac = parts[0];
	keys.key = parts[1];
	keys.iv = parts[2];
	status = tls_direction_set(to, &keys);
	bytes_wipe(block, sizeof(block));
	return status;
}

/* RC4 hangs on every byte before. */
static bool suits(const struct tls_session *s)
{
	const struct tls_suite *suite = s->agreed.suite;

	return suite && (!s->datagrams || suite->cipher != CIPHER_RC4_128);
}

bool tls_keys_set(struct tls_session *s, unsigned side,
		  struct tls_direction *to)
{
	struct tls_agreed *a = &s->agreed;

	if (!suits(s) || a->version < TLS_VERSION_1_0 || !find_master(s) ||
	    set_keys(s, side, to) != STATUS_OK) {
		tls_direction_clear(to);
		return false;
	}
	if (a->has_session)
		remember(s, a->session);
	tls_now_readable(s);
	return true;
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
	struct tls_seed seed = {"master secret", tls_client_random(s),
				server_random(s)};

	if (s->agreed.extended_master) {
		seed = (struct tls_seed){.label = "extended master secret"};
		seed.first = slice_of(hash, session_hash(s, hash));
	}
	tls_prf(prf_of(s), premaster, &seed, s->master, TLS_MASTER_SIZE);
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
	    (s->agreed.extended_master &&
	     (s->gap || s->transcript.failed != STATUS_OK)))
		return;
	for (size_t i = 0; i < secrets->rsa_count && !s->has_master; i++) {
		if (rsa_key_open(secrets->rsa[i], text, premaster, &n) &&
		    n == TLS_MASTER_SIZE &&
		    ((unsigned)premaster[0] << 8 | premaster[1]) ==
			    s->agreed.offered)
			set_master(s, slice_of(premaster, n));
		bytes_wipe(premaster, sizeof(premaster));
	}
	text_free(&s->transcript);
	s->transcript = text_new(TLS_HANDSHAKE_MAX);
}

/* ---- handshake messages ---- */

/* DTLS: the same client asks again, with a cookie; its answer may have come
 * before. */
static bool is_again(const struct tls_session *s, const struct tls_hello *m)
{
	return s->datagrams && s->agreed.client &&
	       slice_equal(m->random, tls_client_random(s));
}

static void client_hello(struct tls_session *s, unsigned side,
			 struct slice body)
{
	struct tls_agreed *a = &s->agreed;
	bool another = a->client;
	struct tls_hello m;
	enum status status = tls_client_hello_read(body, s->datagrams, &m);

	if (status == STATUS_OK && is_again(s, &m))
		return;
	*a = (struct tls_agreed){.client = false};
	s->has_master = false;
	s->early_over = false;
	s->client = side;
	if (status != STATUS_OK)
		return;
	a->client = true;
	a->offered = m.version;
	a->client_has_id = m.has_connection_id;
	a->server_id_size = m.connection_id_size;
	memcpy(a->client_random, m.random.p, TLS_ID_SIZE);
	a->has_ticket = m.ticket.n != 0;
	if (a->has_ticket)
		sha256(&m.ticket, 1, a->ticket);
	/* Its secrets are others than those of the handshake before. */
	if (another)
		s->known = tls_known_now(s);
}

/* The version of TLS that one of DTLS is made of; 0: not one of these. */
static uint16_t version_of(const struct tls_session *s, uint16_t wire)
{
	if (!s->datagrams)
		return wire;
	switch (wire) {
	case DTLS_VERSION_1_0:
		return TLS_VERSION_1_1;
	case DTLS_VERSION_1_2:
		return TLS_VERSION_1_2;
	case DTLS_VERSION_1_3:
		return TLS_VERSION_1_3;
	default:
		return 0;
	}
}

static bool server_hello(struct tls_session *s, unsigned side,
			 struct slice body)
{
	struct tls_agreed *a = &s->agreed;
	struct tls_hello m;

	if (!a->client || side == s->client ||
	    tls_server_hello_read(body, &m) != STATUS_OK)
		return false;
	a->server = true;
	if (m.retry) {
		a->version = TLS_VERSION_1_3;
		return false;
	}
	memcpy(a->server_random, m.random.p, TLS_ID_SIZE);
	a->version = version_of(s, m.version);
	a->suite = m.compression ? NULL : tls_suite_find(m.suite);
	a->extended_master = m.extended_master;
	a->encrypt_then_mac = m.encrypt_then_mac && a->suite &&
			      cipher_block_size(a->suite->cipher);
	a->has_session = m.session_id.n != 0;
	if (a->has_session)
		sha256(&m.session_id, 1, a->session);
	a->server_has_id = m.has_connection_id;
	a->client_id_size = m.connection_id_size;
	return true;
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

bool tls_message_take(struct tls_session *s, unsigned side,
		      const struct tls_message *m)
{
	bool rsa = s->home->secrets.rsa_count != 0;

	if (m->type == TLS_CLIENT_HELLO)
		text_clear(&s->transcript);
	if (rsa && (m->type == TLS_CLIENT_HELLO || !s->agreed.full))
		text_put(&s->transcript, m->whole);
	if (m->type == TLS_CLIENT_HELLO)
		client_hello(s, side, m->body);
	else if (m->type == TLS_SERVER_HELLO)
		return server_hello(s, side, m->body);
	else if (!s->agreed.server || s->agreed.version == TLS_VERSION_1_3)
		return false;
	else if (m->type == TLS_CLIENT_KEY_EXCHANGE)
		key_exchange(s, m->body);
	else if (m->type == TLS_NEW_SESSION_TICKET)
		new_ticket(s, m->body);
	return false;
}
