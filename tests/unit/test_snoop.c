/* snoop files (RFC 1761). */
#include "config.h"

#include "tests/support/capture.h"
#include "tests/support/t.h"

struct record {
	const char *bytes;
	uint32_t wire;
	uint32_t padding;
	uint32_t drops;
	uint32_t seconds, microseconds;
};

static void begin(struct t_file_bytes *to, uint32_t version, uint32_t datalink)
{
	to->n = 0;
	t_put(to, SLICE("snoop\0\0\0"));
	t_put_be(to, version, 4);
	t_put_be(to, datalink, 4);
}

static void add(struct t_file_bytes *to, const struct record *r)
{
	size_t n = strlen(r->bytes);

	t_put_be(to, r->wire, 4);
	t_put_be(to, n, 4);
	t_put_be(to, 24 + n + r->padding, 4);
	t_put_be(to, r->drops, 4);
	t_put_be(to, r->seconds, 4);
	t_put_be(to, r->microseconds, 4);
	t_put_text(to, r->bytes);
	t_put_zeros(to, r->padding);
}

static const struct record three[] = {
	{"first", 5, 3, 0, 1700000000, 1},
	{"second one", 99, 0, 7, 1700000001, 999999},
	{"", 0, 11, 5, 4000000000, 0},
};

static void make_three(struct t_file_bytes *to)
{
	begin(to, 2, 4);
	for (size_t i = 0; i < 3; i++)
		add(to, &three[i]);
}

static void records_are_read(void **state)
{
	struct t_file_bytes file;
	struct t_frames got;

	(void)state;
	make_three(&file);
	t_read_capture(&format_snoop, slice_of(file.p, file.n), &got);
	assert_int_equal(got.opened, STATUS_OK);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct frame *f = &got.list[i];

		t_equal_text(f->bytes, three[i].bytes);
		assert_int_equal(f->number, i + 1);
		assert_int_equal(f->wire_length, three[i].wire);
		assert_int_equal(f->link_type, LINKTYPE_ETHERNET);
		assert_int_equal(f->time,
				 three[i].seconds * NS_PER_S +
					 three[i].microseconds * NS_PER_US);
		t_equal_text(slice_cut(slice_of(file.p, file.n),
				       (size_t)f->offset, f->bytes.n),
			     three[i].bytes);
	}
	assert_int_equal(got.info.dropped, 7);
	assert_int_equal(got.info.cut, 1);
	assert_int_equal(got.info.warnings, 0);
}

static void datalinks_become_link_types(void **state)
{
	static const struct {
		uint32_t datalink;
		uint32_t link_type;
	} rows[] = {
		{0, LINKTYPE_ETHERNET},   {1, LINKTYPE_UNKNOWN},
		{2, LINKTYPE_TOKEN_RING}, {4, LINKTYPE_ETHERNET},
		{5, LINKTYPE_UNKNOWN},    {8, LINKTYPE_FDDI},
		{18, LINKTYPE_UNKNOWN},   {UINT32_MAX, LINKTYPE_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_file_bytes file;
		struct t_frames got;

		begin(&file, 2, rows[i].datalink);
		add(&file, &three[0]);
		t_read_capture(&format_snoop, slice_of(file.p, file.n), &got);
		assert_int_equal(got.list[0].link_type, rows[i].link_type);
		assert_int_equal(got.info.link_types[0], rows[i].link_type);
	}
}

/* Where the records of make_three end, without the padding of the last. */
static size_t whole_records(size_t n, bool *clean)
{
	static const size_t ends[] = {16, 48, 82, 106};
	static const size_t bare[] = {16, 45, 82, 106};
	size_t count = 0;

	while (count < 3 && n >= bare[count + 1])
		count++;
	/* Cut between records, or within padding. */
	*clean = n >= bare[count] && n <= ends[count];
	if (count == 3)
		*clean = true;
	return count;
}

static void cut_files_give_whole_records(void **state)
{
	struct t_file_bytes file;
	struct t_frames got;

	(void)state;
	make_three(&file);
	for (size_t n = 0; n <= file.n; n++) {
		bool clean;
		size_t count = whole_records(n, &clean);

		t_read_capture(&format_snoop, slice_of(file.p, n), &got);
		if (n < 16) {
			assert_int_equal(got.opened, n < 8 ? STATUS_NOT_MINE
							   : STATUS_SHORT);
			continue;
		}
		assert_int_equal(got.opened, STATUS_OK);
		assert_int_equal(got.count, count);
		assert_int_equal(got.end, clean ? STATUS_END : STATUS_BAD);
		assert_int_equal(got.info.damage.set, !clean);
	}
}

static void lying_lengths_are_damage(void **state)
{
	static const struct {
		size_t at; /* in the second record */
		uint8_t bytes[4];
		const char *text;
	} rows[] = {
		{4, {0, 4, 0, 1}, "record of 262145 bytes, more than 262144"},
		{4,
		 {0, 0, 0, 11},
		 "record length 34 does not fit 11 included "
		 "bytes"},
		{8,
		 {0, 0, 0, 0},
		 "record length 0 does not fit 10 included "
		 "bytes"},
		{8,
		 {255, 255, 255, 255},
		 "record length 4294967295 does not fit 10 included bytes"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct t_file_bytes file;
		struct t_frames got;

		make_three(&file);
		memcpy(file.p + 48 + rows[i].at, rows[i].bytes, 4);
		t_read_capture(&format_snoop, slice_of(file.p, file.n), &got);
		assert_int_equal(got.end, STATUS_BAD);
		assert_int_equal(got.count, 1);
		assert_int_equal(got.info.damage.offset, 48);
		assert_string_equal(got.info.damage.text, rows[i].text);
	}
}

static void other_versions_are_refused(void **state)
{
	struct t_file_bytes file;
	struct t_frames got;

	(void)state;
	begin(&file, 3, 4);
	t_read_capture(&format_snoop, slice_of(file.p, file.n), &got);
	assert_int_equal(got.opened, STATUS_BAD);
	assert_string_equal(got.fault.text, "snoop version 3, not 2");
}

static void more_bytes_than_there_were_are_kept(void **state)
{
	static const struct record odd = {"twelve bytes", 5, 0, 0, 1, 0};
	struct t_file_bytes file;
	struct t_frames got;

	(void)state;
	begin(&file, 2, 4);
	add(&file, &odd);
	t_read_capture(&format_snoop, slice_of(file.p, file.n), &got);
	assert_int_equal(got.list[0].wire_length, 12);
	assert_int_equal(got.info.warnings, 1);
}

static bool read_all(void *context)
{
	const struct t_file_bytes *file = context;
	struct byte_source *bytes;
	struct t_frames got;

	if (bytes_open_memory(slice_of(file->p, file->n), &bytes) != STATUS_OK)
		return false;
	t_read_source(&format_snoop, bytes, &got);
	return got.opened == STATUS_OK && got.end == STATUS_END;
}

static void failing_allocations_leak_nothing(void **state)
{
	struct t_file_bytes file;

	(void)state;
	make_three(&file);
	t_failing_walk(read_all, &file);
}

static const struct t_case cases[] = {
	{"records_are_read", records_are_read},
	{"datalinks_become_link_types", datalinks_become_link_types},
	{"cut_files_give_whole_records", cut_files_give_whole_records},
	{"lying_lengths_are_damage", lying_lengths_are_damage},
	{"other_versions_are_refused", other_versions_are_refused},
	{"more_bytes_than_there_were_are_kept",
	 more_bytes_than_there_were_are_kept},
	{"failing_allocations_leak_nothing", failing_allocations_leak_nothing},
};
T_MAIN(cases)
