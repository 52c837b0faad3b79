/* Network Monitor files: every version, and every way a table surprises. */
#include "config.h"

#include "core/clock.h"
#include "tests/support/netmon_maker.h"
#include "tests/support/t.h"

#define ETHERNET                                                         \
	SLICE("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\x00\x11\x08\x00" \
	      "an Ethernet frame")

static const struct capture_format *format_of(const struct maker *m)
{
	return m->major == 1 ? &format_netmon1 : &format_netmon2;
}

static void read_maker(const struct maker *m, struct t_frames *out)
{
	t_read_capture(format_of(m), slice_of(m->file.p, m->file.n), out);
	assert_int_equal(out->opened, STATUS_OK);
}

/* `count` frames, a millisecond apart, of media type 1. */
static void add_plain(struct maker *m, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct maker_record r = {
			.delta = (int64_t)(m->major == 1 ? i : i * 1000),
			.bytes = ETHERNET,
			.media = 1,
			.filetime = MAKER_START_TICKS + i * 10000,
		};

		maker_add(m, &r);
	}
}

static void make_plain(struct maker *m, unsigned minor, size_t count)
{
	maker_begin(m, 2, minor, 128);
	add_plain(m, count);
	maker_table(m);
}

static void every_version_is_read(void **state)
{
	static const struct {
		unsigned major, minor;
		size_t first;
		bool zoned;
	} rows[] = {
		{1, 0, 128, false}, {1, 1, 72, false},  {2, 0, 128, false},
		{2, 1, 128, false}, {2, 2, 128, false}, {2, 3, 128, true},
		{2, 3, 72, true},   {2, 9, 72, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, rows[i].major, rows[i].minor, rows[i].first);
		add_plain(&m, 3);
		maker_table(&m);
		read_maker(&m, &got);
		assert_int_equal(got.end, STATUS_END);
		assert_int_equal(got.count, 3);
		assert_int_equal(got.info.link_type_count, 1);
		assert_int_equal(got.info.warnings, rows[i].zoned ? 0 : 1);
		for (size_t k = 0; k < 3; k++) {
			const struct frame *f = &got.list[k];

			t_equal_bytes(f->bytes, ETHERNET);
			assert_int_equal(f->number, k + 1);
			assert_int_equal(f->wire_length, ETHERNET.n);
			assert_int_equal(f->link_type, LINKTYPE_ETHERNET);
			assert_int_equal(f->time,
					 MAKER_START_NS +
						 (int64_t)k * NS_PER_MS);
			t_equal_bytes(slice_cut(slice_of(m.file.p, m.file.n),
						(size_t)f->offset, f->bytes.n),
				      f->bytes);
		}
	}
}

static void the_header_is_judged(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 3, 72);
	for (size_t n = 0; n < 72; n++) {
		t_read_capture(&format_netmon2, slice_of(m.file.p, n), &got);
		assert_int_equal(got.opened,
				 n < 4 ? STATUS_NOT_MINE : STATUS_SHORT);
	}
	m.file.p[5] = 3;
	t_read_capture(&format_netmon2, slice_of(m.file.p, 72), &got);
	assert_int_equal(got.opened, STATUS_BAD);
	assert_string_equal(got.fault.text, "a version that is not known: 3.3");
	m.file.p[5] = 1;
	t_read_capture(&format_netmon2, slice_of(m.file.p, 72), &got);
	assert_int_equal(got.opened, STATUS_BAD);
	t_read_capture(&format_netmon1, slice_of(m.file.p, 72), &got);
	assert_int_equal(got.opened, STATUS_NOT_MINE);
}

static void an_empty_table_is_an_empty_capture(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 3, 128);
	maker_table(&m);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 0);
	assert_int_equal(got.info.warnings, 0);
}

static void the_table_may_stand_in_front(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 3, 72);
	maker_place(&m, MAKER_TABLE, m.file.n, 12);
	t_put_zeros(&m.file, 12);
	add_plain(&m, 3);
	for (size_t i = 0; i < 3; i++)
		t_patch_le32(&m.file, 72 + i * 4, m.records[i]);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 3);
}

