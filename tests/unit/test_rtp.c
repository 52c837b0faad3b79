/* RTP headers (RFC 3550 5.1) and the statistics of a stream (A.1, A.3, A.8). */
#include "config.h"

#include "dissectors/rtp.h"
#include "tests/support/dissecting.h"
#include "tests/support/t.h"

/* ---- headers ---- */

#define PLAIN "8088 1234 00000140 3cd03666 d5d5d5d5"
#define FULL                                                     \
	"b388 ffff ffffffff 00000001 0a0b0c0d 01020304 05060708" \
	"bede0002 11223344 55667788 706179 000003"

static void header_is_read(void **state)
{
	struct slice in = t_hex(FULL);
	struct t_decoding r;
	struct rtp m;

	(void)state;
	t_decode(&r, &rtp_dissector, in, T_DATAGRAM, &m);
	assert_int_equal(r.status, STATUS_OK);
	assert_int_equal(r.used, in.n);
	assert_int_equal(m.payload_type, 8);
	assert_true(m.marker);
	assert_int_equal(m.sequence, 0xFFFF);
	assert_true(m.timestamp == 0xFFFFFFFF);
	assert_int_equal(m.ssrc, 1);
	/* Three CSRCs, an extension and three bytes of padding are gone. */
	t_equal_text(m.payload, "pay");
	t_decode_done(&r);
	t_fields_equal(&rtp_dissector, in,
		       "payload-type=8 marker=1 sequence=65535 "
		       "timestamp=4294967295 ssrc=1 payload-length=3 ");
	t_release(in);
}

static void what_does_not_fit_is_told(void **state)
{
	static const struct {
		const char *digits;
		enum status datagram, cut;
		enum claim claim;
	} rows[] = {
		{PLAIN, STATUS_OK, STATUS_OK, CLAIM_MAYBE},
		{"", STATUS_NOT_MINE, STATUS_NOT_MINE, CLAIM_NO},
		{"80", STATUS_BAD, STATUS_SHORT, CLAIM_NO},
		{"8088 1234 00000140 3cd036", STATUS_BAD, STATUS_SHORT,
		 CLAIM_NO},
		/* versions 0, 1 and 3 */
		{"0088 1234 00000140 3cd03666", STATUS_NOT_MINE,
		 STATUS_NOT_MINE, CLAIM_NO},
		{"4088 1234 00000140 3cd03666", STATUS_NOT_MINE,
		 STATUS_NOT_MINE, CLAIM_NO},
		{"c088 1234 00000140 3cd03666", STATUS_NOT_MINE,
		 STATUS_NOT_MINE, CLAIM_NO},
		/* RFC 5761 4: 192 to 223 are RTCP; 63 and 96 are not */
		{"80c8 1234 00000140 3cd03666", STATUS_NOT_MINE,
		 STATUS_NOT_MINE, CLAIM_NO},
		{"80df 1234 00000140 3cd03666", STATUS_NOT_MINE,
		 STATUS_NOT_MINE, CLAIM_NO},
		{"803f 1234 00000140 3cd03666", STATUS_OK, STATUS_OK,
		 CLAIM_MAYBE},
		{"80e0 1234 00000140 3cd03666", STATUS_OK, STATUS_OK,
		 CLAIM_MAYBE},
		/* fifteen CSRCs, an extension past the end */
		{"8f08 1234 00000140 3cd03666 00000000", STATUS_BAD,
		 STATUS_SHORT, CLAIM_MAYBE},
		{"9008 1234 00000140 3cd03666 bedeffff 00000000", STATUS_BAD,
		 STATUS_SHORT, CLAIM_MAYBE},
		/* more padding than there is; cut, it cannot be known */
		{"a008 1234 00000140 3cd03666 05", STATUS_BAD, STATUS_OK,
		 CLAIM_MAYBE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice in = t_hex(rows[i].digits);
		struct t_decoding r;
		struct rtp m;

		t_decode(&r, &rtp_dissector, in, T_DATAGRAM, &m);
		if (r.status != rows[i].datagram)
			fail_msg("datagram %s", rows[i].digits);
		t_decode_done(&r);
		t_decode(&r, &rtp_dissector, in, T_CUT, &m);
		if (r.status != rows[i].cut)
			fail_msg("cut %s", rows[i].digits);
		assert_int_equal(rtp_claims(r.bytes, false), rows[i].claim);
		t_decode_done(&r);
		t_release(in);
	}
}

static void every_length_is_safe(void **state)
{
	struct slice full = t_hex(FULL), plain = t_hex(PLAIN);

	(void)state;
	t_prefixes(&rtp_dissector, full, false);
	t_prefixes(&rtp_dissector, plain, false);
	t_decode_failing(&rtp_dissector, full);
	t_release(full);
	t_release(plain);
}

/* ---- statistics ---- */

static void add(struct rtp_statistics *s, unsigned sequence)
{
	struct rtp packet = {
		.sequence = (uint16_t)sequence,
		.timestamp = sequence * 160,
	};

	rtp_statistics_add(s, &packet, (nanoseconds)sequence * 20 * NS_PER_MS,
			   8000);
}

static void add_run(struct rtp_statistics *s, unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++)
		add(s, i);
}

