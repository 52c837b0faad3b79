/* The server machine: what succeeds, what passes, what ends. */
#include "config.h"

#include "dissectors/turn.h"
#include "engine/attributes.h"
#include "tests/support/turn_world.h"

#define PEER "peer=192.0.2.9@5000"

static bool replied_with(const struct turn_world *w, uint16_t type)
{
	return stun_find(&w->reply.m, type) != NULL;
}

/* ---- Allocate and Refresh ---- */

static void an_allocation_says_all(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17"), 0);
	assert_true(endpoint_equal(&w.reply.m.mapped, &w.path.client));
	assert_true(endpoint_equal(&w.reply.m.relayed, &w.relays[0]));
	assert_int_equal(w.reply.m.lifetime, 600);
	assert_true(world_reply_is_signed(&w));
	assert_true(replied_with(&w, AT_SOFTWARE));
	assert_false(replied_with(&w, AT_RESERVATION_TOKEN));
	assert_int_equal(w.reply.m.fingerprint, FINGERPRINT_ABSENT);
	assert_int_equal(turn_server_counts(w.server).allocations, 1);
	world_free(&w);
}

static void a_fingerprint_is_answered_by_one(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17 fingerprint"), 0);
	assert_int_equal(w.reply.m.fingerprint, FINGERPRINT_OK);
	world_free(&w);
}

static void lifetimes_follow_the_arithmetic(void **state)
{
	static const struct {
		const char *script;
		uint32_t want;
	} rows[] = {
		{"allocate transport=17 life=300", 600},
		{"allocate transport=17 life=1200", 1200},
		{"allocate transport=17 life=86400", 3600},
		{"allocate transport=17 life=0", 600},
		{"allocate transport=17; refresh life=1200", 1200},
		{"allocate transport=17; refresh", 600},
		{"allocate transport=17; refresh life=1", 600},
		{"allocate transport=17; refresh life=0", 0},
	};
	struct turn_world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_begin(&w);
		assert_int_equal(world_run(&w, rows[i].script), 0);
		assert_true(w.reply.m.has_lifetime);
		assert_int_equal(w.reply.m.lifetime, rows[i].want);
		world_free(&w);
	}
}

static void the_same_request_gets_the_same_answer(void **state)
{
	struct turn_world w;
	struct endpoint first;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17"), 0);
	first = w.reply.m.relayed;
	assert_int_equal(world_run(&w, "allocate again transport=17"), 0);
	assert_true(endpoint_equal(&w.reply.m.relayed, &first));
	/* Not for ever: RFC 8489 6.3.1. */
	assert_int_equal(world_run(&w, "allocate again at=41 transport=17"),
			 437);
	world_free(&w);
}

/* An Allocate that would be answered otherwise, had it not been answered: what
 * it used, made or took is used, made and taken once. */
static void an_allocate_again_gets_the_same_bytes(void **state)
{
	static const struct {
		const char *script;
		size_t open; /* relays, behind it */
	} rows[] = {
		{"allocate transport=17", 1},
		{"allocate transport=17 reserve", 2},
		{"allocate transport=17 reserve; allocate from=1 plain; "
		 "allocate transport=17 token",
		 2},
		{"allocate transport=17; refresh life=1200", 1},
		{"allocate transport=17; refresh life=0", 0},
	};
	struct turn_world w;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t open = 0;

		world_begin(&w);
		w.next_port = 50000;
		assert_int_equal(world_run(&w, rows[i].script), 0);
		assert_true(world_reply_is_signed(&w));
		assert_true(world_repeats(&w));
		w.now += 39 * NS_PER_S;
		assert_true(world_repeats(&w));
		for (size_t k = 0; k < WORLD_RELAYS; k++)
			open += w.open[k];
		assert_int_equal(open, rows[i].open);
		w.now += 2 * NS_PER_S;
		assert_int_equal(world_repeats(&w), i == 3);
		world_free(&w);
	}
}

static void a_released_allocation_is_gone(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17; refresh life=0"),
			 0);
	assert_false(w.open[0]);
	assert_true(world_reply_is_signed(&w));
	assert_int_equal(world_run(&w, "refresh life=0"), 437);
	assert_int_equal(world_run(&w, "allocate transport=17"), 0);
	world_free(&w);
}

