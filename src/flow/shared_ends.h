/*
 * The ends of messages that a log shows without them, and a capture beside it
 * with them: logs of SIPp, of browsers and of IOS name no peer.
 *
 * A first reading takes note of all messages, a second one gets the ends.
 */
#ifndef FLOW_SHARED_ENDS_H
#define FLOW_SHARED_ENDS_H

#include "flow/message.h"

/* So many messages of captures are kept, and as many of logs. */
#define SHARED_ENDS_MAX ((size_t)1 << 20)

struct shared_ends;

/* NULL: memory is out. */
struct shared_ends *shared_ends_new(void);
void shared_ends_free(struct shared_ends *e);

/* Takes note of a message; what there is no memory for is not known then. */
void shared_ends_take(struct shared_ends *e, const struct message *m);

/* All are taken: would shared_ends_fill find any? */
bool shared_ends_help(const struct shared_ends *e);

/* Gives a message of a log that lacks an end those of its copy in a capture:
 * *out is `m->from` with them.  False: it has its ends, no capture holds it, or
 * the end that it has is another one there. */
bool shared_ends_fill(const struct shared_ends *e, const struct message *m,
		      struct origin *out);

#endif /* FLOW_SHARED_ENDS_H */
