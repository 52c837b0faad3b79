/*
 * A source of frames: one capture file of whatever format behind one
 * interface, and a set of them merged by time.
 */
#ifndef CAPTURE_SOURCE_H
#define CAPTURE_SOURCE_H

#include "capture/frame.h"
#include "core/byte_source.h"
#include "core/text.h"

/* Frames longer than this are damage, not frames (spec 2.1). */
#define FRAME_MAX 262144u

/*
 * What went wrong with a source, for a sentence to the user: made here, where
 * the numbers are known.  `text` is one line without file name, offset or
 * full stop: "record of 4294967292 bytes, more than 262144".
 */
struct fault {
	bool set;
	uint64_t offset; /* in the (unpacked) file; UINT64_MAX: nowhere */
	char text[160];
};

enum secrets_kind {
	SECRETS_TLS_KEY_LOG = 0x544C534B, /* pcapng DSB types */
};

/* What a source tells about itself; complete when it has ended. */
struct source_info {
	const char *format; /* "pcap", "pcapng", "netmon1", "netmon2", ... */
	const char *compression; /* "gzip", "zstd", "lz4" or NULL */
	uint64_t frames;
	uint64_t bytes;    /* of captured frame data */
	uint64_t metadata; /* frames that hold no packet */
	uint64_t cut;      /* frames cut by the snap length */
	uint64_t dropped;  /* packets the capturing host says it lost */
	uint64_t warnings; /* small repairs, the first one is in `warning` */
	uint32_t interfaces; /* described so far; formats without: 0 */
	uint32_t link_types[8];
	size_t link_type_count;
	nanoseconds first_time, last_time; /* earliest and latest */
	bool has_time;                     /* false: no frame had a time */
	struct fault damage; /* where reading had to stop or skip */
	struct fault warning;
	bool rereadable; /* bytes at an offset can be read again */

	/* Logs only: */
	bool log;
	/* Day or month first, where that is not plain: a sentence, or NULL. */
	const char *dates;
	bool dates_guessed;
	const char *dress; /* what was taken off its lines, or NULL */
	bool zoneless;     /* its times are local ones, or may be */
	uint64_t passed; /* lines that neither are nor tell of messages */
	struct fault passed_first;
	uint64_t truncated; /* messages whose end the logger left out */
	bool undated;       /* times of the day, without a date */
	bool dated_by_file; /* the day is that of the file */
};

struct source {
	struct source_info info;

	/*
	 * The next frame, in file order.  STATUS_OK; STATUS_END when the file
	 * ended as it should; STATUS_BAD when it is damaged or cut off and no
	 * further frame will come (info.damage says where and how; reading may
	 * have gone on behind it for a while); STATUS_IO, STATUS_NOMEM,
	 * STATUS_LIMIT likewise.
	 * Of bytes that grow, pcap and pcapng: STATUS_SHORT, nothing further is
	 * there wholly at the moment; ask again later.
	 * frame->bytes are good until the next call on this source.
	 */
	enum status (*next)(struct source *self, struct frame *frame);

	/*
	 * Several frames at once, as next() would hand them out one by one:
	 * those at hand of which nothing is to be said, that are older than
	 * `before`, and lie in a window that can be held (core/window.h).
	 * Returns how many of `max` they are; 0: ask next().  NULL in formats
	 * that know no such frames.
	 */
	size_t (*run)(struct source *self, struct frame *frames, size_t max,
		      nanoseconds before);

	/*
	 * Secrets and comments are handed to these as they are met, if they
	 * are set before the first call to next; context is theirs.  A comment
	 * comes before the frame it is on; frame 0 is the file itself.
	 */
	void *context;
	void (*on_secrets)(void *context, uint32_t kind, struct slice secrets);
	void (*on_comment)(void *context, uint64_t frame, struct slice text);

	void (*close)(struct source *self);
};

/*
 * Makes a source from bytes: detects compression and format by content (spec
 * section 0).  Takes the byte source over, also on failure.
 * STATUS_NOT_MINE: no format that this reads; *fault says what it seems to be
 * and what to do (an .etl file, a JPEG, text, ...).  STATUS_SHORT: empty, or
 * it ends inside its first header.  STATUS_BAD: it is packed, and damaged from
 * its start.  STATUS_IO, STATUS_NOMEM.
 * `name` is only for hints by extension (.etl); may be NULL.
 */
MUST_CHECK enum status source_open(struct byte_source *bytes, const char *name,
				   struct source **out, struct fault *fault);

/* Bytes of a file or, for "-", of standard input.  STATUS_IO, STATUS_NOMEM. */
MUST_CHECK enum status bytes_open_file(const char *path,
				       struct byte_source **out,
				       struct fault *fault);

/* Bytes of a block of memory that outlives the source.  STATUS_NOMEM. */
MUST_CHECK enum status bytes_open_memory(struct slice bytes,
					 struct byte_source **out);

/* The name that libpcap and tcpdump give a link type ("EN10MB"); NULL for one
 * that has none here. */
const char *link_type_name(uint32_t link_type);

#endif /* CAPTURE_SOURCE_H */
