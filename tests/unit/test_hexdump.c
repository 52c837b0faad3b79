/* Packets printed as hexadecimal digits: lines, kinds of frames, and whose time
 * is whose. */
#include "config.h"

#include "capture/hexdump_line.h"
#include "capture/hexdump_link.h"
#include "tests/support/log.h"
#include "tests/support/t.h"

/* ---- lines ---- */

static const struct {
	const char *line;
	const char *bytes; /* NULL: it is no line of a dump */
	uint32_t offset;
} lines[] = {
	/* tcpdump -X, -xx; the last line of one */
	{"\t0x0010:  4500 0022 0001  E..\"..", "450000220001", 0x10},
	{"\t0x0020:  3836                                     86", "3836",
	 0x20},
	{"\t0x0010:  4500 0022 00", "4500002200", 0x10},
	/* tshark -x, with and without the wider gap; text like bytes */
	{"0000  45 00 00 22 00 01 00 00 40 11   E..\"....@.",
	 "45000022000100004011", 0},
	{"0000  45 00 00 22 00 01 00 00  40 11   E..\"....@.",
	 "45000022000100004011", 0},
	{"0010  61 62                              ab", "6162", 0x10},
	{"0010  61 62 63 64 65 66 67 68                    ab cd ef",
	 "6162636465666768", 0x10},
	/* xxd, hexdump -C, od -Ax -tx1 */
	{"00000010: 4500 0022  E..\"", "45000022", 0x10},
	{"00000010  45 00 00 22 00 01 00 00  40  |E..\"....@|",
	 "450000220001000040", 0x10},
	{"000010 45 00 00 22\r", "45000022", 0x10},
	/* firewalls, routers */
	{"0x0000\t 4500 0022 0001\tE..\"..", "450000220001", 0},
	{"  0010: 01005E00 00020000 0C07AC01  ..^.........",
	 "01005e00000200000c07ac01", 0x10},
	/* anything else */
	{"    0000 0000 0000 0000 = Priority: 0", NULL, 0},
	{"0000 = Reserved", NULL, 0},
	{"0010", NULL, 0},
	{"0010:", NULL, 0},
	{"0010:45", NULL, 0},
	{"0010  4", NULL, 0},
	{"0010  456", NULL, 0},
	{"0010  4G", NULL, 0},
	{"010  45", NULL, 0},
	{"000000010  45", NULL, 0},
	{"0010  45 4500", NULL, 0},
	{"Nov 30 2026", NULL, 0},
	{"", NULL, 0},
};

static void lines_of_many_programs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct slice line = t_exact(slice_of_text(lines[i].line));
		struct hexdump_line got;
		bool is = hexdump_line_read(line, &got);

		print_message("# %s\n", lines[i].line);
		assert_int_equal(is, lines[i].bytes != NULL);
		if (is) {
			struct slice want = t_hex(lines[i].bytes);

			assert_int_equal(got.offset, lines[i].offset);
			t_equal_bytes(slice_of(got.bytes, got.n), want);
			t_release(want);
		}
		t_release(line);
	}
}

static void lines_have_a_limit(void **state)
{
	char line[8 + 3 * (HEXDUMP_LINE_MAX + 1) + 1] = "0000 ";
	struct hexdump_line got;
	size_t i;

	(void)state;
	for (i = 0; i < HEXDUMP_LINE_MAX; i++)
		strcat(line, " 41");
	assert_true(hexdump_line_read(slice_of_text(line), &got));
	assert_int_equal(got.n, HEXDUMP_LINE_MAX);
	strcat(line, " 41");
	assert_false(hexdump_line_read(slice_of_text(line), &got));
}

/* ---- kinds of frames ---- */

/* UDP from 192.0.2.1 to 192.0.2.2, both port 5060: "OK 486". */
#define PACKET                                               \
	"4500 0022 0001 0000 4011 f6c6 c000 0201 c000 0202 " \
	"13c4 13c4 000e 0000 4f4b 2034 3836"
#define ADDRESSES "0009 0f09 0001 0050 56c0 0001 "
/* The same with no checksum in its header, and with a wrong one. */
#define UNSUMMED "4500 0022 0001 0000 4011 0000 c000 0201 c000 0202 13c4 13c4"
#define WRONG "4500 0022 0001 0000 4011 f6c7 c000 0201 c000 0202 13c4 13c4"
#define PACKET6                                    \
	"6000 0000 0008 1140 "                     \
	"2001 0db8 0000 0000 0000 0000 0000 0001 " \
	"2001 0db8 0000 0000 0000 0000 0000 0002 13c4 13c4 0008 0000"

