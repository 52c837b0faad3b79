/*
 * A row for each call, with the same columns always: lines of JSON
 * (mrascope.call/1) for databases that read such, and CSV (RFC 4180).  One
 * table of columns serves both; mrascope-json(5) has them.
 */
#ifndef REPORT_REPORT_CALLS_H
#define REPORT_REPORT_CALLS_H

#include "report/report_json.h"

/* Both append all chosen calls. */
void report_calls_ndjson(const struct model *model,
			 const struct report_json_options *options,
			 struct text *to);
void report_calls_csv(const struct model *model,
		      const struct report_json_options *options,
		      struct text *to);

#endif /* REPORT_REPORT_CALLS_H */
