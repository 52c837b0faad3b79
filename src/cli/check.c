/* mrascope check: captures held against what is expected of them. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "check/baseline.h"
#include "check/forms.h"
#include "cli/check_parts.h"
#include "cli/rules.h"
#include "core/clock.h"

#define FILE_TEXT_MAX ((size_t)256 << 20)

/* ---- files ---- */

static bool complain(const char *path)
{
	fprintf(stderr, "mrascope: %s: %s\n", path, strerror(errno));
	return false;
}

bool check_read_file(const char *path, bool optional, struct text *to)
{
	FILE *f = fopen(path, "rb");
	char block[16384];
	size_t n;
	bool fine;

	if (!f)
		return optional && errno == ENOENT ? false : complain(path);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		text_put(to, slice_of(block, n));
	fine = !ferror(f) && to->failed == STATUS_OK;
	if (!fine)
		(void)complain(path);
	fclose(f);
	return fine;
}

bool check_replace_file(const char *path,
			bool (*write)(const void *context, FILE *to),
			const void *context)
{
	struct text name = text_new(65536);
	FILE *f = NULL;
	int error;
	bool fine;

	text_printf(&name, "%s.%ld.new", path, (long)getpid());
	text_putc(&name, '\0');
	if (name.failed == STATUS_OK)
		f = fopen(name.p, "wb");
	fine = f && write(context, f);
	if (f)
		fine &= fclose(f) == 0;
	fine = fine && rename(name.p, path) == 0;
	error = errno;
	if (!fine)
		(void)complain(path);
	if (!fine && f)
		(void)remove(name.p);
	text_free(&name);
	errno = error;
	return fine;
}

static bool write_text(const void *context, FILE *to)
{
	const struct slice *text = context;

	return fwrite(text->p, 1, text->n, to) == text->n;
}

bool check_write_file(const char *path, struct slice text)
{
	return check_replace_file(path, write_text, &text);
}

/* ---- what day it is ---- */

/* SOURCE_DATE_EPOCH makes results that can be made again. */
static void set_today(struct check_run *run)
{
	const char *given = getenv("SOURCE_DATE_EPOCH");
	uint64_t seconds = (uint64_t)time(NULL);
	struct civil_time day;

	if (given)
		(void)!slice_number(slice_of_text(given), 1u << 31, &seconds);
	day = clock_civil(clock_of((int64_t)seconds, 0));
	snprintf(run->today, sizeof(run->today), "%04d-%02d-%02d",
		 day.year % 10000, day.month % 100, day.day % 100);
}

/* ---- baseline ---- */

static const char *baseline_path(const struct check_run *run)
{
	const char *path = run->options->baseline;

	for (size_t i = 0; !path && i < json_array_size(run->suites); i++)
		path = tree_text(json_array_get(run->suites, i), "baseline");
	return path;
}

static bool read_baseline(struct check_run *run)
{
	const char *path = baseline_path(run);
	struct text text = text_new(FILE_TEXT_MAX), why = text_new(4096);
	bool fine = true;

	if (!path)
		return true;
	fine = check_read_file(path, false, &text);
	if (fine) {
		run->baseline = baseline_read(path, text_slice(&text), &why);
		fine = run->baseline != NULL;
		if (!fine)
			fprintf(stderr, "mrascope: %.*s\n", (int)why.n, why.p);
	}
	if (!fine)
		run->status = EXIT_USAGE;
	text_free(&text);
	text_free(&why);
	return fine;
}

static void write_baseline(struct check_run *run)
{
	struct text text = text_new(FILE_TEXT_MAX);

	if (!run->options->write_baseline)
		return;
	baseline_write(run->results, run->baseline, run->today, &text);
	if (text.failed != STATUS_OK ||
	    !check_write_file(run->options->write_baseline, text_slice(&text)))
		run->status = EXIT_USAGE;
	text_free(&text);
}

/* ---- over the suite ---- */

