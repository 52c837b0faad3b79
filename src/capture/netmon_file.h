/*
 * The fixed parts of Microsoft Network Monitor files: header, frame records,
 * times and media types (capture-formats 1.1 to 1.5).
 *
 * Pure: bytes in, struct out.  netmon.c reads files with it.
 */
#ifndef CAPTURE_NETMON_FILE_H
#define CAPTURE_NETMON_FILE_H

#include "core/clock.h"
#include "core/slice.h"

/* The defined part of the file header; the first record may follow at once. */
#define NETMON_HEADER_SIZE 72u
/* Where NetMon and editcap put the first record. */
#define NETMON_USUAL_START 128u
#define NETMON_RECORD_TAIL_MAX 15u

/* Times are counted in these; a FILETIME from 1601-01-01 UTC. */
#define NS_PER_NETMON_TICK INT64_C(100)

/* Worth stopping for; anything else costs a record or a table. */
static inline bool netmon_is_grave(enum status status)
{
	return status == STATUS_IO || status == STATUS_NOMEM;
}

/* Bytes of the file that the header points at. */
struct netmon_place {
	uint32_t at;
	uint32_t n;
};

struct netmon_header {
	uint8_t major, minor;
	uint16_t media;	   /* of all frames of 1.x and 2.0 */
	nanoseconds start; /* local time of the capturing machine */
	bool start_valid;  /* else start is 0 */
	struct netmon_place table;
	/* Empty where the version does not have them: */
	struct netmon_place comments;
	struct netmon_place processes; /* n is the number of entries */
	struct netmon_place extended;
	/* Sizes of what stands before and behind the bytes of a frame. */
	uint8_t record_head, record_tail;
};

/*
 * Reads the header from the front of `in`.  STATUS_NOT_MINE: no such magic;
 * STATUS_SHORT: fewer than NETMON_HEADER_SIZE bytes; STATUS_BAD: a version
 * that this does not know.
 */
MUST_CHECK enum status netmon_header_decode(struct slice in,
					    struct netmon_header *out);

struct netmon_record {
	int64_t ticks; /* since the start of the capture, may be negative */
	uint32_t wire_length;
	uint32_t captured;
};

/* Reads what stands before a frame; STATUS_SHORT. */
MUST_CHECK enum status netmon_record_decode(const struct netmon_header *header,
					    struct slice in,
					    struct netmon_record *out);

struct netmon_trailer {
	uint16_t media;
	uint64_t filetime; /* UTC; 0: none */
};

/* Reads what stands behind a frame; parts the version lacks are filled in. */
struct netmon_trailer
netmon_trailer_decode(const struct netmon_header *header, struct slice in);

/* A FILETIME between 1990 and 2100 as time; false for any other. */
bool netmon_filetime(uint64_t filetime, nanoseconds *out);

enum netmon_media_kind {
	NETMON_MEDIA_PACKET,
	NETMON_MEDIA_ETW,
	NETMON_MEDIA_SHOWN,  /* metadata that has a frame number */
	NETMON_MEDIA_HIDDEN, /* metadata that has none, see netmon.c */
	NETMON_MEDIA_STRANGE,
};

struct netmon_media {
	enum netmon_media_kind kind;
	uint32_t link_type; /* LINKTYPE_ of capture/frame.h */
};

/* STRANGE: nobody is known to write that number. */
struct netmon_media netmon_media_of(uint16_t media);

/*
 * Is this the frame of statistics that NetMon 1 and 2.0 add: LLC, SNAP and
 * EtherType 0x8419?
 */
bool netmon_is_statistics(uint32_t link_type, struct slice frame);

#endif /* CAPTURE_NETMON_FILE_H */
