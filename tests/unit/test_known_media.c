/* Known media: the short way ends where the long way does. */
#include "config.h"

#include "flow/driver.h"
#include "flow/keyring.h"
#include "flow/known_media.h"
#include "tests/support/t.h"
#include "tests/support/wire.h"

#define ETHERNET_HEADER 14u
#define FRAME_MAX 2048u

static void send_rtp(struct wire *w, const char *src, const char *dst,
		     uint32_t sequence, uint8_t ssrc)
{
	uint8_t p[172] = {0x80, 8, (uint8_t)(sequence >> 8), (uint8_t)sequence};
	uint32_t timestamp = sequence * 160;

	p[4] = (uint8_t)(timestamp >> 24);
	p[5] = (uint8_t)(timestamp >> 16);
	p[6] = (uint8_t)(timestamp >> 8);
	p[7] = (uint8_t)timestamp;
	p[11] = ssrc;
	wire_udp(w, src, dst, slice_of(p, sizeof(p)));
}

/* Both ways, two sources on one way, with a gap, a repetition, a swap, RTCP
 * and what is none between them. */
static void send_call(struct wire *w)
{
	static const uint8_t rtcp[28] = {0x80, 200, 0, 6, 0, 0, 0, 1};

	for (uint32_t i = 0; i < 30; i++) {
		send_rtp(w, "1:4000", "2:5000", i == 12 ? 13 : i, 1);
		if (i > 5 && i != 9)
			send_rtp(w, "1:4000", "2:5000", 900 + i, 2);
		send_rtp(w, "2:5000", "1:4000", i ^ (i > 20), 3);
		if (i % 10 == 7) {
			wire_udp(w, "2:5000", "1:4000",
				 slice_of(rtcp, sizeof(rtcp)));
			wire_udp(w, "2:5000", "1:4000", SLICE("\x90\x08"));
		}
	}
}

/* Raw IP goes the long way, Ethernet the short one, also when it was read
 * early. */
enum way { LONG_WAY, SHORT_WAY, EARLY_WAY };

static void tell(struct driver *d, const struct frame *frame, enum way way)
{
	struct arena arena = arena_new(65536);
	struct early early;
	bool any = way == EARLY_WAY && early_read(frame, &arena, &early);

	if (!any || !driver_count_run(d, &early, 1))
		assert_int_equal(
			driver_frame_early(d, frame, any ? &early : NULL),
			STATUS_OK);
	arena_free(&arena);
}

static void hear(struct driver *d, const struct wire *w, enum way way)
{
	uint8_t bytes[FRAME_MAX] = {0};

	bytes[12] = 0x08;
	for (size_t i = 0; i < w->count; i++) {
		struct slice s = w->frames[i];
		struct frame frame = {
			.number = i + 1,
			.time = w->times[i],
			.has_time = true,
			.link_type = LINKTYPE_RAW,
			.wire_length = (uint32_t)s.n,
			.bytes = s,
		};

		if (way != LONG_WAY) {
			assert_true(s.n + ETHERNET_HEADER <= FRAME_MAX);
			memcpy(bytes + ETHERNET_HEADER, s.p, s.n);
			frame.bytes = slice_of(bytes, s.n + ETHERNET_HEADER);
			frame.link_type = LINKTYPE_ETHERNET;
			frame.wire_length += ETHERNET_HEADER;
		}
		tell(d, &frame, way);
	}
	driver_finish(d);
}

static void equal_streams(const struct media_stream *a,
			  const struct media_stream *b)
{
	assert_true(endpoint_equal(&a->src, &b->src));
	assert_true(endpoint_equal(&a->dst, &b->dst));
	assert_int_equal(a->ssrc, b->ssrc);
	assert_int_equal(a->believed, b->believed);
	assert_int_equal(a->first, b->first);
	assert_int_equal(a->last, b->last);
	assert_int_equal(a->statistics.packets, b->statistics.packets);
	assert_int_equal(a->statistics.duplicates, b->statistics.duplicates);
	assert_int_equal(a->statistics.reordered, b->statistics.reordered);
	assert_int_equal(a->statistics.highest, b->statistics.highest);
	assert_int_equal(a->statistics.jitter_q4, b->statistics.jitter_q4);
	assert_int_equal(rtp_statistics_lost(&a->statistics),
			 rtp_statistics_lost(&b->statistics));
}

static void counts_the_same(enum way way)
{
	struct message_sink sink = {0};
	struct keyring *keys = keyring_new();
	struct driver *slow = driver_new(keys, &sink);
	struct driver *fast = driver_new(keys, &sink);
	const struct media_table *a = driver_media(slow);
	const struct media_table *b = driver_media(fast);
	struct wire w;

	assert_non_null(slow);
	assert_non_null(fast);
	wire_open(&w);
	send_call(&w);
	hear(slow, &w, LONG_WAY);
	hear(fast, &w, way);
	assert_int_equal(a->count, 3);
	assert_int_equal(b->count, 3);
	for (size_t i = 0; i < 3; i++)
		equal_streams(&a->rows[i], &b->rows[i]);
	assert_int_equal(driver_counts(slow)->rtp, driver_counts(fast)->rtp);
	assert_int_equal(driver_counts(slow)->rtcp, 3);
	assert_int_equal(driver_counts(fast)->rtcp, 3);
	assert_int_equal(driver_counts(fast)->frames, w.count);
	wire_close(&w);
	driver_free(slow);
	driver_free(fast);
	keyring_free(keys);
}

