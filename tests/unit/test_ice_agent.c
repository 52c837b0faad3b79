/* Two ICE agents in a world of firewalls, NATs and loss. */
#include "config.h"

#include "dissectors/stun_integrity.h"
#include "engine/ice_agent.h"
#include "tests/support/stun_reading.h"

#define LETTERS 256u
#define LOG 64u
#define HOP (10 * NS_PER_MS)
#define TIME_ZERO (INT64_C(1800000000) * NS_PER_S)

struct letter {
	nanoseconds at;
	struct endpoint from, base, to; /* as it arrives; base: from where */
	struct text bytes;
	unsigned side; /* that gets it */
};

struct sent {
	nanoseconds at;
	struct endpoint base, to;
	bool request, use_candidate, controlling;
	uint8_t id[16];
};

struct world {
	struct ice_agent *agents[2];
	struct sender {
		struct world *world;
		unsigned side;
	} senders[2];
	struct letter letters[LETTERS];
	size_t count;
	struct sent log[2][LOG];
	size_t logged[2];
	nanoseconds now;
	uint64_t dice;
	unsigned lose;          /* the first letters of all */
	bool no_direct;         /* hosts do not reach each other */
	bool nat;               /* side 0's port changes on the way */
	bool answers_elsewhere; /* side 1 answers from another port */
};

static struct endpoint end(const char *ip, unsigned port)
{
	struct endpoint e;

	assert_int_equal(endpoint_parse(slice_of_text(ip), (uint16_t)port, &e),
			 STATUS_OK);
	return e;
}

static bool is_host(const struct endpoint *e)
{
	return e->ip[0] == 10;
}

/* What the network makes of a message; false: it is lost. */
static bool carry(struct world *w, unsigned side, struct endpoint *from,
		  const struct endpoint *to)
{
	if (w->lose) {
		w->lose--;
		return false;
	}
	if (!w->nat && to->ip[0] == 198) /* nobody is there */
		return false;
	if (w->no_direct && is_host(from) && is_host(to))
		return false;
	if (w->nat && side == 0 && is_host(from))
		*from = end("198.51.100.1", (unsigned)from->port + 1000);
	return true;
}

static void note(struct world *w, unsigned side, const struct endpoint *base,
		 const struct endpoint *to, struct slice bytes)
{
	struct sent *s = &w->log[side][w->logged[side]];
	struct stun_reading r;

	if (w->logged[side] == LOG)
		return;
	read_stun(&r, bytes);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.findings.count, 0);
	assert_int_equal(r.m.fingerprint, FINGERPRINT_OK);
	*s = (struct sent){.at = w->now,
			   .base = *base,
			   .to = *to,
			   .request = r.m.class == STUN_REQUEST,
			   .use_candidate = r.m.use_candidate,
			   .controlling = r.m.has_controlling};
	memcpy(s->id, r.m.id, sizeof(s->id));
	w->logged[side]++;
	read_stun_done(&r);
}

static void take_send(void *context, const struct endpoint *base,
		      const struct endpoint *to, struct slice bytes)
{
	struct sender *s = context;
	struct world *w = s->world;
	struct letter *l = &w->letters[w->count];
	struct endpoint from = *base, there = *to;

	note(w, s->side, base, to, bytes);
	if (w->answers_elsewhere && s->side == 1 && bytes.p[0] == 1)
		from.port++;
	if (!carry(w, s->side, &from, to))
		return;
	/* Back through the NAT. */
	if (w->nat && s->side == 1 && to->ip[0] == 198)
		there = end("10.0.0.1", (unsigned)to->port - 1000);
	assert_true(w->count < LETTERS);
	*l = (struct letter){.at = w->now + HOP,
			     .from = from,
			     .base = there,
			     .side = !s->side};
	l->bytes = text_new(4096);
	text_put(&l->bytes, bytes);
	w->count++;
}

