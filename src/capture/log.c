/*
 * Logs as captures: each record is a frame (spec "capture-formats" 4).
 *
 * Logs are text that programs wrote for people, in forms that nobody
 * specified: all is read as far as it can be, and what was passed over is
 * counted.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "capture/formats.h"
#include "capture/log_dates.h"
#include "capture/log_internals.h"
#include "capture/log_parts.h"
#include "capture/reader.h"

/* So much of the first line that was passed over is told. */
#define PASSED_SHOWN 120u

void log_begin(struct log *log, enum record_kind kind, uint64_t offset)
{
	text_clear(&log->text);
	log->record = (struct record){.kind = (uint8_t)kind, .offset = offset};
	log->has_time = false;
	log_begin_message(log);
}

void log_begin_message(struct log *log)
{
	if (log->text.n)
		log_end_head(log);
	log->head_lines = 0;
	log->behind_head = false;
	log->has_length = false;
	log->length = 0;
	log->body_bytes = 0;
	log->body_bare = 0;
}

void log_set_time(struct log *log, const struct log_time *time)
{
	log->time = log->swapped && time->either ? time->swapped : time->time;
	log->has_time = true;
	if (time->zoned)
		log->source.info.zoneless = false;
}

void log_put(struct log *log, struct text *to, struct slice s)
{
	if (s.n > RECORD_TEXT_MAX - to->n) {
		log->record.cut = true;
		s = slice_first(s, RECORD_TEXT_MAX - to->n);
	}
	text_put(to, s);
}

void log_put_text(struct log *log, struct slice line)
{
	log_put(log, &log->text, line);
	log_put(log, &log->text, SLICE("\n"));
}

static void note_length(struct log *log, struct slice line)
{
	struct slice value;

	if ((field_value(line, "Content-Length", &value) ||
	     field_value(line, "l", &value)) &&
	    slice_number(value, UINT32_MAX, &log->length) == STATUS_OK)
		log->has_length = true;
}

void log_end_head(struct log *log)
{
	if (!log->behind_head)
		log_put(log, &log->text, SLICE("\r\n"));
	log->behind_head = true;
}

/* A line with which a body begins, and no header: something on the way here
 * lost the empty line in front of it. */
static bool begins_body(const struct log *log, struct slice line)
{
	return log->head_lines > 1 &&
	       (slice_is(slice_trim(line), "v=0") ||
		slice_starts(line, SLICE("<?xml ")) ||
		(slice_starts(line, SLICE("--")) && !is_field(line)));
}

/* A line that neither is a header nor folds one: something between the
 * program and this file broke the header into two. */
static bool is_wrapped(const struct log *log, struct slice line)
{
	return log->head_lines > 0 && line.p[0] != ' ' && line.p[0] != '\t' &&
	       !is_field(line);
}

void log_put_line(struct log *log, struct slice line, bool crlf)
{
	if (!log->behind_head && begins_body(log, line))
		log_end_head(log);
	if (log->behind_head) {
		log->body_bytes += line.n + 1 + crlf;
		log->body_bare += !crlf;
		log_put(log, &log->text, line);
		log_put(log, &log->text, crlf ? SLICE("\r\n") : SLICE("\n"));
		return;
	}
	if (line.n == 0) {
		log_end_head(log);
		return;
	}
	if (is_wrapped(log, line))
		log_put(log, &log->text, SLICE(" "));
	log->head_lines++;
	note_length(log, line);
	log_put(log, &log->text, line);
	log_put(log, &log->text, SLICE("\r\n"));
}

bool log_has_body(const struct log *log)
{
	return log->behind_head &&
	       (!log->has_length ||
		log->body_bytes + log->body_bare >= log->length);
}

void log_pass(struct log *log, const struct log_line *line)
{
	struct source_info *info = &log->source.info;
	struct slice s = slice_trim(line->text);
	char shown[PASSED_SHOWN];
	size_t n = s.n < PASSED_SHOWN ? s.n : PASSED_SHOWN;

	if (s.n == 0)
		return;
	info->passed++;
	if (info->passed_first.set)
		return;
	for (size_t i = 0; i < n; i++)
		shown[i] = (char)(s.p[i] < ' ' || s.p[i] > '~' ? '?' : s.p[i]);
	fault_say(&info->passed_first, line->offset, "%.*s%s", (int)n, shown,
		  s.n > n ? "..." : "");
}

/* ---- the source ---- */

static void count(struct log *log, struct frame *frame)
{
	struct source *self = &log->source;

	self->info.truncated +=
		log->record.cut && log->record.kind == RECORD_MESSAGE;
	if (log->timeless && !self->info.warning.set)
		source_warn(self, log->record.offset, "a record has no time%s",
			    log->has_time ? ": it gets that of a line near it"
					  : "");
	source_count(self, frame);
}

