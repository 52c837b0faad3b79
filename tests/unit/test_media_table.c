/* Media: which packets are one stream, and when it is believed. */
#include "config.h"

#include "flow/media_table.h"
#include "tests/support/t.h"

static struct endpoint at(uint8_t last, uint16_t port)
{
	uint8_t ip[] = {192, 0, 2, last};

	return endpoint_of(slice_of(ip, 4), port);
}

/* One packet of PCMA, or what `type` says, every 20 ms. */
struct sender {
	struct endpoint src, dst;
	uint32_t ssrc;
	uint16_t sequence;
	uint8_t type;
	bool trusted;
	uint32_t vantage;
	uint32_t stamp; /* of the packet that gives all the time; 0: each */
	uint32_t last;  /* as the flow keeps it */
};

static struct sender sender_of(uint8_t src, uint8_t dst, uint32_t ssrc)
{
	return (struct sender){
		.src = at(src, 4000),
		.dst = at(dst, 5000),
		.ssrc = ssrc,
		.sequence = 100,
		.type = 8,
	};
}

static uint32_t send_one(struct media_table *table, struct sender *s)
{
	struct media_packet packet = {
		.src = &s->src,
		.dst = &s->dst,
		.rtp = {.payload_type = s->type,
			.sequence = s->sequence,
			.timestamp = (s->stamp ? s->stamp : s->sequence) * 160u,
			.ssrc = s->ssrc},
		.time = s->sequence * 20 * NS_PER_MS,
		.frame = s->sequence,
		.trusted = s->trusted,
		.vantage = s->vantage,
	};

	s->sequence++;
	s->last = media_table_add(table, s->last, &packet);
	return s->last;
}

static const struct media_stream *stream(const struct media_table *table,
					 uint32_t row)
{
	assert_true(row > 0 && row <= table->count);
	return &table->rows[row - 1];
}

static void packets_in_a_row_are_believed(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7);
	const struct media_stream *s;

	(void)state;
	for (unsigned i = 1; i <= MEDIA_BELIEVE_AFTER; i++) {
		s = stream(&table, send_one(&table, &a));
		assert_int_equal(s->believed, i == MEDIA_BELIEVE_AFTER);
	}
	assert_int_equal(table.count, 1);
	assert_int_equal(s->statistics.packets, MEDIA_BELIEVE_AFTER);
	assert_int_equal(s->first_frame, 100);
	assert_string_equal(s->codec, "PCMA");
	assert_int_equal(s->clock_rate, 8000);
	assert_true(s->first == 100 * 20 * NS_PER_MS);
	assert_true(s->last == 103 * 20 * NS_PER_MS);
	media_table_free(&table);
}

static void gaps_put_belief_off(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7);

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		(void)send_one(&table, &a);
		a.sequence += MEDIA_NEAR + 1;
	}
	assert_false(stream(&table, a.last)->believed);
	for (unsigned i = 0; i < MEDIA_BELIEVE_AFTER; i++)
		(void)send_one(&table, &a);
	assert_true(stream(&table, a.last)->believed);
	media_table_free(&table);
}

/* 101 100 103 102: none is the one that follows the highest before it. */
static void many_packets_near_each_other_are_believed(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7);

	(void)state;
	for (unsigned i = 1; i <= MEDIA_BELIEVE_NEAR; i++) {
		a.sequence = (uint16_t)(100 + ((i - 1) ^ 1u));
		assert_int_equal(stream(&table, send_one(&table, &a))->believed,
				 i == MEDIA_BELIEVE_NEAR);
	}
	assert_int_equal(stream(&table, a.last)->statistics.packets,
			 MEDIA_BELIEVE_NEAR);
	media_table_free(&table);
}

static void trust_is_believed_at_once(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7);

	(void)state;
	a.trusted = true;
	assert_true(stream(&table, send_one(&table, &a))->believed);
	media_table_free(&table);
}