static void the_table_gives_the_order(void **state)
{
	static const unsigned order[] = {2, 0, 4, 3, 1};
	struct maker m, shuffled;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 3, 128);
	for (size_t i = 0; i < 5; i++) {
		add_plain(&m, 1);
		t_put_text(&m.file, "hole");
	}
	shuffled = m;
	for (size_t i = 0; i < 5; i++)
		shuffled.records[i] = m.records[order[i]];
	maker_table(&shuffled);
	read_maker(&shuffled, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(got.list[i].number, i + 1);
		assert_int_equal(got.list[i].offset, m.records[order[i]] + 16);
	}
}

/* What one entry among five may be; the other four must come through. */
static void a_bad_entry_costs_one_frame(void **state)
{
	static const struct {
		uint32_t entry;
		bool only_warned; /* nothing was lost */
		const char *text;
	} rows[] = {
		{0, false,
		 "frame 3: its record would be at 0, where none can "
		 "be"},
		{71, false,
		 "frame 3: its record would be at 71, where none "
		 "can be"},
		{UINT32_MAX, false,
		 "frame 3: its record would be at "
		 "4294967295, where none can be"},
		{128, true,
		 "frame 3: an earlier entry of the frame table "
		 "names the same record"},
	};
	struct maker m;
	struct t_frames got;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct fault *fault = rows[i].only_warned
						    ? &got.info.warning
						    : &got.info.damage;

		make_plain(&m, 3, 5);
		t_patch_le32(&m.file, m.file.n - 12, rows[i].entry);
		read_maker(&m, &got);
		assert_int_equal(got.end,
				 rows[i].only_warned ? STATUS_END : STATUS_BAD);
		assert_int_equal(got.count, 4);
		assert_int_equal(got.list[1].number, 2);
		assert_int_equal(got.list[2].number, 4);
		assert_string_equal(fault->text, rows[i].text);
		assert_int_equal(fault->offset, m.file.n - 12);
	}
}

static void an_entry_cannot_name_the_table(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	make_plain(&m, 3, 5);
	t_patch_le32(&m.file, m.file.n - 4, (uint32_t)m.file.n - 20);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, 4);
}

static void a_bad_record_costs_one_frame(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	make_plain(&m, 3, 4);
	t_patch_le32(&m.file, m.records[1] + 12, FRAME_MAX + 1);
	t_patch_le32(&m.file, m.records[3] + 12, 1000);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.list[1].number, 3);
	assert_int_equal(got.info.damage.offset, m.records[1]);
	assert_string_equal(got.info.damage.text,
			    "frame 2: a record of 262145 bytes, more than "
			    "262144");
	assert_int_equal(got.info.warning.offset, m.records[3]);
	assert_string_equal(got.info.warning.text,
			    "frame 4: its record is cut off by the end of the "
			    "file");
}

static void odd_tables_are_warned_about(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	make_plain(&m, 3, 4);
	t_put_zeros(&m.file, 3);
	t_patch_le32(&m.file, MAKER_TABLE + 4, 4 * 4 + 3);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 4);
	assert_string_equal(got.info.warning.text,
			    "a frame table of 19 bytes, no multiple of 4");
}

/* Overlapping records must not make a small file a large capture. */
static void a_table_cannot_multiply_the_file(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 0, 72);
	/* Each place in these zeros is a record without bytes. */
	t_put_zeros(&m.file, 200);
	maker_place(&m, MAKER_TABLE, m.file.n, 150 * 4);
	for (uint32_t i = 0; i < 150; i++)
		t_put_le(&m.file, 72 + (i * 7) % 150, 4);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_LIMIT);
	assert_true(got.count * 16 <= m.file.n);
	assert_string_equal(got.info.damage.text,
			    "the frame table names more bytes than the file "
			    "has");
}

