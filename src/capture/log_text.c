/*
 * SIP messages in text: one behind the other, as people and tools save them,
 * or among the other lines of a program's log.
 *
 * Between two messages there may be a line that tells time and ends of the
 * next one ("2026/11/24 12:00:00.5 192.0.2.1:5060 -> 192.0.2.2:5060", as
 * sngrep and ngrep print it), one that announces it (log_announced.h), rulers,
 * and lines with a time alone.  Without them the ends, or the time, are
 * unknown.
 */
#include "config.h"

#include "capture/log_parts.h"
#include "capture/log_text.h"

/* A first message must stand in the first lines that are not empty. */
#define FIRST_LINES 3u
/* So far behind its announcement a message begins. */
#define SAID_LINES 3u
/* So many equal signs in a line are a ruler. */
#define RULER_LEAST 20u

/* ---- lines between messages ---- */

bool text_is_ruler(struct slice line)
{
	line = slice_trim(line);
	for (size_t i = 1; i < line.n; i++)
		if (line.p[i] != line.p[0])
			return false;
	return line.n >= RULER_LEAST && strchr("=-*#~_", line.p[0]);
}

bool text_is_hint(struct slice line)
{
	struct endpoint src, dst;

	return log_ends_in(line, &src, &dst);
}

bool text_is_announced(const struct log *log)
{
	return log->said.way != ANNOUNCED_NOT && log->said_ago < SAID_LINES;
}

/* Of two lines in front of a message the one counts that names the peer. */
static bool note_announced(struct log *log, struct slice line)
{
	struct announced said;

	if (slice_trim(line).n)
		log->said_ago++;
	if (!announced_of(line, &said))
		return false;
	if (!text_is_announced(log) || said.peer.family != FAMILY_NONE ||
	    log->said.peer.family == FAMILY_NONE) {
		log->said = said;
		log->said_ago = 0;
	}
	if (said.peer.family != FAMILY_NONE)
		log->record.src = log->record.dst = (struct endpoint){0};
	return true;
}

/* "U " of ngrep, "UDP" in front of baresip's ends and behind tcpdump's, which
 * shows flags of TCP alone. */
static void set_transport(struct log *log, struct slice line)
{
	struct slice rest = line, word = scan_word(&rest);
	enum record_transport transport = transport_of_word(word);

	if (slice_is(word, "U"))
		transport = RECORD_UDP;
	else if (slice_is(word, "T") || has_word(line, ": Flags ["))
		transport = RECORD_TCP;
	else if (transport == RECORD_UNKNOWN && has_word(line, " UDP, length"))
		transport = RECORD_UDP;
	if (transport != RECORD_UNKNOWN)
		log->record.transport = (uint8_t)transport;
}

/* What an earlier line told is of a message that did not come. */
static bool read_ends(struct log *log, struct slice line)
{
	struct endpoint src, dst;

	if (slice_trim(line).n && log->ends_ago++ >= SAID_LINES)
		log->record.src = log->record.dst = (struct endpoint){0};
	if (!log_ends_in(line, &src, &dst))
		return false;
	log->ends_ago = 0;
	log->dumped = has_word(line, " > ");
	log->record.src = src;
	log->record.dst = dst;
	log->record.transport = RECORD_UNKNOWN;
	set_transport(log, line);
	return true;
}

/* ---- times ---- */

/* A time alone is one of the day of the line before. */
static void set_time_of_day(struct log *log, struct log_time *time)
{
	log_clock_set_day(&log->clock, time);
	log_set_time(log, time);
}

/* A line with nothing but a time, and marks around it? */
static bool is_bare_time(struct slice line)
{
	for (size_t i = 0; i < line.n; i++)
		if ((line.p[i] | 0x20) >= 'a' && (line.p[i] | 0x20) <= 'z' &&
		    line.p[i] != 'T' && line.p[i] != 'Z')
			return false;
	return true;
}

/* "00:11:29.123: ", "*00:11:29: ", "[12:00:00]" */
static bool begins_with_clock(struct slice line, struct log_time *time)
{
	if (line.n && strchr("*[.(", line.p[0]))
		line = slice_from(line, 1);
	return scan_time_of_day(&line, time);
}