/* What only looks like RTP has another SSRC each time: one row for all. */
static void noise_takes_one_row(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 0);

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		a.ssrc = i;
		assert_int_equal(send_one(&table, &a), 1);
	}
	assert_int_equal(table.count, 1);
	assert_int_equal(table.index.used, 1);
	assert_false(table.rows[0].believed);
	media_table_free(&table);
}

/* Two SSRCs on one flow side, both real, packet by packet. */
static void streams_take_turns(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7), b = sender_of(1, 2, 8);

	(void)state;
	a.trusted = b.trusted = true;
	for (unsigned i = 0; i < 50; i++) {
		b.last = send_one(&table, &a);
		a.last = send_one(&table, &b);
	}
	assert_int_equal(table.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(table.rows[i].statistics.packets, 50);
		assert_int_equal(rtp_statistics_lost(&table.rows[i].statistics),
				 0);
	}
	media_table_free(&table);
}

static void directions_are_two_streams(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7), b = sender_of(1, 2, 7);

	(void)state;
	b.src = a.dst;
	b.dst = a.src;
	for (unsigned i = 0; i < 10; i++) {
		(void)send_one(&table, &a);
		(void)send_one(&table, &b);
	}
	assert_int_equal(table.count, 2);
	assert_int_not_equal(a.last, b.last);
	assert_int_equal(stream(&table, b.last)->statistics.packets, 10);
	media_table_free(&table);
}

/* Each vantage misses what it misses, and nobody counts copies. */
static void vantages_count_for_themselves(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7);
	uint32_t rows[2];

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		a.vantage = 0;
		rows[0] = send_one(&table, &a);
		a.sequence--;
		a.vantage = 1;
		if (i >= MEDIA_BELIEVE_AFTER && i % 5 == 0)
			a.sequence++;
		else
			rows[1] = send_one(&table, &a);
	}
	assert_int_equal(table.count, 2);
	assert_true(table.several);
	assert_int_equal(stream(&table, rows[0])->statistics.packets, 60);
	assert_int_equal(
		rtp_statistics_lost(&stream(&table, rows[0])->statistics), 0);
	assert_int_equal(
		rtp_statistics_lost(&stream(&table, rows[1])->statistics), 11);
	media_table_free(&table);
}

/* What nobody believes has one row, from however many vantages it comes. */
static void guesses_have_one_row(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7);

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		a.ssrc = i / 3;
		a.sequence = (uint16_t)(a.sequence + 1000);
		a.vantage = i % 3;
		(void)send_one(&table, &a);
		assert_int_equal(table.count, 1);
	}
	media_table_free(&table);
}

/* A stream whose flow was forgotten is found by its key. */
static void forgotten_flows_find_their_stream(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 7);
	uint32_t row;

	(void)state;
	a.trusted = true;
	row = send_one(&table, &a);
	a.last = 0;
	assert_int_equal(send_one(&table, &a), row);
	assert_int_equal(table.count, 1);
	media_table_free(&table);
}

static struct sdp_codec codec(uint8_t type, const char *name, uint32_t rate)
{
	return (struct sdp_codec){type, slice_of_text(name), rate};
}

static void announced_streams_have_their_codec(void **state)
{
	struct media_table table = {.count = 0};
	struct sdp_codec codecs[] = {codec(8, "PCMA", 8000),
				     codec(111, "opus", 48000)};
	struct sdp_media media = {.codecs = codecs, .codec_count = 2};
	struct endpoint dst = at(2, 5000);
	struct sender a = sender_of(1, 2, 7);

	(void)state;
	media_table_announce(&table, &dst, &media);
	a.type = 111;
	assert_true(stream(&table, send_one(&table, &a))->believed);
	assert_string_equal(stream(&table, a.last)->codec, "opus");
	assert_int_equal(stream(&table, a.last)->clock_rate, 48000);
	/* Announced again: the newer list counts, in the same row. */
	codecs[1].name = SLICE("a-name-that-is-too-long-for-it\n");
	media_table_announce(&table, &dst, &media);
	assert_int_equal(table.announced_count, 1);
	a.ssrc = 8;
	(void)send_one(&table, &a);
	assert_string_equal(stream(&table, a.last)->codec, "a-name-that-is");
	/* A type that was not announced has no name here. */
	a.ssrc = 9;
	a.type = 0;
	(void)send_one(&table, &a);
	assert_string_equal(stream(&table, a.last)->codec, "");
	assert_int_equal(stream(&table, a.last)->clock_rate, 0);
	media_table_free(&table);
}

