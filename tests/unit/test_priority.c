/* The numbers of ICE (RFC 8445 5.1 and 6.1.2.3). */
#include "config.h"

#include "model/model.h"
#include "model/priority.h"
#include "tests/support/t.h"

static void priorities_have_three_parts(void **state)
{
	/* As browsers, libnice and RFC 5245's own example have them. */
	static const struct {
		uint32_t priority;
		struct priority_parts want;
	} rows[] = {
		{2130706431, {126, 65535, 1}}, {2130706430, {126, 65535, 2}},
		{2122260223, {126, 32542, 1}}, {1694498815, {100, 65535, 1}},
		{16777215, {0, 65535, 1}},     {1862270719, {110, 65534, 1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct priority_parts got = priority_parts(rows[i].priority);

		assert_int_equal(got.type, rows[i].want.type);
		assert_int_equal(got.local, rows[i].want.local);
		assert_int_equal(got.component, rows[i].want.component);
		assert_int_equal(priority_of(&got), rows[i].priority);
	}
}

/* Values of offers in the field. */
static void relays_tell_the_generation(void **state)
{
	static const struct {
		uint32_t priority;
		const char *want;
	} rows[] = {
		{184548351, "Lync 2013 or Skype for Business"},
		{184547838, "Lync 2013 or Skype for Business"},
		{174848511, "Lync 2013 or Skype for Business"},
		{174455806, "Lync 2013 or Skype for Business"},
		{16648703, "OCS 2007 R2 or Lync 2010"},
		{16648702, "OCS 2007 R2 or Lync 2010"},
		{7076350, "OCS 2007 R2 or Lync 2010"},
		{6556159, "OCS 2007 R2 or Lync 2010"},
		{54001663, "Teams"},
		{18087935, "Teams"},
		{16777215, NULL}, /* of a browser */
		{8331263, NULL},
	};
	struct candidate *c;
	struct model m;

	(void)state;
	model_init(&m);
	c = list_add(&m.candidates);
	assert_non_null(c);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct description d = {.candidate_count = 1,
					.dialect = DIALECT_DRAFT_19};
		const char *got;

		*c = (struct candidate){.type = 4,
					.priority = rows[i].priority,
					.next = LIST_NONE};
		got = relay_generation(&m, &d);
		if (rows[i].want)
			assert_string_equal(got, rows[i].want);
		else
			assert_null(got);
		/* Hosts are preferred alike. */
		c->type = 1;
		assert_null(relay_generation(&m, &d));
	}
	model_free(&m);
}

static void a_pair_counts_its_lower_end_first(void **state)
{
	(void)state;
	assert_true(priority_of_pair(2, 1) == ((uint64_t)1 << 32) + 4 + 1);
	assert_true(priority_of_pair(1, 2) == ((uint64_t)1 << 32) + 4);
	assert_true(priority_of_pair(3, 3) == ((uint64_t)3 << 32) + 6);
	/* RFC 8839 4.3: host and host before relay and host. */
	assert_true(priority_of_pair(2130706431, 2130706431) >
		    priority_of_pair(2130706431, 16777215));
	assert_true(priority_of_pair(INT32_MAX, INT32_MAX) >
		    priority_of_pair(INT32_MAX, 0));
}

static void a_pair_needs_both_ends_and_a_role(void **state)
{
	static const struct {
		uint8_t roles[2];
		uint32_t b;
		uint64_t want;
	} rows[] = {
		{{ROLE_CONTROLLED, ROLE_CONTROLLING}, 1, 0x100000005},
		{{ROLE_CONTROLLING, ROLE_UNKNOWN}, 1, 0x100000004},
		{{ROLE_UNKNOWN, ROLE_UNKNOWN}, 1, 0},
		{{ROLE_CONTROLLED, ROLE_CONTROLLING}, 0, 0},
	};
	struct candidate *c;
	struct session *x;
	struct model m;

	(void)state;
	model_init(&m);
	x = list_add(&m.sessions);
	(void)list_add(&m.candidates);
	c = list_add(&m.candidates);
	assert_true(x && c);
	c = m.candidates.rows;
	c[0].priority = 2;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pair p = {.candidates = {0, 1}, .ufrag_of_a = 1};

		x->role[0] = rows[i].roles[0];
		x->role[1] = rows[i].roles[1];
		c[1].priority = rows[i].b;
		assert_true(pair_priority(&m, &p) == rows[i].want);
		p.candidates[1] = CHAIN_END;
		assert_true(pair_priority(&m, &p) == 0);
	}
	model_free(&m);
}

static end_number at(struct model *m, uint8_t host)
{
	uint8_t ip[4] = {192, 0, 2, host};
	struct endpoint e = endpoint_of(slice_of(ip, 4), 5000);

	return model_end(m, &e);
}

static void foundations_are_one_type_base_and_transport(void **state)
{
	const struct endpoint hidden = endpoint_of(SLICE("\0\0\0\0"), 9);
	struct candidate host = {
		.side = SIDE_OFFER, .type = 1, .foundation = 1};
	struct candidate srflx = {
		.side = SIDE_OFFER, .type = 2, .foundation = 1};
	struct candidate other;
	struct model m;

	(void)state;
	model_init(&m);
	host.endpoint = srflx.related = at(&m, 1);
	srflx.endpoint = at(&m, 9);
	other = host;
	assert_false(foundations_clash(&m, &host, &other));
	other.endpoint = at(&m, 2);
	assert_true(foundations_clash(&m, &host, &other));
	other.foundation = 2;
	assert_false(foundations_clash(&m, &host, &other));
	other = host;
	other.tcp = true;
	assert_true(foundations_clash(&m, &host, &other));
	other = host;
	other.side = SIDE_ANSWER;
	other.endpoint = at(&m, 2);
	assert_false(foundations_clash(&m, &host, &other));
	assert_true(foundations_clash(&m, &host, &srflx));
	other = srflx;
	other.related = at(&m, 2);
	assert_true(foundations_clash(&m, &srflx, &other));
	other.related = model_end(&m, &hidden);
	assert_false(foundations_clash(&m, &srflx, &other));
	model_free(&m);
}

static const struct t_case cases[] = {
	{"priorities_have_three_parts", priorities_have_three_parts},
	{"relays_tell_the_generation", relays_tell_the_generation},
	{"a_pair_counts_its_lower_end_first",
	 a_pair_counts_its_lower_end_first},
	{"a_pair_needs_both_ends_and_a_role",
	 a_pair_needs_both_ends_and_a_role},
	{"foundations_are_one_type_base_and_transport",
	 foundations_are_one_type_base_and_transport},
};
T_MAIN(cases)
