/* One case: its captures analysed, its golden read, the result judged. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/judge.h"
#include "cli/analysis.h"
#include "cli/check_parts.h"
#include "cli/spill.h"

#define COMPLAINTS_MAX 4096u

/* The texts of a list, behind those of the command line. */
static const char **texts_of(const json_t *list, const char **first,
			     size_t *count)
{
	size_t n = json_array_size(list);
	const char **out = calloc(*count + n + 1, sizeof(*out));

	for (size_t i = 0; out && i < *count; i++)
		out[i] = first[i];
	for (size_t i = 0; out && i < n; i++)
		out[*count + i] = json_string_value(json_array_get(list, i));
	*count += n;
	return out;
}

/* What a case may name lists of, the captures last. */
#define CASE_LISTS 8

struct case_options {
	struct options o;
	const char **lists[CASE_LISTS];
};

static bool set_options(struct case_options *c, const struct options *base,
			const json_t *expected)
{
	const json_t *own = json_object_get(expected, "options");
	struct options *o = &c->o;
	bool fine = true;

	*o = *base;
	o->format = FORMAT_JSON;
	o->quiet = true;
	o->fails = false;
	/* Captures go side by side already. */
	o->jobs = 1;
	o->output = NULL;
	o->path_count = 0;
	if (tree_text(own, "filter"))
		o->filter = tree_text(own, "filter");
	o->credentials = c->lists[0] =
		texts_of(json_object_get(own, "credentials"), o->credentials,
			 &o->credential_count);
	o->credential_files = c->lists[1] =
		texts_of(json_object_get(own, "credential_files"),
			 o->credential_files, &o->credential_file_count);
	o->turn_secrets = c->lists[2] =
		texts_of(json_object_get(own, "turn_secrets"), o->turn_secrets,
			 &o->turn_secret_count);
	o->keylogs = c->lists[3] = texts_of(json_object_get(own, "keylogs"),
					    o->keylogs, &o->keylog_count);
	o->rsa_keys = c->lists[4] = texts_of(json_object_get(own, "rsa_keys"),
					     o->rsa_keys, &o->rsa_key_count);
	o->events = c->lists[5] = texts_of(json_object_get(own, "events"),
					   o->events, &o->event_count);
	o->oauth_keys = c->lists[7] =
		texts_of(json_object_get(own, "oauth_keys"), o->oauth_keys,
			 &o->oauth_key_count);
	c->lists[6] = texts_of(json_object_get(expected, "captures"), NULL,
			       &o->path_count);
	o->paths = (char **)(uintptr_t)c->lists[6];
	for (size_t i = 0; i < CASE_LISTS; i++)
		fine &= c->lists[i] != NULL;
	return fine;
}

/* ---- what the analysis says ---- */

/* Standard error is a file here, emptied before each case. */
static void read_complaints(struct text *to)
{
	char block[COMPLAINTS_MAX];
	struct slice rest;
	ssize_t n;

	fflush(stderr);
	n = lseek(STDERR_FILENO, 0, SEEK_SET) == 0
		    ? read(STDERR_FILENO, block, sizeof(block))
		    : 0;
	rest = slice_of(block, n > 0 ? (size_t)n : 0);
	while (rest.n) {
		struct slice line = slice_split(&rest, '\n');

		if (slice_starts(line, SLICE("mrascope: ")))
			line = slice_from(line, 10);
		if (to->n)
			text_puts(to, "; ");
		text_escaped(to, line);
	}
	text_putc(to, '\0');
}

static void forget_complaints(void)
{
	fflush(stderr);
	if (ftruncate(STDERR_FILENO, 0) != 0 ||
	    lseek(STDERR_FILENO, 0, SEEK_SET) != 0)
		return;
}

/* What is held against the case. */
struct held {
	FILE *analysis; /* a file without a name, for it may be large */
	struct large *form, *golden;
	json_t *tree;
};

static void let_go(struct held *h)
{
	if (h->analysis)
		fclose(h->analysis);
	large_free(h->form);
	large_free(h->golden);
	json_decref(h->tree);
}

static bool analyse(const struct options *o, FILE *out, int *status)
{
	*status = EXIT_LIMIT;
	if (!out)
		return false;
	*status = analysis_run(o, out);
	return fflush(out) == 0 && ftell(out) > 0;
}

