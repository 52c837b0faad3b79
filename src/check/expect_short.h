/*
 * The short forms of expectations, made into assertions.
 */
#ifndef CHECK_EXPECT_SHORT_H
#define CHECK_EXPECT_SHORT_H

#include "check/tree.h"

/*
 * Appends to `to` what verdict, stages, findings, calls, candidates and media
 * of a case stand for.  False: *wrong says why not.
 */
bool expect_short(const json_t *from, json_t *to, const char **wrong);

#endif /* CHECK_EXPECT_SHORT_H */
