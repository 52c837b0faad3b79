/* How far the clocks of captures are apart. */
#include "config.h"

#include "flow/clocks.h"
#include "tests/support/t.h"

#define HOUR (3600 * NS_PER_S)
#define DELAY (10 * NS_PER_MS)

static void stun(struct clocks *c, uint8_t id, enum stun_class class,
		 uint32_t file, nanoseconds time)
{
	struct stun_message m = {.class = class, .method = STUN_BINDING};
	struct message message = {.kind = MESSAGE_STUN,
				  .from = {.file = file, .time = time},
				  .u.stun = &m};

	m.id[0] = id;
	clocks_take(c, &message);
}

/* Request and response of a client at file 0 and a server at file 1. */
static void exchange(struct clocks *c, uint8_t id, nanoseconds time,
		     nanoseconds ahead)
{
	stun(c, id, STUN_REQUEST, 0, time);
	stun(c, id, STUN_REQUEST, 1, time + DELAY + ahead);
	stun(c, id, STUN_SUCCESS, 1, time + DELAY + ahead);
	stun(c, id, STUN_SUCCESS, 0, time + 2 * DELAY);
}

static void half_the_sum_of_both_ways_is_the_offset(void **state)
{
	const nanoseconds aheads[] = {0, NS_PER_S, HOUR, -HOUR};

	(void)state;
	for (size_t i = 0; i < sizeof(aheads) / sizeof(aheads[0]); i++) {
		nanoseconds ahead = aheads[i];
		struct clocks *c = clocks_new(true);
		struct clock_span spans[] = {{0, HOUR}, {ahead, HOUR + ahead}};
		struct clock_offset out[2];

		assert_non_null(c);
		exchange(c, 1, NS_PER_S, ahead);
		exchange(c, 2, 2 * NS_PER_S, ahead);
		/* One packet was late. */
		stun(c, 3, STUN_REQUEST, 0, 3 * NS_PER_S);
		stun(c, 3, STUN_REQUEST, 1, 4 * NS_PER_S + ahead);
		assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
		assert_true(out[1].known);
		assert_int_equal(out[1].offset, ahead);
		assert_int_equal(out[1].shared, 5);
		assert_int_equal(out[0].offset, 0);
		clocks_free(c);
	}
}

/* A check at file 0 inside of TURN, at file 1 behind the relay. */
static void relayed(struct clocks *c, uint8_t id, enum stun_class class,
		    nanoseconds outside, nanoseconds inside)
{
	struct stun_message m = {.class = class, .method = STUN_BINDING};
	struct message message = {.kind = MESSAGE_STUN,
				  .from = {.time = inside,
					   .wraps = {WRAP_CHANNEL_DATA},
					   .wrap_count = 1},
				  .u.stun = &m};

	m.id[0] = id;
	clocks_take(c, &message);
	stun(c, id, class, 1, outside);
}

static void checks_through_a_relay_tell_least(void **state)
{
	(void)state;
	for (unsigned both = 0; both < 2; both++) {
		struct clocks *c = clocks_new(true);
		struct clock_span spans[] = {{0, HOUR}, {0, HOUR}};
		struct clock_offset out[2];

		assert_non_null(c);
		relayed(c, 1, STUN_REQUEST, NS_PER_S + 3 * DELAY, NS_PER_S);
		relayed(c, 1, STUN_SUCCESS, NS_PER_S + 4 * DELAY,
			NS_PER_S + 5 * DELAY);
		if (both)
			exchange(c, 2, 2 * NS_PER_S, 5);
		assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
		assert_true(out[1].known);
		assert_int_equal(out[1].offset, both ? 5 : DELAY);
		assert_int_equal(out[1].shared, both ? 2 : 0);
		clocks_free(c);
	}
}

/* What goes to a relay is in file 0, what comes from there in file 1: all is
 * later there, and the first check waits until the relay lets it pass. */
static void a_tap_at_a_relay_tells_nothing(void **state)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, HOUR}, {0, HOUR}};
	struct clock_offset out[2];

	(void)state;
	assert_non_null(c);
	relayed(c, 1, STUN_REQUEST, NS_PER_S + NS_PER_S / 2, NS_PER_S);
	relayed(c, 2, STUN_REQUEST, 2 * NS_PER_S + 100000, 2 * NS_PER_S);
	relayed(c, 2, STUN_SUCCESS, 2 * NS_PER_S + 400000,
		2 * NS_PER_S + 200000);
	assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
	assert_int_equal(out[1].offset, 0);
	clocks_free(c);
}

