/*
 * User messages of SCTP put together from their chunks.
 *
 * Pieces wait in slots: those of one message, or all of a stream's messages
 * that have no order, which nothing but their sequence numbers tells apart.
 */
#include "config.h"

#include <stdlib.h>

#include "core/cursor.h"
#include "net/sctp.h"

/* Chunk types and flags (RFC 9260 3.3.1, RFC 8260 2.1). */
#define CHUNK_DATA 0u
#define CHUNK_I_DATA 64u
#define DATA_ENDS 1u
#define DATA_BEGINS 2u
#define DATA_UNORDERED 4u

struct piece {
	uint32_t sequence;
	bool begins, ends;
	bool again; /* it was in a whole message before */
	size_t n, missing;
	uint8_t *bytes;
	struct frame_mark mark;
};

struct sctp_slot {
	struct sctp_slot *older, *newer; /* waiting; else `older` links */
	struct sctp_key key;
	uint64_t hash;
	uint32_t row;
	nanoseconds began;
	struct endpoint ends[2];
	struct piece *pieces; /* by sequence */
	size_t count, room;
	size_t bytes; /* of all pieces */
};

/* ---- chunks ---- */

bool sctp_is_data(unsigned type)
{
	return type == CHUNK_DATA || type == CHUNK_I_DATA;
}

bool sctp_data_read(unsigned type, unsigned flags, struct slice value,
		    struct sctp_data *out)
{
	struct cursor c = cursor_over(value);
	bool interleaved = type == CHUNK_I_DATA;
	uint32_t number;

	*out = (struct sctp_data){
		.key = {.unordered = (flags & DATA_UNORDERED) != 0,
			.interleaved = interleaved},
		.begins = flags & DATA_BEGINS,
		.ends = flags & DATA_ENDS,
		.sequence = cursor_u32(&c),
	};
	out->key.stream = cursor_u16(&c);
	number = cursor_u16(&c); /* reserved in I-DATA */
	if (interleaved)
		out->key.number = cursor_u32(&c);
	else if (!out->key.unordered)
		out->key.number = number;
	number = cursor_u32(&c); /* payload protocol, or FSN */
	if (interleaved)
		out->sequence = out->begins ? 0 : number;
	out->bytes = cursor_rest(&c);
	return !c.bad;
}

/* ---- slots ---- */

static bool slot_same(const void *rows, uint32_t row, const void *key)
{
	struct sctp_slot *const *slots = rows;

	return memcmp(&slots[row]->key, key, sizeof(slots[row]->key)) == 0;
}

static void slot_unlink(struct sctp *s, struct sctp_slot *slot)
{
	if (slot->older)
		slot->older->newer = slot->newer;
	else
		s->oldest = slot->newer;
	if (slot->newer)
		slot->newer->older = slot->older;
	else
		s->newest = slot->older;
	(void)index_remove(&s->index, slot->hash, slot->row);
	s->bytes -= slot->bytes;
}

static void slot_rest(struct sctp *s, struct sctp_slot *slot)
{
	for (size_t i = 0; i < slot->count; i++)
		free(slot->pieces[i].bytes);
	slot->count = slot->bytes = 0;
	slot->older = s->idle;
	s->idle = slot;
}

static bool is_all_again(const struct sctp_slot *slot)
{
	for (size_t i = 0; i < slot->count; i++)
		if (!slot->pieces[i].again)
			return false;
	return true;
}

/* What was whole once is not missed when a part of it comes again. */
static void slot_give_up(struct sctp *s, struct sctp_slot *slot)
{
	slot_unlink(s, slot);
	if (is_all_again(slot)) {
		slot_rest(s, slot);
		return;
	}
	slot->older = NULL;
	if (s->given_up_last)
		s->given_up_last->older = slot;
	else
		s->given_up = slot;
	s->given_up_last = slot;
}

static struct sctp_slot *slot_make(struct sctp *s)
{
	struct sctp_slot *slot = s->idle;

	if (slot) {
		s->idle = slot->older;
		return slot;
	}
	if (s->count == SCTP_WAITING_MAX)
		return NULL;
	slot = calloc(1, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->row = s->count;
	s->slots[s->count++] = slot;
	return slot;
}

/* The one that waits longest makes room; it is told of first of all. */
static struct sctp_slot *slot_room(struct sctp *s)
{
	struct sctp_slot *slot = slot_make(s);
	struct sctp_rest unread;

