/*
 * The life of an allocation: what its history says, whom it lets through and
 * until when, and what its messages prove.
 */
#include "config.h"

#include "tests/support/heard.h"
#include "tests/support/story.h"
#include "tests/support/t.h"

#define ASK "1:5000 2:3478 allocate 1"
#define CHALLENGE "2:3478 1:5000 refused 1 error=401"
#define ASK_AGAIN "1:5000 2:3478 allocate 2 auth"
#define GRANT "2:3478 1:5000 granted 2 auth"
#define BEGIN ASK, CHALLENGE, ASK_AGAIN, GRANT

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

/* "requested, challenged 401, ok": each row and its value. */
static void history_text(const struct model *model, const struct chain *chain,
			 struct text *to)
{
	const struct change *rows = model->changes.rows;
	uint32_t at = chain->count ? chain->first : CHAIN_END;

	for (; at != CHAIN_END; at = rows[at].next) {
		text_printf(to, "%s%s", to->n ? ", " : "",
			    word_text((enum word)rows[at].to));
		if (rows[at].value)
			text_printf(to, " %u", rows[at].value);
	}
	text_putc(to, '\0');
}

struct row {
	const char *name, *want;
	const char *lines[STORY_MAX];
};

/* The one row of these with a second allocation. */
#define LEFT_BEHIND 3u

static void history_tells_the_whole_life(void **state)
{
	static const struct row rows[] = {
		{"granted", "requested, challenged 401, ok 600", {BEGIN}},
		{"refreshed twice and released",
		 "requested, challenged 401, ok 600, refreshed 300, refreshed "
		 "300, released",
		 {BEGIN, "1:5000 2:3478 refresh 3 auth lifetime=300",
		  "2:3478 1:5000 refreshed 3 auth lifetime=300",
		  "1:5000 2:3478 refresh 4 auth lifetime=300",
		  "2:3478 1:5000 refreshed 4 auth lifetime=300",
		  "1:5000 2:3478 refresh 5 auth lifetime=0",
		  "2:3478 1:5000 refreshed 5 auth lifetime=0"}},
		{"sent to another server",
		 "requested, redirected, ok 600",
		 {ASK, "2:3478 1:5000 refused 1 error=300 other=7:3478",
		  "1:5000 7:3478 allocate 2 auth",
		  "7:3478 1:5000 granted 2 auth"}},
		{"sent to another server, asked from another port",
		 "requested, redirected, failed 300",
		 {ASK, "2:3478 1:5000 refused 1 error=300 other=7:3478",
		  "1:5002 7:3478 allocate 2 auth", "7:3478 1:5002 granted 2"}},
		{"moved with its client (RFC 8016)",
		 "requested, challenged 401, ok 600, moved, refreshed 600, "
		 "refreshed 600",
		 {ASK, CHALLENGE, ASK_AGAIN,
		  "2:3478 1:5000 granted 2 auth ticket=first",
		  "4:6000 2:3478 refresh 3 auth ticket=first",
		  "2:3478 4:6000 refreshed 3 auth ticket=second lifetime=600",
		  "4:6000 2:3478 refresh 4 auth ticket=second",
		  "2:3478 4:6000 refreshed 4 auth ticket=third "
		  "lifetime=600"}},
		{"a connection for data (RFC 6062) is none",
		 "requested, challenged 401, ok 600",
		 {BEGIN, "1:6000 2:3478 bind 3 auth", "2:3478 1:6000 tied 3"}},
		{"refused",
		 "requested, challenged 401, failed 486",
		 {ASK, CHALLENGE, ASK_AGAIN,
		  "2:3478 1:5000 refused 2 error=486"}},
		{"the server forgot it",
		 "requested, challenged 401, ok 600, lost 437",
		 {BEGIN, "1:5000 2:3478 refresh 3 auth",
		  "2:3478 1:5000 stale 3 error=437"}},
		{"ran out while the capture went on",
		 "requested, challenged 401, ok 600, expired",
		 {BEGIN, "wait 700", "> INVITE 1 plain"}},
		{"known from its middle only",
		 "refreshed 300",
		 {"1:5000 2:3478 refresh 3 auth",
		  "2:3478 1:5000 refreshed 3 auth lifetime=300"}},
		{"asked three times, never answered",
		 "requested, failed",
		 {ASK, "wait 1", ASK, "wait 1", ASK}},
		{"asked twice: nobody knows",
		 "requested",
		 {ASK, "wait 1", ASK}},
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct text text = text_new(1000);
		const struct allocation *a;
		struct model model;

		told(&model, rows[i].lines);
		assert_in_range(model.allocations.count, 1,
				1 + (i == LEFT_BEHIND));
		a = list_at(&model.allocations, 0);
		history_text(&model, &a->history, &text);
		if (strcmp((const char *)text.p, rows[i].want) != 0) {
			print_error("%s\n got  %s\n want %s\n", rows[i].name,
				    (const char *)text.p, rows[i].want);
			wrong++;
		}
		text_free(&text);
		model_free(&model);
	}
	assert_int_equal(wrong, 0);
}

