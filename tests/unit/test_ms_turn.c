/* [MS-TURN] spoken by the server machine: the ladder, data, sessions. */
#include "config.h"

#include "engine/attributes.h"
#include "engine/ladder.h"
#include "tests/support/ms_world.h"

#define PEER "peer=192.0.2.9@5000"
#define MADE "allocate version=2; "

static struct endpoint end(const char *ip, uint16_t port)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(slice_of_text(ip), port, &e),
			 STATUS_OK);
	return e;
}

static bool replied_with(const struct ms_world *ms, uint16_t type)
{
	return stun_find(&ms->w.reply.m, type) != NULL;
}

static void start(struct ms_world *ms)
{
	ms_world_init(ms);
	ms_world_start(ms);
}

/* A datagram of a peer; was the client told? */
static bool from_peer(struct ms_world *ms, uint32_t relay, const char *ip,
		      const char *data)
{
	struct endpoint peer = end(ip, 5000);

	if (ms->w.replied)
		read_stun_done(&ms->w.reply);
	ms->w.replied = false;
	turn_server_relayed(ms->w.server, relay, &peer, slice_of_text(data),
			    ms->w.now);
	return ms->w.replied;
}

/* ---- every rung ---- */

enum world_kind {
	WORLD_USUAL,
	WORLD_IPV4_ONLY,
	WORLD_QUOTA,
	WORLD_ELSEWHERE,
	WORLD_NO_PORTS,
	WORLD_CROWDED, /* the allocation has all the peers it may */
	WORLD_TAKEN,   /* the client has an allocation of RFC 8656 */
};

struct rung {
	const char *id;
	enum world_kind world;
	const char *script;
	int code;
};

static const struct rung rungs[] = {
	{"M2", WORLD_USUAL, "allocate plain version=2", 401},
	{"M2", WORLD_USUAL, MADE "active plain " PEER, 401},
	{"M3", WORLD_USUAL, "allocate nameless version=2", 432},
	{"M3", WORLD_USUAL, MADE "send nameless data=x " PEER, -1},
	{"M3", WORLD_USUAL, MADE "active nameless " PEER, 432},
	{"M4", WORLD_USUAL, "allocate other-pool version=2", 436},
	{"M4", WORLD_USUAL, "allocate over version=2", 436},
	{"M4", WORLD_USUAL, MADE "active over " PEER, 436},
	{"M5", WORLD_USUAL, "allocate no-realm version=2", 434},
	{"M6", WORLD_USUAL, "allocate no-nonce version=2", 435},
	{"M7", WORLD_USUAL, "allocate bad-nonce version=2", 438},
	{"M7", WORLD_USUAL, "allocate from=1 version=2", 438},
	{"M8", WORLD_USUAL, "allocate bad-password version=2", 431},
	{"M8", WORLD_USUAL, "allocate unpadded version=2", 431},
	{"M8", WORLD_USUAL, MADE "active bad-password " PEER, 431},
	{"M9", WORLD_USUAL, MADE "active foreign-number=1 " PEER, 431},
	{"M9", WORLD_USUAL,
	 MADE "active number=7 " PEER "; active number=7 " PEER, 431},
	{"M10", WORLD_USUAL, "allocate unknown version=2", 420},
	{"M10", WORLD_USUAL, MADE "active unknown " PEER, 420},
	{"M10m", WORLD_USUAL, "allocate short-life version=2", 400},
	{"D1", WORLD_USUAL, "active " PEER, 437},
	{"D1", WORLD_USUAL, MADE "active at=601 " PEER, 437},
	{"D1", WORLD_USUAL, "allocate life=0 version=2", 437},
	{"D2", WORLD_TAKEN, "allocate version=2", 437},
	{"D3", WORLD_USUAL, MADE "active bob " PEER, 441},
	{"D3", WORLD_USUAL, MADE "allocate bob version=2", 441},
	{"D4", WORLD_USUAL, MADE "active", 400},
	{"D5", WORLD_USUAL, MADE "active peer=127.0.0.1@80", 403},
	{"D5", WORLD_USUAL, MADE "active peer=2001:470::9@80", 403},
	{"D7", WORLD_CROWDED, "active peer=192.0.2.200@1", 500},
	{"D7", WORLD_CROWDED, "send data=x peer=192.0.2.200@1", -1},
	{"M11", WORLD_ELSEWHERE, "allocate version=2", 300},
	{"M12q", WORLD_QUOTA,
	 MADE "allocate from=1 plain version=2; allocate version=2", 486},
	{"M12f", WORLD_IPV4_ONLY, "allocate family=2 version=4", 508},
	{"M12", WORLD_NO_PORTS, "allocate version=2", 508},
	/* Send is never answered. */
	{"M2", WORLD_USUAL, MADE "send plain data=x " PEER, -1},
	{"M8", WORLD_USUAL, MADE "send bad-password data=x " PEER, -1},
	{"D1", WORLD_USUAL, "send data=x " PEER, -1},
	{"D3", WORLD_USUAL, MADE "send bob data=x " PEER, -1},
	{"D5", WORLD_USUAL, MADE "send data=x peer=10.0.0.1@80", -1},
	{"D4", WORLD_USUAL, MADE "send data=x", -1},
	{"M10m", WORLD_USUAL, MADE "send " PEER, -1},
	{"M9", WORLD_USUAL, MADE "send foreign-number=1 data=x " PEER, -1},
	/* Nor is what is not of the dialect (3.1.10). */
	{"M1", WORLD_USUAL, "allocate no-cookie version=2", -1},
	{"M1", WORLD_USUAL, MADE "active no-cookie " PEER, -1},
	{"M1", WORLD_USUAL, MADE "send no-cookie data=x " PEER, -1},
	{"M1", WORLD_USUAL, MADE "shared-secret", -1},
};

