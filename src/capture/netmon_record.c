/* Frame records of Network Monitor files (capture-formats 1.2, 1.3). */
#include "config.h"

#include "capture/netmon_record.h"

#include "capture/source.h"

/* What makes a walk believe in a record (1.2). */
#define CAPTURED_BEYOND_WIRE 64u
#define NEIGHBOUR (86400 * NS_PER_S)
/* Versions without absolute times: no capture lasted longer. */
#define LASTS_MAX (INT64_C(10) * 365 * 86400 * 10000000)
/* So many records are tried to choose between two beginnings. */
#define TRIALS 8u

static enum status need(struct block *in, size_t n, struct slice *out)
{
	enum status status = block_need(in, n, out);

	if (status == STATUS_OK || netmon_is_grave(status))
		return status;
	return STATUS_SHORT;
}

enum status netmon_record_read(struct block *in,
			       const struct netmon_header *header, uint64_t at,
			       struct netmon_found *found)
{
	size_t head = header->record_head, all;
	struct slice s;
	enum status status = block_seek(in, at);

	if (status == STATUS_OK)
		status = need(in, head, &s);
	if (status == STATUS_OK)
		status = netmon_record_decode(header, s, &found->record);
	if (status != STATUS_OK)
		return status;
	if (found->record.captured > FRAME_MAX)
		return STATUS_BAD;
	all = head + found->record.captured + header->record_tail;
	status = need(in, all, &s);
	if (status != STATUS_OK)
		return status;
	found->at = at;
	found->end = at + all;
	found->bytes = slice_cut(s, head, found->record.captured);
	found->trailer = netmon_trailer_decode(
		header, slice_from(s, head + found->record.captured));
	return STATUS_OK;
}

/* Does it look like a record, after one at `walk->last`? */
static bool plausible(const struct netmon_walk *walk,
		      const struct netmon_header *header,
		      const struct netmon_found *found, nanoseconds *time)
{
	const struct netmon_record *r = &found->record;
	struct netmon_media media = netmon_media_of(found->trailer.media);
	uint64_t beyond = (uint64_t)r->wire_length + CAPTURED_BEYOND_WIRE;

	*time = 0;
	if (r->captured > beyond || (!r->captured && !r->wire_length))
		return false;
	if (r->ticks > LASTS_MAX || r->ticks < -LASTS_MAX)
		return false;
	if (header->record_tail && media.kind == NETMON_MEDIA_STRANGE)
		return false;
	if (header->record_tail < NETMON_RECORD_TAIL_MAX)
		return true;
	return netmon_filetime(found->trailer.filetime, time) &&
	       (!walk->begun || (*time - walk->last <= NEIGHBOUR &&
				 walk->last - *time <= NEIGHBOUR));
}

enum status netmon_walk_next(struct netmon_walk *walk, struct block *in,
			     const struct netmon_header *header,
			     struct netmon_found *found)
{
	nanoseconds time;
	enum status status;

	if (walk->at >= walk->limit)
		return STATUS_END;
	status = netmon_record_read(in, header, walk->at, found);
	if (status != STATUS_OK)
		return status;
	if (found->end > walk->limit || !plausible(walk, header, found, &time))
		return STATUS_BAD;
	walk->at = found->end;
	walk->last = time;
	walk->begun = true;
	return STATUS_OK;
}

/* How many records follow each other from here? */
static enum status try_walk(struct netmon_walk walk, struct block *in,
			    const struct netmon_header *header,
			    unsigned *count)
{
	struct netmon_found found;
	enum status status = STATUS_OK;

	*count = 0;
	while (*count < TRIALS && status == STATUS_OK) {
		status = netmon_walk_next(&walk, in, header, &found);
		*count += status == STATUS_OK;
	}
	return netmon_is_grave(status) ? status : STATUS_OK;
}

enum status netmon_walk_begin(struct block *in,
			      const struct netmon_header *header,
			      uint64_t limit, struct netmon_walk *out)
{
	struct netmon_walk usual = {.at = NETMON_USUAL_START, .limit = limit};
	struct netmon_walk early = {.at = NETMON_HEADER_SIZE, .limit = limit};
	unsigned from_usual, from_early;
	enum status status = try_walk(usual, in, header, &from_usual);

	if (status == STATUS_OK)
		status = try_walk(early, in, header, &from_early);
	if (status != STATUS_OK)
		return status;
	*out = from_usual >= from_early ? usual : early;
	return from_usual || from_early ? STATUS_OK : STATUS_END;
}
