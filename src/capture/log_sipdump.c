/*
 * What Kamailio's module sipdump writes: fields, the message, and a line of
 * bars.
 *
 *   ====================
 *   tag: rcv
 *   time: 1563963739.487692
 *   proto: udp ipv4
 *   srcip: 192.0.2.1
 *   srcport: 5060
 *   dstip: 192.0.2.2
 *   dstport: 5060
 *   ~~~~~~~~~~~~~~~~~~~~
 *   OPTIONS sip:example.com SIP/2.0
 *   ...
 *   ||||||||||||||||||||
 */
#include "config.h"

#include "capture/log_parts.h"

#define BEGINNING SLICE("====================")
#define MIDDLE SLICE("~~~~~~~~~~~~~~~~~~~~")
#define ENDING SLICE("||||||||||||||||||||")
#define FIELDS_MAX 32u
#define YEAR_9999 UINT64_C(253402300799)

/* Seconds and microseconds. */
static void read_time(struct log *log, struct slice value)
{
	struct slice seconds = slice_split(&value, '.');
	uint64_t s, us;

	if (slice_number(seconds, YEAR_9999, &s) != STATUS_OK || value.n != 6 ||
	    slice_number(value, 999999, &us) != STATUS_OK)
		return;
	log_set_time(log, &(struct log_time){
				  .time = clock_of((int64_t)s,
						   (int64_t)us * NS_PER_US),
				  .zoned = true});
}

static void read_port(struct slice value, struct endpoint *to)
{
	uint64_t port;

	if (slice_number(value, UINT16_MAX, &port) == STATUS_OK)
		to->port = (uint16_t)port;
}

static void read_host(struct slice value, struct endpoint *to)
{
	struct endpoint e;

	if (endpoint_parse(value, to->port, &e) == STATUS_OK)
		*to = e;
}

static void read_field(struct log *log, struct slice line)
{
	struct slice value;

	if (field_value(line, "time", &value))
		read_time(log, value);
	else if (field_value(line, "proto", &value))
		log->record.transport =
			(uint8_t)transport_of_word(slice_split(&value, ' '));
	else if (field_value(line, "srcip", &value))
		read_host(value, &log->record.src);
	else if (field_value(line, "srcport", &value))
		read_port(value, &log->record.src);
	else if (field_value(line, "dstip", &value))
		read_host(value, &log->record.dst);
	else if (field_value(line, "dstport", &value))
		read_port(value, &log->record.dst);
}

/* The fields in front of a message; false when none comes. */
static bool take_fields(struct log *log)
{
	struct log_line line;

	for (unsigned i = 0; i < FIELDS_MAX; i++) {
		if (log_line_peek(&log->lines, &line) != STATUS_OK ||
		    slice_starts(line.text, BEGINNING))
			return false;
		if (slice_starts(line.text, MIDDLE)) {
			log_line_take(&log->lines);
			return true;
		}
		read_field(log, line.text);
		log_line_take(&log->lines);
	}
	return false;
}

/* The bars may stand right behind a body that does not end its last line. */
static bool ends_here(struct slice line, size_t *at)
{
	*at = line.n < ENDING.n ? 0 : line.n - ENDING.n;
	return slice_equal(slice_from(line, *at), ENDING);
}

static void take_message(struct log *log)
{
	struct log_line line;
	size_t at;

	while (log_line_peek(&log->lines, &line) == STATUS_OK) {
		if (slice_starts(line.text, BEGINNING))
			break;
		if (ends_here(line.text, &at)) {
			log_put(log, &log->text, slice_first(line.text, at));
			log_line_take(&log->lines);
			return;
		}
		log_put_line(log, line.text, line.crlf);
		log_line_take(&log->lines);
	}
	log->record.cut = true;
}

static enum status next(struct log *log)
{
	struct log_line line;
	enum status status;

	while ((status = log_line_peek(&log->lines, &line)) == STATUS_OK) {
		bool begins = slice_starts(line.text, BEGINNING);

		if (!begins)
			log_pass(log, &line);
		else
			log_begin(log, RECORD_MESSAGE, line.offset);
		log_line_take(&log->lines);
		if (begins && take_fields(log)) {
			take_message(log);
			return STATUS_OK;
		}
	}
	return status;
}

static bool begins(struct slice line)
{
	return slice_equal(line, BEGINNING);
}

static bool claims(struct slice first)
{
	while (first.n) {
		struct slice line = slice_trim(slice_split(&first, '\n'));

		if (begins(line))
			return slice_starts(first, SLICE("tag: "));
	}
	return false;
}

const struct log_form log_sipdump = {
	.name = "sipdump",
	.claims = claims,
	.begins = begins,
	.next = next,
};