/* Assertions may ask for anything; for all else a little of it will do. */
static json_t *tree_of(FILE *analysis, bool whole)
{
	if (!whole)
		return large_gist(analysis);
	rewind(analysis);
	return json_loadf(analysis, 0, NULL);
}

/* ---- golden ---- */

static void read_golden(const json_t *expected, struct held *h,
			struct judge_input *in)
{
	FILE *f = fopen(tree_text(expected, "golden"), "rb");

	in->golden_is_there = f && fgetc(f) != EOF;
	if (in->golden_is_there)
		h->golden = large_golden(f);
	else if (f)
		fclose(f);
	in->golden = h->golden;
	h->form = large_of(h->analysis, spill_open_file(), false);
	in->form = h->form;
}

/* It was to be written, and is said to be. */
static void unsay_golden(json_t *result)
{
	json_t *checks = json_object_get(result, "checks");
	size_t i = json_array_size(checks);

	while (i--)
		if (strcmp(tree_text(json_array_get(checks, i), "name"),
			   "golden") == 0)
			(void)json_array_remove(checks, i);
}

static bool write_form(const void *context, FILE *to)
{
	return large_write(context, to);
}

static void write_golden(const json_t *expected, const struct large *form,
			 json_t *result)
{
	const char *path = tree_text(expected, "golden");
	struct text text = text_new(COMPLAINTS_MAX);

	errno = ENOMEM;
	if (!check_replace_file(path, write_form, form)) {
		text_printf(&text, "%s: cannot write: %s", path,
			    strerror(errno));
		text_putc(&text, '\0');
		unsay_golden(result);
		(void)judge_add(result, "golden", text.p);
		(void)tree_set(result, "outcome", "error");
		(void)json_object_set_new(result, "status",
					  json_integer(EXIT_INPUT));
	}
	text_free(&text);
}

static const json_t *suite_of(const struct check_run *run,
			      const json_t *expected)
{
	const char *file = tree_text(expected, "file");

	for (size_t i = 0; file && i < json_array_size(run->suites); i++) {
		const json_t *suite = json_array_get(run->suites, i);

		if (strcmp(tree_text(suite, "file"), file) == 0)
			return json_object_get(suite, "expect");
	}
	return NULL;
}

static json_t *judge_case(const struct check_run *run, json_t *expected,
			  const struct case_options *c)
{
	struct text said = text_new(COMPLAINTS_MAX * 4);
	struct judge_input in = {.expected = expected,
				 .suite = suite_of(run, expected),
				 .baseline = run->baseline,
				 .fails = run->options->fails,
				 .fail_on = run->options->fail_on,
				 .today = run->today,
				 .update = run->options->update};
	struct held h = {.analysis = spill_open_file()};
	const bool asks = json_array_size(in.suite) ||
			  json_array_size(json_object_get(expected, "expect"));
	struct options o = c->o;
	json_t *result;

	forget_complaints();
	if (!asks && !tree_text(expected, "golden"))
		o.format = FORMAT_JUNIT; /* an outline of the document */
	if (analyse(&o, h.analysis, &in.status))
		h.tree = tree_of(h.analysis, asks);
	in.analysis = h.tree;
	read_complaints(&said);
	in.complaints = said.failed == STATUS_OK ? said.p : "";
	if (h.tree && tree_text(expected, "golden"))
		read_golden(expected, &h, &in);
	result = judge(&in);
	if (result && in.renews)
		write_golden(expected, h.form, result);
	let_go(&h);
	text_free(&said);
	return result;
}

json_t *check_case(const struct check_run *run, json_t *expected)
{
	struct case_options c = {0};
	json_t *result = NULL;

	if (tree_text(expected, "skip")) {
		result = judge_error(expected, EXIT_FINE, "skipped");
		(void)tree_set(result, "outcome", "skip");
		(void)tree_set(result, "reason", tree_text(expected, "skip"));
		(void)json_array_clear(json_object_get(result, "checks"));
	} else if (set_options(&c, run->options, expected)) {
		result = judge_case(run, expected, &c);
	}
	for (size_t i = 0; i < CASE_LISTS; i++)
		free(c.lists[i]);
	return result;
}