static const struct {
	const char *bytes;
	uint32_t type, length;
} frames[] = {
	{PACKET, LINKTYPE_RAW, 34},
	{UNSUMMED, LINKTYPE_RAW, 34},
	{PACKET6, LINKTYPE_RAW, 48},
	{WRONG, LINKTYPE_UNKNOWN, 0},
	/* a program's file that "hexdump" shows in words; no sum, no time to
	 * live; no sum, a protocol that nobody uses */
	{"457f 464c 0102 0001 0000 0000 0000 0000 0003 003e 0001 0000",
	 LINKTYPE_UNKNOWN, 0},
	{"4500 0022 0001 0000 0011 0000 c000 0201 c000 0202", LINKTYPE_UNKNOWN,
	 0},
	{"4500 0022 0001 0000 40fd 0000 c000 0201 c000 0202", LINKTYPE_UNKNOWN,
	 0},
	{ADDRESSES "0800" PACKET, LINKTYPE_ETHERNET, 48},
	{ADDRESSES "86dd" PACKET6, LINKTYPE_ETHERNET, 62},
	{ADDRESSES "8100 0001 0800" PACKET, LINKTYPE_ETHERNET, 52},
	{ADDRESSES "88a8 0001 8100 0002 0800" PACKET, LINKTYPE_ETHERNET, 56},
	{ADDRESSES "8864 1100 0001 0024 0021" PACKET, LINKTYPE_ETHERNET, 56},
	{ADDRESSES "0806 0001", LINKTYPE_ETHERNET, 0},
	{ADDRESSES "0800" WRONG, LINKTYPE_ETHERNET, 0},
	{ADDRESSES "1234" PACKET, LINKTYPE_UNKNOWN, 0},
	{"0000 0001 0006 0050 56c0 0001 0000 0800" PACKET, LINKTYPE_LINUX_SLL,
	 50},
	{"0800 0000 0000 0001 0001 0006 0050 56c0 0001 0000" PACKET,
	 LINKTYPE_LINUX_SLL2, 54},
	{"0200 0000" PACKET, LINKTYPE_NULL, 38},
	{"0000 0002" PACKET, LINKTYPE_NULL, 38},
	{"1e00 0000" PACKET6, LINKTYPE_NULL, 52},
	{"0300 0000" PACKET, LINKTYPE_UNKNOWN, 0},
	{"494e 5649 5445 2073 6970 3a62 6f62 4065", LINKTYPE_UNKNOWN, 0},
	/* "eneration:0 network-id 10\r\na=candidate:..." */
	{"656e 6572 6174 3a6e 2030 206e 6574 776f 726b 2d69 6420 3130 0d0a "
	 "613d 6361 6e64 6964 6174 653a",
	 LINKTYPE_UNKNOWN, 0},
	{"45", LINKTYPE_UNKNOWN, 0},
	{"", LINKTYPE_UNKNOWN, 0},
};

static void kinds_of_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
		struct slice bytes = t_hex(frames[i].bytes);
		struct hexdump_link got = hexdump_link_of(bytes);

		print_message("# %s\n", frames[i].bytes);
		assert_int_equal(got.type, frames[i].type);
		assert_int_equal(got.length, frames[i].length);
		t_release(bytes);
	}
}

/* ---- whole texts ---- */

static const char dump[] =
	"\t0x0000:  4500 0022 0001 0000 4011 f6c6 c000 0201  "
	"E..\"....@.......\n"
	"\t0x0010:  c000 0202 13c4 13c4 000e 0000 4f4b 2034  ............OK.4\n"
	"\t0x0020:  3836                                     86\n";

static struct t_frames got;

static void read_text(const char *text)
{
	struct slice file = slice_of_text(text);

	assert_true(format_hexdump.claims(slice_first(file, 4096)));
	t_read_capture(&format_hexdump, file, &got);
	assert_int_equal(got.opened, STATUS_OK);
	assert_int_equal(got.end, STATUS_END);
}

static void is_packet(size_t i)
{
	struct slice want = t_hex(PACKET);

	assert_true(i < got.count);
	t_equal_bytes(got.list[i].bytes, want);
	assert_int_equal(got.list[i].link_type, LINKTYPE_RAW);
	assert_int_equal(got.list[i].wire_length, want.n);
	t_release(want);
}

static char *text_of(const char *const *parts)
{
	static char text[8192];

	text[0] = 0;
	for (; *parts; parts++)
		strcat(text, *parts);
	return text;
}

#define TEXT(...) text_of((const char *const[]){__VA_ARGS__, NULL})

