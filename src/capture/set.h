/*
 * A set of captures read as one: files, folders and globs, merged by time.
 */
#ifndef CAPTURE_SET_H
#define CAPTURE_SET_H

#include "capture/source.h"

#define CAPTURE_FILES_MAX 65536u
/* With more files in use at a time, descriptors are given back in between. */
#define CAPTURE_FILES_OPEN_MAX 512u
/* With more files in the set, each is closed until its first frame is due. */
#define CAPTURE_FILES_READY_MAX 16u

/* One file of the set. */
struct capture_file {
	const char *path;
	uint64_t size; /* of the file as it lies there; UINT64_MAX: unknown */
	struct source_info info;
	enum status status; /* OK while readable; END; else why it stopped */
	struct fault fault; /* why it could not be opened, if set */
};

struct capture_set;

/* An empty set; NULL when memory is out. */
struct capture_set *capture_set_new(void);

/*
 * Adds a path: a file, "-", a folder (all captures below it, sorted; other
 * files and names that begin with a dot are passed over) or a glob pattern
 * that the shell left alone.  Unreadable files are added too, with their
 * fault.  STATUS_NOT_MINE: a folder without captures or a pattern without
 * match; STATUS_IO, STATUS_NOMEM, STATUS_LIMIT; *fault says why.
 * A file that is in the set already is not added again: STATUS_OK, and *fault
 * is set and says so.
 */
MUST_CHECK enum status capture_set_add(struct capture_set *set,
				       const char *path, struct fault *fault);

/*
 * Keeps only packets that match a pcap-filter(7) expression; compiled per
 * link type.  Call before the first next.  STATUS_BAD: *fault holds
 * libpcap's sentence.  Frames that do not match still count and keep numbers.
 */
MUST_CHECK enum status capture_set_filter(struct capture_set *set,
					  const char *expression,
					  struct fault *fault);

/*
 * Secrets and comments of all files; set before the first next.  `file` is
 * the place in the set.  A second pass tells them again; NULL as listener
 * keeps it from that.
 */
struct capture_listener {
	void *context;
	void (*on_secrets)(void *context, uint32_t file, uint32_t kind,
			   struct slice secrets);
	void (*on_comment)(void *context, uint32_t file, uint64_t frame,
			   struct slice text);
};
void capture_set_listen(struct capture_set *set,
			const struct capture_listener *listener);

/*
 * The next frame of the set: files are merged by the time of their next
 * frame, the order within a file stays.  STATUS_END when all have ended,
 * whatever their state; damage is in capture_set_file().
 * frame->bytes are good until the next call.
 */
enum status capture_set_next(struct capture_set *set, struct frame *frame);

/* The same where it lies: *frame is good until the next call, too. */
enum status capture_set_step(struct capture_set *set,
			     const struct frame **frame);

/*
 * Several frames at once, as capture_set_next() would give them one by one;
 * those of one window, which can be held.  Returns how many of `max` they are;
 * 0: it has to be asked.  The frames stay as they are, their bytes until the
 * next call.
 */
size_t capture_set_run(struct capture_set *set, struct frame *frames,
		       size_t max);

/* From now on a thread of its own takes the frames and holds their windows
 * (core/window.h): nothing is read ahead by further ones. */
void capture_set_hold(struct capture_set *set);

/*
 * Frames say from which vantage they were seen: an interface of a capture.
 * Files that follow one another are one capture, see capture/vantages.h.
 */

/* Was a frame handed out that is a little older than one before it?  Read
 * again, with the order mended: STATUS_NOMEM. */
bool capture_set_disordered(const struct capture_set *set);
MUST_CHECK enum status capture_set_reorder(struct capture_set *set);

/* The clock of this file is ahead by so much, which is taken from its times
 * from the next rewind on.  `apart`: it follows no other file. */
void capture_set_shift(struct capture_set *set, size_t at, nanoseconds offset,
		       bool apart);

/*
 * The same of one interface of a file, whose vantage the first reading showed:
 * its frames are merged with the others by their own times.
 * STATUS_NOMEM; STATUS_LIMIT: more than CAPTURE_LANES_MAX.
 */
#define CAPTURE_LANES_MAX 64u
MUST_CHECK enum status capture_set_shift_vantage(struct capture_set *set,
						 size_t at, uint32_t vantage,
						 nanoseconds offset);

/* The number of the vantage that the frames of this file were seen from; of
 * several interfaces the last one. */
uint32_t capture_set_vantage(const struct capture_set *set, size_t at);

/* How many vantages there are: interfaces of files that do not follow each
 * other. */
size_t capture_set_vantages(const struct capture_set *set);

/* Can all of them be read again from the start? */
bool capture_set_rereadable(const struct capture_set *set);

/* Starts over, for a second pass; the counters start over too.
 * STATUS_IO when a file went away. */
MUST_CHECK enum status capture_set_rewind(struct capture_set *set);

/* How many files; their places are 0 to that - 1. */
size_t capture_set_count(const struct capture_set *set);

/* How far a file was read; good until the next call for this file. */
const struct capture_file *capture_set_file(const struct capture_set *set,
					    size_t at);

/* Its path alone, also while another thread reads the set. */
const char *capture_set_path(const struct capture_set *set, size_t at);

void capture_set_free(struct capture_set *set);

#endif /* CAPTURE_SET_H */
