/*
 * SIP messages as plain text, one behind the other, as people and tools save
 * them.
 *
 * Between two messages there may be a line that tells time and ends of the
 * next one ("2026/11/24 12:00:00.5 192.0.2.1:5060 -> 192.0.2.2:5060", as
 * sngrep and ngrep print it), rulers, and lines with a time alone.  Without
 * them the ends, or the time, are unknown.
 */
#include "config.h"

#include "capture/log_parts.h"

/* A first message must stand in the first lines that are not empty. */
#define FIRST_LINES 3u
/* So many equal signs in a line are a ruler. */
#define RULER_LEAST 20u

/* False: the line tells nothing of a message. */
static bool read_hint(struct log *log, struct slice line)
{
	struct endpoint src, dst;
	struct log_time time;
	struct slice rest = line;
	bool timed = find_time(line, &time);

	if (timed)
		log_set_time(log, &time);
	if (!find_end(&rest, &src) || !find_end(&rest, &dst))
		return timed;
	log->record.src = src;
	log->record.dst = dst;
	if (slice_starts(line, SLICE("U ")))
		log->record.transport = RECORD_UDP;
	else if (slice_starts(line, SLICE("T ")))
		log->record.transport = RECORD_TCP;
	return true;
}

/* Is it a line about the next message, and not of this one's body? */
static bool is_hint(struct slice line)
{
	struct endpoint e;
	size_t at;

	return slice_search(line, SLICE("->"), &at) && find_end(&line, &e) &&
	       find_end(&line, &e);
}

static bool is_ruler(struct slice line)
{
	line = slice_trim(line);
	for (size_t i = 1; i < line.n; i++)
		if (line.p[i] != line.p[0])
			return false;
	return line.n >= RULER_LEAST && strchr("=-*#~_", line.p[0]);
}

/* Behind the whole body a new message may begin. */
static bool is_next(const struct log *log, struct slice line)
{
	return log_has_body(log) &&
	       (is_sip_start(line) || is_hint(line) || is_ruler(line));
}

static bool is_whole(const struct log *log)
{
	return log->behind_head && log->has_length &&
	       log->body_bytes >= log->length;
}

static void take_message(struct log *log)
{
	struct log_line line;

	while (!is_whole(log) &&
	       log_line_peek(&log->lines, &line) == STATUS_OK &&
	       !is_next(log, line.text)) {
		/* A head without an empty line ends where another begins. */
		if (log->text.n && !log->behind_head && is_sip_start(line.text))
			break;
		log_put_line(log, line.text, line.crlf);
		log_line_take(&log->lines);
	}
	log->record.cut |= !log_has_body(log);
}

static enum status next(struct log *log)
{
	struct log_line line;
	bool begun = false;
	enum status status;

	while ((status = log_line_peek(&log->lines, &line)) == STATUS_OK) {
		if (!begun || is_hint(line.text))
			log_begin(log, RECORD_MESSAGE, line.offset);
		begun = true;
		if (is_sip_start(line.text)) {
			log->record.offset = line.offset;
			take_message(log);
			return STATUS_OK;
		}
		if (!read_hint(log, line.text) && !is_ruler(line.text))
			log_pass(log, &line);
		log_line_take(&log->lines);
	}
	return status;
}

static bool claims(struct slice first)
{
	unsigned lines = 0;

	while (first.n && lines < FIRST_LINES) {
		struct slice line = slice_split(&first, '\n');
		struct log_time time;

		if (is_sip_start(line))
			return is_field(slice_split(&first, '\n'));
		lines += slice_trim(line).n > 0 && !is_ruler(line) &&
			 !find_time(line, &time);
	}
	return false;
}

const struct log_form log_text = {
	.name = "sip-text",
	.zoneless = true,
	.claims = claims,
	.begins = is_sip_start,
	.next = next,
};