static void entries_of_eight_bytes_are_known(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	/* By the writer that leaves the time out of the trailer of 2.3. */
	maker_begin(&m, 2, 2, 72);
	add_plain(&m, 3);
	m.file.p[4] = 3;
	maker_place(&m, MAKER_TABLE, m.file.n, 3 * 8);
	for (size_t i = 0; i < 3; i++)
		t_put_le(&m.file, m.records[i], 8);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 3);
	assert_int_equal(got.list[2].number, 3);
	assert_int_equal(got.list[2].time, MAKER_START_NS + 2 * NS_PER_MS);
	assert_string_equal(got.info.warning.text,
			    "every second entry of the frame table is 0");
}

static void media_types_become_link_types(void **state)
{
	static const struct {
		uint16_t media;
		uint32_t link_type;
	} rows[] = {
		{0, LINKTYPE_ETHERNET},
		{1, LINKTYPE_ETHERNET},
		{2, LINKTYPE_TOKEN_RING},
		{3, LINKTYPE_FDDI},
		{4, LINKTYPE_NETMON_ATM},
		{5, LINKTYPE_UNKNOWN},
		{6, LINKTYPE_NETMON_80211},
		{7, LINKTYPE_RAW},
		{8, LINKTYPE_RAW},
		{9, LINKTYPE_RAW},
		{11, LINKTYPE_UNKNOWN},
		{0xE001, LINKTYPE_ETHERNET},
		{0xE065, LINKTYPE_RAW},
		{0xE071, LINKTYPE_LINUX_SLL},
		{0xE07F, LINKTYPE_RADIOTAP},
		{0xE080, LINKTYPE_IEEE802_11},
		{0xE081, LINKTYPE_UNKNOWN},
		{0xE08A, LINKTYPE_UNKNOWN},
		{0xE08B, 139},
		{0xE114, LINKTYPE_LINUX_SLL2},
		{0xFFE0, LINKTYPE_ETW},
		{0xFFFB, LINKTYPE_METADATA},
		{0xFFFF, LINKTYPE_METADATA},
		{0x1234, LINKTYPE_UNKNOWN},
		{0xF001, LINKTYPE_UNKNOWN},
	};
	const size_t count = sizeof(rows) / sizeof(rows[0]);
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 1, 128);
	for (size_t i = 0; i < count; i++)
		maker_add(&m, &(struct maker_record){
				      .bytes = ETHERNET,
				      .media = rows[i].media,
			      });
	maker_table(&m);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(got.list[i].link_type, rows[i].link_type);
	assert_int_equal(got.info.metadata, 3);
	assert_string_equal(got.info.warning.text,
			    "frame 24: unknown media type 0x1234");
	assert_int_equal(got.info.warning.offset, m.records[23]);
}

/* As Wireshark does, so that frame numbers are the same. */
static void hidden_frames_take_no_number(void **state)
{
	static const uint16_t media[] = {0xFFFF, 0xFFFB, 0xFFFD, 1,
					 0xFFFC, 1,      0xFFFE, 1};
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 3, 128);
	for (size_t i = 0; i < 8; i++)
		maker_add(&m, &(struct maker_record){
				      .bytes = ETHERNET,
				      .media = media[i],
				      .filetime = MAKER_START_TICKS,
			      });
	maker_table(&m);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 5);
	assert_int_equal(got.info.metadata, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(got.list[i].number, i + 1);
	assert_int_equal(got.list[4].offset, m.records[7] + 16);
}