static void all_ways_count_the_same(void **state)
{
	(void)state;
	counts_the_same(SHORT_WAY);
	counts_the_same(EARLY_WAY);
}

static const struct known_stream *find_at(const struct known_media *known,
					  const struct known_key *key)
{
	return known_media_find(known, key, known_media_hash(key));
}

static const struct known_stream *find(const struct known_media *known,
				       const uint8_t ends[PLAIN_ENDS],
				       uint32_t ssrc)
{
	return find_at(known, &(struct known_key){ends, ssrc, 0});
}

static void vantage_must_fit(void **state)
{
	static const uint8_t ends[PLAIN_ENDS] = {
		192, 0, 2, 1, 192, 0, 2, 2, 0x0F, 0xA0, 0x13, 0x88};
	struct known_media known = {0};
	struct endpoint src = wire_end("1:4000"), dst = wire_end("2:5000");
	struct known_key key = {ends, 9, 0};

	(void)state;
	for (uint16_t v = 0; v < 3; v++)
		known_media_note(&known, &src, &dst,
				 &(struct known_stream){.ssrc = 9,
							.flow = v,
							.media = 1,
							.vantage = v});
	for (; key.vantage < 3; key.vantage++)
		assert_int_equal(find_at(&known, &key)->flow, key.vantage);
	assert_null(find_at(&known, &key));
	known_media_free(&known);
}

static void ends_and_source_must_fit(void **state)
{
	static const uint8_t ends[PLAIN_ENDS] = {
		192, 0, 2, 1, 192, 0, 2, 2, 0x0F, 0xA0, 0x13, 0x88};
	struct known_media known = {0};
	struct endpoint src = wire_end("1:4000"), dst = wire_end("2:5000");
	struct endpoint name = {.family = FAMILY_NONE};
	struct known_stream stream = {.ssrc = 7, .flow = 3, .media = 9};
	uint8_t other[PLAIN_ENDS];

	(void)state;
	assert_null(find(&known, ends, 7));
	known_media_note(&known, &name, &dst, &stream);
	assert_null(known.rows);
	known_media_note(&known, &src, &dst, &stream);
	assert_int_equal(find(&known, ends, 7)->flow, 3);
	assert_null(find(&known, ends, 8));
	for (size_t i = 0; i < PLAIN_ENDS; i++) {
		memcpy(other, ends, PLAIN_ENDS);
		other[i] ^= 1;
		assert_null(find(&known, other, 7));
	}
	known_media_forget(&known);
	assert_null(find(&known, ends, 7));
	stream.ssrc = 8;
	known_media_note(&known, &src, &dst, &stream);
	assert_null(find(&known, ends, 7));
	assert_int_equal(find(&known, ends, 8)->flow, 3);
	known_media_free(&known);
}

/* Two streams in one place are both known, of three the newest two. */
static void streams_may_share_a_place(void **state)
{
	static const uint8_t ends[PLAIN_ENDS] = {
		192, 0, 2, 1, 192, 0, 2, 2, 0x0F, 0xA0, 0x13, 0x88};
	struct known_media known = {0};
	struct endpoint src = wire_end("1:4000"), dst = wire_end("2:5000");
	struct known_key key = {ends, 0, 0};
	uint32_t place = known_media_hash(&key) & 0x7FFF;
	uint32_t same[3] = {0};
	size_t count = 1;

	(void)state;
	for (key.ssrc = 1; count < 3; key.ssrc++)
		if ((known_media_hash(&key) & 0x7FFF) == place)
			same[count++] = key.ssrc;
	for (uint32_t i = 0; i < 3; i++) {
		struct known_stream stream = {
			.ssrc = same[i], .flow = i, .media = 1};

		known_media_note(&known, &src, &dst, &stream);
		known_media_note(&known, &src, &dst, &stream);
		assert_int_equal(find(&known, ends, same[i])->flow, i);
		if (i)
			assert_int_equal(find(&known, ends, same[i - 1])->flow,
					 i - 1);
	}
	assert_null(find(&known, ends, same[0]));
	known_media_free(&known);
}

static const struct t_case cases[] = {
	{"all_ways_count_the_same", all_ways_count_the_same},
	{"ends_and_source_must_fit", ends_and_source_must_fit},
	{"vantage_must_fit", vantage_must_fit},
	{"streams_may_share_a_place", streams_may_share_a_place},
};
T_MAIN(cases)
