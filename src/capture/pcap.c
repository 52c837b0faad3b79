/*
 * Classic pcap files: microseconds and nanoseconds, either byte order, the
 * "modified" variants and the repairs of spec "capture-formats" 2.1.
 *
 *   file    magic  version  zone  accuracy  snaplen  link type    24 bytes
 *   record  seconds  fraction  captured  original  [variants]     16 to 28
 *           captured bytes of the frame, unpadded
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "capture/erf.h"
#include "capture/formats.h"
#include "capture/reader.h"

#define FILE_HEADER 24u
#define RECORD_HEADER 16u
#define RECORD_HEADER_NOKIA 20u
#define RECORD_HEADER_MODIFIED 24u
#define RECORD_HEADER_SUSE 28u

/* When in doubt: records that look right are no further apart than this, ... */
#define NEAR_SECONDS (4u * 86400u)
/* ... not older than 1990, ... */
#define OLDEST_SECONDS 631152000u
/* ... and their frames were no longer on the wire than this. */
#define WIRE_PLAUSIBLE (16u << 20)

/* Behind damage so many records in a row must look right, ... */
#define RESYNC_RECORDS 3u
/* ... which lie within so many bytes, ... */
#define RESYNC_REACH (RESYNC_RECORDS * (FRAME_MAX + RECORD_HEADER_SUSE))
/* ... looked for in windows of this size. */
#define RESYNC_WINDOW (2 * RESYNC_REACH)

/* Captured and original length stand the other way round in old files. */
enum length_order {
	LENGTHS_IN_ORDER,
	LENGTHS_IN_DOUBT, /* swapped where captured > original */
	LENGTHS_SWAPPED,
};

/* What the magic number says; the reader tries it in both byte orders. */
struct magic {
	uint32_t value;
	uint32_t units; /* of the fraction in a second */
	bool modified;
};

static const struct magic magics[] = {
	{0xA1B2C3D4u, 1000000u, false},
	{0xA1B23C4Du, 1000000000u, false},
	{0xA1B2CD34u, 1000000u, true},
};

struct pcap {
	struct source source;
	struct block block;
	enum status ended; /* STATUS_OK while frames may come */
	bool big;
	bool modified;
	enum length_order lengths;
	uint32_t units;
	uint32_t scale; /* nanoseconds in a unit of the fraction */
	size_t head;    /* size of a record header */
	uint32_t link_type;
	uint32_t seconds, fraction; /* of the last record that was right */
};

struct record {
	uint32_t seconds;
	uint32_t fraction;
	uint32_t captured;
	uint32_t wire;
};

/* The magic at the front of `first`, and its byte order; NULL for none. */
static const struct magic *magic_find(struct slice first, bool *big)
{
	struct cursor be = cursor_over(first);
	struct cursor le = cursor_over(first);
	uint32_t value_be = cursor_u32(&be);
	uint32_t value_le = cursor_u32le(&le);

	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		*big = magics[i].value == value_be;
		if (*big || magics[i].value == value_le)
			return &magics[i];
	}
	return NULL;
}

static bool pcap_claims(struct slice first)
{
	bool big;

	return magic_find(first, &big) != NULL;
}

/* Takes over what a file header says. */
static void header_apply(struct pcap *pcap, struct slice header)
{
	const struct magic *magic = magic_find(header, &pcap->big);
	struct cursor c = cursor_over(slice_from(header, 4));
	uint16_t major = cursor_u16_in(&c, pcap->big);
	uint16_t minor = cursor_u16_in(&c, pcap->big);

	pcap->units = magic->units;
	pcap->scale = (uint32_t)(NS_PER_S / magic->units);
	pcap->modified = magic->modified;
	pcap->head = magic->modified ? RECORD_HEADER_MODIFIED : RECORD_HEADER;
	pcap->lengths = LENGTHS_IN_ORDER;
	if ((major == 2 && minor < 3) || major == 543)
		pcap->lengths = LENGTHS_SWAPPED;
	else if (major == 2 && minor == 3)
		pcap->lengths = LENGTHS_IN_DOUBT;
	if ((major != 2 || minor > 4) && major != 543)
		source_warn(&pcap->source, block_offset(&pcap->block),
			    "pcap version %u.%u, read as 2.4", major, minor);
	cursor_skip(&c, 12);
	/* The upper bits are the length of the frame check sequence. */
	pcap->link_type = cursor_u32_in(&c, pcap->big) & 0xFFFFu;
	source_link_type(&pcap->source, pcap->link_type);
}

