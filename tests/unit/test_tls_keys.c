/* Deriving keys: HMAC, the PRF of TLS 1.0 to 1.2, HKDF-Expand-Label. */
#include "config.h"

#include "net/tls_keys.h"
#include "net/tls_suites.h"
#include "tests/support/t.h"

static void assert_hex(const uint8_t *got, size_t n, const char *want)
{
	struct slice bytes = t_hex(want);

	assert_int_equal(bytes.n, n);
	t_equal_bytes(slice_of(got, n), bytes);
	t_release(bytes);
}

/* RFC 2202 2 and 3, RFC 4231 4.3 and 4.7 (a key longer than a block). */
static void hmac_of_every_hash(void **state)
{
	const struct slice halves[] = {SLICE("what do ya want "),
				       SLICE("for nothing?")};
	const struct slice one =
		SLICE("Test Using Larger Than Block-Size Key - Hash Key First");
	uint8_t key[131], out[TLS_HASH_MAX];

	(void)state;
	memset(key, 0xAA, sizeof(key));
	tls_hmac(TLS_HASH_MD5, SLICE("Jefe"), halves, 2, out);
	assert_hex(out, 16, "750c783e6ab0b503eaa86e310a5db738");
	tls_hmac(TLS_HASH_SHA1, SLICE("Jefe"), halves, 2, out);
	assert_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	tls_hmac(TLS_HASH_SHA256, SLICE("Jefe"), halves, 2, out);
	assert_hex(out, 32,
		   "5bdcc146bf60754e6a042426089575c7"
		   "5a003f089d2739839dec58b964ec3843");
	tls_hmac(TLS_HASH_SHA384, SLICE("Jefe"), halves, 2, out);
	assert_hex(out, 48,
		   "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
		   "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
	tls_hmac(TLS_HASH_SHA384, slice_of(key, 131), &one, 1, out);
	assert_hex(out, 48,
		   "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f"
		   "3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952");
}

struct prf_row {
	enum tls_hash hash;
	size_t size;
	const char *secret, *seed, *want;
};

/* The vectors for P_SHA256 and P_SHA384 that the TLS working group shared;
 * the one before TLS 1.2 as OpenSSL's TLS1-PRF computes it. */
static const struct prf_row prf_rows[] = {
	{TLS_HASH_SHA256, 100, "9bbe436ba940f017b17652849a71db35",
	 "a0ba9f936cda311827a6f796ffd5198c",
	 "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a"
	 "6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab"
	 "4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
	 "87347b66"},
	{TLS_HASH_SHA384, 148, "b80b733d6ceefcdc71566ea48e5567df",
	 "cd665cf6a8447dd6ff8b27555edb7465",
	 "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd"
	 "e9ca0faa60be9fe34f82b1233c9146a0e534cb400fed2700884f9dc236f80edd"
	 "8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
	 "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee6"
	 "91c8f3a26854308d5eaa3be85e0990703d73e56f"},
	/* A secret of odd length: the halves share a byte. */
	{TLS_HASH_NONE, 104,
	 "abababababababababababababababababababababababab"
	 "abababababababababababababababababababababababab"
	 "cd",
	 "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
	 "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
	 "09e9d957c4ff8b8f5bdc9c77e23eebfc0b29534fce32adedba9cd1effe0d3376"
	 "e4e8ea4751bd7c37b31419a6f0c96d5989237ef70340f73bfd8375ef9fff8faf"
	 "0561d9161cc2b2b5d4f84393425434e88e89ee23510d4bb972f87da6ab405f9d"
	 "100a6af719f43773"},
};

static void prf_of_every_version(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(prf_rows) / sizeof(prf_rows[0]); i++) {
		const struct prf_row *row = &prf_rows[i];
		struct slice secret = t_hex(row->secret);
		struct slice seed = t_hex(row->seed);
		struct tls_seed parts = {"test label", slice_first(seed, 5),
					 slice_from(seed, 5)};
		uint8_t out[160];

		tls_prf(row->hash, secret, &parts, out, row->size);
		assert_hex(out, row->size, row->want);
		t_release(secret);
		t_release(seed);
	}
}

/* RFC 8448 3, "derive write traffic keys for handshake data" */
static void expand_label_makes_traffic_keys(void **state)
{
	struct slice secret = t_hex("b67b7d690cc16c4e75e54213cb2d37b4"
				    "e9c912bcded9105d42befd59d391ad38");
	uint8_t out[64];

	(void)state;
	tls_expand_label(TLS_HASH_SHA256, secret, "key", out, 16);
	assert_hex(out, 16, "3fce516009c21727d0f2e4e86ee403bc");
	tls_expand_label(TLS_HASH_SHA256, secret, "iv", out, 12);
	assert_hex(out, 12, "5d313eb2671276ee13000b30");
	tls_expand_label(TLS_HASH_SHA256, secret, "finished", out, 32);
	assert_hex(out, 32,
		   "008d3b66f816ea559f96b537e885c31f"
		   "c068bf492c652f01f288a1d8cdc19fc8");
	t_release(secret);
}

static void suites_are_found_by_number(void **state)
{
	const struct tls_suite *suite = tls_suite_find(0x002F);
	unsigned count = 0;

	(void)state;
	assert_non_null(suite);
	assert_true(suite->rsa);
	assert_int_equal(suite->cipher, CIPHER_AES_128_CBC);
	assert_int_equal(suite->mac, TLS_HASH_SHA1);
	suite = tls_suite_find(0xC030);
	assert_non_null(suite);
	assert_false(suite->rsa);
	assert_int_equal(suite->prf, TLS_HASH_SHA384);
	assert_null(tls_suite_find(0));
	assert_null(tls_suite_find(0xFFFF));
	/* Each of a sorted table is found; each has a tag or a MAC. */
	for (unsigned id = 0; id <= 0xFFFF; id++) {
		suite = tls_suite_find((uint16_t)id);
		if (!suite)
			continue;
		count++;
		assert_int_equal(suite->id, id);
		assert_true(cipher_authenticates(suite->cipher) ==
			    (suite->tag != 0));
		assert_true((suite->tag == 0) == (suite->mac != TLS_HASH_NONE));
	}
	assert_int_equal(count, 139);
}

static const struct t_case cases[] = {
	{"hmac_of_every_hash", hmac_of_every_hash},
	{"prf_of_every_version", prf_of_every_version},
	{"expand_label_makes_traffic_keys", expand_label_makes_traffic_keys},
	{"suites_are_found_by_number", suites_are_found_by_number},
};
T_MAIN(cases)
