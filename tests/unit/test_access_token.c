/* Access tokens (RFC 7635), by tokens that coturn's turnutils_oauth made. */
#include "config.h"

#include "dissectors/access_token.h"
#include "tests/support/t.h"

#define KEY_256 "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY="
#define KEY_128 "MDEyMzQ1Njc4OWFiY2RlZg=="
#define SERVER SLICE("turn.example.org")
#define MADE (INT64_C(1700000000) * NS_PER_S + NS_PER_S / 2)

/* Of turnutils_oauth -e -i turn.example.org -j kid-1, with a timestamp of
 * 1700000000 and 32000 of 64000. */
static const struct made {
	const char *key, *token, *mac;
	uint32_t lifetime;
} made[] = {
	{"kid-1:A256GCM:" KEY_256,
	 "AAxub25jZS1vZi0xMi6Z+1atQMZPvboTDqbOKBQ+2/dddPK0mMXQcqfaoetYR4yn"
	 "PebFt6D96ZhqF+RncOgQuA==",
	 "a-mac-key-of-twenty-", 3600},
	{"kid-1:A256GCM:" KEY_256,
	 "AAxub25jZS1vZi0xMi6Zz1atQMZPvboTDqbOKBQ+xPtBdPK07LLaDDm5qI4sNK+a"
	 "9LX25fEo5ssu/Xj2QVRybaStwUyNsIr7Ym//Hg==",
	 "a-mac-key-of-thirty-two-octets--", 600},
	{"kid-1:A128GCM:" KEY_128,
	 "AAxub25jZS1vZi0xMi4StOiZZcnMysiiBXRfxaqpnzH5SIjmF74szVty7lOuJhpj"
	 "wn1X7Yu1uYLlCdcGbsplqg==",
	 "a-mac-key-of-twenty-", 3600},
	{"kid-1:A128GCM:" KEY_128,
	 "AAxub25jZS1vZi0xMi4SgOiZZcnMysiiBXRfxaqpgD3lSIjmY8kms8UR5zbaVTle"
	 "ZN4qKbHMAyLFQlmd48GCnRQWqD+GRpxcI3MvAA==",
	 "a-mac-key-of-thirty-two-octets--", 600},
};

#define COUNT (sizeof(made) / sizeof(made[0]))

static struct access_key key_of(const char *text)
{
	struct access_key key;

	assert_int_equal(access_key_parse(slice_of_text(text), &key),
			 STATUS_OK);
	return key;
}

static struct slice token_of(const struct made *m, uint8_t out[128])
{
	size_t n;

	assert_int_equal(base64_decode(slice_of_text(m->token), out, &n),
			 STATUS_OK);
	return slice_of(out, n);
}

static void tokens_of_coturn_open(void **state)
{
	struct access_token token;
	uint8_t bytes[128];

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct access_key key = key_of(made[i].key);

		assert_int_equal(access_token_open(&key, SERVER,
						   token_of(&made[i], bytes),
						   &token),
				 STATUS_OK);
		t_equal_bytes(slice_of(token.mac, token.mac_size),
			      slice_of_text(made[i].mac));
		assert_true(token.made == MADE);
		assert_int_equal(token.lifetime, made[i].lifetime);
	}
}

static void tokens_are_for_one_server_and_key(void **state)
{
	struct access_key key = key_of(made[0].key);
	struct access_key other = key_of("kid-1:A256GCM:MDEyMzQ1Njc4OWFiY2RlZj"
					 "AxMjM0NTY3ODlBQkNERWY=");
	struct access_token token;
	uint8_t bytes[128];
	struct slice in = token_of(&made[0], bytes);

	(void)state;
	assert_int_equal(
		access_token_open(&key, SLICE("turn.example.com"), in, &token),
		STATUS_BAD);
	assert_int_equal(access_token_open(&key, (struct slice){0}, in, &token),
			 STATUS_BAD);
	assert_int_equal(access_token_open(&other, SERVER, in, &token),
			 STATUS_BAD);
}

/* Each bit counts, each byte is needed and none may follow. */
static void altered_tokens_stay_shut(void **state)
{
	struct access_key key = key_of(made[0].key);
	struct access_token token;
	uint8_t bytes[129] = {0};
	struct slice in = token_of(&made[0], bytes);

	(void)state;
	for (size_t i = 0; i < in.n; i++) {
		bytes[i] ^= 0x10;
		assert_int_equal(access_token_open(&key, SERVER, in, &token),
				 STATUS_BAD);
		bytes[i] ^= 0x10;
		assert_int_equal(access_token_open(&key, SERVER,
						   slice_first(in, i), &token),
				 STATUS_BAD);
	}
	assert_int_equal(access_token_open(&key, SERVER,
					   slice_of(bytes, in.n + 1), &token),
			 STATUS_BAD);
}

