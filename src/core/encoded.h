/*
 * Encodings of bodies: of their transfer (RFC 2045 6) and packed (RFC 3261
 * 20.12).
 */
#ifndef CORE_ENCODED_H
#define CORE_ENCODED_H

#include "core/text.h"

/* Of one body; descriptions and documents have some kilobytes. */
#define ENCODED_MAX ((size_t)1 << 20)

/*
 * Undoes base64 or quoted-printable (the value of Content-Transfer-Encoding),
 * then gzip or deflate (that of Content-Encoding), each of which may be empty.
 * *to becomes what was meant.  STATUS_NOT_MINE: they change nothing, or nobody
 * knows them; STATUS_BAD: the bytes are no such thing; STATUS_LIMIT: more than
 * ENCODED_MAX; STATUS_NOMEM.
 */
MUST_CHECK enum status encoded_undo(struct slice transfer, struct slice packing,
				    struct slice in, struct text *to);

#endif /* CORE_ENCODED_H */
