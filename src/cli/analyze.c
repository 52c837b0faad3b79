/* mrascope analyze: how far each call got, in five stages. */
#include "config.h"

#include <stdlib.h>

#include "check/forms.h"
#include "check/results.h"
#include "cli/analysis.h"
#include "cli/page.h"
#include "cli/pipeline.h"

#define FORM_MAX ((size_t)1 << 30)

static int write_form(const struct options *options, const json_t *analysis)
{
	struct form_options form = {.version = MRASCOPE_VERSION,
				    .suite = "mrascope analyze"};
	struct text text = text_new(FORM_MAX);
	json_t *results = results_of(analysis);
	FILE *out = pipeline_output(options);
	bool fine = false;

	if (out && results) {
		if (options->format == FORMAT_JUNIT)
			form_junit(results, &form, &text);
		else
			form_sarif(results, &form, &text);
		fine = text.failed == STATUS_OK;
		(void)fwrite(text.n ? text.p : "", 1, text.n, out);
	}
	if (out && !pipeline_output_close(options, out))
		fine = false;
	json_decref(results);
	text_free(&text);
	return fine ? EXIT_FINE : EXIT_LIMIT;
}

/* JUnit and SARIF are forms of results, which are made of the document. */
static int analyze_as_results(const struct options *options)
{
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);
	json_t *analysis = NULL;
	int status = EXIT_LIMIT, wrote = EXIT_LIMIT;

	if (out) {
		status = analysis_run(options, out);
		if (fclose(out) == 0 && n)
			analysis = json_loadb(bytes, n, 0, NULL);
	}
	if (analysis)
		wrote = write_form(options, analysis);
	json_decref(analysis);
	free(bytes);
	return analysis && wrote == EXIT_FINE ? status
	       : status == EXIT_FINE          ? wrote
					      : status;
}

int command_analyze(const struct options *options)
{
	if (options->ways && options->format != FORMAT_TEXT &&
	    options->format != FORMAT_CSV) {
		fputs("mrascope: --paths is for -f text and csv; json has "
		      "them anyway\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (options->series && options->format != FORMAT_JSON &&
	    options->format != FORMAT_HTML) {
		fputs("mrascope: --series is for -f json; html has it anyway\n",
		      stderr);
		return EXIT_USAGE;
	}
	if (options->format == FORMAT_JUNIT || options->format == FORMAT_SARIF)
		return analyze_as_results(options);
	if (options->format == FORMAT_HTML)
		return page_write(options);
	return analysis_run(options, NULL);
}
