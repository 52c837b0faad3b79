/* The table of flows: both directions, and who makes room at the limit. */
#include "config.h"

#include "flow/flow_table.h"
#include "tests/support/t.h"

#define UDP 17
#define TCP 6

static struct endpoint v4(uint32_t ip, uint16_t port)
{
	uint8_t bytes[] = {(uint8_t)(ip >> 24), (uint8_t)(ip >> 16),
			   (uint8_t)(ip >> 8), (uint8_t)ip};

	return endpoint_of(slice_of(bytes, 4), port);
}

static struct endpoint v6(uint32_t last, uint16_t port)
{
	uint8_t bytes[16] = {0x20, 0x01, 0x0d, 0xb8};

	for (unsigned i = 0; i < 4; i++)
		bytes[12 + i] = (uint8_t)(last >> (24 - 8 * i));
	return endpoint_of(slice_of(bytes, 16), port);
}

static void both_directions_are_one_flow(void **state)
{
	struct flow_table table = {.key = 7};
	struct endpoint a = v4(0x0A010002, 20010), b = v4(0xCB007105, 3478);
	unsigned side = 9;
	uint32_t row;

	(void)state;
	assert_int_equal(flow_table_peek(&table, UDP, &a, &b, &side),
			 INDEX_NONE);
	row = flow_table_find(&table, UDP, &a, &b, &side);
	assert_int_not_equal(row, INDEX_NONE);
	assert_int_equal(side, 0);
	assert_true(table.rows[row].used);
	assert_true(endpoint_equal(&table.rows[row].ends[0], &a));
	assert_true(endpoint_equal(&table.rows[row].ends[1], &b));
	assert_int_equal(flow_table_find(&table, UDP, &b, &a, &side), row);
	assert_int_equal(side, 1);
	assert_int_equal(flow_table_peek(&table, UDP, &b, &a, &side), row);
	assert_int_equal(side, 1);
	assert_int_equal(flow_table_find(&table, UDP, &a, &b, &side), row);
	assert_int_equal(side, 0);
	assert_int_equal(table.count, 1);
	flow_table_free(&table);
}

static void each_part_makes_another_flow(void **state)
{
	struct flow_table table = {.key = 7};
	struct endpoint ends[] = {v4(1, 1), v4(1, 2), v4(2, 1),
				  v6(1, 1), v6(2, 1), v6(1, 2)};
	size_t n = sizeof(ends) / sizeof(ends[0]), pairs = 0;
	unsigned side;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = i; k < n; k++) {
			(void)flow_table_find(&table, UDP, &ends[i], &ends[k],
					      &side);
			assert_int_equal(side, 0);
			(void)flow_table_find(&table, TCP, &ends[i], &ends[k],
					      &side);
			assert_int_equal(side, 0);
			pairs += 2;
		}
	}
	assert_int_equal(table.count, pairs);
	flow_table_free(&table);
}

/* A port that talks to itself has one side only. */
static void a_flow_to_itself(void **state)
{
	struct flow_table table = {.key = 7};
	struct endpoint a = v4(0x7F000001, 5060);
	unsigned side;
	uint32_t row = flow_table_find(&table, UDP, &a, &a, &side);

	(void)state;
	assert_int_equal(flow_table_find(&table, UDP, &a, &a, &side), row);
	assert_int_equal(side, 0);
	flow_table_free(&table);
}

static void many_flows_are_found_again(void **state)
{
	struct flow_table table = {.key = 42};
	struct endpoint server = v4(0xCB007105, 5060);
	unsigned side;

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		struct endpoint a = v4(0x0A000000 + i / 100,
				       (uint16_t)(1024 + i % 100));

		assert_int_equal(flow_table_find(&table, UDP, &a, &server,
						 &side),
				 i);
	}
	for (uint32_t i = 0; i < 20000; i++) {
		struct endpoint a = v4(0x0A000000 + i / 100,
				       (uint16_t)(1024 + i % 100));

		assert_int_equal(flow_table_peek(&table, UDP, &server, &a,
						 &side),
				 i);
		assert_int_equal(side, 1);
	}
	flow_table_free(&table);
}

