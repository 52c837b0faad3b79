/* A ring of rows, and an index to it. */
#include "config.h"

#include <stdlib.h>

#include "core/recent.h"

#define ROOM_FIRST 64u
/* Below this a ring grows rather than to forget. */
#define ROOM_SMALL 4096u

struct recent recent_of(size_t size, uint32_t max, nanoseconds life)
{
	return (struct recent){.size = size, .max = max, .life = life};
}

void recent_free(struct recent *r)
{
	free(r->rows);
	index_free(&r->index);
	*r = recent_of(r->size, r->max, r->life);
}

bool recent_copy(struct recent *to, const struct recent *from)
{
	size_t bytes = from->count * from->size;

	*to = recent_of(from->size, from->max, from->life);
	if (!index_copy(&to->index, &from->index))
		return false;
	to->rows = bytes ? malloc(bytes) : NULL;
	if (bytes && !to->rows) {
		index_free(&to->index);
		return false;
	}
	if (bytes)
		memcpy(to->rows, from->rows, bytes);
	to->count = to->room = from->count;
	to->next = from->next < from->count ? from->next : 0;
	return true;
}

void *recent_at(const struct recent *r, uint32_t at)
{
	return (char *)r->rows + at * r->size;
}

static struct recent_row *head(const struct recent *r, uint32_t at)
{
	return recent_at(r, at);
}

void *recent_find(const struct recent *r, uint64_t hash, index_same_fn *same,
		  const void *key)
{
	uint32_t row = index_find(&r->index, hash, same, r->rows, key);

	return row == INDEX_NONE ? NULL : recent_at(r, row);
}

/* Rows get other numbers: the oldest becomes the first. */
static bool renumber(struct recent *r, uint32_t room, struct index *index)
{
	if (index_reserve(index, room) != STATUS_OK)
		return false;
	for (uint32_t i = 0; i < r->count; i++) {
		uint32_t at = (r->next + i) % r->count;

		if (index_add(index, head(r, at)->hash, i) != STATUS_OK)
			return false;
	}
	return true;
}

static bool grow(struct recent *r)
{
	uint32_t room = r->room ? r->room * 2 : ROOM_FIRST;
	size_t older = (r->count - r->next) * r->size;
	struct index index = {0};
	char *rows = NULL;

	if (room > r->max)
		room = r->max;
	if (renumber(r, room, &index))
		rows = malloc(room * r->size);
	if (!rows) {
		index_free(&index);
		return false;
	}
	if (r->count) {
		memcpy(rows, recent_at(r, r->next), older);
		memcpy(rows + older, r->rows, r->next * r->size);
	}
	free(r->rows);
	index_free(&r->index);
	r->index = index;
	r->rows = rows;
	r->room = room;
	r->next = 0;
	return true;
}

static bool wants_room(const struct recent *r, nanoseconds now)
{
	return r->count == r->room && r->room < r->max &&
	       (r->room < ROOM_SMALL || now - head(r, r->next)->time < r->life);
}

void *recent_oldest(const struct recent *r, nanoseconds now)
{
	if (r->count == 0 || r->count < r->room || wants_room(r, now))
		return NULL;
	return recent_at(r, r->next);
}

bool recent_start(struct recent *r)
{
	return r->room || grow(r);
}

void *recent_add(struct recent *r, uint64_t hash, nanoseconds now)
{
	struct recent_row *row;
	uint32_t at;

	/* Without memory for more the oldest makes room. */
	if (wants_room(r, now) && !grow(r) && r->room == 0)
		return NULL;
	if (r->count < r->room) {
		at = r->count;
	} else {
		at = r->next;
		index_remove(&r->index, head(r, at)->hash, at);
		r->next = (r->next + 1) % r->room;
	}
	row = head(r, at);
	memset(row, 0, r->size);
	row->hash = hash;
	row->time = now;
	r->count += at == r->count;
	/* There is room for it since the ring grew. */
	return index_add(&r->index, hash, at) == STATUS_OK ? row : NULL;
}
