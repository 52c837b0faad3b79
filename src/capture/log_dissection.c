/*
 * SIP as Wireshark and tshark -V take it apart, without its bytes: people save
 * and paste what they see.
 *
 *   Frame 7: 866 bytes on wire (6928 bits), 866 bytes captured (6928 bits)
 *       Arrival Time: Nov 30, 2026 12:00:00.123456000 UTC
 *   Internet Protocol Version 4, Src: 192.0.2.1, Dst: 192.0.2.2
 *   User Datagram Protocol, Src Port: 5060, Dst Port: 5060
 *   Session Initiation Protocol (INVITE)
 *       Request-Line: INVITE sip:bob@example.org SIP/2.0
 *       Message Header
 *           Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1
 *               Transport: UDP
 *       Message Body
 *           Session Description Protocol
 *               Media Description, name and address (m): audio 49170 RTP/AVP 0
 *
 * Each level is four blanks further in.  A line is the field as it was, and
 * what stands deeper is in it.
 */
#include "config.h"

#include <string.h>

#include "capture/log_parts.h"

#define INDENT 4u
#define LEVELS_MAX 32u
/* The number and the time stand in front. */
#define LISTED_LOOK 32u
#define PROTOCOL SLICE("Session Initiation Protocol")
#define HEADER SLICE("Message Header")
#define BODY SLICE("Message Body")
/* In front of the field, or behind its name. */
#define CUT SLICE("[truncated]")
#define CUT_SHORT SLICE("[\xE2\x80\xA6]")
#define CUT_NAMED SLICE(" [\xE2\x80\xA6]: ")

/* Wireshark numbers the levels from the protocol; so many are below it. */
enum level {
	LEVEL_PROTOCOL,
	LEVEL_PART,  /* first line, "Message Header", "Message Body" */
	LEVEL_FIELD, /* header, kind of body */
	LEVEL_LINE,  /* line of a body */
};

/* How deep a line is; what is no multiple of the width belongs to nothing. */
static unsigned level_of(struct slice line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] == ' ')
		n++;
	return n % INDENT ? LEVELS_MAX : (unsigned)(n / INDENT);
}

static struct slice without_indent(struct slice line)
{
	while (line.n && line.p[0] == ' ')
		line = slice_from(line, 1);
	return line;
}

/* What stands behind `mark` in the line, up to a comma. */
static bool value_behind(struct slice line, struct slice mark,
			 struct slice *out)
{
	size_t at;

	if (!slice_search(line, mark, &at))
		return false;
	line = slice_from(line, at + mark.n);
	*out = slice_trim(slice_split(&line, ','));
	return out->n > 0;
}

/* ---- around the messages ---- */

/* "192.0.2.1", "sip.example.org (192.0.2.1)" */
static void read_host(struct slice line, struct slice mark, struct endpoint *to)
{
	struct slice value, name;

	if (!value_behind(line, mark, &value))
		return;
	if (slice_ends(value, SLICE(")")) &&
	    slice_split_last(&value, '(', &name))
		value = slice_first(name, name.n - 1);
	if (endpoint_parse(slice_trim(value), to->port, to) != STATUS_OK)
		*to = (struct endpoint){0};
}

/* "5060", "sip (5060)" */
static void read_port(struct slice line, struct slice mark, struct endpoint *to)
{
	struct slice value, name;
	uint64_t port;

	if (!value_behind(line, mark, &value))
		return;
	if (slice_ends(value, SLICE(")")) &&
	    slice_split_last(&value, '(', &name))
		value = slice_first(name, name.n - 1);
	if (slice_number(slice_trim(value), UINT16_MAX, &port) == STATUS_OK)
		to->port = (uint16_t)port;
}

static const struct {
	const char *name;
	enum record_transport transport, over_tls;
} transports[] = {
	{"User Datagram Protocol", RECORD_UDP, RECORD_UDP},
	{"Transmission Control Protocol", RECORD_TCP, RECORD_TCP},
	{"Stream Control Transmission Protocol", RECORD_SCTP, RECORD_SCTP},
	{"Transport Layer Security", RECORD_TLS, RECORD_TLS},
	{"Secure Sockets Layer", RECORD_TLS, RECORD_TLS},
	{"WebSocket", RECORD_WS, RECORD_WSS},
};

static void read_transport(struct record *frame, struct slice line)
{
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
		if (slice_starts(line, slice_of_text(transports[i].name)))
			frame->transport =
				(uint8_t)(frame->transport == RECORD_TLS
						  ? transports[i].over_tls
						  : transports[i].transport);
}

