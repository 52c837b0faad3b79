/* Classic pcap files and their quirks (capture-formats 2.1). */
#include "config.h"

#include "capture/erf.h"
#include "tests/support/capture.h"
#include "tests/support/t.h"

#define SECONDS 1700000000u

/* How a file is written. */
struct style {
	uint32_t magic;
	bool big;
	uint32_t version; /* minor << 16 | major, as a number */
	size_t head;      /* of a record */
	bool swapped;     /* captured and original length */
};

static const struct style micro = {0xA1B2C3D4u, false, 0x40002u, 16, false};

static void put(struct t_file_bytes *f, const struct style *style,
		uint64_t value, size_t n)
{
	if (style->big)
		t_put_be(f, value, n);
	else
		t_put_le(f, value, n);
}

static void put_header(struct t_file_bytes *f, const struct style *style,
		       uint32_t link_type)
{
	put(f, style, style->magic, 4);
	put(f, style, style->version & 0xFFFF, 2);
	put(f, style, style->version >> 16, 2);
	put(f, style, 0, 8);
	put(f, style, 65535, 4);
	put(f, style, link_type, 4);
}

static void put_record(struct t_file_bytes *f, const struct style *style,
		       uint32_t fraction, struct slice bytes)
{
	size_t at;

	put(f, style, SECONDS + fraction / 100, 4);
	put(f, style, fraction, 4);
	put(f, style, style->swapped ? bytes.n + 10 : bytes.n, 4);
	put(f, style, style->swapped ? bytes.n : bytes.n + 10, 4);
	/* What follows looks like nothing in particular. */
	for (at = 16; at < style->head; at++)
		t_put_le(f, at == 22 ? 4 : 0xE0 + at, 1);
	t_put(f, bytes);
}

static const char *const contents[] = {"the first frame",
				       "the second, a longer one", "third"};

static void put_records(struct t_file_bytes *f, const struct style *style)
{
	for (unsigned i = 0; i < 3; i++)
		put_record(f, style, i * 100 + 1, slice_of_text(contents[i]));
}

static void expect_records(const struct t_frames *got, uint32_t scale,
			   size_t from)
{
	for (unsigned i = 0; i < 3; i++) {
		const struct frame *frame = &got->list[from + i];

		t_equal_text(frame->bytes, contents[i]);
		assert_int_equal(frame->number, from + i + 1);
		assert_int_equal(frame->wire_length, frame->bytes.n + 10);
		assert_true(frame->has_time);
		assert_true(frame->time ==
			    (nanoseconds)(SECONDS + i) * NS_PER_S +
				    (i * 100 + 1) * (nanoseconds)scale);
	}
}