static void times_of_many_programs(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{"2026-11-30 12:00:00.123456 IP 192.0.2.1.5060 > 192.0.2.2.5060"
		 ": SIP\n",
		 "2026-11-30T12:00:00.123456000Z"},
		{"12:00:00.123456 IP 192.0.2.1.5060 > 192.0.2.2.5060: SIP\n",
		 "1970-01-01T12:00:00.123456000Z"},
		{"1796016502.991103 IP 192.0.2.1.5060 > 192.0.2.2.5060: SIP\n",
		 "2026-11-30T05:28:22.991103000Z"},
		{"    Arrival Time: Nov 30, 2026 12:00:00.123456789 UTC\n"
		 "    Epoch Time: 1796016502.991103 seconds\n"
		 "        Date: Mon, 30 Nov 2026 15:00:00 GMT\n",
		 "2026-11-30T12:00:00.123456789Z"},
		{"    Arrival Time: Nov 30, 2026 13:00:00.5 CET\n"
		 "    UTC Arrival Time: Nov 30, 2026 12:00:00.5 UTC\n",
		 "2026-11-30T12:00:00.500000000Z"},
		{"      3 2.337283       192.0.2.1   192.0.2.2  SIP 48 "
		 "Status\n",
		 "1970-01-01T00:00:02.337283000Z"},
		{"2.337283 port1 in 192.0.2.1.5060 -> 192.0.2.2.5060: udp 6\n",
		 "1970-01-01T00:00:02.337283000Z"},
		{"      3 -2.25000       192.0.2.1   192.0.2.2  SIP 48 "
		 "Status\n",
		 "1969-12-31T23:59:57.750000000Z"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("# %s\n", rows[i].line);
		read_text(TEXT(rows[i].line, dump));
		assert_int_equal(got.count, 1);
		is_packet(0);
		t_is_time(&got.list[0], rows[i].want);
	}
}

static void packets_without_times(void **state)
{
	(void)state;
	read_text(TEXT(dump, "\n", dump, dump));
	assert_int_equal(got.count, 3);
	for (size_t i = 0; i < 3; i++) {
		is_packet(i);
		assert_false(got.list[i].has_time);
	}
}

/* tcpdump shows a part that it cannot read in front of the whole, tshark what
 * it put together behind it. */
static void one_packet_in_several_dumps(void **state)
{
	(void)state;
	read_text(TEXT("12:00:00.1 first\n", dump, "\n", dump,
		       "12:00:00.2 second\n",
		       "\t0x0000:  0102 0304 0506 0708\n", dump));
	assert_int_equal(got.count, 2);
	is_packet(0);
	is_packet(1);
	t_is_time(&got.list[1], "1970-01-01T12:00:00.200000000Z");
}

static void names_of_dumps(void **state)
{
	(void)state;
	read_text(TEXT("Frame (34 bytes):\n", dump,
		       "\nReassembled IPv4 "
		       "(34 bytes):\n",
		       dump, "\nFrame (34 bytes):\n", dump));
	assert_int_equal(got.count, 2);
	is_packet(0);
	is_packet(1);
}

static void cut_packets(void **state)
{
	(void)state;
	read_text("0000  45 00 00 22 00 01 00 00 40 11 f6 c6 c0 00 02 01\n"
		  "0010  c0 00 02 02 13 c4 13 c4 00 0e 00 00\n");
	assert_int_equal(got.count, 1);
	assert_int_equal(got.list[0].bytes.n, 28);
	assert_int_equal(got.list[0].wire_length, 34);
	assert_int_equal(got.info.cut, 1);
}

static void lost_lines(void **state)
{
	(void)state;
	read_text("0000  45 00 00 22 00 01 00 00 40 11 f6 c6 c0 00 02 01\n"
		  "0010  c0 00 02 02 13 c4 13 c4 00 0e 00 00\n"
		  "0020  38 36\n");
	assert_int_equal(got.count, 1);
	assert_int_equal(got.list[0].bytes.n, 28);
	assert_true(got.info.warning.set);
}

static void repeated_lines(void **state)
{
	size_t i;

	(void)state;
	read_text("0000  45 00 00 4c 00 01 00 00 40 11 f6 9c c0 00 02 01\n"
		  "0010  c0 00 02 02 13 c4 13 c4 00 38 00 00 41 41 41 41\n"
		  "0020  41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41\n"
		  "*\n"
		  "0040  41 41 41 41 41 41 41 41 41 41 41 41\n");
	assert_int_equal(got.count, 1);
	assert_int_equal(got.list[0].bytes.n, 76);
	for (i = 28; i < 76; i++)
		assert_int_equal(got.list[0].bytes.p[i], 'A');
	assert_false(got.info.warning.set);
}