static void statistics_are_no_packet(void **state)
{
	static const struct {
		unsigned major, minor;
		unsigned media; /* of the file */
		struct slice bytes;
		uint32_t link_type;
	} rows[] = {
#define MACS "ddddddssssss"
#define BYTES(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
		{2, 0, 1, BYTES(MACS "\0\x40\xAA\xAA\x03ooo\x84\x19..."),
		 LINKTYPE_METADATA},
		{1, 1, 1, BYTES(MACS "\0\x40\xAA\xAA\x03ooo\x84\x19"),
		 LINKTYPE_METADATA},
		{2, 0, 1, BYTES(MACS "\0\x40\xAA\xAA\x03ooo\x84"),
		 LINKTYPE_ETHERNET},
		{2, 0, 1, BYTES(MACS "\x84\x19\xAA\xAA\x03ooo\x08\0"),
		 LINKTYPE_ETHERNET},
		{2, 0, 3, BYTES("f" MACS "\xAA\xAA\x03ooo\x84\x19"),
		 LINKTYPE_METADATA},
		{2, 0, 2, BYTES("af" MACS "\xAA\xAA\x03ooo\x84\x19"),
		 LINKTYPE_METADATA},
		{2, 0, 2,
		 BYTES("afdddddd\xF3sssss\x02r\xAA\xAA\x03ooo\x84\x19"),
		 LINKTYPE_METADATA},
		/* From 2.1 on nobody writes it. */
		{2, 1, 1, BYTES(MACS "\0\x40\xAA\xAA\x03ooo\x84\x19"),
		 LINKTYPE_ETHERNET},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, rows[i].major, rows[i].minor, 128);
		m.file.p[6] = (uint8_t)rows[i].media;
		maker_add(&m, &(struct maker_record){
				      .bytes = rows[i].bytes,
				      .media = 1,
			      });
		maker_table(&m);
		read_maker(&m, &got);
		assert_int_equal(got.count, 1);
		assert_int_equal(got.list[0].link_type, rows[i].link_type);
		assert_int_equal(got.info.metadata,
				 rows[i].link_type == LINKTYPE_METADATA);
	}
}

static void times_in_front_of_the_start_are_read(void **state)
{
	static const struct {
		unsigned major;
		uint64_t delta;
		int64_t ns;
	} rows[] = {
		{2, UINT64_MAX - 4, -5 * NS_PER_US},
		/* A wrapped difference of 100 ns units, divided by ten. */
		{2, UINT64_MAX / 10 - 6, -6600},
		{1, UINT32_MAX - 2, -3 * NS_PER_MS},
		{1, 2000, 2000 * NS_PER_MS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, rows[i].major, 0, 128);
		maker_add(&m, &(struct maker_record){
				      .delta = (int64_t)rows[i].delta,
				      .bytes = ETHERNET,
			      });
		maker_table(&m);
		read_maker(&m, &got);
		assert_int_equal(got.count, 1);
		assert_int_equal(got.list[0].time, MAKER_START_NS + rows[i].ns);
	}
}

static void version_1_counts_on_past_half(void **state)
{
	static const uint32_t deltas[] = {1, 1u << 30, 1u << 31, 3u << 30};
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 1, 1, 128);
	for (size_t i = 0; i < 4; i++)
		maker_add(&m, &(struct maker_record){.delta = deltas[i],
						     .bytes = ETHERNET});
	maker_table(&m);
	read_maker(&m, &got);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(got.list[i].time,
				 MAKER_START_NS + deltas[i] * NS_PER_MS);
}

static void impossible_dates_are_no_start(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} rows[] = {
		{10, 0},  {10, 13}, {14, 31}, {14, 0}, {16, 24}, {18, 60},
		{20, 61}, {23, 9},  {9, 0},   {9, 9},  {9, 17},  {9, 99},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, 2, 0, 128);
		add_plain(&m, 2);
		maker_table(&m);
		m.file.p[rows[i].at] = rows[i].value;
		read_maker(&m, &got);
		assert_int_equal(got.end, STATUS_END);
		assert_int_equal(got.list[1].time, NS_PER_MS);
		assert_string_equal(got.info.warning.text,
				    "the start time is no date");
	}
}

static void put_extended(struct maker *m, uint64_t filetime, int32_t bias)
{
	maker_place(m, MAKER_EXTENDED, m->file.n, 11 + 172);
	t_put_le(&m->file, 1, 2);
	t_put_le(&m->file, filetime, 8);
	t_put_le(&m->file, 1, 1);
	t_put_le(&m->file, (uint32_t)bias, 4);
	t_put_zeros(&m->file, 168);
}

