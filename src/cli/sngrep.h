/*
 * sngrep's own command line, for fingers that know it: `mrascope sngrep ...`,
 * or the program started under that name.
 */
#ifndef CLI_SNGREP_H
#define CLI_SNGREP_H

#include "cli/options.h"

/* Was the program started under that name? */
bool sngrep_is_name(int argc, char **argv);

/* Runs with sngrep's words, behind argv[0]; returns the exit status. */
int sngrep_run(int argc, char **argv);
/* The options of sngrep that are in its help. */
void sngrep_tell(const struct option_taker *to);

#endif /* CLI_SNGREP_H */
