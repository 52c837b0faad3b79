/* pcapng files, whole and broken (capture-formats 2.2 and 2.3). */
#include "config.h"

#include "tests/support/capture.h"
#include "tests/support/t.h"

#define SHB 0x0A0D0D0Au
#define IDB 1u
#define PB 2u
#define SPB 3u
#define NRB 4u
#define ISB 5u
#define EPB 6u
#define JOURNAL 9u
#define DSB 10u
#define CUSTOM 0xBADu

/* A file in the making, and the byte order of what is put next. */
struct maker {
	struct t_file_bytes f;
	bool big;
	size_t block; /* where the open block starts */
};

static void put(struct maker *m, uint64_t value, size_t n)
{
	if (m->big)
		t_put_be(&m->f, value, n);
	else
		t_put_le(&m->f, value, n);
}

static void put_padded(struct maker *m, struct slice s)
{
	t_put(&m->f, s);
	t_put_zeros(&m->f, -s.n & 3);
}

static void begin(struct maker *m, uint32_t type)
{
	m->block = m->f.n;
	put(m, type, 4);
	put(m, 0, 4);
}

static void patch(struct maker *m, size_t at, uint32_t value)
{
	size_t n = m->f.n;

	m->f.n = at;
	put(m, value, 4);
	m->f.n = n;
}

static void end(struct maker *m)
{
	uint32_t length = (uint32_t)(m->f.n - m->block + 4);

	put(m, length, 4);
	patch(m, m->block + 4, length);
}

static void option(struct maker *m, uint32_t code, struct slice value)
{
	put(m, code, 2);
	put(m, value.n, 2);
	put_padded(m, value);
}

static void section(struct maker *m, bool big)
{
	m->big = big;
	begin(m, SHB);
	put(m, 0x1A2B3C4Du, 4);
	put(m, 1, 2);
	put(m, 0, 2);
	put(m, UINT64_MAX, 8);
	end(m);
}

static void interface_begin(struct maker *m, uint32_t link_type,
			    uint32_t snaplen)
{
	begin(m, IDB);
	put(m, link_type, 2);
	put(m, 0, 2);
	put(m, snaplen, 4);
}

static void interface(struct maker *m, uint32_t link_type, uint32_t snaplen)
{
	interface_begin(m, link_type, snaplen);
	end(m);
}

static void packet_begin(struct maker *m, uint32_t number, uint64_t time,
			 const char *text)
{
	struct slice s = slice_of_text(text);

	begin(m, EPB);
	put(m, number, 4);
	put(m, time >> 32, 4);
	put(m, time & UINT32_MAX, 4);
	put(m, s.n, 4);
	put(m, s.n, 4);
	put_padded(m, s);
}

static void packet(struct maker *m, uint32_t number, uint64_t time,
		   const char *text)
{
	packet_begin(m, number, time, text);
	end(m);
}

static void read_maker(const struct maker *m, struct t_frames *got)
{
	t_read_capture(&format_pcapng, slice_of(m->f.p, m->f.n), got);
	assert_int_equal(got->opened, STATUS_OK);
}

static void expect(const struct t_frames *got, size_t at, const char *text,
		   uint32_t link_type, nanoseconds time)
{
	const struct frame *frame = &got->list[at];

	assert_true(at < got->count);
	t_equal_text(frame->bytes, text);
	assert_int_equal(frame->link_type, link_type);
	assert_true(frame->time == time);
	assert_int_equal(frame->number, at + 1);
}

static void reads_both_byte_orders_in_one_file(void **state)
{
	struct maker m = {.big = false};
	struct t_frames got;

	(void)state;
	section(&m, false);
	interface(&m, 1, 0);
	packet(&m, 0, 1, "little");
	section(&m, true);
	interface(&m, 101, 60);
	packet(&m, 0, 2, "big");
	section(&m, false);
	interface(&m, 113, 262144);
	packet(&m, 0, 3, "little again");
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 3);
	expect(&got, 0, "little", 1, 1000);
	expect(&got, 1, "big", 101, 2000);
	expect(&got, 2, "little again", 113, 3000);
	/* Counted through the sections. */
	assert_int_equal(got.list[2].interface, 2);
	assert_int_equal(got.info.link_type_count, 3);
	assert_int_equal(got.info.warnings, 0);
}

