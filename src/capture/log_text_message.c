/* Where a message of a text ends. */
#include "config.h"

#include <string.h>

#include "capture/log_text.h"

/* A message has four headers at least (RFC 3261 8.1.1); what nobody announced
 * and has fewer is something that the program prints. */
#define HEAD_LEAST 4u
/* So near to the front of a line a log has its time. */
#define TIME_WITHIN 48u

/* ---- pieces ---- */

enum status text_peek(struct log *log, struct log_piece *out)
{
	enum status status = log_line_peek(&log->lines, &out->line);
	struct slice left;
	size_t at;

	if (status != STATUS_OK)
		return status;
	left = slice_from(out->line.text, log->pieces);
	out->text = log_split_piece(left, &out->rest);
	out->start = 0;
	out->part = log->pieces || out->rest.n;
	out->escaped =
		out->part && slice_search(out->line.text, SLICE("\\r\\n"), &at);
	if (out->part)
		out->line.crlf = true;
	return STATUS_OK;
}

void text_take(struct log *log, const struct log_piece *piece)
{
	log->pieces = piece->rest.n ? piece->line.text.n - piece->rest.n : 0;
	if (!piece->rest.n)
		log_line_take(&log->lines);
}

/* ---- messages one behind the other ---- */

/* Behind the whole body a new message may begin. */
static bool is_next(const struct log *log, struct slice line)
{
	return log_has_body(log) && (is_sip_start(line) || text_is_hint(line) ||
				     text_is_ruler(line));
}

static bool is_whole(const struct log *log)
{
	return log->behind_head && log->has_length &&
	       log->body_bytes >= log->length;
}

/* Without a length, empty lines behind a head are none of the message. */
static void drop_empty_body(struct log *log)
{
	struct text *text = &log->text;

	if (log->has_length || log->body_bytes > text->n)
		return;
	for (size_t i = text->n - (size_t)log->body_bytes; i < text->n; i++)
		if (text->p[i] != '\r' && text->p[i] != '\n')
			return;
	text->n -= (size_t)log->body_bytes;
	log->body_bytes = log->body_bare = 0;
}

void text_take_plain(struct log *log)
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
	drop_empty_body(log);
	log->record.cut |= !log_has_body(log);
}

/* ---- messages among other lines ---- */

/* The program goes on with what else it tells. */
static bool is_line_of_log(struct slice line)
{
	struct slice front = slice_first(line, TIME_WITHIN);
	struct announced said;
	struct log_time time;
	size_t at;

	return find_time(front, &time) || scan_time_of_day(&front, &time) ||
	       text_is_ruler(line) || text_is_hint(line) ||
	       log_front_of(line, &at) || announced_of(line, &said);
}

/* "a=sendrecv"; an empty line may stand between parts. */
static bool is_line_of_sdp(struct slice line)
{
	return line.n == 0 || (line.n > 1 && (line.p[0] | 0x20) >= 'a' &&
			       (line.p[0] | 0x20) <= 'z' && line.p[1] == '=');
}

static bool is_only(struct slice s, uint8_t byte)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] != byte)
			return false;
	return s.n > 0;
}

bool text_is_end(struct slice line)
{
	return slice_starts(line, SLICE("---")) ||
	       slice_starts(line, SLICE("<---")) ||
	       is_only(slice_trim(line), '#') ||
	       slice_is_nocase(slice_trim(line), "--end msg--");
}

/* Does the head end in front of this line, that is not empty? */
static bool ends_head(const struct log *log, struct slice line)
{
	struct slice clock = line;
	struct log_time time;

	if (log->head_lines == 0 || line.p[0] == ' ' || line.p[0] == '\t')
		return false;
	if (text_is_end(line) || scan_time_of_day(&clock, &time))
		return true;
	/* Who puts a front on each line does not break one. */
	return !is_field(line) && (log->front.n || is_line_of_log(line));
}

/* A part of another message is the body (RFC 3420), as NOTIFY tells how a
 * transfer goes. */
static bool is_fragment(const struct log *log, struct slice line)
{
	size_t at;

	return log->body_bytes == 0 && slice_starts(line, SLICE("SIP/2.0 ")) &&
	       find_word(text_slice(&log->text), "message/sipfrag", &at);
}

/* Without a length a body must look like one from its first line. */
static bool ends_body(const struct log *log, struct slice line)
{
	if (log->has_length && log->body_bytes + log->body_bare >= log->length)
		return true;
	if (log->has_length && is_fragment(log, line))
		return false;
	if (log->sdp)
		return !is_line_of_sdp(line);
	if (log->body_bytes == 0 && !log->has_length)
		return !slice_starts(line, SLICE("<")) &&
		       !slice_starts(line, SLICE("--"));
	return is_line_of_log(line) || slice_is(line, "--end msg--");
}

bool text_is_dotted(struct slice line)
{
	return slice_ends(line, SLICE("."));
}

/* The dot of the first line may be its own, if the next line has none. */
static void take_dot(struct log *log, struct slice *line)
{
	if (log->head_lines == 1 && !log->behind_head &&
	    text_is_dotted(*line) &&
	    slice_ends(text_slice(&log->text), SLICE(".\r\n"))) {
		log->dotted = true;
		log->text.n -= strlen(".\r\n");
		log_put(log, &log->text, SLICE("\r\n"));
	}
	if (log->dotted && text_is_dotted(*line))
		line->n--;
}

/* A front that the first line alone has, as a time or what tcpdump shows of
 * the headers of IP. */