/* RFC 8489 6.3.1: also what is gone by then, and no other one comes. */
static void a_late_copy_changes_nothing(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17; refresh life=0"),
			 0);
	assert_int_equal(world_run(&w, "refresh again life=0"), 0);
	assert_true(world_reply_is_signed(&w));
	assert_false(w.open[0]);
	assert_int_equal(turn_server_counts(w.server).allocations, 0);
	assert_int_equal(world_run(&w, "refresh again at=41 life=0"), 437);
	world_free(&w);
}

static void an_allocation_ends_by_itself(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(
		world_run(&w, "allocate transport=17; refresh at=500 life=600"),
		0);
	turn_server_tick(w.server, w.now + 599 * NS_PER_S);
	assert_true(w.open[0]);
	assert_true(turn_server_next(w.server) <= w.now + 600 * NS_PER_S);
	turn_server_tick(w.server, w.now + 600 * NS_PER_S);
	assert_false(w.open[0]);
	assert_int_equal(turn_server_counts(w.server).allocations, 0);
	turn_server_tick(w.server, w.now + 7200 * NS_PER_S);
	assert_true(turn_server_next(w.server) == INT64_MAX);
	world_free(&w);
}

static void even_ports_and_reservations_pair(void **state)
{
	struct turn_world w;
	struct endpoint first;

	(void)state;
	world_begin(&w);
	w.next_port = 50001;
	assert_int_equal(world_run(&w, "allocate transport=17 reserve"), 0);
	first = w.reply.m.relayed;
	assert_int_equal(first.port % 2, 0);
	assert_true(replied_with(&w, AT_RESERVATION_TOKEN));
	assert_int_equal(world_run(&w, "allocate from=1 plain; "
				       "allocate transport=17 token"),
			 0);
	assert_int_equal(w.reply.m.relayed.port, first.port + 1);
	/* It is good once, and for half a minute. */
	assert_int_equal(world_run(&w, "allocate from=2 plain; "
				       "allocate transport=17 token"),
			 508);
	assert_int_equal(world_run(&w, "allocate transport=17 reserve"), 0);
	turn_server_tick(w.server, w.now + 31 * NS_PER_S);
	assert_int_equal(world_run(&w, "allocate from=3 at=31 plain; "
				       "allocate transport=17 token"),
			 508);
	world_free(&w);
}

static void a_reservation_is_its_users_own(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17 reserve; "
				       "allocate from=1 plain; "
				       "allocate transport=17 token "
				       "user=bob password=builder"),
			 508);
	world_free(&w);
}

static size_t relayed_in(const struct turn_world *w)
{
	size_t relayed = 0;

	for (size_t i = 0; i < w->reply.m.attribute_count; i++)
		relayed +=
			w->reply.m.attributes[i].type == AT_XOR_RELAYED_ADDRESS;
	return relayed;
}

static void both_families_are_had_by_the_draft(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17 draft=2"), 0);
	assert_int_equal(relayed_in(&w), 2);
	world_free(&w);
	world_begin(&w);
	assert_int_equal(
		world_run(&w, "allocate transport=17 draft=2 family=1"), 0);
	assert_int_equal(relayed_in(&w), 1);
	world_free(&w);
}

static void both_families_are_had(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17 also=2"), 0);
	assert_int_equal(relayed_in(&w), 2);
	assert_int_equal(world_run(&w, "permission peer=2001:470::9@1 " PEER),
			 0);
	/* One family goes, the other stays. */
	assert_int_equal(world_run(&w, "refresh life=0 family=2"), 0);
	assert_int_equal(world_run(&w, "permission peer=2001:470::9@1"), 443);
	assert_int_equal(world_run(&w, "permission " PEER), 0);
	world_free(&w);
}

static void one_of_two_families_may_fail(void **state)
{
	struct turn_world w;
	const struct stun_attribute *a;

	(void)state;
	world_init(&w);
	w.config.ipv6 = false;
	world_start(&w);
	assert_int_equal(world_run(&w, "allocate transport=17 also=2"), 0);
	a = stun_find(&w.reply.m, AT_ADDRESS_ERROR_CODE);
	assert_non_null(a);
	t_equal_bytes(slice_first(a->value, 4), SLICE("\x02\x00\x04\x28"));
	world_free(&w);
	world_begin(&w);
	w.ports_left = 1;
	assert_int_equal(world_run(&w, "allocate transport=17 also=2"), 0);
	a = stun_find(&w.reply.m, AT_ADDRESS_ERROR_CODE);
	assert_non_null(a);
	t_equal_bytes(slice_first(a->value, 4), SLICE("\x02\x00\x05\x08"));
	world_free(&w);
}

