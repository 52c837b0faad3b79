/*
 * Traces of servers: OCSLogger, CLSLogger, and others that borrow their
 * brackets (spec "capture-formats" 4.3).
 *
 *   TL_INFO(TF_PROTOCOL) [pool\fe01]0B2C.0F18::03/09/2013-14:22:07.518.0001a2c4
 *   (SIPStack,...) [314159265] $$begin_record
 *   Trace-Correlation-Id: 314159265
 *   Direction: incoming;source="internal edge";destination="external edge"
 *   Peer: fe01.example.com:50912
 *   Start-Line: OPTIONS sip:alice@example.com SIP/2.0
 *   To: <sip:alice@example.com>
 *   ...
 *   Message-Body: -
 *   $$end_record
 *
 * A record runs to the next line that begins one.  It is taken apart as a
 * whole, since any of its lines may be broken.
 */
#include "config.h"

#include "capture/log_parts.h"

/* Words that tell the direction stand in so many bytes before a message. */
#define AROUND 200u

#define BEGIN_MARK SLICE("$$begin_record")
#define END_MARK SLICE("$$end_record")

/* "TL_INFO(": the front of a record. */
static bool has_level(struct slice line)
{
	struct slice word;

	return slice_starts(line, SLICE("TL_")) &&
	       scan_capitals(&line, &word) && scan_char(&line, '(');
}

static bool begins_record(struct slice line)
{
	size_t at;

	return has_level(line) || slice_search(line, BEGIN_MARK, &at);
}

static bool ends_record(struct slice line)
{
	return slice_starts(slice_trim(line), END_MARK);
}

/* The lines of one record, each with LF, in `raw`; false: its end mark is
 * missing. */
static bool take_lines(struct log *log)
{
	struct log_line line;
	bool first = true;

	text_clear(&log->raw);
	while (log_line_peek(&log->lines, &line) == STATUS_OK) {
		bool ends = ends_record(line.text);

		if (!first && begins_record(line.text) &&
		    !(has_level(text_slice(&log->raw)) &&
		      !has_level(line.text)))
			return false;
		log->crlf = line.crlf;
		if (!ends) {
			log_put(log, &log->raw, line.text);
			log_put(log, &log->raw, SLICE("\n"));
		}
		log_line_take(&log->lines);
		first = false;
		if (ends)
			return true;
	}
	return false;
}

/* ---- the prefix ---- */

static enum record_level level_of(struct slice head)
{
	if (slice_starts(head, SLICE("TL_ERROR")) ||
	    slice_starts(head, SLICE("TL_FATAL")))
		return RECORD_FAILS;
	return slice_starts(head, SLICE("TL_WARN")) ? RECORD_WARNS
						    : RECORD_PLAIN;
}

/* [pool\machine], or the number of a processor. */
static struct endpoint machine_of(struct slice head)
{
	struct slice s = head, name = SLICE("server");
	uint64_t number;
	size_t at;

	if (has_level(head) && slice_find(s, '[', &at)) {
		s = slice_from(s, at + 1);
		s = slice_split(&s, ']');
		while (slice_find(s, '\\', &at))
			s = slice_from(s, at + 1);
		s = slice_trim(s);
		if (s.n && slice_number(s, UINT64_MAX, &number) != STATUS_OK)
			name = s;
	}
	return endpoint_of_name(name, 0);
}

/* The last number in brackets of the head. */
static struct slice correlation_of(struct slice head)
{
	struct slice found = {0}, inside;
	uint64_t number;
	size_t at;

	while (slice_find(head, '[', &at)) {
		head = slice_from(head, at + 1);
		inside = slice_split(&head, ']');
		if (inside.n > 1 &&
		    slice_number(inside, UINT64_MAX, &number) == STATUS_OK)
			found = inside;
	}
	return found;
}

static void read_head(struct log *log, struct slice head)
{
	struct log_time time;

	log->record.level = (uint8_t)level_of(head);
	log->record.id = correlation_of(head);
	if (find_time(head, &time))
		log_set_time(log, &time);
}

/* ---- messages ---- */

