/*
 * Endace ERF files (Extensible Record Format; Endace DAG programming guide).
 *
 *   record  timestamp: 2^-32 s since 1970, little-endian            8 bytes
 *           type  flags  record length  losses or colour  length on the wire
 *           extension headers of 8 bytes, while bit 7 says that one follows
 *           what the type puts in front of the frame
 *           the frame, then padding
 *
 * All but the timestamp is big-endian.  There is no magic number: a file is
 * one when the records at its front make sense, and all other formats are
 * asked first.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>

#include "capture/erf.h"
#include "capture/formats.h"
#include "capture/reader.h"

#define RECORD_HEADER 16u
#define EXTENSION_SIZE 8u
#define HAS_EXTENSION 0x80u
#define INTERFACE_MASK 0x03u

#define TYPE_META 27u
#define TYPE_PAD 48u

/* Records at the front of a file are no further apart than this ... */
#define NEAR_SECONDS (7u * 86400u)
/* ... and not older than 1990, unless the lengths agree to the byte: clocks of
 * traffic generators start at zero. */
#define OLDEST_SECONDS 631152000u
/* Records are padded to this. */
#define ALIGNMENT 8u
/* So many of them must make sense, or all if there are fewer. */
#define PROBE_RECORDS 2u

/* What a type puts in front of the frame, and what the frame is then. */
static const struct erf_type {
	uint8_t type;
	uint8_t head;
	uint8_t in_wire;    /* bytes of it that count as length on the wire */
	bool counts_losses; /* else the field is a colour */
	uint32_t link_type;
} types[] = {
	{1, 0, 0, true, LINKTYPE_PPP_HDLC}, /* HDLC_POS: also Cisco HDLC */
	{2, 2, 0, true, LINKTYPE_ETHERNET},
	{3, 4, 4, true, LINKTYPE_UNKNOWN},     /* ATM cell */
	{4, 4, 4, true, LINKTYPE_ATM_RFC1483}, /* AAL5 */
	{5, 4, 0, true, LINKTYPE_PPP_HDLC},    /* MC_HDLC */
	{6, 4, 0, true, LINKTYPE_UNKNOWN},     /* MC_RAW */
	{7, 8, 4, true, LINKTYPE_UNKNOWN},     /* MC_ATM */
	{8, 4, 0, true, LINKTYPE_UNKNOWN},     /* MC_RAW_CHANNEL */
	{9, 8, 4, true, LINKTYPE_ATM_RFC1483}, /* MC_AAL5 */
	{10, 0, 0, false, LINKTYPE_PPP_HDLC},  /* COLOR_HDLC_POS */
	{11, 2, 0, false, LINKTYPE_ETHERNET},  /* COLOR_ETH */
	{12, 4, 0, true, LINKTYPE_UNKNOWN},    /* MC_AAL2 */
	{13, 0, 0, true, LINKTYPE_UNKNOWN},    /* IP_COUNTER */
	{14, 0, 0, true, LINKTYPE_UNKNOWN},    /* TCP_FLOW_COUNTER */
	{15, 0, 0, false, LINKTYPE_PPP_HDLC},  /* DSM_COLOR_HDLC_POS */
	{16, 2, 0, false, LINKTYPE_ETHERNET},  /* DSM_COLOR_ETH */
	{17, 4, 0, false, LINKTYPE_PPP_HDLC},  /* COLOR_MC_HDLC_POS */
	{18, 4, 0, true, LINKTYPE_UNKNOWN},    /* AAL2 */
	{19, 0, 0, false, LINKTYPE_PPP_HDLC},  /* COLOR_HASH_POS */
	{20, 2, 0, false, LINKTYPE_ETHERNET},  /* COLOR_HASH_ETH */
	{21, 0, 0, true, LINKTYPE_UNKNOWN},    /* INFINIBAND */
	{22, 0, 0, true, LINKTYPE_IPV4},
	{23, 0, 0, true, LINKTYPE_IPV6},
	{24, 0, 0, true, LINKTYPE_UNKNOWN}, /* RAW_LINK */
	{25, 0, 0, true, LINKTYPE_UNKNOWN}, /* INFINIBAND_LINK */
	{TYPE_META, 0, 0, false, LINKTYPE_METADATA},
	{28, 0, 0, true, LINKTYPE_UNKNOWN}, /* OPA_SNC */
	{29, 0, 0, true, LINKTYPE_UNKNOWN}, /* OPA_9B */
	{TYPE_PAD, 0, 0, false, LINKTYPE_METADATA},
};

