/*
 * TCP streams in order (RFC 9293 3.4, 3.10).
 *
 * Each direction knows the next sequence number it wants.  A segment that fits
 * goes straight to the reader; one beyond a gap waits in a sorted list.
 */
#include "config.h"

#include <stdlib.h>

#include "net/tcp.h"

/* A jump farther than this is no gap but another connection. */
#define WINDOW_MAX (UINT32_C(1) << 30)

struct waiting {
	struct waiting *next;
	uint32_t seq;
	size_t n;
	size_t missing; /* bytes behind these that the capture cut off */
	struct tcp_mark mark;
	uint8_t bytes[];
};

struct side {
	bool known;	  /* `next` means something */
	bool fin, ended;
	bool acked_known; /* the other side acknowledged up to `acked` */
	uint32_t next, fin_seq, acked;
	struct waiting *first;
	size_t waiting_bytes;
	nanoseconds waiting_since;
	uint8_t *unread;
	size_t unread_n, unread_room;
	struct tcp_mark unread_mark;
};

struct tcp_stream {
	struct side sides[2];
	struct tcp_limits *limits;
	unsigned events;
	enum status status;
};

struct tcp_stream *tcp_stream_new(struct tcp_limits *limits)
{
	struct tcp_stream *s = calloc(1, sizeof(*s));

	if (s)
		s->limits = limits;
	return s;
}

/* Is a before b, on the circle of sequence numbers? */
static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static void drop_unread(struct tcp_stream *s, struct side *x)
{
	s->limits->bytes_now -= x->unread_room;
	free(x->unread);
	x->unread = NULL;
	x->unread_n = x->unread_room = 0;
}

static void drop_first(struct tcp_stream *s, struct side *x)
{
	struct waiting *w = x->first;

	x->first = w->next;
	x->waiting_bytes -= w->n;
	s->limits->bytes_now -= w->n;
	free(w);
}

static void reset_side(struct tcp_stream *s, struct side *x)
{
	while (x->first)
		drop_first(s, x);
	drop_unread(s, x);
	*x = (struct side){.known = false};
}

void tcp_stream_free(struct tcp_stream *s)
{
	if (!s)
		return;
	reset_side(s, &s->sides[0]);
	reset_side(s, &s->sides[1]);
	free(s);
}

/* ---- towards the reader ---- */

static const struct tcp_mark *later(const struct tcp_mark *a,
				    const struct tcp_mark *b)
{
	return a->time > b->time ? a : b;
}

static bool make_room(struct tcp_stream *s, struct side *x, size_t size)
{
	size_t room = x->unread_room ? x->unread_room : 2048;
	uint8_t *grown;

	if (size <= x->unread_room)
		return true;
	while (room < size)
		room *= 2;
	grown = realloc(x->unread, room);
	if (!grown) {
		s->status = STATUS_NOMEM;
		return false;
	}
	s->limits->bytes_now += room - x->unread_room;
	x->unread = grown;
	x->unread_room = room;
	return true;
}

static void keep_rest(struct tcp_stream *s, struct side *x, struct slice rest,
		      const struct tcp_mark *mark)
{
	if (rest.n == 0)
		return;
	if (!make_room(s, x, rest.n))
		return;
	memcpy(x->unread, rest.p, rest.n);
	x->unread_n = rest.n;
	x->unread_mark = *mark;
}

static void tell_hole(struct tcp_stream *s, unsigned side, enum tcp_hole kind,
		      uint64_t size, const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];

	r->hole(r->context, side, kind, size, slice_of(x->unread, x->unread_n));
	drop_unread(s, x);
}

