/*
 * The report as a page: one file that needs no network and works from a mail.
 *
 * The data stands in it as JSON, the calls each by themselves, so that a page
 * of many opens quickly: a script draws what is looked at.  With many calls it
 * is packed.  Without scripts the text report is shown.
 */
#ifndef REPORT_REPORT_HTML_H
#define REPORT_REPORT_HTML_H

#include "report/report_json.h"

/* Parts of the page; made from src/report/html when the program is built. */
extern const char *const html_style_lines[], *const html_script_lines[];

/* A message as it was sent, as text or in hexadecimal, secrets masked, by the
 * frame that completed it. */
struct html_message {
	uint32_t file;
	uint64_t frame;
	struct slice text;
};

struct report_html_options {
	const struct report_json_options *json; /* flush is used, too */
	const struct report_options *text;   /* of the report without scripts */
	const struct html_message *messages; /* sorted by file and frame */
	size_t message_count;
};

/* Appends the page. */
void report_html(const struct model *model,
		 const struct report_html_options *options, struct text *to);

#endif /* REPORT_REPORT_HTML_H */
