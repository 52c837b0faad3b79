/* One direction of a TCP stream (RFC 9293 3.4, 3.10.7.4). */
#include "config.h"

#include <stdlib.h>

#include "net/tcp_side.h"

#define UNREAD_ROOM_MIN 256u

/* A segment that came before what is in front of it. */
struct tcp_waiting {
	struct tcp_waiting *before, *behind;
	nanoseconds arrived;
	struct tcp_mark mark;
	uint32_t seq;
	uint32_t n;
	uint32_t missing;
	uint8_t bytes[];
};

/* ---- memory ---- */

static bool limits_take(struct tcp_feed *f, size_t n)
{
	if (f->limits->bytes_now + n > f->limits->bytes_max) {
		f->limits->refused++;
		return false;
	}
	f->limits->bytes_now += n;
	return true;
}

static void unread_free(struct tcp_limits *limits, struct tcp_side *side)
{
	if (!side->unread.p)
		return;
	limits->bytes_now -= side->unread.room;
	free(side->unread.p);
	memset(&side->unread, 0, sizeof(side->unread));
}

/* Makes room for `n` bytes behind what is unread; false: not possible. */
static bool unread_grow(struct tcp_feed *f, struct tcp_side *side, size_t n)
{
	size_t room = side->unread.room, want = side->unread.n + n;
	uint8_t *p;

	if (want > TCP_UNREAD_MAX)
		return false;
	if (room - side->unread.at >= want)
		return true;
	/* Moving costs no more than reading was. */
	if (side->unread.at >= side->unread.n && side->unread.n) {
		memmove(side->unread.p, side->unread.p + side->unread.at,
			side->unread.n);
		side->unread.at = 0;
	}
	want += side->unread.at;
	if (room == 0)
		room = UNREAD_ROOM_MIN;
	while (room < want)
		room *= 2;
	if (room == side->unread.room)
		return true;
	if (!limits_take(f, room - side->unread.room))
		return false;
	p = realloc(side->unread.p, room);
	if (!p) {
		f->limits->bytes_now -= room - side->unread.room;
		f->status = STATUS_NOMEM;
		return false;
	}
	side->unread.p = p;
	side->unread.room = room;
	return true;
}

static bool unread_append(struct tcp_feed *f, struct tcp_side *side,
			  struct slice bytes)
{
	if (!unread_grow(f, side, bytes.n))
		return false;
	memcpy(side->unread.p + side->unread.at + side->unread.n, bytes.p,
	       bytes.n);
	side->unread.n += bytes.n;
	return true;
}

static struct slice unread_slice(const struct tcp_side *side)
{
	if (!side->unread.n)
		return (struct slice){0};
	return slice_of(side->unread.p + side->unread.at, side->unread.n);
}

static size_t waiting_size(const struct tcp_waiting *node)
{
	return sizeof(*node) + node->n;
}

/* Takes a node out; it is the caller's then. */
static void waiting_unlink(struct tcp_side *side, struct tcp_waiting *node)
{
	if (node->before)
		node->before->behind = node->behind;
	else
		side->first = node->behind;
	if (node->behind)
		node->behind->before = node->before;
	else
		side->last = node->before;
	side->waiting_count--;
	side->waiting_bytes -= node->n;
}

static void waiting_free(struct tcp_limits *limits, struct tcp_waiting *node)
{
	limits->bytes_now -= waiting_size(node);
	free(node);
}

/* ---- telling the reader ---- */

static void tell_hole(struct tcp_feed *f, struct tcp_side *side,
		      enum tcp_hole kind, uint32_t size)
{
	f->reader->hole(f->reader->context, side->index, kind, size,
			unread_slice(side));
	unread_free(f->limits, side);
	side->next += size;
}

struct tcp_mark tcp_mark_later(struct tcp_mark a, struct tcp_mark b)
{
	if (a.time != b.time)
		return a.time > b.time ? a : b;
	return a.file == b.file && a.frame > b.frame ? a : b;
}

/* Shows what was left and these bytes behind it; keeps what is left then. */
static void show(struct tcp_feed *f, struct tcp_side *side,
		 struct slice bytes, const struct tcp_mark *mark)
{
	bool last = side->has_fin && side->next == side->fin;
	struct tcp_shown shown = {.bytes = bytes, .mark = *mark, .own = *mark};
	const size_t old = side->unread.n;
	struct slice rest;

