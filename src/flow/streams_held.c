/*
 * TLS connections whose keys come later than their records, as they do where a
 * program writes its key log while it is watched: what was seen is held for a
 * while and read when the keys are there.
 */
#include "config.h"

#include "flow/streams_state.h"

/* Of one connection; what comes then is left out, and only numbered. */
#define HELD_MAX ((size_t)256 << 10)
/* Of all; then the oldest ones stay unread. */
#define HELD_ALL_MAX ((size_t)64 << 20)

/* ---- who waits ---- */

void held_begin(struct driver *d, struct tls_stream *tls, uint32_t row)
{
	struct held *h = &tls->held;

	*h = (struct held){.row = row};
	if (!d->tls.awaits)
		return;
	h->arena = arena_new(HELD_MAX);
	h->on = true;
	h->older = d->held.newest;
	if (h->older)
		h->older->held.newer = tls;
	else
		d->held.oldest = tls;
	d->held.newest = tls;
}

void held_end(struct driver *d, struct tls_stream *tls)
{
	struct held *h = &tls->held;

	if (!h->on)
		return;
	if (h->older)
		h->older->held.newer = h->newer;
	else
		d->held.oldest = h->newer;
	if (h->newer)
		h->newer->held.older = h->older;
	else
		d->held.newest = h->older;
	d->held.bytes -= h->arena.total;
	arena_free(&h->arena);
	*h = (struct held){.row = h->row};
}

/* Nothing more is held of it; where it was over it goes. */
static void let_go(struct driver *d, struct tls_stream *tls)
{
	struct reading r = {.d = d, .row = tls->held.row};

	held_end(d, tls);
	r.sides = streams_tcp(&r)->sides;
	r.from = (struct origin){.flow = r.row, .transport = TRANSPORT_TCP};
	if (tls->ended[0] && tls->ended[1])
		tls_stream_finish(&r);
}

/* ---- what is held ---- */

static struct held_record *add(struct held *h, struct slice body)
{
	struct held_record *record = arena_alloc(&h->arena, sizeof(*record));
	struct slice copy = {0};

	if (record && body.n)
		copy = arena_copy(&h->arena, body);
	if (!record || copy.n != body.n)
		return NULL;
	record->record.body = copy;
	if (h->last)
		h->last->next = record;
	else
		h->first = record;
	h->last = record;
	return record;
}

static void fill(struct held_record *to, const struct reading *r,
		 const struct tls_record *record)
{
	struct slice body = to->record.body;

	to->mark = (struct tcp_mark){.time = r->from.time,
				     .frame = r->from.frame,
				     .file = r->from.file};
	to->lost = !record;
	if (!record)
		return;
	to->record = (struct tls_record){
		.content = record->content,
		.version = record->version,
		.body = body,
		.handshake_readable = record->handshake_readable,
		.handshake = record->handshake,
	};
}

/* The oldest make room; not the one at hand. */
static void make_room(struct driver *d, const struct tls_stream *tls)
{
	while (d->held.bytes > HELD_ALL_MAX && d->held.oldest != tls)
		let_go(d, d->held.oldest);
}

void held_put(struct reading *r, unsigned side, const struct tls_record *record,
	      bool told)
{
	struct tls_stream *tls = streams_tcp(r)->tls;
	struct held *h = &tls->held;
	struct slice body = record ? record->body : (struct slice){0};
	struct held_record *added = NULL;
	size_t before = h->arena.total;

	if (!h->on)
		return;
	if (tls_session_is_settled(tls->session)) {
		held_end(r->d, tls);
		return;
	}
	/* Once something is left out all that follows is. */
	if (h->left_out[0] + h->left_out[1] == 0)
		added = add(h, body);
	r->d->held.bytes += h->arena.total - before;
	if (added) {
		fill(added, r, record);
		added->side = (uint8_t)side;
		added->told = told;
	} else if (record) {
		h->left_out[side]++;
	}
	make_room(r->d, tls);
}

/* ---- telling it ---- */

static void tell_record(struct reading *r, struct held_record *held)
{
	struct tls_stream *tls = streams_tcp(r)->tls;

	r->from = (struct origin){.file = held->mark.file,
				  .frame = held->mark.frame,
				  .time = held->mark.time,
				  .side = held->side,
				  .flow = r->row,
				  .transport = TRANSPORT_TCP};
	if (held->lost) {
		/* The message that was cut is given up once. */
		if (!held->told)
			tls_stream_skip(tls, held->side);
		held->told = true;
		(void)!tls_session_lose(tls->session, held->side);
		return;
	}
	held->told |= tls_stream_read(r, held->side, &held->record, held->told);
}

static void tell_left_out(struct tls_stream *tls)
{
	for (unsigned side = 0; side < 2; side++) {
		if (tls->held.left_out[side] == 0)
			continue;
		tls_stream_skip(tls, side);
		(void)!tls_session_skip(tls->session, side,
					tls->held.left_out[side]);
	}
}

static void tell(struct driver *d, struct tls_stream *tls)
{
	struct reading r = {.d = d, .row = tls->held.row};

	r.sides = streams_tcp(&r)->sides;
	tls_session_restart(tls->session);
	for (struct held_record *h = tls->held.first; h; h = h->next)
		tell_record(&r, h);
	if (!tls_session_is_settled(tls->session))
		return;
	tell_left_out(tls);
	let_go(d, tls);
}

void streams_take_secrets(struct driver *d)
{
	struct tls_stream *newer;

	for (struct tls_stream *tls = d->held.oldest; tls; tls = newer) {
		newer = tls->held.newer;
		if (tls_session_gains(tls->session))
			tell(d, tls);
	}
}