static void after_its_end_a_new_one_begins(void **state)
{
	static const char *const ends[][2] = {
		{"1:5000 2:3478 refresh 3 auth lifetime=0",
		 "2:3478 1:5000 refreshed 3 auth lifetime=0"},
		{"1:5000 2:3478 refresh 3 auth",
		 "2:3478 1:5000 stale 3 error=437"},
		{"wait 700", "wait 1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const char *const lines[STORY_MAX] = {
			BEGIN, ends[i][0], ends[i][1],
			"1:5000 2:3478 allocate 6 auth",
			"2:3478 1:5000 granted 6 auth"};
		const struct allocation *a;
		struct model model;

		told(&model, lines);
		assert_int_equal(model.allocations.count, 2);
		a = list_at(&model.allocations, 1);
		assert_int_equal(a->state, STATE_OK);
		assert_int_equal(a->allocates, 1);
		model_free(&model);
	}
}

static const struct opening *opening_at(const struct model *model, size_t at)
{
	return list_at(&model->openings, at);
}

static nanoseconds life(const struct model *m, const struct opening *o)
{
	return (o->to - place_time(m, o->granted)) / NS_PER_S;
}

static void permissions_last_five_minutes_and_are_renewed(void **state)
{
	static const char *const lines[STORY_MAX] = {
		BEGIN,
		"1:5000 2:3478 permit 3 auth peer=3:6000",
		"2:3478 1:5000 permitted 3 auth",
		"wait 240",
		"1:5000 2:3478 permit 4 auth peer=3:7000",
		"2:3478 1:5000 permitted 4 auth",
		"1:5000 2:3478 permit 5 auth peer=4:6000",
		"2:3478 1:5000 stale 5 auth error=403"};
	struct endpoint peer = wire_end("3:0");
	const struct allocation *a;
	struct model model;

	(void)state;
	told(&model, lines);
	a = list_at(&model.allocations, 0);
	assert_int_equal(a->openings.count, 1);
	assert_true(endpoint_equal(end_at(&model, opening_at(&model, 0)->peer),
				   &peer));
	assert_int_equal(opening_at(&model, 0)->channel, 0);
	assert_int_equal(place_at(&model, opening_at(&model, 0)->granted).frame,
			 6);
	assert_int_equal(life(&model, opening_at(&model, 0)), 540);
	model_free(&model);
}

static void one_that_ran_out_is_another_one(void **state)
{
	static const char *const lines[STORY_MAX] = {
		BEGIN,
		"1:5000 2:3478 permit 3 auth peer=3:6000",
		"2:3478 1:5000 permitted 3 auth",
		"wait 400",
		"1:5000 2:3478 permit 4 auth peer=3:6000",
		"2:3478 1:5000 permitted 4 auth"};
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.openings.count, 2);
	assert_int_equal(life(&model, opening_at(&model, 0)), 300);
	/* The allocation itself ends before the second does. */
	assert_int_equal(life(&model, opening_at(&model, 1)), 199);
	model_free(&model);
}