	if (old && unread_append(f, side, bytes)) {
		shown.old = old;
		shown.mark = tcp_mark_later(side->unread.mark, *mark);
		shown.bytes = unread_slice(side);
	} else if (old) {
		tell_hole(f, side, TCP_HOLE_CAPTURE, 0);
	}
	rest = slice_from(shown.bytes,
			  f->reader->data(f->reader->context, side->index,
					  &shown, last));
	if (last) {
		side->ended = true;
		rest.n = 0;
	}
	if (rest.n && !side->unread.n && !unread_append(f, side, rest)) {
		f->reader->hole(f->reader->context, side->index,
				TCP_HOLE_CAPTURE, 0, rest);
		rest.n = 0;
	}
	if (rest.n == 0) {
		unread_free(f->limits, side);
		return;
	}
	side->unread.at += side->unread.n - rest.n;
	side->unread.n = rest.n;
	side->unread.mark = rest.n <= bytes.n ? *mark : shown.mark;
}

static void tell_end(struct tcp_feed *f, struct tcp_side *side)
{
	struct tcp_shown shown = {.bytes = unread_slice(side)};

	side->ended = true;
	if (shown.bytes.n) {
		shown.mark = shown.own = side->unread.mark;
		shown.old = shown.bytes.n;
	}
	(void)f->reader->data(f->reader->context, side->index, &shown, true);
	unread_free(f->limits, side);
}

/* ---- what waits ---- */

/* The last node that does not begin behind `seq`; NULL: none. */
static struct tcp_waiting *waiting_before(const struct tcp_side *side,
					  uint32_t seq)
{
	struct tcp_waiting *node = side->last;

	while (node && tcp_ahead(node->seq, seq) > 0)
		node = node->before;
	return node;
}

/* Drops the first `n` bytes of a segment. */
static void segment_skip(struct tcp_segment *segment, size_t n)
{
	size_t over = n > segment->bytes.n ? n - segment->bytes.n : 0;

	segment->seq += (uint32_t)n;
	segment->bytes = slice_from(segment->bytes, n);
	segment->missing -= over < segment->missing ? (uint32_t)over
						    : segment->missing;
}

static bool segment_is_empty(const struct tcp_segment *segment)
{
	return segment->bytes.n == 0 && segment->missing == 0;
}

/* Drops what is before `seq`. */
static void segment_from(struct tcp_segment *segment, uint32_t seq)
{
	int32_t old = tcp_ahead(seq, segment->seq);

	if (old > 0)
		segment_skip(segment, (size_t)old);
}

static bool waiting_add(struct tcp_feed *f, struct tcp_side *side,
			struct tcp_waiting *before,
			const struct tcp_segment *segment)
{
	size_t size = sizeof(struct tcp_waiting) + segment->bytes.n;
	struct tcp_waiting *node;

	if (!limits_take(f, size))
		return false;
	node = malloc(size);
	if (!node) {
		f->limits->bytes_now -= size;
		f->status = STATUS_NOMEM;
		return false;
	}
	node->arrived = f->now;
	node->mark = segment->mark;
	node->seq = segment->seq;
	node->n = (uint32_t)segment->bytes.n;
	node->missing = segment->missing;
	if (node->n)
		memcpy(node->bytes, segment->bytes.p, node->n);
	node->before = before;
	node->behind = before ? before->behind : side->first;
	*(before ? &before->behind : &side->first) = node;
	*(node->behind ? &node->behind->before : &side->last) = node;
	side->waiting_count++;
	side->waiting_bytes += node->n;
	return true;
}

/* Keeps those parts of a segment that nothing waiting has. */
static void waiting_insert(struct tcp_feed *f, struct tcp_side *side,
			   struct tcp_segment segment)
{
	if (!side->first) {
		side->gap_since = f->now;
		side->acked_since = false;
	}
	while (!segment_is_empty(&segment)) {
		struct tcp_waiting *before = waiting_before(side, segment.seq);
		struct tcp_waiting *behind;
		struct tcp_segment part;

		if (before)
			segment_from(&segment, before->seq + before->n);
		if (segment_is_empty(&segment))
			break;
		behind = before ? before->behind : side->first;
		part = segment;
		if (behind && behind->seq - part.seq < part.bytes.n) {
			part.bytes.n = behind->seq - part.seq;
			part.missing = 0;
		}
		if (!waiting_add(f, side, before, &part))
			return;
		segment_skip(&segment, part.bytes.n + part.missing);
	}
}

/* ---- in order ---- */

/* The capture lacks `missing` bytes from `next` on. */
static void note_cut(struct tcp_side *side, uint32_t missing)
{
	uint32_t to = side->next + missing;

	if (missing == 0)
		return;
	if (!side->has_cut || tcp_ahead(to, side->cut_to) > 0)
		side->cut_to = to;
	side->has_cut = true;
}

static void deliver(struct tcp_feed *f, struct tcp_side *side,
		    struct slice bytes, const struct tcp_mark *mark)
{
	if (bytes.n == 0)
		return;
	side->next += (uint32_t)bytes.n;
	/* An acknowledgment so old says nothing any more. */
	if (side->has_ack && tcp_ahead(side->next, side->ack) > TCP_FAR)
		side->has_ack = false;
	show(f, side, bytes, mark);
}