#define RUNGS (sizeof(rungs) / sizeof(rungs[0]))

/* All peers that an allocation may have. */
static void crowd(struct ms_world *ms)
{
	char line[64];

	assert_int_equal(ms_run(ms, "allocate version=2"), 0);
	for (unsigned i = 0; i < TURN_PERMISSIONS_MAX; i++) {
		snprintf(line, sizeof(line), "send data=x peer=192.0.2.%u@1",
			 i);
		assert_int_equal(ms_run(ms, line), -1);
	}
	assert_int_equal(ms->w.datagrams, TURN_PERMISSIONS_MAX);
	ms->w.datagrams = 0;
}

static void make_world(struct ms_world *ms, enum world_kind kind)
{
	ms_world_init(ms);
	ms->w.config.ipv6 = kind != WORLD_IPV4_ONLY;
	if (kind == WORLD_QUOTA)
		ms->w.config.user_quota = 1;
	if (kind == WORLD_ELSEWHERE)
		ms->w.config.ms.redirect = end("203.0.113.77", 3478);
	if (kind == WORLD_NO_PORTS)
		ms->w.ports_left = 0;
	ms_world_start(ms);
	if (kind == WORLD_CROWDED)
		crowd(ms);
	if (kind == WORLD_TAKEN)
		assert_int_equal(world_run(&ms->w, "allocate transport=17"), 0);
}

static void requests_fall_from_their_rung(void **state)
{
	struct ms_world ms;
	int code;

	(void)state;
	for (size_t i = 0; i < RUNGS; i++) {
		make_world(&ms, rungs[i].world);
		code = ms_run(&ms, rungs[i].script);
		if (code != rungs[i].code)
			fail_msg("%s: %s: %d", rungs[i].id, rungs[i].script,
				 code);
		if (code < 0)
			assert_int_equal(ms.w.datagrams, 0);
		ms_world_free(&ms);
	}
}