struct evicted {
	const struct flow_table *table;
	uint64_t count;
	nanoseconds latest;
};

static void note_eviction(void *context, uint32_t row)
{
	struct evicted *e = context;
	const struct flow *flow = &e->table->rows[row];

	assert_true(flow->used);
	e->count++;
	if (flow->last > e->latest)
		e->latest = flow->last;
}

static uint32_t find_at(struct flow_table *table, uint32_t number,
			nanoseconds time)
{
	struct endpoint a = v4(0x0A000000 + number, 1),
			b = v4(0xCB007105, 3478);
	unsigned side;
	uint32_t row = flow_table_find(table, UDP, &a, &b, &side);

	assert_int_not_equal(row, INDEX_NONE);
	table->rows[row].last = time;
	return row;
}

static bool is_in(const struct flow_table *table, uint32_t number)
{
	struct endpoint a = v4(0x0A000000 + number, 1),
			b = v4(0xCB007105, 3478);
	unsigned side;

	return flow_table_peek(table, UDP, &a, &b, &side) != INDEX_NONE;
}

/* At the limit an eighth goes, and those that were silent longest. */
static void silent_flows_make_room(void **state)
{
	struct flow_table table = {.key = 42};
	struct evicted evicted = {.table = &table};
	uint32_t max = (uint32_t)FLOWS_MAX;

	(void)state;
	table.context = &evicted;
	table.on_evict = note_eviction;
	/* The first to come are not the oldest. */
	for (uint32_t i = 0; i < max; i++)
		(void)find_at(&table, i, (nanoseconds)((i + max / 2) % max));
	assert_int_equal(table.count, max);
	assert_int_equal(evicted.count, 0);
	(void)find_at(&table, max, max + 1);
	assert_int_equal(evicted.count, max / 8 + 1);
	assert_int_equal(table.evicted, max / 8 + 1);
	assert_true(evicted.latest == max / 8);
	assert_int_equal(table.count, max);
	assert_true(is_in(&table, max));
	assert_true(is_in(&table, 0));
	assert_true(is_in(&table, max / 2 - 1));
	assert_false(is_in(&table, max / 2));
	assert_false(is_in(&table, max / 2 + max / 8));
	assert_true(is_in(&table, max / 2 + max / 8 + 1));
	/* An evicted flow that speaks again is new. */
	(void)find_at(&table, max / 2, max + 2);
	assert_int_equal(evicted.count, max / 8 + 1);
	flow_table_free(&table);
}

static bool find_many(void *context)
{
	struct flow_table table = {.key = 1};
	uint32_t found = 0;
	bool ok = true;

	(void)context;
	for (uint32_t i = 0; i < 2000 && ok; i++) {
		struct endpoint a = v4(i, 1), b = v4(i, 2);
		unsigned side;

		ok = flow_table_find(&table, UDP, &a, &b, &side) !=
		     INDEX_NONE;
		found += ok;
	}
	assert_true(ok != t_failure_met());
	/* What was there stays, and rows that are not used say so. */
	for (size_t i = 0; i < table.count; i++)
		assert_int_equal(table.rows[i].used, i < found);
	flow_table_free(&table);
	return ok;
}

static void failing_memory_is_told(void **state)
{
	(void)state;
	t_failing_walk(find_many, NULL);
}

static const struct t_case cases[] = {
	{"both_directions_are_one_flow", both_directions_are_one_flow},
	{"each_part_makes_another_flow", each_part_makes_another_flow},
	{"a_flow_to_itself", a_flow_to_itself},
	{"many_flows_are_found_again", many_flows_are_found_again},
	{"silent_flows_make_room", silent_flows_make_room},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