static bool read_time(struct log *log, struct slice line, bool announced)
{
	struct log_time time;

	if (find_time(line, &time)) {
		log_clock_set_year(&log->clock, &time);
		log->clock.undated |= time.yearless;
		log_set_time(log, &time);
		log_clock_note(&log->clock, log->time);
		return true;
	}
	if (announced ? find_time_of_day(line, &time)
		      : begins_with_clock(line, &time)) {
		set_time_of_day(log, &time);
		return true;
	}
	if (scan_uptime(&line, &time)) {
		log->clock.undated = true;
		log_set_time(log, &time);
		return true;
	}
	return false;
}

/* A packet of ICMP quotes what could not be delivered: "IP 192.0.2.1 >
 * 192.0.2.2: ICMP ..." of tcpdump, "I 192.0.2.1 -> 192.0.2.2" of ngrep. */
static bool is_error(struct slice line)
{
	return has_word(line, ": ICMP") ||
	       (slice_starts(line, SLICE("I ")) && has_word(line, " -> "));
}

/* False: the line tells nothing of a message.  Of several with a time the first
 * may; a program's log is full of them. */
static bool read_hint(struct log *log, struct slice line)
{
	bool announced = note_announced(log, line);
	bool timed = read_time(log, line, announced);
	bool first = timed && !log->timed_before;

	log->timed_before |= timed;
	if (is_error(line))
		return log->quoted = true;
	/* tcpdump indents what it quotes. */
	log->quoted &= !timed && !announced &&
		       (!text_is_hint(line) || line.p[0] == ' ');
	return read_ends(log, line) || announced || first ||
	       (timed && is_bare_time(line));
}

/* ---- records ---- */

/* What was announced, the lines around it, and its front make it one of a
 * log; such messages end where the log goes on. */
static bool is_of_log(const struct log *log, const struct log_piece *piece)
{
	return log->mixed || text_is_announced(log) || piece->start > 0 ||
	       piece->part || text_is_dotted(piece->text);
}

static void set_ends(struct log *log)
{
	struct announced said = log->said;

	if (!text_is_announced(log))
		said = (struct announced){.way = ANNOUNCED_NOT};
	log->said.way = ANNOUNCED_NOT;
	if (said.way == ANNOUNCED_NOT || log->record.src.family != FAMILY_NONE)
		return;
	log->mixed = true;
	if (said.transport != RECORD_UNKNOWN)
		log->record.transport = said.transport;
	log_ends_of(&log->ends, &said, text_slice(&log->text), &log->record.src,
		    &log->record.dst);
}

/* Where nothing stands around a message its topmost Via tells who sent a
 * request, and where a response goes (RFC 3261 18.1.1, 18.2.2). */
static void guess_ends(struct log *log)
{
	struct slice text = text_slice(&log->text);
	struct endpoint via;

	if (log->record.src.family != FAMILY_NONE ||
	    log->record.dst.family != FAMILY_NONE || !log_via_of(text, &via) ||
	    via.family < FAMILY_IPV4)
		return;
	if (slice_starts(text, SLICE("SIP/2.0 ")))
		log->record.dst = via;
	else
		log->record.src = via;
}

/* A front tells the time where no line before did. */
static bool take_record(struct log *log, const struct log_piece *piece)
{
	struct slice front = slice_first(piece->text, piece->start);

	log->record.offset = piece->line.offset;
	log->timed_before = false;
	if (!is_of_log(log, piece)) {
		text_take_plain(log);
		guess_ends(log);
		return true;
	}
	if (piece->start) {
		(void)note_announced(log, front);
		if (!log->has_time)
			(void)read_time(log, front, true);
	}
	if (!text_take_logged(log, piece))
		return false;
	set_ends(log);
	guess_ends(log);
	log->record.shown = log->mixed;
	return true;
}

/* tcpdump ends a line about ends with the first line of the message; what it
 * shows in front of a method then may be capitals. */
