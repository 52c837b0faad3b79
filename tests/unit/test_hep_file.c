/* Packets of HEP3 one behind the other (spec "capture-formats" 0, 6). */
#include "config.h"

#include "tests/support/capture.h"
#include "tests/support/t.h"

/* The specification's example, with another content and payload. */
#define ENDS                                               \
	"0000 0001 0007 02 0000 0002 0007 11 "             \
	"0000 0003 000A D4CA0001 0000 0004 000A 527400D3 " \
	"0000 0007 0008 2EEA 0000 0008 0008 13C4 "         \
	"0000 0009 000A 4E4982CB 0000 000A 000A 0001D4C0 "
#define EXAMPLE                                                     \
	"48455033 0071 " ENDS                                       \
	"0000 000B 0007 01 0000 000C 000A 000000E4 0000 000F 0014 " \
	"494E56495445207369703A626F62 "
/* "SIP/2.0 200 OK" of content 0x64; "log" of content 0x64. */
#define REPLY_AS_LOG                                              \
	"48455033 0067 " ENDS "0000 000B 0007 64 0000 000F 0014 " \
	"5349502F322E3020323030204F4B "
#define WORDS_AS_LOG                                              \
	"48455033 005C " ENDS "0000 000B 0007 64 0000 000F 0009 " \
	"6C6F67 "

static void read_hex(const char *hex, struct t_frames *got)
{
	struct slice file = t_hex(hex);

	t_read_capture(&format_hep, file, got);
	t_release(file);
}

static void each_packet_is_a_frame(void **state)
{
	struct t_frames got;

	(void)state;
	read_hex(EXAMPLE REPLY_AS_LOG WORDS_AS_LOG EXAMPLE, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 4);
	assert_int_equal(got.list[0].link_type, LINKTYPE_WIRESHARK_UPPER_PDU);
	assert_true(got.list[0].time == INT64_C(1313440459120000000));
	/* What starts like SIP is SIP, whatever its number. */
	assert_int_equal(got.list[1].link_type, LINKTYPE_WIRESHARK_UPPER_PDU);
	t_equal_text(slice_from(got.list[1].bytes, got.list[1].bytes.n - 14),
		     "SIP/2.0 200 OK");
	assert_int_equal(got.list[2].link_type, LINKTYPE_METADATA);
	assert_int_equal(got.list[3].number, 4);
	assert_int_equal(got.info.metadata, 1);
}

static void it_is_known_by_its_first_bytes(void **state)
{
	struct slice file = t_hex(EXAMPLE);
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;

	(void)state;
	assert_int_equal(bytes_open_memory(file, &bytes), STATUS_OK);
	assert_int_equal(source_open(bytes, NULL, &source, &fault), STATUS_OK);
	assert_string_equal(source->info.format, "hep");
	source->close(source);
	t_release(file);
}

static void what_is_between_is_passed_over(void **state)
{
	struct t_frames got;

	(void)state;
	read_hex(EXAMPLE "0D0A 48 4855 " EXAMPLE "48455033 0005 " EXAMPLE,
		 &got);
	assert_int_equal(got.count, 3);
	assert_int_equal(got.end, STATUS_BAD);
	assert_true(got.info.damage.set);
	assert_int_equal(got.info.damage.offset, 113);
}

/* Wherever it is cut off: the packets before are there, and it is said. */
static void a_cut_file_gives_what_it_has(void **state)
{
	struct slice file = t_hex(EXAMPLE EXAMPLE);
	struct t_frames got;

	(void)state;
	for (size_t n = 4; n < file.n; n++) {
		t_read_capture(&format_hep, slice_first(file, n), &got);
		assert_int_equal(got.count, n / 113);
		assert_int_equal(got.end, n == 113 ? STATUS_END : STATUS_BAD);
	}
	t_release(file);
}

static const struct t_case cases[] = {
	{"each_packet_is_a_frame", each_packet_is_a_frame},
	{"it_is_known_by_its_first_bytes", it_is_known_by_its_first_bytes},
	{"what_is_between_is_passed_over", what_is_between_is_passed_over},
	{"a_cut_file_gives_what_it_has", a_cut_file_gives_what_it_has},
};

T_MAIN(cases)
