/* A temporary copy of bytes that come only once. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "capture/spool.h"

#include "capture/reader.h"

#define CHUNK 262144u

struct spool {
	struct byte_source source;
	struct byte_source *from; /* closed late: others may know it */
	int fd;
	uint64_t at; /* of the next read */
};

static enum status spool_read_at(struct byte_source *self, uint64_t offset,
				 uint8_t *to, size_t n, size_t *got)
{
	const struct spool *spool = (struct spool *)self;
	ssize_t done;

	*got = 0;
	if (offset >= self->size)
		return STATUS_OK;
	do {
		done = pread(spool->fd, to, n, (off_t)offset);
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		return STATUS_IO;
	*got = (size_t)done;
	return STATUS_OK;
}

static enum status spool_read(struct byte_source *self, uint8_t *to, size_t n,
			      size_t *got)
{
	struct spool *spool = (struct spool *)self;
	enum status status = spool_read_at(self, spool->at, to, n, got);

	spool->at += *got;
	return status;
}

static void spool_close(struct byte_source *self)
{
	struct spool *spool = (struct spool *)self;

	if (spool->fd >= 0)
		close(spool->fd);
	spool->from->close(spool->from);
	free(spool);
}

/* An unlinked file; -1 with errno. */
static int temporary_file(void)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];
	int n, fd;

	if (!folder || !*folder)
		folder = "/tmp";
	n = snprintf(path, sizeof(path), "%s/mrascope-XXXXXX", folder);
	if (n < 0 || (size_t)n >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	unlink(path);
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

static bool write_all(int fd, const uint8_t *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static void say_errno(struct fault *fault, const char *what)
{
	char reason[80];

	if (strerror_r(errno, reason, sizeof(reason)) != 0)
		snprintf(reason, sizeof(reason), "error %d", errno);
	fault_say(fault, UINT64_MAX, "%s: %s", what, reason);
}

/* Copies to the end of the source, or of what it can give. */
static enum status copy(struct spool *spool, uint8_t *chunk,
			struct fault *fault)
{
	struct byte_source *bytes = spool->from;
	uint64_t *size = &spool->source.size;
	enum status status;
	size_t got = 0;

	while ((status = bytes->read(bytes, chunk, CHUNK, &got)) == STATUS_OK &&
	       got) {
		if (got > SPOOL_MAX - *size) {
			fault_say(fault, *size, "more than 4 GiB");
			return STATUS_OK;
		}
		if (!write_all(spool->fd, chunk, got)) {
			say_errno(fault, "cannot write a temporary file");
			return STATUS_IO;
		}
		*size += got;
	}
	if (status == STATUS_IO)
		say_errno(fault, "cannot be read");
	else if (status != STATUS_OK)
		fault_say(fault, *size, "%s",
			  bytes->why ? bytes->why : status_name(status));
	if (fault->set)
		fault->offset = *size;
	return STATUS_OK;
}

static enum status fill(struct spool *spool, struct slice first,
			struct fault *fault)
{
	uint8_t *chunk;
	enum status status;

	spool->fd = temporary_file();
	if (spool->fd < 0 || !write_all(spool->fd, first.p, first.n)) {
		say_errno(fault, "cannot make a temporary file");
		return STATUS_IO;
	}
	spool->source.size = first.n;
	chunk = malloc(CHUNK);
	if (!chunk) {
		fault_say(fault, UINT64_MAX, "out of memory");
		return STATUS_NOMEM;
	}
	status = copy(spool, chunk, fault);
	free(chunk);
	return status;
}

enum status bytes_spool(struct byte_source *bytes, struct slice first,
			struct byte_source **out, struct fault *fault)
{
	struct spool *spool;
	enum status status;

	if (bytes->read_at && bytes->size != UINT64_MAX) {
		*out = bytes;
		return STATUS_OK;
	}
	spool = calloc(1, sizeof(*spool));
	if (!spool) {
		fault_say(fault, UINT64_MAX, "out of memory");
		bytes->close(bytes);
		return STATUS_NOMEM;
	}
	spool->from = bytes;
	spool->source = (struct byte_source){
		.read = spool_read,
		.read_at = spool_read_at,
		.block = bytes->block,
		.close = spool_close,
	};
	status = fill(spool, first, fault);
	if (status == STATUS_OK)
		*out = &spool->source;
	else
		spool_close(&spool->source);
	return status;
}