/* Bytes in order, of one segment; what the reader leaves is kept. */
static void deliver(struct tcp_stream *s, unsigned side, struct slice bytes,
		    const struct tcp_mark *mark, const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];
	size_t taken;

	if (bytes.n == 0)
		return;
	s->events |= side ? TCP_SAW_DATA_1 : TCP_SAW_DATA_0;
	if (x->unread_n == 0) {
		taken = r->data(r->context, side, bytes, mark, false);
		keep_rest(s, x, slice_from(bytes, taken), mark);
		return;
	}
	if (x->unread_n + bytes.n > TCP_UNREAD_MAX) {
		/* Nobody can read that: start again behind it. */
		tell_hole(s, side, TCP_HOLE_CAPTURE, 0, r);
		deliver(s, side, bytes, mark, r);
		return;
	}
	if (!make_room(s, x, x->unread_n + bytes.n))
		return;
	memcpy(x->unread + x->unread_n, bytes.p, bytes.n);
	x->unread_n += bytes.n;
	x->unread_mark = *later(&x->unread_mark, mark);
	taken = r->data(r->context, side, slice_of(x->unread, x->unread_n),
			&x->unread_mark, false);
	if (taken >= x->unread_n) {
		drop_unread(s, x);
	} else if (taken) {
		memmove(x->unread, x->unread + taken, x->unread_n - taken);
		x->unread_n -= taken;
	}
}

static void end_side(struct tcp_stream *s, unsigned side,
		     const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];
	const struct tcp_mark nothing = {0};

	if (x->ended)
		return;
	x->ended = true;
	(void)r->data(r->context, side, slice_of(x->unread, x->unread_n),
		      x->unread_n ? &x->unread_mark : &nothing, true);
	drop_unread(s, x);
}

/* A segment whose first byte is the one that is wanted. */
static void advance(struct tcp_stream *s, unsigned side, struct slice bytes,
		    size_t missing, const struct tcp_mark *mark,
		    const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];

	x->next += (uint32_t)bytes.n;
	deliver(s, side, bytes, mark, r);
	if (missing) {
		x->next += (uint32_t)missing;
		tell_hole(s, side, TCP_HOLE_CAPTURE, missing, r);
	}
}

/* Shows what waits and fits by now; the first copy of a byte has won. */
static void drain(struct tcp_stream *s, unsigned side,
		  const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];

	while (x->first && !before(x->next, x->first->seq)) {
		struct waiting *w = x->first;
		size_t old = (size_t)(x->next - w->seq);
		struct slice bytes = slice_from(slice_of(w->bytes, w->n), old);
		size_t cut = old > w->n ? old - w->n : 0;

		x->first = w->next;
		x->waiting_bytes -= w->n;
		s->limits->bytes_now -= w->n;
		advance(s, side, bytes,
			w->missing > cut ? w->missing - cut : 0, &w->mark, r);
		free(w);
	}
	if (x->fin && !before(x->next, x->fin_seq))
		end_side(s, side, r);
}

/* The gap before what waits is given up. */
static void declare(struct tcp_stream *s, unsigned side, enum tcp_hole kind,
		    const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];
	uint32_t size = x->first->seq - x->next;

	x->next = x->first->seq;
	tell_hole(s, side, kind, size, r);
	drain(s, side, r);
}

static bool is_acked(const struct side *x)
{
	return x->first && x->acked_known &&
	       !before(x->acked, x->first->seq + 1);
}

/* The three ways in which a gap is given up (design section 3). */
static void judge_gaps(struct tcp_stream *s, unsigned side, nanoseconds now,
		       const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];

	while (x->first) {
		if (is_acked(x))
			declare(s, side, TCP_HOLE_CAPTURE, r);
		else if (x->waiting_bytes >= TCP_WAITING_MAX ||
			 now - x->waiting_since > TCP_HOLE_PATIENCE)
			declare(s, side, TCP_HOLE_NETWORK, r);
		else
			return;
		x->waiting_since = now;
	}
}

/* ---- from the wire ---- */

static enum status keep_waiting(struct tcp_stream *s, struct side *x, uint32_t seq,
			const struct packet *p, const struct tcp_mark *mark)
{
	struct waiting **place = &x->first;
	struct waiting *w;

	if (s->limits->bytes_now + p->payload.n > s->limits->bytes_max) {
		s->limits->refused++;
		return STATUS_OK;
	}
	w = malloc(sizeof(*w) + p->payload.n);
	if (!w)
		return STATUS_NOMEM;
	while (*place && !before(seq, (*place)->seq))
		place = &(*place)->next;
	*w = (struct waiting){
		.next = *place,
		.seq = seq,
		.n = p->payload.n,
		.missing = p->wire_payload > p->payload.n
				   ? p->wire_payload - p->payload.n
				   : 0,
		.mark = *mark,
	};
	memcpy(w->bytes, p->payload.p, p->payload.n);
	*place = w;
	if (x->waiting_bytes == 0)
		x->waiting_since = mark->time;
	x->waiting_bytes += w->n;
	s->limits->bytes_now += w->n;
	return STATUS_OK;
}

