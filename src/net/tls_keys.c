/* Deriving the keys of TLS. */
#include "config.h"

#include "net/tls_keys.h"

#define BLOCK_MAX 128u
#define LABEL_MAX 32u

typedef void digest_fn(const struct slice *pieces, size_t count, uint8_t *out);

struct hash_row {
	size_t size, block;
	digest_fn *digest;
};

static const struct hash_row hashes[] = {
	[TLS_HASH_MD5] = {MD5_SIZE, 64, md5},
	[TLS_HASH_SHA1] = {SHA1_SIZE, 64, sha1},
	[TLS_HASH_SHA256] = {SHA256_SIZE, 64, sha256},
	[TLS_HASH_SHA384] = {SHA384_SIZE, 128, sha384},
};

size_t tls_hash_size(enum tls_hash hash)
{
	return hashes[hash].size;
}

void tls_digest(enum tls_hash hash, const struct slice *pieces, size_t count,
		uint8_t out[TLS_HASH_MAX])
{
	hashes[hash].digest(pieces, count, out);
}

/* The key as one block of the hash, under a pad. */
static void pad_key(const struct hash_row *row, struct slice key, uint8_t pad,
		    uint8_t block[BLOCK_MAX])
{
	memset(block, 0, BLOCK_MAX);
	if (key.n > row->block)
		row->digest(&key, 1, block);
	else if (key.n)
		memcpy(block, key.p, key.n);
	for (size_t i = 0; i < row->block; i++)
		block[i] ^= pad;
}

void tls_hmac(enum tls_hash hash, struct slice key, const struct slice *pieces,
	      size_t count, uint8_t out[TLS_HASH_MAX])
{
	const struct hash_row *row = &hashes[hash];
	uint8_t block[BLOCK_MAX], inner[TLS_HASH_MAX];
	struct slice all[TLS_PIECES_MAX + 1];

	all[0] = slice_of(block, row->block);
	for (size_t i = 0; i < count && i < TLS_PIECES_MAX; i++)
		all[i + 1] = pieces[i];
	pad_key(row, key, 0x36, block);
	row->digest(all, count + 1, inner);
	all[1] = slice_of(inner, row->size);
	pad_key(row, key, 0x5C, block);
	row->digest(all, 2, out);
	bytes_wipe(block, sizeof(block));
}

/* P_hash, mixed into what stands in out (RFC 5246 5). */
static void mix(enum tls_hash hash, struct slice secret,
		const struct tls_seed *seed, uint8_t *out, size_t n)
{
	uint8_t a[TLS_HASH_MAX], part[TLS_HASH_MAX];
	size_t size = hashes[hash].size;
	struct slice pieces[] = {slice_of(a, size), slice_of_text(seed->label),
				 seed->first, seed->second};

	tls_hmac(hash, secret, pieces + 1, 3, a);
	for (size_t at = 0; at < n; at += size) {
		tls_hmac(hash, secret, pieces, 4, part);
		for (size_t i = 0; i < size && i < n - at; i++)
			out[at + i] ^= part[i];
		tls_hmac(hash, secret, pieces, 1, a);
	}
	bytes_wipe(part, sizeof(part));
}

void tls_prf(enum tls_hash hash, struct slice secret,
	     const struct tls_seed *seed, uint8_t *out, size_t n)
{
	size_t half = (secret.n + 1) / 2;

	memset(out, 0, n);
	if (hash != TLS_HASH_NONE) {
		mix(hash, secret, seed, out, n);
		return;
	}
	mix(TLS_HASH_MD5, slice_first(secret, half), seed, out, n);
	mix(TLS_HASH_SHA1, slice_from(secret, secret.n - half), seed, out, n);
}

/* HKDF-Expand (RFC 5869 2.3) with the info of RFC 8446 7.1. */
void tls_expand_label(enum tls_hash hash, struct slice secret,
		      const char *label, uint8_t *out, size_t n)
{
	size_t length = strlen("tls13 ") + strlen(label);
	uint8_t head[3] = {0, (uint8_t)n, (uint8_t)length};
	uint8_t t[TLS_HASH_MAX], tail[2] = {0, 0};
	char whole[LABEL_MAX + 1];
	struct slice pieces[4];
	size_t size = hashes[hash].size, have = 0;

	if (length > LABEL_MAX || n > 255)
		return;
	memcpy(whole, "tls13 ", 6);
	memcpy(whole + 6, label, strlen(label));
	pieces[1] = slice_of(head, sizeof(head));
	pieces[2] = slice_of(whole, length);
	pieces[3] = slice_of(tail, 2);
	for (size_t at = 0; at < n; at += size) {
		pieces[0] = slice_of(t, have);
		tail[1]++;
		tls_hmac(hash, secret, pieces, 4, t);
		have = size;
		memcpy(out + at, t, n - at < size ? n - at : size);
	}
	bytes_wipe(t, sizeof(t));
}