static void reads_all_kinds(void **state)
{
	static const struct {
		struct style style;
		uint32_t scale;
		unsigned warnings;
	} rows[] = {
		{{0xA1B2C3D4u, false, 0x40002u, 16, false}, 1000, 0},
		{{0xA1B2C3D4u, true, 0x40002u, 16, false}, 1000, 0},
		{{0xA1B23C4Du, false, 0x40002u, 16, false}, 1, 0},
		{{0xA1B23C4Du, true, 0x40002u, 16, false}, 1, 0},
		/* modified, little-endian and big-endian */
		{{0xA1B2CD34u, false, 0x40002u, 24, false}, 1000, 0},
		{{0xA1B2CD34u, true, 0x40002u, 24, false}, 1000, 0},
		/* Red Hat 6.1, Nokia, SuSE 6.3 */
		{{0xA1B2C3D4u, false, 0x40002u, 24, false}, 1000, 1},
		{{0xA1B2C3D4u, false, 0x40002u, 20, false}, 1000, 1},
		{{0xA1B2CD34u, false, 0x40002u, 28, false}, 1000, 1},
		{{0xA1B2CD34u, true, 0x40002u, 28, false}, 1000, 1},
		/* old versions with swapped lengths */
		{{0xA1B2C3D4u, false, 0x20002u, 16, true}, 1000, 0},
		{{0xA1B2C3D4u, true, 0x00002u, 16, true}, 1000, 0},
		{{0xA1B2C3D4u, false, 0x21Fu, 16, true}, 1000, 0},
		{{0xA1B2C3D4u, false, 0x30002u, 16, true}, 1000, 0},
		{{0xA1B2C3D4u, false, 0x30002u, 16, false}, 1000, 0},
		/* versions that nobody wrote */
		{{0xA1B2C3D4u, false, 0x50002u, 16, false}, 1000, 1},
		{{0xA1B2C3D4u, false, 0x40001u, 16, false}, 1000, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_file_bytes f = {.n = 0};
		struct t_frames got;

		put_header(&f, &rows[i].style, LINKTYPE_RAW);
		put_records(&f, &rows[i].style);
		t_read_capture(&format_pcap, slice_of(f.p, f.n), &got);
		assert_int_equal(got.opened, STATUS_OK);
		assert_int_equal(got.end, STATUS_END);
		assert_int_equal(got.count, 3);
		expect_records(&got, rows[i].scale, 0);
		assert_int_equal(got.info.warnings, rows[i].warnings);
		assert_int_equal(got.info.link_types[0], LINKTYPE_RAW);
		assert_int_equal(got.info.cut, 3);
		assert_false(got.info.damage.set);
		assert_true(got.info.first_time == got.list[0].time);
		assert_true(got.info.last_time == got.list[2].time);
	}
}

static void modified_files_tell_the_direction(void **state)
{
	struct style style = {0xA1B2CD34u, false, 0x40002u, 24, false};
	struct t_file_bytes f = {.n = 0};
	struct t_frames got;

	(void)state;
	put_header(&f, &style, 1);
	put_records(&f, &style);
	f.p[24 + 22] = 0;
	t_read_capture(&format_pcap, slice_of(f.p, f.n), &got);
	assert_int_equal(got.list[0].direction, FRAME_RECEIVED);
	assert_int_equal(got.list[1].direction, FRAME_SENT);
}

static void link_type_has_16_bits(void **state)
{
	struct t_file_bytes f = {.n = 0};
	struct t_frames got;

	(void)state;
	/* A frame check sequence of 4 bytes, and reserved bits. */
	put_header(&f, &micro, 0x25550071u);
	put_records(&f, &micro);
	t_read_capture(&format_pcap, slice_of(f.p, f.n), &got);
	assert_int_equal(got.list[0].link_type, LINKTYPE_LINUX_SLL);
}

static void repairs_small_things(void **state)
{
	struct t_file_bytes f = {.n = 0};
	struct t_frames got;

	(void)state;
	put_header(&f, &micro, 1);
	/* more captured than there was */
	put_record(&f, &micro, 1, SLICE("12345678901234567890"));
	t_patch_le32(&f, 24 + 12, 7);
	/* a fraction of more than a second */
	put_record(&f, &micro, 1, SLICE("12345678901234567890"));
	t_patch_le32(&f, 24 + 36 + 4, 2500000);
	/* an empty frame */
	put_record(&f, &micro, 1, SLICE(""));
	/* a time after 2038 */
	put_record(&f, &micro, 1, SLICE("12345678901234567890"));
	t_patch_le32(&f, 24 + 72 + 16, 0xFFFFFFF0u);
	t_read_capture(&format_pcap, slice_of(f.p, f.n), &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 4);
	assert_int_equal(got.info.warnings, 2);
	assert_int_equal(got.info.warning.offset, 24);
	assert_int_equal(got.list[0].wire_length, 20);
	assert_true(got.list[1].time == SECONDS * NS_PER_S + 2500 * NS_PER_MS);
	assert_int_equal(got.list[2].bytes.n, 0);
	assert_int_equal(got.list[2].wire_length, 10);
	assert_true(got.list[3].time == 0xFFFFFFF0u * NS_PER_S + NS_PER_US);
}

static void reads_files_that_were_appended(void **state)
{
	struct style big = {0xA1B23C4Du, true, 0x40002u, 16, false};
	struct t_file_bytes f = {.n = 0};
	struct t_frames got;

	(void)state;
	put_header(&f, &micro, 1);
	put_records(&f, &micro);
	put_header(&f, &big, LINKTYPE_RAW);
	put_records(&f, &big);
	put_header(&f, &micro, LINKTYPE_NULL);
	t_read_capture(&format_pcap, slice_of(f.p, f.n), &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 6);
	expect_records(&got, 1000, 0);
	expect_records(&got, 1, 3);
	assert_int_equal(got.list[2].link_type, 1);
	assert_int_equal(got.list[3].link_type, LINKTYPE_RAW);
	assert_int_equal(got.info.link_type_count, 3);
	assert_int_equal(got.info.warnings, 2);
}

/* A good file of `before` + 3 records, broken in between by `junk`. */
static void read_broken(struct slice junk, struct t_frames *got, size_t *offset)
{
	struct t_file_bytes f = {.n = 0};

	put_header(&f, &micro, 1);
	put_records(&f, &micro);
	*offset = f.n;
	t_put(&f, junk);
	put_records(&f, &micro);
	t_read_capture(&format_pcap, slice_of(f.p, f.n), got);
}

static void goes_on_behind_damage(void **state)
{
	static const char huge[] = "00 00 55 65 01 00 00 00 01 00 04 00 "
				   "01 00 04 00";
	static const char zeros[] = "00000000 00000000 00000000 00000000 "
				    "00000000 00000000 00";
	static const char overlong[] = "00 f1 53 65 00 00 00 00 "
				       "00 00 03 00 00 00 03 00 01";
	/* A length that reaches into the middle of the next record. */
	static const char wrong[] = "00 f1 53 65 01 00 00 00 "
				    "28 00 00 00 08 00 00 00 "
				    "01 02 03 04 05 06 07 08";
	static const char *const rows[] = {huge, zeros, overlong, wrong};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice junk = t_hex(rows[i]);
		struct t_frames got;
		size_t offset;

		read_broken(junk, &got, &offset);
		assert_int_equal(got.count, 6);
		expect_records(&got, 1000, 0);
		expect_records(&got, 1000, 3);
		/* It ended well, but the file is not whole. */
		assert_int_equal(got.end, STATUS_BAD);
		assert_true(got.info.damage.set);
		assert_int_equal(got.info.damage.offset, offset);
		assert_non_null(strstr(got.info.damage.text, "bytes skipped"));
		t_release(junk);
	}
}

