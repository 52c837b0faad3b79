/* What kind of file is it (capture-formats section 0)? */
#include "config.h"

#include <unistd.h>

#include "capture/bytes.h"
#include "capture/source.h"
#include "tests/support/capture.h"
#include "tests/support/packer.h"
#include "tests/support/t.h"

static enum status open_slice(struct slice file, const char *name,
			      struct source **out, struct fault *fault)
{
	struct byte_source *bytes;

	*out = NULL;
	assert_int_equal(bytes_open_memory(file, &bytes), STATUS_OK);
	return source_open(bytes, name, out, fault);
}

/* A pcap file with one frame. */
static struct slice small_pcap(void)
{
	return t_hex("d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000"
		     "00f15365 01000000 04000000 04000000 61626364");
}

static void formats_are_known_by_content(void **state)
{
	static const struct {
		const char *hex;
		const char *format;
	} rows[] = {
		{"d4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000",
		 "pcap"},
		{"a1b2c3d4 0002 0004 00000000 00000000 0000ffff 00000001",
		 "pcap"},
		{"4d3cb2a1 0200 0400 00000000 00000000 ffff0000 01000000",
		 "pcap"},
		{"a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000001",
		 "pcap"},
		{"34cdb2a1 0200 0400 00000000 00000000 ffff0000 01000000",
		 "pcap"},
		{"a1b2cd34 0002 0004 00000000 00000000 0000ffff 00000001",
		 "pcap"},
		{"0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff "
		 "1c000000",
		 "pcapng"},
		{"0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff "
		 "0000001c",
		 "pcapng"},
		{"736e6f6f70000000 00000002 00000004", "snoop"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice file = t_hex(rows[i].hex);
		struct source *source;
		struct fault fault;
		struct frame frame;

		assert_int_equal(open_slice(file, NULL, &source, &fault),
				 STATUS_OK);
		assert_string_equal(source->info.format, rows[i].format);
		assert_null(source->info.compression);
		assert_true(source->info.rereadable);
		assert_false(fault.set);
		assert_int_equal(source->next(source, &frame), STATUS_END);
		source->close(source);
		t_release(file);
	}
}

static void strangers_are_turned_away_politely(void **state)
{
	static const struct {
		const char *hex;
		const char *name;
		const char *text;
	} rows[] = {
		{"456c6646696c6500 0000000000000000", NULL,
		 "this is a Windows event log (.evtx), not a capture"},
		{"504b0304 140000000000 0000", NULL,
		 "this is a zip archive; unpack it first"},
		{"ffd8ffe0 00104a464946 0001", NULL,
		 "this is a JPEG image, not a capture"},
		{"89504e470d0a1a0a 0000000d", NULL,
		 "this is a PNG image, not a capture"},
		{"a1b2c3cb 0002 0004 00000000", NULL,
		 "this is a variant of pcap that is reserved for another "
		 "program"},
		{"cd34b2a1 0200 0400 00000000", NULL,
		 "this is a variant of pcap that is reserved for another "
		 "program"},
		{"00800000 00000000 00000000 00000000", "Trace.ETL",
		 "this is an event trace log (.etl); convert network traces "
		 "with etl2pcapng, traces of Lync with its logging tool"},
		{"00800000 00000000 00000000 00000000", "trace.bin",
		 "no format of captures starts with 00 80 00 00"},
		{"fffe 3c00 4500 7600 6500 6e00 7400", NULL,
		 "this is a Windows event log as XML; give it with --events"},
		{"fffe 4900 6e00 7600 6900 7400 6500", NULL,
		 "this is text, not a capture"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice file = t_hex(rows[i].hex);
		struct source *source;
		struct fault fault;

		assert_int_equal(
			open_slice(file, rows[i].name, &source, &fault),
			STATUS_NOT_MINE);
		assert_null(source);
		assert_true(fault.set);
		assert_string_equal(fault.text, rows[i].text);
		t_release(file);
	}
}

static void text_is_called_text(void **state)
{
	static const struct {
		const char *text;
		const char *what;
	} rows[] = {
		{"On the phone: SIP/2.0 486 Busy Here\r\n",
		 "this is text in which SIP is met, but neither a log nor "
		 "packets with their bytes (tcpdump -X, tshark -x)"},
		{"<pdml version=\"0\" creator=\"wireshark/4.0.17\">\n",
		 "this is what tshark made of a capture, not the capture; "
		 "print it with -x alone, or write it with -w"},
		{"[\n  {\n    \"_index\": \"packets-2026-11-30\",\n",
		 "this is what tshark made of a capture, not the capture; "
		 "print it with -x alone, or write it with -w"},
		{"{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":"
		 "\"WebInspector\"}}}",
		 "this is an HTTP archive of a browser (.har), not a capture; "
		 "take one of the packets, with SSLKEYLOGFILE"},
		{"CLIENT_RANDOM 00112233 445566\n",
		 "this is a TLS key log, not a capture; give it with "
		 "--keylog"},
		{"<?xml version=\"1.0\"?><Events/>",
		 "this is a Windows event log as XML; give it with "
		 "--events"},
		{"Gr\xC3\xBC\xC3\x9F Gott, Welt", "this is text, not a "
						  "capture"},
		{"hi", "this is text, not a capture"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct source *source;
		struct fault fault;

		assert_int_equal(open_slice(slice_of_text(rows[i].text), NULL,
					    &source, &fault),
				 STATUS_NOT_MINE);
		assert_string_equal(fault.text, rows[i].what);
	}
}

static void files_that_end_too_early(void **state)
{
	struct slice file = small_pcap();
	struct source *source;
	struct fault fault;

	(void)state;
	assert_int_equal(open_slice((struct slice){0}, NULL, &source, &fault),
			 STATUS_SHORT);
	assert_string_equal(fault.text, "the file is empty");
	for (size_t n = 1; n < 24; n++) {
		struct slice cut = t_exact(slice_first(file, n));

		assert_int_equal(open_slice(cut, NULL, &source, &fault),
				 STATUS_SHORT);
		assert_true(fault.set);
		t_release(cut);
	}
	assert_string_equal(fault.text,
			    "the file is cut off: 23 of 24 bytes of the file "
			    "header");
	t_release(file);
}

static void compressions_are_peeled_off(void **state)
{
	struct slice layers[5] = {small_pcap()};

	(void)state;
	for (int i = 0; i < 4; i++)
		layers[i + 1] = t_pack((enum packer)(i % PACKERS), layers[i]);
	for (int i = 1; i < 5; i++) {
		struct source *source;
		struct fault fault;
		struct frame frame;
		enum status status =
			open_slice(layers[i], NULL, &source, &fault);

		if (i == 4) {
			assert_int_equal(status, STATUS_NOT_MINE);
			assert_string_equal(fault.text,
					    "packed more than 3 times");
			continue;
		}
		assert_int_equal(status, STATUS_OK);
		assert_string_equal(source->info.format, "pcap");
		assert_string_equal(source->info.compression, i == 1   ? "gzip"
							      : i == 2 ? "zstd"
								       : "lz4");
		assert_false(source->info.rereadable);
		assert_int_equal(source->next(source, &frame), STATUS_OK);
		t_equal_text(frame.bytes, "abcd");
		assert_int_equal(frame.offset, 40);
		assert_int_equal(source->next(source, &frame), STATUS_END);
		source->close(source);
	}
	for (int i = 0; i < 5; i++)
		t_release(layers[i]);
}

static void packed_strangers_are_told_from_packed_captures(void **state)
{
	struct slice packed = t_pack(PACKER_GZIP, SLICE("just some words"));
	struct slice empty = t_pack(PACKER_GZIP, SLICE(""));
	struct source *source;
	struct fault fault;

	(void)state;
	assert_int_equal(open_slice(packed, NULL, &source, &fault),
			 STATUS_NOT_MINE);
	assert_string_equal(fault.text, "this is text, not a capture");
	assert_int_equal(open_slice(empty, NULL, &source, &fault),
			 STATUS_SHORT);
	assert_string_equal(fault.text, "the file is empty");
	/* Cut off before anything comes out. */
	assert_int_equal(
		open_slice(slice_first(packed, 10), NULL, &source, &fault),
		STATUS_BAD);
	assert_string_equal(fault.text, "the gzip data is cut off");
	t_release(packed);
	t_release(empty);
}

static void a_packed_capture_that_is_cut_off_is_read_so_far(void **state)
{
	struct slice file = small_pcap();
	struct slice packed = t_pack(PACKER_GZIP, file);
	struct source *source;
	struct fault fault;
	struct frame frame;

	(void)state;
	assert_int_equal(open_slice(slice_first(packed, packed.n - 6), NULL,
				    &source, &fault),
			 STATUS_OK);
	assert_int_equal(source->next(source, &frame), STATUS_OK);
	assert_int_equal(source->next(source, &frame), STATUS_BAD);
	assert_string_equal(source->info.damage.text,
			    "the gzip data is cut off");
	source->close(source);
	t_release(file);
	t_release(packed);
}

static void files_that_cannot_be_opened(void **state)
{
	struct byte_source *bytes;
	struct fault fault = {0};

	(void)state;
	assert_int_equal(bytes_open_file("/no/such/file", &bytes, &fault),
			 STATUS_IO);
	assert_string_equal(fault.text, "No such file or directory");
	assert_int_equal(bytes_open_file("/", &bytes, &fault), STATUS_IO);
	assert_string_equal(fault.text, "Is a directory");
}

/* A file whose descriptor was given back is opened again, if it is there. */
static void parked_files_read_on(void **state)
{
	char path[] = "/tmp/test_source.XXXXXX";
	int fd = mkstemp(path);
	struct byte_source *bytes, *watched;
	struct fault fault;
	uint8_t to[4];
	size_t got;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "abcdefgh", 8), 8);
	close(fd);
	assert_int_equal(bytes_open_file(path, &bytes, &fault), STATUS_OK);
	watched = bytes;
	bytes_watch(bytes, &watched);
	assert_int_equal(bytes->size, 8);
	assert_int_equal(bytes->read(bytes, to, 4, &got), STATUS_OK);
	assert_true(bytes_park(bytes));
	assert_false(bytes_park(bytes));
	assert_int_equal(bytes->read(bytes, to, 4, &got), STATUS_OK);
	t_equal_text(slice_of(to, got), "efgh");
	assert_int_equal(bytes->read_at(bytes, 2, to, 4, &got), STATUS_OK);
	t_equal_text(slice_of(to, got), "cdef");
	assert_int_equal(bytes->read_at(bytes, UINT64_MAX, to, 4, &got),
			 STATUS_OK);
	assert_int_equal(got, 0);
	assert_true(bytes_park(bytes));
	unlink(path);
	assert_int_equal(bytes->read(bytes, to, 4, &got), STATUS_IO);
	bytes->close(bytes);
	assert_null(watched);
}

static bool open_layers(void *context)
{
	struct slice *file = context;
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;
	bool through;

	if (bytes_open_memory(*file, &bytes) != STATUS_OK)
		return false;
	if (source_open(bytes, NULL, &source, &fault) != STATUS_OK) {
		assert_true(fault.set);
		return false;
	}
	through = source->next(source, &frame) == STATUS_OK;
	source->close(source);
	return through;
}

static void gives_all_back_when_memory_is_out(void **state)
{
	struct slice file = small_pcap();
	struct slice one = t_pack(PACKER_LZ4, file);
	struct slice two = t_pack(PACKER_GZIP, one);

	(void)state;
	t_failing_walk(open_layers, &two);
	t_release(file);
	t_release(one);
	t_release(two);
}

static const struct t_case cases[] = {
	{"formats_are_known_by_content", formats_are_known_by_content},
	{"strangers_are_turned_away_politely",
	 strangers_are_turned_away_politely},
	{"text_is_called_text", text_is_called_text},
	{"files_that_end_too_early", files_that_end_too_early},
	{"compressions_are_peeled_off", compressions_are_peeled_off},
	{"packed_strangers_are_told_from_packed_captures",
	 packed_strangers_are_told_from_packed_captures},
	{"a_packed_capture_that_is_cut_off_is_read_so_far",
	 a_packed_capture_that_is_cut_off_is_read_so_far},
	{"files_that_cannot_be_opened", files_that_cannot_be_opened},
	{"parked_files_read_on", parked_files_read_on},
	{"gives_all_back_when_memory_is_out",
	 gives_all_back_when_memory_is_out},
};
T_MAIN(cases)
