/* SIP Digest authentication (RFC 2617 3.2.2, RFC 7616 3.4, RFC 8760). */
#include "config.h"

#include "core/crypto.h"
#include "dissectors/sip_digest.h"

#define PIECES_MAX 96u
#define HEX_MAX 64u

enum status sip_digest_parse(struct slice value, struct sip_digest *out)
{
	struct sip_digest got = {0};
	struct slice rest, name, text;
	const struct {
		const char *name;
		struct slice *to;
	} rows[] = {
		{"username", &got.username}, {"realm", &got.realm},
		{"nonce", &got.nonce},	     {"uri", &got.uri},
		{"response", &got.response}, {"algorithm", &got.algorithm},
		{"qop", &got.qop},	     {"nc", &got.nc},
		{"cnonce", &got.cnonce},     {"opaque", &got.opaque},
	};

	if (!slice_is_nocase(sip_auth_scheme(value, &rest), "Digest"))
		return STATUS_NOT_MINE;
	while (sip_param_next(&rest, ',', &name, &text)) {
		if (slice_is_nocase(name, "stale"))
			got.stale = slice_is_nocase(text, "true");
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (rows[i].to->p == NULL &&
			    slice_is_nocase(name, rows[i].name))
				*rows[i].to = text;
	}
	*out = got;
	return STATUS_OK;
}

/* ---- hashing pieces with colons between them ---- */

struct algorithm {
	const char *name;
	void (*hash)(const struct slice *pieces, size_t count, uint8_t *out);
	size_t size;
	bool session; /* -sess: HA1 takes the nonces in (RFC 7616 3.4.2) */
};

static void hash_md5(const struct slice *pieces, size_t count, uint8_t *out)
{
	md5(pieces, count, out);
}

static void hash_sha256(const struct slice *pieces, size_t count,
			uint8_t *out)
{
	sha256(pieces, count, out);
}

static void hash_sha512_256(const struct slice *pieces, size_t count,
			    uint8_t *out)
{
	sha512_256(pieces, count, out);
}

static const struct algorithm algorithms[] = {
	{"MD5", hash_md5, MD5_SIZE, false},
	{"MD5-sess", hash_md5, MD5_SIZE, true},
	{"SHA-256", hash_sha256, SHA256_SIZE, false},
	{"SHA-256-sess", hash_sha256, SHA256_SIZE, true},
	{"SHA-512-256", hash_sha512_256, SHA256_SIZE, false},
	{"SHA-512-256-sess", hash_sha512_256, SHA256_SIZE, true},
};

static const struct algorithm *algorithm_of(struct slice name)
{
	if (name.n == 0) /* RFC 2617 3.2.1 */
		return &algorithms[0];
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (slice_is_nocase(name, algorithms[i].name))
			return &algorithms[i];
	return NULL;
}

/* What a hash runs over, as pieces of other texts. */
struct pieces {
	struct slice list[PIECES_MAX];
	size_t count;
	bool full;
};

static void add(struct pieces *to, struct slice s)
{
	if (to->count == PIECES_MAX)
		to->full = true;
	else
		to->list[to->count++] = s;
}

static void add_colon(struct pieces *to)
{
	add(to, SLICE(":"));
}

/*
 * A quoted value without the backslashes that quote a quote or a backslash.
 * One in front of anything else is kept: DOMAIN\user is sent unquoted by many.
 */
static void add_unquoted(struct pieces *to, struct slice s)
{
	size_t at;

	while (slice_find(s, '\\', &at)) {
		uint8_t next = at + 1 < s.n ? s.p[at + 1] : 0;
		bool quotes = next == '"' || next == '\\';

		add(to, slice_first(s, quotes ? at : at + 1));
		if (quotes)
			add(to, slice_cut(s, at + 1, 1));
		s = slice_from(s, quotes ? at + 2 : at + 1);
	}
	add(to, s);
}

static struct slice finish(const struct algorithm *with,
			   const struct pieces *from, char hex[HEX_MAX])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t hash[SHA256_SIZE];

	with->hash(from->list, from->count, hash);
	for (size_t i = 0; i < with->size; i++) {
		hex[2 * i] = digits[hash[i] >> 4];
		hex[2 * i + 1] = digits[hash[i] & 15];
	}
	return slice_of(hex, 2 * with->size);
}

/* HA1 (RFC 7616 3.4.2). */
static struct slice first_hash(const struct algorithm *with,
			       const struct sip_digest *digest,
			       const struct sip_digest_secret *secret,
			       char hex[HEX_MAX], bool *full)
{
	struct pieces p = {.count = 0};
	struct slice ha1 = secret->password;

	if (!secret->is_ha1) {
		add_unquoted(&p, digest->username);
		add_colon(&p);
		add_unquoted(&p, digest->realm);
		add_colon(&p);
		add(&p, secret->password);
		ha1 = finish(with, &p, hex);
	}
	*full = *full || p.full;
	if (!with->session)
		return ha1;
	p.count = 0;
	add(&p, ha1);
	add_colon(&p);
	add_unquoted(&p, digest->nonce);
	add_colon(&p);
	add_unquoted(&p, digest->cnonce);
	*full = *full || p.full;
	return finish(with, &p, hex);
}

/* HA2 (RFC 7616 3.4.3). */
static struct slice second_hash(const struct algorithm *with,
				const struct sip_digest *digest,
				struct slice method, struct slice body,
				char hex[HEX_MAX])
{
	struct pieces p = {.count = 0};
	char entity[HEX_MAX];

	add(&p, method);
	add_colon(&p);
	add(&p, digest->uri);
	if (slice_is_nocase(digest->qop, "auth-int")) {
		const struct pieces whole = {.list = {body}, .count = 1};

		add_colon(&p);
		add(&p, finish(with, &whole, entity));
	}
	return finish(with, &p, hex);
}

enum status sip_digest_response(const struct sip_digest *digest,
				struct slice method, struct slice body,
				const struct sip_digest_secret *with,
				char out[64], size_t *n)
{
	const struct algorithm *algorithm = algorithm_of(digest->algorithm);
	struct pieces p = {.count = 0};
	char first[HEX_MAX], second[HEX_MAX];
	bool full = false;

	if (!algorithm)
		return STATUS_NOT_MINE;
	add(&p, first_hash(algorithm, digest, with, first, &full));
	add_colon(&p);
	add_unquoted(&p, digest->nonce);
	add_colon(&p);
	if (digest->qop.n) {
		add(&p, digest->nc);
		add_colon(&p);
		add_unquoted(&p, digest->cnonce);
		add_colon(&p);
		add(&p, digest->qop);
		add_colon(&p);
	}
	add(&p, second_hash(algorithm, digest, method, body, second));
	if (full || p.full)
		return STATUS_LIMIT;
	*n = finish(algorithm, &p, out).n;
	return STATUS_OK;
}
