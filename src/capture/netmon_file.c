/*
 * Microsoft Network Monitor: header, frame records, times and media types
 * (capture-formats 1.1 to 1.5).
 */
#include "config.h"

#include "capture/netmon_file.h"

#include "capture/frame.h"
#include "core/cursor.h"

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Ticks from 1601-01-01 to 1970, 1990 and 2100. */
#define FILETIME_1970 UINT64_C(116444736000000000)
#define FILETIME_1990 UINT64_C(122756256000000000)
#define FILETIME_2100 UINT64_C(157469184000000000)

/* 1.1, version matrix; later minors are read like 2.3. */
static const struct layout {
	uint8_t major, minor;
	uint8_t head, tail;
	bool comments, extended;
} layouts[] = {
	{1, 255, 8, 0, false, false},
	{2, 0, 16, 0, false, false},
	{2, 1, 16, 2, false, false},
	{2, 2, 16, 6, true, false},
	{2, 255, 16, 15, true, true},
};

static const struct layout *layout_of(uint8_t major, uint8_t minor)
{
	for (size_t i = 0; i < ELEMENTS(layouts); i++)
		if (layouts[i].major == major && minor <= layouts[i].minor)
			return &layouts[i];
	return NULL;
}

/* SYSTEMTIME; without zone, and false for what is no date. */
static bool systemtime(struct cursor *c, nanoseconds *out)
{
	struct civil_time civil = {.year = cursor_u16le(c)};
	uint16_t ms;
	nanoseconds whole;

	civil.month = cursor_u16le(c);
	cursor_skip(c, 2); /* day of the week */
	civil.day = cursor_u16le(c);
	civil.hour = cursor_u16le(c);
	civil.minute = cursor_u16le(c);
	civil.second = cursor_u16le(c);
	ms = cursor_u16le(c);
	/* A zeroed FILETIME is 1601; nanoseconds end in 2262. */
	if (ms > 999 || civil.year < 1970 || civil.year > 2200 ||
	    clock_of_civil(&civil, &whole) != STATUS_OK)
		return false;
	*out = whole + ms * NS_PER_MS;
	return true;
}

static struct netmon_place place(struct cursor *c)
{
	struct netmon_place p = {.at = cursor_u32le(c)};

	p.n = cursor_u32le(c);
	return p;
}

enum status netmon_header_decode(struct slice in, struct netmon_header *out)
{
	struct cursor c = cursor_over(slice_first(in, NETMON_HEADER_SIZE));
	struct slice magic = cursor_take(&c, 4);
	struct netmon_header h = {.minor = cursor_u8(&c)};
	const struct layout *layout;

	if (!slice_is(magic, "RTSS") && !slice_is(magic, "GMBU"))
		return STATUS_NOT_MINE;
	h.major = cursor_u8(&c);
	h.media = cursor_u16le(&c);
	h.start_valid = systemtime(&c, &h.start);
	h.table = place(&c);
	cursor_skip(&c, 8); /* user data */
	h.comments = place(&c);
	h.processes = place(&c);
	h.extended = place(&c);
	cursor_skip(&c, 8); /* conversation statistics */
	if (c.bad)
		return STATUS_SHORT;
	layout = layout_of(h.major, h.minor);
	if (!layout || slice_is(magic, "RTSS") != (h.major == 1))
		return STATUS_BAD;
	/* Garbage where the version does not have them (1.1). */
	if (!layout->comments)
		h.comments = h.processes = (struct netmon_place){0};
	if (!layout->extended)
		h.extended = (struct netmon_place){0};
	h.record_head = layout->head;
	h.record_tail = layout->tail;
	*out = h;
	return STATUS_OK;
}

/* An unsigned number taken for a signed one, without leaving it to the
 * compiler what a large one becomes. */
static int64_t as_signed(uint64_t n)
{
	return n <= INT64_MAX ? (int64_t)n : -1 - (int64_t)(UINT64_MAX - n);
}

enum status netmon_record_decode(const struct netmon_header *header,
				 struct slice in, struct netmon_record *out)
{
	struct cursor c = cursor_over(in);
	struct netmon_record r;

