/*
 * snoop files (RFC 1761; capture-formats 2.4), big-endian throughout.
 *
 *   file    "snoop\0\0\0"  version  datalink                      16 bytes
 *   record  original  included  record length  drops  s  us       24 bytes
 *           the bytes of the frame, then padding
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "capture/formats.h"
#include "capture/reader.h"

#define FILE_HEADER 16u
#define RECORD_HEADER 24u
#define VERSION 2u
/* More padding than this means that the record length is wrong. */
#define PADDING_MAX 65536u

struct snoop {
	struct source source;
	struct block block;
	uint32_t link_type;
	uint32_t padding; /* of the last record, still to be passed over */
};

/* Numbers above 10 collide between vendors; those above 8 are not decoded. */
static const struct datalink {
	uint32_t snoop;
	uint32_t link_type;
} datalinks[] = {
	{0, LINKTYPE_ETHERNET}, /* IEEE 802.3 */
	{2, LINKTYPE_TOKEN_RING},
	{4, LINKTYPE_ETHERNET},
	{8, LINKTYPE_FDDI},
};

static uint32_t link_type_of(uint32_t datalink)
{
	for (size_t i = 0; i < sizeof(datalinks) / sizeof(datalinks[0]); i++)
		if (datalinks[i].snoop == datalink)
			return datalinks[i].link_type;
	return LINKTYPE_UNKNOWN;
}

struct record {
	uint32_t wire;
	uint32_t included;
	uint32_t length;
	uint32_t drops; /* since the start of the capture */
	uint32_t seconds;
	uint32_t microseconds;
};

static struct record record_read(struct slice head)
{
	struct cursor c = cursor_over(head);

	return (struct record){
		.wire = cursor_u32(&c),
		.included = cursor_u32(&c),
		.length = cursor_u32(&c),
		.drops = cursor_u32(&c),
		.seconds = cursor_u32(&c),
		.microseconds = cursor_u32(&c),
	};
}

/* Says what is wrong with a record header; false when nothing is. */
static bool record_is_bad(struct snoop *snoop, const struct record *r)
{
	struct source *self = &snoop->source;
	uint64_t offset = block_offset(&snoop->block);
	uint64_t least = (uint64_t)RECORD_HEADER + r->included;

	if (r->included > FRAME_MAX)
		source_damage(self, offset,
			      "record of %" PRIu32 " bytes, more than %u",
			      r->included, FRAME_MAX);
	else if (r->length < least || r->length - least > PADDING_MAX)
		source_damage(self, offset,
			      "record length %" PRIu32 " does not fit %" PRIu32
			      " included bytes",
			      r->length, r->included);
	else
		return false;
	return true;
}

static void record_take(struct snoop *snoop, const struct record *r,
			struct slice s, struct frame *frame)
{
	struct source *self = &snoop->source;
	uint64_t offset = block_offset(&snoop->block);

	*frame = (struct frame){
		/* Microseconds above a second carry by themselves. */
		.time = (nanoseconds)r->seconds * NS_PER_S +
			(nanoseconds)r->microseconds * NS_PER_US,
		.has_time = true,
		.link_type = snoop->link_type,
		.wire_length = r->wire,
		.offset = offset + RECORD_HEADER,
		.bytes = slice_from(s, RECORD_HEADER),
	};
	if (r->included > r->wire) {
		source_warn(self, offset,
			    "more bytes captured (%" PRIu32
			    ") than there were (%" PRIu32 ")",
			    r->included, r->wire);
		frame->wire_length = r->included;
	}
	if (r->drops > self->info.dropped)
		self->info.dropped = r->drops;
	snoop->padding = r->length - RECORD_HEADER - r->included;
	block_take(&snoop->block, s.n);
	source_count(self, frame);
}

static enum status snoop_next(struct source *self, struct frame *frame)
{
	struct snoop *snoop = (struct snoop *)self;
	struct block *block = &snoop->block;
	struct record r;
	struct slice s;
	size_t n;
	enum status status = block_skip(block, snoop->padding);

	/* A last record may do without its padding. */
	snoop->padding = 0;
	if (status == STATUS_OK || status == STATUS_SHORT)
		status = block_need(block, RECORD_HEADER, &s);
	if (status != STATUS_OK)
		return source_stop(self, block, status, "a record header",
				   RECORD_HEADER);
	r = record_read(s);
	if (record_is_bad(snoop, &r))
		return STATUS_BAD;
	n = RECORD_HEADER + r.included;
	status = block_need(block, n, &s);
	if (status != STATUS_OK)
		return source_stop(self, block, status, "a record", n);
	record_take(snoop, &r, s, frame);
	return STATUS_OK;
}

static void snoop_close(struct source *self)
{
	struct snoop *snoop = (struct snoop *)self;

	block_close(&snoop->block);
	free(snoop);
}

/* Reads the file header. */
static enum status start_reading(struct snoop *snoop, struct fault *fault)
{
	struct slice s;
	struct cursor c;
	uint32_t version;
	enum status status = block_need(&snoop->block, FILE_HEADER, &s);

	if (status != STATUS_OK)
		return open_stop(&snoop->block, status, "the file header",
				 FILE_HEADER, fault);
	c = cursor_over(slice_from(s, 8));
	version = cursor_u32(&c);
	if (version != VERSION) {
		fault_say(fault, 8, "snoop version %" PRIu32 ", not %u",
			  version, VERSION);
		return STATUS_BAD;
	}
	snoop->link_type = link_type_of(cursor_u32(&c));
	source_link_type(&snoop->source, snoop->link_type);
	block_take(&snoop->block, FILE_HEADER);
	return STATUS_OK;
}

static enum status snoop_open(struct byte_source *bytes, struct slice first,
			      struct source **out, struct fault *fault)
{
	struct snoop *snoop = calloc(1, sizeof(*snoop));
	enum status status;

	if (!snoop || block_open(&snoop->block, bytes, first) != STATUS_OK) {
		fault_say(fault, UINT64_MAX, "out of memory");
		free(snoop);
		bytes->close(bytes);
		return STATUS_NOMEM;
	}
	snoop->source.next = snoop_next;
	snoop->source.close = snoop_close;
	status = start_reading(snoop, fault);
	if (status == STATUS_OK)
		*out = &snoop->source;
	else
		snoop_close(&snoop->source);
	return status;
}

static bool snoop_claims(struct slice first)
{
	return slice_starts(first, SLICE("snoop\0\0\0"));
}

const struct capture_format format_snoop = {
	.name = "snoop",
	.claims = snoop_claims,
	.open = snoop_open,
};
