/*
 * Packing: raw DEFLATE (RFC 1951), as browsers unpack it.
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

#endif /* CORE_PACK_H */
