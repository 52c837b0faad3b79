/*
 * Network Monitor files made by hand (capture-formats, section 1).
 */
#ifndef TESTS_SUPPORT_NETMON_MAKER_H
#define TESTS_SUPPORT_NETMON_MAKER_H

#include "tests/support/capture.h"

/* The start in the header: 2023-11-14 22:13:20.005. */
#define MAKER_START_NS INT64_C(1700000000005000000)
/* The same moment as a FILETIME. */
#define MAKER_START_TICKS UINT64_C(133444736000050000)

struct maker {
	struct t_file_bytes file;
	unsigned major, minor;
	uint32_t records[64]; /* where they are */
	size_t count;
};

struct maker_record {
	int64_t delta; /* ms in 1.x, else us */
	struct slice bytes;
	uint32_t missing; /* bytes that were not captured */
	uint16_t media;
	uint64_t filetime;
};

/* A header, and zeros up to where the first record will be. */
void maker_begin(struct maker *m, unsigned major, unsigned minor, size_t first);
void maker_add(struct maker *m, const struct maker_record *record);
/* The frame table of all records in order, at the end. */
void maker_table(struct maker *m);
/* Writes a pair of place and length to the header. */
void maker_place(struct maker *m, size_t at, size_t place, size_t n);

/* Places of such pairs in the header. */
#define MAKER_TABLE 24u
#define MAKER_COMMENTS 40u
#define MAKER_PROCESSES 48u
#define MAKER_EXTENDED 56u

/* A comment on the record at `record`; title is ASCII. */
void maker_comment(struct maker *m, uint32_t record, const char *title,
		   const char *rtf);

/* An event of some provider; `guid` as stored. */
struct maker_event {
	struct slice guid;
	unsigned id;
	uint64_t keywords;
	unsigned thread;
	unsigned items; /* extended items, of three bytes each */
	struct slice data;
};
void maker_event(struct t_file_bytes *to, const struct maker_event *event);

/* A fragment of a packet, as NDIS capture writes it. */
struct maker_fragment {
	uint64_t keywords;
	uint32_t interface;
	unsigned thread;
	struct slice bytes;
	uint32_t missing; /* bytes that the capture cut off */
};
void maker_fragment(struct t_file_bytes *to,
		    const struct maker_fragment *fragment);

#define MAKER_START UINT64_C(0x40000000)
#define MAKER_END UINT64_C(0x80000000)
#define MAKER_SENT UINT64_C(0x100000000)
#define MAKER_RECEIVED UINT64_C(0x200000000)
#define MAKER_80211 UINT64_C(0x10000)
#define MAKER_WWAN UINT64_C(0x200)

/* What maker_add_plain puts into a frame. */
#define MAKER_FRAME                                                      \
	SLICE("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\x00\x11\x08\x00" \
	      "an Ethernet frame")

/* `count` records of it, a millisecond apart, of media type 1. */
void maker_add_plain(struct maker *m, size_t count);
/* A whole file of version 2 of them. */
void maker_plain(struct maker *m, unsigned minor, size_t count);

const struct capture_format *maker_format(const struct maker *m);
/* Reads the file, which must open. */
void maker_read(const struct maker *m, struct t_frames *out);

#endif /* TESTS_SUPPORT_NETMON_MAKER_H */
