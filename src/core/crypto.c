/*
 * The only file that knows libcrypto.
 *
 * The low-level hash functions are used on purpose: the state after a key's
 * pads must be kept and continued, which the high-level interface allows only
 * by copying contexts on the heap for every message.
 */
#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/md4.h>
#include <openssl/md5.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rc4.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <zlib.h>

#include "core/crc32_fold.h"
#include "core/crypto.h"

#define BLOCK 64

/* Both hashes behind one pair of functions; the state words are copied out. */
union hash_state {
	SHA_CTX sha1;
	SHA256_CTX sha256;
};

static void state_start(enum hash_kind kind, union hash_state *s)
{
	if (kind == HASH_SHA1)
		SHA1_Init(&s->sha1);
	else
		SHA256_Init(&s->sha256);
}

static void state_add(enum hash_kind kind, union hash_state *s, struct slice p)
{
	if (p.n == 0)
		return;
	if (kind == HASH_SHA1)
		SHA1_Update(&s->sha1, p.p, p.n);
	else
		SHA256_Update(&s->sha256, p.p, p.n);
}

static void state_finish(enum hash_kind kind, union hash_state *s, uint8_t *out)
{
	if (kind == HASH_SHA1)
		SHA1_Final(out, &s->sha1);
	else
		SHA256_Final(out, &s->sha256);
}

/* Keeps the words of a state that has taken exactly one block. */
static void state_save(enum hash_kind kind, const union hash_state *s,
		       uint32_t words[8])
{
	if (kind == HASH_SHA256) {
		for (size_t i = 0; i < 8; i++)
			words[i] = s->sha256.h[i];
		return;
	}
	words[0] = s->sha1.h0;
	words[1] = s->sha1.h1;
	words[2] = s->sha1.h2;
	words[3] = s->sha1.h3;
	words[4] = s->sha1.h4;
}

static void state_load(enum hash_kind kind, const uint32_t words[8],
		       union hash_state *s)
{
	if (kind == HASH_SHA256) {
		SHA256_Init(&s->sha256);
		for (size_t i = 0; i < 8; i++)
			s->sha256.h[i] = words[i];
		return;
	}
	s->sha1.num = s->sha1.Nl = s->sha1.Nh = 0;
	s->sha1.h0 = words[0];
	s->sha1.h1 = words[1];
	s->sha1.h2 = words[2];
	s->sha1.h3 = words[3];
	s->sha1.h4 = words[4];
}

size_t hash_size(enum hash_kind kind)
{
	return kind == HASH_SHA1 ? SHA1_SIZE : SHA256_SIZE;
}

/* ---- HMAC ---- */

/* Messages mostly fit whole, so that the hash is called once. */
#define TEXT_MAX (4 * BLOCK)

struct hashing {
	enum hash_kind kind;
	union hash_state state;
	uint64_t total; /* bytes, those of the pad among them */
	size_t n;       /* in the text */
	uint8_t text[TEXT_MAX + 2 * BLOCK]; /* and what ends it */
};

static void take_blocks(struct hashing *h, size_t blocks)
{
	if (h->kind == HASH_SHA256)
		SHA256_Update(&h->state.sha256, h->text, blocks * BLOCK);
	else if (blocks == 1)
		SHA1_Transform(&h->state.sha1, h->text);
	else
		SHA1_Update(&h->state.sha1, h->text, blocks * BLOCK);
}

static void feed(struct hashing *h, struct slice p)
{
	h->total += p.n;
	while (p.n) {
		struct slice part = slice_first(p, TEXT_MAX - h->n);

		memcpy(h->text + h->n, part.p, part.n);
		h->n += part.n;
		p = slice_from(p, part.n);
		if (h->n < TEXT_MAX)
			break;
		take_blocks(h, TEXT_MAX / BLOCK);
		h->n = 0;
	}
}