/* Below: a fault of the server's own, and what others answer (M12b, D6). */
static void every_rung_has_a_request(void **state)
{
	const struct turn_row *row;

	(void)state;
	for (size_t i = 0; (row = ms_row_at(i)); i++) {
		bool found = row->reason == REASON_SERVER_ERROR ||
			     row->reason == REASON_BANDWIDTH ||
			     row->reason == REASON_NO_DESTINATION;

		for (size_t k = 0; k < RUNGS; k++)
			found |= strcmp(rungs[k].id, row->id) == 0;
		if (!found)
			fail_msg("no request falls from %s", row->id);
	}
}

/* M13: memory ends while the destination is set; the next one is served. */
static void a_fault_of_the_server_is_its_own(void **state)
{
	struct ms_world ms;
	bool met = false;
	int code;

	(void)state;
	for (long n = 1; n <= 40; n++) {
		start(&ms);
		assert_int_equal(ms_run(&ms, MADE "active " PEER "; active "
						  "peer=192.0.2.8@5000"),
				 0);
		ms.w.failing = n;
		code = ms_run(&ms, "active peer=192.0.2.7@5000");
		ms.w.failing = 0;
		assert_true(code == 500 || code <= 0);
		met |= code == 500;
		assert_int_equal(ms_run(&ms, "active " PEER), 0);
		ms_world_free(&ms);
	}
	assert_true(met);
}

/* The machine and the judge climb the same rows: neither finds fault with the
 * other. */
static void the_judge_agrees_with_the_server(void **state)
{
	const struct replay_finding *findings;
	struct ms_world ms;
	size_t count;

	(void)state;
	for (size_t i = 0; i < RUNGS; i++) {
		make_world(&ms, rungs[i].world);
		ms.w.judge = replay_new();
		assert_non_null(ms.w.judge);
		(void)ms_run(&ms, rungs[i].script);
		findings = replay_findings(ms.w.judge, &count);
		/* Who names a connection that he was not given is found. */
		if ((count != 0) !=
		    (strstr(rungs[i].script, "foreign-number") != NULL))
			fail_msg("%s: %s: %s", rungs[i].id, rungs[i].script,
				 count ? findings[0].text : "nothing");
		assert_true(rungs[i].code < 0 ||
			    replay_counts(ms.w.judge).replies > 0);
		replay_free(ms.w.judge);
		ms_world_free(&ms);
	}
}

static void challenges_say_where_and_are_not_signed(void **state)
{
	static const int challenges[] = {401, 431, 432, 434, 435, 436, 438};
	struct ms_world ms;

	(void)state;
	for (size_t i = 0; i < RUNGS; i++) {
		bool challenge = false;
		int code;

		make_world(&ms, rungs[i].world);
		code = ms_run(&ms, rungs[i].script);
		for (size_t k = 0; k < 7; k++)
			challenge |= challenges[k] == code;
		if (code > 0) {
			assert_int_equal(challenge, !ms_reply_is_signed(&ms));
			assert_int_equal(challenge,
					 replied_with(&ms, MS_NONCE));
			assert_int_equal(challenge,
					 replied_with(&ms, MS_REALM));
			assert_true(ms.w.reply.m.attributes[0].type ==
				    MS_COOKIE);
		}
		if (challenge)
			assert_true(
				endpoint_equal(&ms.w.reply.m.alternate_server,
					       &ms.w.path.server));
		ms_world_free(&ms);
	}
}

/* Two kinds of client on one port: neither takes the other's allocation. */
static void dialects_share_a_port(void **state)
{
	struct ms_world ms;

	(void)state;
	start(&ms);
	assert_int_equal(world_run(&ms.w, "allocate transport=17"), 0);
	assert_true(world_reply_is_signed(&ms.w));
	assert_int_equal(ms_run(&ms, "allocate version=2"), 437);
	assert_int_equal(ms_run(&ms, "allocate plain from=1 version=2; "
				     "allocate version=2"),
			 0);
	assert_int_equal(ms.w.reply.m.dialect, STUN_MS_TURN);
	assert_int_equal(turn_server_counts(ms.w.server).allocations, 2);
	ms_world_free(&ms);
}