static const struct erf_type *type_find(unsigned type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return &types[i];
	return NULL;
}

struct erf {
	struct source source;
	struct block block;
};

struct record {
	uint64_t time;
	uint8_t type; /* without HAS_EXTENSION */
	bool extended;
	uint8_t flags;
	uint16_t length; /* of all of the record */
	uint16_t losses;
	uint16_t wire;
};

static struct record record_read(struct slice head)
{
	struct cursor c = cursor_over(head);
	struct record r = {.time = cursor_u64le(&c)};
	uint8_t type = cursor_u8(&c);

	r.type = (uint8_t)(type & ~HAS_EXTENSION);
	r.extended = type & HAS_EXTENSION;
	r.flags = cursor_u8(&c);
	r.length = cursor_u16(&c);
	r.losses = cursor_u16(&c);
	r.wire = cursor_u16(&c);
	return r;
}

/* Does the record hold its whole frame, and nothing else but padding? */
static bool record_exact(const struct record *r, const struct erf_type *type)
{
	unsigned whole = RECORD_HEADER + type->head - type->in_wire + r->wire;

	return !r->extended && r->length >= whole &&
	       r->length - whole < ALIGNMENT;
}

/* Could this be the header of a record, behind one at `*seconds`? */
static bool record_plausible(const struct record *r, uint32_t *seconds)
{
	const struct erf_type *type = type_find(r->type);
	uint32_t now = (uint32_t)(r->time >> 32);

	if (!type || r->length < RECORD_HEADER)
		return false;
	/* These two may have no time. */
	if (r->type == TYPE_PAD || r->type == TYPE_META)
		return r->length > RECORD_HEADER;
	if (r->wire == 0)
		return false;
	if (now < OLDEST_SECONDS && !record_exact(r, type))
		return false;
	if (*seconds && now - *seconds > NEAR_SECONDS &&
	    *seconds - now > NEAR_SECONDS)
		return false;
	*seconds = now;
	return true;
}

static bool erf_claims(struct slice first)
{
	bool all = first.n < FORMAT_PROBE_SIZE;
	uint32_t seconds = 0;
	size_t at = 0;
	unsigned good = 0;

	while (at < first.n) {
		struct slice s = slice_from(first, at);
		struct record r;

		if (s.n < RECORD_HEADER)
			return good >= PROBE_RECORDS;
		r = record_read(slice_first(s, RECORD_HEADER));
		if (!record_plausible(&r, &seconds))
			return false;
		good++;
		at += r.length;
	}
	/* A short file is one record, if that fills it. */
	return good >= PROBE_RECORDS || (good && all && at == first.n);
}

/* Nanoseconds, rounded to the nearest. */
static nanoseconds time_of(uint64_t time)
{
	uint64_t fraction = (time & UINT32_MAX) * (uint64_t)NS_PER_S;

	fraction = (fraction + (UINT64_C(1) << 31)) >> 32;
	return (nanoseconds)(time >> 32) * NS_PER_S + (nanoseconds)fraction;
}

/* Passes over the extension headers. */
static void skip_extensions(struct cursor *c, bool extended)
{
	while (extended && !c->bad) {
		extended = cursor_u8(c) & HAS_EXTENSION;
		cursor_skip(c, EXTENSION_SIZE - 1);
	}
}