static void put_word(uint8_t *to, uint32_t word)
{
	to[0] = (uint8_t)(word >> 24);
	to[1] = (uint8_t)(word >> 16);
	to[2] = (uint8_t)(word >> 8);
	to[3] = (uint8_t)word;
}

/* The bit behind the text and its length (FIPS 180-4 5.1.1), then the hash. */
static void finish(struct hashing *h, uint8_t *out)
{
	size_t blocks = (h->n + 1 + sizeof(uint64_t) + BLOCK - 1) / BLOCK;
	const size_t n = hash_size(h->kind);
	uint8_t *end = h->text + blocks * BLOCK;
	uint32_t words[8];

	memset(h->text + h->n, 0, BLOCK + sizeof(uint64_t));
	h->text[h->n] = 0x80;
	put_word(end - 8, (uint32_t)(h->total >> 29));
	put_word(end - 4, (uint32_t)(h->total << 3));
	take_blocks(h, blocks);
	state_save(h->kind, &h->state, words);
	for (size_t i = 0; i < n / 4; i++)
		put_word(out + 4 * i, words[i]);
}

/* Goes on behind the block of a pad. */
static void resume(struct hashing *h, const uint32_t words[8])
{
	h->total = BLOCK;
	h->n = 0;
	state_load(h->kind, words, &h->state);
}