/* The values of one assertion from all results of its suite. */
static json_t *values_of(const struct check_run *run, const json_t *suite,
			 size_t number)
{
	size_t first = (size_t)tree_number(suite, "first");
	size_t count = (size_t)tree_number(suite, "count");
	json_t *all = json_array();

	for (size_t i = first; i < first + count; i++) {
		const json_t *lists = json_object_get(
			json_array_get(run->results, i), "suite");
		json_t *values = json_array_get(lists, number);

		if (values)
			(void)json_array_extend(all, values);
	}
	return all;
}

static json_t *suite_result(const struct check_run *run, const json_t *suite)
{
	const json_t *expect = json_object_get(suite, "expect");
	json_t *result = json_object(), *checks = json_array();
	bool failed = false;

	for (size_t i = 0; i < json_array_size(expect); i++) {
		json_t *values = values_of(run, suite, i);
		json_t *check =
			assertion_judge(json_array_get(expect, i), values);

		failed |= !tree_true(check, "passed");
		(void)json_array_append_new(checks, check);
		json_decref(values);
	}
	(void)tree_set(result, "name", tree_text(suite, "file"));
	(void)tree_set(result, "file", tree_text(suite, "file"));
	(void)tree_set(result, "outcome", failed ? "fail" : "pass");
	(void)json_object_set_new(result, "captures", json_array());
	(void)json_object_set_new(result, "status", json_integer(0));
	(void)json_object_set_new(result, "checks", checks);
	(void)json_object_set_new(result, "findings", json_array());
	return result;
}

static void judge_suites(struct check_run *run)
{
	size_t count = json_array_size(run->results);

	for (size_t i = 0; i < json_array_size(run->suites); i++) {
		const json_t *suite = json_array_get(run->suites, i);

		if (json_array_size(json_object_get(suite, "expect")))
			(void)json_array_append_new(run->results,
						    suite_result(run, suite));
	}
	for (size_t i = 0; i < count; i++)
		(void)json_object_del(json_array_get(run->results, i), "suite");
}

/* ---- the end ---- */

/* The first that applies, as design and mrascope(1) have them. */
static int status_of(const struct check_run *run)
{
	struct tally tally = tally_of(run->results);
	int worst = EXIT_FINE;

	if (run->status == EXIT_USAGE)
		return EXIT_USAGE;
	for (size_t i = 0; i < tally.cases; i++) {
		int one = (int)tree_number(json_array_get(run->results, i),
					   "status");

		if (one == EXIT_LIMIT || run->status == EXIT_LIMIT)
			return EXIT_LIMIT;
		if (one == EXIT_INPUT)
			worst = EXIT_INPUT;
	}
	if (worst == EXIT_INPUT || run->status == EXIT_INPUT ||
	    tally.cases == tally.skipped)
		return EXIT_INPUT;
	return tally_is_fine(&tally) ? EXIT_FINE : EXIT_FINDINGS;
}

/* The words of the plugin guidelines: 0 OK, 2 CRITICAL, 3 UNKNOWN. */
static int nagios_status(int status)
{
	if (status == EXIT_FINDINGS)
		return 2;
	return status == EXIT_FINE ? 0 : 3;
}

static bool is_for_nagios(const struct options *o)
{
	for (size_t i = 0; i < o->form_count; i++)
		if (o->forms[i].format == FORMAT_NAGIOS && !o->forms[i].file)
			return true;
	return false;
}

int command_check(const struct options *options)
{
	struct check_run run = {.options = options,
				.words = {schema_new(), rules_know},
				.cases = json_array(),
				.results = json_array(),
				.suites = json_array(),
				.status = EXIT_FINE};
	int status = EXIT_LIMIT, written;

	set_today(&run);
	if (run.words.schema && run.suites) {
		if (check_find(&run) && read_baseline(&run) &&
		    check_work(&run)) {
			judge_suites(&run);
			write_baseline(&run);
			written = check_write(&run);
			if (written != EXIT_FINE)
				run.status = written;
			status = status_of(&run);
		} else {
			status = run.status;
		}
	}
	json_decref(run.cases);
	json_decref(run.results);
	json_decref(run.suites);
	json_decref(run.baseline);
	schema_free(run.words.schema);
	return is_for_nagios(options) ? nagios_status(status) : status;
}