/* The time of a frame of 2.3 that has none of its own. */
static void the_start_may_be_known_in_utc(void **state)
{
	const uint64_t utc = MAKER_START_TICKS + UINT64_C(36000000000) * 7;
	static const struct {
		bool has_utc;
		int32_t bias;
		int64_t hours;
		unsigned warnings;
	} rows[] = {
		{true, 0, 7, 0},
		{false, 420, 7, 0},
		{false, -60, -1, 0},
		{false, 99999, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, 2, 3, 128);
		maker_add(&m, &(struct maker_record){.delta = 1,
						     .media = 1,
						     .bytes = ETHERNET});
		maker_table(&m);
		put_extended(&m, rows[i].has_utc ? utc : 0, rows[i].bias);
		read_maker(&m, &got);
		assert_int_equal(got.list[0].time,
				 MAKER_START_NS + NS_PER_US +
					 rows[i].hours * 3600 * NS_PER_S);
		assert_int_equal(got.info.warnings, rows[i].warnings);
	}
}

static void enormous_times_stay_in_range(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 0, 128);
	maker_add(&m, &(struct maker_record){.delta = INT64_MAX / 10,
					     .bytes = ETHERNET});
	maker_add(&m, &(struct maker_record){.delta = INT64_MIN / 10,
					     .bytes = ETHERNET});
	maker_table(&m);
	read_maker(&m, &got);
	assert_int_equal(got.list[0].time, INT64_MAX);
	assert_int_equal(got.list[1].time, INT64_MIN);
}

static void cut_frames_are_counted(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 3, 128);
	maker_add(&m, &(struct maker_record){
			      .bytes = ETHERNET,
			      .missing = 100,
			      .media = 1,
			      .filetime = MAKER_START_TICKS,
		      });
	maker_table(&m);
	read_maker(&m, &got);
	assert_int_equal(got.info.cut, 1);
	assert_int_equal(got.list[0].wire_length, ETHERNET.n + 100);
	/* And one that is longer than it was. */
	t_patch_le32(&m.file, m.records[0] + 8, 3);
	read_maker(&m, &got);
	assert_int_equal(got.info.cut, 0);
	assert_int_equal(got.info.warnings, 1);
	assert_int_equal(got.list[0].wire_length, ETHERNET.n);
}

static void comments_come_with_their_frames(void **state)
{
	struct maker m;
	struct t_frames got;
	size_t at;

	(void)state;
	make_plain(&m, 3, 3);
	at = m.file.n;
	maker_comment(&m, m.records[2], "third", "");
	maker_comment(&m, m.records[0], "first", "{\\rtf1 a\\par b}");
	maker_comment(&m, 99, "nobody's", "");
	maker_comment(&m, m.records[2], "again", "");
	maker_place(&m, MAKER_COMMENTS, at, m.file.n - at);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.info.warnings, 0);
	assert_string_equal(got.comments, "1:first\na\nb;3:third;3:again;");
}

static void comments_follow_frames_out_of_order(void **state)
{
	struct maker m;
	struct t_frames got;
	size_t at;
	uint32_t record;

	(void)state;
	maker_begin(&m, 2, 2, 128);
	add_plain(&m, 4);
	record = m.records[0];
	m.records[0] = m.records[3];
	m.records[3] = record;
	maker_table(&m);
	at = m.file.n;
	for (size_t i = 0; i < 4; i++)
		maker_comment(&m, m.records[i], i % 2 ? "odd" : "even", "");
	maker_place(&m, MAKER_COMMENTS, at, m.file.n - at);
	read_maker(&m, &got);
	assert_string_equal(got.comments, "1:even;2:odd;3:even;4:odd;");
}