/* One message in front of a proxy (file 0) or behind it. */
static void sip(struct clocks *c, enum sip_method method, unsigned status,
		uint32_t file, nanoseconds time)
{
	struct sip_message m = {.request = status == 0,
				.method = method,
				.status = status,
				.call_id = slice_of_text("call"),
				.from_tag = slice_of_text("f"),
				.to_tag = slice_of_text(status ? "t" : ""),
				.cseq = 1};
	struct message message = {.kind = MESSAGE_SIP,
				  .from = {.file = file, .time = time},
				  .u.sip = &m};

	m.via.branch = slice_of_text(file ? "proxy" : "client");
	clocks_take(c, &message);
}

static void both_sides_of_a_proxy_tell(void **state)
{
	static const struct {
		enum sip_method method;
		unsigned status;
		bool known;
	} rows[] = {
		{SIP_INVITE, 200, true},
		{SIP_INVITE, 180, true},
		{SIP_BYE, 200, true},
		/* What the proxy says of its own, or holds back. */
		{SIP_INVITE, 100, false},
		{SIP_INVITE, 486, false},
		{SIP_CANCEL, 200, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct clocks *c = clocks_new(true);
		struct clock_span spans[] = {{0, HOUR}, {0, HOUR}};
		struct clock_offset out[2];

		assert_non_null(c);
		sip(c, rows[i].method, 0, 0, NS_PER_S);
		sip(c, rows[i].method, 0, 1, 3 * NS_PER_S + DELAY);
		sip(c, rows[i].method, rows[i].status, 1, 4 * NS_PER_S);
		sip(c, rows[i].method, rows[i].status, 0, 2 * NS_PER_S + DELAY);
		assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
		assert_int_equal(out[1].known, rows[i].known);
		if (rows[i].known)
			assert_int_equal(out[1].offset, 2 * NS_PER_S);
		clocks_free(c);
	}
}

static void sight(struct clocks *c, uint64_t key, uint32_t side, uint32_t file,
		  nanoseconds time)
{
	struct origin from = {.file = file, .side = side, .time = time};

	clocks_take_sight(c, &from, key);
}

/* Of a TCP connection whose messages are read but once, or of media. */
static void packets_that_both_saw_tell(void **state)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, 60 * NS_PER_S},
				     {HOUR, HOUR + 60 * NS_PER_S}};
	struct clock_offset out[2];

	(void)state;
	assert_non_null(c);
	for (uint64_t i = 1; i < 50; i++) {
		nanoseconds now = (nanoseconds)i * NS_PER_S;

		sight(c, i, 0, 0, now);
		sight(c, i, 0, 1, now + DELAY + HOUR);
		sight(c, 100 + i, 1, 1, now + HOUR);
		sight(c, 100 + i, 1, 0, now + DELAY);
	}
	assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
	assert_true(out[1].known);
	assert_int_equal(out[1].offset, HOUR);
	clocks_free(c);
}

static void one_way_alone_does_not_tell(void **state)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, HOUR}, {0, HOUR}};
	struct clock_offset out[2];

	(void)state;
	assert_non_null(c);
	stun(c, 1, STUN_REQUEST, 0, 1);
	stun(c, 1, STUN_REQUEST, 1, 2);
	assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
	assert_false(out[1].known);
	assert_int_equal(out[1].offset, 0);
	clocks_free(c);
}

/* A capture that was cut between a request and its repetition. */
static void repetitions_across_a_cut_are_no_copies(void **state)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, NS_PER_S}, {NS_PER_S, 9 * NS_PER_S}};
	struct clock_offset out[2];

	(void)state;
	assert_non_null(c);
	stun(c, 1, STUN_REQUEST, 0, NS_PER_S);
	stun(c, 1, STUN_REQUEST, 1, 2 * NS_PER_S);
	stun(c, 1, STUN_SUCCESS, 1, 2 * NS_PER_S + 1);
	assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
	assert_false(out[1].known);
	assert_int_equal(out[1].offset, 0);
	clocks_free(c);
}

