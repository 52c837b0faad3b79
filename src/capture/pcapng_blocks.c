/*
 * What is in the blocks of pcapng files (spec "capture-formats" 2.2).
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "capture/erf.h"
#include "capture/pcapng_blocks.h"

#define TSRESOL_DEFAULT 6u /* 10^-6 s */
#define DROPS_UNKNOWN 0xFFFFu

/* One option off the list; false at its end or when it overruns. */
static bool option_next(struct pcapng *ng, struct cursor *list, uint16_t *code,
			struct slice *value)
{
	uint16_t length;

	if (list->left < 4)
		return false;
	*code = cursor_u16_in(list, ng->big);
	length = cursor_u16_in(list, ng->big);
	if (*code == PCAPNG_OPTION_END)
		return false;
	*value = cursor_take(list, length);
	if (list->bad) {
		source_warn(&ng->source, block_offset(&ng->block),
			    "option %u of %u bytes overruns its block", *code,
			    length);
		return false;
	}
	/* The last one may come without its padding. */
	if (list->left)
		cursor_skip(list, -(size_t)length & 3);
	return true;
}

static void comment_tell(struct pcapng *ng, uint64_t frame, struct slice text)
{
	struct source *source = &ng->source;
	size_t nul;

	if (slice_find(text, 0, &nul))
		text = slice_first(text, nul);
	if (source->on_comment)
		source->on_comment(source->context, frame, text);
}

/* The drops are told twice by some writers, so they are not added up. */
static void drops_tell(struct pcapng *ng)
{
	ng->source.info.dropped = ng->dropped_between > ng->dropped_by_interface
					  ? ng->dropped_between
					  : ng->dropped_by_interface;
}

/* Options of a packet block: its direction and its comments. */
static void packet_options(struct pcapng *ng, struct cursor list,
			   struct frame *frame)
{
	static const enum frame_direction directions[] = {
		FRAME_DIRECTION_UNKNOWN, FRAME_RECEIVED, FRAME_SENT,
		FRAME_DIRECTION_UNKNOWN};
	uint16_t code;
	struct slice value;

	while (option_next(ng, &list, &code, &value)) {
		struct cursor c = cursor_over(value);

		if (code == PCAPNG_OPTION_COMMENT) {
			comment_tell(ng, ng->source.info.frames + 1, value);
			frame->left_out |= slice_is(value, FRAME_LEFT_OUT);
		} else if (code == PCAPNG_OPTION_FLAGS) {
			uint32_t flags = cursor_u32_in(&c, ng->big);

			frame->direction = directions[flags & 3];
		} else if (code == PCAPNG_OPTION_DROPCOUNT) {
			ng->dropped_between += cursor_u64_in(&c, ng->big);
			drops_tell(ng);
		}
	}
}

/*
 * For packets of an interface that nobody described: its link type is that of
 * the others when they agree.
 */
static struct pcapng_interface stand_in(struct pcapng *ng, uint32_t number)
{
	struct pcapng_interface in = {
		.link_type = LINKTYPE_UNKNOWN,
		.ticks = ticks_new(TSRESOL_DEFAULT, 0),
	};

	source_warn(&ng->source, block_offset(&ng->block),
		    "packet of interface %" PRIu32 ", which was not described",
		    number);
	if (ng->count)
		in.link_type = ng->interfaces[0].link_type;
	for (uint32_t i = 1; i < ng->count; i++)
		if (ng->interfaces[i].link_type != in.link_type)
			in.link_type = LINKTYPE_UNKNOWN;
	return in;
}

/* Hands out a packet whose parts were read. */
static void packet_take(struct pcapng *ng, struct slice data,
			struct frame *frame)
{
	uint64_t offset = block_offset(&ng->block);

	if (data.n > FRAME_MAX) {
		source_warn(&ng->source, offset,
			    "frame of %zu bytes, cut to %u", data.n, FRAME_MAX);
		data = slice_first(data, FRAME_MAX);
	}
	if (data.n > frame->wire_length) {
		source_warn(&ng->source, offset,
			    "more bytes captured (%zu) than there were "
			    "(%" PRIu32 ")",
			    data.n, frame->wire_length);
		frame->wire_length = (uint32_t)data.n;
	}
	frame->offset = offset + (uint64_t)(data.p - ng->block.p);
	frame->bytes = data;
	frame->window = block_window(&ng->block);
	if (frame->link_type == LINKTYPE_ERF)
		erf_unwrap(frame);
	source_count(&ng->source, frame);
}

/* The captured bytes; as many as there are when their length overruns. */
static struct slice packet_data(struct pcapng *ng, struct cursor *c,
				uint32_t captured)
{
	struct slice data;

	if (captured > c->left) {
		source_warn(&ng->source, block_offset(&ng->block),
			    "%" PRIu32 " bytes captured in a block with room "
			    "for %zu",
			    captured, c->left);
		captured = (uint32_t)c->left;
	}
	data = cursor_take(c, captured);
	if (c->left)
		cursor_skip(c, -(size_t)captured & 3);
	return data;
}

