/*
 * The forms in which results are written: which there are, and which command
 * speaks them.
 */
#ifndef CLI_FORMATS_H
#define CLI_FORMATS_H

#include "core/text.h"

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_NDJSON,
	FORMAT_HTML,
	FORMAT_JUNIT,
	FORMAT_SARIF,
	FORMAT_CSV,
	FORMAT_MERMAID,
	FORMAT_TAP,
	FORMAT_TAP13,
	FORMAT_GITHUB,
	FORMAT_GITLAB,
	FORMAT_NAGIOS,
};

/* A form and where it goes; `file` NULL: to the result's usual place. */
struct form {
	enum format format;
	const char *file;
};

/* Reads "junit" or "junit=out.xml"; false: there is no such form. */
bool format_read(const char *text, struct form *out);
/* Does the command of this name speak it?  NULL: does any? */
bool format_is_for(enum format format, const char *command);
/* "text, json" of a command. */
void format_list(const char *command, struct text *to);

#endif /* CLI_FORMATS_H */
