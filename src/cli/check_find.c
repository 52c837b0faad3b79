/* From what the user named to cases. */
#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "capture/set.h"
#include "cli/check_parts.h"

#define PATH_BYTES_MAX ((size_t)1 << 16)
#define EXPECT_MAX ((size_t)16 << 20)

static bool ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && strcmp(path + n - m, end) == 0;
}

static bool usage(struct check_run *run, const char *path, const char *why)
{
	fprintf(stderr, "mrascope: %s: %s\n", path, why);
	run->status = EXIT_USAGE;
	return false;
}

/* Results are JSON and XML, goldens stand in YAML: all of them are UTF-8. */
static bool can_be_named(struct check_run *run, const char *path)
{
	struct slice rest = slice_of_text(path);

	while (rest.n) {
		uint32_t code;
		size_t n = utf8_sequence(rest, &code);

		if (n == 0)
			return usage(run, path,
				     "a name that is not UTF-8 cannot stand in "
				     "results: rename it");
		rest = slice_from(rest, n);
	}
	return true;
}

/* ---- expectations beside captures ---- */

/* "x.pcap.gz" to "x": what packs, then what holds frames. */
static size_t stem_of(const char *path)
{
	static const char *const packed[] = {".gz", ".zst", ".lz4"};
	size_t n = strlen(path);
	const char *slash = strrchr(path, '/');
	size_t base = slash ? (size_t)(slash - path) + 1 : 0;

	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++)
		if (ends_with(path, packed[i]))
			n -= strlen(packed[i]);
	for (size_t i = n; i > base + 1; i--)
		if (path[i - 1] == '.')
			return i - 1;
	return n;
}

