/*
 * Hashes, keyed hashes and base64: the only window to libcrypto.
 *
 * HMAC keys are prepared once and used often: a struct hmac_key holds the
 * state of the hash after the inner and the outer pad (RFC 2104).
 */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include "core/slice.h"

#define MD5_SIZE 16
#define SHA1_SIZE 20
#define SHA256_SIZE 32
#define SHA384_SIZE 48
#define SHA512_SIZE 64

enum hash_kind {
	HASH_SHA1,
	HASH_SHA256,
};

struct hmac_key {
	enum hash_kind kind;
	uint32_t inner[8];
	uint32_t outer[8];
};

void hmac_prepare(enum hash_kind kind, struct slice key,
		  struct hmac_key *out);

/* The HMAC over `count` pieces as if they were one text. */
void hmac_compute(const struct hmac_key *key, const struct slice *pieces,
		  size_t count, uint8_t out[SHA256_SIZE]);

size_t hash_size(enum hash_kind kind);

void md5(const struct slice *pieces, size_t count, uint8_t out[MD5_SIZE]);
void sha1(const struct slice *pieces, size_t count, uint8_t out[SHA1_SIZE]);
void sha256(const struct slice *pieces, size_t count,
	    uint8_t out[SHA256_SIZE]);

void sha384(const struct slice *pieces, size_t count, uint8_t out[SHA384_SIZE]);
void sha512(const struct slice *pieces, size_t count, uint8_t out[SHA512_SIZE]);

/* SHA-512/256 (RFC 7616 Digest). */
void sha512_256(const struct slice *pieces, size_t count,
		uint8_t out[SHA256_SIZE]);

/* CRC-32 as of ITU V.42, continued from `crc` (start with 0). */
uint32_t crc32_update(uint32_t crc, struct slice s);

/* Equal, in a time that does not depend on the contents. */
bool bytes_equal_constant_time(struct slice a, struct slice b);

/*
 * Decodes base64 (RFC 4648 section 4; white space skipped, padding optional)
 * into out, which has room for s.n / 4 * 3 + 3 bytes.  *n is the number of
 * bytes.  STATUS_BAD on any other character.
 */
MUST_CHECK enum status base64_decode(struct slice s, uint8_t *out, size_t *n);

/* Encodes into out, which has room for (s.n + 2) / 3 * 4 bytes; its count. */
size_t base64_encode(struct slice s, char *out);

#endif /* CORE_CRYPTO_H */
