/* Ciphers and RSA decryption by the vectors of their documents. */
#include "config.h"

#include "core/crypto.h"
#include "tests/support/rsa_key.h"
#include "tests/support/t.h"

struct row {
	enum cipher_kind kind;
	const char *key, *nonce, *aad, *text, *tag, *want;
};

#define ZEROS_8 "0000000000000000"

/* The plain text of the GCM test cases. */
#define GCM_PLAIN                                                          \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" \
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define GCM_AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"

static const struct row rows[] = {
	/* RFC 3602 4, case 2 */
	{CIPHER_AES_128_CBC, "c286696d887c9aa0611bbb3e2025a45a",
	 "562e17996d093d28ddb3ba695a2e6f58", "",
	 "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1", "",
	 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"},
	/* NIST SP 800-38A F.2.5 */
	{CIPHER_AES_256_CBC,
	 "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	 "000102030405060708090a0b0c0d0e0f", "",
	 "f58c4c04d6e5f1ba779eabfb5f7bfbd6", "",
	 "6bc1bee22e409f96e93d7e117393172a"},
	/* NIST SP 800-67 appendix B, its first block */
	{CIPHER_3DES_CBC, "0123456789abcdef23456789abcdef01456789abcdef0123",
	 ZEROS_8, "", "a826fd8ce53b855f", "", "5468652071756663"},
	/* RFC 6229 2, key of 128 bits */
	{CIPHER_RC4_128, "0102030405060708090a0b0c0d0e0f10", "", "",
	 ZEROS_8 ZEROS_8, "", "9ac7cc9a609d1ef7b2932899cde41b97"},
	/* McGrew and Viega, "The Galois/Counter Mode", test cases 4, 16 */
	{CIPHER_AES_128_GCM, "feffe9928665731c6d6a8f9467308308",
	 "cafebabefacedbaddecaf888", GCM_AAD,
	 "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
	 "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
	 "5bc94fbc3221a5db94fae95ae7121a47", GCM_PLAIN},
	{CIPHER_AES_256_GCM,
	 "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	 "cafebabefacedbaddecaf888", GCM_AAD,
	 "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
	 "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
	 "76fc6ece0f4e1768cddf8853bb2d551b", GCM_PLAIN},
	/* The same, test case 1: nothing but a tag */
	{CIPHER_AES_128_GCM, ZEROS_8 ZEROS_8, ZEROS_8 "00000000", "", "",
	 "58e2fccefa7e3061367f1d57a4e7455a", ""},
	/* NIST SP 800-38C, example 3 */
	{CIPHER_AES_128_CCM, "404142434445464748494a4b4c4d4e4f",
	 "101112131415161718191a1b", "000102030405060708090a0b0c0d0e0f10111213",
	 "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5", "484392fbc1b09951",
	 "202122232425262728292a2b2c2d2e2f3031323334353637"},
	/* RFC 8439 2.8.2 */
	{CIPHER_CHACHA20_POLY1305,
	 "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
	 "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
	 "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
	 "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
	 "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
	 "3ff4def08e4b7a9de576d26586cec64b6116",
	 "1ae10b594f09e26a7e902ecbd0600691",
	 "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
	 "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
	 "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
	 "637265656e20776f756c642062652069742e"},
};

static bool open_row(const struct row *row, unsigned wrong, uint8_t *out)
{
	struct slice key = t_hex(row->key), tag = t_hex(row->tag);
	struct sealed in = {t_hex(row->nonce), t_hex(row->aad),
			    t_hex(row->text), slice_of(NULL, 0)};
	struct cipher *c = cipher_new(row->kind, key);
	uint8_t copy[16] = {0};
	bool fits;

	assert_non_null(c);
	if (tag.n)
		memcpy(copy, tag.p, tag.n);
	copy[0] ^= (uint8_t)wrong;
	in.tag = slice_of(copy, tag.n);
	fits = cipher_open(c, &in, out);
	cipher_free(c);
	t_release(key);
	t_release(tag);
	t_release(in.nonce);
	t_release(in.aad);
	t_release(in.text);
	return fits;
}

static void each_cipher_opens_its_vector(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t out[256] = {0};
		struct slice want = t_hex(rows[i].want);

		assert_true(open_row(&rows[i], 0, out));
		t_equal_bytes(slice_of(out, want.n), want);
		t_release(want);
	}
}

static void a_wrong_tag_is_seen(void **state)
{
	uint8_t out[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cipher_authenticates(rows[i].kind))
			assert_false(open_row(&rows[i], 1, out));
}

