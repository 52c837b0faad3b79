/*
 * Pairs and their candidates, roles, restarts and consent: what a few checks
 * say beside what the descriptions said.
 */
#include "config.h"

#include "model/matrix.h"
#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

static void told(struct model *model, const char *const lines[STORY_MAX])
{
	struct wire w;

	story(&w, lines);
	heard_model(&w, NULL, model);
	wire_close(&w);
}

static const struct candidate *candidate_of(const struct model *model,
					    const struct pair *p, unsigned end)
{
	assert_int_not_equal(p->candidates[end], CHAIN_END);
	return list_at(&model->candidates, p->candidates[end]);
}

/* "offer host 1:5000 - answer host 3:6000 nominated" of each pair. */
static void pairs_text(const struct model *model, struct text *to)
{
	static const char *const sides[] = {"?", "offer", "answer"};
	const struct pair *pairs = model->pairs.rows;

	for (size_t i = 0; i < model->pairs.count; i++) {
		for (unsigned end = 0; end < 2; end++) {
			const struct candidate *c =
				candidate_of(model, &pairs[i], end);

			text_printf(to, "%s%s %s ", end ? "- " : "",
				    sides[c->side], candidate_word(c->type));
			wire_end_text(end_at(model, c->endpoint), to);
			text_puts(to, c->learned ? " learned " : " ");
		}
		text_printf(to, "%s\n", pairs[i].why);
	}
	text_putc(to, '\0');
}

struct row {
	const char *name, *want;
	const char *lines[STORY_MAX];
};

static void run(const struct row *rows, size_t count)
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		struct text text = text_new(4000);
		struct model model;

		told(&model, rows[i].lines);
		pairs_text(&model, &text);
		if (strcmp((const char *)text.p, rows[i].want) != 0) {
			print_error("%s\n got  %s want %s", rows[i].name,
				    (const char *)text.p, rows[i].want);
			wrong++;
		}
		text_free(&text);
		model_free(&model);
	}
	assert_int_equal(wrong, 0);
}

#define RUN(rows) run((rows), sizeof(rows) / sizeof((rows)[0]))
#define CALL "> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag"

static void ends_are_candidates(void **state)
{
	static const struct row rows[] = {
		{"of both descriptions",
		 "offer host 1:5000 - answer host 3:6000 nominated\n",
		 {CALL, "1:5000 3:6000 check 1 controlling nominate",
		  "3:6000 1:5000 answer 1"}},
		{"whoever asks first",
		 "answer host 3:6000 - offer host 1:5000 no answer before the "
		 "capture ends (1 request)\n",
		 {CALL, "3:6000 1:5000 check 1 controlled back"}},
		{"an address that none of them names",
		 "offer host 1:5000 - answer prflx 4:7000 learned answered; "
		 "no nomination is in the capture\n",
		 {CALL, "1:5000 4:7000 check 1 controlling",
		  "4:7000 1:5000 answer 1"}},
		{"without descriptions nothing tells",
		 "? unknown 1:5000 learned - ? unknown 3:6000 learned no "
		 "answer before the capture ends (1 request)\n",
		 {"1:5000 3:6000 check 1 controlling"}},
		{"but who asked a STUN server tells its own",
		 "? host 1:5000 learned - ? unknown 3:6000 learned no answer "
		 "before the capture ends (1 request)\n",
		 {"1:5000 2:3478 binding 8", "2:3478 1:5000 bound 8",
		  "1:5000 3:6000 check 1 controlling"}},
		{"and an envelope that of a relay",
		 "? relay 9:50000 learned - ? unknown 3:6000 learned "
		 "answered; no nomination is in the capture\n",
		 {"1:5000 2:3478 allocate 1", "2:3478 1:5000 granted 1",
		  "1:5000 2:3478 send 3:6000 check 3 controlling",
		  "2:3478 1:5000 data 3:6000 answer 3"}},
	};

	(void)state;
	RUN(rows);
}

