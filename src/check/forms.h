/*
 * The forms in which results of a check are written, for people and for the
 * machines that they work with.  All of them are the same for the same
 * results: no time of day, no duration of the check itself.
 */
#ifndef CHECK_FORMS_H
#define CHECK_FORMS_H

#include "check/tree.h"

struct tally {
	size_t cases; /* all of the following */
	size_t passed, failed, errors, skipped, xfailed, xpassed, quarantined;
};

/* Counts the results of all cases. */
struct tally tally_of(const json_t *results);
/* "12 cases: 10 passed, 2 failed" */
void tally_put(const struct tally *tally, struct text *to);
/* Was something judged, and is nothing wrong? */
bool tally_is_fine(const struct tally *tally);

/* "FAIL" and the like, for the first column. */
const char *outcome_word(const json_t *result);
/* Does the outcome count as a failure? */
bool outcome_is_bad(const json_t *result);

struct form_options {
	const char *version; /* of the program */
	bool color;
	bool verbose;      /* text: also the cases that passed */
	const char *suite; /* name of the whole, "mrascope check" */
};

typedef void form_fn(const json_t *results, const struct form_options *options,
		     struct text *to);

form_fn form_text, form_json;
form_fn form_tap13;   /* the same for harnesses that know only TAP 13 */
form_fn form_tap;     /* TAP 14, testanything.org/tap-version-14 */
form_fn form_junit;   /* as Jenkins reads it (junit-10.xsd of its plugin) */
form_fn form_sarif;   /* SARIF 2.1.0 (OASIS) */
form_fn form_github;  /* workflow commands that annotate */
form_fn form_summary; /* Markdown, for GITHUB_STEP_SUMMARY */
form_fn form_gitlab;  /* code quality: a list in the form of Code Climate */
form_fn form_nagios;  /* one line of the plugin guidelines, with figures */

#endif /* CHECK_FORMS_H */
