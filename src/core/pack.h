/*
 * Packing: raw DEFLATE (RFC 1951), as browsers unpack it; and unpacking, of
 * messages that may each go on where the last one ended.
 */
#ifndef CORE_PACK_H
#define CORE_PACK_H

#include "core/text.h"

struct packer;

/* For one thing after the other; NULL when memory is out. */
struct packer *packer_new(void);
void packer_free(struct packer *packer);

/* Appends `in` packed, in base64.  A failure is remembered in to->failed. */
void packer_put(struct packer *packer, struct slice in, struct text *to);

struct unpacker;

/* For one direction of a connection; messages have at most `most` bytes
 * unpacked.  It keeps the last 32 KiB.  NULL when memory is out. */
struct unpacker *unpacker_new(size_t most);
void unpacker_free(struct unpacker *u);

/* Something is missing: the next message does not go on from the last. */
void unpacker_reset(struct unpacker *u);

/*
 * Unpacks one message, whose empty block at the end is left out (RFC 7692
 * 7.2.2).  *out lives in the unpacker until the next call.  STATUS_BAD: it
 * is none, or speaks of what is missing; STATUS_LIMIT: it is too long;
 * STATUS_NOMEM.  After each of them the next message begins anew.
 */
MUST_CHECK enum status unpacker_put(struct unpacker *u, struct slice in,
				    struct slice *out);

/* Appends what a whole stream of zlib (RFC 1950) or gzip (RFC 1952) unpacks
 * to.  STATUS_BAD: it is none, or ends too early; STATUS_LIMIT: `to` has no
 * room for all of it, or STATUS_NOMEM. */
MUST_CHECK enum status unpack_whole(struct slice in, struct text *to);

#endif /* CORE_PACK_H */
