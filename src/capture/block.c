/* The window over a byte source. */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "capture/block.h"
#include "capture/readahead.h"

/* So many reads one behind the other, and it is worth reading ahead. */
#define STEADY_READS 4u

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
	struct windows windows = {.count = 0};
	struct window *own =
		windows_take(&windows, window_size(bytes, first.n));

	if (!own)
		return STATUS_NOMEM;
	if (first.n)
		memcpy(own->bytes, first.p, first.n);
	*block = (struct block){
		.p = own->bytes,
		.left = first.n,
		.end = first.n,
		.bytes = bytes,
		.windows = windows,
		.own = own,
		.room = own->room,
		.window = own->bytes,
	};
	return STATUS_OK;
}

void block_close(struct block *block)
{
	readahead_free(block->ahead);
	windows_leave(&block->windows);
	if (block->bytes)
		block->bytes->close(block->bytes);
	*block = (struct block){0};
}

/* So much that what is left fills half of it at most: small steps through long
 * records move each byte but a few times. */
static size_t room_wanted(const struct block *block, size_t room)
{
	while (block->left > room / 2)
		room *= 2;
	return room;
}

/* What is left stands at the front of that window then. */
static void move_to(struct block *block, struct window *window)
{
	if (block->left && block->p != window->bytes)
		memmove(window->bytes, block->p, block->left);
	block->own = window;
	block->window = block->p = window->bytes;
}

/* The same window, wider if need be. */
static enum status widen(struct block *block, size_t room)
{
	struct window *window = block->own;

	move_to(block, window);
	if (room == window->room)
		return STATUS_OK;
	window = windows_widen(&block->windows, window, room);
	if (!window)
		return STATUS_NOMEM;
	block->own = window;
	block->window = block->p = window->bytes;
	return STATUS_OK;
}

/* Room behind what is left, in another window where ours is held or is not
 * where that lies. */
static enum status make_room(struct block *block)
{
	struct window *window = block_window(block);

	if (window && !window->holds)
		return widen(block, room_wanted(block, window->room));
	window = windows_take(&block->windows, room_wanted(block, block->room));
	if (!window)
		return STATUS_NOMEM;
	move_to(block, window);
	return STATUS_OK;
}

static bool is_full(const struct block *block)
{
	const struct window *window = block_window(block);

	return !window ||
	       block->p + block->left == window->bytes + window->room;
}

static void note(struct block *block, enum status status, size_t got)
{
	block->failed = status;
	if (status != STATUS_OK)
		return;
	block->left += got;
	block->end += got;
}

/* Reads once, as much as fits behind what is left. */
static enum status read_directly(struct block *block)
{
	struct byte_source *bytes = block->bytes;
	size_t used = (size_t)(block->p - block->own->bytes) + block->left;
	uint8_t *to = block->own->bytes + used;
	size_t room = block->own->room - used;
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
	note(block, status, got);
	return STATUS_OK;
}

/* The window moves to the block that was read ahead; what is left goes to the
 * room before it. */
static void move_window(struct block *block, struct slice more)
{
	uint8_t *to = (uint8_t *)(uintptr_t)more.p - block->left;

	if (block->left)
		memcpy(to, block->p, block->left);
	block->window = block->p = to;
	readahead_take(block->ahead, more.n);
	note(block, STATUS_OK, more.n);
}

/* What is left is longer than that room: bytes are copied behind it. */
static enum status copy_more(struct block *block, struct slice more)
{
	enum status status = is_full(block) ? make_room(block) : STATUS_OK;
	uint8_t *to;

	if (status != STATUS_OK)
		return status;
	to = block->own->bytes + (block->p - block->own->bytes) + block->left;
	more = slice_first(more,
			   (size_t)(block->own->bytes + block->own->room - to));
	memcpy(to, more.p, more.n);
	readahead_take(block->ahead, more.n);
	note(block, STATUS_OK, more.n);
	return STATUS_OK;
}

static enum status read_ahead(struct block *block)
{
	struct slice more;
	enum status status;
	bool fresh;

	status = readahead_peek(block->ahead, &more, &fresh, &block->error);
	if (status != STATUS_OK) {
		note(block, status, 0);
		return STATUS_OK;
	}
	if (!fresh || block->left > READAHEAD_HEADROOM)
		return copy_more(block, more);
	move_window(block, more);
	return STATUS_OK;
}

/* STATUS_NOMEM: the window cannot be widened; what the source says is noted. */
static enum status read_more(struct block *block)
{
	enum status status;

	if (!block->ahead && block->bytes->ahead &&
	    ++block->steady > STEADY_READS) {
		block->ahead = readahead_new(block->bytes, block->end);
		block->bytes->ahead = block->ahead != NULL;
	}
	if (block->ahead)
		return read_ahead(block);
	status = is_full(block) ? make_room(block) : STATUS_OK;
	return status == STATUS_OK ? read_directly(block) : status;
}

enum status block_fill(struct block *block, size_t n, struct slice *out)
{
	enum status status = n > BLOCK_NEED_MAX ? STATUS_LIMIT : STATUS_OK;

	while (status == STATUS_OK && block->left < n) {
		status = block->failed;
		if (status == STATUS_OK)
			status = read_more(block);
	}
	*out = slice_of(block->p, block->left < n ? block->left : n);
	if (status == STATUS_END && block->bytes->growing)
		block->failed = STATUS_OK;
	if (status == STATUS_END && block->left)
		status = STATUS_SHORT;
	return status;
}

/* Empties the window and stands at another place of a source that can. */
static void jump(struct block *block, uint64_t offset)
{
	readahead_free(block->ahead);
	block->ahead = NULL;
	block->steady = 0;
	block->window = block->p = block->own->bytes;
	/* What is held there must stay: the next read finds another one. */
	if (block->own->holds)
		block->window = block->p = block->own->bytes + block->own->room;
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
		block->end - block->left - (uint64_t)(block->p - block->window);

	if (offset >= front && offset <= block->end) {
		block->p = block->window + (offset - front);
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
