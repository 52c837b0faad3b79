/*
 * Writing a finished analysis in the format that was asked for.
 */
#ifndef CLI_REPORTS_H
#define CLI_REPORTS_H

#include "cli/pipeline.h"
#include "report/selection.h"

struct report_job {
	const struct options *options;
	const struct pipeline *pipeline;
	struct model *model;
	struct keys keys;
	struct selection *selection; /* NULL: all calls */
	FILE *out;
	bool failed;
};

/* Reads the selectors of the options; false after a message. */
bool reports_select(struct report_job *job);
/* Chooses the calls of the finished model.  STATUS_OK; STATUS_NOT_MINE after a
 * message: a call that was named is not there; STATUS_NOMEM. */
enum status reports_choose(struct report_job *job);
void reports_write(struct report_job *job);
struct html_message;
/* The report as a page, with these messages (see report/report_html.h). */
void reports_write_page(struct report_job *job,
			const struct html_message *messages, size_t count);
void reports_free(struct report_job *job);

#endif /* CLI_REPORTS_H */
