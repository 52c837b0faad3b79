/* The clock of a log that shares no message with a capture. */
#include "config.h"

#include "flow/clocks.h"
#include "flow/clocks_course.h"
#include "tests/support/t.h"

#define MINUTE (60 * NS_PER_S)
#define HOUR (60 * MINUTE)
#define LOG 0
#define CAPTURE 1

static struct endpoint relay(void)
{
	struct endpoint e;

	if (endpoint_parse(SLICE("192.0.2.9"), 50000, &e) != STATUS_OK)
		abort();
	return e;
}

/* The relay grants an address. */
static void granted(struct clocks *c, nanoseconds time)
{
	struct stun_message stun = {.class = STUN_SUCCESS,
				    .method = STUN_ALLOCATE,
				    .relayed = relay()};
	struct message m = {.kind = MESSAGE_STUN,
			    .from = {.file = CAPTURE, .time = time},
			    .u.stun = &stun};

	clocks_take(c, &m);
}

static void used(struct clocks *c, nanoseconds time, struct slice name,
		 enum stun_method method)
{
	struct stun_message stun = {
		.class = STUN_REQUEST, .method = method, .username = name};
	struct message m = {.kind = MESSAGE_STUN,
			    .from = {.file = CAPTURE, .time = time},
			    .u.stun = &stun};

	clocks_take(c, &m);
}

/* An offer with the relay's address, or with a user fragment. */
static void described(struct clocks *c, nanoseconds time, bool with_relay,
		      const char *ufrag)
{
	struct sdp_candidate candidate = {.endpoint = relay()};
	struct sdp_media media = {.candidates = &candidate,
				  .candidate_count = with_relay};
	struct sdp sdp = {.media = &media, .media_count = 1};
	struct sip_message sip = {.request = true};
	struct sip_content content = {.sdp = &sdp};
	struct message m = {.kind = MESSAGE_SIP,
			    .from = {.file = LOG, .time = time, .logged = true},
			    .u.sip = &sip,
			    .contents = &content,
			    .content_count = 1};

	media.transport.ice_ufrag = slice_of_text(ufrag);
	clocks_take(c, &m);
}

/* "user", as base64. */
static void token(struct clocks *c, nanoseconds time)
{
	struct mras_credentials credentials = {.username = SLICE("dXNlcg==")};
	struct mras mras = {
		.kind = MRAS_RESPONSE, .credentials = &credentials, .count = 1};
	struct sip_message sip = {.status = 200};
	struct sip_content content = {.mras = &mras};
	struct message m = {.kind = MESSAGE_SIP,
			    .from = {.file = LOG, .time = time, .logged = true},
			    .u.sip = &sip,
			    .contents = &content,
			    .content_count = 1};

	clocks_take(c, &m);
}

static void dated(struct clocks *c, nanoseconds time, const char *date)
{
	struct sip_header header = {.id = SIP_DATE,
				    .value = slice_of_text(date)};
	struct sip_message sip = {
		.status = 200, .headers = &header, .header_count = 1};
	struct message m = {.kind = MESSAGE_SIP,
			    .from = {.file = LOG, .time = time, .logged = true},
			    .u.sip = &sip};

	clocks_take(c, &m);
}

static struct clock_offset solved(struct clocks *c, size_t files)
{
	struct clock_span spans[2] = {{0, HOUR}, {0, HOUR}};
	struct clock_offset out[2];

	assert_int_equal(clocks_solve(c, spans, files, out), STATUS_OK);
	if (files > 1) {
		assert_int_equal(out[CAPTURE].offset, 0);
		assert_false(out[CAPTURE].apart);
	}
	clocks_free(c);
	return out[LOG];
}

static struct clocks *begin(bool several)
{
	struct clocks *c = clocks_new(several);

	assert_non_null(c);
	return c;
}

/* Whatever the zone, and although the log comes first. */
static void the_course_tells_the_zone(void **state)
{
	static const nanoseconds zones[] = {0, HOUR, -8 * HOUR,
					    5 * HOUR + 30 * MINUTE};

	(void)state;
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		for (int what = 0; what < 4; what++) {
			struct clocks *c = begin(true);
			nanoseconds zone = zones[i];
			struct clock_offset o;

			if (what == 0 || what == 3)
				token(c, zone + 10 * NS_PER_S);
			if (what == 0 || what == 3)
				used(c, 11 * NS_PER_S, SLICE("user"),
				     STUN_ALLOCATE);
			if (what == 1 || what == 3)
				granted(c, 12 * NS_PER_S);
			if (what == 1 || what == 3)
				described(c, zone + 13 * NS_PER_S, true, "");
			if (what == 2)
				described(c, zone + 14 * NS_PER_S, false,
					  "abcd");
			if (what == 2)
				used(c, 15 * NS_PER_S, SLICE("efgh:abcd"),
				     STUN_BINDING);
			o = solved(c, 2);
			assert_true(o.known);
			assert_int_equal(o.offset, zone);
			assert_int_equal(o.basis, CLOCK_BY_COURSE);
			assert_int_equal(o.apart, zone != 0);
		}
	}
}

/* No zone lies between the bounds: the clock itself is wrong. */
static void a_wrong_clock_is_bounded(void **state)
{
	const nanoseconds wrong = 7 * MINUTE;
	struct clocks *c = begin(true);
	struct clock_offset o;

	(void)state;
	token(c, wrong + 10 * NS_PER_S);
	used(c, 12 * NS_PER_S, SLICE("user"), STUN_ALLOCATE);
	granted(c, 13 * NS_PER_S);
	described(c, wrong + 15 * NS_PER_S, true, "");
	o = solved(c, 2);
	assert_true(o.known);
	assert_int_equal(o.offset, wrong);
}

static void dates_tell_the_zone(void **state)
{
	static const struct {
		const char *date;
		bool known;
	} rows[] = {
		{"Thu, 01 Jan 1970 00:00:10 GMT", true},
		{"Thu, 1 Jan 1970 00:00:10 GMT", true},
		{"Thu, 01 Foo 1970 00:00:10 GMT", false},
		{"Thu, 01 anF 1970 00:00:10 GMT", false},
		{"Thu, 41 Jan 1970 00:00:10 GMT", false},
		{"Thu, 01 Jan 1970 00:00", false},
		{"10", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int several = 0; several < 2; several++) {
			struct clocks *c = begin(several);
			struct clock_offset o;

			dated(c, 2 * HOUR + 11 * NS_PER_S, rows[i].date);
			o = solved(c, several ? 2 : 1);
			assert_int_equal(o.known, rows[i].known);
			assert_int_equal(o.offset,
					 rows[i].known ? 2 * HOUR : 0);
			assert_int_equal(o.basis, rows[i].known
							  ? CLOCK_BY_DATE
							  : CLOCK_UNKNOWN);
		}
	}
}

/* Messages of captures alone are no matter for this. */
static void captures_are_left_alone(void **state)
{
	struct clocks *c = begin(true);
	struct clock_offset o;

	(void)state;
	granted(c, NS_PER_S);
	used(c, NS_PER_S, SLICE("user"), STUN_ALLOCATE);
	o = solved(c, 2);
	assert_false(o.known);
	assert_int_equal(o.offset, 0);
}

static const struct t_case cases[] = {
	{"the_course_tells_the_zone", the_course_tells_the_zone},
	{"a_wrong_clock_is_bounded", a_wrong_clock_is_bounded},
	{"dates_tell_the_zone", dates_tell_the_zone},
	{"captures_are_left_alone", captures_are_left_alone},
};
T_MAIN(cases)