/* What lies in a whole record; false when it is too short for its type. */
static bool record_open(const struct record *r, struct slice s,
			struct frame *frame)
{
	static const struct erf_type unknown = {.link_type = LINKTYPE_UNKNOWN};
	const struct erf_type *type = type_find(r->type);
	struct cursor c = cursor_over(slice_from(s, RECORD_HEADER));
	uint32_t in_wire;

	if (!type)
		type = &unknown;
	skip_extensions(&c, r->extended);
	cursor_skip(&c, type->head);
	if (c.bad)
		return false;
	in_wire = r->wire < type->in_wire ? r->wire : type->in_wire;
	frame->link_type = type->link_type;
	frame->wire_length = r->wire - in_wire;
	frame->offset += s.n - c.left;
	frame->bytes = slice_first(cursor_rest(&c), r->wire - in_wire);
	return true;
}

void erf_unwrap(struct frame *frame)
{
	struct slice s = frame->bytes;
	struct record r;

	if (s.n < RECORD_HEADER)
		return;
	r = record_read(slice_first(s, RECORD_HEADER));
	(void)record_open(&r, s, frame);
}

/* Makes a frame of a whole record; false when it is too short for its type. */
static bool record_take(struct erf *erf, const struct record *r, struct slice s,
			struct frame *frame)
{
	struct source *self = &erf->source;
	const struct erf_type *type = type_find(r->type);

	*frame = (struct frame){
		.time = time_of(r->time),
		.has_time = r->type != TYPE_META || r->time,
		.interface = r->flags & INTERFACE_MASK,
		.offset = block_offset(&erf->block),
	};
	if (!record_open(r, s, frame))
		return false;
	if (type && type->counts_losses)
		self->info.dropped += r->losses;
	if (r->type == TYPE_META)
		self->info.metadata++;
	else
		source_link_type(self, frame->link_type);
	block_take(&erf->block, s.n);
	source_count(self, frame);
	return true;
}

/* The record at the front of the window, all of it. */
static enum status record_need(struct erf *erf, struct record *r,
			       struct slice *s)
{
	struct source *self = &erf->source;
	struct block *block = &erf->block;
	enum status status = block_need(block, RECORD_HEADER, s);

	if (status != STATUS_OK)
		return source_stop(self, block, status, "a record header",
				   RECORD_HEADER);
	*r = record_read(*s);
	if (r->length < RECORD_HEADER) {
		source_damage(self, block_offset(block),
			      "record of %u bytes, fewer than its header has",
			      r->length);
		return STATUS_BAD;
	}
	status = block_need(block, r->length, s);
	if (status != STATUS_OK)
		return source_stop(self, block, status, "a record", r->length);
	return STATUS_OK;
}

static enum status erf_next(struct source *self, struct frame *frame)
{
	struct erf *erf = (struct erf *)self;

	for (;;) {
		struct record r = {0};
		struct slice s;
		enum status status = record_need(erf, &r, &s);

		if (status != STATUS_OK)
			return status;
		if (r.type != TYPE_PAD && record_take(erf, &r, s, frame))
			return STATUS_OK;
		if (r.type != TYPE_PAD)
			source_damage(self, block_offset(&erf->block),
				      "record of %u bytes, too short for its "
				      "type %u",
				      r.length, r.type);
		block_take(&erf->block, s.n);
	}
}

static void erf_close(struct source *self)
{
	struct erf *erf = (struct erf *)self;

	block_close(&erf->block);
	free(erf);
}

static enum status erf_open(struct byte_source *bytes, struct slice first,
			    struct source **out, struct fault *fault)
{
	struct erf *erf = calloc(1, sizeof(*erf));

	if (!erf || block_open(&erf->block, bytes, first) != STATUS_OK) {
		fault_say(fault, UINT64_MAX, "out of memory");
		free(erf);
		bytes->close(bytes);
		return STATUS_NOMEM;
	}
	erf->source.next = erf_next;
	erf->source.close = erf_close;
	*out = &erf->source;
	return STATUS_OK;
}

const struct capture_format format_erf = {
	.name = "erf",
	.claims = erf_claims,
	.open = erf_open,
};
