/*
 * Microsoft Network Monitor 1.x and 2.x files (capture-formats, section 1).
 *
 * Frame numbers.  Frame n is entry n of the frame table, as in Network Monitor
 * and in Wireshark, with what Wireshark does: frames of media types 0xFFFC to
 * 0xFFFE (synthetic payload headers, network info, DNS cache) take no number
 * and are not handed out, they are only counted as metadata.  All other frames
 * without a packet (filter text, adapter list, ETW events, the statistics
 * frame of old versions) keep their number and are handed out with a link type
 * that nobody decodes.  An entry that names no readable record keeps its
 * number too, so that one bad entry does not move the rest.
 *
 * A packet inside ETW events takes the place of the event that completes it.
 *
 * Times of 2.3 are UTC.  Older versions have only the local time of the
 * capturing machine without its zone: it is read as UTC, and said so.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "capture/formats.h"
#include "capture/netmon_entries.h"
#include "capture/netmon_etw.h"
#include "capture/netmon_record.h"
#include "capture/netmon_tables.h"
#include "capture/reader.h"
#include "capture/spool.h"

/* Records that cannot be read, before the file is given up. */
#define BAD_RECORDS_MAX 65536u
/* The window over the tables, and over records that jump about. */
#define SMALL_WINDOW 16384u
/* The trailer of a foreign writer of 2.3: without the time (1.2). */
#define FOREIGN_TAIL 6u

#define TICKS_PER_S 10000000
#define TICKS_PER_MS 10000

struct netmon {
	struct source source;
	struct netmon_header header;
	uint64_t size;
	nanoseconds start;
	bool zone_known;
	bool local_times; /* some frame has one whose zone is not known */
	struct block records;
	struct block tables; /* over the bytes that `records` owns */
	struct netmon_entries entries;
	struct netmon_notes notes;
	struct netmon_packets packets;
	struct netmon_walk walk;
	bool walking;
	uint64_t walked; /* frames found so */
	uint64_t number; /* of the last frame that took one */
	int64_t last_ticks;
	uint64_t bad;
	uint64_t given;	 /* bytes of all records so far */
	uint64_t behind; /* the end of the record that ends last */
	bool ended;
	enum status end;
};

/*
 * Version 1 counts up to 2^32 ms.  A frame that goes from the first quarter
 * of that to the second half stands in front of the start: editcap wraps it.
 */
static int64_t unwrap(struct netmon *n, const struct netmon_found *found)
{
	const int64_t wrap = (INT64_C(1) << 32) * TICKS_PER_MS;
	int64_t ticks = found->record.ticks;

	if (n->header.major > 1)
		return ticks;
	if (ticks > wrap / 2 && n->last_ticks < wrap / 4) {
		source_warn(&n->source, found->at,
			    "a time in front of the start of the capture");
		return ticks - wrap;
	}
	n->last_ticks = ticks;
	return ticks;
}

static nanoseconds time_of(struct netmon *n, const struct netmon_found *found)
{
	int64_t ticks;
	nanoseconds time;

	if (netmon_filetime(found->trailer.filetime, &time))
		return time;
	ticks = unwrap(n, found);
	n->local_times |= !n->zone_known;
	return clock_of(n->start / NS_PER_S + ticks / TICKS_PER_S,
			n->start % NS_PER_S +
				ticks % TICKS_PER_S * NS_PER_NETMON_TICK);
}

/* A frame without a packet. */
static void no_packet(struct netmon *n, struct frame *frame, uint32_t type)
{
	frame->link_type = type;
	n->source.info.metadata++;
}

/* An event, or the packet that it completes. */
static enum status put_event(struct netmon *n, const struct netmon_found *found,
			     struct frame *frame)
{
	struct netmon_event event;
	struct netmon_packet packet;
	enum status status = netmon_event_decode(found->bytes, &event);

	if (status == STATUS_OK)
		status = netmon_packets_take(&n->packets, &event, &packet);
	if (status != STATUS_OK) {
		no_packet(n, frame, LINKTYPE_ETW);
		return status == STATUS_NOMEM ? STATUS_NOMEM : STATUS_OK;
	}
	frame->link_type = packet.link_type;
	frame->direction = packet.direction;
	frame->wire_length = packet.wire_length;
	frame->bytes = packet.bytes;
	if (packet.in_event)
		frame->offset += (uint64_t)(packet.bytes.p - found->bytes.p);
	else
		frame->offset = FRAME_NOWHERE;
	return STATUS_OK;
}

/* What the media type says about a frame that is otherwise complete. */
static enum status put_media(struct netmon *n, const struct netmon_found *found,
			     struct frame *frame)
{
	struct netmon_media media = netmon_media_of(found->trailer.media);

