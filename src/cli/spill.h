/*
 * Bytes that cannot be read again where they came from, kept in a temporary
 * file that has no name.  Written through a block; read from anywhere.
 */
#ifndef CLI_SPILL_H
#define CLI_SPILL_H

#include <stdio.h>

#include "core/slice.h"
#include "core/text.h"

#define SPILL_BLOCK 65536u

/* A file without a name in $TMPDIR, or /tmp, to write and read; NULL with
 * errno: there is none. */
FILE *spill_open_file(void);

struct spill;

/* NULL: no temporary file can be made, or memory is out. */
struct spill *spill_new(void);
void spill_free(struct spill *spill); /* NULL is fine */

/* Appends; the place in *offset.  False: the disk is full. */
bool spill_put(struct spill *spill, struct slice bytes, uint64_t *offset);
/* Appends what stands there to `to`. */
bool spill_get(struct spill *spill, uint64_t offset, size_t n, struct text *to);
/* All is forgotten; what comes has later places. */
void spill_clear(struct spill *spill);
/* What stands before this place is not wanted any more. */
void spill_forget(struct spill *spill, uint64_t before);
/* The disk gets some of the room of what is forgotten back, as it does with
 * what is put; false: there is none left. */
bool spill_tidy(struct spill *spill);
/* Of it what is not forgotten. */
uint64_t spill_held(const struct spill *spill);

#endif /* CLI_SPILL_H */
