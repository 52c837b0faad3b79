/*
 * The text report, for somebody who never saw it: a headline, a line for each
 * call where there are several, then the calls with their five stages, what
 * was asked and checked, and what was found.
 */
#ifndef REPORT_REPORT_TEXT_H
#define REPORT_REPORT_TEXT_H

#include "report/selection.h"

struct report_capture {
	const char *path;
	const char *format;
	uint64_t frames;
	const char *damage;            /* NULL: none */
	const char *const *link_types; /* names */
	size_t link_type_count;
	uint64_t bytes;                    /* of the file */
	nanoseconds first_time, last_time; /* 0: no frame had a time */
	const char *const *warnings;
	size_t warning_count;
	/* Logs only: */
	bool log, zoneless;
	uint64_t passed, truncated; /* lines, messages */
	const char *passed_first;   /* NULL: none */
};

struct report_options {
	bool color;
	size_t width; /* of a line: 60 to 100 columns; 0: 100 */
	const struct report_capture *captures;
	size_t capture_count;
	uint64_t sip, stun, rtp;           /* messages seen, for the head */
	uint64_t malformed;                /* that could not be read */
	const struct selection *selection; /* NULL: all calls */
	bool show_secrets;
	bool paths; /* the firewall table, and nothing else */
	/* Called when enough has gathered in `to`; clears it. */
	void *context;
	void (*flush)(void *context, struct text *to);
};

/* Appends the report; captured text is escaped. */
void report_text(const struct model *model,
		 const struct report_options *options, struct text *to);

#endif /* REPORT_REPORT_TEXT_H */
