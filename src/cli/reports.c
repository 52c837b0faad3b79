/* Reports of an analysis: what they need of the options and the captures. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/reports.h"
#include "report/report_calls.h"
#include "report/report_html.h"
#include "report/report_json.h"
#include "report/report_paths.h"
#include "report/report_mermaid.h"
#include "report/secrets.h"

#define REPORT_MAX ((size_t)256 << 20)
#define LINK_TYPES_MAX 8
#define WARNINGS_MAX 10
#define PASSED_MAX ((size_t)4096)

/* ---- which calls ---- */

bool reports_select(struct report_job *job)
{
	const struct options *o = job->options;
	const char *why = "out of memory";

	if (o->call_count == 0)
		return true;
	job->selection = selection_new();
	for (size_t i = 0; i < o->call_count; i++)
		if (!job->selection ||
		    selection_add(job->selection, o->calls[i], &why) !=
			    STATUS_OK) {
			fprintf(stderr,
				"mrascope: --call %s: %s (see mrascope(1))\n",
				o->calls[i], why);
			return false;
		}
	return true;
}

enum status reports_choose(struct report_job *job)
{
	const char *missing;
	enum status status;

	if (job->selection || job->options->format != FORMAT_TEXT)
		job->keys = keys_of(job->model);
	if (!job->selection)
		return STATUS_OK;
	status = selection_apply(job->selection, &job->keys);
	if (status != STATUS_OK)
		return status;
	missing = selection_missing(job->selection);
	if (missing)
		fprintf(stderr, "mrascope: --call %s: there is no such call\n",
			missing);
	else if (selection_count(job->selection) == 0 && !job->options->quiet)
		fprintf(stderr, "mrascope: no call fits what --call says\n");
	return missing ? STATUS_NOT_MINE : STATUS_OK;
}

/* ---- captures ---- */

static const char *sentence(struct model *m, const struct fault *fault)
{
	if (fault->offset == UINT64_MAX)
		return fault->text;
	return model_sentence(m, "at byte %" PRIu64 ": %s", fault->offset,
			      fault->text);
}

static void list_link_types(struct model *m, struct report_capture *row,
			    const struct source_info *info)
{
	const char **names =
		arena_array(&m->arena, LINK_TYPES_MAX, sizeof(*names));

	for (size_t i = 0; names && i < info->link_type_count; i++) {
		const char *name = link_type_name(info->link_types[i]);

		names[i] = name ? name
				: model_sentence(m, "%" PRIu32,
						 info->link_types[i]);
		row->link_type_count++;
	}
	row->link_types = names;
}

/* Does anything tell how the clock of this file stands? */
static bool has_clock(const struct model *m, size_t file)
{
	const struct vantage *v =
		file < m->vantages.count ? list_at(&m->vantages, file) : NULL;

	return v && v->offset_known;
}

/* Read with the month for the day, a log is off by that much or more. */
#define MONTH_FOR_DAY (20 * (nanoseconds)86400 * NS_PER_S)

/* Day or month first; a clock that is known tells it after all. */
static const char *dates_text(const struct model *m, size_t file,
			      const struct source_info *info)
{
	const struct vantage *v;

	if (!info->dates_guessed || !has_clock(m, file))
		return info->dates;
	v = list_at(&m->vantages, file);
	return v->offset > MONTH_FOR_DAY || v->offset < -MONTH_FOR_DAY
		       ? "the day of its dates was taken for the month, as "
			 "that clock tells"
		       : NULL;
}

/* What a log leaves out, and what was taken off it; at most six. */
static size_t log_warnings(struct model *m, const struct report_capture *row,
			   size_t file, const struct source_info *info,
			   const char **texts)
{
	size_t n = 0;

	if (row->passed)
		texts[n++] = model_sentence(
			m,
			"lines passed over that are no messages: %" PRIu64
			", the first at byte %" PRIu64 ": %s",
			row->passed, info->passed_first.offset,
			row->passed_first);
	if (info->dress)
		texts[n++] = info->dress;
	if (row->truncated)
		texts[n++] = model_sentence(
			m, "messages that lack a part in the log: %" PRIu64,
			row->truncated);
	if (info->undated)
		texts[n++] = info->dated_by_file
				     ? "the log tells no date: that of its "
				       "file was taken"
				     : "the log tells no date";
	if (dates_text(m, file, info))
		texts[n++] = dates_text(m, file, info);
	if (row->zoneless)
		texts[n++] = "its times tell no zone and were read as UTC";
	return n;
}

static void list_warnings(struct model *m, struct report_capture *row,
			  size_t file, const struct source_info *info)
{
	const char **texts =
		arena_array(&m->arena, WARNINGS_MAX, sizeof(*texts));
	size_t n = 0;

	if (!texts)
		return;
	if (info->warning.set)
		texts[n++] = sentence(m, &info->warning);
	if (info->warnings > 1)
		texts[n++] = model_sentence(m, "and %" PRIu64 " more like this",
					    info->warnings - 1);
	if (info->cut)
		texts[n++] = model_sentence(
			m, "%" PRIu64 " frames are cut by the snap length",
			info->cut);
	if (info->dropped)
		texts[n++] = model_sentence(
			m, "the host lost %" PRIu64 " packets by its own count",
			info->dropped);
	n += log_warnings(m, row, file, info, texts + n);
	row->warnings = texts;
	row->warning_count = n;
}