/* Enhanced packets and their obsolete elder: STATUS_NOT_MINE if too short. */
static enum status packet_read(struct pcapng *ng, uint32_t type,
			       struct cursor c, struct frame *frame)
{
	struct pcapng_interface other;
	const struct pcapng_interface *in;
	uint32_t number, high, low, captured, wire;
	struct slice data;

	if (type == PCAPNG_PACKET) {
		uint16_t drops;

		number = cursor_u16_in(&c, ng->big);
		drops = cursor_u16_in(&c, ng->big);
		if (drops != DROPS_UNKNOWN)
			ng->dropped_between += drops;
		drops_tell(ng);
	} else {
		number = cursor_u32_in(&c, ng->big);
	}
	high = cursor_u32_in(&c, ng->big);
	low = cursor_u32_in(&c, ng->big);
	captured = cursor_u32_in(&c, ng->big);
	wire = cursor_u32_in(&c, ng->big);
	if (c.bad)
		return STATUS_NOT_MINE;
	if (number < ng->count) {
		in = &ng->interfaces[number];
	} else {
		other = stand_in(ng, number);
		in = &other;
	}
	data = packet_data(ng, &c, captured);
	*frame = (struct frame){
		.time = ticks_time(&in->ticks, (uint64_t)high << 32 | low),
		.has_time = true,
		.link_type = in->link_type,
		.interface = ng->before + number,
		.wire_length = wire,
	};
	if (c.left >= 4)
		packet_options(ng, c, frame);
	packet_take(ng, data, frame);
	return STATUS_OK;
}

/* A packet of interface 0, without time. */
static enum status simple_packet_read(struct pcapng *ng, struct cursor c,
				      struct frame *frame)
{
	uint32_t wire = cursor_u32_in(&c, ng->big);
	struct pcapng_interface in;
	size_t captured = wire;

	if (c.bad)
		return STATUS_NOT_MINE;
	in = ng->count ? ng->interfaces[0] : stand_in(ng, 0);
	if (in.snaplen && captured > in.snaplen)
		captured = in.snaplen;
	*frame = (struct frame){
		.link_type = in.link_type,
		.interface = ng->before,
		.wire_length = wire,
	};
	packet_take(ng, slice_first(cursor_rest(&c), captured), frame);
	return STATUS_OK;
}

/*
 * Custom blocks and journal entries hold no packets, but they are frames all
 * the same: others number them too, and numbers are what people look up.
 */
static enum status metadata_take(struct pcapng *ng, struct slice data,
				 struct frame *frame)
{
	frame->link_type = LINKTYPE_METADATA;
	frame->interface = ng->before;
	frame->wire_length = (uint32_t)data.n;
	ng->source.info.metadata++;
	packet_take(ng, data, frame);
	return STATUS_OK;
}

static enum status custom_read(struct pcapng *ng, struct cursor c,
			       struct frame *frame)
{
	cursor_skip(&c, 4); /* whose it is */
	if (c.bad)
		return STATUS_NOT_MINE;
	*frame = (struct frame){0};
	return metadata_take(ng, cursor_rest(&c), frame);
}

/* A journal entry has its time as text, in microseconds. */
static enum status journal_read(struct pcapng *ng, struct cursor c,
				struct frame *frame)
{
	struct slice entry = cursor_rest(&c);
	struct slice key = SLICE("__REALTIME_TIMESTAMP=");
	uint64_t time = 0;
	struct slice rest;
	size_t at;

	*frame = (struct frame){0};
	if (slice_search(entry, key, &at)) {
		rest = slice_from(entry, at + key.n);
		frame->has_time =
			slice_number(slice_split(&rest, '\n'),
				     INT64_MAX / NS_PER_US, &time) == STATUS_OK;
		frame->time = (nanoseconds)time * NS_PER_US;
	}
	return metadata_take(ng, entry, frame);
}

/* Makes room for one interface more. */
static enum status interface_room(struct pcapng *ng)
{
	uint32_t room = ng->room ? ng->room * 2 : 4;
	struct pcapng_interface *grown;

	if (ng->count < ng->room)
		return STATUS_OK;
	if (ng->count >= PCAPNG_INTERFACES_MAX)
		return STATUS_LIMIT;
	grown = realloc(ng->interfaces, room * sizeof(*grown));
	if (!grown)
		return STATUS_NOMEM;
	ng->interfaces = grown;
	ng->room = room;
	return STATUS_OK;
}

static enum status interface_read(struct pcapng *ng, struct cursor c)
{
	struct pcapng_interface in = {.link_type = cursor_u16_in(&c, ng->big)};
	uint8_t resolution = TSRESOL_DEFAULT;
	uint64_t offset = 0;
	uint16_t code;
	struct slice value;
	enum status status;

