/*
 * Watching interfaces, or a capture that grows: frames become evidence as they
 * come, looked at now and then, and forgotten when it is over; the same for
 * screens and for events.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "capture/follow.h"
#include "capture/live.h"
#include "cli/key_watch.h"
#include "cli/pipeline.h"
#include "cli/hep_send.h"
#include "cli/ring.h"
#include "cli/timing.h"
#include "flow/retention.h"
#include "flow/stages.h"
#include "validate/verdict.h"

#define WATCH_COMMENTS_MAX 8u

/* A look in the making, step by step. */
struct look {
	struct stages_copy copy; /* of the evidence, while `copying` */
	bool copying;
	struct stages *stages; /* NULL: it is joined */
	struct model model;
	struct verdict_progress judged;
	bool begun;
	nanoseconds took;
};

/* Fresh evidence in the making, of what the retention keeps. */
struct renewal {
	struct model *base; /* NULL: there is none */
	struct stages *stages;
	struct keyring *keys;
	size_t told;
};

/* What takes its time to be freed, and can wait for it. */
#define TRASH_MODELS 4u

struct trash {
	struct model *models[TRASH_MODELS];
	size_t count;
	struct retention *retention;
};

struct watch {
	const struct options *options;
	struct live *live;          /* NULL: */
	struct follow *follow;      /* a capture that grows */
	bool files;                 /* captures are read before interfaces */
	uint64_t from_files;        /* frames of them */
	struct frame first;         /* of them, until it is taken */
	bool ended;                 /* and has come to its end */
	bool trouble;               /* it cannot be read, see follow_fault */
	struct ring *ring;          /* NULL: nothing is written */
	struct hep_sender *hep;     /* NULL: nobody is told */
	struct key_watch *key_logs; /* NULL: there are none */
	nanoseconds keys_read;
	struct pipeline pipeline; /* without captures */
	struct message_sink sink;
	struct retention *retention;
	uint64_t calls;     /* that it keeps; 0: the usual number */
	struct model *base; /* evidence as it grows, not joined */
	struct stages *stages;
	struct model *old_base; /* that the view's texts are of */
	struct model view;      /* as it was joined last */
	bool has_view;
	struct look look;
	bool wanted;   /* a look at once, worth it or not */
	bool trimming; /* the retention */
	size_t crowd;  /* flows and media from which silent ones are sought */
	struct renewal renewal;
	struct trash trash;
	bool news;                /* something came since */
	nanoseconds viewed, cost; /* by the clock of this machine */
	struct timing looks;
	nanoseconds reopened;
	nanoseconds newest; /* of a frame */
	uint64_t frames;
	/* Findings about the frame at hand, for the ring. */
	struct slice comments[WATCH_COMMENTS_MAX];
	size_t comment_count;
	struct live_counts counts;
	/* Who else wants messages; may be NULL.  One whose key came late is no
	 * more in its frame: that has no bytes. */
	void *context;
	void (*on_message)(void *context, const struct frame *frame,
			   const struct message *message);
};

/* Opens the interfaces and gives up rights; false after a message, with
 * *status. */
bool watch_open(struct watch *w, const struct options *options, int *status);
void watch_close(struct watch *w);

/* Reads what is there, for so long at most; false: there was nothing. */
bool watch_read(struct watch *w, nanoseconds budget);

/* What is written may have been renamed: see ring_reopen. */
void watch_reopen(struct watch *w);

/* Nothing more will be read than what has come by now: what is under way is
 * told as it stands. */
void watch_finish(struct watch *w);

/* Descriptors to poll for reading; returns how many. */
size_t watch_descriptors(const struct watch *w, int *out, size_t max);

/*
 * Looks at what is known, when it is worth it: at most ten times a second, and
 * a tenth of the time.  A look is made in steps that take so long together;
 * true: it is finished, w->view is a new one.
 */
bool watch_look(struct watch *w, nanoseconds budget);

/* The next look is worth it, whatever it costs. */
void watch_want_look(struct watch *w);

/* A look at once. */
bool watch_look_now(struct watch *w);

/* While nobody wants a new look: forgets what the limits demand, and no
 * more. */
void watch_squeeze(struct watch *w, nanoseconds budget);

/* Is there a look to be gone on with? */
bool watch_is_looking(const struct watch *w);

/* watch_look.c, for watch.c */
/* Something must be forgotten before more is read (interfaces do not wait for
 * that), or the evidence must not grow for a moment. */
bool watch_is_full(const struct watch *w);
/* Now it may grow: what is in the way is finished, or begun anew later. */
void watch_let_grow(struct watch *w);
void watch_look_free(struct watch *w);
struct retention *watch_retention(const struct watch *w);

/* Of the interfaces, or of the file that is followed. */
struct live_counts watch_counts(struct watch *w);

/* What time it is where packets come from: on an interface it goes on without
 * them. */
nanoseconds watch_now(const struct watch *w);

/* For --stats: what was read, and what looking took. */
void watch_say(struct watch *w, FILE *to);

/* Keeps so many calls; before the first message only. */
void watch_limit(struct watch *w, uint64_t calls);

/* Forgets all: the view is of nothing.  False: memory is out. */
bool watch_clear(struct watch *w);

#endif /* CLI_WATCH_H */
