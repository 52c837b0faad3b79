/* Many captures read as one. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "config.h"

#include <ftw.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/set.h"
#include "capture/writer.h"
#include "tests/support/packer.h"
#include "tests/support/t.h"

#define PATH_SIZE 256

/* A folder of its own for each test. */
struct folder {
	char path[32];
};

static struct folder folder_new(void)
{
	struct folder folder = {"/tmp/test_set.XXXXXX"};

	assert_non_null(mkdtemp(folder.path));
	return folder;
}

static int remove_one(const char *path, const struct stat *st, int kind,
		      struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

static void folder_remove(const struct folder *folder)
{
	assert_int_equal(
		nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static const char *in(const struct folder *folder, const char *name,
		      char path[PATH_SIZE])
{
	snprintf(path, PATH_SIZE, "%s/%s", folder->path, name);
	return path;
}

static void put_file(const struct folder *folder, const char *name,
		     struct slice bytes)
{
	char path[PATH_SIZE];
	FILE *file = fopen(in(folder, name, path), "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, file), bytes.n);
	fclose(file);
}

/* A capture with a frame at each of these milliseconds; -1 ends the list. */
static struct text capture_at(const int *times)
{
	struct text to = text_new(1u << 20);
	struct slice comment = SLICE("a comment");
	struct capture_writer writer;

	capture_writer_begin(&writer, &to, "a test");
	capture_writer_secrets(&writer, 1, SLICE("secret"));
	for (; *times >= 0; times++) {
		struct frame frame = {
			.time = *times * NS_PER_MS,
			.has_time = true,
			.link_type = 1,
			.wire_length = 60,
			.bytes = slice_of(times, sizeof(*times)),
		};

		assert_int_equal(
			capture_writer_frame(&writer, &frame, &comment, 1),
			STATUS_OK);
	}
	return to;
}

static void put_capture(const struct folder *folder, const char *name,
			const int *times)
{
	struct text to = capture_at(times);

	put_file(folder, name, text_slice(&to));
	text_free(&to);
}

static struct capture_set *set_of(const struct folder *folder,
				  const char *names)
{
	struct capture_set *set = capture_set_new();
	struct slice rest = slice_of_text(names);

	assert_non_null(set);
	do {
		struct slice name = slice_split(&rest, ' ');
		struct fault fault;
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%.*s", folder->path,
			 (int)name.n, (const char *)name.p);
		assert_int_equal(capture_set_add(set, path, &fault), STATUS_OK);
	} while (rest.n);
	return set;
}

/* The frames of a set as "FILE:NUMBER@MILLISECONDS ". */
static void expect_frames(struct capture_set *set, const char *want)
{
	struct text got = text_new(1u << 20);
	enum status status;
	struct frame frame;

	while ((status = capture_set_next(set, &frame)) == STATUS_OK)
		text_printf(&got, "%u:%u@%d ", frame.file,
			    (unsigned)frame.number,
			    (int)(frame.time / NS_PER_MS));
	assert_int_equal(status, STATUS_END);
	assert_int_equal(capture_set_next(set, &frame), STATUS_END);
	t_equal_text(text_slice(&got), want);
	text_free(&got);
}

static const int early[] = {10, 20, 30, -1};
static const int late[] = {40, 50, -1};
static const int between[] = {15, 20, 45, -1};
static const int backwards[] = {25, 12, 60, -1};
static const int none[] = {-1};

static void files_are_merged_by_time(void **state)
{
	struct folder folder = folder_new();
	struct capture_set *set;

	(void)state;
	put_capture(&folder, "b", late);
	put_capture(&folder, "a", early);
	put_capture(&folder, "c", between);
	put_capture(&folder, "d", none);
	set = set_of(&folder, "b a c d");
	assert_int_equal(capture_set_count(set), 4);
	expect_frames(set, "1:1@10 2:1@15 1:2@20 2:2@20 1:3@30 0:1@40 "
			   "2:3@45 0:2@50 ");
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(capture_set_file(set, i)->status, STATUS_END);
	assert_int_equal(capture_set_file(set, 0)->info.frames, 2);
	assert_true(capture_set_file(set, 1)->info.last_time == 30 * NS_PER_MS);
	assert_true(capture_set_rereadable(set));
	capture_set_free(set);
	folder_remove(&folder);
}

static void the_order_within_a_file_stays(void **state)
{
	struct folder folder = folder_new();
	struct capture_set *set;

	(void)state;
	put_capture(&folder, "a", early);
	put_capture(&folder, "b", backwards);
	set = set_of(&folder, "a b");
	expect_frames(set, "0:1@10 0:2@20 1:1@25 1:2@12 0:3@30 1:3@60 ");
	capture_set_free(set);
	folder_remove(&folder);
}

static void rewinding_starts_over(void **state)
{
	struct folder folder = folder_new();
	struct capture_set *set;
	struct frame frame;
	char path[PATH_SIZE];

	(void)state;
	put_capture(&folder, "a", early);
	put_capture(&folder, "b", between);
	set = set_of(&folder, "a b");
	for (int i = 0; i < 3; i++)
		assert_int_equal(capture_set_next(set, &frame), STATUS_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(capture_set_rewind(set), STATUS_OK);
		expect_frames(set, "0:1@10 1:1@15 0:2@20 1:2@20 0:3@30 "
				   "1:3@45 ");
		assert_int_equal(capture_set_file(set, 0)->info.frames, 3);
	}
	unlink(in(&folder, "b", path));
	assert_int_equal(capture_set_rewind(set), STATUS_IO);
	expect_frames(set, "0:1@10 0:2@20 0:3@30 ");
	assert_true(capture_set_file(set, 1)->fault.set);
	capture_set_free(set);
	folder_remove(&folder);
}

static void folders_are_walked(void **state)
{
	struct folder folder = folder_new();
	struct capture_set *set = capture_set_new();
	struct text packed = capture_at(late);
	struct slice gzip = t_pack(PACKER_GZIP, text_slice(&packed));
	struct fault fault;
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(mkdir(in(&folder, "sub", path), 0700), 0);
	assert_int_equal(mkdir(in(&folder, ".hidden", path), 0700), 0);
	assert_int_equal(mkdir(in(&folder, "empty", path), 0700), 0);
	assert_int_equal(
		capture_set_add(set, in(&folder, "empty", path), &fault),
		STATUS_NOT_MINE);
	assert_string_equal(fault.text, "no captures in this folder");
	put_capture(&folder, "sub/z", early);
	put_capture(&folder, "sub/a", between);
	put_file(&folder, "sub.gz", gzip);
	put_file(&folder, "README", SLICE("just text"));
	put_file(&folder, "nothing", SLICE(""));
	put_file(&folder, "zero.pcap", SLICE(""));
	put_capture(&folder, ".hidden/x", early);
	assert_int_equal(capture_set_add(set, folder.path, &fault), STATUS_OK);
	assert_false(fault.set);
	assert_int_equal(capture_set_count(set), 4);
	assert_string_equal(capture_set_file(set, 0)->path,
			    in(&folder, "sub/a", path));
	assert_string_equal(capture_set_file(set, 1)->path,
			    in(&folder, "sub/z", path));
	assert_string_equal(capture_set_file(set, 2)->path,
			    in(&folder, "sub.gz", path));
	expect_frames(set, "1:1@10 0:1@15 0:2@20 1:2@20 1:3@30 2:1@40 "
			   "0:3@45 2:2@50 ");
	assert_string_equal(capture_set_file(set, 2)->info.compression, "gzip");
	assert_int_equal(capture_set_file(set, 3)->status, STATUS_SHORT);
	assert_string_equal(capture_set_file(set, 3)->fault.text,
			    "the file is empty");
	capture_set_free(set);
	text_free(&packed);
	t_release(gzip);
	folder_remove(&folder);
}

static void patterns_are_expanded(void **state)
{
	struct folder folder = folder_new();
	struct capture_set *set = capture_set_new();
	struct fault fault;
	char path[PATH_SIZE];

	(void)state;
	put_capture(&folder, "b1.cap", early);
	put_capture(&folder, "a1.cap", late);
	put_capture(&folder, "a[1].cap", between);
	assert_int_equal(
		capture_set_add(set, in(&folder, "?1.cap", path), &fault),
		STATUS_OK);
	assert_int_equal(capture_set_count(set), 2);
	assert_string_equal(capture_set_file(set, 0)->path,
			    in(&folder, "a1.cap", path));
	/* A file of that very name goes first. */
	assert_int_equal(
		capture_set_add(set, in(&folder, "a[1].cap", path), &fault),
		STATUS_OK);
	assert_false(fault.set);
	assert_int_equal(capture_set_count(set), 3);
	assert_int_equal(capture_set_add(set, in(&folder, "x*", path), &fault),
			 STATUS_NOT_MINE);
	assert_string_equal(fault.text, "no file matches");
	capture_set_free(set);
	folder_remove(&folder);
}

static void the_same_file_is_read_once(void **state)
{
	struct folder folder = folder_new();
	struct capture_set *set;
	struct fault fault;
	char path[PATH_SIZE], other[PATH_SIZE];

	(void)state;
	put_capture(&folder, "a", early);
	assert_int_equal(
		symlink(in(&folder, "a", path), in(&folder, "b", other)), 0);
	set = set_of(&folder, "a");
	assert_int_equal(capture_set_add(set, path, &fault), STATUS_OK);
	assert_string_equal(fault.text, "given more than once, read once");
	assert_int_equal(capture_set_add(set, other, &fault), STATUS_OK);
	assert_true(fault.set);
	assert_int_equal(capture_set_count(set), 1);
	expect_frames(set, "0:1@10 0:2@20 0:3@30 ");
	capture_set_free(set);
	folder_remove(&folder);
}

static void unreadable_files_say_why(void **state)
{
	struct folder folder = folder_new();
	struct capture_set *set;

	(void)state;
	put_capture(&folder, "a", early);
	put_file(&folder, "text", SLICE("some words"));
	set = set_of(&folder, "missing a text");
	expect_frames(set, "1:1@10 1:2@20 1:3@30 ");
	assert_int_equal(capture_set_file(set, 0)->status, STATUS_IO);
	assert_string_equal(capture_set_file(set, 0)->fault.text,
			    "No such file or directory");
	assert_int_equal(capture_set_file(set, 2)->status, STATUS_NOT_MINE);
	assert_string_equal(capture_set_file(set, 2)->fault.text,
			    "this is text, not a capture");
	assert_true(capture_set_rereadable(set));
	capture_set_free(set);
	folder_remove(&folder);
}

static void damage_ends_only_its_file(void **state)
{
	struct folder folder = folder_new();
	struct text whole = capture_at(early);
	struct capture_set *set;

	(void)state;
	put_file(&folder, "cut", slice_first(text_slice(&whole), whole.n - 10));
	put_capture(&folder, "b", between);
	set = set_of(&folder, "cut b");
	expect_frames(set, "0:1@10 1:1@15 0:2@20 1:2@20 1:3@45 ");
	assert_int_equal(capture_set_file(set, 0)->status, STATUS_BAD);
	assert_true(capture_set_file(set, 0)->info.damage.set);
	capture_set_free(set);
	text_free(&whole);
	folder_remove(&folder);
}

struct heard {
	unsigned secrets;
	unsigned comments;
	unsigned last_file;
};

static void hear_secrets(void *context, uint32_t file, uint32_t kind,
			 struct slice secrets)
{
	struct heard *heard = context;

	assert_int_equal(kind, 1);
	t_equal_text(secrets, "secret");
	heard->secrets++;
	heard->last_file = file;
}

static void hear_comment(void *context, uint32_t file, uint64_t frame,
			 struct slice text)
{
	struct heard *heard = context;

	assert_true(frame > 0);
	t_equal_text(text, "a comment");
	heard->comments++;
	heard->last_file = file;
}

/* Few descriptors, many files that all overlap: a frame every millisecond. */
static void many_files(unsigned count, const char *ending)
{
	struct folder folder = folder_new();
	struct capture_set *set = capture_set_new();
	struct heard heard = {0};
	struct capture_listener listener = {&heard, hear_secrets, hear_comment};
	struct fault fault;
	struct frame frame;
	unsigned frames = 0;

	for (unsigned i = 0; i < count; i++) {
		int times[] = {(int)i, (int)(i + count), (int)(i + 2 * count),
			       -1};
		char name[32];

		snprintf(name, sizeof(name), "%05u%s", i, ending);
		put_capture(&folder, name, times);
	}
	assert_int_equal(capture_set_add(set, folder.path, &fault), STATUS_OK);
	assert_int_equal(capture_set_count(set), count);
	capture_set_listen(set, &listener);
	while (capture_set_next(set, &frame) == STATUS_OK) {
		assert_int_equal(frame.time, frames * NS_PER_MS);
		assert_int_equal(frame.file, frames % count);
		frames++;
	}
	assert_int_equal(frames, 3 * count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(capture_set_file(set, i)->status, STATUS_END);
	/* Nothing is told twice, though files were opened more than once. */
	assert_int_equal(heard.secrets, count);
	assert_int_equal(heard.comments, 3 * count);
	capture_set_listen(set, NULL);
	assert_int_equal(capture_set_rewind(set), STATUS_OK);
	while (capture_set_next(set, &frame) == STATUS_OK)
		frames--;
	assert_int_equal(frames, 0);
	assert_int_equal(heard.secrets, count);
	capture_set_free(set);
	folder_remove(&folder);
}

static void a_thousand_files(void **state)
{
	struct rlimit limit;

	(void)state;
	many_files(5, "");
	many_files(40, ".pcap");
	many_files(1000, "");
	/* Far fewer descriptors than files. */
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 40;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	many_files(300, "");
}

/* Ethernet and IPv4 up to the protocol. */
#define TO_PROTOCOL "112233445566 aabbccddeeff 0800 45000014 00000000 40"
#define ADDRESSES "0000 c0000201 c0000202"

static void filters_keep_what_matches(void **state)
{
	static const struct {
		const char *hex;
		uint32_t link_type;
	} rows[] = {
		{TO_PROTOCOL "11" ADDRESSES, 1},
		{TO_PROTOCOL "06" ADDRESSES, 1},
		{"45000014 00000000 4011" ADDRESSES, LINKTYPE_RAW},
		{"45000014 00000000 4006" ADDRESSES, LINKTYPE_RAW},
		{"45000014 00000000 4006" ADDRESSES, LINKTYPE_IPV4},
		{"00", 9999},
	};
	static const struct {
		const char *expression;
		const char *frames;
		unsigned warnings;
	} filters[] = {
		{"udp", "0:1@0 0:3@2 0:6@5 ", 1},
		{"tcp", "0:2@1 0:4@3 0:5@4 0:6@5 ", 1},
		{"ip6", "0:6@5 ", 1},
		{"host 192.0.2.9", "0:6@5 ", 1},
		/* No link-layer addresses on raw IP: all of it passes. */
		{"ether host aa:bb:cc:dd:ee:ff",
		 "0:1@0 0:2@1 0:3@2 0:4@3 0:5@4 0:6@5 ", 4},
	};
	struct folder folder = folder_new();
	struct text to = text_new(1u << 20);
	struct capture_writer writer;
	struct fault fault;

	(void)state;
	capture_writer_begin(&writer, &to, "a test");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice bytes = t_hex(rows[i].hex);
		struct frame frame = {
			.time = (nanoseconds)i * NS_PER_MS,
			.link_type = rows[i].link_type,
			.wire_length = (uint32_t)bytes.n,
			.bytes = bytes,
		};

		assert_int_equal(capture_writer_frame(&writer, &frame, NULL, 0),
				 STATUS_OK);
		t_release(bytes);
	}
	put_file(&folder, "a", text_slice(&to));
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		struct capture_set *set = set_of(&folder, "a");
		const struct capture_file *file;

		assert_int_equal(
			capture_set_filter(set, filters[i].expression, &fault),
			STATUS_OK);
		expect_frames(set, filters[i].frames);
		file = capture_set_file(set, 0);
		assert_int_equal(file->info.frames, 6);
		assert_int_equal(file->info.warnings, filters[i].warnings);
		capture_set_free(set);
	}
	text_free(&to);
	folder_remove(&folder);
}

static void a_wrong_filter_is_explained(void **state)
{
	struct capture_set *set = capture_set_new();
	struct fault fault;

	(void)state;
	assert_int_equal(capture_set_filter(set, "port port", &fault),
			 STATUS_BAD);
	assert_true(fault.set && strlen(fault.text) > 0);
	/* Has a meaning on wireless networks only. */
	assert_int_equal(capture_set_filter(set, "type mgt", &fault),
			 STATUS_OK);
	assert_false(fault.set);
	capture_set_free(set);
}

static bool read_set(void *context)
{
	const struct folder *folder = context;
	struct capture_set *set = capture_set_new();
	struct fault fault;
	struct frame frame;
	unsigned frames = 0;

	if (!set)
		return false;
	if (capture_set_add(set, folder->path, &fault) == STATUS_OK &&
	    capture_set_filter(set, "len > 0", &fault) == STATUS_OK)
		while (capture_set_next(set, &frame) == STATUS_OK)
			frames++;
	capture_set_free(set);
	return frames == 9;
}

static void gives_all_back_when_memory_is_out(void **state)
{
	struct folder folder = folder_new();

	(void)state;
	put_capture(&folder, "a", early);
	put_capture(&folder, "b", between);
	put_capture(&folder, "c", backwards);
	t_failing_walk(read_set, &folder);
	folder_remove(&folder);
}

/* A capture of two interfaces, one a second behind the other. */
static void put_interfaces(const struct folder *folder, const char *name)
{
	static const int times[] = {10, 20, 30, 1015, 1025};
	struct text to = text_new(1u << 20);
	struct capture_writer writer;

	capture_writer_begin(&writer, &to, "a test");
	for (uint32_t i = 0; i < 5; i++) {
		struct frame frame = {.time = times[i] * NS_PER_MS,
				      .has_time = true,
				      .link_type = 1,
				      .interface = i > 2,
				      .wire_length = 60,
				      .bytes = SLICE("x")};

		assert_int_equal(capture_writer_frame(&writer, &frame, NULL, 0),
				 STATUS_OK);
	}
	put_file(folder, name, text_slice(&to));
	text_free(&to);
}

static void an_interface_is_merged_by_its_own_clock(void **state)
{
	struct folder folder = folder_new();
	struct capture_set *set;

	(void)state;
	put_interfaces(&folder, "a");
	put_capture(&folder, "b", between);
	set = set_of(&folder, "a b");
	expect_frames(set, "0:1@10 1:1@15 0:2@20 1:2@20 0:3@30 1:3@45 "
			   "0:4@1015 0:5@1025 ");
	assert_int_equal(capture_set_vantages(set), 3);
	assert_int_equal(capture_set_shift_vantage(set, 0, 7, NS_PER_S),
			 STATUS_NOT_MINE);
	assert_int_equal(capture_set_shift_vantage(set, 0, 2, NS_PER_S),
			 STATUS_OK);
	assert_int_equal(capture_set_rewind(set), STATUS_OK);
	expect_frames(set, "0:1@10 1:1@15 0:4@15 0:2@20 1:2@20 0:5@25 0:3@30 "
			   "1:3@45 ");
	/* It is one file as before. */
	assert_int_equal(capture_set_count(set), 2);
	assert_int_equal(capture_set_file(set, 0)->info.frames, 5);
	assert_int_equal(capture_set_vantages(set), 3);
	capture_set_free(set);
	folder_remove(&folder);
}

/* Differences of times, and times with a lifetime added, must not wrap. */
static void absurd_times_are_bounded(void **state)
{
	struct folder folder = folder_new();
	struct text to = text_new(1u << 20);
	struct frame frame = {.time = INT64_MAX,
			      .has_time = true,
			      .link_type = 1,
			      .wire_length = 60,
			      .bytes = SLICE("x")};
	struct capture_writer writer;
	struct capture_set *set;

	(void)state;
	capture_writer_begin(&writer, &to, "a test");
	assert_int_equal(capture_writer_frame(&writer, &frame, NULL, 0),
			 STATUS_OK);
	put_file(&folder, "far.pcapng", text_slice(&to));
	text_free(&to);
	set = set_of(&folder, "far.pcapng");
	assert_int_equal(capture_set_next(set, &frame), STATUS_OK);
	assert_true(frame.time == CLOCK_LAST);
	assert_int_equal(capture_set_next(set, &frame), STATUS_END);
	assert_true(capture_set_file(set, 0)->info.warning.set);
	capture_set_free(set);
	folder_remove(&folder);
}

static const struct t_case cases[] = {
	{"files_are_merged_by_time", files_are_merged_by_time},
	{"the_order_within_a_file_stays", the_order_within_a_file_stays},
	{"rewinding_starts_over", rewinding_starts_over},
	{"folders_are_walked", folders_are_walked},
	{"patterns_are_expanded", patterns_are_expanded},
	{"the_same_file_is_read_once", the_same_file_is_read_once},
	{"unreadable_files_say_why", unreadable_files_say_why},
	{"damage_ends_only_its_file", damage_ends_only_its_file},
	{"filters_keep_what_matches", filters_keep_what_matches},
	{"an_interface_is_merged_by_its_own_clock",
	 an_interface_is_merged_by_its_own_clock},
	{"absurd_times_are_bounded", absurd_times_are_bounded},
	{"a_wrong_filter_is_explained", a_wrong_filter_is_explained},
	{"gives_all_back_when_memory_is_out",
	 gives_all_back_when_memory_is_out},
	/* Last, since it lowers the limit of descriptors. */
	{"a_thousand_files", a_thousand_files},
};
T_MAIN(cases)
