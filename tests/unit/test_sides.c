/* Who asked first, where one or two captures tell of it. */
#include "config.h"

#include "tests/support/t.h"
#include "validate/verdict_state.h"

#define MS NS_PER_MS

static place_number at(struct model *m, unsigned frame, nanoseconds time)
{
	struct place place = {.frame = frame, .time = time};

	return model_place(m, &place);
}

static const struct {
	bool several;
	nanoseconds a, b; /* 0: never asked */
	end_number first;
} rows[] = {
	{false, 500 * MS, 520 * MS, 1}, {false, 520 * MS, 500 * MS, 2},
	{false, 500 * MS, 0, 1},        {false, 0, 500 * MS, 2},
	{true, 500 * MS, 520 * MS, 0},  {true, 520 * MS, 500 * MS, 0},
	{true, 500 * MS, 2000 * MS, 1}, {true, 2000 * MS, 500 * MS, 2},
	{true, 500 * MS, 500 * MS, 0},  {true, 0, 500 * MS, 2},
};

static void clocks_that_were_set_right_leave_it_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct model m;
		struct pair p = {.a = 1, .b = 2};

		model_init(&m);
		m.several_vantages = rows[i].several;
		if (rows[i].a)
			p.way[0].first = at(&m, 1, rows[i].a);
		if (rows[i].b)
			p.way[1].first = at(&m, 2, rows[i].b);
		assert_int_equal(pair_asked_first(&m, &p), rows[i].first);
		model_free(&m);
	}
}

static const struct t_case cases[] = {
	{"clocks_that_were_set_right_leave_it_open",
	 clocks_that_were_set_right_leave_it_open},
};
T_MAIN(cases)
