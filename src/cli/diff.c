/*
 * mrascope diff: two captures, two calls, a capture and a golden, or two
 * folders, by what they mean.
 */
#include "config.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "check/canon.h"
#include "check/differ.h"
#include "check/scenario.h"
#include "check/spread.h"
#include "cli/analysis.h"
#include "cli/check_parts.h"
#include "cli/pipeline.h"

#define TEXT_MAX ((size_t)256 << 20)
#define LINES_MAX 400u

/* One of the two. */
struct side {
	const char *path;
	const char *call; /* selector, or NULL */
	bool folder;
	json_t *golden; /* NULL: it is a capture */
	json_t *analysis;
};

struct diffing {
	const struct options *options;
	struct side sides[2];
	json_t *rows;
	struct text text;
	int status;
};

static int fail(struct diffing *d, int status, const char *path,
		const char *why)
{
	fprintf(stderr, "mrascope: %s: %s\n", path, why);
	d->status = status;
	return status;
}

static bool is_folder(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* ---- reading ---- */

/* A golden, when the file is one; a capture never begins like JSON. */
static bool read_golden(struct side *side)
{
	struct text text = text_new(TEXT_MAX);
	FILE *f = fopen(side->path, "rb");
	int first = f ? fgetc(f) : EOF;

	if (f)
		fclose(f);
	if (first == '{' && check_read_file(side->path, false, &text))
		side->golden =
			json_loadb(text.n ? text.p : "", text.n, 0, NULL);
	text_free(&text);
	return side->golden != NULL;
}

static bool analyse(struct diffing *d, struct side *side)
{
	struct options o = *d->options;
	char *paths[2] = {(char *)(uintptr_t)side->path, NULL};
	const char *calls[2] = {side->call, NULL};
	char *bytes = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&bytes, &n);

	o.format = FORMAT_JSON;
	o.fails = false;
	o.paths = paths;
	o.path_count = 1;
	o.calls = calls;
	o.call_count = side->call ? 1 : 0;
	d->status = EXIT_LIMIT;
	if (out) {
		d->status = analysis_run(&o, out);
		if (fclose(out) == 0 && n)
			side->analysis = json_loadb(bytes, n, 0, NULL);
	}
	free(bytes);
	return d->status == EXIT_FINE && side->analysis;
}

static bool read_side(struct diffing *d, struct side *side)
{
	side->folder = is_folder(side->path);
	if (!side->folder && read_golden(side))
		return true;
	return analyse(d, side);
}

/* ---- comparing ---- */

static json_t *form_of(const struct side *side, bool exact)
{
	if (side->golden)
		return json_incref(side->golden);
	return exact ? canon_of(side->analysis) : scenario_of(side->analysis);
}

static void compare_calls(struct diffing *d)
{
	bool exact = d->sides[0].golden || d->sides[1].golden;
	json_t *was = form_of(&d->sides[0], exact);
	json_t *is = form_of(&d->sides[1], exact);

	if (was && is) {
		d->rows = exact ? differ(was, is) : scenario_differ(was, is);
		scenario_put_stages(was, is, &d->text);
		differ_hunks(d->rows, LINES_MAX, &d->text);
		d->status =
			json_array_size(d->rows) ? EXIT_FINDINGS : EXIT_FINE;
	}
	json_decref(was);
	json_decref(is);
}

static void compare_folders(struct diffing *d)
{
	json_t *was = spread_of(d->sides[0].analysis);
	json_t *is = spread_of(d->sides[1].analysis);

	d->rows = spread_compare(was, is);
	spread_put(d->rows, &d->text);
	d->status = EXIT_FINE;
	for (size_t i = 0; i < json_array_size(d->rows); i++)
		if (tree_true(json_array_get(d->rows, i), "differs"))
			d->status = EXIT_FINDINGS;
	json_decref(was);
	json_decref(is);
}

/* ---- writing ---- */

static void put_json(struct diffing *d, struct text *to)
{
	json_t *out = json_object();

	(void)tree_set(out, "schema", "mrascope.diff/1");
	(void)tree_set(out, "was", d->sides[0].path);
	(void)tree_set(out, "is", d->sides[1].path);
	(void)json_object_set_new(out, "differs",
				  json_boolean(d->status == EXIT_FINDINGS));
	(void)json_object_set(
		out, d->sides[0].folder ? "figures" : "differences", d->rows);
	tree_write(out, to);
	json_decref(out);
}

static void write_result(struct diffing *d)
{
	struct text made = text_new(TEXT_MAX);
	FILE *out = pipeline_output(d->options);

	if (!out) {
		d->status = EXIT_USAGE;
		return;
	}
	if (d->options->format == FORMAT_JSON)
		put_json(d, &made);
	else if (d->status == EXIT_FINE)
		text_printf(&made, "%.*sno difference\n", (int)d->text.n,
			    d->text.n ? d->text.p : "");
	else
		text_put(&made, text_slice(&d->text));
	(void)fwrite(made.n ? made.p : "", 1, made.n, out);
	if (!pipeline_output_close(d->options, out))
		d->status = EXIT_INPUT;
	text_free(&made);
}

/* Two paths with a selector for both or one for each; or one path with two
 * selectors. */
static bool set_sides(struct diffing *d)
{
	const struct options *o = d->options;
	bool fits = (o->path_count == 2 && o->call_count <= 2) ||
		    (o->path_count == 1 && o->call_count == 2);

	if (!fits)
		return !fail(d, EXIT_USAGE, "diff",
			     "wants two paths, or one and two --call");
	for (size_t i = 0; i < 2; i++) {
		d->sides[i].path = o->paths[o->path_count == 2 ? i : 0];
		if (o->call_count)
			d->sides[i].call = o->calls[o->call_count == 2 ? i : 0];
	}
	return true;
}

int command_diff(const struct options *options)
{
	struct diffing d = {.options = options, .text = text_new(TEXT_MAX)};

	if (set_sides(&d) && read_side(&d, &d.sides[0]) &&
	    read_side(&d, &d.sides[1])) {
		if (d.sides[0].folder != d.sides[1].folder)
			(void)fail(&d, EXIT_USAGE, d.sides[0].path,
				   "a folder is compared with a folder");
		else if (d.sides[0].folder)
			compare_folders(&d);
		else
			compare_calls(&d);
		if (d.rows)
			write_result(&d);
	}
	for (size_t i = 0; i < 2; i++) {
		json_decref(d.sides[i].golden);
		json_decref(d.sides[i].analysis);
	}
	json_decref(d.rows);
	text_free(&d.text);
	return d.status;
}