static bool begins_message(const struct log *log, struct log_piece *piece)
{
	if (!log_front_of(piece->text, &piece->start) ||
	    text_is_hint(slice_first(piece->text, piece->start)))
		return false;
	if (log->dumped)
		log_skip_to_method(piece->text, &piece->start);
	return true;
}

static enum status next(struct log *log)
{
	struct log_piece piece;
	bool begun = false;
	enum status status;

	while ((status = text_peek(log, &piece)) == STATUS_OK) {
		struct log_line line = piece.line;

		if (!begun)
			log_begin(log, RECORD_MESSAGE, line.offset);
		begun = true;
		if (begins_message(log, &piece)) {
			if (take_record(log, &piece) && !log->quoted)
				return STATUS_OK;
			text_clear(&log->text);
			log_begin_message(log);
			log->record.cut = false;
			continue;
		}
		line.text = piece.text;
		if (!read_hint(log, piece.text) && !text_is_ruler(piece.text) &&
		    !text_is_end(piece.text))
			log_pass(log, &line);
		text_take(log, &piece);
	}
	return status;
}

/* ---- what it is ---- */

/* A scenario of SIPp holds messages, and is no log of any. */
static bool is_scenario(struct slice line)
{
	size_t at;

	return slice_search(line, SLICE("[local_ip]"), &at) ||
	       slice_search(line, SLICE("[remote_ip]"), &at);
}

/* Is the line behind a first one a header, in the same front? */
static bool goes_on(struct slice start, size_t at, struct slice rest)
{
	struct log_front front;
	struct slice more, line;

	(void)log_split_piece(start, &more);
	if (more.n)
		return is_field(more);
	log_front_set(&front, slice_first(start, at));
	do
		line = slice_split(&rest, '\n');
	while (rest.n && slice_trim(line).n == 0);
	/* The first line alone may have one, or an arrow at its end. */
	return (is_field(line) || ((log_front_take(&front, &line) ||
				    (log_front_drop_arrow(&front) &&
				     log_front_take(&front, &line))) &&
				   is_field(line))) &&
	       !is_scenario(line);
}

struct claim {
	unsigned lines;    /* of other text so far */
	unsigned said_ago; /* lines since a message was announced */
	bool timed;        /* lines begin with a time */
};

static void look_at(struct claim *c, struct slice line)
{
	struct announced said;
	struct log_time time;

	if (slice_trim(line).n == 0 || text_is_ruler(line))
		return;
	c->said_ago++;
	if (announced_of(line, &said) || text_is_hint(line))
		c->said_ago = 0;
	if (!is_field(line) &&
	    find_time(slice_first(line, LOG_TIME_MAX), &time))
		c->timed = true;
	else
		c->lines++;
}

/* Does a message begin in this piece, where one can be expected? */
static bool begins_in(struct claim *c, struct slice piece, struct slice rest,
		      struct slice behind)
{
	size_t at;

	if (!log_front_of(piece, &at)) {
		look_at(c, piece);
		return false;
	}
	look_at(c, slice_first(piece, at));
	if ((c->lines < FIRST_LINES && at == 0) || c->timed ||
	    c->said_ago < SAID_LINES)
		return !is_scenario(piece) &&
		       (rest.n ? is_field(rest) : goes_on(piece, at, behind));
	return false;
}

static bool claims_from(struct slice text, struct claim c)
{
	while (text.n) {
		struct slice rest = slice_split(&text, '\n');

		while (rest.n) {
			struct slice piece = log_split_piece(rest, &rest);

			if (begins_in(&c, piece, rest, text))
				return true;
		}
	}
	return false;
}

static bool claims(struct slice first)
{
	return claims_from(first, (struct claim){.said_ago = SAID_LINES});
}

/* Documents hold messages, too: in the middle of a text one must be announced,
 * or stand among lines with times. */
static bool claims_inside(struct slice part)
{
	return claims_from(part, (struct claim){.said_ago = SAID_LINES,
						.lines = FIRST_LINES});
}

/* ---- the front of the file ---- */