static void it_is_spoken_only_where_it_is_wanted(void **state)
{
	struct ms_world ms;

	(void)state;
	ms_world_init(&ms);
	ms.w.config.ms.enabled = false;
	ms_world_start(&ms);
	assert_int_equal(ms_run(&ms, "allocate plain version=2"), -1);
	ms_world_free(&ms);
}

/* ---- Allocate ---- */

static void an_allocation_says_all(void **state)
{
	struct ms_world ms;
	struct endpoint at;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, "allocate version=2 kbit=64"), 0);
	at = ms_reply_address(&ms, MS_RELAY_ADDRESS);
	assert_true(endpoint_equal(&at, &ms.w.relays[0]));
	at = ms_reply_address(&ms, MS_XOR_MAPPED);
	assert_true(endpoint_equal(&at, &ms.w.path.client));
	assert_int_equal(ms.w.reply.m.lifetime, 600);
	assert_int_equal(ms.w.reply.m.ms_version, 6);
	assert_true(replied_with(&ms, MS_SEQUENCE));
	assert_int_equal(stun_find(&ms.w.reply.m, MS_BANDWIDTH)->value.p[3],
			 64);
	assert_true(ms_reply_is_signed(&ms));
	assert_true(ms.w.reply.m.attributes[0].type == MS_COOKIE);
	assert_true(ms.w.reply.m.integrity_at + 24 == ms.w.reply.bytes.n);
	ms_world_free(&ms);
}

static void integrity_comes_back_in_its_kind(void **state)
{
	struct ms_world ms;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, "allocate version=6 sha256"), 0);
	assert_true(ms_reply_is_signed(&ms));
	assert_int_equal(stun_find(&ms.w.reply.m, AT_INTEGRITY)->value.n, 32);
	assert_int_equal(ms_run(&ms, "allocate version=6 sha256 key256"), 0);
	assert_true(ms_reply_is_signed(&ms));
	assert_int_equal(ms_run(&ms, "allocate version=6"), 0);
	assert_int_equal(stun_find(&ms.w.reply.m, AT_INTEGRITY)->value.n, 20);
	ms_world_free(&ms);
}

/* Spec stun-turn 2.7: the table of families. */
static void families_follow_the_version(void **state)
{
	static const struct {
		const char *script;
		bool first_is_six, has_second;
	} rows[] = {
		{"allocate", false, false},
		{"allocate family=2", false, false},
		{"allocate version=3 family=2", false, false},
		{"allocate version=3", false, false},
		{"allocate version=4 family=1", false, false},
		{"allocate version=4 family=2", true, false},
		{"allocate version=4", false, true},
		{"allocate version=6", false, true},
	};
	struct ms_world ms;
	struct endpoint at;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		start(&ms);
		assert_int_equal(ms_run(&ms, rows[i].script), 0);
		at = ms_reply_address(&ms, MS_RELAY_ADDRESS);
		assert_int_equal(at.family == FAMILY_IPV6,
				 rows[i].first_is_six);
		assert_int_equal(replied_with(&ms, MS_ALTERNATE_RELAY),
				 rows[i].has_second);
		if (rows[i].has_second) {
			at = ms_reply_address(&ms, MS_ALTERNATE_RELAY);
			assert_int_equal(at.family, FAMILY_IPV6);
		}
		ms_world_free(&ms);
	}
}

static void lifetimes_are_as_asked_up_to_the_most(void **state)
{
	static const struct {
		const char *script;
		uint32_t want;
	} rows[] = {
		{"allocate version=2", 600},
		{"allocate version=2 life=60", 60},
		{"allocate version=2 life=86400", 3600},
		{MADE "allocate version=2 life=0", 0},
	};
	struct ms_world ms;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		start(&ms);
		assert_int_equal(ms_run(&ms, rows[i].script), 0);
		assert_int_equal(ms.w.reply.m.lifetime, rows[i].want);
		assert_int_equal(turn_server_counts(ms.w.server).allocations,
				 rows[i].want != 0);
		ms_world_free(&ms);
	}
}