static void list_capture(struct model *m, struct report_capture *row,
			 const struct capture_file *f)
{
	const struct source_info *info = &f->info;

	*row = (struct report_capture){
		.path = f->path,
		.format = info->format,
		.frames = info->frames,
		.bytes = f->size == UINT64_MAX ? info->bytes : f->size,
	};
	if (info->has_time) {
		row->first_time = info->first_time;
		row->last_time = info->last_time;
	}
	if (f->fault.set)
		row->damage = sentence(m, &f->fault);
	else if (info->damage.set)
		row->damage = sentence(m, &info->damage);
	list_link_types(m, row, info);
}

/* The first line that was passed over, which may be of anything. */
static const char *passed_text(struct report_job *job, const char *line)
{
	struct slice s = slice_of_text(line);
	struct text text = text_new(PASSED_MAX);
	const char *out;

	if (!job->options->show_secrets && secret_may_be_in(s))
		return "(it may tell a secret)";
	secret_put_uris(s, job->options->show_secrets, &text);
	out = model_text(job->model, text_slice(&text));
	text_free(&text);
	return out;
}

static void list_log(struct report_job *job, struct report_capture *row,
		     size_t file, const struct source_info *info)
{
	struct model *m = job->model;

	row->log = info->log;
	row->passed = info->passed;
	row->truncated = info->truncated;
	if (info->passed)
		row->passed_first = passed_text(job, info->passed_first.text);
	row->zoneless = info->zoneless && info->has_time && !has_clock(m, file);
}

static const struct report_capture *list_captures(struct report_job *job,
						  size_t *count)
{
	struct report_capture *rows;

	*count = capture_set_count(job->pipeline->set);
	rows = arena_array(&job->model->arena, *count + 1, sizeof(*rows));
	for (size_t i = 0; rows && i < *count; i++) {
		const struct capture_file *f =
			capture_set_file(job->pipeline->set, i);

		list_capture(job->model, &rows[i], f);
		list_log(job, &rows[i], i, &f->info);
		list_warnings(job->model, &rows[i], i, &f->info);
	}
	if (!rows)
		*count = 0;
	return rows;
}

/* ---- writing ---- */

static void flush(void *context, struct text *to)
{
	struct report_job *job = context;

	if (to->n && fwrite(to->p, 1, to->n, job->out) != to->n)
		job->failed = true;
	text_clear(to);
}

static struct report_options text_options(struct report_job *job)
{
	const struct driver_counts *counts =
		driver_counts(job->pipeline->driver);
	struct report_options options = {
		.color = pipeline_color(job->options, job->out),
		.width = pipeline_width(job->out),
		.sip = counts->sip,
		.stun = counts->stun,
		.rtp = counts->rtp,
		.malformed = counts->malformed,
		.selection = job->selection,
		.show_secrets = job->options->show_secrets,
		.paths = job->options->ways,
		.context = job,
		.flush = flush,
	};

	options.captures = list_captures(job, &options.capture_count);
	return options;
}

static void write_text(struct report_job *job, struct text *to)
{
	struct report_options options = text_options(job);

	report_text(job->model, &options, to);
}

typedef void report_fn(const struct model *model,
		       const struct report_json_options *options,
		       struct text *to);

static struct report_json_options data_options(struct report_job *job)
{
	const struct driver_counts *c = driver_counts(job->pipeline->driver);
	struct report_json_options options = {
		.version = MRASCOPE_VERSION,
		.counts = {c->frames, c->sip, c->sdp, c->stun, c->channel_data,
			   c->mras, c->rtp, c->rtcp, c->dtls, c->tls, c->dns,
			   c->malformed},
		.selection = job->selection,
		.keys = &job->keys,
		.show_secrets = job->options->show_secrets,
		.jobs = (unsigned)pipeline_jobs(job->options),
		.context = job,
		.flush = flush,
	};

	options.captures = list_captures(job, &options.capture_count);
	return options;
}

static void write_data(struct report_job *job, report_fn *report,
		       struct text *to)
{
	struct report_json_options options = data_options(job);

	report(job->model, &options, to);
}

static const struct {
	enum format format;
	report_fn *report;
} data_reports[] = {
	{FORMAT_JSON, report_json},
	/* Made of that, see analyze.c. */
	{FORMAT_JUNIT, report_json_outline},
	{FORMAT_SARIF, report_json_outline},
	{FORMAT_NDJSON, report_calls_ndjson},
	{FORMAT_CSV, report_calls_csv},
	{FORMAT_MERMAID, report_mermaid},
};

void reports_write(struct report_job *job)
{
	struct text text = text_new(REPORT_MAX);

	report_fn *report = NULL;

	for (size_t i = 0; i < sizeof(data_reports) / sizeof(data_reports[0]);
	     i++)
		if (data_reports[i].format == job->options->format)
			report = data_reports[i].report;
	if (job->options->ways && job->options->format == FORMAT_CSV)
		report = report_paths_csv;
	if (report)
		write_data(job, report, &text);
	else
		write_text(job, &text);
	if (text.failed != STATUS_OK)
		job->failed = true;
	flush(job, &text);
	text_free(&text);
}

void reports_write_page(struct report_job *job,
			const struct html_message *messages, size_t count)
{
	struct report_json_options json = data_options(job);
	struct report_options plain = text_options(job);
	struct report_html_options options = {.json = &json,
					      .text = &plain,
					      .messages = messages,
					      .message_count = count};
	struct text text = text_new(REPORT_MAX);

	report_html(job->model, &options, &text);
	if (text.failed != STATUS_OK)
		job->failed = true;
	flush(job, &text);
	text_free(&text);
}

void reports_free(struct report_job *job)
{
	keys_free(&job->keys);
	selection_free(job->selection);
}