static void every_interface_has_its_own_clock(void **state)
{
	static const uint8_t ns = 9, binary = 0x94, ms = 3;
	struct maker m = {.big = true};
	struct t_frames got;

	(void)state;
	section(&m, true);
	interface(&m, 1, 0);
	interface_begin(&m, 101, 0);
	option(&m, 9, slice_of(&ns, 1));
	end(&m);
	packet(&m, 0, 1700000000000001, "us");
	packet(&m, 1, 1700000000000000001, "ns");
	/* Late, and with an offset. */
	interface_begin(&m, 0, 0);
	option(&m, 9, slice_of(&binary, 1));
	option(&m, 0, SLICE(""));
	end(&m);
	interface_begin(&m, 0, 0);
	option(&m, 9, slice_of(&ms, 1));
	option(&m, 14, SLICE("\0\0\0\0\0\0\x03\xE8"));
	end(&m);
	packet(&m, 2, 3 << 19, "binary");
	packet(&m, 3, 5, "offset");
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	expect(&got, 0, "us", 1, INT64_C(1700000000000001000));
	expect(&got, 1, "ns", 101, INT64_C(1700000000000000001));
	expect(&got, 2, "binary", 0, 1500 * NS_PER_MS);
	expect(&got, 3, "offset", 0, 1000 * NS_PER_S + 5 * NS_PER_MS);
}

static void simple_and_obsolete_packets(void **state)
{
	struct maker m = {.big = false};
	struct t_frames got;

	(void)state;
	section(&m, false);
	interface(&m, 1, 6);
	begin(&m, SPB);
	put(&m, 5, 4);
	put_padded(&m, SLICE("abcde"));
	end(&m);
	begin(&m, SPB);
	put(&m, 100, 4);
	put_padded(&m, SLICE("abcdef"));
	end(&m);
	begin(&m, PB);
	put(&m, 0, 2);
	put(&m, 7, 2); /* drops */
	put(&m, 0, 4);
	put(&m, 9, 4);
	put(&m, 3, 4);
	put(&m, 30, 4);
	put_padded(&m, SLICE("xyz"));
	option(&m, 2, SLICE("\x02\0\0\0"));
	end(&m);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	expect(&got, 0, "abcde", 1, 0);
	assert_false(got.list[0].has_time);
	expect(&got, 1, "abcdef", 1, 0);
	assert_int_equal(got.list[1].wire_length, 100);
	expect(&got, 2, "xyz", 1, 9000);
	assert_int_equal(got.list[2].direction, FRAME_SENT);
	assert_int_equal(got.list[2].wire_length, 30);
	assert_int_equal(got.info.dropped, 7);
	assert_int_equal(got.info.cut, 2);
	assert_true(got.info.first_time == 9000);
}

static void options_tell_direction_drops_and_comments(void **state)
{
	struct maker m = {.big = false};
	struct t_frames got;

	(void)state;
	section(&m, false);
	m.f.n -= 4;
	option(&m, 1, SLICE("a file"));
	end(&m);
	interface_begin(&m, 1, 0);
	option(&m, 1, SLICE("an interface\0and more"));
	end(&m);
	packet_begin(&m, 0, 1, "a");
	option(&m, 1, SLICE("one"));
	option(&m, 2, SLICE("\x01\0\0\0"));
	option(&m, 1, SLICE("two"));
	option(&m, 4, SLICE("\x05\0\0\0\0\0\0\0"));
	end(&m);
	packet_begin(&m, 0, 1, "b");
	option(&m, 1, SLICE("three"));
	option(&m, 0, SLICE(""));
	/* Behind the end of options nothing counts. */
	option(&m, 1, SLICE("four"));
	end(&m);
	begin(&m, ISB);
	put(&m, 0, 4);
	put(&m, 0, 8);
	option(&m, 5, SLICE("\x03\0\0\0\0\0\0\0"));
	option(&m, 7, SLICE("\x04\0\0\0\0\0\0\0"));
	end(&m);
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_string_equal(got.comments, "0:a file;0:an interface;1:one;"
					  "1:two;2:three;");
	assert_int_equal(got.list[0].direction, FRAME_RECEIVED);
	assert_int_equal(got.list[1].direction, FRAME_DIRECTION_UNKNOWN);
	assert_int_equal(got.info.dropped, 7);
}

struct secrets {
	uint32_t kind;
	size_t count;
	char text[64];
};

static void take_secrets(void *context, uint32_t kind, struct slice s)
{
	struct secrets *to = context;

	to->kind = kind;
	to->count++;
	assert_true(s.n < sizeof(to->text));
	memcpy(to->text, s.p, s.n);
	to->text[s.n] = 0;
}

