/*
 * Where a reader gets its bytes: a file, standard input, a decompressor or a
 * block of memory, all alike.
 */
#ifndef CORE_BYTE_SOURCE_H
#define CORE_BYTE_SOURCE_H

#include "core/clock.h"
#include "core/slice.h"

struct byte_source {
	/*
	 * Reads up to `n` bytes to `to`; *got is 0 at the end only.
	 * STATUS_OK, STATUS_IO, STATUS_NOMEM, STATUS_BAD (the compressed data
	 * is damaged from here on) or STATUS_LIMIT (it expands too far).
	 */
	enum status (*read)(struct byte_source *self, uint8_t *to, size_t n,
			    size_t *got);

	/*
	 * Reads from another place; NULL where that is not possible (standard
	 * input, compressed data).  As read, at the offset given.
	 */
	enum status (*read_at)(struct byte_source *self, uint64_t offset,
			       uint8_t *to, size_t n, size_t *got);

	/* Size in bytes if it is known, else UINT64_MAX. */
	uint64_t size;

	/* When a regular file was written last, since 1970; 0: not known. */
	nanoseconds modified;

	/* How many bytes are best asked for at once; 0: the reader's choice. */
	size_t block;

	/* Worth reading ahead: it is read to its end and nobody else does. */
	bool ahead;

	/* Somebody still writes it: its end is where it is at the moment.
	 * Readers wait for what is not there wholly (block_waits). */
	bool growing;

	/*
	 * After STATUS_BAD and STATUS_LIMIT: what is wrong, for a sentence
	 * ("the gzip data is damaged").  STATUS_IO leaves errno instead.
	 */
	const char *why;

	/* Gives all back, itself too. */
	void (*close)(struct byte_source *self);
};

#endif /* CORE_BYTE_SOURCE_H */
