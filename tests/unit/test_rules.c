/* The tables of rules hold together. */
#include "config.h"

#include <string.h>

#include "tests/support/t.h"
#include "validate/patterns.h"
#include "validate/verdict_state.h"
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
	{RULE_GATHERING_TOO_LATE, "gathering/refreshed-too-late"},
	{RULE_GATHERING_GONE, "gathering/allocation-gone"},
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

static bool is_in_table(const struct pattern *p, const char *rule)
{
	for (; p->id; p++)
		for (size_t i = 0; i < TERMS_MAX && p->terms[i].kind; i++)
			if (p->terms[i].kind == TERM_FOUND &&
			    strcmp(p->terms[i].text, rule) == 0)
				return true;
	return false;
}

static bool is_in_catalogue(const char *rule)
{
	for (size_t n = 0; n < PATTERN_TABLES; n++)
		if (is_in_table(pattern_tables[n], rule))
			return true;
	return false;
}

/* What may end a stage is an error that has no check: a stage blames it. */
static void failures_have_headlines(void **state)
{
	const struct rule *r;

	(void)state;
	for (size_t i = 0; (r = rules_at(i)); i++)
		if (!r->check && r->severity == SEVERITY_ERROR &&
		    r->stage != STAGE_CAPTURE && r->stage != STAGE_ENGINE &&
		    !is_in_catalogue(r->id))
			fail_msg("%s is in no pattern", r->id);
}

/* All of them, and the first of a table has words of its own. */
static void patterns_have_words(void **state)
{
	size_t count = 0;

	(void)state;
	for (size_t n = 0; n < PATTERN_TABLES; n++) {
		assert_non_null(pattern_tables[n]->headline);
		for (const struct pattern *p = pattern_tables[n]; p->id; p++) {
			assert_int_not_equal(p->terms[0].kind, TERM_NONE);
			if (p->headline)
				assert_true(p->remedy && p->source &&
					    p->helper);
			else
				assert_string_equal(p->id, (p - 1)->id);
			count++;
		}
	}
	assert_in_range(count, 150, PATTERNS_MAX);
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
	{"failures_have_headlines", failures_have_headlines},
	{"patterns_have_words", patterns_have_words},
	{"there_are_enough", there_are_enough},
};
T_MAIN(cases)
