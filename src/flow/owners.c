/* Values and who names them. */
#include "config.h"

#include <stdlib.h>

#include "flow/owners.h"

/* Up to so many owners of a value are looked through one by one. */
#define FEW 8u

struct row_key {
	uint32_t head, number;
};

static bool same_row(const void *rows, uint32_t row, const void *key)
{
	const struct owner *o = (const struct owner *)rows + row;
	const struct row_key *k = key;

	return o->number == k->number && o->head == k->head;
}

static bool same_value(const void *rows, uint32_t row, const void *key)
{
	return ((const struct owner *)rows)[row].value ==
	       *(const uint64_t *)key;
}

static uint64_t row_hash(const struct row_key *k)
{
	return hash_mix((uint64_t)k->head << 32 | k->number);
}

struct owners owners_new(void)
{
	return (struct owners){
		.rows = list_of(sizeof(struct owner), OWNERS_MAX)};
}

void owners_free(struct owners *o)
{
	list_free(&o->rows);
	index_free(&o->by_row);
	index_free(&o->by_value);
	free(o->sorted);
	o->sorted = NULL;
}

bool owners_copy(struct owners *to, const struct owners *from)
{
	bool ok = list_copy(&to->rows, &from->rows);

	to->sorted = NULL;
	ok &= index_copy(&to->by_row, &from->by_row);
	ok &= index_copy(&to->by_value, &from->by_value);
	return ok;
}

static struct owner *owner_at(const struct owners *o, uint32_t row)
{
	return (struct owner *)o->rows.rows + row;
}

/* The row of the first that named the value, or INDEX_NONE. */
static uint32_t find_head(const struct owners *o, uint64_t value)
{
	return index_find(&o->by_value, hash_mix(value), same_value,
			  o->rows.rows, &value);
}

static uint32_t newest_of(const struct owners *o, uint32_t head)
{
	return owner_at(o, head)->link - 1;
}

/* The row that was added before; INDEX_NONE: it is the head. */
static uint32_t before(const struct owners *o, uint32_t row)
{
	const struct owner *owner = owner_at(o, row);

	return owner->head == row ? INDEX_NONE : owner->link - 1;
}

/* The row of `number` among the owners of a head, or INDEX_NONE. */
static uint32_t find_row(const struct owners *o, uint32_t head, uint32_t number)
{
	struct row_key k = {head, number};
	uint32_t row;

	if (owner_at(o, head)->count > FEW)
		return index_find(&o->by_row, row_hash(&k), same_row,
				  o->rows.rows, &k);
	row = newest_of(o, head);
	while (row != INDEX_NONE && owner_at(o, row)->number != number)
		row = before(o, row);
	return row;
}

bool owners_has(const struct owners *o, uint64_t value, uint32_t number)
{
	uint32_t head = find_head(o, value);

	return head != INDEX_NONE && find_row(o, head, number) != INDEX_NONE;
}

static enum status index_row(struct owners *o, uint32_t row)
{
	struct row_key k = {owner_at(o, row)->head, owner_at(o, row)->number};

	return index_add(&o->by_row, row_hash(&k), row);
}

/* The newest owner is one too many to be looked through. */
static enum status index_newest(struct owners *o, uint32_t head)
{
	uint32_t row = newest_of(o, head);

	if (owner_at(o, head)->count > FEW + 1)
		return index_row(o, row);
	for (; row != INDEX_NONE; row = before(o, row))
		if (index_row(o, row) != STATUS_OK)
			return STATUS_NOMEM;
	return STATUS_OK;
}

/* A new row, the first of its value where `head` is INDEX_NONE. */
static enum status add_row(struct owners *o, uint32_t head,
			   const struct owner *fresh)
{
	struct owner *row = list_add(&o->rows), *first;
	uint32_t at = (uint32_t)o->rows.count - 1;

	if (!row)
		return o->rows.count >= o->rows.max ? STATUS_OK : STATUS_NOMEM;
	*row = *fresh;
	row->head = head == INDEX_NONE ? at : head;
	first = owner_at(o, row->head);
	if (head != INDEX_NONE)
		row->link = first->link;
	first->link = at + 1;
	first->count++;
	if (head == INDEX_NONE)
		return index_add(&o->by_value, hash_mix(row->value), at);
	return first->count > FEW ? index_newest(o, head) : STATUS_OK;
}

