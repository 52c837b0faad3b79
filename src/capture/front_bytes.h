/*
 * Bytes that come only once (standard input, compressed data), with a longer
 * front to look at before they are read.
 */
#ifndef CAPTURE_FRONT_BYTES_H
#define CAPTURE_FRONT_BYTES_H

#include "core/byte_source.h"

/*
 * Reads up to `most` bytes ahead, those of `first` among them, which were taken
 * from the front of `bytes` already; *out goes on behind `first`.  *front are
 * the bytes from the first one on, good until *out is closed.  It stops before
 * an error of the source, which comes when that place is read.
 * Takes `bytes` over; STATUS_NOMEM: it is as it was.
 */
MUST_CHECK enum status bytes_with_front(struct byte_source *bytes,
					struct slice first, size_t most,
					struct byte_source **out,
					struct slice *front);

#endif /* CAPTURE_FRONT_BYTES_H */
