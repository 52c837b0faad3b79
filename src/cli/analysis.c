/* An analysis from captures to its report, for all commands that want one. */
#include "config.h"

#include "cli/analysis.h"
#include "cli/engine.h"
#include "cli/events.h"
#include "cli/order.h"
#include "cli/reports.h"
#include "flow/stages.h"
#include "validate/judge_engine.h"
#include "validate/verdict.h"

struct analysis {
	struct model model;
	struct pipeline pipeline;
	struct stages *stages;
	struct replay *replay; /* NULL: the engine is off */
	/* The pipeline wants its sink before the keys exist. */
	struct message_sink sink;
	struct report_job report;
	FILE *out;                            /* NULL: as the options say */
	const struct analysis_reader *reader; /* NULL: a report */
};

static void take(void *context, const struct message *message)
{
	struct analysis *a = context;

	stages_take(a->stages, message);
	if (a->reader)
		a->reader->hear(a->reader->context, message);
}

/* The engine needs nothing of what stages know: it has no need to wait. */
static void take_first(void *context, const struct message *message)
{
	struct analysis *a = context;

	if (a->replay)
		engine_take(a->replay, a->pipeline.keys, message);
}

static bool start_engine(struct analysis *a)
{
	replay_free(a->replay);
	a->replay = NULL;
	if (a->pipeline.options->engine_off)
		return true;
	a->replay = replay_new();
	return a->replay != NULL;
}

/* All is told again: the evidence is gathered anew. */
static bool start_over(void *context)
{
	struct analysis *a = context;
	struct stages *fresh;

	model_free(&a->model);
	model_init(&a->model);
	order_expect_vantages(&a->pipeline, &a->model);
	fresh = stages_new(&a->model, a->pipeline.keys);
	if (!fresh) {
		a->model.out_of_memory = true;
		return false;
	}
	if (a->reader)
		a->reader->restart(a->reader->context);
	stages_free(a->stages);
	a->stages = fresh;
	return start_engine(a);
}

/* Of the calls that were chosen, or of none. */
static bool has_finding(const struct analysis *a, enum severity at_least)
{
	const struct note *notes = a->model.notes.rows;

	for (size_t i = 0; i < a->model.notes.count; i++)
		if (note_severity(&notes[i]) >= at_least &&
		    selection_has(a->report.selection, SELECTED_NOTES, i))
			return true;
	return false;
}

static int write_report(struct analysis *a, const struct options *options)
{
	struct report_job *job = &a->report;
	enum status chosen = reports_choose(job);
	bool wrong = false;
	int status;

	job->out = a->out ? a->out : pipeline_output(options);
	if (!job->out)
		return EXIT_USAGE;
	if (chosen != STATUS_NOMEM && !a->reader)
		reports_write(job);
	else if (chosen == STATUS_OK && a->reader &&
		 !a->reader->write(a->reader->context, job))
		job->failed = true;
	status = pipeline_status(&a->pipeline);
	if (!a->out && !pipeline_output_close(options, job->out))
		wrong = true;
	if ((wrong || chosen == STATUS_NOT_MINE) && status == EXIT_FINE)
		status = EXIT_INPUT;
	if (status == EXIT_FINE &&
	    (a->model.out_of_memory || chosen == STATUS_NOMEM || job->failed))
		status = EXIT_LIMIT;
	return status;
}

/* What passed the filter is counted by the driver, the rest is not. */
static void take_inventory(struct analysis *a)
{
	struct inventory *to = &a->model.inventory;
	uint64_t read = 0;

	driver_inventory(a->pipeline.driver, to);
	for (size_t i = 0; i < capture_set_count(a->pipeline.set); i++)
		read += capture_set_file(a->pipeline.set, i)->info.frames;
	if (a->pipeline.options->filter && read > to->frames)
		to->filtered = read - to->frames;
}

/* What joins calls, judges and reports needs memory, too: what was needed
 * before is given back. */
static void join_calls(struct analysis *a)
{
	take_inventory(a);
	pipeline_rest(&a->pipeline);
	if (a->replay)
		replay_rest(a->replay);
	stages_finish(a->stages, driver_media(a->pipeline.driver));
	stages_free(a->stages);
	a->stages = NULL;
}

static int finish(struct analysis *a, const struct options *options)
{
	int status;

	if (!events_tell(options, a->stages))
		a->model.out_of_memory = true;
	order_note_vantages(&a->pipeline, &a->model);
	join_calls(a);
	verdict_all(&a->model, (unsigned)pipeline_jobs(options));
	if (a->replay)
		judge_engine(&a->model, a->replay);
	pipeline_note_limits(&a->pipeline, &a->model);
	status = write_report(a, options);
	if (status == EXIT_FINE && options->fails &&
	    has_finding(a, options->fail_on))
		status = EXIT_FINDINGS;
	return status;
}

int analysis_read(const struct options *options, FILE *out,
		  const struct analysis_reader *reader)
{
	struct analysis a = {.out = out, .reader = reader};
	struct pipeline_listener listener = {
		.context = &a, .again = start_over, .orderly = true};
	int status = EXIT_USAGE;

	a.report = (struct report_job){
		.options = options, .pipeline = &a.pipeline, .model = &a.model};
	a.sink = (struct message_sink){.context = &a, .take = take};
	model_init(&a.model);
	if (reports_select(&a.report) && events_check(options) &&
	    pipeline_open(&a.pipeline, options, &a.sink, &status)) {
		order_expect_vantages(&a.pipeline, &a.model);
		a.stages = stages_new(&a.model, a.pipeline.keys);
		status = EXIT_LIMIT;
		if (a.stages && start_engine(&a)) {
			a.pipeline.apart = true;
			a.pipeline.first =
				(struct message_sink){&a, take_first};
			(void)pipeline_run(&a.pipeline, &listener);
			status = finish(&a, options);
		}
	}
	reports_free(&a.report);
	replay_free(a.replay);
	stages_free(a.stages);
	pipeline_close(&a.pipeline);
	model_free(&a.model);
	return status;
}

int analysis_run(const struct options *options, FILE *out)
{
	return analysis_read(options, out, NULL);
}