static void each_pair_says_why(void **state)
{
	static const struct row rows[] = {
		{"never answered",
		 "offer host 1:5000 - answer host 3:6000 never answered (3 "
		 "requests over 2.0 s)\n",
		 {CALL, "1:5000 3:6000 check 1 controlling", "wait 1",
		  "1:5000 3:6000 check 1 controlling", "wait 1",
		  "1:5000 3:6000 check 1 controlling"}},
		{"with a password that nobody knows",
		 "offer host 1:5000 - answer host 3:6000 no answer before the "
		 "capture ends (1 request); the integrity fits no known "
		 "password\n",
		 {CALL, "1:5000 3:6000 check 1 controlling forged"}},
		{"an error",
		 "offer host 1:5000 - answer host 3:6000 answered by error "
		 "401 (the integrity is wrong, or the user fragment)\n",
		 {CALL, "1:5000 3:6000 check 1 controlling",
		  "3:6000 1:5000 denied 1 error=401"}},
		{"another address answers",
		 "offer host 1:5000 - answer host 3:6000 answered only from "
		 "another address than was asked (1 answer)\n",
		 {CALL, "1:5000 3:6000 check 1 controlling",
		  "4:6000 1:5000 answer 1"}},
		{"another one was nominated",
		 "offer host 1:5000 - answer prflx 4:7000 learned answered, "
		 "but another pair was nominated\n"
		 "offer host 1:5000 - answer host 3:6000 nominated\n",
		 {CALL, "1:5000 4:7000 check 1 controlling",
		  "4:7000 1:5000 answer 1",
		  "1:5000 3:6000 check 2 controlling nominate",
		  "3:6000 1:5000 answer 2"}},
	};

	(void)state;
	RUN(rows);
}

/* ---- addresses that a description hides ---- */

#define FOUND "a=candidate:1 1 UDP 2130706431 "
#define SRFLX "a=candidate:2 1 UDP 1694498815 192.0.2.9 5000 typ srflx "

/* A description of alice's or, as the answer, bob's side. */
static void describe(struct wire *w, bool answer, const char *candidates)
{
	char body[600];

	snprintf(body, sizeof(body),
		 "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
		 "m=audio 9 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n"
		 "a=ice-ufrag:%s\r\na=ice-pwd:not-the-one-of-checks-22\r\n"
		 "%s\r\n",
		 answer ? "ub" : "ua", candidates);
	wire_sip(w, answer ? "2:5060" : "1:5060", answer ? "1:5060" : "2:5060",
		 &(struct wire_sip){.start = answer ? "200 OK"
						    : "INVITE "
						      "sip:bob@example.org",
				    .call = "call-1",
				    .cseq = "1 INVITE",
				    .to_tag = answer ? "t" : NULL,
				    .body = body});
}

/* Alice's port asks a STUN server how it is seen. */
static void ask_server(struct wire *w, const char *mapped)
{
	wire_stun(w, "1:5000", "4:3478",
		  &(struct wire_stun){.type = 1, .id = 9});
	wire_stun(
		w, "4:3478", "1:5000",
		&(struct wire_stun){.type = 0x0101, .id = 9, .mapped = mapped});
}

