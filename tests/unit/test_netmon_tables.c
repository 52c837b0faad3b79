/* The table of processes of Network Monitor files. */
#include "config.h"

#include "capture/netmon_tables.h"
#include "tests/support/netmon_maker.h"
#include "tests/support/t.h"

static void put_process(struct t_file_bytes *to, const char *path, size_t icon,
			bool is_ipv6)
{
	t_put_le(to, strlen(path) * 2 + 2, 4);
	for (const char *p = path; *p; p++)
		t_put_le(to, (uint8_t)*p, 2);
	t_put_le(to, 0, 2);
	t_put_le(to, icon, 4);
	t_put_zeros(to, icon);
	t_put_le(to, 4711, 4);
	t_put_le(to, 5060, 4);
	t_put_le(to, 5061, 4);
	t_put_le(to, is_ipv6, 4);
	if (is_ipv6) {
		t_put_text(to, "\x20\x01\x0D\xB8");
		t_put_zeros(to, 11);
		t_put_le(to, 1, 1);
	} else {
		t_put_le(to, 0xC0000201, 4);
		t_put_zeros(to, 12);
	}
	t_put_zeros(to, 16);
}

struct seen {
	unsigned rows;
	char text[512];
};

static void see(void *context, uint32_t row,
		const struct netmon_process *process)
{
	struct seen *seen = context;
	char local[ENDPOINT_TEXT_MAX];
	size_t n = strlen(seen->text);

	assert_int_equal(row, seen->rows);
	seen->rows++;
	snprintf(seen->text + n, sizeof(seen->text) - n, "%.*s %u %s;",
		 (int)process->path.n, (const char *)process->path.p,
		 process->id, endpoint_string(&process->local, local));
}

/* Reads `file`, whose table of `count` processes begins at 2. */
static struct seen read_table(struct slice file, uint32_t count,
			      struct source *source)
{
	struct netmon_header header = {.processes = {.at = 2, .n = count}};
	struct slice exact = t_exact(file);
	struct seen seen = {.rows = 0};
	struct byte_source *bytes;
	struct block block;

	assert_int_equal(bytes_open_memory(exact, &bytes), STATUS_OK);
	assert_int_equal(block_open(&block, bytes, (struct slice){0}),
			 STATUS_OK);
	assert_int_equal(
		netmon_processes_read(source, &block, &header, see, &seen),
		STATUS_OK);
	block_close(&block);
	t_release(exact);
	return seen;
}

static void make_two(struct t_file_bytes *file)
{
	file->n = 0;
	t_put_zeros(file, 2);
	t_put_le(file, 2, 2);
	put_process(file, "C:\\a.exe", 100, false);
	put_process(file, "", 0, true);
}

static void rows_are_read(void **state)
{
	struct t_file_bytes file;
	struct source source = {.next = NULL};
	struct seen seen;

	(void)state;
	make_two(&file);
	seen = read_table(slice_of(file.p, file.n), 2, &source);
	assert_string_equal(seen.text, "C:\\a.exe 4711 192.0.2.1:5060;"
				       " 4711 [2001:db8::1]:5060;");
	assert_int_equal(source.info.warnings, 0);
}

static void a_cut_table_gives_its_first_rows(void **state)
{
	struct t_file_bytes file;

	(void)state;
	make_two(&file);
	for (size_t n = 4; n < file.n; n++) {
		struct source source = {.next = NULL};
		struct seen seen = read_table(slice_of(file.p, n), 2, &source);

		assert_true(seen.rows < 2);
		assert_int_equal(source.info.warnings, 1);
		assert_string_equal(source.info.warning.text,
				    "the process table is damaged or cut off");
	}
}

static void long_paths_and_icons_are_refused(void **state)
{
	struct t_file_bytes file;
	struct source source = {.next = NULL};

	(void)state;
	make_two(&file);
	t_patch_le32(&file, 4, NETMON_PATH_MAX + 1);
	assert_int_equal(read_table(slice_of(file.p, file.n), 2, &source).rows,
			 0);
	make_two(&file);
	t_patch_le32(&file, 4 + 4 + 18, UINT32_MAX);
	assert_int_equal(read_table(slice_of(file.p, file.n), 2, &source).rows,
			 0);
	assert_int_equal(source.info.warnings, 2);
}

static void a_claimed_number_means_nothing(void **state)
{
	struct t_file_bytes file;
	struct source source = {.next = NULL};

	(void)state;
	make_two(&file);
	assert_int_equal(
		read_table(slice_of(file.p, file.n), UINT32_MAX, &source).rows,
		2);
	assert_int_equal(source.info.warnings, 1);
}

static const struct t_case cases[] = {
	{"rows_are_read", rows_are_read},
	{"a_cut_table_gives_its_first_rows", a_cut_table_gives_its_first_rows},
	{"long_paths_and_icons_are_refused", long_paths_and_icons_are_refused},
	{"a_claimed_number_means_nothing", a_claimed_number_means_nothing},
};
T_MAIN(cases)