static void take_random(void *context, uint8_t *out, size_t n)
{
	struct world *w = ((struct sender *)context)->world;

	for (size_t i = 0; i < n; i++) {
		w->dice = w->dice * UINT64_C(6364136223846793005) + 1;
		out[i] = (uint8_t)(w->dice >> 56);
	}
}

static struct ice_config config_of(unsigned side, bool controlling)
{
	return (struct ice_config){
		.controlling = controlling,
		.tie_breaker = 1000 + side,
		.ufrag = side ? SLICE("bbbb") : SLICE("aaaa"),
		.password = side ? SLICE("passwordofbpasswordofb")
				 : SLICE("passwordofapasswordofa"),
		.remote_ufrag = side ? SLICE("aaaa") : SLICE("bbbb"),
		.remote_password = side ? SLICE("passwordofapasswordofa")
					: SLICE("passwordofbpasswordofb"),
	};
}

static void agent(struct world *w, unsigned side,
		  const struct ice_config *config)
{
	struct ice_provider provider = {.context = &w->senders[side],
					.send = take_send,
					.random = take_random};

	w->senders[side] = (struct sender){.world = w, .side = side};
	w->agents[side] = ice_agent_new(config, &provider);
	assert_non_null(w->agents[side]);
}

static void begin_world(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->now = TIME_ZERO;
	w->dice = 5;
}

/* Known to its own side as local, to the other one as remote. */
static void candidate(struct world *w, unsigned side, enum ice_type type,
		      const char *ip, unsigned port, unsigned component)
{
	static const unsigned preference[] = {126, 100, 110, 0};
	struct ice_candidate c = {.at = end(ip, port),
				  .component = (uint16_t)component,
				  .type = (uint8_t)type};

	c.base = c.at;
	if (type == ICE_SRFLX)
		c.base = end("10.0.0.1", port - 1000);
	c.priority = preference[type] << 24 | 65535u << 8 | (256 - component);
	c.foundation[0] = (char)('1' + type);
	assert_true(ice_agent_add_local(w->agents[side], &c));
	assert_true(ice_agent_add_remote(w->agents[!side], &c));
}

static void happen(struct world *w)
{
	struct letter l = w->letters[0];

	w->count--;
	memmove(w->letters, w->letters + 1, w->count * sizeof(l));
	w->now = l.at;
	ice_agent_receive(w->agents[l.side], &l.base, &l.from,
			  text_slice(&l.bytes), w->now);
	text_free(&l.bytes);
}

static bool both(const struct world *w, enum ice_state state)
{
	return ice_agent_state(w->agents[0]) == state &&
	       ice_agent_state(w->agents[1]) == state;
}

/* Until both are done, or nothing happens any more. */
static void run(struct world *w)
{
	for (unsigned i = 0; i < 5000 && !both(w, ICE_COMPLETED); i++) {
		nanoseconds a = ice_agent_next(w->agents[0]);
		nanoseconds b = ice_agent_next(w->agents[1]);
		nanoseconds next = a < b ? a : b;

		if (w->count && w->letters[0].at <= next) {
			happen(w);
		} else if (next < INT64_MAX) {
			w->now = next;
			ice_agent_tick(w->agents[0], w->now);
			ice_agent_tick(w->agents[1], w->now);
		} else {
			return;
		}
	}
}

static void talk(struct world *w)
{
	ice_agent_begin(w->agents[0], w->now);
	ice_agent_begin(w->agents[1], w->now);
	run(w);
}

static void end_world(struct world *w)
{
	for (unsigned i = 0; i < 2; i++)
		ice_agent_free(w->agents[i]);
	for (size_t i = 0; i < w->count; i++)
		text_free(&w->letters[i].bytes);
}

static void two_agents(struct world *w, enum ice_profile profile)
{
	for (unsigned side = 0; side < 2; side++) {
		struct ice_config config = config_of(side, side == 0);

		config.profile = profile;
		agent(w, side, &config);
	}
}

