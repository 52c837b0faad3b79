/* A ring of batches between the thread that reads and the one that tells. */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>

#include "core/fetch.h"
#include "core/thread.h"
#include "core/window.h"
#include "core/xml.h"
#include "flow/ahead.h"

#define BATCHES 32u
/* So many are given back at once: waking a thread is not free. */
#define BATCHES_BACK 4u
/* The same for those that are waited for. */
#define BATCHES_ON 8u
#define BATCH_FRAMES 256u
/* Of them so many are taken at once, whatever that makes of the limits. */
#define RUN_MAX 32u
/* Bytes of frames in one batch; a larger frame is one by itself. */
#define BATCH_BYTES ((size_t)131072)
/* Frames lie in so many windows at most; those in others are copied. */
#define BATCH_WINDOWS 4u
/* What was decoded: a batch ends behind the first, and lacks what is over the
 * second. */
#define BATCH_DECODED ((size_t)131072)
#define BATCH_DECODED_MAX ((size_t)64 << 20)

_Static_assert(BATCHES * BATCH_WINDOWS + 8 <= WINDOWS_MAX,
	       "whoever reads finds a window");

struct told {
	struct told *next;
	size_t before; /* the frame of the batch */
	struct ahead_event event;
};

struct batch {
	struct frame frames[BATCH_FRAMES];
	struct early early[BATCH_FRAMES]; /* payload NULL: none */
	size_t count;
	struct window *windows[BATCH_WINDOWS];
	size_t window_count;
	uint8_t *bytes; /* BATCH_BYTES, for frames whose window is not held */
	size_t used;
	struct arena arena;
	struct told *told, **told_end;
	enum status status; /* of the source behind these frames */
};

struct ahead {
	struct frame_source source;
	ahead_event_fn *heard;
	void *context;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t filled_more, freed_more;
	/* Batches counted from the start: what the thread has filled, what was
	 * given back to it. */
	uint64_t filled, freed;
	uint64_t wanted; /* batches that somebody waits for; 0: nobody does */
	bool stop, ended;
	struct batch *filling; /* of the thread */
	/* Of the one who tells: */
	uint64_t ready; /* batches that are known to be filled */
	uint64_t at;    /* the batch */
	size_t next;    /* frame of it */
	ahead_passed_fn *passed;
	void *passed_context;
	struct batch batches[BATCHES];
};

static struct batch *batch_at(struct ahead *a, uint64_t number)
{
	return &a->batches[number % BATCHES];
}

/* ---- the thread ---- */

static void drop_windows(struct batch *b)
{
	for (size_t i = 0; i < b->window_count; i++)
		window_drop(b->windows[i]);
	b->window_count = 0;
}

static void batch_clear(struct batch *b)
{
	drop_windows(b);
	b->count = 0;
	b->used = 0;
	b->told = NULL;
	b->told_end = &b->told;
	b->status = STATUS_OK;
	arena_reset(&b->arena);
}

/* Frames lie one behind another; the large ones elsewhere. */
static uint8_t *room_for(struct batch *b, size_t n)
{
	uint8_t *p = b->bytes + b->used;

	if (n > BATCH_BYTES - b->used)
		return arena_alloc(&b->arena, n);
	b->used += n;
	return p;
}

static bool hold_window(struct batch *b, struct window *window)
{
	size_t n = b->window_count;

	if (!window)
		return false;
	if (n && b->windows[n - 1] == window)
		return true;
	if (n == BATCH_WINDOWS)
		return false;
	window_hold(window);
	b->windows[b->window_count++] = window;
	return true;
}

static bool copy_bytes(struct batch *b, struct slice *bytes)
{
	uint8_t *to = room_for(b, bytes->n);

	if (!to)
		return false;
	if (bytes->n)
		memcpy(to, bytes->p, bytes->n);
	bytes->p = to;
	return true;
}

static inline bool hold_bytes(struct batch *b, struct frame *frame)
{
	return hold_window(b, frame->window) || copy_bytes(b, &frame->bytes);
}

/* Another processor read the rows that are written soon, and what lay where
 * the next message is decoded to. */
#define EXPECTED 24u
#define EXPECTED_MESSAGE ((size_t)3072)

static void expect_first(const struct batch *b)
{
	fetch_to_write(b->early, EXPECTED * sizeof(b->early[0]));
	fetch_to_write(b->frames, RUN_MAX * sizeof(b->frames[0]));
}