static void an_allocate_again_refreshes(void **state)
{
	struct ms_world ms;
	struct endpoint first, second;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, "allocate version=2"), 0);
	first = ms_reply_address(&ms, MS_RELAY_ADDRESS);
	/* Also with another token of the same user. */
	assert_int_equal(ms_run(&ms, "allocate at=500 renewed version=2"), 0);
	second = ms_reply_address(&ms, MS_RELAY_ADDRESS);
	assert_true(endpoint_equal(&first, &second));
	turn_server_tick(ms.w.server, ms.w.now + 599 * NS_PER_S);
	assert_true(ms.w.open[0]);
	turn_server_tick(ms.w.server, ms.w.now + 600 * NS_PER_S);
	assert_false(ms.w.open[0]);
	ms_world_free(&ms);
}

/* RFC 3489 9.2: the sequence number, the nonce and the lifetime of the answer
 * are those of the first time. */
static void the_same_allocate_gets_the_same_bytes(void **state)
{
	static const char *const scripts[] = {
		"allocate version=2",
		"allocate version=6",
		"allocate version=2; allocate version=2 life=0",
	};
	struct ms_world ms;

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		start(&ms);
		assert_int_equal(ms_run(&ms, scripts[i]), 0);
		assert_true(ms_reply_is_signed(&ms));
		assert_true(world_repeats(&ms.w));
		ms.w.now += 39 * NS_PER_S;
		assert_true(world_repeats(&ms.w));
		assert_int_equal(turn_server_counts(ms.w.server).allocations,
				 i != 2);
		ms_world_free(&ms);
	}
}

static void nobody_unknown_costs_memory(void **state)
{
	struct ms_world ms;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, "allocate plain version=2; "
				     "allocate over version=2; "
				     "allocate bad-password version=2"),
			 431);
	assert_int_equal(turn_server_counts(ms.w.server).users, 2);
	assert_int_equal(turn_server_counts(ms.w.server).allocations, 0);
	ms_world_free(&ms);
}

/* ---- data ---- */

static void send_opens_the_way_back(void **state)
{
	struct ms_world ms;
	struct endpoint peer = end("192.0.2.9", 5000);

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, MADE "send data=hello " PEER), -1);
	assert_int_equal(ms.w.datagrams, 1);
	t_equal_text(text_slice(&ms.w.relayed), "hello");
	assert_true(endpoint_equal(&ms.w.relayed_to, &peer));
	assert_true(from_peer(&ms, 0, "192.0.2.9", "back"));
	assert_int_equal(ms.w.reply.m.type, 0x0115);
	assert_int_equal(ms.w.reply.m.dialect, STUN_MS_TURN);
	t_equal_text(ms.w.reply.m.data, "back");
	assert_true(endpoint_equal(&ms.w.reply.m.peer, &peer));
	assert_false(from_peer(&ms, 0, "192.0.2.10", "who?"));
	/* As long as the allocation lives. */
	assert_int_equal(ms_run(&ms, "allocate at=500 version=2"), 0);
	ms.w.now += 550 * NS_PER_S;
	assert_true(from_peer(&ms, 0, "192.0.2.9", "still"));
	ms_world_free(&ms);
}

static void numbers_keep_repetitions_out(void **state)
{
	struct ms_world ms;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, MADE "send number=1 data=a " PEER), -1);
	assert_int_equal(ms_run(&ms, "send number=70 data=b " PEER), -1);
	assert_int_equal(ms.w.datagrams, 2);
	/* Late, but new. */
	(void)ms_run(&ms, "send number=69 data=c " PEER);
	assert_int_equal(ms.w.datagrams, 3);
	(void)ms_run(&ms, "send number=69 data=d " PEER);
	(void)ms_run(&ms, "send bare-number=70 data=e " PEER);
	(void)ms_run(&ms, "send number=2 data=f " PEER);
	(void)ms_run(&ms, "send foreign-number=99 data=g " PEER);
	assert_int_equal(ms.w.datagrams, 3);
	(void)ms_run(&ms, "send bare-number=71 data=h " PEER);
	assert_int_equal(ms.w.datagrams, 4);
	ms_world_free(&ms);
}

