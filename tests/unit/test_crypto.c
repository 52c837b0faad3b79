/* Hashes, keyed hashes, CRC-32 and base64 by the vectors of their RFCs. */
#include "config.h"

#include "core/crypto.h"
#include "tests/support/t.h"

static void assert_hex(const uint8_t *got, size_t n, const char *want)
{
	struct slice bytes = t_hex(want);

	t_equal_bytes(slice_of(got, n), bytes);
	t_release(bytes);
}

typedef void hash_fn(const struct slice *pieces, size_t count, uint8_t *out);

struct hash_row {
	hash_fn *hash;
	size_t size;
	const char *text, *want;
};

static const struct hash_row hash_rows[] = {
	/* RFC 1321 A.5 */
	{md5, 16, "", "d41d8cd98f00b204e9800998ecf8427e"},
	{md5, 16, "a", "0cc175b9c0f1b6a831c399e269772661"},
	{md5, 16, "abc", "900150983cd24fb0d6963f7d28e17f72"},
	{md5, 16, "message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
	{md5, 16,
	 "1234567890123456789012345678901234567890"
	 "1234567890123456789012345678901234567890",
	 "57edf4a22be3c955ac49da2e2107b67a"},
	/* RFC 3174 7.3, FIPS 180-4 */
	{sha1, 20, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
	{sha1, 20, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	 "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
	{sha256, 32, "abc",
	 "ba7816bf8f01cfea414140de5dae2223"
	 "b00361a396177a9cb410ff61f20015ad"},
	{sha256, 32, "",
	 "e3b0c44298fc1c149afbf4c8996fb924"
	 "27ae41e4649b934ca495991b7852b855"},
	{sha384, 48, "abc",
	 "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
	 "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
	{sha512, 64, "abc",
	 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
	{sha512_256, 32, "abc",
	 "53048e2681941ef99b2e29b76b4c7dab"
	 "e4c2d0c634fc6d46e0e2f13107e7af23"},
	{sha512_256, 32, "",
	 "c672b8d1ef56ed28ab87c3622c511406"
	 "9bdd3ad7b8f9737498d0c01ecef0967a"},
};

static void hashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hash_rows) / sizeof(hash_rows[0]); i++) {
		const struct hash_row *row = &hash_rows[i];
		struct slice all = slice_of_text(row->text);
		uint8_t out[64];

		/* In one piece, and in three with an empty one. */
		for (size_t cut = 0; cut <= all.n; cut++) {
			struct slice pieces[] = {slice_first(all, cut),
						 {0},
						 slice_from(all, cut)};

			row->hash(pieces, 3, out);
			assert_hex(out, row->size, row->want);
		}
		row->hash(&all, 1, out);
		assert_hex(out, row->size, row->want);
	}
}

#define MUCH "Test Using Larger Than Block-Size Key - Hash Key First"

static void hashes_of_ntlm(void **state)
{
	/* RFC 1320 A.5; RFC 2202 2; RFC 6229 2 (its first keystream bytes). */
	static const uint8_t key[RC4_KEY_SIZE] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	static const uint8_t zeros[16];
	struct slice pieces[] = {SLICE("what do ya want "),
				 SLICE("for nothing?")};
	struct slice much = SLICE(MUCH);
	uint8_t out[16], long_key[80];

	(void)state;
	md4(SLICE(""), out);
	assert_hex(out, 16, "31d6cfe0d16ae931b73c59d7e0c089c0");
	md4(SLICE("message digest"), out);
	assert_hex(out, 16, "d9130a8164549fe818874806e1c7014b");
	hmac_md5(SLICE("Jefe"), pieces, 2, out);
	assert_hex(out, 16, "750c783e6ab0b503eaa86e310a5db738");
	memset(long_key, 0xaa, sizeof(long_key));
	hmac_md5(slice_of(long_key, sizeof(long_key)), &much, 1, out);
	assert_hex(out, 16, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
	rc4_apply(key, slice_of(zeros, 16), out);
	assert_hex(out, 16, "9ac7cc9a609d1ef7b2932899cde41b97");
}

struct hmac_row {
	enum hash_kind kind;
	const char *key, *text, *want;
	size_t key_times, text_times;
};

#define COUNTING "0102030405060708090a0b0c0d0e0f10111213141516171819"
#define MORE "Test Using Larger Than Block-Size Key and Larger Than One " \
	     "Block-Size Data"
#define MOST "This is a test using a larger than block-size key and a larger" \
	     " than block-size data. The key needs to be hashed before being" \
	     " used by the HMAC algorithm."

/* Keys are hex digits, repeated; texts are repeated. */
static const struct hmac_row hmac_rows[] = {
	/* RFC 2202 3 */
	{HASH_SHA1, "0b", "Hi There",
	 "b617318655057264e28bc0b6fb378c8ef146be00", 20, 1},
	{HASH_SHA1, "4a656665", "what do ya want for nothing?",
	 "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", 1, 1},
	{HASH_SHA1, "aa", "\xdd",
	 "125d7342b9ac11cd91a39af48aa17b4f63f175d3", 20, 50},
	{HASH_SHA1, COUNTING, "\xcd",
	 "4c9007f4026250c6bc8414f9bf50c86c2d7235da", 1, 50},
	{HASH_SHA1, "0c", "Test With Truncation",
	 "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04", 20, 1},
	{HASH_SHA1, "aa", MUCH,
	 "aa4ae5e15272d00e95705637ce8a3b55ed402112", 80, 1},
	{HASH_SHA1, "aa", MORE,
	 "e8e99d0f45237d786d6bbaa7965c7808bbff1a91", 80, 1},
	/* RFC 4231 4 */
	{HASH_SHA256, "0b", "Hi There",
	 "b0344c61d8db38535ca8afceaf0bf12b"
	 "881dc200c9833da726e9376c2e32cff7", 20, 1},
	{HASH_SHA256, "4a656665", "what do ya want for nothing?",
	 "5bdcc146bf60754e6a042426089575c7"
	 "5a003f089d2739839dec58b964ec3843", 1, 1},
	{HASH_SHA256, "aa", "\xdd",
	 "773ea91e36800e46854db8ebd09181a7"
	 "2959098b3ef8c122d9635514ced565fe", 20, 50},
	{HASH_SHA256, COUNTING, "\xcd",
	 "82558a389a443c0ea4cc819899f2083a"
	 "85f0faa3e578f8077a2e3ff46729665b", 1, 50},
	{HASH_SHA256, "0c", "Test With Truncation",
	 "a3b6167473100ee06e0c796c2955552b", 20, 1}, /* its first half */
	{HASH_SHA256, "aa", MUCH,
	 "60e431591ee0b67f0d8a26aacbf5b77f"
	 "8e0bc6213728c5140546040f0ee37f54", 131, 1},
	{HASH_SHA256, "aa", MOST,
	 "9b09ffa71b942fcb27635fbcd5b0e944"
	 "bfdc63644f0713938a7f51535c3a35e2", 131, 1},
};

static struct slice repeated(struct slice s, size_t times)
{
	uint8_t *p = malloc(s.n * times);

	assert_non_null(p);
	for (size_t i = 0; i < times; i++)
		memcpy(p + i * s.n, s.p, s.n);
	return slice_of(p, s.n * times);
}

static void check_hmac(const struct hmac_row *row)
{
	struct slice digits = t_hex(row->key);
	struct slice key = repeated(digits, row->key_times);
	struct slice text = repeated(slice_of_text(row->text),
				     row->text_times);
	struct hmac_key prepared;
	uint8_t out[SHA256_SIZE];

	hmac_prepare(row->kind, key, &prepared);
	/* A prepared key serves any number of texts, in pieces too. */
	for (size_t cut = 0; cut <= text.n; cut++) {
		struct slice pieces[] = {slice_first(text, cut),
					 slice_from(text, cut)};

		hmac_compute(&prepared, pieces, 2, out);
		assert_hex(out, strlen(row->want) / 2, row->want);
	}
	t_release(text);
	t_release(key);
	t_release(digits);
}

static void hmacs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hmac_rows) / sizeof(hmac_rows[0]); i++)
		check_hmac(&hmac_rows[i]);
	assert_int_equal(hash_size(HASH_SHA1), 20);
	assert_int_equal(hash_size(HASH_SHA256), 32);
}