/* ---- credentials ---- */

static void users_may_speak_sha256(void **state)
{
	struct turn_world w;

	(void)state;
	world_init(&w);
	w.config.algorithms = true;
	w.config.secret = (struct slice){0};
	world_start(&w);
	assert_int_equal(world_run(&w, "allocate plain transport=17"), 401);
	assert_true(replied_with(&w, AT_PASSWORD_ALGORITHMS));
	assert_int_equal(nonce_features(w.reply.m.nonce),
			 NONCE_ALGORITHMS | NONCE_ANONYMITY);
	assert_int_equal(world_run(&w, "allocate sha256 transport=17"), 0);
	assert_true(w.reply.m.integrity256_at && !w.reply.m.integrity_at);
	assert_true(world_reply_is_signed(&w));
	/* Who names no algorithm is taken for one of RFC 5389. */
	assert_int_equal(world_run(&w, "refresh"), 0);
	assert_true(w.reply.m.integrity_at && !w.reply.m.integrity256_at);
	world_free(&w);
}

/* Nothing tells a time-limited name, or a kid, from its hash: no client is to
 * hide one. */
static void names_of_no_list_are_said(void **state)
{
	struct turn_world w;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		world_init(&w);
		w.tokens = i != 0;
		if (w.tokens)
			w.config.secret = (struct slice){0};
		w.config.algorithms = true;
		world_start(&w);
		assert_int_equal(world_run(&w, "allocate plain transport=17"),
				 401);
		assert_int_equal(nonce_features(w.reply.m.nonce),
				 NONCE_ALGORITHMS);
		world_free(&w);
	}
}

static void users_may_stay_anonymous(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate hashed transport=17"), 0);
	assert_int_equal(world_run(&w, "refresh hashed"), 0);
	assert_int_equal(
		world_run(&w, "refresh hashed user=dora password=wonder"), 401);
	world_free(&w);
}

static void a_secret_gives_users_for_a_time(void **state)
{
	struct turn_world w;
	char password[29] = "", line[128];
	size_t n = turn_rest_password(SLICE("north"), SLICE("1800000100:eve"),
				      password);

	(void)state;
	password[n] = 0;
	world_begin(&w);
	snprintf(line, sizeof(line),
		 "allocate transport=17 user=1800000100:eve password=%s",
		 password);
	assert_int_equal(world_run(&w, line), 0);
	assert_int_equal(turn_server_counts(w.server).users, 3);
	snprintf(line, sizeof(line),
		 "refresh at=99 user=1800000100:eve password=%s", password);
	assert_int_equal(world_run(&w, line), 0);
	snprintf(line, sizeof(line),
		 "refresh at=100 user=1800000100:eve password=%s", password);
	assert_int_equal(world_run(&w, line), 401);
	assert_int_equal(world_run(&w, "allocate from=1 transport=17 "
				       "user=1800009999:eve password=guess"),
			 401);
	world_free(&w);
}

static void nonces_are_one_clients(void **state)
{
	struct nonce_maker maker = {.life = 10 * NS_PER_S};
	struct endpoint a = world_end_at("192.0.2.1", 1),
			b = world_end_at("192.0.2.1", 2);
	char nonce[NONCE_SIZE];
	struct slice s = slice_of(nonce, NONCE_SIZE);

	(void)state;
	hmac_prepare(HASH_SHA256, SLICE("k"), &maker.key);
	nonce_make(&maker, &a, 100 * NS_PER_S, nonce);
	assert_true(nonce_is_valid(&maker, &a, 110 * NS_PER_S, s));
	assert_false(nonce_is_valid(&maker, &a, 111 * NS_PER_S, s));
	assert_false(nonce_is_valid(&maker, &a, 99 * NS_PER_S, s));
	assert_false(nonce_is_valid(&maker, &b, 100 * NS_PER_S, s));
	for (size_t i = 0; i < NONCE_SIZE; i++) {
		nonce[i] ^= 1;
		assert_false(nonce_is_valid(&maker, &a, 100 * NS_PER_S, s));
		nonce[i] ^= 1;
	}
	/* RFC 8656's sample announces password algorithms. */
	assert_int_equal(nonce_features(SLICE("obMatJos2gAAAxyz")),
			 NONCE_ALGORITHMS);
	assert_int_equal(nonce_features(SLICE("obMatJos2")), 0);
	assert_int_equal(nonce_features(SLICE("abcdefghigAAAxyz")), 0);
}

