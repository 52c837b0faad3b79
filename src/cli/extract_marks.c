/* Which frames are to be written: a bit each. */
#include "config.h"

#include <stdlib.h>

#include "cli/extract_parts.h"

static struct frame_bits *bits_of(const struct frame_marks *m, uint32_t file)
{
	return file < m->files.count ? list_at(&m->files, file) : NULL;
}

static bool grow(struct frame_bits *bits, uint64_t frame)
{
	uint64_t room = bits->room ? bits->room : 4096;
	uint8_t *more;

	while (room <= frame)
		room *= 2;
	more = realloc(bits->bits, (size_t)(room / 8));
	if (!more)
		return false;
	memset(more + bits->room / 8, 0, (size_t)((room - bits->room) / 8));
	bits->bits = more;
	bits->room = room;
	return true;
}

void marks_set(struct frame_marks *m, uint32_t file, uint64_t frame)
{
	struct frame_bits *bits;

	if (!m->files.size)
		m->files = list_of(sizeof(*bits), CAPTURE_FILES_MAX);
	while (m->files.count <= file)
		if (!list_add(&m->files)) {
			m->failed = true;
			return;
		}
	bits = bits_of(m, file);
	if (frame >= bits->room && !grow(bits, frame)) {
		m->failed = true;
		return;
	}
	bits->bits[frame / 8] |= (uint8_t)(1u << frame % 8);
}

bool marks_has(const struct frame_marks *m, uint32_t file, uint64_t frame)
{
	const struct frame_bits *bits = bits_of(m, file);

	return bits && frame < bits->room &&
	       (bits->bits[frame / 8] & 1u << frame % 8);
}

void marks_free(struct frame_marks *m)
{
	for (size_t i = 0; i < m->files.count; i++)
		free(bits_of(m, (uint32_t)i)->bits);
	list_free(&m->files);
}
