/* What a TURN flow tells about its envelopes (RFC 8656 7, 12). */
#include "config.h"

#include "flow/relay.h"
#include "tests/support/t.h"

static struct endpoint at(uint8_t last, uint16_t port)
{
	uint8_t ip[] = {203, 0, 113, last};

	return endpoint_of(slice_of(ip, 4), port);
}

static void bind_channel(struct turn_flow *turn, uint16_t number,
			 struct endpoint peer)
{
	struct stun_message m = {
		.class = STUN_REQUEST,
		.method = STUN_CHANNEL_BIND,
		.has_channel = true,
		.channel = number,
		.peer = peer,
	};

	relay_note(turn, &m, 0);
}

static void client_is_who_asks(void **state)
{
	static const struct {
		enum stun_class class;
		unsigned method, side, client;
	} rows[] = {
		{STUN_REQUEST, STUN_ALLOCATE, 0, 0},
		{STUN_REQUEST, STUN_ALLOCATE, 1, 1},
		{STUN_SUCCESS, STUN_ALLOCATE, 0, 1},
		{STUN_ERROR, STUN_ALLOCATE, 1, 0},
		{STUN_INDICATION, STUN_SEND, 1, 1},
		{STUN_INDICATION, STUN_DATA, 1, 0},
		{STUN_INDICATION, STUN_CONNECTION_ATTEMPT, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct turn_flow turn = {.client = 9};
		struct stun_message m = {.class = rows[i].class,
					 .method = rows[i].method};

		relay_note(&turn, &m, rows[i].side);
		if (turn.client != rows[i].client)
			fail_msg("row %zu", i);
	}
}

static void relayed_address_comes_with_the_grant(void **state)
{
	struct turn_flow turn = {.client = 0};
	struct endpoint relayed = at(5, 57130);
	struct stun_message m = {.class = STUN_ERROR,
				 .method = STUN_ALLOCATE,
				 .relayed = relayed};

	(void)state;
	relay_note(&turn, &m, 1);
	assert_int_equal(turn.relayed.family, FAMILY_NONE);
	m.class = STUN_SUCCESS;
	m.method = STUN_REFRESH;
	relay_note(&turn, &m, 1);
	assert_int_equal(turn.relayed.family, FAMILY_NONE);
	m.method = STUN_ALLOCATE;
	relay_note(&turn, &m, 1);
	assert_true(endpoint_equal(&turn.relayed, &relayed));
	/* A grant that names none takes nothing away. */
	m.relayed = (struct endpoint){0};
	relay_note(&turn, &m, 1);
	assert_true(endpoint_equal(&turn.relayed, &relayed));
}

static void each_family_has_its_relayed_address(void **state)
{
	uint8_t six[16] = {0x20, 0x01, 0x0d, 0xb8};
	struct endpoint other = endpoint_of(slice_of(six, 16), 50000);
	struct endpoint peer6 = endpoint_of(slice_of(six, 16), 6000);
	struct endpoint peer4 = at(9, 6000);
	struct turn_flow turn = {.client = 0};
	struct stun_message m = {.class = STUN_SUCCESS,
				 .method = STUN_ALLOCATE,
				 .relayed = at(5, 57130)};

	(void)state;
	relay_note(&turn, &m, 1);
	assert_true(endpoint_equal(relay_towards(&turn, &peer6), &m.relayed));
	m.relayed_other = other;
	relay_note(&turn, &m, 1);
	assert_true(endpoint_equal(relay_towards(&turn, &peer4), &m.relayed));
	assert_true(endpoint_equal(relay_towards(&turn, &peer6), &other));
}

static void channels_lead_to_their_peers(void **state)
{
	struct flow flow = {.turn = NULL};
	struct turn_flow *turn = relay_of(&flow);
	struct endpoint one = at(1, 1), two = at(2, 2), none = {0};

	(void)state;
	assert_non_null(turn);
	assert_ptr_equal(relay_of(&flow), turn);
	assert_null(relay_channel_find(NULL, 0x4000));
	assert_null(relay_channel_find(turn, 0x4000));
	bind_channel(turn, 0x4000, none);
	assert_null(relay_channel_find(turn, 0x4000));
	bind_channel(turn, 0x4000, one);
	bind_channel(turn, 0x4001, two);
	assert_true(
		endpoint_equal(&relay_channel_find(turn, 0x4000)->peer, &one));
	assert_true(
		endpoint_equal(&relay_channel_find(turn, 0x4001)->peer, &two));
	assert_null(relay_channel_find(turn, 0x4002));
	/* A binding that is refreshed stays one; a new one is believed. */
	bind_channel(turn, 0x4000, two);
	assert_int_equal(turn->channel_count, 2);
	assert_true(
		endpoint_equal(&relay_channel_find(turn, 0x4000)->peer, &two));
	relay_free(turn);
	relay_free(NULL);
}

static void channels_have_a_limit(void **state)
{
	struct flow flow = {.turn = NULL};
	struct turn_flow *turn = relay_of(&flow);

	(void)state;
	for (unsigned i = 0; i < RELAY_CHANNELS_MAX + 100; i++)
		bind_channel(turn, (uint16_t)(0x4000 + i), at(1, (uint16_t)i));
	assert_int_equal(turn->channel_count, RELAY_CHANNELS_MAX);
	for (unsigned i = 0; i < RELAY_CHANNELS_MAX + 100; i++) {
		const struct relay_channel *channel =
			relay_channel_find(turn, (uint16_t)(0x4000 + i));

		assert_int_equal(channel != NULL, i < RELAY_CHANNELS_MAX);
		if (channel)
			assert_int_equal(channel->peer.port, i);
	}
	relay_free(turn);
}

static bool bind_many(void *context)
{
	struct flow flow = {.turn = NULL};
	struct turn_flow *turn = relay_of(&flow);
	bool ok = turn != NULL;

	(void)context;
	for (uint16_t i = 0; ok && i < 100; i++) {
		bind_channel(turn, (uint16_t)(0x4000 + i), at(1, i));
		ok = turn->channel_count == i + 1u;
	}
	assert_true(ok != t_failure_met());
	relay_free(turn);
	return ok;
}

static void failing_memory_loses_nothing(void **state)
{
	(void)state;
	t_failing_walk(bind_many, NULL);
}

static const struct t_case cases[] = {
	{"client_is_who_asks", client_is_who_asks},
	{"relayed_address_comes_with_the_grant",
	 relayed_address_comes_with_the_grant},
	{"each_family_has_its_relayed_address",
	 each_family_has_its_relayed_address},
	{"channels_lead_to_their_peers", channels_lead_to_their_peers},
	{"channels_have_a_limit", channels_have_a_limit},
	{"failing_memory_loses_nothing", failing_memory_loses_nothing},
};
T_MAIN(cases)
