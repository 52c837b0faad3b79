/* Every rung of the ladder, as a request that falls from it. */
#include "config.h"

#include "engine/ladder.h"
#include "engine/turn_state.h"
#include "tests/support/turn_world.h"

enum world_kind {
	WORLD_USUAL,
	WORLD_IPV4_ONLY,
	WORLD_NO_TCP,
	WORLD_NO_DF,
	WORLD_MOBILE,
	WORLD_QUOTA,
	WORLD_ELSEWHERE,
	WORLD_NO_PORTS,
	WORLD_ODD_PORTS,
	WORLD_ALGORITHMS,
	WORLD_UNREACHABLE,
	WORLD_HIGH_CHANNELS,
	WORLD_IPV6_ONLY,
	WORLD_CROWDED,     /* alice's allocation has all the peers it may */
	WORLD_CROWDED_TCP, /* ... and connections */
	WORLD_TOKENS,
};

#define PEER "peer=192.0.2.9@5000"
#define MADE "allocate transport=17; "
#define MADE_TCP "allocate stream=1 transport=6; "

struct rung {
	const char *id;
	enum world_kind world;
	const char *script;
	int code;
};

static const struct rung rungs[] = {
	{"C1", WORLD_USUAL, "allocate plain transport=17", 401},
	{"C1", WORLD_USUAL, "refresh plain", 401},
	{"C1", WORLD_USUAL, "permission plain " PEER, 401},
	{"C1", WORLD_USUAL, "channel plain number=4000 " PEER, 401},
	{"C2", WORLD_USUAL, "allocate nameless transport=17", 400},
	{"C1", WORLD_USUAL, "connect stream=1 plain " PEER, 401},
	{"C1", WORLD_USUAL, "bind stream=1 plain connection=1", 401},
	{"C2", WORLD_USUAL, "refresh nameless", 400},
	{"C2", WORLD_USUAL, "permission nameless " PEER, 400},
	{"C2", WORLD_USUAL, "channel nameless number=4000 " PEER, 400},
	{"C2", WORLD_USUAL, "connect nameless " PEER, 400},
	{"C2", WORLD_USUAL, "bind nameless connection=1", 400},
	{"C3", WORLD_ALGORITHMS, "allocate bid-down transport=17", 400},
	{"C4", WORLD_USUAL, "allocate user=carol transport=17", 401},
	{"C4", WORLD_USUAL, "allocate user=5:old transport=17", 401},
	{"C4t", WORLD_TOKENS, "allocate mac access=old transport=17", 401},
	{"C4t", WORLD_TOKENS, "allocate mac access=other transport=17", 401},
	{"C5", WORLD_USUAL, "allocate password=wrong transport=17", 401},
	{"C6", WORLD_USUAL, "allocate bad-nonce transport=17", 438},
	{"C6", WORLD_USUAL, "allocate from=1 transport=17", 438},
	{"C6", WORLD_USUAL,
	 MADE "refresh at=3601 plain; "
	      "allocate transport=17 at=7203",
	 438},
	{"C6", WORLD_USUAL, MADE "refresh bad-nonce", 438},
	{"C6", WORLD_USUAL, MADE "permission bad-nonce " PEER, 438},
	{"C6", WORLD_USUAL, MADE "channel bad-nonce number=4000 " PEER, 438},
	{"C6", WORLD_USUAL, MADE_TCP "connect bad-nonce " PEER, 438},
	/* RFC 8489 looks at the nonce last, behind the password. */
	{"C5", WORLD_USUAL, "allocate bad-nonce password=wrong", 401},
	{"Q1", WORLD_MOBILE, MADE "refresh ticket=bad", 400},
	{"Q2", WORLD_USUAL, MADE "refresh ticket=bad", 405},
	{"Q3", WORLD_MOBILE,
	 "allocate transport=17 ticket; refresh from=1 plain; "
	 "refresh ticket=last user=bob password=builder",
	 441},
	{"Q3", WORLD_USUAL, MADE "refresh user=bob password=builder", 441},
	{"Q3", WORLD_USUAL, MADE "permission user=bob password=builder " PEER,
	 441},
	{"Q3", WORLD_USUAL,
	 MADE "channel user=bob password=builder number=4000 " PEER, 441},
	{"Q4", WORLD_USUAL, "allocate transport=17 unknown", 420},
	{"Q4", WORLD_USUAL, MADE "refresh unknown", 420},
	{"Q4", WORLD_USUAL, "binding unknown", 420},
	{"Q4", WORLD_USUAL, "binding change=6", 420},
	{"Q4", WORLD_USUAL, "binding padding=1234", 420},
	{"Q5", WORLD_USUAL, "allocate transport=17 short=life", 400},
	/* A token that nobody asked for (RFC 7635 7). */
	{"Q4", WORLD_USUAL, "allocate access=good transport=17", 420},
	{"A2", WORLD_USUAL, MADE "allocate transport=17", 437},
	{"A2", WORLD_USUAL,
	 MADE "allocate user=bob password=builder transport=17", 437},
	{"A3", WORLD_USUAL, "allocate", 400},
	{"A3", WORLD_USUAL, "allocate short=transport", 400},
	{"A4", WORLD_USUAL, "allocate transport=1", 442},
	{"A4", WORLD_NO_TCP, "allocate stream=1 transport=6", 442},
	{"A5", WORLD_USUAL, "allocate transport=6", 400},
	{"A5", WORLD_USUAL, "allocate stream=1 transport=6 even", 400},
	{"A5", WORLD_USUAL, "allocate stream=1 transport=6 df", 400},
	{"A5", WORLD_USUAL, "allocate stream=1 transport=6 token=bad", 400},
	{"A6", WORLD_NO_DF, "allocate transport=17 df", 420},
	{"A7", WORLD_USUAL, "allocate transport=17 token=bad even", 400},
	{"A7", WORLD_USUAL, "allocate transport=17 token=bad family=1", 400},
	{"A7", WORLD_USUAL, "allocate transport=17 token=bad also=2", 400},
	{"A8", WORLD_USUAL, "allocate transport=17 token=bad", 508},
	{"A8", WORLD_USUAL,
	 "allocate transport=17 reserve; allocate from=1 at=31 plain; "
	 "allocate transport=17 token",
	 508},
	{"A9", WORLD_USUAL, "allocate transport=17 family=1 also=2", 400},
	{"A10", WORLD_IPV4_ONLY, "allocate transport=17 family=2", 440},
	{"A10", WORLD_USUAL, "allocate transport=17 family=7", 440},
	{"A10", WORLD_IPV6_ONLY, "allocate transport=17", 440},
	{"A11", WORLD_USUAL, "allocate transport=17 reserve also=2", 400},
	{"A12", WORLD_ODD_PORTS, "allocate transport=17 even", 508},
	{"A12", WORLD_ODD_PORTS, "allocate transport=17 reserve", 508},
	{"A13", WORLD_USUAL, "allocate transport=17 also=1", 400},
	{"A14", WORLD_QUOTA,
	 MADE "allocate from=1 plain transport=17; "
	      "allocate transport=17",
	 486},
	{"A15", WORLD_ELSEWHERE, "allocate transport=17", 300},
	{"A16", WORLD_NO_PORTS, "allocate transport=17", 508},
	{"A17", WORLD_USUAL, "allocate transport=17 ticket", 405},
	{"R2", WORLD_USUAL, "refresh", 437},
	{"R2", WORLD_USUAL, MADE "refresh at=601", 437},
	{"R3", WORLD_USUAL, MADE "refresh family=2", 443},
	{"P2", WORLD_USUAL, "permission " PEER, 437},
	{"P3", WORLD_USUAL, MADE "permission", 400},
	{"P3", WORLD_USUAL, MADE "permission short=peer", 400},
	{"P3", WORLD_USUAL, MADE "permission " PEER " short=peer", 400},
	{"P3", WORLD_USUAL, MADE "channel number=4000", 400},
	{"P3", WORLD_USUAL, MADE "channel number=4000 short=peer", 400},
	{"P3", WORLD_USUAL, MADE_TCP "connect", 400},
	{"P4", WORLD_USUAL, MADE "permission peer=2001:470::9@5000", 443},
	{"P4", WORLD_USUAL, MADE "permission " PEER " peer=2001:470::9@5000",
	 443},
	{"P4", WORLD_USUAL, MADE "channel number=4000 peer=2001:470::9@5000",
	 443},
	{"P4", WORLD_USUAL, MADE_TCP "connect peer=2001:470::9@5000", 443},
	{"P5", WORLD_USUAL, MADE_TCP "connect peer=127.0.0.1@80", 403},
	{"P5", WORLD_USUAL, MADE "permission peer=127.0.0.1@80", 403},
	{"P5", WORLD_USUAL, MADE "permission " PEER " peer=10.0.0.1@80", 403},
	{"P5", WORLD_USUAL, MADE "channel number=4000 peer=10.0.0.1@80", 403},
	{"P6", WORLD_CROWDED, "permission peer=192.0.2.200@1", 508},
	{"P6", WORLD_CROWDED, "permission peer=192.0.2.7@1 peer=192.0.2.200@1",
	 508},
	{"P6", WORLD_CROWDED, "channel number=4000 peer=192.0.2.200@1", 508},
	{"P6", WORLD_CROWDED_TCP, "connect peer=192.0.2.200@1", 508},
	{"B2", WORLD_USUAL, "channel number=4000 " PEER, 437},
	{"B2t", WORLD_USUAL, MADE_TCP "channel number=4000 " PEER, 403},
	{"B3", WORLD_USUAL, MADE "channel " PEER, 400},
	{"B3", WORLD_USUAL, MADE "channel short=number " PEER, 400},
	{"B4", WORLD_USUAL, MADE "channel number=0000 " PEER, 400},
	{"B4", WORLD_USUAL, MADE "channel number=ffff " PEER, 400},
	{"B4", WORLD_USUAL, MADE "channel number=3fff " PEER, 400},
	{"B4", WORLD_USUAL, MADE "channel number=5000 " PEER, 400},
	{"B4", WORLD_HIGH_CHANNELS, MADE "channel number=8000 " PEER, 400},
	{"B5", WORLD_USUAL,
	 MADE "channel number=4000 " PEER "; channel number=4001 " PEER, 400},
	{"B5", WORLD_USUAL,
	 MADE "channel number=4000 " PEER
	      "; channel number=4000 peer=192.0.2.9@5001",
	 400},
	/* Nor within five minutes behind its end (RFC 8656 12). */
	{"B5", WORLD_USUAL,
	 "allocate transport=17 life=3600; channel number=4000 " PEER
	 "; channel at=890 number=4001 " PEER,
	 400},
	{"T1", WORLD_USUAL, "connect " PEER, 437},
	{"T2", WORLD_USUAL, MADE "connect " PEER, 437},
	{"T4", WORLD_USUAL, MADE_TCP "connect " PEER "; connect " PEER, 446},
	{"T5", WORLD_UNREACHABLE, MADE_TCP "connect " PEER, 447},
	{"T6", WORLD_USUAL, "bind stream=1 connection=9", 400},
	{"T6", WORLD_USUAL, "bind stream=1", 400},
	{"T6", WORLD_USUAL, MADE_TCP "bind connection=1", 400},
};

