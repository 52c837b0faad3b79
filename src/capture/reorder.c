/* Frames that wait for earlier ones: a heap by time, then by arrival. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture/reorder.h"

struct waiting {
	struct frame frame; /* its bytes are `bytes` */
	uint64_t arrival;
	uint8_t bytes[];
};

struct reorder {
	struct waiting *heap[REORDER_FRAMES_MAX];
	size_t count;
	size_t bytes;
	uint64_t arrivals;
	nanoseconds newest;
	struct waiting *out; /* handed out, to be freed */
};

struct reorder *reorder_new(void)
{
	return calloc(1, sizeof(struct reorder));
}

void reorder_clear(struct reorder *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->heap[i]);
	free(r->out);
	r->out = NULL;
	r->count = r->bytes = 0;
	r->arrivals = 0;
}

void reorder_free(struct reorder *r)
{
	if (!r)
		return;
	reorder_clear(r);
	free(r);
}

static bool earlier(const struct waiting *a, const struct waiting *b)
{
	return a->frame.time < b->frame.time ||
	       (a->frame.time == b->frame.time && a->arrival < b->arrival);
}

static void up(struct reorder *r, size_t at)
{
	struct waiting *w = r->heap[at];

	while (at && earlier(w, r->heap[(at - 1) / 2])) {
		r->heap[at] = r->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	r->heap[at] = w;
}

static void down(struct reorder *r, size_t at)
{
	struct waiting *w = r->heap[at];

	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= r->count)
			break;
		if (child + 1 < r->count &&
		    earlier(r->heap[child + 1], r->heap[child]))
			child++;
		if (!earlier(r->heap[child], w))
			break;
		r->heap[at] = r->heap[child];
		at = child;
	}
	r->heap[at] = w;
}

enum status reorder_put(struct reorder *r, const struct frame *frame)
{
	struct waiting *w;

	if (r->count == REORDER_FRAMES_MAX)
		return STATUS_NOMEM;
	w = malloc(sizeof(*w) + frame->bytes.n);
	if (!w)
		return STATUS_NOMEM;
	w->frame = *frame;
	w->arrival = r->arrivals++;
	if (frame->bytes.n)
		memcpy(w->bytes, frame->bytes.p, frame->bytes.n);
	w->frame.bytes = slice_of(w->bytes, frame->bytes.n);
	w->frame.window = NULL;
	/* A frame without time stays behind the one before it. */
	if (!frame->has_time)
		w->frame.time = r->newest;
	if (r->arrivals == 1 || w->frame.time > r->newest)
		r->newest = w->frame.time;
	r->bytes += frame->bytes.n;
	r->heap[r->count++] = w;
	up(r, r->count - 1);
	return STATUS_OK;
}

bool reorder_get(struct reorder *r, bool flush, struct frame *out)
{
	struct waiting *w = r->count ? r->heap[0] : NULL;

	if (!w || (!flush && r->count < REORDER_FRAMES_MAX &&
		   r->bytes < REORDER_BYTES_MAX &&
		   r->newest - w->frame.time < REORDER_SPAN))
		return false;
	r->heap[0] = r->heap[--r->count];
	if (r->count)
		down(r, 0);
	r->bytes -= w->frame.bytes.n;
	free(r->out);
	r->out = w;
	*out = w->frame;
	if (!w->frame.has_time)
		out->time = 0;
	return true;
}
