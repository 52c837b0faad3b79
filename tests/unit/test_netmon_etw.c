/* Packets put together from ETW events. */
#include "config.h"

#include "capture/netmon_etw.h"
#include "capture/source.h"
#include "tests/support/netmon_maker.h"
#include "tests/support/t.h"

static enum status take(struct netmon_packets *packets,
			const struct maker_fragment *fragment,
			struct netmon_packet *out)
{
	struct t_file_bytes file = {.n = 0};
	struct netmon_event event;

	maker_fragment(&file, fragment);
	assert_int_equal(netmon_event_decode(slice_of(file.p, file.n), &event),
			 STATUS_OK);
	return netmon_packets_take(packets, &event, out);
}

/* The event as the capture cut it. */
static enum status take_cut(struct netmon_packets *packets, uint64_t keywords,
			    const char *bytes, uint32_t missing,
			    struct netmon_packet *out)
{
	return take(packets,
		    &(struct maker_fragment){
			    .keywords = keywords,
			    .bytes = slice_of_text(bytes),
			    .missing = missing,
		    },
		    out);
}

static void keywords_name_the_link(void **state)
{
	static const struct {
		uint64_t keywords;
		uint32_t link_type;
		enum frame_direction direction;
	} rows[] = {
		{0, LINKTYPE_ETHERNET, FRAME_DIRECTION_UNKNOWN},
		{MAKER_SENT, LINKTYPE_ETHERNET, FRAME_SENT},
		{MAKER_RECEIVED, LINKTYPE_ETHERNET, FRAME_RECEIVED},
		{MAKER_80211, LINKTYPE_IEEE802_11, FRAME_DIRECTION_UNKNOWN},
		{MAKER_WWAN, LINKTYPE_RAW, FRAME_DIRECTION_UNKNOWN},
	};
	struct netmon_packets packets = {.events = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct netmon_packet got;
		uint64_t both = MAKER_START | MAKER_END;

		assert_int_equal(take_cut(&packets, rows[i].keywords | both,
					  "x", 0, &got),
				 STATUS_OK);
		assert_int_equal(got.link_type, rows[i].link_type);
		assert_int_equal(got.direction, rows[i].direction);
		assert_true(got.in_event);
	}
	netmon_packets_free(&packets);
}

static void fragments_of_interfaces_and_threads_mix(void **state)
{
	static const struct {
		uint64_t keywords;
		uint32_t interface;
		unsigned thread;
		const char *bytes;
		enum status status;
		const char *packet;
	} rows[] = {
		{MAKER_START, 1, 1, "a1", STATUS_SHORT, NULL},
		{MAKER_START, 2, 1, "b1", STATUS_SHORT, NULL},
		{MAKER_START, 1, 2, "c1", STATUS_SHORT, NULL},
		{0, 1, 1, "a2", STATUS_SHORT, NULL},
		{MAKER_END, 1, 2, "c2", STATUS_OK, "c1c2"},
		{MAKER_END, 2, 1, "b2", STATUS_OK, "b1b2"},
		{MAKER_END, 1, 1, "a3", STATUS_OK, "a1a2a3"},
		/* Nothing was begun. */
		{MAKER_END, 1, 1, "a4", STATUS_BAD, NULL},
		{0, 1, 1, "a5", STATUS_BAD, NULL},
		/* Begun twice: the first is dropped. */
		{MAKER_START, 1, 1, "d", STATUS_SHORT, NULL},
		{MAKER_START, 1, 1, "e", STATUS_SHORT, NULL},
		{MAKER_END, 1, 1, "f", STATUS_OK, "ef"},
	};
	struct netmon_packets packets = {.events = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct netmon_packet got;
		struct maker_fragment fragment = {
			.keywords = rows[i].keywords,
			.interface = rows[i].interface,
			.thread = rows[i].thread,
			.bytes = slice_of_text(rows[i].bytes),
		};

		assert_int_equal(take(&packets, &fragment, &got),
				 rows[i].status);
		if (rows[i].packet) {
			t_equal_text(got.bytes, rows[i].packet);
			assert_false(got.in_event);
		}
	}
	assert_int_equal(packets.dropped, 1);
	netmon_packets_free(&packets);
}

