/* What is written must be none of what is read. */
#ifndef CLI_APART_H
#define CLI_APART_H

#include "cli/options.h"

/* Are all files that the options want written none of these?  False after a
 * message on standard error. */
bool outputs_are_apart(const struct options *options);

#endif /* CLI_APART_H */
