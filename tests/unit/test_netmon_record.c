/* Network Monitor files that are cut off, or come as a stream. */
#include "config.h"

#include "core/clock.h"
#include "tests/support/netmon_maker.h"
#include "tests/support/t.h"

/* Frames that a walk finds when the file is cut at `n`. */
static size_t whole_records(const struct maker *m, size_t n)
{
	size_t tail[] = {0, 2, 6, 15};
	size_t head = m->major == 1 ? 8 : 16;
	size_t all =
		head + MAKER_FRAME.n + (m->major == 1 ? 0 : tail[m->minor]);
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
		maker_add_plain(&m, 4);
		maker_table(&m);
		for (size_t n = 72; n < m.file.n; n++) {
			t_read_capture(maker_format(&m), slice_of(m.file.p, n),
				       &got);
			assert_int_equal(got.opened, STATUS_OK);
			assert_int_equal(got.end, STATUS_BAD);
			assert_int_equal(got.count, whole_records(&m, n));
			assert_true(got.info.damage.set);
			for (size_t k = 0; k < got.count; k++)
				t_equal_bytes(got.list[k].bytes, MAKER_FRAME);
		}
		maker_read(&m, &got);
		assert_int_equal(got.end, STATUS_END);
	}
}

static void a_missing_table_is_named(void **state)
{
	struct maker m;
	struct t_frames got;
	size_t table;

	(void)state;
	maker_plain(&m, 3, 4);
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
		maker_read(&m, &got);
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
	maker_plain(&m, 3, 5);
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
	maker_add_plain(m, 1);
	for (size_t i = 0; i < 3; i++) {
		struct t_file_bytes event = {.n = 0};

		maker_fragment(&event, &(struct maker_fragment){
					       .keywords = keywords[i],
					       .bytes = MAKER_FRAME,
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
	{"cut_files_give_what_is_there", cut_files_give_what_is_there},
	{"a_missing_table_is_named", a_missing_table_is_named},
	{"a_walk_stops_at_what_is_no_record",
	 a_walk_stops_at_what_is_no_record},
	{"streams_are_read_like_files", streams_are_read_like_files},
	{"failing_allocations_leak_nothing", failing_allocations_leak_nothing},
};
T_MAIN(cases)