	if (header->major == 1) {
		r.ticks = cursor_u32le(&c) * INT64_C(10000);
		r.wire_length = cursor_u16le(&c);
		r.captured = cursor_u16le(&c);
	} else {
		/* Wraps on purpose: one rule for both ways in which negative
		 * values are written (1.4). */
		r.ticks = as_signed(cursor_u64le(&c) * 10);
		r.wire_length = cursor_u32le(&c);
		r.captured = cursor_u32le(&c);
	}
	if (c.bad)
		return STATUS_SHORT;
	*out = r;
	return STATUS_OK;
}

struct netmon_trailer netmon_trailer_decode(const struct netmon_header *header,
					    struct slice in)
{
	struct cursor c = cursor_over(slice_first(in, header->record_tail));
	struct netmon_trailer t = {.media = header->media};

	if (c.left >= 2)
		t.media = cursor_u16le(&c);
	if (c.left >= 4)
		cursor_skip(&c, 4); /* the row of its process */
	if (c.left >= 8)
		t.filetime = cursor_u64le(&c);
	return t;
}

bool netmon_filetime(uint64_t filetime, nanoseconds *out)
{
	if (filetime < FILETIME_1990 || filetime >= FILETIME_2100)
		return false;
	*out = (int64_t)(filetime - FILETIME_1970) * NS_PER_NETMON_TICK;
	return true;
}

/* 1.5; where two rows hold a number the first one counts. */
static const struct media_row {
	uint16_t first, last;
	enum netmon_media_kind kind;
	uint32_t link_type;
} media_rows[] = {
	{0, 1, NETMON_MEDIA_PACKET, LINKTYPE_ETHERNET},
	{2, 2, NETMON_MEDIA_PACKET, LINKTYPE_TOKEN_RING},
	{3, 3, NETMON_MEDIA_PACKET, LINKTYPE_FDDI},
	{4, 4, NETMON_MEDIA_PACKET, LINKTYPE_NETMON_ATM},
	{5, 5, NETMON_MEDIA_PACKET, LINKTYPE_UNKNOWN},
	{6, 6, NETMON_MEDIA_PACKET, LINKTYPE_NETMON_80211},
	{7, 9, NETMON_MEDIA_PACKET, LINKTYPE_RAW},
	{10, 11, NETMON_MEDIA_PACKET, LINKTYPE_UNKNOWN},
	/* Exports of Message Analyzer; not LINKTYPE_ values. */
	{0xE080, 0xE080, NETMON_MEDIA_PACKET, LINKTYPE_IEEE802_11},
	{0xE081, 0xE08A, NETMON_MEDIA_PACKET, LINKTYPE_UNKNOWN},
	{0xFFE0, 0xFFE0, NETMON_MEDIA_ETW, LINKTYPE_ETW},
	{0xFFFB, 0xFFFB, NETMON_MEDIA_SHOWN, LINKTYPE_METADATA},
	{0xFFFC, 0xFFFE, NETMON_MEDIA_HIDDEN, LINKTYPE_METADATA},
	{0xFFFF, 0xFFFF, NETMON_MEDIA_SHOWN, LINKTYPE_METADATA},
};

struct netmon_media netmon_media_of(uint16_t media)
{
	for (size_t i = 0; i < ELEMENTS(media_rows); i++)
		if (media >= media_rows[i].first && media <= media_rows[i].last)
			return (struct netmon_media){
				media_rows[i].kind,
				media_rows[i].link_type,
			};
	/* Converted from pcap. */
	if ((media & 0xF000) == 0xE000)
		return (struct netmon_media){
			NETMON_MEDIA_PACKET,
			media & 0x0FFF,
		};
	return (struct netmon_media){NETMON_MEDIA_STRANGE, LINKTYPE_UNKNOWN};
}

/* Where LLC begins; SIZE_MAX where there is none. */
static size_t llc_at(uint32_t link_type, struct slice frame)
{
	switch (link_type) {
	case LINKTYPE_ETHERNET:
		return 14;
	case LINKTYPE_FDDI:
		return 13;
	case LINKTYPE_TOKEN_RING:
		/* Behind the routes if the source address says so (3.1). */
		if (frame.n < 15 || !(frame.p[8] & 0x80))
			return 14;
		return 14 + (frame.p[14] & 0x1F);
	default:
		return SIZE_MAX;
	}
}

bool netmon_is_statistics(uint32_t link_type, struct slice frame)
{
	struct slice llc = slice_cut(frame, llc_at(link_type, frame), 8);

	return llc.n == 8 && slice_starts(llc, SLICE("\xAA\xAA\x03")) &&
	       llc.p[6] == 0x84 && llc.p[7] == 0x19;
}