/* A length or two that lie, at every place. */
static void damaged_comments_cost_no_frame(void **state)
{
	struct maker m, bad;
	struct t_frames got;
	size_t at;

	(void)state;
	make_plain(&m, 3, 2);
	at = m.file.n;
	maker_comment(&m, m.records[0], "one", "{\\rtf1 a}");
	maker_comment(&m, m.records[1], "two", "{\\rtf1 b}");
	maker_place(&m, MAKER_COMMENTS, at, m.file.n - at);
	for (size_t i = at; i < m.file.n; i++) {
		bad = m;
		bad.file.p[i] = 0xFF;
		read_maker(&bad, &got);
		assert_int_equal(got.end, STATUS_END);
		assert_int_equal(got.count, 2);
	}
	t_patch_le32(&m.file, at + 8, 5000);
	read_maker(&m, &got);
	assert_string_equal(got.comments, "");
	assert_string_equal(got.info.warning.text,
			    "the comment table is damaged or cut off");
	assert_int_equal(got.info.warning.offset, at);
}

static void garbage_of_old_versions_is_ignored(void **state)
{
	(void)state;
	for (unsigned minor = 0; minor < 2; minor++) {
		struct maker m;
		struct t_frames got;

		make_plain(&m, minor, 2);
		memset(m.file.p + 40, 0xA5, 32);
		read_maker(&m, &got);
		assert_int_equal(got.end, STATUS_END);
		assert_int_equal(got.count, 2);
		assert_int_equal(got.info.warnings, 1);
	}
}

static void packets_in_events_take_their_place(void **state)
{
	static const struct {
		uint64_t keywords;
		const char *bytes;
	} rows[] = {
		{MAKER_START | MAKER_END | MAKER_SENT, "whole"},
		{MAKER_START, "in "},
		{0, "three "},
		{MAKER_END | MAKER_RECEIVED, "parts"},
	};
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 3, 128);
	for (size_t i = 0; i < 4; i++) {
		struct t_file_bytes event = {.n = 0};

		maker_fragment(&event,
			       &(struct maker_fragment){
				       .keywords = rows[i].keywords,
				       .bytes = slice_of_text(rows[i].bytes),
			       });
		maker_add(&m, &(struct maker_record){
				      .bytes = slice_of(event.p, event.n),
				      .media = 0xFFE0,
				      .filetime = MAKER_START_TICKS + i,
			      });
	}
	maker_table(&m);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 4);
	assert_int_equal(got.info.metadata, 2);
	t_equal_text(got.list[0].bytes, "whole");
	assert_int_equal(got.list[0].link_type, LINKTYPE_ETHERNET);
	assert_int_equal(got.list[0].direction, FRAME_SENT);
	assert_int_equal(got.list[0].wire_length, 5);
	t_equal_text(slice_cut(slice_of(m.file.p, m.file.n),
			       (size_t)got.list[0].offset, 5),
		     "whole");
	assert_int_equal(got.list[1].link_type, LINKTYPE_ETW);
	t_equal_text(got.list[3].bytes, "in three parts");
	assert_int_equal(got.list[3].number, 4);
	assert_int_equal(got.list[3].direction, FRAME_RECEIVED);
	assert_true(got.list[3].offset == FRAME_NOWHERE);
}

/* Frames that a walk finds when the file is cut at `n`. */
static size_t whole_records(const struct maker *m, size_t n)
{
	size_t tail[] = {0, 2, 6, 15};
	size_t head = m->major == 1 ? 8 : 16;
	size_t all = head + ETHERNET.n + (m->major == 1 ? 0 : tail[m->minor]);
	size_t count = 0;

	while (count < m->count && m->records[count] + all <= n)
		count++;
	return count;
}

static void cut_files_give_what_is_there(void **state)
{
	static const unsigned versions[][2] = {
		{1, 1}, {2, 0}, {2, 1}, {2, 2}, {2, 3}};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, versions[i][0], versions[i][1],
			    i % 2 ? 128 : 72);
		add_plain(&m, 4);
		maker_table(&m);
		for (size_t n = 72; n < m.file.n; n++) {
			t_read_capture(format_of(&m), slice_of(m.file.p, n),
				       &got);
			assert_int_equal(got.opened, STATUS_OK);
			assert_int_equal(got.end, STATUS_BAD);
			assert_int_equal(got.count, whole_records(&m, n));
			assert_true(got.info.damage.set);
			for (size_t k = 0; k < got.count; k++)
				t_equal_bytes(got.list[k].bytes, ETHERNET);
		}
		read_maker(&m, &got);
		assert_int_equal(got.end, STATUS_END);
	}
}

