/*
 * Writes pcapng: one section, little-endian, nanoseconds, an interface for
 * each interface and link type that comes along (spec "capture-formats" 2.2).
 *
 * Writes to a growing text and does no I/O: whoever has a file empties the
 * text into it from time to time (text_clear).  A failure is remembered in
 * text.failed.
 */
#ifndef CAPTURE_WRITER_H
#define CAPTURE_WRITER_H

#include "capture/frame.h"
#include "core/text.h"

#define WRITER_INTERFACES_MAX 256u
/* Longer comments are cut. */
#define WRITER_COMMENT_MAX 65532u

struct capture_writer {
	struct text *to;
	/* Of interfaces by their numbers, where they are known; for whoever
	 * has begun to fill in. */
	const char *const *names;
	size_t name_count;
	uint32_t count;
	struct writer_interface {
		uint32_t file;
		uint32_t interface;
		uint32_t link_type;
	} interfaces[WRITER_INTERFACES_MAX];
};

/* Begins a section; `program` is named as what wrote it. */
void capture_writer_begin(struct capture_writer *writer, struct text *to,
			  const char *program);

/*
 * Writes a frame with `count` comments, and its interface before its first
 * frame.  STATUS_NOT_MINE: its link type is one of ours, which files cannot
 * hold; STATUS_LIMIT: more than WRITER_INTERFACES_MAX interfaces; nothing was
 * written then.
 */
MUST_CHECK enum status capture_writer_frame(struct capture_writer *writer,
					    const struct frame *frame,
					    const struct slice *comments,
					    size_t count);

/* Writes decryption secrets; best before the frames that they serve. */
void capture_writer_secrets(struct capture_writer *writer, uint32_t kind,
			    struct slice secrets);

#endif /* CAPTURE_WRITER_H */
