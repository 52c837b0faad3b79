/*
 * IEEE 802.11 data frames and the headers that capture programs put in front
 * of them (spec "capture-formats" 1.6 and 3.4).
 */
#include "config.h"

#include "core/cursor.h"
#include "net/ip.h"
#include "net/link.h"

/* Frame control, first byte: version, type, subtype ... */
#define FC_VERSION 0x03u
#define FC_TYPE 0x0Cu
#define FC_DATA 0x08u
#define FC_NULL 0x40u /* subtypes that carry nothing */
#define FC_QOS 0x80u
/* ... and second byte: flags. */
#define FC_TO_DS 0x01u
#define FC_FROM_DS 0x02u
#define FC_PROTECTED 0x40u
#define FC_ORDER 0x80u

#define QOS_A_MSDU 0x80u
#define SUBFRAME_HEADER 14u

#define RADIOTAP_FLAG_PADDED 0x20u

/* ---- the MAC header ---- */

static size_t header_length(struct slice s)
{
	unsigned control = s.p[0], flags = s.p[1];
	unsigned both = FC_TO_DS | FC_FROM_DS;
	size_t n = 24;

	if ((flags & both) == both)
		n += 6;
	if (control & FC_QOS)
		n += flags & FC_ORDER ? 6 : 2; /* HT control behind QoS */
	return n;
}

/* Where the QoS control field is; only for QoS frames. */
static size_t qos_place(struct slice s)
{
	unsigned both = FC_TO_DS | FC_FROM_DS;

	return (s.p[1] & both) == both ? 30 : 24;
}

enum status link_next_subframe(struct walk *w)
{
	struct more *more = &w->net->more;
	unsigned layers = w->layers;
	size_t missing = more->missing;
	enum status status = STATUS_END;

	while (more->bytes.n >= SUBFRAME_HEADER) {
		size_t length = walk_u16(more->bytes, 12);
		struct slice body = slice_from(more->bytes, SUBFRAME_HEADER);

		/* Padded to 4, header and all; the last one is not. */
		more->bytes = slice_from(body, length +
					 (-(SUBFRAME_HEADER + length) & 3));
		w->layers = layers;
		w->missing = missing;
		walk_begin(w->out);
		status = link_llc(w, walk_bound(w, body, length));
		if (status == STATUS_OK)
			return status;
	}
	more->bytes = (struct slice){0};
	return status;
}

/* Several packets in one frame: the first of them now. */
static enum status a_msdu(struct walk *w, struct slice s)
{
	enum status status;

	w->net->more = (struct more){
		.bytes = s,
		.missing = w->missing,
		.time = w->time,
		.layers = w->layers,
	};
	status = link_next_subframe(w);
	return status == STATUS_END ? walk_ended(w) : status;
}

static enum status mac_frame(struct walk *w, struct slice s, bool padded)
{
	size_t n;

	if (!walk_enter(w))
		return STATUS_LIMIT;
	if (s.n < 2)
		return walk_ended(w);
	if (s.p[0] & FC_VERSION || (s.p[0] & FC_TYPE) != FC_DATA ||
	    s.p[0] & FC_NULL || s.p[1] & FC_PROTECTED)
		return STATUS_NOT_MINE;
	n = header_length(s);
	if (s.n < n)
		return walk_ended(w);
	if (s.p[22] & 0x0F) /* a fragment, but not the first one */
		return STATUS_NOT_MINE;
	if (s.p[0] & FC_QOS && s.p[qos_place(s)] & QOS_A_MSDU)
		return a_msdu(w, slice_from(s, padded ? (n + 3) & ~(size_t)3
						      : n));
	return link_llc(w, slice_from(s, padded ? (n + 3) & ~(size_t)3 : n));
}

enum status link_80211(struct walk *w, struct slice s)
{
	return mac_frame(w, s, false);
}

/* ---- headers in front ---- */

/*
 * The flags field of radiotap, 0 without one: it is behind all words that say
 * what is present and a time, aligned to 8, if there is one.
 */
static uint8_t radiotap_flags(struct slice header)
{
	struct cursor c = cursor_over(slice_from(header, 4));
	uint32_t first = cursor_u32le(&c);
	uint32_t present = first;
	size_t at = 8;

	while (!c.bad && present & UINT32_C(0x80000000)) {
		present = cursor_u32le(&c);
		at += 4;
	}
	if (!(first & 2))
		return 0;
	if (first & 1)
		at = ((at + 7) & ~(size_t)7) + 8;
	c = cursor_over(slice_from(header, at));
	return cursor_u8(&c);
}

enum status link_radiotap(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint8_t version = cursor_u8(&c);
	uint16_t length;
	uint8_t flags;

	cursor_skip(&c, 1);
	length = cursor_u16le(&c);
	if (c.bad || length > s.n)
		return walk_ended(w);
	if (version != 0 || length < 8)
		return STATUS_BAD;
	flags = radiotap_flags(slice_first(s, length));
	return mac_frame(w, slice_from(s, length),
			 flags & RADIOTAP_FLAG_PADDED);
}

/* Version and length, big-endian (AVS capture header 1 and 2). */
enum status link_avs(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint32_t version = cursor_u32(&c);
	uint32_t length = cursor_u32(&c);

	if (c.bad || length > s.n)
		return walk_ended(w);
	if (version >> 4 != 0x8021100 || length < 8)
		return STATUS_BAD;
	return mac_frame(w, slice_from(s, length), false);
}

/* Message code and length, in the order of the host; or AVS. */
enum status link_prism(struct walk *w, struct slice s)
{
	struct cursor big = cursor_over(s);
	struct cursor little = big;
	uint32_t version = cursor_u32(&big);
	uint32_t length = cursor_u32(&big);

	if (version >> 4 == 0x8021100)
		return link_avs(w, s);
	cursor_skip(&little, 4);
	/* The length is far below 64 KiB in its own order. */
	if (length >> 16)
		length = cursor_u32le(&little);
	if (big.bad || length > s.n)
		return walk_ended(w);
	if (length < 8)
		return STATUS_BAD;
	return mac_frame(w, slice_from(s, length), false);
}

/* Version 2 and a length of 32 or more (spec 1.6). */
enum status link_netmon_80211(struct walk *w, struct slice s)
{
	struct cursor c = cursor_over(s);
	uint8_t version = cursor_u8(&c);
	uint16_t length = cursor_u16le(&c);

	if (c.bad || length > s.n)
		return walk_ended(w);
	if (version != 2 || length < 32)
		return STATUS_BAD;
	return mac_frame(w, slice_from(s, length), false);
}
