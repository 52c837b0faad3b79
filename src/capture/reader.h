/*
 * What the readers of all formats share: the counts of a source, sentences
 * about what is wrong with a file, numbers in either byte order.
 *
 * For the readers in capture/ only.
 */
#ifndef CAPTURE_READER_H
#define CAPTURE_READER_H

#include "capture/block.h"
#include "capture/source.h"
#include "core/cursor.h"

/* Says what is wrong; a later sentence replaces an earlier one. */
void fault_say(struct fault *fault, uint64_t offset, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Says what errno means; STATUS_NOMEM for ENOMEM, else STATUS_IO. */
enum status fault_errno(struct fault *fault, int error);

/* A small repair: counted; the first sentence is kept. */
void source_warn(struct source *self, uint64_t offset, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* Damage: the first is kept, a further one is counted as a warning. */
void source_damage(struct source *self, uint64_t offset, const char *format,
		   ...) PRINTF_LIKE(3, 4);

/*
 * How to leave `next` after block_need did not give `what`, whose `got` of
 * `want` bytes are there: makes the sentence in info.damage and turns
 * STATUS_SHORT into STATUS_BAD.  STATUS_END stays if there was no damage
 * before.
 */
enum status source_stop(struct source *self, const struct block *block,
			enum status status, const char *what, size_t want);

/* The same for `open`, where STATUS_END and _SHORT are STATUS_SHORT. */
enum status open_stop(const struct block *block, enum status status,
		      const char *what, size_t want, struct fault *fault);

/* A link type that the file declares. */
void source_link_type(struct source *self, uint32_t link_type);

/*
 * Numbers and counts a frame that is otherwise complete; the last thing before
 * `next` returns it.
 */
static inline void source_count(struct source *self, struct frame *frame)
{
	struct source_info *info = &self->info;

	frame->file = 0;
	frame->number = ++info->frames;
	info->bytes += frame->bytes.n;
	info->cut += frame_is_cut(frame);
	if (!frame->has_time)
		return;
	if (!info->has_time || frame->time < info->first_time)
		info->first_time = frame->time;
	if (!info->has_time || frame->time > info->last_time)
		info->last_time = frame->time;
	info->has_time = true;
}

/* Numbers in the order of the file. */
static inline uint32_t cursor_u32_in(struct cursor *c, bool big)
{
	return big ? cursor_u32(c) : cursor_u32le(c);
}

static inline uint16_t cursor_u16_in(struct cursor *c, bool big)
{
	return big ? cursor_u16(c) : cursor_u16le(c);
}

static inline uint64_t cursor_u64_in(struct cursor *c, bool big)
{
	return big ? cursor_u64(c) : cursor_u64le(c);
}

#endif /* CAPTURE_READER_H */
