/*
 * Windows event logs (--events): read as XML, and told to the stages.
 */
#ifndef CLI_EVENTS_H
#define CLI_EVENTS_H

#include "cli/options.h"
#include "flow/stages.h"

/* A file larger than this is refused. */
#define EVENTS_FILE_MAX ((size_t)256 << 20)

/* Can all of them be opened?  False after a message; asked before much work is
 * done. */
bool events_check(const struct options *options);

/* Tells the events of all files that matter here; what is wrong is said on
 * standard error.  False: memory is out. */
bool events_tell(const struct options *options, struct stages *stages);

#endif /* CLI_EVENTS_H */