/* Around the block of 64 bytes the key is hashed or not. */
static void hmac_of_no_text_and_no_key(void **state)
{
	struct hmac_key key;
	uint8_t out[SHA256_SIZE];

	(void)state;
	hmac_prepare(HASH_SHA1, (struct slice){0}, &key);
	hmac_compute(&key, NULL, 0, out);
	assert_hex(out, 20, "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
	hmac_prepare(HASH_SHA256, (struct slice){0}, &key);
	hmac_compute(&key, NULL, 0, out);
	assert_hex(out, 32,
		   "b613679a0814d9ec772f95d778c35fc5"
		   "ff1697c493715653c6c712144292c5ad");
}

static void plain_hash(enum hash_kind kind, const struct slice pieces[2],
		       uint8_t *out)
{
	if (kind == HASH_SHA1)
		sha1(pieces, 2, out);
	else
		sha256(pieces, 2, out);
}

/* RFC 2104 2 in so many words. */
static void hmac_by_hashes(enum hash_kind kind, uint8_t key, struct slice text,
			   uint8_t *out)
{
	uint8_t pad[64], inner[SHA256_SIZE];

	memset(pad, 0x36, sizeof(pad));
	pad[0] ^= key;
	plain_hash(kind, (struct slice[]){slice_of(pad, sizeof(pad)), text},
		   inner);
	memset(pad, 0x5C, sizeof(pad));
	pad[0] ^= key;
	plain_hash(kind,
		   (struct slice[]){slice_of(pad, sizeof(pad)),
				    slice_of(inner, hash_size(kind))},
		   out);
}

/* Around the ends of blocks, and of what is hashed at once. */
static void hmac_of_texts_of_all_lengths(void **state)
{
	const enum hash_kind kinds[] = {HASH_SHA1, HASH_SHA256};
	uint8_t text[700], want[SHA256_SIZE], out[SHA256_SIZE];
	const uint8_t key = 'k';

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
	for (size_t i = 0; i < 2 * sizeof(text); i++) {
		const enum hash_kind kind = kinds[i % 2];
		struct slice all = slice_of(text, i / 2);
		struct slice pieces[] = {slice_first(all, 64),
					 slice_cut(all, 64, 1),
					 slice_from(all, 65)};
		struct hmac_key prepared;

		hmac_by_hashes(kind, key, all, want);
		hmac_prepare(kind, slice_of(&key, 1), &prepared);
		hmac_compute(&prepared, pieces, 3, out);
		assert_memory_equal(out, want, hash_size(kind));
	}
}

static void crc32_check_value(void **state)
{
	struct slice s = SLICE("123456789");

	(void)state;
	for (size_t cut = 0; cut <= s.n; cut++) {
		uint32_t crc = crc32_update(0, slice_first(s, cut));

		crc = crc32_update(crc, slice_from(s, cut));
		assert_true(crc == 0xCBF43926);
	}
	assert_int_equal(crc32_update(0, (struct slice){0}), 0);
}

static uint32_t crc32_by_bits(struct slice s)
{
	uint32_t crc = UINT32_C(0xFFFFFFFF);

	for (size_t i = 0; i < 8 * s.n; i++) {
		uint32_t bit = (uint32_t)s.p[i / 8] >> (i % 8) & 1;

		crc = crc >> 1 ^ ((crc ^ bit) & 1 ? UINT32_C(0xEDB88320) : 0);
	}
	return ~crc;
}

/* Whole blocks are taken in another way than the rest. */
static void crc32_of_all_lengths(void **state)
{
	uint8_t bytes[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * i + 3);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		struct slice s = t_exact(slice_of(bytes, n));
		uint32_t crc = crc32_update(0, slice_first(s, n / 3));

		assert_int_equal(crc32_update(0, s), crc32_by_bits(s));
		assert_int_equal(crc32_update(crc, slice_from(s, n / 3)),
				 crc32_by_bits(s));
		t_release(s);
	}
}

