/*
 * User messages of SCTP (RFC 9260 6.9), put together from DATA and I-DATA
 * (RFC 8260 2.1) chunks in any order.
 *
 * A direction of an association is told by its ports and verification tag and
 * not by addresses, of which an association may have many (RFC 9260 6.4).
 * Messages come out as they become whole and not in the order of their stream:
 * each tells of itself.  Chunks that come again may make their message once
 * more, which so looks as it does where a datagram is sent again.
 */
#ifndef NET_SCTP_H
#define NET_SCTP_H

#include "core/clock.h"
#include "core/endpoint.h"
#include "core/hash.h"
#include "core/text.h"
#include "net/packet.h"

#define SCTP_MESSAGE_MAX 1310720u
#define SCTP_WAITING_MAX 1024u /* messages, or streams without order */
#define SCTP_PIECES_MAX 1024u  /* of each of them */
#define SCTP_BYTES_MAX ((size_t)16 << 20) /* of all that waits */
/* A chunk may be sent again for so long: RTO.Max (RFC 9260 16). */
#define SCTP_PATIENCE (60 * NS_PER_S)
#define SCTP_DONE_ROWS 4096u

/* Compared and hashed as bytes: no padding. */
struct sctp_key {
	uint16_t src_port, dst_port;
	uint32_t tag;
	uint32_t number; /* SSN, or MID of I-DATA; 0 of DATA without order */
	uint16_t stream;
	uint8_t unordered;
	uint8_t interleaved; /* I-DATA */
};

/* One DATA or I-DATA chunk. */
struct sctp_data {
	struct sctp_key key;
	uint32_t sequence; /* TSN, or FSN of I-DATA */
	bool begins, ends; /* its message */
	struct slice bytes;
	size_t missing; /* bytes of it that the capture lacks */
};

struct sctp_message {
	struct slice bytes; /* borrows, until the next call */
	size_t missing;     /* behind them: the capture lacks them */
	/* Where its pieces were, if it had several; borrowed, too. */
	const struct frame_mark *pieces;
	size_t piece_count;
};

/* What is left of a message that did not become whole. */
struct sctp_rest {
	struct endpoint src, dst;
	struct slice head;      /* from its beginning on; may be empty */
	struct frame_mark mark; /* of the last piece of that, or of any */
};

struct sctp_slot;

struct sctp {
	struct sctp_slot *slots[SCTP_WAITING_MAX]; /* made by need */
	uint32_t count;                            /* of slots made */
	struct index index;
	struct sctp_slot *oldest, *newest; /* waiting, by age */
	struct sctp_slot *idle;
	struct sctp_slot *given_up; /* to be told of, the oldest first */
	struct sctp_slot *given_up_last;
	size_t bytes;   /* that wait */
	uint64_t key;   /* of hashes */
	uint64_t *done; /* hashes of pieces that were in whole messages */
	struct text whole;
	struct frame_mark pieces[SCTP_PIECES_MAX]; /* of the latest message */
};

void sctp_free(struct sctp *sctp);

/*
 * Reads a chunk of one of the two types; `value` is what stands behind its
 * header of four bytes, `flags` are from there.  The key's ports and tag are
 * left to the caller.  False: it is too short to be one.
 */
MUST_CHECK bool sctp_data_read(unsigned type, unsigned flags,
			       struct slice value, struct sctp_data *out);
bool sctp_is_data(unsigned type);

/*
 * Takes a chunk in.  STATUS_OK: its message is whole, in *out; STATUS_SHORT:
 * it waits for others, or is there already; STATUS_LIMIT: the message is too
 * long; STATUS_NOMEM.
 */
MUST_CHECK enum status sctp_take(struct sctp *sctp, const struct sctp_data *in,
				 const struct endpoint ends[2],
				 const struct frame_mark *mark,
				 struct sctp_message *out);

/* What waits longer than patience allows at this time is given up. */
void sctp_expire(struct sctp *sctp, nanoseconds now);
/* All of it. */
void sctp_end(struct sctp *sctp);

/* The next message that was given up; false: there is none. */
bool sctp_next_rest(struct sctp *sctp, struct sctp_rest *out);

#endif /* NET_SCTP_H */