	frame->link_type = media.link_type;
	if (media.kind == NETMON_MEDIA_ETW)
		return put_event(n, found, frame);
	if (media.kind == NETMON_MEDIA_SHOWN)
		no_packet(n, frame, LINKTYPE_METADATA);
	else if (media.kind == NETMON_MEDIA_STRANGE)
		source_warn(&n->source, found->at,
			    "frame %" PRIu64 ": unknown media type 0x%04x",
			    n->number, found->trailer.media);
	else if (!n->header.record_tail &&
		 netmon_is_statistics(media.link_type, frame->bytes))
		no_packet(n, frame, LINKTYPE_METADATA);
	return STATUS_OK;
}

static bool holds_packet(const struct frame *frame)
{
	return frame->link_type != LINKTYPE_METADATA &&
	       frame->link_type != LINKTYPE_ETW;
}

/*
 * Makes a frame of a record.  STATUS_NOT_MINE: one that is not shown;
 * STATUS_LIMIT, STATUS_NOMEM, STATUS_IO.
 */
static enum status put_frame(struct netmon *n, const struct netmon_found *found,
			     struct frame *frame)
{
	enum status status;

	if (netmon_media_of(found->trailer.media).kind ==
	    NETMON_MEDIA_HIDDEN) {
		n->source.info.metadata++;
		return STATUS_NOT_MINE;
	}
	n->number++;
	*frame = (struct frame){
		.time = time_of(n, found),
		.has_time = true,
		.wire_length = found->record.wire_length,
		.offset = found->at + n->header.record_head,
		.bytes = found->bytes,
	};
	if (frame->bytes.n > frame->wire_length) {
		source_warn(&n->source, found->at,
			    "more bytes captured (%zu) than there were "
			    "(%" PRIu32 ")",
			    frame->bytes.n, frame->wire_length);
		frame->wire_length = found->record.captured;
	}
	status = put_media(n, found, frame);
	if (status == STATUS_OK)
		status = netmon_notes_tell(&n->source, &n->tables, &n->notes,
					   (uint32_t)found->at, n->number);
	if (status != STATUS_OK)
		return status;
	if (holds_packet(frame))
		source_link_type(&n->source, frame->link_type);
	source_count(&n->source, frame);
	frame->number = n->number;
	return STATUS_OK;
}

/* Can there be a record at this place? */
static bool place_is_possible(const struct netmon *n, uint32_t record)
{
	uint64_t table = n->header.table.at;

	return record >= NETMON_HEADER_SIZE && record < n->size &&
	       (record < table || record >= table + n->header.table.n);
}

/* Says why an entry gives no frame. */
static void say_bad_entry(struct netmon *n, const struct netmon_entry *entry,
			  const struct netmon_found *found, enum status status)
{
	struct source *self = &n->source;

	if (!place_is_possible(n, entry->record))
		source_damage(self, entry->at,
			      "frame %" PRIu64 ": its record would be at "
			      "%" PRIu32 ", where none can be",
			      n->number, entry->record);
	else if (entry->doubled)
		source_warn(self, entry->at,
			    "frame %" PRIu64 ": an earlier entry of the frame "
			    "table names the same record",
			    n->number);
	else if (status == STATUS_BAD)
		source_damage(self, entry->record,
			      "frame %" PRIu64 ": a record of %" PRIu32
			      " bytes, more than %u",
			      n->number, found->record.captured, FRAME_MAX);
	else
		source_damage(self, entry->record,
			      "frame %" PRIu64 ": its record is cut off by the "
			      "end of the file",
			      n->number);
}

/* An entry that gives no frame keeps its number. */
static enum status pass_over(struct netmon *n, const struct netmon_entry *entry,
			     const struct netmon_found *found,
			     enum status status)
{
	if (netmon_is_grave(status))
		return status;
	n->number++;
	say_bad_entry(n, entry, found, status);
	if (++n->bad <= BAD_RECORDS_MAX)
		return STATUS_NOT_MINE;
	source_damage(&n->source, entry->at, "too many records are damaged");
	return STATUS_LIMIT;
}

/* The record of the next entry; STATUS_NOT_MINE when that is no good. */
static enum status look_up(struct netmon *n, struct netmon_found *found)
{
	struct netmon_entry entry;
	enum status status =
		netmon_entries_next(&n->entries, &n->tables, &entry);

	if (status != STATUS_OK)
		return status;
	if (entry.doubled || !place_is_possible(n, entry.record))
		return pass_over(n, &entry, found, STATUS_NOT_MINE);
	status = netmon_record_read(&n->records, &n->header, entry.record,
				    found);
	if (status != STATUS_OK)
		return pass_over(n, &entry, found, status);
	return STATUS_OK;
}

