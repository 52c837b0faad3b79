/*
 * Datagrams put together from fragments (RFC 791 3.2, RFC 8200 4.5).
 *
 * Offsets count in units of 8 bytes, and all fragments but the last are whole
 * units, so a bit for each unit tells what is there.
 */
#include "config.h"

#include <stdlib.h>

#include "net/fragment.h"

#define UNIT 8u
#define UNITS_MAX 8192u
#define SLOT_BYTES_MIN 2048u

struct fragment_slot {
	struct fragment_slot *older, *newer; /* pending; else `older` links */
	struct fragment_key key;
	uint64_t hash;
	uint32_t row;
	nanoseconds began;       /* when the first fragment came */
	struct frame_mark front; /* the one with the beginning */
	bool has_front, has_total;
	bool repeated; /* some fragment came twice */
	bool behind;   /* a whole one of the same number */
	uint8_t protocol;
	size_t units; /* that are there */
	size_t end;   /* of the furthest fragment */
	size_t total; /* length of the datagram, once the last one came */
	size_t lacking_from; /* the capture cut a fragment here */
	uint8_t *bytes;
	size_t room;
	uint8_t there[UNITS_MAX / 8];
};

/* Distance of two times, whichever is first. */
static uint64_t apart(nanoseconds a, nanoseconds b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

/* ---- slots ---- */

static bool slot_same(const void *rows, uint32_t row, const void *key)
{
	struct fragment_slot *const *slots = rows;

	return memcmp(&slots[row]->key, key, sizeof(slots[row]->key)) == 0;
}

static void age_link(struct fragments *f, struct fragment_slot *slot)
{
	slot->newer = NULL;
	slot->older = f->newest;
	if (f->newest)
		f->newest->newer = slot;
	else
		f->oldest = slot;
	f->newest = slot;
}

/* Takes a slot out of what is pending. */
static void slot_unlink(struct fragments *f, struct fragment_slot *slot)
{
	if (slot->older)
		slot->older->newer = slot->newer;
	else
		f->oldest = slot->newer;
	if (slot->newer)
		slot->newer->older = slot->older;
	else
		f->newest = slot->older;
	(void)index_remove(&f->index, slot->hash, slot->row);
}

static void slot_push(struct fragment_slot **list, struct fragment_slot *slot)
{
	slot->older = *list;
	*list = slot;
}

static bool unit_there(const struct fragment_slot *slot, size_t unit)
{
	return slot->there[unit / 8] >> unit % 8 & 1;
}

/* How many bytes there are before the first gap. */
static size_t slot_front(const struct fragment_slot *slot)
{
	size_t n = 0;

	if (!slot->has_front)
		return 0;
	while (n < slot->end && unit_there(slot, n / UNIT))
		n += UNIT;
	if (n > slot->end)
		n = slot->end;
	return n < slot->lacking_from ? n : slot->lacking_from;
}

/* Others than UDP have nobody who could read a part. */
static bool is_worth_telling(const struct fragment_slot *slot)
{
	return slot->has_front && slot->protocol == IP_UDP &&
	       slot_front(slot) > UNIT;
}

static void slot_give_up(struct fragments *f, struct fragment_slot *slot)
{
	slot_unlink(f, slot);
	if (f->lost && !slot->behind)
		++*f->lost;
	if (slot->behind || !is_worth_telling(slot)) {
		slot_push(&f->idle, slot);
		return;
	}
	slot->older = NULL;
	if (f->given_up_last)
		f->given_up_last->older = slot;
	else
		f->given_up = slot;
	f->given_up_last = slot;
}

bool fragments_next_rest(struct fragments *f, struct fragment_rest *out)
{
	struct fragment_slot *slot = f->given_up;

	if (!slot)
		return false;
	f->given_up = slot->older;
	if (!f->given_up)
		f->given_up_last = NULL;
	*out = (struct fragment_rest){
		.src = slot->key.src,
		.dst = slot->key.dst,
		.id = (uint16_t)(slot->key.id & UINT16_MAX),
		.head = slice_of(slot->bytes, slot_front(slot)),
		.mark = slot->front,
	};
	slot_push(&f->lent, slot);
	return true;
}

static struct fragment_slot *slot_make(struct fragments *f)
{
	struct fragment_slot *slot;

	if (f->count == FRAGMENT_PENDING_MAX)
		return NULL;
	slot = calloc(1, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->row = f->count;
	f->slots[f->count++] = slot;
	return slot;
}

static struct fragment_slot *slot_take_idle(struct fragments *f)
{
	struct fragment_slot *slot = f->idle;

	if (slot)
		f->idle = slot->older;
	return slot;
}

/* Did such a datagram end a moment ago? */
static bool is_among(const struct fragment_echo echoes[FRAGMENT_ECHOES],
		     uint64_t hash, nanoseconds now)
{
	for (size_t i = 0; i < FRAGMENT_ECHOES; i++)
		if (echoes[i].used && echoes[i].hash == hash &&
		    apart(echoes[i].time, now) <= FRAGMENT_ECHO)
			return true;
	return false;
}

static enum status slot_new(struct fragments *f, const struct fragment *in,
			    uint64_t hash, struct fragment_slot **out)
{
	struct fragment_slot *slot = slot_take_idle(f);
	struct fragment_rest unread;

	if (!slot)
		slot = slot_make(f);
	if (!slot && f->count == FRAGMENT_PENDING_MAX && f->oldest) {
		slot_give_up(f, f->oldest);
		slot = slot_take_idle(f);
	}
	/* All are to be told of: who asks for that is late. */
	if (!slot && fragments_next_rest(f, &unread)) {
		fragments_recycle(f);
		slot = slot_take_idle(f);
	}
	if (!slot)
		return STATUS_NOMEM;
	slot->key = in->key;
	slot->hash = hash;
	if (index_add(&f->index, hash, slot->row) != STATUS_OK) {
		slot_push(&f->idle, slot);
		return STATUS_NOMEM;
	}
	slot->began = in->mark.time;
	slot->has_front = slot->has_total = slot->repeated = false;
	slot->behind = is_among(f->wholes, hash, in->mark.time);
	slot->units = slot->end = slot->total = 0;
	slot->lacking_from = SIZE_MAX;
	memset(slot->there, 0, sizeof(slot->there));
	age_link(f, slot);
	*out = slot;
	return STATUS_OK;
}

static enum status slot_grow(struct fragment_slot *slot, size_t n)
{
	size_t room = slot->room ? slot->room : SLOT_BYTES_MIN;
	uint8_t *bytes;

	while (room < n)
		room *= 2;
	if (room == slot->room)
		return STATUS_OK;
	bytes = realloc(slot->bytes, room);
	if (!bytes)
		return STATUS_NOMEM;
	slot->bytes = bytes;
	slot->room = room;
	return STATUS_OK;
}

/* ---- what came too late ---- */

static void expire(struct fragments *f, nanoseconds now)
{
	while (f->oldest && apart(f->oldest->began, now) > FRAGMENT_PATIENCE)
		slot_give_up(f, f->oldest);
}

static void echo_keep(struct fragment_echo echoes[FRAGMENT_ECHOES],
		      uint32_t *next, uint64_t hash, nanoseconds now)
{
	echoes[*next] = (struct fragment_echo){hash, now, true};
	*next = (*next + 1) % FRAGMENT_ECHOES;
}

/* ---- putting together ---- */

/*
 * Copies the units that are not there yet.  Those that the capture cut off
 * count as there, so that the datagram ends, cut, when its last one came.
 */
static void slot_fill(struct fragment_slot *slot, const struct fragment *in)
{
	size_t length = in->bytes.n + in->missing;

	for (size_t at = 0; at < length; at += UNIT) {
		struct slice piece = slice_cut(in->bytes, at, UNIT);
		size_t want = length - at < UNIT ? length - at : UNIT;
		size_t to = in->offset + at;

		if (unit_there(slot, to / UNIT)) {
			slot->repeated = true;
			continue;
		}
		slot->there[to / UNIT / 8] |= (uint8_t)(1u << to / UNIT % 8);
		slot->units++;
		if (piece.n)
			memcpy(slot->bytes + to, piece.p, piece.n);
		if (piece.n < want && to + piece.n < slot->lacking_from)
			slot->lacking_from = to + piece.n;
	}
	if (slot->end < in->offset + length)
		slot->end = in->offset + length;
}

/* Does it agree with what is known of the datagram's length? */
static bool slot_fits(const struct fragment_slot *slot,
		      const struct fragment *in)
{
	size_t end = in->offset + in->bytes.n + in->missing;

	if (slot->has_total)
		return in->last ? end == slot->total : end <= slot->total;
	return !in->last || slot->end <= end;
}

static enum status slot_put(struct fragment_slot *slot,
			    const struct fragment *in)
{
	if (!slot_fits(slot, in))
		return STATUS_BAD;
	if (slot_grow(slot, in->offset + in->bytes.n) != STATUS_OK)
		return STATUS_NOMEM;
	if (in->last && !slot->has_total) {
		slot->has_total = true;
		slot->total = in->offset + in->bytes.n + in->missing;
	}
	if (in->offset == 0 && !slot->has_front) {
		slot->has_front = true;
		slot->protocol = in->protocol;
		slot->front = in->mark;
	}
	slot_fill(slot, in);
	return STATUS_OK;
}

static bool slot_is_whole(const struct fragment_slot *slot)
{
	return slot->has_total &&
	       slot->units == (slot->total + UNIT - 1) / UNIT;
}

static void slot_lend(struct fragments *f, struct fragment_slot *slot,
		      struct datagram *out)
{
	size_t n = slot_front(slot);

	*out = (struct datagram){
		.bytes = slice_of(slot->bytes, n),
		.missing = slot->total - n,
		.protocol = slot->protocol,
	};
	slot_unlink(f, slot);
	slot_push(&f->lent, slot);
}

static bool is_possible(const struct fragment *in)
{
	size_t length;

	if (in->bytes.n > FRAGMENT_DATAGRAM_MAX ||
	    in->missing > FRAGMENT_DATAGRAM_MAX)
		return false;
	length = in->bytes.n + in->missing;
	if (length == 0 || in->offset % UNIT || (!in->last && length % UNIT))
		return false;
	return in->offset + length <= FRAGMENT_DATAGRAM_MAX;
}

enum status fragments_take(struct fragments *f, const struct fragment *in,
			   struct datagram *out)
{
	uint64_t hash = hash_bytes(f->key, slice_of(&in->key, sizeof(in->key)));
	struct fragment_slot *slot = NULL;
	enum status status;
	uint32_t row;

	expire(f, in->mark.time);
	if (!is_possible(in))
		return STATUS_BAD;
	row = index_find(&f->index, hash, slot_same, f->slots, &in->key);
	if (row != INDEX_NONE)
		slot = f->slots[row];
	else if (is_among(f->echoes, hash, in->mark.time))
		return STATUS_SHORT;
	else if (slot_new(f, in, hash, &slot) != STATUS_OK)
		return STATUS_NOMEM;
	status = slot_put(slot, in);
	if (status != STATUS_OK || !slot_is_whole(slot))
		return status == STATUS_OK ? STATUS_SHORT : status;
	echo_keep(f->wholes, &f->next_whole, hash, in->mark.time);
	if (slot->repeated)
		echo_keep(f->echoes, &f->next_echo, hash, in->mark.time);
	slot_lend(f, slot, out);
	return STATUS_OK;
}

void fragments_recycle(struct fragments *f)
{
	while (f->lent) {
		struct fragment_slot *slot = f->lent;

		f->lent = slot->older;
		slot_push(&f->idle, slot);
	}
}

void fragments_end(struct fragments *f)
{
	while (f->oldest)
		slot_give_up(f, f->oldest);
}

void fragments_free(struct fragments *f)
{
	for (uint32_t i = 0; i < f->count; i++) {
		free(f->slots[i]->bytes);
		free(f->slots[i]);
	}
	index_free(&f->index);
	*f = (struct fragments){0};
}