static void usual_candidates(struct world *w)
{
	candidate(w, 0, ICE_HOST, "10.0.0.1", 5000, 1);
	candidate(w, 0, ICE_SRFLX, "198.51.100.1", 6000, 1);
	candidate(w, 0, ICE_RELAY, "203.0.113.9", 7000, 1);
	candidate(w, 1, ICE_HOST, "10.0.0.2", 5000, 1);
	candidate(w, 1, ICE_RELAY, "203.0.113.9", 8000, 1);
}

static const struct ice_candidate *ours(const struct world *w, unsigned side,
					uint16_t component)
{
	const struct ice_pair *p =
		ice_agent_selected(w->agents[side], component);

	assert_non_null(p);
	return ice_agent_local(w->agents[side], p->local);
}

/* ---- what is true ---- */

static void formulas_are_those_of_the_document(void **state)
{
	(void)state;
	assert_true(ice_pair_priority(2, 1) == (UINT64_C(1) << 32) + 2 * 2 + 1);
	assert_true(ice_pair_priority(1, 2) == (UINT64_C(1) << 32) + 2 * 2);
	assert_true(ice_pair_priority(2130706431, 1694498815) ==
		    UINT64_C(7277816997797167103) + UINT64_C(0));
}

static void the_best_pair_is_nominated(void **state)
{
	static const enum ice_profile profiles[] = {ICE_RFC8445, ICE_RFC5245,
						    ICE_MS_ICE2};
	struct world w;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin_world(&w);
		two_agents(&w, profiles[i]);
		usual_candidates(&w);
		talk(&w);
		assert_true(both(&w, ICE_COMPLETED));
		assert_int_equal(ours(&w, 0, 1)->type, ICE_HOST);
		assert_int_equal(ours(&w, 1, 1)->type, ICE_HOST);
		end_world(&w);
	}
}

static void reflexive_candidates_are_checked_from_their_base(void **state)
{
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	usual_candidates(&w);
	talk(&w);
	/* host and srflx of one side are one; 2 bases by 2 remotes. */
	assert_int_equal(ice_agent_pairs(w.agents[0]), 4);
	assert_int_equal(ice_agent_pairs(w.agents[1]), 6);
	for (size_t i = 0; i < w.logged[0]; i++)
		assert_true(w.log[0][i].base.ip[0] != 198);
	end_world(&w);
}

static void checks_go_in_order_and_in_time(void **state)
{
	const struct ice_agent *a;
	nanoseconds last = 0;
	uint64_t before = UINT64_MAX;
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	usual_candidates(&w);
	w.lose = UINT32_MAX; /* so that nothing is triggered */
	talk(&w);
	a = w.agents[0];
	assert_int_equal(ice_agent_state(a), ICE_GAVE_UP);
	for (size_t i = 0; i < ice_agent_pairs(a); i++) {
		const struct ice_pair *p = ice_agent_pair(a, i);

		assert_int_equal(p->state, ICE_FAILED);
		assert_int_equal(p->checks, 1);
		assert_true(p->priority <= before);
		if (i) /* all foundations differ, so Ta parts them */
			assert_int_equal(p->begun - last, 50 * NS_PER_MS);
		before = p->priority;
		last = p->begun;
	}
	end_world(&w);
}

/* Ta * N above 500 ms, and Rc 7 (RFC 8445 14.3). */
static void a_check_is_repeated_as_it_was(void **state)
{
	static const unsigned at[] = {0, 500, 1500, 3500, 7500, 15500, 31500};
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	candidate(&w, 0, ICE_HOST, "10.0.0.1", 5000, 1);
	candidate(&w, 1, ICE_HOST, "10.0.0.2", 5000, 1);
	w.lose = UINT32_MAX;
	talk(&w);
	assert_int_equal(w.logged[0], 7);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(w.log[0][i].at - TIME_ZERO, at[i] * NS_PER_MS);
		assert_memory_equal(w.log[0][i].id, w.log[0][0].id, 16);
	}
	end_world(&w);
}