/* The first time counts, and before it one in UTC; a tree of no frame may have
 * a line of the list in front of it. */
static void read_time(struct log *log, struct slice line)
{
	bool arrival = has_word(line, "Arrival Time:");
	struct log_time time;

	if ((log->has_time && !arrival) || !find_time(line, &time) ||
	    (log->has_time && !time.zoned))
		return;
	log_clock_set_year(&log->clock, &time);
	log->clock.undated |= time.yearless;
	log_set_time(log, &time);
}

/* "    7 2026-11-30 12:00:00.123456 192.0.2.1 ...": the line of the list in
 * front of a frame tells when that was, which the frame may not. */
static bool read_listed(struct log *log, struct slice line)
{
	struct slice rest = line;
	struct log_time time;
	uint64_t number;

	if (slice_number(scan_word(&rest), UINT32_MAX, &number) != STATUS_OK ||
	    !find_time(slice_first(rest, LISTED_LOOK), &time))
		return false;
	log->has_time = false;
	read_time(log, slice_first(rest, LISTED_LOOK));
	return true;
}

/* A protocol of a packet begins; its header comes in this line. */
static void note_protocol(struct log *log, struct slice line, bool listed)
{
	struct record *frame = &log->record;

	if (slice_starts(line, SLICE("Frame "))) {
		*frame = (struct record){.kind = RECORD_MESSAGE};
		log->has_time &= listed;
		log->quoted = false;
	}
	/* It quotes what could not be delivered. */
	log->quoted |=
		slice_starts(line, SLICE("Internet Control Message Protocol"));
	if (slice_starts(line, SLICE("Internet Protocol"))) {
		read_host(line, SLICE("Src: "), &frame->src);
		read_host(line, SLICE("Dst: "), &frame->dst);
	}
	read_transport(frame, line);
	read_port(line, SLICE("Src Port: "), &frame->src);
	read_port(line, SLICE("Dst Port: "), &frame->dst);
}

/* Others that tell of calls have no form from which they could be made
 * again. */
static bool is_unread(struct slice line)
{
	return slice_starts(line,
			    SLICE("Session Traversal Utilities for NAT")) ||
	       slice_starts(line, SLICE("Real-Time Transport Protocol")) ||
	       slice_starts(line, SLICE("Real-time Transport Control"));
}

/* ---- messages ---- */

/* "Media Attribute (a): sendrecv" */
static bool is_sdp_line(struct slice line, struct slice *type,
			struct slice *value)
{
	size_t at;

	if (!slice_search(line, SLICE("): "), &at) || at < 2 ||
	    line.p[at - 2] != '(')
		return false;
	*type = slice_cut(line, at - 1, 1);
	*value = slice_from(line, at + 3);
	return true;
}

static void put_sdp_line(struct log *log, struct slice type, struct slice value)
{
	text_clear(&log->raw);
	text_put(&log->raw, type);
	text_putc(&log->raw, '=');
	text_put(&log->raw, value);
	log_put_line(log, text_slice(&log->raw), true);
}

/* A field that is longer than Wireshark shows is marked so.  The result is
 * good until the next one. */
static struct slice field_of(struct log *log, struct slice line)
{
	size_t at;

	if (slice_starts(line, CUT)) {
		log->record.cut = true;
		return slice_trim(slice_from(line, CUT.n));
	}
	if (slice_starts(line, CUT_SHORT)) {
		log->record.cut = true;
		line = slice_from(line, CUT_SHORT.n);
		(void)scan_char(&line, ':');
		return slice_trim(line);
	}
	if (!slice_search(line, CUT_NAMED, &at))
		return line;
	log->record.cut = true;
	text_clear(&log->bytes);
	text_put(&log->bytes, slice_first(line, at));
	text_puts(&log->bytes, ": ");
	text_put(&log->bytes, slice_from(line, at + CUT_NAMED.n));
	return text_slice(&log->bytes);
}

enum part {
	PART_FIRST_LINE,
	PART_HEADER,
	PART_BODY, /* SDP, or what cannot be made again */
	PART_TEXT, /* a body whose lines stand as they are */
};

static enum part part_of_body(struct slice kind)
{
	return slice_equal(kind, SLICE("Sipfrag")) ||
			       slice_starts(kind, SLICE("Line-based text data"))
		       ? PART_TEXT
		       : PART_BODY;
}