static void a_missing_table_is_named(void **state)
{
	struct maker m;
	struct t_frames got;
	size_t table;

	(void)state;
	make_plain(&m, 3, 4);
	table = m.file.n - 16;
	t_read_capture(&format_netmon2, slice_of(m.file.p, table), &got);
	assert_string_equal(got.info.damage.text,
			    "the frame table is missing or cut off; frames "
			    "found without it: 4");
	assert_int_equal(got.info.damage.offset, table);
	/* A capture that was never closed has none. */
	maker_place(&m, MAKER_TABLE, 0, 0);
	t_read_capture(&format_netmon2, slice_of(m.file.p, table), &got);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, 4);
	assert_string_equal(got.info.damage.text,
			    "the frame table is empty; frames found without "
			    "it: 4");
}

static void a_walk_stops_at_what_is_no_record(void **state)
{
	static const struct {
		size_t at; /* from the record's beginning */
		uint32_t value;
	} rows[] = {
		{12, 0x00050000},     /* too long */
		{8, 0},               /* much less on the wire */
		{7, 0x40},            /* years after the start */
		{16 + 31, 0x77},      /* unknown media type */
		{16 + 31 + 13, 0x77}, /* other times */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m;
		struct t_frames got;

		maker_begin(&m, 2, 3, 72);
		for (size_t k = 0; k < 4; k++)
			maker_add(&m, &(struct maker_record){
					      .bytes = slice_first(
						      SLICE("0123456789012345"
							    "0123456789012345"
							    "0123456789012345"
							    "0123456789012345"
							    "0123456789012345"),
						      80),
					      .media = 1,
					      .filetime = MAKER_START_TICKS,
				      });
		maker_place(&m, MAKER_TABLE, 60000, 16);
		if (rows[i].at < 16)
			t_patch_le32(&m.file, m.records[2] + rows[i].at,
				     rows[i].value);
		else
			m.file.p[m.records[2] + 80 + rows[i].at - 31] =
				(uint8_t)rows[i].value;
		read_maker(&m, &got);
		assert_int_equal(got.end, STATUS_BAD);
		assert_int_equal(got.count, 2);
		assert_int_equal(got.info.damage.offset, m.records[2]);
	}
}

static void streams_are_read_like_files(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	make_plain(&m, 3, 5);
	t_read_source(&format_netmon2,
		      t_stream(slice_of(m.file.p, m.file.n), STATUS_OK), &got);
	assert_int_equal(got.opened, STATUS_OK);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 5);
	/* One that breaks gives what came before. */
	t_read_source(&format_netmon2,
		      t_stream(slice_of(m.file.p, m.file.n - 30), STATUS_BAD),
		      &got);
	assert_int_equal(got.opened, STATUS_OK);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, 4);
	assert_string_equal(got.info.damage.text, "the stream breaks");
	assert_int_equal(got.info.damage.offset, m.file.n - 30);
}

struct walk {
	struct maker maker;
	bool stream;
};

static bool read_all(void *context)
{
	const struct walk *walk = context;
	struct slice file = slice_of(walk->maker.file.p, walk->maker.file.n);
	struct byte_source *bytes = NULL;
	struct t_frames got;

	if (walk->stream)
		bytes = t_stream(file, STATUS_OK);
	else if (bytes_open_memory(file, &bytes) != STATUS_OK)
		return false;
	if (!bytes)
		return false;
	t_read_source(&format_netmon2, bytes, &got);
	if (got.opened != STATUS_OK) {
		assert_int_equal(got.opened, STATUS_NOMEM);
		return false;
	}
	if (got.end != STATUS_END) {
		assert_int_equal(got.end, STATUS_NOMEM);
		return false;
	}
	return got.count == 4;
}

