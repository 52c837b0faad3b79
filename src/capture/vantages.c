/* Which frames were seen from the same place. */
#include "config.h"

#include <stdlib.h>

#include "capture/vantages.h"

void vantages_free(struct vantages *v)
{
	free(v->rows);
	index_free(&v->index);
	*v = (struct vantages){0};
}

void vantages_restart(struct vantages *v)
{
	v->ended_count = 0;
}

static void forget(struct vantages *v, size_t at)
{
	v->ended_count--;
	for (; at < v->ended_count; at++)
		v->ended[at] = v->ended[at + 1];
}

uint32_t vantages_begin(struct vantages *v, uint32_t place, uint32_t link_type)
{
	for (size_t i = v->ended_count; i-- > 0;) {
		uint32_t chain = v->ended[i].chain;

		if (v->ended[i].link_type != link_type)
			continue;
		forget(v, i);
		return chain;
	}
	return place;
}

void vantages_end(struct vantages *v, uint32_t chain, uint32_t link_type)
{
	if (v->ended_count == VANTAGES_ENDED_MAX)
		forget(v, 0);
	v->ended[v->ended_count++] = (struct vantage_end){chain, link_type};
}

static bool same_vantage(const void *rows, uint32_t row, const void *key)
{
	const struct vantage_key *a = (const struct vantage_key *)rows + row;
	const struct vantage_key *b = key;

	return a->chain == b->chain && a->interface == b->interface;
}

uint32_t vantages_number(struct vantages *v, uint32_t chain, uint32_t interface)
{
	struct vantage_key key = {chain, interface};
	uint64_t hash = hash_mix((uint64_t)chain << 32 | interface);
	uint32_t row = index_find(&v->index, hash, same_vantage, v->rows, &key);

	if (row != INDEX_NONE)
		return row;
	if (v->count == v->room) {
		size_t room = v->room ? v->room * 2 : 4;
		struct vantage_key *rows =
			realloc(v->rows, room * sizeof(*rows));

		if (!rows)
			return 0;
		v->rows = rows;
		v->room = room;
	}
	if (index_add(&v->index, hash, (uint32_t)v->count) != STATUS_OK)
		return 0;
	v->rows[v->count] = key;
	return (uint32_t)v->count++;
}