/* Shows the first one waiting, which is not behind a gap any more. */
static void release(struct tcp_feed *f, struct tcp_side *side)
{
	struct tcp_waiting *node = side->first;
	struct tcp_segment segment = {
		.seq = node->seq,
		.bytes = slice_of(node->bytes, node->n),
		.missing = node->missing,
	};

	waiting_unlink(side, node);
	segment_from(&segment, side->next);
	deliver(f, side, segment.bytes, &node->mark);
	if (!side->ended)
		note_cut(side, segment.missing);
	waiting_free(f->limits, node);
}

static void gap_restart(struct tcp_side *side)
{
	const struct tcp_waiting *node = side->first;

	side->acked_since = false;
	if (!node)
		return;
	side->gap_since = node->arrived;
	for (; node; node = node->behind)
		if (node->arrived < side->gap_since)
			side->gap_since = node->arrived;
}

/* Shows all up to the next gap. */
static void drain(struct tcp_feed *f, struct tcp_side *side)
{
	bool released = false;

	while (!side->ended) {
		int32_t gap = side->first ? tcp_ahead(side->first->seq,
						      side->next)
					  : INT32_MAX;
		int32_t cut = side->has_cut ? tcp_ahead(side->cut_to,
							side->next)
					    : 0;

		if (gap <= 0) {
			release(f, side);
			released = true;
			continue;
		}
		if (cut <= 0) {
			side->has_cut = false;
			break;
		}
		tell_hole(f, side, TCP_HOLE_CAPTURE,
			  (uint32_t)(cut < gap ? cut : gap));
	}
	if (released)
		gap_restart(side);
	if (!side->ended && side->has_fin && side->next == side->fin)
		tell_end(f, side);
}

/* ---- gaps ---- */

/*
 * Never acknowledged though the other side spoke: the network lost it.  With
 * its words missing too nothing is known, which is the weaker claim.
 */
static enum tcp_hole suspicion(const struct tcp_side *side)
{
	return side->has_ack && side->acked_since ? TCP_HOLE_NETWORK
						  : TCP_HOLE_CAPTURE;
}

static bool is_acked(const struct tcp_side *side, uint32_t to)
{
	return side->has_ack && tcp_ahead(side->ack, to) >= 0;
}

static enum tcp_hole kind_of(const struct tcp_side *side, uint32_t to)
{
	return is_acked(side, to) ? TCP_HOLE_CAPTURE : suspicion(side);
}

/* The receiver waits for what is missing as we do, and will for long. */
static bool is_patient(const struct tcp_feed *f, const struct tcp_side *side)
{
	nanoseconds patience = suspicion(side) == TCP_HOLE_NETWORK
				       ? TCP_RETRY_PATIENCE
				       : TCP_HOLE_PATIENCE;

	return !side->first || f->now < side->gap_since ||
	       (uint64_t)f->now - (uint64_t)side->gap_since <
		       (uint64_t)patience;
}

/* Is it time to go on behind the gap up to `to`, with `n` more to keep? */
static bool is_given_up(const struct tcp_feed *f, const struct tcp_side *side,
			uint32_t to, size_t n)
{
	return is_acked(side, to) || !is_patient(f, side) ||
	       side->waiting_bytes + n > TCP_WAITING_MAX ||
	       side->waiting_count >= TCP_WAITING_SEGMENTS_MAX;
}

static void give_up(struct tcp_feed *f, struct tcp_side *side, uint32_t to)
{
	tell_hole(f, side, kind_of(side, to), to - side->next);
	drain(f, side);
}

/* Where the gap in front of a segment ends. */
static uint32_t gap_end(const struct tcp_side *side,
			const struct tcp_segment *segment)
{
	if (side->first && tcp_ahead(side->first->seq, segment->seq) < 0)
		return side->first->seq;
	return segment->seq;
}

void tcp_side_check(struct tcp_feed *f, struct tcp_side *side)
{
	while (!side->ended && side->first &&
	       is_given_up(f, side, side->first->seq, 0))
		give_up(f, side, side->first->seq);
	/* Nothing but the FIN waits. */
	if (!side->ended && !side->first && side->has_fin &&
	    tcp_ahead(side->fin, side->next) > 0 &&
	    is_acked(side, side->fin + 1))
		give_up(f, side, side->fin);
}

static void flush(struct tcp_feed *f, struct tcp_side *side)
{
	while (!side->ended && side->first)
		give_up(f, side, side->first->seq);
}

/* ---- what comes in ---- */

