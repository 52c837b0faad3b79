/*
 * From the command line to messages: opens the captures, reads them (twice
 * where keys can be learned first), and says what was wrong with them.
 */
#ifndef CLI_PIPELINE_H
#define CLI_PIPELINE_H

#include "capture/set.h"
#include "cli/options.h"
#include "flow/ahead.h"
#include "flow/behind.h"
#include "flow/clocks.h"
#include "flow/driver.h"
#include "flow/shared_ends.h"
#include "model/model.h"

struct pipeline {
	const struct options *options;
	struct capture_set *set;
	struct keyring *keys;
	struct driver *driver;
	struct clocks *clocks;        /* of an orderly reading */
	struct clock_offset *offsets; /* one a file, then one for each of the */
	struct clock_interface *interfaces; /* further interfaces; NULL: not */
	size_t interface_count;             /* known */
	struct shared_ends *ends; /* of several files with a log, or NULL */
	const struct frame *frame; /* the one that is read at the moment */
	struct ahead *ahead;       /* reads the captures, or NULL */
	struct message_sink sink;
	/* Hears each message before the sink does, in the thread that makes
	 * them; `take` NULL: nobody. */
	struct message_sink first;
	struct behind *behind;  /* tells the sink, or NULL */
	uint64_t frames, bytes; /* of this reading; about so many bytes */
	bool threads;    /* may read ahead: nobody asks the set meanwhile */
	bool apart;      /* the sink may be told in a thread of its own: it asks
			  * nobody else of what is read */
	bool rereadable; /* the set; known from the first frame on */
	bool begun;
	/* All is skimmed first (driver_skim), where it can be read again, is
	 * not mostly media, and is not read soon anyway; to be said before the
	 * first step.  `again` is then called once more, with this still set
	 * if that was all. */
	bool skim;
	bool weighed;             /* is it worth it? */
	nanoseconds skim_at;      /* by timing_now(), when so much was */
	uint64_t skimmed_by_then; /* skimmed: bytes; 0: not yet */
	bool second; /* all is read again */
	bool by_interface; /* clocks are told apart by it, from the front */
	bool out_of_memory;
	bool secrets_lost; /* there was no memory for those of a capture */
};

/* Opens everything; false after a message, with *status. */
bool pipeline_open(struct pipeline *p, const struct options *options,
		   const struct message_sink *sink, int *status);

/*
 * Reads all frames; the sink hears the messages.  When something came late
 * (a key behind the message that it protects) and the captures can be read
 * again, `again` is called and all is told once more from the start; it
 * returns false to leave it at the first telling.
 * False: out of memory, or the sink asked to stop through *stop.
 */
struct pipeline_listener {
	void *context;
	bool (*again)(void *context);
	const bool *stop; /* may be NULL */
	/* The order of frames matters more than that in the file: a second
	 * telling mends it, and makes one clock of several. */
	bool orderly;
};
bool pipeline_run(struct pipeline *p, const struct pipeline_listener *with);

/*
 * The same in steps, for who has to do other things meanwhile: at most so
 * many frames.  STATUS_OK: there are more; STATUS_END: all is told, a second
 * time too where that was better; STATUS_NOMEM.
 */
MUST_CHECK enum status pipeline_step(struct pipeline *p,
				     const struct pipeline_listener *with,
				     size_t frames);

/* Between two steps: until the sink has heard all that was read, and rests. */
void pipeline_settle(struct pipeline *p);

/* Says to standard error what was damaged; returns the exit status that
 * follows from it (EXIT_FINE, EXIT_INPUT, EXIT_LIMIT). */
int pipeline_status(const struct pipeline *p);

/* What was wrong with the first of the files that could not be read whole, and
 * how many more there are, in a line; false: nothing was wrong with any. */
bool pipeline_trouble(const struct pipeline *p, char *to, size_t size);

/* Notes in the model what the reading itself could not do. */
void pipeline_note_limits(const struct pipeline *p, struct model *model);

/* All is read: gives back what reading needed, but the keys. */
void pipeline_rest(struct pipeline *p);

/* Gives back all that pipeline_open took. */
void pipeline_close(struct pipeline *p);

/* Calls for each credential of the options; false after a message, where a
 * file cannot be read. */
typedef void credential_fn(void *context, struct slice user, struct slice realm,
			   struct slice password);
bool pipeline_credentials(const struct options *options, credential_fn *take,
			  void *context);

/* A keyring with what the options give; NULL, after a message where a file
 * cannot be read. */
struct keyring *pipeline_keyring(const struct options *options);

/* How many threads the options allow; at least 1. */
size_t pipeline_jobs(const struct options *options);

/* Opens the output file of the options; NULL after a message. */
FILE *pipeline_output(const struct options *options);
/* Closes it; false after a message when writing failed. */
bool pipeline_output_close(const struct options *options, FILE *out);
/* Is it to be coloured?  By --color, NO_COLOR, and whether it is a terminal. */
bool pipeline_color(const struct options *options, FILE *out);
/* Columns of the terminal that it is; 0: it is none. */
size_t pipeline_width(FILE *out);

#endif /* CLI_PIPELINE_H */
