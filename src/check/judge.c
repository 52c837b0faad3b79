/* From an analysis to a result. */
#include "config.h"

#include "check/baseline.h"
#include "check/canon.h"
#include "check/differ.h"
#include "check/judge.h"

#define DIFF_LINES_MAX 60u
#define SAID_MAX ((size_t)1 << 18)
#define STATUS_INPUT 3

struct judged {
	struct judge_input *in;
	json_t *result, *checks, *findings;
	json_t *accepted; /* keys that an assertion accepts */
	json_t *call_keys;
	bool failed, any, error;
};

/* ---- checks ---- */

static void add_check(struct judged *j, json_t *check)
{
	if (!tree_true(check, "passed"))
		j->failed = true;
	j->any = true;
	if (json_array_append_new(j->checks, check) != 0)
		j->error = true;
}

static json_t *check_of(const char *name, bool passed, const char *message)
{
	json_t *check = json_object();

	(void)tree_set(check, "name", name);
	(void)json_object_set_new(check, "line", json_integer(0));
	(void)json_object_set_new(check, "passed", json_boolean(passed));
	if (message)
		(void)tree_set(check, "message", message);
	return check;
}

bool judge_add(json_t *result, const char *name, const char *message)
{
	return json_array_append_new(json_object_get(result, "checks"),
				     check_of(name, false, message)) == 0;
}

/* ---- golden ---- */

static void put_differences(json_t *check, const json_t *rows)
{
	struct text said = text_new(SAID_MAX);

	differ_headline(rows, &said);
	(void)tree_set_slice(check, "message", text_slice(&said));
	text_clear(&said);
	differ_hunks(rows, DIFF_LINES_MAX, &said);
	(void)tree_set_slice(check, "diff", text_slice(&said));
	text_free(&said);
}

static void compare(struct judged *j)
{
	const struct judge_input *in = j->in;
	const char *schema =
		in->golden ? tree_text(in->golden->members, "schema") : NULL;
	json_t *rows, *check;

	if (!schema || strcmp(schema, GOLDEN_SCHEMA) != 0) {
		add_check(j, check_of("golden", false,
				      "the golden is not of this form "
				      "(" GOLDEN_SCHEMA "); --update writes "
				      "it anew"));
		return;
	}
	rows = differ_large(in->golden, in->form, NULL);
	check = check_of("golden", rows && json_array_size(rows) == 0, NULL);
	if (rows && json_array_size(rows))
		put_differences(check, rows);
	add_check(j, check);
	json_decref(rows);
}

static void renew(struct judged *j)
{
	j->in->renews = true;
	add_check(j, check_of("golden", true,
			      j->in->golden_is_there ? "renewed" : "written"));
}

static void hold_golden(struct judged *j)
{
	struct judge_input *in = j->in;
	bool same;

	if (!tree_text(in->expected, "golden") || !in->analysis)
		return;
	same = in->update && in->form && in->golden &&
	       large_equal(in->golden, in->form);
	if (!in->form)
		j->error = true;
	else if (same)
		add_check(j, check_of("golden", true, NULL));
	else if (in->update && in->status == 0)
		renew(j);
	else if (in->golden_is_there)
		compare(j);
	else
		add_check(j, check_of("golden", false,
				      "there is no golden yet; --update "
				      "writes it"));
}

/* ---- assertions ---- */

static void accept(struct judged *j, const json_t *values)
{
	for (size_t i = 0; i < json_array_size(values); i++) {
		const char *key = tree_text(json_array_get(values, i), "key");

		if (key)
			(void)tree_set(j->accepted, key, "expected");
	}
}

static void hold_assertions(struct judged *j)
{
	json_t *list = json_object_get(j->in->expected, "expect");

	for (size_t i = 0; j->in->analysis && i < json_array_size(list); i++) {
		const json_t *assertion = json_array_get(list, i);
		json_t *values = assertion_values(assertion, j->in->analysis);
		json_t *check =
			values ? assertion_judge(assertion, values) : NULL;

		if (check && tree_true(assertion, "accepts"))
			accept(j, values);
		if (check)
			add_check(j, check);
		else
			j->error = true;
		json_decref(values);
	}
}

static void keep_suite_values(struct judged *j)
{
	json_t *lists = json_array();

	for (size_t i = 0; j->in->analysis && i < json_array_size(j->in->suite);
	     i++)
		(void)json_array_append_new(
			lists, assertion_values(json_array_get(j->in->suite, i),
						j->in->analysis));
	(void)json_object_set_new(j->result, "suite", lists);
}

/* ---- findings ---- */

static enum severity severity_of(const json_t *finding)
{
	const char *name = tree_text(finding, "severity");

	for (int s = SEVERITY_ERROR; name && s > SEVERITY_INFO; s--)
		if (strcmp(severity_name((enum severity)s), name) == 0)
			return (enum severity)s;
	return SEVERITY_INFO;
}

/* Keys of calls by their ids. */
static json_t *keys_of_calls(const json_t *analysis)
{
	const json_t *calls = json_object_get(analysis, "calls");
	json_t *keys = json_object();

	for (size_t i = 0; i < json_array_size(calls); i++) {
		const json_t *call = json_array_get(calls, i);
		const char *id = tree_text(call, "id");

		if (id)
			(void)json_object_set(keys, id,
					      json_object_get(call, "key"));
	}
	return keys;
}