/* Fields in front of the first line: the logger's own. */
struct fields {
	bool incoming, outgoing;
	struct endpoint own, peer;
	struct slice id;
};

static void read_field(struct fields *f, struct slice line)
{
	struct slice value;

	if (field_value(line, "Direction", &value)) {
		f->incoming = slice_starts_nocase(value, "incoming");
		f->outgoing = slice_starts_nocase(value, "outgoing");
	} else if (field_value(line, "Peer", &value)) {
		if (!end_of(value, &f->peer))
			f->peer = endpoint_of_name(value, 0);
	} else if (field_value(line, "Trace-Correlation-Id", &value)) {
		f->id = value;
	}
}

/* Lines in front of the message, in the head or as fields; then "Start-Line:",
 * whose value is given.  False when there is none. */
static bool find_start(struct slice *rest, struct fields *f,
		       struct slice *start)
{
	while (rest->n) {
		struct slice line = slice_split(rest, '\n');

		if (field_value(line, "Start-Line", start))
			return true;
		if (is_sip_start(line)) {
			*start = line;
			return true;
		}
		read_field(f, line);
	}
	return false;
}

/* Of an empty body, also as word processors and blogs write it. */
static bool is_dash(struct slice s)
{
	return slice_is(s, "-") || slice_is(s, "\xE2\x80\x93") ||
	       slice_is(s, "\xE2\x80\x94");
}

/* The body begins in the line of this field and goes on to the end. */
static void put_body(struct log *log, struct slice first, struct slice rest)
{
	log_end_head(log);
	if (is_dash(first) && slice_trim(rest).n == 0)
		return;
	if (first.n)
		log_put_line(log, first, log->crlf);
	while (rest.n)
		log_put_line(log, slice_split(&rest, '\n'), log->crlf);
}

/* "------------EndOfOutgoing SipMessage" of UCMA. */
static bool ends_message(struct slice line)
{
	return slice_starts(line, SLICE("------------EndOf")) &&
	       has_word(line, "SipMessage");
}

static void put_message(struct log *log, struct slice start, struct slice rest)
{
	log_put_line(log, start, log->crlf);
	while (rest.n) {
		struct slice line = slice_split(&rest, '\n'), value;

		if (ends_message(line))
			return;
		if (!log->behind_head &&
		    field_value(line, "Message-Body", &value)) {
			put_body(log, value, rest);
			return;
		}
		log_put_line(log, line, log->crlf);
	}
}

/* "10.1.1.10:5068->10.1.1.20:5060", or "<-" of what came in: UCMA and what is
 * built on it tell own address and peer's so, in a line of its own. */
static bool read_ends(struct fields *f, struct slice word)
{
	struct fields found = *f;
	struct slice rest;
	size_t at;

	found.outgoing = slice_search(word, SLICE("->"), &at);
	found.incoming =
		!found.outgoing && slice_search(word, SLICE("<-"), &at);
	if (!found.outgoing && !found.incoming)
		return false;
	rest = slice_from(word, at + 2);
	if (!end_of(slice_first(word, at), &found.own) ||
	    !end_of(rest, &found.peer))
		return false;
	*f = found;
	return true;
}

/* Borrowed brackets: arrows and "(Dest Address IP: 192.0.2.2:5061)". */
static void read_arrows(struct fields *f, struct slice head)
{
	struct slice words = head;
	size_t at;

	while (words.n)
		if (read_ends(f, scan_word(&words)))
			return;
	if (!f->incoming && !f->outgoing) {
		f->incoming = slice_search(head, SLICE("<--"), &at) ||
			      has_word(head, "incoming") ||
			      has_word(head, "received");
		f->outgoing = !f->incoming &&
			      (slice_search(head, SLICE("-->"), &at) ||
			       has_word(head, "outgoing") ||
			       has_word(head, "sending"));
	}
	if (f->peer.family == FAMILY_NONE)
		(void)find_end(&head, &f->peer);
}

static void make_message(struct log *log, struct slice start, struct slice rest,
			 const struct fields *f)
{
	if (f->incoming || f->outgoing) {
		log->record.src = f->incoming ? f->peer : f->own;
		log->record.dst = f->incoming ? f->own : f->peer;
	}
	if (f->id.n)
		log->record.id = f->id;
	put_message(log, start, rest);
	log_end_head(log);
}