static bool is_file(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* "call.pcapng.expect", else "call.expect", whether it is there or not. */
static const char *expect_path(const char *capture, struct text *to)
{
	text_clear(to);
	text_puts(to, capture);
	text_puts(to, ".expect");
	text_putc(to, '\0');
	if (to->failed != STATUS_OK || is_file(to->p))
		return to->failed == STATUS_OK ? to->p : "";
	text_clear(to);
	text_put(to, slice_of(capture, stem_of(capture)));
	text_puts(to, ".expect");
	text_putc(to, '\0');
	return to->failed == STATUS_OK ? to->p : "";
}

static bool add_case(struct check_run *run, json_t *one)
{
	if (one && json_array_append_new(run->cases, one) == 0)
		return true;
	run->status = EXIT_LIMIT;
	return false;
}

/* A golden alone: it is JSON, and an expectation in YAML never begins so. */
static bool is_golden(const struct text *text)
{
	struct slice s = slice_trim(text_slice(text));

	return s.n && s.p[0] == '{';
}

static json_t *read_expect(struct check_run *run, const char *path,
			   const struct text *text)
{
	struct text why = text_new(8192);
	json_t *read = expect_read(&run->words, path, text_slice(text), &why);

	if (!read) {
		fprintf(stderr, "mrascope: %.*s\n", (int)why.n, why.p);
		run->status = EXIT_USAGE;
	}
	text_free(&why);
	return read;
}

/* One case in YAML; without captures it is for the one beside it. */
static bool add_expected(struct check_run *run, const char *path,
			 const char *capture, const struct text *text)
{
	json_t *read = read_expect(run, path, text), *one, *captures;
	bool fine;

	if (!read)
		return false;
	if (json_object_get(read, "expect")) {
		json_decref(read);
		return usage(run, path,
			     "a suite: name it alone, not a "
			     "capture beside it");
	}
	one = json_array_get(json_object_get(read, "cases"), 0);
	captures = json_object_get(one, "captures");
	if (json_array_size(captures) == 0 && capture) {
		(void)tree_add(captures, capture);
		if (!tree_text(one, "name"))
			(void)tree_set(one, "name", capture);
	}
	fine = json_array_size(captures) > 0;
	if (!fine)
		(void)usage(run, path, "it names no captures");
	fine = fine && add_case(run, json_incref(one));
	json_decref(read);
	return fine;
}

static bool add_capture(struct check_run *run, const char *capture)
{
	struct text name = text_new(PATH_BYTES_MAX);
	struct text text = text_new(EXPECT_MAX);
	const char *path = expect_path(capture, &name);
	bool there = is_file(path), fine = true;

	if (there && !check_read_file(path, false, &text)) {
		run->status = EXIT_USAGE;
		fine = false;
	} else if (there && !is_golden(&text)) {
		fine = add_expected(run, path, capture, &text);
	} else {
		json_t *one = expect_plain(capture, capture);

		if (one && (there || run->options->update)) {
			(void)tree_set(one, "golden", path);
			(void)tree_set(one, "file", path);
		}
		fine = add_case(run, one);
	}
	text_free(&name);
	text_free(&text);
	return fine;
}

/* ---- paths ---- */

static bool add_suite(struct check_run *run, const char *path)
{
	struct text text = text_new(EXPECT_MAX);
	json_t *read = NULL, *cases, *suite;
	bool fine = check_read_file(path, false, &text);

	if (!fine)
		run->status = EXIT_USAGE;
	else
		read = read_expect(run, path, &text);
	text_free(&text);
	cases = json_object_get(read, "cases");
	if (read && !json_object_get(read, "expect")) {
		json_decref(read);
		return usage(run, path, "a suite wants cases");
	}
	if (read) {
		suite = json_object();
		(void)tree_set(suite, "file", path);
		(void)tree_set(suite, "baseline", tree_text(read, "baseline"));
		(void)json_object_set(suite, "expect",
				      json_object_get(read, "expect"));
		(void)json_object_set_new(
			suite, "first",
			json_integer((json_int_t)json_array_size(run->cases)));
		(void)json_object_set_new(
			suite, "count",
			json_integer((json_int_t)json_array_size(cases)));
		(void)json_array_append_new(run->suites, suite);
		(void)json_array_extend(run->cases, cases);
	}
	json_decref(read);
	return read != NULL;
}

static bool add_expect_file(struct check_run *run, const char *path)
{
	struct text text = text_new(EXPECT_MAX);
	bool fine = check_read_file(path, false, &text);

	if (!fine)
		run->status = EXIT_USAGE;
	else if (is_golden(&text))
		fine = usage(run, path,
			     "a golden; name the capture that it "
			     "is for");
	else
		fine = add_expected(run, path, NULL, &text);
	text_free(&text);
	return fine;
}

/* A folder or a pattern: the captures in it; a file: whatever it is. */
static bool add_captures(struct check_run *run, const char *path)
{
	struct capture_set *set = capture_set_new();
	struct fault fault = {.offset = UINT64_MAX};
	struct text name = text_new(PATH_BYTES_MAX);
	bool fine = true;

	if (!set || capture_set_add(set, path, &fault) != STATUS_OK) {
		fprintf(stderr, "mrascope: %s: %s\n", path,
			set ? fault.text : "out of memory");
		run->status = EXIT_INPUT;
		fine = false;
	}
	for (size_t i = 0; fine && i < capture_set_count(set); i++) {
		text_clear(&name);
		text_puts(&name, capture_set_file(set, i)->path);
		text_putc(&name, '\0');
		if (!ends_with(name.p, ".expect"))
			fine = can_be_named(run, name.p) &&
			       add_capture(run, name.p);
	}
	text_free(&name);
	if (set)
		capture_set_free(set);
	return fine;
}

bool check_find(struct check_run *run)
{
	for (size_t i = 0; i < run->options->path_count; i++) {
		const char *path = run->options->paths[i];
		bool fine = can_be_named(run, path);

		if (!fine)
			return false;
		if (ends_with(path, ".yaml") || ends_with(path, ".yml"))
			fine = add_suite(run, path);
		else if (ends_with(path, ".expect"))
			fine = add_expect_file(run, path);
		else if (is_file(path))
			fine = add_capture(run, path);
		else
			fine = add_captures(run, path);
		if (!fine)
			return false;
	}
	return true;
}
