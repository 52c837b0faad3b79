/* Tokens of MRAS: vectors (spec mras-and-registration 5.9), what is refused. */
#include "config.h"

#include "engine/mras_token.h"
#include "tests/support/t.h"

#define IDENTITY SLICE("sip:alice@example.test")
/* 2024-03-01T16:00:00Z */
#define EXPIRY (INT64_C(1709308800) * NS_PER_S)

static struct mras_keys keys_of(const char *name)
{
	struct mras_keys keys = {0};

	mras_keys_prepare(SLICE("mras-test-client-key"), slice_of_text(name),
			  SLICE("mras-test-key-2-0002"), &keys);
	return keys;
}

static void equal_base64(struct slice got, const char *want)
{
	char text[128];
	size_t n = base64_encode(got, text);

	t_equal_text(slice_of(text, n), want);
}

static void tokens_are_as_published(void **state)
{
	static const struct {
		unsigned version;
		const char *name, *password;
	} rows[] = {
		{2,
		 "AgAAJIOZQAAB2mvxpHIGu4Le0y+Xk8mfSUAiQMxKri4AAAAAeGrtGFf6eXXc"
		 "hjRW4Up4AZl22NM=",
		 "A2RA/t/LbXEHj3GmOli64dshYW0="},
		{1,
		 "AQAAIIOZQAAB2mvxpHIGu4Le0y+Xk8mfSUAiQMxKri7Shi43hnFxeLUstbsR"
		 "0eDXNLmHfA==",
		 "6c9QbQadCkclUTTSWfFt66qTNAI="},
	};
	struct mras_keys keys = keys_of("mras-test-key-1-0001");
	struct mras_token token;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		mras_token_issue(&keys, IDENTITY, EXPIRY, rows[i].version,
				 &token);
		equal_base64(slice_of(token.name, token.name_size),
			     rows[i].name);
		equal_base64(slice_of(token.password, MRAS_PASSWORD_SIZE),
			     rows[i].password);
	}
}

static void a_token_is_good_until_its_end(void **state)
{
	struct mras_keys keys = keys_of("mras-test-key-1-0001");
	struct mras_token token, back;
	struct slice name;

	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		mras_token_issue(&keys, IDENTITY, EXPIRY, version, &token);
		name = slice_of(token.name, token.name_size);
		assert_int_equal(
			mras_token_check(&keys, name, EXPIRY - 1, &back),
			MRAS_TOKEN_GOOD);
		assert_int_equal(mras_token_check(&keys, name, EXPIRY, &back),
				 MRAS_TOKEN_OVER);
		assert_true(back.expires == EXPIRY);
		assert_memory_equal(back.password, token.password,
				    MRAS_PASSWORD_SIZE);
		assert_memory_equal(back.client, token.client, SHA1_SIZE);
	}
}

static void every_byte_counts(void **state)
{
	struct mras_keys keys = keys_of("mras-test-key-1-0001");
	struct mras_token token, back;

	(void)state;
	mras_token_issue(&keys, IDENTITY, EXPIRY, 2, &token);
	for (size_t i = 0; i < token.name_size; i++) {
		token.name[i] ^= 1;
		assert_int_equal(
			mras_token_check(&keys,
					 slice_of(token.name, token.name_size),
					 0, &back),
			MRAS_TOKEN_OTHER);
		token.name[i] ^= 1;
	}
	for (size_t n = 0; n < token.name_size; n++)
		assert_int_equal(mras_token_check(&keys,
						  slice_of(token.name, n), 0,
						  &back),
				 MRAS_TOKEN_OTHER);
}

static void tokens_of_another_pool_are_none(void **state)
{
	struct mras_keys here = keys_of("mras-test-key-1-0001");
	struct mras_keys there = keys_of("mras-test-key-1-0002");
	struct mras_keys none = {0};
	struct mras_token token, back;
	struct slice name;

	(void)state;
	mras_token_issue(&there, IDENTITY, EXPIRY, 2, &token);
	name = slice_of(token.name, token.name_size);
	assert_int_equal(mras_token_check(&there, name, 0, &back),
			 MRAS_TOKEN_GOOD);
	assert_int_equal(mras_token_check(&here, name, 0, &back),
			 MRAS_TOKEN_OTHER);
	assert_int_equal(mras_token_check(&none, name, 0, &back),
			 MRAS_TOKEN_OTHER);
}

static const struct t_case cases[] = {
	{"tokens_are_as_published", tokens_are_as_published},
	{"a_token_is_good_until_its_end", a_token_is_good_until_its_end},
	{"every_byte_counts", every_byte_counts},
	{"tokens_of_another_pool_are_none", tokens_of_another_pool_are_none},
};

T_MAIN(cases)
