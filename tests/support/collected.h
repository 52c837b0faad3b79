/*
 * The collected messages of other projects, which lie beside the source tree
 * where the project is developed and nowhere else.
 */
#ifndef TESTS_SUPPORT_COLLECTED_H
#define TESTS_SUPPORT_COLLECTED_H

#include "core/slice.h"

/*
 * Runs over every file with that suffix (".sip") in all folders of
 * $MRASCOPE_CAPTURES/messages, or ../shared/captures/messages from the top of
 * the source tree.  The bytes lie in a block of exactly their size.  Returns
 * the number of files: 0 where that folder is missing.
 */
size_t collected_each(const char *suffix,
		      void (*run)(const char *path, struct slice bytes));

#endif /* TESTS_SUPPORT_COLLECTED_H */
