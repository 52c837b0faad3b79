/* mrascope analyze: how far each call got, in five stages. */
#include "config.h"

#include <stdlib.h>

#include "check/forms.h"
#include "check/results.h"
#include "cli/analysis.h"
#include "cli/page.h"
#include "cli/pipeline.h"
#include "cli/spill.h"

#define FORM_MAX ((size_t)1 << 30)

static int write_form(const struct options *options, const json_t *results)
{
	struct form_options form = {.version = MRASCOPE_VERSION,
				    .suite = "mrascope analyze"};
	struct text text = text_new(FORM_MAX);
	FILE *out = pipeline_output(options);
	bool fine = false;

	if (out) {
		if (options->format == FORMAT_JUNIT)
			form_junit(results, &form, &text);
		else
			form_sarif(results, &form, &text);
		fine = text.failed == STATUS_OK;
		(void)fwrite(text.n ? text.p : "", 1, text.n, out);
	}
	if (out && !pipeline_output_close(options, out))
		fine = false;
	text_free(&text);
	return fine ? EXIT_FINE : EXIT_LIMIT;
}

/* JUnit and SARIF are forms of results, which are made of the document. */
static int analyze_as_results(const struct options *options)
{
	FILE *file = spill_open_file();
	json_t *results = NULL;
	int status = EXIT_LIMIT, wrote = EXIT_LIMIT;

	if (file) {
		status = analysis_run(options, file);
		if (fflush(file) == 0 && ftell(file) > 0)
			results = results_of(file);
		fclose(file);
	}
	if (results)
		wrote = write_form(options, results);
	json_decref(results);
	return results && wrote == EXIT_FINE ? status
	       : status == EXIT_FINE         ? wrote
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