static inline void expect_more(const struct batch *b)
{
	if (b->count + EXPECTED < BATCH_FRAMES)
		fetch_to_write(&b->early[b->count + EXPECTED],
			       sizeof(b->early[0]));
	if (b->count + RUN_MAX < BATCH_FRAMES)
		fetch_to_write(&b->frames[b->count + RUN_MAX],
			       sizeof(b->frames[0]));
}

static inline bool is_message(const struct early *early)
{
	return early->payload &&
	       (early->kind == EARLY_SIP || early->kind == EARLY_STUN);
}

/* The frame is there already, and its bytes stay. */
static inline void keep_frame(struct batch *b, bool skim)
{
	struct frame *frame = &b->frames[b->count];
	struct early *early = &b->early[b->count];

	expect_more(b);
	if (!(skim ? early_skim : early_read)(frame, &b->arena, early))
		early->payload = NULL;
	if (is_message(early))
		arena_expect(&b->arena, EXPECTED_MESSAGE);
	b->count++;
}

static bool is_full(const struct batch *b)
{
	return b->count == BATCH_FRAMES || b->used > BATCH_BYTES - 2048 ||
	       arena_taken(&b->arena) >= BATCH_DECODED;
}

static enum status read_one(struct ahead *a, struct batch *b)
{
	const struct frame *frame;
	enum status status = a->source.next(a->source.context, &frame);

	if (status != STATUS_OK)
		return status;
	b->frames[b->count] = *frame;
	if (!hold_bytes(b, &b->frames[b->count]))
		return STATUS_NOMEM;
	keep_frame(b, a->source.skim);
	return STATUS_OK;
}

static size_t read_run(struct ahead *a, struct batch *b)
{
	size_t room = BATCH_FRAMES - b->count, count;

	if (!a->source.run)
		return 0;
	count = a->source.run(a->source.context, &b->frames[b->count],
			      room < RUN_MAX ? room : RUN_MAX);
	for (size_t i = 0; i < count; i++) {
		/* The window is the same for all, if it can be held. */
		if ((i == 0 || b->used) &&
		    !hold_bytes(b, &b->frames[b->count])) {
			b->status = STATUS_NOMEM;
			break;
		}
		keep_frame(b, a->source.skim);
	}
	return count;
}

static void fill(struct ahead *a, struct batch *b)
{
	batch_clear(b);
	expect_first(b);
	a->filling = b;
	while (b->status == STATUS_OK && !is_full(b))
		if (read_run(a, b) == 0)
			b->status = read_one(a, b);
}

bool ahead_tell(struct ahead *a, const struct ahead_event *event)
{
	struct batch *b = a->filling;
	struct told *told = arena_alloc(&b->arena, sizeof(*told));
	struct slice bytes = arena_copy(&b->arena, event->bytes);

	if (!told || bytes.n != event->bytes.n)
		return false;
	told->before = b->count;
	told->event = *event;
	told->event.bytes = bytes;
	*b->told_end = told;
	b->told_end = &told->next;
	return true;
}

/* What is waited for, or all that can be had. */
static bool are_enough(const struct ahead *a)
{
	return a->filled >= a->wanted || a->ended ||
	       a->filled - a->freed == BATCHES;
}

