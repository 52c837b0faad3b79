/* Values and who names them. */
#include "config.h"

#include <stdlib.h>

#include "flow/owners.h"

/* Up to so many owners of a value are looked through one by one. */
#define FEW 8u

struct row_key {
	uint32_t group;
	uint32_t number;
};

static bool same_row(const void *rows, uint32_t row, const void *key)
{
	const struct owner *o = (const struct owner *)rows + row;
	const struct row_key *k = key;

	return o->number == k->number && o->group == k->group;
}

static bool same_value(const void *rows, uint32_t row, const void *key)
{
	return ((const struct owner_group *)rows)[row].value ==
	       *(const uint64_t *)key;
}

static uint64_t row_hash(const struct row_key *k)
{
	return hash_mix((uint64_t)k->group << 32 | k->number);
}

struct owners owners_new(void)
{
	return (struct owners){
		.rows = list_of(sizeof(struct owner), OWNERS_MAX),
		.groups = list_of(sizeof(struct owner_group), OWNERS_MAX),
	};
}

void owners_free(struct owners *o)
{
	list_free(&o->rows);
	list_free(&o->groups);
	index_free(&o->by_row);
	index_free(&o->by_value);
	free(o->sorted);
	o->sorted = NULL;
}

bool owners_copy(struct owners *to, const struct owners *from)
{
	bool ok = list_copy(&to->rows, &from->rows);

	to->sorted = NULL;
	ok &= list_copy(&to->groups, &from->groups);
	ok &= index_copy(&to->by_row, &from->by_row);
	ok &= index_copy(&to->by_value, &from->by_value);
	return ok;
}

static struct owner *owner_at(const struct owners *o, uint32_t row)
{
	return (struct owner *)o->rows.rows + row;
}

static struct owner_group *group_at(const struct owners *o, uint32_t group)
{
	return (struct owner_group *)o->groups.rows + group;
}

/* The row of `number` in a group, or INDEX_NONE. */
static uint32_t find_row(const struct owners *o, uint32_t group,
			 uint32_t number)
{
	const struct owner_group *g = group_at(o, group);
	struct row_key k = {group, number};

	if (g->count > FEW)
		return index_find(&o->by_row, row_hash(&k), same_row,
				  o->rows.rows, &k);
	for (uint32_t row = g->last; row; row = owner_at(o, row - 1)->before)
		if (owner_at(o, row - 1)->number == number)
			return row - 1;
	return INDEX_NONE;
}

static uint32_t find_group(const struct owners *o, uint64_t value)
{
	return index_find(&o->by_value, hash_mix(value), same_value,
			  o->groups.rows, &value);
}

bool owners_has(const struct owners *o, uint64_t value, uint32_t number)
{
	uint32_t group = find_group(o, value);

	return group != INDEX_NONE && find_row(o, group, number) != INDEX_NONE;
}

static uint32_t group_of(struct owners *o, uint64_t value)
{
	uint32_t row = find_group(o, value);
	struct owner_group *group;

	if (row != INDEX_NONE)
		return row;
	group = list_add(&o->groups);
	if (!group)
		return INDEX_NONE;
	group->value = value;
	row = (uint32_t)o->groups.count - 1;
	if (index_add(&o->by_value, hash_mix(value), row) != STATUS_OK) {
		o->groups.count--;
		return INDEX_NONE;
	}
	return row;
}

static enum status index_row(struct owners *o, uint32_t row)
{
	struct row_key k = {owner_at(o, row)->group, owner_at(o, row)->number};

	return index_add(&o->by_row, row_hash(&k), row);
}

/* The newest owner of its group is one too many to be looked through. */
static enum status index_newest(struct owners *o, const struct owner_group *g)
{
	if (g->count > FEW + 1)
		return index_row(o, g->last - 1);
	for (uint32_t row = g->last; row; row = owner_at(o, row - 1)->before)
		if (index_row(o, row - 1) != STATUS_OK)
			return STATUS_NOMEM;
	return STATUS_OK;
}

/* Puts the last of the rows, which is that number's, into its group. */
static enum status put_last(struct owners *o, uint32_t group, uint32_t number,
			    nanoseconds from)
{
	struct owner_group *g = group_at(o, group);
	uint32_t row = (uint32_t)o->rows.count - 1;

	*owner_at(o, row) = (struct owner){from, number, group, g->last};
	g->last = row + 1;
	g->count++;
	return g->count > FEW ? index_newest(o, g) : STATUS_OK;
}