static void secrets_are_handed_over(void **state)
{
	struct secrets secrets = {0};
	struct maker m = {.big = false};
	struct byte_source *bytes;
	struct source *source;
	struct fault fault;
	struct frame frame;

	(void)state;
	section(&m, false);
	begin(&m, DSB);
	put(&m, SECRETS_TLS_KEY_LOG, 4);
	put(&m, 5, 4);
	put_padded(&m, SLICE("a key"));
	end(&m);
	assert_int_equal(bytes_open_memory(slice_of(m.f.p, m.f.n), &bytes),
			 STATUS_OK);
	assert_int_equal(source_open(bytes, NULL, &source, &fault), STATUS_OK);
	source->context = &secrets;
	source->on_secrets = take_secrets;
	assert_int_equal(source->next(source, &frame), STATUS_END);
	assert_int_equal(secrets.count, 1);
	assert_int_equal(secrets.kind, SECRETS_TLS_KEY_LOG);
	assert_string_equal(secrets.text, "a key");
	source->close(source);
}

static void other_blocks_are_passed_over_or_numbered(void **state)
{
	struct maker m = {.big = false};
	struct t_frames got;

	(void)state;
	section(&m, false);
	interface(&m, 1, 0);
	begin(&m, NRB);
	put(&m, 0, 4);
	end(&m);
	begin(&m, 0x80000001u);
	end(&m);
	begin(&m, 0x101u);
	put(&m, 5, 4);
	end(&m);
	begin(&m, CUSTOM);
	put(&m, 32473, 4);
	t_put_text(&m.f, "mine");
	end(&m);
	begin(&m, JOURNAL);
	t_put_text(&m.f, "__REALTIME_TIMESTAMP=1700000000123456\nA=b\n");
	t_put_zeros(&m.f, 2);
	end(&m);
	packet(&m, 0, 3, "third");
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 3);
	expect(&got, 0, "mine", LINKTYPE_METADATA, 0);
	assert_false(got.list[0].has_time);
	assert_int_equal(got.list[1].link_type, LINKTYPE_METADATA);
	assert_true(got.list[1].time == INT64_C(1700000000123456000));
	expect(&got, 2, "third", 1, 3000);
	assert_int_equal(got.info.metadata, 2);
	assert_int_equal(got.info.link_type_count, 1);
}

static void packets_of_undescribed_interfaces(void **state)
{
	struct maker m = {.big = false};
	struct t_frames got;

	(void)state;
	section(&m, false);
	packet(&m, 0, 1, "too early");
	interface(&m, 101, 0);
	interface(&m, 101, 0);
	packet(&m, 3, 2, "all others agree");
	interface(&m, 1, 0);
	packet(&m, 0xFFFFFFFFu, 3, "they do not");
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	expect(&got, 0, "too early", LINKTYPE_UNKNOWN, 1000);
	expect(&got, 1, "all others agree", 101, 2000);
	expect(&got, 2, "they do not", LINKTYPE_UNKNOWN, 3000);
	assert_int_equal(got.info.warnings, 3);
}

/* What libpcap refuses (2.3), one thing at a time. */
static void tolerates_what_can_be_understood(void **state)
{
	struct maker m = {.big = false};
	struct t_frames got;
	size_t n;

	(void)state;
	section(&m, false);
	patch(&m, 12, 0x00010001u); /* version 1.1 */
	interface(&m, 1, 4);
	packet(&m, 0, 1, "longer than 4");
	/* captured more than there was */
	packet(&m, 0, 2, "abcd");
	patch(&m, m.block + 24, 2);
	/* captured more than the block has room for */
	packet(&m, 0, 3, "abcd");
	patch(&m, m.block + 20, 4000);
	patch(&m, m.block + 24, 4000);
	/* a wrong length at the end */
	packet(&m, 0, 4, "abcd");
	patch(&m, m.f.n - 4, 99);
	/* an option that overruns */
	packet_begin(&m, 0, 5, "abcd");
	n = m.f.n;
	option(&m, 1, SLICE("efgh"));
	end(&m);
	patch(&m, n, 0x01000001u);
	/* a length that is no multiple of 4, with padding and without */
	packet(&m, 0, 6, "ab");
	patch(&m, m.block + 4, 34);
	patch(&m, m.f.n - 4, 34);
	packet(&m, 0, 7, "ab");
	m.f.n -= 6;
	put(&m, 34, 4);
	patch(&m, m.block + 4, 34);
	packet(&m, 0, 8, "last");
	read_maker(&m, &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 8);
	expect(&got, 0, "longer than 4", 1, 1000);
	expect(&got, 1, "abcd", 1, 2000);
	assert_int_equal(got.list[1].wire_length, 4);
	expect(&got, 2, "abcd", 1, 3000);
	assert_int_equal(got.list[2].wire_length, 4000);
	expect(&got, 3, "abcd", 1, 4000);
	expect(&got, 4, "abcd", 1, 5000);
	expect(&got, 5, "ab", 1, 6000);
	expect(&got, 6, "ab", 1, 7000);
	expect(&got, 7, "last", 1, 8000);
	assert_int_equal(got.info.warnings, 7);
	assert_false(got.info.damage.set);
}