static void nobody_unknown_costs_memory(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	for (unsigned i = 0; i < 1000; i++) {
		w.path.client.port = (uint16_t)(1024 + i);
		assert_int_equal(world_run(&w, "allocate plain transport=17"),
				 401);
	}
	assert_int_equal(turn_server_counts(w.server).allocations, 0);
	assert_int_equal(turn_server_counts(w.server).users, 2);
	/* Nor is the answer much larger than what asks. */
	assert_false(replied_with(&w, AT_SOFTWARE));
	assert_true(w.sent.n <= 3 * 44);
	world_free(&w);
}

/* ---- data ---- */

static void data_passes_by_permission(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	(void)world_run(&w, "allocate transport=17; send " PEER " data=one");
	assert_int_equal(w.datagrams, 0);
	world_from_peer(&w, "192.0.2.9", "two");
	assert_false(w.replied);
	(void)world_run(&w, "permission peer=192.0.2.9@1; send df " PEER
			    " data=three");
	t_equal_bytes(text_slice(&w.relayed), SLICE("three"));
	assert_true(w.relayed_whole);
	assert_int_equal(w.relayed_to.port, 5000);
	world_from_peer(&w, "192.0.2.9", "four");
	assert_true(w.replied);
	assert_int_equal(w.reply.m.method, STUN_DATA);
	t_equal_bytes(w.reply.m.data, SLICE("four"));
	assert_int_equal(w.reply.m.peer.port, 5000);
	world_from_peer(&w, "192.0.2.8", "five");
	assert_false(w.replied);
	/* 300 s, and data does not prolong them (RFC 8656 9). */
	w.now += 300 * NS_PER_S;
	world_from_peer(&w, "192.0.2.9", "six");
	assert_false(w.replied);
	world_free(&w);
}

static void channels_carry_both_ways(void **state)
{
	struct turn_world w;
	struct endpoint peer = world_end_at("192.0.2.9", 5000);

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate transport=17 life=3600; "
				       "channel number=4000 " PEER),
			 0);
	world_send(&w, SLICE("\x40\x00\x00\x03"
			     "abc"));
	t_equal_bytes(text_slice(&w.relayed), SLICE("abc"));
	assert_true(endpoint_equal(&w.relayed_to, &peer));
	world_send(&w, SLICE("\x40\x01\x00\x03"
			     "abc"));
	world_send(&w, SLICE("\x40\x00\x00\x09"
			     "abc"));
	world_send(&w, SLICE("\x40\x00"));
	assert_int_equal(w.datagrams, 1);
	world_from_peer(&w, "192.0.2.9", "back");
	t_equal_bytes(text_slice(&w.sent), SLICE("\x40\x00\x00\x04"
						 "back"));
	/* The permission ends before the channel does. */
	w.now += 301 * NS_PER_S;
	world_send(&w, SLICE("\x40\x00\x00\x01x"));
	assert_int_equal(w.datagrams, 1);
	assert_int_equal(world_run(&w, "permission " PEER), 0);
	world_send(&w, SLICE("\x40\x00\x00\x01x"));
	assert_int_equal(w.datagrams, 2);
	w.now += 299 * NS_PER_S;
	world_send(&w, SLICE("\x40\x00\x00\x01x"));
	assert_int_equal(w.datagrams, 2);
	/* Its number may be bound otherwise only later (RFC 8656 12). */
	w.now += 301 * NS_PER_S;
	assert_int_equal(world_run(&w, "channel number=4000 "
				       "peer=192.0.2.9@6000"),
			 0);
	world_free(&w);
}

static void streams_are_padded(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate stream=1 transport=17; "
				       "channel number=4000 " PEER),
			 0);
	world_from_peer(&w, "192.0.2.9", "12345");
	assert_int_equal(w.sent.n, 12);
	world_send(&w, SLICE("\x40\x00\x00\x01x\0\0\0"));
	t_equal_bytes(text_slice(&w.relayed), SLICE("x"));
	turn_server_closed(w.server, &w.path, w.now);
	assert_false(w.open[0]);
	world_free(&w);
}