static void clients_of_microsoft_have_their_own_times(void **state)
{
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_MS_ICE2);
	candidate(&w, 0, ICE_HOST, "10.0.0.1", 5000, 1);
	candidate(&w, 1, ICE_HOST, "10.0.0.2", 5000, 1);
	w.lose = UINT32_MAX;
	talk(&w);
	assert_int_equal(w.logged[0], 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(w.log[0][i].at - TIME_ZERO,
				 (nanoseconds)i * 304 * NS_PER_MS);
	end_world(&w);
}

static void one_pair_of_a_foundation_goes_first(void **state)
{
	const struct ice_pair *p;
	struct world w;

	(void)state;
	begin_world(&w);
	for (unsigned side = 0; side < 2; side++) {
		struct ice_config config = config_of(side, side == 0);

		config.components = 2;
		agent(&w, side, &config);
	}
	for (unsigned c = 1; c <= 2; c++) {
		candidate(&w, 0, ICE_HOST, "10.0.0.1", 5000 + c, c);
		candidate(&w, 1, ICE_HOST, "10.0.0.2", 5000 + c, c);
	}
	ice_agent_begin(w.agents[0], w.now);
	assert_int_equal(ice_agent_pairs(w.agents[0]), 2);
	for (size_t i = 0; i < 2; i++) {
		p = ice_agent_pair(w.agents[0], i);
		assert_int_equal(
			p->state,
			ice_agent_local(w.agents[0], p->local)->component == 1
				? ICE_IN_PROGRESS
				: ICE_FROZEN);
	}
	ice_agent_begin(w.agents[1], w.now);
	run(&w);
	assert_true(both(&w, ICE_COMPLETED));
	assert_non_null(ice_agent_selected(w.agents[0], 2));
	end_world(&w);
}

static void lost_checks_do_not_stop_it(void **state)
{
	struct world w;

	(void)state;
	for (unsigned lose = 1; lose < 12; lose++) {
		begin_world(&w);
		two_agents(&w, ICE_RFC8445);
		usual_candidates(&w);
		w.lose = lose;
		talk(&w);
		assert_true(both(&w, ICE_COMPLETED));
		end_world(&w);
	}
}

static void the_relay_is_taken_when_all_else_fails(void **state)
{
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	usual_candidates(&w);
	w.no_direct = true;
	talk(&w);
	assert_true(both(&w, ICE_COMPLETED));
	assert_true(ours(&w, 0, 1)->type == ICE_RELAY ||
		    ours(&w, 1, 1)->type == ICE_RELAY);
	end_world(&w);
}

static void who_does_not_wait_takes_the_first_good_one(void **state)
{
	struct world w;

	(void)state;
	begin_world(&w);
	for (unsigned side = 0; side < 2; side++) {
		struct ice_config config = config_of(side, side == 0);

		config.nominate_after = 200 * NS_PER_MS;
		agent(&w, side, &config);
	}
	usual_candidates(&w);
	w.no_direct = true;
	talk(&w);
	assert_true(both(&w, ICE_COMPLETED));
	/* The other way is to wait until the host pair has failed: 39.5 s. */
	assert_true(w.now - TIME_ZERO < 2 * NS_PER_S);
	end_world(&w);
}

static void an_address_is_learned_behind_a_nat(void **state)
{
	const struct ice_pair *p;
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	candidate(&w, 0, ICE_HOST, "10.0.0.1", 5000, 1);
	candidate(&w, 1, ICE_HOST, "10.0.0.2", 5000, 1);
	w.nat = true;
	talk(&w);
	assert_true(both(&w, ICE_COMPLETED));
	p = ice_agent_selected(w.agents[0], 1);
	assert_int_equal(ice_agent_local(w.agents[0], p->valid)->type,
			 ICE_PRFLX);
	p = ice_agent_selected(w.agents[1], 1);
	assert_int_equal(ice_agent_remote(w.agents[1], p->remote)->type,
			 ICE_PRFLX);
	end_world(&w);
}

