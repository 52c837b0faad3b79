/*
 * Hashes, keyed hashes, ciphers and base64: the only window to libcrypto.
 *
 * HMAC keys are prepared once and used often: a struct hmac_key holds the
 * state of the hash after the inner and the outer pad (RFC 2104).
 *
 * Ciphers only open what others have sealed; nothing here encrypts but the RC4
 * of NTLM's signatures.
 */
#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include "core/clock.h"
#include "core/slice.h"

#define MD4_SIZE 16
#define MD5_SIZE 16
#define SHA1_SIZE 20
#define SHA256_SIZE 32
#define SHA384_SIZE 48
#define SHA512_SIZE 64
#define RC4_KEY_SIZE 16

enum hash_kind {
	HASH_SHA1,
	HASH_SHA256,
};

struct hmac_key {
	enum hash_kind kind;
	uint32_t inner[8];
	uint32_t outer[8];
};

/* The same of SHA-1 alone, for keeping many. */
struct hmac_sha1 {
	uint32_t inner[SHA1_SIZE / 4];
	uint32_t outer[SHA1_SIZE / 4];
};

static inline void hmac_pack(const struct hmac_key *key, struct hmac_sha1 *out)
{
	memcpy(out->inner, key->inner, sizeof(out->inner));
	memcpy(out->outer, key->outer, sizeof(out->outer));
}

static inline void hmac_unpack(const struct hmac_sha1 *key,
			       struct hmac_key *out)
{
	out->kind = HASH_SHA1;
	memcpy(out->inner, key->inner, sizeof(key->inner));
	memcpy(out->outer, key->outer, sizeof(key->outer));
}

/* HMAC (RFC 2104) with a key that many messages share: `out` is as secret as
 * the key, which it does not borrow. */
void hmac_prepare(enum hash_kind kind, struct slice key, struct hmac_key *out);

/* The HMAC over `count` pieces as if they were one text. */
void hmac_compute(const struct hmac_key *key, const struct slice *pieces,
		  size_t count, uint8_t out[SHA256_SIZE]);

/* In bytes. */
size_t hash_size(enum hash_kind kind);

/* Of NTLM alone ([MS-NLMP] 3.3). */
void md4(struct slice s, uint8_t out[MD4_SIZE]);
void hmac_md5(struct slice key, const struct slice *pieces, size_t count,
	      uint8_t out[MD5_SIZE]);
/* RC4 with a key of 16 bytes, from its beginning; out has room for s.n. */
void rc4_apply(const uint8_t key[RC4_KEY_SIZE], struct slice s, uint8_t *out);

/* Over `count` pieces as if they were one text (RFC 1321, FIPS 180-4). */
void md5(const struct slice *pieces, size_t count, uint8_t out[MD5_SIZE]);
void sha1(const struct slice *pieces, size_t count, uint8_t out[SHA1_SIZE]);
void sha256(const struct slice *pieces, size_t count, uint8_t out[SHA256_SIZE]);

void sha384(const struct slice *pieces, size_t count, uint8_t out[SHA384_SIZE]);
void sha512(const struct slice *pieces, size_t count, uint8_t out[SHA512_SIZE]);

/* SHA-512/256 (RFC 7616 Digest). */
void sha512_256(const struct slice *pieces, size_t count,
		uint8_t out[SHA256_SIZE]);

/* CRC-32 as of ITU V.42, continued from `crc` (start with 0). */
uint32_t crc32_update(uint32_t crc, struct slice s);

/* Equal, in a time that does not depend on the contents. */
bool bytes_equal_constant_time(struct slice a, struct slice b);

/* Bytes that nobody can foretell; false: the system has none. */
MUST_CHECK bool random_bytes(uint8_t *out, size_t n);

/* Overwrites what was secret; the compiler cannot leave it out. */
void bytes_wipe(void *p, size_t n);

/* ---- ciphers ---- */

