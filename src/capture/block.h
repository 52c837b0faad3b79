/*
 * A window over a byte source, through which all readers of files look.
 *
 * Bytes come in large blocks; a record lies in one piece in the window and is
 * not copied again.  The window keeps what was consumed until it needs the
 * room, so a short step back costs nothing.
 */
#ifndef CAPTURE_BLOCK_H
#define CAPTURE_BLOCK_H

#include "core/byte_source.h"
#include "core/window.h"

/* Stays in the cache of a core while its frames are looked at. */
#define BLOCK_SIZE 131072u
/* The same when a set has many files. */
#define BLOCK_SIZE_MANY 65536u
#define BLOCK_SIZE_VERY_MANY 16384u
/* The window grows to this at most, and only as bytes really come. */
#define BLOCK_NEED_MAX (64u << 20)

struct readahead;

struct block {
	const uint8_t *p;   /* the next byte */
	size_t left;        /* bytes in the window from there on */
	uint64_t end;       /* place in the source behind them */
	enum status failed; /* why no more come: STATUS_END, _IO, ... */
	int error;          /* errno of STATUS_IO */
	struct byte_source *bytes;
	struct windows windows;
	struct window *own; /* of them: what is read goes there */
	size_t room;        /* of a window that has no long record */
	/* Where the window begins: in our own, or in a block that was read
	 * ahead. */
	const uint8_t *window;
	struct readahead *ahead; /* or NULL */
	unsigned steady;         /* reads without a jump */
};

/*
 * Makes a window that starts at the front of the source; `first` are the bytes
 * that were read from it already to see what it is (they are copied).  The
 * window is the source's `block` bytes wide, or BLOCK_SIZE.  Takes the source
 * over on STATUS_OK only; STATUS_NOMEM.
 */
MUST_CHECK enum status
block_open(struct block *block, struct byte_source *bytes, struct slice first);

/* Gives the windows back, those that are held when they are dropped, and closes
 * the source; NULL in `bytes` is fine. */
void block_close(struct block *block);

/* Place in the source of the next byte. */
static inline uint64_t block_offset(const struct block *block)
{
	return block->end - block->left;
}

/* The window that holds what block_need gave last; NULL: it cannot be held. */
static inline struct window *block_window(const struct block *block)
{
	return block->window == block->own->bytes ? block->own : NULL;
}

/* As block_need, for when the window has fewer. */
enum status block_fill(struct block *block, size_t n, struct slice *out);

/*
 * Makes the next `n` bytes available in one piece and does not consume them.
 *
 * STATUS_OK: *out has n bytes.  Else it has what is left and the status says
 * why: STATUS_END when that is nothing, STATUS_SHORT when it is less than n,
 * STATUS_LIMIT for n above BLOCK_NEED_MAX, STATUS_NOMEM, or how the source
 * failed.  *out is good until the next call of block_need, block_skip or
 * block_seek; block_take leaves it alone.
 */
MUST_CHECK static inline enum status block_need(struct block *block, size_t n,
						struct slice *out)
{
	if (n > block->left)
		return block_fill(block, n, out);
	*out = slice_of(block->p, n);
	return STATUS_OK;
}

/* Does this status of block_need only say that more is still to be written? */
static inline bool block_waits(const struct block *block, enum status status)
{
	return block->bytes->growing &&
	       (status == STATUS_SHORT || status == STATUS_END);
}

/* Consumes `n` bytes that block_need gave. */
static inline void block_take(struct block *block, size_t n)
{
	block->p += n;
	block->left -= n;
}

/*
 * Goes `n` bytes on, also past the window.  STATUS_OK; STATUS_SHORT when the
 * source ends before; else how the source failed.
 */
MUST_CHECK enum status block_skip(struct block *block, uint64_t n);

/*
 * Goes to a place in the source; that there are bytes is seen by the next
 * block_need.  STATUS_IO: it lies further back than the window reaches and the
 * source cannot be read there (bytes_spool makes one that can).
 */
MUST_CHECK enum status block_seek(struct block *block, uint64_t offset);

#endif /* CAPTURE_BLOCK_H */
