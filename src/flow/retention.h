/*
 * What somebody who watches for days keeps: the messages that living calls,
 * registrations and flows are made of.
 *
 * Evidence only grows, so it is renewed now and then: messages of calls that
 * are over, or that the limits leave no room for, are dropped, and what stays
 * is told again to fresh stages.  Calls keep their keys (report/keys.h) and
 * frames keep their numbers; numbers of rows in the model do not live on.
 */
#ifndef FLOW_RETENTION_H
#define FLOW_RETENTION_H

#include "flow/driver.h"
#include "model/model.h"

struct retention_limits {
	size_t calls;       /* that are kept at most */
	uint64_t bytes;     /* of all messages, whatever calls they are of */
	nanoseconds linger; /* how long a call stays when it is over */
	nanoseconds silent; /* after so long without a sign it is over */
};

#define RETENTION_DEFAULT                     \
	((struct retention_limits){           \
		.calls = 20000,               \
		.bytes = (uint64_t)512 << 20, \
		.linger = 120 * NS_PER_S,     \
		.silent = 3600 * NS_PER_S,    \
	})

struct retention_counts {
	uint64_t messages, bytes; /* that are kept */
	uint64_t ended;           /* messages dropped since their call ended */
	uint64_t pushed;          /* and since there was no room, however new */
};

struct retention;

/* The limits are copied.  NULL: memory is out. */
struct retention *retention_new(const struct retention_limits *limits);
void retention_free(struct retention *r);
struct retention_counts retention_counts(const struct retention *r);

/* A message_sink's take: keeps a copy; `context` is the struct retention.
 * Without memory the message is not kept. */
void retention_take(void *context, const struct message *message);

/* Has so much come that trimming is worth what it costs? */
bool retention_due(const struct retention *r);

/*
 * Drops what is over at `now`, by the joined model of all that is kept (see
 * stages_copy_begin) and by the driver's flows, in steps, for who must answer
 * keys in between; no message is taken meanwhile.  The view is looked at in
 * the beginning only.  False: memory is out, and nothing has begun.
 */
MUST_CHECK bool retention_trim_begin(struct retention *r,
				     const struct model *view, nanoseconds now);
/* So many messages; false: that were all. */
bool retention_trim_step(struct retention *r, const struct driver *driver,
			 size_t messages);
/* After that.  True: something was dropped; tell the rest again. */
bool retention_trim_end(struct retention *r);

/* Frees so many messages, and all the rest with the last one; false: it is
 * freed. */
bool retention_free_some(struct retention *r, size_t messages);

/* Drops the oldest where the bytes want it, and nothing else; true: as
 * above. */
bool retention_squeeze(struct retention *r);

/*
 * Tells messages again, in order: their keys to `keys`, themselves to the
 * sink; from the one at `from` on, so many at most.  Returns where to go on;
 * that is retention_counts().messages when all are told.
 */
size_t retention_replay(const struct retention *r, size_t from, size_t count,
			struct keyring *keys, const struct message_sink *sink);

#endif /* FLOW_RETENTION_H */
