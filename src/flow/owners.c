/* Values and who names them. */
#include "config.h"

#include <stdlib.h>

#include "flow/owners.h"

struct row_key {
	uint64_t value;
	uint32_t number;
};

static bool same_row(const void *rows, uint32_t row, const void *key)
{
	const struct owner *o = (const struct owner *)rows + row;
	const struct row_key *k = key;

	return o->value == k->value && o->number == k->number;
}

static bool same_value(const void *rows, uint32_t row, const void *key)
{
	return ((const struct owner_group *)rows)[row].value ==
	       *(const uint64_t *)key;
}

static uint64_t row_hash(const struct row_key *k)
{
	return hash_mix(k->value + k->number * UINT64_C(0x9e3779b97f4a7c15));
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

static uint32_t find_row(const struct owners *o, const struct row_key *k)
{
	return index_find(&o->by_row, row_hash(k), same_row, o->rows.rows, k);
}

bool owners_has(const struct owners *o, uint64_t value, uint32_t number)
{
	struct row_key k = {value, number};

	return find_row(o, &k) != INDEX_NONE;
}

static uint32_t find_group(const struct owners *o, uint64_t value)
{
	return index_find(&o->by_value, hash_mix(value), same_value,
			  o->groups.rows, &value);
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
	if (index_add(&o->by_value, hash_mix(value), row) != STATUS_OK)
		return INDEX_NONE;
	return row;
}

enum status owners_add(struct owners *o, uint64_t value, uint32_t number,
		       nanoseconds from)
{
	struct row_key k = {value, number};
	struct owner *row;
	uint32_t group;

	if (owners_has(o, value, number))
		return STATUS_OK;
	row = list_add(&o->rows);
	if (!row)
		return o->rows.count >= o->rows.max ? STATUS_OK : STATUS_NOMEM;
	group = group_of(o, value);
	if (group == INDEX_NONE ||
	    index_add(&o->by_row, row_hash(&k), (uint32_t)o->rows.count - 1) !=
		    STATUS_OK) {
		o->rows.count--;
		return STATUS_NOMEM;
	}
	*row = (struct owner){value, from, number, group};
	return STATUS_OK;
}

/* Keeps a row, or makes the one that is there begin earlier. */
static enum status keep_row(struct owners *o, const struct owner *row)
{
	struct row_key k = {row->value, row->number};
	uint32_t found = find_row(o, &k);
	struct owner *rows = o->rows.rows;

	if (found != INDEX_NONE) {
		if (row->from < rows[found].from)
			rows[found].from = row->from;
		return STATUS_OK;
	}
	rows[o->rows.count++] = *row;
	return index_add(&o->by_row, row_hash(&k), (uint32_t)o->rows.count - 1);
}

enum status owners_renumber(struct owners *o, const uint32_t *map)
{
	size_t count = o->rows.count;

	index_free(&o->by_row);
	o->rows.count = 0;
	for (size_t i = 0; i < count; i++) {
		struct owner row = ((const struct owner *)o->rows.rows)[i];

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

enum status owners_arrange(struct owners *o)
{
	struct owner_group *groups = o->groups.rows;
	const struct owner *rows = o->rows.rows;
	uint32_t first = 0;

	free(o->sorted);
	o->sorted = calloc(o->rows.count + 1, sizeof(*o->sorted));
	if (!o->sorted)
		return STATUS_NOMEM;
	for (size_t i = 0; i < o->groups.count; i++)
		groups[i].count = 0;
	for (size_t i = 0; i < o->rows.count; i++)
		groups[rows[i].group].count++;
	for (size_t i = 0; i < o->groups.count; i++) {
		groups[i].first = first;
		first += groups[i].count;
		groups[i].count = 0;
	}
	for (size_t i = 0; i < o->rows.count; i++) {
		struct owner_group *g = &groups[rows[i].group];

		o->sorted[g->first + g->count++] =
			(struct owner_stay){rows[i].from, rows[i].number};
	}
	for (size_t i = 0; i < o->groups.count; i++)
		sort_group(o->sorted + groups[i].first, groups[i].count);
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
