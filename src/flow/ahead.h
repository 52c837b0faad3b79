/*
 * Reads frames ahead in a thread of its own and decodes early what can be
 * (flow/early.h): the other half of the work then goes on beside it.
 *
 * The thread takes frames from a source, which belongs to it from ahead_new()
 * until STATUS_END was handed out or ahead_free(), and puts them into batches;
 * frames come out in the same order, with what happened between them.
 */
#ifndef FLOW_AHEAD_H
#define FLOW_AHEAD_H

#include "core/status.h"
#include "flow/early.h"

struct ahead;

/* Where frames come from: as capture_set_step(). */
struct frame_source {
	void *context;
	enum status (*next)(void *context, const struct frame **frame);
	/* as capture_set_run(); may be NULL */
	size_t (*run)(void *context, struct frame *frames, size_t max);
	bool skim; /* for a driver that does */
};

/* Something that the source tells between frames, see ahead_tell(). */
struct ahead_event {
	uint32_t file;
	uint32_t kind;
	struct slice bytes;
};
typedef void ahead_event_fn(void *context, const struct ahead_event *event);

/*
 * Starts the thread, which finds itself in *to: the source may tell something
 * at once.  `heard` (with `context`) is called within ahead_next(), by its
 * caller's thread.  NULL in *to: no memory or no thread; then the source was
 * not touched.
 */
void ahead_new(struct ahead **to, const struct frame_source *source,
	       ahead_event_fn *heard, void *context);

/* Ends the thread, wherever it is.  NULL is fine. */
void ahead_free(struct ahead *ahead);

/* Within the source's next(): an event that belongs before the frame which is
 * being read.  Its bytes are copied.  False: memory is out. */
MUST_CHECK bool ahead_tell(struct ahead *ahead,
			   const struct ahead_event *event);

/*
 * The next frame and what was read of it early, or *early NULL; both good
 * until the next call, see also ahead_lend().  Other statuses than STATUS_OK
 * are the source's last one (STATUS_NOMEM may be ours), for good.
 */
enum status ahead_next(struct ahead *ahead, const struct frame **frame,
		       const struct early **early);

/* The arena of the batch that the last frame belongs to; what is allocated
 * there by the caller's thread lasts as long as the frame does. */
struct arena *ahead_arena(struct ahead *ahead);

/*
 * From now on frames, and what was read of them, last longer: `passed` is
 * called, within ahead_next(), instead of giving batches below a number back,
 * and whoever was told that number does so by ahead_release(), from any thread,
 * the numbers in order.  Until he does, nothing more may be read.
 */
typedef void ahead_passed_fn(void *context, uint64_t number);
void ahead_lend(struct ahead *ahead, ahead_passed_fn *passed, void *context);
void ahead_release(struct ahead *ahead, uint64_t number);

/*
 * How many of the next frames are at hand with nothing told between them, and
 * what was read of them early, in *run (`payload` NULL: nothing); good until
 * the next call of ahead_next().
 */
size_t ahead_run(const struct ahead *ahead, const struct early **run);

/* So many of them are done with: ahead_next() goes on behind them. */
void ahead_pass(struct ahead *ahead, size_t frames);

#endif /* FLOW_AHEAD_H */