/*
 * Records do not overlap, so all together are no more than the file; a table
 * that names them over and over is made to waste time.
 */
static enum status weigh(struct netmon *n, const struct netmon_found *found)
{
	n->given += found->end - found->at;
	if (n->given > n->size) {
		source_damage(&n->source, found->at,
			      "the frame table names more bytes than the file "
			      "has");
		return STATUS_LIMIT;
	}
	if (found->end > n->behind)
		n->behind = found->end;
	return STATUS_OK;
}

/* Up to where records can lie that no table lists. */
static uint64_t walk_limit(const struct netmon *n)
{
	uint64_t limit = n->size < UINT32_MAX ? n->size : UINT32_MAX;
	uint64_t table = n->header.table.at;

	/* A table in front of the records does not end them. */
	if (table >= n->behind && table > NETMON_USUAL_START && table < limit)
		limit = table;
	return limit;
}

/* When the table is used up: the frames that it should have named, if any. */
static enum status begin_walk(struct netmon *n)
{
	uint64_t limit = walk_limit(n);
	enum status status = STATUS_OK;

	if (n->entries.total && !n->entries.lost)
		return STATUS_END;
	if (n->entries.total)
		n->walk = (struct netmon_walk){.at = n->behind, .limit = limit};
	else
		status = netmon_walk_begin(&n->records, &n->header, limit,
					   &n->walk);
	if (netmon_is_grave(status) ||
	    (status == STATUS_END && !n->entries.lost))
		return status;
	n->walking = true;
	return STATUS_NOT_MINE;
}

static enum status walk_on(struct netmon *n, struct netmon_found *found)
{
	enum status status =
		netmon_walk_next(&n->walk, &n->records, &n->header, found);
	uint64_t table = n->header.table.at;
	const char *why = n->header.table.n < 4
				  ? "the frame table is empty"
				  : "the frame table is missing or cut off";

	if (status == STATUS_OK)
		n->walked++;
	if (status == STATUS_OK || netmon_is_grave(status))
		return status;
	if (status == STATUS_BAD)
		source_damage(&n->source, n->walk.at,
			      "%s; frames found without it: %" PRIu64
			      ", up to here where no record follows",
			      why, n->walked);
	else
		source_damage(&n->source,
			      table < n->size ? table : n->size,
			      "%s; frames found without it: %" PRIu64, why,
			      n->walked);
	return STATUS_END;
}

/* How the file ends, once and for all. */
static enum status finish(struct netmon *n, enum status status)
{
	struct source *self = &n->source;

	if (netmon_is_grave(status))
		source_damage(self, UINT64_MAX, "%s",
			      status == STATUS_IO ? "cannot be read"
						  : "out of memory");
	else if (status == STATUS_END && self->info.damage.set)
		status = STATUS_BAD;
	if (n->local_times)
		source_warn(self, 8,
			    "times are local to the capturing machine, whose "
			    "zone is not in the file; they are read as UTC");
	n->ended = true;
	n->end = status;
	return status;
}

static enum status netmon_next(struct source *self, struct frame *frame)
{
	struct netmon *n = (struct netmon *)self;
	struct netmon_found found;
	enum status status = STATUS_NOT_MINE;

	if (n->ended)
		return n->end;
	while (status == STATUS_NOT_MINE) {
		if (n->walking)
			status = walk_on(n, &found);
		else
			status = look_up(n, &found);
		if (status == STATUS_OK)
			status = weigh(n, &found);
		else if (status == STATUS_END && !n->walking)
			status = begin_walk(n);
		if (status == STATUS_OK)
			status = put_frame(n, &found, frame);
	}
	return status == STATUS_OK ? status : finish(n, status);
}

static void netmon_close(struct source *self)
{
	struct netmon *n = (struct netmon *)self;

	n->tables.bytes = NULL;
	block_close(&n->tables);
	block_close(&n->records);
	netmon_entries_free(&n->entries);
	netmon_notes_free(&n->notes);
	netmon_packets_free(&n->packets);
	free(n);
}

/*
 * A foreign writer of 2.3 leaves the time out of the trailer (1.2): seen where
 * the second record begins.
 */
static enum status find_foreign_tail(struct netmon *n)
{
	struct netmon_entries entries = n->entries;
	struct netmon_entry first, second;
	struct netmon_found found;
	enum status status;

	if (!entries.wide || entries.total < 2 ||
	    n->header.record_tail <= FOREIGN_TAIL)
		return STATUS_OK;
	status = netmon_entries_next(&entries, &n->tables, &first);
	if (status == STATUS_OK)
		status = netmon_entries_next(&entries, &n->tables, &second);
	if (status != STATUS_OK)
		return status;
	status = netmon_record_read(&n->records, &n->header, first.record,
				    &found);
	if (status == STATUS_OK &&
	    found.end - n->header.record_tail + FOREIGN_TAIL == second.record)
		n->header.record_tail = FOREIGN_TAIL;
	return netmon_is_grave(status) ? status : STATUS_OK;
}

