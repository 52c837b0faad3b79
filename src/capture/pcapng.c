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

#include "capture/formats.h"
#include "capture/pcapng_blocks.h"

#define BLOCK_HEAD 8u
#define BLOCK_TAIL 4u
#define BLOCK_MIN (BLOCK_HEAD + BLOCK_TAIL)
#define SECTION_MIN 28u
/* Longer blocks are damage. */
#define BLOCK_MAX BLOCK_NEED_MAX

/* Behind damage a block of half this size is still recognised. */
#define RESYNC_WINDOW (2u << 20)

/* Decides the byte order of a section; false when `s` starts none. */
static bool section_order(struct slice s, bool *big)
{
	struct cursor be = cursor_over(slice_from(s, BLOCK_HEAD));
	struct cursor le = be;

	*big = cursor_u32(&be) == PCAPNG_BYTE_ORDER_MAGIC;
	return *big || cursor_u32le(&le) == PCAPNG_BYTE_ORDER_MAGIC;
}

static bool pcapng_claims(struct slice first)
{
	struct cursor c = cursor_over(first);
	bool big;

	/* The type reads the same in both orders. */
	if (cursor_u32(&c) != PCAPNG_SECTION_HEADER)
		return false;
	/* A file cut off before the magic is claimed too. */
	return first.n < BLOCK_MIN || section_order(first, &big);
}

static bool type_known(uint32_t type)
{
	return (type >= PCAPNG_INTERFACE_DESCRIPTION &&
		type <= PCAPNG_ENHANCED_PACKET) ||
	       type == PCAPNG_JOURNAL_EXPORT ||
	       type == PCAPNG_DECRYPTION_SECRETS || type == PCAPNG_CUSTOM ||
	       type == PCAPNG_CUSTOM_NO_COPY;
}

static struct pcapng_head head_read(const struct pcapng *ng, struct slice s)
{
	struct cursor c = cursor_over(s);
	struct pcapng_head head = {
		.type = cursor_u32_in(&c, ng->big),
		.big = ng->big,
	};

	if (head.type == PCAPNG_SECTION_HEADER)
		head.bad = !section_order(s, &head.big);
	head.length = cursor_u32_in(&c, head.big);
	return head;
}

/* Could a block start like this, when there is reason to doubt it? */
static bool head_plausible(const struct pcapng_head *head)
{
	return head->length >= BLOCK_MIN && head->length <= BLOCK_MAX &&
	       head->length % 4 == 0 && !head->bad &&
	       (type_known(head->type) || head->type == PCAPNG_SECTION_HEADER);
}

/* Does the length at the end of a whole block agree? */
static bool tail_agrees(struct slice s, const struct pcapng_head *head)
{
	struct cursor c = cursor_over(slice_from(s, s.n - BLOCK_TAIL));

	return cursor_u32_in(&c, head->big) == head->length;
}

/* Does a whole block that looks right stand at the front of `s`? */
static bool block_follows(const struct pcapng *ng, struct slice s)
{
	struct pcapng_head head = head_read(ng, s);

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

		at_end = block_need(&ng->block, RESYNC_WINDOW, &s) != STATUS_OK;
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
	source_damage(&ng->source, why->offset, "%s; %" PRIu64 " bytes skipped",
		      why->text, block_offset(&ng->block) - why->offset);
	return STATUS_OK;
}

/* After a block whose lengths disagree: does another block follow? */
static bool another_follows(struct pcapng *ng, size_t whole)
{
	struct pcapng_head next;
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
 * neither length can be right; STATUS_SHORT: it is cut off; STATUS_END: it is
 * still being written.
 */
static enum status block_load(struct pcapng *ng, const struct pcapng_head *head,
			      struct slice *s)
{
	size_t whole = head->length + (-(size_t)head->length & 3);
	uint64_t offset = block_offset(&ng->block);
	enum status status = block_need(&ng->block, whole, s);

	if (block_waits(&ng->block, status))
		return STATUS_END;
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
static enum status block_look(struct pcapng *ng, struct pcapng_head *head,
			      struct fault *why)
{
	uint64_t offset = block_offset(&ng->block);
	enum status status;
	struct slice s;

	status = block_need(&ng->block, BLOCK_MIN, &s);
	if (block_waits(&ng->block, status))
		return STATUS_SHORT;
	if (status != STATUS_OK)
		return source_stop(&ng->source, &ng->block, status, "a block",
				   BLOCK_MIN);
	*head = head_read(ng, s);
	if (head->bad)
		fault_say(why, offset, "section without byte-order magic");
	else if (head->length < BLOCK_MIN)
		fault_say(why, offset,
			  "block of %" PRIu32 " bytes, less than "
			  "%u",
			  head->length, BLOCK_MIN);
	else if (head->length > BLOCK_MAX)
		fault_say(why, offset,
			  "block of %" PRIu32 " bytes, more than "
			  "%u",
			  head->length, BLOCK_MAX);
	return STATUS_OK;
}

/* One block: STATUS_OK gave a frame, STATUS_NOT_MINE asks for the next,
 * STATUS_SHORT waits for it to be written. */
static enum status block_next(struct pcapng *ng, struct frame *frame)
{
	uint64_t offset = block_offset(&ng->block);
	struct fault why; /* large: not cleared for each block */
	struct pcapng_head head = {0};
	struct slice s;
	enum status status;

	why.set = false;
	status = block_look(ng, &head, &why);
	if (status != STATUS_OK)
		return status;
	if (!why.set) {
		status = block_load(ng, &head, &s);
		if (status == STATUS_END)
			return STATUS_SHORT;
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
	status = pcapng_block_read(
		ng, &head, slice_cut(s, BLOCK_HEAD, s.n - BLOCK_MIN), frame);
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
	if (status != STATUS_SHORT)
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
