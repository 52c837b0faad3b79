/* Secrets in bodies that are encoded: all of such a body is hidden. */
#include "config.h"

#include "core/encoded.h"
#include "report/masking.h"
#include "report/secrets.h"

/* The value of the header that a line is, if it has one of two names. */
static bool value_of(struct slice line, const char *name, const char *compact,
		     struct slice *value)
{
	struct slice head = slice_trim(slice_split(&line, ':'));

	if (!slice_is_nocase(head, name) &&
	    !(compact && slice_is_nocase(head, compact)))
		return false;
	*value = slice_trim(line);
	return true;
}

/* Up to the next boundary of parts, or all. */
static size_t body_length(struct slice rest)
{
	size_t at;

	return slice_search(rest, SLICE("\n--"), &at) ? at : rest.n;
}

static bool may_tell(struct slice transfer, struct slice packing,
		     struct slice body)
{
	struct text plain = text_new(ENCODED_MAX);
	enum status status = encoded_undo(transfer, packing, body, &plain);
	bool tells =
		status != STATUS_NOT_MINE &&
		(status != STATUS_OK || secret_may_be_in(text_slice(&plain)));

	text_free(&plain);
	return tells;
}

void masking_find_bodies(struct slice text, const struct secret_sink *sink)
{
	struct slice transfer = {0}, packing = {0}, rest = text;

	while (rest.n) {
		struct slice line = slice_trim(slice_split(&rest, '\n'));
		size_t n;

		if (line.n) {
			(void)(value_of(line, "Content-Transfer-Encoding", NULL,
					&transfer) ||
			       value_of(line, "Content-Encoding", "e",
					&packing));
			continue;
		}
		if (!transfer.n && !packing.n)
			continue;
		n = body_length(rest);
		if (may_tell(transfer, packing, slice_first(rest, n)))
			sink->hide(sink->context, text.n - rest.n, n);
		rest = slice_from(rest, n);
		transfer = packing = (struct slice){0};
	}
}