/* ---- what else there is ---- */

static bool is_diagnostic(struct slice text)
{
	size_t at;

	return slice_search(text, SLICE("SIP-Call-ID:"), &at) ||
	       slice_search(text, SLICE("Result-Code:"), &at) ||
	       slice_search(text, SLICE("LogType: diagnostic"), &at);
}

static void make_lines(struct log *log, enum record_kind kind,
		       struct slice text)
{
	log->record.kind = (uint8_t)kind;
	while (text.n) {
		struct slice line = slice_trim(slice_split(&text, '\n'));

		if (line.n)
			log_put_text(log, line);
	}
}

/* What stands behind the prefix of a trace: the last closing parenthesis but
 * one belongs to it. */
static struct slice behind_prefix(struct slice text)
{
	size_t at;

	return slice_search(text, SLICE("))"), &at) ? slice_from(text, at + 2)
						    : text;
}

/* The bytes in front of a message, in which words tell its direction. */
static struct slice in_front(struct slice all, struct slice rest)
{
	size_t n = all.n - rest.n;

	return n > AROUND ? slice_cut(all, n - AROUND, AROUND)
			  : slice_first(all, n);
}

/* False: nothing in it is worth a frame. */
static bool make_trace(struct log *log, struct slice all, struct fields *f)
{
	struct slice rest = all, start;

	if (is_diagnostic(all)) {
		make_lines(log, RECORD_DIAGNOSTIC, behind_prefix(all));
		return true;
	}
	if (find_start(&rest, f, &start)) {
		read_arrows(f, in_front(all, rest));
		make_message(log, start, rest, f);
		return true;
	}
	if (!is_evidence(behind_prefix(all)))
		return false;
	make_lines(log, RECORD_TRACE, behind_prefix(all));
	return true;
}

static bool make_record(struct log *log, bool ended)
{
	struct slice all = text_slice(&log->raw), head = all, rest, start;
	struct fields fields = {.own = machine_of(all)};
	size_t at;

	if (!slice_search(all, BEGIN_MARK, &at)) {
		read_head(log, slice_split(&head, '\n'));
		return make_trace(log, all, &fields);
	}
	head = slice_first(all, at);
	all = rest = slice_from(all, at + BEGIN_MARK.n);
	read_head(log, head);
	log->record.cut |= !ended;
	if (is_diagnostic(rest)) {
		make_lines(log, RECORD_DIAGNOSTIC, rest);
		return true;
	}
	if (!find_start(&rest, &fields, &start))
		return make_trace(log, all, &fields);
	read_arrows(&fields, head);
	make_message(log, start, rest, &fields);
	return true;
}

static enum status next(struct log *log)
{
	struct log_line line;
	enum status status;

	while ((status = log_line_peek(&log->lines, &line)) == STATUS_OK) {
		struct log_line first = {.offset = line.offset};
		bool ended;

		if (!begins_record(line.text)) {
			log_pass(log, &line);
			log_line_take(&log->lines);
			continue;
		}
		log_begin(log, RECORD_MESSAGE, line.offset);
		ended = take_lines(log);
		if (make_record(log, ended))
			return STATUS_OK;
		first.text = text_slice(&log->raw);
		first.text = slice_split(&first.text, '\n');
		log_pass(log, &first);
	}
	return status;
}

/* As far as the front of the line tells it: a borrowed bracket may stand
 * anywhere, also behind a number or a mark of quotation. */
static bool begins(struct slice line)
{
	struct log_time time;
	struct slice rest = line;

	return has_level(line) || slice_starts(line, BEGIN_MARK) ||
	       (begins_record(line) && scan_time(&rest, &time));
}

static bool claims(struct slice first)
{
	while (first.n)
		if (begins_record(slice_split(&first, '\n')))
			return true;
	return false;
}

const struct log_form log_server = {
	.name = "cls",
	.zoneless = true,
	.claims = claims,
	.begins = begins,
	.next = next,
};
