/*
 * When calls and registrations are over, and by what: each story has an end,
 * and none a while before it.
 */
#include "config.h"

#include "model/ending.h"
#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

#define ALLOCATED                                                        \
	"1:5000 2:3478 allocate 1", "2:3478 1:5000 refused 1 error=401", \
		"1:5000 2:3478 allocate 2 auth",                         \
		"2:3478 1:5000 granted 2 auth"
#define CHECKED \
	"1:5000 3:6000 check 1 controlling nominate", "3:6000 1:5000 answer 1"
#define UNANSWERED(id) "wait 6", "1:5000 3:6000 check " #id " controlling"
#define REGISTERED "> REGISTER 1 expires=60", "< 200 1 REGISTER expires=60"

struct row {
	const char *want;  /* at its end; NULL: it goes on */
	nanoseconds after; /* what was seen last */
	const char *lines[STORY_MAX];
};

static void told(struct model *model, const char *const lines[STORY_MAX])
{
	struct keyring *keys = keyring_new();
	struct wire w;

	keyring_add_credential(keys, SLICE("alice"), SLICE("example.org"),
			       SLICE("wonderland"));
	story(&w, lines);
	heard_model(&w, keys, model);
	wire_close(&w);
	keyring_free(keys);
}

static void assert_ending(const struct row *row, size_t number,
			  enum ending ending)
{
	const char *name = ending_name(ending);

	if (!name != !row->want || (name && strcmp(name, row->want) != 0))
		fail_msg("row %zu: %s", number, name ? name : "goes on");
}

static void calls_end(void **state)
{
	static const struct row rows[] = {
		{NULL, 0, {"> INVITE 1", "< 180 1"}},
		{NULL, NS_PER_S, {"> INVITE 1", "< 200 1", "> ACK 1 tag"}},
		{"hung-up",
		 0,
		 {"> INVITE 1", "< 200 1", "> ACK 1 tag", "> BYE 2 tag",
		  "< 200 2"}},
		{"refused", 0, {"> INVITE 1", "< 486 1", "> ACK 1 tag"}},
		{"silent",
		 3601 * NS_PER_S,
		 {"> INVITE 1", "< 200 1", "> ACK 1 tag"}},
		/* ICE without signalling */
		{NULL, 0, {CHECKED}},
		{NULL, 30 * NS_PER_S, {CHECKED}},
		{"silent", 61 * NS_PER_S, {CHECKED}},
		{"consent-lost",
		 0,
		 {CHECKED, UNANSWERED(2), UNANSWERED(3), UNANSWERED(4),
		  UNANSWERED(5), UNANSWERED(6), UNANSWERED(7)}},
		/* Attempts: what was allocated, and no call came */
		{NULL, 0, {ALLOCATED}},
		{NULL, 500 * NS_PER_S, {ALLOCATED}},
		{"expired", 700 * NS_PER_S, {ALLOCATED}},
		{"released",
		 0,
		 {ALLOCATED, "1:5000 2:3478 refresh 3 auth lifetime=0",
		  "2:3478 1:5000 refreshed 3 auth lifetime=0"}},
		{NULL,
		 0,
		 {"1:5000 2:3478 allocate 1",
		  "2:3478 1:5000 refused 1 error=401"}},
		{"silent",
		 61 * NS_PER_S,
		 {"1:5000 2:3478 allocate 1",
		  "2:3478 1:5000 refused 1 error=401"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct call *call;
		struct model m;

		told(&m, rows[i].lines);
		if (m.calls.count != 1)
			fail_msg("row %zu: %zu calls", i, m.calls.count);
		call = list_at(&m.calls, 0);
		assert_ending(
			&rows[i], i,
			call_ending(&m, call, m.last_time + rows[i].after));
		model_free(&m);
	}
}

static void registrations_end(void **state)
{
	static const struct row rows[] = {
		{NULL, 0, {REGISTERED}},
		{NULL, 59 * NS_PER_S, {REGISTERED}},
		{"expired", 61 * NS_PER_S, {REGISTERED}},
		{NULL,
		 50 * NS_PER_S,
		 {REGISTERED, "wait 50", "> REGISTER 2 expires=60",
		  "< 200 2 REGISTER expires=60"}},
		{"removed",
		 0,
		 {REGISTERED, "> REGISTER 2 expires=0", "< 200 2 REGISTER"}},
		/* It registers again. */
		{NULL,
		 0,
		 {REGISTERED, "> REGISTER 2 expires=0", "< 200 2 REGISTER",
		  "> REGISTER 3 expires=60", "< 200 3 REGISTER expires=60"}},
		{"lost",
		 0,
		 {REGISTERED, "wait 50", "> REGISTER 2 expires=60",
		  "< 403 2 REGISTER"}},
		{NULL, 0, {"> REGISTER 1 expires=60", "< 403 1 REGISTER"}},
		{"silent",
		 61 * NS_PER_S,
		 {"> REGISTER 1 expires=60", "< 403 1 REGISTER"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m;

		told(&m, rows[i].lines);
		assert_int_equal(m.registrations.count, 1);
		assert_ending(&rows[i], i,
			      registration_ending(&m,
						  list_at(&m.registrations, 0),
						  m.last_time + rows[i].after));
		model_free(&m);
	}
}

static void every_ending_has_a_name(void **state)
{
	(void)state;
	assert_null(ending_name(ENDING_NONE));
	for (int i = ENDING_NONE + 1; i <= ENDING_GONE; i++)
		assert_non_null(ending_name((enum ending)i));
}

static const struct t_case cases[] = {
	{"calls_end", calls_end},
	{"registrations_end", registrations_end},
	{"every_ending_has_a_name", every_ending_has_a_name},
};
T_MAIN(cases)