enum cipher_kind {
	CIPHER_AES_128_CBC,
	CIPHER_AES_256_CBC,
	CIPHER_3DES_CBC,
	CIPHER_RC4_128,
	CIPHER_AES_128_GCM,
	CIPHER_AES_256_GCM,
	CIPHER_AES_128_CCM,
	CIPHER_AES_256_CCM,
	CIPHER_CHACHA20_POLY1305,
};

#define CIPHER_KEY_MAX 32
#define CIPHER_NONCE_SIZE 12 /* of all that authenticate */

struct cipher;

/* In bytes. */
size_t cipher_key_size(enum cipher_kind kind);
/* Of CBC; 0: a stream, or one that authenticates. */
size_t cipher_block_size(enum cipher_kind kind);
bool cipher_authenticates(enum cipher_kind kind);

/* NULL: the key has the wrong size, memory is out, or libcrypto lacks it. */
struct cipher *cipher_new(enum cipher_kind kind, struct slice key);
void cipher_free(struct cipher *c);

struct sealed {
	struct slice nonce; /* CIPHER_NONCE_SIZE, or a block: the IV of CBC */
	struct slice aad;
	struct slice text;
	struct slice tag; /* empty unless the cipher authenticates */
};

/*
 * Decrypts into out, which has room for text.n bytes.  False when the tag is
 * wrong or the text is no multiple of the block; out may be written then.
 * CBC padding stays; RC4 goes on where the last text ended.
 */
bool cipher_open(struct cipher *c, const struct sealed *in, uint8_t *out);

#define CIPHER_TAG_SIZE 16

/*
 * Seals with one of the GCM ciphers: `plain` (its text, its nonce, which serves
 * once only, and what else is vouched for) into out, which has room for text.n
 * bytes, and `tag`.  False: it is another cipher, the key has the wrong size,
 * or memory is out.
 */
bool gcm_seal(enum cipher_kind kind, struct slice key,
	      const struct sealed *plain, uint8_t *out,
	      uint8_t tag[CIPHER_TAG_SIZE]);

/* ---- RSA ---- */

#define RSA_TEXT_MAX 2048u /* of 16384-bit keys */

struct rsa_key;

/*
 * A private key in PEM (PKCS #1 or #8).  NULL: it is none, is encrypted, or
 * has more than RSA_TEXT_MAX bytes.
 */
struct rsa_key *rsa_key_read(struct slice pem);
void rsa_key_free(struct rsa_key *key);

/* Decrypts PKCS #1 v1.5 (RFC 8017 7.2) into out, *n bytes; false: it is not
 * for this key (but it may take a wrong key for right and give noise). */
bool rsa_key_open(const struct rsa_key *key, struct slice text,
		  uint8_t out[RSA_TEXT_MAX], size_t *n);

/* ---- certificates (RFC 5280) ---- */

#define CERTIFICATE_NAME_MAX 256u

struct certificate_facts {
	char name[CERTIFICATE_NAME_MAX]; /* whose: the first name of DNS, or
					  * the common name; "" none */
	nanoseconds from, until;
};

/* Reads a certificate in DER, whose name is escaped; false: it is none. */
MUST_CHECK bool certificate_read(struct slice der,
				 struct certificate_facts *out);

/* Is it for a host of this name (RFC 6125 6.4)?  True, too, of what cannot be
 * read. */
bool certificate_names(struct slice der, const char *host);

/* ---- base64 ---- */

/*
 * Decodes base64 (RFC 4648 section 4; white space skipped, padding optional)
 * into out, which has room for s.n / 4 * 3 + 3 bytes.  *n is the number of
 * bytes.  STATUS_BAD on any other character.
 */
MUST_CHECK enum status base64_decode(struct slice s, uint8_t *out, size_t *n);

/* Encodes into out, which has room for (s.n + 2) / 3 * 4 bytes; its count. */
size_t base64_encode(struct slice s, char *out);

#endif /* CORE_CRYPTO_H */