enum status owners_add(struct owners *o, uint64_t value, uint32_t number,
		       nanoseconds from)
{
	uint32_t group = group_of(o, value);

	if (group == INDEX_NONE)
		return o->groups.count >= o->groups.max ? STATUS_OK
							: STATUS_NOMEM;
	if (find_row(o, group, number) != INDEX_NONE)
		return STATUS_OK;
	if (!list_add(&o->rows))
		return o->rows.count >= o->rows.max ? STATUS_OK : STATUS_NOMEM;
	return put_last(o, group, number, from);
}

/* Keeps a row, or makes the one that is there begin earlier. */
static enum status keep_row(struct owners *o, const struct owner *row)
{
	uint32_t found = find_row(o, row->group, row->number);

	if (found == INDEX_NONE) {
		o->rows.count++;
		return put_last(o, row->group, row->number, row->from);
	}
	if (row->from < owner_at(o, found)->from)
		owner_at(o, found)->from = row->from;
	return STATUS_OK;
}

enum status owners_renumber(struct owners *o, const uint32_t *map)
{
	size_t count = o->rows.count;

	index_free(&o->by_row);
	o->rows.count = 0;
	for (uint32_t i = 0; i < o->groups.count; i++)
		group_at(o, i)->last = group_at(o, i)->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct owner row = *owner_at(o, i);

		row.number = map[row.number];
		if (row.number != OWNERS_NOBODY &&
		    keep_row(o, &row) != STATUS_OK)
			return STATUS_NOMEM;
	}
	return STATUS_OK;
}

static int compare_stays(const void *a, const void *b)
{
	const struct owner_stay *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* Messages come in the order of time nearly always. */
static void sort_group(struct owner_stay *stays, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		if (compare_stays(&stays[i - 1], &stays[i]) <= 0)
			continue;
		qsort(stays, count, sizeof(*stays), compare_stays);
		return;
	}
}

/* Each group's places in `sorted`; filled from behind, as its owners are
 * chained. */
static void sort_groups(struct owners *o)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < o->groups.count; i++) {
		struct owner_group *g = group_at(o, i);
		uint32_t at = first + g->count;

		g->first = first;
		for (uint32_t row = g->last; row;) {
			const struct owner *owner = owner_at(o, row - 1);

			o->sorted[--at] =
				(struct owner_stay){owner->from, owner->number};
			row = owner->before;
		}
		sort_group(o->sorted + first, g->count);
		first += g->count;
	}
}

enum status owners_arrange(struct owners *o)
{
	free(o->sorted);
	o->sorted = malloc((o->rows.count + 1) * sizeof(*o->sorted));
	if (!o->sorted)
		return STATUS_NOMEM;
	sort_groups(o);
	return STATUS_OK;
}

/* The group and the place in it of the first stay that is after `time`. */
static const struct owner_group *look_up(const struct owners *o, uint64_t value,
					 nanoseconds time, uint32_t *after)
{
	uint32_t row = o->sorted ? find_group(o, value) : INDEX_NONE;
	const struct owner_group *g;
	uint32_t low = 0, high;

	if (row == INDEX_NONE)
		return NULL;
	g = list_at(&o->groups, row);
	high = g->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (o->sorted[g->first + middle].from <= time)
			low = middle + 1;
		else
			high = middle;
	}
	*after = low;
	return g;
}

size_t owners_until(const struct owners *o, uint64_t value, nanoseconds time,
		    struct owner_stay *out, size_t max)
{
	uint32_t after = 0;
	const struct owner_group *g = look_up(o, value, time, &after);
	size_t n = 0;

	for (uint32_t i = g ? after : 0; i > 0 && n < max; i--)
		out[n++] = o->sorted[g->first + i - 1];
	return n;
}

size_t owners_after(const struct owners *o, uint64_t value, nanoseconds time,
		    struct owner_stay *out, size_t max)
{
	uint32_t after = 0;
	const struct owner_group *g = look_up(o, value, time, &after);
	size_t n = 0;

	for (uint32_t i = after; g && i < g->count && n < max; i++)
		out[n++] = o->sorted[g->first + i];
	return n;
}
