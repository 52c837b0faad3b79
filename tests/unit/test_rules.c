/* The tables of rules hold together. */
#include "config.h"

#include <string.h>

#include "tests/support/t.h"
#include "validate/rules.h"

/* Those that an enum rule_id names, and what they must be. */
static const struct {
	enum rule_id id;
	const char *name;
} named[] = {
	{RULE_REGISTRATION_WRONG_CREDENTIALS, "registration/wrong-credentials"},
	{RULE_REGISTRATION_LOST, "registration/refresh-refused"},
	{RULE_TOKEN_REFUSED, "token/refused"},
	{RULE_TOKEN_EXPIRED, "token/expired"},
	{RULE_GATHERING_LOST, "gathering/allocation-lost"},
	{RULE_EXCHANGE_UNANSWERED, "exchange/invite-unanswered"},
	{RULE_EXCHANGE_LOOP, "exchange/loop"},
	{RULE_PROBING_NO_PAIR, "probing/no-pair"},
	{RULE_PROBING_INTEGRITY, "probing/integrity-wrong"},
	{RULE_MEDIA_NONE, "media/none"},
	{RULE_MEDIA_DTLS_FAILED, "media/dtls-failed"},
	{RULE_CAPTURE_HOLES, "capture/tcp-holes"},
	{RULE_CAPTURE_CUT, "capture/snap-length"},
};

static void numbers_lead_to_their_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		assert_string_equal(rule_at(named[i].id)->id, named[i].name);
}

static bool is_of_stage(const struct rule *r)
{
	const char *stage = stage_name(r->stage);
	size_t n = strlen(stage);

	return strncmp(r->id, stage, n) == 0 && r->id[n] == '/' && r->id[n + 1];
}

static void rows_are_whole(void **state)
{
	const struct rule *r;

	(void)state;
	for (size_t i = 0; (r = rules_at(i)); i++) {
		size_t n = r->title ? strlen(r->title) : 0;

		if (!is_of_stage(r) || n == 0 || r->title[n - 1] == '.' ||
		    !r->source || !r->source[0] ||
		    (r->severity == SEVERITY_ERROR && !r->remedy))
			fail_msg("%s is not whole", r->id);
	}
}

static void ids_are_unique(void **state)
{
	const struct rule *a, *b;

	(void)state;
	for (size_t i = 0; (a = rules_at(i)); i++)
		for (size_t k = 0; k < i && (b = rules_at(k)); k++)
			if (strcmp(a->id, b->id) == 0)
				fail_msg("%s stands twice", a->id);
}

static void there_are_enough(void **state)
{
	size_t checked = 0;
	const struct rule *r;

	(void)state;
	for (size_t i = 0; (r = rules_at(i)); i++)
		checked += r->stage != STAGE_CAPTURE;
	assert_true(checked >= 60);
}

static const struct t_case cases[] = {
	{"numbers_lead_to_their_rows", numbers_lead_to_their_rows},
	{"rows_are_whole", rows_are_whole},
	{"ids_are_unique", ids_are_unique},
	{"there_are_enough", there_are_enough},
};
T_MAIN(cases)