enum status owners_add(struct owners *o, uint64_t value, uint32_t number,
		       nanoseconds from)
{
	struct owner fresh = {.value = value, .from = from, .number = number};
	uint32_t head = find_head(o, value);

	if (head != INDEX_NONE && find_row(o, head, number) != INDEX_NONE)
		return STATUS_OK;
	return add_row(o, head, &fresh);
}

enum status owners_add_earlier(struct owners *o, uint64_t value,
			       uint32_t number, nanoseconds from)
{
	struct owner fresh = {.value = value, .from = from, .number = number};
	uint32_t head = find_head(o, value);
	uint32_t found =
		head == INDEX_NONE ? INDEX_NONE : find_row(o, head, number);

	if (found == INDEX_NONE)
		return add_row(o, head, &fresh);
	if (from < owner_at(o, found)->from)
		owner_at(o, found)->from = from;
	return STATUS_OK;
}

enum status owners_renumber(struct owners *o, const uint32_t *map)
{
	size_t count = o->rows.count;

	index_free(&o->by_row);
	index_free(&o->by_value);
	o->rows.count = 0;
	/* What is kept stands before what is still to be looked at. */
	for (uint32_t i = 0; i < count; i++) {
		struct owner row = *owner_at(o, i);

		row.number = map[row.number];
		if (row.number != OWNERS_NOBODY &&
		    owners_add_earlier(o, row.value, row.number, row.from) !=
			    STATUS_OK)
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

/* The owners of a head, filled in from behind, as they are chained. */
static void sort_owners(struct owners *o, uint32_t head, uint32_t begin)
{
	uint32_t count = owner_at(o, head)->count, at = begin + count;
	uint32_t row = newest_of(o, head);

	owner_at(o, row)->count = begin;
	for (; row != INDEX_NONE; row = before(o, row))
		o->sorted[--at] = (struct owner_stay){owner_at(o, row)->from,
						      owner_at(o, row)->number};
	sort_group(o->sorted + begin, count);
}

enum status owners_arrange(struct owners *o)
{
	size_t several = 0;
	uint32_t begin = 0;

	free(o->sorted);
	for (uint32_t i = 0; i < o->rows.count; i++)
		if (owner_at(o, i)->head == i && owner_at(o, i)->count > 1)
			several += owner_at(o, i)->count;
	o->sorted = malloc((several + 1) * sizeof(*o->sorted));
	if (!o->sorted)
		return STATUS_NOMEM;
	for (uint32_t i = 0; i < o->rows.count; i++) {
		if (owner_at(o, i)->head != i || owner_at(o, i)->count == 1)
			continue;
		sort_owners(o, i, begin);
		begin += owner_at(o, i)->count;
	}
	return STATUS_OK;
}

/* The stays of a value by time. */
struct stays {
	struct owner_stay only; /* of a single owner */
	const struct owner_stay *list;
	uint32_t count;
	uint32_t after; /* the first that is after the time */
};

static void look_up(const struct owners *o, uint64_t value, nanoseconds time,
		    struct stays *out)
{
	uint32_t head = o->sorted ? find_head(o, value) : INDEX_NONE;
	const struct owner *first;
	uint32_t low = 0, high;

	*out = (struct stays){.count = 0};
	if (head == INDEX_NONE)
		return;
	first = owner_at(o, head);
	out->only = (struct owner_stay){first->from, first->number};
	out->count = high = first->count;
	out->list =
		high == 1 ? &out->only
			  : o->sorted + owner_at(o, newest_of(o, head))->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (out->list[middle].from <= time)
			low = middle + 1;
		else
			high = middle;
	}
	out->after = low;
}

size_t owners_until(const struct owners *o, uint64_t value, nanoseconds time,
		    struct owner_stay *out, size_t max)
{
	struct stays stays;
	size_t n = 0;

	look_up(o, value, time, &stays);
	for (uint32_t i = stays.after; i > 0 && n < max; i--)
		out[n++] = stays.list[i - 1];
	return n;
}

size_t owners_after(const struct owners *o, uint64_t value, nanoseconds time,
		    struct owner_stay *out, size_t max)
{
	struct stays stays;
	size_t n = 0;

	look_up(o, value, time, &stays);
	for (uint32_t i = stays.after; i < stays.count && n < max; i++)
		out[n++] = stays.list[i];
	return n;
}
