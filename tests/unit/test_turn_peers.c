/* The server machine: peers over TCP, clients that move, peers it refuses. */
#include "config.h"

#include "dissectors/turn.h"
#include "engine/attributes.h"
#include "tests/support/turn_world.h"

#define PEER "peer=192.0.2.9@5000"

/* ---- RFC 6062 ---- */

static void peers_are_connected_over_tcp(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	assert_int_equal(
		world_run(&w, "allocate stream=1 transport=6; connect " PEER),
		-1);
	turn_server_connected(w.server, w.connecting, true, w.now);
	assert_int_equal(w.reply.m.method, STUN_CONNECT);
	assert_true(world_reply_is_signed(&w));
	w.connection = w.connecting;
	assert_int_equal(world_run(&w, "bind from=1 connection plain; "
				       "bind connection"),
			 0);
	assert_int_equal(w.spliced, w.connecting);
	/* It is bound once. */
	assert_int_equal(world_run(&w, "bind from=2 connection plain; "
				       "bind connection"),
			 400);
	w.path.client.port = 40001;
	turn_server_closed(w.server, &w.path, w.now);
	assert_int_equal(w.dropped, w.connecting);
	world_free(&w);
}

static void connecting_has_an_end(void **state)
{
	struct turn_world w;

	(void)state;
	world_begin(&w);
	(void)world_run(&w, "allocate stream=1 transport=6; connect " PEER);
	turn_server_tick(w.server, w.now + 29 * NS_PER_S);
	assert_false(w.replied);
	turn_server_tick(w.server, w.now + 30 * NS_PER_S);
	assert_int_equal(w.reply.m.error, 447);
	assert_int_equal(w.dropped, w.connecting);
	/* Nor does one wait for ever to be bound. */
	(void)world_run(&w, "connect " PEER);
	turn_server_connected(w.server, w.connecting, true, w.now);
	turn_server_tick(w.server, w.now + 31 * NS_PER_S);
	w.connection = w.connecting;
	assert_int_equal(world_run(&w, "bind from=1 connection plain; "
				       "bind connection"),
			 400);
	world_free(&w);
}

static void peers_may_come(void **state)
{
	struct turn_world w;
	struct endpoint peer = world_end_at("192.0.2.9", 5000);
	uint32_t id;

	(void)state;
	world_begin(&w);
	assert_int_equal(world_run(&w, "allocate stream=1 transport=6"), 0);
	assert_int_equal(turn_server_peer(w.server, 0, &peer, w.now), 0);
	assert_int_equal(world_run(&w, "permission " PEER), 0);
	id = turn_server_peer(w.server, 0, &peer, w.now);
	assert_true(id > 0);
	assert_int_equal(w.reply.m.method, STUN_CONNECTION_ATTEMPT);
	assert_true(endpoint_equal(&w.reply.m.peer, &peer));
	assert_int_equal(world_run(&w, "bind from=1 connection=1 plain; "
				       "bind connection=1 "
				       "user=bob password=builder"),
			 400);
	assert_int_equal(world_run(&w, "bind connection=1"), 0);
	/* The allocation takes its connections along. */
	w.path.client.port = 40000;
	turn_server_closed(w.server, &w.path, w.now);
	assert_int_equal(w.dropped, id);
	world_free(&w);
}

/* ---- RFC 8016 ---- */

static void allocations_move_by_ticket(void **state)
{
	struct turn_world w;
	uint8_t ticket[16];

	(void)state;
	world_init(&w);
	w.config.mobility = true;
	world_start(&w);
	assert_int_equal(world_run(&w, "allocate transport=17 ticket; "
				       "permission " PEER),
			 0);
	assert_int_equal(w.ticket_size, 16);
	memcpy(ticket, w.ticket, 16);
	assert_int_equal(world_run(&w, "refresh from=1 plain; "
				       "refresh ticket=last"),
			 0);
	assert_memory_not_equal(ticket, w.ticket, 16);
	/* Data stays on the old way until the new one is used. */
	world_from_peer(&w, "192.0.2.9", "x");
	assert_int_equal(w.reply_to.client.port, 40000);
	assert_int_equal(world_run(&w, "permission " PEER), 0);
	world_from_peer(&w, "192.0.2.9", "x");
	assert_int_equal(w.reply_to.client.port, 40001);
	/* The old way is none any more, the old ticket is used. */
	assert_int_equal(world_run(&w, "refresh from=0 plain; refresh"), 437);
	memcpy(w.ticket, ticket, 16);
	assert_int_equal(world_run(&w, "refresh ticket=last"), 400);
	world_free(&w);
}

