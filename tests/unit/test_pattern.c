/* Regular expressions: what fits, what is wrong with one, limits. */
#include "config.h"

#include "core/pattern.h"
#include "tests/support/t.h"

static bool fits(const char *expression, bool nocase, const char *text)
{
	char why[PATTERN_WHY_MAX];
	struct pattern *p;
	bool yes;

	assert_int_equal(
		pattern_new(slice_of_text(expression), nocase, &p, why),
		STATUS_OK);
	yes = pattern_fits(p, slice_of_text(text));
	pattern_free(p);
	return yes;
}

static void expressions_fit_anywhere(void **state)
{
	(void)state;
	assert_true(fits("li.e", false, "sip:alice@lab"));
	assert_false(fits("^alice", false, "sip:alice@lab"));
	assert_false(fits("ALICE", false, "sip:alice@lab"));
	assert_true(fits("ALICE", true, "sip:alice@lab"));
	assert_true(fits("", false, ""));
}

static void wrong_ones_are_explained(void **state)
{
	char why[PATTERN_WHY_MAX] = "";
	struct pattern *p = NULL;

	(void)state;
	assert_int_equal(pattern_new(SLICE("a(b"), false, &p, why), STATUS_BAD);
	assert_non_null(strstr(why, "parenthesis"));
	assert_non_null(strstr(why, "at character 4"));
	assert_null(p);
}

static void endless_ones_give_up(void **state)
{
	char text[64];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	assert_false(fits("^(a+)+$(?<!a)b", false, text));
}

static const struct t_case cases[] = {
	{"expressions_fit_anywhere", expressions_fit_anywhere},
	{"wrong_ones_are_explained", wrong_ones_are_explained},
	{"endless_ones_give_up", endless_ones_give_up},
};
T_MAIN(cases)
