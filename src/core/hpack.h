/*
 * Header blocks of HTTP/2 (HPACK, RFC 7541), by libnghttp2.
 *
 * Each block builds on a table that all blocks before it made: one struct for
 * each direction of a connection, which must be given every block from the
 * first on.
 */
#ifndef CORE_HPACK_H
#define CORE_HPACK_H

#include "core/slice.h"
#include "core/status.h"

/* What a block may make of itself; the rest of it is read and left out. */
#define HPACK_FIELDS_MAX ((size_t)65536)

struct hpack;

/* NULL: memory is out. */
struct hpack *hpack_new(void);
void hpack_free(struct hpack *hpack);

/* A field; both slices are good until it returns. */
typedef void hpack_field_fn(void *context, struct slice name,
			    struct slice value);

/* A whole block, which is told field by field.  STATUS_BAD: it is none, or
 * refers to what its table lacks; what was told of it is not to be believed,
 * and nothing more can be read in that direction. */
MUST_CHECK enum status hpack_read(struct hpack *hpack, struct slice block,
				  hpack_field_fn *field, void *context);

#endif /* CORE_HPACK_H */
