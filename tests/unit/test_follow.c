/* Captures that somebody else is still writing. */
#define _DEFAULT_SOURCE /* mkdtemp */
#include "config.h"

#include <fcntl.h>
#include <unistd.h>

#include "capture/follow.h"
#include "capture/writer.h"
#include "tests/support/t.h"

#define FRAMES 4u
#define PATH_SIZE 128

/* Four frames whose texts are "frame 1" to "frame 4". */
static void write_pcapng(struct text *to)
{
	struct capture_writer writer;

	capture_writer_begin(&writer, to, "a test");
	for (unsigned i = 1; i <= FRAMES; i++) {
		char text[16];
		struct frame f = {.time = i * NS_PER_S,
				  .has_time = true,
				  .link_type = 1,
				  .wire_length = 7};

		snprintf(text, sizeof(text), "frame %u", i);
		f.bytes = slice_of_text(text);
		assert_int_equal(capture_writer_frame(&writer, &f, NULL, 0),
				 STATUS_OK);
	}
}

static void write_pcap(struct text *to)
{
	static const uint8_t header[] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0,
					 0,    0,    0,    0,    0, 0, 0, 0,
					 0,    0,    4,    0,    1, 0, 0, 0};

	text_put(to, slice_of(header, sizeof(header)));
	for (uint8_t i = 1; i <= FRAMES; i++) {
		const uint8_t head[] = {i, 0, 0, 0x60, 0, 0, 0, 0,
					7, 0, 0, 0,    7, 0, 0, 0};

		text_put(to, slice_of(head, sizeof(head)));
		text_printf(to, "frame %u", i);
	}
}

static const struct {
	const char *name;
	void (*write)(struct text *to);
} formats[] = {{"pcapng", write_pcapng}, {"pcap", write_pcap}};

struct place {
	char folder[PATH_SIZE], path[PATH_SIZE * 2], other[PATH_SIZE * 2];
};

static void make_place(struct place *p)
{
	snprintf(p->folder, sizeof(p->folder), "follow-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/a1", p->folder);
	snprintf(p->other, sizeof(p->other), "%s/a2", p->folder);
}

static void leave_place(const struct place *p)
{
	(void)unlink(p->path);
	(void)unlink(p->other);
	assert_int_equal(rmdir(p->folder), 0);
}

static void append(const char *path, struct slice bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_true(fd >= 0);
	assert_int_equal(
		write(fd, bytes.n ? (const void *)bytes.p : "", bytes.n),
		(ssize_t)bytes.n);
	close(fd);
}

/* Reads all that is there: frames go on where they stood. */
static void expect(struct follow *f, unsigned *seen, unsigned until)
{
	struct frame frame;
	enum status status;
	unsigned quiet = 0;

	/* It looks for other files only when nothing came twice. */
	while (quiet < 3) {
		char text[16];

		status = follow_next(f, &frame);
		if (status == STATUS_SHORT) {
			quiet++;
			continue;
		}
		assert_int_equal(status, STATUS_OK);
		++*seen;
		snprintf(text, sizeof(text), "frame %u",
			 (*seen - 1) % FRAMES + 1);
		t_equal_text(frame.bytes, text);
		assert_int_equal(frame.number, *seen);
	}
	assert_int_equal(*seen, until);
}

static void what_is_not_whole_is_waited_for(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct text all = text_new(4096);
		unsigned last = 0;

		formats[k].write(&all);
		for (size_t cut = 0; cut <= all.n; cut++) {
			struct place p;
			struct follow *f;
			struct fault fault;
			unsigned seen = 0;
			struct frame frame;

			make_place(&p);
			append(p.path, slice_first(text_slice(&all), cut));
			assert_int_equal(follow_open(p.path, NULL, &f, &fault),
					 STATUS_OK);
			while (follow_next(f, &frame) == STATUS_OK)
				seen++;
			/* A frame more where its last byte is there. */
			assert_true(seen == last || seen == last + 1);
			last = seen;
			append(p.path, slice_from(text_slice(&all), cut));
			expect(f, &seen, FRAMES);
			follow_close(f);
			leave_place(&p);
		}
		text_free(&all);
	}
}

static void bytes_come_one_by_one(void **state)
{
	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct text all = text_new(4096);
		struct place p;
		struct follow *f;
		struct fault fault;
		struct frame frame;
		unsigned seen = 0;

		make_place(&p);
		append(p.path, (struct slice){0});
		formats[k].write(&all);
		assert_int_equal(follow_open(p.path, NULL, &f, &fault),
				 STATUS_OK);
		for (size_t i = 0; i < all.n; i++) {
			enum status status = follow_next(f, &frame);

			assert_true(status == STATUS_OK ||
				    status == STATUS_SHORT);
			seen += status == STATUS_OK;
			append(p.path, slice_cut(text_slice(&all), i, 1));
		}
		expect(f, &seen, FRAMES);
		follow_close(f);
		leave_place(&p);
		text_free(&all);
	}
}