static void the_active_destination_gets_all_raw(void **state)
{
	struct ms_world ms;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, MADE "active " PEER), 0);
	assert_int_equal(ms.w.reply.m.type, 0x0106);
	assert_true(ms_reply_is_signed(&ms));
	world_send(&ms.w, SLICE("\x80raw"));
	assert_int_equal(ms.w.datagrams, 1);
	t_equal_text(text_slice(&ms.w.relayed), "\x80raw");
	assert_true(from_peer(&ms, 0, "192.0.2.9", "\x80way"));
	t_equal_text(text_slice(&ms.w.sent), "\x80way");
	/* Others still come in indications. */
	(void)ms_run(&ms, "send data=x peer=192.0.2.8@5000");
	assert_true(from_peer(&ms, 0, "192.0.2.8", "other"));
	assert_int_equal(ms.w.reply.m.type, 0x0115);
	/* A refused one leaves the destination as it was. */
	assert_int_equal(ms_run(&ms, "active peer=127.0.0.1@80"), 403);
	world_send(&ms.w, SLICE("\x80more"));
	assert_int_equal(ms.w.datagrams, 3);
	ms_world_free(&ms);
}

static void without_a_destination_nothing_passes(void **state)
{
	struct ms_world ms;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, "allocate version=2"), 0);
	world_send(&ms.w, SLICE("\x80raw"));
	assert_int_equal(ms.w.datagrams, 0);
	assert_int_equal(ms_run(&ms, "send no-cookie data=x " PEER), -1);
	assert_int_equal(ms.w.datagrams, 0);
	assert_int_equal(ms_run(&ms, "shared-secret"), -1);
	ms_world_free(&ms);
}

static void streams_have_frames(void **state)
{
	struct ms_world ms;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, "allocate plain stream=1 version=2; "
				     "allocate version=2"),
			 0);
	assert_int_equal(ms.w.sent.p[0], 2);
	assert_int_equal((size_t)(uint8_t)ms.w.sent.p[3] + 4, ms.w.sent.n);
	assert_int_equal(ms_run(&ms, "active " PEER), 0);
	world_send(&ms.w, SLICE("\3\0\0\5hello"));
	t_equal_text(text_slice(&ms.w.relayed), "hello");
	assert_true(from_peer(&ms, 0, "192.0.2.9", "back"));
	t_equal_bytes(text_slice(&ms.w.sent), SLICE("\3\0\0\4back"));
	ms_world_free(&ms);
}

/* ---- MSN ---- */

static void msn_clients_are_served(void **state)
{
	struct ms_world ms;
	struct endpoint at;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, "allocate msn"), 0);
	assert_true(ms_reply_is_signed(&ms));
	at = ms_reply_address(&ms, MS_RELAY_ADDRESS);
	assert_true(endpoint_equal(&at, &ms.w.relays[0]));
	assert_true(replied_with(&ms, MS_MSN_REFLEXIVE));
	assert_false(replied_with(&ms, MS_VERSION));
	assert_int_equal(ms_run(&ms, "send msn data=1234 " PEER), 0);
	assert_int_equal(ms.w.reply.m.type, 0x0104);
	assert_true(ms_reply_is_signed(&ms));
	assert_int_equal(ms.w.datagrams, 1);
	assert_int_equal(ms_run(&ms, "active msn " PEER), 0);
	assert_int_equal(ms_run(&ms, "allocate msn bad-password"), 431);
	assert_int_equal(ms_run(&ms, "allocate msn over"), 436);
	assert_int_equal(ms_run(&ms, "allocate msn life=0"), 0);
	assert_int_equal(turn_server_counts(ms.w.server).allocations, 0);
	ms_world_free(&ms);
}

/* ---- sessions that share a relay ---- */

