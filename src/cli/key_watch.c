/* Following key logs. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/key_watch.h"
#include "core/text.h"
#include "net/tls_keylog.h"

#define BLOCK ((size_t)65536)
/* At a time: a slice of work, while somebody watches. */
#define BLOCKS_AT_ONCE 16u
/* When there are more, the older half is forgotten: days are long. */
#define SECRETS_KEPT ((size_t)131072)

struct key_file {
	const char *path;
	int fd;           /* -1: it is not open */
	struct text rest; /* a line whose end was not written yet */
	size_t seen;      /* of it at the last look, and was it read as if it
			   * were whole then? */
	bool taken;
	int error; /* why it could not be opened, as it was told */
	bool bad;  /* a wrong line was told */
};

struct key_watch {
	struct key_file *files;
	size_t count;
	bool quiet;
};

/* Not kept, not even for a moment, in a buffer of the library. */
static void forget(struct key_file *f)
{
	if (f->rest.n)
		bytes_wipe(f->rest.p, f->rest.n);
	text_clear(&f->rest);
	f->seen = 0;
}

static void shut(struct key_file *f)
{
	forget(f);
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

/* One that is to come needs no word each time. */
static void open_it(struct key_watch *w, struct key_file *f)
{
	f->fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (f->fd >= 0) {
		f->error = 0;
		return;
	}
	if (errno != f->error && !w->quiet)
		fprintf(stderr, "mrascope: warning: %s: %s; it is waited for\n",
			f->path, strerror(errno));
	f->error = errno;
}

/* Is another file there by now, or was this one begun anew? */
static void look_after(struct key_file *f)
{
	struct stat here, there;
	off_t at;

	if (f->fd < 0 || fstat(f->fd, &here) != 0 || !S_ISREG(here.st_mode))
		return;
	at = lseek(f->fd, 0, SEEK_CUR);
	if (stat(f->path, &there) == 0 &&
	    (there.st_ino != here.st_ino || there.st_dev != here.st_dev)) {
		/* What was written last is read first. */
		if (at >= here.st_size)
			shut(f);
	} else if (at > here.st_size) {
		forget(f);
		(void)lseek(f->fd, 0, SEEK_SET);
	}
}

static bool take(struct key_watch *w, struct key_file *f, struct slice lines,
		 struct tls_secrets *to)
{
	struct keylog_report report;
	uint64_t before = to->changes;

	if (to->count > SECRETS_KEPT)
		tls_secrets_forget_older(to);
	/* Far from the limit; and without memory other things fail first. */
	(void)!keylog_read(lines, to, &report);
	if (report.bad && !f->bad && !w->quiet) {
		f->bad = true;
		fprintf(stderr, "mrascope: warning: %s: a line is wrong: %s\n",
			f->path, report.first.text);
	}
	return to->changes != before;
}

/* All lines that are whole. */
static bool take_lines(struct key_watch *w, struct key_file *f,
		       struct tls_secrets *to)
{
	size_t whole = f->rest.n;
	bool any;

	while (whole && f->rest.p[whole - 1] != '\n')
		whole--;
	if (whole == 0)
		return false;
	any = take(w, f, slice_of(f->rest.p, whole), to);
	if (whole < f->rest.n)
		memmove(f->rest.p, f->rest.p + whole, f->rest.n - whole);
	bytes_wipe(f->rest.p + f->rest.n - whole, whole);
	f->rest.n -= whole;
	f->seen = 0;
	return any;
}

/* The last line may have no end, and be whole all the same: when nothing was
 * added to it since the last time. */
static bool take_last(struct key_watch *w, struct key_file *f,
		      struct tls_secrets *to)
{
	bool still = f->rest.n && f->rest.n == f->seen;
	bool due = still && !f->taken;

	f->seen = f->rest.n;
	f->taken = still;
	return due && take(w, f, text_slice(&f->rest), to);
}

static bool read_file(struct key_watch *w, struct key_file *f,
		      struct tls_secrets *to)
{
	bool any = false;

	look_after(f);
	if (f->fd < 0)
		open_it(w, f);
	for (unsigned i = 0; f->fd >= 0 && i < BLOCKS_AT_ONCE; i++) {
		ssize_t n;

		/* No line is so long. */
		if (f->rest.n >= BLOCK)
			forget(f);
		n = read(f->fd, f->rest.p + f->rest.n, BLOCK);
		if (n <= 0)
			return take_last(w, f, to) || any;
		f->rest.n += (size_t)n;
		any |= take_lines(w, f, to);
	}
	return any;
}

bool key_watch_read(struct key_watch *w, struct tls_secrets *to)
{
	bool any = false;

	for (size_t i = 0; w && i < w->count; i++)
		any |= read_file(w, &w->files[i], to);
	return any;
}

struct key_watch *key_watch_open(const struct options *o)
{
	struct key_watch *w;

	if (o->keylog_count == 0)
		return NULL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	w->quiet = o->quiet;
	w->files = calloc(o->keylog_count, sizeof(*w->files));
	for (size_t i = 0; w->files && i < o->keylog_count; i++) {
		struct key_file *f = &w->files[w->count++];

		f->path = o->keylogs[i];
		f->fd = -1;
		f->rest = text_new(2 * BLOCK);
		if (text_reserve(&f->rest, 2 * BLOCK))
			open_it(w, f);
		else
			w->count--;
	}
	return w;
}

void key_watch_close(struct key_watch *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++) {
		shut(&w->files[i]);
		text_free(&w->files[i].rest);
	}
	free(w->files);
	free(w);
}