void tcp_side_start(struct tcp_side *side, uint32_t next)
{
	side->started = true;
	side->next = next;
	if (side->has_ack && !tcp_is_near(side->ack, next))
		side->has_ack = false;
}

void tcp_side_ack(struct tcp_side *side, uint32_t ack)
{
	if (side->started && !tcp_is_near(ack, side->next))
		return;
	if (!side->has_ack || tcp_ahead(ack, side->ack) > 0)
		side->ack = ack;
	side->has_ack = true;
	side->acked_since = side->first != NULL;
}

void tcp_side_left_out(struct tcp_feed *f, struct tcp_side *side, uint32_t seq)
{
	int32_t ahead;

	if (side->ended)
		return;
	/* Nor is where it starts the start of a message. */
	if (!side->started) {
		tcp_side_start(side, seq);
		tell_hole(f, side, TCP_HOLE_LEFT_OUT, 0);
	}
	while (!side->ended && side->first &&
	       tcp_ahead(seq, side->first->seq) > 0)
		give_up(f, side, side->first->seq);
	ahead = tcp_ahead(seq, side->next);
	if (!side->ended && (ahead > 0 || ahead < -TCP_FAR))
		tell_hole(f, side, TCP_HOLE_LEFT_OUT, (uint32_t)ahead);
	drain(f, side);
}

/*
 * Far away from all that was seen: another connection on these ports, whose
 * begin the capture missed, or a stray segment.  Two that follow each other
 * are believed.
 */
static bool is_believed(struct tcp_feed *f, struct tcp_side *side,
			const struct tcp_segment *segment)
{
	uint32_t length = (uint32_t)segment->bytes.n + segment->missing;

	if (tcp_is_near(segment->seq, side->next))
		return true;
	if (!side->has_stray || side->stray != segment->seq) {
		side->has_stray = true;
		side->stray = segment->seq + length;
		side->stray_bytes = length;
		return false;
	}
	flush(f, side);
	if (side->ended)
		return false;
	tell_hole(f, side, TCP_HOLE_CAPTURE, side->stray_bytes);
	side->has_stray = side->has_ack = side->has_fin = side->has_cut =
		false;
	side->next = segment->seq;
	return true;
}

/* The part of a segment that is next: up to what came before it. */
static void take_in_order(struct tcp_feed *f, struct tcp_side *side,
			  struct tcp_segment *segment)
{
	struct slice part = segment->bytes;

	if (side->first)
		part = slice_first(part, side->first->seq - side->next);
	deliver(f, side, part, &segment->mark);
	if (side->ended)
		return;
	if (part.n == segment->bytes.n)
		note_cut(side, segment->missing);
	if (side->first || side->has_cut || side->has_fin)
		drain(f, side);
}

void tcp_side_take(struct tcp_feed *f, struct tcp_side *side,
		   struct tcp_segment segment)
{
	if (side->ended || segment_is_empty(&segment) ||
	    !is_believed(f, side, &segment))
		return;
	segment_from(&segment, side->next);
	while (!side->ended && !segment_is_empty(&segment)) {
		if (segment.seq == side->next) {
			take_in_order(f, side, &segment);
		} else if (is_given_up(f, side, gap_end(side, &segment),
				       segment.bytes.n)) {
			give_up(f, side, gap_end(side, &segment));
		} else {
			waiting_insert(f, side, segment);
			break;
		}
		segment_from(&segment, side->next);
	}
}

void tcp_side_fin(struct tcp_feed *f, struct tcp_side *side, uint32_t seq)
{
	if (side->ended || side->has_fin || !tcp_is_near(seq, side->next) ||
	    tcp_ahead(seq, side->next) < 0)
		return;
	side->has_fin = true;
	side->fin = seq;
	if (side->next == seq)
		tell_end(f, side);
}

void tcp_side_finish(struct tcp_feed *f, struct tcp_side *side)
{
	int32_t tail = 0;

	flush(f, side);
	if (side->ended)
		return;
	if (side->has_fin)
		tail = tcp_ahead(side->fin, side->next);
	else if (side->started && side->has_ack)
		tail = tcp_ahead(side->ack, side->next);
	/* One byte may be the FIN itself. */
	if (tail > (side->has_fin ? 0 : 1))
		tell_hole(f, side,
			  side->left_out
				  ? TCP_HOLE_LEFT_OUT
				  : kind_of(side, side->next + (uint32_t)tail),
			  (uint32_t)tail);
	tell_end(f, side);
}

void tcp_side_reset(struct tcp_limits *limits, struct tcp_side *side)
{
	unsigned index = side->index;

	while (side->first) {
		struct tcp_waiting *node = side->first;

		waiting_unlink(side, node);
		waiting_free(limits, node);
	}
	unread_free(limits, side);
	memset(side, 0, sizeof(*side));
	side->index = index;
}
