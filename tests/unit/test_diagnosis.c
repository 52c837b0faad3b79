/* What the numbers of diagnostic headers mean. */
#include "config.h"

#include "model/diagnosis.h"
#include "tests/support/t.h"

/* A search in halves finds all of them only when they are sorted. */
static void every_number_that_is_known_is_found(void **state)
{
	static const struct {
		enum diagnosis_kind kind;
		unsigned known;
	} rows[] = {
		{DIAGNOSIS_CLIENT, 50 + 300}, /* those of gateways are many */
		{DIAGNOSIS_Q850, 33},
		{DIAGNOSIS_WARNING, 13},
		{DIAGNOSIS_SIP, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned known = 0;

		for (uint32_t id = 0; id < 70000; id++)
			known += diagnosis_meaning(rows[i].kind, id) != NULL;
		assert_int_equal(known, rows[i].known);
	}
}

static void some_are_what_the_documents_say(void **state)
{
	const struct meaning *m = diagnosis_meaning(DIAGNOSIS_CLIENT, 22);

	(void)state;
	assert_non_null(m);
	assert_int_equal(m->stage, STAGE_PROBING);
	assert_false(m->harmless);
	assert_true(diagnosis_meaning(DIAGNOSIS_SERVER, 13004)->harmless);
	assert_true(diagnosis_meaning(DIAGNOSIS_Q850, 16)->harmless);
	assert_null(diagnosis_meaning(DIAGNOSIS_SERVER, 9001));
	assert_string_equal(diagnosis_component(9001), "MRAS");
	assert_string_equal(diagnosis_component(59999), "client");
	assert_null(diagnosis_component(20000));
}

static void each_bit_stands_once_and_alone(void **state)
{
	static const enum ice_table tables[] = {ICE_TABLE_HEADER,
						ICE_TABLE_OLD};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint32_t seen = 0;

		for (const struct ice_bit *b = ice_bits(tables[i]); b->bit;
		     b++) {
			assert_int_equal(b->bit & (b->bit - 1), 0);
			assert_int_equal(seen & b->bit, 0);
			seen |= b->bit;
		}
		/* Published sums come apart into bits that the table has. */
		if (tables[i] == ICE_TABLE_HEADER)
			assert_int_equal((0x80012b | 0x40003a0 | 0x8000100) &
						 ~seen,
					 0);
	}
	assert_string_not_equal(ice_table_name(ICE_TABLE_HEADER),
				ice_table_name(ICE_TABLE_OLD));
}

static const struct t_case cases[] = {
	{"every_number_that_is_known_is_found",
	 every_number_that_is_known_is_found},
	{"some_are_what_the_documents_say", some_are_what_the_documents_say},
	{"each_bit_stands_once_and_alone", each_bit_stands_once_and_alone},
};
T_MAIN(cases)
