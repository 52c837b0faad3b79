/*
 * An analysis held against its case: what the result of a check is.
 *
 * A result is an object:
 *	name, file, captures	of the case
 *	outcome		"pass", "fail", "error", "skip", "xfail", "xpass" or
 *			"quarantine"
 *	reason		of a skip, expected failure or quarantine, or null
 *	status		exit status that the analysis asks for (0, 3, 4)
 *	checks		a list of {name, line, passed, message, diff}
 *	findings	a list of {rule, severity, message, call, key, frames,
 *			remedy, source, accepted: reason or null}
 *	calls		a list of {key, outcome, text}
 *	suite		values for the assertions over the suite, a list each
 */
#ifndef CHECK_JUDGE_H
#define CHECK_JUDGE_H

#include "check/assertion.h"
#include "check/large.h"
#include "core/finding.h"

struct judge_input {
	json_t *expected;       /* the case */
	/* NULL: there is none; where nothing but findings is expected of it its
	 * gist will do (check/large.h). */
	json_t *analysis;
	const char *complaints; /* what the analysis said, "" when nothing */
	int status;             /* its exit status */
	/* The form of the analysis, where a golden is wanted; and that, or
	 * NULL: there is none that can be read. */
	const struct large *form, *golden;
	bool golden_is_there; /* and may be none that can be read */
	const json_t *suite;    /* assertions over the suite, or NULL */
	const json_t *baseline; /* accepted findings, or NULL */
	bool fails;             /* on findings of this severity or more */
	enum severity fail_on;
	const char *today; /* "2026-11-24" */
	bool update;
	bool renews; /* out: the form is to be written as the golden */
};

/* NULL when memory is out. */
json_t *judge(struct judge_input *in);

/* A result without an analysis: what went wrong instead. */
json_t *judge_error(const json_t *expected, int status, const char *why);

/* Adds a check that failed to a result. */
bool judge_add(json_t *result, const char *name, const char *message);

#endif /* CHECK_JUDGE_H */
