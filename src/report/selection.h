/*
 * Which calls a report tells: the selectors of --call, and what of the model
 * belongs to the calls that they choose.
 *
 * A selector is one term or several with commas between them, which must all
 * fit; of several selectors one must fit.  mrascope(1) has the terms.
 */
#ifndef REPORT_SELECTION_H
#define REPORT_SELECTION_H

#include "report/keys.h"

#define SELECTION_TERMS_MAX 1024u

struct selection;

/* Without selectors; NULL when memory is out. */
struct selection *selection_new(void);
void selection_free(struct selection *selection);

/*
 * Adds a selector, which must live as long as the selection.  STATUS_BAD: it
 * cannot be understood, *why says what is wrong; STATUS_LIMIT, STATUS_NOMEM.
 */
MUST_CHECK enum status selection_add(struct selection *selection,
				     const char *selector, const char **why);

/* Chooses from a finished model, which must outlive the selection.
 * STATUS_NOMEM. */
MUST_CHECK enum status selection_apply(struct selection *selection,
				       const struct keys *keys);

/* The first selector that means one call by its number, Call-ID or key and
 * found none, or NULL. */
const char *selection_missing(const struct selection *selection);

/* How many calls were chosen. */
size_t selection_count(const struct selection *selection);

enum selected_list {
	SELECTED_CALLS,
	SELECTED_PARTIES,
	SELECTED_REGISTRATIONS,
	SELECTED_TOKENS,
	SELECTED_ALLOCATIONS,
	SELECTED_NOTES,
	SELECTED_PATHS,
	SELECTED_LISTS,
};

/* Does this row belong to a chosen call?  Findings of no call do.  Without a
 * selection (NULL) all rows are chosen. */
bool selection_has(const struct selection *selection, enum selected_list list,
		   size_t row);

#endif /* REPORT_SELECTION_H */