static void assert_counts(const struct rtp_statistics *s, uint64_t packets,
			  uint64_t lost)
{
	assert_int_equal(s->packets, packets);
	assert_int_equal(rtp_statistics_lost(s), lost);
}

static void nothing_is_lost_of_nothing(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	assert_counts(&s, 0, 0);
	assert_true(rtp_statistics_jitter_ms(&s, 8000) == 0);
	add(&s, 17);
	assert_counts(&s, 1, 0);
}

static void gaps_are_loss(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	add_run(&s, 1, 10);
	add_run(&s, 12, 20);
	assert_counts(&s, 19, 1);
	add_run(&s, 120, 129);
	assert_counts(&s, 29, 100);
	assert_int_equal(s.reordered, 0);
	assert_int_equal(s.restarts, 0);
}

static void numbers_wrap(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	add_run(&s, 65530, 65535 + 10);
	assert_counts(&s, 16, 0);
	assert_int_equal(s.cycles, 1);
	add_run(&s, 65536 + 12, 2 * 65536 - 2);
	add_run(&s, 2 * 65536, 2 * 65536 + 5);
	assert_int_equal(s.cycles, 2);
	assert_int_equal(rtp_statistics_lost(&s), 3);
	/* One that is late over the edge does not turn the wheel back. */
	add(&s, 2 * 65536 - 1);
	assert_int_equal(s.cycles, 2);
	assert_int_equal(s.reordered, 1);
	assert_int_equal(rtp_statistics_lost(&s), 2);
}

static void late_packets_are_not_lost(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	add_run(&s, 1, 5);
	add(&s, 7);
	add(&s, 6);
	add(&s, 8);
	assert_counts(&s, 8, 0);
	assert_int_equal(s.reordered, 1);
	assert_int_equal(s.duplicates, 0);
}

static void twice_is_a_duplicate(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	add_run(&s, 1, 5);
	add(&s, 5);
	add(&s, 5);
	add(&s, 6);
	assert_counts(&s, 6, 0);
	assert_int_equal(s.duplicates, 2);
	assert_true(s.jitter_q4 == 0);
}

/* A mirror port that shows each packet a little later once more hides no
 * loss. */
static void late_copies_are_duplicates(void **state)
{
	for (unsigned late = 1; late < RTP_RECENT; late++) {
		struct rtp_statistics s = {0};

		for (unsigned i = 65400; i < 65700; i++) {
			if (i != 65500)
				add(&s, i);
			if (i >= 65400 + late && i - late != 65500)
				add(&s, i - late);
		}
		assert_counts(&s, 299, 1);
		assert_int_equal(s.reordered, 0);
		assert_int_equal(s.duplicates, 299 - late);
		assert_false(rtp_statistics_knows(&s, (uint16_t)65700));
		assert_true(rtp_statistics_knows(&s, (uint16_t)65699));
	}
	(void)state;
}

/* The same for one that is late itself, and for what came before a restart. */
static void late_packets_have_copies(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	assert_false(rtp_statistics_knows(&s, 0));
	add_run(&s, 1, 5);
	add(&s, 8);
	add(&s, 6);
	add(&s, 6);
	add(&s, 5);
	assert_counts(&s, 7, 1);
	assert_int_equal(s.reordered, 1);
	assert_int_equal(s.duplicates, 2);
	add_run(&s, 40000, 40003);
	add(&s, 40001);
	assert_int_equal(s.restarts, 1);
	assert_int_equal(s.duplicates, 3);
	/* Of the run before, and of one that jumps. */
	add(&s, 8);
	add(&s, 5);
	assert_int_equal(s.duplicates, 5);
	add(&s, 20000);
	add(&s, 20000);
	assert_int_equal(s.duplicates, 6);
	add(&s, 20001);
	add(&s, 20000);
	assert_int_equal(s.restarts, 2);
	assert_int_equal(s.duplicates, 7);
	assert_counts(&s, 13, 1);
}

/* A.1: a jump is believed when the next number follows. */
static void restart_begins_a_new_run(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	add_run(&s, 1, 10);
	add_run(&s, 12, 20); /* one is lost */
	add_run(&s, 40000, 40009);
	assert_int_equal(s.restarts, 1);
	assert_counts(&s, 29, 1);
	add_run(&s, 40011, 40020);
	assert_counts(&s, 39, 2);
	add_run(&s, 5, 9);
	assert_int_equal(s.restarts, 2);
	assert_counts(&s, 44, 2);
}

/* A stray number belongs to no run, so it makes up for no loss. */
static void stray_packet_hides_no_loss(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	add_run(&s, 1, 10);
	add(&s, 40000);
	add_run(&s, 12, 20);
	assert_int_equal(s.restarts, 0);
	assert_counts(&s, 20, 1);
	add(&s, 50000);
	add(&s, 21);
	assert_counts(&s, 22, 1);
}