static void start_shared(struct ms_world *ms)
{
	ms_world_init(ms);
	ms->w.config.ms.shared_port = 3480;
	ms_world_start(ms);
}

static void sessions_share_a_relay(void **state)
{
	struct ms_world ms;
	struct endpoint at;
	uint8_t frame[64] = {0xFF, 0x10, 0, 12};

	(void)state;
	start_shared(&ms);
	assert_int_equal(ms_run(&ms, "allocate plain version=6"), 401);
	assert_true(ms.has_session);
	at = ms_reply_address(&ms, MS_XOR_MAPPED);
	assert_true(endpoint_equal(&at, &ms.w.path.client));
	assert_int_equal(ms_run(&ms, "allocate version=6 session"), 0);
	at = ms_reply_address(&ms, MS_RELAY_ADDRESS);
	assert_int_equal(at.port, 3480);
	assert_false(ms.has_session);
	/* A second client has another session there. */
	assert_int_equal(ms_run(&ms, "allocate plain from=1 version=6; "
				     "allocate version=6 session; "
				     "send data=x " PEER),
			 -1);
	assert_int_equal(ms.w.relayed_by, 0);
	/* Who was sent to is known; others say the session. */
	assert_true(from_peer(&ms, 0, "192.0.2.9", "back"));
	assert_int_equal(ms.w.reply_to.client.port, 40001);
	memcpy(frame + 4, ms.session, 8);
	memcpy(frame + 12, "data", 4);
	read_stun_done(&ms.w.reply);
	ms.w.replied = false;
	at = end("192.0.2.9", 7777);
	turn_server_relayed(ms.w.server, 0, &at, slice_of(frame, 16), ms.w.now);
	assert_true(ms.w.replied);
	t_equal_text(ms.w.reply.m.data, "data");
	ms_world_free(&ms);
}

static void older_clients_share_nothing(void **state)
{
	struct ms_world ms;

	(void)state;
	start_shared(&ms);
	assert_int_equal(ms_run(&ms, "allocate plain version=4"), 401);
	assert_false(ms.has_session);
	assert_int_equal(ms_run(&ms, "allocate plain stream=1 version=5"), 401);
	assert_false(ms.has_session);
	ms_world_free(&ms);
}

static void clients_may_frame_what_they_send(void **state)
{
	struct ms_world ms;

	(void)state;
	start_shared(&ms);
	assert_int_equal(ms_run(&ms, "allocate plain version=6; "
				     "allocate version=6 session"),
			 0);
	assert_int_equal(ms_run(&ms, "active framed " PEER), 0);
	(void)ms_run(&ms, "send framed data=x " PEER);
	assert_int_equal(ms.w.datagrams, 1);
	/* Not of somebody else's session. */
	ms.session[0] ^= 1;
	(void)ms_run(&ms, "send framed data=x " PEER);
	assert_int_equal(ms.w.datagrams, 1);
	ms_world_free(&ms);
}

/* ---- [MS-TURNBWM] ---- */

static uint32_t word_of(const struct ms_world *ms, uint16_t type, size_t i)
{
	const struct stun_attribute *a = stun_find(&ms->w.reply.m, type);

	assert_true(a && a->value.n >= 4 * (i + 1));
	return (uint32_t)a->value.p[4 * i] << 24 |
	       (uint32_t)a->value.p[4 * i + 1] << 16 |
	       (uint32_t)a->value.p[4 * i + 2] << 8 | a->value.p[4 * i + 3];
}

