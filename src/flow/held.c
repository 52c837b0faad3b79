/* Records that wait for their keys. */
#include "config.h"

#include "flow/driver_state.h"

/* Of one connection; what comes then is left out, and only numbered. */
#define HELD_MAX ((size_t)256 << 10)
/* Of all; then the oldest ones stay unread. */
#define HELD_ALL_MAX ((size_t)64 << 20)

/* ---- who waits ---- */

void held_begin(struct driver *d, struct held *h, uint32_t row)
{
	*h = (struct held){.row = row, .datagrams = h->datagrams};
	if (!d->tls.awaits)
		return;
	h->arena = arena_new(HELD_MAX);
	h->on = true;
	h->older = d->held.newest;
	if (h->older)
		h->older->newer = h;
	else
		d->held.oldest = h;
	d->held.newest = h;
}

void held_end(struct driver *d, struct held *h)
{
	if (!h->on)
		return;
	if (h->older)
		h->older->newer = h->newer;
	else
		d->held.oldest = h->newer;
	if (h->newer)
		h->newer->older = h->older;
	else
		d->held.newest = h->older;
	d->held.bytes -= h->arena.total;
	arena_free(&h->arena);
	*h = (struct held){.row = h->row, .datagrams = h->datagrams};
}

/* ---- what is held ---- */

static bool append(struct held *h, const struct held_record *record)
{
	struct held_record *to = arena_alloc(&h->arena, sizeof(*to));
	struct slice body = record->record.body, copy = {0};

	if (to && body.n)
		copy = arena_copy(&h->arena, body);
	if (!to || copy.n != body.n)
		return false;
	*to = *record;
	to->next = NULL;
	/* Of its head the rest is of no use to who reads it. */
	to->record = (struct tls_record){
		.content = record->record.content,
		.version = record->record.version,
		.epoch = record->record.epoch,
		.sequence = record->record.sequence,
		.handshake_readable = record->record.handshake_readable,
		.handshake = record->record.handshake,
		.body = copy,
	};
	if (h->last)
		h->last->next = to;
	else
		h->first = to;
	h->last = to;
	return true;
}

/* The oldest make room; not the one at hand. */
static void make_room(struct driver *d, const struct held *h)
{
	while (d->held.bytes > HELD_ALL_MAX && d->held.oldest != h)
		if (d->held.oldest->datagrams)
			held_end(d, d->held.oldest);
		else
			streams_let_go(d, d->held.oldest);
}

void held_add(struct driver *d, struct held *h,
	      const struct held_record *record)
{
	size_t before = h->arena.total;
	bool added = false;

	/* Once something is left out all that follows is. */
	if (h->left_out[0] + h->left_out[1] == 0)
		added = append(h, record);
	d->held.bytes += h->arena.total - before;
	if (!added && !record->lost)
		h->left_out[record->side]++;
	make_room(d, h);
}

void held_take_secrets(struct driver *d)
{
	struct held *newer;

	for (struct held *h = d->held.oldest; h; h = newer) {
		newer = h->newer;
		if (h->datagrams)
			dtls_take_secrets(d, h);
		else
			streams_take_secrets(d, h);
	}
}
