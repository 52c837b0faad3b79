/* Reading YAML and paths, operators, the canonical form and what differs. */
#include "config.h"

#include "check/canon.h"
#include "check/differ.h"
#include "check/operators.h"
#include "check/scenario.h"
#include "check/schema.h"
#include "check/yaml.h"
#include "tests/support/t.h"

static json_t *tree(const char *text)
{
	json_t *t = json_loads(text, JSON_DECODE_ANY, NULL);

	assert_non_null(t);
	return t;
}

/* ---- YAML ---- */

static void yaml_scalars_are_typed_by_the_core_schema(void **state)
{
	static const struct {
		const char *yaml, *json;
	} rows[] = {
		{"a: 1", "{\"a\":1}"},
		{"a: -1.5e3", "{\"a\":-1500.0}"},
		{"a: '1'", "{\"a\":\"1\"}"},
		{"a: 1 ms", "{\"a\":\"1 ms\"}"},
		{"a: ~", "{\"a\":null}"},
		{"a:", "{\"a\":null}"},
		{"a: yes", "{\"a\":\"yes\"}"},
		{"a: true", "{\"a\":true}"},
		{"a: 2026-11-24", "{\"a\":\"2026-11-24\"}"},
		{"a: 0x10", "{\"a\":\"0x10\"}"},
		{"a: .inf", "{\"a\":\".inf\"}"},
		{"a: 1.2.3", "{\"a\":\"1.2.3\"}"},
		{"a: 99999999999999999999", "{\"a\":1e20}"},
		{"a: [1, two, {b: c}]", "{\"a\":[1,\"two\",{\"b\":\"c\"}]}"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char why[YAML_WHY];
		size_t line;
		json_t *got =
			yaml_read(slice_of_text(rows[i].yaml), &line, why);
		json_t *want = tree(rows[i].json);
		json_t *inner = json_array_get(json_object_get(got, "a"), 2);

		assert_non_null(got);
		assert_int_equal(yaml_line(got), 1);
		(void)json_object_del(got, YAML_LINE);
		(void)json_object_del(inner, YAML_LINE);
		if (!json_equal(got, want))
			fail_msg("%s", rows[i].yaml);
		json_decref(got);
		json_decref(want);
	}
}

static void yaml_that_is_refused_names_its_line(void **state)
{
	static const struct {
		const char *yaml;
		size_t line;
	} rows[] = {
		{"a: 1\nb: [", 3},     {"a: 1\na: 2", 2},
		{"a: &x 1\nb: *x", 2}, {"a: 1\n---\nb: 2", 2},
		{"? [a]\n: b", 1},     {"", 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char why[YAML_WHY] = "";
		size_t line = 99;
		json_t *got =
			yaml_read(slice_of_text(rows[i].yaml), &line, why);

		assert_null(got);
		assert_true(why[0] != '\0');
		if (line != rows[i].line)
			fail_msg("%s: line %zu, not %zu", rows[i].yaml, line,
				 rows[i].line);
	}
}

static void yaml_that_nests_too_deep_is_refused(void **state)
{
	struct text deep = text_new(1 << 20);
	char why[YAML_WHY];
	size_t line;

	(void)state;
	for (size_t i = 0; i <= YAML_DEPTH_MAX + 1; i++)
		text_puts(&deep, "[");
	for (size_t i = 0; i <= YAML_DEPTH_MAX + 1; i++)
		text_puts(&deep, "]");
	assert_null(yaml_read(text_slice(&deep), &line, why));
	text_free(&deep);
}

/* ---- the schema ---- */

static void paths_are_looked_up_in_the_schema(void **state)
{
	struct schema *schema = schema_new();
	struct schema_field field;
	const char *why = NULL;

	(void)state;
	assert_non_null(schema);
	assert_true(schema_find(schema, "", &field, &why));
	assert_true(field.object);
	assert_true(schema_find(schema, "calls", &field, &why));
	assert_true(field.rows);
	assert_true(
		schema_find(schema, "calls.stages.duration_ms", &field, &why));
	assert_true(field.number && !field.rows);
	assert_string_equal(field.name, "duration_ms");
	assert_true(schema_find(schema, "calls.verdict.outcome", &field, &why));
	assert_true(field.text && field_takes(&field, "established"));
	assert_false(field_takes(&field, "establishd"));
	assert_true(schema_find(schema, "findings.rule", &field, &why));
	assert_true(field.rule);
	assert_false(schema_find(schema, "calls.verdit", &field, &why));
	assert_non_null(strstr(why, "'verdit'"));
	assert_false(schema_find(schema, "calls.key.x", &field, &why));
	assert_false(schema_find(schema, "calls..key", &field, &why));
	schema_free(schema);
}

/* ---- operators ---- */

static void quantities_have_units_of_their_field(void **state)
{
	static const struct {
		const char *value, *field;
		double want; /* below 0: it is none */
	} rows[] = {
		{"\"500 ms\"", "duration_ms", 500},
		{"\"3 s\"", "rtt_ms", 3000},
		{"\"2min\"", "lifetime_s", 120},
		{"\"8 h\"", "duration_min", 480},
		{"\"1 %\"", "lost", 0.01},
		{"7", "lost", 7},
		{"\"3 s\"", "lost", -1},
		{"\"3 parsec\"", "rtt_ms", -1},
		{"\"fast\"", "rtt_ms", -1},
		{"\"3\"", "rtt_ms", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *value = tree(rows[i].value);
		double got = -1;
		bool is = quantity_read(value, rows[i].field, &got);

		if (is != (rows[i].want >= 0) ||
		    (is && got - rows[i].want > 1e-9) ||
		    (is && rows[i].want - got > 1e-9))
			fail_msg("%s of %s", rows[i].value, rows[i].field);
		json_decref(value);
	}
}

static void operators_hold_or_do_not(void **state)
{
	static const struct {
		const char *name, *wanted, *value;
		bool holds;
	} rows[] = {
		{"is", "3", "3.0", true},
		{"is", "\"3 s\"", "3000", true},
		{"is", "\"a\"", "\"b\"", false},
		{"is", "null", "null", true},
		{"is_not", "\"a\"", "\"b\"", true},
		{"one_of", "[\"a\",\"b\"]", "\"b\"", true},
		{"none_of", "[\"a\",\"b\"]", "\"b\"", false},
		{"at_least", "3", "3", true},
		{"above", "3", "3", false},
		{"at_most", "3", "null", false},
		{"below", "3", "2", true},
		{"contains", "\"b\"", "\"abc\"", true},
		{"matches", "\"^a.c$\"", "\"abc\"", true},
		{"matches", "\"^b\"", "\"abc\"", false},
		{"exists", "true", "null", false},
		{"exists", "false", "null", true},
		{"exists", "true", "0", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *wanted = tree(rows[i].wanted);
		json_t *value = tree(rows[i].value);

		if (operator_holds(rows[i].name, wanted, value, "x_ms") !=
		    rows[i].holds)
			fail_msg("%s %s of %s", rows[i].name, rows[i].wanted,
				 rows[i].value);
		json_decref(wanted);
		json_decref(value);
	}
}

/* ---- the canonical form ---- */

#define CALL(id, key, second, outcome)                                        \
	"{\"id\":\"" id "\",\"key\":\"" key "\",\"from\":\"a\",\"to\":\"b\"," \
	"\"kind\":\"call\",\"start\":\"2026-11-24T12:00:0" second             \
	".000000000Z\",\"verdict\":{\"outcome\":\"" outcome "\"},"            \
	"\"stages\":[],\"dialogs\":[],\"candidates\":[],\"pairs\":[],"        \
	"\"findings\":[]}"
#define ANALYSIS(calls, finding_of)                                        \
	"{\"schema\":\"mrascope.analysis/1\",\"generator\":{},"            \
	"\"captures\":[{\"path\":\"/x\",\"first_time\":"                   \
	"\"2026-11-24T12:00:00.000000000Z\"}],\"parties\":[],"             \
	"\"registrations\":[],\"tokens\":[],\"allocations\":[],"           \
	"\"calls\":[" calls "],\"paths\":[],\"findings\":[{\"id\":\"f1\"," \
	"\"key\":\"r k\",\"call\":\"" finding_of "\"}]}"

static void canonical_form_has_no_ids_paths_or_hours(void **state)
{
	json_t *analysis = tree(ANALYSIS(CALL("c1", "k", "1", "failed"), "c1"));
	json_t *canon = canon_of(analysis);
	struct text text = text_new(1 << 16);

	(void)state;
	assert_non_null(canon);
	tree_put(canon, &text);
	text_putc(&text, '\0');
	assert_null(strstr(text.p, "/x"));
	assert_null(strstr(text.p, "\"c1\""));
	assert_null(strstr(text.p, "2026"));
	assert_non_null(strstr(text.p, "\"start\": \"+1.000000000\""));
	assert_non_null(strstr(text.p, "\"call\": \"k\""));
	text_free(&text);
	json_decref(analysis);
	json_decref(canon);
}

static void canonical_form_knows_no_order(void **state)
{
	json_t *one = tree(ANALYSIS(CALL("c1", "k", "1", "failed") "," CALL(
					    "c2", "j", "2", "failed"),
				    "c1"));
	json_t *other = tree(ANALYSIS(CALL("c1", "j", "2", "failed") "," CALL(
					      "c2", "k", "1", "failed"),
				      "c2"));
	json_t *a = canon_of(one), *b = canon_of(other);
	json_t *rows = differ(a, b);

	(void)state;
	assert_int_equal(json_array_size(rows), 0);
	json_decref(one);
	json_decref(other);
	json_decref(a);
	json_decref(b);
	json_decref(rows);
}

static void differences_begin_with_the_verdict(void **state)
{
	json_t *one = tree(ANALYSIS(CALL("c1", "k", "1", "failed"), "c1"));
	json_t *other =
		tree(ANALYSIS(CALL("c1", "k", "4", "established"), "c1"));
	json_t *a = canon_of(one), *b = canon_of(other);
	json_t *rows = differ(a, b);
	struct text said = text_new(1 << 12);

	(void)state;
	assert_int_equal(json_array_size(rows), 2);
	differ_headline(rows, &said);
	t_equal_text(text_slice(&said),
		     "call k, verdict: verdict > outcome is established, was "
		     "failed; call k, call: start comes 3.000 s later");
	text_clear(&said);
	differ_hunks(rows, 100, &said);
	t_equal_text(text_slice(&said),
		     "@@ call k, verdict @@\n"
		     "-verdict > outcome: failed\n"
		     "+verdict > outcome: established\n"
		     "@@ times @@\n"
		     " 3.000 s later, 1 time, from: call k, call: start\n");
	text_free(&said);
	json_decref(one);
	json_decref(other);
	json_decref(a);
	json_decref(b);
	json_decref(rows);
}

static const struct t_case cases[] = {
	{"yaml_scalars_are_typed_by_the_core_schema",
	 yaml_scalars_are_typed_by_the_core_schema},
	{"yaml_that_is_refused_names_its_line",
	 yaml_that_is_refused_names_its_line},
	{"yaml_that_nests_too_deep_is_refused",
	 yaml_that_nests_too_deep_is_refused},
	{"paths_are_looked_up_in_the_schema",
	 paths_are_looked_up_in_the_schema},
	{"quantities_have_units_of_their_field",
	 quantities_have_units_of_their_field},
	{"operators_hold_or_do_not", operators_hold_or_do_not},
	{"canonical_form_has_no_ids_paths_or_hours",
	 canonical_form_has_no_ids_paths_or_hours},
	{"canonical_form_knows_no_order", canonical_form_knows_no_order},
	{"differences_begin_with_the_verdict",
	 differences_begin_with_the_verdict},
};

T_MAIN(cases)
