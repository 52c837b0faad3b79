/* Fields on their way to a listener; the names of the small enumerations. */
#include "config.h"

#include "core/fields.h"
#include "core/finding.h"
#include "tests/support/t.h"

struct taken {
	struct field list[16];
	size_t count;
};

static void take(void *context, const struct field *field)
{
	struct taken *t = context;

	assert_true(t->count < 16);
	t->list[t->count++] = *field;
}

static void each_kind_arrives(void **state)
{
	struct endpoint e = endpoint_of(SLICE("\x01\x02\x03\x04"), 5);
	struct taken t = {.count = 0};
	struct field_sink sink = {&t, take};

	(void)state;
	field_number(&sink, "number", 42);
	field_text(&sink, "text", SLICE("abc"));
	field_bytes(&sink, "bytes", SLICE("\x00\x01"));
	field_secret(&sink, "secret", SLICE("hidden"));
	field_endpoint(&sink, "endpoint", &e);
	field_code(&sink, "code", 404, "Not Found");
	field_group(&sink, "group");
	field_end(&sink);
	assert_int_equal(t.count, 8);
	assert_int_equal(t.list[0].kind, FIELD_NUMBER);
	assert_int_equal(t.list[0].number, 42);
	assert_string_equal(t.list[0].name, "number");
	assert_int_equal(t.list[1].kind, FIELD_TEXT);
	t_equal_text(t.list[1].text, "abc");
	t_equal_text(t.list[1].where, "abc");
	assert_int_equal(t.list[2].kind, FIELD_BYTES);
	assert_int_equal(t.list[4].kind, FIELD_ENDPOINT);
	assert_true(endpoint_equal(&t.list[4].endpoint, &e));
	assert_int_equal(t.list[5].kind, FIELD_CODE);
	assert_int_equal(t.list[5].number, 404);
	t_equal_text(t.list[5].text, "Not Found");
	assert_int_equal(t.list[6].kind, FIELD_GROUP);
	assert_int_equal(t.list[7].kind, FIELD_END);
	assert_non_null(t.list[7].name);
	for (size_t i = 0; i < t.count; i++)
		assert_int_equal(t.list[i].secret, i == 3);
}

static void findings_past_the_limit_are_counted(void **state)
{
	static const struct rule rule = {.id = "stage/one"};
	struct findings f = {.count = 0};

	(void)state;
	findings_add(NULL, &rule, SLICE("x"));
	for (size_t i = 0; i < FINDINGS_MAX + 5; i++)
		findings_add(&f, &rule, SLICE("x"));
	assert_int_equal(f.count, FINDINGS_MAX);
	assert_int_equal(f.dropped, 5);
	assert_ptr_equal(f.list[FINDINGS_MAX - 1].rule, &rule);
}

/* As the JSON contract has them. */
static void everything_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(severity_name(SEVERITY_INFO), "info");
	assert_string_equal(severity_name(SEVERITY_WARNING), "warning");
	assert_string_equal(severity_name(SEVERITY_ERROR), "error");
	assert_string_equal(stage_name(STAGE_REGISTRATION), "registration");
	assert_string_equal(stage_name(STAGE_PROBING), "probing");
	for (int s = 0; s <= STAGE_NONE; s++)
		assert_non_null(stage_name((enum stage)s));
	for (int s = 0; s <= STATUS_IO; s++)
		assert_non_null(status_name((enum status)s));
}

static const struct t_case cases[] = {
	{"each_kind_arrives", each_kind_arrives},
	{"findings_past_the_limit_are_counted",
	 findings_past_the_limit_are_counted},
	{"everything_has_a_name", everything_has_a_name},
};
T_MAIN(cases)
