/*
 * Logs of clients: UccApi of Lync and Skype for Business, RTCDLL of older ones
 * (spec "capture-formats" 4.2).
 *
 *   02/03/2015|09:07:12.045 2A4C:1B0 INFO  :: Sending Packet - PEER (From
 *   Local Address: LOCAL) 812 bytes:
 *   02/03/2015|09:07:12.045 2A4C:1B0 INFO  :: REGISTER sip:example.com SIP/2.0
 *   Via: ...
 *   02/03/2015|09:07:12.045 2A4C:1B0 INFO  :: End of Sending Packet - ...
 *
 * Older ones have no date, and none of the lines around a message.
 */
#include "config.h"

#include <string.h>

#include "capture/log_parts.h"
#include "capture/reader.h"

#define DAY (86400 * NS_PER_S)
/* A clock that goes back by more than this has passed midnight. */
/* A wrapped marker continues in so many lines at most. */
#define MARKER_LINES 3u
/* Bytes that a count may be wrong by: ends of lines at the end. */
#define SLACK 4u
#define LINE_END SLICE("\r\n")

/* What stands in front of each line. */
struct prefix {
	struct log_time time; /* of the day, where there is no date */
	bool has_date;
	struct slice level;
	struct slice text; /* behind "::" */
};

enum marker { MARKER_NONE, MARKER_SENT, MARKER_RECEIVED, MARKER_END };

static bool scan_day(struct slice *s, struct prefix *out)
{
	struct slice again = *s;

	out->has_date = scan_time(s, &out->time);
	if (out->has_date)
		return true;
	*s = again;
	return scan_time_of_day(s, &out->time);
}

static bool scan_prefix(struct slice line, struct prefix *out)
{
	if (!scan_day(&line, out))
		return false;
	scan_blanks(&line);
	if (!scan_hex(&line) || !scan_char(&line, ':') || !scan_hex(&line))
		return false;
	scan_blanks(&line);
	if (!scan_capitals(&line, &out->level))
		return false;
	scan_blanks(&line);
	if (!scan_char(&line, ':') || !scan_char(&line, ':'))
		return false;
	scan_blanks(&line);
	out->text = line;
	return true;
}

static enum record_level level_of(struct slice word)
{
	if (slice_is(word, "ERROR") || slice_is(word, "FATAL"))
		return RECORD_FAILS;
	return slice_starts(word, SLICE("WARN")) ? RECORD_WARNS : RECORD_PLAIN;
}

static enum marker marker_of(struct slice text)
{
	if (slice_starts_nocase(text, "End of Sending Packet") ||
	    slice_starts_nocase(text, "End of Data Received"))
		return MARKER_END;
	if (slice_starts_nocase(text, "Sending Packet"))
		return MARKER_SENT;
	return slice_starts_nocase(text, "Data Received") ? MARKER_RECEIVED
							  : MARKER_NONE;
}

/* The log was begun before its file was written last: the newest day on which
 * that is so.  Behind a midnight in the log it is one too late. */
static void begin_days(struct log *log, nanoseconds clock)
{
	if (log->modified < DAY)
		return;
	log->clock.day = (log->modified - clock) / DAY * DAY;
	log->clock.undated = true;
	log->source.info.dated_by_file = true;
}

/* The older form tells no date. */
static struct log_time dated(struct log *log, const struct prefix *p)
{
	struct log_time time = p->time;

	if (!p->has_date && !log->clock.undated && !log->clock.day)
		begin_days(log, time.time);
	if (p->has_date)
		log_clock_note(&log->clock, time.time);
	else
		log_clock_set_day(&log->clock, &time);
	return time;
}

static void begin_record(struct log *log, enum record_kind kind,
			 const struct log_line *line, const struct prefix *p)
{
	struct log_time time = dated(log, p);

	log_begin(log, kind, line->offset);
	log->record.level = (uint8_t)level_of(p->level);
	log_set_time(log, &time);
}

/* ---- messages between markers ---- */

#define MARKER_MAX 512u