static void channels_last_ten_minutes_and_permit(void **state)
{
	static const char *const lines[STORY_MAX] = {
		BEGIN, "1:5000 2:3478 open 3 auth peer=3:6000 channel=16384",
		"2:3478 1:5000 opened 3 auth",
		"1:5000 2:3478 refresh 4 auth lifetime=3600",
		"2:3478 1:5000 refreshed 4 auth lifetime=3600"};
	struct endpoint peer = wire_end("3:6000");
	const struct opening *o;
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.openings.count, 2);
	o = opening_at(&model, 0);
	assert_int_equal(o->channel, 16384);
	assert_true(endpoint_equal(end_at(&model, o->peer), &peer));
	assert_int_equal(life(&model, o), 600);
	o = opening_at(&model, 1);
	assert_int_equal(o->channel, 0);
	assert_int_equal(end_at(&model, o->peer)->port, 0);
	assert_int_equal(life(&model, o), 300);
	model_free(&model);
}

static void its_end_ends_what_it_let_through(void **state)
{
	static const char *const lines[STORY_MAX] = {
		BEGIN,
		"1:5000 2:3478 permit 3 auth peer=3:6000",
		"2:3478 1:5000 permitted 3 auth",
		"wait 10",
		"1:5000 2:3478 refresh 4 auth lifetime=0",
		"2:3478 1:5000 refreshed 4 auth lifetime=0"};
	struct model model;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.openings.count, 1);
	assert_int_equal(life(&model, opening_at(&model, 0)), 10);
	model_free(&model);
}

static void a_request_may_permit_several(void **state)
{
	static const char *const lines[STORY_MAX] = {
		BEGIN, "1:5000 2:3478 permit 3 auth peer=3:6000 also=4:6000",
		"2:3478 1:5000 permitted 3 auth"};
	struct endpoint other = wire_end("4:0");
	const struct allocation *a;
	struct model model;

	(void)state;
	told(&model, lines);
	a = list_at(&model.allocations, 0);
	assert_int_equal(a->openings.count, 2);
	assert_true(endpoint_equal(end_at(&model, opening_at(&model, 1)->peer),
				   &other));
	model_free(&model);
}

/* Every message counts once, what nobody signs as well. */
static void integrity_is_counted_in_five_values(void **state)
{
	static const char *const lines[STORY_MAX] = {
		BEGIN, "1:5000 2:3478 send 3:6000 check 5 controlling",
		"2:3478 1:5000 data 3:6000 answer 5",
		"1:5000 2:3478 refresh 6 auth user=bob",
		"2:3478 1:5000 refreshed 6"};
	const struct integrity_counts *n;
	struct model model;

	(void)state;
	told(&model, lines);
	n = &((struct allocation *)list_at(&model.allocations, 0))->integrity;
	assert_int_equal(n->verified, 2);
	assert_int_equal(n->bad + n->no_key_fits, 0);
	assert_int_equal(n->unchecked, 1);
	assert_int_equal(n->absent, 5);
	model_free(&model);
}

static void dialects_have_three_names(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"1:5000 2:3478 allocate 1", "turn"},
		{"1:5000 2:3478 allocate 1 ms", "ms-turn"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct allocation *a;
		struct model model;

		told(&model, (const char *const[STORY_MAX]){rows[i].line});
		a = list_at(&model.allocations, 0);
		assert_string_equal(a->dialect, rows[i].want);
		assert_string_equal(a->transport, "udp");
		model_free(&model);
	}
}

static const struct t_case cases[] = {
	{"history_tells_the_whole_life", history_tells_the_whole_life},
	{"after_its_end_a_new_one_begins", after_its_end_a_new_one_begins},
	{"permissions_last_five_minutes_and_are_renewed",
	 permissions_last_five_minutes_and_are_renewed},
	{"one_that_ran_out_is_another_one", one_that_ran_out_is_another_one},
	{"channels_last_ten_minutes_and_permit",
	 channels_last_ten_minutes_and_permit},
	{"its_end_ends_what_it_let_through", its_end_ends_what_it_let_through},
	{"a_request_may_permit_several", a_request_may_permit_several},
	{"integrity_is_counted_in_five_values",
	 integrity_is_counted_in_five_values},
	{"dialects_have_three_names", dialects_have_three_names},
};
T_MAIN(cases)