/* Everything that allocates: comments, events in parts, no order. */
static void failing_allocations_leak_nothing(void **state)
{
	static const uint64_t keywords[] = {MAKER_START, 0, MAKER_END};
	struct walk walk = {.stream = false};
	struct maker *m = &walk.maker;
	size_t at;

	(void)state;
	maker_begin(m, 2, 3, 128);
	add_plain(m, 1);
	for (size_t i = 0; i < 3; i++) {
		struct t_file_bytes event = {.n = 0};

		maker_fragment(&event, &(struct maker_fragment){
					       .keywords = keywords[i],
					       .bytes = ETHERNET,
				       });
		maker_add(m, &(struct maker_record){
				     .bytes = slice_of(event.p, event.n),
				     .media = 0xFFE0,
				     .filetime = MAKER_START_TICKS,
			     });
	}
	m->records[0] ^= m->records[1];
	m->records[1] ^= m->records[0];
	m->records[0] ^= m->records[1];
	maker_table(m);
	at = m->file.n;
	maker_comment(m, m->records[0], "title", "{\\rtf1 text}");
	maker_comment(m, m->records[1], "title", "{\\rtf1 text}");
	maker_place(m, MAKER_COMMENTS, at, m->file.n - at);
	t_failing_walk(read_all, &walk);
	walk.stream = true;
	t_failing_walk(read_all, &walk);
}

static const struct t_case cases[] = {
	{"every_version_is_read", every_version_is_read},
	{"the_header_is_judged", the_header_is_judged},
	{"an_empty_table_is_an_empty_capture",
	 an_empty_table_is_an_empty_capture},
	{"the_table_may_stand_in_front", the_table_may_stand_in_front},
	{"the_table_gives_the_order", the_table_gives_the_order},
	{"a_bad_entry_costs_one_frame", a_bad_entry_costs_one_frame},
	{"an_entry_cannot_name_the_table", an_entry_cannot_name_the_table},
	{"a_bad_record_costs_one_frame", a_bad_record_costs_one_frame},
	{"odd_tables_are_warned_about", odd_tables_are_warned_about},
	{"a_table_cannot_multiply_the_file", a_table_cannot_multiply_the_file},
	{"entries_of_eight_bytes_are_known", entries_of_eight_bytes_are_known},
	{"media_types_become_link_types", media_types_become_link_types},
	{"hidden_frames_take_no_number", hidden_frames_take_no_number},
	{"statistics_are_no_packet", statistics_are_no_packet},
	{"times_in_front_of_the_start_are_read",
	 times_in_front_of_the_start_are_read},
	{"version_1_counts_on_past_half", version_1_counts_on_past_half},
	{"impossible_dates_are_no_start", impossible_dates_are_no_start},
	{"the_start_may_be_known_in_utc", the_start_may_be_known_in_utc},
	{"enormous_times_stay_in_range", enormous_times_stay_in_range},
	{"cut_frames_are_counted", cut_frames_are_counted},
	{"comments_come_with_their_frames", comments_come_with_their_frames},
	{"comments_follow_frames_out_of_order",
	 comments_follow_frames_out_of_order},
	{"damaged_comments_cost_no_frame", damaged_comments_cost_no_frame},
	{"garbage_of_old_versions_is_ignored",
	 garbage_of_old_versions_is_ignored},
	{"packets_in_events_take_their_place",
	 packets_in_events_take_their_place},
	{"cut_files_give_what_is_there", cut_files_give_what_is_there},
	{"a_missing_table_is_named", a_missing_table_is_named},
	{"a_walk_stops_at_what_is_no_record",
	 a_walk_stops_at_what_is_no_record},
	{"streams_are_read_like_files", streams_are_read_like_files},
	{"failing_allocations_leak_nothing", failing_allocations_leak_nothing},
};
T_MAIN(cases)
