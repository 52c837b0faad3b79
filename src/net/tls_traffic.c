/* The keys of TLS 1.3: by the secrets of each side (RFC 8446 7.3). */
#include "config.h"

#include "net/tls_session_state.h"

static struct slice traffic_secret(const struct tls_session *s, unsigned side)
{
	return slice_of(s->sides[side].secret,
			tls_hash_size(s->agreed.suite->prf));
}

static enum status set_keys(const struct tls_suite *suite, struct slice secret,
			    struct tls_direction *to)
{
	uint8_t key[CIPHER_KEY_MAX], iv[CIPHER_NONCE_SIZE];
	size_t key_size = cipher_key_size(suite->cipher);
	struct tls_keys keys = {.suite = suite,
				.version = TLS_VERSION_1_3,
				.key = slice_of(key, key_size),
				.iv = slice_of(iv, sizeof(iv))};
	enum status status;

	tls_expand_label(suite->prf, secret, "key", key, key_size);
	tls_expand_label(suite->prf, secret, "iv", iv, sizeof(iv));
	status = tls_direction_set(to, &keys);
	bytes_wipe(key, sizeof(key));
	return status;
}

enum status tls_traffic_set(struct tls_session *s, unsigned side,
			    struct tls_direction *to)
{
	return set_keys(s->agreed.suite, traffic_secret(s, side), to);
}

bool tls_early_set(struct tls_session *s, const struct tls_suite *suite,
		   struct tls_direction *to)
{
	struct slice secret = tls_secrets_find(
		&s->home->secrets, TLS_CLIENT_EARLY, tls_client_random(s));

	return suite && secret.n == tls_hash_size(suite->prf) &&
	       set_keys(suite, secret, to) == STATUS_OK;
}

bool tls_traffic_find(struct tls_session *s, unsigned side, bool traffic)
{
	static const enum tls_label labels[2][2] = {
		{TLS_SERVER_HANDSHAKE, TLS_SERVER_TRAFFIC},
		{TLS_CLIENT_HANDSHAKE, TLS_CLIENT_TRAFFIC}};
	struct slice secret = tls_secrets_find(
		&s->home->secrets, labels[side == s->client][traffic],
		tls_client_random(s));

	if (secret.n != tls_hash_size(s->agreed.suite->prf))
		return false;
	memcpy(s->sides[side].secret, secret.p, secret.n);
	return true;
}

void tls_traffic_next(struct tls_session *s, unsigned side)
{
	uint8_t next[TLS_SECRET_SIZE_MAX];
	struct slice secret = traffic_secret(s, side);

	tls_expand_label(s->agreed.suite->prf, secret, "traffic upd", next,
			 secret.n);
	memcpy(s->sides[side].secret, next, secret.n);
	bytes_wipe(next, sizeof(next));
}