static void a_huge_frame_is_cut(void **state)
{
	/* Too long for a maker: only the captured length is huge. */
	static uint8_t file[28 + 20 + 32 + FRAME_MAX + 4];
	struct maker m = {.big = false};
	struct t_frames got;

	(void)state;
	section(&m, false);
	interface(&m, 1, 0);
	begin(&m, EPB);
	patch(&m, m.block + 4, 32 + FRAME_MAX + 4);
	t_put_zeros(&m.f, 12);
	put(&m, FRAME_MAX + 4, 4);
	put(&m, FRAME_MAX + 4, 4);
	memcpy(file, m.f.p, m.f.n);
	m.f.n = 0;
	put(&m, 32 + FRAME_MAX + 4, 4);
	memcpy(file + sizeof(file) - 4, m.f.p, 4);
	t_read_capture(&format_pcapng, slice_of(file, sizeof(file)), &got);
	assert_int_equal(got.end, STATUS_END);
	assert_int_equal(got.count, 1);
	assert_int_equal(got.info.bytes, FRAME_MAX);
	assert_int_equal(got.info.warnings, 1);
	assert_int_equal(got.info.cut, 1);
}

static void goes_on_behind_damage(void **state)
{
	static const struct {
		uint32_t type;
		uint32_t length;
		const char *what;
	} rows[] = {
		{EPB, 0, "block of 0 bytes, less than 12; 44 bytes skipped"},
		{EPB, 11, "block of 11 bytes, less than 12; 44 bytes skipped"},
		{EPB, 0xFFFFFFFCu,
		 "block of 4294967292 bytes, more than "
		 "67108864; 44 bytes skipped"},
		{EPB, 40,
		 "block of 40 bytes does not end with that length; "
		 "44 bytes skipped"},
		{EPB, 4000,
		 "the file is cut off: 128 of 4000 bytes of a "
		 "block; 44 bytes skipped"},
		{SHB, 44,
		 "section without byte-order magic; 44 bytes "
		 "skipped"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m = {.big = false};
		struct t_frames got;
		size_t broken;

		section(&m, false);
		interface(&m, 1, 0);
		packet(&m, 0, 1, "before");
		packet(&m, 0, 2, "lost packet");
		broken = m.block;
		patch(&m, broken, rows[i].type);
		patch(&m, broken + 4, rows[i].length);
		packet(&m, 0, 3, "behind it");
		packet(&m, 0, 4, "and more");
		read_maker(&m, &got);
		assert_int_equal(got.end, STATUS_BAD);
		assert_int_equal(got.count, 3);
		expect(&got, 0, "before", 1, 1000);
		expect(&got, 1, "behind it", 1, 3000);
		expect(&got, 2, "and more", 1, 4000);
		assert_string_equal(got.info.damage.text, rows[i].what);
		assert_int_equal(got.info.damage.offset, broken);
	}
}

static void short_blocks_cost_only_themselves(void **state)
{
	static const uint32_t types[] = {IDB, PB,  SPB,    ISB,
					 EPB, DSB, CUSTOM, SHB};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct maker m = {.big = false};
		struct t_frames got;

		section(&m, false);
		interface(&m, 1, 0);
		begin(&m, types[i]);
		if (types[i] == SHB)
			put(&m, 0x1A2B3C4Du, 4);
		end(&m);
		interface(&m, 1, 0);
		packet(&m, 0, 1, "next");
		read_maker(&m, &got);
		assert_int_equal(got.end, STATUS_BAD);
		expect(&got, 0, "next", 1, 1000);
		assert_non_null(strstr(got.info.damage.text, "too short"));
		assert_int_equal(got.info.damage.offset, 48);
	}
}

