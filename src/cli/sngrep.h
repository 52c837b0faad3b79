/*
 * sngrep's own command line, for fingers that know it: `mrascope sngrep ...`,
 * or the program started under that name.
 */
#ifndef CLI_SNGREP_H
#define CLI_SNGREP_H

#include <stdbool.h>

/* Is it sngrep that was asked for?  *skip: how many words to pass over. */
bool sngrep_is_asked(int argc, char **argv, int *skip);

/* Runs with sngrep's words; returns the exit status. */
int sngrep_run(int argc, char **argv);

#endif /* CLI_SNGREP_H */
