/*
 * Capture files made by hand, and what a reader makes of them.
 */
#ifndef TESTS_SUPPORT_CAPTURE_H
#define TESTS_SUPPORT_CAPTURE_H

#include "capture/formats.h"

/* A file that is being written; all in one block, so copies are cheap. */
struct t_file_bytes {
	uint8_t p[16384];
	size_t n;
};

void t_put(struct t_file_bytes *to, struct slice s);
void t_put_text(struct t_file_bytes *to, const char *text);
/* `n` bytes of `value`, little-endian or big-endian. */
void t_put_le(struct t_file_bytes *to, uint64_t value, size_t n);
void t_put_be(struct t_file_bytes *to, uint64_t value, size_t n);
void t_put_zeros(struct t_file_bytes *to, size_t n);
/* Overwrites 4 bytes, little-endian. */
void t_patch_le32(struct t_file_bytes *to, size_t at, uint32_t value);

#define T_FRAMES_MAX 64u

/* What came out of a source. */
struct t_frames {
	enum status opened; /* else nothing below but `fault` counts */
	struct fault fault;
	enum status end; /* what `next` said last, and says again */
	size_t count;
	struct frame list[T_FRAMES_MAX]; /* with `bytes` in `store` */
	struct source_info info;
	char comments[4096]; /* "FRAME:TEXT;" one behind the other */
	size_t comments_n;
	uint8_t store[16384];
	size_t stored;
};

/* Reads all of `bytes`, which it takes over. */
void t_read_source(const struct capture_format *format,
		   struct byte_source *bytes, struct t_frames *out);

/* The same from memory; `file` is copied to a block of exactly its size. */
void t_read_capture(const struct capture_format *format, struct slice file,
		    struct t_frames *out);

/*
 * Bytes that come once, a few at a time, and then `failure`: STATUS_OK for the
 * end of the file.  NULL when memory is out.
 */
struct byte_source *t_stream(struct slice bytes, enum status failure);

#endif /* TESTS_SUPPORT_CAPTURE_H */
