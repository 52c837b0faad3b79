/*
 * How sure a verdict is, and what it says of the legs behind the first.
 */
#include "config.h"

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

static void what_decides_is_in_the_capture_or_concluded(void **state)
{
	static const struct {
		const char *want;
		const char *lines[STORY_MAX];
	} rows[] = {
		{"established proved",
		 {"> INVITE 1 plain", "< 200 1 plain", "> ACK 1 tag"}},
		{"established likely",
		 {"> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag"}},
		{"established proved",
		 {"> INVITE 1 ice", "< 200 1 ice", "> ACK 1 tag",
		  "1:5000 3:6000 check 1 controlling nominate",
		  "3:6000 1:5000 answer 1"}},
		{"established likely", {"> INVITE 2 tag plain"}},
		{"rejected proved", {"> INVITE 1 plain", "< 486 1"}},
		{"cancelled proved", {"> INVITE 1", "> CANCEL 1"}},
		{"unanswered proved",
		 {"> INVITE 1", "> INVITE 1", "> INVITE 1"}},
		{"failed proved",
		 {"> INVITE 1", "< 407 1", "> INVITE 2 auth", "< 407 2"}},
		{"failed likely",
		 {"> INVITE 1", "< 407 1", "> ACK 1 tag", "wait 5",
		  "> INVITE 1 call=other"}},
		{"in-progress likely", {"> INVITE 1", "< 180 1"}},
		{"in-progress likely", {"> INVITE 1"}},
		{"in-progress guess",
		 {"> INVITE 1", "wait 60", "> INVITE 1 call=other"}},
		{"failed proved", {"> REGISTER 1", "< 403 1 REGISTER"}},
		{"unknown guess", {"> REGISTER 1"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct call *call;
		struct model model;
		char got[80];

		told(&model, rows[i].lines);
		call = list_at(&model.calls, 0);
		snprintf(got, sizeof(got), "%s %s", outcome_name(call->outcome),
			 confidence_name((enum confidence)call->confidence));
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("row %zu: got %s, want %s", i, got,
				 rows[i].want);
		model_free(&model);
	}
}

/* A B2BUA that says only that it failed: the leg behind it says why. */
static void a_later_leg_explains(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> INVITE 1 call=a",
		"> INVITE 1 hop call=b for=carol with=X-CID:a",
		"< 486 1 hop call=b for=carol", "< 500 1 call=a"};
	const struct call *call;
	struct model model;
	const char *text;

	(void)state;
	told(&model, lines);
	assert_int_equal(model.calls.count, 1);
	call = list_at(&model.calls, 0);
	assert_int_equal(call->outcome, OUTCOME_FAILED);
	assert_int_equal(call->stopped, STAGE_EXCHANGE);
	text = call->stages[STAGE_EXCHANGE].text;
	assert_non_null(strstr(text, "ended by 500"));
	assert_non_null(strstr(text, "leg 2 to sip:carol@example.org (x-cid): "
				     "ended by 486 Busy Here"));
	assert_non_null(strstr(call->text, "486"));
	model_free(&model);
}

/* The first leg is answered: so is the call. */
static void the_first_leg_decides(void **state)
{
	static const char *const lines[STORY_MAX] = {
		"> INVITE 1 call=a", "< 200 1 call=a", "> ACK 1 call=a tag",
		"> INVITE 1 hop call=b for=carol with=X-CID:a",
		"< 404 1 hop call=b for=carol"};
	const struct call *call;
	struct model model;

	(void)state;
	told(&model, lines);
	call = list_at(&model.calls, 0);
	assert_int_equal(call->outcome, OUTCOME_ESTABLISHED);
	assert_non_null(
		strstr(call->stages[STAGE_EXCHANGE].text, "ended by 404"));
	assert_int_equal(
		place_at(&model, call->stages[STAGE_EXCHANGE].cited.last).frame,
		5);
	model_free(&model);
}

static const struct t_case cases[] = {
	{"what_decides_is_in_the_capture_or_concluded",
	 what_decides_is_in_the_capture_or_concluded},
	{"a_later_leg_explains", a_later_leg_explains},
	{"the_first_leg_decides", the_first_leg_decides},
};
T_MAIN(cases)
