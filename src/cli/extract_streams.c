/*
 * Connections that many calls share: which of their packets the chosen calls
 * need.
 *
 * Of TCP those are the segments that hold the messages, with all copies, and
 * how the connection began and ended.  Where bytes in front of one of them are
 * left out the frame is to say so (FRAME_LEFT_OUT), so that no reader takes
 * them for lost.  Of SCTP, whose chunks stand for themselves, they are the
 * packets with the pieces of the messages, and those of the association.
 */
#include "config.h"

#include <stdlib.h>

#include "cli/extract_parts.h"

#define RANGES_MAX ((size_t)1 << 24)

/* Where sequence numbers begin, so that those before it can be told, too. */
#define AT_FIRST (INT64_C(1) << 32)

#define EDGES (TCP_SYN | TCP_FIN | TCP_RST)

bool parts_add(struct list *parts, const struct belongings *b,
	       const struct frame *f, const struct packet *packet)
{
	const struct conversation *row = belongings_parts(b, packet);
	const struct conversation *rows = b->conversations.rows;
	struct part *part;

	if (packet->protocol == IP_SCTP)
		return !(packet->sctp & ~(unsigned)SCTP_SAW_DATA);
	if (packet->protocol != IP_TCP)
		return true;
	/* Of fragments it is taken with all of them. */
	part = packet->tcp_parsed && !packet->reassembled ? list_add(parts)
							  : NULL;
	if (!part)
		return false;
	*part = (struct part){
		.frame = f->number,
		.file = f->file,
		.conversation = (uint32_t)(row - rows),
		.order = (uint32_t)parts->count,
		.seq = packet->seq,
		.size = (uint32_t)packet->wire_payload,
		.side = memcmp(&packet->src, &row->a, sizeof(row->a)) != 0,
		.flags = packet->flags,
	};
	return true;
}

/* ---- bytes that are needed ---- */

/* A chosen message that was heard. */
struct wanted {
	uint64_t frame;
	uint32_t file, size;
};

/* Of one side of a connection. */
struct range {
	uint32_t conversation, connection;
	uint8_t side;
	int64_t from, to;
};

static int by_frame(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->frame < y->frame ? -1 : x->frame > y->frame;
}

static struct list gather_wanted(const struct belongings *b,
				 const struct list *heard)
{
	struct list out = list_of(sizeof(struct wanted), RANGES_MAX);

	for (size_t i = 0; i < heard->count; i++) {
		const struct heard *h = list_at(heard, i);
		struct wanted *row;

		if (!h->stream || !h->apart ||
		    !belongings_has_call(b, h->call_id))
			continue;
		row = list_add(&out);
		if (row)
			*row = (struct wanted){h->frame, h->file, h->size};
	}
	if (out.count)
		qsort(out.rows, out.count, sizeof(struct wanted), by_frame);
	return out;
}

/* The longest message that a frame completes; 0: none. */
static uint32_t completed_by(const struct list *wanted, const struct part *p)
{
	const struct wanted key = {.frame = p->frame, .file = p->file};
	const struct wanted *rows = wanted->rows, *one;
	uint32_t most = 0;
	size_t at;

	one = wanted->count ? bsearch(&key, rows, wanted->count, sizeof(key),
				      by_frame)
			    : NULL;
	if (!one)
		return 0;
	for (at = (size_t)(one - rows);
	     at && by_frame(&rows[at - 1], &key) == 0;)
		at--;
	for (; at < wanted->count && by_frame(&rows[at], &key) == 0; at++)
		if (rows[at].size > most)
			most = rows[at].size;
	return most;
}

/* ---- one connection after another ---- */

struct numbering {
	uint32_t conversation, connection;
	bool known[2], has_isn[2];
	uint32_t isn[2];
	int64_t last[2], highest[2];
	bool agreed, confirmed; /* the handshake */
};

static void begin_another(struct numbering *n)
{
	*n = (struct numbering){.conversation = n->conversation,
				.connection = n->connection + 1};
}

static void number_syn(struct numbering *n, const struct part *p)
{
	if (n->has_isn[p->side] ? n->isn[p->side] != p->seq : n->known[p->side])
		begin_another(n);
	n->has_isn[p->side] = true;
	n->isn[p->side] = p->seq;
	n->agreed |= (p->flags & TCP_ACK) != 0;
}

/* What a SYN takes of the numbers. */
static int64_t room_of(const struct part *p)
{
	return (int64_t)p->size + (p->flags & TCP_SYN ? 1 : 0);
}

static void number_part(struct numbering *n, struct part *p)
{
	const unsigned side = p->side;
	int64_t end;

	if (p->flags & TCP_SYN)
		number_syn(n, p);
	p->connection = n->connection;
	p->at = n->known[side]
			? n->last[side] +
				  (int32_t)(p->seq - (uint32_t)n->last[side])
			: AT_FIRST + p->seq;
	p->kept = p->flags & EDGES;
	/* The third of the handshake; its sender is who asked. */
	if (n->agreed && !n->confirmed && !(p->flags & TCP_SYN)) {
		p->kept = true;
		n->confirmed = true;
	}
	if (p->flags & TCP_RST)
		return;
	end = p->at + room_of(p);
	if (!n->known[side] || end > n->highest[side])
		n->highest[side] = end;
	n->known[side] = true;
	n->last[side] = p->at;
}