static void an_answer_from_elsewhere_fails_the_pair(void **state)
{
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	candidate(&w, 0, ICE_HOST, "10.0.0.1", 5000, 1);
	candidate(&w, 1, ICE_HOST, "10.0.0.2", 5000, 1);
	w.answers_elsewhere = true;
	talk(&w);
	assert_null(ice_agent_selected(w.agents[0], 1));
	end_world(&w);
}

static void two_of_a_kind_settle_who_is_which(void **state)
{
	struct world w;

	(void)state;
	for (unsigned controlling = 0; controlling < 2; controlling++) {
		begin_world(&w);
		for (unsigned side = 0; side < 2; side++) {
			struct ice_config config = config_of(side, controlling);

			agent(&w, side, &config);
		}
		usual_candidates(&w);
		talk(&w);
		assert_true(both(&w, ICE_COMPLETED));
		/* The larger tie-breaker. */
		assert_false(ice_agent_is_controlling(w.agents[0]));
		assert_true(ice_agent_is_controlling(w.agents[1]));
		assert_int_equal(ours(&w, 0, 1)->type, ICE_HOST);
		end_world(&w);
	}
}

static void only_the_controlling_one_nominates(void **state)
{
	unsigned nominating[2] = {0};
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	usual_candidates(&w);
	talk(&w);
	for (unsigned side = 0; side < 2; side++)
		for (size_t i = 0; i < w.logged[side]; i++) {
			nominating[side] += w.log[side][i].use_candidate;
			if (w.log[side][i].request)
				assert_int_equal(w.log[side][i].controlling,
						 side == 0);
		}
	assert_int_equal(nominating[0], 1);
	assert_int_equal(nominating[1], 0);
	end_world(&w);
}

/* What a stranger sends moves nothing. */
static void strangers_are_refused(void **state)
{
	static const struct {
		const char *user, *password;
		unsigned code;
	} rows[] = {
		{"aaaa:bbbb", "passwordofapasswordofb", 401},
		{"cccc:bbbb", "passwordofapasswordofa", 401},
		{"", "passwordofapasswordofa", 400},
		{"aaaa:bbbb", "", 400},
	};
	struct endpoint base = end("10.0.0.1", 5000);
	struct endpoint from = end("192.0.2.66", 666);
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	candidate(&w, 0, ICE_HOST, "10.0.0.1", 5000, 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text bytes = text_new(1024);
		struct stun_writer writer = {.to = &bytes, .aligned = true};
		static const uint8_t id[16] = {0x21, 0x12, 0xA4, 0x42, 9};
		struct stun_reading r;
		struct stun_key key;

		stun_write_begin(&writer, 0x0001, id);
		if (*rows[i].user)
			stun_write_bytes(&writer, 0x0006,
					 slice_of_text(rows[i].user));
		stun_write_u32(&writer, 0x0024, 1);
		if (*rows[i].password) {
			stun_key_short_term(slice_of_text(rows[i].password),
					    &key);
			stun_write_integrity(&writer, &key, false, false);
		}
		ice_agent_receive(w.agents[0], &base, &from, text_slice(&bytes),
				  w.now);
		assert_int_equal(w.count, i + 1);
		read_stun(&r, text_slice(&w.letters[i].bytes));
		assert_int_equal(r.m.error, rows[i].code);
		read_stun_done(&r);
		assert_int_equal(ice_agent_pairs(w.agents[0]), 0);
		text_free(&bytes);
	}
	ice_agent_receive(w.agents[0], &base, &from, SLICE("noise"), w.now);
	end_world(&w);
}

