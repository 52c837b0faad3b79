/* Places, and the frames that prove something: the first few, the last. */
#include "config.h"

#include "model/model.h"
#include "tests/support/t.h"

static void add(struct model *m, struct cited *c, uint16_t file, uint64_t frame)
{
	struct place place = {.file = file,
			      .frame = frame & PLACE_FRAME_MAX,
			      .time = (nanoseconds)frame * 10};

	cite(m, c, model_place(m, &place));
}

static void is_at(const struct model *m, const struct cited *c, size_t i,
		  uint16_t file, uint64_t frame)
{
	struct place place = place_at(m, cited_at(c, i));

	assert_int_equal(place.file, file);
	assert_int_equal(place.frame, frame);
	assert_int_equal(place.time, (nanoseconds)frame * 10);
}

static void the_first_and_the_last_are_kept(void **state)
{
	struct cited c = {.count = 0};
	struct model m;

	(void)state;
	model_init(&m);
	for (uint16_t i = 0; i < 20; i++)
		add(&m, &c, i % 3, 100 + i * 7u);
	assert_int_equal(c.count, 20);
	assert_int_equal(c.kept, CITED_MAX);
	for (uint16_t i = 0; i < CITED_MAX; i++)
		is_at(&m, &c, i, i % 3, 100 + i * 7u);
	assert_int_equal(place_at(&m, c.last).frame, 100 + 19 * 7);
	model_free(&m);
}

static void one_frame_counts_once(void **state)
{
	struct cited c = {.count = 0};
	struct model m;

	(void)state;
	model_init(&m);
	add(&m, &c, 1, 0);
	assert_int_equal(c.count, 0);
	add(&m, &c, 1, 5);
	add(&m, &c, 1, 5);
	assert_int_equal(c.count, 1);
	add(&m, &c, 2, 5);
	add(&m, &c, 1, 5);
	assert_int_equal(c.count, 3);
	is_at(&m, &c, 0, 1, 5);
	is_at(&m, &c, 1, 2, 5);
	is_at(&m, &c, 2, 1, 5);
	model_free(&m);
}

/* Each place has a number once where it comes in a row, and keeps it. */
static void a_place_has_its_number(void **state)
{
	struct place one = {.file = 3, .frame = PLACE_FRAME_MAX, .time = 5};
	struct place two = {.file = 3, .frame = PLACE_FRAME_MAX, .time = 6};
	place_number first, second;
	struct model m;

	(void)state;
	model_init(&m);
	first = model_place(&m, &one);
	assert_int_not_equal(first, PLACE_NONE);
	assert_int_equal(model_place(&m, &one), first);
	second = model_place(&m, &two);
	assert_int_not_equal(second, first);
	assert_true(place_same(&m, first, second));
	assert_false(place_same(&m, first, PLACE_NONE));
	assert_int_equal(place_at(&m, first).frame, PLACE_FRAME_MAX);
	assert_int_equal(place_time(&m, first), 5);
	assert_int_equal(place_time(&m, second), 6);
	assert_int_equal(place_at(&m, PLACE_NONE).frame, 0);
	model_free(&m);
}

/* Near the one before, and as far from it as can be. */
static struct place some_place(unsigned i)
{
	static const int64_t steps[] = {
		1,         NS_PER_S,  -NS_PER_S,       200 * NS_PER_S,
		INT64_MAX, INT64_MIN, 86400 * NS_PER_S};

	return (struct place){
		.file = i % 11 == 3,
		.frame = i % 13 == 5   ? PLACE_FRAME_MAX - i
			 : i % 17 == 6 ? 1
				       : 1000 + 3 * i,
		.time = i % 5 ? (nanoseconds)i * 1000 : steps[i / 5 % 7],
	};
}

static void places_are_told_as_they_were(void **state)
{
	enum { PLACES = 2000 };
	struct model m;

	(void)state;
	model_init(&m);
	for (unsigned i = 0; i < PLACES; i++) {
		struct place place = some_place(i);

		assert_int_equal(model_place(&m, &place), i + 1);
	}
	for (unsigned i = 0; i < PLACES; i++) {
		struct place was = some_place(i), is = place_at(&m, i + 1);

		assert_int_equal(is.file, was.file);
		assert_int_equal(is.frame, was.frame);
		assert_true(is.time == was.time);
	}
	/* Most cost eight bytes, and some do not fit into them. */
	assert_in_range(m.far_places.count, PLACES / 10, PLACES * 3 / 4);
	model_free(&m);
}

/* Where there is no room for one more, it is nowhere. */
static void places_are_bounded(void **state)
{
	struct place one = {.frame = 1}, two = {.frame = 2};
	struct model m;

	(void)state;
	model_init(&m);
	m.places.max = 1;
	assert_int_equal(model_place(&m, &one), 1);
	assert_int_equal(model_place(&m, &two), PLACE_NONE);
	assert_int_equal(m.places.refused, 1);
	model_free(&m);
}

static void those_of_another_are_added(void **state)
{
	struct cited from = {.count = 0}, to = {.count = 0};
	struct model m;

	(void)state;
	model_init(&m);
	for (unsigned i = 1; i < 30; i++)
		add(&m, &from, 0, i);
	add(&m, &to, 0, 99);
	cite_again(&m, &to, &from);
	assert_int_equal(to.count, 1 + CITED_MAX);
	is_at(&m, &to, 0, 0, 99);
	is_at(&m, &to, 7, 0, 7);
	assert_int_equal(place_at(&m, to.last).frame, CITED_MAX);
	model_free(&m);
}

static const struct t_case cases[] = {
	{"the_first_and_the_last_are_kept", the_first_and_the_last_are_kept},
	{"one_frame_counts_once", one_frame_counts_once},
	{"a_place_has_its_number", a_place_has_its_number},
	{"places_are_told_as_they_were", places_are_told_as_they_were},
	{"places_are_bounded", places_are_bounded},
	{"those_of_another_are_added", those_of_another_are_added},
};
T_MAIN(cases)