/* Every place where a file may end. */
static void reads_what_a_cut_file_has(void **state)
{
	struct maker m = {.big = false};
	size_t ends[7], packets[7];

	(void)state;
	section(&m, false);
	ends[0] = m.f.n;
	packets[0] = 0;
	interface(&m, 1, 0);
	ends[1] = m.f.n;
	packets[1] = 0;
	for (size_t i = 0; i < 3; i++) {
		packet_begin(&m, 0, i, "a packet");
		option(&m, 1, SLICE("a comment"));
		end(&m);
		ends[i + 2] = m.f.n;
		packets[i + 2] = i + 1;
	}
	for (size_t n = 4; n <= m.f.n; n++) {
		struct t_frames got;
		size_t whole = 0;

		t_read_capture(&format_pcapng, slice_of(m.f.p, n), &got);
		if (n < 28) {
			assert_int_equal(got.opened, STATUS_SHORT);
			continue;
		}
		while (whole < 4 && ends[whole + 1] <= n)
			whole++;
		assert_int_equal(got.count, packets[whole]);
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
	struct maker m = {.big = true};
	struct t_frames got;

	(void)state;
	section(&m, true);
	interface(&m, 1, 0);
	packet(&m, 0, 1, "one");
	packet(&m, 0, 2, "two");
	t_read_source(&format_pcapng,
		      t_stream(slice_of(m.f.p, m.f.n), STATUS_OK), &got);
	assert_int_equal(got.end, STATUS_END);
	expect(&got, 0, "one", 1, 1000);
	expect(&got, 1, "two", 1, 2000);
	assert_int_equal(got.list[1].offset, m.f.n - 8);
	t_read_source(&format_pcapng,
		      t_stream(slice_of(m.f.p, m.f.n), STATUS_IO), &got);
	assert_int_equal(got.end, STATUS_IO);
	assert_int_equal(got.count, 2);
	assert_true(got.info.damage.set);
}

static bool read_all(void *context)
{
	const struct maker *m = context;
	struct byte_source *bytes;
	struct t_frames got;

	if (bytes_open_memory(slice_of(m->f.p, m->f.n), &bytes) != STATUS_OK)
		return false;
	bytes->block = 32;
	bytes->size = UINT64_MAX;
	t_read_source(&format_pcapng, bytes, &got);
	return got.opened == STATUS_OK && got.end == STATUS_END &&
	       got.count == 12;
}

static void gives_all_back_when_memory_is_out(void **state)
{
	static const char text[5000] = "a long text";
	struct maker m = {.big = false};

	(void)state;
	section(&m, false);
	for (uint32_t i = 0; i < 12; i++)
		interface(&m, i, 0);
	for (uint32_t i = 0; i < 11; i++)
		packet(&m, i, 1, text);
	begin(&m, CUSTOM);
	put(&m, 1, 4);
	put_padded(&m, slice_of(text, sizeof(text)));
	end(&m);
	t_failing_walk(read_all, &m);
}

static const struct t_case cases[] = {
	{"reads_both_byte_orders_in_one_file",
	 reads_both_byte_orders_in_one_file},
	{"every_interface_has_its_own_clock",
	 every_interface_has_its_own_clock},
	{"simple_and_obsolete_packets", simple_and_obsolete_packets},
	{"options_tell_direction_drops_and_comments",
	 options_tell_direction_drops_and_comments},
	{"secrets_are_handed_over", secrets_are_handed_over},
	{"other_blocks_are_passed_over_or_numbered",
	 other_blocks_are_passed_over_or_numbered},
	{"packets_of_undescribed_interfaces",
	 packets_of_undescribed_interfaces},
	{"tolerates_what_can_be_understood", tolerates_what_can_be_understood},
	{"a_huge_frame_is_cut", a_huge_frame_is_cut},
	{"goes_on_behind_damage", goes_on_behind_damage},
	{"short_blocks_cost_only_themselves",
	 short_blocks_cost_only_themselves},
	{"reads_what_a_cut_file_has", reads_what_a_cut_file_has},
	{"streams_read_as_files_do", streams_read_as_files_do},
	{"gives_all_back_when_memory_is_out",
	 gives_all_back_when_memory_is_out},
};
T_MAIN(cases)
