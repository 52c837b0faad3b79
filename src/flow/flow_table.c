/* The table of flows. */
#include "config.h"

#include <stdlib.h>

#include "flow/flow_table.h"

/* At the limit the flows that were silent longest make room: one in eight. */
#define EVICT_SHARE 8

struct flow_key {
	const struct endpoint *src, *dst;
	uint8_t protocol;
};

static bool same_flow(const void *rows, uint32_t row, const void *key)
{
	const struct flow *flow = (const struct flow *)rows + row;
	const struct flow_key *k = key;

	if (flow->protocol != k->protocol)
		return false;
	return (endpoint_equal(&flow->ends[0], k->src) &&
		endpoint_equal(&flow->ends[1], k->dst)) ||
	       (endpoint_equal(&flow->ends[0], k->dst) &&
		endpoint_equal(&flow->ends[1], k->src));
}

static uint64_t endpoint_words(uint64_t key, const struct endpoint *e)
{
	uint64_t a, b = 0;
	uint32_t c;

	memcpy(&a, e->ip, 8);
	if (e->family == FAMILY_IPV6)
		memcpy(&b, e->ip + 8, 8);
	c = (uint32_t)e->port << 8 | e->family;
	return hash_mix((a ^ key) + b * UINT64_C(0x9fb21c651e98df25) +
			c * UINT64_C(0x9e3779b97f4a7c15));
}

/* The same for both directions. */
static uint64_t flow_hash(const struct flow_table *table,
			  const struct flow_key *k)
{
	uint64_t a = endpoint_words(table->key, k->src);
	uint64_t b = endpoint_words(table->key, k->dst);

	return hash_mix((a + b) ^ (a * b) ^ k->protocol);
}

static bool make_room(struct flow_table *table)
{
	size_t room = table->room ? table->room * 2 : 256;
	struct flow *rows;

	if (table->count < table->room)
		return true;
	rows = realloc(table->rows, room * sizeof(*rows));
	if (!rows)
		return false;
	table->rows = rows;
	table->room = room;
	return true;
}

static bool free_row(struct flow_table *table, uint32_t row)
{
	struct flow *flow = &table->rows[row];
	struct flow_key k = {&flow->ends[0], &flow->ends[1], flow->protocol};

	if (table->free_count == table->free_room) {
		size_t room = table->free_room ? table->free_room * 2 : 256;
		uint32_t *rows =
			realloc(table->free_rows, room * sizeof(*rows));

		if (!rows)
			return false;
		table->free_rows = rows;
		table->free_room = room;
	}
	if (table->on_evict)
		table->on_evict(table->context, row);
	index_remove(&table->index, flow_hash(table, &k), row);
	table->rows[row].used = false;
	table->free_rows[table->free_count++] = row;
	table->evicted++;
	return true;
}

static int compare_times(const void *a, const void *b)
{
	const nanoseconds *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Finds the age that one flow in EVICT_SHARE has reached and drops those. */
static bool evict(struct flow_table *table)
{
	nanoseconds *times = malloc(table->count * sizeof(*times));
	nanoseconds limit;
	size_t want = table->count / EVICT_SHARE + 1;
	bool ok = true;

	if (!times)
		return false;
	for (size_t i = 0; i < table->count; i++)
		times[i] = table->rows[i].last;
	qsort(times, table->count, sizeof(*times), compare_times);
	limit = times[want - 1];
	free(times);
	for (uint32_t i = 0; i < table->count && want && ok; i++) {
		if (table->rows[i].last > limit)
			continue;
		ok = free_row(table, i);
		want--;
	}
	return ok;
}

bool flow_table_forget(struct flow_table *table, nanoseconds before)
{
	uint64_t evicted = table->evicted;
	bool ok = true;

	for (uint32_t i = 0; i < table->count && ok; i++)
		if (table->rows[i].used && table->rows[i].last < before)
			ok = free_row(table, i);
	/* No limit was met. */
	table->evicted = evicted;
	return ok;
}

static uint32_t new_row(struct flow_table *table)
{
	if (table->free_count == 0 && table->count >= FLOWS_MAX)
		if (!evict(table))
			return INDEX_NONE;
	if (table->free_count)
		return table->free_rows[--table->free_count];
	if (!make_room(table))
		return INDEX_NONE;
	return (uint32_t)table->count++;
}

uint32_t flow_table_peek(const struct flow_table *table, uint8_t protocol,
			 const struct endpoint *src,
			 const struct endpoint *dst, unsigned *side)
{
	struct flow_key k = {src, dst, protocol};
	uint32_t row = index_find(&table->index, flow_hash(table, &k),
				  same_flow, table->rows, &k);

	if (row != INDEX_NONE)
		*side = !endpoint_equal(&table->rows[row].ends[0], src);
	return row;
}

uint32_t flow_table_find(struct flow_table *table, uint8_t protocol,
			 const struct endpoint *src,
			 const struct endpoint *dst, unsigned *side)
{
	struct flow_key k = {src, dst, protocol};
	uint64_t hash = flow_hash(table, &k);
	uint32_t row = index_find(&table->index, hash, same_flow, table->rows,
				  &k);

	if (row != INDEX_NONE) {
		*side = !endpoint_equal(&table->rows[row].ends[0], src);
		return row;
	}
	row = new_row(table);
	if (row == INDEX_NONE)
		return INDEX_NONE;
	/* A row that finds no memory in the index stays, but unused. */
	table->rows[row] = (struct flow){
		.ends = {*src, *dst}, .protocol = protocol};
	if (index_add(&table->index, hash, row) != STATUS_OK)
		return INDEX_NONE;
	table->rows[row].used = true;
	*side = 0;
	return row;
}

void flow_table_free(struct flow_table *table)
{
	free(table->rows);
	free(table->free_rows);
	index_free(&table->index);
	*table = (struct flow_table){0};
}