/* Moved away: the rest of it first, then what has its name. */
static void a_name_is_followed(void **state)
{
	struct text all = text_new(4096);
	struct place p;
	struct follow *f;
	struct fault fault;
	unsigned seen = 0;

	(void)state;
	make_place(&p);
	write_pcap(&all);
	append(p.path, slice_first(text_slice(&all), 50));
	assert_int_equal(follow_open(p.path, NULL, &f, &fault), STATUS_OK);
	expect(f, &seen, 1);
	assert_int_equal(rename(p.path, p.other), 0);
	expect(f, &seen, 1);
	append(p.other, slice_from(text_slice(&all), 50));
	append(p.path, text_slice(&all));
	expect(f, &seen, 2 * FRAMES);
	follow_close(f);
	leave_place(&p);
	text_free(&all);
}

static void a_file_that_begins_anew_is_read_anew(void **state)
{
	struct text all = text_new(4096);
	struct place p;
	struct follow *f;
	struct fault fault;
	unsigned seen = 0;

	(void)state;
	make_place(&p);
	write_pcapng(&all);
	append(p.path, text_slice(&all));
	assert_int_equal(follow_open(p.path, NULL, &f, &fault), STATUS_OK);
	expect(f, &seen, FRAMES);
	assert_int_equal(truncate(p.path, 0), 0);
	expect(f, &seen, FRAMES);
	text_clear(&all);
	write_pcap(&all);
	append(p.path, text_slice(&all));
	expect(f, &seen, 2 * FRAMES);
	follow_close(f);
	leave_place(&p);
	text_free(&all);
}

static void files_of_a_ring_come_one_after_the_other(void **state)
{
	char pattern[PATH_SIZE * 2];
	struct text all = text_new(4096);
	struct place p;
	struct follow *f;
	struct fault fault;
	unsigned seen = 0;

	(void)state;
	make_place(&p);
	snprintf(pattern, sizeof(pattern), "%s/a*", p.folder);
	write_pcapng(&all);
	assert_int_equal(follow_open(pattern, NULL, &f, &fault), STATUS_IO);
	assert_string_equal(fault.text, "nothing matches");
	append(p.path, slice_first(text_slice(&all), 60));
	assert_int_equal(follow_open(pattern, NULL, &f, &fault), STATUS_OK);
	expect(f, &seen, 0);
	append(p.path, slice_from(text_slice(&all), 60));
	append(p.other, text_slice(&all));
	expect(f, &seen, 2 * FRAMES);
	follow_close(f);
	leave_place(&p);
	text_free(&all);
}

static void what_cannot_grow_is_refused(void **state)
{
	static const struct {
		const char *content, *why;
	} rows[] = {
		{"\x1f\x8b packed, which is read as a whole ............",
		 "only pcap and pcapng can be followed while they are written"},
		{"\xd4\xc3\xb2\xa1\2\0\4\0........................"
		 "................................................",
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct place p;
		struct follow *f;
		struct fault fault;
		struct frame frame;
		const char *path;

		make_place(&p);
		append(p.path, slice_of(rows[i].content, 48 + i * 24));
		assert_int_equal(follow_open(p.path, NULL, &f, &fault),
				 STATUS_OK);
		assert_int_equal(follow_next(f, &frame), STATUS_BAD);
		assert_true(follow_fault(f, &path)->set);
		assert_string_equal(path, p.path);
		if (rows[i].why)
			assert_string_equal(follow_fault(f, &path)->text,
					    rows[i].why);
		assert_int_equal(follow_next(f, &frame), STATUS_SHORT);
		follow_close(f);
		leave_place(&p);
	}
}

static const struct t_case cases[] = {
	{"what_is_not_whole_is_waited_for", what_is_not_whole_is_waited_for},
	{"bytes_come_one_by_one", bytes_come_one_by_one},
	{"a_name_is_followed", a_name_is_followed},
	{"a_file_that_begins_anew_is_read_anew",
	 a_file_that_begins_anew_is_read_anew},
	{"files_of_a_ring_come_one_after_the_other",
	 files_of_a_ring_come_one_after_the_other},
	{"what_cannot_grow_is_refused", what_cannot_grow_is_refused},
};
T_MAIN(cases)