/* So many lines of a head are looked at for its Via. */
#define HEAD_LINES 40u

/* What the front of a log tells of the program itself, for messages that come
 * before one that does. */
struct survey {
	struct announced said;
	size_t at;             /* lines of the message have such a front */
	unsigned left;         /* lines to look at for Via */
	bool told;             /* log->ends.own is */
	struct endpoint asked; /* where it got a request */
	struct log_time first; /* of a line that is no header */
	bool timed;            /* there is one */
};

/* A request that came was sent to where its URI says, if that is an address. */
static void note_asked(struct survey *v, struct slice line)
{
	struct endpoint asked;
	struct slice uri, host;
	size_t at;

	(void)slice_split(&line, ' ');
	uri = slice_split(&line, ' ');
	if (v->asked.family != FAMILY_NONE || !slice_find(uri, ':', &at))
		return;
	host = slice_from(uri, at + 1);
	if (slice_find(host, '@', &at))
		host = slice_from(host, at + 1);
	host = slice_split(&host, ';');
	if ((end_of(host, &asked) && asked.family != FAMILY_NAME) ||
	    endpoint_parse(host, 5060, &asked) == STATUS_OK)
		v->asked = asked;
}

static void survey_start(struct log *log, struct survey *v, struct slice line)
{
	v->left = 0;
	if (text_is_announced(log) && log_tells_own(&log->said, line))
		v->left = HEAD_LINES;
	else if (text_is_announced(log) && log->said.way == ANNOUNCED_RECEIVED)
		note_asked(v, line);
	log->said.way = ANNOUNCED_NOT;
}

/* The year of a date in this line, or of the Date that it holds behind one
 * without a year. */
static int year_in(struct slice line, const struct log_time *first)
{
	struct log_time time = *first;
	size_t at;

	if (time.yearless && slice_search(line, SLICE("Date: "), &at) &&
	    !find_time(slice_from(line, at), &time))
		return 0;
	return time.yearless ? 0 : clock_civil(time.time).year;
}

/* The year of all dates, and the first time for messages in front of it. */
static void survey_time(struct log *log, struct survey *v, struct slice line)
{
	struct log_time time;

	if (log->clock.year && v->timed && log->mixed)
		return;
	if (!find_time(slice_first(line, LOG_TIME_MAX), &time)) {
		log->mixed |= begins_with_clock(line, &time) &&
			      !is_bare_time(line) && !text_is_hint(line);
		return;
	}
	if (!log->clock.year)
		log->clock.year = year_in(line, &time);
	if (is_field(line))
		return;
	log->mixed |= !is_bare_time(line) && !text_is_hint(line);
	if (!v->timed)
		v->first = time;
	v->timed = true;
}

static void survey_line(struct log *log, struct survey *v, struct slice line)
{
	size_t at;

	survey_time(log, v, line);
	if (v->told)
		return;
	if (log_front_of(line, &at)) {
		(void)note_announced(log, slice_first(line, at));
		v->at = at;
		survey_start(log, v, slice_from(line, at));
	} else if (v->left) {
		v->left--;
		v->told = log_via_of(line, &log->ends.own) ||
			  log_via_of(slice_from(line, v->at), &log->ends.own);
	} else {
		(void)note_announced(log, line);
	}
}

static void survey(struct log *log, struct slice front)
{
	struct survey v = {.left = 0};

	while (front.n) {
		struct slice line = slice_split(&front, '\n');

		while (line.n)
			survey_line(log, &v, log_split_piece(line, &line));
	}
	if (!v.told)
		log->ends.own = v.asked;
	log->said.way = ANNOUNCED_NOT;
	if (!v.timed)
		return;
	log_clock_set_year(&log->clock, &v.first);
	log_set_time(log, &v.first);
	log_clock_note(&log->clock, log->time);
	log->has_time = false;
	log->ever_timed = true;
}

const struct log_form log_text = {
	.name = "sip-text",
	.zoneless = true,
	.claims = claims,
	.claims_inside = claims_inside,
	.begins = is_sip_start,
	.next = next,
	.survey = survey,
};
