/*
 * A temporary copy of bytes that come only once (standard input, compressed
 * data), for formats that must be read out of order.
 */
#ifndef CAPTURE_SPOOL_H
#define CAPTURE_SPOOL_H

#include "capture/source.h"

/* Offsets in the formats that need this have 32 bits. */
#define SPOOL_MAX (UINT64_C(1) << 32)

/*
 * Makes a byte source with read_at and a known size from one without: all of
 * it is copied to an unlinked file in $TMPDIR or /tmp.  `first` are the bytes
 * that were taken from its front already.  Takes `bytes` over, also on
 * failure, and closes it with the copy; one that has both is handed back as it
 * is.
 *
 * STATUS_OK, with *fault set when the source failed or passed SPOOL_MAX on
 * the way: what came before is there.  STATUS_IO, STATUS_NOMEM: no copy could
 * be made, *fault says why.
 */
MUST_CHECK enum status bytes_spool(struct byte_source *bytes,
				   struct slice first,
				   struct byte_source **out,
				   struct fault *fault);

#endif /* CAPTURE_SPOOL_H */
