/*
 * pcapng files: sections of either byte order, interfaces with their own link
 * types and clocks, all packet blocks, secrets and comments (spec
 * "capture-formats" 2.2).
 *
 *   block   type  length  body ...  length again        multiples of 4
 *
 * What libpcap refuses but can be understood is read (2.3).
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "capture/erf.h"
#include "capture/formats.h"
#include "capture/reader.h"
#include "capture/ticks.h"

#define BLOCK_HEAD 8u
#define BLOCK_TAIL 4u
#define BLOCK_MIN (BLOCK_HEAD + BLOCK_TAIL)
#define SECTION_MIN 28u
/* Longer blocks are damage. */
#define BLOCK_MAX BLOCK_NEED_MAX

#define BYTE_ORDER_MAGIC 0x1A2B3C4Du

/* A section may not describe more interfaces than this. */
#define INTERFACES_MAX 65536u

/* Behind damage a block of half this size is still recognised. */
#define RESYNC_WINDOW (2u << 20)

enum block_type {
	SECTION_HEADER = 0x0A0D0D0A,
	INTERFACE_DESCRIPTION = 1,
	PACKET = 2, /* obsolete */
	SIMPLE_PACKET = 3,
	NAME_RESOLUTION = 4,
	INTERFACE_STATISTICS = 5,
	ENHANCED_PACKET = 6,
	JOURNAL_EXPORT = 9,
	DECRYPTION_SECRETS = 10,
	CUSTOM = 0x0BAD,
	CUSTOM_NO_COPY = 0x40000BAD,
};

enum option_code {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_FLAGS = 2,	/* packets */
	OPTION_DROPCOUNT = 4,	/* enhanced packets */
	OPTION_IFDROP = 5,	/* interface statistics */
	OPTION_OSDROP = 7,
	OPTION_TSRESOL = 9,	/* interface descriptions */
	OPTION_TSOFFSET = 14,
};

#define TSRESOL_DEFAULT 6u /* 10^-6 s */
#define DROPS_UNKNOWN 0xFFFFu

struct interface {
	uint32_t link_type;
	uint32_t snaplen; /* 0: none */
	struct ticks ticks;
	uint64_t dropped; /* as its last statistics say */
};

struct pcapng {
	struct source source;
	struct block block;
	enum status ended; /* STATUS_OK while frames may come */
	bool big; /* byte order of this section */
	struct interface *interfaces; /* of this section */
	uint32_t count;
	uint32_t room;
	uint32_t before; /* interfaces of earlier sections */
	uint64_t dropped_between; /* by the count of the packets */
	uint64_t dropped_by_interface; /* by the count of the statistics */
};

struct head {
	uint32_t type;
	uint32_t length; /* as it stands there */
	bool big;	 /* the section's order; a section header's own */
	bool bad;	 /* a section header without byte-order magic */
};

/* Decides the byte order of a section; false when `s` starts none. */
static bool section_order(struct slice s, bool *big)
{
	struct cursor be = cursor_over(slice_from(s, BLOCK_HEAD));
	struct cursor le = be;

	*big = cursor_u32(&be) == BYTE_ORDER_MAGIC;
	return *big || cursor_u32le(&le) == BYTE_ORDER_MAGIC;
}

static bool pcapng_claims(struct slice first)
{
	struct cursor c = cursor_over(first);
	bool big;

	/* The type reads the same in both orders. */
	if (cursor_u32(&c) != SECTION_HEADER)
		return false;
	/* A file cut off before the magic is claimed too. */
	return first.n < BLOCK_MIN || section_order(first, &big);
}

static bool type_known(uint32_t type)
{
	return (type >= INTERFACE_DESCRIPTION && type <= ENHANCED_PACKET) ||
	       type == JOURNAL_EXPORT || type == DECRYPTION_SECRETS ||
	       type == CUSTOM || type == CUSTOM_NO_COPY;
}

static struct head head_read(const struct pcapng *ng, struct slice s)
{
	struct cursor c = cursor_over(s);
	struct head head = {
		.type = cursor_u32_in(&c, ng->big),
		.big = ng->big,
	};

	if (head.type == SECTION_HEADER)
		head.bad = !section_order(s, &head.big);
	head.length = cursor_u32_in(&c, head.big);
	return head;
}

