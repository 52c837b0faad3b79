/* Results from an analysis alone. */
#include "config.h"

#include "check/pieces.h"
#include "check/results.h"

/* What all results have in common stands in memory once. */
struct making {
	json_t *results;
	json_t *paths;    /* of the captures */
	json_t *findings; /* lists of them by the id of their call */
	json_t *zero, *nothing;
};

static void add_check(const struct making *m, json_t *checks, const char *name,
		      bool passed, const char *message)
{
	json_t *check = json_object();

	(void)tree_set(check, "name", name);
	(void)json_object_set(check, "line", m->zero);
	(void)json_object_set_new(check, "passed", json_boolean(passed));
	if (!passed)
		(void)tree_set(check, "message", message ? message : "failed");
	/* Nothing was expected: a viewer gets the findings alone. */
	(void)json_object_set(check, "finding", m->nothing);
	(void)json_array_append_new(checks, check);
}

/* Who is rejected failed at a stage, but nothing is wrong with that. */
static void add_stages(const struct making *m, json_t *checks,
		       const json_t *call, bool failed)
{
	const json_t *stages = json_object_get(call, "stages");

	for (size_t i = 0; i < json_array_size(stages); i++) {
		const json_t *stage = json_array_get(stages, i);
		const char *state = tree_text(stage, "state");

		add_check(m, checks, tree_text(stage, "stage"),
			  !failed || !state || strcmp(state, "failed") != 0,
			  tree_text(stage, "summary"));
	}
}

/* What findings of no call have in place of its id. */
#define OF_NONE ""

/* Keeps a finding with those of its call. */
static void keep_finding(const struct making *m, json_t *finding)
{
	const char *call = tree_text(finding, "call");
	json_t *own = json_object_get(m->findings, call ? call : OF_NONE);

	if (!own) {
		own = json_array();
		(void)json_object_set_new(m->findings, call ? call : OF_NONE,
					  own);
	}
	(void)json_array_append(own, finding);
}

/* Findings of a call, or of none. */
static bool add_findings(const struct making *m, json_t *result,
			 const json_t *list, const char *call)
{
	json_t *checks = json_object_get(result, "checks");
	json_t *findings = json_object_get(result, "findings");
	bool bad = false;

	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *from = json_array_get(list, i);
		const char *severity = tree_text(from, "severity");

		(void)tree_set(from, "call", call);
		(void)json_array_append(findings, from);
		if (!severity || strcmp(severity, "error") != 0)
			continue;
		bad = true;
		add_check(m, checks, tree_text(from, "rule"), false,
			  tree_text(from, "message"));
	}
	return bad;
}

static json_t *begin(const struct making *m, const char *name)
{
	json_t *result = json_object();

	(void)tree_set(result, "name", name);
	(void)tree_set(result, "file", NULL);
	(void)tree_set(result, "reason", NULL);
	(void)json_object_set(result, "captures", m->paths);
	(void)json_object_set_new(result, "checks", json_array());
	(void)json_object_set_new(result, "findings", json_array());
	return result;
}

static json_t *result_of(const struct making *m, const json_t *call)
{
	const char *id = tree_text(call, "id");
	json_t *own = id ? json_object_get(m->findings, id) : NULL;
	json_t *result = begin(m, tree_text(call, "key"));
	json_t *checks = json_object_get(result, "checks");
	const json_t *verdict = json_object_get(call, "verdict");
	const char *outcome = tree_text(verdict, "outcome");
	bool failed = outcome && strcmp(outcome, "failed") == 0;

	add_check(m, checks, "verdict", !failed, tree_text(verdict, "text"));
	add_stages(m, checks, call, failed);
	failed |= add_findings(m, result, own, tree_text(call, "key"));
	(void)tree_set(result, "outcome", failed ? "fail" : "pass");
	return result;
}

static json_t *result_of_none(const struct making *m, const json_t *findings)
{
	json_t *result = begin(m, "captures");
	bool bad = add_findings(m, result, findings, NULL);

	if (!bad)
		add_check(m, json_object_get(result, "checks"), "findings",
			  true, NULL);
	(void)tree_set(result, "outcome", bad ? "fail" : "pass");
	return result;
}

/* ---- reading ---- */

static json_t *row_of(const struct piece *piece)
{
	return json_loadb((const char *)piece->text.p, piece->text.n, 0, NULL);
}

/* First what the calls' results are made of beside the calls. */
static bool take_beside(void *context, const struct piece *piece)
{
	const struct making *m = context;
	bool finding = strcmp(piece->member, "findings") == 0;
	json_t *row;

	if (!piece->row || (!finding && strcmp(piece->member, "captures") != 0))
		return true;
	row = row_of(piece);
	if (finding)
		keep_finding(m, row);
	else
		(void)json_array_append(m->paths, json_object_get(row, "path"));
	json_decref(row);
	return row;
}

static bool take_call(void *context, const struct piece *piece)
{
	const struct making *m = context;
	json_t *call;

	if (!piece->row || strcmp(piece->member, "calls") != 0)
		return true;
	call = row_of(piece);
	if (call)
		(void)json_array_append_new(m->results, result_of(m, call));
	json_decref(call);
	return call;
}

static bool read_all(struct making *m, FILE *analysis)
{
	json_t *own;

	rewind(analysis);
	if (pieces_read(analysis, false, take_beside, m) != STATUS_OK)
		return false;
	rewind(analysis);
	if (pieces_read(analysis, false, take_call, m) != STATUS_OK)
		return false;
	own = json_object_get(m->findings, OF_NONE);
	if (own)
		(void)json_array_append_new(m->results, result_of_none(m, own));
	return true;
}

json_t *results_of(FILE *analysis)
{
	struct making m = {.results = json_array(),
			   .paths = json_array(),
			   .findings = json_object(),
			   .zero = json_integer(0),
			   .nothing = json_string("")};

	if (!read_all(&m, analysis)) {
		json_decref(m.results);
		m.results = NULL;
	}
	json_decref(m.paths);
	json_decref(m.findings);
	json_decref(m.zero);
	json_decref(m.nothing);
	return m.results;
}