/* ---- policy ---- */

static void relays_refuse_dangerous_peers(void **state)
{
	static const struct {
		const char *ip;
		bool allowed, allowed_privately;
	} rows[] = {
		{"192.0.2.1", true, true},
		{"8.8.8.8", true, true},
		{"0.0.0.0", false, false},
		{"0.1.2.3", false, false},
		{"127.0.0.1", false, false},
		{"127.255.0.9", false, false},
		{"10.0.0.1", false, true},
		{"172.16.0.1", false, true},
		{"192.168.1.1", false, true},
		{"100.64.0.1", false, true},
		{"169.254.169.254", false, false},
		{"224.0.0.1", false, false},
		{"255.255.255.255", false, false},
		{"2001:470::1", true, true},
		{"::", false, false},
		{"::1", false, false},
		{"fe80::1", false, false},
		{"fc00::1", false, true},
		{"ff02::1", false, false},
		{"::ffff:127.0.0.1", false, false},
		{"::ffff:10.0.0.1", false, true},
		{"::ffff:8.8.8.8", true, true},
		{"::7f00:1", false, false},
		{"64:ff9b::7f00:1", false, false},
		{"2002:7f00:1::", false, false},
		{"2002:808:808::", true, true},
		{"2001:0:1:2:3:4:80ff:fffe", false, false},
	};
	struct peer_policy strict = {.count = 0};
	struct peer_policy lax = {.private_too = true};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint e = world_end_at(rows[i].ip, 1);

		if (peer_policy_allows(&strict, &e) != rows[i].allowed ||
		    peer_policy_allows(&lax, &e) != rows[i].allowed_privately)
			fail_msg("%s", rows[i].ip);
	}
}

static void ranges_of_peers_come_first(void **state)
{
	struct peer_policy p = {.count = 0};
	struct endpoint in = world_end_at("10.1.2.130", 1),
			out = world_end_at("10.1.2.127", 1);
	struct endpoint six = world_end_at("2001:db8:8000::1", 1);

	(void)state;
	assert_int_equal(peer_policy_add(&p, SLICE("10.1.2.128/25"), true),
			 STATUS_OK);
	assert_int_equal(
		peer_policy_add(&p, SLICE("2001:db8:8000::/33"), false),
		STATUS_OK);
	assert_int_equal(peer_policy_add(&p, SLICE("10.1.2.3/33"), true),
			 STATUS_BAD);
	assert_int_equal(peer_policy_add(&p, SLICE("host"), true), STATUS_BAD);
	assert_true(peer_policy_allows(&p, &in));
	assert_false(peer_policy_allows(&p, &out));
	assert_false(peer_policy_allows(&p, &six));
	six = world_end_at("2001:db8::1", 1);
	assert_true(peer_policy_allows(&p, &six));
	while (p.count < PEER_RANGES_MAX)
		assert_int_equal(peer_policy_add(&p, SLICE("192.0.2.1"), true),
				 STATUS_OK);
	assert_int_equal(peer_policy_add(&p, SLICE("192.0.2.1"), true),
			 STATUS_LIMIT);
}

static const struct t_case cases[] = {
	{"peers_are_connected_over_tcp", peers_are_connected_over_tcp},
	{"connecting_has_an_end", connecting_has_an_end},
	{"peers_may_come", peers_may_come},
	{"allocations_move_by_ticket", allocations_move_by_ticket},
	{"relays_refuse_dangerous_peers", relays_refuse_dangerous_peers},
	{"ranges_of_peers_come_first", ranges_of_peers_come_first},
};

T_MAIN(cases)