/* Nothing that was captured is lost with it. */
static void keeps_a_frame_whose_time_is_damaged(void **state)
{
	static const size_t records[] = {1, 2};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct t_file_bytes f = {.n = 0};
		struct t_frames got;
		size_t at = 24;

		put_header(&f, &micro, 1);
		put_records(&f, &micro);
		for (size_t k = 0; k < records[i]; k++)
			at += 16 + strlen(contents[k]);
		t_patch_le32(&f, at, 0x12345678);
		t_patch_le32(&f, at + 4, 0x9ABCDEF0u);
		t_read_capture(&format_pcap, slice_of(f.p, f.n), &got);
		assert_int_equal(got.count, 3);
		assert_int_equal(got.end, STATUS_BAD);
		assert_int_equal(got.info.damage.offset, at);
		assert_non_null(strstr(got.info.damage.text, "the time of a"));
		t_equal_text(got.list[records[i]].bytes, contents[records[i]]);
		assert_true(got.list[records[i]].time ==
			    got.list[records[i] - 1].time);
	}
}

static void names_the_damage_it_cannot_pass(void **state)
{
	struct t_file_bytes f = {.n = 0};
	struct t_frames got;

	(void)state;
	put_header(&f, &micro, 1);
	put_records(&f, &micro);
	t_put_text(&f, "some text that somebody appended to this file");
	t_read_capture(&format_pcap, slice_of(f.p, f.n), &got);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, 3);
	assert_int_equal(got.info.damage.offset, f.n - 45);
	assert_string_equal(got.info.damage.text,
			    "record of 1752440948 bytes, more than 262144; "
			    "no record was found behind it");
}

/* Every place where a file may end: whole records come, and the end is BAD
 * but for the ends of records. */