#define RUNGS (sizeof(rungs) / sizeof(rungs[0]))

/* All the rows that an allocation may have are taken. */
static void crowd(struct turn_world *w, bool tcp)
{
	unsigned count = tcp ? TURN_CONNECTIONS_MAX : TURN_PERMISSIONS_MAX;
	char line[64];

	assert_int_equal(world_run(w, tcp ? "allocate stream=1 transport=6"
					  : "allocate transport=17"),
			 0);
	for (unsigned i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "%s peer=192.0.2.%u@1",
			 tcp ? "connect" : "permission", i);
		/* A Connect is answered when its end is known. */
		assert_int_equal(world_run(w, line), tcp ? -1 : 0);
	}
}

static void make_world(struct turn_world *w, enum world_kind kind)
{
	world_init(w);
	w->config.ipv4 = kind != WORLD_IPV6_ONLY;
	w->config.ipv6 = kind != WORLD_IPV4_ONLY;
	w->config.tcp = kind != WORLD_NO_TCP;
	w->config.dont_fragment = kind != WORLD_NO_DF;
	w->config.mobility = kind == WORLD_MOBILE;
	w->config.user_quota = kind == WORLD_QUOTA;
	w->config.algorithms = kind == WORLD_ALGORITHMS;
	w->tokens = kind == WORLD_TOKENS;
	w->odd_only = kind == WORLD_ODD_PORTS;
	w->connect_fails = kind == WORLD_UNREACHABLE;
	if (kind == WORLD_ELSEWHERE)
		w->config.alternate_server = w->path.server;
	if (kind == WORLD_NO_PORTS)
		w->ports_left = 0;
	if (kind == WORLD_HIGH_CHANNELS)
		w->config.channel_max = 0x7FFF;
	world_start(w);
	if (kind == WORLD_CROWDED || kind == WORLD_CROWDED_TCP)
		crowd(w, kind == WORLD_CROWDED_TCP);
}

