/* libuv's loop. */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include <uv.h>

#include "io/loop.h"

#define WATCHES_MAX 8u
#define SIGNALS 3u

struct watch {
	uv_poll_t poll;
	loop_fn *fn;
	void *context;
};

struct loop {
	uv_loop_t uv;
	uv_timer_t timer;
	uv_signal_t signals[SIGNALS];
	struct watch watches[WATCHES_MAX];
	size_t watch_count;
	loop_fn *wake, *signalled;
	void *wake_context, *signal_context;
	nanoseconds offset; /* from the monotone clock to the wall clock */
};

static nanoseconds clock_at(clockid_t id)
{
	struct timespec t = {0};

	clock_gettime(id, &t);
	return clock_of(t.tv_sec, t.tv_nsec);
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	if (uv_loop_init(&loop->uv) != 0) {
		free(loop);
		return NULL;
	}
	uv_timer_init(&loop->uv, &loop->timer);
	loop->offset = clock_at(CLOCK_REALTIME) - clock_at(CLOCK_MONOTONIC);
	return loop;
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	uv_walk(&loop->uv, close_handle, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT);
	uv_loop_close(&loop->uv);
	free(loop);
}

nanoseconds loop_now(const struct loop *loop)
{
	return clock_at(CLOCK_MONOTONIC) + loop->offset;
}

void loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_once(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_ONCE);
}

void loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;

	(void)status;
	(void)events;
	watch->fn(watch->context);
}

bool loop_watch(struct loop *loop, int fd, loop_fn *fn, void *context)
{
	struct watch *watch = &loop->watches[loop->watch_count];

	if (loop->watch_count == WATCHES_MAX ||
	    uv_poll_init(&loop->uv, &watch->poll, fd) != 0)
		return false;
	loop->watch_count++;
	watch->fn = fn;
	watch->context = context;
	watch->poll.data = watch;
	return uv_poll_start(&watch->poll, UV_READABLE, readable) == 0;
}

static void woken(uv_timer_t *timer)
{
	struct loop *loop = timer->data;

	loop->wake(loop->wake_context);
}

void loop_wake(struct loop *loop, nanoseconds at, loop_fn *fn, void *context)
{
	nanoseconds wait;

	if (at == INT64_MAX) {
		uv_timer_stop(&loop->timer);
		return;
	}
	wait = at - loop_now(loop);
	loop->wake = fn;
	loop->wake_context = context;
	loop->timer.data = loop;
	uv_update_time(&loop->uv);
	uv_timer_start(&loop->timer, woken,
		       wait <= 0 ? 0 : (uint64_t)(wait / NS_PER_MS + 1), 0);
}

static void signalled(uv_signal_t *handle, int number)
{
	struct loop *loop = handle->data;

	(void)number;
	loop->signalled(loop->signal_context);
}

bool loop_signals(struct loop *loop, loop_fn *fn, void *context)
{
	static const int numbers[SIGNALS] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	loop->signalled = fn;
	loop->signal_context = context;
	sigaction(SIGPIPE, &ignore, NULL);
	for (size_t i = 0; i < SIGNALS; i++) {
		uv_signal_t *s = &loop->signals[i];

		if (uv_signal_init(&loop->uv, s) != 0)
			return false;
		s->data = loop;
		if (uv_signal_start(s, signalled, numbers[i]) != 0)
			return false;
	}
	return true;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
	return &loop->uv;
}
