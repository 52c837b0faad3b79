/*
 * Packets that somebody printed as hexadecimal digits: what tcpdump -X, tshark
 * -x, Wireshark and the sniffers of firewalls and routers show, and what
 * people save or paste when they have no file (hexdump_line.h).
 *
 * A dump begins where the offset is zero.  In the lines between two of them
 * only a time counts; it is of the packet that follows:
 *
 *   12:00:00.123456 IP 192.0.2.1.5060 > 192.0.2.2.5060: SIP: INVITE ...
 *   Arrival Time: Nov 30, 2026 12:00:00.123456789 UTC
 *   1 0.000000 192.0.2.1 192.0.2.2 SIP 450 Request: INVITE ...
 *   2.337283 port1 in 192.0.2.1.5060 -> 192.0.2.2.5060: udp 450
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "capture/formats.h"
#include "capture/hexdump_line.h"
#include "capture/hexdump_link.h"
#include "capture/log_clock.h"
#include "capture/log_lines.h"
#include "capture/reader.h"

/* A link header and one of IP: less cannot be told from other bytes. */
#define PACKET_LEAST 28u
/* Digits of the fraction of seconds since the capture began. */
#define FRACTION_LEAST 3u
#define NAME_END SLICE(" bytes):")

struct hexdump {
	struct source source;
	struct log_lines lines;
	struct log_clock clock;
	struct text bytes;   /* of the dump at hand */
	struct log_time met; /* in front of the dump that follows */
	bool has_met;
	bool arrival;   /* in a line that says it is when the packet arrived */
	bool other;     /* the dump that follows is what was made of packets */
	bool repeated;  /* a star: the last line, until the next offset */
	uint32_t width; /* bytes of the last line that was put to the dump */

	/* The packet at hand, which may have several dumps. */
	struct log_time time;
	bool has_time;
	bool ever_timed; /* each packet has a time, which one has shown */
	bool given;      /* one of its dumps was handed out */

	uint32_t usual; /* link type of the first that tells one */
};

/* ---- the lines between ---- */

/* "2.337283": seconds since the first packet; files put behind one another
 * have some before it. */
static bool scan_seconds(struct slice *s, struct log_time *out)
{
	struct slice word = scan_word(s), whole;
	bool before = slice_starts(word, SLICE("-"));
	uint64_t seconds, part;
	nanoseconds unit = NS_PER_S;

	if (before)
		word = slice_from(word, 1);
	whole = slice_split(&word, '.');
	if (word.n < FRACTION_LEAST || word.n > 9 ||
	    slice_number(whole, INT32_MAX, &seconds) != STATUS_OK ||
	    slice_number(word, INT32_MAX, &part) != STATUS_OK)
		return false;
	for (size_t i = 0; i < word.n; i++)
		unit /= 10;
	*out = (struct log_time){
		.time = clock_of((int64_t)seconds, (int64_t)part * unit)};
	if (before)
		out->time = -out->time;
	return true;
}

/* The same, perhaps behind the number of the frame. */
static bool find_seconds(struct slice line, struct log_time *out)
{
	struct slice rest = line;
	uint64_t number;

	if (scan_seconds(&rest, out))
		return true;
	rest = line;
	return slice_number(scan_word(&rest), UINT32_MAX, &number) ==
		       STATUS_OK &&
	       scan_seconds(&rest, out);
}

static bool read_time(struct hexdump *h, struct slice line,
		      struct log_time *time)
{
	if (find_time(line, time)) {
		log_clock_set_year(&h->clock, time);
		h->clock.undated |= time->yearless;
		log_clock_note(&h->clock, time->time);
		return true;
	}
	if (find_time_of_day(line, time)) {
		log_clock_set_day(&h->clock, time);
		return true;
	}
	if (!find_seconds(line, time))
		return false;
	h->clock.undated = true;
	return true;
}

/* Of several times the first counts, and before that one of the arrival; one
 * of those in UTC. */
