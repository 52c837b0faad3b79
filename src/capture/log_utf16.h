/*
 * UTF-16 text as a byte source of UTF-8 (RFC 2781, RFC 3629).
 */
#ifndef CAPTURE_LOG_UTF16_H
#define CAPTURE_LOG_UTF16_H

#include "core/byte_source.h"

/* Which bytes make a unit; UTF16_NO: it is another encoding. */
enum utf16_order { UTF16_NO, UTF16_LITTLE, UTF16_BIG };

/* By the byte order mark, or by the zeros of Latin letters. */
enum utf16_order utf16_order_of(struct slice first);

/* What is left of a conversion between two pieces of text. */
struct utf16_rest {
	uint8_t odd; /* the first byte of a unit */
	bool has_odd;
	uint32_t high; /* a high surrogate; 0: none */
	bool begun;    /* behind the place of a byte order mark */
};

/*
 * Converts units, at most as many as fit into `room` bytes with one more to
 * spare for each; returns the bytes written and in *used those read.  What is
 * not well formed becomes U+FFFD.
 */
size_t utf16_convert(struct utf16_rest *rest, enum utf16_order order,
		     struct slice in, uint8_t *to, size_t room, size_t *used);

/* `first` was read from `packed` already.  Takes it over, also on failure:
 * STATUS_NOMEM. */
MUST_CHECK enum status utf16_open(enum utf16_order order,
				  struct byte_source *packed,
				  struct slice first, struct byte_source **out);

#endif /* CAPTURE_LOG_UTF16_H */