/* Could a block start like this, when there is reason to doubt it? */
static bool head_plausible(const struct head *head)
{
	return head->length >= BLOCK_MIN && head->length <= BLOCK_MAX &&
	       head->length % 4 == 0 && !head->bad &&
	       (type_known(head->type) || head->type == SECTION_HEADER);
}

/* Does the length at the end of a whole block agree? */
static bool tail_agrees(struct slice s, const struct head *head)
{
	struct cursor c = cursor_over(slice_from(s, s.n - BLOCK_TAIL));

	return cursor_u32_in(&c, head->big) == head->length;
}

/* Does a whole block that looks right stand at the front of `s`? */
static bool block_follows(const struct pcapng *ng, struct slice s)
{
	struct head head = head_read(ng, s);

	return s.n >= BLOCK_MIN && head_plausible(&head) &&
	       head.length <= s.n &&
	       tail_agrees(slice_first(s, head.length), &head);
}

/* Goes to the next block that looks right; false when there is none. */
static bool resync(struct pcapng *ng)
{
	bool at_end = false;

	while (!at_end) {
		struct slice s;
		size_t stop;

		at_end = block_need(&ng->block, RESYNC_WINDOW, &s) !=
			 STATUS_OK;
		stop = at_end ? s.n : s.n / 2;
		for (size_t at = 0; at < stop; at++) {
			if (!block_follows(ng, slice_from(s, at)))
				continue;
			block_take(&ng->block, at);
			return true;
		}
		block_take(&ng->block, stop);
	}
	return false;
}

/* A block that cannot be, and why: goes behind it if possible. */
static enum status skip_damage(struct pcapng *ng, const struct fault *why)
{
	block_take(&ng->block, 1);
	if (!resync(ng)) {
		source_damage(&ng->source, why->offset,
			      "%s; no block was found behind it", why->text);
		return STATUS_BAD;
	}
	source_damage(&ng->source, why->offset,
		      "%s; %" PRIu64 " bytes skipped", why->text,
		      block_offset(&ng->block) - why->offset);
	return STATUS_OK;
}

/* One option off the list; false at its end or when it overruns. */
static bool option_next(struct pcapng *ng, struct cursor *list,
			uint16_t *code, struct slice *value)
{
	uint16_t length;

	if (list->left < 4)
		return false;
	*code = cursor_u16_in(list, ng->big);
	length = cursor_u16_in(list, ng->big);
	if (*code == OPTION_END)
		return false;
	*value = cursor_take(list, length);
	if (list->bad) {
		source_warn(&ng->source, block_offset(&ng->block),
			    "option %u of %u bytes overruns its block",
			    *code, length);
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
	ng->source.info.dropped =
		ng->dropped_between > ng->dropped_by_interface
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

		if (code == OPTION_COMMENT) {
			comment_tell(ng, ng->source.info.frames + 1, value);
		} else if (code == OPTION_FLAGS) {
			uint32_t flags = cursor_u32_in(&c, ng->big);

			frame->direction = directions[flags & 3];
		} else if (code == OPTION_DROPCOUNT) {
			ng->dropped_between += cursor_u64_in(&c, ng->big);
			drops_tell(ng);
		}
	}
}

/*
 * For packets of an interface that nobody described: its link type is that of
 * the others when they agree.
 */
static struct interface stand_in(struct pcapng *ng, uint32_t number)
{
	struct interface in = {
		.link_type = LINKTYPE_UNKNOWN,
		.ticks = ticks_new(TSRESOL_DEFAULT, 0),
	};

	source_warn(&ng->source, block_offset(&ng->block),
		    "packet of interface %" PRIu32
		    ", which was not described",
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
			    "frame of %zu bytes, cut to %u", data.n,
			    FRAME_MAX);
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
	struct interface other;
	const struct interface *in;
	uint32_t number, high, low, captured, wire;
	struct slice data;

	if (type == PACKET) {
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
	struct interface in;
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
		frame->has_time = slice_number(slice_split(&rest, '\n'),
					       INT64_MAX / NS_PER_US,
					       &time) == STATUS_OK;
		frame->time = (nanoseconds)time * NS_PER_US;
	}
	return metadata_take(ng, entry, frame);
}

