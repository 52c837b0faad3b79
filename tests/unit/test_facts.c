/* Facts beside their subjects: counted, told from copies, bounded. */
#include "config.h"

#include "model/model.h"
#include "tests/support/t.h"

static struct fact_seen seen(struct model *m, enum fact_kind kind,
			     uint32_t value, nanoseconds time)
{
	struct place place = {.frame = 7, .time = time};

	return (struct fact_seen){
		.kind = kind,
		.value = value,
		.place = model_place(m, &place),
		.apart = 3 * NS_PER_MS,
	};
}

static void note(struct model *m, struct chain *facts, struct fact_seen s)
{
	fact_note(m, facts, &s);
}

static void what_comes_again_is_counted(void **state)
{
	struct chain facts = {0};
	struct model m;
	const struct fact *f;

	(void)state;
	model_init(&m);
	note(&m, &facts, seen(&m, FACT_BYE, 1, 0));
	note(&m, &facts, seen(&m, FACT_BYE, 1, NS_PER_S));
	note(&m, &facts, seen(&m, FACT_BYE, 1, 2 * NS_PER_S));
	f = fact_of(&m, &facts, FACT_BYE);
	assert_non_null(f);
	assert_int_equal(f->count, 3);
	assert_int_equal(place_time(&m, f->first), 0);
	assert_int_equal(place_time(&m, f->last), 2 * NS_PER_S);
	assert_null(fact_after(&m, f));
	model_free(&m);
}

static void copies_do_not_count(void **state)
{
	struct chain facts = {0};
	struct fact_seen other;
	struct model m;

	(void)state;
	model_init(&m);
	other = seen(&m, FACT_BYE, 1, NS_PER_S);
	note(&m, &facts, seen(&m, FACT_BYE, 1, 0));
	/* Too soon for any sender, and seen elsewhere. */
	note(&m, &facts, seen(&m, FACT_BYE, 1, NS_PER_MS));
	other.vantage = 1;
	note(&m, &facts, other);
	assert_int_equal(fact_of(&m, &facts, FACT_BYE)->count, 1);
	model_free(&m);
}

static void kinds_and_values_are_told_apart(void **state)
{
	struct chain one = {0}, two = {0};
	struct model m;
	const struct fact *f;

	(void)state;
	model_init(&m);
	note(&m, &one, seen(&m, FACT_ERROR, 403, 0));
	note(&m, &two, seen(&m, FACT_ERROR, 486, 0));
	note(&m, &one, seen(&m, FACT_SEND, 403, 0));
	note(&m, &one, seen(&m, FACT_ERROR, 437, 0));
	f = fact_of(&m, &one, FACT_ERROR);
	assert_int_equal(f->value, 403);
	f = fact_after(&m, f);
	assert_int_equal(f->value, 437);
	assert_null(fact_after(&m, f));
	assert_null(fact_with(&m, &one, FACT_ERROR, 486));
	assert_non_null(fact_with(&m, &two, FACT_ERROR, 486));
	assert_null(fact_of(&m, &two, FACT_SEND));
	model_free(&m);
}

static void a_subject_keeps_only_so_many(void **state)
{
	struct chain facts = {0};
	struct model m;

	(void)state;
	model_init(&m);
	for (uint32_t i = 0; i < 2 * FACTS_KEPT; i++) {
		assert_int_equal(facts_full(&facts), i >= FACTS_KEPT);
		note(&m, &facts, seen(&m, FACT_SEND, i, 0));
	}
	assert_int_equal(facts.count, FACTS_KEPT);
	assert_non_null(fact_with(&m, &facts, FACT_SEND, FACTS_KEPT - 1));
	assert_null(fact_with(&m, &facts, FACT_SEND, FACTS_KEPT));
	/* What is kept goes on counting. */
	note(&m, &facts, seen(&m, FACT_SEND, 0, NS_PER_S));
	assert_int_equal(fact_with(&m, &facts, FACT_SEND, 0)->count, 2);
	model_free(&m);
}

static const struct t_case cases[] = {
	{"what_comes_again_is_counted", what_comes_again_is_counted},
	{"copies_do_not_count", copies_do_not_count},
	{"kinds_and_values_are_told_apart", kinds_and_values_are_told_apart},
	{"a_subject_keeps_only_so_many", a_subject_keeps_only_so_many},
};
T_MAIN(cases)
