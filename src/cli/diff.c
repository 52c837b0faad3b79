/*
 * mrascope diff: two captures, two calls, a capture and a golden, or two
 * folders, by what they mean.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check/differ.h"
#include "check/scenario.h"
#include "check/spread.h"
#include "cli/analysis.h"
#include "cli/check_parts.h"
#include "cli/pipeline.h"
#include "cli/spill.h"
#include "core/thread.h"
#include "model/model.h"

#define TEXT_MAX ((size_t)256 << 20)
#define LINES_MAX 400u

/* One of the two. */
struct side {
	const char *path;
	const char *call; /* selector, or NULL */
	bool folder;
	/* What is compared of a capture or golden, or of a folder. */
	struct large *form;
	json_t *figures;
	/* Files until that is made: the analysis, and where the rows of its
	 * form go. */
	FILE *analysis, *rows;
	bool exact;
};

struct diffing {
	const struct options *options;
	struct side sides[2];
	bool exact;   /* one of them is a golden */
	bool damaged; /* one of them was not read to its end */
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
	FILE *f = fopen(side->path, "rb");

	if (f && fgetc(f) == '{')
		side->form = large_golden(f);
	else if (f)
		fclose(f);
	return side->form != NULL;
}

static bool analyse(struct diffing *d, struct side *side)
{
	struct options o = *d->options;
	char *paths[2] = {(char *)(uintptr_t)side->path, NULL};
	const char *calls[2] = {side->call, NULL};

	o.format = FORMAT_JSON;
	o.fails = false;
	o.paths = paths;
	o.path_count = 1;
	o.calls = calls;
	o.call_count = side->call ? 1 : 0;
	side->exact = d->exact;
	side->analysis = spill_open_file();
	side->rows = spill_open_file();
	if (!side->analysis || !side->rows)
		return !fail(d, EXIT_LIMIT, side->path, strerror(errno));
	d->status = analysis_run(&o, side->analysis);
	if (fflush(side->analysis) != 0)
		fail(d, EXIT_LIMIT, side->path, strerror(errno));
	d->damaged |= d->status == EXIT_INPUT;
	return d->status == EXIT_FINE || d->status == EXIT_INPUT;
}

/* Of what is damaged, is there something to compare? */
static bool has_calls(const struct side *side)
{
	return side->folder ||
	       json_object_size(json_object_get(side->form->members, "calls"));
}

/* Takes of an analysis what is compared: it has many times the size of the
 * capture, so it lies in a file, and is a tree nowhere. */
static void *take_form(void *context)
{
	struct side *side = context;

	if (!side->analysis)
		return NULL;
	if (side->folder) {
		side->figures = spread_of(side->analysis);
	} else {
		side->form =
			large_of(side->analysis, side->rows, !side->exact);
		side->rows = NULL;
	}
	return NULL;
}

/* Of both at the same time. */
static bool take_forms(struct diffing *d)
{
	struct side *sides = d->sides;
	pthread_t thread;
	bool helped = thread_start(&thread, take_form, &sides[0]);

	if (!helped)
		take_form(&sides[0]);
	take_form(&sides[1]);
	if (helped)
		pthread_join(thread, NULL);
	for (size_t i = 0; i < 2; i++)
		if (!sides[i].form && !sides[i].figures)
			return !fail(d, EXIT_LIMIT, sides[i].path,
				     "no memory, or no room for temporary "
				     "files");
	return true;
}

/* With a golden on either side the other one is brought into its form. */
static bool read_sides(struct diffing *d)
{
	struct side *sides = d->sides;

	for (size_t i = 0; i < 2; i++) {
		sides[i].folder = is_folder(sides[i].path);
		if (!sides[i].folder)
			d->exact |= read_golden(&sides[i]);
	}
	if (sides[0].folder != sides[1].folder)
		return !fail(d, EXIT_USAGE, sides[0].path,
			     "a folder is compared with a folder");
	for (size_t i = 0; i < 2; i++)
		if (!sides[i].form && !analyse(d, &sides[i]))
			return false;
	if (!take_forms(d))
		return false;
	if (d->damaged && !(has_calls(&sides[0]) && has_calls(&sides[1])))
		d->status = EXIT_INPUT;
	else
		d->status = EXIT_FINE;
	return d->status == EXIT_FINE;
}

/* ---- comparing ---- */

static const char *word_of(const char *state)
{
	for (unsigned s = STATE_UNSEEN; s <= STATE_UNNEEDED; s++)
		if (strcmp(state_name((enum stage_state)s), state) == 0)
			return state_word((enum stage_state)s);
	return state;
}

static void compare_calls(struct diffing *d)
{
	const struct large *was = d->sides[0].form, *is = d->sides[1].form;

	d->rows = differ_large(was, is, d->exact ? NULL : scenario_means);
	scenario_put_stages(was, is, word_of, &d->text);
	differ_hunks(d->rows, LINES_MAX, &d->text);
	d->status = json_array_size(d->rows) ? EXIT_FINDINGS : EXIT_FINE;
}

static void compare_folders(struct diffing *d)
{
	d->rows = spread_compare(d->sides[0].figures, d->sides[1].figures);
	spread_put(d->rows, &d->text);
	d->status = EXIT_FINE;
	for (size_t i = 0; i < json_array_size(d->rows); i++)
		if (tree_true(json_array_get(d->rows, i), "differs"))
			d->status = EXIT_FINDINGS;
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

	/* Before there are threads (as jansson asks). */
	json_object_seed(0);
	if (set_sides(&d) && read_sides(&d)) {
		if (d.sides[0].folder)
			compare_folders(&d);
		else
			compare_calls(&d);
		if (d.rows)
			write_result(&d);
		if (d.damaged && d.status != EXIT_USAGE)
			d.status = EXIT_INPUT;
	}
	for (size_t i = 0; i < 2; i++) {
		if (d.sides[i].analysis)
			fclose(d.sides[i].analysis);
		if (d.sides[i].rows)
			fclose(d.sides[i].rows);
		large_free(d.sides[i].form);
		json_decref(d.sides[i].figures);
	}
	json_decref(d.rows);
	text_free(&d.text);
	return d.status;
}