/* The windows: a small one over the tables, one over the records that is
 * large if these come in order. */
static enum status open_windows(struct netmon *n, struct byte_source *bytes)
{
	size_t wanted = bytes->block;
	enum status status;

	bytes->block = SMALL_WINDOW;
	status = block_open(&n->tables, bytes, (struct slice){0});
	if (status == STATUS_OK)
		status = netmon_entries_open(&n->tables, &n->header, n->size,
					     &n->entries);
	if (n->entries.ordered)
		bytes->block = wanted;
	if (status == STATUS_OK)
		status = block_open(&n->records, bytes, (struct slice){0});
	bytes->block = wanted;
	if (status != STATUS_OK)
		bytes->close(bytes);
	return status;
}

/* What the header says about the file as a whole. */
static enum status read_tables(struct netmon *n)
{
	struct source *self = &n->source;
	enum status status;

	if (n->header.table.n % 4)
		source_warn(self, 28,
			    "a frame table of %" PRIu32
			    " bytes, no multiple of 4",
			    n->header.table.n);
	if (n->entries.wide)
		source_warn(self, n->header.table.at,
			    "every second entry of the frame table is 0");
	n->start = netmon_start(self, &n->tables, &n->header, &n->zone_known);
	if (!n->header.start_valid && !n->zone_known)
		source_warn(self, 8, "the start time is no date");
	status = find_foreign_tail(n);
	if (status == STATUS_OK)
		status = netmon_notes_read(self, &n->tables, &n->header,
					   &n->notes);
	if (status == STATUS_OK)
		status = netmon_processes_read(self, &n->tables, &n->header,
					       NULL, NULL);
	return status;
}

/* Reads the header; takes nothing over. */
static enum status open_header(struct slice first, struct netmon_header *out,
			       struct fault *fault)
{
	enum status status = netmon_header_decode(first, out);

	if (status == STATUS_SHORT)
		fault_say(fault, first.n,
			  "the file is cut off: %zu of %u bytes of the file "
			  "header",
			  first.n, NETMON_HEADER_SIZE);
	else if (status == STATUS_BAD)
		fault_say(fault, 4, "a version that is not known: %u.%u",
			  first.p[5], first.p[4]);
	else if (status != STATUS_OK)
		fault_say(fault, 0, "no Network Monitor file");
	return status;
}

static enum status start_reading(struct netmon *n, struct byte_source *bytes,
				 struct slice first, struct fault *fault)
{
	struct fault cut = {0};
	enum status status = bytes_spool(bytes, first, &bytes, &cut);

	if (status != STATUS_OK) {
		*fault = cut;
		return status;
	}
	if (cut.set)
		source_damage(&n->source, cut.offset, "%s", cut.text);
	n->size = bytes->size;
	n->behind = NETMON_HEADER_SIZE;
	status = open_windows(n, bytes);
	if (status == STATUS_OK)
		status = read_tables(n);
	if (status != STATUS_OK)
		fault_say(fault, UINT64_MAX, "%s",
			  status == STATUS_NOMEM ? "out of memory"
						 : "cannot be read");
	return status;
}

static enum status netmon_open(struct byte_source *bytes, struct slice first,
			       struct source **out, struct fault *fault)
{
	struct netmon_header header;
	struct netmon *n = NULL;
	enum status status = open_header(first, &header, fault);

	if (status == STATUS_OK) {
		n = calloc(1, sizeof(*n));
		if (!n) {
			fault_say(fault, UINT64_MAX, "out of memory");
			status = STATUS_NOMEM;
		}
	}
	if (!n) {
		bytes->close(bytes);
		return status;
	}
	n->header = header;
	n->source.next = netmon_next;
	n->source.close = netmon_close;
	status = start_reading(n, bytes, first, fault);
	if (status == STATUS_OK)
		*out = &n->source;
	else
		netmon_close(&n->source);
	return status;
}

static bool netmon1_claims(struct slice first)
{
	return slice_starts(first, SLICE("RTSS"));
}

static bool netmon2_claims(struct slice first)
{
	return slice_starts(first, SLICE("GMBU"));
}

const struct capture_format format_netmon1 = {
	.name = "netmon1",
	.claims = netmon1_claims,
	.open = netmon_open,
};

const struct capture_format format_netmon2 = {
	.name = "netmon2",
	.claims = netmon2_claims,
	.open = netmon_open,
};