static void stream_frames_have_a_size(void **state)
{
	static const struct {
		const char *digits;
		size_t want;
	} rows[] = {
		{"0001", 0},
		{"00010000", 20},
		{"00030014 2112a442", 40},
		{"40000005", 12},
		{"40000000", 4},
		{"00010003", SIZE_MAX},
		{"80000000", SIZE_MAX},
		{"ff100000", SIZE_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].digits);

		assert_int_equal(turn_frame_size(in), rows[i].want);
		t_release(in);
	}
}

static void icmp_reaches_the_client(void **state)
{
	struct turn_world w;
	struct turn_icmp too_big = {3, 4, 1280}, echo = {8, 0, 0};
	struct endpoint peer = world_end_at("192.0.2.9", 5000);
	const struct stun_attribute *a;

	(void)state;
	world_begin(&w);
	assert_int_equal(
		world_run(&w, "allocate transport=17; permission " PEER), 0);
	turn_server_icmp(w.server, 0, &peer, &echo, w.now);
	assert_int_equal(w.reply.m.class, STUN_SUCCESS);
	turn_server_icmp(w.server, 0, &peer, &too_big, w.now);
	assert_int_equal(w.reply.m.method, STUN_DATA);
	a = stun_find(&w.reply.m, AT_ICMP);
	assert_non_null(a);
	t_equal_bytes(a->value, SLICE("\0\0\x06\x04\0\0\x05\0"));
	assert_false(w.reply.m.has_data);
	world_free(&w);
}

/* It has no other form, also where a channel is bound: the judge knows that. */
static void icmp_beside_a_channel_is_no_fault(void **state)
{
	struct turn_world w;
	struct turn_icmp closed = {3, 3, 0};
	struct endpoint peer = world_end_at("192.0.2.9", 5000);
	size_t count;

	(void)state;
	world_begin(&w);
	w.judge = replay_new();
	assert_int_equal(
		world_run(&w,
			  "allocate transport=17; channel number=4000 " PEER),
		0);
	w.now += 5 * NS_PER_S;
	turn_server_icmp(w.server, 0, &peer, &closed, w.now);
	assert_int_equal(w.reply.m.method, STUN_DATA);
	(void)replay_findings(w.judge, &count);
	assert_int_equal(count, 0);
	replay_free(w.judge);
	world_free(&w);
}

static void what_no_client_sends_is_dropped(void **state)
{
	static const char *const rows[] = {
		"0017000c 2112a442 000000000000000000000001"
		"0013000178000000", /* a Data indication */
		"01010000 2112a442 000000000000000000000001",
		"01110000 2112a442 000000000000000000000001",
		"00110000 2112a442 000000000000000000000001",
		"00050000 2112a442 000000000000000000000001",
		"00030000 00000000 000000000000000000000001",
		"00010008 2112a442 000000000000000000000001"
		"8028000400000000", /* a wrong fingerprint */
		"00010004 2112a442 000000000000000000000001",
		"c0ffee",
		"",
	};
	struct turn_world w;

	(void)state;
	world_begin(&w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i]);

		world_send(&w, in);
		assert_false(w.replied);
		t_release(in);
	}
	world_free(&w);
}

/* ---- Binding ---- */

static void bindings_tell_the_source(void **state)
{
	struct turn_world w;
	struct slice classic =
		t_hex("00010000 00112233445566778899aabbccddeeff");

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "binding"), 0);
	assert_true(endpoint_equal(&w.reply.m.mapped, &w.path.client));
	assert_true(replied_with(&w, AT_XOR_MAPPED_ADDRESS));
	world_send(&w, classic);
	assert_true(w.replied);
	assert_false(w.reply.m.cookie);
	assert_true(endpoint_equal(&w.reply.m.mapped, &w.path.client));
	assert_true(replied_with(&w, AT_SOURCE_ADDRESS));
	assert_false(replied_with(&w, AT_SOFTWARE));
	t_release(classic);
	world_free(&w);
}

