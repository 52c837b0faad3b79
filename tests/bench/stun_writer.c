/*
 * STUN messages of the bench generator: header, attributes, integrity.
 */
#include "config.h"

#include "tests/bench/stun_writer.h"

#include <string.h>

#define COOKIE 0x2112A442u
#define FINGERPRINT_XOR 0x5354554Eu
#define CRC_POLYNOMIAL 0xEDB88320u	/* reflected */

enum {
	HEADER = 20,
	TLV = 4,
	SHA1 = 20,
	SHA1_BLOCK = 64,
};

static void put_u16(uint8_t *to, uint32_t v)
{
	to[0] = (uint8_t)(v >> 8);
	to[1] = (uint8_t)v;
}

static void put_u32(uint8_t *to, uint32_t v)
{
	put_u16(to, v >> 16);
	put_u16(to + 2, v);
}

bool stun_crypto_open(struct stun_crypto *crypto)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? CRC_POLYNOMIAL : 0);
		crypto->crc[i] = c;
	}
	crypto->work = EVP_MD_CTX_new();
	return crypto->work;
}

void stun_crypto_close(struct stun_crypto *crypto)
{
	EVP_MD_CTX_free(crypto->work);
	crypto->work = NULL;
}

/* A digest that has taken in the key, zero-padded and XORed with `pad`. */
static EVP_MD_CTX *padded(const uint8_t *key, size_t len, uint8_t pad)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint8_t block[SHA1_BLOCK];

	memset(block, pad, sizeof block);
	for (size_t i = 0; i < len; i++)
		block[i] ^= key[i];
	if (md && EVP_DigestInit_ex(md, EVP_sha1(), NULL) == 1 &&
	    EVP_DigestUpdate(md, block, sizeof block) == 1)
		return md;
	EVP_MD_CTX_free(md);
	return NULL;
}

bool stun_key_open(struct stun_key *key, const void *bytes, size_t len)
{
	*key = (struct stun_key){ NULL, NULL };
	if (len > SHA1_BLOCK)
		return false;
	key->inner = padded(bytes, len, 0x36);
	key->outer = padded(bytes, len, 0x5C);
	return key->inner && key->outer;
}

void stun_key_close(struct stun_key *key)
{
	EVP_MD_CTX_free(key->inner);
	EVP_MD_CTX_free(key->outer);
	*key = (struct stun_key){ NULL, NULL };
}

void stun_begin(struct stun_writer *m, enum stun_type type,
		const uint8_t id[STUN_ID_LEN])
{
	m->len = HEADER;
	m->full = false;
	put_u16(m->bytes, type);
	put_u16(m->bytes + 2, 0);
	put_u32(m->bytes + 4, COOKIE);
	memcpy(m->bytes + 8, id, STUN_ID_LEN);
}

/*
 * Room for a value, with type, length and padding written and the message
 * length counting it; NULL if there is none.
 */
static uint8_t *add(struct stun_writer *m, enum stun_attribute type,
		    size_t len)
{
	size_t padded = (len + 3) & ~(size_t)3;
	uint8_t *at = m->bytes + m->len;

	if (m->full || len > sizeof m->bytes ||
	    TLV + padded > sizeof m->bytes - m->len) {
		m->full = true;
		return NULL;
	}
	put_u16(at, type);
	put_u16(at + 2, (uint32_t)len);
	memset(at + TLV + len, 0, padded - len);
	m->len += TLV + padded;
	put_u16(m->bytes + 2, (uint32_t)(m->len - HEADER));
	return at + TLV;
}

void stun_bytes(struct stun_writer *m, enum stun_attribute type,
		const void *value, size_t len)
{
	uint8_t *to = add(m, type, len);

	if (to && len)
		memcpy(to, value, len);
}

void stun_text(struct stun_writer *m, enum stun_attribute type,
	       const char *value)
{
	stun_bytes(m, type, value, strlen(value));
}

void stun_u32(struct stun_writer *m, enum stun_attribute type, uint32_t value)
{
	uint8_t bytes[4];

	put_u32(bytes, value);
	stun_bytes(m, type, bytes, sizeof bytes);
}

void stun_u64(struct stun_writer *m, enum stun_attribute type, uint64_t value)
{
	uint8_t bytes[8];

	put_u32(bytes, (uint32_t)(value >> 32));
	put_u32(bytes + 4, (uint32_t)value);
	stun_bytes(m, type, bytes, sizeof bytes);
}

void stun_address(struct stun_writer *m, enum stun_attribute type,
		  struct endpoint address)
{
	uint8_t bytes[8];

	put_u16(bytes, 1);	/* family IPv4 */
	put_u16(bytes + 2, address.port ^ COOKIE >> 16);
	put_u32(bytes + 4, address.ip ^ COOKIE);
	stun_bytes(m, type, bytes, sizeof bytes);
}

/* One pass of HMAC: what `begun` has taken in, then `bytes`. */
static bool digest_on(EVP_MD_CTX *work, const EVP_MD_CTX *begun,
		      const uint8_t *bytes, size_t len, uint8_t out[SHA1])
{
	return EVP_MD_CTX_copy_ex(work, begun) == 1 &&
	       EVP_DigestUpdate(work, bytes, len) == 1 &&
	       EVP_DigestFinal_ex(work, out, NULL) == 1;
}

/*
 * The attribute is added first: the length in the header must count it, while
 * the HMAC covers only what stands before it.
 */
static void add_integrity(struct stun_writer *m,
			  const struct stun_crypto *crypto,
			  const struct stun_key *key)
{
	size_t covered = m->len;
	uint8_t *to = add(m, STUN_MESSAGE_INTEGRITY, SHA1);

	if (to && (!digest_on(crypto->work, key->inner, m->bytes, covered,
			      to) ||
		   !digest_on(crypto->work, key->outer, to, SHA1, to)))
		m->full = true;
}

void stun_seal_open(struct stun_writer *m, const struct stun_crypto *crypto)
{
	size_t covered = m->len;
	uint8_t *to = add(m, STUN_FINGERPRINT, 4);
	uint32_t crc = 0xFFFFFFFF;

	if (!to)
		return;
	for (size_t i = 0; i < covered; i++)
		crc = crypto->crc[(crc ^ m->bytes[i]) & 0xFF] ^ crc >> 8;
	put_u32(to, ~crc ^ FINGERPRINT_XOR);
}

void stun_seal(struct stun_writer *m, const struct stun_crypto *crypto,
	       const struct stun_key *key)
{
	add_integrity(m, crypto, key);
	stun_seal_open(m, crypto);
}
