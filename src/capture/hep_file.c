/*
 * Packets of HEP3 one behind the other, as they came over TCP or as somebody
 * wrote them to a file (spec "capture-formats" 0, 6).  Each is a frame.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "capture/formats.h"
#include "capture/hep_export.h"
#include "capture/reader.h"

/* "HEP3" and the length of all. */
#define HEAD 6u

#define MAGIC SLICE("HEP3")

struct hep_file {
	struct source source;
	struct block block;
	struct text unpacked, bytes;
};

/* Goes to the next packet, if there is one. */
static enum status resync(struct hep_file *h, const char *why)
{
	uint64_t offset = block_offset(&h->block);
	struct slice s;
	enum status status;
	size_t at;

	block_take(&h->block, 1);
	do {
		status = block_need(&h->block, HEP_MAX, &s);
		if (slice_search(s, MAGIC, &at)) {
			block_take(&h->block, at);
			source_damage(&h->source, offset,
				      "%s; %" PRIu64 " bytes skipped", why,
				      block_offset(&h->block) - offset);
			return STATUS_OK;
		}
		/* The magic may lie across the end of the window. */
		if (status == STATUS_OK)
			block_take(&h->block, s.n - (MAGIC.n - 1));
	} while (status == STATUS_OK);
	source_damage(&h->source, offset, "%s; no packet was found behind it",
		      why);
	return STATUS_BAD;
}

/* The next packet as a whole, not consumed; what is none is passed over. */
static enum status packet_need(struct hep_file *h, struct slice *out)
{
	struct slice s;
	struct cursor c;
	size_t n;
	enum status status;

	for (;;) {
		const char *why = "a packet shorter than its head";

		status = block_need(&h->block, HEAD, &s);
		if (status != STATUS_OK)
			return source_stop(&h->source, &h->block, status,
					   "the head of a packet", HEAD);
		c = cursor_over(slice_from(s, MAGIC.n));
		n = cursor_u16(&c);
		if (slice_starts(s, MAGIC) && n >= HEAD) {
			status = block_need(&h->block, n, out);
			if (status == STATUS_OK)
				return status;
			return source_stop(&h->source, &h->block, status,
					   "a packet", n);
		}
		if (!slice_starts(s, MAGIC))
			why = "no packet of HEP3";
		status = resync(h, why);
		if (status != STATUS_OK)
			return status;
	}
}

/* Of a packet that holds no message nothing is decoded, but it has its
 * number. */
static void no_message(struct hep_file *h, struct slice packet,
		       struct frame *frame)
{
	frame->link_type = LINKTYPE_METADATA;
	frame->bytes = packet;
	frame->offset = block_offset(&h->block);
	h->source.info.metadata++;
}

static enum status hep_next(struct source *self, struct frame *frame)
{
	struct hep_file *h = (struct hep_file *)self;
	struct slice packet;
	struct hep hep;
	enum status status = packet_need(h, &packet);

	if (status != STATUS_OK)
		return status;
	*frame = (struct frame){.offset = FRAME_NOWHERE};
	status = hep_decode(packet, &hep);
	if (status == STATUS_OK)
		status = hep_export(&hep, &h->unpacked, &h->bytes, frame);
	if (status == STATUS_NOMEM)
		return source_stop(self, &h->block, status, "", 0);
	if (status == STATUS_OK) {
		source_link_type(self, frame->link_type);
	} else {
		if (status != STATUS_NOT_MINE)
			source_warn(self, block_offset(&h->block),
				    "a packet of %zu bytes lacks its ends or "
				    "its payload, or is broken",
				    packet.n);
		no_message(h, packet, frame);
	}
	frame->wire_length = (uint32_t)frame->bytes.n;
	block_take(&h->block, packet.n);
	source_count(self, frame);
	return STATUS_OK;
}

static void hep_close(struct source *self)
{
	struct hep_file *h = (struct hep_file *)self;

	block_close(&h->block);
	text_free(&h->unpacked);
	text_free(&h->bytes);
	free(h);
}

static enum status hep_open(struct byte_source *bytes, struct slice first,
			    struct source **out, struct fault *fault)
{
	struct hep_file *h = calloc(1, sizeof(*h));

	if (!h || block_open(&h->block, bytes, first) != STATUS_OK) {
		fault_say(fault, UINT64_MAX, "out of memory");
		free(h);
		bytes->close(bytes);
		return STATUS_NOMEM;
	}
	h->unpacked = text_new(2 * (size_t)HEP_MAX);
	h->bytes = text_new(2 * (size_t)HEP_MAX);
	h->source.next = hep_next;
	h->source.close = hep_close;
	*out = &h->source;
	return STATUS_OK;
}

static bool hep_claims(struct slice first)
{
	return slice_starts(first, MAGIC);
}

const struct capture_format format_hep = {
	.name = "hep",
	.claims = hep_claims,
	.open = hep_open,
};
