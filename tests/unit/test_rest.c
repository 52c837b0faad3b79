/* Time-limited credentials (TURN REST), issued and taken. */
#include "config.h"

#include "engine/rest.h"
#include "engine/users.h"
#include "tests/support/t.h"

#define NOW (INT64_C(1700000000) * NS_PER_S)
#define SECRET SLICE("north")

static struct rest_credential issued(const char *user, uint32_t life)
{
	struct rest_credential c;

	assert_int_equal(rest_issue(SECRET, slice_of_text(user), NOW, life, &c),
			 STATUS_OK);
	return c;
}

/* By openssl dgst -sha1 -hmac north -binary | base64. */
static void names_and_passwords_are_as_in_the_draft(void **state)
{
	struct rest_credential c = issued("alice", 3600);

	(void)state;
	t_equal_bytes(slice_of(c.user, c.user_size), SLICE("1700003600:alice"));
	t_equal_bytes(slice_of(c.password, REST_PASSWORD_SIZE),
		      SLICE("wjwSXO2ch1B6VaLTLMy2Avn5O9o="));
	c = issued("", 60);
	t_equal_bytes(slice_of(c.user, c.user_size), SLICE("1700000060"));
}

static void what_is_issued_ends(void **state)
{
	struct rest_credential c = issued("alice", 60);
	struct slice user = slice_of(c.user, c.user_size);

	(void)state;
	assert_false(rest_is_over(user, NOW + 59 * NS_PER_S));
	assert_true(rest_is_over(user, NOW + 60 * NS_PER_S));
	assert_true(rest_is_over(SLICE("alice"), NOW));
	assert_true(rest_is_over(SLICE(""), NOW));
}

static void what_is_issued_opens(void **state)
{
	struct rest_credential c = issued("alice:of:example", 60);
	struct stun_message m = {.has_username = true,
				 .username = slice_of(c.user, c.user_size)};
	struct user_found who;
	struct stun_key key;
	struct users users;

	(void)state;
	users_init(&users, SLICE("example.org"), SECRET, 7);
	assert_true(users_find(&users, &m, NOW, &who));
	stun_key_long_term(m.username, SLICE("example.org"),
			   slice_of(c.password, REST_PASSWORD_SIZE), false,
			   &key);
	assert_memory_equal(who.md5_key, &key, sizeof(key));
	assert_false(users_find(&users, &m, NOW + 60 * NS_PER_S, &who));
	users_free(&users);
}

static void limits_hold(void **state)
{
	static char name[REST_USER_MAX + 1];
	struct rest_credential c;

	(void)state;
	memset(name, 'a', sizeof(name));
	assert_int_equal(rest_issue(SECRET, slice_of(name, REST_USER_MAX), NOW,
				    UINT32_MAX - 1700000000, &c),
			 STATUS_OK);
	assert_int_equal(c.user_size, REST_USER_MAX + 11);
	assert_int_equal(
		rest_issue(SECRET, slice_of(name, sizeof(name)), NOW, 1, &c),
		STATUS_BAD);
	assert_int_equal(rest_issue(SECRET, SLICE("a"), NOW,
				    UINT32_MAX - 1700000000 + 1, &c),
			 STATUS_BAD);
	assert_int_equal(rest_issue(SECRET, SLICE("a"), -NS_PER_S, 1, &c),
			 STATUS_BAD);
}

static const struct t_case cases[] = {
	{"names_and_passwords_are_as_in_the_draft",
	 names_and_passwords_are_as_in_the_draft},
	{"what_is_issued_ends", what_is_issued_ends},
	{"what_is_issued_opens", what_is_issued_opens},
	{"limits_hold", limits_hold},
};

T_MAIN(cases)
