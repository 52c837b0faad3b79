/*
 * Text that was put into a page of HTML and copied from its source, as forums
 * and ticket systems give it back: "From: &lt;sip:alice@example.org&gt;<br>".
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_HTML_H
#define CAPTURE_LOG_HTML_H

#include "core/byte_source.h"

/* Is this front of a text such a one?  Addresses stand in it escaped, and never
 * bare; what is in angle brackets then is markup. */
bool html_claims(struct slice first);

/* Where a conversion stands, from one piece of text to the next. */
struct html_rest {
	bool line_begun; /* text stands on the line that was made last */
	bool broken;     /* by a tag: the end of a line that follows is none */
};

/*
 * Makes text of what is whole in `from`; *used is what was taken of it.  It
 * never makes more than it takes, so `to` may be the same memory.  At the end
 * of all nothing is left open: `last`.
 */
size_t html_convert(struct html_rest *rest, struct slice from, bool last,
		    uint8_t *to, size_t *used);

/* A source of the text in another one.  Takes that over, also on failure:
 * STATUS_NOMEM.  `first` was read from it already. */
MUST_CHECK enum status html_open(struct byte_source *packed, struct slice first,
				 struct byte_source **out);

#endif /* CAPTURE_LOG_HTML_H */
