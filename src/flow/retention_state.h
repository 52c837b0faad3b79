/*
 * The inside of a retention: what is kept of a message.  Nobody else includes
 * this.
 */
#ifndef FLOW_RETENTION_STATE_H
#define FLOW_RETENTION_STATE_H

#include "flow/retention.h"

/* Of a long conversation its beginning and its newest part are kept. */
#define GROUP_HEAD 64u
#define GROUP_TAIL 64u
/* Of a registration that is renewed for ever less tells the same: with those
 * of thousands of phones living calls would be pushed out. */
#define RENEWAL_HEAD 16u
#define RENEWAL_TAIL 16u

struct kept {
	uint64_t group; /* hash of its Call-ID, else of its flow */
	nanoseconds time;
	uint64_t words;  /* that are not zero: see kept_message() */
	uint32_t size;   /* of all */
	uint32_t stream; /* WEB: of HTTP/2 */
	uint32_t rules, dropped; /* of its findings */
	uint8_t kind;            /* enum message_kind */
	bool renews;             /* it registers, or answers that */
	/* Those words, the rules that were found, what ICMP says, then what
	 * slices are of: most messages have little of it. */
	uint8_t bytes[];
};

/* A copy of a message with all that it needs to be told again; NULL: memory is
 * out. */
struct kept *kept_new(const struct message *m);
void kept_free(struct kept *k);
/* The message without what it points to but the bytes of its slices. */
struct message kept_message(const struct kept *k);
/* Tells it again; `scratch` is reset. */
void kept_tell(const struct kept *k, struct arena *scratch,
	       struct keyring *keys, const struct message_sink *sink);

struct trim; /* that is under way */

struct retention {
	struct trim *trim; /* or NULL */
	struct retention_limits limits;
	struct kept **rows; /* in order of arrival */
	size_t count, room;
	size_t due; /* count from which trimming is worth it */
	struct retention_counts counts;
};

#endif /* FLOW_RETENTION_STATE_H */