static void hidden_addresses_are_found(void **state)
{
	static const struct {
		const char *name, *offer, *mapped;
		const char *host;  /* of the candidate, when it is a name */
		const char *lies;  /* where it lies */
		const char *valid; /* that of the valid pair, or NULL */
		uint8_t type;
		bool learned;
		const char *told; /* by a STUN server, or NULL */
	} rows[] = {
		{"behind a name of its port", FOUND "x.local 5000 typ host",
		 NULL, "x.local", NULL, NULL, 1, false, NULL},
		{"not behind a name of another port",
		 FOUND "x.local 5001 typ host", NULL, NULL, "1:5000", NULL, 3,
		 true, NULL},
		{"as the base of a reflexive one",
		 SRFLX "raddr 192.0.2.1 rport 5000", NULL, NULL, "9:5000", NULL,
		 2, false, NULL},
		{"as the peer sees it", SRFLX "raddr 0.0.0.0 rport 0", "9:5000",
		 NULL, "9:5000", NULL, 2, false, NULL},
		{"named, and seen by the peer as another one",
		 FOUND "192.0.2.1 5000 typ host\r\n" SRFLX
		       "raddr 192.0.2.1 rport 5000",
		 "9:5000", NULL, "1:5000", "9:5000", 1, false, NULL},
		{"seen as one that nobody named",
		 FOUND "192.0.2.1 5000 typ host", "9:5000", NULL, "1:5000",
		 "9:5000", 1, false, NULL},
		{"as a STUN server saw it", SRFLX "raddr 0.0.0.0 rport 5000",
		 NULL, NULL, "9:5000", NULL, 2, false, "9:5000"},
		{"seen by a STUN server as another one",
		 SRFLX "raddr 0.0.0.0 rport 5000", NULL, NULL, "1:5000", NULL,
		 3, true, "9:5001"},
		{"named, and seen by a STUN server as another one",
		 FOUND "192.0.2.1 5000 typ host\r\n" SRFLX
		       "raddr 192.0.2.1 rport 5000",
		 NULL, NULL, "1:5000", NULL, 1, false, "9:5000"},
	};
	const struct wire_login login =
		WIRE_LOGIN("ub:ua", "", "not-the-one-of-checks-22");
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wire_stun ask = {.type = 1,
					.id = 1,
					.login = &login,
					.priority = 5,
					.controlling = true};
		struct wire_stun tell = {
			.type = 0x0101,
			.id = 1,
			.login = &login,
			.mapped = rows[i].mapped ? rows[i].mapped : "1:5000"};
		struct text lies = text_new(100), valid = text_new(100);
		const struct candidate *c;
		const struct pair *p;
		struct model model;
		struct wire w;

		wire_open(&w);
		if (rows[i].told)
			ask_server(&w, rows[i].told);
		describe(&w, false, rows[i].offer);
		describe(&w, true, FOUND "192.0.2.3 6000 typ host");
		wire_stun(&w, "1:5000", "3:6000", &ask);
		wire_stun(&w, "3:6000", "1:5000", &tell);
		heard_model(&w, NULL, &model);
		wire_close(&w);
		p = list_at(&model.pairs, 0);
		c = candidate_of(&model, p, 0);
		if (candidate_extra_of(&model, c)->host)
			text_puts(&lies, candidate_extra_of(&model, c)->host);
		else
			wire_end_text(end_at(&model, c->endpoint), &lies);
		if (p->valid[0] != CHAIN_END)
			wire_end_text(
				end_at(&model,
				       ((struct candidate *)list_at(
						&model.candidates, p->valid[0]))
					       ->endpoint),
				&valid);
		if (c->type != rows[i].type || c->learned != rows[i].learned ||
		    c->side != SIDE_OFFER ||
		    !slice_is(text_slice(&lies),
			      rows[i].host ? rows[i].host : rows[i].lies) ||
		    !slice_is(text_slice(&valid),
			      rows[i].valid ? rows[i].valid : "")) {
			print_error("%s: type %u at %.*s valid %.*s\n",
				    rows[i].name, c->type, (int)lies.n,
				    (const char *)lies.p, (int)valid.n,
				    (const char *)valid.p);
			wrong++;
		}
		text_free(&lies);
		text_free(&valid);
		model_free(&model);
	}
	assert_int_equal(wrong, 0);
}

/* RFC 6544 4.5: the port of an active candidate is not yet known. */
static void active_candidates_connect_from_any_port(void **state)
{
	struct wire_login login =
		WIRE_LOGIN("ub:ua", "", "not-the-one-of-checks-22");
	struct wire_stun ask = {
		.type = 1, .id = 1, .login = &login, .priority = 77};
	struct wire_tcp connection = {.ends = {"1:40000", "3:6000"}};
	struct text check = text_new(1000), framed = text_new(1000);
	const struct candidate *c;
	struct matrix squares;
	struct model model;
	struct wire w;

	(void)state;
	wire_open(&w);
	describe(&w, false,
		 "a=candidate:1 2 TCP 2105458943 192.0.2.1 9 typ host "
		 "tcptype active");
	describe(&w, true,
		 "a=candidate:1 2 TCP 2105458942 192.0.2.3 6000 typ host "
		 "tcptype passive");
	wire_stun_text(&check, &ask);
	text_putc(&framed, (char)(check.n >> 8));
	text_putc(&framed, (char)(check.n & 0xFF));
	text_put(&framed, text_slice(&check));
	wire_tcp_syn(&w, &connection);
	wire_tcp(&w, &connection, 0, text_slice(&framed));
	text_free(&check);
	text_free(&framed);
	heard_model(&w, NULL, &model);
	wire_close(&w);
	assert_int_equal(model.pairs.count, 1);
	c = candidate_of(&model, list_at(&model.pairs, 0), 0);
	assert_true(c->learned && c->tcp);
	assert_string_equal(candidate_word(c->type), "prflx");
	assert_int_equal(end_at(&model, c->endpoint)->port, 40000);
	assert_int_equal(c->component, 2);
	assert_int_equal(c->priority, 77);
	/* and what was described is not left out */
	squares = matrix_of(&model, list_at(&model.calls, 0));
	assert_int_equal(squares.count, 2);
	for (size_t i = 0; i < squares.count; i++)
		assert_int_equal(squares.cells[i].reason, CELL_CHECKED);
	matrix_free(&squares);
	assert_false(
		candidate_of(&model, list_at(&model.pairs, 0), 1)->learned);
	model_free(&model);
}

