/*
 * Compressed captures: gzip, zstd and lz4 as byte sources over a byte source
 * (spec "capture-formats" 2.5).
 *
 * What was compressed in several pieces reads as one.  Data that is cut off
 * gives what can be unpacked, then STATUS_BAD.
 */
#ifndef CAPTURE_COMPRESS_H
#define CAPTURE_COMPRESS_H

#include "core/byte_source.h"

/* Against bombs: no more than this comes out, ... */
#define UNPACKED_MAX (UINT64_C(64) << 30)
/* ... nor more than so many times what went in, ... */
#define UNPACKED_RATIO_MAX 1000u
/* ... which is looked at from here on. */
#define UNPACKED_RATIO_FROM (UINT64_C(1) << 20)

/* So often may a file be packed in another. */
#define COMPRESSIONS_DEEP 3

struct compression;

/* The compression that starts like this, or NULL. */
const struct compression *compression_find(struct slice first);

/* "gzip", "zstd" or "lz4" */
const char *compression_name(const struct compression *compression);

/*
 * Makes a source of what `packed` unpacks to; `first` was read from it
 * already.  Takes `packed` over, also on failure: STATUS_NOMEM.
 */
MUST_CHECK enum status compression_open(const struct compression *compression,
					struct byte_source *packed,
					struct slice first,
					struct byte_source **out);

#endif /* CAPTURE_COMPRESS_H */