static void kinds_of_a_bundle_are_told_by_payload_type(void **state)
{
	struct media_table table = {.count = 0};
	struct sdp_codec codecs[] = {codec(111, "opus", 48000),
				     codec(96, "VP8", 90000)};
	struct sdp_media audio = {
		.kind = SLICE("audio"), .codecs = &codecs[0], .codec_count = 1};
	struct sdp_media video = {
		.kind = SLICE("video"), .codecs = &codecs[1], .codec_count = 1};
	struct endpoint dst = at(2, 5000);
	struct sender a = sender_of(1, 2, 7);
	static const struct {
		uint8_t type;
		enum media_kind want;
	} rows[] = {{111, MEDIA_AUDIO}, {96, MEDIA_VIDEO}, {97, MEDIA_UNKNOWN}};

	(void)state;
	/* A static type needs no description. */
	a.type = 8;
	assert_int_equal(stream(&table, send_one(&table, &a))->kind,
			 MEDIA_AUDIO);
	media_table_announce(&table, &dst, &audio);
	a.type = 97;
	a.ssrc = 20;
	assert_int_equal(stream(&table, send_one(&table, &a))->kind,
			 MEDIA_AUDIO);
	media_table_announce(&table, &dst, &video);
	media_table_announce(&table, &dst, &audio);
	for (size_t i = 0; i < 3; i++) {
		a.type = rows[i].type;
		a.ssrc++;
		assert_int_equal(stream(&table, send_one(&table, &a))->kind,
				 rows[i].want);
	}
	assert_string_equal(media_kind_name(MEDIA_VIDEO), "video");
	assert_null(media_kind_name(MEDIA_UNKNOWN));
	media_table_free(&table);
}

/* Two digits between speech: packets of one bear one time stamp, the newest
 * twice over; nothing of that is jitter. */
static void digits_are_counted_by_themselves(void **state)
{
	struct media_table table = {.count = 0};
	struct endpoint dst = at(2, 5000);
	struct sdp_codec codecs[] = {codec(8, "PCMA", 8000),
				     codec(101, "Telephone-Event", 8000)};
	struct sdp_media media = {.codecs = codecs, .codec_count = 2};
	struct sender a = sender_of(1, 2, 7);
	const struct media_stream *s;

	(void)state;
	media_table_announce(&table, &dst, &media);
	for (unsigned i = 0; i < 60; i++) {
		bool tone = i % 30 >= 20;

		a.type = tone ? 101 : 8;
		a.stamp = tone ? i / 30 * 30 + 20 + 100 : 0;
		s = stream(&table, send_one(&table, &a));
	}
	assert_int_equal(table.count, 1);
	assert_int_equal(s->statistics.packets, 60);
	assert_int_equal(s->tones, 2);
	assert_true(rtp_statistics_jitter_ms(&s->statistics, 8000) < 0.01);
	/* Not described, it is media like any other. */
	a = sender_of(1, 3, 8);
	a.trusted = true;
	a.type = 101;
	assert_int_equal(stream(&table, send_one(&table, &a))->tones, 0);
	media_table_free(&table);
}

static void nowhere_is_not_announced(void **state)
{
	struct media_table table = {.count = 0};
	struct sdp_media media = {.codec_count = 0};
	struct endpoint none = {0}, no_port = at(1, 0);

	(void)state;
	media_table_announce(&table, &none, &media);
	media_table_announce(&table, &no_port, &media);
	assert_int_equal(table.announced_count, 0);
	media_table_free(&table);
}