static void equality_in_constant_time(void **state)
{
	(void)state;
	assert_true(bytes_equal_constant_time(SLICE("abc"), SLICE("abc")));
	assert_false(bytes_equal_constant_time(SLICE("abc"), SLICE("abd")));
	assert_false(bytes_equal_constant_time(SLICE("abc"), SLICE("ab")));
	assert_true(bytes_equal_constant_time(SLICE(""),
					      (struct slice){0}));
}

static void base64_of_rfc4648(void **state)
{
	static const struct {
		const char *plain, *coded;
	} rows[] = {
		{"", ""},		{"f", "Zg=="},
		{"fo", "Zm8="},		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},	{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "+/+/"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice plain = slice_of_text(rows[i].plain);
		struct slice coded = t_exact(slice_of_text(rows[i].coded));
		char text[16];
		uint8_t *out = malloc(coded.n / 4 * 3 + 3);
		size_t n = base64_encode(plain, text);

		assert_non_null(out);
		t_equal_text(slice_of(text, n), rows[i].coded);
		assert_int_equal(base64_decode(coded, out, &n), STATUS_OK);
		t_equal_bytes(slice_of(out, n), plain);
		free(out);
		t_release(coded);
	}
}

static void base64_is_read_with_patience(void **state)
{
	static const struct {
		const char *coded, *plain; /* NULL: bad */
	} rows[] = {
		{"Zg", "f"},
		{"Zm8", "fo"},
		{"Zg=", "f"},
		{" Z\tm\r\n9v ", "foo"},
		{"Zm9v\v\f", "foo"},
		{"Zg= =", "f"},
		{"Z", NULL},
		{"Z===", NULL},
		{"Zm9vZ", NULL},
		{"Zg==Zg==", NULL}, /* something after the end */
		{"Zm9v-", NULL},    /* the other alphabet */
		{"Zm9v_", NULL},
		{"Zm\x80v", NULL},
		{"Zm9v!", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice coded = t_exact(slice_of_text(rows[i].coded));
		uint8_t *out = malloc(coded.n / 4 * 3 + 3);
		size_t n;
		enum status status = base64_decode(coded, out, &n);

		if (status != (rows[i].plain ? STATUS_OK : STATUS_BAD))
			fail_msg("row %s", rows[i].coded);
		if (rows[i].plain)
			t_equal_text(slice_of(out, n), rows[i].plain);
		free(out);
		t_release(coded);
	}
}

/* Every length, in a block of just the room that is promised. */
static void base64_both_ways(void **state)
{
	uint8_t bytes[100];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 151 + 7);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		size_t room = (n + 2) / 3 * 4;
		char *text = malloc(room ? room : 1);
		uint8_t *back = malloc(room / 4 * 3 + 3);
		size_t back_n;

		assert_non_null(text);
		assert_non_null(back);
		assert_int_equal(base64_encode(slice_of(bytes, n), text),
				 room);
		assert_int_equal(base64_decode(slice_of(text, room), back,
					       &back_n),
				 STATUS_OK);
		t_equal_bytes(slice_of(back, back_n), slice_of(bytes, n));
		free(back);
		free(text);
	}
}

static const struct t_case cases[] = {
	{"hashes", hashes},
	{"hashes_of_ntlm", hashes_of_ntlm},
	{"hmacs", hmacs},
	{"hmac_of_no_text_and_no_key", hmac_of_no_text_and_no_key},
	{"hmac_of_texts_of_all_lengths", hmac_of_texts_of_all_lengths},
	{"crc32_check_value", crc32_check_value},
	{"crc32_of_all_lengths", crc32_of_all_lengths},
	{"equality_in_constant_time", equality_in_constant_time},
	{"base64_of_rfc4648", base64_of_rfc4648},
	{"base64_is_read_with_patience", base64_is_read_with_patience},
	{"base64_both_ways", base64_both_ways},
};
T_MAIN(cases)