/* A number of a record header, which stand one behind another. */
static inline uint32_t number_at(const struct pcap *pcap, const uint8_t *head,
				 size_t which)
{
	const uint8_t *p = head + 4 * which;
	uint32_t big = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		       (uint32_t)p[2] << 8 | (uint32_t)p[3];
	uint32_t little = (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
			  (uint32_t)p[1] << 8 | (uint32_t)p[0];

	return pcap->big ? big : little;
}

static inline struct record record_at(const struct pcap *pcap,
				      const uint8_t head[RECORD_HEADER])
{
	struct record r = {
		.seconds = number_at(pcap, head, 0),
		.fraction = number_at(pcap, head, 1),
		.captured = number_at(pcap, head, 2),
		.wire = number_at(pcap, head, 3),
	};

	if (pcap->lengths != LENGTHS_IN_ORDER &&
	    (pcap->lengths == LENGTHS_SWAPPED || r.captured > r.wire)) {
		uint32_t captured = r.wire;

		r.wire = r.captured;
		r.captured = captured;
	}
	return r;
}

/* What is missing of it counts as zero. */
static struct record record_read(const struct pcap *pcap, struct slice s)
{
	uint8_t head[RECORD_HEADER] = {0};

	if (s.n)
		memcpy(head, s.p, s.n < sizeof(head) ? s.n : sizeof(head));
	return record_at(pcap, head);
}

/* Does it look like a record, when there is reason to doubt it? */
static bool record_plausible(const struct pcap *pcap, const struct record *r)
{
	return r->captured > 0 && r->captured <= FRAME_MAX &&
	       r->captured <= r->wire && r->wire <= WIRE_PLAUSIBLE &&
	       r->fraction < pcap->units;
}

static bool seconds_near(uint32_t a, uint32_t b)
{
	return (a > b ? a - b : b - a) <= NEAR_SECONDS;
}

/* Do the first two records look right with record headers of this size? */
static bool head_fits(struct pcap *pcap, size_t head)
{
	struct record last = {0};
	struct slice s;
	size_t at = 0;

	for (unsigned i = 0; i < 2; i++) {
		enum status status = block_need(&pcap->block, at + head, &s);
		struct record r;

		if (i > 0 && s.n <= at)
			return s.n == at;
		r = record_read(pcap, slice_from(s, at));
		if (i > 0 && !seconds_near(r.seconds, last.seconds))
			return false;
		/* Cut off: the seconds must do. */
		if (status != STATUS_OK)
			return i > 0 && s.n - at >= 4 && head == pcap->head;
		if (!record_plausible(pcap, &r))
			return false;
		last = r;
		at += head + r.captured;
	}
	return true;
}

/*
 * Some writers had longer record headers under the same magic: Red Hat 6.1
 * (24), Nokia (20), SuSE 6.3 (28 where 24 is right).  The right size is kept
 * unless only another one makes sense.
 */
static void head_guess(struct pcap *pcap)
{
	static const size_t normal[] = {RECORD_HEADER_MODIFIED,
					RECORD_HEADER_NOKIA};
	static const size_t modified[] = {RECORD_HEADER_SUSE, RECORD_HEADER};
	const size_t *others = pcap->modified ? modified : normal;

	if (head_fits(pcap, pcap->head))
		return;
	for (size_t i = 0; i < 2; i++) {
		if (!head_fits(pcap, others[i]))
			continue;
		pcap->head = others[i];
		source_warn(&pcap->source, FILE_HEADER,
			    "record headers of %zu bytes", pcap->head);
		return;
	}
}

/*
 * Is this a file header, where a record was expected?  The magic alone is
 * also a time in 2055, so the rest must look like one too.
 */
static bool is_file_header(struct slice s)
{
	bool big;
	struct cursor c;
	uint16_t major, minor;

	if (s.n < FILE_HEADER || !magic_find(s, &big))
		return false;
	c = cursor_over(slice_cut(s, 4, 4));
	major = cursor_u16_in(&c, big);
	minor = cursor_u16_in(&c, big);
	return major == 2 && minor <= 4;
}

/*
 * Do records that look right stand at the front of `s`?  If they are not near
 * to the last good one there must be several.
 */
static bool records_follow(const struct pcap *pcap, struct slice s, bool at_end)
{
	bool known = pcap->source.info.frames > 0;
	bool near = true;
	uint32_t seconds = pcap->seconds;

	if (is_file_header(s))
		return true;
	for (unsigned i = 0; i < RESYNC_RECORDS; i++) {
		struct record r;

		if (s.n < pcap->head)
			return i > 0 && s.n == 0 && at_end && near;
		r = record_read(pcap, s);
		if (i == 0)
			near = known && seconds_near(r.seconds, seconds);
		else if (!seconds_near(r.seconds, seconds))
			return false;
		if ((!near && r.seconds < OLDEST_SECONDS) ||
		    !record_plausible(pcap, &r) ||
		    r.captured > s.n - pcap->head)
			return false;
		seconds = r.seconds;
		s = slice_from(s, pcap->head + r.captured);
	}
	return true;
}

/*
 * Behind a record that cannot be: goes to the next place where records look
 * right.  False when there is none.
 */
static bool resync(struct pcap *pcap)
{
	bool at_end = false;

	while (!at_end) {
		struct slice s;
		size_t stop;

		at_end = block_need(&pcap->block, RESYNC_WINDOW, &s) !=
			 STATUS_OK;
		stop = at_end ? s.n : s.n - RESYNC_REACH;
		for (size_t at = 0; at < stop; at++) {
			if (!records_follow(pcap, slice_from(s, at), at_end))
				continue;
			block_take(&pcap->block, at);
			return true;
		}
		block_take(&pcap->block, stop);
	}
	return false;
}

/* A record that cannot be, and why: goes behind it if possible. */
static enum status skip_damage(struct pcap *pcap, const struct fault *why)
{
	block_take(&pcap->block, 1);
	if (!resync(pcap)) {
		source_damage(&pcap->source, why->offset,
			      "%s; no record was found behind it", why->text);
		return STATUS_BAD;
	}
	source_damage(&pcap->source, why->offset,
		      "%s; %" PRIu64 " bytes skipped", why->text,
		      block_offset(&pcap->block) - why->offset);
	return STATUS_OK;
}

/* A record that is cut off by the end of the file, or only seems to be. */
static enum status cut_off(struct pcap *pcap, const struct record *r,
			   size_t got)
{
	uint64_t offset = block_offset(&pcap->block);
	size_t want = pcap->head + r->captured;

	block_take(&pcap->block, 1);
	if (resync(pcap)) {
		source_damage(&pcap->source, offset,
			      "a record of %zu bytes runs past the end of the "
			      "file; %" PRIu64 " bytes skipped",
			      want, block_offset(&pcap->block) - offset);
		return STATUS_OK;
	}
	source_damage(&pcap->source, offset,
		      "the file is cut off: %zu of %zu bytes of a record", got,
		      want);
	return STATUS_BAD;
}

/* Something about these numbers is unusual. */
static inline bool record_odd(const struct pcap *pcap, const struct record *r)
{
	return r->captured - 1 >= FRAME_MAX || r->captured > r->wire ||
	       r->fraction >= pcap->units;
}

/* Odd in one way only, and near in time? */
static bool record_passable(const struct pcap *pcap, const struct record *r,
			    uint32_t near)
{
	return r->captured <= FRAME_MAX && seconds_near(r->seconds, near) &&
	       (r->captured <= r->wire || r->fraction < pcap->units);
}

/*
 * A record that is odd in one way only may have been written so, if the file
 * goes on behind it.
 */
static bool record_credible(struct pcap *pcap, const struct record *r)
{
	bool first = pcap->source.info.frames == 0;
	size_t whole = pcap->head + r->captured;
	struct record next;
	enum status status;
	struct slice s;

	if (!record_passable(pcap, r, first ? r->seconds : pcap->seconds))
		return false;
	if (r->captured <= r->wire && r->fraction < pcap->units)
		return true; /* only empty */
	status = block_need(&pcap->block, whole + FILE_HEADER, &s);
	if (s.n < whole + pcap->head)
		return status == STATUS_SHORT && s.n == whole;
	s = slice_from(s, whole);
	next = record_read(pcap, s);
	return record_passable(pcap, &next, r->seconds) || is_file_header(s);
}

/*
 * Is nothing wrong but the time, which cannot be?  Then the next record, near
 * to the last one, or the end of the file stands right behind it.
 */
static bool record_lost_time(struct pcap *pcap, const struct record *r)
{
	size_t whole = pcap->head + r->captured;
	struct record rest = *r, next;
	struct slice s;

	rest.fraction = 0;
	if (r->fraction < pcap->units || pcap->source.info.frames == 0 ||
	    seconds_near(r->seconds, pcap->seconds) ||
	    !record_plausible(pcap, &rest))
		return false;
	if (block_need(&pcap->block, whole + pcap->head, &s) != STATUS_OK)
		return s.n == whole;
	next = record_read(pcap, slice_from(s, whole));
	return record_plausible(pcap, &next) &&
	       seconds_near(next.seconds, pcap->seconds);
}

/* Why an odd record cannot be one; false when it can. */
static bool record_absurd(struct pcap *pcap, const struct record *r,
			  struct fault *why)
{
	uint64_t offset = block_offset(&pcap->block);

	why->set = false;
	if (r->captured > FRAME_MAX)
		fault_say(why, offset,
			  "record of %" PRIu32 " bytes, more than %u",
			  r->captured, FRAME_MAX);
	else if (!(r->seconds | r->fraction | r->captured | r->wire))
		fault_say(why, offset, "record header of zeros");
	else if (!record_credible(pcap, r))
		fault_say(why, offset,
			  "record of %" PRIu32 " bytes of %" PRIu32,
			  r->captured, r->wire);
	return why->set;
}

/*
 * Judges an odd record: a file header (of a file that was appended), damage,
 * or something to repair.  *again: read at the place where it stands now.
 */
static enum status record_judge(struct pcap *pcap, struct record *r,
				bool *again)
{
	uint64_t offset = block_offset(&pcap->block);
	struct fault why;
	struct slice s;

	*again = true;
	if (block_need(&pcap->block, FILE_HEADER, &s) == STATUS_OK &&
	    is_file_header(s)) {
		header_apply(pcap, s);
		block_take(&pcap->block, FILE_HEADER);
		source_warn(&pcap->source, offset,
			    "another file was appended here");
		return STATUS_OK;
	}
	if (record_lost_time(pcap, r)) {
		source_damage(
			&pcap->source, offset,
			"the time of a record is damaged; that of the one "
			"before is taken");
		r->seconds = pcap->seconds;
		r->fraction = pcap->fraction;
		*again = false;
		return STATUS_OK;
	}
	if (record_absurd(pcap, r, &why))
		return skip_damage(pcap, &why);
	*again = false;
	if (r->captured > r->wire) {
		source_warn(&pcap->source, offset,
			    "more bytes captured (%" PRIu32
			    ") than there were (%" PRIu32 ")",
			    r->captured, r->wire);
		r->wire = r->captured;
	}
	if (r->fraction >= pcap->units)
		source_warn(&pcap->source, offset,
			    "the fraction of a second is %" PRIu32,
			    r->fraction);
	return STATUS_OK;
}

/* The packet type of modified files, as Linux numbers it. */
static enum frame_direction direction_of(struct slice head)
{
	struct cursor c = cursor_over(slice_from(head, 22));
	uint8_t type = cursor_u8(&c);

	if (c.bad || type == 3 || type > 4)
		return FRAME_DIRECTION_UNKNOWN;
	return type == 4 ? FRAME_SENT : FRAME_RECEIVED;
}

static inline nanoseconds time_of(const struct pcap *pcap,
				  const struct record *r)
{
	/* A fraction above a second carries by itself. */
	return (nanoseconds)r->seconds * NS_PER_S +
	       (nanoseconds)r->fraction * pcap->scale;
}

/* Hands out the record at the front of the window. */
static inline void record_take(struct pcap *pcap, const struct record *r,
			       struct slice s, struct frame *frame)
{
	*frame = (struct frame){
		.time = time_of(pcap, r),
		.has_time = true,
		.link_type = pcap->link_type,
		.wire_length = r->wire,
		.offset = block_offset(&pcap->block) + pcap->head,
		.bytes = slice_from(s, pcap->head),
		.window = block_window(&pcap->block),
	};
	if (pcap->modified)
		frame->direction = direction_of(slice_first(s, pcap->head));
	if (pcap->link_type == LINKTYPE_ERF)
		erf_unwrap(frame);
	pcap->seconds = r->seconds;
	pcap->fraction = r->fraction;
	block_take(&pcap->block, s.n);
	source_count(&pcap->source, frame);
}

/* The next record; other statuses than STATUS_OK are for good, but
 * STATUS_SHORT, where it is still being written. */
static enum status record_next(struct pcap *pcap, struct frame *frame)
{
	struct source *self = &pcap->source;

	for (;;) {
		struct slice s;
		struct record r;
		bool again = false;
		enum status status;

		status = block_need(&pcap->block, pcap->head, &s);
		if (block_waits(&pcap->block, status))
			return STATUS_SHORT;
		if (status != STATUS_OK)
			return source_stop(self, &pcap->block, status,
					   "a record header", pcap->head);
		r = record_at(pcap, s.p);
		if (record_odd(pcap, &r)) {
			status = record_judge(pcap, &r, &again);
			if (status != STATUS_OK)
				return status;
		}
		if (again)
			continue;
		status = block_need(&pcap->block, pcap->head + r.captured, &s);
		if (status == STATUS_OK) {
			record_take(pcap, &r, s, frame);
			return STATUS_OK;
		}
		if (block_waits(&pcap->block, status))
			return STATUS_SHORT;
		if (status == STATUS_SHORT)
			status = cut_off(pcap, &r, s.n);
		else
			status = source_stop(self, &pcap->block, status,
					     "a record", 0);
		if (status != STATUS_OK)
			return status;
	}
}

static enum status pcap_next(struct source *self, struct frame *frame)
{
	struct pcap *pcap = (struct pcap *)self;

	enum status status = pcap->ended;

	if (status == STATUS_OK)
		status = record_next(pcap, frame);
	if (status != STATUS_SHORT)
		pcap->ended = status;
	return status;
}

/* A record at hand that needs no judging, as record_next() takes it. */
static inline bool record_at_hand(struct pcap *pcap, struct frame *frame,
				  nanoseconds before)
{
	const struct block *block = &pcap->block;
	struct record r;

	if (block->left < RECORD_HEADER)
		return false;
	r = record_at(pcap, block->p);
	if (record_odd(pcap, &r) || r.captured > block->left - RECORD_HEADER ||
	    time_of(pcap, &r) >= before)
		return false;
	record_take(pcap, &r, slice_of(block->p, RECORD_HEADER + r.captured),
		    frame);
	return true;
}

static size_t pcap_run(struct source *self, struct frame *frames, size_t max,
		       nanoseconds before)
{
	struct pcap *pcap = (struct pcap *)self;
	size_t n = 0;

	if (pcap->ended != STATUS_OK || pcap->head != RECORD_HEADER ||
	    pcap->link_type == LINKTYPE_ERF || !block_window(&pcap->block))
		return 0;
	while (n < max && record_at_hand(pcap, &frames[n], before))
		n++;
	return n;
}

static void pcap_close(struct source *self)
{
	struct pcap *pcap = (struct pcap *)self;

	block_close(&pcap->block);
	free(pcap);
}

static enum status pcap_open(struct byte_source *bytes, struct slice first,
			     struct source **out, struct fault *fault)
{
	struct pcap *pcap = calloc(1, sizeof(*pcap));
	enum status status;
	struct slice s;

	if (!pcap || block_open(&pcap->block, bytes, first) != STATUS_OK) {
		fault_say(fault, UINT64_MAX, "out of memory");
		free(pcap);
		bytes->close(bytes);
		return STATUS_NOMEM;
	}
	pcap->source.next = pcap_next;
	pcap->source.run = pcap_run;
	pcap->source.close = pcap_close;
	status = block_need(&pcap->block, FILE_HEADER, &s);
	if (status != STATUS_OK) {
		status = open_stop(&pcap->block, status, "the file header",
				   FILE_HEADER, fault);
		pcap_close(&pcap->source);
		return status;
	}
	header_apply(pcap, s);
	block_take(&pcap->block, FILE_HEADER);
	head_guess(pcap);
	*out = &pcap->source;
	return STATUS_OK;
}

const struct capture_format format_pcap = {
	.name = "pcap",
	.claims = pcap_claims,
	.open = pcap_open,
};
