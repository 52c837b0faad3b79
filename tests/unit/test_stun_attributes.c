/* The tables behind STUN: attributes, methods, error codes. */
#include "config.h"

#include <ctype.h>

#include "dissectors/stun_parts.h"
#include "tests/support/t.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const enum stun_dialect dialects[] = {STUN_CLASSIC, STUN_RFC,
					     STUN_TURN,	   STUN_MS_TURN,
					     STUN_MS_ICE2, STUN_GOOGLE};

static void each_row(void (*look)(const struct stun_attribute_row *row))
{
	const struct stun_attribute_row *rows;
	size_t count;

	for (size_t part = 0;
	     (rows = stun_attribute_rows(part, &count)) != NULL; part++)
		for (size_t i = 0; i < count; i++)
			if (rows[i].name)
				look(&rows[i]);
}

static void rows_stand_at_their_place(void **state)
{
	static const unsigned uppers[STUN_ATTRIBUTE_PAGES] = {0x00, 0x80, 0xC0,
							      0xFF};

	(void)state;
	for (size_t part = 0; part < STUN_ATTRIBUTE_PAGES; part++) {
		size_t count;
		const struct stun_attribute_row *rows =
			stun_attribute_rows(part, &count);

		assert_true(count <= 256);
		for (size_t i = 0; i < count; i++)
			if (rows[i].name)
				assert_int_equal(rows[i].type,
						 uppers[part] << 8 | i);
	}
}

static void other_meanings_are_sorted(void **state)
{
	size_t count;
	const struct stun_attribute_row *rows =
		stun_attribute_rows(STUN_ATTRIBUTE_PAGES, &count);

	(void)state;
	for (size_t i = 1; i < count; i++)
		assert_true(rows[i - 1].type <= rows[i].type);
	assert_null(stun_attribute_rows(STUN_ATTRIBUTE_PAGES + 1, &count));
}

static void no_number_means_two_things_in_a_dialect(void **state)
{
	size_t count;
	const struct stun_attribute_row *rows =
		stun_attribute_rows(STUN_ATTRIBUTE_PAGES, &count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct stun_attribute_row *common;

		common = stun_common_row(rows[i].type);
		if (common && common->dialects & rows[i].dialects)
			fail_msg("%04x means two things", rows[i].type);
		for (size_t k = 0; k < i; k++)
			if (rows[k].type == rows[i].type &&
			    rows[k].dialects & rows[i].dialects)
				fail_msg("%04x is there twice", rows[i].type);
	}
}

/* Lengths that the readers count on, names as the documents have them. */
static void look_at_row(const struct stun_attribute_row *row)
{
	assert_true(row->dialects != 0);
	assert_true(row->min <= row->max);
	assert_true(row->source && row->source[0]);
	for (const char *p = row->name; *p; p++)
		assert_true(isupper((unsigned char)*p) || *p == '-' ||
			    isdigit((unsigned char)*p));
	switch ((enum stun_value)row->value) {
	case STUN_VALUE_ADDRESS:
	case STUN_VALUE_XOR_ADDRESS:
	case STUN_VALUE_U64:
	case STUN_VALUE_ICMP:
		assert_true(row->min >= 8);
		break;
	case STUN_VALUE_U32:
	case STUN_VALUE_ERROR:
	case STUN_VALUE_CHANNEL:
	case STUN_VALUE_FAMILY:
	case STUN_VALUE_PROTOCOL:
	case STUN_VALUE_ALGORITHMS:
	case STUN_VALUE_SEQUENCE:
	case STUN_VALUE_MS_TYPED:
		assert_true(row->min >= 4);
		break;
	case STUN_VALUE_EMPTY:
		assert_int_equal(row->max, 0);
		break;
	case STUN_VALUE_EVEN_PORT:
		assert_int_equal(row->min, 1);
		break;
	case STUN_VALUE_BYTES:
	case STUN_VALUE_TEXT:
	case STUN_VALUE_TYPES:
	case STUN_VALUE_SECRET:
		break;
	}
	if (row->role == STUN_ROLE_MS_SESSION)
		assert_true(row->min == 8 && row->max == 8);
	if (row->role == STUN_ROLE_FINGERPRINT)
		assert_true(row->min == 4 && row->max == 4);
}

static void rows_are_whole(void **state)
{
	(void)state;
	each_row(look_at_row);
}

struct name_row {
	uint16_t type;
	enum stun_dialect dialect;
	const char *name; /* NULL: nothing */
};