static const struct turn_row *row_of(const char *id)
{
	for (size_t i = 0; turn_row_at(i); i++)
		if (strcmp(turn_row_at(i)->id, id) == 0)
			return turn_row_at(i);
	fail_msg("no rung %s", id);
	return NULL;
}

static void requests_fall_from_their_rung(void **state)
{
	struct turn_world w;
	int code;

	(void)state;
	for (size_t i = 0; i < RUNGS; i++) {
		make_world(&w, rungs[i].world);
		code = world_run(&w, rungs[i].script);
		if (code != rungs[i].code)
			fail_msg("%s: %s: %d, not %d", rungs[i].id,
				 rungs[i].script, code, rungs[i].code);
		assert_int_equal(row_of(rungs[i].id)->code, rungs[i].code);
		world_free(&w);
	}
}

/* Errors behind the credentials are signed, challenges are not. */
static void errors_are_signed_once_the_user_is_known(void **state)
{
	struct turn_world w;

	(void)state;
	for (size_t i = 0; i < RUNGS; i++) {
		bool early = rungs[i].id[0] == 'C';

		if (strstr(rungs[i].script, "bob") ||
		    strncmp(rungs[i].script, "binding", 7) == 0)
			continue;
		make_world(&w, rungs[i].world);
		(void)world_run(&w, rungs[i].script);
		if (world_reply_is_signed(&w) == early)
			fail_msg("%s: %s", rungs[i].id, rungs[i].script);
		assert_int_equal(w.reply.m.error == 401 ||
					 w.reply.m.error == 438,
				 w.reply.m.has_nonce && w.reply.m.has_realm);
		world_free(&w);
	}
}

