/*
 * The text report, for somebody who never saw it: a headline, a line for each
 * call where there are several, then the calls with their five stages, what
 * was asked and checked, and what was found.
 */
#ifndef REPORT_REPORT_TEXT_H
#define REPORT_REPORT_TEXT_H

#include "model/model.h"

struct report_capture {
	const char *path;
	const char *format;
	uint64_t frames;
	const char *damage; /* NULL: none */
};

struct report_options {
	bool color;
	size_t width; /* of a line: 60 to 100 columns; 0: 100 */
	const struct report_capture *captures;
	size_t capture_count;
	uint64_t sip, stun, rtp; /* messages seen, for the head */
	/* Called when enough has gathered in `to`; clears it. */
	void *context;
	void (*flush)(void *context, struct text *to);
};

/* Appends the report; captured text is escaped. */
void report_text(const struct model *model,
		 const struct report_options *options, struct text *to);

#endif /* REPORT_REPORT_TEXT_H */
