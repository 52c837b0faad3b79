/*
 * An analysis from captures to its report.
 */
#ifndef CLI_ANALYSIS_H
#define CLI_ANALYSIS_H

#include <stdio.h>

#include "cli/options.h"

/*
 * Reads the captures of the options, judges, and writes the report in their
 * format to `out`, or where they say when that is NULL.  Complaints go to
 * standard error.  Returns the exit status.
 */
int analysis_run(const struct options *options, FILE *out);

struct report_job;
struct message;

/*
 * Somebody who hears the messages of an analysis and writes what comes of it
 * himself, in place of the report.
 */
struct analysis_reader {
	void *context;
	/* A message, good during the call, which may come from another thread
	 * than before; and: all is told again. */
	void (*hear)(void *context, const struct message *message);
	void (*restart)(void *context);
	/* The model is judged and calls are chosen.  False: it failed. */
	bool (*write)(void *context, struct report_job *job);
};
int analysis_read(const struct options *options, FILE *out,
		  const struct analysis_reader *reader);

#endif /* CLI_ANALYSIS_H */