/* Until the source ends, or nobody wants more. */
static void *read_on(void *context)
{
	struct ahead *a = context;

	pthread_mutex_lock(&a->lock);
	do {
		struct batch *b;

		while (!a->stop && a->filled - a->freed == BATCHES)
			pthread_cond_wait(&a->freed_more, &a->lock);
		if (a->stop)
			break;
		b = batch_at(a, a->filled);
		pthread_mutex_unlock(&a->lock);
		fill(a, b);
		pthread_mutex_lock(&a->lock);
		a->filled++;
		a->ended = b->status != STATUS_OK;
		if (a->wanted && are_enough(a))
			pthread_cond_signal(&a->filled_more);
	} while (!a->ended);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

/* ---- from start to end ---- */

/* Rows of frames stay untouched until there are some. */
static bool make_batches(struct ahead *a)
{
	bool made = true;

	for (size_t i = 0; i < BATCHES; i++) {
		struct batch *b = &a->batches[i];

		b->window_count = 0;
		b->arena = arena_new(BATCH_DECODED_MAX);
		b->bytes = malloc(BATCH_BYTES);
		batch_clear(b);
		made &= b->bytes != NULL;
	}
	return made;
}

static void drop(struct ahead *a)
{
	for (size_t i = 0; i < BATCHES; i++) {
		drop_windows(&a->batches[i]);
		free(a->batches[i].bytes);
		arena_free(&a->batches[i].arena);
	}
	free(a);
}

void ahead_new(struct ahead **to, const struct frame_source *source,
	       ahead_event_fn *heard, void *context)
{
	/* Rows have cache lines of their own. */
	struct ahead *a = aligned_alloc(_Alignof(struct ahead), sizeof(*a));

	*to = a;
	if (!a)
		return;
	memset(a, 0, offsetof(struct ahead, batches));
	xml_prepare();
	a->source = *source;
	a->heard = heard;
	a->context = context;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->filled_more, NULL);
	pthread_cond_init(&a->freed_more, NULL);
	if (make_batches(a) && thread_start(&a->thread, read_on, a))
		return;
	drop(a);
	*to = NULL;
}

void ahead_free(struct ahead *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->stop = true;
	pthread_cond_signal(&a->freed_more);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	pthread_cond_destroy(&a->filled_more);
	pthread_cond_destroy(&a->freed_more);
	pthread_mutex_destroy(&a->lock);
	drop(a);
}

/* ---- the one who tells ---- */

static void wait_for(struct ahead *a, uint64_t number)
{
	if (number < a->ready)
		return;
	pthread_mutex_lock(&a->lock);
	a->wanted = number + BATCHES_ON;
	while (a->filled <= number || !are_enough(a))
		pthread_cond_wait(&a->filled_more, &a->lock);
	a->wanted = 0;
	a->ready = a->filled;
	pthread_mutex_unlock(&a->lock);
}

void ahead_release(struct ahead *a, uint64_t number)
{
	pthread_mutex_lock(&a->lock);
	a->freed = number;
	pthread_cond_signal(&a->freed_more);
	pthread_mutex_unlock(&a->lock);
}

static void give_back(struct ahead *a)
{
	a->at++;
	a->next = 0;
	if (a->at % BATCHES_BACK)
		return;
	if (a->passed)
		a->passed(a->passed_context, a->at);
	else
		ahead_release(a, a->at);
}

void ahead_lend(struct ahead *a, ahead_passed_fn *passed, void *context)
{
	a->passed = passed;
	a->passed_context = context;
}

struct arena *ahead_arena(struct ahead *a)
{
	return &batch_at(a, a->at)->arena;
}

static void hear(struct ahead *a, struct batch *b)
{
	while (b->told && b->told->before == a->next) {
		struct told *told = b->told;

		b->told = told->next;
		a->heard(a->context, &told->event);
	}
}

/* The other thread wrote what is told soon. */
static inline void expect_frames(const struct batch *b, size_t at)
{
	const struct early *next = &b->early[at + 1];

	if (at + 2 >= b->count)
		return;
	fetch_to_read(&b->frames[at + 2], sizeof(b->frames[0]));
	fetch_to_read(&b->early[at + 2], sizeof(b->early[0]));
	if (!is_message(next))
		return;
	if (next->kind == EARLY_SIP)
		fetch_to_read(next->sip, sizeof(*next->sip));
	else
		fetch_to_read(next->stun, sizeof(*next->stun));
}

enum status ahead_next(struct ahead *a, const struct frame **frame,
		       const struct early **early)
{
	struct batch *b;

	for (;;) {
		wait_for(a, a->at);
		b = batch_at(a, a->at);
		hear(a, b);
		if (a->next < b->count)
			break;
		if (b->status != STATUS_OK)
			return b->status;
		give_back(a);
	}
	expect_frames(b, a->next);
	*frame = &b->frames[a->next];
	*early = b->early[a->next].payload ? &b->early[a->next] : NULL;
	a->next++;
	return STATUS_OK;
}

size_t ahead_run(const struct ahead *a, const struct early **run)
{
	const struct batch *b = &a->batches[a->at % BATCHES];

	if (a->at >= a->ready)
		return 0;
	*run = &b->early[a->next];
	return (b->told ? b->told->before : b->count) - a->next;
}

void ahead_pass(struct ahead *a, size_t frames)
{
	a->next += frames;
}