/* Several ones, even both ways, in files that would lie apart as before. */
/* Many of them, of short files: they come later and later. */
static void repetitions_do_not_agree(void **state)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, 6 * NS_PER_S},
				     {6 * NS_PER_S, 14 * NS_PER_S}};
	struct clock_offset out[2];

	(void)state;
	assert_non_null(c);
	for (uint8_t i = 0; i < 8; i++) {
		nanoseconds first = 5 * NS_PER_S + i * NS_PER_MS;
		nanoseconds after = (NS_PER_S / 2) << (i / 2);

		stun(c, i, STUN_REQUEST, 0, first);
		stun(c, i, STUN_REQUEST, 1, first + 3 * after);
		stun(c, i, STUN_SUCCESS, 0, first);
		stun(c, i, STUN_SUCCESS, 1, first + 3 * after);
	}
	assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
	assert_false(out[1].known);
	clocks_free(c);
}

/* One exchange of two files an hour apart: nobody repeats for so long.  As far
 * apart as repetitions may be it tells nothing. */
static void one_exchange_tells_of_an_hour(void **state)
{
	static const struct {
		nanoseconds ahead;
		bool known;
	} rows[] = {
		{HOUR, true},
		{-HOUR, true},
		{60 * NS_PER_S, false},
		{-60 * NS_PER_S, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct clocks *c = clocks_new(true);
		nanoseconds ahead = rows[i].ahead;
		struct clock_span spans[] = {
			{HOUR, HOUR + 9 * NS_PER_S},
			{HOUR + ahead, HOUR + ahead + 9 * NS_PER_S}};
		struct clock_offset out[2];

		assert_non_null(c);
		exchange(c, 1, HOUR + NS_PER_S, ahead);
		assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
		assert_int_equal(out[1].known, rows[i].known);
		assert_int_equal(out[1].offset, rows[i].known ? ahead : 0);
		clocks_free(c);
	}
}

static void an_offset_brings_files_together(void **state)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, 5 * NS_PER_S}, {HOUR, 2 * HOUR}};
	struct clock_offset out[2];

	(void)state;
	assert_non_null(c);
	exchange(c, 1, NS_PER_S, NS_PER_S);
	exchange(c, 2, 2 * NS_PER_S, NS_PER_S);
	assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
	assert_false(out[1].known);
	assert_int_equal(out[1].offset, 0);
	clocks_free(c);
}

static void an_offset_is_known_through_a_third_file(void **state)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, HOUR}, {0, HOUR}, {0, HOUR}};
	struct clock_offset out[3];

	(void)state;
	assert_non_null(c);
	exchange(c, 1, NS_PER_S, 7);
	/* File 2 meets only file 1, and is 5 ahead of it. */
	stun(c, 9, STUN_REQUEST, 1, 100 + 7);
	stun(c, 9, STUN_REQUEST, 2, 100 + 12);
	stun(c, 9, STUN_ERROR, 2, 100 + 12);
	stun(c, 9, STUN_ERROR, 1, 100 + 7);
	assert_int_equal(clocks_solve(c, spans, 3, out), STATUS_OK);
	assert_int_equal(out[1].offset, 7);
	assert_true(out[2].known);
	assert_int_equal(out[2].offset, 12);
	clocks_free(c);
}

/* What a vantage of a file saw. */
static void seen(struct clocks *c, uint8_t id, enum stun_class class,
		 const struct origin *from)
{
	struct stun_message m = {.class = class, .method = STUN_BINDING};
	struct message message = {
		.kind = MESSAGE_STUN, .from = *from, .u.stun = &m};

	m.id[0] = id;
	clocks_take(c, &message);
}

/* The same as exchange, of a client at vantage 0 and a server at vantage 1. */
static void exchange_within(struct clocks *c, uint8_t id,
			    const uint32_t files[2], nanoseconds ahead)
{
	nanoseconds time = id * NS_PER_S;
	struct origin client = {.file = files[0], .time = time};
	struct origin server = {
		.file = files[1], .vantage = 1, .time = time + DELAY + ahead};

	seen(c, id, STUN_REQUEST, &client);
	seen(c, id, STUN_REQUEST, &server);
	seen(c, id, STUN_SUCCESS, &server);
	client.time = time + 2 * DELAY;
	seen(c, id, STUN_SUCCESS, &client);
}

