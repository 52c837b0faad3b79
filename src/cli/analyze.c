/* mrascope analyze: how far each call got, in five stages. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/order.h"
#include "flow/stages.h"
#include "report/report_text.h"
#include "validate/verdict.h"

#define REPORT_MAX ((size_t)256 << 20)

struct analysis {
	struct model model;
	struct pipeline pipeline;
	struct stages *stages;
	/* The pipeline wants its sink before the keys exist. */
	struct message_sink sink;
	FILE *out;
	bool failed;
};

static void take(void *context, const struct message *message)
{
	struct analysis *a = context;

	stages_take(a->stages, message);
	if (a->pipeline.clocks)
		clocks_take(a->pipeline.clocks, message);
}

/* All is told again: the evidence is gathered anew. */
static bool start_over(void *context)
{
	struct analysis *a = context;
	struct stages *fresh;

	model_free(&a->model);
	model_init(&a->model);
	fresh = stages_new(&a->model, a->pipeline.keys);
	if (!fresh) {
		a->model.out_of_memory = true;
		return false;
	}
	stages_free(a->stages);
	a->stages = fresh;
	return true;
}

static void flush(void *context, struct text *to)
{
	struct analysis *a = context;

	if (to->n && fwrite(to->p, 1, to->n, a->out) != to->n)
		a->failed = true;
	text_clear(to);
}

static bool wants_color(const struct analysis *a)
{
	const struct options *o = a->pipeline.options;
	const char *no_color = getenv("NO_COLOR");

	if (o->color != COLOR_AUTO)
		return o->color == COLOR_ALWAYS;
	return !(no_color && no_color[0]) && isatty(fileno(a->out)) == 1;
}

/* As wide as the terminal; the report does not go beyond its own limit. */
static size_t width_of(const struct analysis *a)
{
	struct winsize size;

	if (isatty(fileno(a->out)) != 1 ||
	    ioctl(fileno(a->out), TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

static const struct report_capture *list_captures(struct analysis *a,
						  size_t *count)
{
	struct report_capture *rows;

	*count = capture_set_count(a->pipeline.set);
	rows = arena_array(&a->model.arena, *count + 1, sizeof(*rows));
	for (size_t i = 0; rows && i < *count; i++) {
		const struct capture_file *f =
			capture_set_file(a->pipeline.set, i);

		rows[i] = (struct report_capture){
			.path = f->path,
			.format = f->info.format,
			.frames = f->info.frames,
		};
		if (f->fault.set)
			rows[i].damage = f->fault.text;
		else if (f->info.damage.set)
			rows[i].damage = f->info.damage.text;
	}
	if (!rows)
		*count = 0;
	return rows;
}

static void write_report(struct analysis *a)
{
	const struct driver_counts *counts = driver_counts(a->pipeline.driver);
	struct text text = text_new(REPORT_MAX);
	struct report_options options = {
		.color = wants_color(a),
		.width = width_of(a),
		.sip = counts->sip,
		.stun = counts->stun,
		.rtp = counts->rtp,
		.context = a,
		.flush = flush,
	};

	options.captures = list_captures(a, &options.capture_count);
	report_text(&a->model, &options, &text);
	if (text.failed != STATUS_OK)
		a->failed = true;
	flush(a, &text);
	text_free(&text);
}

static bool has_finding(const struct model *model, enum severity at_least)
{
	const struct note *notes = model->notes.rows;

	for (size_t i = 0; i < model->notes.count; i++)
		if (notes[i].rule->severity >= at_least)
			return true;
	return false;
}

static void note_limits(struct analysis *a)
{
	struct driver_limits l = driver_limits(a->pipeline.driver);
	struct reading_limits limits = {
		.flows = l.flows_evicted,
		.fragments = l.fragments_lost,
		.segments = l.tcp_refused,
		.media = l.media_refused,
		.cut = driver_counts(a->pipeline.driver)->cut,
	};

	verdict_note_limits(&a->model, &limits);
}

static int finish(struct analysis *a, const struct options *options)
{
	int status;

	stages_finish(a->stages, driver_media(a->pipeline.driver));
	order_note_vantages(&a->pipeline, &a->model);
	verdict_all(&a->model);
	note_limits(a);
	a->out = pipeline_output(options);
	if (!a->out)
		return EXIT_USAGE;
	write_report(a);
	status = pipeline_status(&a->pipeline);
	if (!pipeline_output_close(options, a->out) && status == EXIT_FINE)
		status = EXIT_INPUT;
	if (status == EXIT_FINE && a->model.out_of_memory)
		status = EXIT_LIMIT;
	if (status == EXIT_FINE && options->fails &&
	    has_finding(&a->model, options->fail_on))
		status = EXIT_FINDINGS;
	return status;
}

int command_analyze(const struct options *options)
{
	struct analysis a = {0};
	struct pipeline_listener listener = {
		.context = &a, .again = start_over, .orderly = true};
	int status;

	a.sink = (struct message_sink){.context = &a, .take = take};
	model_init(&a.model);
	if (pipeline_open(&a.pipeline, options, &a.sink, &status)) {
		a.stages = stages_new(&a.model, a.pipeline.keys);
		status = EXIT_LIMIT;
		if (a.stages) {
			(void)pipeline_run(&a.pipeline, &listener);
			status = finish(&a, options);
		}
	}
	stages_free(a.stages);
	pipeline_close(&a.pipeline);
	model_free(&a.model);
	return status;
}
