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

#endif /* CLI_ANALYSIS_H */