static const struct name_row names[] = {
	{0x0001, STUN_RFC, "MAPPED-ADDRESS"},
	{0x0003, STUN_CLASSIC, "CHANGE-REQUEST"},
	{0x0003, STUN_MS_TURN, NULL},
	{0x000C, STUN_TURN, "CHANNEL-NUMBER"},
	{0x000C, STUN_MS_TURN, NULL},
	{0x000E, STUN_MS_TURN, "ALTERNATE-SERVER"},
	{0x000E, STUN_TURN, NULL},
	{0x0011, STUN_GOOGLE, "DESTINATION-ADDRESS"},
	{0x0012, STUN_TURN, "XOR-PEER-ADDRESS"},
	{0x0012, STUN_MS_TURN, "REMOTE-ADDRESS"},
	{0x0014, STUN_TURN, "REALM"},
	{0x0014, STUN_MS_TURN, "NONCE"},
	{0x0015, STUN_TURN, "NONCE"},
	{0x0015, STUN_MS_TURN, "REALM"},
	{0x001F, STUN_RFC, NULL},
	{0x0021, STUN_CLASSIC, "XOR-ONLY"},
	{0x0025, STUN_RFC, "USE-CANDIDATE"},
	{0x0031, STUN_RFC, NULL},
	{0x4000, STUN_RFC, NULL},
	{0x8000, STUN_TURN, "ADDITIONAL-ADDRESS-FAMILY"},
	{0x8000, STUN_GOOGLE, "REFLEXIVE-ADDRESS"},
	{0x8001, STUN_GOOGLE, "OPTIONS"},
	{0x8004, STUN_TURN, "ICMP"},
	{0x8020, STUN_MS_TURN, "XOR-MAPPED-ADDRESS"},
	{0x8022, STUN_MS_TURN, "SOFTWARE"},
	{0x8050, STUN_MS_TURN, "MS-SEQUENCE-NUMBER"},
	{0x8050, STUN_CLASSIC, "SECONDARY-ADDRESS"},
	{0x8054, STUN_MS_ICE2, "CANDIDATE-IDENTIFIER"},
	{0x8068, STUN_MS_TURN, "LOCATION-PROFILE"},
	{0x8095, STUN_MS_TURN, "MULTIPLEXED-TURN-SESSION-ID"},
	{0x8096, STUN_MS_TURN, NULL},
	{0xC057, STUN_RFC, "GOOG-NETWORK-INFO"},
	{0xC060, STUN_RFC, "GOOG-MESSAGE-INTEGRITY-32"},
	{0xFF05, STUN_TURN, "GOOG-LOGGING-ID"},
	{0xFFFF, STUN_TURN, NULL},
};

static void names_follow_the_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct stun_attribute_row *row;

		row = stun_attribute_row(names[i].type, names[i].dialect);
		if (!names[i].name)
			assert_null(row);
		else
			assert_string_equal(row ? row->name : "nothing",
					    names[i].name);
	}
}

static void every_type_can_be_asked(void **state)
{
	(void)state;
	for (unsigned type = 0; type <= 0xFFFF; type++) {
		for (size_t i = 0; i < COUNT(dialects); i++) {
			const struct stun_attribute_row *row;

			row = stun_attribute_row((uint16_t)type, dialects[i]);
			assert_true(!row || row->type == type);
		}
	}
}

static void error_codes_follow_the_dialect(void **state)
{
	(void)state;
	assert_string_equal(stun_error_text(401, STUN_RFC), "Unauthenticated");
	assert_string_equal(stun_error_text(401, STUN_MS_TURN),
			    "Unauthorized");
	assert_string_equal(stun_error_text(437, STUN_TURN),
			    "Allocation Mismatch");
	assert_string_equal(stun_error_text(437, STUN_MS_TURN), "No Binding");
	assert_string_equal(stun_error_text(274, STUN_MS_ICE2),
			    "Disable Candidate");
	assert_string_equal(stun_error_text(274, STUN_RFC), "");
	assert_string_equal(stun_error_text(600, STUN_CLASSIC),
			    "Global Failure");
	assert_string_equal(stun_error_text(0, STUN_RFC), "");
	assert_string_equal(stun_error_text(999, STUN_RFC), "");
}

static void methods_and_dialects_have_names(void **state)
{
	static const struct {
		unsigned method;
		const char *name;
	} rows[] = {
		{STUN_BINDING, "Binding"},
		{STUN_CREATE_PERMISSION, "CreatePermission"},
		{STUN_SET_ACTIVE_DESTINATION, "Set Active Destination"},
		{0x005, "0x05"},
		{0xFFF, "0xfff"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct stun_message m = {.method = rows[i].method};
		struct text t = text_new(64);

		stun_method_text(&m, &t);
		t_equal_text(text_slice(&t), rows[i].name);
		text_free(&t);
	}
	assert_string_equal(stun_dialect_text(STUN_MS_ICE2), "ms-ice2");
	assert_string_equal(stun_dialect_text(STUN_RFC), "stun");
	assert_string_equal(stun_class_text(STUN_INDICATION), "indication");
}

static void rules_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < STUN_RULES; i++) {
		assert_non_null(stun_rules[i].id);
		assert_non_null(stun_rules[i].title);
		assert_non_null(stun_rules[i].source);
		assert_true(strncmp(stun_rules[i].id,
				    stage_name(stun_rules[i].stage),
				    strlen(stage_name(stun_rules[i].stage))) ==
			    0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(stun_rules[i].id,
						stun_rules[k].id);
	}
	assert_null(stun_rules[STUN_RULES].id);
}

static const struct t_case cases[] = {
	{"rows_stand_at_their_place", rows_stand_at_their_place},
	{"other_meanings_are_sorted", other_meanings_are_sorted},
	{"no_number_means_two_things_in_a_dialect",
	 no_number_means_two_things_in_a_dialect},
	{"rows_are_whole", rows_are_whole},
	{"names_follow_the_dialect", names_follow_the_dialect},
	{"every_type_can_be_asked", every_type_can_be_asked},
	{"error_codes_follow_the_dialect", error_codes_follow_the_dialect},
	{"methods_and_dialects_have_names", methods_and_dialects_have_names},
	{"rules_are_whole", rules_are_whole},
};
T_MAIN(cases)
