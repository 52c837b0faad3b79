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
	bool stream;   /* of TCP, SCTP or what they carry */
	bool apart;    /* it can be read without what came before it */
	uint32_t size; /* of its bytes */
	struct endpoint src, dst;
};

/* A check inside of TURN: its ends, and those of the packet. */
struct carried {
	struct endpoint src, dst, outer_src, outer_dst;
};

/* A conversation of two ends, either of which speaks. */
struct conversation {
	struct endpoint a, b; /* a is the lesser by bytes */
	nanoseconds from, to; /* of the chosen calls that it belongs to */
	bool shared;          /* other calls use it, too: only from..to */
	bool messages;        /* only frames of messages; and what ICMP says */
	/* Of a connection: other calls are told over it, too; it can only be
	 * read as a whole; it belongs by packets. */
	bool others, whole, parts;
};

/* A segment of a connection that belongs by packets. */
struct part {
	uint64_t frame;
	uint32_t file;
	uint32_t conversation; /* row */
	uint32_t order;        /* as they came */
	uint32_t connection;   /* one after another of the same ends */
	uint32_t seq, size;
	int64_t at; /* in its stream: seq without its wraps */
	uint8_t side, flags;
	bool kept;
};

struct belongings {
	struct list conversations; /* struct conversation */
	struct index index;
	struct list ends;     /* struct endpoint: relayed addresses */
	struct list hosts;    /* struct endpoint, port 0 */
	struct list call_ids; /* uint64_t: hashes, sorted */
	struct list lasting;  /* those of sign-ins: how their connections are
			       * kept alive is part of the story */
	nanoseconds from, to; /* of all chosen calls */
	bool any_port; /* conversations have one end with port 0: any of it */
	bool failed;   /* memory is out */
};

/* Of a Call-ID, as call_ids has it. */
uint64_t belongings_hash(struct slice call_id);

/* What belongs to the chosen calls of a finished model: `heard` and `carried`
 * are all SIP and all checks inside of TURN. */
void belongings_gather(struct belongings *b, const struct report_job *job,
		       const struct list *heard, const struct list *carried);
void belongings_free(struct belongings *b);

/* Is this the Call-ID of something chosen? */
bool belongings_has_call(const struct belongings *b, uint64_t call_id);
/* Does a packet belong for its ends? */
bool belongings_has_packet(const struct belongings *b,
			   const struct packet *packet, nanoseconds time);

/* The row of a connection that belongs by packets; NULL: it does not. */
const struct conversation *belongings_parts(const struct belongings *b,
					    const struct packet *packet);

struct frame_marks;

/* A packet of such a connection: false if it is to be had in any case. */
bool parts_add(struct list *parts, const struct belongings *b,
	       const struct frame *f, const struct packet *packet);
/* When all have been added: which of them are needed for the messages that
 * were `heard` of what is chosen, and before which bytes are `left_out`. */
void parts_mark(struct list *parts, const struct belongings *b,
		const struct list *heard, struct frame_marks *marks,
		struct frame_marks *left_out);

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
