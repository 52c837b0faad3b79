/* Endace ERF files: by type, and told from everything else. */
#include "config.h"

#include "tests/support/capture.h"
#include "tests/support/t.h"

#define SECONDS UINT64_C(1700000000)

struct record {
	unsigned type;
	unsigned flags;
	unsigned extensions;
	unsigned head; /* zeros in front of the frame */
	const char *bytes;
	unsigned padding;
	unsigned losses;
	unsigned wire; /* 0: as many as there are */
	uint32_t fraction;
};

static void add(struct t_file_bytes *to, const struct record *r)
{
	size_t n = strlen(r->bytes);

	t_put_le(to, r->fraction, 4);
	t_put_le(to, SECONDS, 4);
	t_put_le(to, r->type | (r->extensions ? 0x80u : 0), 1);
	t_put_le(to, r->flags, 1);
	t_put_be(to, 16 + r->extensions * 8 + r->head + n + r->padding, 2);
	t_put_be(to, r->losses, 2);
	t_put_be(to, r->wire ? r->wire : n, 2);
	for (unsigned i = r->extensions; i; i--) {
		t_put_le(to, i > 1 ? 0x83 : 0x03, 1);
		t_put_zeros(to, 7);
	}
	t_put_zeros(to, r->head);
	t_put_text(to, r->bytes);
	t_put_zeros(to, r->padding);
}

static const struct {
	struct record record;
	uint32_t link_type;
	uint32_t ns;
} rows[] = {
	{{.type = 2, .head = 2, .bytes = "Ethernet", .losses = 3},
	 LINKTYPE_ETHERNET,
	 0},
	{{.type = 2,
	  .head = 2,
	  .bytes = "Ethernet",
	  .padding = 6,
	  .fraction = 0x80000000},
	 LINKTYPE_ETHERNET,
	 500000000},
	{{.type = 2,
	  .head = 2,
	  .bytes = "Ether",
	  .wire = 90,
	  .flags = 0xF2,
	  .fraction = 0x12345678},
	 LINKTYPE_ETHERNET,
	 71111111},
	{{.type = 2, .head = 2, .bytes = "Ethernet", .extensions = 3},
	 LINKTYPE_ETHERNET,
	 0},
	{{.type = 1, .bytes = "HDLC"}, LINKTYPE_PPP_HDLC, 0},
	{{.type = 5, .head = 4, .bytes = "MC HDLC"}, LINKTYPE_PPP_HDLC, 0},
	{{.type = 4, .head = 4, .bytes = "AAL5", .wire = 8},
	 LINKTYPE_ATM_RFC1483,
	 0},
	{{.type = 11, .head = 2, .bytes = "Ethernet", .losses = 99},
	 LINKTYPE_ETHERNET,
	 0},
	{{.type = 16, .head = 2, .bytes = "Ethernet"}, LINKTYPE_ETHERNET, 0},
	{{.type = 20, .head = 2, .bytes = "Ethernet"}, LINKTYPE_ETHERNET, 0},
	{{.type = 22, .bytes = "IPv4", .losses = 4}, LINKTYPE_IPV4, 0},
	{{.type = 23, .bytes = "IPv6"}, LINKTYPE_IPV6, 0},
	{{.type = 21, .bytes = "Infiniband"}, LINKTYPE_UNKNOWN, 0},
	{{.type = 27, .bytes = "sections"}, LINKTYPE_METADATA, 0},
	{{.type = 2, .head = 2, .bytes = "Ethernet", .fraction = UINT32_MAX},
	 LINKTYPE_ETHERNET,
	 1000000000},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void make_all(struct t_file_bytes *to)
{
	to->n = 0;
	for (size_t i = 0; i < ROWS; i++)
		add(to, &rows[i].record);
}

static void types_are_read(void **state)
{
	struct t_file_bytes file;
	struct t_frames got;

	(void)state;
	make_all(&file);
	t_read_capture(&format_erf, slice_of(file.p, file.n), &got);
	assert_int_equal(got.opened, STATUS_OK);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, ROWS);
	for (size_t i = 0; i < ROWS; i++) {
		const struct record *want = &rows[i].record;
		const struct frame *f = &got.list[i];
		size_t n = strlen(want->bytes);

		t_equal_text(f->bytes, want->bytes);
		assert_int_equal(f->number, i + 1);
		assert_int_equal(f->link_type, rows[i].link_type);
		assert_int_equal(f->wire_length,
				 want->wire > 8 ? want->wire : n);
		assert_int_equal(f->interface, want->flags & 3);
		assert_true(f->time ==
			    (nanoseconds)SECONDS * NS_PER_S + rows[i].ns);
		t_equal_text(slice_cut(slice_of(file.p, file.n),
				       (size_t)f->offset, n),
			     want->bytes);
	}
	assert_int_equal(got.info.metadata, 1);
	assert_int_equal(got.info.dropped, 7);
	assert_int_equal(got.info.cut, 1);
}

static void padding_records_take_no_number(void **state)
{
	static const struct record pad = {.type = 48, .bytes = "padding"};
	struct t_file_bytes file = {.n = 0};
	struct t_frames got;

	(void)state;
	add(&file, &pad);
	add(&file, &rows[0].record);
	add(&file, &pad);
	add(&file, &rows[1].record);
	add(&file, &pad);
	t_read_capture(&format_erf, slice_of(file.p, file.n), &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.list[1].number, 2);
}