static void interfaces_of_a_file_have_clocks_of_their_own(void **state)
{
	/* Whatever fits one clock and delays is one clock. */
	const nanoseconds aheads[][2] = {
		{HOUR, HOUR}, {-HOUR, -HOUR}, {0, 0}, {DELAY / 2, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof(aheads) / sizeof(aheads[0]); i++) {
		struct clocks *c = clocks_new(false);
		struct clock_span span = {0, 2 * HOUR};
		struct clock_offset out[2];
		size_t further;

		assert_non_null(c);
		clocks_by_interface(c);
		exchange_within(c, 1, (const uint32_t[2]){0, 0}, aheads[i][0]);
		exchange_within(c, 2, (const uint32_t[2]){0, 0}, aheads[i][0]);
		assert_int_equal(clocks_interfaces(c, &further)->vantage, 1);
		assert_int_equal(further, 1);
		assert_int_equal(clocks_solve(c, &span, 1, out), STATUS_OK);
		assert_true(out[1].known);
		assert_int_equal(out[1].offset, aheads[i][1]);
		assert_int_equal(out[0].offset, 0);
		clocks_free(c);
	}
}

/* Of file 1 the server's interface is the first, and goes by its clock; the
 * client's stands there as it stood in file 0. */
static void a_clock_goes_on_in_the_file_that_follows(void **state)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, 3 * NS_PER_S},
				     {HOUR, HOUR + 3 * NS_PER_S}};
	struct clock_offset out[4];
	size_t further;

	(void)state;
	assert_non_null(c);
	clocks_by_interface(c);
	exchange_within(c, 1, (const uint32_t[2]){0, 1}, HOUR);
	exchange_within(c, 2, (const uint32_t[2]){0, 1}, HOUR);
	seen(c, 9, STUN_REQUEST, &(struct origin){.file = 1});
	(void)clocks_interfaces(c, &further);
	assert_int_equal(further, 1);
	assert_int_equal(clocks_solve(c, spans, 2, out), STATUS_OK);
	assert_int_equal(out[1].vantage, 1);
	assert_int_equal(out[1].offset, HOUR);
	assert_int_equal(out[2].vantage, 0);
	assert_true(out[2].known);
	assert_int_equal(out[2].offset, 0);
	clocks_free(c);
}

static bool take_some(void *context)
{
	struct clocks *c = clocks_new(true);
	struct clock_span spans[] = {{0, HOUR}, {0, HOUR}};
	struct clock_offset out[4];

	(void)context;
	if (!c)
		return false;
	for (uint8_t i = 0; i < 60; i++)
		exchange(c, i, i, 5);
	clocks_by_interface(c);
	for (uint8_t i = 60; i < 90; i++)
		exchange_within(c, i, (const uint32_t[2]){1, 1}, HOUR);
	if (clocks_solve(c, spans, 2, out) == STATUS_OK && out[1].known)
		assert_int_equal(out[1].offset, 5);
	clocks_free(c);
	return !t_failure_met();
}

static void no_memory_is_survived(void **state)
{
	(void)state;
	t_failing_walk(take_some, NULL);
}

static const struct t_case cases[] = {
	{"half_the_sum_of_both_ways_is_the_offset",
	 half_the_sum_of_both_ways_is_the_offset},
	{"both_sides_of_a_proxy_tell", both_sides_of_a_proxy_tell},
	{"checks_through_a_relay_tell_least",
	 checks_through_a_relay_tell_least},
	{"a_tap_at_a_relay_tells_nothing", a_tap_at_a_relay_tells_nothing},
	{"packets_that_both_saw_tell", packets_that_both_saw_tell},
	{"one_way_alone_does_not_tell", one_way_alone_does_not_tell},
	{"repetitions_across_a_cut_are_no_copies",
	 repetitions_across_a_cut_are_no_copies},
	{"repetitions_do_not_agree", repetitions_do_not_agree},
	{"one_exchange_tells_of_an_hour", one_exchange_tells_of_an_hour},
	{"an_offset_brings_files_together", an_offset_brings_files_together},
	{"an_offset_is_known_through_a_third_file",
	 an_offset_is_known_through_a_third_file},
	{"interfaces_of_a_file_have_clocks_of_their_own",
	 interfaces_of_a_file_have_clocks_of_their_own},
	{"a_clock_goes_on_in_the_file_that_follows",
	 a_clock_goes_on_in_the_file_that_follows},
	{"no_memory_is_survived", no_memory_is_survived},
};
T_MAIN(cases)