	if (!slot && s->oldest)
		slot_give_up(s, s->oldest);
	if (!slot)
		slot = slot_make(s);
	/* All are to be told of: who asks for that is late. */
	while (!slot && sctp_next_rest(s, &unread))
		slot = slot_make(s);
	return slot;
}

static struct sctp_slot *slot_new(struct sctp *s, const struct sctp_data *in,
				  uint64_t hash)
{
	struct sctp_slot *slot = slot_room(s);

	if (!slot)
		return NULL;
	if (index_add(&s->index, hash, slot->row) != STATUS_OK) {
		slot_rest(s, slot);
		return NULL;
	}
	slot->key = in->key;
	slot->hash = hash;
	slot->newer = NULL;
	slot->older = s->newest;
	if (s->newest)
		s->newest->newer = slot;
	else
		s->oldest = slot;
	s->newest = slot;
	return slot;
}

/* ---- what was whole before ---- */

static uint64_t piece_hash(const struct sctp_slot *slot, uint32_t sequence)
{
	return hash_mix(slot->hash ^ hash_mix(sequence)) | 1;
}

static bool is_done(const struct sctp *s, uint64_t hash)
{
	return s->done && s->done[hash / 2 % SCTP_DONE_ROWS] == hash;
}

/* Without memory a part that comes again is told of as missed: no harm. */
static void note_done(struct sctp *s, uint64_t hash)
{
	if (!s->done)
		s->done = calloc(SCTP_DONE_ROWS, sizeof(*s->done));
	if (s->done)
		s->done[hash / 2 % SCTP_DONE_ROWS] = hash;
}

/* ---- pieces ---- */

/* Sequence numbers begin anew behind the highest (RFC 1982). */
static bool is_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Where a piece belongs; *there: it has come before. */
static size_t place_of(const struct sctp_slot *slot, uint32_t sequence,
		       bool *there)
{
	size_t at = slot->count;

	while (at && is_before(sequence, slot->pieces[at - 1].sequence))
		at--;
	*there = at && slot->pieces[at - 1].sequence == sequence;
	return at;
}

static bool slot_grow(struct sctp_slot *slot)
{
	size_t room = slot->room ? slot->room * 2 : 4;
	struct piece *pieces;

	if (slot->count < slot->room)
		return true;
	pieces = realloc(slot->pieces, room * sizeof(*pieces));
	if (!pieces)
		return false;
	slot->pieces = pieces;
	slot->room = room;
	return true;
}

static enum status slot_put(struct sctp *s, struct sctp_slot *slot, size_t at,
			    const struct sctp_data *in,
			    const struct frame_mark *mark)
{
	struct piece piece = {
		.sequence = in->sequence,
		.begins = in->begins,
		.ends = in->ends,
		.again = is_done(s, piece_hash(slot, in->sequence)),
		.n = in->bytes.n,
		.missing = in->missing,
		.mark = *mark,
	};

	if (slot->count == SCTP_PIECES_MAX)
		return STATUS_LIMIT;
	piece.bytes = malloc(piece.n ? piece.n : 1);
	if (!piece.bytes || !slot_grow(slot)) {
		free(piece.bytes);
		return STATUS_NOMEM;
	}
	if (piece.n)
		memcpy(piece.bytes, in->bytes.p, piece.n);
	memmove(slot->pieces + at + 1, slot->pieces + at,
		(slot->count - at) * sizeof(piece));
	slot->pieces[at] = piece;
	slot->count++;
	slot->bytes += piece.n;
	s->bytes += piece.n;
	return STATUS_OK;
}

static bool follows(const struct piece *a, const struct piece *b)
{
	return !a->ends && !b->begins && a->sequence + 1 == b->sequence;
}

/* The run of pieces without a gap around one of them. */
struct run {
	size_t first, behind;
};

static struct run run_around(const struct sctp_slot *slot, size_t at)
{
	const struct piece *p = slot->pieces;
	struct run run = {at, at + 1};

	while (run.first && follows(&p[run.first - 1], &p[run.first]))
		run.first--;
	while (run.behind < slot->count &&
	       follows(&p[run.behind - 1], &p[run.behind]))
		run.behind++;
	return run;
}

/* The bytes of a run up to the first that the capture lacks, or the limit. */
static enum status join(struct sctp *s, const struct sctp_slot *slot,
			const struct run *run, size_t *missing)
{
	if (!s->whole.max)
		s->whole = text_new(SCTP_MESSAGE_MAX);
	text_clear(&s->whole);
	*missing = 0;
	for (size_t i = run->first; i < run->behind; i++) {
		const struct piece *p = &slot->pieces[i];

		if (*missing == 0 && p->n <= SCTP_MESSAGE_MAX - s->whole.n)
			text_put(&s->whole, slice_of(p->bytes, p->n));
		else
			*missing += p->n;
		*missing += p->missing;
	}
	return s->whole.failed;
}

static size_t drop(struct sctp_slot *slot, const struct run *run)
{
	struct piece *p = slot->pieces;
	size_t bytes = 0;

	for (size_t i = run->first; i < run->behind; i++) {
		bytes += p[i].n;
		free(p[i].bytes);
	}
	memmove(p + run->first, p + run->behind,
		(slot->count - run->behind) * sizeof(*p));
	slot->count -= run->behind - run->first;
	slot->bytes -= bytes;
	return bytes;
}

static void slot_done(struct sctp *s, struct sctp_slot *slot)
{
	slot_unlink(s, slot);
	slot_rest(s, slot);
}

static enum status finish(struct sctp *s, struct sctp_slot *slot, size_t at,
			  struct sctp_message *out)
{
	struct run run = run_around(slot, at);
	enum status status;