static void a_cipher_is_used_again_and_again(void **state)
{
	const struct row *row = &rows[4];
	struct slice key = t_hex(row->key);
	struct sealed in = {t_hex(row->nonce), t_hex(row->aad),
			    t_hex(row->text), t_hex(row->tag)};
	struct cipher *c = cipher_new(row->kind, key);
	uint8_t out[256];

	(void)state;
	assert_true(cipher_open(c, &in, out));
	assert_true(cipher_open(c, &in, out));
	in.aad.n--;
	assert_false(cipher_open(c, &in, out));
	in.aad.n++;
	assert_true(cipher_open(c, &in, out));
	in.nonce.n--;
	assert_false(cipher_open(c, &in, out));
	in.nonce.n++;
	cipher_free(c);
	t_release(key);
	t_release(in.nonce);
	t_release(in.aad);
	t_release(in.text);
	t_release(in.tag);
}

static void sizes_must_fit(void **state)
{
	static const uint8_t bytes[64];
	struct cipher *c = cipher_new(CIPHER_AES_128_CBC, slice_of(bytes, 16));
	struct sealed in = {.nonce = slice_of(bytes, 16),
			    .text = slice_of(bytes, 17)};
	uint8_t out[64];

	(void)state;
	assert_null(cipher_new(CIPHER_AES_128_CBC, slice_of(bytes, 17)));
	assert_null(cipher_new(CIPHER_RC4_128, slice_of(bytes, 5)));
	assert_false(cipher_open(c, &in, out));
	in.text.n = 0;
	assert_true(cipher_open(c, &in, out));
	in.nonce.n = 8;
	assert_false(cipher_open(c, &in, out));
	cipher_free(c);
}

/* RC4 goes on where it was: RFC 6229 2, at offset 16. */
static void stream_goes_on_where_it_was(void **state)
{
	struct slice key = t_hex("0102030405060708090a0b0c0d0e0f10");
	struct slice want = t_hex("5248c4959014126a6e8a84f11d1a9e1c");
	static const uint8_t zeros[16];
	struct sealed in = {.text = slice_of(zeros, 16)};
	struct cipher *c = cipher_new(CIPHER_RC4_128, key);
	uint8_t out[16];

	(void)state;
	assert_true(cipher_open(c, &in, out));
	assert_true(cipher_open(c, &in, out));
	t_equal_bytes(slice_of(out, 16), want);
	cipher_free(c);
	t_release(key);
	t_release(want);
}

/* ---- RSA ---- */

static const char pem[] = TEST_RSA_KEY;

#define PREMASTER                                                          \
	"03037072656d61737465722d7365637265742d6f662d34382d62797465732d66" \
	"6f722d746869732d746573742d6f6e6c"

#define SEALED                                                             \
	"253ec1f22f083998cc0db28b4a27c56d6cfc9c28e08e6d7134be1feef5dc0f47" \
	"9100eff716769ce017cfbb0634326339e0bdf3e1c3424e6ec59bf58e5f6cab10" \
	"a4d9ab7c6516845f5ce81499d31ada5534219e5096027cb8371882a77aa26bd1" \
	"0bfbe95e5e707269e86995114f285a87234426db1a6b10661013c735926c0068"

static void rsa_opens_what_is_for_its_key(void **state)
{
	struct rsa_key *key = rsa_key_read(slice_of_text(pem));
	struct slice want = t_hex(PREMASTER), text = t_hex(SEALED);
	uint8_t out[RSA_TEXT_MAX];
	size_t n;

	(void)state;
	assert_non_null(key);
	assert_true(rsa_key_open(key, text, out, &n));
	t_equal_bytes(slice_of(out, n), want);
	assert_false(rsa_key_open(key, slice_first(text, 100), out, &n));
	rsa_key_free(key);
	t_release(want);
	t_release(text);
}

static void other_texts_are_no_rsa_keys(void **state)
{
	static const char sealed[] =
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
		"MIIBvTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI\n"
		"-----END ENCRYPTED PRIVATE KEY-----\n";

	(void)state;
	assert_null(rsa_key_read(SLICE("")));
	assert_null(rsa_key_read(SLICE("CLIENT_RANDOM 00 00\n")));
	assert_null(rsa_key_read(slice_of_text(sealed)));
	assert_null(rsa_key_read(slice_of(pem, sizeof(pem) / 2)));
	rsa_key_free(NULL);
}

static const struct t_case cases[] = {
	{"each_cipher_opens_its_vector", each_cipher_opens_its_vector},
	{"a_wrong_tag_is_seen", a_wrong_tag_is_seen},
	{"a_cipher_is_used_again_and_again", a_cipher_is_used_again_and_again},
	{"sizes_must_fit", sizes_must_fit},
	{"stream_goes_on_where_it_was", stream_goes_on_where_it_was},
	{"rsa_opens_what_is_for_its_key", rsa_opens_what_is_for_its_key},
	{"other_texts_are_no_rsa_keys", other_texts_are_no_rsa_keys},
};
T_MAIN(cases)
