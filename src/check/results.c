/* Results from an analysis alone. */
#include "config.h"

#include "check/results.h"

static void add_check(json_t *checks, const char *name, bool passed,
		      const char *message)
{
	json_t *check = json_object();

	(void)tree_set(check, "name", name);
	(void)json_object_set_new(check, "line", json_integer(0));
	(void)json_object_set_new(check, "passed", json_boolean(passed));
	if (!passed)
		(void)tree_set(check, "message", message ? message : "failed");
	/* Nothing was expected: a viewer gets the findings alone. */
	(void)tree_set(check, "finding", "");
	(void)json_array_append_new(checks, check);
}

/* Who is rejected failed at a stage, but nothing is wrong with that. */
static void add_stages(json_t *checks, const json_t *call, bool failed)
{
	const json_t *stages = json_object_get(call, "stages");

	for (size_t i = 0; i < json_array_size(stages); i++) {
		const json_t *stage = json_array_get(stages, i);
		const char *state = tree_text(stage, "state");

		add_check(checks, tree_text(stage, "stage"),
			  !failed || !state || strcmp(state, "failed") != 0,
			  tree_text(stage, "summary"));
	}
}

/* What findings of no call have in place of its id. */
#define OF_NONE ""

/* Lists of findings by the id of their call. */
static json_t *by_call(const json_t *analysis)
{
	const json_t *list = json_object_get(analysis, "findings");
	json_t *calls = json_object();

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *finding = json_array_get(list, i);
		const char *call = tree_text(finding, "call");
		json_t *own = json_object_get(calls, call ? call : OF_NONE);

		if (!own) {
			own = json_array();
			(void)json_object_set_new(calls, call ? call : OF_NONE,
						  own);
		}
		(void)json_array_append(own, finding);
	}
	return calls;
}

/* Findings of a call, or of none. */
static bool add_findings(json_t *result, const json_t *list, const char *call)
{
	json_t *checks = json_object_get(result, "checks");
	json_t *findings = json_object_get(result, "findings");
	bool bad = false;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *from = json_array_get(list, i);
		const char *severity = tree_text(from, "severity");
		json_t *to = json_copy(from);

		(void)tree_set(to, "call", call);
		(void)json_array_append_new(findings, to);
		if (!severity || strcmp(severity, "error") != 0)
			continue;
		bad = true;
		add_check(checks, tree_text(from, "rule"), false,
			  tree_text(from, "message"));
	}
	return bad;
}

static json_t *paths_of(const json_t *analysis)
{
	const json_t *list = json_object_get(analysis, "captures");
	json_t *paths = json_array();

	for (size_t i = 0; i < json_array_size(list); i++)
		(void)json_array_append(
			paths,
			json_object_get(json_array_get(list, i), "path"));
	return paths;
}

static json_t *begin(const json_t *analysis, const char *name)
{
	json_t *result = json_object();

	(void)tree_set(result, "name", name);
	(void)tree_set(result, "file", NULL);
	(void)tree_set(result, "reason", NULL);
	(void)json_object_set_new(result, "captures", paths_of(analysis));
	(void)json_object_set_new(result, "checks", json_array());
	(void)json_object_set_new(result, "findings", json_array());
	return result;
}

static json_t *result_of(const json_t *analysis, const json_t *call,
			 const json_t *findings)
{
	json_t *result = begin(analysis, tree_text(call, "key"));
	json_t *checks = json_object_get(result, "checks");
	const json_t *verdict = json_object_get(call, "verdict");
	const char *outcome = tree_text(verdict, "outcome");
	bool failed = outcome && strcmp(outcome, "failed") == 0;

	add_check(checks, "verdict", !failed, tree_text(verdict, "text"));
	add_stages(checks, call, failed);
	failed |= add_findings(result, findings, tree_text(call, "key"));
	(void)tree_set(result, "outcome", failed ? "fail" : "pass");
	return result;
}

static json_t *result_of_none(const json_t *analysis, const json_t *findings)
{
	json_t *result = begin(analysis, "captures");
	bool bad = add_findings(result, findings, NULL);

	if (!bad)
		add_check(json_object_get(result, "checks"), "findings", true,
			  NULL);
	(void)tree_set(result, "outcome", bad ? "fail" : "pass");
	return result;
}

json_t *results_of(const json_t *analysis)
{
	const json_t *calls = json_object_get(analysis, "calls");
	json_t *list = json_array(), *findings = by_call(analysis), *own;

	for (size_t i = 0; i < json_array_size(calls); i++) {
		const json_t *call = json_array_get(calls, i);
		const char *id = tree_text(call, "id");

		own = id ? json_object_get(findings, id) : NULL;
		(void)json_array_append_new(list,
					    result_of(analysis, call, own));
	}
	own = json_object_get(findings, OF_NONE);
	if (own)
		(void)json_array_append_new(list,
					    result_of_none(analysis, own));
	json_decref(findings);
	return list;
}
