/*
 * From messages to evidence: what the model holds of registrations,
 * allocations, dialogs and pairs after a short story.
 */
#include "config.h"

#include "flow/stages_state.h"
#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

static void told(struct model *model, struct keyring *keys,
		 const char *const lines[STORY_MAX])
{
	struct wire w;

	story(&w, lines);
	heard_model(&w, keys, model);
	wire_close(&w);
}

#define ASK "1:5000 2:3478 allocate 1"
#define CHALLENGE "2:3478 1:5000 refused 1 error=401"
#define ASK_AGAIN "1:5000 2:3478 allocate 2 auth"
#define GRANT "2:3478 1:5000 granted 2 auth"

static void registration_keeps_its_answers(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> REGISTER 1", "> REGISTER 1", "< 401 1 REGISTER",
		"> REGISTER 2 auth", "< 200 2 REGISTER expires=600"};
	const struct registration *r;
	struct model model;

	(void)state;
	told(&model, NULL, lines);
	assert_int_equal(model.registrations.count, 1);
	r = list_at(&model.registrations, 0);
	assert_string_equal(r->aor, "sip:alice@example.org");
	assert_string_equal(r->scheme, "Digest");
	assert_int_equal(r->requests, 3);
	assert_int_equal(r->unanswered, 0);
	assert_int_equal(r->attempt_count, 2);
	assert_int_equal(r->attempts[0].status, 401);
	assert_false(r->attempts[0].authenticated);
	assert_int_equal(r->attempts[1].status, 200);
	assert_true(r->attempts[1].authenticated);
	assert_int_equal(r->expires, 600);
	assert_int_equal(place_at(&model, r->request).frame, 4);
	assert_int_equal(place_at(&model, r->answer).frame, 5);
	model_free(&model);
}

static void digest_is_held_against_the_given_password(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> REGISTER 1 auth", "> REGISTER 2 wrong", "> REGISTER 3 wrong",
		"< 403 3 REGISTER"};
	struct keyring *keys = keyring_new();
	const struct registration *r;
	struct model model;

	(void)state;
	told(&model, NULL, lines);
	r = list_at(&model.registrations, 0);
	assert_int_equal(r->digests_verified + r->digests_wrong, 0);
	model_free(&model);
	keyring_add_credential(keys, SLICE("alice"), SLICE("example.org"),
			       SLICE("wonderland"));
	told(&model, keys, lines);
	r = list_at(&model.registrations, 0);
	assert_int_equal(r->digests_verified, 1);
	assert_int_equal(r->digests_wrong, 2);
	model_free(&model);
	keyring_free(keys);
}

static void allocation_is_known_by_its_client(void **state)
{
	static const char *const lines[STORY_MAX] = {
		ASK,
		"2:3478 1:5000 refused 1 error=401 other=7:3478",
		"1:5000 7:3478 allocate 2 auth",
		"7:3478 1:5000 granted 2 auth",
		"1:5000 7:3478 refresh 3 auth lifetime=300",
		"7:3478 1:5000 refreshed 3 auth lifetime=300",
		"1:5000 7:3478 refresh 4 auth lifetime=0",
		"7:3478 1:5000 refreshed 4 auth lifetime=0"};
	struct endpoint relayed = wire_end("9:50000");
	struct keyring *keys = keyring_new();
	const struct allocation *a;
	struct model model;

	(void)state;
	keyring_add_credential(keys, SLICE("alice"), SLICE("example.org"),
			       SLICE("wonderland"));
	told(&model, keys, lines);
	assert_int_equal(model.allocations.count, 1);
	a = list_at(&model.allocations, 0);
	assert_int_equal(a->state, STATE_OK);
	assert_true(endpoint_equal(end_at(&model, a->relayed), &relayed));
	assert_int_equal(a->error_count, 1);
	assert_int_equal(a->errors[0], 401);
	assert_int_equal(a->error_after_credentials, 0);
	assert_true(a->released);
	assert_int_equal(a->integrity.verified, 6);
	assert_int_equal(a->integrity.bad, 0);
	assert_int_equal(place_at(&model, a->granted).frame, 4);
	assert_int_not_equal(a->token, LIST_NONE);
	model_free(&model);
	keyring_free(keys);
}