/* Some versions show the end of the line. */
static void put_text_line(struct log *log, struct slice line)
{
	if (slice_ends(line, SLICE("\\r\\n")))
		line.n -= strlen("\\r\\n");
	log_put_line(log, line, true);
}

static void begin_part(struct log *log, struct slice line, enum part *part)
{
	struct slice value;

	if (field_value(line, "Request-Line", &value) ||
	    field_value(line, "Status-Line", &value))
		log_put_line(log, value, true);
	else if (slice_equal(line, HEADER))
		*part = PART_HEADER;
	if (!slice_equal(line, BODY))
		return;
	log_end_head(log);
	*part = PART_BODY;
}

/* One line of the tree of a message. */
static void take_line(struct log *log, struct slice line, enum part *part)
{
	unsigned level = level_of(line);
	struct slice value, type;

	line = field_of(log, without_indent(line));
	if (level == LEVEL_PART)
		begin_part(log, line, part);
	else if (level == LEVEL_FIELD && *part == PART_HEADER && is_field(line))
		log_put_line(log, line, true);
	else if (level == LEVEL_FIELD && *part >= PART_BODY)
		*part = part_of_body(line);
	else if (level == LEVEL_LINE && *part == PART_TEXT)
		put_text_line(log, line);
	else if (level == LEVEL_LINE && *part == PART_BODY &&
		 is_sdp_line(line, &type, &value))
		put_sdp_line(log, type, value);
}

/* The lines below that of the protocol. */
static void take_message(struct log *log)
{
	enum part part = PART_FIRST_LINE;
	struct log_line line;

	while (log_line_peek(&log->lines, &line) == STATUS_OK && line.text.n &&
	       level_of(line.text) > LEVEL_PROTOCOL) {
		take_line(log, line.text, &part);
		log_line_take(&log->lines);
	}
	log_end_head(log);
	log->record.cut |= log->has_length && log->length && !log_has_body(log);
}

/* What the frame told is of each of its messages. */
static void begin_message(struct log *log, uint64_t offset)
{
	struct record frame = log->record;
	bool timed = log->has_time;

	log_begin(log, RECORD_MESSAGE, offset);
	log->record = frame;
	log->record.offset = offset;
	log->record.cut = false;
	log->has_time = timed;
}

static bool begins_protocol(struct slice line)
{
	return slice_starts(line, PROTOCOL);
}

/* Other packets may stand in front of the first message for long. */
static bool begins(struct slice line)
{
	struct slice rest = line;
	struct slice word = scan_word(&rest);
	uint64_t number;

	if (!slice_is(word, "Frame") || line.p[0] != 'F')
		return begins_protocol(line);
	word = scan_word(&rest);
	return slice_ends(word, SLICE(":")) &&
	       slice_number(slice_first(word, word.n - 1), UINT32_MAX,
			    &number) == STATUS_OK;
}

static enum status next(struct log *log)
{
	struct log_line line;
	enum status status;
	bool listed = false; /* the time at hand is of the frame that follows */

	while ((status = log_line_peek(&log->lines, &line)) == STATUS_OK) {
		bool message = begins_protocol(line.text) && !log->quoted;

		if (message)
			begin_message(log, line.offset);
		else if (level_of(line.text) == LEVEL_PROTOCOL)
			note_protocol(log, line.text, listed);
		if (read_listed(log, line.text))
			listed = true;
		else if (!message)
			read_time(log, line.text);
		listed &= !slice_starts(line.text, SLICE("Frame "));
		if (is_unread(line.text))
			log_pass(log, &line);
		log_line_take(&log->lines);
		if (!message)
			continue;
		take_message(log);
		if (log->head_lines > 1)
			return STATUS_OK;
	}
	return status;
}

/* The first line of a message stands right below its protocol. */
static bool claims(struct slice first)
{
	while (first.n) {
		bool begun = begins_protocol(slice_split(&first, '\n'));
		struct slice rest = first;
		struct slice line = slice_split(&rest, '\n'), value;

		if (begun && level_of(line) == LEVEL_PART &&
		    (field_value(without_indent(line), "Request-Line",
				 &value) ||
		     field_value(without_indent(line), "Status-Line", &value)))
			return true;
	}
	return false;
}

const struct log_form log_dissection = {
	.name = "dissection",
	.zoneless = true,
	.claims = claims,
	.begins = begins,
	.next = next,
};