static void codecs_of_a_medium_have_a_limit(void **state)
{
	struct media_table table = {.count = 0};
	struct sdp_codec codecs[80];
	struct sdp_media media = {.codecs = codecs, .codec_count = 80};
	struct endpoint dst = at(2, 5000);

	(void)state;
	for (uint8_t i = 0; i < 80; i++)
		codecs[i] = codec(i, "x\x1b\x80 y", 8000);
	media_table_announce(&table, &dst, &media);
	assert_int_equal(table.sets[0].count, MEDIA_CODECS_MAX);
	/* Nothing unprintable is kept. */
	assert_string_equal(table.codecs[0].name, "x???y");
	/* Who says the same shares what is kept of it. */
	dst.port++;
	media_table_announce(&table, &dst, &media);
	assert_int_equal(table.announced_count, 2);
	assert_int_equal(table.set_count, 1);
	media_table_free(&table);
}

static void streams_have_a_limit(void **state)
{
	struct media_table table = {.count = 0};
	struct sender a = sender_of(1, 2, 0);

	(void)state;
	a.trusted = true;
	for (uint32_t i = 0; i < MEDIA_STREAMS_MAX + 10; i++) {
		a.ssrc = i;
		a.last = 0;
		assert_int_equal(send_one(&table, &a),
				 i < MEDIA_STREAMS_MAX ? i + 1 : 0);
	}
	assert_int_equal(table.count, MEDIA_STREAMS_MAX);
	assert_int_equal(table.refused, 10);
	/* Nor has one that comes where another stream is. */
	a.last = 1;
	a.ssrc = UINT32_MAX;
	assert_int_equal(send_one(&table, &a), 0);
	/* Those that are there go on. */
	a.ssrc = 5;
	assert_int_equal(send_one(&table, &a), 6);
	media_table_free(&table);
}

static bool send_many(void *context)
{
	struct media_table table = {.count = 0};
	struct sdp_media media = {.codec_count = 0};
	bool ok = true;

	(void)context;
	for (uint8_t i = 1; i <= 100; i++) {
		struct endpoint dst = at(i, 5000);
		struct sender a = sender_of(i, 2, i);

		media_table_announce(&table, &dst, &media);
		a.trusted = true;
		ok = send_one(&table, &a) && ok;
	}
	ok = ok && table.announced_count == 100;
	assert_true(ok != t_failure_met());
	media_table_free(&table);
	return ok;
}

static void failing_memory_is_told(void **state)
{
	(void)state;
	t_failing_walk(send_many, NULL);
}

static const struct t_case cases[] = {
	{"packets_in_a_row_are_believed", packets_in_a_row_are_believed},
	{"gaps_put_belief_off", gaps_put_belief_off},
	{"many_packets_near_each_other_are_believed",
	 many_packets_near_each_other_are_believed},
	{"trust_is_believed_at_once", trust_is_believed_at_once},
	{"noise_takes_one_row", noise_takes_one_row},
	{"streams_take_turns", streams_take_turns},
	{"directions_are_two_streams", directions_are_two_streams},
	{"vantages_count_for_themselves", vantages_count_for_themselves},
	{"guesses_have_one_row", guesses_have_one_row},
	{"forgotten_flows_find_their_stream",
	 forgotten_flows_find_their_stream},
	{"announced_streams_have_their_codec",
	 announced_streams_have_their_codec},
	{"kinds_of_a_bundle_are_told_by_payload_type",
	 kinds_of_a_bundle_are_told_by_payload_type},
	{"digits_are_counted_by_themselves", digits_are_counted_by_themselves},
	{"nowhere_is_not_announced", nowhere_is_not_announced},
	{"codecs_of_a_medium_have_a_limit", codecs_of_a_medium_have_a_limit},
	{"streams_have_a_limit", streams_have_a_limit},
	{"failing_memory_is_told", failing_memory_is_told},
};
T_MAIN(cases)