static void short_records_cost_one_frame(void **state)
{
	static const struct record tiny = {
		.type = 2, .head = 1, .bytes = "", .wire = 60};
	struct t_file_bytes file = {.n = 0};
	struct t_frames got;

	(void)state;
	add(&file, &rows[0].record);
	add(&file, &tiny);
	add(&file, &rows[1].record);
	t_read_capture(&format_erf, slice_of(file.p, file.n), &got);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, 2);
	assert_string_equal(got.info.damage.text,
			    "record of 17 bytes, too short for its type 2");
}

/* Behind what the probe looks at. */
static void damage_further_back_is_named(void **state)
{
	static const struct record strange = {.type = 99, .bytes = "?"};
	struct t_file_bytes file = {.n = 0};
	struct t_frames got;
	size_t count = 0, at;

	(void)state;
	for (; file.n < FORMAT_PROBE_SIZE; count++)
		add(&file, &rows[13].record);
	add(&file, &strange);
	at = file.n;
	add(&file, &rows[0].record);
	file.p[at + 11] = 15;
	t_read_capture(&format_erf, slice_of(file.p, file.n), &got);
	assert_int_equal(got.end, STATUS_BAD);
	assert_int_equal(got.count, count + 1);
	assert_int_equal(got.info.link_type_count, 1);
	assert_int_equal(got.info.link_types[0], LINKTYPE_UNKNOWN);
	assert_int_equal(got.info.damage.offset, at);
	assert_string_equal(got.info.damage.text,
			    "record of 15 bytes, fewer than its header has");
	/* In front of that it is no such file. */
	t_read_capture(&format_erf,
		       slice_from(slice_of(file.p, file.n), at - 17), &got);
	assert_int_equal(got.opened, STATUS_NOT_MINE);
}

static void cut_files_give_whole_records(void **state)
{
	struct t_file_bytes file, part;
	struct t_frames got;

	(void)state;
	make_all(&file);
	for (size_t n = 0; n <= file.n; n++) {
		size_t count = 0;

		part.n = 0;
		while (count < ROWS) {
			add(&part, &rows[count].record);
			if (part.n > n)
				break;
			count++;
		}
		t_read_capture(&format_erf, slice_of(file.p, n), &got);
		if (got.opened == STATUS_NOT_MINE) {
			/* Too little to be sure. */
			assert_true(count < 2);
			continue;
		}
		assert_int_equal(got.opened, STATUS_OK);
		assert_int_equal(got.count, count);
		assert_true(got.end == STATUS_END || got.end == STATUS_BAD);
	}
}

static void other_files_are_not_claimed(void **state)
{
	static const char *const texts[] = {
		"",
		"INVITE sip:alice@example.org SIP/2.0\r\nVia: SIP/2.0/UDP",
		"{\"json\": [1, 2, 3], \"more\": \"0123456789012345\"}",
		"                                                            ",
	};
	static const uint8_t zeros[4096];
	struct t_file_bytes file = {.n = 0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(format_erf.claims(slice_of_text(texts[i])));
	assert_false(format_erf.claims(slice_of(zeros, sizeof(zeros))));
	/* Two records of which one is weeks older. */
	add(&file, &rows[0].record);
	add(&file, &rows[0].record);
	assert_true(format_erf.claims(slice_of(file.p, file.n)));
	file.p[6] ^= 0x40;
	assert_false(format_erf.claims(slice_of(file.p, file.n)));
}

/* Generators count from zero: then the lengths must tell that it is one. */
static void clocks_that_start_at_zero_are_taken(void **state)
{
	static const size_t second = 16 + 2 + 8 + 6;
	struct t_file_bytes file = {.n = 0};
	struct t_frames got;

	(void)state;
	add(&file, &rows[1].record);
	add(&file, &rows[1].record);
	assert_int_equal(file.n, 2 * second);
	memset(file.p, 0, 8);
	memset(file.p + second, 0, 8);
	file.p[second + 3] = 0x40;
	t_read_capture(&format_erf, slice_of(file.p, file.n), &got);
	assert_int_equal(got.opened, STATUS_OK);
	assert_int_equal(got.count, 2);
	assert_true(got.list[0].has_time && got.list[0].time == 0);
	assert_true(got.list[1].time == 250000000);
	/* Eight bytes more than the frame needs, or one less. */
	file.p[second + 15] -= 2;
	assert_false(format_erf.claims(slice_of(file.p, file.n)));
	file.p[second + 15] += 9;
	assert_false(format_erf.claims(slice_of(file.p, file.n)));
}

static bool read_all(void *context)
{
	const struct t_file_bytes *file = context;
	struct byte_source *bytes;
	struct t_frames got;

	if (bytes_open_memory(slice_of(file->p, file->n), &bytes) != STATUS_OK)
		return false;
	t_read_source(&format_erf, bytes, &got);
	return got.opened == STATUS_OK && got.end == STATUS_END;
}

static void failing_allocations_leak_nothing(void **state)
{
	struct t_file_bytes file;

	(void)state;
	make_all(&file);
	t_failing_walk(read_all, &file);
}

static const struct t_case cases[] = {
	{"types_are_read", types_are_read},
	{"padding_records_take_no_number", padding_records_take_no_number},
	{"short_records_cost_one_frame", short_records_cost_one_frame},
	{"damage_further_back_is_named", damage_further_back_is_named},
	{"cut_files_give_whole_records", cut_files_give_whole_records},
	{"other_files_are_not_claimed", other_files_are_not_claimed},
	{"clocks_that_start_at_zero_are_taken",
	 clocks_that_start_at_zero_are_taken},
	{"failing_allocations_leak_nothing", failing_allocations_leak_nothing},
};
T_MAIN(cases)
