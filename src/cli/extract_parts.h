/*
 * The parts of `mrascope extract`: what belongs to the chosen calls, and which
 * frames that are.  Nobody else includes this.
 */
#ifndef CLI_EXTRACT_PARTS_H
#define CLI_EXTRACT_PARTS_H

#include "capture/set.h"
#include "cli/reports.h"
#include "net/packet.h"

/* A SIP message as it was heard. */
struct heard {
	uint64_t call_id; /* hash */
	uint64_t frame;
	uint32_t file;
	bool stream; /* of TCP: its connection belongs as a whole */
	struct endpoint src, dst;
};

/* A conversation of two ends, either of which speaks. */
struct conversation {
	struct endpoint a, b; /* a is the lesser by bytes */
	nanoseconds from, to; /* of the chosen calls that it belongs to */
	bool shared;          /* other calls use it, too: only from..to */
	bool messages;        /* only frames of messages; and what ICMP says */
};

struct belongings {
	struct list conversations; /* struct conversation */
	struct index index;
	struct list ends;     /* struct endpoint: relayed addresses */
	struct list hosts;    /* struct endpoint, port 0 */
	struct list call_ids; /* uint64_t: hashes, sorted */
	nanoseconds from, to; /* of all chosen calls */
	bool any_port; /* conversations have one end with port 0: any of it */
	bool failed;   /* memory is out */
};

/* Of a Call-ID, as call_ids has it. */
uint64_t belongings_hash(struct slice call_id);

/* What belongs to the chosen calls of a finished model. */
void belongings_gather(struct belongings *b, const struct report_job *job,
		       const struct list *heard);
void belongings_free(struct belongings *b);

/* Is this the Call-ID of something chosen? */
bool belongings_has_call(const struct belongings *b, uint64_t call_id);
/* Does a packet belong for its ends? */
bool belongings_has_packet(const struct belongings *b,
			   const struct packet *packet, nanoseconds time);

/* Frames, a bit each. */
struct frame_marks {
	struct list files; /* struct frame_bits */
	bool failed;
};

struct frame_bits {
	uint8_t *bits;
	uint64_t room; /* frames */
};

/* Begins as zeros.  Without memory a mark is lost, and `failed` says so. */
void marks_set(struct frame_marks *m, uint32_t file, uint64_t frame);
bool marks_has(const struct frame_marks *m, uint32_t file, uint64_t frame);
void marks_free(struct frame_marks *m);

#endif /* CLI_EXTRACT_PARTS_H */