static void note_line(struct hexdump *h, struct slice line)
{
	bool arrival = has_word(line, "Arrival Time:");
	struct log_time time;

	line = slice_trim(line);
	if (slice_ends(line, NAME_END))
		h->other = !slice_starts(line, SLICE("Frame ("));
	h->repeated = slice_is(line, "*");
	if ((h->has_met && !arrival) ||
	    (h->arrival && (h->met.zoned || !arrival)) ||
	    !read_time(h, line, &time))
		return;
	h->met = time;
	h->has_met = true;
	h->arrival = arrival;
	if (time.zoned)
		h->source.info.zoneless = false;
}

/* ---- the dumps ---- */

/* What the star stands for. */
static void repeat(struct hexdump *h, uint32_t until)
{
	uint8_t last[HEXDUMP_LINE_MAX];

	if (!h->repeated || until > FRAME_MAX || h->width == 0 ||
	    h->bytes.n < h->width || until < h->bytes.n ||
	    (until - h->bytes.n) % h->width)
		return;
	memcpy(last, h->bytes.p + h->bytes.n - h->width, h->width);
	while (h->bytes.n < until && h->bytes.failed == STATUS_OK)
		text_put(&h->bytes, slice_of(last, h->width));
}

/* Behind lines that are missing nothing has its place. */
static void put_bytes(struct hexdump *h, const struct hexdump_line *read,
		      uint64_t offset, bool *lost)
{
	if (!*lost)
		repeat(h, read->offset);
	h->repeated = false;
	*lost |= read->offset != h->bytes.n;
	if (*lost) {
		source_warn(&h->source, offset,
			    "lines of a hexadecimal dump are missing between "
			    "bytes %zu and %" PRIu32 " of it",
			    h->bytes.n, read->offset);
		return;
	}
	text_put(&h->bytes, slice_of(read->bytes, read->n));
	h->width = (uint32_t)read->n;
}

/* Puts lines to the dump at hand up to the next one. */
static enum status take_dump(struct hexdump *h)
{
	struct hexdump_line read;
	struct log_line line;
	enum status status;
	bool lost = false;
	uint32_t end;

	h->repeated = false;
	while ((status = log_line_peek(&h->lines, &line)) == STATUS_OK) {
		bool bytes = hexdump_line_read(line.text, &read);

		if (bytes && read.offset == 0 && h->bytes.n)
			return STATUS_OK;
		if (bytes)
			put_bytes(h, &read, line.offset, &lost);
		else if (!lost && hexdump_line_ends(line.text, &end))
			repeat(h, end);
		else
			note_line(h, line.text);
		log_line_take(&h->lines);
	}
	return status;
}

/* Passes over lines up to the next dump. */
static enum status find_dump(struct hexdump *h)
{
	struct log_line line;
	enum status status;

	while ((status = log_line_peek(&h->lines, &line)) == STATUS_OK) {
		if (hexdump_line_begins(line.text))
			return STATUS_OK;
		note_line(h, line.text);
		log_line_take(&h->lines);
	}
	return status;
}

/* All frames of one capture have one link type, most times. */
static void make_frame(struct hexdump *h, struct hexdump_link link,
		       struct frame *frame)
{
	struct slice bytes = text_slice(&h->bytes);

	if (h->usual == LINKTYPE_UNKNOWN)
		h->usual = link.type;
	if (link.type == LINKTYPE_UNKNOWN)
		link.type = h->usual;
	*frame = (struct frame){
		.time = h->has_time ? h->time.time : 0,
		.has_time = h->has_time,
		.link_type = link.type,
		.wire_length =
			link.length > bytes.n ? link.length : (uint32_t)bytes.n,
		.offset = FRAME_NOWHERE,
		.bytes = bytes,
	};
	h->source.info.undated = h->clock.undated;
	source_link_type(&h->source, link.type);
	source_count(&h->source, frame);
}

/* Is the dump that comes the first of a packet?  Where packets have times, one
 * without is of the same: tshark adds what it put together of several, tcpdump
 * shows parts of a packet in front of the whole. */
static bool begins_packet(const struct hexdump *h)
{
	return h->has_met || !h->ever_timed;
}

