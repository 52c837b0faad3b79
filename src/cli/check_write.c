/* Results in all forms that were asked for, each where it belongs. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "check/forms.h"
#include "cli/check_parts.h"
#include "cli/pipeline.h"

#define FORM_MAX ((size_t)1 << 30)

static const struct {
	enum format format;
	form_fn *write;
} writers[] = {
	{FORMAT_TEXT, form_text},     {FORMAT_JSON, form_json},
	{FORMAT_TAP, form_tap},       {FORMAT_TAP13, form_tap13},
	{FORMAT_JUNIT, form_junit},   {FORMAT_SARIF, form_sarif},
	{FORMAT_GITHUB, form_github}, {FORMAT_GITLAB, form_gitlab},
	{FORMAT_NAGIOS, form_nagios},
};

static form_fn *writer_of(enum format format)
{
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++)
		if (writers[i].format == format)
			return writers[i].write;
	return form_text;
}

static bool put(const struct check_run *run, enum format format, FILE *out)
{
	struct form_options options = {
		.version = MRASCOPE_VERSION,
		.suite = "mrascope check",
		.color = format == FORMAT_TEXT &&
			 pipeline_color(run->options, out),
		.verbose = !run->options->quiet,
	};
	struct text text = text_new(FORM_MAX);
	bool fine;

	writer_of(format)(run->results, &options, &text);
	fine = text.failed == STATUS_OK &&
	       fwrite(text.n ? text.p : "", 1, text.n, out) == text.n;
	text_free(&text);
	return fine;
}

static int write_file(const struct check_run *run, const struct form *form)
{
	FILE *out = fopen(form->file, "w");
	bool fine;

	if (!out) {
		fprintf(stderr, "mrascope: %s: %s\n", form->file,
			strerror(errno));
		return EXIT_USAGE;
	}
	fine = put(run, form->format, out);
	fine &= fclose(out) == 0;
	if (!fine)
		fprintf(stderr, "mrascope: %s: cannot write: %s\n", form->file,
			strerror(errno));
	return fine ? EXIT_FINE : EXIT_INPUT;
}

/* GitHub shows the file that this names on the page of the run. */
static bool write_summary(const struct check_run *run)
{
	const char *path = getenv("GITHUB_STEP_SUMMARY");
	struct form_options options = {.version = MRASCOPE_VERSION,
				       .suite = "mrascope check"};
	struct text text = text_new(FORM_MAX);
	FILE *out = path && path[0] ? fopen(path, "a") : NULL;
	bool fine = true;

	if (out) {
		form_summary(run->results, &options, &text);
		fine = fwrite(text.p, 1, text.n, out) == text.n;
		fine &= fclose(out) == 0;
	}
	text_free(&text);
	if (!fine)
		fprintf(stderr, "mrascope: %s: cannot write: %s\n", path,
			strerror(errno));
	return fine;
}

int check_write(const struct check_run *run)
{
	const struct options *o = run->options;
	const struct form *here = NULL;
	struct form usual = {FORMAT_TEXT, NULL};
	FILE *out;
	int status = EXIT_FINE;
	bool written;

	for (size_t i = 0; i < o->form_count; i++) {
		int one = EXIT_FINE;

		if (o->forms[i].file)
			one = write_file(run, &o->forms[i]);
		else
			here = &o->forms[i];
		if (o->forms[i].format == FORMAT_GITHUB && !write_summary(run))
			one = EXIT_INPUT;
		if (status != EXIT_USAGE && one != EXIT_FINE)
			status = one;
	}
	out = pipeline_output(o);
	if (!out)
		return EXIT_USAGE;
	written = put(run, (here ? here : &usual)->format, out);
	written &= pipeline_output_close(o, out);
	if (!written && status == EXIT_FINE)
		status = EXIT_INPUT;
	return status;
}