static void bandwidth_is_admitted_as_long_as_it_lasts(void **state)
{
	struct ms_world ms;

	(void)state;
	ms_world_init(&ms);
	ms.w.config.ms.admission = 100;
	ms.w.config.ms.pstn_failover = true;
	ms_world_start(&ms);
	assert_int_equal(ms_run(&ms, "allocate version=4 check=10,40"), 0);
	assert_int_equal(word_of(&ms, MS_REMOTE_SITE_RESPONSE, 0), 0x80000000);
	assert_int_equal(word_of(&ms, MS_LOCAL_SITE_RESPONSE, 1), 40);
	assert_int_equal(word_of(&ms, MS_LOCAL_RELAY_RESPONSE, 2), 40);
	assert_false(replied_with(&ms, MS_REMOTE_RELAY_RESPONSE));
	assert_false(replied_with(&ms, MS_RESERVATION));
	assert_int_equal(ms_run(&ms, "allocate version=4 commit=10,40"), 0);
	assert_true(replied_with(&ms, MS_RESERVATION));
	/* 20 are left for another one. */
	assert_int_equal(ms_run(&ms, "allocate plain from=1 version=4; "
				     "allocate version=4 check=11,40"),
			 0);
	assert_int_equal(word_of(&ms, MS_REMOTE_SITE_RESPONSE, 0), 0x40000000);
	assert_int_equal(word_of(&ms, MS_LOCAL_RELAY_RESPONSE, 0), 0);
	assert_int_equal(ms_run(&ms, "allocate version=4 check=10,40"), 0);
	assert_int_equal(word_of(&ms, MS_REMOTE_SITE_RESPONSE, 1), 10);
	/* What lived on it is free again. */
	turn_server_tick(ms.w.server, ms.w.now + 700 * NS_PER_S);
	assert_int_equal(ms_run(&ms, "allocate version=4 check=11,40"), 0);
	assert_int_equal(word_of(&ms, MS_REMOTE_SITE_RESPONSE, 0), 0x80000000);
	ms_world_free(&ms);
}

static void without_a_policy_nothing_is_said(void **state)
{
	struct ms_world ms;

	(void)state;
	start(&ms);
	assert_int_equal(ms_run(&ms, "allocate version=4 check=10,40"), 0);
	assert_false(replied_with(&ms, MS_REMOTE_SITE_RESPONSE));
	ms_world_free(&ms);
}

static const struct t_case cases[] = {
	{"requests_fall_from_their_rung", requests_fall_from_their_rung},
	{"every_rung_has_a_request", every_rung_has_a_request},
	{"a_fault_of_the_server_is_its_own", a_fault_of_the_server_is_its_own},
	{"the_judge_agrees_with_the_server", the_judge_agrees_with_the_server},
	{"challenges_say_where_and_are_not_signed",
	 challenges_say_where_and_are_not_signed},
	{"dialects_share_a_port", dialects_share_a_port},
	{"it_is_spoken_only_where_it_is_wanted",
	 it_is_spoken_only_where_it_is_wanted},
	{"an_allocation_says_all", an_allocation_says_all},
	{"integrity_comes_back_in_its_kind", integrity_comes_back_in_its_kind},
	{"families_follow_the_version", families_follow_the_version},
	{"lifetimes_are_as_asked_up_to_the_most",
	 lifetimes_are_as_asked_up_to_the_most},
	{"an_allocate_again_refreshes", an_allocate_again_refreshes},
	{"the_same_allocate_gets_the_same_bytes",
	 the_same_allocate_gets_the_same_bytes},
	{"nobody_unknown_costs_memory", nobody_unknown_costs_memory},
	{"send_opens_the_way_back", send_opens_the_way_back},
	{"numbers_keep_repetitions_out", numbers_keep_repetitions_out},
	{"the_active_destination_gets_all_raw",
	 the_active_destination_gets_all_raw},
	{"without_a_destination_nothing_passes",
	 without_a_destination_nothing_passes},
	{"streams_have_frames", streams_have_frames},
	{"msn_clients_are_served", msn_clients_are_served},
	{"sessions_share_a_relay", sessions_share_a_relay},
	{"older_clients_share_nothing", older_clients_share_nothing},
	{"clients_may_frame_what_they_send", clients_may_frame_what_they_send},
	{"bandwidth_is_admitted_as_long_as_it_lasts",
	 bandwidth_is_admitted_as_long_as_it_lasts},
	{"without_a_policy_nothing_is_said", without_a_policy_nothing_is_said},
};

T_MAIN(cases)
