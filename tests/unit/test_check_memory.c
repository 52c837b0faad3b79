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

static json_t *analysis, *expected;
static struct large *form, *golden;
static json_malloc_t plain_malloc;
static json_free_t plain_free;

static FILE *file_of(const char *text)
{
	FILE *f = tmpfile();

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	rewind(f);
	return f;
}

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

static struct large *form_of(bool same)
{
	FILE *f = file_of(analysis_text);
	struct large *made = large_of(f, tmpfile(), same);

	fclose(f);
	return made;
}

static json_t *judged(void)
{
	struct judge_input in = {.expected = expected,
				 .analysis = analysis,
				 .complaints = "",
				 .form = form,
				 .golden = golden,
				 .golden_is_there = true,
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
	json_t *canon = canon_of(analysis);

	/* Whole, or not at all: a golden is never half of an analysis. */
	assert_true(!canon || json_equal(canon, context));
	json_decref(canon);
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

struct making {
	FILE *analysis;
	const struct large *whole;
	bool same;
};

static bool make_it(void *context)
{
	const struct making *m = context;
	struct large *made = large_of(m->analysis, tmpfile(), m->same);

	assert_true(made || t_failure_met());
	/* What cannot be compared is not the same. */
	if (made && !t_failure_met())
		assert_true(large_equal(made, m->whole));
	large_free(made);
	return !t_failure_met();
}

/* Memory of our own: jansson's parser does not survive without its. */
static void large_forms_are_whole_or_not_made(void **state)
{
	(void)state;
	json_set_alloc_funcs(plain_malloc, plain_free);
	for (unsigned i = 0; i < 2; i++) {
		struct large *whole = form_of(i);
		struct making m = {file_of(analysis_text), whole, i};

		assert_non_null(whole);
		t_failing_walk(make_it, &m);
		fclose(m.analysis);
		large_free(whole);
	}
	json_set_alloc_funcs(malloc, free);
}

/* Row by row it is written as the whole would be. */
static void large_forms_are_written_as_trees(void **state)
{
	json_t *tree = canon_of(analysis);
	struct text text = text_new(1 << 20);
	FILE *f = tmpfile();
	char got[8192];
	size_t n;

	(void)state;
	tree_write(tree, &text);
	assert_non_null(f);
	assert_true(large_write(form, f));
	rewind(f);
	n = fread(got, 1, sizeof(got), f);
	t_equal_bytes(slice_of(got, n), text_slice(&text));
	fclose(f);
	text_free(&text);
	json_decref(tree);
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
	json_t *canon = canon_of(rows);
	json_t *tokens = json_object_get(canon, "tokens");

	(void)state;
	assert_int_equal(json_object_size(tokens), 5);
	for (size_t i = 0; i < 5; i++)
		assert_non_null(json_object_get(tokens, names[i]));
	json_decref(canon);
	json_decref(rows);
}

static const struct t_case cases[] = {
	{"equal_names_are_numbered", equal_names_are_numbered},
	{"judging_fails_softly", judging_fails_softly},
	{"writing_fails_softly", writing_fails_softly},
	{"goldens_are_whole_or_not_made", goldens_are_whole_or_not_made},
	{"large_forms_are_whole_or_not_made",
	 large_forms_are_whole_or_not_made},
	{"large_forms_are_written_as_trees", large_forms_are_written_as_trees},
};

int main(void)
{
	int status;

	json_get_alloc_funcs(&plain_malloc, &plain_free);
	/* jansson's own memory runs out, too. */
	json_set_alloc_funcs(malloc, free);
	analysis = json_loads(analysis_text, 0, NULL);
	expected = json_loads(expected_text, 0, NULL);
	golden = large_golden(file_of("{\"schema\": \"" GOLDEN_SCHEMA "\"}"));
	form = form_of(false);
	assert_non_null(golden);
	assert_non_null(form);
	status = t_run(cases, sizeof(cases) / sizeof(cases[0]));
	json_decref(analysis);
	json_decref(expected);
	large_free(golden);
	large_free(form);
	return status;
}
