/* Judging and writing results while memory is out: no crash, nothing lost,
 * and never a pass of what fails. */
#include "config.h"

#include "check/canon.h"
#include "check/forms.h"
#include "check/judge.h"
#include "tests/support/t.h"

static const char analysis_text[] =
	"{\"schema\": \"mrascope.analysis/1\", \"generator\": {\"version\": "
	"\"1\"}, \"captures\": [{\"path\": \"a.pcap\", \"first_time\": "
	"\"2026-01-01T00:00:00.000000000Z\"}], \"counts\": {\"frames\": 2},"
	"\"parties\": [], \"registrations\": [], \"tokens\": [], "
	"\"allocations\": [], \"calls\": [{\"id\": \"c1\", \"key\": \"k\", "
	"\"verdict\": {\"outcome\": \"failed\", \"text\": \"it failed\"}, "
	"\"dialogs\": [{\"id\": \"d1\", \"call_id\": \"x\", \"messages\": "
	"[{\"line\": \"INVITE\", \"time\": "
	"\"2026-01-01T00:00:01.000000000Z\"}]}], \"candidates\": [], "
	"\"pairs\": []}], \"paths\": [], \"findings\": [{\"id\": \"f1\", "
	"\"key\": \"probing/no-pair k\", \"rule\": \"probing/no-pair\", "
	"\"severity\": \"error\", \"call\": \"c1\", \"message\": \"none\", "
	"\"frames\": [\"0:1\"], \"source\": \"RFC\", \"remedy\": \"mend\"}]}";

static const char expected_text[] =
	"{\"name\": \"a\", \"file\": \"a.expect\", \"captures\": [\"a.pcap\"],"
	" \"golden\": \"a.expect\", \"fail_on\": \"error\", \"expect\": [], "
	"\"options\": {}, \"line\": 1}";

static json_t *analysis, *expected, *golden;

static const struct {
	const char *name;
	form_fn *form;
} forms[] = {
	{"text", form_text},     {"json", form_json},
	{"tap13", form_tap13},   {"tap", form_tap},
	{"junit", form_junit},   {"sarif", form_sarif},
	{"github", form_github}, {"summary", form_summary},
	{"gitlab", form_gitlab}, {"nagios", form_nagios},
};

static json_t *judged(void)
{
	struct judge_input in = {.expected = expected,
				 .analysis = analysis,
				 .complaints = "",
				 .golden = golden,
				 .fails = true,
				 .fail_on = SEVERITY_ERROR,
				 .today = "2026-11-24"};

	return judge(&in);
}

static bool judge_it(void *context)
{
	json_t *result = judged();
	const char *outcome = tree_text(result, "outcome");

	(void)context;
	/* What does not say how it came out counts as no pass. */
	assert_true(!outcome || strcmp(outcome, "fail") == 0);
	assert_true(t_failure_met() || outcome);
	json_decref(result);
	return !t_failure_met();
}

static void judging_fails_softly(void **state)
{
	(void)state;
	t_failing_walk(judge_it, NULL);
}

struct writing {
	form_fn *form;
	json_t *results;
	struct text whole;
};

static bool write_it(void *context)
{
	struct writing *w = context;
	const struct form_options options = {.version = "1", .suite = "s"};
	struct text to = text_new(1 << 20);

	w->form(w->results, &options, &to);
	if (!t_failure_met())
		assert_true(
			slice_equal(text_slice(&to), text_slice(&w->whole)));
	text_free(&to);
	return !t_failure_met();
}

static void writing_fails_softly(void **state)
{
	const struct form_options options = {.version = "1", .suite = "s"};
	struct writing w = {.results = json_array()};

	(void)state;
	assert_int_equal(json_array_append_new(w.results, judged()), 0);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		w.form = forms[i].form;
		w.whole = text_new(1 << 20);
		w.form(w.results, &options, &w.whole);
		assert_true(w.whole.n > 0 && w.whole.failed == STATUS_OK);
		t_failing_walk(write_it, &w);
		text_free(&w.whole);
	}
	json_decref(w.results);
}

static bool canon_it(void *context)
{
	json_t *form = canon_of(analysis);

	/* Whole, or not at all: a golden is never half of an analysis. */
	assert_true(!form || json_equal(form, context));
	json_decref(form);
	return !t_failure_met();
}

static void goldens_are_whole_or_not_made(void **state)
{
	json_t *whole = canon_of(analysis);

	(void)state;
	assert_non_null(whole);
	t_failing_walk(canon_it, whole);
	json_decref(whole);
}

static void equal_names_are_numbered(void **state)
{
	static const char *const names[] = {"a", "a#2", "a#3", "a#4", "b"};
	json_t *rows = json_loads(
		"{\"tokens\": [{\"id\": \"t1\", \"key\": \"a\"}, "
		"{\"id\": \"t2\", \"key\": \"a#2\"}, "
		"{\"id\": \"t3\", \"key\": \"a\"}, "
		"{\"id\": \"t4\", \"key\": \"b\"}, "
		"{\"id\": \"t5\", \"key\": \"a\"}]}",
		0, NULL);
	json_t *form = canon_of(rows);
	json_t *tokens = json_object_get(form, "tokens");

	(void)state;
	assert_int_equal(json_object_size(tokens), 5);
	for (size_t i = 0; i < 5; i++)
		assert_non_null(json_object_get(tokens, names[i]));
	json_decref(form);
	json_decref(rows);
}

static const struct t_case cases[] = {
	{"equal_names_are_numbered", equal_names_are_numbered},
	{"judging_fails_softly", judging_fails_softly},
	{"writing_fails_softly", writing_fails_softly},
	{"goldens_are_whole_or_not_made", goldens_are_whole_or_not_made},
};

int main(void)
{
	int status;

	/* jansson's own memory runs out, too. */
	json_set_alloc_funcs(malloc, free);
	analysis = json_loads(analysis_text, 0, NULL);
	expected = json_loads(expected_text, 0, NULL);
	golden = json_loads("{\"schema\": \"" GOLDEN_SCHEMA "\"}", 0, NULL);
	status = t_run(cases, sizeof(cases) / sizeof(cases[0]));
	json_decref(analysis);
	json_decref(expected);
	json_decref(golden);
	return status;
}