/* C9 is fallen from where memory ends: see test_turn_tables.c. */
static void every_rung_has_a_request(void **state)
{
	(void)state;
	for (size_t i = 0; turn_row_at(i); i++) {
		const char *id = turn_row_at(i)->id;
		bool found = strcmp(id, "C9") == 0;

		for (size_t k = 0; k < RUNGS; k++)
			found |= strcmp(rungs[k].id, id) == 0;
		if (!found)
			fail_msg("no request for %s", id);
	}
}

static void rungs_have_unique_names(void **state)
{
	(void)state;
	for (size_t i = 0; turn_row_at(i); i++)
		assert_ptr_equal(row_of(turn_row_at(i)->id), turn_row_at(i));
}

static void a_full_allocation_renews_what_it_has(void **state)
{
	struct turn_world w;

	(void)state;
	make_world(&w, WORLD_CROWDED);
	assert_int_equal(world_run(&w, "permission peer=192.0.2.7@1"), 0);
	assert_int_equal(world_run(&w, "channel number=4000 "
				       "peer=192.0.2.7@1"),
			 0);
	world_free(&w);
}

/* What is not known may hold: all that can be right is forecast. */
static void a_forecast_names_all_that_can_be(void **state)
{
	struct turn_claims claims = {{0}};
	struct turn_forecast f;

	(void)state;
	turn_climb(&claims, ORDER_RFC8489, ASK_REFRESH, &f);
	assert_int_equal(f.count, 0);
	assert_true(f.success);
	claims.of[REASON_NONCE_STALE] = CLAIM_MAYBE;
	claims.of[REASON_NO_ALLOCATION] = CLAIM_SURE;
	claims.of[REASON_FAMILY_NOT_RELAYED] = CLAIM_SURE;
	turn_climb(&claims, ORDER_RFC8489, ASK_REFRESH, &f);
	assert_int_equal(f.count, 2);
	assert_string_equal(f.rows[0]->id, "C6");
	assert_string_equal(f.rows[1]->id, "R2");
	assert_false(f.success);
}

static void the_orders_differ_in_the_nonce(void **state)
{
	struct turn_claims claims = {{0}};
	struct turn_forecast f;

	(void)state;
	claims.of[REASON_NONCE_STALE] = CLAIM_SURE;
	claims.of[REASON_INTEGRITY_WRONG] = CLAIM_SURE;
	turn_climb(&claims, ORDER_RFC8489, ASK_REFRESH, &f);
	assert_int_equal(f.rows[0]->code, 401);
	turn_climb(&claims, ORDER_RFC5389, ASK_REFRESH, &f);
	assert_int_equal(f.rows[0]->code, 438);
}

/* The machine and the judge climb the same rows: neither finds fault with the
 * other, whatever is asked. */
