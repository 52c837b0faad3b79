/* The keys of TLS 1.3: by the secrets of each side (RFC 8446 7.3). */
#include "config.h"

#include "net/tls_session_state.h"

static struct slice traffic_secret(const struct tls_session *s, unsigned side)
{
	return slice_of(s->sides[side].secret,
			tls_hash_size(s->agreed.suite->prf));
}

enum status tls_traffic_set(struct tls_session *s, unsigned side,
			    struct tls_direction *to)
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
	status = tls_direction_set(to, &keys);
	bytes_wipe(key, sizeof(key));
	return status;
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