/* Makes room for one interface more. */
static enum status interface_room(struct pcapng *ng)
{
	uint32_t room = ng->room ? ng->room * 2 : 4;
	struct interface *grown;

	if (ng->count < ng->room)
		return STATUS_OK;
	if (ng->count >= INTERFACES_MAX)
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
	struct interface in = {.link_type = cursor_u16_in(&c, ng->big)};
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

		if (code == OPTION_COMMENT)
			comment_tell(ng, 0, value);
		else if (code == OPTION_TSRESOL && value.n)
			resolution = cursor_u8(&v);
		else if (code == OPTION_TSOFFSET && value.n >= 8)
			offset = cursor_u64_in(&v, ng->big);
	}
	in.ticks = ticks_new(resolution, (int64_t)offset);
	status = interface_room(ng);
	if (status == STATUS_LIMIT) {
		source_warn(&ng->source, block_offset(&ng->block),
			    "more than %u interfaces", INTERFACES_MAX);
		return STATUS_OK;
	}
	if (status != STATUS_OK)
		return status;
	ng->interfaces[ng->count++] = in;
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

		if (code == OPTION_IFDROP || code == OPTION_OSDROP)
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
		if (code == OPTION_COMMENT)
			comment_tell(ng, 0, value);
	return STATUS_OK;
}

/*
 * Reads a whole block.  STATUS_OK: *frame is a packet; STATUS_END: it held
 * none; STATUS_NOT_MINE: it is too short for its type.
 */
static enum status block_read(struct pcapng *ng, const struct head *head,
			      struct slice s, struct frame *frame)
{
	struct cursor c = cursor_over(
		slice_cut(s, BLOCK_HEAD, s.n - BLOCK_MIN));
	enum status status = STATUS_OK;

	if (head->type == ENHANCED_PACKET || head->type == PACKET)
		return packet_read(ng, head->type, c, frame);
	if (head->type == SIMPLE_PACKET)
		return simple_packet_read(ng, c, frame);
	if (head->type == CUSTOM || head->type == CUSTOM_NO_COPY)
		return custom_read(ng, c, frame);
	if (head->type == JOURNAL_EXPORT)
		return journal_read(ng, c, frame);
	if (head->type == INTERFACE_DESCRIPTION)
		status = interface_read(ng, c);
	else if (head->type == INTERFACE_STATISTICS)
		status = statistics_read(ng, c);
	else if (head->type == DECRYPTION_SECRETS)
		status = secrets_read(ng, c);
	else if (head->type == SECTION_HEADER)
		status = section_read(ng, head->big, c);
	return status == STATUS_OK ? STATUS_END : status;
}

/* After a block whose lengths disagree: does another block follow? */
static bool another_follows(struct pcapng *ng, size_t whole)
{
	struct head next;
	struct slice s;
	enum status status = block_need(&ng->block, whole + BLOCK_MIN, &s);

	if (status != STATUS_OK)
		return status == STATUS_SHORT && s.n == whole;
	next = head_read(ng, slice_from(s, whole));
	return head_plausible(&next);
}

/*
 * Gets the whole block to the window.  Some writers leave out the padding, or
 * do not count it; some write a wrong length at the end.  STATUS_NOT_MINE:
 * neither length can be right; STATUS_SHORT: it is cut off.
 */
static enum status block_load(struct pcapng *ng, const struct head *head,
			      struct slice *s)
{
	size_t whole = head->length + (-(size_t)head->length & 3);
	uint64_t offset = block_offset(&ng->block);
	enum status status = block_need(&ng->block, whole, s);

	if (status == STATUS_SHORT && s->n >= head->length)
		status = STATUS_OK;
	if (status != STATUS_OK)
		return status;
	if (s->n < whole || !tail_agrees(*s, head)) {
		*s = slice_first(*s, head->length);
		if (!tail_agrees(*s, head)) {
			if (!another_follows(ng, whole))
				return STATUS_NOT_MINE;
			source_warn(&ng->source, offset,
				    "block of %" PRIu32 " bytes has another "
				    "length at its end",
				    head->length);
			return block_need(&ng->block, whole, s);
		}
	}
	if (whole != head->length)
		source_warn(&ng->source, offset,
			    "block of %" PRIu32
			    " bytes, which is no multiple of 4",
			    head->length);
	return STATUS_OK;
}