static void begin_packet(struct hexdump *h)
{
	h->time = h->met;
	h->has_time = h->has_met;
	h->ever_timed |= h->has_met;
	h->given = false;
}

/* The next dump, if it may be a packet; STATUS_NOT_MINE if it is not. */
static enum status next_dump(struct hexdump *h, struct hexdump_link *link)
{
	enum status status = find_dump(h);
	bool other;

	if (status != STATUS_OK)
		return status;
	if (begins_packet(h))
		begin_packet(h);
	other = h->other || h->given;
	h->has_met = h->arrival = h->other = false;
	text_clear(&h->bytes);
	status = take_dump(h);
	if (h->bytes.failed == STATUS_NOMEM)
		return STATUS_NOMEM;
	if (other)
		return STATUS_NOT_MINE;
	*link = hexdump_link_of(text_slice(&h->bytes));
	if (link->type == LINKTYPE_UNKNOWN && status == STATUS_OK &&
	    find_dump(h) == STATUS_OK && !begins_packet(h))
		return STATUS_NOT_MINE;
	h->given = true;
	return STATUS_OK;
}

static enum status hexdump_next(struct source *self, struct frame *frame)
{
	struct hexdump *h = (struct hexdump *)self;
	struct hexdump_link link;
	enum status status;

	do
		status = next_dump(h, &link);
	while (status == STATUS_NOT_MINE);
	if (status != STATUS_OK)
		return source_stop(self, &h->lines.block, status, "a line", 1);
	make_frame(h, link, frame);
	return STATUS_OK;
}

static void hexdump_close(struct source *self)
{
	struct hexdump *h = (struct hexdump *)self;

	log_lines_close(&h->lines);
	text_free(&h->bytes);
	free(h);
}

/* ---- the format ---- */

static enum status hexdump_open(struct byte_source *bytes, struct slice first,
				struct source **out, struct fault *fault)
{
	uint8_t buffer[LOG_PROBE_SIZE];
	struct log_dress dress =
		log_dress_of(log_probe(first, buffer), hexdump_line_begins);
	struct hexdump *h = calloc(1, sizeof(*h));

	if (!h)
		bytes->close(bytes);
	if (!h ||
	    log_lines_open(&h->lines, bytes, first, &dress) != STATUS_OK) {
		fault_say(fault, UINT64_MAX, "out of memory");
		free(h);
		return STATUS_NOMEM;
	}
	h->bytes = text_new(FRAME_MAX);
	h->usual = LINKTYPE_UNKNOWN;
	h->source.info.log = true;
	h->source.info.zoneless = true;
	h->source.info.dress = log_dress_name(&dress);
	h->source.next = hexdump_next;
	h->source.close = hexdump_close;
	*out = &h->source;
	return STATUS_OK;
}

/* The front of a dump, of which `text` begins with the first line. */
static size_t front_of(struct slice text, uint8_t *bytes, size_t room)
{
	struct hexdump_line line;
	size_t n = 0;

	while (text.n && hexdump_line_read(slice_split(&text, '\n'), &line) &&
	       line.offset == n && line.n <= room - n) {
		memcpy(bytes + n, line.bytes, line.n);
		n += line.n;
	}
	return n;
}

/* Packets of IP, in dumps: other dumps are in logs of many programs. */
static bool hexdump_claims(struct slice first)
{
	struct log_bare_probe room;
	uint8_t bytes[4 * HEXDUMP_LINE_MAX];
	struct slice text;

	if (!log_probe_bare(first, hexdump_line_begins, &room, &text))
		return false;
	while (text.n) {
		size_t n = front_of(text, bytes, sizeof(bytes));

		if (n >= PACKET_LEAST &&
		    hexdump_link_of(slice_of(bytes, n)).length)
			return true;
		(void)slice_split(&text, '\n');
	}
	return false;
}

const struct capture_format format_hexdump = {
	.name = "hexdump",
	.claims = hexdump_claims,
	.claims_inside = hexdump_claims,
	.open = hexdump_open,
};
