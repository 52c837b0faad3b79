/*
 * The ends of messages in a log, and the own end of the program that wrote it.
 *
 * Logs name the peer of a message and seldom the program itself; its messages
 * do: the topmost Via of a request that it sent, or of a response that it
 * received, is its own (RFC 3261 18.1.1).
 *
 * For the readers of logs only.
 */
#ifndef CAPTURE_LOG_ENDS_H
#define CAPTURE_LOG_ENDS_H

#include "capture/log_announced.h"

/* So many peers are told apart; the program may have an end for each. */
#define LOG_PEERS_MAX 64u

struct log_ends {
	struct endpoint own; /* for peers of which nothing is known */
	struct {
		struct endpoint peer, own;
	} rows[LOG_PEERS_MAX];
	unsigned used;
};

/* The two ends that a line names: "192.0.2.1:5060 -> 192.0.2.2:5060" of sngrep,
 * ngrep and baresip, "192.0.2.1.5060 > 192.0.2.2.sip:" of tcpdump. */
bool log_ends_in(struct slice line, struct endpoint *src, struct endpoint *dst);

/* The sent-by of the topmost Via of a message, or of lines of its head; names
 * too.  False where there is none. */
bool log_via_of(struct slice message, struct endpoint *out);

/* Does the message tell the program's own end: its topmost Via is its own? */
bool log_tells_own(const struct announced *said, struct slice message);

/* Ends of a message for the record, as far as they are known. */
void log_ends_of(struct log_ends *ends, const struct announced *said,
		 struct slice message, struct endpoint *src,
		 struct endpoint *dst);

#endif /* CAPTURE_LOG_ENDS_H */
