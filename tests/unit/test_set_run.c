/* Frames in runs are those that come one by one. */
#include "config.h"

#include <dirent.h>

#include "capture/set.h"
#include "core/hash.h"
#include "tests/support/t.h"

#define FRAMES_MAX 32768u
#define RUN 24u

struct reading {
	uint64_t frames[FRAMES_MAX]; /* a hash of all that a frame says */
	size_t count;
	size_t in_runs;
	bool disordered;
};

static uint64_t all_of(const struct frame *f)
{
	uint64_t said[] = {f->file,      f->number,      (uint64_t)f->time,
			   f->link_type, f->interface,   f->vantage,
			   f->offset,    f->wire_length, f->direction,
			   f->has_time};

	return hash_bytes(hash_bytes(1, f->bytes),
			  slice_of(said, sizeof(said)));
}

static void note(struct reading *r, const struct frame *frame)
{
	assert_true(r->count < FRAMES_MAX);
	r->frames[r->count++] = all_of(frame);
}

static struct capture_set *set_of(const char *path, nanoseconds shift)
{
	struct capture_set *set = capture_set_new();
	struct fault fault;

	assert_non_null(set);
	assert_true(capture_set_add(set, path, &fault) == STATUS_OK ||
		    fault.set);
	capture_set_hold(set);
	for (size_t i = 0; i < capture_set_count(set); i += 2)
		capture_set_shift(set, i, shift, false);
	return set;
}

static struct reading *read_all(const char *path, nanoseconds shift, bool runs)
{
	struct reading *r = calloc(1, sizeof(*r));
	struct capture_set *set = set_of(path, shift);
	struct frame run[RUN];

	assert_non_null(r);
	for (;;) {
		size_t count = runs ? capture_set_run(set, run, RUN) : 0;

		r->in_runs += count;
		for (size_t i = 0; i < count; i++)
			note(r, &run[i]);
		if (count)
			continue;
		if (capture_set_next(set, &run[0]) != STATUS_OK)
			break;
		note(r, &run[0]);
	}
	r->disordered = capture_set_disordered(set);
	capture_set_free(set);
	return r;
}

/* How many frames came in runs. */
static size_t compare(const char *path, nanoseconds shift)
{
	struct reading *one = read_all(path, shift, false);
	struct reading *many = read_all(path, shift, true);
	size_t in_runs = many->in_runs;

	assert_int_equal(many->count, one->count);
	for (size_t i = 0; i < one->count; i++)
		if (many->frames[i] != one->frames[i])
			fail_msg("%s: frame %zu differs", path, i);
	assert_int_equal(many->disordered, one->disordered);
	free(one);
	free(many);
	return in_runs;
}

static const char *captures(char path[256])
{
	const char *top = getenv("srcdir");

	snprintf(path, 256, "%s/captures", top ? top : ".");
	return path;
}

static void many_files_are_merged_the_same(void **state)
{
	char path[256];

	(void)state;
	assert_true(compare(captures(path), 0) > 500);
	assert_true(compare(captures(path), 3 * 86400 * NS_PER_S) > 500);
	assert_true(compare(captures(path), -NS_PER_S) > 500);
}

static void each_file_is_the_same(void **state)
{
	char path[256], file[512];
	DIR *folder = opendir(captures(path));
	struct dirent *entry;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		(void)compare(file, 12345);
	}
	closedir(folder);
}

/* Records whose lengths or times are odd are left to who judges them. */
static void damage_is_judged_the_same(void **state)
{
	char path[] = "/tmp/test_set_run.XXXXXX";
	uint8_t bytes[24 + 40 * 76] = {0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0};
	FILE *file;

	(void)state;
	bytes[16] = bytes[18] = 0xFF;
	bytes[20] = 1;
	for (size_t i = 0; i < 40; i++) {
		uint8_t *head = bytes + 24 + i * 76;

		head[3] = 0x50;
		head[4] = (uint8_t)i;
		head[8] = head[12] = 60;
	}
	for (size_t at = 24; at < sizeof(bytes); at += 19) {
		int opened = mkstemp(path);

		bytes[at] ^= 0x81;
		file = fdopen(opened, "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(bytes, 1, sizeof(bytes), file),
				 sizeof(bytes));
		fclose(file);
		bytes[at] ^= 0x81;
		assert_true(compare(path, 0) + 1 >= at / 76);
		remove(path);
		memcpy(strchr(path, '.'), ".XXXXXX", 7);
	}
}

static const struct t_case cases[] = {
	{"many_files_are_merged_the_same", many_files_are_merged_the_same},
	{"each_file_is_the_same", each_file_is_the_same},
	{"damage_is_judged_the_same", damage_is_judged_the_same},
};
T_MAIN(cases)
