/* Network Monitor files: every version, table, kind of frame and comment. */
#include "config.h"

#include "core/clock.h"
#include "tests/support/netmon_maker.h"
#include "tests/support/t.h"

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
		maker_add_plain(&m, 3);
		maker_table(&m);
		maker_read(&m, &got);
		assert_int_equal(got.end, STATUS_END);
		assert_int_equal(got.count, 3);
		assert_int_equal(got.info.link_type_count, 1);
		assert_int_equal(got.info.warnings, rows[i].zoned ? 0 : 1);
		for (size_t k = 0; k < 3; k++) {
			const struct frame *f = &got.list[k];

			t_equal_bytes(f->bytes, MAKER_FRAME);
			assert_int_equal(f->number, k + 1);
			assert_int_equal(f->wire_length, MAKER_FRAME.n);
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
	maker_read(&m, &got);
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
	maker_add_plain(&m, 3);
	for (size_t i = 0; i < 3; i++)
		t_patch_le32(&m.file, 72 + i * 4, m.records[i]);
	maker_read(&m, &got);
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
		maker_add_plain(&m, 1);
		t_put_text(&m.file, "hole");
	}
	shuffled = m;
	for (size_t i = 0; i < 5; i++)
		shuffled.records[i] = m.records[order[i]];
	maker_table(&shuffled);
	maker_read(&shuffled, &got);
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

		maker_plain(&m, 3, 5);
		t_patch_le32(&m.file, m.file.n - 12, rows[i].entry);
		maker_read(&m, &got);
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
	maker_plain(&m, 3, 5);
	t_patch_le32(&m.file, m.file.n - 4, (uint32_t)m.file.n - 20);
	maker_read(&m, &got);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, 4);
}

static void a_bad_record_costs_one_frame(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_plain(&m, 3, 4);
	t_patch_le32(&m.file, m.records[1] + 12, FRAME_MAX + 1);
	t_patch_le32(&m.file, m.records[3] + 12, 1000);
	maker_read(&m, &got);
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
	maker_plain(&m, 3, 4);
	t_put_zeros(&m.file, 3);
	t_patch_le32(&m.file, MAKER_TABLE + 4, 4 * 4 + 3);
	maker_read(&m, &got);
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
	maker_read(&m, &got);
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
	maker_add_plain(&m, 3);
	m.file.p[4] = 3;
	maker_place(&m, MAKER_TABLE, m.file.n, 3 * 8);
	for (size_t i = 0; i < 3; i++)
		t_put_le(&m.file, m.records[i], 8);
	maker_read(&m, &got);
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
				      .bytes = MAKER_FRAME,
				      .media = rows[i].media,
			      });
	maker_table(&m);
	maker_read(&m, &got);
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
				      .bytes = MAKER_FRAME,
				      .media = media[i],
				      .filetime = MAKER_START_TICKS,
			      });
	maker_table(&m);
	maker_read(&m, &got);
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
		maker_read(&m, &got);
		assert_int_equal(got.count, 1);
		assert_int_equal(got.list[0].link_type, rows[i].link_type);
		assert_int_equal(got.info.metadata,
				 rows[i].link_type == LINKTYPE_METADATA);
	}
}

static void cut_frames_are_counted(void **state)
{
	struct maker m;
	struct t_frames got;

	(void)state;
	maker_begin(&m, 2, 3, 128);
	maker_add(&m, &(struct maker_record){
			      .bytes = MAKER_FRAME,
			      .missing = 100,
			      .media = 1,
			      .filetime = MAKER_START_TICKS,
		      });
	maker_table(&m);
	maker_read(&m, &got);
	assert_int_equal(got.info.cut, 1);
	assert_int_equal(got.list[0].wire_length, MAKER_FRAME.n + 100);
	/* And one that is longer than it was. */
	t_patch_le32(&m.file, m.records[0] + 8, 3);
	maker_read(&m, &got);
	assert_int_equal(got.info.cut, 0);
	assert_int_equal(got.info.warnings, 1);
	assert_int_equal(got.list[0].wire_length, MAKER_FRAME.n);
}

static void comments_come_with_their_frames(void **state)
{
	struct maker m;
	struct t_frames got;
	size_t at;

	(void)state;
	maker_plain(&m, 3, 3);
	at = m.file.n;
	maker_comment(&m, m.records[2], "third", "");
	maker_comment(&m, m.records[0], "first", "{\\rtf1 a\\par b}");
	maker_comment(&m, 99, "nobody's", "");
	maker_comment(&m, m.records[2], "again", "");
	maker_place(&m, MAKER_COMMENTS, at, m.file.n - at);
	maker_read(&m, &got);
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
	maker_add_plain(&m, 4);
	record = m.records[0];
	m.records[0] = m.records[3];
	m.records[3] = record;
	maker_table(&m);
	at = m.file.n;
	for (size_t i = 0; i < 4; i++)
		maker_comment(&m, m.records[i], i % 2 ? "odd" : "even", "");
	maker_place(&m, MAKER_COMMENTS, at, m.file.n - at);
	maker_read(&m, &got);
	assert_string_equal(got.comments, "1:even;2:odd;3:even;4:odd;");
}

/* A length or two that lie, at every place. */
static void damaged_comments_cost_no_frame(void **state)
{
	struct maker m, bad;
	struct t_frames got;
	size_t at;

	(void)state;
	maker_plain(&m, 3, 2);
	at = m.file.n;
	maker_comment(&m, m.records[0], "one", "{\\rtf1 a}");
	maker_comment(&m, m.records[1], "two", "{\\rtf1 b}");
	maker_place(&m, MAKER_COMMENTS, at, m.file.n - at);
	for (size_t i = at; i < m.file.n; i++) {
		bad = m;
		bad.file.p[i] = 0xFF;
		maker_read(&bad, &got);
		assert_int_equal(got.end, STATUS_END);
		assert_int_equal(got.count, 2);
	}
	t_patch_le32(&m.file, at + 8, 5000);
	maker_read(&m, &got);
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

		maker_plain(&m, minor, 2);
		memset(m.file.p + 40, 0xA5, 32);
		maker_read(&m, &got);
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
	maker_read(&m, &got);
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
	{"cut_frames_are_counted", cut_frames_are_counted},
	{"comments_come_with_their_frames", comments_come_with_their_frames},
	{"comments_follow_frames_out_of_order",
	 comments_follow_frames_out_of_order},
	{"damaged_comments_cost_no_frame", damaged_comments_cost_no_frame},
	{"garbage_of_old_versions_is_ignored",
	 garbage_of_old_versions_is_ignored},
	{"packets_in_events_take_their_place",
	 packets_in_events_take_their_place},
};
T_MAIN(cases)