/* Nothing tells where the relay sent it from: surely not from the client. */
static void a_relay_without_grant_has_no_address(void **state)
{
	static const struct {
		const char *at;
		const char *lines[STORY_MAX];
	} rows[] = {
		{NULL,
		 {"1:5000 2:3478 send 3:6000 check 1",
		  "1:5000 2:3478 send 3:6000 check 2"}},
		/* The description has one relay: it is that. */
		{"9:50000",
		 {"> INVITE 1 relay", "< 200 1 INVITE ice",
		  "1:5000 2:3478 send 3:6000 check 1",
		  "1:5000 2:3478 send 3:6000 check 2"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint want = {0}, peer = wire_end("3:6000");
		const struct candidate *c;
		const struct pair *p;
		struct model model;

		if (rows[i].at)
			want = wire_end(rows[i].at);
		told(&model, NULL, rows[i].lines);
		assert_int_equal(model.pairs.count, 1);
		p = list_at(&model.pairs, 0);
		assert_true(endpoint_equal(end_at(&model, p->a), &want));
		assert_true(endpoint_equal(end_at(&model, p->b), &peer));
		c = list_at(&model.candidates, p->candidates[0]);
		assert_true(endpoint_equal(end_at(&model, c->endpoint), &want));
		assert_int_equal(c->type, 4);
		for (size_t k = 0; k < model.paths.count; k++)
			assert_int_not_equal(
				((struct path *)list_at(&model.paths, k))
					->purpose,
				PATH_CHECK);
		model_free(&model);
	}
}

/* Which messages of an INVITE are new, again, or copies. */
static void repetition_and_copies_are_told_apart(void **state)
{
	static const struct {
		unsigned invites, retransmissions;
		const char *lines[STORY_MAX];
	} rows[] = {
		{1, 0, {"> INVITE 1 plain"}},
		{1,
		 2,
		 {"> INVITE 1 plain", "> INVITE 1 plain", "> INVITE 1 plain"}},
		{2, 0, {"> INVITE 1 plain", "> INVITE 1 plain hop"}},
		{2,
		 0,
		 {"> INVITE 1 plain", "< 407 1", "> ACK 1 tag",
		  "> INVITE 2 auth plain"}},
		{1,
		 0,
		 {"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag",
		  "> INVITE 2 plain tag", "< 200 2 plain"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct dialog *d;
		struct model model;

		told(&model, NULL, rows[i].lines);
		assert_int_equal(model.dialogs.count, 1);
		d = list_at(&model.dialogs, 0);
		if (d->invites != rows[i].invites ||
		    d->retransmissions != rows[i].retransmissions)
			fail_msg("row %zu: %u invites, %u again", i, d->invites,
				 d->retransmissions);
		model_free(&model);
	}
}

/* Two datagrams, 10 ms apart, and what a mirror port shows of them later. */
static void copies_may_come_between(void **state)
{
	static const struct {
		int64_t ms;
		uint8_t datagram;
		bool counts;
	} rows[] = {
		{0, 7, true},    {10, 8, true},   {45, 7, false},
		{55, 8, false},  {500, 9, true},  {545, 9, false},
		{1000, 7, true}, {1070, 7, true},
	};
	struct sighting seen = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct origin from = {.time = rows[i].ms * NS_PER_MS,
				      .datagram = rows[i].datagram};

		if (sighting_note(&seen, &from) != rows[i].counts)
			fail_msg("at %d ms", (int)rows[i].ms);
	}
	assert_int_equal(seen.count, 5);
}

static void checks_through_the_relay_are_a_pair_of_it(void **state)
{
	static const char *const lines[STORY_MAX] = {
		ASK,
		CHALLENGE,
		ASK_AGAIN,
		GRANT,
		"> INVITE 1 relay",
		"< 200 1 ice",
		"> ACK 1 tag",
		"1:5000 2:3478 send 3:6000 check 1 controlling nominate",
		"2:3478 1:5000 data 3:6000 answer 1"};
	struct endpoint relayed = wire_end("9:50000");
	struct endpoint peer = wire_end("3:6000");
	const struct pair *p;
	struct model model;

	(void)state;
	told(&model, NULL, lines);
	assert_int_equal(model.pairs.count, 1);
	p = list_at(&model.pairs, 0);
	assert_true(endpoint_equal(end_at(&model, p->a), &relayed));
	assert_true(endpoint_equal(end_at(&model, p->b), &peer));
	assert_true(p->relayed && p->selected);
	assert_string_equal(candidate_word(p->types[0]), "relay");
	assert_string_equal(candidate_word(p->types[1]), "host");
	assert_int_equal(p->integrity.verified, 2);
	assert_int_equal(p->way[0].requests, 1);
	assert_int_equal(p->way[0].nominated, 1);
	assert_int_equal(p->way[0].rtt, WIRE_STEP);
	model_free(&model);
}

static const struct t_case cases[] = {
	{"registration_keeps_its_answers", registration_keeps_its_answers},
	{"digest_is_held_against_the_given_password",
	 digest_is_held_against_the_given_password},
	{"allocation_is_known_by_its_client",
	 allocation_is_known_by_its_client},
	{"a_relay_without_grant_has_no_address",
	 a_relay_without_grant_has_no_address},
	{"repetition_and_copies_are_told_apart",
	 repetition_and_copies_are_told_apart},
	{"copies_may_come_between", copies_may_come_between},
	{"checks_through_the_relay_are_a_pair_of_it",
	 checks_through_the_relay_are_a_pair_of_it},
};
T_MAIN(cases)
