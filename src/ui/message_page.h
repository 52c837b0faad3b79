/*
 * A message as a page to read: as it was sent, or field by field.
 *
 * Secrets are told as their fingerprints in both, unless the feed shows them.
 */
#ifndef UI_MESSAGE_PAGE_H
#define UI_MESSAGE_PAGE_H

#include "report/masking.h"
#include "ui/app.h"
#include "ui/page.h"

/* Fills the page, which page_begin starts, with the text of the message or its
 * fields. */
void message_page(struct app *app, const struct entry *entry, bool fields,
		  struct page *page, int width);

/* What a field holds, in one line; nothing of a group.  `secrets` are those of
 * its message; NULL shows them. */
void message_value(const struct field *field, const struct masking *secrets,
		   struct text *to);

/* Where the secrets of a message stand, for masking_free. */
void message_secrets(struct feed *feed, const struct entry *entry,
		     struct slice bytes, struct masking *secrets);

/* The text of a message with its secrets masked, as files of text have it. */
void message_masked(struct feed *feed, const struct entry *entry,
		    struct slice bytes, struct text *to);

#endif /* UI_MESSAGE_PAGE_H */
