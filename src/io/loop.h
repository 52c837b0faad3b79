/*
 * The loop that waits: readiness of file descriptors, one time to wake at, and
 * signals.  One thread; libuv behind it.
 *
 * Its clock is the wall clock as it was when the loop was made, carried on by
 * the monotone one: it never goes back.
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include "core/clock.h"

struct loop;

/* NULL when memory or file descriptors are out. */
struct loop *loop_new(void);
/* Closes what is left, too: run no callback of it afterwards. */
void loop_free(struct loop *loop);

/* Since 1970, but never stepping back: it goes with the monotonic clock. */
nanoseconds loop_now(const struct loop *loop);

/* Runs until loop_stop. */
void loop_run(struct loop *loop);
/* Runs until something has happened, or loop_wake's time has come. */
void loop_once(struct loop *loop);
/* May be called from callbacks only. */
void loop_stop(struct loop *loop);

typedef void loop_fn(void *context);

/* Called whenever the descriptor can be read (or has an error); the descriptor
 * stays the caller's and open as long as the loop.  False without memory. */
MUST_CHECK bool loop_watch(struct loop *loop, int fd, loop_fn *fn,
			   void *context);

/* Calls `fn` once when the time has come; a new time replaces the old one;
 * INT64_MAX: never. */
void loop_wake(struct loop *loop, nanoseconds at, loop_fn *fn, void *context);

/* SIGINT, SIGTERM and SIGHUP call `fn`, with SIGPIPE ignored from now on.
 * False without memory. */
MUST_CHECK bool loop_signals(struct loop *loop, loop_fn *fn, void *context);

/* The libuv loop, for io/streams.c. */
struct uv_loop_s;
struct uv_loop_s *loop_uv(struct loop *loop);

#endif /* IO_LOOP_H */