static json_t *keep_finding(struct judged *j, const json_t *from)
{
	static const char *const members[] = {"rule",   "severity", "message",
					      "key",    "frames",   "remedy",
					      "source", "stage"};
	json_t *to = json_object();
	const char *key = tree_text(from, "key");
	const char *call = tree_text(from, "call");
	const char *why = key ? tree_text(j->accepted, key) : NULL;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		(void)json_object_set(to, members[i],
				      json_object_get(from, members[i]));
	(void)tree_set(to, "call", call ? tree_text(j->call_keys, call) : NULL);
	if (!why)
		why = baseline_reason(j->in->baseline,
				      tree_text(j->in->expected, "name"), key);
	(void)tree_set(to, "accepted", why);
	(void)json_array_append_new(j->findings, to);
	return to;
}

/* Which severity fails the case; false: none. */
static bool fails_on(const struct judged *j, enum severity *at)
{
	const char *own = tree_text(j->in->expected, "fail_on");

	*at = j->in->fail_on;
	if (own && strcmp(own, "never") == 0)
		return false;
	if (own)
		*at = strcmp(own, "error") == 0 ? SEVERITY_ERROR
						: SEVERITY_WARNING;
	/* A golden holds the findings itself. */
	return own || (j->in->fails && !tree_text(j->in->expected, "golden"));
}

static void add_unexpected(struct judged *j, const json_t *finding)
{
	struct text said = text_new(SAID_MAX);
	const char *message = tree_text(finding, "message");
	json_t *check;

	text_printf(&said,
		    "%s is not expected: ", tree_text(finding, "severity"));
	text_escaped(&said, slice_of_text(message ? message : ""));
	check = check_of(tree_text(finding, "rule"), false, NULL);
	(void)tree_set_slice(check, "message", text_slice(&said));
	(void)json_object_set(check, "finding",
			      json_object_get(finding, "key"));
	add_check(j, check);
	text_free(&said);
}

static void hold_findings(struct judged *j)
{
	const json_t *list = json_object_get(j->in->analysis, "findings");
	enum severity at;
	bool fails = fails_on(j, &at);
	size_t bad = 0;

	j->call_keys = keys_of_calls(j->in->analysis);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *row = json_array_get(list, i);
		const json_t *kept = keep_finding(j, row);

		if (!fails || severity_of(row) < at ||
		    tree_text(kept, "accepted"))
			continue;
		add_unexpected(j, kept);
		bad++;
	}
	json_decref(j->call_keys);
	if (fails && !bad && j->in->analysis)
		add_check(j, check_of("findings", true, NULL));
}

static void keep_calls(struct judged *j)
{
	const json_t *list = json_object_get(j->in->analysis, "calls");
	json_t *calls = json_array();

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *call = json_array_get(list, i);
		const json_t *verdict = json_object_get(call, "verdict");
		json_t *row = json_object();

		(void)tree_set(row, "key", tree_text(call, "key"));
		(void)tree_set(row, "outcome", tree_text(verdict, "outcome"));
		(void)tree_set(row, "text", tree_text(verdict, "text"));
		(void)json_array_append_new(calls, row);
	}
	(void)json_object_set_new(j->result, "calls", calls);
}

/* ---- outcome ---- */

static void conclude_as(json_t *result, const char *outcome, const char *reason)
{
	(void)tree_set(result, "outcome", outcome);
	(void)tree_set(result, "reason", reason);
}

static void conclude(struct judged *j)
{
	const json_t *expected = j->in->expected;
	const json_t *quarantine = json_object_get(expected, "quarantine");
	const char *until = tree_text(quarantine, "until");
	const char *xfail = tree_text(expected, "xfail");

	if (j->in->status >= STATUS_INPUT || !j->in->analysis)
		conclude_as(j->result, "error", NULL);
	else if (!j->any)
		conclude_as(j->result, "skip", "nothing is expected of it");
	else if (xfail)
		conclude_as(j->result, j->failed ? "xfail" : "xpass", xfail);
	else if (j->failed && until && strcmp(j->in->today, until) < 0)
		conclude_as(j->result, "quarantine",
			    tree_text(quarantine, "reason"));
	else
		conclude_as(j->result, j->failed ? "fail" : "pass", NULL);
}

static json_t *result_of(const json_t *expected, int status)
{
	json_t *result = json_object();
	json_t *captures = json_object_get(expected, "captures");
	json_t *line = json_object_get(expected, "line");

	if (!result || !tree_set(result, "name", tree_text(expected, "name")) ||
	    !tree_set(result, "file", tree_text(expected, "file")) ||
	    json_object_set(result, "captures", captures) != 0 ||
	    json_object_set_new(result, "line",
				line ? json_incref(line) : json_integer(0)) ||
	    json_object_set_new(result, "status", json_integer(status)) != 0 ||
	    json_object_set_new(result, "checks", json_array()) != 0 ||
	    json_object_set_new(result, "findings", json_array()) != 0) {
		json_decref(result);
		return NULL;
	}
	return result;
}

json_t *judge_error(const json_t *expected, int status, const char *why)
{
	json_t *result = result_of(expected, status);

	if (!result)
		return NULL;
	conclude_as(result, "error", NULL);
	(void)judge_add(result, "readable", why);
	return result;
}

json_t *judge(struct judge_input *in)
{
	struct judged j = {.in = in, .accepted = json_object()};

	in->renews = false;
	j.result = result_of(in->expected, in->status);
	if (!j.result || !j.accepted) {
		json_decref(j.result);
		json_decref(j.accepted);
		return NULL;
	}
	j.checks = json_object_get(j.result, "checks");
	j.findings = json_object_get(j.result, "findings");
	if (in->status >= STATUS_INPUT || !in->analysis)
		(void)judge_add(j.result, "readable",
				in->complaints[0] ? in->complaints
						  : "nothing to judge");
	hold_golden(&j);
	hold_assertions(&j);
	hold_findings(&j);
	keep_calls(&j);
	keep_suite_values(&j);
	conclude(&j);
	json_decref(j.accepted);
	if (!j.error)
		return j.result;
	json_decref(j.result);
	return NULL;
}