/* The head of the block at the front; says what is wrong with it in *why. */
static enum status block_look(struct pcapng *ng, struct head *head,
			      struct fault *why)
{
	uint64_t offset = block_offset(&ng->block);
	enum status status;
	struct slice s;

	status = block_need(&ng->block, BLOCK_MIN, &s);
	if (status != STATUS_OK)
		return source_stop(&ng->source, &ng->block, status, "a block",
				   BLOCK_MIN);
	*head = head_read(ng, s);
	if (head->bad)
		fault_say(why, offset, "section without byte-order magic");
	else if (head->length < BLOCK_MIN)
		fault_say(why, offset, "block of %" PRIu32 " bytes, less than "
				       "%u",
			  head->length, BLOCK_MIN);
	else if (head->length > BLOCK_MAX)
		fault_say(why, offset, "block of %" PRIu32 " bytes, more than "
				       "%u",
			  head->length, BLOCK_MAX);
	return STATUS_OK;
}

/* One block: STATUS_OK gave a frame, STATUS_NOT_MINE asks for the next. */
static enum status block_next(struct pcapng *ng, struct frame *frame)
{
	uint64_t offset = block_offset(&ng->block);
	struct fault why; /* large: not cleared for each block */
	struct head head = {0};
	struct slice s;
	enum status status;

	why.set = false;
	status = block_look(ng, &head, &why);
	if (status != STATUS_OK)
		return status;
	if (!why.set) {
		status = block_load(ng, &head, &s);
		if (status == STATUS_NOT_MINE)
			fault_say(&why, offset,
				  "block of %" PRIu32 " bytes does not end "
				  "with that length",
				  head.length);
		else if (status == STATUS_SHORT)
			fault_say(&why, offset,
				  "the file is cut off: %zu of %" PRIu32
				  " bytes of a block",
				  s.n, head.length);
		else if (status != STATUS_OK)
			return source_stop(&ng->source, &ng->block, status,
					   "a block", head.length);
	}
	if (why.set) {
		/* The window has it all still; block_look saw 12 bytes. */
		status = skip_damage(ng, &why);
		return status == STATUS_OK ? STATUS_NOT_MINE : status;
	}
	status = block_read(ng, &head, s, frame);
	if (status == STATUS_NOT_MINE)
		source_damage(&ng->source, offset,
			      "block of %" PRIu32 " bytes is too short for its "
			      "type %" PRIu32,
			      head.length, head.type);
	block_take(&ng->block, s.n);
	return status == STATUS_END ? STATUS_NOT_MINE : status;
}

static enum status pcapng_next(struct source *self, struct frame *frame)
{
	struct pcapng *ng = (struct pcapng *)self;
	enum status status = ng->ended;

	if (status != STATUS_OK)
		return status;
	do {
		status = block_next(ng, frame);
	} while (status == STATUS_NOT_MINE);
	ng->ended = status;
	return status;
}

static void pcapng_close(struct source *self)
{
	struct pcapng *ng = (struct pcapng *)self;

	block_close(&ng->block);
	free(ng->interfaces);
	free(ng);
}

static enum status pcapng_open(struct byte_source *bytes, struct slice first,
			       struct source **out, struct fault *fault)
{
	struct pcapng *ng = calloc(1, sizeof(*ng));
	enum status status;
	struct slice s;

	if (!ng || block_open(&ng->block, bytes, first) != STATUS_OK) {
		fault_say(fault, UINT64_MAX, "out of memory");
		free(ng);
		bytes->close(bytes);
		return STATUS_NOMEM;
	}
	ng->source.next = pcapng_next;
	ng->source.close = pcapng_close;
	status = block_need(&ng->block, SECTION_MIN, &s);
	if (status != STATUS_OK) {
		status = open_stop(&ng->block, status, "the section header",
				   SECTION_MIN, fault);
		pcapng_close(&ng->source);
		return status;
	}
	*out = &ng->source;
	return STATUS_OK;
}

const struct capture_format format_pcapng = {
	.name = "pcapng",
	.claims = pcapng_claims,
	.open = pcapng_open,
};