static void behaviour_is_shown_from_four_ends(void **state)
{
	static const struct {
		const char *script;
		const char *ip;
		uint16_t port;
	} rows[] = {
		{"binding", "203.0.113.1", 3478},
		{"binding change=2", "203.0.113.1", 3479},
		{"binding change=4", "203.0.113.2", 3478},
		{"binding change=6", "203.0.113.2", 3479},
	};
	struct turn_world w;
	struct endpoint want, got;

	(void)state;
	world_init(&w);
	w.config.behaviour = world_end_at("203.0.113.2", 3479);
	world_start(&w);
	for (size_t i = 0; i < 4; i++) {
		want = world_end_at(rows[i].ip, rows[i].port);
		assert_int_equal(world_run(&w, rows[i].script), 0);
		assert_true(endpoint_equal(&w.reply_to.server, &want));
		assert_int_equal(
			stun_address(&w.reply.m,
				     stun_find(&w.reply.m, AT_RESPONSE_ORIGIN),
				     &got),
			STATUS_OK);
		assert_true(endpoint_equal(&got, &want));
		assert_true(replied_with(&w, AT_OTHER_ADDRESS));
		assert_false(replied_with(&w, AT_PADDING));
	}
	assert_int_equal(world_run(&w, "binding padding=12345678"), 0);
	assert_int_equal(stun_find(&w.reply.m, AT_PADDING)->value.n, 8);
	assert_int_equal(world_run(&w, "binding answer-to=4000"), 0);
	assert_int_equal(w.reply_to.client.port, 4000);
	assert_int_equal(world_run(&w, "binding padding=1234 answer-to=4000"),
			 400);
	world_free(&w);
}

/* ---- many ---- */

static void rows_are_used_again(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	for (unsigned i = 0; i < 500; i++) {
		w.path.client.port = (uint16_t)(2000 + i);
		assert_int_equal(world_run(&w, "allocate plain; "
					       "allocate transport=17; "
					       "channel number=4000 " PEER
					       "; refresh life=0"),
				 0);
	}
	assert_int_equal(turn_server_counts(w.server).allocations, 0);
	for (size_t i = 0; i < WORLD_RELAYS; i++)
		assert_false(w.open[i]);
	world_free(&w);
}

static const struct t_case cases[] = {
	{"an_allocation_says_all", an_allocation_says_all},
	{"a_fingerprint_is_answered_by_one", a_fingerprint_is_answered_by_one},
	{"lifetimes_follow_the_arithmetic", lifetimes_follow_the_arithmetic},
	{"the_same_request_gets_the_same_answer",
	 the_same_request_gets_the_same_answer},
	{"an_allocate_again_gets_the_same_bytes",
	 an_allocate_again_gets_the_same_bytes},
	{"a_released_allocation_is_gone", a_released_allocation_is_gone},
	{"a_late_copy_changes_nothing", a_late_copy_changes_nothing},
	{"an_allocation_ends_by_itself", an_allocation_ends_by_itself},
	{"even_ports_and_reservations_pair", even_ports_and_reservations_pair},
	{"a_reservation_is_its_users_own", a_reservation_is_its_users_own},
	{"both_families_are_had", both_families_are_had},
	{"both_families_are_had_by_the_draft",
	 both_families_are_had_by_the_draft},
	{"one_of_two_families_may_fail", one_of_two_families_may_fail},
	{"users_may_speak_sha256", users_may_speak_sha256},
	{"names_of_no_list_are_said", names_of_no_list_are_said},
	{"users_may_stay_anonymous", users_may_stay_anonymous},
	{"a_secret_gives_users_for_a_time", a_secret_gives_users_for_a_time},
	{"nonces_are_one_clients", nonces_are_one_clients},
	{"nobody_unknown_costs_memory", nobody_unknown_costs_memory},
	{"data_passes_by_permission", data_passes_by_permission},
	{"channels_carry_both_ways", channels_carry_both_ways},
	{"streams_are_padded", streams_are_padded},
	{"stream_frames_have_a_size", stream_frames_have_a_size},
	{"icmp_reaches_the_client", icmp_reaches_the_client},
	{"icmp_beside_a_channel_is_no_fault",
	 icmp_beside_a_channel_is_no_fault},
	{"what_no_client_sends_is_dropped", what_no_client_sends_is_dropped},
	{"bindings_tell_the_source", bindings_tell_the_source},
	{"behaviour_is_shown_from_four_ends",
	 behaviour_is_shown_from_four_ends},
	{"rows_are_used_again", rows_are_used_again},
};

T_MAIN(cases)