/* The other side's check comes before its description. */
static void early_checks_are_kept(void **state)
{
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	candidate(&w, 0, ICE_HOST, "10.0.0.1", 5000, 1);
	candidate(&w, 1, ICE_HOST, "10.0.0.2", 5000, 1);
	ice_agent_begin(w.agents[1], w.now);
	happen(&w);
	assert_int_equal(ice_agent_pairs(w.agents[0]), 1);
	ice_agent_begin(w.agents[0], w.now);
	assert_int_equal(ice_agent_pairs(w.agents[0]), 1);
	run(&w);
	assert_true(both(&w, ICE_COMPLETED));
	end_world(&w);
}

static void candidates_may_come_later(void **state)
{
	struct world w;

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	ice_agent_begin(w.agents[0], w.now);
	ice_agent_begin(w.agents[1], w.now);
	assert_int_equal(ice_agent_state(w.agents[0]), ICE_RUNNING);
	candidate(&w, 0, ICE_HOST, "10.0.0.1", 5000, 1);
	candidate(&w, 1, ICE_HOST, "10.0.0.2", 5000, 1);
	ice_agent_tick(w.agents[0], w.now);
	run(&w);
	assert_true(both(&w, ICE_COMPLETED));
	end_world(&w);
}

static void limits_hold(void **state)
{
	struct world w;
	struct ice_candidate c = {.at = end("10.0.0.1", 1), .component = 1};

	(void)state;
	begin_world(&w);
	two_agents(&w, ICE_RFC8445);
	for (unsigned i = 0; i < ICE_CANDIDATES_MAX; i++) {
		c.at.port = (uint16_t)(1000 + i);
		c.base = c.at;
		c.foundation[0] = 'x';
		c.priority = 1000 + i;
		assert_true(ice_agent_add_local(w.agents[0], &c));
		assert_true(ice_agent_add_remote(w.agents[0], &c));
	}
	assert_false(ice_agent_add_local(w.agents[0], &c));
	assert_false(ice_agent_add_remote(w.agents[0], &c));
	ice_agent_begin(w.agents[0], w.now);
	assert_int_equal(ice_agent_pairs(w.agents[0]), ICE_PAIRS_MAX);
	/* Of one foundation, so one alone has begun. */
	assert_int_equal(w.logged[0], 1);
	end_world(&w);
}

static const struct t_case cases[] = {
	{"formulas_are_those_of_the_document",
	 formulas_are_those_of_the_document},
	{"the_best_pair_is_nominated", the_best_pair_is_nominated},
	{"reflexive_candidates_are_checked_from_their_base",
	 reflexive_candidates_are_checked_from_their_base},
	{"checks_go_in_order_and_in_time", checks_go_in_order_and_in_time},
	{"a_check_is_repeated_as_it_was", a_check_is_repeated_as_it_was},
	{"clients_of_microsoft_have_their_own_times",
	 clients_of_microsoft_have_their_own_times},
	{"one_pair_of_a_foundation_goes_first",
	 one_pair_of_a_foundation_goes_first},
	{"lost_checks_do_not_stop_it", lost_checks_do_not_stop_it},
	{"the_relay_is_taken_when_all_else_fails",
	 the_relay_is_taken_when_all_else_fails},
	{"who_does_not_wait_takes_the_first_good_one",
	 who_does_not_wait_takes_the_first_good_one},
	{"an_address_is_learned_behind_a_nat",
	 an_address_is_learned_behind_a_nat},
	{"an_answer_from_elsewhere_fails_the_pair",
	 an_answer_from_elsewhere_fails_the_pair},
	{"two_of_a_kind_settle_who_is_which",
	 two_of_a_kind_settle_who_is_which},
	{"only_the_controlling_one_nominates",
	 only_the_controlling_one_nominates},
	{"strangers_are_refused", strangers_are_refused},
	{"early_checks_are_kept", early_checks_are_kept},
	{"candidates_may_come_later", candidates_may_come_later},
	{"limits_hold", limits_hold},
};
T_MAIN(cases)