static void the_judge_agrees_with_the_server(void **state)
{
	const struct replay_finding *findings;
	struct turn_world w;
	size_t count;

	(void)state;
	for (size_t i = 0; i < RUNGS; i++) {
		make_world(&w, rungs[i].world);
		w.judge = replay_new();
		assert_non_null(w.judge);
		(void)world_run(&w, rungs[i].script);
		findings = replay_findings(w.judge, &count);
		if (count)
			fail_msg("%s: %s: %s", rungs[i].id, rungs[i].script,
				 findings[0].text);
		assert_true(replay_counts(w.judge).replies > 0);
		replay_free(w.judge);
		world_free(&w);
	}
}

/* ---- entries of the matrix of known differences (spec stun-turn 4.5) ---- */

static const struct {
	const char *script; /* its last request is answered otherwise */
	unsigned code;
	const char *software; /* of the server, or NULL */
	bool verified;        /* the request's integrity is proved */
	enum replay_rule want;
} differences[] = {
	{"allocate transport=17", 400, NULL, false, REPLAY_KNOWN_DIFFERENCE},
	{"allocate transport=17", 400, NULL, true, REPLAY_REFUSED_WRONGLY},
	{MADE "channel number=4000 " PEER, 401, NULL, true,
	 REPLAY_KNOWN_DIFFERENCE},
	{MADE "permission " PEER, 401, NULL, true, REPLAY_REFUSED_WRONGLY},
	{"allocate transport=17", 400, "Coturn-4.5.1.1 'dan Eider'", true,
	 REPLAY_KNOWN_DIFFERENCE},
	{"allocate transport=17", 400, "Coturn-4.17.0", true,
	 REPLAY_REFUSED_WRONGLY},
};

static void hear(struct replay *judge, const struct turn_world *w,
		 struct slice bytes, bool reply, bool verified)
{
	struct stun_reading r;

	read_stun(&r, bytes);
	assert_int_equal(r.status, STATUS_OK);
	replay_take(judge,
		    &(struct replay_message){
			    .stun = &r.m,
			    .src = reply ? w->path.server : w->path.client,
			    .dst = reply ? w->path.client : w->path.server,
			    .time = w->now,
			    .integrity = !stun_has_integrity(&r.m)
						 ? REPLAY_ABSENT
					 : verified ? REPLAY_VERIFIED
						    : REPLAY_UNCHECKED});
	read_stun_done(&r);
}

/* The rule of what is found first, of the code. */
static enum replay_rule found_for(size_t i)
{
	const struct replay_finding *findings;
	struct replay *judge = replay_new();
	struct text reply = text_new(1 << 12);
	struct stun_writer out = {.to = &reply, .aligned = true};
	enum replay_rule rule;
	struct turn_world w;
	size_t count;

	make_world(&w, WORLD_USUAL);
	(void)world_run(&w, differences[i].script);
	stun_write_begin(&out, (uint16_t)(w.reply.m.type | 0x0010),
			 w.reply.m.id);
	stun_write_error(&out, differences[i].code, SLICE("otherwise"));
	if (differences[i].software)
		stun_write_bytes(&out, AT_SOFTWARE,
				 slice_of_text(differences[i].software));
	hear(judge, &w, text_slice(&w.asked), false, differences[i].verified);
	hear(judge, &w, text_slice(&reply), true, false);
	findings = replay_findings(judge, &count);
	rule = count ? findings[0].rule : REPLAY_RULES;
	assert_int_equal(replay_counts(judge).known_differences,
			 rule == REPLAY_KNOWN_DIFFERENCE);
	text_free(&reply);
	replay_free(judge);
	world_free(&w);
	return rule;
}

static void known_differences_are_no_more_than_that(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(differences) / sizeof(differences[0]);
	     i++) {
		enum replay_rule rule = found_for(i);

		if (rule != differences[i].want)
			fail_msg("%s: %u: rule %d", differences[i].script,
				 differences[i].code, (int)rule);
	}
}

static const struct t_case cases[] = {
	{"known_differences_are_no_more_than_that",
	 known_differences_are_no_more_than_that},
	{"requests_fall_from_their_rung", requests_fall_from_their_rung},
	{"errors_are_signed_once_the_user_is_known",
	 errors_are_signed_once_the_user_is_known},
	{"the_judge_agrees_with_the_server", the_judge_agrees_with_the_server},
	{"every_rung_has_a_request", every_rung_has_a_request},
	{"rungs_have_unique_names", rungs_have_unique_names},
	{"a_full_allocation_renews_what_it_has",
	 a_full_allocation_renews_what_it_has},
	{"a_forecast_names_all_that_can_be", a_forecast_names_all_that_can_be},
	{"the_orders_differ_in_the_nonce", the_orders_differ_in_the_nonce},
};

T_MAIN(cases)