/* Without any blanks: a marker may be wrapped anywhere, also in an address. */
static struct slice without_blanks(struct slice s, uint8_t bytes[MARKER_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < MARKER_MAX; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t')
			bytes[n++] = s.p[i];
	return slice_of(bytes, n);
}

/* In front of the peer; word processors and blogs make it a longer one. */
static struct slice behind_dash(struct slice s)
{
	struct slice en = SLICE("\xE2\x80\x93");

	if (slice_starts(s, en))
		return slice_from(s, en.n);
	return slice_from(s, slice_starts(s, SLICE("-")));
}

/* "- PEER (From Local Address: LOCAL) 812 bytes:"; false when the line ends
 * too early. */
static bool read_marker(struct log *log, struct slice text, uint64_t *bytes)
{
	bool sent = marker_of(text) == MARKER_SENT;
	struct endpoint peer = {0}, local = {0};
	uint8_t room[MARKER_MAX];
	struct slice s = without_blanks(text, room), rest;
	size_t at;

	*bytes = 0;
	if (!find_word(s, "bytes", &at))
		return false;
	s = slice_first(s, at);
	s = behind_dash(slice_from(s, sent ? strlen("SendingPacket")
					   : strlen("DataReceived")));
	if (find_word(s, "LocalAddress:", &at)) {
		rest = slice_from(s, at + strlen("LocalAddress:"));
		(void)end_of(slice_split(&rest, ')'), &local);
		/* Without it nothing can be said to be missing. */
		if (slice_number(rest, UINT32_MAX, bytes) != STATUS_OK)
			*bytes = 0;
	}
	(void)end_of(slice_split(&s, '('), &peer);
	log->record.src = sent ? local : peer;
	log->record.dst = sent ? peer : local;
	return true;
}

/* The marker may go on in lines of their own, without prefix. */
static uint64_t take_marker(struct log *log, struct slice text)
{
	struct log_line line;
	struct prefix p;
	uint64_t bytes;

	text_clear(&log->raw);
	log_put(log, &log->raw, text);
	log_line_take(&log->lines);
	for (unsigned i = 0; i < MARKER_LINES; i++) {
		if (read_marker(log, text_slice(&log->raw), &bytes))
			return bytes;
		if (log_line_peek(&log->lines, &line) != STATUS_OK ||
		    scan_prefix(line.text, &p) || line.text.n == 0)
			break;
		log_put(log, &log->raw, SLICE(" "));
		log_put(log, &log->raw, slice_trim(line.text));
		log_line_take(&log->lines);
	}
	(void)read_marker(log, text_slice(&log->raw), &bytes);
	return bytes;
}

/* A part of a message may end inside of a line: the end marker stands right
 * behind it.  False where none does. */
static bool ends_inside(struct slice line, size_t *at)
{
	static const char *const ends[] = {"End of Sending Packet",
					   "End of Data Received"};
	struct prefix p;

	if (scan_prefix(line, &p))
		return false;
	for (size_t i = 0; i < 2; i++) {
		size_t end;

		if (!slice_search(line, slice_of_text(ends[i]), &end))
			continue;
		for (*at = 1; *at < end; ++*at)
			if (line.p[*at] >= '0' && line.p[*at] <= '9' &&
			    scan_prefix(slice_from(line, *at), &p) &&
			    marker_of(p.text) == MARKER_END)
				return true;
	}
	return false;
}

/* The lines up to the end marker, or to what cannot be of this message. */
static bool take_block(struct log *log)
{
	struct log_line line;
	struct prefix p;
	size_t at;

	while (log_line_peek(&log->lines, &line) == STATUS_OK) {
		if (ends_inside(line.text, &at)) {
			log_put(log, &log->text, slice_first(line.text, at));
			log_line_take(&log->lines);
			return true;
		}
		if (!scan_prefix(line.text, &p)) {
			log_put_line(log, line.text, line.crlf);
		} else if (marker_of(p.text) == MARKER_END) {
			log_line_take(&log->lines);
			return true;
		} else if (marker_of(p.text) != MARKER_NONE) {
			return false;
		} else if (log->text.n == 0 || is_sip_start(p.text)) {
			/* TCP may bring several messages at once. */
			log_begin_message(log);
			log_put_line(log, p.text, line.crlf);
		} else {
			log_pass(log, &line);
		}
		log_line_take(&log->lines);
	}
	return false;
}

/* Did the logger write less than it says there was? */
static bool lacks(const struct log *log, uint64_t bytes)
{
	return bytes > log->text.n + log->body_bare + SLACK;
}

/* The end marker begins a line also where the bytes do not end one: that end is
 * none of the message, nor is the blank of a header that seemed broken. */
static void cut_to(struct log *log, uint64_t bytes)
{
	struct text *text = &log->text;
	size_t last = text->n;

	if (text->n <= bytes || !slice_ends(text_slice(text), LINE_END))
		return;
	last -= LINE_END.n;
	if (last == bytes + 1) {
		while (last && text->p[last - 1] != '\n')
			last--;
		if (text->p[last] != ' ')
			return;
		memmove(text->p + last, text->p + last + 1, text->n - last - 1);
		last = (size_t)bytes;
	}
	if (last == bytes)
		text->n = last;
}

static void take_message(struct log *log, const struct log_line *first,
			 const struct prefix *p)
{
	uint64_t bytes;
	bool ended;

	begin_record(log, RECORD_MESSAGE, first, p);
	bytes = take_marker(log, p->text);
	ended = take_block(log);
	if (ended && bytes)
		cut_to(log, bytes);
	log->record.piece = ended;
	log->record.cut |= !ended || lacks(log, bytes);
}

/* ---- messages without markers, traces ---- */

static void take_bare(struct log *log, const struct log_line *first,
		      const struct prefix *p)
{
	struct log_line line = *first;
	struct prefix other;

	begin_record(log, RECORD_MESSAGE, first, p);
	log_put_line(log, p->text, line.crlf);
	log_line_take(&log->lines);
	while (log_line_peek(&log->lines, &line) == STATUS_OK &&
	       !scan_prefix(line.text, &other)) {
		log_put_line(log, line.text, line.crlf);
		log_line_take(&log->lines);
	}
	log->record.cut |= !log_has_body(log);
}

static void take_trace(struct log *log, const struct log_line *first,
		       const struct prefix *p)
{
	struct log_line line;
	struct prefix other;

	begin_record(log, RECORD_TRACE, first, p);
	log_put_text(log, p->text);
	log_line_take(&log->lines);
	while (log_line_peek(&log->lines, &line) == STATUS_OK && line.text.n &&
	       !scan_prefix(line.text, &other)) {
		log_put_text(log, line.text);
		log_line_take(&log->lines);
	}
}

static enum status next(struct log *log)
{
	struct log_line line;
	struct prefix p;
	enum status status;

	while ((status = log_line_peek(&log->lines, &line)) == STATUS_OK) {
		enum marker marker = scan_prefix(line.text, &p)
					     ? marker_of(p.text)
					     : MARKER_END;

		if (marker == MARKER_SENT || marker == MARKER_RECEIVED) {
			take_message(log, &line, &p);
			return STATUS_OK;
		}
		if (marker == MARKER_NONE && is_sip_start(p.text)) {
			take_bare(log, &line, &p);
			return STATUS_OK;
		}
		if (marker == MARKER_NONE && is_evidence(p.text)) {
			take_trace(log, &line, &p);
			return STATUS_OK;
		}
		log_pass(log, &line);
		log_line_take(&log->lines);
	}
	return status;
}

static bool begins(struct slice line)
{
	struct prefix p;

	return scan_prefix(line, &p);
}

static bool claims(struct slice first)
{
	while (first.n)
		if (begins(slice_split(&first, '\n')))
			return true;
	return false;
}

const struct log_form log_uccapi = {
	.name = "uccapi",
	.zoneless = true,
	.claims = claims,
	.begins = begins,
	.next = next,
};