/* A message ends in the segment that completed it; or behind it, where that
 * came late. */
static void need(struct list *ranges, const struct numbering *n,
		 const struct part *p, uint32_t size)
{
	int64_t end = p->at + room_of(p);
	struct range *row = size ? list_add(ranges) : NULL;

	if (row)
		*row = (struct range){
			.conversation = p->conversation,
			.connection = p->connection,
			.side = p->side,
			.from = p->at + 1 - (int64_t)size,
			.to = n->highest[p->side] > end ? end + size : end,
		};
}

static int by_order(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->conversation != y->conversation)
		return x->conversation < y->conversation ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static struct list number_all(struct list *parts, const struct list *wanted)
{
	struct list ranges = list_of(sizeof(struct range), RANGES_MAX);
	struct numbering n = {.conversation = UINT32_MAX};
	struct part *rows = parts->rows;

	qsort(rows, parts->count, sizeof(*rows), by_order);
	for (size_t i = 0; i < parts->count; i++) {
		if (rows[i].conversation != n.conversation)
			n = (struct numbering){.conversation =
						       rows[i].conversation};
		number_part(&n, &rows[i]);
		need(&ranges, &n, &rows[i], completed_by(wanted, &rows[i]));
	}
	return ranges;
}

/* ---- stream by stream ---- */

static int by_stream(uint32_t conversation, uint32_t connection, unsigned side,
		     const struct part *p)
{
	if (conversation != p->conversation)
		return conversation < p->conversation ? -1 : 1;
	if (connection != p->connection)
		return connection < p->connection ? -1 : 1;
	return (int)side - (int)p->side;
}

static int by_place_in_stream(const void *a, const void *b)
{
	const struct part *x = a, *y = b;
	int order = by_stream(x->conversation, x->connection, x->side, y);

	if (order)
		return order;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int by_begin(const void *a, const void *b)
{
	const struct range *x = a, *y = b;
	const struct part other = {.conversation = y->conversation,
				   .connection = y->connection,
				   .side = y->side};
	int order = by_stream(x->conversation, x->connection, x->side, &other);

	if (order)
		return order;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* Those that touch become one, so that their ends rise as well. */
static void join_ranges(struct list *ranges)
{
	struct range *rows = ranges->rows;
	size_t used = 0;

	if (ranges->count == 0)
		return;
	qsort(rows, ranges->count, sizeof(*rows), by_begin);
	for (size_t i = 1; i < ranges->count; i++) {
		struct range *last = &rows[used];

		if (last->conversation == rows[i].conversation &&
		    last->connection == rows[i].connection &&
		    last->side == rows[i].side && rows[i].from <= last->to) {
			if (rows[i].to > last->to)
				last->to = rows[i].to;
			continue;
		}
		rows[++used] = rows[i];
	}
	ranges->count = used + 1;
}

static void keep_needed(struct list *parts, const struct list *ranges)
{
	const struct range *range = ranges->rows;
	size_t left = ranges->count;
	struct part *rows = parts->rows;

	for (size_t i = 0; i < parts->count; i++) {
		struct part *p = &rows[i];

		for (; left; range++, left--) {
			int order =
				by_stream(range->conversation,
					  range->connection, range->side, p);

			if (order > 0 || (order == 0 && range->to > p->at))
				break;
		}
		if (left == 0)
			break;
		p->kept |= p->size && range->from < p->at + room_of(p) &&
			   by_stream(range->conversation, range->connection,
				     range->side, p) == 0;
	}
}

static bool is_same_stream(const struct part *a, const struct part *b)
{
	return by_stream(a->conversation, a->connection, a->side, b) == 0;
}

/* From where on bytes of a stream are known to be there; a reset may have any
 * number. */
static int64_t first_of(const struct part *p, size_t count)
{
	for (size_t i = 0; i < count && is_same_stream(p, &p[i]); i++)
		if (!(p[i].flags & TCP_RST))
			return p[i].at;
	return p->at;
}

static void mark_kept(const struct list *parts, struct frame_marks *marks,
		      struct frame_marks *left_out)
{
	const struct part *rows = parts->rows;
	int64_t before = 0, behind = 0;

	for (size_t i = 0; i < parts->count; i++) {
		const struct part *p = &rows[i];

		if (i == 0 || !is_same_stream(p, p - 1))
			before = behind = first_of(p, parts->count - i);
		else if (p->at != p[-1].at)
			before = behind;
		if (!p->kept)
			continue;
		marks_set(marks, p->file, p->frame);
		if (p->at > before)
			marks_set(left_out, p->file, p->frame);
		if (!(p->flags & TCP_RST) && p->at + room_of(p) > behind)
			behind = p->at + room_of(p);
	}
}

void parts_mark(struct list *parts, const struct belongings *b,
		const struct list *heard, struct frame_marks *marks,
		struct frame_marks *left_out)
{
	struct list wanted, ranges;

	if (parts->count == 0)
		return;
	wanted = gather_wanted(b, heard);
	ranges = number_all(parts, &wanted);
	join_ranges(&ranges);
	qsort(parts->rows, parts->count, sizeof(struct part),
	      by_place_in_stream);
	keep_needed(parts, &ranges);
	mark_kept(parts, marks, left_out);
	marks->failed |= wanted.refused || ranges.refused;
	list_free(&wanted);
	list_free(&ranges);
}