/* hexdump -C and od end with the offset alone. */
static void repeated_lines_at_the_end(void **state)
{
	size_t i;

	(void)state;
	read_text("0000  45 00 00 40 00 01 00 00 40 11 f6 a8 c0 00 02 01\n"
		  "0010  c0 00 02 02 13 c4 13 c4 00 2c 00 00 41 41 41 41\n"
		  "0020  41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41\n"
		  "*\n"
		  "0040\n");
	assert_int_equal(got.count, 1);
	assert_int_equal(got.list[0].bytes.n, 64);
	for (i = 28; i < 64; i++)
		assert_int_equal(got.list[0].bytes.p[i], 'A');
	assert_false(got.info.warning.set);
}

/* A star stands for the line in front of it, which must be there; and for
 * what is up to the next line only. */
static void stars_that_repeat_nothing(void **state)
{
#define A16 "41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 41 "
	static const char *const rows[] = {
		("0100  " A16 A16 A16 "\n*\n0050  41 41\n"),
		("*\n0020  " A16 "\n0040  " A16 "\n"),
		"*\nffffffff  41 41\n",
	};
#undef A16
	static const size_t sizes[] = {32, 48, 32};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		read_text(TEXT("0000  45 00 00 80 00 01 00 00 40 11 f6 68 "
			       "c0 00 02 01\n"
			       "0010  c0 00 02 02 13 c4 13 c4 00 6c 00 00 "
			       "41 41 41 41\n",
			       rows[i]));
		assert_int_equal(got.count, 1);
		assert_int_equal(got.list[0].bytes.n, sizes[i]);
		assert_true(got.info.warning.set);
	}
}

/* Quoted in a mail, with lines of numbers in front. */
static void dressed(void **state)
{
	(void)state;
	read_text("> 0000  45 00 00 22 00 01 00 00 40 11 f6 c6 c0 00 02 01\n"
		  "> 0010  c0 00 02 02 13 c4 13 c4 00 0e 00 00 4f 4b 20 34\n"
		  "> 0020  38 36\n");
	assert_int_equal(got.count, 1);
	is_packet(0);
	assert_non_null(got.info.dress);
}

/* A frame that tells nothing of itself is like the others. */
static void one_link_type(void **state)
{
	(void)state;
	read_text(TEXT(dump, "0000  45 00 00 22 00 01 00 00 40 11 00 01\n"));
	assert_int_equal(got.count, 2);
	assert_int_equal(got.list[1].link_type, LINKTYPE_RAW);
}

/* Dumps of something else are in many a log. */
static void other_dumps(void **state)
{
	static const char text[] =
		"0000  49 4e 56 49 54 45 20 73 69 70 3a 62 6f 62 40 65\n"
		"0010  78 61 6d 70 6c 65 2e 6f 72 67 20 53 49 50 2f 32\n";

	(void)state;
	assert_false(format_hexdump.claims(slice_of_text(text)));
}

static bool read_dump(void *context)
{
	const struct slice *text = context;
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;
	enum status status = bytes_open_memory(*text, &bytes);

	if (status == STATUS_OK)
		status = source_open(bytes, NULL, &source, &fault);
	if (status != STATUS_OK) {
		assert_int_equal(status, STATUS_NOMEM);
		return false;
	}
	status = source->next(source, &frame);
	if (status == STATUS_OK) {
		assert_string_equal(source->info.format, "hexdump");
		assert_int_equal(frame.bytes.n, 34);
		status = source->next(source, &frame);
		assert_int_equal(status, STATUS_END);
	}
	source->close(source);
	return status == STATUS_END;
}

static void without_memory(void **state)
{
	struct slice text = slice_of(dump, sizeof(dump) - 1);

	(void)state;
	assert_true(read_dump(&text));
	t_failing_walk(read_dump, &text);
}

static const struct t_case cases[] = {
	{"lines_of_many_programs", lines_of_many_programs},
	{"lines_have_a_limit", lines_have_a_limit},
	{"kinds_of_frames", kinds_of_frames},
	{"times_of_many_programs", times_of_many_programs},
	{"packets_without_times", packets_without_times},
	{"one_packet_in_several_dumps", one_packet_in_several_dumps},
	{"names_of_dumps", names_of_dumps},
	{"cut_packets", cut_packets},
	{"lost_lines", lost_lines},
	{"repeated_lines", repeated_lines},
	{"repeated_lines_at_the_end", repeated_lines_at_the_end},
	{"stars_that_repeat_nothing", stars_that_repeat_nothing},
	{"dressed", dressed},
	{"one_link_type", one_link_type},
	{"other_dumps", other_dumps},
	{"without_memory", without_memory},
};

T_MAIN(cases)
