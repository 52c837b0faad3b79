/* Which file is followed at the moment, and what comes after it. */
#define _GNU_SOURCE /* strverscmp */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/filter.h"
#include "capture/follow.h"
#include "capture/formats.h"
#include "capture/grown.h"
#include "capture/reader.h"

/* The header of a pcap file, the shorter one of the two. */
#define HEADER_LEAST 24u

/* A file among those that a pattern matches. */
struct candidate {
	char *name;
	dev_t device;
	ino_t inode;
	nanoseconds written; /* when last */
	uint64_t size;
};

struct follow {
	char *path; /* as it was named */
	bool pattern, standard_input;
	struct candidate current;
	struct grown *grown;   /* of the current file; its source owns it when
				* there is one */
	struct source *source; /* NULL: it is too short yet, or damaged */
	bool damaged;
	bool moved; /* another file waits: what is left of this one first */
	struct candidate waiting;
	bool idle; /* nothing came since the last time */
	uint64_t frames, dropped;
	struct packet_filter *filter;
	struct fault fault;
	void *context;
	void (*on_secrets)(void *context, uint32_t kind, struct slice secrets);
};

/* ---- files ---- */

static nanoseconds time_of(const struct timespec *t)
{
	return clock_of(t->tv_sec, t->tv_nsec);
}

static void describe(const struct stat *st, struct candidate *to)
{
	to->device = st->st_dev;
	to->inode = st->st_ino;
	to->written = time_of(&st->st_mtim);
	to->size = st->st_size > 0 ? (uint64_t)st->st_size : 0;
}

static bool same_file(const struct candidate *a, const struct candidate *b)
{
	return a->device == b->device && a->inode == b->inode;
}

/* In the order in which a ring writes them. */
static bool is_before(const struct candidate *a, const struct candidate *b)
{
	if (a->written != b->written)
		return a->written < b->written;
	return strverscmp(a->name, b->name) < 0;
}

/* Takes the name over that it is given. */
static void replace(struct candidate *to, const struct candidate *by)
{
	free(to->name);
	*to = *by;
}

/* The first one behind `after`, or of all; false: there is none. */
static bool first_match(const char *pattern, const struct candidate *after,
			struct candidate *out)
{
	glob_t found;
	struct candidate best = {.name = NULL};

	if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct candidate c = {.name = found.gl_pathv[i]};
		struct stat st;

		if (stat(c.name, &st) != 0 || !S_ISREG(st.st_mode))
			continue;
		describe(&st, &c);
		if (after && (same_file(&c, after) || !is_before(after, &c) ||
			      c.size < HEADER_LEAST))
			continue;
		if (!best.name || is_before(&c, &best))
			best = c;
	}
	*out = best;
	if (best.name)
		out->name = strdup(best.name);
	globfree(&found);
	return out->name != NULL;
}