static enum status take_payload(struct tcp_stream *s, unsigned side,
				const struct packet *p, uint32_t seq,
				const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];
	size_t missing = p->wire_payload > p->payload.n
				 ? p->wire_payload - p->payload.n
				 : 0;
	size_t old;

	if (p->payload.n == 0 && missing == 0)
		return STATUS_OK;
	if (!x->known) {
		x->known = true;
		x->next = seq;
	}
	if (before(x->next, seq))
		return seq - x->next < WINDOW_MAX ? keep_waiting(s, x, seq, p, &r->mark)
						  : STATUS_OK;
	old = (size_t)(x->next - seq);
	if (old >= p->payload.n + missing || old >= WINDOW_MAX)
		return STATUS_OK; /* all of it was seen before */
	if (old > p->payload.n)
		missing -= old - p->payload.n;
	advance(s, side, slice_from(p->payload, old), missing, &r->mark, r);
	drain(s, side, r);
	return STATUS_OK;
}

static void restart(struct tcp_stream *s, const struct tcp_reader *r)
{
	for (unsigned side = 0; side < 2; side++) {
		if (s->sides[side].known)
			end_side(s, side, r);
		reset_side(s, &s->sides[side]);
	}
}

/* A SYN on a stream that has ended, or with another number, begins anew. */
static void take_syn(struct tcp_stream *s, unsigned side,
		     const struct packet *p, const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];
	bool first = !(p->flags & TCP_ACK);

	if (first && x->known && x->next != p->seq + 1 &&
	    (x->ended || s->sides[!side].ended || (s->events & TCP_SAW_RST)))
		restart(s, r);
	s->events |= first ? TCP_SAW_SYN : TCP_SAW_SYN_ACK;
	if (!x->known) {
		x->known = true;
		x->next = p->seq + 1;
	}
}

static void take_ack(struct tcp_stream *s, unsigned side,
		     const struct packet *p)
{
	struct side *other = &s->sides[!side];

	if (!(p->flags & TCP_ACK))
		return;
	if (!other->acked_known || before(other->acked, p->ack))
		other->acked = p->ack;
	other->acked_known = true;
}

static void take_end(struct tcp_stream *s, unsigned side,
		     const struct packet *p, uint32_t seq,
		     const struct tcp_reader *r)
{
	struct side *x = &s->sides[side];

	if (p->flags & TCP_FIN) {
		s->events |= side ? TCP_SAW_FIN_1 : TCP_SAW_FIN_0;
		x->fin = true;
		x->fin_seq = seq + (uint32_t)p->wire_payload;
		if (!x->known || !before(x->next, x->fin_seq))
			end_side(s, side, r);
	}
	if (p->flags & TCP_RST) {
		s->events |= TCP_SAW_RST | (side ? TCP_RST_BY_1 : 0);
		end_side(s, 0, r);
		end_side(s, 1, r);
	}
}

enum status tcp_stream_feed(struct tcp_stream *s, unsigned side,
			    const struct packet *p, nanoseconds now,
			    const struct tcp_reader *r)
{
	uint32_t seq = p->seq;
	enum status status;

	s->status = STATUS_OK;
	if (p->flags & TCP_SYN) {
		take_syn(s, side, p, r);
		seq++;
	}
	take_ack(s, side, p);
	status = take_payload(s, side, p, seq, r);
	judge_gaps(s, 0, now, r);
	judge_gaps(s, 1, now, r);
	take_end(s, side, p, seq, r);
	return status == STATUS_OK ? s->status : status;
}

void tcp_stream_end(struct tcp_stream *s, const struct tcp_reader *r)
{
	for (unsigned side = 0; side < 2; side++) {
		while (s->sides[side].first)
			declare(s, side,
				is_acked(&s->sides[side]) ? TCP_HOLE_CAPTURE
							  : TCP_HOLE_NETWORK,
				r);
		end_side(s, side, r);
	}
}

unsigned tcp_stream_events(const struct tcp_stream *s)
{
	return s->events;
}
