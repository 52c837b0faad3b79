/*
 * Expectations: YAML as mrascope-check(5) has it, made into cases that are
 * whole and checked: shorthands become assertions, paths are joined with the
 * folder of the file.
 *
 * A case is an object:
 *	name, file, line	of the expectation
 *	captures		paths, analysed as one
 *	options			credentials, credential_files, turn_secrets,
 *				oauth_keys, keylogs, rsa_keys, filter
 *	golden			path, or null
 *	expect			assertions
 *	fail_on			"error", "warning", "never" or null
 *	xfail, skip		reasons, or null
 *	quarantine		{until, reason}, or null
 */
#ifndef CHECK_EXPECT_H
#define CHECK_EXPECT_H

#include "check/assertion.h"

/*
 * Reads an expectation of one capture, or a suite of several.  `path` is the
 * file's, for messages and to join paths with.  Returns an object with
 *	cases	a list; a capture's expectation has one, without captures when
 *		it names none
 *	expect	assertions over the suite
 *	baseline path, or null
 * or NULL: `why` says what is wrong, "FILE:LINE: sentence".
 */
json_t *expect_read(const struct vocabulary *words, const char *path,
		    struct slice text, struct text *why);

/* A case with nothing but a name and a capture. */
json_t *expect_plain(const char *name, const char *capture);

#endif /* CHECK_EXPECT_H */