/* Another file under the same name, or the same one begun anew. */
static bool is_another(struct follow *f, struct candidate *out)
{
	struct stat st;

	if (stat(f->path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	describe(&st, out);
	if (out->size < HEADER_LEAST)
		return false;
	if (same_file(out, &f->current) &&
	    (!f->grown || out->size >= f->grown->at))
		return false;
	out->name = strdup(f->path);
	return out->name != NULL;
}

/* Looks for a file that comes after this one. */
static bool find_next(struct follow *f, struct candidate *out)
{
	struct stat st;

	if (!f->pattern)
		return is_another(f, out);
	if (f->grown && fstat(f->grown->fd, &st) == 0)
		f->current.written = time_of(&st.st_mtim);
	return first_match(f->path, &f->current, out);
}

/* ---- one file ---- */

static void leave(struct follow *f)
{
	if (f->source) {
		f->dropped += f->source->info.dropped;
		f->source->close(f->source);
	} else if (f->grown) {
		f->grown->bytes.close(&f->grown->bytes);
	}
	f->source = NULL;
	f->grown = NULL;
}

/* Takes the candidate over. */
static enum status enter(struct follow *f, struct candidate *c)
{
	int fd = open(c->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	leave(f);
	replace(&f->current, c);
	f->damaged = f->moved = false;
	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return fault_errno(&f->fault, errno);
	}
	describe(&st, &f->current);
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		fault_say(&f->fault, UINT64_MAX,
			  "is no file; follow standard input for a pipe");
		return STATUS_NOT_MINE;
	}
	f->grown = grown_new(fd, false);
	if (f->grown)
		return STATUS_OK;
	close(fd);
	return fault_errno(&f->fault, ENOMEM);
}

static enum status refuse(struct follow *f, const char *text)
{
	fault_say(&f->fault, 0, "%s", text);
	f->damaged = true;
	return STATUS_BAD;
}

/* What begins in this way can wait for its end. */
static bool can_wait(struct slice front)
{
	return format_pcap.claims(front) || format_pcapng.claims(front);
}

/* STATUS_SHORT: there is too little of it to know what it is. */
static enum status begin(struct follow *f)
{
	struct grown *g = f->grown;
	struct slice front;
	enum status status;

	if (!grown_look(g)) {
		f->damaged = true;
		return fault_errno(&f->fault, errno);
	}
	front = slice_of(g->front, g->front_count);
	if (front.n < GROWN_FRONT && !grown_ended(g))
		return STATUS_SHORT;
	if (!can_wait(front)) {
		if (!g->stream)
			return refuse(f, "only pcap and pcapng can be "
					 "followed while they are written");
		g->bytes.growing = false;
	}
	f->grown = NULL;
	status = source_open(&g->bytes, f->path, &f->source, &f->fault);
	if (status != STATUS_OK) {
		f->source = NULL;
		f->damaged = true;
		return STATUS_BAD;
	}
	/* The source owns it, and lives as long as it is asked. */
	f->grown = g;
	f->source->context = f->context;
	f->source->on_secrets = f->on_secrets;
	return STATUS_OK;
}

/* ---- frames ---- */

static bool passes(struct follow *f, const struct frame *frame)
{
	return !f->filter ||
	       packet_filter_test(f->filter, frame) != FILTER_NO_MATCH;
}

/* Of the file at hand. */
static enum status next_here(struct follow *f, struct frame *frame)
{
	enum status status = STATUS_OK;

	if (f->damaged || (!f->source && !f->grown))
		return STATUS_SHORT;
	if (!f->source)
		status = begin(f);
	while (status == STATUS_OK) {
		status = f->source->next(f->source, frame);
		if (status == STATUS_OK && passes(f, frame))
			break;
	}
	if (status == STATUS_OK || status == STATUS_SHORT ||
	    status == STATUS_END)
		return status;
	if (f->source && f->source->info.damage.set)
		f->fault = f->source->info.damage;
	f->damaged = true;
	return STATUS_BAD;
}

/* Nothing is left here.  STATUS_OK: go on, with another file. */
static enum status go_on(struct follow *f)
{
	struct candidate next = {.name = NULL};

	if (f->moved) {
		next = f->waiting;
		f->waiting.name = NULL;
		return enter(f, &next);
	}
	if (f->standard_input)
		return f->damaged ? STATUS_END : STATUS_SHORT;
	/* Looking through a folder is for when there is time. */
	if (f->pattern && !f->idle && !f->damaged) {
		f->idle = true;
		return STATUS_SHORT;
	}
	if (!find_next(f, &next))
		return STATUS_SHORT;
	/* More may have been written before the name went to another. */
	replace(&f->waiting, &next);
	f->moved = true;
	return STATUS_OK;
}

enum status follow_next(struct follow *f, struct frame *frame)
{
	enum status status;

	do {
		status = next_here(f, frame);
		if (status == STATUS_OK) {
			f->idle = false;
			frame->file = 0;
			frame->number = ++f->frames;
			frame->vantage = frame->interface;
			frame->offset = FRAME_NOWHERE;
			return STATUS_OK;
		}
		if (status == STATUS_SHORT)
			status = go_on(f);
	} while (status == STATUS_OK);
	return status == STATUS_SHORT || status == STATUS_END ? status
							      : STATUS_BAD;
}

/* ---- opening ---- */

static bool is_pattern(const char *path)
{
	struct stat st;

	return strpbrk(path, "*?[") && stat(path, &st) != 0;
}

static enum status open_first(struct follow *f)
{
	struct candidate first = {.name = NULL};
	struct stat st;

	if (strcmp(f->path, "-") == 0) {
		bool file =
			fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode);

		f->standard_input = true;
		f->grown = grown_new(STDIN_FILENO, !file);
		return f->grown ? STATUS_OK : fault_errno(&f->fault, ENOMEM);
	}
	f->pattern = is_pattern(f->path);
	if (f->pattern && !first_match(f->path, NULL, &first)) {
		fault_say(&f->fault, UINT64_MAX, "nothing matches");
		return STATUS_IO;
	}
	if (!f->pattern)
		first.name = strdup(f->path);
	if (!first.name)
		return fault_errno(&f->fault, ENOMEM);
	return enter(f, &first);
}

enum status follow_open(const char *path, const char *filter,
			struct follow **out, struct fault *fault)
{
	struct follow *f = calloc(1, sizeof(*f));
	enum status status = STATUS_OK;

	*fault = (struct fault){.offset = UINT64_MAX};
	if (f)
		f->path = strdup(path);
	if (!f || !f->path) {
		free(f);
		return fault_errno(fault, ENOMEM);
	}
	if (filter)
		status = packet_filter_new(filter, &f->filter, fault);
	if (status == STATUS_OK) {
		status = open_first(f);
		*fault = f->fault;
	}
	if (status != STATUS_OK) {
		follow_close(f);
		return status;
	}
	*out = f;
	return STATUS_OK;
}

void follow_close(struct follow *f)
{
	if (!f)
		return;
	leave(f);
	packet_filter_free(f->filter);
	free(f->current.name);
	free(f->waiting.name);
	free(f->path);
	free(f);
}

void follow_listen(struct follow *f, void *context,
		   void (*on_secrets)(void *context, uint32_t kind,
				      struct slice secrets))
{
	f->context = context;
	f->on_secrets = on_secrets;
}

const struct fault *follow_fault(const struct follow *f, const char **path)
{
	*path = f->current.name ? f->current.name : f->path;
	return &f->fault;
}

uint64_t follow_dropped(const struct follow *f)
{
	return f->dropped + (f->source ? f->source->info.dropped : 0);
}

int follow_descriptor(const struct follow *f)
{
	return f->grown && f->grown->stream ? f->grown->fd : -1;
}
