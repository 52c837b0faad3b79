/*
 * The firewall table as CSV (RFC 4180): a row for each way that set-up tried,
 * with the opening that it wants.
 */
#ifndef REPORT_REPORT_PATHS_H
#define REPORT_REPORT_PATHS_H

#include "report/report_json.h"

/* Appends a line of names and a row for each way that is selected, and flushes
 * after each where the options say how. */
void report_paths_csv(const struct model *model,
		      const struct report_json_options *options,
		      struct text *to);

/* "50000", "50000-50019". */
void ports_text(unsigned low, unsigned high, struct text *to);
/* The same for who has room for PORTS_MAX characters; returns what is behind
 * them. */
#define PORTS_MAX 21u
char *ports_put(unsigned low, unsigned high, char *to);

#endif /* REPORT_REPORT_PATHS_H */