static void a_hole_is_borne_at_the_end_only(void **state)
{
	struct netmon_packets packets = {.events = 0};
	struct netmon_packet got;

	(void)state;
	assert_int_equal(
		take_cut(&packets, MAKER_START | MAKER_END, "abc", 9, &got),
		STATUS_OK);
	assert_int_equal(got.wire_length, 12);
	assert_int_equal(take_cut(&packets, MAKER_START, "ab", 1, &got),
			 STATUS_BAD);
	assert_int_equal(take_cut(&packets, MAKER_END, "cd", 0, &got),
			 STATUS_BAD);
	assert_int_equal(take_cut(&packets, MAKER_START, "ab", 0, &got),
			 STATUS_SHORT);
	assert_int_equal(take_cut(&packets, MAKER_END, "c", 7, &got),
			 STATUS_OK);
	t_equal_text(got.bytes, "abc");
	assert_int_equal(got.wire_length, 10);
	netmon_packets_free(&packets);
}

static void a_packet_has_a_largest_size(void **state)
{
	static uint8_t zeros[10000];
	struct netmon_packets packets = {.events = 0};
	struct netmon_packet got;
	struct maker_fragment fragment = {
		.keywords = MAKER_START,
		.bytes = slice_of(zeros, sizeof(zeros)),
	};
	unsigned n = 0;

	(void)state;
	while (take(&packets, &fragment, &got) == STATUS_SHORT) {
		fragment.keywords = 0;
		n++;
	}
	assert_int_equal(n, FRAME_MAX / sizeof(zeros));
	assert_int_equal(take_cut(&packets, MAKER_START | MAKER_END, "",
				  FRAME_MAX + 1, &got),
			 STATUS_BAD);
	netmon_packets_free(&packets);
}

static void the_oldest_of_too_many_gives_way(void **state)
{
	struct netmon_packets packets = {.events = 0};
	struct netmon_packet got;
	struct maker_fragment fragment = {.bytes = SLICE("x")};

	(void)state;
	fragment.keywords = MAKER_START;
	for (uint32_t i = 0; i <= NETMON_PACKETS_MAX; i++) {
		fragment.interface = i;
		assert_int_equal(take(&packets, &fragment, &got), STATUS_SHORT);
	}
	assert_int_equal(packets.dropped, 1);
	fragment.keywords = MAKER_END;
	for (uint32_t i = 0; i <= NETMON_PACKETS_MAX; i++) {
		fragment.interface = i;
		assert_int_equal(take(&packets, &fragment, &got),
				 i ? STATUS_OK : STATUS_BAD);
	}
	netmon_packets_free(&packets);
}

static void other_events_hold_no_packet(void **state)
{
	static const struct {
		struct slice guid;
		unsigned id;
	} rows[] = {
#define BYTES(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
		{BYTES("\x6E\x00\xD6\x2E\x29\x47\x09\x46"
		       "\xB4\x23\x3E\xE7\xBC\xD6\x78\xEF"),
		 1002},
		{BYTES("\x6E\x00\xD6\x2E\x29\x47\x09\x46"
		       "\xB4\x23\x3E\xE7\xBC\xD6\x78\xEE"),
		 1001},
	};
	struct netmon_packets packets = {.events = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_file_bytes file = {.n = 0};
		struct netmon_event event;
		struct netmon_packet got;

		maker_event(&file, &(struct maker_event){
					   .guid = rows[i].guid,
					   .id = rows[i].id,
					   .items = 2,
					   .data = SLICE("data"),
				   });
		assert_int_equal(
			netmon_event_decode(slice_of(file.p, file.n), &event),
			STATUS_OK);
		t_equal_text(event.data, "data");
		assert_int_equal(netmon_packets_take(&packets, &event, &got),
				 STATUS_NOT_MINE);
	}
}

static void every_prefix_is_judged(void **state)
{
	struct t_file_bytes file = {.n = 0};

	(void)state;
	maker_event(&file, &(struct maker_event){
				   .guid = SLICE("0123456789ABCDEF"),
				   .items = 2,
				   .data = SLICE("data"),
			   });
	for (size_t n = 0; n <= file.n; n++) {
		struct slice exact = t_exact(slice_of(file.p, n));
		struct netmon_event event;
		enum status status = netmon_event_decode(exact, &event);

		/* User data may be cut. */
		assert_int_equal(status,
				 n < file.n - 4 ? STATUS_BAD : STATUS_OK);
		t_release(exact);
	}
}

static const struct t_case cases[] = {
	{"keywords_name_the_link", keywords_name_the_link},
	{"fragments_of_interfaces_and_threads_mix",
	 fragments_of_interfaces_and_threads_mix},
	{"a_hole_is_borne_at_the_end_only", a_hole_is_borne_at_the_end_only},
	{"a_packet_has_a_largest_size", a_packet_has_a_largest_size},
	{"the_oldest_of_too_many_gives_way", the_oldest_of_too_many_gives_way},
	{"other_events_hold_no_packet", other_events_hold_no_packet},
	{"every_prefix_is_judged", every_prefix_is_judged},
};
T_MAIN(cases)