static const struct session *session_at(const struct model *model, size_t at)
{
	return list_at(&model->sessions, at);
}

static void history_follows_the_pair(void **state)
{
	static const char *const lines[STORY_MAX] = {
		CALL, "1:5000 3:6000 check 1 controlling",
		"3:6000 1:5000 answer 1",
		"1:5000 3:6000 check 2 controlling nominate",
		"3:6000 1:5000 answer 2"};
	static const enum word want[] = {WORD_IN_PROGRESS, WORD_SUCCEEDED,
					 WORD_NOMINATED};
	const struct change *rows;
	const struct pair *p;
	struct model model;
	uint32_t at;

	(void)state;
	told(&model, lines);
	p = list_at(&model.pairs, 0);
	assert_int_equal(p->history.count, 3);
	rows = model.changes.rows;
	at = p->history.first;
	for (size_t i = 0; i < 3; i++, at = rows[at].next) {
		assert_int_equal(rows[at].to, want[i]);
		assert_int_equal(rows[at].from, i ? want[i - 1] : WORD_NONE);
	}
	assert_int_equal(p->component, 1);
	assert_false(session_at(&model, 0)->aggressive);
	model_free(&model);
}

static void both_in_one_role_is_a_conflict(void **state)
{
	static const char *const lines[STORY_MAX] = {
		CALL,
		"1:5000 3:6000 check 1 controlling",
		"3:6000 1:5000 check 2 controlling back",
		"1:5000 3:6000 denied 2 error=487",
		"3:6000 1:5000 check 3 controlled back",
		"1:5000 3:6000 answer 3"};
	const struct session *x;
	struct model model;

	(void)state;
	told(&model, lines);
	x = session_at(&model, 0);
	assert_string_equal(text_at(&model, x->ufrags[1]), "ua");
	assert_int_equal(x->role[1], ROLE_CONTROLLING);
	assert_int_equal(x->role[0], ROLE_CONTROLLED);
	assert_int_equal(x->role_changes, 1);
	assert_int_equal(place_at(&model, x->conflict).frame, 5);
	model_free(&model);
}

static void the_controlling_agent_makes_it_aggressive(void **state)
{
	static const struct {
		bool want;
		const char *lines[STORY_MAX];
	} rows[] = {
		{true,
		 {"3:6000 1:5000 check 1 controlled back",
		  "1:5000 3:6000 check 2 controlling nominate"}},
		{false,
		 {"3:6000 1:5000 check 1 controlled back",
		  "1:5000 3:6000 check 2 controlling",
		  "1:5000 3:6000 check 3 controlling nominate"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model model;

		told(&model, rows[i].lines);
		assert_int_equal(session_at(&model, 0)->aggressive,
				 rows[i].want);
		model_free(&model);
	}
}

static void new_names_on_the_same_ends_are_a_restart(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"1:5000 3:6000 check 1 controlling",
		"3:6000 1:5000 answer 1",
		"wait 15",
		"1:5000 3:6000 check 2 controlling",
		"3:6000 1:5000 answer 2",
		"wait 15",
		"1:5000 3:6000 check 3 controlling again",
		"3:6000 1:5000 answer 3",
		"1:5002 3:6002 check 4 controlling third",
		"3:6002 1:5002 answer 4"};
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.calls.count, 2);
	assert_int_equal(model.sessions.count, 3);
	assert_int_equal(session_at(&model, 0)->restarts, LIST_NONE);
	assert_int_equal(session_at(&model, 1)->restarts, 0);
	assert_int_equal(session_at(&model, 1)->call, 0);
	assert_int_equal(session_at(&model, 2)->restarts, LIST_NONE);
	model_free(&model);
}