static void blocks_must_be_whole(void **state)
{
	static const struct {
		const char *hex;
		enum status want;
	} rows[] = {
		{"0010 000102030405060708090a0b0c0d0e0f 0000000000017d00"
		 "0000000a",
		 STATUS_OK},
		{"0010 000102030405060708090a0b0c0d0e0f 0000000000017d00"
		 "0000000a 00",
		 STATUS_BAD},
		{"000f 000102030405060708090a0b0c0d0e 0000000000017d00"
		 "0000000a",
		 STATUS_BAD},
		{"ffff 000102030405060708090a0b0c0d0e0f 0000000000017d00"
		 "0000000a",
		 STATUS_BAD},
		{"", STATUS_BAD},
	};
	struct access_token token = {.lifetime = 77};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].hex);

		assert_int_equal(access_token_read(in, &token), rows[i].want);
		t_release(in);
	}
	assert_int_equal(token.lifetime, 10);
	assert_int_equal(token.mac_size, 16);
}

static void the_time_is_counted_both_ways(void **state)
{
	struct access_token token = {.made = 1000 * NS_PER_S, .lifetime = 60};

	(void)state;
	assert_true(access_token_left(&token, 1000 * NS_PER_S) ==
		    65 * NS_PER_S);
	assert_true(access_token_left(&token, 1064 * NS_PER_S) == NS_PER_S);
	assert_true(access_token_left(&token, 1065 * NS_PER_S) <= 0);
	assert_true(access_token_left(&token, 936 * NS_PER_S) == NS_PER_S);
	assert_true(access_token_left(&token, 935 * NS_PER_S) <= 0);
	token = (struct access_token){.made = INT64_MAX,
				      .lifetime = UINT32_MAX};
	assert_true(access_token_left(&token, 0) < 0);
}

static void keys_are_written_as_text(void **state)
{
	static const char *const bad[] = {
		"",
		"kid",
		"kid:A256GCM",
		":A256GCM:" KEY_256,
		"kid:A256GCM:" KEY_128,
		"kid:A128GCM:" KEY_256,
		"kid:A512GCM:" KEY_256,
		"kid:A256GCM:*" KEY_256,
		"kid:A256GCM:",
	};
	struct access_key key;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(access_key_parse(slice_of_text(bad[i]), &key),
				 STATUS_BAD);
	key = key_of("a:kid:A128GCM:" KEY_128);
	t_equal_bytes(key.kid, SLICE("a:kid"));
	assert_int_equal(key.kind, CIPHER_AES_128_GCM);
	t_equal_bytes(slice_of(key.bytes, 16), SLICE("0123456789abcdef"));
}

/* Sealed from what is in them, they are the same bytes. */
static void tokens_are_made_as_coturn_does(void **state)
{
	static const uint8_t nonce[] = "nonce-of-12!";
	struct text token = text_new(ACCESS_TOKEN_MAX);
	struct access_token content = {.made = MADE};
	struct access_key key;
	uint8_t want[ACCESS_TOKEN_MAX + 3];
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		struct slice text = slice_of_text(made[i].token);

		assert_int_equal(
			access_key_parse(slice_of_text(made[i].key), &key),
			STATUS_OK);
		content.mac_size = strlen(made[i].mac);
		memcpy(content.mac, made[i].mac, content.mac_size);
		content.lifetime = made[i].lifetime;
		text_clear(&token);
		assert_int_equal(base64_decode(text, want, &n), STATUS_OK);
		assert_int_equal(access_token_seal(&key, SERVER, &content,
						   want + 2, &token),
				 STATUS_OK);
		t_equal_bytes(text_slice(&token), slice_of(want, n));
	}
	content.mac_size = ACCESS_MAC_MIN - 1;
	assert_int_equal(
		access_token_seal(&key, SERVER, &content, nonce, &token),
		STATUS_BAD);
	text_free(&token);
}

static const struct t_case cases[] = {
	{"tokens_are_made_as_coturn_does", tokens_are_made_as_coturn_does},
	{"tokens_of_coturn_open", tokens_of_coturn_open},
	{"tokens_are_for_one_server_and_key",
	 tokens_are_for_one_server_and_key},
	{"altered_tokens_stay_shut", altered_tokens_stay_shut},
	{"blocks_must_be_whole", blocks_must_be_whole},
	{"the_time_is_counted_both_ways", the_time_is_counted_both_ways},
	{"keys_are_written_as_text", keys_are_written_as_text},
};

T_MAIN(cases)
