/* The temporary file behind a journal. */
#define _GNU_SOURCE /* fallocate, to give back what is forgotten */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/spill.h"

/* Given back at a time: a few milliseconds. */
#define HOLE ((uint64_t)8 << 20)
#define HOLE_ALIGNED ((uint64_t)4096)

struct spill {
	int descriptor;
	uint64_t written; /* to the file */
	size_t used;      /* of the block */
	uint64_t forgotten;
	uint64_t returned; /* of that, to the disk */
	uint8_t block[SPILL_BLOCK];
};

static int open_nameless(void)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/mrascope-XXXXXX",
		 folder && folder[0] ? folder : "/tmp");
	fd = mkstemp(path);
	if (fd >= 0) {
		unlink(path);
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	return fd;
}

FILE *spill_open_file(void)
{
	int fd = open_nameless();
	FILE *f = fd >= 0 ? fdopen(fd, "w+b") : NULL;

	if (!f && fd >= 0)
		close(fd);
	return f;
}

struct spill *spill_new(void)
{
	struct spill *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->descriptor = open_nameless();
	if (s->descriptor < 0) {
		free(s);
		return NULL;
	}
	return s;
}

void spill_free(struct spill *s)
{
	if (!s)
		return;
	close(s->descriptor);
	free(s);
}

static bool write_at(struct spill *s, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = pwrite(s->descriptor, p, n, (off_t)s->written);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		s->written += (uint64_t)done;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

bool spill_tidy(struct spill *s)
{
	uint64_t from = s->returned;
	uint64_t to = s->forgotten / HOLE_ALIGNED * HOLE_ALIGNED;

	if (to <= from)
		return false;
	if (to - from > HOLE)
		to = from + HOLE;
	/* Whole blocks only; a file system that cannot keeps them. */
	(void)!fallocate(s->descriptor,
			 FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			 (off_t)from, (off_t)(to - from));
	s->returned = to;
	return true;
}

static bool flush(struct spill *s)
{
	size_t n = s->used;

	s->used = 0;
	/* Faster than it grows. */
	(void)spill_tidy(s);
	return write_at(s, s->block, n);
}

static uint64_t spill_size(const struct spill *s)
{
	return s->written + s->used;
}

bool spill_put(struct spill *s, struct slice bytes, uint64_t *offset)
{
	*offset = spill_size(s);
	if (bytes.n > SPILL_BLOCK - s->used && !flush(s))
		return false;
	*offset = spill_size(s);
	if (bytes.n > SPILL_BLOCK)
		return write_at(s, bytes.p, bytes.n);
	if (bytes.n)
		memcpy(s->block + s->used, bytes.p, bytes.n);
	s->used += bytes.n;
	return true;
}

bool spill_get(struct spill *s, uint64_t offset, size_t n, struct text *to)
{
	if (offset < s->forgotten || n > spill_size(s) ||
	    offset > spill_size(s) - n)
		return false;
	if (offset >= s->written) {
		text_put(to, slice_of(s->block + (offset - s->written), n));
		return to->failed == STATUS_OK;
	}
	if (!text_reserve(to, n))
		return false;
	/* What is put at once is never parted between file and block. */
	if (pread(s->descriptor, to->p + to->n, n, (off_t)offset) != (ssize_t)n)
		return false;
	to->n += n;
	return true;
}

void spill_clear(struct spill *s)
{
	s->used = 0;
	s->forgotten = s->written;
}

void spill_forget(struct spill *s, uint64_t before)
{
	if (before > s->forgotten)
		s->forgotten = before < s->written ? before : s->written;
}

uint64_t spill_held(const struct spill *s)
{
	return spill_size(s) - s->forgotten;
}