/* Number 0 is as good a stray as any. */
static void stray_zero_is_no_restart(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	add_run(&s, 30000, 30010);
	add(&s, 65536);
	add_run(&s, 30011, 30020);
	assert_int_equal(s.restarts, 0);
	assert_counts(&s, 22, 0);
}

/* As A.8 prints it, in whole timestamp units. */
struct a8 {
	bool started;
	int transit;
	unsigned jitter;
};

static void a8_add(struct a8 *s, int arrival, int timestamp)
{
	int transit = arrival - timestamp;
	int d = transit - s->transit;

	s->transit = transit;
	if (d < 0)
		d = -d;
	if (s->started)
		s->jitter += (unsigned)d - ((s->jitter + 8) >> 4);
	s->started = true;
}

static void jitter_is_that_of_a8(void **state)
{
	struct rtp_statistics s = {0};
	struct a8 want = {.started = false};
	unsigned dice = 1;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct rtp packet = {
			.sequence = (uint16_t)i,
			.timestamp = (uint32_t)(i * 160),
		};
		int arrival;

		dice = dice * 1103515245u + 12345;
		arrival = i * 160 + (int)(dice >> 16 & 127);
		rtp_statistics_add(&s, &packet,
				   (nanoseconds)arrival * NS_PER_S / 8000,
				   8000);
		a8_add(&want, arrival, i * 160);
		assert_true(s.jitter_q4 == (int64_t)want.jitter);
	}
	assert_true(want.jitter > 16);
	/* jitter / 16 units of 1/8 ms */
	assert_true(rtp_statistics_jitter_ms(&s, 8000) ==
		    (double)want.jitter / 16 / 8);
	assert_true(rtp_statistics_jitter_ms(&s, 0) == 0);
}

/* Each way in which the clocks may jump, after a steady stream. */
static void jumps_are_no_jitter(void **state)
{
	static const struct {
		nanoseconds arrival;
		uint32_t timestamp, clock_rate;
	} rows[] = {
		{60 * NS_PER_S, 800, 8000},     /* a pause */
		{100 * NS_PER_MS, 80000, 8000}, /* time stamps jump */
		{-5 * NS_PER_S, 800, 8000},     /* the capture's clock */
		{100 * NS_PER_MS, 7, 0},        /* no clock rate is known */
		{100 * NS_PER_MS, 800, 8000},   /* on time */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rtp_statistics s = {0};
		struct rtp packet = {
			.sequence = 5,
			.timestamp = rows[i].timestamp,
		};

		add_run(&s, 1, 4);
		rtp_statistics_add(&s, &packet, rows[i].arrival,
				   rows[i].clock_rate);
		if (s.jitter_q4 != 0)
			fail_msg("row %zu", i);
	}
}

/* Time stamps wrap every 2^32 units. */
static void time_stamps_wrap(void **state)
{
	struct rtp_statistics s = {0};

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		struct rtp packet = {
			.sequence = (uint16_t)i,
			.timestamp = UINT32_MAX - 800 + i * 160,
		};

		rtp_statistics_add(&s, &packet, (nanoseconds)i * 20 * NS_PER_MS,
				   8000);
	}
	assert_true(s.jitter_q4 == 0);
}

/* Any numbers at any time: counts stay sane. */
static void random_numbers_keep_counts_sane(void **state)
{
	struct rtp_statistics s = {0};
	uint64_t dice = 7, calls = 0;

	(void)state;
	for (; calls < 200000; calls++) {
		struct rtp packet;

		dice = dice * UINT64_C(6364136223846793005) + 1;
		packet = (struct rtp){
			.sequence = (uint16_t)(dice >> 40),
			.timestamp = (uint32_t)(dice >> 20),
		};
		rtp_statistics_add(&s, &packet,
				   (nanoseconds)(dice ^ dice << 13),
				   (uint32_t)(dice >> 32));
		assert_true(s.packets + s.duplicates == calls + 1);
		assert_true(s.counted_before <= s.packets);
		assert_true(s.jitter_q4 >= 0);
	}
}

static const struct t_case cases[] = {
	{"header_is_read", header_is_read},
	{"what_does_not_fit_is_told", what_does_not_fit_is_told},
	{"every_length_is_safe", every_length_is_safe},
	{"nothing_is_lost_of_nothing", nothing_is_lost_of_nothing},
	{"gaps_are_loss", gaps_are_loss},
	{"numbers_wrap", numbers_wrap},
	{"late_packets_are_not_lost", late_packets_are_not_lost},
	{"twice_is_a_duplicate", twice_is_a_duplicate},
	{"late_copies_are_duplicates", late_copies_are_duplicates},
	{"late_packets_have_copies", late_packets_have_copies},
	{"restart_begins_a_new_run", restart_begins_a_new_run},
	{"stray_packet_hides_no_loss", stray_packet_hides_no_loss},
	{"stray_zero_is_no_restart", stray_zero_is_no_restart},
	{"jitter_is_that_of_a8", jitter_is_that_of_a8},
	{"jumps_are_no_jitter", jumps_are_no_jitter},
	{"time_stamps_wrap", time_stamps_wrap},
	{"random_numbers_keep_counts_sane", random_numbers_keep_counts_sane},
};
T_MAIN(cases)
