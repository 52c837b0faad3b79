/* The layer between our tests and cmocka. */
#include "config.h"

#include "tests/support/t.h"

int t_run(const struct t_case *cases, size_t count)
{
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));
	int failed;

	if (!tests)
		return 99;
	for (size_t i = 0; i < count; i++) {
		tests[i].name = cases[i].name;
		tests[i].test_func = cases[i].run;
	}
	failed = _cmocka_run_group_tests("unit", tests, count, NULL, NULL);
	free(tests);
	return failed ? 1 : 0;
}

static void dump(const char *what, struct slice s)
{
	print_message("# %s, %zu bytes:", what, s.n);
	for (size_t i = 0; i < s.n && i < 512; i++)
		print_message("%s%02x", i % 16 ? " " : "\n#   ", s.p[i]);
	print_message("\n");
}

void t_equal_bytes_at(struct slice got, struct slice want, const char *file,
		      int line)
{
	if (slice_equal(got, want))
		return;
	dump("got", got);
	dump("want", want);
	_fail(file, line);
}

struct slice t_exact(struct slice s)
{
	uint8_t *p = malloc(s.n ? s.n : 1);

	if (!p)
		abort();
	if (s.n)
		memcpy(p, s.p, s.n);
	return slice_of(p, s.n);
}

void t_release(struct slice s)
{
	void *p;

	memcpy(&p, &s.p, sizeof(p));
	free(p);
}

struct slice t_hex(const char *digits)
{
	uint8_t *p = malloc(strlen(digits) / 2 + 1);
	size_t n = 0;

	if (!p)
		abort();
	while (*digits) {
		uint64_t byte;

		if (*digits == ' ' || *digits == '\n' || *digits == '\t') {
			digits++;
			continue;
		}
		if (slice_hex(slice_of(digits, 2), 255, &byte) != STATUS_OK)
			abort();
		p[n++] = (uint8_t)byte;
		digits += 2;
	}
	return slice_of(p, n);
}

struct slice t_file(const char *path)
{
	const char *top = getenv("srcdir");
	char name[1024];
	FILE *f;
	uint8_t *p;
	size_t room = (size_t)1 << 20, n = 0, got;

	snprintf(name, sizeof(name), "%s/%s", top ? top : ".", path);
	f = fopen(name, "rb");
	p = malloc(room);
	if (!f || !p)
		abort();
	while ((got = fread(p + n, 1, room - n, f)) > 0) {
		n += got;
		if (n == room) {
			room *= 2;
			p = realloc(p, room);
			if (!p)
				abort();
		}
	}
	fclose(f);
	return slice_of(p, n);
}