/* A record without a time is no older than the one before it. */
static void settle_time(struct log *log)
{
	log->timeless = !log->has_time;
	log->source.info.undated = log->clock.undated;
	if (log->has_time)
		log->ever_timed = true;
	else
		log->has_time = log->ever_timed;
}

static enum status log_next(struct source *self, struct frame *frame)
{
	struct log *log = (struct log *)self;
	enum status status = log->form->next(log);

	if (status != STATUS_OK)
		return source_stop(self, &log->lines.block, status, "a line",
				   1);
	settle_time(log);
	log->record.text = text_slice(&log->text);
	text_clear(&log->bytes);
	record_write(&log->record, &log->bytes);
	if (log->text.failed == STATUS_NOMEM ||
	    log->raw.failed == STATUS_NOMEM || log->bytes.failed != STATUS_OK)
		return source_stop(self, &log->lines.block, STATUS_NOMEM, "",
				   0);
	*frame = (struct frame){
		.time = log->has_time ? log->time : 0,
		.has_time = log->has_time,
		.link_type = LINKTYPE_LOG,
		.wire_length = (uint32_t)log->bytes.n,
		.offset = FRAME_NOWHERE,
		.bytes = text_slice(&log->bytes),
	};
	count(log, frame);
	return STATUS_OK;
}

static void log_close(struct source *self)
{
	struct log *log = (struct log *)self;

	log_lines_close(&log->lines);
	internals_free(log->internals);
	text_free(&log->text);
	text_free(&log->raw);
	text_free(&log->bytes);
	free(log);
}

/* Of a file that is there as a whole so much is looked at; else the front
 * alone. */
static void look_ahead(struct log *log, bool whole, struct slice front)
{
	enum log_dates dates;
	struct slice ahead = {0};

	/* Of a shorter file it gives what there is. */
	if (whole && block_need(&log->lines.block, LOG_DATES_SIZE, &ahead) !=
			     STATUS_NOMEM)
		front = ahead;
	dates = log_dates_of(front, &log->swapped);
	log->source.info.dates = log_dates_name(dates, log->swapped);
	log->source.info.dates_guessed =
		dates == DATES_MONTH_FIRST || dates == DATES_DAY_FIRST;
	if (log->form->survey)
		log->form->survey(log, front);
}

static enum status log_open(const struct log_form *form,
			    struct byte_source *bytes, struct slice first,
			    struct source **out, struct fault *fault)
{
	uint8_t buffer[LOG_PROBE_SIZE];
	struct log_dress dress =
		log_dress_of(log_probe(first, buffer), form->begins);
	struct log *log = calloc(1, sizeof(*log));
	bool whole = bytes->size != UINT64_MAX && !bytes->growing;
	nanoseconds modified = bytes->modified;
	bool html = log_is_html(first);

	if (!log)
		bytes->close(bytes);
	if (!log ||
	    log_lines_open(&log->lines, bytes, first, &dress) != STATUS_OK) {
		fault_say(fault, UINT64_MAX, "out of memory");
		free(log);
		return STATUS_NOMEM;
	}
	log->form = form;
	log->modified = modified;
	log->text = text_new(RECORD_MAX);
	log->raw = text_new(RECORD_MAX);
	log->bytes = text_new(RECORD_MAX);
	log->source.info.log = true;
	log->source.info.dress = html ? "its characters are written as in "
					"HTML: they were read as text"
				      : log_dress_name(&dress);
	look_ahead(log, whole, log_probe(first, buffer));
	log->source.info.zoneless = form->zoneless;
	log->source.next = log_next;
	log->source.close = log_close;
	source_link_type(&log->source, LINKTYPE_LOG);
	*out = &log->source;
	return STATUS_OK;
}

/* ---- formats ---- */

static bool claims(const struct log_form *form, struct slice first, bool inside)
{
	struct log_bare_probe room;
	struct slice text;

	if (!log_probe_bare(first, form->begins, &room, &text))
		return false;
	return inside && form->claims_inside ? form->claims_inside(text)
					     : form->claims(text);
}

#define FORMAT(form, title)                                             \
	static bool form##_claims(struct slice first)                   \
	{                                                               \
		return claims(&log_##form, first, false);               \
	}                                                               \
	static bool form##_claims_inside(struct slice part)             \
	{                                                               \
		return claims(&log_##form, part, true);                 \
	}                                                               \
	static enum status form##_open(                                 \
		struct byte_source *bytes, struct slice first,          \
		struct source **out, struct fault *fault)               \
	{                                                               \
		return log_open(&log_##form, bytes, first, out, fault); \
	}                                                               \
	const struct capture_format format_##form = {                   \
		.name = title,                                          \
		.claims = form##_claims,                                \
		.claims_inside = form##_claims_inside,                  \
		.open = form##_open}

FORMAT(uccapi, "uccapi");
FORMAT(server, "cls");
FORMAT(sipdump, "sipdump");
FORMAT(dissection, "dissection");
FORMAT(internals, "webrtc-internals");
FORMAT(text, "sip-text");