static void drop_front(struct log *log, const struct log_piece *piece)
{
	struct slice line = piece->text;

	if (log->head_lines != 1 || !log->front.n ||
	    log_front_take(&log->front, &line))
		return;
	if (log_front_drop_arrow(&log->front) &&
	    log_front_take(&log->front, &line))
		return;
	if (is_field(line))
		log->front.n = 0;
}

/* Each line of the message has an empty one behind it, as CR CR LF becomes on
 * its way: the empty ones are none of it. */
static bool is_doubling(struct log *log, struct slice line, bool dropped)
{
	if (line.n || dropped)
		return false;
	if (log->head_lines == 1 && !log->behind_head)
		log->doubled = true;
	return log->doubled;
}

/* A quotation mark or a backslash of a string has a backslash before it. */
static void put_line(struct log *log, const struct log_piece *piece,
		     struct slice line)
{
	if (piece->escaped) {
		text_clear(&log->raw);
		for (size_t i = 0; i < line.n; i++) {
			if (line.p[i] == '\\' && i + 1 < line.n &&
			    strchr("\\\"/", line.p[i + 1]))
				i++;
			log_put(log, &log->raw, slice_cut(line, i, 1));
		}
		line = text_slice(&log->raw);
	}
	log_put_line(log, line, piece->line.crlf || log->dotted);
}

/* Blanks at the end come from loggers, screens and editors. */
static struct slice without_blanks(struct slice line)
{
	while (line.n &&
	       (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
		line.n--;
	return line;
}

/* "[Part 02 of 03]" at the end of a line, and not the first of them. */
static bool is_further_part(struct slice mark)
{
	int part, parts;

	mark = slice_from(mark, strlen("[Part "));
	if (!scan_digits(&mark, 2, &part) || !slice_starts(mark, SLICE(" of ")))
		return false;
	mark = slice_from(mark, strlen(" of "));
	return scan_digits(&mark, 2, &parts) &&
	       slice_is(slice_trim(mark), "]") && part > 1 && part <= parts;
}

/* Phones cut long messages for syslog, anywhere in a line: what begins the next
 * part ("<167>Jan 11 09:01:09 192.0.2.1 ... [Part 02 of 02]") is no line of the
 * message.  *line becomes what is before it. */
static bool take_part(struct slice *line)
{
	struct log_time time;
	size_t end, at;

	if (!slice_search(*line, SLICE("[Part "), &end) ||
	    !is_further_part(slice_from(*line, end)))
		return false;
	for (at = end; at > 0; at--)
		if (line->p[at - 1] == '<')
			break;
	if (at == 0 || !find_time(slice_cut(*line, at, end - at), &time))
		return false;
	*line = slice_first(*line, at - 1);
	return true;
}

/* True: the rest of the line is still to come. */
static bool is_half(struct log *log, struct slice *line)
{
	bool more = take_part(line);

	if (log->halved) {
		log_put(log, &log->raw, *line);
		*line = text_slice(&log->raw);
	} else if (more) {
		text_clear(&log->raw);
		log_put(log, &log->raw, *line);
	}
	log->halved = more && line->n > 0;
	return more;
}

/* False: the line is none of the message. */
static bool take_line(struct log *log, const struct log_piece *piece,
		      bool *dropped)
{
	struct slice line = piece->text;

	drop_front(log, piece);
	if (is_half(log, &line))
		return true;
	if (!piece->part && !log_front_take(&log->front, &line))
		return false;
	/* The length of a body counts them. */
	if (!log->behind_head)
		line = without_blanks(line);
	take_dot(log, &line);
	*dropped = is_doubling(log, line, *dropped);
	if (*dropped)
		return true;
	if (!log->sdp && slice_is(slice_trim(line), "v=0") &&
	    log->body_bytes == 0 && log->head_lines > 1)
		log->sdp = true;
	if (log->behind_head ? ends_body(log, line)
			     : line.n && !log->sdp && ends_head(log, line))
		return false;
	put_line(log, piece, line);
	return true;
}

/* A head that nothing follows may have lost the empty line at its end.  Where a
 * logger made one line of it, and cuts long ones, it may have lost more. */
static bool end_message(struct log *log, const struct log_piece *begin)
{
	struct log_line first = {.text = text_slice(&log->text),
				 .offset = begin->line.offset};

	if (log->halved)
		log_put_line(log, text_slice(&log->raw), false);

	if (log->head_lines < (text_is_announced(log) ? 2 : HEAD_LEAST)) {
		log_pass(log, &first);
		return false;
	}
	if (begin->part && !log->behind_head &&
	    !(log->has_length && log->length == 0)) {
		log->record.cut = true;
		log->text.n -= strlen("\r\n"); /* nor did the line end */
	} else {
		log_end_head(log);
	}
	log->record.cut |= !log_has_body(log);
	return true;
}

/* Pieces of one line end with it, and are not told by a front. */
static bool is_same_line(const struct log_piece *a, const struct log_piece *b)
{
	return a->part == b->part &&
	       (!a->part || a->line.offset == b->line.offset);
}

bool text_take_logged(struct log *log, const struct log_piece *first)
{
	struct log_piece piece = *first;
	bool dropped = false;

	log_front_set(&log->front, slice_first(first->text, first->start));
	log->doubled = log->sdp = log->dotted = log->halved = false;
	put_line(log, first,
		 without_blanks(slice_from(first->text, first->start)));
	text_take(log, &piece);
	while (text_peek(log, &piece) == STATUS_OK &&
	       is_same_line(first, &piece) &&
	       take_line(log, &piece, &dropped)) {
		text_take(log, &piece);
		if (log->behind_head && log->has_length && log->length == 0)
			break;
	}
	return end_message(log, first);
}