static void reads_what_a_cut_file_has(void **state)
{
	struct t_file_bytes f = {.n = 0};
	size_t ends[4];

	(void)state;
	put_header(&f, &micro, 1);
	ends[0] = f.n;
	for (size_t i = 0; i < 3; i++) {
		put_record(&f, &micro, 1, slice_of_text(contents[i]));
		ends[i + 1] = f.n;
	}
	for (size_t n = 4; n <= f.n; n++) {
		struct t_frames got;
		size_t whole = 0;

		t_read_capture(&format_pcap, slice_of(f.p, n), &got);
		if (n < 24) {
			assert_int_equal(got.opened, STATUS_SHORT);
			assert_true(got.fault.set);
			continue;
		}
		while (whole < 3 && ends[whole + 1] <= n)
			whole++;
		assert_int_equal(got.count, whole);
		if (n == ends[whole]) {
			assert_int_equal(got.end, STATUS_END);
			continue;
		}
		assert_int_equal(got.end, STATUS_BAD);
		assert_int_equal(got.info.damage.offset, ends[whole]);
		assert_memory_equal(got.info.damage.text, "the file is cut off",
				    19);
	}
}

static void streams_read_as_files_do(void **state)
{
	struct t_file_bytes f = {.n = 0};
	struct t_frames got;

	(void)state;
	put_header(&f, &micro, 1);
	put_records(&f, &micro);
	t_read_source(&format_pcap, t_stream(slice_of(f.p, f.n), STATUS_OK),
		      &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 3);
	expect_records(&got, 1000, 0);
	t_read_source(&format_pcap, t_stream(slice_of(f.p, f.n), STATUS_BAD),
		      &got);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, 3);
	assert_string_equal(got.info.damage.text, "the stream breaks");
}

static void erf_inside_pcap_is_unwrapped(void **state)
{
	struct t_file_bytes f = {.n = 0};
	struct slice record = t_hex("00000000 5d35c154 02 04 0030 0000 0018 "
				    "0000 112233445566 aabbccddeeff 0800 45");
	struct t_frames got;

	(void)state;
	put_header(&f, &micro, LINKTYPE_ERF);
	put_record(&f, &micro, 1, record);
	put_record(&f, &micro, 1, slice_first(record, 10));
	t_read_capture(&format_pcap, slice_of(f.p, f.n), &got);
	assert_int_equal(got.list[0].link_type, LINKTYPE_ETHERNET);
	t_equal_bytes(got.list[0].bytes, slice_from(record, 18));
	assert_int_equal(got.list[0].wire_length, 24);
	assert_int_equal(got.list[0].offset, 24 + 16 + 18);
	assert_int_equal(got.list[1].link_type, LINKTYPE_ERF);
	t_release(record);
}

static bool read_all(void *context)
{
	struct t_file_bytes *f = context;
	struct byte_source *bytes;
	struct t_frames got;

	if (bytes_open_memory(slice_of(f->p, f->n), &bytes) != STATUS_OK)
		return false;
	/* A small window, so that it must grow. */
	bytes->block = 32;
	bytes->size = UINT64_MAX;
	t_read_source(&format_pcap, bytes, &got);
	if (got.opened != STATUS_OK || got.end != STATUS_END) {
		assert_true(got.opened == STATUS_NOMEM ||
			    got.end == STATUS_NOMEM);
		return false;
	}
	return got.count == 4;
}

static void gives_all_back_when_memory_is_out(void **state)
{
	static const uint8_t filler[8000];
	struct t_file_bytes f = {.n = 0};

	(void)state;
	put_header(&f, &micro, 1);
	put_records(&f, &micro);
	/* Longer than what is looked at to know the format. */
	put_record(&f, &micro, 300, slice_of(filler, sizeof(filler)));
	t_failing_walk(read_all, &f);
}

static const struct t_case cases[] = {
	{"reads_all_kinds", reads_all_kinds},
	{"modified_files_tell_the_direction",
	 modified_files_tell_the_direction},
	{"link_type_has_16_bits", link_type_has_16_bits},
	{"repairs_small_things", repairs_small_things},
	{"reads_files_that_were_appended", reads_files_that_were_appended},
	{"goes_on_behind_damage", goes_on_behind_damage},
	{"keeps_a_frame_whose_time_is_damaged",
	 keeps_a_frame_whose_time_is_damaged},
	{"names_the_damage_it_cannot_pass", names_the_damage_it_cannot_pass},
	{"reads_what_a_cut_file_has", reads_what_a_cut_file_has},
	{"streams_read_as_files_do", streams_read_as_files_do},
	{"erf_inside_pcap_is_unwrapped", erf_inside_pcap_is_unwrapped},
	{"gives_all_back_when_memory_is_out",
	 gives_all_back_when_memory_is_out},
};
T_MAIN(cases)
