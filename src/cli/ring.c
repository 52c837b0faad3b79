/* Files of a ring. */
#include "config.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/ring.h"

#define TEXT_MAX ((size_t)16 << 20)
#define FLUSH_AT ((size_t)1 << 18)
#define NAME_MAX_BYTES 4096

struct ring {
	const char *path;
	const struct options *options;
	uint64_t size_max;  /* of a file, bytes; 0: no limit */
	nanoseconds span;   /* of a file; 0: no limit */
	uint64_t files_max; /* 0: all are kept */
	FILE *out;
	struct capture_writer writer;
	struct text text;
	uint64_t written; /* to this file */
	uint64_t number;  /* of this file, from 1 */
	nanoseconds begun;
	bool failed;
	char trouble[64];              /* why, if so */
	char (*names)[NAME_MAX_BYTES]; /* of the files that are kept */
	size_t kept, oldest;
};

static bool complain(struct ring *r, const char *path)
{
	snprintf(r->trouble, sizeof(r->trouble), "%s", strerror(errno));
	fprintf(stderr, "mrascope: %s: %s; nothing more is written\n", path,
		r->trouble);
	r->failed = true;
	return false;
}

const char *ring_trouble(const struct ring *r)
{
	return r && r->failed ? r->trouble : NULL;
}

/* Can a file be made, or be written again?  The first one is made with the
 * first frame, which may be hours away. */
static bool can_write(const char *path)
{
	char folder[NAME_MAX_BYTES];
	const char *slash = strrchr(path, '/');
	struct passwd *who;
	int error;

	if (access(path, W_OK) == 0)
		return true;
	if (errno == ENOENT) {
		snprintf(folder, sizeof(folder), "%.*s",
			 slash ? (int)(slash - path) + 1 : 1,
			 slash ? path : ".");
		if (access(folder, W_OK | X_OK) == 0)
			return true;
	}
	error = errno;
	who = error == EACCES ? getpwuid(getuid()) : NULL;
	fprintf(stderr, "mrascope: --write %s: %s%s%s%s\n", path,
		strerror(error), who ? " for " : "", who ? who->pw_name : "",
		who ? ", as whom it is written; see --user" : "");
	return false;
}

struct ring *ring_open(const struct options *o)
{
	struct ring *r;

	if (!can_write(o->write))
		return NULL;
	r = calloc(1, sizeof(*r));
	if (r && o->rotate_count)
		r->names = calloc(o->rotate_count, sizeof(*r->names));
	if (!r || (o->rotate_count && !r->names)) {
		fputs("mrascope: out of memory\n", stderr);
		free(r);
		return NULL;
	}
	r->path = o->write;
	r->options = o;
	r->size_max = o->rotate_mb << 20;
	r->span = (nanoseconds)o->rotate_seconds * NS_PER_S;
	r->files_max = o->rotate_count;
	r->text = text_new(TEXT_MAX);
	return r;
}

static bool is_ring(const struct ring *r)
{
	return r->size_max || r->span;
}

/* "calls.pcapng" is one file; in a ring "calls_00001_20261124120000.pcapng". */
static void name_file(const struct ring *r, nanoseconds time,
		      char name[NAME_MAX_BYTES])
{
	struct civil_time c = clock_civil(time);
	const char *dot = strrchr(r->path, '.');
	int stem = dot && !strchr(dot, '/') ? (int)(dot - r->path)
					    : (int)strlen(r->path);

	if (!is_ring(r))
		snprintf(name, NAME_MAX_BYTES, "%s", r->path);
	else
		snprintf(name, NAME_MAX_BYTES,
			 "%.*s_%05llu_%04d%02d%02d%02d%02d%02d%s", stem,
			 r->path, (unsigned long long)r->number, c.year,
			 c.month, c.day, c.hour, c.minute, c.second,
			 dot && stem < (int)strlen(r->path) ? dot : ".pcapng");
}

/* The oldest makes room. */
static void remember(struct ring *r, const char *name)
{
	if (!r->files_max)
		return;
	if (r->kept == r->files_max) {
		(void)unlink(r->names[r->oldest]);
		memcpy(r->names[r->oldest], name, NAME_MAX_BYTES);
		r->oldest = (r->oldest + 1) % r->kept;
		return;
	}
	memcpy(r->names[r->kept++], name, NAME_MAX_BYTES);
}

static bool next_file(struct ring *r, nanoseconds time)
{
	char name[NAME_MAX_BYTES] = "";

	r->number++;
	name_file(r, time, name);
	r->out = fopen(name, "w");
	if (!r->out)
		return complain(r, name);
	remember(r, name);
	r->written = 0;
	r->begun = time;
	capture_writer_begin(&r->writer, &r->text, "mrascope live");
	r->writer.names = r->options->interfaces;
	r->writer.name_count = r->options->interface_count;
	return true;
}

void ring_flush(struct ring *r)
{
	if (!r->out || r->failed)
		return;
	if (r->text.failed != STATUS_OK ||
	    fwrite(r->text.p ? r->text.p : "", 1, r->text.n, r->out) !=
		    r->text.n ||
	    fflush(r->out) != 0)
		(void)complain(r, r->path);
	r->written += r->text.n;
	text_clear(&r->text);
}

static void end_file(struct ring *r)
{
	ring_flush(r);
	if (r->out && fclose(r->out) != 0)
		(void)complain(r, r->path);
	r->out = NULL;
}

/* Is what stands at its name still what is written? */
static bool is_in_place(const struct ring *r)
{
	struct stat at, open;

	return stat(r->path, &at) == 0 && fstat(fileno(r->out), &open) == 0 &&
	       at.st_ino == open.st_ino && at.st_dev == open.st_dev;
}

void ring_reopen(struct ring *r)
{
	if (!r->failed && r->out && (is_ring(r) || !is_in_place(r)))
		end_file(r);
}

static bool is_full(const struct ring *r, nanoseconds time)
{
	return (r->size_max && r->written + r->text.n >= r->size_max) ||
	       (r->span && time - r->begun >= r->span);
}

bool ring_put(struct ring *r, const struct frame *frame,
	      const struct slice *comments, size_t count)
{
	if (r->failed)
		return false;
	if (r->out && is_full(r, frame->time))
		end_file(r);
	if (!r->failed && !r->out && !next_file(r, frame->time))
		return false;
	/* Link types of ours do not come from interfaces. */
	(void)!capture_writer_frame(&r->writer, frame, comments, count);
	if (r->text.n >= FLUSH_AT)
		ring_flush(r);
	return !r->failed;
}

bool ring_close(struct ring *r)
{
	bool fine;

	if (!r)
		return true;
	end_file(r);
	fine = !r->failed;
	text_free(&r->text);
	free(r->names);
	free(r);
	return fine;
}