/* What it chose in the end is what the summary names. */
static void the_pair_of_a_restart_is_the_chosen_one(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"1:5000 3:6000 check 1 controlling nominate",
		"3:6000 1:5000 answer 1",
		"wait 15",
		"1:5000 3:6000 check 2 controlling again",
		"3:6000 1:5000 answer 2",
		"1:5000 3:6002 check 3 controlling nominate again",
		"3:6002 1:5000 answer 3"};
	struct model model;
	const struct call *call;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.calls.count, 1);
	call = list_at(&model.calls, 0);
	assert_int_equal(model_restarts(&model, call), 1);
	assert_non_null(strstr(call->stages[STAGE_PROBING].text,
			       ":6002; ICE was restarted"));
	model_free(&model);
}

#define NOMINATED                                           \
	CALL, "1:5000 3:6000 check 1 controlling nominate", \
		"3:6000 1:5000 answer 1"
#define SILENT(id) "wait 6", "1:5000 3:6000 check " #id " controlling"

static void consent_runs_out_in_thirty_seconds(void **state)
{
	static const struct {
		bool lost;
		const char *lines[STORY_MAX];
	} rows[] = {
		{true,
		 {NOMINATED, SILENT(2), SILENT(3), SILENT(4), SILENT(5),
		  "wait 10", "> UPDATE 9"}},
		{false,
		 {NOMINATED, SILENT(2), SILENT(3), SILENT(4), SILENT(5),
		  "3:6000 1:5000 answer 5", "> UPDATE 9"}},
		/* Nobody asked any more: that is no silence. */
		{false, {NOMINATED, SILENT(2), "wait 60", "> UPDATE 9"}},
		/* The peer has hung up. */
		{false,
		 {NOMINATED, "> BYE 7 tag", SILENT(2), SILENT(3), SILENT(4),
		  SILENT(5)}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct pair *p;
		struct model model;
		nanoseconds lost;

		told(&model, rows[i].lines);
		p = list_at(&model.pairs, 0);
		lost = pair_extra_of(&model, p)->consent_lost;
		if ((lost != 0) != rows[i].lost)
			fail_msg("row %zu", i);
		if (rows[i].lost)
			assert_int_equal(lost, p->way[0].heard + 30 * NS_PER_S);
		model_free(&model);
	}
}

static void a_shared_relayed_address_is_not_joined(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"1:5000 2:3478 allocate 1",
		"2:3478 1:5000 granted 1",
		"1:5002 2:3478 allocate 2",
		"2:3478 1:5002 granted 2",
		"> INVITE 1 relay",
		"< 200 1 ice",
		"1:5000 2:3478 send 3:6000 check 3 controlling"};
	const struct allocation *a;
	struct model model;

	(void)state;
	told(&model, lines);
	a = list_at(&model.allocations, 0);
	assert_true(a[0].ambiguous && a[1].ambiguous);
	for (size_t i = 0; i < model.candidates.count; i++)
		assert_int_equal(
			((struct candidate *)list_at(&model.candidates, i))
				->allocation,
			CHAIN_END);
	model_free(&model);
}

static const struct t_case cases[] = {
	{"ends_are_candidates", ends_are_candidates},
	{"each_pair_says_why", each_pair_says_why},
	{"hidden_addresses_are_found", hidden_addresses_are_found},
	{"active_candidates_connect_from_any_port",
	 active_candidates_connect_from_any_port},
	{"history_follows_the_pair", history_follows_the_pair},
	{"both_in_one_role_is_a_conflict", both_in_one_role_is_a_conflict},
	{"the_controlling_agent_makes_it_aggressive",
	 the_controlling_agent_makes_it_aggressive},
	{"new_names_on_the_same_ends_are_a_restart",
	 new_names_on_the_same_ends_are_a_restart},
	{"the_pair_of_a_restart_is_the_chosen_one",
	 the_pair_of_a_restart_is_the_chosen_one},
	{"consent_runs_out_in_thirty_seconds",
	 consent_runs_out_in_thirty_seconds},
	{"a_shared_relayed_address_is_not_joined",
	 a_shared_relayed_address_is_not_joined},
};
T_MAIN(cases)
