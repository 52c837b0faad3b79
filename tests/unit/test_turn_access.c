/* Third-party authorization (RFC 7635) at the server machine. */
#include "config.h"

#include "engine/attributes.h"
#include "tests/support/turn_world.h"

#define PEER "peer=192.0.2.9@5000"
#define MADE "allocate mac access=good transport=17; "

static void start(struct turn_world *w)
{
	world_init(w);
	w->tokens = true;
	world_start(w);
}

static void a_challenge_names_the_server(void **state)
{
	const struct stun_attribute *a;
	struct turn_world w;

	(void)state;
	start(&w);
	assert_int_equal(world_run(&w, "allocate plain transport=17"), 401);
	a = stun_find(&w.reply.m, AT_THIRD_PARTY);
	assert_non_null(a);
	t_equal_bytes(a->value, SLICE("example.org"));
	assert_int_equal(world_run(&w, "allocate bad-nonce transport=17"), 438);
	assert_null(stun_find(&w.reply.m, AT_THIRD_PARTY));
	world_free(&w);
	world_init(&w);
	world_start(&w);
	assert_int_equal(world_run(&w, "allocate plain transport=17"), 401);
	assert_null(stun_find(&w.reply.m, AT_THIRD_PARTY));
	world_free(&w);
}

static void tokens_are_made_for_a_name(void **state)
{
	struct turn_world w;

	(void)state;
	world_init(&w);
	w.tokens = true;
	w.config.name = SLICE("other.example");
	world_start(&w);
	assert_int_equal(world_run(&w, "allocate mac access=good transport=17"),
			 401);
	assert_int_equal(
		world_run(&w, "allocate mac access=other transport=17"), 0);
	world_free(&w);
}

static void a_token_opens_and_its_key_signs(void **state)
{
	static const char *const more[] = {
		"permission mac " PEER, "channel mac number=4000 " PEER,
		"refresh mac", "refresh mac access=good", "refresh mac life=0"};
	struct turn_world w;

	(void)state;
	start(&w);
	assert_int_equal(world_run(&w, "allocate mac access=good transport=17"),
			 0);
	assert_true(world_reply_is_of_token(&w));
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		if (world_run(&w, more[i]) != 0)
			fail_msg("%s: %u", more[i], w.reply.m.error);
		assert_true(world_reply_is_of_token(&w));
	}
	assert_int_equal(turn_server_counts(w.server).allocations, 0);
	world_free(&w);
}

static void accounts_stay_beside_tokens(void **state)
{
	struct turn_world w;

	(void)state;
	start(&w);
	assert_int_equal(world_run(&w, "allocate transport=17"), 0);
	assert_true(world_reply_is_signed(&w));
	/* Neither way into the other's allocation. */
	assert_int_equal(world_run(&w, "refresh mac access=good"), 441);
	assert_int_equal(world_run(&w, "refresh mac"), 401);
	world_free(&w);
	start(&w);
	assert_int_equal(world_run(&w, MADE "refresh"), 441);
	assert_int_equal(world_run(&w, "refresh user=kid-1 password="), 401);
	world_free(&w);
}

/* RFC 7635 9: what a token gives ends with it. */
static void lifetimes_end_with_the_token(void **state)
{
	static const struct {
		const char *script;
		uint32_t want;
	} rows[] = {
		{"allocate mac access=good transport=17", 600},
		{"allocate mac access=good transport=17 life=3600", 1205},
		{"allocate mac access=good at=1000 transport=17", 205},
		{MADE "refresh mac at=500 life=3600", 705},
		{MADE "refresh mac access=good at=500 life=3600", 705},
		{MADE "refresh mac at=590", 600},
		/* A new token carries on (RFC 7635 9). */
		{MADE "refresh mac access=late at=500 life=3600", 3105},
	};
	struct turn_world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&w);
		if (world_run(&w, rows[i].script) != 0)
			fail_msg("%s: %u", rows[i].script, w.reply.m.error);
		assert_int_equal(w.reply.m.lifetime, rows[i].want);
		world_free(&w);
	}
}

static void a_token_that_is_over_opens_nothing(void **state)
{
	struct turn_world w;

	(void)state;
	start(&w);
	assert_int_equal(
		world_run(&w, "allocate mac access=good at=1206 transport=17"),
		401);
	assert_int_equal(turn_server_counts(w.server).allocations, 0);
	world_free(&w);
	start(&w);
	/* Nor is a key id without token anybody. */
	assert_int_equal(world_run(&w, "allocate mac transport=17"), 401);
	assert_int_equal(world_run(&w, "allocate mac access=late "
				       "transport=17 life=3600; "
				       "refresh mac life=3600 access=old"),
			 401);
	/* That did not shorten what stands. */
	assert_int_equal(world_run(&w, "permission mac at=2000 " PEER), 0);
	world_free(&w);
}

static void peers_over_tcp_come_by_token(void **state)
{
	struct turn_world w;

	(void)state;
	start(&w);
	assert_int_equal(world_run(&w, "allocate mac access=good stream=1 "
				       "transport=6; connect mac " PEER),
			 -1);
	turn_server_connected(w.server, w.connecting, true, w.now);
	assert_true(world_reply_is_of_token(&w));
	assert_int_equal(w.reply.m.error, 0);
	w.connection = w.connecting;
	assert_int_equal(world_run(&w, "bind from=1 connection"), 400);
	assert_int_equal(world_run(&w, "bind mac connection"), 0);
	assert_true(world_reply_is_of_token(&w));
	assert_int_equal(w.spliced, w.connecting);
	world_free(&w);
}

static void keys_have_names_of_their_own(void **state)
{
	struct access_key key = {.kid = SLICE("alice"),
				 .kind = CIPHER_AES_128_GCM};
	struct turn_world w;
	char name[16];

	(void)state;
	start(&w);
	assert_int_equal(turn_server_add_key(w.server, &key), STATUS_BAD);
	key.kid = SLICE("kid-1");
	assert_int_equal(turn_server_add_key(w.server, &key), STATUS_BAD);
	for (unsigned i = 1; i < TURN_ACCESS_KEYS_MAX; i++) {
		int n = snprintf(name, sizeof(name), "more-%u", i);

		key.kid = slice_of(name, (size_t)n);
		assert_int_equal(turn_server_add_key(w.server, &key),
				 STATUS_OK);
	}
	key.kid = SLICE("too-many");
	assert_int_equal(turn_server_add_key(w.server, &key), STATUS_LIMIT);
	assert_int_equal(world_run(&w, "allocate mac access=good transport=17"),
			 0);
	world_free(&w);
}

static const struct t_case cases[] = {
	{"a_challenge_names_the_server", a_challenge_names_the_server},
	{"tokens_are_made_for_a_name", tokens_are_made_for_a_name},
	{"a_token_opens_and_its_key_signs", a_token_opens_and_its_key_signs},
	{"accounts_stay_beside_tokens", accounts_stay_beside_tokens},
	{"lifetimes_end_with_the_token", lifetimes_end_with_the_token},
	{"a_token_that_is_over_opens_nothing",
	 a_token_that_is_over_opens_nothing},
	{"peers_over_tcp_come_by_token", peers_over_tcp_come_by_token},
	{"keys_have_names_of_their_own", keys_have_names_of_their_own},
};

T_MAIN(cases)
