/* Where bytes come from: files, standard input, memory. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/bytes.h"
#include "capture/reader.h"

struct file_bytes {
	struct byte_source bytes;
	int fd; /* -1 while parked */
	bool standard_input;
	bool regular;
	uint64_t base; /* where standard input stood at the start */
	uint64_t at;   /* of the next read, in a regular file */
	dev_t device;  /* to know the file again */
	ino_t inode;
	struct byte_source **watcher;
	char path[];
};

static enum status file_reopen(struct file_bytes *file)
{
	struct stat st;

	file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (file->fd < 0)
		return STATUS_IO;
	if (fstat(file->fd, &st) == 0 && st.st_dev == file->device &&
	    st.st_ino == file->inode)
		return STATUS_OK;
	close(file->fd);
	file->fd = -1;
	errno = ESTALE;
	return STATUS_IO;
}

static enum status file_read_at(struct byte_source *self, uint64_t offset,
				uint8_t *to, size_t n, size_t *got)
{
	struct file_bytes *file = (struct file_bytes *)self;
	ssize_t done;

	*got = 0;
	/* Nothing lies where an off_t cannot point. */
	if (offset > INT64_MAX - file->base)
		return STATUS_OK;
	if (file->fd < 0) {
		enum status status = file_reopen(file);

		if (status != STATUS_OK)
			return status;
	}
	do {
		done = pread(file->fd, to, n, (off_t)(file->base + offset));
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		return STATUS_IO;
	*got = (size_t)done;
	return STATUS_OK;
}

static enum status file_read(struct byte_source *self, uint8_t *to, size_t n,
			     size_t *got)
{
	struct file_bytes *file = (struct file_bytes *)self;
	ssize_t done;

	*got = 0;
	if (file->regular) {
		enum status status = file_read_at(self, file->at, to, n, got);

		file->at += *got;
		return status;
	}
	do {
		done = read(file->fd, to, n);
	} while (done < 0 && errno == EINTR);
	if (done < 0)
		return STATUS_IO;
	*got = (size_t)done;
	return STATUS_OK;
}

static void file_close(struct byte_source *self)
{
	struct file_bytes *file = (struct file_bytes *)self;

	if (file->fd >= 0 && !file->standard_input)
		close(file->fd);
	if (file->watcher)
		*file->watcher = NULL;
	free(file);
}

void bytes_watch(struct byte_source *self, struct byte_source **watcher)
{
	struct file_bytes *file = (struct file_bytes *)self;

	file->watcher = watcher;
}

bool bytes_park(struct byte_source *self)
{
	struct file_bytes *file = (struct file_bytes *)self;

	if (file->fd < 0 || file->standard_input || !file->regular)
		return false;
	close(file->fd);
	file->fd = -1;
	return true;
}

/* What kind of file it is decides how it is read. */
static enum status file_inspect(struct file_bytes *file)
{
	struct stat st;
	off_t at = 0;

	if (fstat(file->fd, &st) != 0)
		return STATUS_IO;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return STATUS_IO;
	}
	file->bytes.size = UINT64_MAX;
	file->device = st.st_dev;
	file->inode = st.st_ino;
	file->regular = S_ISREG(st.st_mode);
	if (file->regular)
		file->bytes.modified = st.st_mtim.tv_sec * NS_PER_S +
				       st.st_mtim.tv_nsec;
	/* `program < FILE` starts where the shell left the file. */
	if (file->standard_input && file->regular)
		at = lseek(file->fd, 0, SEEK_CUR);
	if (!file->regular || at < 0)
		return STATUS_OK;
	file->base = (uint64_t)at;
	file->bytes.size = st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
	file->bytes.read_at = file_read_at;
	(void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return STATUS_OK;
}

enum status bytes_open_file(const char *path, struct byte_source **out,
			    struct fault *fault)
{
	size_t n = strlen(path) + 1;
	struct file_bytes *file = calloc(1, sizeof(*file) + n);

	if (!file)
		return fault_errno(fault, ENOMEM);
	memcpy(file->path, path, n);
	file->bytes.read = file_read;
	file->bytes.close = file_close;
	file->standard_input = strcmp(path, "-") == 0;
	file->fd = file->standard_input
			   ? STDIN_FILENO
			   : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (file->fd < 0 || file_inspect(file) != STATUS_OK) {
		int error = errno;

		file_close(&file->bytes);
		return fault_errno(fault, error);
	}
	*out = &file->bytes;
	return STATUS_OK;
}

struct memory_bytes {
	struct byte_source bytes;
	struct slice all;
	size_t at;
};

static enum status memory_read_at(struct byte_source *self, uint64_t offset,
				  uint8_t *to, size_t n, size_t *got)
{
	const struct memory_bytes *memory = (struct memory_bytes *)self;
	struct slice s = {0};

	if (offset < memory->all.n)
		s = slice_cut(memory->all, (size_t)offset, n);
	if (s.n)
		memcpy(to, s.p, s.n);
	*got = s.n;
	return STATUS_OK;
}

static enum status memory_read(struct byte_source *self, uint8_t *to, size_t n,
			       size_t *got)
{
	struct memory_bytes *memory = (struct memory_bytes *)self;
	enum status status = memory_read_at(self, memory->at, to, n, got);

	memory->at += *got;
	return status;
}

static void memory_close(struct byte_source *self)
{
	free(self);
}

enum status bytes_open_memory(struct slice bytes, struct byte_source **out)
{
	struct memory_bytes *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return STATUS_NOMEM;
	memory->all = bytes;
	memory->bytes.size = bytes.n;
	memory->bytes.read = memory_read;
	memory->bytes.read_at = memory_read_at;
	memory->bytes.close = memory_close;
	*out = &memory->bytes;
	return STATUS_OK;
}