static void pad_state(enum hash_kind kind, const uint8_t block[BLOCK],
		      uint8_t pad, uint32_t words[8])
{
	union hash_state state;
	uint8_t padded[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		padded[i] = block[i] ^ pad;
	state_start(kind, &state);
	state_add(kind, &state, slice_of(padded, BLOCK));
	state_save(kind, &state, words);
}

void hmac_prepare(enum hash_kind kind, struct slice key, struct hmac_key *out)
{
	uint8_t block[BLOCK] = {0};
	union hash_state state;

	*out = (struct hmac_key){.kind = kind};
	if (key.n > BLOCK) {
		state_start(kind, &state);
		state_add(kind, &state, key);
		state_finish(kind, &state, block);
	} else if (key.n) {
		memcpy(block, key.p, key.n);
	}
	pad_state(kind, block, 0x36, out->inner);
	pad_state(kind, block, 0x5C, out->outer);
	OPENSSL_cleanse(block, sizeof(block));
}

void hmac_compute(const struct hmac_key *key, const struct slice *pieces,
		  size_t count, uint8_t out[SHA256_SIZE])
{
	struct hashing h;
	uint8_t inner[SHA256_SIZE];

	h.kind = key->kind;
	resume(&h, key->inner);
	for (size_t i = 0; i < count; i++)
		feed(&h, pieces[i]);
	finish(&h, inner);
	resume(&h, key->outer);
	feed(&h, slice_of(inner, hash_size(key->kind)));
	finish(&h, out);
}

void md5(const struct slice *pieces, size_t count, uint8_t out[MD5_SIZE])
{
	MD5_CTX state;

	MD5_Init(&state);
	for (size_t i = 0; i < count; i++)
		if (pieces[i].n)
			MD5_Update(&state, pieces[i].p, pieces[i].n);
	MD5_Final(out, &state);
}

void md4(struct slice in, uint8_t out[MD4_SIZE])
{
	MD4_CTX state;

	MD4_Init(&state);
	if (in.n)
		MD4_Update(&state, in.p, in.n);
	MD4_Final(out, &state);
}

static void md5_padded(const uint8_t block[BLOCK], uint8_t pad, MD5_CTX *state)
{
	uint8_t padded[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		padded[i] = block[i] ^ pad;
	MD5_Init(state);
	MD5_Update(state, padded, BLOCK);
}

void hmac_md5(struct slice key, const struct slice *pieces, size_t count,
	      uint8_t out[MD5_SIZE])
{
	uint8_t block[BLOCK] = {0};
	MD5_CTX state;

	if (key.n > BLOCK)
		md5(&key, 1, block);
	else if (key.n)
		memcpy(block, key.p, key.n);
	md5_padded(block, 0x36, &state);
	for (size_t i = 0; i < count; i++)
		if (pieces[i].n)
			MD5_Update(&state, pieces[i].p, pieces[i].n);
	MD5_Final(out, &state);
	md5_padded(block, 0x5c, &state);
	MD5_Update(&state, out, MD5_SIZE);
	MD5_Final(out, &state);
	bytes_wipe(block, sizeof(block));
}

void rc4_apply(const uint8_t key[RC4_KEY_SIZE], struct slice in, uint8_t *out)
{
	RC4_KEY state;

	RC4_set_key(&state, RC4_KEY_SIZE, key);
	RC4(&state, in.n, in.p, out);
	bytes_wipe(&state, sizeof(state));
}

static void digest(enum hash_kind kind, const struct slice *pieces,
		   size_t count, uint8_t *out)
{
	union hash_state state;

	state_start(kind, &state);
	for (size_t i = 0; i < count; i++)
		state_add(kind, &state, pieces[i]);
	state_finish(kind, &state, out);
}

void sha1(const struct slice *pieces, size_t count, uint8_t out[SHA1_SIZE])
{
	digest(HASH_SHA1, pieces, count, out);
}

void sha256(const struct slice *pieces, size_t count, uint8_t out[SHA256_SIZE])
{
	digest(HASH_SHA256, pieces, count, out);
}

/* What is not asked for often goes through the general interface. */
static void general(const EVP_MD *kind, const struct slice *pieces,
		    size_t count, uint8_t *out)
{
	EVP_MD_CTX *state = EVP_MD_CTX_new();
	bool ok = state && EVP_DigestInit_ex(state, kind, NULL);

	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_DigestUpdate(state, pieces[i].p, pieces[i].n) == 1;
	if (!ok || EVP_DigestFinal_ex(state, out, NULL) != 1)
		memset(out, 0, (size_t)EVP_MD_get_size(kind));
	EVP_MD_CTX_free(state);
}

void sha384(const struct slice *pieces, size_t count, uint8_t out[SHA384_SIZE])
{
	general(EVP_sha384(), pieces, count, out);
}

void sha512(const struct slice *pieces, size_t count, uint8_t out[SHA512_SIZE])
{
	general(EVP_sha512(), pieces, count, out);
}

void sha512_256(const struct slice *pieces, size_t count,
		uint8_t out[SHA256_SIZE])
{
	general(EVP_sha512_256(), pieces, count, out);
}

uint32_t crc32_update(uint32_t crc, struct slice s)
{
	crc = crc32_fold(crc, &s);
	return s.n ? (uint32_t)crc32_z(crc, s.p, s.n) : crc;
}

bool bytes_equal_constant_time(struct slice a, struct slice b)
{
	uint32_t differ = 0, x, y;
	size_t i = 0;

	if (a.n != b.n)
		return false;
	for (; a.n - i >= sizeof(x); i += sizeof(x)) {
		memcpy(&x, a.p + i, sizeof(x));
		memcpy(&y, b.p + i, sizeof(y));
		differ |= x ^ y;
	}
	for (; i < a.n; i++)
		differ |= (uint32_t)(a.p[i] ^ b.p[i]);
	return differ == 0;
}

bool random_bytes(uint8_t *out, size_t n)
{
	return n <= INT32_MAX && RAND_bytes(out, (int)n) == 1;
}

void bytes_wipe(void *p, size_t n)
{
	if (n)
		OPENSSL_cleanse(p, n);
}

/* ---- ciphers ---- */

struct cipher_row {
	size_t key, block;
	bool authenticates, lengths_first;
	const EVP_CIPHER *(*get)(void);
};

static const struct cipher_row cipher_rows[] = {
	[CIPHER_AES_128_CBC] = {16, 16, false, false, EVP_aes_128_cbc},
	[CIPHER_AES_256_CBC] = {32, 16, false, false, EVP_aes_256_cbc},
	[CIPHER_3DES_CBC] = {24, 8, false, false, EVP_des_ede3_cbc},
	[CIPHER_RC4_128] = {16, 0, false, false, NULL},
	[CIPHER_AES_128_GCM] = {16, 0, true, false, EVP_aes_128_gcm},
	[CIPHER_AES_256_GCM] = {32, 0, true, false, EVP_aes_256_gcm},
	[CIPHER_AES_128_CCM] = {16, 0, true, true, EVP_aes_128_ccm},
	[CIPHER_AES_256_CCM] = {32, 0, true, true, EVP_aes_256_ccm},
	[CIPHER_CHACHA20_POLY1305] = {32, 0, true, false,
				      EVP_chacha20_poly1305},
};

struct cipher {
	const struct cipher_row *row;
	EVP_CIPHER_CTX *context; /* NULL: RC4 */
	RC4_KEY rc4;
	uint8_t key[CIPHER_KEY_MAX];
};

size_t cipher_key_size(enum cipher_kind kind)
{
	return cipher_rows[kind].key;
}

size_t cipher_block_size(enum cipher_kind kind)
{
	return cipher_rows[kind].block;
}

bool cipher_authenticates(enum cipher_kind kind)
{
	return cipher_rows[kind].authenticates;
}

void cipher_free(struct cipher *c)
{
	if (!c)
		return;
	EVP_CIPHER_CTX_free(c->context);
	OPENSSL_cleanse(c, sizeof(*c));
	free(c);
}

/* CCM takes its key together with each nonce. */
static bool cipher_start(struct cipher *c, struct slice key)
{
	EVP_CIPHER_CTX *context = c->context = EVP_CIPHER_CTX_new();

	memcpy(c->key, key.p, key.n);
	return context &&
	       EVP_DecryptInit_ex(context, c->row->get(), NULL,
				  c->row->lengths_first ? NULL : c->key,
				  NULL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
	       (!c->row->authenticates ||
		EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN,
				    CIPHER_NONCE_SIZE, NULL) == 1);
}

struct cipher *cipher_new(enum cipher_kind kind, struct slice key)
{
	struct cipher *c;

	if (key.n != cipher_rows[kind].key)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->row = &cipher_rows[kind];
	if (kind == CIPHER_RC4_128) {
		RC4_set_key(&c->rc4, (int)key.n, key.p);
	} else if (!cipher_start(c, key)) {
		cipher_free(c);
		return NULL;
	}
	return c;
}

/* The tag before the text (CCM) or behind it: the interface takes it as
 * writable, but only reads it. */
static bool set_tag(struct cipher *c, struct slice tag)
{
	uint8_t copy[16];

	if (tag.n > sizeof(copy))
		return false;
	memcpy(copy, tag.p, tag.n);
	return EVP_CIPHER_CTX_ctrl(c->context, EVP_CTRL_AEAD_SET_TAG,
				   (int)tag.n, copy) == 1;
}

static bool open_authentic(struct cipher *c, const struct sealed *in,
			   uint8_t *out)
{
	bool first = c->row->lengths_first;
	int n;

	if (in->nonce.n != CIPHER_NONCE_SIZE || in->tag.n == 0)
		return false;
	if (first && !set_tag(c, in->tag))
		return false;
	if (EVP_DecryptInit_ex(c->context, NULL, NULL, first ? c->key : NULL,
			       in->nonce.p) != 1)
		return false;
	if (first &&
	    EVP_DecryptUpdate(c->context, NULL, &n, NULL, (int)in->text.n) != 1)
		return false;
	if (in->aad.n && EVP_DecryptUpdate(c->context, NULL, &n, in->aad.p,
					   (int)in->aad.n) != 1)
		return false;
	/* CCM verifies here, also when there is no text. */
	if ((first || in->text.n) &&
	    EVP_DecryptUpdate(c->context, out, &n,
			      in->text.n ? in->text.p : out,
			      (int)in->text.n) != 1)
		return false;
	return first || (set_tag(c, in->tag) &&
			 EVP_DecryptFinal_ex(c->context, out, &n) == 1);
}

static bool open_blocks(struct cipher *c, const struct sealed *in, uint8_t *out)
{
	size_t block = c->row->block;
	int n;

	return in->nonce.n == block && in->text.n % block == 0 &&
	       (in->text.n == 0 ||
		(EVP_DecryptInit_ex(c->context, NULL, NULL, NULL,
				    in->nonce.p) == 1 &&
		 EVP_DecryptUpdate(c->context, out, &n, in->text.p,
				   (int)in->text.n) == 1));
}

bool cipher_open(struct cipher *c, const struct sealed *in, uint8_t *out)
{
	if (in->text.n > INT32_MAX || in->aad.n > INT32_MAX)
		return false;
	if (c->row->authenticates)
		return open_authentic(c, in, out);
	if (c->row->block)
		return open_blocks(c, in, out);
	RC4(&c->rc4, in->text.n, in->text.p, out);
	return true;
}

static bool seal(EVP_CIPHER_CTX *context, const struct sealed *plain,
		 uint8_t *out, uint8_t tag[CIPHER_TAG_SIZE])
{
	int n;

	return (plain->aad.n == 0 ||
		EVP_EncryptUpdate(context, NULL, &n, plain->aad.p,
				  (int)plain->aad.n) == 1) &&
	       EVP_EncryptUpdate(context, out, &n, plain->text.p,
				 (int)plain->text.n) == 1 &&
	       EVP_EncryptFinal_ex(context, out, &n) == 1 &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG,
				   CIPHER_TAG_SIZE, tag) == 1;
}

bool gcm_seal(enum cipher_kind kind, struct slice key,
	      const struct sealed *plain, uint8_t *out,
	      uint8_t tag[CIPHER_TAG_SIZE])
{
	EVP_CIPHER_CTX *context;
	bool fine;

	if ((kind != CIPHER_AES_128_GCM && kind != CIPHER_AES_256_GCM) ||
	    key.n != cipher_key_size(kind) || plain->text.n == 0 ||
	    plain->nonce.n != CIPHER_NONCE_SIZE || plain->text.n > INT32_MAX ||
	    plain->aad.n > INT32_MAX)
		return false;
	context = EVP_CIPHER_CTX_new();
	fine = context &&
	       EVP_EncryptInit_ex(context, cipher_rows[kind].get(), NULL, key.p,
				  plain->nonce.p) == 1 &&
	       seal(context, plain, out, tag);
	EVP_CIPHER_CTX_free(context);
	return fine;
}

/* ---- RSA ---- */

struct rsa_key {
	EVP_PKEY *key;
};

/* Nobody is asked for a password. */
static int no_password(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

struct rsa_key *rsa_key_read(struct slice pem)
{
	struct rsa_key *key = calloc(1, sizeof(*key));
	BIO *bio = pem.n && pem.n <= INT32_MAX
			   ? BIO_new_mem_buf(pem.p, (int)pem.n)
			   : NULL;

	if (key && bio)
		key->key =
			PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (!key || !key->key || EVP_PKEY_id(key->key) != EVP_PKEY_RSA ||
	    EVP_PKEY_size(key->key) > (int)RSA_TEXT_MAX) {
		rsa_key_free(key);
		return NULL;
	}
	return key;
}

void rsa_key_free(struct rsa_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

bool rsa_key_open(const struct rsa_key *key, struct slice text,
		  uint8_t out[RSA_TEXT_MAX], size_t *n)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->key, NULL);
	bool fits;

	*n = RSA_TEXT_MAX;
	fits = context && EVP_PKEY_decrypt_init(context) == 1 &&
	       EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	       EVP_PKEY_decrypt(context, out, n, text.p, text.n) == 1;
	EVP_PKEY_CTX_free(context);
	return fits;
}

/* ---- base64 ---- */

static int base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

enum status base64_decode(struct slice s, uint8_t *out, size_t *n)
{
	uint32_t group = 0;
	unsigned bits = 0;
	bool ended = false;

	*n = 0;
	for (size_t i = 0; i < s.n; i++) {
		int value = base64_value(s.p[i]);

		if (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r'))
			continue;
		if (s.p[i] == '=') {
			ended = true;
			continue;
		}
		if (value < 0 || ended)
			return STATUS_BAD;
		group = (group << 6 | (uint32_t)value) & 0xFFFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[(*n)++] = (uint8_t)(group >> bits);
		}
	}
	return bits == 6 ? STATUS_BAD : STATUS_OK;
}

size_t base64_encode(struct slice s, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t n = 0;

	for (size_t i = 0; i < s.n; i += 3) {
		struct slice three = slice_cut(s, i, 3);
		uint32_t v = (uint32_t)three.p[0] << 16;

		if (three.n > 1)
			v |= (uint32_t)three.p[1] << 8;
		if (three.n > 2)
			v |= three.p[2];
		out[n++] = digits[v >> 18];
		out[n++] = digits[v >> 12 & 63];
		out[n++] = three.n > 1 ? digits[v >> 6 & 63] : '=';
		out[n++] = three.n > 2 ? digits[v & 63] : '=';
	}
	return n;
}

/* ---- certificates ---- */

static bool time_of(const ASN1_TIME *t, nanoseconds *out)
{
	struct civil_time c;
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	c = (struct civil_time){.year = tm.tm_year + 1900,
				.month = tm.tm_mon + 1,
				.day = tm.tm_mday,
				.hour = tm.tm_hour,
				.minute = tm.tm_min,
				.second = tm.tm_sec};
	return clock_of_civil(&c, out) == STATUS_OK;
}

/* Letters of host names only: the rest of a name could be anything. */
static void copy_name(const ASN1_STRING *from, char to[CERTIFICATE_NAME_MAX])
{
	const unsigned char *p = ASN1_STRING_get0_data(from);
	int n = ASN1_STRING_length(from), at = 0;

	for (; at < n && at < (int)CERTIFICATE_NAME_MAX - 1; at++)
		to[at] = p[at] > ' ' && p[at] < 0x7F ? (char)p[at] : '_';
	to[at] = '\0';
}

static bool alternative_name(const X509 *x, char to[CERTIFICATE_NAME_MAX])
{
	GENERAL_NAMES *names =
		X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool any = false;

	for (int i = 0; !any && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		any = name->type == GEN_DNS;
		if (any)
			copy_name(name->d.dNSName, to);
	}
	GENERAL_NAMES_free(names);
	return any;
}

static void common_name(const X509 *x, char to[CERTIFICATE_NAME_MAX])
{
	const X509_NAME *name = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID((X509_NAME *)(uintptr_t)name,
					    NID_commonName, -1);

	to[0] = '\0';
	if (at >= 0)
		copy_name(X509_NAME_ENTRY_get_data(
				  X509_NAME_get_entry(name, at)),
			  to);
}

bool certificate_read(struct slice der, struct certificate_facts *out)
{
	const unsigned char *p = der.p;
	X509 *x = der.n > LONG_MAX ? NULL : d2i_X509(NULL, &p, (long)der.n);
	struct certificate_facts facts = {.from = 0};
	bool ok;

	if (!x)
		return false;
	ok = time_of(X509_get0_notBefore(x), &facts.from) &&
	     time_of(X509_get0_notAfter(x), &facts.until);
	if (!alternative_name(x, facts.name))
		common_name(x, facts.name);
	X509_free(x);
	if (ok)
		*out = facts;
	return ok;
}

bool certificate_names(struct slice der, const char *host)
{
	const unsigned char *p = der.p;
	X509 *x = der.n > LONG_MAX ? NULL : d2i_X509(NULL, &p, (long)der.n);
	bool fits = !x || X509_check_host(x, host, 0, 0, NULL) == 1;

	X509_free(x);
	return fits;
}
