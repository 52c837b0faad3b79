/*
 * Text that a program wrapped up line by line: a maker takes the lines and
 * makes those that a reader of logs knows.
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_MAKER_H
#define CAPTURE_LOG_MAKER_H

#include "core/byte_source.h"
#include "core/text.h"

/* The longest line that a maker is given, and text that it keeps. */
#define LOG_MAKER_MAX 262144u

struct log_maker {
	/* Makes text of the next line, which comes without its end. */
	void (*line)(struct log_maker *self, struct slice line);
	/* Makes what the last lines have left over. */
	void (*end)(struct log_maker *self);
	/* Gives all back, itself too. */
	void (*close)(struct log_maker *self);

	struct text out; /* what was made and not taken yet */
	bool needy;      /* memory was out */
};

/* Forgets a text of the maker, but not that memory was out for it. */
void log_maker_clear(struct log_maker *self, struct text *text);

/* Makes text of a front, whose last line may be cut; the result is in `to`,
 * which has room for `room` bytes, and may be where `first` stands.  What
 * memory or room is too short for is left out.  Takes the maker over; NULL:
 * nothing is made. */
struct slice log_maker_convert(struct log_maker *maker, struct slice first,
			       uint8_t *to, size_t room);

/* A source of the text that is made of another one's.  Takes both over, also
 * on failure: STATUS_NOMEM, also for a maker that is NULL.  `first` was read
 * from it already. */
MUST_CHECK enum status log_maker_open(struct log_maker *maker,
				      struct byte_source *packed,
				      struct slice first,
				      struct byte_source **out);

#endif /* CAPTURE_LOG_MAKER_H */
