/* The window over a byte source. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "capture/block.h"

/* Small files do not need the whole window. */
static size_t window_size(const struct byte_source *bytes, size_t first)
{
	size_t room = bytes->block ? bytes->block : BLOCK_SIZE;

	/* One byte more, so that the end is seen without growing. */
	if (bytes->size < room)
		room = (size_t)bytes->size + 1;
	return room > first ? room : first + 1;
}

enum status block_open(struct block *block, struct byte_source *bytes,
		       struct slice first)
{
	size_t room = window_size(bytes, first.n);
	uint8_t *buffer = malloc(room);

	if (!buffer)
		return STATUS_NOMEM;
	if (first.n)
		memcpy(buffer, first.p, first.n);
	*block = (struct block){
		.p = buffer,
		.left = first.n,
		.end = first.n,
		.bytes = bytes,
		.buffer = buffer,
		.room = room,
	};
	return STATUS_OK;
}

void block_close(struct block *block)
{
	free(block->buffer);
	if (block->bytes)
		block->bytes->close(block->bytes);
	*block = (struct block){0};
}

/*
 * Puts what is left to the front.  A window that would stay more than half
 * full is doubled, so that small steps through long records move each byte
 * but a few times.
 */
static enum status make_room(struct block *block)
{
	uint8_t *buffer;

	if (block->p != block->buffer && block->left)
		memmove(block->buffer, block->p, block->left);
	block->p = block->buffer;
	if (block->left <= block->room / 2)
		return STATUS_OK;
	buffer = realloc(block->buffer, block->room * 2);
	if (!buffer)
		return STATUS_NOMEM;
	block->buffer = buffer;
	block->p = buffer;
	block->room *= 2;
	return STATUS_OK;
}

/* Reads once, as much as fits behind what is left. */
static void read_more(struct block *block)
{
	struct byte_source *bytes = block->bytes;
	size_t front = (size_t)(block->p - block->buffer);
	uint8_t *to = block->buffer + front + block->left;
	size_t room = block->room - front - block->left;
	size_t got = 0;
	enum status status;

	if (bytes->read_at)
		status = bytes->read_at(bytes, block->end, to, room, &got);
	else
		status = bytes->read(bytes, to, room, &got);
	if (status == STATUS_IO)
		block->error = errno;
	else if (status == STATUS_OK && got == 0)
		status = STATUS_END;
	block->failed = status;
	if (status == STATUS_OK) {
		block->left += got;
		block->end += got;
	}
}

enum status block_fill(struct block *block, size_t n, struct slice *out)
{
	enum status status = n > BLOCK_NEED_MAX ? STATUS_LIMIT : STATUS_OK;

	while (status == STATUS_OK && block->left < n) {
		size_t front = (size_t)(block->p - block->buffer);

		if (block->failed != STATUS_OK)
			status = block->failed;
		else if (front + block->left == block->room)
			status = make_room(block);
		if (status == STATUS_OK)
			read_more(block);
	}
	*out = slice_of(block->p, block->left < n ? block->left : n);
	if (status == STATUS_END && block->left)
		status = STATUS_SHORT;
	return status;
}

/* Empties the window and stands at another place of a source that can. */
static void jump(struct block *block, uint64_t offset)
{
	block->p = block->buffer;
	block->left = 0;
	block->end = offset;
	block->failed = STATUS_OK;
}

/* Reads on and forgets until the window holds the place. */
static enum status read_past(struct block *block, uint64_t n)
{
	while (n > block->left) {
		struct slice ignored;
		enum status status;

		n -= block->left;
		block_take(block, block->left);
		status = block_fill(block, 1, &ignored);
		if (status != STATUS_OK)
			return status == STATUS_END ? STATUS_SHORT : status;
	}
	block_take(block, (size_t)n);
	return STATUS_OK;
}

enum status block_skip(struct block *block, uint64_t n)
{
	uint64_t offset = block_offset(block);

	if (n <= block->left || !block->bytes->read_at)
		return read_past(block, n);
	if (n > UINT64_MAX - offset)
		return STATUS_SHORT;
	/* The last byte that is skipped must be there. */
	jump(block, offset + n - 1);
	return read_past(block, 1);
}

enum status block_seek(struct block *block, uint64_t offset)
{
	uint64_t front =
		block->end - block->left - (uint64_t)(block->p - block->buffer);

	if (offset >= front && offset <= block->end) {
		block->p = block->buffer + (offset - front);
		block->left = (size_t)(block->end - offset);
		return STATUS_OK;
	}
	if (block->bytes->read_at) {
		jump(block, offset);
		return STATUS_OK;
	}
	if (offset < front)
		return STATUS_IO;
	return read_past(block, offset - block_offset(block));
}