	if (!slot->pieces[run.first].begins ||
	    !slot->pieces[run.behind - 1].ends)
		return STATUS_SHORT;
	status = join(s, slot, &run, &out->missing);
	out->bytes = text_slice(&s->whole);
	out->pieces = s->pieces;
	out->piece_count = run.behind - run.first;
	for (size_t i = run.first; i < run.behind; i++) {
		s->pieces[i - run.first] = slot->pieces[i].mark;
		note_done(s, piece_hash(slot, slot->pieces[i].sequence));
	}
	s->bytes -= drop(slot, &run);
	if (slot->count == 0)
		slot_done(s, slot);
	return status;
}

enum status sctp_take(struct sctp *s, const struct sctp_data *in,
		      const struct endpoint ends[2],
		      const struct frame_mark *mark, struct sctp_message *out)
{
	uint64_t hash;
	struct sctp_slot *slot;
	enum status status;
	bool there;
	uint32_t row;
	size_t at;

	if (in->begins && in->ends) {
		*out = (struct sctp_message){.bytes = in->bytes,
					     .missing = in->missing};
		return STATUS_OK;
	}
	sctp_expire(s, mark->time);
	while (s->oldest && s->bytes + in->bytes.n > SCTP_BYTES_MAX)
		slot_give_up(s, s->oldest);
	hash = hash_bytes(s->key, slice_of(&in->key, sizeof(in->key)));
	row = index_find(&s->index, hash, slot_same, s->slots, &in->key);
	slot = row == INDEX_NONE ? slot_new(s, in, hash) : s->slots[row];
	if (!slot)
		return STATUS_NOMEM;
	if (row == INDEX_NONE) {
		slot->began = mark->time;
		slot->ends[0] = ends[0];
		slot->ends[1] = ends[1];
	}
	at = place_of(slot, in->sequence, &there);
	if (there)
		return STATUS_SHORT;
	status = slot_put(s, slot, at, in, mark);
	if (status == STATUS_OK)
		return finish(s, slot, at, out);
	if (slot->count == 0)
		slot_done(s, slot);
	return status;
}

/* ---- what was given up ---- */

static uint64_t apart(nanoseconds a, nanoseconds b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

void sctp_expire(struct sctp *s, nanoseconds now)
{
	while (s->oldest && apart(s->oldest->began, now) > SCTP_PATIENCE)
		slot_give_up(s, s->oldest);
}

void sctp_end(struct sctp *s)
{
	while (s->oldest)
		slot_give_up(s, s->oldest);
}

/* The first run that was not whole before. */
static struct run rest_of(const struct sctp_slot *slot)
{
	size_t i = 0;

	while (i + 1 < slot->count && slot->pieces[i].again)
		i++;
	return run_around(slot, i);
}

bool sctp_next_rest(struct sctp *s, struct sctp_rest *out)
{
	struct sctp_slot *slot = s->given_up;
	struct run run;
	size_t missing;

	if (!slot)
		return false;
	run = rest_of(slot);
	*out = (struct sctp_rest){
		.src = slot->ends[0],
		.dst = slot->ends[1],
		.mark = slot->pieces[run.behind - 1].mark,
	};
	if (slot->pieces[run.first].begins &&
	    join(s, slot, &run, &missing) == STATUS_OK)
		out->head = text_slice(&s->whole);
	(void)drop(slot, &run);
	if (!is_all_again(slot))
		return true;
	s->given_up = slot->older;
	if (!s->given_up)
		s->given_up_last = NULL;
	slot_rest(s, slot);
	return true;
}

void sctp_free(struct sctp *s)
{
	for (uint32_t i = 0; i < s->count; i++) {
		struct sctp_slot *slot = s->slots[i];

		for (size_t k = 0; k < slot->count; k++)
			free(slot->pieces[k].bytes);
		free(slot->pieces);
		free(slot);
	}
	free(s->done);
	index_free(&s->index);
	text_free(&s->whole);
	*s = (struct sctp){.count = 0};
}