	cursor_skip(&c, 2);
	in.snaplen = cursor_u32_in(&c, ng->big);
	if (c.bad)
		return STATUS_NOT_MINE;
	while (option_next(ng, &c, &code, &value)) {
		struct cursor v = cursor_over(value);

		if (code == PCAPNG_OPTION_COMMENT)
			comment_tell(ng, 0, value);
		else if (code == PCAPNG_OPTION_TSRESOL && value.n)
			resolution = cursor_u8(&v);
		else if (code == PCAPNG_OPTION_TSOFFSET && value.n >= 8)
			offset = cursor_u64_in(&v, ng->big);
	}
	in.ticks = ticks_new(resolution, (int64_t)offset);
	status = interface_room(ng);
	if (status == STATUS_LIMIT) {
		source_warn(&ng->source, block_offset(&ng->block),
			    "more than %u interfaces", PCAPNG_INTERFACES_MAX);
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return status;
	ng->interfaces[ng->count++] = in;
	ng->source.info.interfaces++;
	source_link_type(&ng->source, in.link_type);
	return STATUS_OK;
}

/* Statistics say how much an interface lost since the capture began. */
static enum status statistics_read(struct pcapng *ng, struct cursor c)
{
	uint32_t number = cursor_u32_in(&c, ng->big);
	uint64_t dropped = 0;
	uint16_t code;
	struct slice value;

	cursor_skip(&c, 8);
	if (c.bad)
		return STATUS_NOT_MINE;
	while (option_next(ng, &c, &code, &value)) {
		struct cursor v = cursor_over(value);

		if (code == PCAPNG_OPTION_IFDROP ||
		    code == PCAPNG_OPTION_OSDROP)
			dropped += cursor_u64_in(&v, ng->big);
	}
	if (number < ng->count && dropped > ng->interfaces[number].dropped) {
		ng->dropped_by_interface +=
			dropped - ng->interfaces[number].dropped;
		ng->interfaces[number].dropped = dropped;
		drops_tell(ng);
	}
	return STATUS_OK;
}

static enum status secrets_read(struct pcapng *ng, struct cursor c)
{
	struct source *source = &ng->source;
	uint32_t kind = cursor_u32_in(&c, ng->big);
	uint32_t length = cursor_u32_in(&c, ng->big);

	if (c.bad)
		return STATUS_NOT_MINE;
	if (length > c.left) {
		source_warn(source, block_offset(&ng->block),
			    "secrets of %" PRIu32 " bytes in a block with "
			    "room for %zu",
			    length, c.left);
		length = (uint32_t)c.left;
	}
	if (source->on_secrets)
		source->on_secrets(source->context, kind,
				   cursor_take(&c, length));
	return STATUS_OK;
}

/* A new section: its byte order holds from here, interfaces count anew. */
static enum status section_read(struct pcapng *ng, bool big, struct cursor c)
{
	uint16_t major, minor, code;
	struct slice value;

	ng->big = big;
	ng->before += ng->count;
	ng->count = 0;
	cursor_skip(&c, 4); /* the magic */
	major = cursor_u16_in(&c, big);
	minor = cursor_u16_in(&c, big);
	cursor_skip(&c, 8);
	if (c.bad)
		return STATUS_NOT_MINE;
	/* Some writers call 1.0 1.2. */
	if (major != 1 || (minor != 0 && minor != 2))
		source_warn(&ng->source, block_offset(&ng->block),
			    "section of version %u.%u, read as 1.0", major,
			    minor);
	while (option_next(ng, &c, &code, &value))
		if (code == PCAPNG_OPTION_COMMENT)
			comment_tell(ng, 0, value);
	return STATUS_OK;
}

enum status pcapng_block_read(struct pcapng *ng, const struct pcapng_head *head,
			      struct slice body, struct frame *frame)
{
	struct cursor c = cursor_over(body);
	enum status status = STATUS_OK;

	if (head->type == PCAPNG_ENHANCED_PACKET || head->type == PCAPNG_PACKET)
		return packet_read(ng, head->type, c, frame);
	if (head->type == PCAPNG_SIMPLE_PACKET)
		return simple_packet_read(ng, c, frame);
	if (head->type == PCAPNG_CUSTOM || head->type == PCAPNG_CUSTOM_NO_COPY)
		return custom_read(ng, c, frame);
	if (head->type == PCAPNG_JOURNAL_EXPORT)
		return journal_read(ng, c, frame);
	if (head->type == PCAPNG_INTERFACE_DESCRIPTION)
		status = interface_read(ng, c);
	else if (head->type == PCAPNG_INTERFACE_STATISTICS)
		status = statistics_read(ng, c);
	else if (head->type == PCAPNG_DECRYPTION_SECRETS)
		status = secrets_read(ng, c);
	else if (head->type == PCAPNG_SECTION_HEADER)
		status = section_read(ng, head->big, c);
	return status == STATUS_OK ? STATUS_END : status;
}
