/* The E-model: known points of it, and when it says nothing. */
#include "config.h"

#include "model/mos.h"
#include "tests/support/t.h"

struct row {
	const char *codec;
	unsigned packets, lost;
	double jitter_ms, want; /* 0: none */
	bool indicative;
};

/* Ratings by hand: G.711 without loss 93.2 - 0.024 * 20 = 92.72. */
static const struct row rows[] = {
	{"PCMU", 1000, 0, 0, 4.40, false},  {"pcma", 1000, 0, 5, 4.40, false},
	{"PCMA", 990, 10, 0, 4.32, false},  {"PCMA", 900, 100, 0, 3.39, false},
	{"PCMA", 100, 900, 0, 1.21, false}, {"PCMA", 1000, 0, 150, 3.71, false},
	{"G729", 1000, 0, 0, 4.09, false},  {"opus", 1000, 0, 0, 4.40, true},
	{"PCMU", 49, 0, 0, 0, false},       {"H264", 1000, 0, 0, 0, false},
	{"", 1000, 0, 0, 0, false},         {NULL, 1000, 0, 0, 0, false},
};

static void rates_streams(void **state)
{
	struct model m;

	(void)state;
	model_init(&m);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct media s = {.codec = rows[i].codec,
				  .packets = rows[i].packets,
				  .lost = rows[i].lost,
				  .jitter_ms = rows[i].jitter_ms,
				  .pair = LIST_NONE};
		struct mos mos = mos_of(&m, &s);

		if (mos.value < rows[i].want - 0.011 ||
		    mos.value > rows[i].want + 0.011)
			fail_msg("row %zu: %f, not %f", i, mos.value,
				 rows[i].want);
		assert_int_equal(mos.indicative, rows[i].indicative);
	}
	model_free(&m);
}

/* Half of the round trip is delay. */
static void the_way_takes_time(void **state)
{
	struct media s = {.codec = "PCMU", .packets = 1000, .pair = 0};
	struct model m;
	struct pair *p;
	double near;

	(void)state;
	model_init(&m);
	p = list_add(&m.pairs);
	assert_non_null(p);
	near = mos_of(&m, &s).value;
	p->way[1].rtt = 600 * NS_PER_MS;
	assert_true(mos_of(&m, &s).value < near - 0.4);
	model_free(&m);
}

static const struct t_case cases[] = {
	{"rates_streams", rates_streams},
	{"the_way_takes_time", the_way_takes_time},
};
T_MAIN(cases)
