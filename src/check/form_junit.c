/*
 * JUnit's XML: a suite for each case, a test for each of its checks.  There is
 * no standard; this keeps to what the schema of Jenkins' xUnit plugin
 * (junit-10.xsd) and the samples of testmoapp/junitxml have in common.
 */
#include "config.h"

#include "check/forms.h"

/* XML 1.0, 2.2: characters that cannot stand in a document are left out. */
static void put_xml(const char *text, struct text *to)
{
	struct slice rest = slice_of_text(text ? text : "");

	while (rest.n) {
		uint32_t code;
		size_t n = utf8_sequence(rest, &code);
		struct slice s = slice_first(rest, n ? n : 1);

		rest = slice_from(rest, s.n);
		if (n == 0 || (code < ' ' && code != '\n' && code != '\t') ||
		    code == 0xFFFE || code == 0xFFFF)
			text_putc(to, '?');
		else if (code == '&')
			text_puts(to, "&amp;");
		else if (code == '<')
			text_puts(to, "&lt;");
		else if (code == '>')
			text_puts(to, "&gt;");
		else if (code == '"')
			text_puts(to, "&quot;");
		else if (code == '\n')
			text_puts(to, "&#10;");
		else
			text_put(to, s);
	}
}

static void put_attribute(const char *name, const char *value, struct text *to)
{
	text_printf(to, " %s=\"", name);
	put_xml(value, to);
	text_putc(to, '"');
}

struct counts {
	size_t tests, failures, errors, skipped;
};

static bool is_word(const json_t *result, const char *word)
{
	return strcmp(outcome_word(result), word) == 0;
}

/* What JUnit knows: an expected failure is no failure but skipped. */
static struct counts counts_of(const json_t *result)
{
	const json_t *checks = json_object_get(result, "checks");
	struct counts c = {.tests = json_array_size(checks)};
	size_t bad = 0;

	for (size_t i = 0; i < c.tests; i++)
		if (!tree_true(json_array_get(checks, i), "passed"))
			bad++;
	if (is_word(result, "skip"))
		return (struct counts){.tests = 1, .skipped = 1};
	if (is_word(result, "XPASS"))
		return (struct counts){.tests = c.tests + 1, .failures = 1};
	if (is_word(result, "ERROR"))
		c.errors = bad;
	else if (is_word(result, "FAIL"))
		c.failures = bad;
	else
		c.skipped = bad;
	return c;
}

static void put_bad(const json_t *result, const json_t *check, struct text *to)
{
	bool error = is_word(result, "ERROR");
	const char *message = tree_text(check, "message");
	const char *diff = tree_text(check, "diff");
	const char *reason = tree_text(result, "reason");

	if (!error && !is_word(result, "FAIL")) {
		text_puts(to, "      <skipped");
		put_attribute("message", reason, to);
		text_puts(to, "/>\n");
		return;
	}
	text_puts(to, error ? "      <error" : "      <failure");
	put_attribute("message", message, to);
	put_attribute("type", tree_text(check, "name"), to);
	text_putc(to, '>');
	put_xml(diff ? diff : message, to);
	text_puts(to, error ? "</error>\n" : "</failure>\n");
}

static void put_test(const json_t *result, const json_t *check, struct text *to)
{
	text_puts(to, "    <testcase");
	put_attribute("name", tree_text(check, "name"), to);
	put_attribute("classname", tree_text(result, "name"), to);
	text_puts(to, " time=\"0\"");
	if (tree_true(check, "passed")) {
		text_puts(to, "/>\n");
		return;
	}
	text_puts(to, ">\n");
	put_bad(result, check, to);
	text_puts(to, "    </testcase>\n");
}

/* A test that stands for the case itself. */
static void put_case(const json_t *result, const char *element,
		     const char *message, struct text *to)
{
	text_puts(to, "    <testcase");
	put_attribute("name", "expectation", to);
	put_attribute("classname", tree_text(result, "name"), to);
	text_printf(to, " time=\"0\">\n      <%s", element);
	put_attribute("message", message, to);
	text_puts(to, "/>\n    </testcase>\n");
}

static void put_suite(const json_t *result, struct text *to)
{
	const json_t *checks = json_object_get(result, "checks");
	struct counts c = counts_of(result);

	text_puts(to, "  <testsuite");
	put_attribute("name", tree_text(result, "name"), to);
	text_printf(to,
		    " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		    "skipped=\"%zu\" time=\"0\">\n",
		    c.tests, c.failures, c.errors, c.skipped);
	if (is_word(result, "skip"))
		put_case(result, "skipped", tree_text(result, "reason"), to);
	for (size_t i = 0;
	     !is_word(result, "skip") && i < json_array_size(checks); i++)
		put_test(result, json_array_get(checks, i), to);
	if (is_word(result, "XPASS"))
		put_case(result, "failure",
			 "it passes, but is expected to fail", to);
	text_puts(to, "  </testsuite>\n");
}

void form_junit(const json_t *results, const struct form_options *o,
		struct text *to)
{
	struct counts all = {0};

	for (size_t i = 0; i < json_array_size(results); i++) {
		struct counts c = counts_of(json_array_get(results, i));

		all.tests += c.tests;
		all.failures += c.failures;
		all.errors += c.errors;
	}
	text_puts(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		      "<testsuites");
	put_attribute("name", o->suite, to);
	text_printf(to,
		    " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
		    "time=\"0\">\n",
		    all.tests, all.failures, all.errors);
	for (size_t i = 0; i < json_array_size(results); i++)
		put_suite(json_array_get(results, i), to);
	text_puts(to, "</testsuites>\n");
}
